"""Evaluation of conditions in three values, each result with its trace. The semantics are in docs/conditions.md."""

from collections.abc import Callable, Mapping
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from reqgen.model.condition import AllOf, Always, AnyOf, Comparison, Condition, NoneOf, Test
from reqgen.model.library import Fact, FactKind, Response, Threshold, Value
from reqgen.model.words import enumerate_words

NUMERIC = (FactKind.INTEGER, FactKind.AMOUNT)
WORDS = {
    Comparison.AT_LEAST: "au moins",
    Comparison.AT_MOST: "au plus",
    Comparison.MORE_THAN: "plus de",
    Comparison.LESS_THAN: "moins de",
}
COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.AT_LEAST: lambda answer, bound: answer >= bound,
    Comparison.AT_MOST: lambda answer, bound: answer <= bound,
    Comparison.MORE_THAN: lambda answer, bound: answer > bound,
    Comparison.LESS_THAN: lambda answer, bound: answer < bound,
}


class Trace(Struct, frozen=True):
    """The result of a condition (True, False, or None: not answered), in words, with what it rests on.

    `missing` are the unanswered facts that would decide it, those to ask first in front.
    """

    outcome: bool | None
    text: str
    parts: tuple["Trace", ...] = ()
    missing: tuple[str, ...] = ()
    said: str = ""
    """The same for a reader who has the questions but not the files; empty when `text` does for both."""


class Answers(Struct, frozen=True):
    """What is known of a tender: the facts of the library, the responses to them, the dated thresholds."""

    facts: Mapping[str, Fact]
    responses: Mapping[str, Response]
    thresholds: Mapping[str, Threshold]
    launch: date
    asking: frozenset[str] = frozenset()
    """Facts whose `demande_si` is being evaluated: guards against a cycle that `validate` reports."""
    asked: dict[str, Trace] = field(default_factory=dict)
    """What has been found of each fact's `demande_si`."""
    tested: dict[tuple[object, ...], Trace] = field(default_factory=dict)
    """What has been found of each test, by its fact, its comparison and its operands: many clauses make the same."""


def evaluate(condition: Condition, answers: Answers) -> Trace:
    """The condition's result. Kleene's three-valued logic: an answer never flips what is decided without it."""
    match condition:
        case Always():
            return Trace(True, "toujours", said="sans condition")
        case Test():
            key = (condition.fact, condition.comparison, *(operand.value for operand in condition.operands))
            if key not in answers.tested:
                answers.tested[key] = _test(condition, answers)
            return answers.tested[key]
        case AllOf(parts):
            return _all(tuple(evaluate(part, answers) for part in parts))
        case AnyOf(parts):
            return _any(tuple(evaluate(part, answers) for part in parts))
        case NoneOf(parts):
            inner = _any(tuple(evaluate(part, answers) for part in parts))
            outcome = None if inner.outcome is None else not inner.outcome
            said = f"aucun de : {inner.said}" if inner.said else ""
            return Trace(outcome, f"aucun de : {inner.text}", inner.parts, inner.missing, said)


def _all(parts: tuple[Trace, ...]) -> Trace:
    failed = tuple(part for part in parts if part.outcome is False)
    if failed:
        return _joined(False, failed, " ; ")
    unknown = tuple(part for part in parts if part.outcome is None)
    return _joined(None, unknown, " ; ") if unknown else _joined(True, parts, " ; ")


def _any(parts: tuple[Trace, ...]) -> Trace:
    met = tuple(part for part in parts if part.outcome is True)
    if met:
        return _joined(True, met, " ; ")
    unknown = tuple(part for part in parts if part.outcome is None)
    return _joined(None, unknown, " ; ") if unknown else _joined(False, parts, " ; ")


def _joined(outcome: bool | None, parts: tuple[Trace, ...], link: str) -> Trace:
    missing = tuple(dict.fromkeys(fact for part in parts for fact in part.missing)) if outcome is None else ()
    said = link.join(part.said or part.text for part in parts)
    return Trace(outcome, link.join(part.text for part in parts), parts, missing, said)


