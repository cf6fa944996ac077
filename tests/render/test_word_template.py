import io
import zipfile
from pathlib import Path

import pytest
from docx import Document as Word

from reqgen import package
from reqgen.model.diagnostic import ReqgenError
from reqgen.model.document import Contents, CrossReference, Document, Heading, ItemList, Paragraph, Text
from reqgen.render.docx import write

from .charter import charter, edited, logo, number_headings, saved
from .conftest import NS, W, names, paragraphs, part, text, vals
from .sample import META, sample, says


def chapters() -> Document:
    return Document(
        META,
        (
            Contents("Sommaire"),
            Heading(1, "Objet", "a", "1"),
            Heading(1, "Service", "b", "2"),
            Heading(2, "Délais", "c", "2.1"),
            Heading(3, "Essai", "d", "2.1.1", "EXP-1", in_contents=False),
            Paragraph((Text("article "), CrossReference("a", "1"), Text(" et "), CrossReference("c", "2.1"))),
            ItemList(((says("un"),),), ordered=True),
        ),
    )


@pytest.mark.parametrize("numbered", [False, True])
def test_charter_is_sound(numbered, sound, tmp_path: Path):
    path = tmp_path / "charter.docx"
    path.write_bytes(write(sample(draft=True), charter(numbered=numbered)))
    sound(path)


def test_styles_page_and_logo_are_the_buyers():
    data = write(sample(), charter())
    word = Word(io.BytesIO(data))
    assert round(word.sections[0].left_margin.cm, 1) == 3.0
    assert word.styles["Normal"].font.name == "Liberation Serif"
    assert str(word.styles["Heading 1"].font.color.rgb) == "006030"
    assert word.styles["Corps"].font.size.pt == 11
    assert len(paragraphs(data, "Titre1")) == 5
    media = [name for name in names(data) if name.startswith("word/media/")]
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert [opened.read(name) for name in media] == [logo()]


def test_widths_follow_the_page():
    grid = part(write(sample(), charter()), "word/document.xml").xpath(".//w:gridCol/@w:w", namespaces=NS)
    assert abs(sum(map(int, grid)) - 15 / 2.54 * 1440) < 3


def test_missing_styles_are_added_once_and_based_on_the_buyers():
    styles = part(write(sample(), charter()), "word/styles.xml")
    ids = styles.xpath("w:style/@w:styleId", namespaces=NS)
    assert len(ids) == len(set(ids))
    assert vals(styles, "w:style[@w:styleId='Verification']/w:basedOn") == ["Normal"]
    assert vals(styles, "w:style[@w:styleId='Heading1Hors']/w:basedOn") == ["Titre1"]
    assert not styles.xpath("w:style[@w:styleId='Heading1']", namespaces=NS)


def test_tokens_cut_into_runs_are_filled():
    section = Word(io.BytesIO(write(sample(), charter()))).sections[0]
    assert section.footer.paragraphs[0].text == f"Marché {META.reference} – {META.title}"


def test_unknown_token_is_refused():
    with pytest.raises(ReqgenError) as raised:
        write(sample(), charter(token="{{ référence }}"), name="charte.docx")
    (found,) = raised.value.diagnostics
    assert (found.rule, found.place.path) == ("bad-template", "charte.docx")
    assert "{{ référence }}" in found.message


def test_nothing_of_the_templates_past_is_left():
    data = write(sample(), charter())
    assert not [name for name in names(data) if "thumbnail" in name or "customXml" in name]
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        everything = b"".join(opened.read(name) for name in opened.namelist())
    for trace in ("Jeanne", "jmartin", "ne pas reprendre", "rsid", "python-docx"):
        assert trace.encode() not in everything


