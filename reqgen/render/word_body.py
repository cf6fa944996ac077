"""The blocks of a document as the XML text of a Word body.

Text, not a tree: a hundred times faster than one call to python-docx a paragraph, for the same content.
Source of element names and their order: ECMA-376 part 1, 17.3 (paragraphs), 17.4 (tables), 17.16 (fields).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlsplit

from reqgen.model.document import (
    Block,
    Cell,
    Contents,
    CrossReference,
    Document,
    Heading,
    Inline,
    ItemList,
    Link,
    PageBreak,
    Paragraph,
    Style,
    Table,
    Text,
)
from reqgen.render.word_numbering import Level

_MAX_BOOKMARK = 40
_LIST_DEPTH = 5
_TOC_DEPTH = 4
# Where the text of a contents entry starts, in twips, by level: room for « 10.12 ».
_TOC_TABS = (567, 1304, 2155, 3176)
# Room that a paragraph after a table needs, in twips: tables have no space after.
_AFTER_TABLE = 200
# What XML 1.0 can't hold, and lone surrogates, which UTF-8 can't.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALIGN = {"left": "", "center": '<w:jc w:val="center"/>', "right": '<w:jc w:val="right"/>'}
_COVER = {Style.COVER_BUYER, Style.COVER_TITLE, Style.COVER_OBJECT, Style.COVER_DETAIL}


class Host(Protocol):
    """What the body needs from the file that it goes into."""

    styles: dict[str, str]
    headings: dict[int, Level]
    text_width: int

    def relate(self, url: str) -> str:
        """The id of the relationship to a public address."""

    def new_list(self, depth: int) -> Level | None:
        """The numbering of a new ordered list at a depth from 1."""


def escape(text: str) -> str:
    """Text as XML, without the characters that XML can't hold."""
    clean = _FORBIDDEN.sub("", text)
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def run(text: str, properties: str = "") -> str:
    """A run of text; line ends and tabs become their elements."""
    if not text:
        return ""
    look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    content = escape(text).replace("\r\n", "\n").replace("\r", "\n")
    content = content.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    content = content.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f'<w:r>{look}<w:t xml:space="preserve">{content}</w:t></w:r>'


