"""Two versions of some clauses as one text in which every word, paragraph and row says in which of the two it stands.

`of_side` gives either version back: it is what accepting or rejecting every change must give.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from reqgen.model.document import Mark


class Op(StrEnum):
    """What became of something."""

    SAME = "="
    OLD = "-"
    NEW = "+"


class Role(StrEnum):
    """What a paragraph is."""

    CLAUSE = "clause"
    """The line that names a clause."""
    PART = "partie"
    """A heading inside a clause."""
    BODY = "corps"
    BULLET = "puce"
    NUMBER = "numéro"
    CONTINUE = "suite"
    """A further paragraph of an item."""
    GAP = "intervalle"
    """An empty line that parts a table from what follows."""


class Shape(Struct, frozen=True):
    """A paragraph's role and, in lists, its depth from 1 and the number of the list that counts it (0: none does)."""

    role: Role
    depth: int = 0
    count: int = 0


class Credit(Struct, frozen=True):
    """Who made a change and when: an ISO 8601 date and time with its offset, or nothing when it is not known."""

    author: str
    when: str = ""


class Piece(Struct, frozen=True):
    """Some characters of one look; `slot` is the name of the placeholder that they stand for.

    `credit`, here and below, is that of the change; None: the one of the section.
    """

    text: str
    op: Op = Op.SAME
    strong: bool = False
    emphasis: bool = False
    slot: str = ""
    credit: Credit | None = None


class Line(Struct, frozen=True):
    """A paragraph. `mark` is what became of its end, `was` its shape in the old version when that was another one.

    A paragraph whose mark is in one version only is, in the other, the beginning of the next paragraph. `credit` is that of
    the mark, `shaped` that of the shape.
    """

    pieces: tuple[Piece, ...]
    shape: Shape
    mark: Op = Op.SAME
    was: Shape | None = None
    credit: Credit | None = None
    shaped: Credit | None = None


class Row(Struct, frozen=True):
    """A row of a table, one paragraph a cell; the cells of a row that is in one version only hold nothing of the other."""

    cells: tuple[tuple[Piece, ...], ...]
    op: Op = Op.SAME
    credit: Credit | None = None


class Grid(Struct, frozen=True):
    """A table. The first row is its header; widths are in percent, `caption` is its alternative text."""

    rows: tuple[Row, ...]
    caption: str
    widths: tuple[int, ...]
    aligns: tuple[str, ...]


Part = Line | Grid


class Known(Struct, frozen=True):
    """What a paragraph of the new version is, so that it can be read back once edited; `words` are those that its mark answers for.

    `tail`, with a mark of its own, is the end of the paragraph when that is another part of the clause.
    """

    mark: Mark
    words: str
    tail_mark: Mark | None = None
    tail: str = ""


class Section(Struct, frozen=True):
    """One clause; `told` says what became of it, `op` is OLD or NEW when it is in one version only.

    `credit` is that of its last change. `senses` say in a few words what became of each field. `known` says what each paragraph
    of the new version is, cells row by row: as many as `of_side` gives, None where nothing is seen.
    """

    id: str
    told: str
    op: Op
    credit: Credit
    parts: tuple[Part, ...]
    senses: tuple[str, ...] = ()
    known: tuple[Known | None, ...] = ()


class Annex(Struct, frozen=True):
    """What goes with the clauses: a title, and items at a depth from 1."""

    title: str
    items: tuple[tuple[int, str], ...]


class Redline(Struct, frozen=True):
    """The clauses that changed, the names of both versions, counts and other things to know, and annexes."""

    old: str
    new: str
    folder: str
    sections: tuple[Section, ...]
    remarks: tuple[str, ...] = ()
    annexes: tuple[Annex, ...] = ()


def credits_of(section: Section) -> tuple[Credit, ...]:
    """Who made the changes of a clause: who made the last one, then the others as their changes stand."""
    found = {credit or section.credit: None for part in section.parts for credit in _credits(part)}
    return tuple(sorted(found or [section.credit], key=lambda credit: credit != section.credit))


def _credits(part: Part) -> Iterator[Credit | None]:
    """The credit of each change."""
    if isinstance(part, Line):
        yield from (piece.credit for piece in part.pieces if piece.op is not Op.SAME)
        if part.mark is not Op.SAME:
            yield part.credit
        if part.was is not None:
            yield part.shaped
        return
    for row in part.rows:
        if row.op is not Op.SAME:
            yield row.credit
        yield from (piece.credit for cell in row.cells for piece in cell if piece.op is not Op.SAME)


def of_side(parts: Iterable[Part], side: Op) -> Iterator[Part]:
    """The old (`Op.OLD`) or the new version alone, all of it marked as the same."""
    waiting: list[Piece] = []
    for part in parts:
        if isinstance(part, Grid):
            rows = tuple(
                Row(tuple(tuple(_kept(cell, side)) for cell in row.cells))
                for row in part.rows
                if row.op in (Op.SAME, side)
            )
            if rows:
                yield replace(part, rows=rows)
            continue
        waiting += _kept(part.pieces, side)
        if part.mark in (Op.SAME, side):
            shape = part.was if side is Op.OLD and part.was is not None else part.shape
            yield Line(tuple(joined(waiting)), shape)
            waiting = []


def _kept(pieces: Iterable[Piece], side: Op) -> list[Piece]:
    return joined(replace(piece, op=Op.SAME, credit=None) for piece in pieces if piece.op in (Op.SAME, side))


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours of the same look and fate as one piece; a placeholder stays alone."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and not last.slot and not piece.slot and replace(last, text="") == replace(piece, text=""):
            found[-1] = replace(last, text=last.text + piece.text)
        elif piece.text:
            found.append(piece)
    return found
