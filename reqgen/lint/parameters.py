"""Parameters and their placeholders: defined, used, with a default that fits and a unit."""

import re

from reqgen.lint.common import Findings, prose_of
from reqgen.model.diagnostic import Diagnostic, Severity
from reqgen.model.library import Clause, FactKind, Library, Parameter, ParameterKind, Value
from reqgen.model.words import enumerate_words, french_number, near
from reqgen.prose import NAME, PLACEHOLDER

# What stands between double braces, and braces that stand alone or open a statement of a template engine.
BRACES = re.compile(r"\{\{[^{}]*\}\}|\{\{|\}\}|\{%|%\}|\{#")
UNITS = (
    "minutes",
    "heures",
    "heures ouvrées",
    "jours",
    "jours ouvrés",
    "jours ouvrables",
    "jours calendaires",
    "semaines",
    "mois",
    "années",
    "ans",
    "secondes",
)
WORDED = (ParameterKind.TEXT, ParameterKind.CHOICE)
MAX_TEXT = 200


def undefined_parameter(library: Library) -> Findings:
    """A text holds a placeholder whose parameter is not defined."""
    for clause in library.clauses.values():
        names = [parameter.name for parameter in clause.parameters]
        for prose in prose_of(clause):
            for match in PLACEHOLDER.finditer(prose.text):
                if NAME.match(match[1]) and match[1] not in names:
                    yield Diagnostic(
                        "undefined-parameter",
                        f"le paramètre « {match[1]} » n'est pas défini{near(match[1], names)}",
                        prose.at(match.start()),
                        "le définir sous « parametres », ou corriger le repère",
                    )


def unused_parameter(library: Library) -> Findings:
    """A parameter is defined and stands nowhere."""
    message = "le paramètre « {} » ne sert ni au texte, ni aux vérifications, ni aux livrables"
    for clause in library.clauses.values():
        used = {match[1] for prose in prose_of(clause) for match in PLACEHOLDER.finditer(prose.text)}
        for parameter in clause.parameters:
            if parameter.name not in used:
                yield Diagnostic(
                    "unused-parameter",
                    message.format(parameter.name),
                    parameter.place,
                    f"écrire {{{{ {parameter.name} }}}} dans le texte, ou supprimer le paramètre",
                )


def bad_placeholder(library: Library) -> Findings:
    """Braces hold something else than a name, or stand where nothing is filled in."""
    for clause in library.clauses.values():
        for prose in prose_of(clause):
            for match in BRACES.finditer(prose.text):
                inner = PLACEHOLDER.fullmatch(match[0])
                if not (inner and NAME.match(inner[1]) and "\n\n" not in match[0]):
                    yield Diagnostic(
                        "bad-placeholder",
                        f"« {_shown(match[0])} » n'est pas un repère : un nom de paramètre est attendu",
                        prose.at(match.start()),
                        "écrire {{ nom_du_parametre }} ; aucune logique dans le texte",
                    )
        for text, key in (
            (clause.title, "titre"),
            (clause.rationale, "motif"),
            (clause.sub_criterion, "sous_critere"),
        ):
            found = BRACES.search(text)
            if found:
                yield Diagnostic(
                    "bad-placeholder",
                    f"« {key} » contient « {_shown(found[0])} », et rien n'y est remplacé",
                    clause.at(key),
                    "n'employer de repère que dans le texte, les vérifications et les livrables",
                )


def _shown(text: str) -> str:
    return " ".join(text.split())[:40]


def misfit(parameter: Parameter, value: Value) -> str:
    """Why a value does not fit a parameter, in a few words; nothing when it fits."""
    if parameter.kind is ParameterKind.CHOICE:
        listed = not parameter.choices or value in parameter.choices
        return "" if listed else f"n'est pas l'un des choix{near(str(value), parameter.choices)}"
    if parameter.kind is ParameterKind.TEXT:
        if not isinstance(value, str):
            return "n'est pas un texte : le mettre entre guillemets"
        if "\n" in value.strip():
            return "tient sur plusieurs lignes"
        return (
            f"dépasse {parameter.max_length or MAX_TEXT} signes"
            if len(value) > (parameter.max_length or MAX_TEXT)
            else ""
        )
    if isinstance(value, str):
        return "n'est pas un nombre"
    if parameter.kind in (ParameterKind.INTEGER, ParameterKind.DURATION) and value != int(value):
        return "n'est pas un nombre entier"
    if parameter.kind in (ParameterKind.DURATION, ParameterKind.AMOUNT) and value < 0:
        return "est négatif"
    if parameter.kind is ParameterKind.PERCENTAGE and not 0 <= value <= 100:
        return "n'est pas entre 0 et 100"
    if parameter.minimum is not None and value < parameter.minimum:
        return f"est inférieur au minimum, {french_number(parameter.minimum)}"
    if parameter.maximum is not None and value > parameter.maximum:
        return f"est supérieur au maximum, {french_number(parameter.maximum)}"
    return ""


