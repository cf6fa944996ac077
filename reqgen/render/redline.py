"""Two versions of clauses as a Word file with tracked changes: accepting all gives the new one, rejecting all the old one.

Source of element names and of what they mean: ECMA-376 part 1, 17.13.5 (revisions), 17.3.1.29 (run properties of a paragraph
mark), 17.4.79 (row properties). A mark that is in one version only joins, in the other, its paragraph to the next one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from msgspec import Struct, field
from msgspec.structs import replace

from reqgen.fingerprint import TITLE as CLAUSE_TITLE
from reqgen.model.document import Document, Mark, Meta
from reqgen.model.revision import (
    Annex,
    Credit,
    Grid,
    Known,
    Line,
    Op,
    Part,
    Piece,
    Redline,
    Role,
    Row,
    Section,
    Shape,
    credits_of,
    joined,
)
from reqgen.render.docx import finished
from reqgen.render.word_body import column_widths
from reqgen.render.word_marks import Marks
from reqgen.render.word_numbering import Level
from reqgen.render.word_template import Template, open_template
from reqgen.render.word_text import clean, escape, run

TITLE = "Bibliothèque de clauses : modifications suivies"
LEGEND = (
    "Chaque ajout et chaque suppression est une modification suivie, au nom et à la date de qui l’a faite. Accepter toutes les "
    "modifications donne la seconde version des clauses, les refuser toutes rend la première. Un paramètre est montré par son "
    "nom, entre crochets, qui reste tel quel. Corrigé, ce document peut être repris dans la bibliothèque par « reqgen import »."
)
NOTHING = "Aucune clause ne change."
END = "Fin des clauses modifiées."
_MAX_AUTHOR = 200
_TAGS = {Op.OLD: "del", Op.NEW: "ins"}
_UNNUMBERED = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>', '<w:ind w:left="0" w:firstLine="0"/>'
_ALIGN = {"center": '<w:jc w:val="center"/>', "right": '<w:jc w:val="right"/>'}
_LEAD = Line((), Shape(Role.BODY))
# A placeholder's name stands on a light ground, so that it is not read as words of the clause.
_SLOT = '<w:shd w:val="clear" w:color="auto" w:fill="E4EAF4"/>'


def write(redline: Redline, template: bytes, *, name: str = "modèle Word") -> bytes:
    """The .docx in the template's look: same inputs, same bytes.

    Raises ReqgenError (bad-template) when the template can't be used; `name` is its path as shown to the user.
    """
    target = open_template(template, name)
    versions = f"{redline.old} → {redline.new}"
    meta = Meta(title=TITLE, subject=versions, author="reqgen", reference="", header=versions, footer=redline.folder)
    clauses = sum(section.op is not Op.OLD for section in redline.sections)
    body = _Body(target, Marks(1, clauses, redline=True)).xml(redline)
    return finished(target, Document(meta), body, name)


class _Body(Struct):
    """Writes the body. Its state is the next number of a change or a mark, and the lists met in the section at hand."""

    host: Template
    marks: Marks
    credit: Credit = Credit("reqgen")
    credits: tuple[Credit, ...] = ()
    lists: dict[int, Level | None] = field(default_factory=dict)

    def xml(self, redline: Redline) -> str:
        """The children of w:body, but for its section."""
        parts = [
            self._plain("TitreEnTete", TITLE),
            self._plain("Corps", f"{redline.folder} : de {redline.old} à {redline.new}."),
            self._plain("Corps", LEGEND),
            *(self._plain("ListBullet", remark) for remark in redline.remarks),
            self._heading("Heading1", "Clauses"),
            *(self._section(section) for section in redline.sections),
            self._plain("Note", END if redline.sections else NOTHING),
            *(self._annex(annex) for annex in redline.annexes),
        ]
        return "".join(parts)

    def _annex(self, annex: Annex) -> str:
        items = (
            self._plain("ListBullet" if depth < 2 else f"ListBullet{min(depth, 5)}", text)
            for depth, text in annex.items
        )
        return self._heading("Heading1", annex.title) + "".join(items)

    def _section(self, section: Section) -> str:
        self.credit, self.credits, self.lists = section.credit, credits_of(section), {}
        # A clause that is in one version only starts after an empty line of both, to which its first mark can be joined.
        lead = (_LEAD,) if section.op is not Op.SAME else ()
        parts = anchored([*lead, *section.parts])
        known = iter([*[None for _ in lead], *section.known])
        borne = list(_borne(parts, known))
        return "".join(
            self._line(part, next(iter(found), None)) if isinstance(part, Line) else self._grid(part, found)
            for part, found in zip(parts, borne, strict=True)
        )

    # Paragraphs

    def _plain(self, style: str, text: str) -> str:
        return f'<w:p><w:pPr><w:pStyle w:val="{self._style(style)}"/></w:pPr>{self.marks.around(run(text), None, text)}</w:p>'

    def _heading(self, style: str, text: str) -> str:
        number, indent = _UNNUMBERED
        content = self.marks.around(run(text), None, text)
        return f'<w:p><w:pPr><w:pStyle w:val="{self._style(style)}"/>{number}{indent}</w:pPr>{content}</w:p>'

    def _style(self, name: str) -> str:
        return escape(self.host.styles[name])

    def _line(self, line: Line, known: Known | None) -> str:
        former = ""
        if line.was is not None:
            former = self._change("pPrChange", line.shaped, f"<w:pPr>{self._shape(line.was)}</w:pPr>")
        mark = self._mark(line.mark, line.credit)
        return f"<w:p><w:pPr>{self._shape(line.shape)}{mark}{former}</w:pPr>{self._known(line.pieces, known)}</w:p>"

    def _shape(self, shape: Shape) -> str:
        """The properties of a paragraph, in the order that the schema wants."""
        depth = str(shape.depth) if shape.depth > 1 else ""
        match shape.role:
            case Role.CLAUSE | Role.PART:
                number, indent = _UNNUMBERED
                return f"{self._styled('Heading2' if shape.role is Role.CLAUSE else 'Heading3')}{number}{indent}"
            case Role.NUMBER:
                return self._styled(f"ListNumber{depth}") + self._number(shape)
            case Role.BULLET | Role.CONTINUE:
                return self._styled(f"{'ListBullet' if shape.role is Role.BULLET else 'ListContinue'}{depth}")
            case Role.GAP:
                return self._styled("Intervalle")
            case _:
                return self._styled("Corps")

    def _styled(self, name: str) -> str:
        return f'<w:pStyle w:val="{self._style(name)}"/>'

    def _number(self, shape: Shape) -> str:
        if shape.count not in self.lists:
            self.lists[shape.count] = self.host.new_list(shape.depth)
        at = self.lists[shape.count]
        return "" if at is None else f'<w:numPr><w:ilvl w:val="{at.level}"/><w:numId w:val="{at.num}"/></w:numPr>'

    def _mark(self, op: Op, credit: Credit | None) -> str:
        return "" if op is Op.SAME else f"<w:rPr>{self._change(_TAGS[op], credit)}</w:rPr>"

    def _known(self, pieces: Sequence[Piece], known: Known | None) -> str:
        """The runs of a paragraph, within the marks of what it is in the library."""
        if known is None:
            return self._runs(pieces)
        head, tail = (pieces, ()) if known.tail_mark is None else _cut(pieces, len(known.words))
        content = self._runs(head)
        if known.tail_mark is not None:
            content += self.marks.inside(self._runs(tail), known.tail_mark, known.tail)
        return self._credited(known.mark) + self.marks.around(content, known.mark, known.words)

    def _credited(self, mark: Mark) -> str:
        """At a title, what tells the changes of the redline from those of a person who corrects it."""
        if mark.part != CLAUSE_TITLE:
            return ""
        return "".join(self.marks.credited(_author(credit), _minute(credit)) for credit in self.credits)

    def _runs(self, pieces: Iterable[Piece]) -> str:
        return "".join(self._run(piece) for piece in joined(pieces))

    def _run(self, piece: Piece) -> str:
        look = ("<w:b/>" if piece.strong else "") + ("<w:i/>" if piece.emphasis else "")
        written = run(piece.text, look + (_SLOT if piece.slot else ""))
        if piece.op is Op.SAME:
            return written
        if piece.op is Op.OLD:  # in a run's text, every sign that would open an element is escaped
            written = written.replace("<w:t ", "<w:delText ").replace("</w:t>", "</w:delText>")
        return self._change(_TAGS[piece.op], piece.credit, written)

    def _change(self, tag: str, credit: Credit | None, content: str = "") -> str:
        """A change with its number, author and date."""
        by = credit or self.credit
        number = self.marks.next_id
        self.marks.next_id += 1
        author = escape(_author(by))
        when = f' w:date="{_instant(by.when)}"' if by.when else ""
        return f'<w:{tag} w:id="{number}" w:author="{author}"{when}>{content}</w:{tag}>'

    # Tables

    def _grid(self, grid: Grid, known: Sequence[Known | None]) -> str:
        """`known`: one a cell, row by row."""
        size = len(grid.aligns)
        widths = column_widths(grid.widths, size, self.host.text_width)
        caption = escape(" ".join(grid.caption.split()))
        columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        rows = "".join(
            self._row(row, known[at * size : (at + 1) * size], widths, grid.aligns, header=at == 0)
            for at, row in enumerate(grid.rows)
        )
        return (
            f'<w:tbl><w:tblPr><w:tblStyle w:val="{self._style("TableauCahier")}"/>'
            f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
            '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
            f'w:noHBand="1" w:noVBand="1"/><w:tblCaption w:val="{caption}"/><w:tblDescription w:val="{caption}"/></w:tblPr>'
            f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
        )

    def _row(
        self,
        row: Row,
        known: Sequence[Known | None],
        widths: Sequence[int],
        aligns: Sequence[str],
        *,
        header: bool,
    ) -> str:
        style = self._styled("TableauEntete" if header else "TableauTexte")
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr>{style}{_ALIGN.get(align, "")}'
            f"{self._mark(row.op, row.credit)}</w:pPr>{self._known(cell, one)}</w:p></w:tc>"
            for cell, one, width, align in zip(row.cells, known, widths, aligns, strict=True)
        )
        repeated = "<w:tblHeader/>" if header else ""
        mark = "" if row.op is Op.SAME else self._change(_TAGS[row.op], row.credit)
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}{mark}</w:trPr>{cells}</w:tr>"


def _borne(parts: Sequence[Part], known: Iterator[Known | None]) -> Iterator[list[Known | None]]:
    """What each part bears: a line one at most, a table one a cell.

    A paragraph of the new version made of several lines is borne by that with most of its words: a bookmark across
    paragraphs does not outlive LibreOffice.
    """
    waiting: list[Line] = []
    for part in parts:
        if isinstance(part, Line):
            waiting.append(part)
            if part.mark is not Op.OLD:
                yield from _bearing(waiting, next(known, None))
                waiting = []
            continue
        yield from _bearing(waiting, None)
        waiting = []
        yield [None if row.op is Op.OLD else next(known, None) for row in part.rows for _ in part.aligns]
    yield from _bearing(waiting, None)


def _bearing(lines: Sequence[Line], known: Known | None) -> list[list[Known | None]]:
    longest = max(lines, key=_new_length, default=None)
    return [[known if line is longest else None] for line in lines]


def _new_length(line: Line) -> int:
    return sum(len(piece.text) for piece in line.pieces if piece.op is not Op.OLD)


def _cut(pieces: Iterable[Piece], at: int) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """The pieces before and after a sign of the new version."""
    head: list[Piece] = []
    tail: list[Piece] = []
    for piece in pieces:
        size = 0 if piece.op is Op.OLD else len(piece.text)
        if not at:
            tail.append(piece)
        elif size <= at:
            head.append(piece)
        else:
            head.append(replace(piece, text=piece.text[:at]))
            tail.append(replace(piece, text=piece.text[at:]))
        at -= min(size, at)
    return head, tail


def _author(credit: Credit) -> str:
    return clean(" ".join(credit.author.split()))[:_MAX_AUTHOR]


def _minute(credit: Credit) -> str:
    """The time as the reader of tracked changes tells it."""
    return _instant(credit.when)[: len("2026-11-24T10:32")].replace("T", " ") if credit.when else ""


def _instant(when: str) -> str:
    """A date and time with its offset, as UTC; Word shows it as it is written, without the « Z »."""
    return datetime.fromisoformat(when).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def anchored(parts: Iterable[Part]) -> list[Part]:
    """The same versions, so that before a table there is a paragraph whose mark is in both, wherever that can be.

    The mark of a paragraph that only one version has joins it, in the other, to the next paragraph; before a table there is
    none, and LibreOffice leaves an empty paragraph there. So the mark of the paragraph before it is tracked instead.
    """
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Grid):
            found[_run_start(found) :] = _settled(found[_run_start(found) :])
        found.append(part)
    return found


def _run_start(parts: Sequence[Part]) -> int:
    """Where the last paragraphs start of which only one version has the mark, with the one before them if it is a paragraph."""
    at = len(parts)
    while at and isinstance(last := parts[at - 1], Line):
        at -= 1
        if last.mark is Op.SAME:
            break
    return at


def _settled(parts: Sequence[Part]) -> list[Part]:
    lines = [part for part in parts if isinstance(part, Line)]
    changed = [line for line in lines if line.mark is not Op.SAME]
    if not changed:
        return list(parts)
    lead = lines[: len(lines) - len(changed)]
    olds, news = ([line for line in changed if line.mark is op] for op in (Op.OLD, Op.NEW))
    if olds and news:
        last = _marked(replace(news[-1], shaped=news[-1].credit), Op.SAME, news[-1].shape, olds[-1].shape)
        return [*lead, *olds[:-1], *news[:-1], replace(last, pieces=(*olds[-1].pieces, *news[-1].pieces))]
    if not lead:
        return list(parts)
    (first,), last = lead, changed[-1]
    before = first.was or first.shape
    # Each paragraph is now parted from the one before it, no longer from the next: that mark is whose it was.
    first, *middle = (
        replace(line, credit=after.credit) for line, after in zip((first, *changed[:-1]), changed, strict=True)
    )
    last = replace(last, shaped=last.credit)
    if news:
        return [_marked(first, Op.NEW, first.shape), *middle, _marked(last, Op.SAME, last.shape, before)]
    return [_marked(first, Op.OLD, before), *middle, _marked(last, Op.SAME, first.shape, last.shape)]


def _marked(line: Line, mark: Op, shape: Shape, was: Shape | None = None) -> Line:
    return replace(line, shape=shape, mark=mark, was=None if was == shape else was)
