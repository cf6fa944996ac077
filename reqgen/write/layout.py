"""The canonical layout of a YAML file: keys in the order of its schema, one way to write each value, comments kept.

What the author chose stays when it is one of the good ways: a list between brackets, a text on one line, line ends of
a reasonable width. So a file that is nearly right changes in few lines. Laying out a file twice changes nothing more.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from reqgen.write.comments import Entry, read
from reqgen.write.wrap import LIMIT, WIDTH, breakable, broken, folded, markdown

STEP = 2
MARKDOWN = "text/markdown"
"""The `contentMediaType` by which a schema says that a text is Markdown: it is written as a literal block, `|`."""

MAX_PROSE = 20_000
"""Characters of the longest text that a schema admits; a longer Markdown is not parsed, and keeps its lines."""

Schema = Mapping[str, Any]

# What a plain scalar may not be, in one or other version of YAML or for one or other reader.
_SIGN_FIRST = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`=<~\s]")
_NUMBER_LIKE = re.compile(r"[-+.\d][\d._,:eExXoa-fA-FT+-]*\Z")
_WORDS = frozenset({"", "null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def layout(text: str, schema: Schema) -> str:
    """The file in canonical layout.

    `text` is YAML that reqgen.load.tree accepted, with line feeds only, whose root is a table; `schema` is that of its
    kind. The values are the same, but for the line ends of Markdown, which give the same blocks. Raises
    CannotLayOutError when it has what this layout cannot say.
    """
    root = read(text)
    out: list[str] = []
    head = _head(root)
    _put(out, head, 0)
    _Writer(text).table(root, 0, schema, out)
    while out and not out[0]:
        del out[0]
    return "\n".join(out) + "\n"


def below(schema: Schema, key: str | int) -> Schema:
    """The part of a schema about a key of a table, or about the items of a list."""
    values = schema.get("properties", {})
    found = schema.get("items") if isinstance(key, int) else values.get(key, schema.get("additionalProperties"))
    return found if isinstance(found, dict) else {}


def _head(root: Entry) -> list[str]:
    """The comments at the top of the file, taken from its first key: they stay there whichever key comes first."""
    if not root.entries:
        return [*root.beside, *root.below]
    first = root.entries[0]
    head, first.above = [*root.beside, *first.above], []
    return head


def _put(out: list[str], above: Sequence[str], indent: int, *, first: bool = False) -> None:
    """Write comments and blank lines; none of these at the beginning of a table or twice."""
    for line in above:
        if line:
            out.append(" " * indent + line)
        elif out and out[-1] and not first:
            out.append("")
        first = first and not line


def _ordered(entries: Sequence[Entry], schema: Schema) -> list[Entry]:
    """The keys that the schema lists in its order, then the others in their own."""
    known = list(schema.get("properties", ()))
    return sorted(entries, key=lambda entry: known.index(entry.key.value) if entry.key.value in known else len(known))


class _Writer:
    """Writes entries as lines; `text` is the file, from which scalars are taken as they were written."""

    def __init__(self, text: str):
        self.text = text

    def table(self, entry: Entry, indent: int, schema: Schema, out: list[str]) -> None:
        for number, inner in enumerate(_ordered(entry.entries, schema)):
            _put(out, inner.above, indent, first=number == 0 and indent > 0)
            key = f"{' ' * indent}{self.key(inner.key, flow=False)}:"
            self.value(key, inner, indent, below(schema, inner.key.value), out)
        _put(out, entry.below, indent)

    def sequence(self, entry: Entry, indent: int, schema: Schema, out: list[str]) -> None:
        for number, inner in enumerate(entry.entries):
            item = below(schema, number)
            block = self.as_block(inner, indent + STEP, item)
            _put(out, [*inner.above, *(_lifted(inner, item) if block else [])], indent, first=number == 0)
            if not block:
                self.value(f"{' ' * indent}-", inner, indent, item, out)
                continue
            lines: list[str] = []
            self.block(inner, indent + STEP, item, lines)
            out.append(f"{' ' * indent}- {lines[0][indent + STEP :]}")
            out += lines[1:]
        _put(out, entry.below, indent)

    def block(self, entry: Entry, indent: int, schema: Schema, out: list[str]) -> None:
        if isinstance(entry.value, yaml.MappingNode):
            self.table(entry, indent, schema, out)
        else:
            self.sequence(entry, indent, schema, out)

    def as_block(self, entry: Entry, width: int, schema: Schema) -> bool:
        """Whether a value is written as a block, `width` columns being taken before it on its line."""
        if not entry.entries:
            return False
        if not entry.flow or entry.commented:
            return True
        node = entry.value
        one_line = node.start_mark.line == node.end_mark.line
        return width + len(self.flow(entry, schema)) > (LIMIT if one_line else WIDTH)

    def value(self, prefix: str, entry: Entry, indent: int, schema: Schema, out: list[str]) -> None:
        """A value after its key or its dash, which stands at `indent` columns."""
        after = "".join(f" {comment}" for comment in entry.beside)
        if isinstance(entry.value, yaml.ScalarNode):
            first, rest = self.scalar(entry.value, len(prefix) + 1, indent + STEP, schema)
            out.append(f"{prefix} {first}".rstrip(" ") + after)
            out += rest
        elif self.as_block(entry, len(prefix) + 1, schema):
            out.append(prefix + after)
            self.block(entry, indent + STEP, schema, out)
        else:
            out.append(f"{prefix} {self.flow(entry, schema)}{after}")
            if not entry.entries:
                _put(out, entry.below, indent + STEP)

    def flow(self, entry: Entry, schema: Schema) -> str:
        """A value on one line."""
        node = entry.value
        if isinstance(node, yaml.ScalarNode):
            return self.inline(node, flow=True) or "null"
        if isinstance(node, yaml.SequenceNode):
            return f"[{', '.join(self.flow(inner, below(schema, 0)) for inner in entry.entries)}]"
        pairs = (
            f"{self.key(inner.key, flow=True)}: {self.flow(inner, below(schema, inner.key.value))}"
            for inner in _ordered(entry.entries, schema)
        )
        return f"{{{', '.join(pairs)}}}"

    def key(self, node: Any, *, flow: bool) -> str:
        return self.inline(node, flow=flow) or '""'

    def inline(self, node: Any, *, flow: bool) -> str:
        """A scalar on one line: as it was written when it had no quotes, else with the fewest that it needs."""
        if not node.style:
            return node.value if "\n" not in node.value else _quoted(node.value)
        return node.value if _plain(node.value, flow=flow) else _quoted(node.value)

    def scalar(self, node: Any, width: int, indent: int, schema: Schema) -> tuple[str, list[str]]:
        """A scalar's first line, after `width` columns, and its other lines."""
        value = node.value
        if not value.strip():
            return ("" if not node.style else _quoted(value)), []
        if schema.get("contentMediaType") == MARKDOWN and len(value) <= MAX_PROSE:
            return _literal(markdown(value, indent) + "\n", indent)
        if node.style == "|" or (node.style == ">" and "\n" in value.rstrip("\n")):
            return _literal(value, indent)
        if node.style == ">" and value.rstrip("\n").strip(" ") == value.rstrip("\n"):
            return f">{_chomp(value)}", _padded(folded(self.source_lines(node), indent), indent, value)
        return self.text_line(node, width, indent)

    def text_line(self, node: Any, width: int, indent: int) -> tuple[str, list[str]]:
        """A text that had no block: on its line, or folded when that is too long."""
        value = node.value
        line = self.inline(node, flow=False)
        one_line = node.start_mark.line == node.end_mark.line
        plain_words = "\n" not in value and value.strip(" ") == value and "\t" not in value
        if width + len(line) > (LIMIT if one_line else WIDTH) and plain_words and breakable(value):
            return ">-", _padded(broken(value, indent), indent, value)
        return line, []

    def source_lines(self, node: Any) -> list[str]:
        """The lines of a folded block of one paragraph."""
        written = self.text[node.start_mark.index : node.end_mark.index].split("\n")[1:]
        return [line.strip(" ") for line in written if line.strip(" ")]


