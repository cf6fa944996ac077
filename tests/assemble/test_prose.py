"""Markdown to blocks, French typography, values that stay values."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqgen.model.document import Cell, ItemList, Paragraph, Style, Table, Text
from reqgen.prose import blocks, escape, even_widths, filled, placeholders, plain_text, typeset
from tests.helpers import words

N = "\u00a0"
VALUES = {"delai": "5 jours ouvrés", "nom": "Solution"}


def read(text: str, **values: str):
    return blocks(text, lambda name: {**VALUES, **values}[name])


def one(text: str, **values: str) -> Paragraph:
    (block,) = read(text, **values)
    assert isinstance(block, Paragraph)
    return block


def test_paragraphs_and_folded_lines():
    assert read("Un.\nDeux.\n\nTrois.") == (Paragraph((Text("Un. Deux."),)), Paragraph((Text("Trois."),)))


def test_bold_and_italic():
    assert one("Un **deux** *trois* ***quatre***.").inlines == (
        Text("Un "),
        Text("deux", strong=True),
        Text(" "),
        Text("trois", emphasis=True),
        Text(" "),
        Text("quatre", strong=True, emphasis=True),
        Text("."),
    )


def test_lists():
    (block,) = read("- un ;\n- deux :\n\n  1. a\n  2. b\n- trois.")
    assert isinstance(block, ItemList) and not block.ordered
    assert [words(*item) for item in block.items] == ["un ;", "deux :\na\nb", "trois."]
    inner = block.items[1][1]
    assert isinstance(inner, ItemList) and inner.ordered


def test_table():
    (block,) = blocks("| Nom | Nombre |\n|:--|--:|\n| a | **1** |\n| b | {{ delai }} |", VALUES.__getitem__, "Volumes")
    assert isinstance(block, Table)
    assert block.header == (Cell((Text("Nom"),)), Cell((Text("Nombre"),), "right"))
    assert block.rows[0][1] == Cell((Text("1", strong=True),), "right")
    assert plain_text(block.rows[1][1].inlines) == f"5{N}jours ouvrés"
    assert block.caption == "Volumes" and sum(block.widths) == 100


@pytest.mark.parametrize("columns", range(1, 12))
def test_widths_add_up(columns):
    assert sum(even_widths(columns)) == 100 and len(even_widths(columns)) == columns


def test_style():
    (block,) = blocks("Un.", VALUES.__getitem__, style=Style.NOTE)
    assert isinstance(block, Paragraph) and block.style is Style.NOTE


def test_placeholders_are_runs_of_their_own():
    assert one("Sous {{ delai }}, **{{nom}}**.").inlines == (
        Text("Sous "),
        Text(f"5{N}jours ouvrés", filled="delai"),
        Text(", "),
        Text("Solution", strong=True, filled="nom"),
        Text("."),
    )
    assert list(placeholders("a {{ b }} {{c}}")) == [("b", 2), ("c", 10)]
    assert filled("Sous\n  {{ delai }} !", VALUES.__getitem__) == f"Sous 5{N}jours ouvrés{N}!"


MARKUP = [
    "**gras**", "*italique*", "# Titre", "- liste", "1. liste", "| a | b |\n|---|---|\n| c | d |", "`code`", "```\ncode\n```",
    "    code", "> citation", "[lien](http://x.example)", "![image](x.png)", "<b>gras</b>", "<script>alert(1)</script>", "&amp;",
    "&#60;", "a\\*b", "---", "===", "[a]: http://x.example", "<http://x.example>", "{% if x %}y{% endif %}", "{# note #}",
    "{{ 7 * 7 }}", "{{ delai }}", "\\", "a  \nb", "~~non~~", "+ un", "* un", "_a_", "1) un",
]  # fmt: skip


@pytest.mark.parametrize("value", MARKUP)
def test_a_parameter_never_becomes_markup(value):
    (block,) = read("Avant {{ nom }} après.", nom=value)
    assert isinstance(block, Paragraph)
    assert block.inlines[1] == Text(typeset(value), filled="nom")
    in_table = read("| a | b |\n|---|---|\n| {{ nom }} | c |", nom=value)[0]
    assert isinstance(in_table, Table) and len(in_table.rows) == 1 and len(in_table.rows[0]) == 2
    assert in_table.rows[0][0].inlines == (Text(typeset(value), filled="nom"),)


@pytest.mark.parametrize("value", [value for value in MARKUP if "{{" not in value])
def test_an_escaped_value_reads_as_it_was_written(value):
    (block,) = read(f"Avant {escape(value)} après.")
    expected = typeset(f"Avant {' '.join(value.split())} après.")
    assert isinstance(block, Paragraph)
    assert plain_text(block.inlines) == expected
    assert not any(inline.strong or inline.emphasis for inline in block.inlines)
    (alone,) = read(escape(value))
    assert plain_text(alone.inlines) == typeset(" ".join(value.split()))


PRINTED = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="{}") | st.just(" "), min_size=1, max_size=30
)


@given(PRINTED)
def test_any_escaped_value_reads_as_it_was_written(value):
    expected = " ".join(value.split())
    read_back = read(f"x {escape(value)} x")
    assert len(read_back) == 1
    assert bare(plain_text(read_back[0].inlines)) == bare(f"x {expected} x")


def bare(text: str) -> str:
    """Without what typography may change."""
    return "".join(text.replace("’", "'").split())


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("L'acheteur", "L’acheteur"),
        ("France Rénov' et 5' de marche", "France Rénov’ et 5' de marche"),
        ("l'« usager »", f"l’«{N}usager{N}»"),
        ("Quoi ?", f"Quoi{N}?"),
        ("Quoi?", f"Quoi{N}?"),
        ("un ; deux : trois !", f"un{N}; deux{N}: trois{N}!"),
        ("un; deux: trois!", f"un{N}; deux{N}: trois{N}!"),
        ("«mot»", f"«{N}mot{N}»"),
        ("« mot »", f"«{N}mot{N}»"),
        ("99,5 %", f"99,5{N}%"),
        ("12 €", f"12{N}€"),
        ("article 28", f"article{N}28"),
        ("art. 28", f"art.{N}28"),
        ("n° 12", f"n°{N}12"),
        ("D. 1617-23", f"D.{N}1617-23"),
        ("§ 3", f"§{N}3"),
        ("1 500 000 euros", f"1{N}500{N}000{N}euros"),
        ("24 heures", f"24{N}heures"),
        ("5 jours ouvrés", f"5{N}jours ouvrés"),
        ("10 Go", f"10{N}Go"),
        ("1er mars 2027", f"1er{N}mars{N}2027"),
        ("30 janvier 2027", f"30{N}janvier{N}2027"),
        ("de 8 h à 18 h", f"de 8{N}h à 18{N}h"),
        ("(voir plus bas) ; fin", f"(voir plus bas){N}; fin"),
        # what must stay as it is
        ("https://www.example.org/a?b=c:d", "https://www.example.org/a?b=c:d"),
        ("12:30", "12:30"),
        ("urn:fr:demo", "urn:fr:demo"),
        ("les 3 agents municipaux", f"les 3{N}agents municipaux"),
        ("version 2 du schéma", "version 2 du schéma"),
        ("3 sessions", "3 sessions"),
        ("", ""),
    ],
)
def test_typography(typed, printed):
    assert typeset(typed) == printed


FRENCH = st.lists(
    st.sampled_from([*"aé1 0M.,;:!?«»'’()%€§°-", N, "\u202f", "article", " 12", " mars", " 2027", "h", " jours"]),
    max_size=15,
).map("".join)


@given(FRENCH)
def test_typography_is_stable_and_changes_spaces_and_apostrophes_only(text):
    once = typeset(text)
    assert bare(once) == bare(text)
    twice = typeset(once)  # « ; » against « » » takes a second pass
    assert typeset(twice) == twice
    words_before, words_after = text.split(), once.replace(N, " ").split()
    assert sum(map(len, words_before)) == sum(map(len, words_after))


@given(st.text(string.printable + "éàç«»’" + N, max_size=80))
def test_no_text_breaks_the_reader(text):
    result = blocks(text, lambda name: f"[{name}]")
    assert all(isinstance(block, Paragraph | ItemList | Table) for block in result)


TEXTS = st.text(
    st.one_of(
        st.sampled_from(list("ab \n  :!?;.,'-+=1#{}()«»\"/éÀ\u00a0\u2028\x0b\f%€§°*_`[]<>~\\&|\t")), st.characters()
    ),
    max_size=40,
)


@given(TEXTS)
def test_a_text_without_markup_is_read_as_the_parser_reads_it(text):
    # a list that holds nothing makes the parser read the whole text; what stands before it is the same
    marked = blocks(f"{text}\n\n- fin", str)
    if marked and isinstance(marked[-1], ItemList) and len(marked[-1].items) == 1:
        assert blocks(text, str) == marked[:-1]
