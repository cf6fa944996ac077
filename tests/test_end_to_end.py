"""The examples, from the project file to Word and to the printed page, read back with other programs."""

import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import docx
import docx.document
import pytest
from lxml import etree
from msgspec.structs import replace
from pypdf import PdfReader

from reqgen.cli import main
from reqgen.files import bundled
from reqgen.model.condition import Always, NoneOf
from reqgen.model.document import Heading
from reqgen.model.library import Disclosure, Nature, Piece
from reqgen.model.selection import Outcome
from reqgen.pipeline.documents import assemble, outline_named
from reqgen.pipeline.reading import Sources, Tender, read_outlines, read_tender
from reqgen.select.choose import choose
from tests.helpers import ROOT, TODAY

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
MARKETS = [path for path in EXAMPLES if path.stem != "service-delegue"]  # a concession has no CCTP
# read back word for word: every tier and form of project; the others are generated and held against the schemas
CLOSELY = [
    path
    for path in MARKETS
    if path.stem
    in {"commune-finances", "epci-portail-famille", "groupement-trois-lots", "commune-etat-civil", "cybersecurite"}
]
SOURCES = Sources(TODAY)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
CLAUSE_ID = re.compile(r"[A-Z]{3,5}-[A-Z0-9]{2,5}-[0-9]{3}")
FIRST = next((path for path in EXAMPLES if path.stem == "commune-finances"), EXAMPLES[0])


@cache
def tender_of(example: Path) -> Tender:
    return read_tender(example, SOURCES)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory, own_cache: None):
    """The documents of an example, made once: generated(example, "cctp") is the path of its file."""
    folder = tmp_path_factory.mktemp("exemples")

    def make(example: Path, document: str = "cctp", *options: str) -> Path:
        path = folder / f"{example.stem}-{document}{''.join(options)}.docx"
        if not path.exists():
            with pytest.raises(SystemExit) as ended:
                main(["generate", str(example), "--document", document, "-o", str(path), *options])
            assert ended.value.code == 0
        return path

    return make


def squeezed(text: str) -> str:
    """Letters, digits and signs only: line breaks and spaces differ from one program to the next."""
    return re.sub(r"[\s\u00a0\u202f\u00ad\u200b]", "", text)


def kept_clauses(tender: Tender) -> list[tuple[int, str]]:
    """(lot, id) of every obligation that the CCTP must hold."""
    return [
        (part.lot.number, verdict.clause.id)
        for part in tender.selection.lots
        for verdict in part.kept()
        if verdict.clause.piece is Piece.CCTP
        and verdict.clause.nature is Nature.OBLIGATION
        and verdict.clause.disclosure is Disclosure.PUBLIC
    ]


@dataclass(frozen=True, slots=True)
class Title:
    """A heading of a Word file, as python-docx reads it."""

    level: int
    text: str
    tag: str
    anchor: str
    numbered: bool
    in_contents: bool


def headings_in(path: Path) -> list[Title]:
    return list(_headings(docx.Document(str(path))))


def _headings(document: docx.document.Document) -> Iterator[Title]:
    for paragraph in document.paragraphs:
        style, level = paragraph.style, 0
        while style is not None and not level:
            match = re.fullmatch(r"Heading (\d)", style.name)
            level = int(match[1]) if match else 0
            style = style.base_style
        if not level:
            continue
        title, _, tag = paragraph.text.partition("\t")
        numbering = paragraph._p.pPr.numPr
        numbered = numbering is None or numbering.numId is None or numbering.numId.val != 0
        anchor = paragraph._p.find(f"{W}bookmarkStart").get(f"{W}name")
        # after a long title the id has a line of its own
        yield Title(level, title.strip(), tag.strip(), anchor, numbered, paragraph.style.name == f"Heading {level}")


def counted(headings: list[Title]) -> list[str]:
    """The numbers that a word processor gives to those headings."""
    counters = [0] * 9
    numbers = []
    for title in headings:
        if not title.numbered:
            numbers.append("")
            continue
        counters[title.level - 1] += 1
        counters[title.level :] = [0] * (9 - title.level)
        numbers.append(".".join(map(str, counters[: title.level])))
    return numbers


def test_there_are_examples():
    assert EXAMPLES


def rows_of(path: Path) -> str:
    """The words of a Word file, by way of nothing but its XML."""
    with zipfile.ZipFile(path) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    return "\n".join("".join(node.text or "" for node in row.iter(f"{W}t")) for row in body.iter(f"{W}p"))


