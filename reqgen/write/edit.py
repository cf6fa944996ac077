"""One text of a clause's file changed in place: every other byte stays, comments, order and layout included."""

import json
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

import yaml

WIDTH = 120
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_PLAIN = re.compile(r"[A-Za-zÀ-ÿ][^\n]*\Z")
_WORDS = ("null", "true", "false")
"""What reqgen.load.tree takes for something else than a text."""


class CannotEditError(Exception):
    """Raised when the file would no longer hold the same other values; the message is a French clause without a stop."""


def replace_text(source: str, path: Sequence[str | int], value: str) -> str:
    """The YAML text with the text at `path` set to `value`; the layout of what stays in it is kept.

    `source` is YAML that reqgen.load.tree accepted: no tags, no cycles, bounded. In a literal block (`|`) the lines of
    `value` are those of the file; in another style only its words count, and lines are broken as they were.
    Raises CannotEditError when the file cannot be made to hold that value and the same others.
    """
    ends = "\r\n" if "\r\n" in source else "\n"
    text = source.replace("\r\n", "\n")
    node = _find(yaml.compose(text, Loader=_LOADER), path)
    made = _edited(text, node, value, plain=not node.style)
    try:
        _check(text, made, path, value, literal=node.style == "|")
    except CannotEditError:
        if node.style:
            raise
        made = _edited(text, node, value, plain=False)  # a sign in it needs quotes
        _check(text, made, path, value, literal=False)
    return made.replace("\n", ends)


def _find(node: Any, path: Sequence[str | int]) -> Any:
    for key in path:
        if isinstance(node, yaml.MappingNode):
            node = next((value for name, value in node.value if name.value == key), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            node = node.value[key]
        else:
            node = None
    if not isinstance(node, yaml.ScalarNode):
        raise CannotEditError("le fichier n'a pas ce texte")
    return node


def _edited(text: str, node: Any, value: str, *, plain: bool) -> str:
    if node.style in ("|", ">"):
        return _block(text, node, value)
    start, end = node.start_mark.index, node.end_mark.index
    old = text[start:end]
    if plain and _PLAIN.match(value) and value not in _WORDS:
        new = _rewrapped(old, value, " " * node.start_mark.column)
    elif node.style == "'":
        new = "'" + " ".join(value.split()).replace("'", "''") + "'"
    elif "\n" in node.value:
        new = json.dumps(value, ensure_ascii=False)  # its line ends are signs, and mean what those of Markdown do
    else:
        new = json.dumps(" ".join(value.split()), ensure_ascii=False)
    return text[:start] + new + text[end:]


def _block(text: str, node: Any, value: str) -> str:
    """A block's lines anew: those of a literal one as given, those of a folded one around the words that stay."""
    lines = text.split("\n")
    first = node.start_mark.line + 1
    last = _last_line(lines, first, node)
    indent = next((" " * (len(line) - len(line.lstrip(" "))) for line in lines[first:last] if line.strip()), "")
    old = "\n".join(lines[first:last])
    if node.style == "|":
        new = "\n".join(f"{indent}{line}" if line else "" for line in value.rstrip("\n").split("\n"))
    else:
        new = _rewrapped(old, value, indent)
    return "\n".join([*lines[:first], *new.split("\n"), *lines[last:]])


def _last_line(lines: Sequence[str], first: int, node: Any) -> int:
    """The line after the last one of a block that has something on it."""
    last: int = node.end_mark.line + (1 if node.end_mark.column else 0)
    while last > first and not lines[min(last, len(lines)) - 1].strip():
        last -= 1
    return last


def _rewrapped(old: str, value: str, indent: str) -> str:
    """The words of `value` with the spaces and line ends of `old` between those that stay; lines too long are broken."""
    head = old[: len(old) - len(old.lstrip())]
    before = re.findall(r"\S+", old)
    gaps = re.findall(r"\s+", old.strip())
    after = value.split()
    out: list[str] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for step in range(end - start):
            at = first + step
            same_place = tag == "equal" or (tag == "replace" and end - start == last - first)
            gap = gaps[at - 1] if at and same_place and at - 1 < len(gaps) else " "
            if step == 0 and tag == "replace" and first:
                gap = gaps[first - 1]
            out += [gap if out else head, after[start + step]]
    return _broken("".join(out), indent, old.split("\n"))


def _broken(text: str, indent: str, stay: Sequence[str]) -> str:
    """The text with its lines too long broken, but for those that are as they were."""
    found: list[str] = []
    carried = ""
    for line in text.split("\n"):
        line = f"{indent}{carried} {line.strip()}" if carried else line
        carried = ""
        while len(line) > WIDTH and line not in stay and (cut := line.rfind(" ", len(indent) + 1, WIDTH + 1)) > 0:
            carried = f"{line[cut + 1 :]} {carried}".strip()
            line = line[:cut].rstrip()
        found.append(line)
    while carried:
        line = indent + carried
        cut = line.rfind(" ", len(indent) + 1, WIDTH + 1) if len(line) > WIDTH else -1
        found.append(line[:cut] if cut > 0 else line)
        carried = line[cut + 1 :] if cut > 0 else ""
    return "\n".join(found)


def _words(text: str, has_lines: bool) -> list[list[str]]:
    """The words of a text, by line when its lines mean something."""
    return [line.split() for line in text.split("\n") if line.strip()] if has_lines else [text.split()]


def _check(old: str, new: str, path: Sequence[str | int], value: str, *, literal: bool) -> None:
    """Raise CannotEditError unless the new text holds the value, and the old one's other values in the same order."""
    try:
        before, after = (yaml.load(text, Loader=_LOADER) for text in (old, new))  # noqa: S506 (BaseLoader: texts only)
        was, now = _take(before, path), _take(after, path)
    except (yaml.YAMLError, LookupError, TypeError):
        raise CannotEditError("le fichier ne serait plus du YAML correct") from None
    if not isinstance(was, str):
        raise CannotEditError("le fichier n'a pas ce texte")
    has_lines = "\n" in was.strip("\n")
    right = now.strip("\n") == value.strip("\n") if literal else _words(now, has_lines) == _words(value, has_lines)
    if not right or json.dumps(before) != json.dumps(after):
        raise CannotEditError("d'autres valeurs du fichier changeraient")


def _take(data: Any, path: Sequence[str | int]) -> str:
    """Take the text at `path` out of the data, and return it."""
    *parents, last = path
    for key in parents:
        data = data[key]
    found = data[last]
    data[last] = ""
    return str(found)
