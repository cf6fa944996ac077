"""The words of `templates/` filled from the tender, by a sandboxed and bounded Jinja.

A value is escaped before it reaches the Markdown, so it never becomes markup. No attributes of Python objects, no calls,
no unbounded loop: only plain values, `if` and `for` over given lists.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.prose import PLACEHOLDER, escape

MAX_OUTPUT = 200_000
FILTERS = ("join", "length", "upper", "lower")


class _Environment(SandboxedEnvironment):
    """Jinja without multiplication, calls and globals: nothing in it can grow or reach out."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"l'opérateur « {operator} » n'est pas admis dans un modèle")

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _environment(finalize: Callable[[Any], Any]) -> _Environment:
    environment = _Environment(undefined=StrictUndefined, finalize=finalize, trim_blocks=True, lstrip_blocks=True)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    return environment


def _escaped(value: Any) -> str:
    return escape(str(value))


_MARKDOWN = _environment(_escaped)
_PLAIN = _environment(str)


@lru_cache(maxsize=512)
def _template(text: str, markdown: bool) -> Any:
    return (_MARKDOWN if markdown else _PLAIN).from_string(text)


def fill(text: str, values: Mapping[str, Any], place: Place, *, markdown: bool = True) -> str:
    """The wording with the tender's values. Raises ReqgenError, with a place, when the wording is wrong."""
    try:
        pieces: list[str] = []
        size = 0
        for piece in _template(text, markdown).generate(**values):
            size += len(piece)
            if size > MAX_OUTPUT:
                raise SecurityError("le texte produit est trop long")
            pieces.append(piece)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise ReqgenError(
            Diagnostic(
                "bad-wording",
                f"ce texte du modèle ne peut pas être rempli : {_why(error)}",
                _inside(place, error),
                "voir docs/modeles.md pour les mots disponibles",
            )
        ) from None
    return "".join(pieces)


def _why(error: Exception) -> str:
    message = getattr(error, "message", None) or str(error)
    missing = re.match(r"'(\w+)' is undefined", message)
    return f"« {missing[1]} » n'est pas un mot connu" if missing else message


def _inside(place: Place, error: Exception) -> Place:
    line = getattr(error, "lineno", None)
    return Place(place.path, place.line + line - 1, 1) if line else place


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
