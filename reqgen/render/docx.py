"""Write a document as a Word file.

The body is written as XML text and put into the template's package; nothing depends on clock, disk or machine.
"""

import re
from collections.abc import Mapping

from reqgen.model.document import Document, Meta
from reqgen.render.package import pack, unpack
from reqgen.render.word_body import Body
from reqgen.render.word_frame import frame
from reqgen.render.word_template import Template, open_template
from reqgen.render.word_text import escape

_DOCUMENT = "word/document.xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def write(
    document: Document, template: bytes, *, pages: Mapping[str, int] | None = None, name: str = "modèle Word"
) -> bytes:
    """The document as a .docx in the template's look: same inputs, same bytes.

    `pages` gives the page of each heading by its anchor, for the table of contents; without it the table has no
    page column. `name` is the template's path as shown to the user.
    Raises ReqgenError (bad-template) when the template can't be used.
    """
    target = open_template(template, name)
    body = Body(target, document, pages).xml()
    frame(target, document, name)
    _put_properties(target, document.meta)
    parts = unpack(target.save())
    parts[_DOCUMENT] = _with_body(parts[_DOCUMENT], body)
    return pack(parts)


def _with_body(xml: bytes, body: str) -> bytes:
    """Put the body before the section, which is all that the main part holds; parsing it would take longer."""
    head, mark, tail = xml.partition(b"<w:sectPr")
    return head + body.encode() + mark + tail


def _put_properties(target: Template, meta: Meta) -> None:
    """The file's properties; those of the template were left behind with its parts."""
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    package = target.word.part.package
    for name, content_type, relation, text in (
        ("core", CONTENT_TYPE.OPC_CORE_PROPERTIES, RELATIONSHIP_TYPE.CORE_PROPERTIES, _core(meta)),
        ("app", CONTENT_TYPE.OFC_EXTENDED_PROPERTIES, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES, _APP),
    ):
        part = Part(PackURI(f"/docProps/{name}.xml"), content_type, text.encode(), package)
        package.relate_to(part, relation)


_APP = f'{_HEAD}<Properties xmlns="{_EXTENDED}"><Application>reqgen</Application></Properties>'


def _core(meta: Meta) -> str:
    """Dublin Core properties (ECMA-376 part 2, 11)."""
    rows = [
        f"<dc:title>{escape(meta.title)}</dc:title>",
        f"<dc:subject>{escape(meta.subject)}</dc:subject>",
        f"<dc:creator>{escape(meta.author)}</dc:creator>",
        "<dc:language>fr-FR</dc:language>",
        f"<cp:lastModifiedBy>{escape(meta.author)}</cp:lastModifiedBy>",
        "<cp:revision>1</cp:revision>",
    ]
    if _ISO_DATE.fullmatch(meta.date):
        rows += [
            f'<dcterms:{event} xsi:type="dcterms:W3CDTF">{meta.date}T00:00:00Z</dcterms:{event}>'
            for event in ("created", "modified")
        ]
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_CORE}" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{''.join(rows)}</cp:coreProperties>"
    )