def _lifted(entry: Entry, schema: Schema) -> list[str]:
    """The comments before the first word of an item, taken out of it: they are written above its dash."""
    first = entry.entries[0]
    if isinstance(entry.value, yaml.MappingNode):
        first = _ordered(entry.entries, schema)[0]
    found = [*entry.beside, *first.above]
    entry.beside, first.above = [], []
    if first.key is None and first.entries:
        found += _lifted(first, below(schema, 0))
    return [line for line in found if line]


def _plain(value: str, *, flow: bool) -> bool:
    """Whether a text needs no quotes. In doubt it does."""
    return not (
        value.casefold() in _WORDS
        or _SIGN_FIRST.match(value)
        or _NUMBER_LIKE.match(value)
        or not value.isprintable()
        or value.endswith((" ", ":"))
        or ": " in value
        or " #" in value
        or (flow and re.search(r"[,\[\]{}:?#&*!|>\"%@`]", value))
    )


def _quoted(value: str) -> str:
    """A text between quotes: double ones, or single ones where double ones would need an escape."""
    if value.isprintable() and ('"' in value or "\\" in value):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def _chomp(value: str) -> str:
    """How a block says what follows its last line: nothing, a line feed, several."""
    ends = len(value) - len(value.rstrip("\n"))
    return ("-", "")[ends] if ends < 2 else "+"


def _literal(value: str, indent: int) -> tuple[str, list[str]]:
    """A text line by line. The indentation is told when the first line begins with spaces of its own."""
    lines = value.removesuffix("\n").split("\n")
    told = next((str(STEP) for line in lines if line.startswith(" ")), "") if _spaces_first(lines) else ""
    return f"|{told}{_chomp(value)}", [" " * indent + line if line else "" for line in lines]


def _spaces_first(lines: Sequence[str]) -> bool:
    first = next((index for index, line in enumerate(lines) if line.strip(" ")), 0)
    return any(line.startswith(" ") for line in lines[: first + 1])


def _padded(lines: Sequence[str], indent: int, value: str) -> list[str]:
    ends = len(value) - len(value.rstrip("\n"))
    return [*(" " * indent + line for line in lines), *([""] * (ends - 1))]
