"""The links between clauses, decided together: what a clause requires comes in, what it replaces goes out.

A clause is kept when it stands by itself or a kept clause requires it, nothing blocks it, and no kept clause replaces it.
That reads as a logic program with negation; its well-founded model (Van Gelder, Ross and Schlipf, 1991), computed by the
alternating fixpoint of a lower and an upper bound, gives each clause one of three values and, like Kleene's logic, never
flips a decided clause when one more thing is known. What is left without a value waits for an answer.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Clause, Reference
from reqgen.model.selection import Outcome, Reason, Verdict


class Standing(Struct, frozen=True):
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
Sources = Mapping[str, list[str]]
"""The clauses from which a link comes, by the clause to which it leads."""


def decide(standings: Standings) -> dict[str, Verdict]:
    """Every clause's verdict, links included."""
    lower, upper = _bounds(standings)
    requiring = _sources((name, standing.clause.requires) for name, standing in standings.items() if name in upper)
    replacing = _sources((name, standing.clause.replaces) for name, standing in standings.items() if name in upper)
    links = _Links(standings, lower, upper, requiring, replacing)
    return {name: links.verdict(standing) for name, standing in standings.items()}


def _sources(links: Iterable[tuple[str, Iterable[Reference]]]) -> Sources:
    found: dict[str, list[str]] = {}
    for name, references in links:
        for reference in references:
            found.setdefault(reference.id, []).append(name)
    return found


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


class _Links(Struct, frozen=True):
    """The bounds, and the links of what is possibly kept: enough to word every verdict."""

    standings: Standings
    lower: Bound
    upper: Bound
    requiring: Sources
    replacing: Sources

    def verdict(self, standing: Standing) -> Verdict:
        name = standing.clause.id
        value = True if name in self.lower else None if name in self.upper else False
        return Verdict(
            standing.clause,
            {True: Outcome.KEPT, False: Outcome.LEFT_OUT, None: Outcome.UNDECIDED}[value],
            tuple(self.reasons(standing, value)),
            self.missing(name) if value is None else (),
            standing.binding,
            standing.applies_from,
        )

    def reasons(self, standing: Standing, value: bool | None) -> Iterator[Reason]:
        """The reasons that count: its own, unless another clause decided."""
        name = standing.clause.id
        requiring, replacing = self.requiring.get(name, []), self.replacing.get(name, [])
        if value is False and standing.value is not False:
            yield from (Reason(f"remplacée par {other}", False) for other in replacing if other in self.lower)
            return
        if not (value is True and standing.value is not True):
            yield from standing.reasons
        if value is not False and standing.value is not True:
            yield from (Reason(f"requise par {other}", True if other in self.lower else None) for other in requiring)
        if value is None:
            yield from (Reason(f"remplacée par {other}, si elle est retenue", None) for other in replacing)

    def missing(self, name: str) -> tuple[str, ...]:
        """The unanswered facts of the clause and of every undecided one from which a chain of links leads to it."""
        seen, queue, found = {name}, [name], dict[str, None]()
        for at in queue:
            if at in self.lower:
                continue
            found |= dict.fromkeys(self.standings[at].missing)
            for other in (*self.requiring.get(at, ()), *self.replacing.get(at, ())):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
        return tuple(found)


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
