"""`reqgen review`: where the clauses stand, and a person's own word on some of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reqgen.cli.console import emit_json, format_option, library_options, say, sources
from reqgen.model.library import Clause, Review, ReviewStatus
from reqgen.model.words import count

if TYPE_CHECKING:
    from reqgen.model.library import Library
    from reqgen.pipeline.reviewing import Asked
    from reqgen.review.compare import FieldChange

STATUSES = [status.value for status in ReviewStatus]
YES = "oui"
STALE = "périmée"


@click.group(subcommand_metavar="COMMANDE [ARGUMENTS]...")
def review_command() -> None:
    """Liste les relectures des clauses, et en donne une.

    Une relecture porte sur le texte du jour où elle est donnée : une clause qui change ensuite redevient projet.
    """


@review_command.command("list", short_help="Dit où en est chaque clause.")
@click.option("--status", type=click.Choice(STATUSES), help="Seulement les clauses qui ont aujourd'hui ce statut.")
@click.option("--theme", metavar="NOM", help="Seulement ce thème.")
@click.option("--domain", metavar="NOM", help="Seulement les clauses propres à ce domaine.")
@format_option
@library_options
def list_command(
    status: str | None,
    theme: str | None,
    domain: str | None,
    output: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> None:
    """Liste les clauses, une par ligne : identifiant, statut, relecteur, date, « périmée », titre ; puis les comptes."""
    from reqgen.pipeline.reading import read_library

    known, _ = read_library(sources(library, packs))
    clauses = [
        clause
        for clause in known.clauses.values()
        if (status is None or clause.review.status == status)
        and (theme is None or clause.theme == theme)
        and (domain is None or domain in {reference.id for reference in clause.domains})
    ]
    if output == "json":
        emit_json({"clauses": [_record(clause) for clause in clauses], "comptes": _counts(clauses)})
        return
    for clause in clauses:
        click.echo("\t".join(_row(clause)))
    click.echo(f"\n{_summary(clauses)}")


def _row(clause: Clause) -> tuple[str, ...]:
    review = clause.review
    day = review.on.isoformat() if review.on else ""
    return clause.id, review.status, review.by, day, STALE if review.stale else "", clause.title


def _record(clause: Clause) -> dict[str, Any]:
    review = clause.review
    return {
        "id": clause.id,
        "titre": clause.title,
        "theme": clause.theme,
        "domaines": [reference.id for reference in clause.domains],
        "statut": review.status,
        "ecrit": review.written,
        "par": review.by or None,
        "le": review.on.isoformat() if review.on else None,
        "perimee": review.stale,
        "fichier": clause.place.path,
    }


def _counts(clauses: Sequence[Clause]) -> dict[str, int]:
    found = Counter(clause.review.status.value for clause in clauses)
    stale = sum(clause.review.stale for clause in clauses)
    return {**{status: found[status] for status in STATUSES}, "perimees": stale}


def _summary(clauses: Sequence[Clause]) -> str:
    counts = _counts(clauses)
    stale = counts.pop("perimees")
    also = f" (dont {count(stale, 'relecture périmée', 'relectures périmées')})" if stale else ""
    told = ", ".join(f"{status} {number}" for status, number in counts.items())
    return f"{count(len(clauses), 'clause')}{also} : {told}"


@review_command.command("approve", short_help="Donne une relecture à des clauses.")
@click.argument("names", nargs=-1, required=True, metavar="CLAUSE...")
@click.option("--by", required=True, metavar="NOM", help="Nom du relecteur, écrit dans le fichier de chaque clause.")
@click.option(
    "--status",
    type=click.Choice(STATUSES[1:]),
    default=ReviewStatus.APPROVED.value,
    show_default=True,
    help="Statut donné.",
)
@library_options
def approve_command(
    names: tuple[str, ...],
    by: str,
    status: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> None:
    """Donne une relecture aux CLAUSES, après les avoir montrées et demandé confirmation.

    C'est l'acte d'une personne : aucune option ne répond à sa place. Tous les fichiers sont écrits, ou aucun ; seul le bloc
    « relecture » change. Le nom du relecteur est public si le dépôt git l'est.
    """
    from reqgen.pipeline.reading import read_library
    from reqgen.pipeline.reviewing import ask, signature
    from reqgen.pipeline.writing import write_files

    where = sources(library, packs)
    name = signature(by)
    known, checked = read_library(where)
    asked = ask(names, Review(ReviewStatus(status), name, where.today, written=ReviewStatus(status)), known, checked)
    for one in asked:
        for line in _shown(one, known):
            click.echo(line)
    say(f"Le nom « {name} » sera écrit dans les fichiers des clauses : il est public si le dépôt git l'est.")
    if not _confirmed(len(asked), name, status):
        raise click.Abort
    write_files([one.edit for one in asked])
    for one in asked:
        say(f"écrit : {one.edit.path}")


def _shown(one: "Asked", library: "Library") -> Iterator[str]:
    """The clause whole, then what changed since its earlier review."""
    from reqgen.cli.read import page

    yield page(one.clause, library)
    if one.clause.review.stale:
        yield ""
        if one.since is None:
            yield "changé depuis la relecture précédente, dont git ne retrouve pas le texte"
        else:
            yield "changé depuis la relecture précédente :"
            yield from (f"  {_told(field)}" for field in one.since)
    yield "\n----\n"


def _told(change: "FieldChange") -> str:
    """A field that changed: its words, or its value before and after."""
    from reqgen.model.revision import Op

    marks = {Op.OLD: "[-{}-]", Op.NEW: "{{+{}+}}"}
    words = " ".join(marks.get(edit.op, "{}").format(edit.text) for edit in change.edits)
    return f"{change.field} {change.sense} : {words or ' → '.join(filter(None, (change.before, change.after)))}"


def _confirmed(number: int, name: str, status: str) -> bool:
    """Whether the person types the word itself, on the terminal or in what is piped to us."""
    clauses = count(number, "clause")
    asked = f"Approuver {clauses} au nom de {name} ?"
    if status == ReviewStatus.READ:
        asked = f"Déclarer {'relues' if number > 1 else 'relue'} {clauses} au nom de {name} ?"
    answer: str = click.prompt(
        f"{asked} (« {YES} » pour confirmer)", default="", show_default=False, prompt_suffix=" ", err=True
    )
    return answer.strip().lower() == YES
