"""Texts of the library cut as documents show them: where each word of a paragraph, an item or a cell stands in the source."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from reqgen.fingerprint import tokens
from reqgen.prose import PLACEHOLDER, parsed

if TYPE_CHECKING:
    from markdown_it.token import Token


class Piece(Struct, frozen=True):
    """A word, a sign or a placeholder (then its name) of a segment: its place in the field's text, its look."""

    word: str
    start: int
    end: int
    strong: bool = False
    emphasis: bool = False
    placeholder: str = ""


class Segment(Struct, frozen=True):
    """A paragraph, an item or a cell of a field. `opaque`: its words cannot be placed in the source (entities, code)."""

    start: int
    end: int
    pieces: tuple[Piece, ...] = ()
    markdown: bool = True
    cell: bool = False
    opaque: bool = False


class _Sign(Struct, frozen=True):
    """A character as shown: where it stands in the source, and its look."""

    shown: str
    at: int
    strong: bool
    emphasis: bool


def plain_segment(text: str, *, placeholders: bool = True) -> Segment:
    """The only segment of a text that is no Markdown: a title, a method."""
    signs = [_Sign(sign, at, False, False) for at, sign in enumerate(text)]
    stripped = len(text) - len(text.lstrip())
    return Segment(stripped, len(text.rstrip()), tuple(_pieces(signs, placeholders)), markdown=False)


def segments(text: str) -> list[Segment]:
    """The segments of a Markdown text in the order in which documents show them."""
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    found: list[Segment] = []
    in_cell, row, at = False, 0, 0  # a row of a table, and how far its cells have been met
    for token in parsed(text):
        if token.type in ("td_open", "th_open"):
            in_cell = True
        elif token.type == "tr_open" and token.map:
            row, at = token.map[0], 0
        elif token.type == "inline" and in_cell:
            begin = lines[row].find(token.content, at)
            at = begin + len(token.content) if begin >= 0 else at
            places = None if begin < 0 else [starts[row] + begin + sign for sign in range(len(token.content))]
            found.append(_segment(token, places, cell=True))
            in_cell = False
        elif token.type == "inline":
            found.append(_segment(token, _places(token, lines, starts), cell=False))
        elif token.content:  # code, which `validate` refuses
            found.append(Segment(0, 0, opaque=True))
    return found


def _segment(token: "Token", places: list[int] | None, *, cell: bool) -> Segment:
    signs = None if places is None else _signs(token, places)
    if not places or signs is None:
        return Segment(0, 0, cell=cell, opaque=True)
    return Segment(places[0], places[-1] + 1, tuple(_pieces(signs, True)), cell=cell)


def _places(token: "Token", lines: Sequence[str], starts: Sequence[int]) -> list[int] | None:
    """Where each character of a paragraph's content stands in the text: its lines have lost marks of lists and indents."""
    if token.map is None:
        return None
    places: list[int] = []
    for number, part in enumerate(token.content.split("\n"), token.map[0]):
        stripped = part.strip()
        begin = lines[number].rfind(stripped) - (len(part) - len(part.lstrip())) if number < len(lines) else -1
        if begin < 0:
            return None
        if places:
            places.append(starts[number] - 1)  # the end of the line before
        places += range(starts[number] + begin, starts[number] + begin + len(part))
    return places


def _signs(token: "Token", places: Sequence[int]) -> list[_Sign] | None:
    """Each character shown, with its place; None when something else than emphasis and escapes stands between them."""
    found: list[_Sign] = []
    content, at = token.content, 0
    strong = emphasis = 0
    for child in token.children or ():
        if child.type in ("strong_open", "strong_close"):
            strong += child.nesting
        elif child.type in ("em_open", "em_close"):
            emphasis += child.nesting
        shown = "\n" if child.type in ("softbreak", "hardbreak") else child.content
        for sign in shown:
            begin = at
            at = content.find(sign, at)
            if at < 0 or content[begin:at].strip("*_\\ "):
                return None
            found.append(_Sign(sign, places[at], strong > 0, emphasis > 0))
            at += 1
    return found


def _pieces(signs: Sequence[_Sign], placeholders: bool) -> Iterator[Piece]:
    text = "".join(sign.shown for sign in signs)
    at = 0
    for match in PLACEHOLDER.finditer(text) if placeholders else ():
        yield from _words(signs[at : match.start()])
        first, last = signs[match.start()], signs[match.end() - 1]
        yield Piece("", first.at, last.at + 1, first.strong, first.emphasis, placeholder=match[1])
        at = match.end()
    yield from _words(signs[at:])


def _words(signs: Sequence[_Sign]) -> Iterator[Piece]:
    for token in tokens("".join(sign.shown for sign in signs)):
        first, last = signs[token.start], signs[token.end - 1]
        yield Piece(token.word, first.at, last.at + 1, first.strong, first.emphasis)
