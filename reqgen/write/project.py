"""A project file completed in place: only the keys that are set change; comments, order and layout stay."""

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML

HEAD = "# Projet de marché. L'éditeur aide à la saisie avec le schéma : reqgen schema project > project.schema.json\n"


def complete(text: str, values: Sequence[tuple[Sequence[str | int], Any]]) -> str:
    """The YAML text with each value set at its path of keys and list positions; missing tables and lists are made.

    `text` is empty for a new file, else YAML that reqgen.load.tree has accepted: no tags, no cycles, bounded.
    """
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = yaml.load(text) if text.strip() else yaml.load("{}")
    if not text.strip():
        data = yaml.map()
    for path, value in values:
        _set(yaml, data, list(path), value)
    target = io.StringIO()
    yaml.dump(data, target)
    return target.getvalue() if text.strip() else HEAD + target.getvalue()


def _set(yaml: Any, data: Any, path: list[str | int], value: Any) -> None:
    key, rest = path[0], path[1:]
    if isinstance(key, int):
        while len(data) <= key:
            data.append(yaml.map())
    if not rest:
        data[key] = value
        return
    missing = key not in data if isinstance(key, str) else data[key] is None
    if missing:
        data[key] = yaml.seq() if isinstance(rest[0], int) else yaml.map()
    _set(yaml, data[key], rest, value)
