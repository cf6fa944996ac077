"""What two versions of a library decide of the same tender: clauses that come in, go out, or are no longer the same."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from reqgen.model.selection import LotSelection, Outcome, Selection, Verdict
from reqgen.review.compare import Changes, ClauseChange, Kind, Weight


class Effect(StrEnum):
    """What becomes of a clause in a tender."""

    IN = "entre"
    OUT = "sort"
    OPEN = "devient à décider"
    BINDING = "devient obligation légale"
    FREED = "n'est plus obligation légale"
    CHANGED = "change"


class TenderChange(Struct, frozen=True):
    """What becomes of one clause in one lot (0: undivided), and why: the reasons of both decisions, or what changed."""

    clause: str
    title: str
    lot: int
    effect: Effect
    before: tuple[str, ...]
    after: tuple[str, ...]
    weight: Weight | None = None
    """Of the change of the clause itself, if it changed."""


def compare_tenders(old: Selection, new: Selection, changes: Changes) -> tuple[TenderChange, ...]:
    """What becomes of every clause of a tender, lot by lot."""
    texts = {change.id: change for change in changes.clauses if change.kind is Kind.CHANGED}
    before = {part.lot.number: part for part in old.lots}
    return tuple(
        change
        for part in new.lots
        if part.lot.number in before
        for change in _lot(before[part.lot.number], part, texts)
    )


def _lot(old: LotSelection, new: LotSelection, texts: Mapping[str, ClauseChange]) -> Iterator[TenderChange]:
    for name in sorted({*old.verdicts, *new.verdicts}):
        before, after, text = old.verdicts.get(name), new.verdicts.get(name), texts.get(name)
        one = after or before
        effect = _effect(before, after, text)
        if effect is None or one is None:
            continue
        why, why_now = _reasons(before), _reasons(after)
        if effect is Effect.CHANGED and text is not None:
            why, why_now = (), tuple(f"{field.field} {field.sense}" for field in text.fields)
        weight = text.weight if text else None
        yield TenderChange(name, one.clause.title, new.lot.number, effect, why, why_now, weight)


def _effect(before: Verdict | None, after: Verdict | None, text: ClauseChange | None) -> Effect | None:
    was = before.outcome if before else Outcome.LEFT_OUT
    becomes = after.outcome if after else Outcome.LEFT_OUT
    if was is not becomes:
        if becomes is Outcome.KEPT:
            return Effect.IN
        return Effect.OPEN if becomes is Outcome.UNDECIDED else Effect.OUT
    if becomes is Outcome.LEFT_OUT or before is None or after is None:
        return None
    if before.binding is not after.binding:
        return Effect.BINDING if after.binding else Effect.FREED
    return Effect.CHANGED if text else None


def _reasons(verdict: Verdict | None) -> tuple[str, ...]:
    if verdict is None:
        return ("la clause n'existe pas dans cette version",)
    return tuple(reason.text for reason in verdict.reasons if reason.text)
