"""Shape: each file against its JSON Schema 2020-12, with a French sentence and a place for every finding."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from reqgen.load.tree import Tree
from reqgen.model.diagnostic import Diagnostic
from reqgen.model.words import near

KINDS = (
    "clause",
    "facts",
    "themes",
    "domain",
    "sources",
    "thresholds",
    "tiers",
    "glossary",
    "wording",
    "library",
    "project",
)
TYPES = {
    "string": "un texte",
    "number": "un nombre",
    "integer": "un nombre entier",
    "array": "une liste",
    "object": "une table `clé: valeur`",
    "null": "null",
    "boolean": "un booléen",
}


@cache
def schema(kind: str) -> dict[str, Any]:
    """The schema of a kind of file, as published: one document, what it refers to embedded in `$defs`."""
    document: dict[str, Any] = json.loads(files("reqgen.schemas").joinpath(f"{kind}.schema.json").read_text("utf-8"))
    if kind != "condition" and "condition.schema.json" in json.dumps(document):
        document["$defs"] = {"condition": schema("condition")}
    return document


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator  # heavy to import: only when something is checked

    return Draft202012Validator(schema(kind))


@cache
def _quick_validator(kind: str) -> Any:
    """A compiled yes-or-no validator: nearly every file is right, and then nothing else needs to be imported."""
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(schema(kind))


def check_shape(tree: Tree, kind: str) -> list[Diagnostic]:
    """Every departure of the file from its schema, in the order of the file."""
    if _quick_validator(kind).is_valid(tree.data):
        return []
    found = [finding for error in _validator(kind).iter_errors(tree.data) for finding in _findings(error, tree)]
    return sorted(found, key=lambda finding: finding.place)


def _findings(error: Any, tree: Tree) -> Iterator[Diagnostic]:
    path = tuple(error.absolute_path)
    place, value, expected = tree.place(*path), error.instance, error.validator_value
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    hint = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    match error.validator:
        case "additionalProperties" if isinstance(value, dict) and expected is False:
            for key in value:
                if key not in error.schema.get("properties", {}):
                    known = error.schema.get("properties", {})
                    yield Diagnostic(
                        "unknown-key",
                        f"la clé « {key} » n'est pas connue ici{near(key, known)}",
                        tree.key_place(*path, key),
                        f"clés admises : {', '.join(known)}",
                    )
        case "propertyNames":
            yield Diagnostic(
                "unknown-key",
                f"« {value} » ne convient pas comme clé de « {name} »",
                tree.key_place(*path, value),
                hint,
            )
        case "required":
            for key in expected:
                if key not in value:
                    described = error.schema["properties"].get(key, {}).get("description", "")
                    yield Diagnostic(
                        "missing-key", f"il manque la clé « {key} »", place, f"l'ajouter. {described}".strip()
                    )
        case "enum":
            choices = ", ".join(f"« {choice} »" for choice in expected)
            yield Diagnostic(
                "unknown-value",
                f"« {_shown(value)} » n'est pas une valeur de « {name} »{near(str(value), map(str, expected))}",
                place,
                f"valeurs admises : {choices}",
            )
        case "type":
            wanted = " ou ".join(TYPES[kind] for kind in ([expected] if isinstance(expected, str) else expected))
            yield Diagnostic("wrong-type", f"« {name} » doit être {wanted}, et non {_kind(value)}", place, hint)
        case "pattern":
            yield Diagnostic(
                "bad-format", f"« {_shown(value)} » n'a pas la forme attendue pour « {name} »", place, hint
            )
        case "minLength" | "minItems" | "minProperties":
            empty = "est vide" if not value else f"est trop court : {expected} au moins"
            yield Diagnostic("out-of-bounds", f"« {name} » {empty}", place, hint)
        case "maxLength" | "maxItems" | "maxProperties":
            yield Diagnostic("out-of-bounds", f"« {name} » est trop long : {expected} au plus", place, hint)
        case "minimum" | "maximum":
            side = "au moins" if error.validator == "minimum" else "au plus"
            yield Diagnostic("out-of-bounds", f"« {name} » doit valoir {side} {expected}", place, hint)
        case "uniqueItems":
            yield Diagnostic(
                "duplicate-item", f"« {name} » contient deux fois la même valeur", place, "n'en garder qu'une"
            )
        case other:
            yield Diagnostic("bad-shape", f"« {name} » ne respecte pas la règle « {other} » du schéma", place, hint)


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _kind(value: Any) -> str:
    if value is None:
        return "vide"
    if isinstance(value, bool):
        return "le booléen « true » ou « false » (écrire oui ou non)"
    if isinstance(value, dict):
        return TYPES["object"]
    if isinstance(value, list):
        return TYPES["array"]
    return TYPES["string"] if isinstance(value, str) else TYPES["number"]


def kind_of(data: Any) -> str | None:
    """The kind of file that the keys suggest, for a file checked alone; None when nothing fits."""
    if not isinstance(data, dict):
        return None
    keys = set(data)
    if "acheteurs" in keys or "calendrier" in keys:
        return "project"
    for key, kind in (
        ("faits", "facts"),
        ("themes", "themes"),
        ("seuils", "thresholds"),
        ("paliers", "tiers"),
        ("termes", "glossary"),
        ("regles", "wording"),
        ("reglages", "wording"),
        ("perimes", "wording"),
    ):
        if isinstance(data.get(key), list) and "texte" not in keys:
            return kind
    if "texte" in keys or ("theme" in keys and "id" in keys):
        return "clause"
    if isinstance(data.get("sources"), list):
        return "sources"
    if "etat_du_droit" in keys:
        return "library"
    if keys & {"etablit", "propose", "modules", "echanges"} or {"id", "titre", "description"} <= keys:
        return "domain"
    return None
