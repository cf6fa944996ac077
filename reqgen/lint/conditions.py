"""Conditions: facts that exist, values that they may take, and tests that can come out true."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct, field

from reqgen.lint.common import Findings, conditions, cycles, tests, values_of
from reqgen.model.condition import (
    AllOf,
    Always,
    AnyOf,
    Comparison,
    Condition,
    NoneOf,
    Operand,
    Test,
    tests_of,
)
from reqgen.model.diagnostic import Diagnostic, Place
from reqgen.model.library import Fact, FactKind, Library
from reqgen.model.words import enumerate_words, near

NUMERIC = (FactKind.INTEGER, FactKind.AMOUNT)
LISTED = (FactKind.YES_NO, FactKind.CHOICE, FactKind.CHOICES)


def unknown_fact(library: Library) -> Findings:
    """A condition, or a domain, names a fact that does not exist."""
    for use in conditions(library):
        for test in tests_of(use.condition):
            yield from _unknown_fact(test.fact, test.place, library)
    for domain in library.domains.values():
        for fact, response in (*domain.establishes, *domain.proposes):
            yield from _unknown_fact(fact, response.place, library)


def _unknown_fact(name: str, place: Place, library: Library) -> Findings:
    if name not in library.facts and name not in library.broken:
        yield Diagnostic(
            "unknown-fact",
            f"le fait « {name} » n'existe pas{near(name, library.facts)}",
            place,
            "corriger le nom, ou décrire le fait dans faits/",
        )


def unknown_value(library: Library) -> Findings:
    """A condition waits for a value that the fact never takes."""
    for test, fact in tests(library):
        known = values_of(fact, library)
        if fact.kind in LISTED and known is not None and test.comparison is Comparison.AMONG:
            for operand in test.operands:
                if operand.value not in known and operand.value not in library.broken:
                    hint = near(str(operand.value), known)
                    yield Diagnostic(
                        "unknown-value",
                        f"« {operand.value} » n'est pas une valeur du fait « {fact.id} »{hint}",
                        operand.place,
                        f"valeurs du fait : {enumerate_words(list(known), 'ou')}",
                    )


def impossible_value(library: Library) -> Findings:
    """A condition compares a fact with a thing of another kind."""
    for test, fact in tests(library):
        for operand in test.operands:
            problem = _impossible(test, fact, operand, library)
            if problem:
                yield Diagnostic("impossible-value", problem[0], operand.place, problem[1])


def _impossible(test: Test, fact: Fact, operand: Operand, library: Library) -> tuple[str, str] | None:
    value, among = operand.value, test.comparison is Comparison.AMONG
    if fact.kind in LISTED:
        if among:
            return None
        return (
            f"« {test.comparison} » ne s'applique pas à « {fact.id} », qui n'est ni un nombre ni une date",
            "écrire la valeur attendue",
        )
    if fact.kind is FactKind.DATE:
        if isinstance(value, str) and _is_date(value):
            return None
        return (
            f"le fait « {fact.id} » est une date, et « {value} » n'en est pas une",
            "écrire la date AAAA-MM-JJ",
        )
    if isinstance(value, str):
        if not among or value in library.thresholds:
            return None  # unknown-threshold
        return (
            f"le fait « {fact.id} » est un nombre, et « {value} » n'en est pas un",
            "écrire un nombre, sans espace ni guillemets",
        )
    if fact.kind is FactKind.INTEGER and among and value != int(value):
        return (
            f"le fait « {fact.id} » est un nombre entier et ne vaut jamais {value}",
            "écrire un nombre entier",
        )
    return None


def _is_date(text: str) -> bool:
    try:
        return len(text) == len("AAAA-MM-JJ") and date.fromisoformat(text) is not None
    except ValueError:
        return False


def unknown_threshold(library: Library) -> Findings:
    """A condition compares a number with a dated threshold that does not exist."""
    for test, fact in tests(library):
        if fact.kind in NUMERIC and test.comparison is not Comparison.AMONG:
            for operand in test.operands:
                if (
                    isinstance(operand.value, str)
                    and operand.value not in library.thresholds
                    and operand.value not in library.broken
                ):
                    hint = near(operand.value, library.thresholds)
                    yield Diagnostic(
                        "unknown-threshold",
                        f"« {operand.value} » n'est ni un nombre ni un seuil{hint}",
                        operand.place,
                        "écrire un nombre, ou l'identifiant d'un seuil de seuils.yaml",
                    )


def fact_cycle(library: Library) -> Findings:
    """Facts are asked for only when the answer to one another is known: none would ever be."""
    graph = {fact.id: [test.fact for test in tests_of(fact.asked_if)] for fact in library.facts.values()}
    for fact in library.facts.values():
        for test in tests_of(fact.asked_if):
            if test.fact == fact.id:
                yield Diagnostic(
                    "fact-cycle",
                    f"le fait « {fact.id} » n'est demandé que selon sa propre réponse",
                    test.place,
                    "retirer ce test de « demande_si »",
                )
    for cycle in cycles(graph):
        place = next(test.place for test in tests_of(library.facts[cycle[0]].asked_if) if test.fact == cycle[1])
        yield Diagnostic(
            "fact-cycle",
            f"des faits dépendent l'un de l'autre en cercle : {' → '.join((*cycle, cycle[0]))}",
            place,
            "retirer l'un des « demande_si »",
        )


class _Range(Struct):
    """What a conjunction leaves possible for one fact of a single value."""

    allowed: set[object] | None = None
    refused: set[object] = field(default_factory=set)
    low: float = float("-inf")
    high: float = float("inf")

    def narrow(self, test: Test, fact: Fact, *, denied: bool) -> bool:
        """Take one more test into account; False when nothing remains possible."""
        values: set[object] = {operand.value for operand in test.operands}
        number = test.operands[0].value
        if test.comparison is Comparison.AMONG:
            if denied:
                self.refused |= values
            else:
                self.allowed = values if self.allowed is None else self.allowed & values
        elif not denied and isinstance(number, int | float):
            step = 1 if fact.kind is FactKind.INTEGER else 0
            match test.comparison:
                case Comparison.AT_LEAST:
                    self.low = max(self.low, number)
                case Comparison.MORE_THAN:
                    self.low = max(self.low, number + step)
                case Comparison.AT_MOST:
                    self.high = min(self.high, number)
                case Comparison.LESS_THAN:
                    self.high = min(self.high, number - step)
        if self.low > self.high:
            return False
        return self.allowed is None or any(self._possible(value) for value in self.allowed)

    def _possible(self, value: object) -> bool:
        if value in self.refused:
            return False
        return not isinstance(value, int | float) or self.low <= value <= self.high


def never_true(library: Library) -> Findings:
    """The parts of a condition exclude one another. Only facts with a single value are looked at."""
    for use in conditions(library):
        for part in _conjunctions(use.condition):
            ranges: dict[str, _Range] = {}
            for test, denied in _together(part):
                fact = library.facts.get(test.fact)
                if fact is None or fact.kind is FactKind.CHOICES or "*" in fact.read_from:
                    continue
                if fact.choices and not {operand.value for operand in test.operands} <= {
                    value for value, _ in fact.choices
                }:
                    continue  # unknown-value says it
                known = ranges.setdefault(fact.id, _Range({value for value, _ in fact.choices} or None))
                if not known.narrow(test, fact, denied=denied):
                    yield Diagnostic(
                        "never-true",
                        f"la condition n'est jamais vraie : ce qu'elle dit de « {fact.id} » se contredit",
                        test.place,
                        "corriger l'un des tests sur ce fait, ou les réunir sous « au_moins_un »",
                    )
                    break


def _conjunctions(condition: Condition) -> Iterator[Condition]:
    """The condition, and each alternative inside it."""
    yield condition
    match condition:
        case AllOf(parts):
            for part in parts:
                if not isinstance(part, Test | Always):
                    yield from (
                        inner
                        for inner in _conjunctions(part)
                        if inner is not part or not isinstance(part, AllOf | NoneOf)
                    )
        case AnyOf(parts) | NoneOf(parts):
            for part in parts:
                if not isinstance(part, Test | Always):
                    yield from _conjunctions(part)


def _together(condition: Condition) -> Iterator[tuple[Test, bool]]:
    """The tests that must all hold (or, when the flag is set, all fail) for the condition to be true."""
    match condition:
        case Test():
            yield condition, False
        case AllOf(parts):
            for part in parts:
                yield from _together(part)
        case NoneOf(parts):
            for part in parts:
                if isinstance(part, Test):
                    yield part, True
        case AnyOf((part,)):
            yield from _together(part)
