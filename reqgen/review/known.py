"""What each paragraph of a clause, as a redline shows it, is in the clause: what lets it be read back once edited."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from reqgen.fingerprint import FIXED, METHOD, TEXT, TITLE, short_source
from reqgen.model.document import Mark
from reqgen.model.library import Clause
from reqgen.model.revision import Grid, Known, Line, Part, Piece
from reqgen.prose import NBSP
from reqgen.review.source import Segment, segments


def known_parts(
    clause: Clause, title: Line, fields: Grid, texts: Iterable[tuple[Line, Sequence[Part], str]], method_name: str
) -> Iterator[Known | None]:
    """One for each paragraph in reading order; None for one that shows nothing.

    `texts` are headings with what stands under them, and the letter of that part (TEXT or REASON). The name of a field that
    ends with a method of verification starts with `method_name`.
    """
    lines = _Fixed(clause)
    yield Known(Mark(clause.id, TITLE, 0, short_source(clause.title)), _text(title.pieces).partition(" – ")[2])
    methods = iter(enumerate(clause.verifications))
    for row in fields.rows:
        name, value = map(_text, row.cells)
        yield lines.known(name)
        found = next(methods, None) if name.startswith(method_name) else None
        yield lines.known(value) if found is None else _with_method(lines, value, found[0], found[1].method.text)
    for heading, shown, part in texts:
        yield lines.known(_text(heading.pieces))
        yield from _prose(clause.id, part, clause.text.text if part == TEXT else clause.rationale, shown)


class _Fixed:
    """Counts the lines of a clause that are no text of a person."""

    def __init__(self, clause: Clause):
        self.clause, self.numbers = clause.id, count()

    def known(self, words: str) -> Known:
        return Known(Mark(self.clause, FIXED, next(self.numbers), short_source("")), words)


def _with_method(lines: _Fixed, value: str, index: int, method: str) -> Known:
    """A field « test, par acheteur : méthode »."""
    head, colon, tail = value.partition(f"{NBSP}: ")
    whole = lines.known(head + colon)
    return Known(whole.mark, whole.words, Mark(lines.clause, METHOD, index, short_source(method)), tail)


def _prose(clause: str, part: str, text: str, shown: Iterable[Part]) -> Iterator[Known | None]:
    """Paragraphs, items and cells of a text, by their numbers among its segments."""
    source, cuts = short_source(text), enumerate(segments(text))

    def known(words: str, *, cell: bool) -> Known | None:
        index = next((at for at, cut in cuts if cut.cell == cell and (cell or _is_shown(cut))), None)
        return Known(Mark(clause, part, index, source), words) if index is not None and words.strip() else None

    for one in shown:
        if isinstance(one, Line):
            yield known(_text(one.pieces), cell=False) if one.pieces else None
        else:
            yield from (known(_text(cell), cell=True) for row in one.rows for cell in row.cells)


def _is_shown(cut: Segment) -> bool:
    return bool(cut.pieces) or cut.opaque


def _text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)