def complex_field(instruction: str, result: str, properties: str = "") -> str:
    """A field with its result; nothing asks the word processor to update it on opening."""
    look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return (
        f'<w:r>{look}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{look}<w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"{run(result, properties)}"
        f'<w:r>{look}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def right_tab(position: int) -> str:
    """A tab stop at the right end of the line."""
    return f'<w:tab w:val="right" w:pos="{position}"/>'


def bookmark_names(headings: Sequence[Heading]) -> list[str]:
    """A bookmark for each heading: its anchor where Word allows it, made fit and unique where not.

    Word compares bookmarks without regard to case, wants a letter first and 40 characters at most.
    """
    names: list[str] = []
    taken: set[str] = set()
    for heading in headings:
        base = re.sub(r"\W", "_", heading.anchor)
        base = (base if re.match(r"[^\W\d_]|_", base) else f"t_{base}")[:_MAX_BOOKMARK]
        name, count = base, 1
        while name.lower() in taken:
            count += 1
            name = f"{base[: _MAX_BOOKMARK - 1 - len(str(count))]}_{count}"
        taken.add(name.lower())
        names.append(name)
    return names


def headings_of(document: Document) -> list[Heading]:
    """The headings in document order."""
    return list(_headings(document.blocks))


def _headings(blocks: Iterable[Block]) -> Iterable[Heading]:
    for block in blocks:
        if isinstance(block, Heading):
            yield block
        elif isinstance(block, ItemList):
            for item in block.items:
                yield from _headings(item)


def has_cover(document: Document) -> bool:
    """Whether the document starts with a title page."""
    first = next((block for block in document.blocks if not isinstance(block, PageBreak)), None)
    return isinstance(first, Paragraph) and first.style in _COVER


def is_blank(inlines: Iterable[Inline]) -> bool:
    """Whether nothing of it would be seen."""
    return not any(inline.text.strip() for inline in inlines)


@dataclass(slots=True)
class _Format:
    """Direct formatting of one paragraph, beside its style."""

    style: str
    keep_next: bool = False
    break_before: bool = False
    number: str = ""
    tabs: str = ""
    before: int = 0
    unnumbered_indent: bool = False
    align: str = ""

    def xml(self) -> str:
        """The w:pPr, its children in the order that the schema wants."""
        parts = (
            f'<w:pStyle w:val="{self.style}"/>' if self.style else "",
            "<w:keepNext/>" if self.keep_next else "",
            "<w:pageBreakBefore/>" if self.break_before else "",
            self.number,
            f"<w:tabs>{self.tabs}</w:tabs>" if self.tabs else "",
            f'<w:spacing w:before="{self.before}"/>' if self.before else "",
            '<w:ind w:left="0" w:firstLine="0"/>' if self.unnumbered_indent else "",
            self.align,
        )
        return f"<w:pPr>{''.join(parts)}</w:pPr>"


def _number(level: int, num: int) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'


@dataclass(slots=True)
class Body:
    """Writes the body of one document. Its state is what the next block has to know of those before it."""

    host: Host
    document: Document
    pages: Mapping[str, int] | None
    _bookmarks: list[str] = field(default_factory=list)
    _by_anchor: dict[str, str] = field(default_factory=dict)
    _headings_written: int = 0
    _break: bool = False
    _after_table: bool = False

    def xml(self) -> str:
        """The children of w:body, but for its section."""
        headings = headings_of(self.document)
        self._bookmarks = bookmark_names(headings)
        for heading, name in zip(headings, self._bookmarks, strict=True):
            self._by_anchor.setdefault(heading.anchor, name)
        parts = self._blocks(self.document.blocks)
        if self._after_table:
            parts.append(self._spacer())  # Word wants a paragraph after a table that ends the text
        return "".join(parts)

    def _blocks(self, blocks: Sequence[Block], depth: int = 0) -> list[str]:
        parts: list[str] = []
        for at, block in enumerate(blocks):
            following = blocks[at + 1] if at + 1 < len(blocks) else None
            match block:
                case PageBreak():
                    self._break = True
                case Heading():
                    parts.append(self._heading(block))
                case Paragraph():
                    parts.append(self._text(block, following, depth))
                case ItemList():
                    parts.append(self._list(block, depth + 1))
                case Table():
                    parts.append(self._table(block))
                case Contents():
                    parts.append(self._contents(block))
        return parts

    def _paragraph(self, content: str, look: _Format) -> str:
        """A paragraph, on a new page when a page break came before, off the table when one came before."""
        look.break_before, self._break = self._break, False
        if self._after_table and not look.before and not look.break_before:
            look.before = _AFTER_TABLE
        self._after_table = False
        return f"<w:p>{look.xml()}{content}</w:p>"

    def _heading(self, heading: Heading) -> str:
        level = min(max(heading.level, 1), _TOC_DEPTH)
        name = f"Heading{level}" if heading.in_contents else f"Heading{level}Hors"
        look = _Format(self.host.styles[name])
        at = self.host.headings.get(level)
        if not heading.number:
            look.number, look.unnumbered_indent = _number(0, 0), True
        elif at is not None and not heading.in_contents:
            look.number = _number(at.level, at.num)
        # Space before a heading is its style's.
        self._after_table = False
        number, bookmark = self._headings_written, self._bookmarks[self._headings_written]
        self._headings_written += 1
        content = f'<w:bookmarkStart w:id="{number}" w:name="{bookmark}"/>{run(heading.text)}<w:bookmarkEnd w:id="{number}"/>'
        if heading.tag:
            look.tabs = right_tab(self.host.text_width)
            style = f'<w:rStyle w:val="{self.host.styles["Reference"]}"/>'
            content += f"<w:r><w:tab/></w:r>{run(heading.tag, style)}"
        return self._paragraph(content, look)

    def _text(self, paragraph: Paragraph, following: Block | None, depth: int) -> str:
        if is_blank(paragraph.inlines):
            return ""
        look = _Format(self.host.styles[paragraph.style], keep_next=_stays_with(paragraph, following))
        if depth and paragraph.style is Style.BODY:
            look.style = self._list_style("ListContinue", depth)
        return self._paragraph(self._inlines(paragraph.inlines), look)

    def _list_style(self, name: str, depth: int) -> str:
        depth = min(depth, _LIST_DEPTH)
        return self.host.styles[f"{name}{depth if depth > 1 else ''}"]

    def _list(self, items: ItemList, depth: int) -> str:
        look = _Format(self._list_style("ListNumber" if items.ordered else "ListBullet", depth))
        at = self.host.new_list(min(depth, _LIST_DEPTH)) if items.ordered and items.items else None
        if at is not None:
            look.number = _number(at.level, at.num)
        return "".join(self._item(item, depth, look) for item in items.items)

    def _item(self, item: Sequence[Block], depth: int, look: _Format) -> str:
        first, rest = (item[0], item[1:]) if item and isinstance(item[0], Paragraph) else (None, item)
        marked = ""
        if first is not None and not is_blank(first.inlines):
            own = _Format(
                look.style, keep_next=_stays_with(first, rest[0] if rest else None), number=look.number
            )
            marked = self._paragraph(self._inlines(first.inlines), own)
        return marked + "".join(self._blocks(rest, depth))

    def _inlines(self, inlines: Iterable[Inline]) -> str:
        return "".join(self._inline(inline) for inline in inlines)

    def _inline(self, inline: Inline) -> str:
        match inline:
            case Text():
                strong = "<w:b/>" if inline.strong else ""
                return run(inline.text, strong + ("<w:i/>" if inline.emphasis else ""))
            case CrossReference():
                bookmark = self._by_anchor.get(inline.target)
                # A field to nowhere would turn into an error message at the next update.
                return (
                    run(inline.text)
                    if bookmark is None
                    else complex_field(f"REF {bookmark} \\r \\h", inline.text)
                )
            case Link():
                url = public_address(inline.url)
                content = run(inline.text, f'<w:rStyle w:val="{self.host.styles["Hyperlink"]}"/>')
                if not url or not content:
                    return run(inline.text)
                return f'<w:hyperlink r:id="{self.host.relate(url)}" w:history="1">{content}</w:hyperlink>'

    def _spacer(self) -> str:
        self._after_table = False
        return self._paragraph("", _Format(self.host.styles["Intervalle"]))

    def _table(self, table: Table) -> str:
        rows = [table.header, *table.rows] if table.header else list(table.rows)
        columns = max((len(row) for row in rows), default=0)
        if not columns:
            return ""
        # Two tables that touch become one, and a table can't start a page by itself.
        ahead = self._spacer() if self._after_table or self._break else ""
        widths = column_widths(table.widths, columns, self.host.text_width)
        caption = escape(" ".join(table.caption.split()))
        described = (
            f'<w:tblCaption w:val="{caption}"/><w:tblDescription w:val="{caption}"/>' if caption else ""
        )
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        body = "".join(self._row(row, widths, header=at == 0) for at, row in enumerate(rows))
        self._after_table = True
        return (
            f'{ahead}<w:tbl><w:tblPr><w:tblStyle w:val="{self.host.styles["TableauCahier"]}"/>'
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
            f'w:noHBand="1" w:noVBand="1"/>{described}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>'
        )

    def _row(self, row: Sequence[Cell], widths: Sequence[int], *, header: bool) -> str:
        style = self.host.styles["TableauEntete" if header else "TableauTexte"]
        cells = []
        for at, width in enumerate(widths):
            cell = row[at] if at < len(row) else Cell(())
            look = _Format(style, align=_ALIGN.get(cell.align, ""))
            cells.append(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
                f"<w:p>{look.xml()}{self._inlines(cell.inlines)}</w:p></w:tc>"
            )
        repeated = "<w:tblHeader/>" if header else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"

    def _contents(self, contents: Contents) -> str:
        depth = min(max(contents.depth, 1), _TOC_DEPTH)
        listed = [
            (heading, bookmark)
            for heading, bookmark in zip(headings_of(self.document), self._bookmarks, strict=True)
            if heading.in_contents and heading.level <= depth and heading.text.strip()
        ]
        without_pages = "" if self.pages is not None else " \\n"
        start = (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
            f'<w:r><w:instrText xml:space="preserve"> TOC \\o "1-{depth}" \\h \\z{without_pages} </w:instrText></w:r>'
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        )
        end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        parts = []
        if contents.title.strip():
            parts.append(self._paragraph(run(contents.title), _Format(self.host.styles["TOCHeading"])))
        for at, (heading, bookmark) in enumerate(listed):
            parts.append(self._entry(heading, bookmark, start if at == 0 else ""))
        parts.append(self._paragraph(end if listed else start + end, _Format(self.host.styles["TOC1"])))
        # The frame is what gives Word's « update table » button.
        return (
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/>'
            f"</w:docPartObj></w:sdtPr><w:sdtContent>{''.join(parts)}</w:sdtContent></w:sdt>"
        )

    def _entry(self, heading: Heading, bookmark: str, start: str) -> str:
        level = min(max(heading.level, 1), _TOC_DEPTH)
        content = (f"{run(heading.number)}<w:r><w:tab/></w:r>" if heading.number else "") + run(heading.text)
        look = _Format(self.host.styles[f"TOC{level}"])
        look.tabs = f'<w:tab w:val="left" w:pos="{_TOC_TABS[level - 1]}"/>'
        if self.pages is not None:
            look.tabs += f'<w:tab w:val="right" w:leader="dot" w:pos="{self.host.text_width}"/>'
            page = self.pages.get(heading.anchor)
            content += "<w:r><w:tab/></w:r>"
            content += complex_field(f"PAGEREF {bookmark} \\h", "" if page is None else str(page))
        link = f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{content}</w:hyperlink>'
        return self._paragraph(start + link, look)


def _stays_with(paragraph: Paragraph, following: Block | None) -> bool:
    """Whether a paragraph must not be parted from the next block: what it announces, or how it is verified."""
    if isinstance(following, Paragraph):
        return following.style is Style.VERIFICATION and paragraph.style is Style.BODY
    announces = "".join(inline.text for inline in paragraph.inlines).rstrip().endswith(":")
    return announces and isinstance(following, (ItemList, Table))


def column_widths(percents: Sequence[int], columns: int, total: int) -> list[int]:
    """Widths in twips that add up to `total`; equal ones when the shares given don't fit the columns."""
    shares = (
        list(percents) if len(percents) == columns and all(share > 0 for share in percents) else [1] * columns
    )
    edges = [total * sum(shares[:at]) // sum(shares) for at in range(columns + 1)]
    return [right - left for left, right in zip(edges, edges[1:], strict=False)]


def public_address(url: str) -> str:
    """The address in a form that Word takes, "" when it is no public address.

    Word declares the whole file corrupt when a single address is malformed.
    """
    try:
        parts = urlsplit(url.strip())
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return ""
    if not (well_formed or (parts.scheme == "mailto" and "@" in parts.path)):
        return ""
    return quote(_FORBIDDEN.sub("", url.strip()), safe="!#$%&'()*+,/:;=?@[]~")
