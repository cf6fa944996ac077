"""The entries of a YAML file as libyaml's nodes give them, each with the comments and the blank line that go with it."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from msgspec import Struct, field

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
# Spaces before it are part of the rule: without them `#` is a sign of a word.
_COMMENT = re.compile(r"(?<![^\s])#[^\n]*")
_UNUSUAL = re.compile(r"[&*!?%]")


class CannotLayOutError(Exception):
    """Raised when the file has what a canonical layout cannot say; a French clause without a stop, line and column from 1."""

    def __init__(self, message: str, line: int, column: int):
        super().__init__(message)
        self.line, self.column = line, column


class Entry(Struct, eq=False):
    """A key with its value, an item of a list, or the whole file."""

    value: Any
    key: Any = None
    start: int = 0
    """Where its key, its dash or, between brackets, its value begins, in characters from the start of the file."""
    line: int = 0
    column: int = 0
    parent: "Entry | None" = None
    entries: list["Entry"] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    """Comments on the lines above, in which an empty text is a blank line."""
    beside: list[str] = field(default_factory=list)
    """Comments at the end of its first or only line."""
    below: list[str] = field(default_factory=list)
    """Comments after the last of its entries."""

    @property
    def flow(self) -> bool:
        """Whether its value was written between brackets."""
        return isinstance(self.value, yaml.CollectionNode) and bool(self.value.flow_style)

    @property
    def commented(self) -> bool:
        """Whether there is a comment within its value."""
        return bool(self.below) or any(
            [line for line in entry.above if line] or entry.beside or entry.commented for entry in self.entries
        )


class Comment(Struct, frozen=True):
    """A comment: where it begins, and whether it is alone on its line."""

    start: int
    line: int
    column: int
    text: str
    alone: bool


def comments(text: str) -> list[str]:
    """The comments of a YAML text, in order. It is YAML that reqgen.load.tree accepted."""
    return [comment.text for comment in _comments(text, yaml.compose(text, Loader=LOADER))]


def read(text: str) -> Entry:
    """The file as entries, with their comments.

    `text` is YAML that reqgen.load.tree accepted, with line feeds only. Raises CannotLayOutError when it has anchors,
    aliases, directives or keys that are no words.
    """
    root = Entry(yaml.compose(text, Loader=LOADER))
    found = list(_comments(text, root.value))
    bare = _masked(text, root.value, found)
    if unusual := _UNUSUAL.search(bare):
        line, column = _place(text, unusual.start())
        message = "une ancre, un alias, une directive ou une clé en plusieurs mots « ? » empêche la mise en forme"
        raise CannotLayOutError(message, line + 1, column + 1)
    _fill(root, bare)
    _attach(root, found, text.split("\n"))
    return root


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
        return
    for item in node.value:
        for inner in item if isinstance(item, tuple) else (item,):
            yield from _scalars(inner)


def _spans(text: str, root: Any) -> Iterator[tuple[int, int]]:
    """The characters of each scalar, without the first line of a block, which may hold a comment."""
    for node in _scalars(root):
        start, end = node.start_mark.index, node.end_mark.index
        if node.style in ("|", ">"):
            line_end = text.find("\n", start)
            start = end if line_end < 0 else min(line_end, end)
        if end > start:
            yield start, end


def _comments(text: str, root: Any) -> Iterator[Comment]:
    at, line, line_start = 0, 0, 0
    for start, end in sorted([*_spans(text, root), (len(text), len(text))]):
        for found in _COMMENT.finditer(text, at, start):
            line += text.count("\n", line_start, found.start())
            line_start = text.rfind("\n", 0, found.start()) + 1
            alone = not text[line_start : found.start()].strip(" \t")
            yield Comment(found.start(), line, found.start() - line_start, found[0].rstrip(), alone)
        at = max(at, end)


def _masked(text: str, root: Any, found: Sequence[Comment]) -> str:
    """The text with spaces for its scalars and comments: what is left is YAML's own signs."""
    pieces: list[str] = []
    at = 0
    spans = [*_spans(text, root), *((one.start, one.start + len(one.text)) for one in found)]
    for start, end in sorted(set(spans)):
        pieces += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*pieces, text[at:]])


def _place(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)


def _fill(entry: Entry, bare: str) -> None:
    """Give the entry those of its value."""
    node = entry.value
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            mark = key.start_mark
            entry.entries.append(Entry(value, key, mark.index, mark.line, mark.column, entry))
    elif isinstance(node, yaml.SequenceNode):
        entry.entries += _items(entry, bare)
    for inner in entry.entries:
        _fill(inner, bare)


def _items(entry: Entry, bare: str) -> Iterator[Entry]:
    """The items of a list, each from its dash if it has one."""
    node = entry.value
    at = node.start_mark.index
    for item in node.value:
        mark = item.start_mark
        start, line, column = mark.index, mark.line, mark.column
        if not node.flow_style:
            start = bare.index("-", at)
            line -= bare.count("\n", start, mark.index)
            column = node.start_mark.column
        yield Entry(item, None, start, line, column, entry)
        at = max(item.end_mark.index, start + 1)


def _all(entry: Entry) -> Iterator[Entry]:
    for inner in entry.entries:
        yield inner
        yield from _all(inner)


def _attach(root: Entry, found: Sequence[Comment], lines: Sequence[str]) -> None:
    """Put each comment where it belongs: beside what begins on its line, above what follows, or below what it is under."""
    entries = list(_all(root))
    starts = [entry.start for entry in entries]
    for comment in found:
        at = bisect_right(starts, comment.start)
        last = entries[at - 1] if at else root
        while last.parent and last.parent.flow and last.parent.value.end_mark.index <= comment.start:
            last = last.parent
        if comment.alone:
            following = entries[at] if at < len(entries) else None
            target = _above_or_below(root, last, following, comment)
            target += [*([""] if _blank_before(comment.line, lines) else []), comment.text]
        else:
            last.beside.append(comment.text)
    for entry in entries:
        inside_brackets = entry.parent is not None and entry.parent.flow
        if not inside_brackets and _blank_before(entry.line, lines):
            entry.above.append("")


def _blank_before(line: int, lines: Sequence[str]) -> bool:
    return line > 0 and not lines[line - 1].strip()


def _above_or_below(root: Entry, last: Entry, after: Entry | None, comment: Comment) -> list[str]:
    brackets = _open_brackets(last, comment)
    if brackets is not None:
        at = bisect_right(brackets.entries, comment.start, key=lambda entry: entry.start)
        return brackets.entries[at].above if at < len(brackets.entries) else brackets.below
    if after is not None and after.column >= comment.column:
        return after.above
    holder: Entry | None = last.parent or root
    while holder is not None and (holder.flow or holder.entries[0].column > comment.column):
        holder = holder.parent
    if after is not None and (holder is None or after.parent is holder):
        return after.above
    return (holder or root).below


def _open_brackets(last: Entry, comment: Comment) -> Entry | None:
    """The innermost value between brackets around the comment."""
    entry: Entry | None = last
    while entry is not None:
        if entry.flow and entry.value.start_mark.index < comment.start < entry.value.end_mark.index:
            return entry
        entry = entry.parent
    return None
