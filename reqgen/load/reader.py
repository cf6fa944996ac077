"""libyaml's nodes as plain data and places.

The grammar is YAML 1.1 as libyaml parses it, but scalars are resolved as YAML 1.2's JSON schema does
(https://yaml.org/spec/1.2.2/#102-json-schema): `no` and `oui` stay words, dates stay text, there is no octal. libyaml
composes the nodes, of which plain data and places are made; a file with anything unusual in it is first followed event
by event, so that depth, size and aliases are bounded before anything is composed.
"""

import re
from typing import Any

import yaml
from msgspec.structs import replace

from reqgen.load.tree import (
    FORBIDDEN,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_FORBIDDEN,
    MAX_NODES,
    UNREADABLE,
    Path,
    Tree,
)
from reqgen.model.diagnostic import Diagnostic, Place

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(LOADER):  # type: ignore[misc]
    """libyaml's composer without YAML 1.1's guesses about the type of a plain word, which are made again below."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        return ""


INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
WORDS: dict[str, bool | None] = {"": None, "null": None, "~": None, "true": True, "false": False}

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


class _RefusedError(Exception):
    """Stops the reading of one file; the finding has been recorded."""


# Signs of a tag, an anchor, a directive or a second document, and of an alias: such a file is watched event by event first.
_UNUSUAL = ("!", "&", "\n---", "\n...", "\n%")
_ALIAS = re.compile(r"(?<![\w*])\*\w")
# What can open a level without a line of its own: `- - -`, `? ?`, and the indentation before it.
_LEADING = re.compile(r"^[ ?:-]*", re.MULTILINE)
_SAFE_DEPTH = 400
"""Levels that libyaml's composer, which recurses on the C stack, bears with a wide margin."""


