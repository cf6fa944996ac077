"""The canonical layout: same values, same comments, same blocks, nothing more to do the second time."""

import json
import random
import re
from io import StringIO

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from reqgen.load.library import FOLDERS
from reqgen.load.schema import kind_of
from reqgen.model.diagnostic import ReqgenError
from reqgen.pipeline.formatting import laid_out
from reqgen.prose import PLACEHOLDER, blocks
from tests.helpers import ROOT, clause

LIBRARY = ROOT / "requirements_library"
FILES = sorted(path for path in LIBRARY.rglob("*.yaml"))


def made(text: str) -> str:
    found = laid_out("f.yaml", text)
    assert found is not None
    return found


def read(text: str):
    """The values as another YAML library sees them, every scalar as text."""
    reader = YAML(typ="safe", pure=True)
    reader.Resolver.yaml_implicit_resolvers = {}
    return yaml.load(text, Loader=yaml.BaseLoader)


def document(text: str):
    return blocks(text, lambda name: f"[{name}]")


def same_values(before: str, after: str) -> None:
    """Every value is the same; the Markdown of a clause may have other line ends, not other blocks."""
    old, new = read(before), read(after)
    for data in (old, new):
        for key in ("texte", "motif") if kind_of(data) == "clause" else ():
            if isinstance(data.get(key), str):
                data[key] = document(data[key])
    assert old == new


def comments(text: str) -> list[str]:
    """The comments as ruamel.yaml's scanner finds them (it keeps them, with the blank lines around)."""
    found: list[str] = []
    for token in YAML(typ="rt").scan(StringIO(text)):
        held = [*(token.comment or ())] if getattr(token, "comment", None) else []
        while held:
            one = held.pop()
            if isinstance(one, list):
                held += one
            elif one is not None:
                found += re.findall(r"#.*", one.value)
    return sorted(found)


