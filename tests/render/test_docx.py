import io
from pathlib import Path

import pytest
from docx import Document as Word
from msgspec.structs import replace

from reqgen.model.document import (
    Block,
    Cell,
    Contents,
    CrossReference,
    Document,
    Heading,
    ItemList,
    Link,
    PageBreak,
    Paragraph,
    Style,
    Table,
    Text,
)
from reqgen.render.docx import write
from reqgen.render.word_body import bookmark_names, column_widths
from reqgen.render.word_text import public_address

from .conftest import NS, W, names, paragraphs, part, text, vals
from .sample import META, cells, sample, says, volumes

TITLE = Heading(1, "Objet", "objet", "1")


def made(reference: bytes, *blocks: Block, **more: bool) -> bytes:
    return write(Document(META, blocks, **more), reference)


def body(data: bytes):
    return part(data, "word/document.xml").find("w:body", NS)


def fields(node) -> list[str]:
    return [node.text.strip() for node in node.iter(f"{{{W}}}instrText")]


def test_sample_is_sound(reference, sound, tmp_path: Path):
    paths = []
    for at, data in enumerate(
        (
            write(sample(), reference),
            write(sample(draft=True), reference),
            write(sample(), reference, pages={"chapter_1": 3}),
        )
    ):
        paths.append(tmp_path / f"{at}.docx")
        paths[-1].write_bytes(data)
    sound(*paths)


def test_same_inputs_same_bytes(reference):
    assert write(sample(), reference) == write(sample(), reference)


def test_pages_change_nothing_but_the_contents(reference):
    plain = write(sample(), reference)
    paged = write(sample(), reference, pages={"chapter_1": 3})
    changed = {name for name in names(plain) if part_bytes(plain, name) != part_bytes(paged, name)}
    assert changed == {"word/document.xml", "docProps/custom.xml"}  # the latter is the stamp


def part_bytes(data: bytes, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


def test_zip_has_no_time_and_leads_with_content_types(reference):
    import zipfile

    with zipfile.ZipFile(io.BytesIO(write(sample(), reference))) as package:
        entries = package.infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.create_system for entry in entries} == {0}
    assert entries[0].filename == "[Content_Types].xml"


def test_properties(reference):
    word = Word(io.BytesIO(write(sample(), reference)))
    core = word.core_properties
    assert (core.title, core.subject, core.author) == (META.title, META.subject, META.author)
    assert (core.language, core.revision, core.last_modified_by) == ("fr-FR", 1, META.author)
    assert core.created.isoformat() == core.modified.isoformat() == "2026-10-01T00:00:00+00:00"
    assert b"<Application>reqgen</Application>" in part_bytes(write(sample(), reference), "docProps/app.xml")


def test_a_meta_without_date_has_no_date(reference):
    document = Document(replace(META, date="bientôt"), (TITLE,))
    core = part(write(document, reference), "docProps/core.xml")
    assert not [child.tag for child in core if child.tag.endswith(("created", "modified"))]


def test_headings_are_numbered_by_their_styles(reference):
    data = write(sample(), reference)
    heading = paragraphs(data, "Heading2")[0]
    assert heading.find("w:pPr/w:numPr", NS) is None
    word = Word(io.BytesIO(data))
    number = word.styles["Heading 2"].element.pPr.numPr
    levels = part(data, "word/numbering.xml").xpath(
        f"w:abstractNum[@w:abstractNumId=../w:num[@w:numId='{number.numId.val}']/w:abstractNumId/@w:val]/w:lvl",
        namespaces=NS,
    )
    assert [vals(level, "w:lvlText")[0] for level in levels] == ["%1", "%1.%2", "%1.%2.%3", "%1.%2.%3.%4"]
    assert [vals(level, "w:pStyle")[0] for level in levels] == [f"Heading{at}" for at in range(1, 5)]


def test_heading_keeps_bookmark_and_tag(reference):
    tagged = Heading(1, "Objet", "objet", "1", "EXP-001")
    paragraph = paragraphs(made(reference, tagged), "Heading1")[0]
    assert paragraph.xpath("w:bookmarkStart/@w:name", namespaces=NS) == ["objet"]
    assert text(paragraph) == "ObjetEXP-001"
    assert paragraph.xpath("w:pPr/w:tabs/w:tab[last()]/@w:val", namespaces=NS) == ["right"]
    last = paragraph.findall("w:r", NS)[-1]
    assert (text(last), vals(last, "w:rPr/w:rStyle")) == ("EXP-001", ["Reference"])


def test_heading_without_number_is_not_numbered(reference):
    paragraph = paragraphs(made(reference, Heading(1, "Annexe", "annexe")), "Heading1")[0]
    assert vals(paragraph, "w:pPr/w:numPr/w:numId") == ["0"]


