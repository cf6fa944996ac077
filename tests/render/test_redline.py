"""Tracked changes: accepting all gives the new version, rejecting all the old one, as our reader and LibreOffice read them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from reqgen.load.word_changes import accept_all, reject_all
from reqgen.model.document import Document, Paragraph, Style, Text
from reqgen.model.revision import Credit, Line, Op, Redline, Role, Section, Shape, of_side
from reqgen.prose import blocks
from reqgen.render import docx, redline
from reqgen.review.blocks import compare_prose, parts_of, whole

from .conftest import NS, W, part
from .sample import META

LEAD = ("Corps", ("", 0), [])
"""The empty line that stays where a clause came or went."""
CREDIT = Credit("Ana Díaz", "2026-11-24T10:00:00+01:00")


def written(reference: bytes, *parts, op=Op.SAME) -> bytes:
    section = Section("TST-UNE-010", "changée", op, CREDIT, tuple(parts))
    return redline.write(Redline("A", "B", "bib", (section,)), reference)


def body(data: bytes) -> etree._Element:
    return part(data, "word/document.xml").find("w:body", NS)


def view(element: etree._Element) -> list[object]:
    """Paragraphs (style, number, runs with their looks) and tables (rows of cells), but for the gaps after tables."""
    counts: Counter[str] = Counter()
    found: list[object] = []
    for child in element:
        if child.tag == f"{{{W}}}p":
            style = value(child, "w:pPr/w:pStyle")
            if style != "Intervalle":
                found.append((style, number(child, counts), runs(child)))
        elif child.tag == f"{{{W}}}tbl":
            rows = [[runs(cell) for cell in row.iter(f"{{{W}}}tc")] for row in child.iter(f"{{{W}}}tr")]
            found.append((len(child.findall("w:tblGrid/w:gridCol", NS)), rows))
    return found


def value(node: etree._Element, path: str) -> str:
    found = node.find(path, NS)
    return "" if found is None else found.get(f"{{{W}}}val", "")


def number(paragraph: etree._Element, counts: Counter[str]) -> tuple[str, int]:
    """The level of an item and its rank in its list."""
    num = value(paragraph, "w:pPr/w:numPr/w:numId")
    counts[num] += bool(num)
    return value(paragraph, "w:pPr/w:numPr/w:ilvl"), counts[num]


def runs(node: etree._Element) -> list[tuple[str, bool, bool]]:
    """The text, cut where its look changes."""
    found: list[tuple[str, bool, bool]] = []
    for run in node.iter(f"{{{W}}}r"):
        look = run.find("w:rPr/w:b", NS) is not None, run.find("w:rPr/w:i", NS) is not None
        text = "".join(run.itertext(f"{{{W}}}t"))
        if found and found[-1][1:] == look:
            found[-1] = (found[-1][0] + text, *look)
        elif text:
            found.append((text, *look))
    return found


def clauses(views: list[object]) -> list[object]:
    """What stands between the heading of the clauses and the line that ends them."""
    starts = [at for at, item in enumerate(views) if item[0] == "Heading1"]
    ends = [at for at, item in enumerate(views) if item[0] == "Note"]
    return views[starts[0] + 1 : ends[0]]


def plain(reference: bytes, *texts: str) -> list[list[object]]:
    """The texts as the writer of documents, which knows nothing of changes, shows each of them."""
    cut = Paragraph((Text("fin d'un texte"),), Style.NOTE)
    found = [block for text in texts for block in (*blocks(text, "[{}]".format, "essai"), cut)]
    views: list[list[object]] = [[]]
    for item in view(body(docx.write(Document(META, tuple(found)), reference))):
        if item[0] == "Note":
            views.append([])
        else:
            views[-1].append(item)
    return views[:-1]


# Random texts, and random edits of them

WORDS = [
    "titulaire",
    "doit",
    "livrer",
    "le",
    "délai",
    "{{ delai }}",
    "**fort**",
    "*ferme*",
    "l'acheteur",
    "accès",
    "45",
    "sûr",
]
sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join)
paragraph = st.tuples(st.just("p"), st.lists(sentence, min_size=1, max_size=3))
items = st.lists(st.tuples(st.integers(0, 2), sentence), min_size=1, max_size=5)
listing = st.tuples(st.sampled_from(["-", "1."]), items)
table = st.tuples(
    st.just("|"),
    st.integers(1, 3).flatmap(lambda n: st.lists(st.lists(sentence, min_size=n, max_size=n), min_size=1, max_size=4)),
)
block = st.one_of(paragraph, listing, table)
text = st.lists(block, max_size=5)


def markdown(parts: Iterable) -> str:
    return "\n\n".join("\n".join(_block(*each)) for each in parts)


def _block(kind: str, content: list) -> Iterator[str]:
    if kind == "p":
        yield ". ".join(content)
    elif kind == "|":
        head, *rows = content
        yield from (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
    else:
        deepest = -1
        for depth, words in content:
            deepest = min(depth, deepest + 1)
            yield f"{'   ' * deepest}{kind} {words}"


@st.composite
def edited(draw: Callable) -> tuple[str, str]:
    """A text and what some edits made of it."""
    old = draw(text)
    new = [(kind, list(content)) for kind, content in old]
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(new)))
        edit = draw(st.sampled_from(["insert", "delete", "content", "kind", "move", "join", "cut"]))
        if edit == "insert" or at == len(new):
            new.insert(at, draw(block))
        elif edit == "delete":
            del new[at]
        elif edit == "content":
            new[at] = changed(draw, *new[at])
        elif edit == "kind" and new[at][0] in ("-", "1."):
            new[at] = ("-" if new[at][0] == "1." else "1.", new[at][1])
        elif edit == "move":
            new.insert(draw(st.integers(0, len(new) - 1)), new.pop(at))
        elif edit == "join" and at + 1 < len(new) and new[at][0] == new[at + 1][0] == "p":
            new[at : at + 2] = [("p", new[at][1] + new[at + 1][1])]
        elif edit == "cut" and new[at][0] == "p" and len(new[at][1]) > 1:
            new[at : at + 1] = [("p", new[at][1][:1]), ("p", new[at][1][1:])]
    return markdown(old), markdown(new)


def changed(draw: Callable, kind: str, content: list) -> tuple[str, list]:
    """The block with a sentence, an item, a row or a column changed, added or removed."""
    content = list(content)
    at = draw(st.integers(0, len(content) - 1))
    if kind == "|":
        width = len(content[0])
        what = draw(st.sampled_from(["row", "column", "cell", "without"]))
        if what == "row":
            content.insert(at, draw(st.lists(sentence, min_size=width, max_size=width)))
        elif what == "column":
            content = [[*row, draw(sentence)] for row in content]
        elif what == "cell":
            content[at] = [draw(sentence), *content[at][1:]]
        elif len(content) > 1:
            del content[at]
        return kind, content
    new = draw(sentence if kind == "p" else st.tuples(st.integers(0, 2), sentence))
    what = draw(st.sampled_from(["replace", "add", "remove"]))
    if what == "add":
        content.insert(at, new)
    elif what == "replace":
        content[at] = new
    elif len(content) > 1:
        del content[at]
    return kind, content


HARD = [
    ("Un deux.\n\nTrois quatre.", "Un deux. Trois quatre."),
    ("Un deux. Trois quatre.", "Un deux.\n\nTrois quatre."),
    ("- un\n- deux\n- trois", "1. un\n2. deux\n3. trois"),
    ("- un\n- deux\n- trois", "- un\n   - deux\n- trois"),
    ("1. un\n2. deux\n\nfin\n\n1. trois", "1. deux\n\nfin\n\n1. trois\n2. un"),
    ("| a | b |\n|---|---|\n| c | d |\n| e | f |", "| a | b |\n|---|---|\n| e | f |\n| c | d |"),
    ("| a | b |\n|---|---|\n| c | d |", "| a |\n|---|\n| c |"),
    ("| a | b |\n|---|:-:|\n| c | d |", "| a | b |\n|---|---|\n| c | d |"),
    ("Avant.\n\n| a |\n|---|", "| a |\n|---|"),
    ("| a |\n|---|", "Un.\n\nDeux.\n\n| a |\n|---|"),
    ("Un.\n\nDeux.\n\n| a |\n|---|", "Trois.\n\nQuatre.\n\nCinq.\n\n| a |\n|---|"),
    ("| a |\n|---|\n\n| b | c |\n|---|---|", "| b | c |\n|---|---|"),
    ("| a |\n|---|\n\nUn.\n\n| b | c |\n|---|---|", "Deux.\n\n| b | c |\n|---|---|"),
    ("", "| a |\n|---|"),
    ("Un.", ""),
    ("- un\n\n   suite\n- deux", "- un\n- deux\n\n   suite"),
]  # fmt: skip


def check(reference: bytes, old: str, new: str) -> None:
    parts = compare_prose(old, new, "essai")
    assert list(of_side(parts, Op.NEW)) == list(of_side(parts_of(new, "essai"), Op.NEW))
    heading = Line((), Shape(Role.PART))
    found = body(written(reference, heading, *parts))
    before, after = plain(reference, old, new)
    assert clauses(view(accept_all(found)))[1:] == after
    assert clauses(view(reject_all(found)))[1:] == before


@pytest.mark.parametrize(("old", "new"), HARD)
def test_hard_cases(reference, old, new):
    check(reference, old, new)
    check(reference, new, old)


@settings(max_examples=60)
@given(texts=edited())
def test_both_versions_come_back(reference, texts):
    check(reference, *texts)


@settings(max_examples=20)
@given(old=text.map(markdown), new=text.map(markdown))
def test_two_texts_that_have_nothing_in_common(reference, old, new):
    check(reference, old, new)


@settings(max_examples=20)
@given(one=text.map(markdown), op=st.sampled_from([Op.OLD, Op.NEW]))
@example(one="| a |\n|---|\n\n| b |\n|---|", op=Op.NEW)
def test_a_clause_in_one_version_only(reference, one, op):
    parts = whole([Line((), Shape(Role.CLAUSE)), *parts_of(one, "essai")], op)
    found = body(written(reference, *parts, op=op))
    sides = {Op.OLD: reject_all, Op.NEW: accept_all}
    lead, *kept = clauses(view(sides.pop(op)(found)))
    assert lead == LEAD
    assert [kept[1:]] == plain(reference, one) and kept[0][0] == "Heading2"
    (without,) = sides.values()
    assert clauses(view(without(found))) == [LEAD]


# What is written


TABLED = (
    "Le titulaire doit livrer.\n\n- un\n- deux\n\n| a | b |\n|---|---|\n| c | d |\n\nFin.",
    "Le titulaire doit *former*, puis livrer.\n\n1. un\n2. trois\n\n| a | b |\n|---|---|\n| c | e |\n| f | g |\n\nAutre suite.",
)


def test_sound_and_the_same_each_time(reference, sound, tmp_path):
    data = written(reference, Line((), Shape(Role.PART)), *compare_prose(*TABLED, "essai"))
    assert data == written(reference, Line((), Shape(Role.PART)), *compare_prose(*TABLED, "essai"))
    titled = whole([Line(parts_of("Titre", "")[0].pieces, Shape(Role.CLAUSE)), *parts_of(TABLED[0], "essai")], Op.OLD)
    paths = [tmp_path / "a.docx", tmp_path / "b.docx"]
    paths[0].write_bytes(written(reference, *titled, op=Op.OLD))
    paths[1].write_bytes(written(reference, *compare_prose(*TABLED, "essai")))
    sound(*paths)


def changes(data: bytes) -> list[etree._Element]:
    return [node for node in body(data).iter() if node.get(f"{{{W}}}author") is not None]


def test_author_and_date(reference):
    found = changes(written(reference, *compare_prose(*TABLED, "essai")))
    kinds = {etree.QName(node).localname for node in found}
    assert kinds == {"ins", "del", "pPrChange"}
    assert {node.get(f"{{{W}}}author") for node in found} == {"Ana Díaz"}
    assert {node.get(f"{{{W}}}date") for node in found} == {"2026-11-24T09:00:00Z"}
    numbers = [node.get(f"{{{W}}}id") for node in found]
    assert len(set(numbers)) == len(numbers)


def test_an_unknown_date_is_not_invented(reference):
    section = Section("A", "", Op.SAME, Credit('<b> & "cie"\x00'), compare_prose("un", "deux", ""))
    found = changes(redline.write(Redline("A", "B", "bib", (section,)), reference))
    assert {node.get(f"{{{W}}}author") for node in found} == {'<b> & "cie"'}
    assert {node.get(f"{{{W}}}date") for node in found} == {None}


def test_only_what_changed_is_tracked(reference):
    found = body(
        written(reference, *compare_prose("Un délai de {{ delai }} jours.", "Un délai de {{ delai }} mois.", ""))
    )
    touched = ["".join(node.itertext()) for node in found.iter(f"{{{W}}}ins", f"{{{W}}}del")]
    assert touched == [" jours", " mois"]


def test_a_list_that_only_moved_on_keeps_its_numbering(reference):
    parts = compare_prose("1. un\n2. deux", "1. neuf\n\nFin.\n\n1. un\n2. deux", "")
    found = body(written(reference, Line((), Shape(Role.PART)), *parts))
    assert found.find(".//w:pPrChange", NS) is None
    assert len(found.findall(".//w:p/w:pPr/w:rPr/w:ins", NS)) == 2


def test_a_paragraph_cut_in_two_differs_by_its_mark_alone(reference):
    found = body(written(reference, *compare_prose("Un deux, trois quatre.", "Un deux,\n\ntrois quatre.", "")))
    assert len(found.findall(".//w:p/w:pPr/w:rPr/w:ins", NS)) == 1
