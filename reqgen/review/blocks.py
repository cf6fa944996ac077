"""Two prose texts compared block by block, then word by word: paragraphs, lists and tables.

A paragraph is paired with the one that shares most of its words; one that was cut in two, or two that were joined, differ by
the mark between them. What finds no pair is taken out, or put in, whole.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import count
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from reqgen.model.document import Block, Inline, ItemList, Paragraph, Table, Text
from reqgen.model.revision import Grid, Line, Op, Part, Piece, Role, Row, Shape, joined
from reqgen.prose import PLACEHOLDER, blocks, typeset

MAX_PAIRS = 10_000
"""Blocks of one text times those of the other that are compared; beyond, what is not the same is replaced whole."""
MAX_WORDS = 1_000_000
"""The same for the words of two blocks."""
ALIKE = 0.4
"""Part of their words that two blocks share at least, to be versions of one another."""
MAX_DEPTH = 5
# A blank goes with the word that it leads to: alone, it would be found alike everywhere.
_WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
_SIGN = re.compile(r"\s*\W\Z")
Item = TypeVar("Item", bound=Line | Grid | Row)


def named(name: str) -> str:
    """How a placeholder is shown."""
    return f"[{name}]"


def compare_prose(old: str, new: str, caption: str) -> tuple[Part, ...]:
    """Both versions of a Markdown text; `caption` is the alternative text of its tables."""
    return compare_parts(parts_of(old, caption), parts_of(new, caption))


# A text as parts


def parts_of(text: str, caption: str) -> tuple[Part, ...]:
    """The paragraphs and tables of a Markdown text in reading order, placeholders named; a gap follows each table."""
    return tuple(_flat(blocks(text, named, caption), 0, Shape(Role.BODY), count(1)))


def _flat(found: Iterable[Block], depth: int, shape: Shape, numbers: Iterator[int]) -> Iterator[Part]:
    """`shape` is that of the paragraphs."""
    for block in found:
        match block:
            case Paragraph() if _pieces(block.inlines):
                yield Line(tuple(_pieces(block.inlines)), shape)
            case ItemList():
                yield from _items(block, min(depth + 1, MAX_DEPTH), numbers)
            case Table():
                yield _grid(block)
                yield Line((), Shape(Role.GAP))


def _items(block: ItemList, depth: int, numbers: Iterator[int]) -> Iterator[Part]:
    head = Shape(Role.NUMBER, depth, next(numbers)) if block.ordered else Shape(Role.BULLET, depth)
    for item in block.items:
        first, rest = (item[:1], item[1:]) if item and isinstance(item[0], Paragraph) else ((), item)
        yield from _flat(first, depth, head, numbers)
        yield from _flat(rest, depth, Shape(Role.CONTINUE, depth), numbers)


def _grid(table: Table) -> Grid:
    columns = len(table.header)
    rows = tuple(
        Row(tuple(tuple(_pieces(row[at].inlines)) if at < len(row) else () for at in range(columns)))
        for row in (table.header, *table.rows)
    )
    return Grid(rows, table.caption, table.widths, tuple(cell.align for cell in table.header))


def _pieces(inlines: Iterable[Inline]) -> list[Piece]:
    """The runs of a line; nothing when nothing would be seen."""
    runs = [item for item in inlines if isinstance(item, Text)]
    if not any(run.text.strip() for run in runs):
        return []
    return joined(Piece(run.text, Op.SAME, run.strong, run.emphasis, run.filled) for run in runs)


def line_of_words(text: str) -> tuple[Piece, ...]:
    """A text that is no Markdown, on one line, placeholders named."""
    text = " ".join(text.split())
    pieces: list[Piece] = []
    at = 0
    for match in PLACEHOLDER.finditer(text):
        pieces += [Piece(typeset(text[at : match.start()])), Piece(named(match[1]), slot=match[1])]
        at = match.end()
    return tuple(joined([*pieces, Piece(typeset(text[at:]))]))


# Two sequences of parts


def compare_parts(old: Sequence[Part], new: Sequence[Part]) -> tuple[Part, ...]:
    """Both versions as one sequence."""
    steps = _align(old, new, _likeness)
    old = _same_counts(old, new, steps)
    found: list[Part] = []
    at_old = at_new = 0
    for out, come in steps:
        gone, here = old[at_old : at_old + out], new[at_new : at_new + come]
        at_old, at_new = at_old + out, at_new + come
        found += _paired(gone, here) if gone and here else _whole(gone or here, Op.OLD if gone else Op.NEW)
    return tuple(found)


def whole(parts: Iterable[Part], op: Op) -> tuple[Part, ...]:
    """Parts that are in one version only."""
    return tuple(_whole(parts, op))


def _whole(parts: Iterable[Part], op: Op) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Line):
            yield replace(part, pieces=_all(part.pieces, op), mark=op)
        else:
            yield replace(part, rows=tuple(_whole_row(row, op) for row in part.rows))


def _whole_row(row: Row, op: Op) -> Row:
    return Row(tuple(_all(cell, op) for cell in row.cells), op)


def _all(pieces: Iterable[Piece], op: Op) -> tuple[Piece, ...]:
    return tuple(replace(piece, op=op) for piece in pieces)


def _paired(old: Sequence[Part], new: Sequence[Part]) -> list[Part]:
    first, second = old[0], new[0]
    if isinstance(first, Grid) and isinstance(second, Grid):
        return [_grids(first, second)]
    return list(
        _lines([part for part in old if isinstance(part, Line)], [part for part in new if isinstance(part, Line)])
    )


def _grids(old: Grid, new: Grid) -> Grid:
    """Two tables of the same columns: the headers are paired, the other rows by their words."""
    rows = (_rows(old.rows[0], new.rows[0]), *_compare_rows(old.rows[1:], new.rows[1:], _row_likeness))
    return replace(new, rows=rows)


def compare_named_rows(old: Sequence[Row], new: Sequence[Row]) -> tuple[Row, ...]:
    """Two lists of rows whose first cell names what the second says: only rows of the same name are paired."""
    return tuple(_compare_rows(old, new, _named_likeness))


def _compare_rows(old: Sequence[Row], new: Sequence[Row], likeness: "Likeness[Row]") -> Iterator[Row]:
    at_old = at_new = 0
    for out, come in _align(old, new, likeness):
        gone, here = old[at_old : at_old + out], new[at_new : at_new + come]
        at_old, at_new = at_old + out, at_new + come
        if gone and here:
            yield _rows(gone[0], here[0])
        else:
            yield from (_whole_row(row, Op.OLD if gone else Op.NEW) for row in gone or here)


def _rows(old: Row, new: Row) -> Row:
    return Row(tuple(compare_pieces(before, after) for before, after in zip(old.cells, new.cells, strict=True)))


def compare_pieces(old: Sequence[Piece], new: Sequence[Piece]) -> tuple[Piece, ...]:
    """Two lines, word by word."""
    return tuple(joined(token for token in _edits(_tokens(old), _tokens(new)) if isinstance(token, Piece)))


# Which part is a version of which


class _Mark(Struct, frozen=True):
    """The end of a paragraph among words."""

    op: Op = Op.SAME


class _Weighed(Struct, Generic[Item], frozen=True):
    """Something with its words, how often each."""

    item: Item
    words: Counter[str]


Likeness = Callable[[Sequence[_Weighed[Item]], Sequence[_Weighed[Item]]], float]
"""What is gained by taking items as versions of one another; 0 when they are not."""
Step = tuple[int, int]
"""How many items of the old sequence, and of the new one, go together: (1, 1), (1, 0), (0, 1), (1, 2) or (2, 1)."""


def _align(old: Sequence[Item], new: Sequence[Item], likeness: Likeness[Item]) -> list[Step]:
    """The steps that keep most words together; what starts and ends both sequences is paired first."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = [[_Weighed(item, _words(item)) for item in items[start : len(items) - end]] for items in (old, new)]
    return [*[(1, 1)] * start, *_align_weighed(middle[0], middle[1], likeness), *[(1, 1)] * end]