def test_heading_out_of_the_contents_has_a_style_that_updates_leave_out(reference):
    data = made(reference, Contents("Sommaire"), TITLE, Heading(2, "Détail", "detail", "1.1", in_contents=False))
    assert [text(entry) for entry in paragraphs(data, "TOC2")] == []
    heading = paragraphs(data, "Heading2Hors")[0]
    assert (vals(heading, "w:pPr/w:numPr/w:ilvl"), text(heading)) == (["1"], "Détail")


def test_bookmarks_fit_word():
    headings = [Heading(1, "t", anchor) for anchor in ("a-b", "A_B", "x" * 60, "x" * 60, "1er", "", "é1")]
    names = bookmark_names(headings)
    assert names[:2] == ["a_b", "A_B_2"]
    assert len({name.lower() for name in names}) == len(names)
    assert all(0 < len(name) <= 40 and not name[0].isdigit() for name in names)


def test_contents_without_pages(reference):
    data = write(sample(), reference)
    whole = body(data)
    assert r'TOC \o "1-2" \h \z \n' in fields(whole)
    entry = paragraphs(data, "TOC2")[0]
    assert text(entry) == "1.1Engagements – Objet du marché"
    assert entry.xpath("w:hyperlink/@w:anchor", namespaces=NS) == ["section_1_1"]
    assert len(paragraphs(data, "TOC2")) == 8
    assert "w:dirty" not in part_bytes(data, "word/document.xml").decode()
    assert part(data, "word/settings.xml").find("w:updateFields", NS) is None


def test_contents_with_pages(reference):
    data = write(sample(), reference, pages={"chapter_1": 3, "section_1_1": 12})
    assert r'TOC \o "1-2" \h \z' in fields(body(data))
    entry = paragraphs(data, "TOC2")[0]
    assert (text(entry), fields(entry)) == ("1.1Engagements – Objet du marché12", [r"PAGEREF section_1_1 \h"])


def test_contents_title_is_no_heading(reference):
    title = paragraphs(write(sample(), reference), "TOCHeading")[0]
    assert vals(title, "w:pPr/w:outlineLvl") == ["9"]


@pytest.mark.parametrize("depth", [1, 3])
def test_contents_depth(reference, depth):
    blocks = [Contents("Sommaire", depth), TITLE, Heading(2, "B", "b", "1.1"), Heading(3, "C", "c", "1.1.1")]
    data = made(reference, *blocks)
    assert sum(len(paragraphs(data, f"TOC{at}")) for at in (1, 2, 3)) == depth  # no empty one to end the field


def test_fields_are_closed(reference):
    whole = body(write(sample(), reference, pages={}))
    depth = 0
    for mark in whole.iter(f"{{{W}}}fldChar"):
        depth += {"begin": 1, "separate": 0, "end": -1}[mark.get(f"{{{W}}}fldCharType")]
        assert depth >= 0
    assert depth == 0


def test_cross_reference_is_a_field(reference):
    data = made(reference, TITLE, Paragraph((Text("article "), CrossReference("objet", "1"))))
    assert fields(body(data)) == [r"REF objet \r \h"]
    assert text(paragraphs(data, "Corps")[0]) == "article 1"


def test_cross_reference_to_nowhere_is_text(reference):
    data = made(reference, TITLE, Paragraph((CrossReference("ailleurs", "7"),)))
    assert (fields(body(data)), text(paragraphs(data, "Corps")[0])) == ([], "7")


def test_links(reference):
    link = Link("https://www.légifrance.fr/a b?x=1&y=2", "Légifrance")
    data = made(reference, TITLE, Paragraph((link, link, Link("javascript:alert(1)", "non"))))
    found = body(data).xpath(".//w:hyperlink/@r:id", namespaces=NS)
    assert len(found) == 2 == found.count(found[0])
    relations = part_bytes(data, "word/_rels/document.xml.rels").decode()
    assert "a%20b?x=1&amp;y=2" in relations
    assert "javascript" not in relations


@pytest.mark.parametrize("url", ["", "http://", "http://[", "https://a:99999/", "file:///etc/passwd", "mailto:", "//a"])
def test_addresses_that_word_would_choke_on(url):
    assert public_address(url) == ""


def test_runs(reference):
    inlines = (Text("a<b & ", strong=True), Text("c", emphasis=True), Text("d\x00\ud800\n", filled="x"))
    paragraph = Word(io.BytesIO(made(reference, TITLE, Paragraph(inlines)))).paragraphs[1]
    assert [(run.text, run.bold, run.italic) for run in paragraph.runs] == [
        ("a<b & ", True, None),
        ("c", None, True),
        ("d\n", None, None),
    ]


@pytest.mark.parametrize("style", list(Style))
def test_paragraphs_have_their_style(reference, style):
    assert text(paragraphs(made(reference, TITLE, says("Texte", style)), style.value)[0]) == "Texte"


def test_empty_paragraphs_are_left_out(reference):
    data = made(reference, TITLE, says(" "), Paragraph(()), says("Texte"))
    assert len(body(data).findall("w:p", NS)) == 2


