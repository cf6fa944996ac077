"""The decision about each clause: dates, the officer's choices, domain, condition, tier, then the links to others."""

from collections.abc import Iterable, Sequence
from datetime import date

from reqgen.model.diagnostic import Diagnostic, Severity
from reqgen.model.library import Clause, Domain, Exchange, Library, Piece
from reqgen.model.project import Choice, Lot, Project
from reqgen.model.selection import LotSelection, Reason, Selection
from reqgen.model.words import french_date
from reqgen.select.answers import answers_for, domains_of
from reqgen.select.condition import Answers, Trace, evaluate
from reqgen.select.links import Standing, decide, out_of_order
from reqgen.select.tier import propose_tier


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
    proposed = propose_tier(library, answers_for(project, project.parts[0], library))
    return Selection(project, library, tuple(lots), tuple(found), in_order, proposed)


def _choose_lot(
    project: Project, lot: Lot, library: Library, answers: Answers
) -> tuple[LotSelection, list[Diagnostic]]:
    excluded = {choice.clause: choice for choice in (*project.common.exclusions, *lot.exclusions)}
    included = {choice.clause: choice for choice in (*project.common.inclusions, *lot.inclusions)}
    domains = domains_of(project, lot)
    known = [library.domains[name] for name in domains if name in library.domains]
    found: list[Diagnostic] = []
    standings = {
        name: _standing(clause, project, known, answers, excluded.get(name), included.get(name), found)
        for name, clause in library.clauses.items()
    }
    verdicts = decide(standings)
    found += out_of_order(standings, verdicts)
    return LotSelection(lot, verdicts, answers.responses, domains, _exchanges(domains, library, answers)), found


def _exchanges(domains: Iterable[str], library: Library, answers: Answers) -> tuple[Exchange, ...]:
    found = {
        (exchange.platform, exchange.direction, exchange.framework): exchange
        for name in domains
        if name in library.domains
        for exchange in library.domains[name].exchanges
        if evaluate(exchange.condition, answers).outcome is not False
    }
    return tuple(found.values())


def _period(clause: Clause, project: Project) -> tuple[date, date | None]:
    """Days on which the clause has effect: the consultation for the rules of the consultation, else the execution."""
    if clause.piece is Piece.RC:
        return project.launch, project.notification or project.launch
    return project.notification or project.launch, project.end


def _standing(
    clause: Clause,
    project: Project,
    domains: Sequence[Domain],
    answers: Answers,
    exclusion: Choice | None,
    inclusion: Choice | None,
    found: list[Diagnostic],
) -> Standing:
    """What is decided of the clause by itself: its dates, then the officer's choice, then domain, condition and tier."""
    start, end = _period(clause, project)
    binding = _binding(clause, answers)
    out_of_force = _out_of_force(clause, start, end)
    if out_of_force:
        if inclusion:
            message = f"la clause {clause.id} est ajoutée, mais {out_of_force}"
            found.append(Diagnostic("not-in-force", message, inclusion.place, "retirer cet ajout"))
        return Standing(clause, False, (Reason(out_of_force, False),), blocked=True)
    applies = _applies(clause, domains, answers, evaluate(clause.condition, answers), binding, project)
    obliges = binding.outcome is True
    if exclusion:
        if obliges and applies.outcome is not False:
            message = f"la clause {clause.id}, écartée, traduit une obligation légale"
            mend = "la rétablir, ou s'assurer qu'une autre pièce y pourvoit"
            found.append(Diagnostic("legal-obligation-excluded", message, exclusion.place, mend, Severity.WARNING))
        text = f"écartée par l'acheteur ({exclusion.place}) : {exclusion.reason}"
        reason = Reason(text, False, said=f"écartée par l'acheteur : {exclusion.reason}")
        return Standing(clause, False, (reason,), binding=obliges, blocked=True)
    later = clause.in_force_from if clause.in_force_from and clause.in_force_from > start else None
    if inclusion:
        text = f"ajoutée par l'acheteur ({inclusion.place}) : {inclusion.reason}"
        reason = Reason(text, True, said=f"ajoutée par l'acheteur : {inclusion.reason}")
        return Standing(clause, True, (reason,), binding=obliges, applies_from=later)
    reasons = tuple(_reason(part) for part in applies.parts)
    return Standing(clause, applies.outcome, reasons, applies.missing, obliges, applies_from=later)


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


def _applies(
    clause: Clause, domains: Sequence[Domain], answers: Answers, trace: Trace, binding: Trace, project: Project
) -> Trace:
    """Domain, condition and tier together; the parts of the trace are those that decided."""
    parts = [
        _domain(clause, domains, answers),
        Trace(trace.outcome, f"condition : {trace.text}", trace.parts, trace.missing, trace.said),
        _tier(clause, binding, project),
    ]
    failed = [part for part in parts if part.outcome is False]
    if failed:
        return Trace(False, "", tuple(failed))
    unknown = [part for part in parts if part.outcome is None]
    if unknown:
        return Trace(None, "", tuple(unknown), tuple(dict.fromkeys(fact for part in unknown for fact in part.missing)))
    return Trace(True, "", tuple(part for part in parts if part.text))


def _domain(clause: Clause, domains: Sequence[Domain], answers: Answers) -> Trace:
    """Whether the clause has an object in one of the lot's domains; a lot without a domain takes what is common."""
    wanted = [reference.id for reference in clause.domains]
    if wanted and not any(domain.id in wanted for domain in domains):
        return Trace(False, f"propre au domaine {' ou '.join(wanted)}")
    asides = [_set_aside(clause, domain, answers) for domain in domains]
    if all(aside.outcome is not False for aside in asides) and asides:
        waiting = next((aside for aside in asides if aside.outcome is None), None)
        if waiting is None:
            return Trace(False, asides[0].text)
        return Trace(None, waiting.text, waiting.parts, waiting.missing, waiting.said)
    return Trace(True, f"domaine : {', '.join(wanted)}" if wanted else "")


def _set_aside(clause: Clause, domain: Domain, answers: Answers) -> Trace:
    """Whether the domain sets the clause aside in this tender."""
    asides = [(one, evaluate(one.condition, answers)) for one in domain.asides(clause)]
    for wanted, how in ((True, "sans objet"), (None, "peut être sans objet")):
        for one, trace in asides:
            if trace.outcome is wanted:
                text = f"{how} dans le domaine {domain.id} : {one.reason}"
                return Trace(wanted, text, () if wanted else (trace,), trace.missing)
    return Trace(False, "")


def _tier(clause: Clause, binding: Trace, project: Project) -> Trace:
    if clause.tier.rank <= project.tier.rank:
        return Trace(True, f"palier {clause.tier.value}")
    if binding.outcome is True:
        return Trace(True, f"obligation légale, quel que soit le palier ({binding.text})")
    deeper = f"réservée au palier {clause.tier.value} (palier du marché : {project.tier.value})"
    return Trace(
        binding.outcome,
        deeper if binding.outcome is False else f"{deeper}, sauf obligation légale : {binding.text}",
        missing=binding.missing,
    )


def _reason(trace: Trace) -> Reason:
    return Reason(trace.text, trace.outcome, tuple(_reason(part) for part in trace.parts), trace.said)
