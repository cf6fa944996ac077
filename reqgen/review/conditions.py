"""Two conditions compared by what they say of every possible answer, when these are few enough to be tried all."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations, pairwise, product
from math import prod

from reqgen.model.condition import AllOf, Always, AnyOf, Comparison, Condition, NoneOf, Test, tests_of
from reqgen.model.diagnostic import Place
from reqgen.model.library import Fact, FactKind, Library, Response, Value
from reqgen.model.words import enumerate_words

MAX_TRIED = 2_000
MAX_LISTED = 8
Answer = tuple[Value, ...]
Holds = Callable[[Condition, Mapping[str, Response]], bool | None]
"""Whether a condition holds under answers, in the library that it comes from."""
NUMERIC = (FactKind.INTEGER, FactKind.AMOUNT)
SIGNS = {
    Comparison.AT_LEAST: "≥",
    Comparison.AT_MOST: "≤",
    Comparison.MORE_THAN: ">",
    Comparison.LESS_THAN: "<",
}


class Relation(StrEnum):
    """What the new condition is to the old one; `OTHER` also when the answers are too many to be tried."""

    SAME = "de même sens"
    WIDER = "élargie"
    NARROWER = "restreinte"
    OTHER = "changée"


def bare(condition: Condition | None) -> object:
    """The condition without places, nor the order in which it is written: equal when it was only laid out otherwise."""
    match condition:
        case Test(fact, comparison, operands):
            return fact, comparison, frozenset(operand.value for operand in operands)
        case AllOf(parts) | AnyOf(parts) | NoneOf(parts):
            return type(condition), frozenset(bare(part) for part in parts)
        case _:
            return condition


def told(condition: Condition) -> str:
    """The condition on a line."""
    match condition:
        case Always():
            return "toujours"
        case Test(fact, comparison, operands):
            values = [str(operand.value) for operand in operands]
            if comparison is Comparison.AMONG:
                return f"{fact} : {enumerate_words(values, 'ou')}"
            return f"{fact} {SIGNS[comparison]} {values[0]}"
        case AllOf(parts):
            return f"tous ({' ; '.join(told(part) for part in parts)})"
        case AnyOf(parts):
            return f"au moins un ({' ; '.join(told(part) for part in parts)})"
        case NoneOf(parts):
            return f"aucun ({' ; '.join(told(part) for part in parts)})"


def relation(
    old: Condition, new: Condition, libraries: tuple[Library, Library], holds: tuple[Holds, Holds]
) -> Relation:
    """What the new condition is to the old one, each read in its own library."""
    choices = _choices(old, new, libraries)
    if choices is None or prod(map(len, choices.values())) > MAX_TRIED:
        return Relation.OTHER
    wider = narrower = False
    for values in product(*choices.values()):
        answers = {name: Response(value, Place("")) for name, value in zip(choices, values, strict=True)}
        before, after = holds[0](old, answers), holds[1](new, answers)
        if before is None or after is None:
            return Relation.OTHER
        wider, narrower = wider or (after and not before), narrower or (before and not after)
    if wider and narrower:
        return Relation.OTHER
    return Relation.WIDER if wider else Relation.NARROWER if narrower else Relation.SAME


def _choices(old: Condition, new: Condition, libraries: tuple[Library, Library]) -> dict[str, list[Answer]] | None:
    """The answers to tell apart of each fact that matters, None when they cannot be listed."""
    tests = [*_reached(old, libraries[0]), *_reached(new, libraries[1])]
    choices: dict[str, list[Answer]] = {}
    for name in dict.fromkeys(test.fact for test in tests):
        facts = [library.facts.get(name) for library in libraries]
        fact = facts[1] or facts[0]
        if fact is None or any(known is not None and known.kind is not fact.kind for known in facts):
            return None
        listed = _answers(fact, [test for test in tests if test.fact == name], libraries)
        if not listed:
            return None
        choices[name] = listed
    return choices


def _reached(condition: Condition, library: Library) -> Iterator[Test]:
    """The tests of the condition, and of what decides whether their questions are asked."""
    queue, seen = list(tests_of(condition)), set[str]()
    for test in queue:
        yield test
        fact = library.facts.get(test.fact)
        if fact is not None and fact.id not in seen:
            seen.add(fact.id)
            queue += tests_of(fact.asked_if)


def _answers(fact: Fact, tests: list[Test], libraries: tuple[Library, Library]) -> list[Answer]:
    """One answer of each kind that the tests tell apart."""
    named = list(dict.fromkeys(operand.value for test in tests for operand in test.operands))
    if fact.kind in NUMERIC:
        return [(value,) for value in _numbers(fact, named, libraries)]
    if fact.kind is FactKind.DATE:
        return [(value,) for value in _dates(named)]
    if any(test.comparison is not Comparison.AMONG for test in tests):
        return []
    known = _known(fact, libraries)
    values = [value for value in known if value in named]
    values += [value for value in known if value not in named][:1]
    if fact.kind is not FactKind.CHOICES:
        return [(value,) for value in values]
    if len(values) > MAX_LISTED:
        return []
    return [some for size in range(1, len(values) + 1) for some in combinations(values, size)]


def _known(fact: Fact, libraries: tuple[Library, Library]) -> list[Value]:
    """The values that the fact may take in either library."""
    found: dict[Value, None] = {}
    for library in libraries:
        same = library.facts.get(fact.id)
        if same is not None:
            found |= dict.fromkeys(library.domains if same.choices_from == "domaines" else dict(same.choices))
    return list(found)


def _numbers(fact: Fact, named: list[Value], libraries: tuple[Library, Library]) -> list[Value]:
    """A number below, at, between and above those that tests name, a threshold being all the values it ever has."""
    marks: set[int | float] = set()
    for value in named:
        if isinstance(value, str):
            kept = [library.thresholds[value] for library in libraries if value in library.thresholds]
            marks |= {dated.value for threshold in kept for dated in threshold.values}
        else:
            marks.add(value)
    if fact.kind is FactKind.INTEGER:
        whole = {int(mark) + step for mark in marks for step in (-1, 0, 1)}
        return [value for value in sorted(whole) if value >= 0]
    points = sorted(marks)
    between = [(low + high) / 2 for low, high in pairwise(points)]
    around = [points[0] / 2, points[-1] + 1] if points else []
    return sorted({*points, *between, *around})


def _dates(named: list[Value]) -> list[str]:
    try:
        days = [date.fromisoformat(str(value)) for value in named]
        return [day.isoformat() for day in sorted({day + timedelta(step) for day in days for step in (-1, 0, 1)})]
    except (ValueError, OverflowError):
        return []
