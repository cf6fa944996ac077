"""The links between clauses, decided together: what a clause requires comes in, what it replaces goes out.

A clause is kept when it stands by itself or a kept clause requires it, nothing blocks it, and no kept clause replaces it.
That reads as a logic program with negation; its well-founded model (Van Gelder, Ross and Schlipf, 1991), computed by the
alternating fixpoint of a lower and an upper bound, gives each clause one of three values and, like Kleene's logic, never
flips a decided clause when one more thing is known. What is left without a value waits for an answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Clause
from reqgen.model.selection import Outcome, Reason, Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """What was decided of a clause by itself. A `blocked` clause (excluded, out of force) cannot be brought in."""

    clause: Clause
    value: bool | None
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
    binding: bool = False
    blocked: bool = False
    applies_from: date | None = None


Standings = Mapping[str, Standing]
Bound = frozenset[str]


def decide(standings: Standings) -> dict[str, Verdict]:
    """Every clause's verdict, links included."""
    lower, upper = _bounds(standings)
    return {name: _verdict(standing, standings, lower, upper) for name, standing in standings.items()}


def _bounds(standings: Standings) -> tuple[Bound, Bound]:
    """The clauses surely kept, and those possibly kept."""
    lower: Bound = frozenset()
    while True:
        upper = _kept(standings, {True, None}, against=lower)
        raised = _kept(standings, {True}, against=upper)
        if raised == lower:
            return lower, upper
        lower = raised


def _kept(standings: Standings, values: set[bool | None], against: Bound) -> Bound:
    """What stands with one of the values and all it requires, but for what a clause of `against` replaces."""
    replaced = {reference.id for name in against for reference in standings[name].clause.replaces}
    queue = [name for name, standing in standings.items() if standing.value in values and name not in replaced]
    kept = set(queue)
    while queue:
        for name in _required(standings[queue.pop()].clause, standings):
            if name not in kept and name not in replaced and not standings[name].blocked:
                kept.add(name)
                queue.append(name)
    return frozenset(kept)


def _required(clause: Clause, standings: Standings) -> Iterator[str]:
    return (reference.id for reference in clause.requires if reference.id in standings)


def _verdict(standing: Standing, standings: Standings, lower: Bound, upper: Bound) -> Verdict:
    name = standing.clause.id
    value = True if name in lower else None if name in upper else False
    requiring = [other for other in _linked(name, standings, "requires") if other in upper]
    replacing = [other for other in _linked(name, standings, "replaces") if other in upper]
    missing: tuple[str, ...] = ()
    if value is None:
        waiting = [standing, *(standings[other] for other in (*requiring, *replacing))]
        missing = tuple(dict.fromkeys(fact for one in waiting if one.value is None for fact in one.missing))
        missing = missing or _nearby(name, standings, upper)
    return Verdict(
        standing.clause,
        {True: Outcome.KEPT, False: Outcome.LEFT_OUT, None: Outcome.UNDECIDED}[value],
        tuple(_reasons(standing, value, requiring, replacing, lower)),
        missing,
        standing.binding,
        standing.applies_from,
    )


def _reasons(
    standing: Standing, value: bool | None, requiring: Iterable[str], replacing: Iterable[str], lower: Bound
) -> Iterator[Reason]:
    """The reasons that count: its own, unless another clause decided."""
    if value is False and standing.value is not False:
        successors = [name for name in replacing if name in lower]
        yield from (Reason(f"remplacée par {name}", False) for name in successors)
        return
    if value is standing.value or value is None or standing.value is None:
        yield from standing.reasons if not (value is True and standing.value is None) else ()
    if value is not False:
        if standing.value is not True:
            yield from (Reason(f"requise par {name}", True if name in lower else None) for name in requiring)
        if value is None:
            yield from (Reason(f"remplacée par {name}, si elle est retenue", None) for name in replacing)


def _linked(name: str, standings: Standings, link: str) -> list[str]:
    return [other for other, one in standings.items() if any(ref.id == name for ref in getattr(one.clause, link))]


def _nearby(name: str, standings: Standings, upper: Bound) -> tuple[str, ...]:
    """The unanswered facts of every undecided clause from which a chain of links leads here."""
    seen, queue, missing = {name}, [name], dict[str, None]()
    while queue:
        at = queue.pop()
        missing |= dict.fromkeys(standings[at].missing)
        for other in (*_linked(at, standings, "requires"), *_linked(at, standings, "replaces")):
            if other in upper and other not in seen:
                seen.add(other)
                queue.append(other)
    return tuple(missing)


def out_of_order(standings: Standings, verdicts: Mapping[str, Verdict]) -> Iterator[Diagnostic]:
    """Kept clauses that require what cannot come in, or that cannot stand together."""
    kept = {name for name, verdict in verdicts.items() if verdict.outcome is Outcome.KEPT}
    pairs: set[frozenset[str]] = set()
    for name in verdicts:
        if name not in kept:
            continue
        clause = standings[name].clause
        for reference in clause.requires:
            target = standings.get(reference.id)
            if target is not None and target.blocked:
                why = target.reasons[0].text
                message = f"la clause {name} requiert {reference.id}, qui ne peut pas entrer : {why}"
                mend = f"rétablir {reference.id}, ou écarter {name}"
                yield Diagnostic("required-unavailable", message, reference.place, mend)
        for reference in clause.incompatible:
            pair = frozenset((name, reference.id))
            if reference.id in kept and pair not in pairs:
                pairs.add(pair)
                message = (
                    f"les clauses {name} et {reference.id} sont retenues ensemble, alors qu'elles sont incompatibles"
                )
                mend = "écarter l'une des deux dans le projet, avec son motif"
                yield Diagnostic("incompatible-clauses", message, clause.place, mend)
