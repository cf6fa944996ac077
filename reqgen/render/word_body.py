"""The blocks of a document as the XML text of a Word body.

Text, not a tree: a hundred times faster than one call to python-docx a paragraph, for the same content.
Source of element names and their order: ECMA-376 part 1, 17.3 (paragraphs), 17.4 (tables), 17.16 (fields).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from msgspec import Struct, field

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
from reqgen.render.word_marks import Marks, marks_of, own_words
from reqgen.render.word_numbering import Level
from reqgen.render.word_text import complex_field, escape, public_address, right_tab, run

_MAX_BOOKMARK = 40
_LIST_DEPTH = 5
_TOC_DEPTH = 4
# Where the number of a contents entry starts, in twips, and the room that it has, by level.
_TOC_STARTS = (0, 567, 1304, 2155)
_TOC_ROOM = (567, 737, 851, 1021)
_TOC_SIGN = 120  # a bold figure or letter, on average
# Room that a paragraph after a table needs, in twips: tables have no space after.
_LONG_TITLE = 58
"""Signs of a title beside which an id of a dozen signs may not fit, in most looks."""
_AFTER_TABLE = 200
_WORD_OF_LABEL = re.compile(r"(?![IVXLCivxlc]+\s)[^\W\d_]{2,}\s+(?=\S)")
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
        """Return the numbering of a new ordered list at a depth from 1."""

    def number_overflow(self, level: int, label: str) -> int:
        """Return where a heading's text can start, in twips, when its number needs more room than it has; else 0."""

    def labels(self, headings: Sequence[Heading]) -> list[str]:
        """Return the number of each heading as the word processor will show it."""


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


class _Format(Struct):
    """Direct formatting of one paragraph, beside its style."""

    style: str
    keep_next: bool = False
    break_before: bool = False
    number: str = ""
    tabs: str = ""
    before: int = 0
    unnumbered_indent: bool = False
    align: str = ""
    outline: str = ""

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
            self.outline,
        )
        return f"<w:pPr>{''.join(parts)}</w:pPr>"


def _number(level: int, num: int) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'


class _Numbered(Struct, frozen=True):
    """A heading with its bookmark and the number that will be seen."""

    heading: Heading
    bookmark: str
    label: str


