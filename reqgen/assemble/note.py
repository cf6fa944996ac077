"""Blocks of the buyer's own note: what was decided and why, what is left to decide, what to place elsewhere."""

from collections.abc import Iterator, Mapping

from reqgen.assemble.scope import Scope, anchor
from reqgen.assemble.slots import Brief, SlotWriter, cell, table
from reqgen.assemble.values import chosen, quantity
from reqgen.model.document import Block, Cell, CrossReference, ItemList, Paragraph, Style, Table, Text
from reqgen.model.library import Parameter, Source, Undated, Value
from reqgen.model.outline import Slot
from reqgen.model.selection import Outcome, Reason, Verdict
from reqgen.model.words import enumerate_words, french_date, french_number
from reqgen.prose import typeset


def in_words(reasons: tuple[Reason, ...]) -> str:
    """The decision's own trace, on one line."""
    return " ; ".join(reason.said or reason.text for reason in reasons if reason.text)


def _kept(brief: Brief) -> Iterator[tuple[Scope, Verdict]]:
    for scope in brief.scopes.all:
        for verdict in scope.verdicts:
            yield scope, verdict


def alerts(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """What the selection found out of order."""
    for finding in brief.selection.diagnostics:
        sentence = f"{_capital(finding.message)} ({finding.place}). {_capital(finding.help)}".strip()
        yield Paragraph((Text(typeset(sentence)),), Style.WARNING)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def tier(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The tier retained, the one that the library proposes, and why."""
    proposed = brief.selection.proposed_tier
    if proposed:
        retained = brief.project.tier
        same = "pareil" if proposed.tier is retained else "autre"
        said = brief.labels(f"note.palier.{same}", retenu=retained, propose=proposed.tier, motif=proposed.reason)
        yield Paragraph((Text(typeset(said)),))


def decisions(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """Questions without an answer, and the clauses that wait for them."""
    rows = [
        [cell(brief.library.facts[fact].label), cell(", ".join(clauses))]
        for fact, clauses in brief.selection.missing.items()
    ]
    yield from table(brief, "note.decisions", (("question", 60), ("clauses", 40)), rows)


def choices(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The officer's own decisions about clauses, with their reasons."""
    rows: list[list[Cell]] = []
    project = brief.project
    for part in (project.common, *project.lots):
        for choices_made, decision in ((part.exclusions, "ecartee"), (part.inclusions, "ajoutee")):
            said = brief.labels(f"note.choix.{decision}")
            if part.number:
                said = brief.labels("note.choix.lot", decision=said, numero=part.number)
            rows += [[cell(_named(brief, choice.clause)), cell(said), cell(choice.reason)] for choice in choices_made]
    yield from table(brief, "note.choix", (("clause", 40), ("decision", 20), ("motif", 40)), rows)


def _named(brief: Brief, clause: str) -> str:
    return f"{clause} – {brief.library.clauses[clause].title}" if clause in brief.library.clauses else clause


def missing_volumes(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """Volumes that bidders need in the domain and that the project does not state."""
    project = brief.project
    stated = {volume.label.casefold() for part in (project.common, *project.lots) for volume in part.volumes}
    domains = dict.fromkeys(name for scope in brief.scopes.all for name in scope.domains)
    wanted = [
        volume.label
        for name in domains
        for volume in brief.library.domains[name].volumes
        if volume.label.casefold() not in stated
    ]
    if wanted:
        yield Paragraph((Text(typeset("Volumes usuels du domaine à vérifier ou à ajouter au projet :")),))
        yield ItemList(tuple((Paragraph((Text(typeset(item)),)),) for item in wanted))


def kept(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The clauses taken, and why."""
    rows = [
        [
            cell(verdict.clause.id),
            cell(verdict.clause.title),
            cell(" ; ".join((*_origin(brief, verdict), in_words(verdict.reasons)))),
            cell(verdict.clause.rationale),
        ]
        for _, verdict in _kept(brief)
    ]
    columns = (("reference", 14), ("clause", 20), ("raison", 30), ("motif", 36))
    yield from table(brief, "note.clauses", columns, rows)


def _origin(brief: Brief, verdict: Verdict) -> Iterator[str]:
    """Where a clause of the buyer's own comes from, and why it stands in for one of the library."""
    clause = verdict.clause
    if clause.id in brief.library.overridden:
        yield brief.labels("note.remplace", paquet=clause.origin, motif=clause.override_reason)
    elif clause.origin:
        yield brief.labels("note.paquet", paquet=clause.origin)


def left_out(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The clauses left out of a lot or of all, and why. A clause of a domain foreign to the tender is not worth a line."""
    rows = []
    domains = {name for lot in brief.selection.lots for name in lot.domains}
    for name, clause in brief.library.clauses.items():
        foreign = clause.domains and not {reference.id for reference in clause.domains} & domains
        reasons = {} if foreign else _why_left_out(brief, name)
        if reasons:
            rows.append([cell(name), cell(clause.title), cell(" ; ".join(_by_lot(brief, reasons)))])
    columns = (("reference", 16), ("clause", 34), ("raison", 50))
    header = tuple(cell(brief.labels(f"note.clauses.{column}")) for column, _ in columns)
    for block in table(brief, "note.clauses", columns, rows):
        yield Table(header, block.rows, typeset(brief.labels("note.ecartees.titre")), block.widths)


def _why_left_out(brief: Brief, name: str) -> dict[str, list[int]]:
    """Each reason for which the clause is left out, with the numbers of the lots where it counts."""
    reasons: dict[str, list[int]] = {}
    for lot in brief.selection.lots:
        verdict = lot.verdicts[name]
        if verdict.outcome is Outcome.LEFT_OUT:
            reasons.setdefault(in_words(verdict.reasons), []).append(lot.lot.number)
    return reasons


def _by_lot(brief: Brief, reasons: Mapping[str, list[int]]) -> Iterator[str]:
    for reason, lots in reasons.items():
        everywhere = len(lots) == len(brief.selection.lots)
        numbers = enumerate_words([str(number) for number in lots])
        yield reason if everywhere else brief.labels("note.lot", numero=numbers, raison=reason)


def parameters(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """Every adjustable value, the one retained (and the default that the officer changed), and its bounds."""
    rows = [
        [
            cell(verdict.clause.id),
            cell(parameter.label),
            cell(_retained(brief, parameter, chosen(verdict.clause, parameter, scope.settings))),
            cell(_bounds(parameter)),
        ]
        for scope, verdict in _kept(brief)
        for parameter in verdict.clause.parameters
    ]
    yield from table(brief, "note.parametres", (("clause", 16), ("libelle", 44), ("valeur", 22), ("bornes", 18)), rows)


def _retained(brief: Brief, parameter: Parameter, value: Value) -> str:
    shown = quantity(parameter, value)
    if value == parameter.default:
        return shown
    return brief.labels("note.parametres.changee", valeur=shown, defaut=quantity(parameter, parameter.default))


def _bounds(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(parameter.choices)
    ends = [parameter.minimum, parameter.maximum]
    return (
        " – ".join("…" if end is None else french_number(end) for end in ends)
        if any(end is not None for end in ends)
        else ""
    )


def departures(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The list that the CCAP's last article must give: each article departed from, and the clause that does it."""
    rows: list[list[Cell]] = []
    for scope, verdict in brief.everything() if brief.outline.pieces else _kept(brief):
        number = CrossReference(anchor(verdict.clause.id, scope.suffix), verdict.clause.id)
        clause = Cell((number, Text(typeset(f" {verdict.clause.id} – {verdict.clause.title}"))))
        rows += [[cell(article), clause] for article in verdict.clause.departs_from]
    yield from table(brief, "note.derogations", (("article", 30), ("clause", 70)), rows)


def sources_to_check(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """Cited sources that were recalled, carry a reserve, or are no longer in force when the consultation starts."""
    clauses: dict[str, dict[str, None]] = {}
    for _, verdict in _kept(brief):
        for citation in verdict.clause.citations:
            clauses.setdefault(citation.source, {})[verdict.clause.id] = None
    rows = []
    for source in brief.library.sources.values():
        reasons = list(_doubts(brief, source))
        if source.id in clauses and reasons:
            rows.append([cell(source.title), cell(" ; ".join(reasons)), cell(", ".join(clauses[source.id]))])
    yield from table(brief, "note.sources", (("source", 36), ("raison", 40), ("clauses", 24)), rows)


def _doubts(brief: Brief, source: Source) -> Iterator[str]:
    if source.in_force_until and source.in_force_until < brief.project.launch:
        yield brief.labels("note.source.perimee", date=french_date(source.in_force_until))
    if not source.verified:
        yield brief.labels("note.source.a-verifier")
    if source.undated is Undated.TO_BE_FOUND:
        yield brief.labels("note.source.sans-date")
    if source.note:
        yield brief.labels("note.source.reserve", note=source.note)


NOTE_SLOTS: Mapping[str, SlotWriter] = {
    "alertes": alerts,
    "palier": tier,
    "decisions": decisions,
    "choix": choices,
    "volumes-manquants": missing_volumes,
    "clauses-retenues": kept,
    "clauses-ecartees": left_out,
    "parametres": parameters,
    "derogations": departures,
    "sources-a-revoir": sources_to_check,
}
