"""`reqgen explain`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from reqgen.cli.console import FILE, FOLDER, emit_json, format_option, library_options, sources
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.selection import LotSelection, Outcome, Reason, Verdict
from reqgen.model.words import near

MARKS = {True: "oui", False: "non", None: "?"}


@click.command()
@click.argument("project", type=FILE, metavar="PROJET")
@click.argument("clause", required=False, metavar="[CLAUSE]")
@click.option(
    "--outcome", type=click.Choice([item.value for item in Outcome]), help="Seulement les clauses de ce sort."
)
@click.option("--lot", type=int, metavar="N", help="Un seul lot, par son numéro.")
@click.option(
    "--root", type=FOLDER, metavar="DOSSIER", help="Dossier où doivent se trouver les fichiers nommés par le projet."
)
@format_option
@library_options
def explain_command(
    project: Path,
    clause: str | None,
    outcome: str | None,
    lot: int | None,
    root: Path | None,
    output: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> None:
    """Dit pourquoi chaque clause est retenue, écartée ou à décider, jusqu'au fait qui a décidé."""
    from reqgen.pipeline.documents import lots_of
    from reqgen.pipeline.reading import read_tender

    selection = read_tender(project, sources(library, packs, templates, root)).selection
    if clause and clause not in selection.library.clauses:
        known = selection.library.clauses
        raise ReqgenError(
            Diagnostic(
                "unknown-clause",
                f"« {clause} » n'est pas une clause de la bibliothèque{near(clause, known)}",
                Place("CLAUSE"),
            )
        )
    shown = [
        (part, verdict)
        for part in lots_of(selection, lot)
        for verdict in part.verdicts.values()
        if (clause is None or verdict.clause.id == clause) and (outcome is None or verdict.outcome.value == outcome)
    ]
    if output == "json":
        emit_json([_as_json(part, verdict) for part, verdict in shown])
        return
    for part, verdict in shown:
        for line in _lines(part, verdict, full=clause is not None):
            click.echo(line)


def _lines(part: LotSelection, verdict: Verdict, *, full: bool) -> Iterator[str]:
    lot = f" (lot {part.lot.number})" if part.lot.number else ""
    yield f"{verdict.clause.id}{lot} {verdict.outcome.value} : {verdict.clause.title}"
    if full:
        if verdict.clause.override_reason:
            yield f"  du paquet {verdict.clause.origin}, à la place de la bibliothèque : {verdict.clause.override_reason}"
        elif verdict.clause.origin:
            yield f"  du paquet {verdict.clause.origin}"
        for reason in verdict.reasons:
            yield from _tree(reason, 1)
        if verdict.binding:
            yield "  obligation légale dans ce marché"
        if verdict.missing:
            yield f"  réponses attendues : {', '.join(verdict.missing)}"
    else:
        yield f"    {' ; '.join(reason.text for reason in verdict.reasons if reason.text)}"


def _tree(reason: Reason, depth: int) -> Iterator[str]:
    """A reason and what it rests on; a step that only repeats its single part is not said twice."""
    yield f"{'  ' * depth}[{MARKS[reason.outcome]}] {reason.text}"
    if len(reason.parts) > 1:
        for part in reason.parts:
            yield from _tree(part, depth + 1)


def _as_json(part: LotSelection, verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.clause.id,
        "titre": verdict.clause.title,
        "lot": part.lot.number or None,
        "sort": verdict.outcome.value,
        "obligation_legale": verdict.binding,
        "a_compter_du": verdict.applies_from.isoformat() if verdict.applies_from else None,
        "faits_manquants": list(verdict.missing),
        "raisons": [_reason(reason) for reason in verdict.reasons],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"texte": reason.text, "resultat": reason.outcome, "parties": [_reason(part) for part in reason.parts]}
