"""The words of `templates/` filled from the tender.

A value is escaped before it reaches the Markdown, so it never becomes markup. `{{ word }}` is all that the built-in texts
need; a text with a template tag (`{% %}`) or a filter goes through a sandboxed and bounded Jinja: no attributes of Python
objects, no calls, no unbounded loop, only plain values, `if` and `for` over given lists.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.outline import Wording
from reqgen.prose import PLACEHOLDER, escape

MAX_OUTPUT = 200_000
FILTERS = ("join", "length", "upper", "lower")
WORD = re.compile(r"[a-z_]+(\.[a-z_]+)*\Z")
MEND = "voir docs/modeles.md pour les mots disponibles"

Values = Mapping[str, Any]


def fill(text: str, values: Values, place: Place, *, markdown: bool = True) -> str:
    """The text with the tender's values. Raises ReqgenError, with a place, when the text is wrong."""
    if "{%" in text or "{#" in text:
        return _through_jinja(text, values, place, markdown)

    def word(match: re.Match[str]) -> str:
        if not WORD.match(match[1]):
            return _through_jinja(match[0], values, place, markdown)
        value = _value(match[1], values, _line(text, match.start(), place))
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
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import SandboxedEnvironment

    class Environment(SandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%", "+"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            raise SecurityError(f"l'opérateur « {operator} » n'est pas admis dans un modèle")

        def is_safe_callable(self, obj: Any) -> bool:
            return False

    environment = Environment(undefined=StrictUndefined, finalize=finalize, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    return environment


def _escaped(value: Any) -> str:
    return escape(str(value))


def _through_jinja(text: str, values: Values, place: Place, markdown: bool) -> str:
    from jinja2 import TemplateError
    from jinja2.exceptions import SecurityError

    try:
        pieces: list[str] = []
        size = 0
        for piece in _environment(_escaped if markdown else str).from_string(text).generate(**values):
            size += len(piece)
            if size > MAX_OUTPUT:
                raise SecurityError("le texte produit est trop long")
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
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
