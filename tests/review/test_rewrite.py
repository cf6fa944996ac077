"""Edits at random of the clauses of reqgen: put back, they render as edited; and every other byte of the file stays."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqgen.assemble.values import quantity
from reqgen.files import bundled
from reqgen.fingerprint import words
from reqgen.load.tree import parse
from reqgen.model.document import ItemList, Paragraph, Table
from reqgen.pipeline.reading import Sources, read_library
from reqgen.prose import blocks, plain_text
from reqgen.review.rewrite import rewrite
from reqgen.review.source import segments
from reqgen.write.edit import CannotEditError, replace_text

NEW = [
    "la",
    "titulaire,",
    "(sauf",
    "« essai »",
    "24",
    "jours",
    ";",
    "fin.",
    "l'acheteur",
    "12,5 %",
    "*y*",
    "_x",
    "[z]",
    "<b>",
    "1.",
]
LIBRARY = read_library(Sources(date(2026, 11, 24)))[0]
CLAUSES = list(LIBRARY.clauses.values())
FILES = sorted((bundled("requirements_library") / "clauses").rglob("*.yaml"))


def rendered(text, values):
    """The paragraphs, items and cells of a text, as a document shows them."""
    return list(_lines(blocks(text, lambda name: values[name])))


def _lines(found):
    for block in found:
        if isinstance(block, Paragraph):
            yield plain_text(block.inlines)
        elif isinstance(block, ItemList):
            for item in block.items:
                yield from _lines(item)
        elif isinstance(block, Table):
            yield from (plain_text(cell.inlines) for row in (block.header, *block.rows) for cell in row)


@st.composite
def edits(draw):
    clause = draw(st.sampled_from(CLAUSES))
    values = {one.name: quantity(one, one.default) for one in clause.parameters}
    shown = rendered(clause.text.text, values)
    index = draw(st.integers(0, len(shown) - 1))
    edited = shown[index].split(" ")
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(edited) - 1))
        gesture = draw(st.sampled_from(["insert", "replace", "delete"]))
        edited[at : at + (gesture != "insert")] = (
            [] if gesture == "delete" and len(edited) > 1 else [draw(st.sampled_from(NEW))]
        )
    return clause, values, index, shown, " ".join(edited)


@settings(max_examples=300)
@given(edits())
def test_what_is_put_back_renders_as_edited(edit):
    clause, values, index, shown, edited = edit
    text, cut = clause.text.text, segments(clause.text.text)
    assert len(cut) == len(shown)
    made = rewrite(text, cut[index], values, {one.name: one for one in clause.parameters}, edited)
    if made.problem:
        assert made.text == text and words(shown[index]) != words(edited)
        return
    proposed = {**values, **{one.parameter: one.new for one in made.proposals}}
    after = rendered(made.text, proposed)
    assert words(after[index]) == words(edited)
    if not made.proposals:  # a parameter may stand in several paragraphs
        assert [line for at, line in enumerate(after) if at != index] == [
            line for at, line in enumerate(shown) if at != index
        ]
    for name in values:
        assert made.text.count("{{") == text.count("{{") and (name in made.text) == (name in text)
    if words(shown[index]) == words(edited):
        assert made.text == text and not made.proposals


@settings(max_examples=100)
@given(st.sampled_from(FILES), st.data())
def test_only_the_text_changes_in_a_file(path, data):
    source = path.read_text("utf-8")
    tree = parse("a.yaml", source)[0].data
    paths = [("titre",), ("texte",), *(("verification", at, "methode") for at in range(len(tree["verification"])))]
    at = data.draw(st.sampled_from(paths))
    value = tree
    for key in at:
        value = value[key]
    assert replace_text(source, at, value) == source
    spot = data.draw(st.sampled_from([number for number, sign in enumerate(value) if sign == " "] or [0]))
    new = f"{value[:spot]} {data.draw(st.sampled_from(NEW))}{value[spot:]}"
    made = replace_text(source, at, new)
    after = parse("a.yaml", made)[0].data
    got = after
    for key in at:
        got = got[key]
    assert got.split() == new.split()
    before, changed = source.splitlines(), made.splitlines()
    same = sum(one == two for one, two in zip(before, changed, strict=False))
    tail = sum(one == two for one, two in zip(reversed(before), reversed(changed), strict=False))
    assert same + tail >= len(before) - 12  # a paragraph at most


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("titre: &a x\nmotif: *a\n", "y"),
        ("titre: [x]\n", "y"),
        ("titre: {a: x}\n", "y"),
        ("autre: x\n", "y"),
    ],
)
def test_what_cannot_be_changed_alone_is_refused(source, value):
    with pytest.raises(CannotEditError):
        replace_text(source, ("titre",), value)


@pytest.mark.parametrize(
    "value", ["a: b", "a # b", "- a", "a\\b", "é « x » : y", "'a'", '"a"', "{a}", "no", "12", "@a", ": a"]
)
@pytest.mark.parametrize("source", ["titre: x # c\nb: 1\n", "titre: 'x' # c\nb: 1\n", 'titre: "x" # c\nb: 1\n'])
def test_any_title_can_be_written(source, value):
    made = replace_text(source, ("titre",), value)
    assert parse("a.yaml", made)[0].data == {"titre": value, "b": 1}
    assert made.endswith(" # c\nb: 1\n")
