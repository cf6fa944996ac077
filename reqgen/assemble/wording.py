"""The words of `templates/` filled from the tender.

A value is escaped before it reaches the Markdown, so it never becomes markup. `{{ word }}` is all that the built-in texts
need; a text with a template tag (`{% %}`) or a filter goes through a sandboxed and bounded Jinja: no attributes of Python
objects, no calls, no variables, no unbounded loop, only plain values, `if`, and `for` over given lists, two deep.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.outline import Wording
from reqgen.model.words import enumerate_words
from reqgen.prose import PLACEHOLDER, escape

MAX_OUTPUT = 200_000
MAX_LOOPS = 2
FILTERS = ("length", "upper", "lower", "join", "enumere")
TAG = re.compile(r"\{[{%#]")
WORD = re.compile(r"[a-z_]+(\.[a-z_]+)*\Z")
NOT_PRINTABLE = "seuls un texte et un nombre s'écrivent dans un document"
MEND = "voir docs/modeles.md pour les mots disponibles"

Values = Mapping[str, Any]


def fill(text: str, values: Values, place: Place, *, markdown: bool = True) -> str:
    """The text with the tender's values. Raises ReqgenError, with a place, when the text is wrong."""
    if TAG.search(PLACEHOLDER.sub("", text)):
        return _through_jinja(text, values, place, markdown)

    def word(match: re.Match[str]) -> str:
        if not WORD.match(match[1]):
            return _through_jinja(match[0], values, place, markdown)
        at = _line(text, match.start(), place)
        value = _value(match[1], values, at)
        if not _printable(value):
            raise _wrong(NOT_PRINTABLE, at)
        return escape(str(value)) if markdown else str(value)

    return PLACEHOLDER.sub(word, text)


def wanted(wording: Wording, values: Values) -> bool:
    """Whether the tender has what the wording asks for."""
    return (not wording.only_if or bool(_value(wording.only_if, values, wording.place))) and (
        not wording.unless or not _value(wording.unless, values, wording.place)
    )


def _value(name: str, values: Values, place: Place) -> Any:
    value: Any = values
    for key in name.split("."):
        if not isinstance(value, Mapping) or key not in value:
            raise _wrong(f"« {name} » n'est pas un mot connu", place)
        value = value[key]
    return value


def _line(text: str, offset: int, place: Place) -> Place:
    down = text.count("\n", 0, offset)
    return Place(place.path, place.line + down, place.column) if down else place


def _wrong(why: str, place: Place) -> ReqgenError:
    return ReqgenError(Diagnostic("bad-wording", f"ce texte du modèle ne peut pas être rempli : {why}", place, MEND))


@lru_cache(maxsize=2)
def _environment(finalize: Callable[[Any], str]) -> Any:
    """Jinja without globals, calls, or anything that multiplies: nothing in it can grow or reach out."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    class Environment(SandboxedEnvironment):
        def is_safe_callable(self, obj: Any) -> bool:
            return False

    environment = Environment(undefined=StrictUndefined, finalize=finalize, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    known = {**environment.filters, "join": _join, "enumere": _enumerate}
    environment.filters = {name: known[name] for name in FILTERS}
    return environment


def _join(items: Any, separator: str = "") -> str:
    return str(separator).join(_listed(items))


def _enumerate(items: Any) -> str:
    return enumerate_words(_listed(items))


def _listed(items: Any) -> list[str]:
    """The words of a list; a text is none, else each filter in a row would multiply what the one before it wrote."""
    from jinja2.exceptions import SecurityError

    if not isinstance(items, list | tuple) or not all(map(_printable, items)):
        raise SecurityError("ce filtre lit une liste de mots")
    return [str(item) for item in items]


def _printable(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _plain(value: Any) -> str:
    from jinja2 import Undefined
    from jinja2.exceptions import SecurityError

    if not _printable(value) and not isinstance(value, Undefined):
        raise SecurityError(NOT_PRINTABLE)
    return str(value)  # an unknown word raises its own error here


def _escaped(value: Any) -> str:
    return escape(_plain(value))


def _check(node: Any, loops: int = 0) -> None:
    """Refuse all of Jinja but words, comparisons, filters, `if`, and `for` over a word, nested MAX_LOOPS deep."""
    from jinja2 import nodes
    from jinja2.exceptions import SecurityError

    allowed = (
        nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name, nodes.Getattr, nodes.Const, nodes.CondExpr,
        nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter,
    )  # fmt: skip
    if not isinstance(node, allowed):
        raise SecurityError(f"« {type(node).__name__.lower()} » n'est pas admis dans un modèle")
    if isinstance(node, nodes.For):
        loops += 1
        if loops > MAX_LOOPS or node.recursive or not isinstance(node.iter, nodes.Name | nodes.Getattr):
            raise SecurityError(f"une boucle parcourt une liste du marché, et {MAX_LOOPS} boucles au plus s'imbriquent")
    for child in node.iter_child_nodes():
        _check(child, loops)


def _through_jinja(text: str, values: Values, place: Place, markdown: bool) -> str:
    from jinja2 import TemplateError
    from jinja2.exceptions import SecurityError

    try:
        pieces: list[str] = []
        size = 0
        environment = _environment(_escaped if markdown else _plain)
        tree = environment.parse(text)
        _check(tree)
        for piece in environment.from_string(tree).generate(**values):
            size += len(piece)
            if size > MAX_OUTPUT:
                raise SecurityError("le texte produit est trop long")
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError, SyntaxError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        at = Place(place.path, place.line + line - 1, 1) if line else place
        raise _wrong(_why(error), at) from None
    return "".join(pieces)


def _why(error: Exception) -> str:
    message = getattr(error, "message", None) or str(error)
    missing = re.match(r"'(\w+)' is undefined", message)
    return f"« {missing[1]} » n'est pas un mot connu" if missing else message


class Labels:
    """The fixed words of `libelles.yaml`, with plain `{{ name }}` placeholders."""

    def __init__(self, texts: Mapping[str, str], place: Place):
        self._texts, self._place = texts, place

    def __call__(self, key: str, **values: Any) -> str:
        """The label of that key, filled. Raises ReqgenError when it is missing or uses an unknown word."""
        if key not in self._texts:
            raise self._wrong("missing-label", f"le libellé « {key} » manque dans libelles.yaml", "l'ajouter")
        return PLACEHOLDER.sub(lambda match: str(self._value(key, match[1], values)), self._texts[key])

    def _value(self, key: str, name: str, values: Mapping[str, Any]) -> Any:
        if name not in values:
            known = ", ".join(values) or "aucun"
            raise self._wrong(
                "bad-wording", f"le libellé « {key} » emploie « {name} », inconnu", f"mots connus : {known}"
            )
        return values[name]

    def _wrong(self, rule: str, message: str, help: str) -> ReqgenError:
        return ReqgenError(Diagnostic(rule, message, self._place, help))
