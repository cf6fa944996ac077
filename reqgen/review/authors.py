"""Who made each change between two versions of a clause, when several commits lie between them.

Each version between the two is compared with those that it comes from, block by block as the two themselves are; a word that
stays is whose it was. So what came is credited to the commit since which it stays, what went to the one that took it out, and
what was undone before the second version counts for nobody. Where the comparison of the two pairs words otherwise than those
on the way did, a word is credited as the next one of its fate in the same paragraph.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from reqgen.model.library import Clause
from reqgen.model.revision import Credit, Line, Op, Part, Piece, Row

NOBODY = 0
"""The number of the first version, in place of that of a version that made a change."""


class Version(Struct, frozen=True):
    """A clause at a moment, None when it was not there; `path` is its file inside the library.

    `parents` are the numbers of the versions it comes from, which stand before it; `credit` who made it, None when nobody
    between the two revisions did.
    """

    clause: Clause | None
    path: str
    parents: tuple[int, ...] = ()
    credit: Credit | None = None


class Comparison(Struct, frozen=True):
    """Both the version `parent` and one that comes from it, as one sequence."""

    parent: int
    parts: tuple[Part, ...]


def attributed(
    parts: Iterable[Part], comparisons: Sequence[Sequence[Comparison]], credits: Sequence[Credit | None], last: Credit
) -> tuple[Part, ...]:
    """The parts, each change with its credit, but for those of `last`, which goes without saying.

    `comparisons` and `credits` are those of each version: the first is the old one and has no parent, the last the new one.
    """
    known = [None if credit == last else credit for credit in credits]
    ends = _ends(comparisons, [credit is not None for credit in credits])
    return tuple(_Crediting(ends, _origins(comparisons), known).parts(parts))


# Whose is each sign. A version is a row of signs: its characters, and one for each row, end and shape of a paragraph.


def _signs(parts: Iterable[Part]) -> Iterator[tuple[Op, int]]:
    """What became of how many signs, in the order of the text."""
    for part in parts:
        if isinstance(part, Line):
            yield from ((piece.op, len(piece.text)) for piece in part.pieces)
            yield part.mark, 1
            yield from ((op, 1) for op in _shape_ops(part))
            continue
        for row in part.rows:
            yield row.op, 1
            yield from ((piece.op, len(piece.text)) for cell in row.cells for piece in cell)


def _shape_ops(line: Line) -> tuple[Op, ...]:
    return (line.mark,) if line.was is None else (Op.OLD, Op.NEW)


def _origins(comparisons: Sequence[Sequence[Comparison]]) -> list[int]:
    """The version that brought each sign of the last one."""
    found: list[list[int]] = []
    for number, all_parents in enumerate(comparisons):
        ways = [_brought(one.parts, found[one.parent], number) for one in all_parents]
        # What a merge has from one of those that it joins is not its own.
        found.append([next((way for way in sign if way != number), number) for sign in zip(*ways, strict=False)])
        if not number:
            found[0] = [NOBODY] * _old_length(comparisons)
    return found[-1]


def _old_length(comparisons: Sequence[Sequence[Comparison]]) -> int:
    """How many signs the first version has, by the first that comes from it."""
    parts = next((one.parts for found in comparisons for one in found if one.parent == 0), ())
    return sum(size for op, size in _signs(parts) if op is not Op.NEW)


def _brought(parts: Iterable[Part], before: Sequence[int], number: int) -> list[int]:
    """The same for a version, by one that it comes from."""
    found: list[int] = []
    at = 0
    for op, size in _signs(parts):
        if op is Op.NEW:
            found += [number] * size
            continue
        found += before[at : at + size] if op is Op.SAME else []
        at += size
    return found


def _ends(comparisons: Sequence[Sequence[Comparison]], made: Sequence[bool]) -> list[int]:
    """The version that took each sign of the first one out, of those that the last one comes from; one that was made, if any."""

    def first(ways: tuple[int, int]) -> int:
        return min(filter(None, ways), key=lambda number: (not made[number], number), default=NOBODY)

    last = len(comparisons) - 1
    found: dict[int, list[int]] = {}
    for number in range(last, 0, -1):
        if number != last and number not in found:
            continue
        for one in comparisons[number]:
            ends = _taken(one.parts, found.get(number), number)
            known = found.get(one.parent, ends)
            found[one.parent] = [first(pair) for pair in zip(known, ends, strict=False)]
    return found.get(0, [])


def _taken(parts: Iterable[Part], after: Sequence[int] | None, number: int) -> list[int]:
    """The same for a version, by one that comes from it; `after` is None for the last one, of which everything stays."""
    found: list[int] = []
    at = 0
    for op, size in _signs(parts):
        if op is Op.OLD:
            found += [number] * size
            continue
        if op is Op.SAME:
            found += [NOBODY] * size if after is None else after[at : at + size]
        at += size
    return found


# What is shown, with its credits


class _Crediting(Struct):
    """Follows both versions along the parts; its state is how far it is in each."""

    ends: Sequence[int]
    origins: Sequence[int]
    credits: Sequence[Credit | None]
    at_old: int = 0
    at_new: int = 0

    def parts(self, parts: Iterable[Part]) -> Iterator[Part]:
        for part in parts:
            if isinstance(part, Line):
                yield self.line(part)
            else:
                yield replace(part, rows=tuple(self.row(row) for row in part.rows))

    def line(self, line: Line) -> Line:
        runs = [*map(self.run, line.pieces), _Run(line.mark, self.taken(line.mark, 1))]
        shaped = [self.taken(op, 1) for op in _shape_ops(line)][-1]
        *pieces, mark = _settled(runs)
        credit = self.credit(mark) if line.mark is not Op.SAME else None
        shape = self.credit(shaped) if line.was is not None else None
        return replace(line, pieces=tuple(self.credited(line.pieces, pieces)), credit=credit, shaped=shape)

    def row(self, row: Row) -> Row:
        own = _Run(row.op, self.taken(row.op, 1))
        cells = [[self.run(piece) for piece in cell] for cell in row.cells]
        if row.op is Op.SAME:
            found = [_settled(runs) for runs in cells]
            return replace(row, cells=tuple(map(tuple, map(self.credited, row.cells, found))))
        mark, *rest = _settled([own, *(run for runs in cells for run in runs)])
        left = iter(rest)
        found = [[next(left) for _ in runs] for runs in cells]
        return replace(row, cells=tuple(map(tuple, map(self.credited, row.cells, found))), credit=self.credit(mark))

    def run(self, piece: Piece) -> "_Run":
        numbers = self.taken(piece.op, len(piece.text))
        # A blank goes with the word that it leads to.
        return _Run(
            piece.op, [NOBODY if sign.isspace() else one for sign, one in zip(piece.text, numbers, strict=False)]
        )

    def taken(self, op: Op, size: int) -> list[int]:
        """The versions that made these signs what they are; the same number of them whatever happens."""
        found: Sequence[int] = ()
        if op is not Op.NEW:
            found = self.ends[self.at_old : self.at_old + size]
            self.at_old += size
        if op is not Op.OLD:
            found = () if op is Op.SAME else self.origins[self.at_new : self.at_new + size]
            self.at_new += size
        return [*found, *[NOBODY] * (size - len(found))]

    def credit(self, numbers: Sequence[int]) -> Credit | None:
        return self.credits[numbers[0]] if numbers else None

    def credited(self, pieces: Iterable[Piece], numbers: Iterable[Sequence[int]]) -> Iterator[Piece]:
        """The pieces, cut where the credit changes."""
        for piece, found in zip(pieces, numbers, strict=True):
            if piece.op is Op.SAME or piece.slot:
                yield replace(piece, credit=None if piece.op is Op.SAME else self.credit(found))
                continue
            at = 0
            for credit, signs in groupby(self.credits[number] for number in found):
                size = len(list(signs))
                yield replace(piece, text=piece.text[at : at + size], credit=credit)
                at += size


class _Run(Struct, frozen=True):
    """Signs of the same fate that follow one another, and the version that made each what it is."""

    op: Op
    numbers: list[int]


def _settled(runs: Sequence[_Run]) -> list[list[int]]:
    """The numbers of each run of a paragraph, those that are not known given by the next sign of the same fate, or the last."""
    found = [_filled(run.numbers) for run in runs]
    for op in (Op.OLD, Op.NEW):
        own = [at for at, run in enumerate(runs) if run.op is op]
        filled = iter(_filled([number for at in own for number in found[at]]))
        for at in own:
            found[at] = [next(filled) for _ in found[at]]
    return found


def _filled(numbers: Sequence[int]) -> list[int]:
    known, found = NOBODY, list(numbers)
    for at in [
        *reversed(range(len(found))),
        *range(len(found)),
    ]:  # from what follows, then what is left from what precedes
        found[at] = known = found[at] or known
    return found