class Body(Struct):
    """Writes the body of one document. Its state is what the next block has to know of those before it."""

    host: Host
    document: Document
    pages: Mapping[str, int] | None
    _headings: list[_Numbered] = field(default_factory=list)
    _by_anchor: dict[str, _Numbered] = field(default_factory=dict)
    _marks: Marks = field(default_factory=lambda: marks_of(()))
    _headings_written: int = 0
    _break: bool = False
    _after_table: bool = False

    def xml(self) -> str:
        """The children of w:body, but for its section."""
        headings = headings_of(self.document)
        named = zip(headings, bookmark_names(headings), self.host.labels(headings), strict=True)
        self._headings = [_Numbered(*each) for each in named]
        self._marks = marks_of(headings)
        for each in self._headings:
            self._by_anchor.setdefault(each.heading.anchor, each)
        parts = self._blocks(self.document.blocks)
        if self._after_table:
            parts.append(self._spacer())  # Word wants a paragraph after a table that ends the text
        return "".join(parts)

    def _blocks(self, blocks: Sequence[Block], depth: int = 0, then: Block | None = None) -> list[str]:
        """Write blocks; `then` is what comes after the last of them."""
        parts: list[str] = []
        for at, block in enumerate(blocks):
            following = blocks[at + 1] if at + 1 < len(blocks) else then
            match block:
                case PageBreak():
                    self._break = True
                case Heading():
                    parts.append(self._heading(block))
                case Paragraph():
                    parts.append(self._text(block, following, depth))
                case ItemList():
                    parts.append(self._list(block, depth + 1, following))
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
        look = _Format(self._style(name))
        at = self.host.headings.get(level)
        if not heading.number:
            look.number, look.unnumbered_indent = _number(0, 0), True
        elif at is not None and not heading.in_contents:
            look.number = _number(at.level, at.num)
        # Where the template does not number this level, the number is text.
        content = run(f"{heading.number}\u00a0 ") if heading.number and at is None else ""
        number, each = self._headings_written, self._headings[self._headings_written]
        self._headings_written += 1
        content += f'<w:bookmarkStart w:id="{number}" w:name="{each.bookmark}"/>'
        content += self._marks.around(run(_one_line(heading.text)), heading.mark, heading.text)
        content += f'<w:bookmarkEnd w:id="{number}"/>'
        self._after_table = False  # space before a heading is its style's
        if heading.tag:
            content += self._tag(each, level, look)
        return self._paragraph(content, look)

    def _tag(self, each: _Numbered, level: int, look: _Format) -> str:
        """Put the id at the right end of the heading's last line."""
        numbered = each.label and level in self.host.headings
        overflow = self.host.number_overflow(level, each.label) if numbered else 0
        # Without a stop of its own, the tab after a wide number would run to the right end.
        look.tabs = f'<w:tab w:val="left" w:pos="{overflow}"/>' if overflow else ""
        look.tabs += right_tab(self.host.text_width)
        style = f'<w:rStyle w:val="{self._style("Reference")}"/>'
        # after a long title the id would be cut at a hyphen: it goes to a line of its own
        line = "<w:br/>" if len(each.heading.text) > _LONG_TITLE else ""
        if line and overflow:
            line += "<w:tab/>"  # past the left stop, which the new line meets too
        return f"<w:r>{line}<w:tab/></w:r>{run(_one_line(each.heading.tag), style)}"

    def _text(self, paragraph: Paragraph, following: Block | None, depth: int) -> str:
        if is_blank(paragraph.inlines):
            return ""
        look = _Format(self._style(paragraph.style), keep_next=_stays_with(paragraph, following))
        if depth and paragraph.style is Style.BODY:
            look.style = self._list_style("ListContinue", depth)
        return self._paragraph(self._marked(paragraph), look)

    def _style(self, name: str) -> str:
        """Return the id, in this file, of a style of the built-in look; a foreign id may hold anything."""
        return escape(self.host.styles[name])

    def _list_style(self, name: str, depth: int) -> str:
        depth = min(depth, _LIST_DEPTH)
        return self._style(f"{name}{depth if depth > 1 else ''}")

    def _list(self, items: ItemList, depth: int, then: Block | None) -> str:
        look = _Format(self._list_style("ListNumber" if items.ordered else "ListBullet", depth))
        at = self.host.new_list(min(depth, _LIST_DEPTH)) if items.ordered and items.items else None
        if at is not None:
            look.number = _number(at.level, at.num)
        last = len(items.items) - 1
        return "".join(
            self._item(item, depth, look, then if at == last else None) for at, item in enumerate(items.items)
        )

    def _item(self, item: Sequence[Block], depth: int, look: _Format, then: Block | None) -> str:
        first, rest = (item[0], item[1:]) if item and isinstance(item[0], Paragraph) else (None, item)
        marked = ""
        if first is not None and not is_blank(first.inlines):
            keep = _stays_with(first, rest[0] if rest else then)
            own = _Format(look.style, keep_next=keep, number=look.number)
            marked = self._paragraph(self._marked(first), own)
        return marked + "".join(self._blocks(rest, depth, then))

    def _marked(self, paragraph: Paragraph) -> str:
        """A paragraph's content within its mark."""
        content = self._inlines(paragraph.inlines)
        return self._marks.around(content, paragraph.mark, own_words(paragraph.inlines, paragraph.mark))

    def _cell(self, cell: Cell) -> str:
        """A cell's content within its mark."""
        return self._marks.around(self._inlines(cell.inlines), cell.mark, own_words(cell.inlines, cell.mark))

    def _inlines(self, inlines: Iterable[Inline]) -> str:
        return "".join(self._marks.within(self._inline(inline), inline) for inline in inlines)

    def _inline(self, inline: Inline) -> str:
        match inline:
            case Text():
                strong = "<w:b/>" if inline.strong else ""
                return run(inline.text, strong + ("<w:i/>" if inline.emphasis else ""))
            case CrossReference():
                return self._reference(inline)
            case Link():
                url = public_address(inline.url)
                content = run(inline.text, f'<w:rStyle w:val="{self._style("Hyperlink")}"/>')
                if not url or not content:
                    return run(inline.text)
                return f'<w:hyperlink r:id="{self.host.relate(url)}" w:history="1">{content}</w:hyperlink>'

    def _reference(self, reference: CrossReference) -> str:
        target = self._by_anchor.get(reference.target)
        if target is None:
            return run(reference.text)  # a field to nowhere becomes an error message at the next update
        if target.heading.number and target.heading.level in self.host.headings:
            own = reference.text == target.heading.number
            # As Word: \r leaves the last full stop out, \t the word of « Article 1 », which the sentence has.
            bare = _WORD_OF_LABEL.sub("", target.label).rstrip(".")
            switches = "\\r \\h" if _WORD_OF_LABEL.match(target.label) is None else "\\r \\t \\h"
            return complex_field(f"REF {target.bookmark} {switches}", bare if own else reference.text)
        # The number of a heading that Word doesn't number would read 0.
        return f'<w:hyperlink w:anchor="{target.bookmark}" w:history="1">{run(reference.text)}</w:hyperlink>'

    def _spacer(self) -> str:
        self._after_table = False
        return self._paragraph("", _Format(self._style("Intervalle")))

    def _table(self, table: Table) -> str:
        rows = [table.header, *table.rows] if table.header else list(table.rows)
        columns = max((len(row) for row in rows), default=0)
        if not columns:
            return ""
        # Two tables that touch become one, and a table can't start a page by itself.
        ahead = self._spacer() if self._after_table or self._break else ""
        widths = column_widths(table.widths, columns, self.host.text_width)
        caption = escape(" ".join(table.caption.split()))
        described = f'<w:tblCaption w:val="{caption}"/><w:tblDescription w:val="{caption}"/>' if caption else ""
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        body = "".join(self._row(row, widths, header=at == 0) for at, row in enumerate(rows))
        self._after_table = True
        return (
            f'{ahead}<w:tbl><w:tblPr><w:tblStyle w:val="{self._style("TableauCahier")}"/>'
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
            f'w:noHBand="1" w:noVBand="1"/>{described}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>'
        )

    def _row(self, row: Sequence[Cell], widths: Sequence[int], *, header: bool) -> str:
        style = self._style("TableauEntete" if header else "TableauTexte")
        cells = []
        for at, width in enumerate(widths):
            cell = row[at] if at < len(row) else Cell(())
            look = _Format(style, align=_ALIGN.get(cell.align, ""))
            cells.append(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
                f"<w:p>{look.xml()}{self._cell(cell)}</w:p></w:tc>"
            )
        repeated = "<w:tblHeader/>" if header else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"

    def _contents(self, contents: Contents) -> str:
        depth = min(max(contents.depth, 1), _TOC_DEPTH)
        listed = [
            each
            for each in self._headings
            if each.heading.in_contents and each.heading.level <= depth and each.heading.text.strip()
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
            parts.append(self._paragraph(run(_one_line(contents.title)), self._title_format()))
        tabs = _entry_tabs(listed)
        for at, each in enumerate(listed):
            # in the last entry: a paragraph of its own may fall alone on a page
            parts.append(self._entry(each, tabs, start if at == 0 else "", end if each is listed[-1] else ""))
        if not listed:
            parts.append(self._paragraph(start + end, _Format(self._style("TOC1"))))
        # The frame is what gives Word's « update table » button.
        return (
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/>'
            f"</w:docPartObj></w:sdtPr><w:sdtContent>{''.join(parts)}</w:sdtContent></w:sdt>"
        )

    def _title_format(self) -> _Format:
        """Make the title no heading: many templates base its style on a numbered one."""
        look = _Format(self._style("TOCHeading"), number=_number(0, 0), unnumbered_indent=True)
        look.outline = '<w:outlineLvl w:val="9"/>'
        return look

    def _entry(self, each: _Numbered, tabs: Mapping[int, int], start: str, end: str) -> str:
        heading, bookmark = each.heading, each.bookmark
        level = min(max(heading.level, 1), _TOC_DEPTH)
        content = (f"{run(each.label)}<w:r><w:tab/></w:r>" if each.label else "") + run(_one_line(heading.text))
        look = _Format(self._style(f"TOC{level}"))
        look.tabs = f'<w:tab w:val="left" w:pos="{tabs[level]}"/>'
        if self.pages is not None:
            look.tabs += f'<w:tab w:val="right" w:leader="dot" w:pos="{self.host.text_width}"/>'
            page = self.pages.get(heading.anchor)
            content += "<w:r><w:tab/></w:r>"
            content += complex_field(f"PAGEREF {bookmark} \\h", "" if page is None else str(page))
        link = f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{content}</w:hyperlink>'
        return self._paragraph(start + link + end, look)


def _entry_tabs(listed: Sequence[_Numbered]) -> dict[int, int]:
    """Where the text of contents entries starts, in twips, by level, so that the widest number has room."""
    tabs: dict[int, int] = {}
    for each in listed:
        level = min(max(each.heading.level, 1), _TOC_DEPTH)
        room = max(_TOC_ROOM[level - 1], _TOC_SIGN * (len(each.label) + 1))
        tabs[level] = max(tabs.get(level, 0), _TOC_STARTS[level - 1] + room)
    return tabs


def _one_line(text: str) -> str:
    """Put blanks for tabs and line ends, which would break a heading's line; no-break spaces stay."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def _stays_with(paragraph: Paragraph, following: Block | None) -> bool:
    """Whether a paragraph must not be parted from the next block: what it announces, or how it is verified."""
    if isinstance(following, Paragraph):
        return following.style is Style.VERIFICATION and paragraph.style is Style.BODY
    if isinstance(following, Heading):  # the few words that open a chapter
        return paragraph.style is Style.BODY
    announces = "".join(inline.text for inline in paragraph.inlines).rstrip().endswith(":")
    return announces and isinstance(following, (ItemList, Table))


def column_widths(percents: Sequence[int], columns: int, total: int) -> list[int]:
    """Widths in twips that add up to `total`; equal ones when the shares given don't fit the columns."""
    shares = list(percents) if len(percents) == columns and all(share > 0 for share in percents) else [1] * columns
    edges = [total * sum(shares[:at]) // sum(shares) for at in range(columns + 1)]
    return [right - left for left, right in pairwise(edges)]
