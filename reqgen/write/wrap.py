"""Lines of prose broken where it changes nothing: only the line ends of a text that is too wide or too ragged move."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from reqgen import prose
from reqgen.model.document import Block

WIDTH = 120
"""Columns that a text is broken at, indentation included."""
LIMIT = 140
"""Columns that a line already written may take: breaking it again would move every line end below it in the history."""
SHORT = 90
"""A line to which the next word could be added within these columns was cut too soon."""

_HARD_BREAK = re.compile(r"(?: {2,}|\\)\Z")
# Alone at the start of a line, these would begin a list, a heading, a quotation, a rule, a table or a block of code.
_STARTER = re.compile(r"(?:[-+*_=#]+|\d{1,9}[.)]|[>|<].*|(?:```|~~~).*)\Z")
# Between two spaces, or nothing where there are several; a placeholder is one word with what touches it.
_WORD = re.compile(r"(?:\{\{[^{}\n]{0,200}\}\}|[^ ])+|(?<= )(?= )|\A(?= )|(?<= )\Z|\A\Z")
_CLOSING, _OPENING = frozenset(":;!?»%€"), "«"


def folded(lines: Sequence[str], indent: int) -> list[str]:
    """The lines of one paragraph that has no markup, as they are when they are of a reasonable width."""
    return list(lines) if _settled(lines, indent) else _filled(lines, "", "", indent)


def broken(text: str, indent: int) -> list[str]:
    """A text without markup or line ends, on lines as full as WIDTH allows."""
    return _filled([text], "", "", indent)


def breakable(text: str) -> bool:
    """Whether the text can stand on more than one line."""
    return sum(1 for _ in _chunks(text)) > 1


def markdown(text: str, indent: int) -> str:
    """Markdown prose that gives the same blocks, its paragraphs broken anew where a line is too long or too short.

    Tables are left alone, hard breaks and placeholders are not broken; items of lists are continued below their text.
    """
    text = text.strip("\n")
    clean = _clean(text)
    if not same_blocks(text, clean):
        return text
    lines = clean.split("\n")
    if _settled([line for line in lines if line], indent):
        return clean
    for first, last, start in reversed(list(_paragraphs(clean, lines))):
        lines[first:last] = _paragraph(lines[first:last], start, indent)
    wrapped = "\n".join(lines)
    return wrapped if same_blocks(clean, wrapped) else clean


def same_blocks(one: str, other: str) -> bool:
    """Whether two Markdown texts give the same document."""
    return _blocks(one) == _blocks(other)


def _blocks(text: str) -> tuple[Block, ...]:
    return prose.blocks(text, lambda name: f"[{name}]")


def _clean(text: str) -> str:
    """No blank line at the ends or twice, no space at the end of a line but the two of a hard break."""
    lines = text.split("\n")
    kept = [_bare(line, following) for line, following in zip(lines, [*lines[1:], ""], strict=True)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def _bare(line: str, following: str) -> str:
    bare = line.rstrip(" ")
    return f"{bare}  " if bare and len(line) - len(bare) > 1 and following.strip() else bare


def _paragraphs(text: str, lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Of each paragraph: its lines, and what stands before its words on the first of them (a dash, a number, spaces)."""
    tokens = prose.parsed(text)
    for opened, inline in pairwise(tokens):
        if opened.type == "paragraph_open" and opened.map and inline.content:
            first, last = opened.map
            start = lines[first][: max(lines[first].find(inline.content.split("\n")[0]), 0)]
            yield first, last, start if start.strip() or opened.level else ""


def _paragraph(lines: Sequence[str], start: str, indent: int) -> list[str]:
    words = [lines[0][len(start) :], *lines[1:]]
    if _settled(lines, indent):
        return list(lines)
    rest = " " * len(start)
    found: list[str] = []
    part: list[str] = []
    for line in words:
        part.append(line)
        if hard := _HARD_BREAK.search(line):
            part[-1] = line[: hard.start()]
            found += _filled(part, rest if found else start, rest, indent)
            found[-1] += hard[0]
            part = []
    return [*found, *(_filled(part, rest if found else start, rest, indent) if part else [])]


def _settled(lines: Sequence[str], indent: int) -> bool:
    return all(len(line) + indent <= LIMIT for line in lines) and not any(
        indent + len(line) + 1 + len(next(_chunks(following.strip(" ")))) <= SHORT
        for line, following in pairwise(lines)
        if not _HARD_BREAK.search(line)
    )


def _filled(lines: Sequence[str], start: str, rest: str, indent: int) -> list[str]:
    """The words on lines as full as WIDTH allows."""
    found: list[str] = []
    current = ""
    for chunk in _chunks(" ".join(line.strip(" ") for line in lines)):
        wider = f"{current} {chunk}" if current else chunk
        if current and indent + len(rest) + len(wider) > WIDTH:
            found.append(current)
            current = chunk
        else:
            current = wider
    return [f"{rest if index else start}{line}" for index, line in enumerate([*found, current])]


def _chunks(text: str) -> Iterator[str]:
    """What must stay on one line: a word with its placeholder, its closing sign, its guillemet, its odd spaces."""
    words = _WORD.findall(text)
    held = words[:1]
    for before, word in pairwise(words):
        if not _together(before, word):
            yield " ".join(held)
            held = []
        held.append(word)
    yield " ".join(held)


def _together(before: str, word: str) -> bool:
    return not (before and word) or before.endswith(_OPENING) or word in _CLOSING or _STARTER.match(word) is not None