@pytest.mark.parametrize("path", FILES[:: max(len(FILES) // 120, 1)], ids=lambda path: path.stem)
def test_the_files_of_the_library(path):
    text = path.read_text("utf-8")
    once = made(text)
    same_values(text, once)
    assert comments(text) == comments(once)
    assert made(once) == once


# --- one file after another: bad layout, good layout

CLAUSE = """\
# yaml-language-server: $schema=clause.schema.json
# Une note.
id: TST-AAA-010
titre: Un titre
theme: base
si:
  a: oui
texte: |
  Le titulaire doit livrer la chose en {{ delai }}.
motif: |
  Parce que.
"""
EXAMPLES = {
    "in order": (CLAUSE, CLAUSE),
    "keys in the order of the schema, unknown ones last": (
        "theme: base\nautre: x\ntexte: |\n  Le texte est là.\ntitre: T\nid: A\n",
        "id: A\ntitre: T\ntheme: base\ntexte: |\n  Le texte est là.\nautre: x\n",
    ),
    "keys of a condition keep their order": (
        "texte: |\n  T.\nsi: {b: oui, a: non}\n",
        "si: {b: oui, a: non}\ntexte: |\n  T.\n",
    ),
    "the head of the file stays at the top": (
        "# tête\n\ntitre: T\n# sur id\nid: A\ntheme: x\n",
        "# tête\n\n# sur id\nid: A\ntitre: T\ntheme: x\n",
    ),
    "comments go with what they are beside, above or below": (
        "texte: | # du texte\n  T.\n\n\n# sur le titre\ntitre: T # du titre\n"
        "si: # de si\n    # sur a\n    a: oui   # de a\n    # sous a\nid: A\n# fin\n",
        "id: A\n\n# sur le titre\ntitre: T # du titre\n"
        "si: # de si\n  # sur a\n  a: oui # de a\n  # sous a\ntexte: | # du texte\n  T.\n# fin\n",
    ),
    "indentation of lists": (
        "id: A\ntheme: t\nverification:\n- phase: p\n  mode: m\n-   par: x\n    mode: m\n-\n  # du mode\n  mode: m\n",
        "id: A\ntheme: t\nverification:\n  - phase: p\n    mode: m\n  - mode: m\n    par: x\n  # du mode\n  - mode: m\n",
    ),
    "quotes only when needed": (
        "id: 'A'\ntheme: \"b\"\ntitre: 'l''un'\nv1: '1.0'\nv2: 'oui'\nv3: 'no'\nv4: '2026-01-01'\nv5: 'a: b'\nv6: '{{ x }} y'\n"
        'v7: \'dit "oui"\'\nv8: "a\\tb"\nv9: \'\'\nv10: ["a, b", "c d"]\nv11: \'#x\'\nv12: "y "\nv13: null\nv14:\n',
        'id: A\ntitre: l\'un\ntheme: b\nv1: "1.0"\nv2: oui\nv3: "no"\nv4: "2026-01-01"\nv5: "a: b"\nv6: "{{ x }} y"\n'
        'v7: dit "oui"\nv8: "a\\tb"\nv9: ""\nv10: ["a, b", c d]\nv11: "#x"\nv12: "y "\nv13: null\nv14:\n',
    ),
    "brackets": (
        "id: A\ntheme: t\nsi: {\n  a: oui, # note\n  b: [x,\n  y]\n}\nrequiert: [ B-C-010 ,D-E-010]\ndomaines: [\n  x,\n  y\n]\n",
        "id: A\ntheme: t\ndomaines: [x, y]\nsi:\n  a: oui # note\n  b: [x, y]\nrequiert: [B-C-010, D-E-010]\n",
    ),
    "a file between brackets": (
        json.dumps({"id": "A", "theme": "t", "texte": "Un.\n\n- a\n- b"}),
        "id: A\ntheme: t\ntexte: |\n  Un.\n\n  - a\n  - b\n",
    ),
    "byte order mark, line ends, blank lines": (
        "\ufeff\r\nid: A\r\n\r\n\r\ntheme: t\r\ntexte: |\r\n  Un.\r\n\r\n\r\n  Deux.\r\n\r\n...\r\n",
        "id: A\n\ntheme: t\ntexte: |\n  Un.\n\n  Deux.\n",
    ),
    "a document mark": ("---\nid: A\ntheme: t\n", "id: A\ntheme: t\n"),
    "a literal block keeps its lines": (
        "id: A\ntheme: t\nv: |-\n    x\n      y\n\n    z\nw: |2\n    x\nz: >\n  a\n\n  b\n",
        "id: A\ntheme: t\nv: |-\n  x\n    y\n\n  z\nw: |2\n    x\nz: |\n  a\n  b\n",
    ),
}


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_an_example(name):
    before, after = EXAMPLES[name]
    assert made(before) == after
    assert made(after) == after


def test_brackets_too_wide_become_one_line_each():
    wide = ", ".join(f"TST-ABC-{number:03}" for number in range(10, 200, 10))
    text = made(f"id: A\ntheme: t\nrequiert: [{wide}]\n")
    assert text.startswith("id: A\ntheme: t\nrequiert:\n  - TST-ABC-010\n  - TST-ABC-020\n")
    assert made(text) == text


def texte(*lines: str) -> str:
    return "id: A\ntheme: t\ntexte: |\n" + "".join(f"  {line}\n" if line else "\n" for line in lines)


def lines_of(text: str) -> list[str]:
    return [line.removeprefix("  ") for line in text.split("texte: |\n")[1].rstrip("\n").split("\n")]


WORDS = "Le titulaire doit corriger chaque anomalie dans le délai et en rendre compte à l'acheteur, selon le cas, par écrit. "


def test_a_paragraph_is_broken_anew_only_when_a_line_is_too_long_or_too_short():
    right = texte(WORDS.strip(), "sur un papier")
    assert made(right) == right
    long = made(texte(WORDS * 4))
    assert max(map(len, long.split("\n"))) <= 120 and len(lines_of(long)) == 4
    short = made(texte("Le titulaire", "doit livrer", "la chose."))
    assert lines_of(short) == ["Le titulaire doit livrer la chose."]


@pytest.mark.parametrize(
    "lines",
    [
        ["| a | b |", "| --- | --- |", f"| {WORDS * 2} | x |"],
        ["- un", f"- {WORDS[:80]}", "  encore deux", "1. a"],
        ["- un", "  - sous un", "", "  suite de un", "", "3. trois"],
        ["Une ligne coupée\\", "exprès."],
        ["Une ligne coupée  ", "exprès."],
    ],
)
def test_lists_tables_and_hard_breaks_stay(lines):
    after = made(texte(*lines))
    kept = [line for line in lines if line.startswith(("|", "-", "1.", "3."))]
    assert [line for line in lines_of(after) if line in kept] == kept
    assert document("\n".join(lines)) == document("\n".join(lines_of(after)))
    if "exprès." in lines:
        assert lines_of(after) == lines


def test_a_long_item_goes_on_below_its_text():
    after = lines_of(made(texte(f"- {WORDS * 2}", "- court")))
    assert after[0].startswith("- Le") and after[1].startswith("  ") and after[-1] == "- court"
    assert max(map(len, after)) <= 118


@pytest.mark.parametrize(
    "word", ["-", "+", "1.", "2)", "#", "##", ">", "=", "---", "***", "|", "|x", "```", "~~~", "<b>", ":", "»", "{{"]
)
def test_no_line_begins_with_what_would_be_markup(word):
    """Wherever the sign falls in the paragraph, the blocks are the same and the lines still end in time."""
    for filler in range(80, 130):
        text = f"a{'b' * (filler % 9)} " * (filler // (filler % 9 + 2)) + f"{word} suite et fin " + "mot " * 20
        before = texte(text)
        after = made(before)
        same_values(before, after)
        assert max(map(len, after.split("\n"))) <= 140
        assert made(after) == after


@pytest.mark.parametrize("filler", range(1, 30))
def test_placeholders_are_not_broken(filler):
    lines = lines_of(made(texte("m" * filler + " " + "dans {{ un_delai }}, puis {{ autre }} " * 9)))
    assert len(lines) > 2
    assert all(line.count("{{") == line.count("}}") for line in lines)


PIECES = st.sampled_from(
    [
        "mot",
        "l'acheteur",
        "{{ delai }}",
        "{{ un_autre_nom }}",
        "**gras**",
        "*ital",
        "ique*",
        "«",
        "»",
        ":",
        ";",
        "-",
        "1.",
        "|",
        "#",
        "—",
        "a_b",
        "\\",
        "  ",
        "%",
        "99",
        "&amp;",
        "`x`",
        "[a](b)",
        "<i>",
        "mot-composé",
        "anticonstitutionnellement",
    ]
)
MARKDOWN = st.lists(
    st.tuples(
        PIECES,
        st.sampled_from([" ", " ", " ", " ", " ", "\n", "\n\n", "  \n", "\\\n", "\n- ", "\n  ", "\n1. ", "\n\n    "]),
    ),
    min_size=1,
    max_size=80,
).map(lambda pairs: "".join(word + gap for word, gap in pairs))


@settings(max_examples=150)
@given(MARKDOWN)
def test_any_markdown_gives_the_same_blocks(prose):
    before = json.dumps({"id": "A", "theme": "t", "texte": prose, "motif": prose.strip() or "x"}, ensure_ascii=False)
    after = made(before)
    same_values(before, after)
    assert made(after) == after
    text = read(after)["texte"]
    whole = sum(len(PLACEHOLDER.findall(line)) for line in text.split("\n"))
    assert whole == len(PLACEHOLDER.findall(prose.replace("\n", " ")))


SCALARS = st.one_of(
    st.text(st.sampled_from("aé1:#- '\"{}[],|>\n\t\\&*!?%@`~.0oui«» "), max_size=40),
    st.sampled_from(
        ["oui", "no", "1.0", "2026-01-01", "null", "~", "", " ", "\n", "a\n", "a\n\n", " a", "a ", "\n a", WORDS * 3]
    ),
    st.integers(-99, 10**6),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(SCALARS.filter(lambda key: isinstance(key, str) and "\n" not in key), inner, max_size=4)
    ),
    max_leaves=12,
)
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "default_style": st.sampled_from([None, None, "'", '"', "|", ">"]),
        "width": st.sampled_from([20, 80, 1000]),
        "indent": st.sampled_from([2, 4, 7]),
        "sort_keys": st.booleans(),
    }
)


@settings(max_examples=300)
@given(
    st.dictionaries(st.sampled_from(["titre", "si", "sources", "parametres", "verification", "autre"]), VALUES),
    STYLES,
    st.randoms(),
)
@example({"titre": [], "si": "0\n\n"}, {"default_style": ">", "width": 20}, random.Random(0))
def test_any_values_in_any_style_stay(values, style, chance):
    """A file as another program writes it, with comments put between its keys, is laid out once and for all."""
    before = commented(yaml.dump({"id": "A", "theme": "t", **values}, allow_unicode=True, **style), chance)
    try:
        after = made(before)
    except ReqgenError as error:  # what reqgen does not read at all is not laid out
        assert {finding.rule for finding in error.diagnostics} <= {
            "yaml-tag",
            "yaml-syntax",
            "yaml-alias",
            "layout-refused",
            "number-too-long",
        }
        return
    same_values(before, after)
    assert [one for one in comments(before) if "note" in one] == [one for one in comments(after) if "note" in one]
    assert made(after) == after
    assert after.endswith("\n") and "\r" not in after
    assert not after.endswith("\n\n") or ends_in_a_blank_line(yaml.load(after, Loader=yaml.BaseLoader))


def ends_in_a_blank_line(value) -> bool:
    """Whether the last text of the data, as written, is what leaves an empty line at the end of its file."""
    while isinstance(value, dict | list) and value:
        value = [*value.values()][-1] if isinstance(value, dict) else value[-1]
    return isinstance(value, str) and (value.endswith("\n\n") or value.strip("\n") == "" != value)


def commented(text: str, chance: random.Random) -> str:
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if re.match(r"(id|theme|titre|si|sources|parametres|verification|autre): ?", line) and chance.random() < 0.4:
            lines += chance.choice(
                [
                    [f"# note {number}"],
                    ["", f"   # note {number}", ""],
                    [f"# note {number}", "", f"# note {number} bis"],
                ]
            )
        lines.append(line)
    return "\n".join(lines)


def test_a_file_that_cannot_be_laid_out_is_told_with_its_place():
    for text, line in (("id: A\ntheme: &x t\nv: *x\n", 3), ("id: A\n? theme\n: t\ntexte: x\n", 2)):
        with pytest.raises(ReqgenError) as caught:
            made(text)
        (finding,) = caught.value.diagnostics
        assert (finding.rule, finding.place.line) == ("layout-refused", line)
        assert finding.help


def test_every_kind_of_library_file_is_laid_out():
    kinds = {kind_of(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)) for path in FILES}
    assert set(FOLDERS.values()) <= kinds
    assert laid_out("x.yaml", "a: 1\n", named=False) is None


def test_a_clause_of_another_program():
    data = clause(
        "TST-AAA-010", parametres={"d": {"libelle": "D", "type": "choix", "defaut": "a", "choix": ["a", "b"]}}
    )
    text = made(json.dumps(data))
    assert list(read(text)) == [
        "id", "titre", "theme", "nature", "niveau", "palier", "piece", "texte", "parametres", "verification", "exigible",
        "reponse", "sources", "motif", "relecture",
    ]  # fmt: skip
    assert list(read(text)["parametres"]["d"]) == ["libelle", "type", "choix", "defaut"]
