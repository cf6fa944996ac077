"""YAML read as JSON types only, with the place of every key and value.

The grammar is YAML 1.1 as libyaml parses it, but scalars are resolved as YAML 1.2's JSON schema does
(https://yaml.org/spec/1.2.2/#102-json-schema): `no` and `oui` stay words, dates stay text, there is no octal. Built from
parser events with a stack of our own, so that depth, size and aliases are bounded before anything is allocated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from reqgen.model.diagnostic import Diagnostic, Place

Path = tuple[str | int, ...]
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_BYTES = 1_000_000
MAX_DEPTH = 30
MAX_NODES = 100_000
MAX_DIGITS = 18
MAX_FORBIDDEN = 20

INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
WORDS: dict[str, None | bool] = {"": None, "null": None, "~": None, "true": True, "false": False}

# What XML 1.0 forbids, and the direction overrides that show a reader another text than the machine's.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")

# Also what libyaml refuses, or takes for the end of a line when no editor does: no place after it would be right.
UNREADABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

PROBLEMS = (
    (
        "mapping values are not allowed",
        "un deux-points suivi d'une espace coupe la valeur",
        "mettre la valeur entre guillemets, ou en bloc `|`",
    ),
    ("found character '\\t'", "une tabulation sert de retrait", "mettre des espaces"),
    (
        "found character that cannot start",
        "ce signe ne peut pas commencer une valeur",
        "mettre la valeur entre guillemets",
    ),
    ("could not find expected ':'", "il manque un deux-points après une clé", "écrire `clé: valeur`"),
    ("did not find expected key", "le retrait ne correspond à aucun niveau", "aligner la ligne sur ses voisines"),
    ("did not find expected '-'", "le retrait de la liste ne correspond à aucun niveau", "aligner les tirets"),
    ("found unexpected end of stream", "un guillemet ou un crochet n'est pas fermé", "le fermer"),
    (
        "did not find expected ',' or",
        "une liste ou une table entre crochets n'est pas fermée",
        "ajouter la virgule ou le crochet",
    ),
    (
        "block sequence entries are not allowed",
        "une liste commence sur la ligne de sa clé",
        "aller à la ligne avant le tiret",
    ),
    ("did not find expected node content", "il manque une valeur ici", "l'écrire, ou fermer le crochet ou l'accolade"),
    ("found undefined alias", "l'alias ne renvoie à aucune ancre", "définir l'ancre avant, ou répéter la valeur"),
    ("found duplicate anchor", "l'ancre est définie deux fois", "renommer l'une des deux"),
    ("control characters are not allowed", "un caractère de contrôle est interdit", "l'effacer"),
)


@dataclass(slots=True)
class Node:
    """A YAML node before it is turned into plain data."""

    value: Any
    line: int
    column: int
    block_line: int = 0
    last_line: int = 0
    mapping: bool = False
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Tree:
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


class _Refused(Exception):
    """Stops the reading of one file; the finding has been recorded."""


class _Builder:
    """Turns the parser's events into nodes, then nodes into data, recording findings on the way."""

    def __init__(self, path: str, text: str):
        self.path, self.text, self.lines = path, text, text.split("\n")
        self.diagnostics: list[Diagnostic] = []
        self.anchors: dict[str, Node] = {}
        self.nodes = 0

    def report(self, rule: str, message: str, line: int, column: int, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(rule, message, Place(self.path, line, column), help))

    def refuse(self, rule: str, message: str, mark: Any, help: str = "") -> _Refused:
        self.report(rule, message, mark.line + 1, mark.column + 1, help)
        return _Refused()

    def count(self, line: int, column: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.report("too-large", f"le fichier compte plus de {MAX_NODES} valeurs, alias compris", line, column,
                        "le découper")  # fmt: skip
            raise _Refused

    def compose(self) -> Node | None:
        """The first document's root node, None for an empty file."""
        stack: list[Node] = []
        root: Node | None = None
        documents = 0
        for event in yaml.parse(self.text, Loader=LOADER):
            mark = event.start_mark
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self.refuse(
                        "yaml-syntax",
                        "le fichier contient plusieurs documents YAML",
                        mark,
                        "n'en garder qu'un par fichier",
                    )
            elif isinstance(event, yaml.AliasEvent):
                anchored = self.anchors.get(event.anchor or "")
                if anchored is None or not anchored.complete:
                    raise self.refuse(
                        "yaml-alias",
                        f"l'alias « {event.anchor} » ne renvoie à aucune ancre déjà fermée",
                        mark,
                        "répéter la valeur",
                    )
                self.attach(stack, anchored)
            elif isinstance(event, yaml.NodeEvent):
                node = self.open(event)
                if stack:
                    self.attach(stack, node)
                else:
                    root = node
                if isinstance(event, yaml.CollectionStartEvent):
                    stack.append(node)
                    if len(stack) > MAX_DEPTH:
                        raise self.refuse(
                            "too-large", f"le fichier est imbriqué sur plus de {MAX_DEPTH} niveaux", mark, "l'aplatir"
                        )
                else:
                    node.complete = True
            elif isinstance(event, yaml.CollectionEndEvent):
                stack.pop().complete = True
        return root

    def open(self, event: Any) -> Node:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        self.count(line, column)
        if isinstance(event, yaml.ScalarEvent):
            # an explicit tag clears both implicit flags; `!` alone clears the first
            tagged = event.tag is not None
            block = event.style in ("|", ">")
            end: Any = event.end_mark
            value = event.value if event.style else self.resolve(event.value, line, column)
            node = Node(value, line, column, line + 1 if block else 0, end.line + (end.column > 0))
            if event.style == '"':  # an escape may hide what the text of the file, checked whole, does not show
                self.check_characters(event.value, node)
        else:
            tagged = event.tag is not None
            # a mapping's keys and values are appended in turn
            node = Node([], line, column, mapping=isinstance(event, yaml.MappingStartEvent))
        if tagged:
            self.report("yaml-tag", f"l'étiquette YAML « {event.tag} » n'est pas admise", line, column, "l'effacer")
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def resolve(self, text: str, line: int, column: int) -> Any:
        if text in WORDS:
            return WORDS[text]
        if FLOAT.match(text):
            if len(text) > MAX_DIGITS:
                self.report(
                    "number-too-long",
                    "le nombre est trop long",
                    line,
                    column,
                    "le mettre entre guillemets s'il s'agit d'un texte",
                )
                return text
            number = int(text) if INTEGER.match(text) else float(text)
            return number if abs(number) != float("inf") else text
        return text

    def check_characters(self, value: str, node: Node) -> None:
        found = FORBIDDEN.search(value)
        if found:
            self.diagnostics.append(_forbidden(found[0], Place(self.path, node.line, node.column)))

    def end(self) -> Place:
        """The place after the last character of the file that is no space: what is missing there is seen there."""
        written = self.text.rstrip()
        line = written.count("\n") + 1
        return Place(self.path, line, len(written) - written.rfind("\n"))

    @staticmethod
    def attach(stack: list[Node], node: Node) -> None:
        if stack:
            stack[-1].value.append(node)

    def convert(self, root: Node) -> Tree:
        """Data and places from nodes; an alias's content is counted each time it is used."""
        tree = Tree(self.path, None, {}, {}, {})
        data = self._plain(root, (), tree, 0)
        return replace(tree, data=data, lines=tuple(self.lines))

    def _plain(self, node: Node, path: Path, tree: Tree, depth: int) -> Any:
        self.count(node.line, node.column)
        if depth > MAX_DEPTH:
            self.report(
                "too-large",
                f"le fichier est imbriqué sur plus de {MAX_DEPTH} niveaux",
                node.line,
                node.column,
                "l'aplatir",
            )
            raise _Refused
        tree.values[path] = Place(self.path, node.line, node.column)
        if node.block_line:
            tree.prose[path] = Place(self.path, node.block_line, self._indent(node.block_line))
        if isinstance(node.value, str):
            tree.spans[path] = (node.block_line or node.line, node.last_line)
        if node.mapping:
            return self._mapping(node, path, tree, depth)
        if isinstance(node.value, list):
            return [self._plain(item, (*path, index), tree, depth + 1) for index, item in enumerate(node.value)]
        return node.value

    def _mapping(self, node: Node, path: Path, tree: Tree, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        pairs = iter(node.value)
        for key, value in zip(pairs, pairs, strict=False):
            if isinstance(key.value, list):
                self.report("yaml-syntax", "une clé doit être un mot", key.line, key.column, "écrire `clé: valeur`")
                continue
            name = self._word(key)
            if name in result:
                first = tree.keys[(*path, name)]
                self.report(
                    "duplicate-key",
                    f"la clé « {name} » est déjà à la ligne {first.line}",
                    key.line,
                    key.column,
                    "n'en garder qu'une",
                )
                continue
            tree.keys[(*path, name)] = Place(self.path, key.line, key.column)
            result[name] = self._plain(value, (*path, name), tree, depth + 1)
        return result

    @staticmethod
    def _word(key: Node) -> str:
        if isinstance(key.value, bool):
            return "true" if key.value else "false"
        return "null" if key.value is None else str(key.value)

    def _indent(self, line: int) -> int:
        numbers = range(line - 1, len(self.lines))
        text = next((self.lines[number] for number in numbers if self.lines[number].strip(" ")), "")
        return len(text) - len(text.lstrip(" ")) + 1


def _translate(error: yaml.YAMLError, builder: _Builder) -> Diagnostic:
    mark = (error.problem_mark or error.context_mark) if isinstance(error, yaml.MarkedYAMLError) else None
    problem = (error.problem or "") if isinstance(error, yaml.MarkedYAMLError) else str(error)
    place = builder.end()
    if mark and (mark.line + 1, mark.column + 1) < (place.line, place.column):
        place = Place(builder.path, mark.line + 1, mark.column + 1)
    for english, message, help_text in PROBLEMS:
        if english in problem:
            return Diagnostic("yaml-syntax", message, place, help_text)
    return Diagnostic(
        "yaml-syntax",
        "la syntaxe YAML est incorrecte ici",
        place,
        "vérifier le retrait, les guillemets et les deux-points",
    )


def _unreadable(path: str, text: str) -> list[Diagnostic]:
    return [
        _forbidden(found[0], Place(path, number, found.start() + 1))
        for number, line in enumerate(text.split("\n"), 1)
        for found in UNREADABLE.finditer(line)
    ]


def _forbidden(character: str, place: Place) -> Diagnostic:
    return Diagnostic(
        "control-character", f"le caractère U+{ord(character):04X} n'est pas admis dans un document", place, "l'effacer"
    )


def parse(path: str, text: str) -> tuple[Tree | None, list[Diagnostic]]:
    """Read one YAML file. The tree is None when the file cannot be used; findings are never raised."""
    if len(text) > MAX_BYTES:
        return None, [Diagnostic("too-large", f"le fichier dépasse {MAX_BYTES // 1000} ko", Place(path), "le découper")]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = _unreadable(path, text)
    if found:
        return None, found[:MAX_FORBIDDEN]
    builder = _Builder(path, text)
    try:
        root = builder.compose()
        if root is None or root.value is None:
            return None, [Diagnostic("empty-file", "le fichier est vide", Place(path), "le remplir ou le supprimer")]
        tree = builder.convert(root)
    except _Refused:
        return None, builder.diagnostics
    except yaml.YAMLError as error:
        return None, [*builder.diagnostics, _translate(error, builder)]
    # A file with forbidden tags, characters or duplicate keys is not used, but its shape is still checked.
    return tree, builder.diagnostics


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
