"""The decision about each clause: dates, domain, condition, tier, the officer's choices, then the links between clauses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from reqgen.model.diagnostic import Diagnostic, Severity
from reqgen.model.library import Clause, Exchange, Library, Piece, Reference
from reqgen.model.project import Choice, Lot, Project
from reqgen.model.selection import LotSelection, Outcome, Reason, Selection, Verdict
from reqgen.model.words import french_date
from reqgen.select.answers import answers_for, domains_of
from reqgen.select.condition import Answers, Trace, evaluate

OUTCOMES = {True: Outcome.KEPT, False: Outcome.LEFT_OUT, None: Outcome.UNDECIDED}


@dataclass(slots=True)
class _State:
    """A clause on its way to a verdict.

    A `locked` clause (excluded, out of force) cannot be brought in by another; a `superseded` one is stood in for.
    """

    clause: Clause
    value: bool | None
    reasons: list[Reason] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    binding: bool = False
    locked: bool = False
    superseded: bool = False
    applies_from: date | None = None


def choose(project: Project, library: Library) -> Selection:
    """Decide every clause for every lot of the project."""
    lots: list[LotSelection] = []
    found: dict[Diagnostic, None] = {}
    missing: dict[str, dict[str, None]] = {}
    for lot in project.parts:
        answers = answers_for(project, lot, library)
        selection, diagnostics = _choose_lot(project, lot, library, answers)
        lots.append(selection)
        found |= dict.fromkeys(diagnostics)
        for verdict in selection.verdicts.values():
            for fact in verdict.missing:
                missing.setdefault(fact, {})[verdict.clause.id] = None
    in_order = {fact: tuple(missing[fact]) for fact in library.facts if fact in missing}
    return Selection(project, library, tuple(lots), tuple(found), in_order)


def _choose_lot(
    project: Project, lot: Lot, library: Library, answers: Answers
) -> tuple[LotSelection, list[Diagnostic]]:
    excluded = {choice.clause: choice for choice in (*project.common.exclusions, *lot.exclusions)}
    included = {choice.clause: choice for choice in (*project.common.inclusions, *lot.inclusions)}
    found: list[Diagnostic] = []
    states = {
        clause.id: _first(
            clause, project, domains_of(project, lot), answers, excluded.get(clause.id), included.get(clause.id), found
        )
        for clause in library.clauses.values()
    }
    replaced = _replaced(_closed(states))
    states = _closed({name: _leave(state, replaced.get(name)) for name, state in states.items()}, found)
    found += _incompatible(states)
    verdicts = {
        name: Verdict(state.clause, OUTCOMES[state.value], tuple(state.reasons), state.missing if state.value is None else (),
                      state.binding, state.applies_from)
        for name, state in states.items()
    }  # fmt: skip
    domains = domains_of(project, lot)
    return LotSelection(lot, verdicts, answers.responses, domains, _exchanges(domains, library, answers)), found


def _exchanges(domains: Iterable[str], library: Library, answers: Answers) -> tuple[Exchange, ...]:
    return tuple(
        exchange
        for name in domains
        if name in library.domains
        for exchange in library.domains[name].exchanges
        if evaluate(exchange.condition, answers).outcome is not False
    )


def _period(clause: Clause, project: Project) -> tuple[date, date | None]:
    """Days on which the clause has effect: the consultation for the rules of the consultation, else the execution."""
    if clause.piece is Piece.RC:
        return project.launch, project.notification or project.launch
    return project.notification or project.launch, project.end


def _first(
    clause: Clause, project: Project, domains: tuple[str, ...], answers: Answers, exclusion: Choice | None, inclusion: Choice | None,
    found: list[Diagnostic],
) -> _State:  # fmt: skip
    start, end = _period(clause, project)
    trace = evaluate(clause.condition, answers)
    binding = _binding(clause, answers)
    state = _State(clause, None, binding=binding.outcome is True)
    out_of_force = _out_of_force(clause, start, end)
    if out_of_force:
        if inclusion:
            found.append(
                Diagnostic(
                    "not-in-force",
                    f"la clause {clause.id} est ajoutée, mais {out_of_force}",
                    inclusion.place,
                    "retirer cet ajout",
                )
            )
        return _decided(state, False, out_of_force, locked=True)
    if clause.in_force_from and clause.in_force_from > start:
        state.applies_from = clause.in_force_from
    applies = _applies(clause, domains, trace, binding, project)
    if exclusion:
        if state.binding and applies.outcome is not False:
            found.append(Diagnostic("legal-obligation-excluded", f"la clause {clause.id}, écartée, traduit une obligation légale",
                                    exclusion.place, "la rétablir, ou s'assurer qu'une autre pièce y pourvoit", Severity.WARNING))  # fmt: skip
        return _decided(state, False, f"écartée par l'acheteur ({exclusion.place}) : {exclusion.reason}", locked=True)
    if inclusion:
        return _decided(state, True, f"ajoutée par l'acheteur ({inclusion.place}) : {inclusion.reason}")
    state.value, state.missing = applies.outcome, applies.missing
    state.reasons = [_reason(part) for part in applies.parts]
    return state


def _decided(state: _State, value: bool, text: str, *, locked: bool = False) -> _State:
    return replace(state, value=value, reasons=[Reason(text, value)], locked=locked)


def _out_of_force(clause: Clause, start: date, end: date | None) -> str:
    if clause.in_force_until and clause.in_force_until < start:
        return f"elle n'a plus d'effet depuis le {french_date(clause.in_force_until)}"
    if clause.in_force_from and end and clause.in_force_from > end:
        return f"elle n'entre en vigueur que le {french_date(clause.in_force_from)}, après la fin du marché"
    return ""


def _binding(clause: Clause, answers: Answers) -> Trace:
    """Whether a cited source obliges in this tender."""
    traces = tuple(
        evaluate(citation.binds_if, answers) for citation in clause.citations if citation.binds_if is not None
    )
    if not traces:
        return Trace(False, "aucun texte ne l'impose")
    for wanted in (True, None):
        for trace in traces:
            if trace.outcome is wanted:
                return trace
    return traces[0]


def _applies(clause: Clause, domains: tuple[str, ...], trace: Trace, binding: Trace, project: Project) -> Trace:
    """Domain, condition and tier together; the parts of the trace are those that decided."""
    parts = [
        _domain(clause, domains),
        Trace(trace.outcome, f"condition : {trace.text}", trace.parts, trace.missing),
        _tier(clause, binding, project),
    ]
    failed = [part for part in parts if part.outcome is False]
    if failed:
        return Trace(False, "", tuple(failed))
    unknown = [part for part in parts if part.outcome is None]
    if unknown:
        return Trace(None, "", tuple(unknown), tuple(dict.fromkeys(fact for part in unknown for fact in part.missing)))
    return Trace(True, "", tuple(part for part in parts if part.text))


def _domain(clause: Clause, domains: tuple[str, ...]) -> Trace:
    if not clause.domains:
        return Trace(True, "")
    wanted = [reference.id for reference in clause.domains]
    if any(domain in wanted for domain in domains):
        return Trace(True, f"domaine : {', '.join(wanted)}")
    return Trace(False, f"propre au domaine {' ou '.join(wanted)}")


def _tier(clause: Clause, binding: Trace, project: Project) -> Trace:
    if clause.tier.rank <= project.tier.rank:
        return Trace(True, f"palier {clause.tier.value}")
    if binding.outcome is True:
        return Trace(True, f"obligation légale, quel que soit le palier ({binding.text})")
    deeper = f"réservée au palier {clause.tier.value} (palier du marché : {project.tier.value})"
    return Trace(binding.outcome, deeper if binding.outcome is False else f"{deeper}, sauf obligation légale : {binding.text}",
                 missing=binding.missing)  # fmt: skip


def _reason(trace: Trace) -> Reason:
    return Reason(trace.text, trace.outcome, tuple(_reason(part) for part in trace.parts))


def _closed(states: Mapping[str, _State], found: list[Diagnostic] | None = None) -> dict[str, _State]:
    """The states once every required clause has come in. `found` takes what a required clause stumbles on."""
    result = {name: replace(state, reasons=list(state.reasons)) for name, state in states.items()}
    queue = [name for name, state in result.items() if state.value is not False]
    while queue:
        state = result[queue.pop()]
        for reference in state.clause.requires:
            target = result.get(reference.id)
            if target is not None and _bring_in(state, target, reference, found):
                queue.append(reference.id)
    return result


def _bring_in(state: _State, target: _State, reference: Reference, found: list[Diagnostic] | None) -> bool:
    if target.superseded:
        return False
    if target.locked:
        if found is not None and state.value is True:
            message = f"la clause {state.clause.id} requiert {target.clause.id}, qui ne peut pas entrer : {target.reasons[0].text}"
            found.append(
                Diagnostic(
                    "required-unavailable",
                    message,
                    reference.place,
                    f"rétablir {target.clause.id}, ou écarter {state.clause.id}",
                )
            )
        return False
    if target.value is True or (
        target.value is None and state.value is None and set(state.missing) <= set(target.missing)
    ):
        return False
    reason = Reason(f"requise par {state.clause.id}", state.value)
    if state.value is True:
        target.value, target.missing, target.reasons = True, (), [reason]
    else:
        missing = tuple(dict.fromkeys((*target.missing, *state.missing)))
        if target.value is None and missing == target.missing:
            return False
        target.value, target.missing = None, missing
        target.reasons.append(reason)
    return True


def _replaced(states: Mapping[str, _State]) -> dict[str, _State]:
    """Clauses that a successor puts out, and the successor whose state counts most."""
    successors: dict[str, _State] = {}
    for state in states.values():
        if state.value is False:
            continue
        for reference in state.clause.replaces:
            earlier = successors.get(reference.id)
            if earlier is None or (earlier.value is None and state.value is True):
                successors[reference.id] = state
    return successors


def _leave(state: _State, successor: _State | None) -> _State:
    if successor is None or state.value is False:
        return state
    reason = Reason(f"remplacée par {successor.clause.id}", successor.value)
    if successor.value is True:
        return replace(state, value=False, missing=(), reasons=[reason], superseded=True)
    missing = tuple(dict.fromkeys((*state.missing, *successor.missing)))
    return replace(state, value=None, missing=missing, reasons=[*state.reasons, reason], superseded=True)


def _incompatible(states: Mapping[str, _State]) -> Iterable[Diagnostic]:
    seen: set[frozenset[str]] = set()
    for name, state in states.items():
        for reference in state.clause.incompatible:
            other = states.get(reference.id)
            pair = frozenset((name, reference.id))
            if other is not None and state.value is True and other.value is True and pair not in seen:
                seen.add(pair)
                message = (
                    f"les clauses {name} et {reference.id} sont retenues ensemble, alors qu'elles sont incompatibles"
                )
                yield Diagnostic(
                    "incompatible-clauses",
                    message,
                    state.clause.place,
                    "écarter l'une des deux dans le projet, avec son motif",
                )
