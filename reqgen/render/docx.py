"""Write a document as a Word file.

The body is written as XML text and put into the template's package; nothing depends on clock, disk or machine.
"""

import re
from collections.abc import Mapping

from reqgen.model.document import Document, Meta
from reqgen.package import pack
from reqgen.render.digest import stamped
from reqgen.render.word_body import Body
from reqgen.render.word_frame import frame
from reqgen.render.word_package import R
from reqgen.render.word_template import Template, open_template
from reqgen.render.word_text import escape

_DOCUMENT = "word/document.xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_PACKAGE = "application/vnd.openxmlformats-package."
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships/metadata"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def write(
    document: Document, template: bytes, *, pages: Mapping[str, int] | None = None, name: str = "modèle Word"
) -> bytes:
    """The document as a .docx in the template's look: same inputs, same bytes. It bears our stamp (see `digest`).

    `pages` gives the page of each heading by its anchor, for the table of contents; without it the table has no
    page column. `name` is the template's path as shown to the user.
    Raises ReqgenError (bad-template) when the template can't be used.
    """
    target = open_template(template, name)
    return finished(target, document, Body(target, document, pages).xml(), name)


def finished(target: Template, document: Document, body: str, name: str) -> bytes:
    """The file, from the XML text of its body: `document` gives its properties, headers and footers."""
    frame(target, document, name)
    _put_properties(target, document.meta)
    parts = target.word.parts()
    parts[_DOCUMENT] = _with_body(parts[_DOCUMENT], body)
    return pack(stamped(parts))


def _with_body(xml: bytes, body: str) -> bytes:
    """Put the body before the section, which is all that the main part holds; parsing it would take longer."""
    head, mark, tail = xml.partition(b"<w:sectPr")
    return head + body.encode() + mark + tail


def _put_properties(target: Template, meta: Meta) -> None:
    """The file's properties; those of the template were left behind with its parts."""
    for name, content_type, relation, text in (
        ("core", f"{_PACKAGE}core-properties+xml", f"{_PACKAGE_RELATIONS}/core-properties", _core(meta)),
        ("app", f"{_OFFICE}extended-properties+xml", f"{R}/extended-properties", _APP),
    ):
        target.word.add_property_part(f"docProps/{name}.xml", content_type, relation, text)


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
