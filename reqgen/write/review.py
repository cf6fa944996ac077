"""The review of a clause set in its file: every other character stays, comments, order and ends of lines included."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from reqgen.write.edit import CannotEditError

BLOCK = "relecture"
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_QUOTED = '"'
Change = tuple[int, int, str]
"""The characters from the first number to the second, and what stands in their place."""


def set_review(source: str, values: Mapping[str, str]) -> str:
    """The YAML text of a clause with these keys of its `relecture` set; its other keys stay.

    `source` is YAML that reqgen.load.tree accepted: no tags, no cycles, bounded. A name is quoted, since it may hold anything.
    Raises CannotEditError when the file cannot be made to hold these values and the same others.
    """
    mark = "\ufeff" if source.startswith("\ufeff") else ""
    text = source.removeprefix(mark)
    node = _block(text)
    made = text
    for start, end, words in sorted(_changes(text, node, values), reverse=True):
        made = made[:start] + words + made[end:]
    _check(text, made, values)
    return mark + made


def _block(text: str) -> Any:
    root: Any = yaml.compose(text, Loader=_LOADER)
    found = next((value for key, value in root.value if key.value == BLOCK), None)
    if not isinstance(found, yaml.MappingNode) or not found.value:
        raise CannotEditError(f"« {BLOCK} » n'y est pas une table")
    return found


def _changes(text: str, node: Any, values: Mapping[str, str]) -> Iterator[Change]:
    """The values that are there, in place; the others after the last one, written as the block is."""
    there = {key.value: value for key, value in node.value}
    quoted = node.value[0][0].style == _QUOTED  # JSON stays JSON
    for name, value in values.items():
        if name in there:
            old = there[name]
            written = _written(name, value, quoted or bool(old.style))
            yield old.start_mark.index, old.end_mark.index, written
    lines = [
        f"{json.dumps(name) if quoted else name}: {_written(name, value, quoted)}"
        for name, value in values.items()
        if name not in there
    ]
    if lines:
        yield _after(text, node, lines)


def _written(name: str, value: str, quoted: bool) -> str:
    """The value as YAML: a status and a day are plain words, what a person typed is not."""
    return value if name in ("statut", "le") and not quoted else json.dumps(value, ensure_ascii=False)


def _after(text: str, node: Any, lines: list[str]) -> Change:
    """The lines after the last value of the block, past a comment on its line."""
    end = node.value[-1][1].end_mark.index
    if node.flow_style:
        return end, end, "".join(f", {line}" for line in lines)
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop - (text[stop - 1] == "\r")
    margin = ("\r\n" if "\r\n" in text else "\n") + " " * node.value[0][0].start_mark.column
    return stop, stop, "".join(f"{margin}{line}" for line in lines)


def _check(old: str, new: str, values: Mapping[str, str]) -> None:
    """Raise CannotEditError unless only these keys of the review differ."""
    try:
        before, after = (yaml.load(text, Loader=_LOADER) for text in (old, new))  # noqa: S506 (BaseLoader: texts only)
        right = {**before, BLOCK: {**before[BLOCK], **values}} == after and list(before) == list(after)
    except (yaml.YAMLError, LookupError, TypeError):
        raise CannotEditError("le fichier ne serait plus du YAML correct") from None
    if not right:
        raise CannotEditError("d'autres valeurs du fichier changeraient")