def test_ordered_lists_start_again(reference):
    items = ItemList(((says("a"),), (says("b"),)), ordered=True)
    data = made(reference, TITLE, items, says("puis"), items)
    used = [vals(paragraph, "w:pPr/w:numPr/w:numId")[0] for paragraph in paragraphs(data, "ListNumber")]
    assert used[0] == used[1] != used[2] == used[3]
    numbering = part(data, "word/numbering.xml")
    for number in set(used):
        assert vals(numbering, f"w:num[@w:numId='{number}']/w:lvlOverride/w:startOverride") == ["1"]


def test_nested_lists(reference):
    inner = ItemList(((says("b"), says("suite")),))
    data = made(reference, TITLE, ItemList(((says("a"), inner),)))
    assert [text(paragraphs(data, style)[0]) for style in ("ListBullet", "ListBullet2", "ListContinue2")] == [
        "a",
        "b",
        "suite",
    ]


def test_table(reference):
    data = made(reference, TITLE, says("Les volumes :"), volumes(), says("Après"))
    table = body(data).find("w:tbl", NS)
    rows = table.findall("w:tr", NS)
    assert [row.find("w:trPr/w:tblHeader", NS) is not None for row in rows] == [True, False, False, False]
    assert all(row.find("w:trPr/w:cantSplit", NS) is not None for row in rows)
    assert vals(table, "w:tblPr/w:tblCaption") == [volumes().caption]
    widths = [int(width) for width in table.xpath("w:tblGrid/w:gridCol/@w:w", namespaces=NS)]
    assert (sum(widths), widths[0]) == (9638, 9638 // 2)
    assert vals(rows[1], "w:tc/w:p/w:pPr/w:jc") == ["right", "right"]
    assert paragraphs(data, "Corps")[0].find("w:pPr/w:keepNext", NS) is not None
    assert Word(io.BytesIO(data)).tables[0].rows[1].cells[1].text == "12 500"


@pytest.mark.parametrize(("percents", "columns"), [((50, 25, 25), 3), ((1, 1, 1), 3), ((), 2), ((0, 100), 2)])
def test_widths_add_up(percents, columns):
    widths = column_widths(percents, columns, 9638)
    assert (len(widths), sum(widths)) == (columns, 9638)
    assert all(widths)


def test_tables_stay_apart_and_end_with_a_paragraph(reference):
    data = made(reference, TITLE, volumes(), volumes())
    kinds = [child.tag.rpartition("}")[2] for child in body(data)]
    assert kinds == ["p", "tbl", "p", "tbl", "p", "sectPr"]


def test_uneven_table(reference, sound, tmp_path: Path):
    table = Table(cells("a"), (cells("b", "c"), (), (Cell((), "center"),)), "Tableau", (50, 50))
    path = tmp_path / "uneven.docx"
    path.write_bytes(made(reference, TITLE, table, Table((), (), "vide", ())))
    sound(path)


def test_page_break_adds_no_paragraph(reference):
    data = made(reference, TITLE, PageBreak(), PageBreak(), says("a"), PageBreak())
    marked = body(data).findall("w:p", NS)
    assert [paragraph.find("w:pPr/w:pageBreakBefore", NS) is not None for paragraph in marked] == [False, True]


def test_header_footer_and_title_page(reference):
    word = Word(io.BytesIO(write(sample(), reference)))
    section = word.sections[0]
    assert section.different_first_page_header_footer
    assert section.header.paragraphs[0].text == META.header
    assert section.footer.paragraphs[0].text == f"{META.footer}\tPage 1 / 1"
    assert section.first_page_header.is_linked_to_previous
    assert fields(section.footer._element) == ["PAGE", "NUMPAGES"]


def test_without_cover_the_first_page_has_its_header(reference):
    assert not Word(io.BytesIO(made(reference, TITLE))).sections[0].different_first_page_header_footer


def test_draft_is_said_on_every_page(reference):
    section = Word(io.BytesIO(write(sample(draft=True), reference))).sections[0]
    assert section.header.paragraphs[0].text == f"{META.header}\tPROJET"
    assert section.first_page_header.paragraphs[0].text.strip() == "PROJET"


def test_verification_stays_with_its_clause(reference):
    items = ItemList(((says("a"),), (says("b"),)))
    data = made(reference, TITLE, items, says("Vérification : essai.", Style.VERIFICATION))
    kept = [item.find("w:pPr/w:keepNext", NS) is not None for item in paragraphs(data, "ListBullet")]
    assert kept == [False, True]


def test_two_hundred_clauses_are_quick(reference):
    import time

    document = sample(50)
    write(document, reference)
    start = time.perf_counter()
    write(document, reference)
    assert time.perf_counter() - start < 1  # 0.08 s alone; ample room for a busy machine


def test_python_docx_is_loaded_only_to_write():
    import subprocess
    import sys

    code = "import sys, reqgen.render.docx; sys.exit('docx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