@pytest.mark.parametrize("example", MARKETS, ids=lambda path: path.stem)
def test_every_example_makes_its_document(generated, oracle, example):
    path = generated(example)
    text = rows_of(path)
    assert [name for _, name in kept_clauses(tender_of(example)) if name not in text] == []
    oracle(path)


@pytest.mark.parametrize("example", CLOSELY, ids=lambda path: path.stem)
class TestExample:
    def test_every_kept_clause_is_there_once(self, generated, example):
        tender = tender_of(example)
        wanted = kept_clauses(tender)
        written = Counter(title.tag for title in headings_in(generated(example)) if CLAUSE_ID.fullmatch(title.tag))
        assert set(written) == {name for _, name in wanted}
        by_clause = Counter(name for _, name in wanted)
        for name, times in written.items():
            assert times == 1 or (tender.project.lots and times <= by_clause[name]), name
        if not tender.project.lots:
            assert len(written) == len(wanted) and set(written.values()) == {1}

    def test_titles_and_texts_are_those_of_the_library(self, generated, example):
        tender = tender_of(example)
        path = generated(example)
        titles = {title.tag: title.text for title in headings_in(path) if title.tag}
        body = docx.Document(str(path)).element.body
        whole = squeezed("".join(node.text or "" for node in body.iter(f"{W}t"))).replace("’", "'")
        for _, name in kept_clauses(tender):
            clause = tender.selection.library.clauses[name]
            assert squeezed(titles[name]).replace("’", "'") == squeezed(clause.title).replace("’", "'")
            for sentence in longest_plain_pieces(clause.text.text):
                assert squeezed(sentence).replace("’", "'") in whole, f"{name}: {sentence}"

    def test_numbers_are_those_of_the_document(self, generated, example):
        outline = outline_named(read_outlines(SOURCES), "cctp")
        stored = [block for block in assemble(tender_of(example), outline).blocks if isinstance(block, Heading)]
        found = headings_in(generated(example))
        assert [(block.level, block.tag) for block in stored] == [(title.level, title.tag) for title in found]
        assert [block.number for block in stored] == counted(found)

    def test_cross_references_show_the_numbers_of_their_headings(self, generated, example):
        path = generated(example)
        found = headings_in(path)
        numbers = {title.anchor: number for title, number in zip(found, counted(found), strict=True)}
        shown = list(references_in(docx.Document(str(path))))
        assert shown
        assert [(target, text) for target, text in shown if text != numbers[target]] == []

    def test_the_contents_list_the_chapters(self, generated, example):
        path = generated(example)
        entries = [
            "".join(node.text or "" for node in paragraph.iter(f"{W}t"))
            for paragraph in docx.Document(str(path)).element.body.iter(f"{W}p")
            if any(style.get(f"{W}val") == "TOC1" for style in paragraph.iter(f"{W}pStyle"))
        ]
        found = headings_in(path)
        numbers = zip(counted(found), found, strict=True)
        expected = [number + title.text for number, title in numbers if title.level == 1]
        assert [squeezed(entry) for entry in entries if entry] == [squeezed(entry) for entry in expected]

    @pytest.mark.parametrize("document", ["cctp", "annexe-rgpd", "note-acheteur"])
    def test_the_files_are_sound(self, generated, oracle, example, document):
        oracle(generated(example, document))

    def test_the_note_lists_every_kept_clause(self, generated, example):
        tender = tender_of(example)
        document = docx.Document(str(generated(example, "note-acheteur")))
        cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
        kept = {verdict.clause.id for part in tender.selection.lots for verdict in part.kept()}
        assert kept <= cells


def longest_plain_pieces(text: str) -> list[str]:
    """Of each paragraph, its longest stretch without markup, placeholder or line end."""
    pieces = []
    for paragraph in re.split(r"\n\s*\n", text):
        plain = re.split(
            r"\{\{[^}]*\}\}|[*_|`\\]|^\s*(?:[-+]|\d+[.)])\s|\n(?=\s*(?:[-+*]|\d+[.)])\s)",
            " ".join([paragraph]),
            flags=re.MULTILINE,
        )
        pieces.append(max(plain, key=len))
    return [piece for piece in pieces if len(piece.strip()) > 10]


def references_in(document):
    """(bookmark, text shown) of each REF field of the tables."""
    for cell in document.element.body.iter(f"{W}tc"):
        target, state, text = "", "", ""
        for run in cell.iter(f"{W}r"):
            kind = next((node.get(f"{W}fldCharType") for node in run.iter(f"{W}fldChar")), "")
            instruction = "".join(node.text or "" for node in run.iter(f"{W}instrText"))
            match = re.match(r"\s*REF (\S+)", instruction)
            if match:
                target = match[1]
            if kind == "separate":
                state, text = "shown", ""
            elif kind == "end":
                if target:
                    yield target, text
                target, state = "", ""
            elif state == "shown":
                text += "".join(node.text or "" for node in run.iter(f"{W}t"))


