"""`reqgen audit`."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reqgen.cli.console import (
    EXIT_NOT_IN_ORDER,
    emit_json,
    findings_text,
    library_options,
    report_option,
    say,
    sources,
)
from reqgen.files import matching
from reqgen.model.words import count

if TYPE_CHECKING:
    from reqgen.lint.audit import Audited
    from reqgen.pipeline.auditing import Audit


def _day(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"« {value} » n'est pas une date AAAA-MM-JJ", ctx, parameter) from None


@click.command()
@click.option(
    "--on", "day", callback=_day, metavar="DATE", help="Jour de l'audit, AAAA-MM-JJ ; par défaut aujourd'hui."
)
@click.option(
    "--months",
    type=click.IntRange(0, 1200),
    default=6,
    show_default=True,
    metavar="N",
    help="Marge, en mois : échéances à venir, et relectures de sources plus anciennes.",
)
@click.option(
    "--projects",
    multiple=True,
    metavar="MOTIF",
    help="Projets, par exemple 'marches/*.yaml' : dit lesquels chaque constat touche (répétable).",
)
@report_option
@library_options
def audit_command(
    day: date | None,
    months: int,
    projects: tuple[str, ...],
    output: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> int:
    """Dit ce que le temps périme : sources, clauses datées, seuils, et ce que chacun touche.

    Sort avec le code 1 si quelque chose est périmé (source finie qu'une clause cite, seuil fini), ou n'a pas pu être lu.
    """
    from reqgen.pipeline.auditing import audit

    where = sources(library, packs, templates)
    paths = list(dict.fromkeys(path for pattern in projects for path in matching(pattern)))
    result = audit(where, day or where.today, months, paths)
    if output == "json":
        emit_json([_record(item, result) for item in result.items])
    elif output == "text":
        _show(result, with_tenders=bool(paths))
    else:
        from reqgen.cli.report import render

        click.echo(render([item.finding for item in result.items], result.checked.files, output), nl=False)
    if result.checked.errors:
        errors = len(result.checked.errors)
        say(f"la bibliothèque a {count(errors, 'erreur')}, et l'audit peut être incomplet : voir reqgen validate")
    if result.unread:
        say(findings_text(result.unread, result.checked.files))
    return 0 if result.in_order else EXIT_NOT_IN_ORDER


def _show(result: "Audit", *, with_tenders: bool) -> None:
    from reqgen.cli.report import render, summary
    from reqgen.lint.audit import touched_text

    for item in result.items:
        click.echo(render([item.finding], result.checked.files).split("\n\n")[0])
        if item.clauses and item.clauses != (item.subject,):
            click.echo(touched_text("clauses", item.clauses))
        tenders = result.tenders(item)
        if with_tenders:
            click.echo(touched_text("marchés", tenders) if tenders else "marchés : aucun")
        click.echo()
    click.echo(summary(item.finding for item in result.items))


def _record(item: "Audited", result: "Audit") -> dict[str, Any]:
    finding = item.finding
    return {
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "severity": finding.severity.value,
        "rule": finding.rule,
        "message": finding.message,
        "help": finding.help,
        "objet": item.subject,
        "date": item.due.isoformat() if item.due else None,
        "clauses": list(item.clauses),
        "projets": list(result.tenders(item)),
    }
