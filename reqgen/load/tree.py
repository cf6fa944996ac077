"""YAML read as JSON types only, with the place of every key and value; `reader` makes the trees."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from reqgen.model.diagnostic import Diagnostic, Place

Path = tuple[str | int, ...]
MAX_BYTES = 1_000_000
MAX_DEPTH = 30
MAX_NODES = 100_000
MAX_DIGITS = 18
MAX_FORBIDDEN = 20

# What XML 1.0 forbids, and the direction overrides that show a reader another text than the machine's.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")

# Also what libyaml refuses, or takes for the end of a line when no editor does: no place after it would be right.
UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


class Tree(Struct, frozen=True):
    """Plain data (dict, list, str, int, float, bool, None) and the place of each value and key, by path."""

    path: str
    data: Any
    values: dict[Path, Place]
    keys: dict[Path, Place]
    prose: dict[Path, Place]
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """First and last line of each text."""
    lines: tuple[str, ...] = ()
    """The lines of the file."""

    def value(self, *path: str | int) -> Any:
        """The value at `path`, which must exist."""
        value = self.data
        for key in path:
            value = value[key]
        return value

    def place(self, *path: str | int) -> Place:
        """The place of the value at `path`, or of the nearest thing that contains it."""
        at: Path = path
        while at not in self.values and at:
            at = at[:-1]
        return self.values.get(at, Place(self.path))

    def key_place(self, *path: str | int) -> Place:
        """The place of the key at `path`, else of its value."""
        return self.keys.get(path) or self.place(*path)

    def prose_place(self, *path: str | int) -> Place:
        """The place of the first character of the text at `path`: below the `|` of a block."""
        return self.prose.get(path) or self.place(*path)

    def prose_lines(self, *path: str | int) -> tuple[tuple[int, int, Place], ...]:
        """Of each line of the file: its start in the text at `path`, its length, its place. Right in a folded block too."""
        text, (first, last) = self.value(*path), self.spans.get(path, (1, 0))
        found: list[tuple[int, int, Place]] = []
        start = 0
        for number in range(first, min(last, len(self.lines)) + 1):
            line = self.lines[number - 1]
            for words, column in self._words(path, number, line):
                offset = text.find(words, start) if words else -1
                if offset >= 0:
                    found.append((offset, len(words), Place(self.path, number, column)))
                    start = offset + len(words)
                    break
        return tuple(found)

    def _words(self, path: Path, number: int, line: str) -> Iterator[tuple[str, int]]:
        """What a line of the file may hold of the text, best guess first, and the column where that starts."""
        place = self.place(*path)
        if path in self.prose:
            indent = self.prose[path].column - 1
            yield line[indent:], indent + 1
            yield line.strip(), len(line) - len(line.lstrip()) + 1
        else:
            at = place.column - 1 if number == place.line else 0
            words = line[at:].strip().strip("\"'").rstrip("\\,}]")
            yield words, line.index(words, at) + 1


def parse(path: str, text: str) -> tuple[Tree | None, list[Diagnostic]]:
    """Read one YAML file. The tree is None when the file cannot be used; findings are never raised."""
    from reqgen.load.reader import read  # what comes from the cache needs no YAML library, which is long to import

    return read(path, text)


def excerpt(text: str, line: int) -> str:
    """The text of a line, for display under a finding."""
    lines = text.splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""


def walk(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value with its path, parents first."""
    yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from walk(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from walk(value, (*path, index))