# What must be noticed: a condition turned around, a clause taken away


def conditional(tender: Tender) -> list[str]:
    """Kept clauses that stand by their own condition alone."""
    (first, *_) = tender.selection.lots
    required = {link.id for verdict in first.kept() for link in verdict.clause.requires}
    chosen = {choice.clause for part in (tender.project.common, first.lot) for choice in part.inclusions}
    return [
        verdict.clause.id
        for verdict in first.kept()
        if not isinstance(verdict.clause.condition, Always) and verdict.clause.id not in required | chosen
    ]


@pytest.mark.parametrize("example", CLOSELY, ids=lambda path: path.stem)
def test_a_condition_turned_around_changes_the_selection(example):
    tender = tender_of(example)
    library = tender.selection.library
    names = conditional(tender)
    assert names
    turned = {
        name: replace(clause, condition=NoneOf((clause.condition,))) if name in names else clause
        for name, clause in library.clauses.items()
    }
    found = choose(tender.project, replace(library, clauses=turned)).lots[0].verdicts
    assert [name for name in names if found[name].outcome is Outcome.KEPT] == []


def test_a_condition_turned_around_in_the_files_changes_the_document(quick_cli, tmp_path):
    """The same through the files and the command line: a copy of the library with one condition reversed."""
    tender = tender_of(FIRST)
    pieces = {name for _, name in kept_clauses(tender)}
    library = tender.selection.library
    name = next(name for name in conditional(tender) if name in pieces)
    base = bundled("requirements_library")
    copy = tmp_path / "copie"
    for path in base.rglob("*.yaml"):
        target = copy / path.relative_to(base)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8")
        if path.stem == name:
            before = text
            text = re.sub(r"^si:[ ]*(\S.*)$", r"si: {aucun: [\1]}", text, flags=re.MULTILINE)
            if text == before:
                text = re.sub(
                    r"^si:\n((?:[ ]+.*\n)+)",
                    lambda match: "si:\n  aucun:\n    -\n" + indented(match[1]),
                    text,
                    flags=re.MULTILINE,
                )
            assert text != before
        target.write_text(text, "utf-8")
    for folder, expected in ((base, True), (copy, False)):
        ran = quick_cli("generate", FIRST, "-o", f"{expected}.docx", "--draft", "--library", folder)
        assert ran.code == 0, ran.said
        assert (name in {title.tag for title in headings_in(tmp_path / f"{expected}.docx")}) is expected
    assert library.clauses[name].id == name


def indented(block: str) -> str:
    return "".join(f"    {line}\n" for line in block.splitlines())


# On paper


def pdf_of(soffice: str, path: Path, folder: Path) -> list[str]:
    """The squeezed text of each page, as LibreOffice lays the file out."""
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [squeezed(page.extract_text()) for page in PdfReader(folder / f"{path.stem}.pdf").pages]


@pytest.mark.office
def test_the_printed_document_holds_every_clause_on_the_page_that_its_contents_say(
    generated, oracle, soffice, tmp_path
):
    path = generated(FIRST, "cctp", "--paginate")
    oracle(path)
    pages = pdf_of(soffice, path, tmp_path)
    whole = "".join(pages)
    found = headings_in(path)
    assert [title.tag for title in found if title.tag]
    for title in found:
        assert squeezed(title.text) in whole and title.tag in whole, title
    entries = [
        "".join(node.text or ("\t" if node.tag == f"{W}tab" else "") for node in paragraph.iter(f"{W}t", f"{W}tab"))
        for paragraph in docx.Document(str(path)).element.body.iter(f"{W}p")
        if any(style.get(f"{W}val") in ("TOC1", "TOC2") for style in paragraph.iter(f"{W}pStyle"))
    ]
    entries = [entry for entry in entries if entry.strip()]
    numbers = zip(counted(found), found, strict=True)
    listed = [(number, title.text) for number, title in numbers if title.level <= 2 and title.in_contents]
    assert len(entries) == len(listed)
    before = 0
    for entry, (number, title) in zip(entries, listed, strict=True):
        page = int(re.search(r"(\d+)\s*$", entry)[1])
        assert squeezed(title) in squeezed(entry)
        assert squeezed(number + title) in pages[page - 1], f"{number} {title} is not on page {page}"
        assert page >= before
        before = page
    assert before <= len(pages)
