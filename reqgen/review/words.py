"""Two texts compared word by word."""

import re
from difflib import SequenceMatcher

from msgspec import Struct

from reqgen.model.revision import Op

BREAK = "¶"
"""Stands between two paragraphs, and before an item of a list."""
WORD = re.compile(r"(?:\{\{[^}]*\}\}|\S)+")
ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
# What a proof-reader may move without changing what is required. Signs inside a word (« 1,5 ») are part of it.
SIGNS = ".,;:!?…«»“”\"'’()–—*_"


class Edit(Struct, frozen=True):
    """Some words, and what became of them."""

    op: Op
    text: str


def words_of(text: str) -> list[str]:
    """The words of a Markdown text, with the places where a paragraph or an item starts; how its lines are wrapped is lost."""
    found: list[str] = []
    broken = False
    for line in text.splitlines():
        broken = broken or not line.strip() or ITEM.match(line) is not None
        words = ["".join(word.split()) if "{{" in word else word for word in WORD.findall(line)]
        if words:
            found += [BREAK, *words] if broken and found else words
            broken = False
    return found


def compare_words(old: str, new: str) -> tuple[Edit, ...]:
    """The words of both texts in one sequence; a single `SAME` when only their layout differs."""
    before, after = words_of(old), words_of(new)
    edits: list[Edit] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            edits.append(Edit(Op.SAME, " ".join(before[first:last])))
            continue
        if last > first:
            edits.append(Edit(Op.OLD, " ".join(before[first:last])))
        if end > start:
            edits.append(Edit(Op.NEW, " ".join(after[start:end])))
    return tuple(edits)


def same_words(old: str, new: str) -> bool:
    """Whether only the layout of the lines differs."""
    return words_of(old) == words_of(new)


def says_the_same(old: str, new: str) -> bool:
    """Whether only capitals, punctuation around words and paragraphs differ: what cannot change what is required."""
    return _bare(old) == _bare(new)


def _bare(text: str) -> list[str]:
    words = (word.replace("’", "'").strip(SIGNS).lower() for word in words_of(text))
    return [word for word in words if word not in ("", "-", "+", BREAK)]
