"""Make examples/charte-epci.docx, the Word template of a fictitious buyer. Run by hand after a change of look.

Usage: python tools/make_sample_charte.py

It is what French Word makes: translated style ids (« Titre1 », named « heading 1 »), fonts and colours of the
buyer's own, a logo in the header, the page number in the footer.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from reqgen.package import pack

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph

TARGET = Path(__file__).parent.parent / "examples" / "charte-epci.docx"
BUYER = "Communauté de communes du Pays de Lonvère"
GREEN, TERRACOTTA, GREY = RGBColor(0x1B, 0x5E, 0x54), RGBColor(0x9C, 0x3F, 0x1F), RGBColor(0x59, 0x59, 0x59)
BODY, TITLES = "Arial", "Georgia"
FRENCH_IDS = {
    "heading 1": "Titre1",
    "heading 2": "Titre2",
    "heading 3": "Titre3",
    "header": "En-tte",
    "footer": "Pieddepage",
    "List Bullet": "Listepuces",
}
WIDTH, HEIGHT = 240, 160


def logo() -> bytes:
    """Two hills and a river, as a PNG."""
    colours = {"sky": b"\xff\xff\xff", "far": b"\x8f\xb8\xae", "near": b"\x1b\x5e\x54", "river": b"\x9c\x3f\x1f"}

    def pixel(x: int, y: int) -> bytes:
        if y > 135 + (x % 60 - 30) ** 2 // 90:
            return colours["river"]
        if y > 40 + (x - 80) ** 2 // 90:
            return colours["near"]
        if y > 65 + (x - 175) ** 2 // 60:
            return colours["far"]
        return colours["sky"]

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(WIDTH)) for y in range(HEIGHT))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def look(
    style: "ParagraphStyle", font: str, size: float, colour: RGBColor | None = None, *, bold: bool = False
) -> None:
    """Give a style its font, without the theme's fonts, which would win over it."""
    style.font.size, style.font.bold = Pt(size), bold
    if colour is not None:
        style.font.color.rgb = colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)


def in_french(word: "WordDocument") -> None:
    """Rename the ids of the usual styles as a French Word does; their stored names stay English."""
    root = word.styles.element
    by_name = {style.find(qn("w:name")).get(qn("w:val")).lower(): style for style in root.iter(qn("w:style"))}
    new_ids = {by_name[name.lower()].get(qn("w:styleId")): new for name, new in FRENCH_IDS.items()}
    for style in root.iter(qn("w:style")):
        style.set(qn("w:styleId"), new_ids.get(style.get(qn("w:styleId")), style.get(qn("w:styleId"))))
        for link in ("basedOn", "next", "link"):
            found = style.find(qn(f"w:{link}"))
            if found is not None:
                found.set(qn("w:val"), new_ids.get(found.get(qn("w:val")), found.get(qn("w:val"))))
    for language in root.iter(qn("w:lang")):
        language.set(qn("w:val"), "fr-FR")


def keep_few(word: "WordDocument") -> None:
    """Drop the styles that the buyer does not use: those of python-docx are not its own."""
    kept = {
        "Normal",
        "Heading 1",
        "Heading 2",
        "Heading 3",
        "Header",
        "Footer",
        "List Bullet",
        "Table Grid",
        "Normal Table",
    }
    for style in list(word.styles):
        if style.name not in kept and style.type in {WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.TABLE}:
            style.delete()


def field(paragraph: "Paragraph", instruction: str) -> None:
    """Add a field, with a value until Word counts."""
    for kind in ("begin", instruction, "separate", "1", "end"):
        run = paragraph.add_run()
        if kind in {"begin", "separate", "end"}:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif kind == instruction:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = f" {instruction} "
            run._r.append(code)
        else:
            run.text = kind


def add_logo(line: "Paragraph", width: Cm) -> None:
    """The logo, with its alternative text."""
    properties = line.add_run().add_picture(io.BytesIO(logo()), width=width)._inline.docPr
    properties.set("name", "Logo")
    properties.set("descr", f"Logo de la {BUYER[0].lower()}{BUYER[1:]}")


def header(word: "WordDocument") -> None:
    """A large logo on the cover; a small one and the buyer's name on the other pages."""
    section = word.sections[0]
    section.different_first_page_header_footer = True
    cover = section.first_page_header.paragraphs[0]
    add_logo(cover, Cm(4.5))
    cover.paragraph_format.space_after = Pt(18)
    line = section.header.paragraphs[0]
    add_logo(line, Cm(1.8))
    line.add_run(f"\t{BUYER}")


def footer(word: "WordDocument") -> None:
    """The reference of the tender, which reqgen fills in, and the page."""
    line = word.sections[0].footer.paragraphs[0]
    line.add_run("{{ reference }}\tPage ")
    field(line, "PAGE")
    line.add_run(" / ")
    field(line, "NUMPAGES")


def styles(word: "WordDocument") -> Iterator["ParagraphStyle"]:
    """Set the look of the text, and yield the header's and footer's styles."""
    named = {style.name: style for style in word.styles if style.type == WD_STYLE_TYPE.PARAGRAPH}
    look(named["Normal"], BODY, 10)
    named["Normal"].paragraph_format.space_after = Pt(4)
    look(named["Heading 1"], TITLES, 16, GREEN, bold=True)
    look(named["Heading 2"], TITLES, 13, TERRACOTTA, bold=True)
    look(named["Heading 3"], TITLES, 11, GREEN, bold=True)
    for name, before in (("Heading 1", 18), ("Heading 2", 10), ("Heading 3", 8)):
        named[name].paragraph_format.space_before = Pt(before)
        named[name].paragraph_format.space_after = Pt(4)
        named[name].paragraph_format.keep_with_next = True
    for name in ("Header", "Footer"):
        look(named[name], BODY, 9, GREY)
        yield named[name]


def main() -> None:
    """Write the template."""
    word = Document()
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.8), Cm(2)
    keep_few(word)
    for style in styles(word):
        for stop in list(style.paragraph_format.tab_stops):
            stop.position = Cm(17)
            stop.alignment = WD_TAB_ALIGNMENT.RIGHT
        del style.paragraph_format.tab_stops[0]
    header(word)
    footer(word)
    in_french(word)
    made = datetime(2026, 11, 24, tzinfo=UTC)
    facts = word.core_properties
    facts.title, facts.author, facts.last_modified_by, facts.comments = "Charte de la communauté", BUYER, BUYER, ""
    facts.created = facts.modified = made
    facts.language = "fr-FR"
    saved = io.BytesIO()
    word.save(saved)
    with zipfile.ZipFile(saved) as package:
        TARGET.write_bytes(pack({name: package.read(name) for name in package.namelist()}))


if __name__ == "__main__":
    main()