def _align_weighed(
    old: Sequence[_Weighed[Item]], new: Sequence[_Weighed[Item]], likeness: Likeness[Item]
) -> list[Step]:
    """Dynamic programming from the end; of equal gains, the first step of the list is taken."""
    rows, columns = len(old), len(new)
    if rows * columns > MAX_PAIRS:
        return [*[(1, 0)] * rows, *[(0, 1)] * columns]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    taken: dict[Step, Step] = {}
    for at in range(rows, -1, -1):
        for to in range(columns, -1, -1):
            choices = [
                (best[at + out][to + come] + gain, (out, come))
                for out, come in ((1, 1), (2, 1), (1, 2), (1, 0), (0, 1))
                if at + out <= rows and to + come <= columns
                if (gain := likeness(old[at : at + out], new[to : to + come]) if out and come else 0) or not out * come
            ]
            if choices:
                best[at][to], taken[at, to] = max(choices, key=lambda choice: choice[0])
    steps: list[Step] = []
    at = to = 0
    while (at, to) in taken:
        steps.append(taken[at, to])
        at, to = at + steps[-1][0], to + steps[-1][1]
    return steps


def _likeness(old: Sequence[_Weighed[Part]], new: Sequence[_Weighed[Part]]) -> float:
    parts = [weighed.item for weighed in (*old, *new)]
    lines = [part for part in parts if isinstance(part, Line)]
    if len(lines) < len(parts):
        same_columns = not lines and len(parts) == 2 and len({_columns(part) for part in parts}) == 1
        return 1 + _shared(old, new) if same_columns else 0
    kinds = {(line.shape.role, line.shape.depth) for line in lines}
    joins = len(parts) > 2
    if (joins or Role.GAP in {role for role, _ in kinds}) and len(kinds) > 1:
        return 0
    if not any(line.pieces for line in lines):
        return 0 if joins else 0.1
    # Of two ways that keep the same words, the one with fewer marks and shapes that change.
    return max(_enough(old, new) - 0.25 * (len(kinds) - 1) - 0.5 * joins, 0)