class _Builder:
    """Turns libyaml's nodes into plain data and places, recording findings on the way."""

    def __init__(self, path: str, text: str):
        self.path, self.text, self.lines = path, text, text.split("\n")
        self.diagnostics: list[Diagnostic] = []
        self.nodes = 0

    def report(self, rule: str, message: str, mark: Any, help: str = "") -> None:
        place = Place(self.path, mark.line + 1, mark.column + 1)
        self.diagnostics.append(Diagnostic(rule, message, place, help))

    def refuse(self, rule: str, message: str, mark: Any, help: str = "") -> _RefusedError:
        self.report(rule, message, mark, help)
        return _RefusedError()

    def count(self, mark: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.refuse(
                "too-large", f"le fichier compte plus de {MAX_NODES} valeurs, alias compris", mark, "le découper"
            )

    def compose(self) -> Any:
        """The root node, None for an empty file. Nothing is composed before its depth and aliases are known to be safe."""
        deepest = self.text.count("[") + self.text.count("{") + max(map(len, _LEADING.findall(self.text)))
        unusual = self.text.startswith(("---", "%")) or any(sign in self.text for sign in _UNUSUAL)
        if unusual or deepest > _SAFE_DEPTH or ("*" in self.text and _ALIAS.search(self.text)):
            self.watch()
        loader = _Loader(self.text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()

    def watch(self) -> None:
        """Follow the parser's events, which come one by one, and refuse what must not be composed."""
        open_anchors: list[str | None] = []
        closed: set[str] = set()
        documents = 0
        for event in yaml.parse(self.text, Loader=LOADER):
            mark = event.start_mark
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message = "le fichier contient plusieurs documents YAML"
                    raise self.refuse("yaml-syntax", message, mark, "n'en garder qu'un par fichier")
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in closed:
                    message = f"l'alias « {event.anchor} » ne renvoie à aucune ancre déjà fermée"
                    raise self.refuse("yaml-alias", message, mark, "répéter la valeur")
            elif isinstance(event, yaml.CollectionEndEvent):
                closed.add(open_anchors.pop() or "")
            elif isinstance(event, yaml.NodeEvent):
                self.count(mark)
                self.watch_node(event, open_anchors, closed)
        self.nodes = 0

    def watch_node(self, event: Any, open_anchors: list[str | None], closed: set[str]) -> None:
        if event.tag is not None:
            message = f"l'étiquette YAML « {event.tag} » n'est pas admise"
            self.report("yaml-tag", message, event.start_mark, "l'effacer")
        if not isinstance(event, yaml.CollectionStartEvent):
            closed.add(event.anchor or "")
            return
        open_anchors.append(event.anchor)
        if len(open_anchors) > MAX_DEPTH:
            raise self.too_deep(event.start_mark)

    def too_deep(self, mark: Any) -> _RefusedError:
        return self.refuse("too-large", f"le fichier est imbriqué sur plus de {MAX_DEPTH} niveaux", mark, "l'aplatir")

    def resolve(self, text: str, mark: Any) -> Any:
        """A plain scalar's value by YAML 1.2's JSON schema."""
        if text in WORDS:
            return WORDS[text]
        if FLOAT.match(text):
            if len(text) > MAX_DIGITS:
                self.report(
                    "number-too-long",
                    "le nombre est trop long",
                    mark,
                    "le mettre entre guillemets s'il s'agit d'un texte",
                )
                return text
            number = int(text) if INTEGER.match(text) else float(text)
            return number if abs(number) != float("inf") else text
        return text

    def end(self) -> Place:
        """The place after the last character of the file that is no space: what is missing there is seen there."""
        written = self.text.rstrip()
        line = written.count("\n") + 1
        return Place(self.path, line, len(written) - written.rfind("\n"))

    def convert(self, root: Any) -> Tree:
        """Data and places from nodes; an alias's content is counted each time it is used."""
        tree = Tree(self.path, None, {}, {}, {})
        data = self._plain(root, (), tree)
        return replace(tree, data=data, lines=tuple(self.lines))

    def _plain(self, node: Any, path: Path, tree: Tree) -> Any:
        mark = node.start_mark
        self.count(mark)
        if len(path) > MAX_DEPTH:
            raise self.too_deep(mark)
        tree.values[path] = Place(self.path, mark.line + 1, mark.column + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, tree)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*path, index), tree) for index, item in enumerate(node.value)]
        return self._scalar(node, path, tree)

    def _scalar(self, node: Any, path: Path, tree: Tree) -> Any:
        mark, end = node.start_mark, node.end_mark
        value = node.value if node.style else self.resolve(node.value, mark)
        if isinstance(value, str):
            block = node.style in ("|", ">")
            first = mark.line + 2 if block else mark.line + 1
            tree.spans[path] = (first, end.line + (end.column > 0))
            if block:
                tree.prose[path] = Place(self.path, first, self._indent(first))
            elif node.style == '"' and (found := FORBIDDEN.search(value)):
                # an escape hides what the text of the file, checked whole, does not show
                self.diagnostics.append(_forbidden(found[0], tree.values[path]))
        return value

    def _mapping(self, node: Any, path: Path, tree: Tree) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.report("yaml-syntax", "une clé doit être un mot", key.start_mark, "écrire `clé: valeur`")
                continue
            name = key.value
            if name in result:
                first = tree.keys[(*path, name)]
                message = f"la clé « {name} » est déjà à la ligne {first.line}"
                self.report("duplicate-key", message, key.start_mark, "n'en garder qu'une")
                continue
            tree.keys[(*path, name)] = Place(self.path, key.start_mark.line + 1, key.start_mark.column + 1)
            result[name] = self._plain(value, (*path, name), tree)
        return result

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


def read(path: str, text: str) -> tuple[Tree | None, list[Diagnostic]]:
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
        tree = builder.convert(root) if root is not None else None
        if tree is None or tree.data is None:
            return None, [Diagnostic("empty-file", "le fichier est vide", Place(path), "le remplir ou le supprimer")]
    except _RefusedError:
        return None, builder.diagnostics
    except yaml.YAMLError as error:
        return None, [*builder.diagnostics, _translate(error, builder)]
    # A file with forbidden tags, characters or duplicate keys is not used, but its shape is still checked.
    return tree, builder.diagnostics
