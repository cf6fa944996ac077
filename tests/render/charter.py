"""A buyer's template as Word in French makes them: translated ids, a logo, tokens cut into runs, own page."""

import functools
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.shared import Cm, Pt, RGBColor

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NS = {"w": W}


def logo() -> bytes:
    """A green picture of 40 × 16 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x00\x80\x40" * 40 for _ in range(16))
    head = struct.pack(">IIBBBBB", 40, 16, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@functools.cache
def charter(*, numbered: bool = False, token: str = "{{ reference }}") -> bytes:
    word = Document()
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(3)
    word.styles["Normal"].font.name = "Liberation Serif"
    word.styles["Heading 1"].font.color.rgb = RGBColor(0x00, 0x60, 0x30)
    word.styles["Heading 1"].font.size = Pt(20)
    own = word.styles.add_style("Corps", WD_STYLE_TYPE.PARAGRAPH)
    own.font.size = Pt(11)
    section.header.paragraphs[0].add_run().add_picture(io.BytesIO(logo()), width=Cm(2))
    footer = section.footer.paragraphs[0]
    footer.add_run("Marché ")
    for piece in (token[:4], token[4:9], token[9:]):
        footer.add_run(piece)
    footer.add_run(" – {{titre}}")
    word.add_paragraph("Texte de la charte, à ne pas reprendre")
    word.core_properties.author = "Jeanne Martin"
    word.core_properties.last_modified_by = "jmartin"
    word.settings.element.append(parse_xml(f'<w:rsids xmlns:w="{W}"><w:rsidRoot w:val="00AA1234"/></w:rsids>'))
    if numbered:
        number_headings(word)
    return french(saved(word))


def number_headings(word) -> None:
    """Number headings « Article I », « I.A »; only two levels are linked to a style."""
    root = word.part.numbering_part.element
    forms = (("upperRoman", "Article %1"), ("upperLetter", "%1.%2"), ("decimal", "%1.%2.%3"))
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        + (f'<w:pStyle w:val="Heading{at + 1}"/>' if at < 2 else "")
        + f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/></w:lvl>'
        for at, (form, text) in enumerate(forms)
    )
    abstract = parse_xml(
        f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="77">'
        f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    root.insert(0, abstract)
    root.append(parse_xml(f'<w:num xmlns:w="{W}" w:numId="88"><w:abstractNumId w:val="77"/></w:num>'))
    for level in (1, 2):
        properties = word.styles[f"Heading {level}"].element.get_or_add_pPr()
        number = properties.get_or_add_numPr()
        number.get_or_add_numId().val = 88
        if level > 1:
            number.get_or_add_ilvl().val = level - 1


def french(data: bytes) -> bytes:
    """Ids as Word in French writes them; stored names stay English."""

    def rename(name: str, content: bytes) -> bytes:
        if name.endswith(".xml"):
            for level in range(1, 10):
                content = content.replace(b'"Heading%d"' % level, b'"Titre%d"' % level)
            content = content.replace(b'"ListBullet"', b'"Listepuces"')
        return content

    return edited(data, rename)


def saved(word) -> bytes:
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def edited(data: bytes, change: Callable[[str, bytes], bytes | None], **added: bytes) -> bytes:
    """The package with each part changed, or left out where `change` gives None."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in added.items():
            new.writestr(name, content)
    return buffer.getvalue()