def _columns(part: Part) -> tuple[str, ...]:
    return part.aligns if isinstance(part, Grid) else ()


def _row_likeness(old: Sequence[_Weighed[Row]], new: Sequence[_Weighed[Row]]) -> float:
    if len(old) + len(new) > 2:
        return 0
    return _enough(old, new) or 0.5 * (old[0].item == new[0].item)


def _named_likeness(old: Sequence[_Weighed[Row]], new: Sequence[_Weighed[Row]]) -> float:
    if len(old) + len(new) > 2 or old[0].item.cells[0] != new[0].item.cells[0]:
        return 0
    return 1 + _shared(old, new)


def _enough(old: Sequence[_Weighed[Item]], new: Sequence[_Weighed[Item]]) -> int:
    """The number of words shared, 0 when they are too few."""
    total = sum(weighed.words.total() for weighed in (*old, *new))
    shared = _shared(old, new)
    return shared if 2 * shared >= ALIKE * total else 0


def _shared(old: Sequence[_Weighed[Item]], new: Sequence[_Weighed[Item]]) -> int:
    before, after = (sum((weighed.words for weighed in side), Counter[str]()) for side in (old, new))
    return (before & after).total()


def _words(item: Part | Row) -> Counter[str]:
    """The words of a paragraph, a row or a table, how often each."""
    if isinstance(item, Grid):
        return sum((_words(row) for row in item.rows), Counter[str]())
    cells = (item.pieces,) if isinstance(item, Line) else item.cells
    words: Counter[str] = Counter()
    for piece in (piece for pieces in cells for piece in pieces):
        words.update([piece.text] if piece.slot else re.findall(r"\w+", piece.text))
    return words


def _same_counts(old: Sequence[Part], new: Sequence[Part], steps: Sequence[Step]) -> list[Part]:
    """The old parts, their lists numbered as those of the new ones that they became; the others have numbers of their own."""
    became: dict[int, int] = {}
    at_old = at_new = 0
    for out, come in steps:
        if out and come:
            before, after = _shape(old[at_old]), _shape(new[at_new])
            if before.count and after.count and before.depth == after.depth and after.count not in became.values():
                became.setdefault(before.count, after.count)
        at_old, at_new = at_old + out, at_new + come
    return [_counted(part, became) for part in old]