def _test(test: Test, answers: Answers) -> Trace:
    """A test holds when its fact is asked in this tender and the answer fits: an answer to a pointless question is none."""
    fact = answers.facts.get(test.fact)
    if fact is None:
        return Trace(None, f"{test.fact} n'est pas un fait connu", missing=())
    response = answers.responses.get(test.fact)
    answered = _answered(test, fact, response, answers) if response else None
    if answered is not None and answered.outcome is False:
        return answered
    asked = _asked(fact, answers)
    if asked.outcome is False:
        return Trace(False, f"{fact.id} est sans objet ({asked.text})", said=f"{_question(fact)} : sans objet")
    if answered is None:
        missing = tuple(dict.fromkeys((*asked.missing, fact.id)))
        text, said = f"{fact.id} n'est pas renseigné (attendu : {_wanted(test)})", f"{_question(fact)} : sans réponse"
        return Trace(None, text, missing=missing, said=said)
    if asked.outcome is None:
        text, said = f"{fact.id} peut être sans objet ({asked.text})", f"{_question(fact)} : peut être sans objet"
        return Trace(None, text, missing=asked.missing, said=said)
    return answered


def _answered(test: Test, fact: Fact, response: Response, answers: Answers) -> Trace:
    bounds = [_operand(operand.value, fact, answers) for operand in test.operands]
    if None in bounds:
        name = next(str(operand.value) for operand, bound in zip(test.operands, bounds, strict=True) if bound is None)
        return Trace(None, f"le seuil « {name} » n'est pas connu au {answers.launch.isoformat()}", missing=())
    outcome = _compare(test.comparison, response.values, bounds, fact)
    return Trace(outcome, *_told(test, fact, response, outcome))


def _asked(fact: Fact, answers: Answers) -> Trace:
    """Whether the question arises in this tender; remembered, since many clauses test the same fact."""
    if fact.id in answers.asking:
        return Trace(None, f"{fact.id} dépend de lui-même", missing=(fact.id,))
    if fact.id not in answers.asked:
        inner = replace(answers, asking=answers.asking | {fact.id}, tested={})
        answers.asked[fact.id] = evaluate(fact.asked_if, inner)
    return answers.asked[fact.id]


def _operand(value: Value, fact: Fact, answers: Answers) -> Value | None:
    if fact.kind in NUMERIC and isinstance(value, str):
        threshold = answers.thresholds.get(value)
        return threshold.on(answers.launch) if threshold else None
    return value


def _compare(comparison: Comparison, given: tuple[Value, ...], bounds: list[Value | None], fact: Fact) -> bool:
    if comparison is Comparison.AMONG:
        return any(value in bounds for value in given)
    if fact.kind is FactKind.DATE:
        answer, bound = date.fromisoformat(str(given[0])).toordinal(), date.fromisoformat(str(bounds[0])).toordinal()
        return COMPARE[comparison](answer, bound)
    # several buyers: the largest one decides, as the fact's label says
    return COMPARE[comparison](max(float(value) for value in given), float(bounds[0] or 0))


def _wanted(test: Test) -> str:
    words = [str(operand.value) for operand in test.operands]
    if test.comparison is Comparison.AMONG:
        return enumerate_words(words, "ou")
    return f"{WORDS[test.comparison]} {words[0]}"


def _told(
    test: Test, fact: Fact, response: Response, outcome: bool
) -> tuple[str, tuple[Trace, ...], tuple[str, ...], str]:
    """What the answer is, with its place; no parts, nothing missing; and the same in the words of the question."""
    given = enumerate_words([str(value) for value in response.values])
    where = f"{response.established_by}, {response.place}" if response.established_by else str(response.place)
    contrast = "" if outcome else f", et non {_wanted(test)}"
    if outcome and test.comparison is not Comparison.AMONG:
        contrast = f", soit {_wanted(test)}"
    origin = f" ({response.established_by})" if response.established_by else ""
    said = f"{_question(fact)} : {given}{'' if fact.kind is FactKind.YES_NO else contrast}{origin}"
    return f"{test.fact} vaut {given}{contrast} ({where})", (), (), said


def _question(fact: Fact) -> str:
    return f"« {fact.label} »"