def test_our_numbering_is_attached_to_unnumbered_headings():
    data = write(chapters(), charter())
    styles, numbering = part(data, "word/styles.xml"), part(data, "word/numbering.xml")
    used = {vals(styles, f"w:style[@w:styleId='Titre{level}']/w:pPr/w:numPr/w:numId")[0] for level in (1, 2, 3)}
    assert len(used) == 1
    linked = vals(numbering, ".//w:lvl/w:pStyle")
    assert [linked.count(f"Titre{level}") for level in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_the_buyers_numbering_is_kept_and_shown():
    data = write(chapters(), charter(numbered=True))
    styles, numbering = part(data, "word/styles.xml"), part(data, "word/numbering.xml")
    assert {vals(styles, f"w:style[@w:styleId='Titre{level}']/w:pPr/w:numPr/w:numId")[0] for level in (1, 2, 3)} == {
        "88"
    }
    linked = vals(numbering, ".//w:lvl/w:pStyle")
    assert [linked.count(f"Titre{level}") for level in (1, 2, 3)] == [1, 1, 1]
    assert [text(entry) for entry in paragraphs(data, "TOC1")][:2] == ["Article IObjet", "Article IIService"]
    assert text(paragraphs(data, "TOC2")[0]) == "II.ADélais"
    assert text(paragraphs(data, "Corps")[0]) == "article I et II.A"


def test_level_that_the_buyer_does_not_number_has_its_number_as_text():
    data = write(
        Document(META, (Heading(1, "A", "a", "1"), *(Heading(at, "B", f"b{at}", "1.1") for at in (2, 3, 4)))),
        charter(numbered=True),
    )
    assert text(paragraphs(data, "Titre4")[0]) == "1.1\u00a0 B"
    assert text(paragraphs(data, "Titre3")[0]) == "B"


def test_contents_title_based_on_a_numbered_heading_has_no_number():
    title = paragraphs(write(chapters(), charter(numbered=True)), "TOCHeading")[0]
    assert vals(title, "w:pPr/w:numPr/w:numId") == ["0"]


def test_draft_mark_joins_the_buyers_header():
    section = Word(io.BytesIO(write(sample(draft=True), charter()))).sections[0]
    assert [paragraph.text.strip() for paragraph in section.header.paragraphs] == ["PROJET", ""]


def test_header_inherited_from_an_earlier_section():
    word = Word()
    word.sections[0].header.paragraphs[0].text = "Charte"
    word.add_section()
    section = Word(io.BytesIO(write(sample(), saved(word)))).sections[0]
    assert section.header.paragraphs[0].text == "Charte"


def test_empty_header_counts_as_none():
    word = Word()
    word.sections[0].header.is_linked_to_previous = False
    section = Word(io.BytesIO(write(sample(), saved(word)))).sections[0]
    assert section.header.paragraphs[0].text == META.header


def test_first_page_of_the_buyer_is_kept():
    word = Word()
    section = word.sections[0]
    section.different_first_page_header_footer = True
    section.first_page_header.paragraphs[0].text = "Page de garde {{ acheteur }}"
    made = Word(io.BytesIO(write(sample(), saved(word)))).sections[0]
    assert made.first_page_header.paragraphs[0].text == f"Page de garde {META.author}"
    assert made.header.paragraphs[0].text == META.header


def test_first_page_header_that_the_buyer_turned_off_stays_off():
    word = Word()
    word.sections[0].first_page_header.paragraphs[0].text = "Ancienne page de garde"
    made = Word(io.BytesIO(write(sample(), saved(word)))).sections[0]
    assert made.first_page_header.is_linked_to_previous


def test_even_pages_have_our_header_too():
    word = Word()
    word.settings.odd_and_even_pages_header_footer = True
    made = Word(io.BytesIO(write(sample(), saved(word)))).sections[0]
    assert made.even_page_header.paragraphs[0].text == made.header.paragraphs[0].text == META.header


def test_page_numbers_start_at_one():
    word = Word()
    number = word.sections[0]._sectPr.makeelement(f"{{{W}}}pgNumType", {f"{{{W}}}start": "0"})
    word.sections[0]._sectPr.append(number)
    section = part(write(sample(), saved(word)), "word/document.xml").find(".//w:sectPr", NS)
    assert section.find("w:pgNumType", NS).attrib == {}


def test_template_without_settings_gets_plain_ones(sound, tmp_path: Path):
    def change(name: str, content: bytes) -> bytes | None:
        row = b'<Relationship Id="rId5"'
        if name == "word/_rels/document.xml.rels":
            head, tail = content.split(row)
            return head + tail.partition(b"/>")[2]
        return content

    data = write(sample(), edited(charter(), change))
    assert len(part(data, "word/settings.xml")) == 1
    path = tmp_path / "plain.docx"
    path.write_bytes(data)
    sound(path)


def test_template_file_of_word_is_taken():
    data = edited(charter(), lambda name, content: content.replace(b"document.main+xml", b"template.main+xml"))
    assert write(sample(), data) == write(sample(), charter())


def test_a_document_of_ours_is_a_template(reference):
    first = write(sample(), reference)
    assert [name for name in names(write(sample(), first)) if "media" in name] == []
    assert vals(part(write(sample(), first), "word/numbering.xml"), ".//w:lvl/w:pStyle").count("Heading1") == 1


def test_numbering_through_a_numbering_style():
    word = Word()
    number_headings(word)
    root = word.part.numbering_part.element
    link = root[0].makeelement(f"{{{W}}}numStyleLink", {f"{{{W}}}val": "absent"})
    root[0].append(link)
    assert write(chapters(), saved(word))


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("word/document.xml", b" " * 30_000_000)
    return buffer.getvalue()


def crowd() -> bytes:
    return package.pack({f"{at}": b"" for at in range(package.MAX_ENTRIES + 1)})


def replaced(name: str, old: bytes, new: bytes) -> bytes:
    def change(found: str, content: bytes) -> bytes:
        if found == name:
            assert old in content
            return content.replace(old, new)
        return content

    return edited(charter(), change)


def without(name: str) -> bytes:
    return edited(charter(), lambda found, content: None if found == name else content)


def with_header(content: str) -> bytes:
    """The charter with more XML in its header."""
    name = next(name for name in names(charter()) if name.startswith("word/header"))
    return replaced(name, b"</w:hdr>", content.encode() + b"</w:hdr>")


def with_relation(owner: str, kind: str, target: str) -> bytes:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    row = f'<Relationship Id="rId99" Type="{base}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    return replaced(owner, b"</Relationships>", row.encode())


def doctype(name: str) -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'

    def change(found: str, content: bytes) -> bytes:
        head, mark, rest = content.partition(b"?>")
        return head + mark + entity + rest if found == name else content

    return edited(charter(), change)


HOSTILE = {
    "empty": lambda: b"",
    "text": lambda: b"Bonjour",
    "old or encrypted": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "cut": lambda: charter()[:-200],
    "zip of something else": lambda: package.pack({"a.txt": b"a"}),
    "bomb": bomb,
    "crowd": crowd,
    "no content types": lambda: without("[Content_Types].xml"),
    "no relations": lambda: without("_rels/.rels"),
    "no body": lambda: without("word/document.xml"),
    "no styles": lambda: without("word/styles.xml"),
    "broken styles": lambda: replaced("word/styles.xml", b"</w:styles>", b""),
    "other root": lambda: replaced("word/numbering.xml", b"w:numbering", b"w:nombres"),
    "entity in styles": lambda: doctype("word/styles.xml"),
    "entity in body": lambda: doctype("word/document.xml"),
    "entity in types": lambda: doctype("[Content_Types].xml"),
    "macros": lambda: replaced("[Content_Types].xml", b"document.main+xml", b"document.macroEnabled.main+xml"),
    "strict": lambda: replaced(
        "_rels/.rels", b"http://schemas.openxmlformats.org/off", b"http://purl.oclc.org/ooxml/off"
    ),
    "excel": lambda: replaced("[Content_Types].xml", b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"),
    "picture elsewhere": lambda: with_relation("word/_rels/header1.xml.rels", "image", "http://pisteur.example/p.png"),
    "styles elsewhere": lambda: edited(
        charter(),
        lambda name, content: (
            content.replace(b'Target="styles.xml"', b'Target="file:///s.xml" TargetMode="External"')
            if name == "word/_rels/document.xml.rels"
            else content
        ),
    ),
    "live field": lambda: with_header(
        '<w:p><w:r><w:instrText>INCLUDE</w:instrText></w:r><w:r><w:instrText>TEXT "http://x"</w:instrText></w:r></w:p>'
    ),
    "header announced": lambda: without("word/header1.xml"),
    "deep": lambda: with_header("<w:p>" * 300 + "</w:p>" * 300),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_template_is_refused_with_a_reason(kind):
    with pytest.raises(ReqgenError) as raised:
        write(sample(), HOSTILE[kind](), name="charte.docx")
    (found,) = raised.value.diagnostics
    assert (found.rule, found.place.path) == ("bad-template", "charte.docx")
    assert found.help
    assert found.message


def test_attached_template_path_is_left_behind():
    kind = "attachedTemplate"
    settings = "word/_rels/settings.xml.rels"
    relations = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    data = edited(charter(), lambda _, content: content, **{settings: relations})
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    row = f'<Relationship Id="rId1" Type="{base}/{kind}" Target="file:///C:/Users/j/n.dotm" TargetMode="External"/>'
    data = edited(
        data,
        lambda name, content: content.replace(b"></R", f">{row}</R".encode()) if name == settings else content,
    )
    assert settings not in names(write(sample(), data))


def test_revisions_and_paths_in_the_header_are_cleaned():
    data = with_header(
        '<w:p><w:ins w:id="1" w:author="Jeanne"><w:r><w:t>gardé</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="Jeanne"><w:r><w:delText>ôté</w:delText></w:r></w:del></w:p>'
    )
    header = part(write(sample(), data), "word/header1.xml")
    assert "gardé" in text(header)
    assert b"Jeanne" not in __import__("lxml.etree").etree.tostring(header)


@pytest.mark.parametrize("name", ["word/styles.xml", "word/numbering.xml", "word/document.xml", "word/settings.xml"])
def test_garbled_values_never_break(name):
    """Valid XML with senseless numbers and references either works or is refused."""
    import re

    source = charter(numbered=True)
    for new in (b'"x"', b'""', b'"-3"', b'"99999999999999999999"', b'"&quot;&lt;"'):
        data = edited(
            source,
            lambda found, content, new=new: re.sub(rb'(?<=w:val=)"[^"]*"', new, content) if found == name else content,
        )
        try:
            write(chapters(), data)
        except ReqgenError as error:
            assert error.diagnostics[0].rule == "bad-template"