def _shape(part: Part) -> Shape:
    return part.shape if isinstance(part, Line) else Shape(Role.GAP)


def _counted(part: Part, became: Mapping[int, int]) -> Part:
    count = _shape(part).count
    if not count or isinstance(part, Grid):
        return part
    return replace(part, shape=replace(part.shape, count=became.get(count, -count)))


# Words


Token = Piece | _Mark


def _tokens(pieces: Iterable[Piece]) -> list[Token]:
    """The words, blanks and signs of a line; a placeholder is one."""
    found: list[Token] = []
    for piece in pieces:
        texts = [piece.text] if piece.slot else _WORD.findall(piece.text)
        found += [replace(piece, text=text) for text in texts]
    return found


def _lines(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Line]:
    """Paragraphs that became one another, their words and marks compared as one sequence."""
    before, after = ([token for line in lines for token in (*_tokens(line.pieces), _Mark())] for lines in (old, new))
    shapes = {Op.OLD: iter([line.shape for line in old]), Op.NEW: iter([line.shape for line in new])}
    pieces: list[Piece] = []
    # The last marks are one, whatever the words: what ends here ends in both versions.
    for token in (*_edits(before[:-1], after[:-1]), _Mark()):
        if isinstance(token, Piece):
            pieces.append(token)
            continue
        was = next(shapes[Op.OLD]) if token.op is not Op.NEW else None
        shape = next(shapes[Op.NEW]) if token.op is not Op.OLD else was
        if shape is None:
            raise AssertionError("a mark is in one version at least")
        changed = was if token.op is Op.SAME and was != shape else None
        yield Line(tuple(joined(pieces)), shape, token.op, changed)
        pieces = []


def _edits(old: Sequence[Token], new: Sequence[Token]) -> Iterator[Token]:
    """Both sequences as one, every token with what became of it."""
    if len(old) * len(new) > MAX_WORDS and list(old) != list(new):
        yield from (replace(token, op=Op.OLD) for token in old)
        yield from (replace(token, op=Op.NEW) for token in new)
        return
    for out, come, same in _smoothed(list(old), list(new)):
        yield from (replace(token, op=Op.OLD) for token in out)
        yield from (replace(token, op=Op.NEW) for token in come)
        yield from same


def _smoothed(old: list[Token], new: list[Token]) -> Iterator[tuple[list[Token], list[Token], list[Token]]]:
    """Words out, words in, words that stay, in turn; a lone blank or sign between two changes is part of them."""
    out: list[Token] = []
    come: list[Token] = []
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (tag, first, last, start, end) in enumerate(codes):
        same = old[first:last]
        if tag != "equal":
            out, come = out + same, come + new[start:end]
        elif number < len(codes) - 1 and (out or come) and _is_slight(same) and out and come:
            out, come = out + same, come + same
        else:
            yield from _without_blank(out, come)
            yield [], [], same
            out, come = [], []
    yield from _without_blank(out, come)


def _without_blank(out: list[Token], come: list[Token]) -> Iterator[tuple[list[Token], list[Token], list[Token]]]:
    """The same, a last word kept when it only gained or lost the blank before it, as where paragraphs were joined."""
    old, new = (side[-1] if side else None for side in (out, come))
    if isinstance(old, Piece) and isinstance(new, Piece) and not old.slot:
        word = replace(old, text=old.text.lstrip())
        if word.text and word == replace(new, text=new.text.lstrip()):
            blanks = [[replace(piece, text=piece.text[: -len(word.text)])] for piece in (old, new)]
            yield [*out[:-1], *blanks[0]], [*come[:-1], *blanks[1]], [word]
            return
    yield out, come, []


def _is_slight(tokens: Sequence[Token]) -> bool:
    """Whether it is a lone sign."""
    return len(tokens) == 1 and isinstance(tokens[0], Piece) and _SIGN.match(tokens[0].text) is not None