def bad_default(library: Library) -> Findings:
    """The default of a parameter is not one of the values that it admits."""
    for clause in library.clauses.values():
        for parameter in clause.parameters:
            why = misfit(parameter, parameter.default)
            if why:
                yield Diagnostic(
                    "bad-default",
                    f"« {_shown(str(parameter.default))} », valeur par défaut de « {parameter.name} », {why}",
                    clause.at("parametres", parameter.name, "defaut"),
                    "corriger « defaut », ou ce que le paramètre admet",
                )


def bounds_reversed(library: Library) -> Findings:
    """The least value of a parameter is above the greatest."""
    for clause in library.clauses.values():
        for parameter in clause.parameters:
            if (
                parameter.minimum is not None
                and parameter.maximum is not None
                and parameter.minimum > parameter.maximum
            ):
                yield Diagnostic(
                    "bounds-reversed",
                    f"le minimum de « {parameter.name} » dépasse son maximum",
                    clause.at("parametres", parameter.name, "min"),
                    "échanger « min » et « max »",
                )


def missing_unit(library: Library) -> Findings:
    """A duration has no unit, or one that is not a unit of time."""
    for clause in library.clauses.values():
        for parameter in clause.parameters:
            if parameter.kind is ParameterKind.DURATION and not parameter.unit:
                yield Diagnostic(
                    "missing-unit",
                    f"la durée « {parameter.name} » n'a pas d'unité",
                    parameter.place,
                    "ajouter « unite », par exemple jours ouvrés ou mois",
                )


def unknown_unit(library: Library) -> Findings:
    """A duration is counted in something that is not time."""
    for clause in library.clauses.values():
        for parameter in clause.parameters:
            if parameter.kind is ParameterKind.DURATION and parameter.unit and parameter.unit not in UNITS:
                yield Diagnostic(
                    "unknown-unit",
                    f"« {parameter.unit} » n'est pas une unité de durée{near(parameter.unit, UNITS)}",
                    clause.at("parametres", parameter.name, "unite"),
                    f"unités admises : {enumerate_words(UNITS, 'ou')}",
                )


def missing_choices(library: Library) -> Findings:
    """A choice, of a clause or of a fact, lists no value."""
    for clause in library.clauses.values():
        for parameter in clause.parameters:
            if parameter.kind is ParameterKind.CHOICE and not parameter.choices:
                yield Diagnostic(
                    "missing-choices",
                    f"le paramètre « {parameter.name} » est un choix, sans liste « choix »",
                    parameter.place,
                    "ajouter « choix », ou changer de type",
                )
    for fact in library.facts.values():
        if fact.kind in (FactKind.CHOICE, FactKind.CHOICES) and not fact.choices and not fact.choices_from:
            yield Diagnostic(
                "missing-choices",
                f"le fait « {fact.id} » est un choix, sans table « choix »",
                fact.place,
                "ajouter « choix », ou changer de type",
            )


def ignored_key(library: Library) -> Findings:
    """A key is there that a value of this kind never reads."""
    for clause in library.clauses.values():
        for parameter in clause.parameters:
            for key in _ignored(parameter):
                yield Diagnostic(
                    "ignored-key",
                    f"« {key} » est sans effet sur un paramètre de type {parameter.kind}",
                    clause.at("parametres", parameter.name, key),
                    "supprimer cette clé, ou changer de type",
                    Severity.WARNING,
                )
        yield from _ignored_in_clause(clause)


def _ignored_in_clause(clause: Clause) -> Findings:
    if clause.sub_criterion and clause.level.value != "valorisé":
        yield Diagnostic(
            "ignored-key",
            f"« sous_critere » est sans effet sur une clause de niveau {clause.level}",
            clause.at("sous_critere"),
            "supprimer cette clé, ou écrire « niveau: valorisé »",
            Severity.WARNING,
        )


def _ignored(parameter: Parameter) -> list[str]:
    kind, keys = parameter.kind, []
    if kind in WORDED:
        keys += [key for key, value in (("min", parameter.minimum), ("max", parameter.maximum)) if value is not None]
    if parameter.unit and kind not in (ParameterKind.DURATION, ParameterKind.INTEGER, ParameterKind.DECIMAL):
        keys.append("unite")
    if parameter.max_length is not None and kind is not ParameterKind.TEXT:
        keys.append("longueur_max")
    if parameter.choices and kind is not ParameterKind.CHOICE:
        keys.append("choix")
    return keys
