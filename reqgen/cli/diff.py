"""`reqgen diff`."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from reqgen.cli.console import FOLDER, emit_json, say, sources
from reqgen.files import matching
from reqgen.model.words import count

if TYPE_CHECKING:
    from reqgen.model.diagnostic import Diagnostic
    from reqgen.pipeline.revisions import Compared, ProjectChanges, Version
    from reqgen.review.compare import ClauseChange, FieldChange, FileChange, Weight
    from reqgen.review.tenders import TenderChange
    from reqgen.review.words import Edit

DISK = "arbre de travail"
AROUND = 8
"""Words shown on each side of a change."""
SHOWN_FINDINGS = 5
MARKDOWN = re.compile(r"([\\`*_~<>\[\]|#])")


class Look(Struct, frozen=True):
    """How one format writes: a title, an item of a list at a depth, words out, words in, a plain text."""

    title: Callable[[str], str]
    item: Callable[[int, str], str]
    old: Callable[[str], str]
    new: Callable[[str], str]
    plain: Callable[[str], str]


TEXT = Look(
    title=lambda words: words,
    item=lambda depth, words: f"{'  ' * depth}{words}",
    old="[-{}-]".format,
    new="{{+{}+}}".format,
    plain=str,
)


def _escaped(words: str) -> str:
    return MARKDOWN.sub(r"\\\1", words)


PAGE = Look(
    title="## {}".format,
    item=lambda depth, words: f"{'  ' * depth}- {words}",
    old=lambda words: f"~~{_escaped(words)}~~",
    new=lambda words: f"**{_escaped(words)}**",
    plain=_escaped,
)


@click.command()
@click.argument("rev_a", metavar="RÉVISION_A")
@click.argument("rev_b", metavar="[RÉVISION_B]", required=False)
@click.option(
    "--path",
    "folder",
    type=FOLDER,
    default="requirements_library/",
    show_default=True,
    metavar="DOSSIER",
    help="Dossier de la bibliothèque, dans le dépôt git.",
)
@click.option(
    "--projects",
    multiple=True,
    metavar="MOTIF",
    help="Projets, par exemple 'marches/*.yaml' : dit quelles clauses y entrent, en sortent ou changent (répétable).",
)
@click.option(
    "--root", type=FOLDER, metavar="DOSSIER", help="Dossier où doivent se trouver les fichiers nommés par les projets."
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "md", "json"]),
    default="text",
    show_default=True,
    help="Forme du résultat.",
)
def diff_command(
    rev_a: str, rev_b: str | None, folder: Path, projects: tuple[str, ...], root: Path | None, output: str
) -> None:
    """Compare la bibliothèque à deux révisions git, clause par clause ; sans RÉVISION_B, à l'arbre de travail."""
    from reqgen.pipeline.revisions import compare_revisions

    paths = list(dict.fromkeys(path for pattern in projects for path in matching(pattern)))
    compared = compare_revisions((rev_a, rev_b), folder, sources(None, root=root), paths)
    for version in (compared.old, compared.new):
        _warn(version)
    if output == "json":
        emit_json(_as_json(compared))
        return
    for line in _lines(compared, PAGE if output == "md" else TEXT):
        click.echo(line)


def _warn(version: "Version") -> None:
    """What is wrong with a library, in short: it is compared all the same."""
    errors = version.checked.errors
    if errors:
        named = "à la révision " + version.name if version.name else "dans l'arbre de travail"
        say(f"{named}, la bibliothèque a {count(len(errors), 'erreur')} ; un fichier illisible n'est pas comparé :")
        for finding in errors[:SHOWN_FINDINGS]:
            say(f"  {_finding(finding)}")
        if len(errors) > SHOWN_FINDINGS:
            say("  …")


def _finding(finding: "Diagnostic") -> str:
    return f"{finding.place} : {finding.message} [{finding.rule}]"


# For a person


def _lines(compared: "Compared", look: Look) -> Iterator[str]:
    changes = compared.changes
    names = f"{_named(compared.old)} → {_named(compared.new)}"
    yield look.title(look.plain(f"{compared.folder}, {names}"))
    yield from (
        (look.item(0, line) for line in _counts(changes.clauses)) if changes.clauses else ("aucune clause ne change",)
    )
    for change in changes.clauses:
        yield ""
        yield from _clause(change, look)
    if changes.others:
        yield from ("", look.title("Autres fichiers"))
        yield from (look.item(1, _file(change, look)) for change in changes.others)
    for project in compared.projects:
        yield ""
        yield from _project(project, look)


def _named(version: "Version") -> str:
    return f"{version.name} ({version.commit[:10]})" if version.commit else DISK


def _counts(changes: Iterable["ClauseChange"]) -> Iterator[str]:
    """The clauses of each kind, those that changed by weight too."""
    from reqgen.review.compare import Kind, Weight

    listed = list(changes)
    for kind in Kind:
        here = [change for change in listed if change.kind is kind]
        if here and kind is Kind.FORM:
            yield f"{count(len(here), 'clause')} de pure forme (ordre des clés, retour à la ligne, commentaires)"
        elif here:
            weights = [(weight, sum(change.weight is weight for change in here)) for weight in Weight]
            told = ", ".join(_weighed(weight, number) for weight, number in weights if number)
            plural = "" if len(here) < 2 else "s"
            detail = f" ({told})" if kind is Kind.CHANGED else ""
            yield f"{count(len(here), 'clause')} {kind}{plural}{detail}"


def _weighed(weight: "Weight", number: int) -> str:
    from reqgen.review.compare import Weight

    return f"{number} de métadonnées" if weight is Weight.METADATA else count(number, weight)


def _clause(change: "ClauseChange", look: Look) -> Iterator[str]:
    from reqgen.review.compare import Kind

    title = look.plain(change.title)
    match change.kind:
        case Kind.FORM:
            yield look.item(0, f"{change.id} change de forme seulement, métadonnées : {title}")
        case Kind.UNREADABLE:
            yield look.item(0, f"{change.id} n'est pas lisible dans l'une des deux versions : {title}")
        case _:
            yield look.item(0, f"{change.id} {change.kind}, {change.weight} : {title}")
    one = change.after or change.before
    if change.kind in (Kind.ADDED, Kind.REMOVED) and one is not None:
        yield look.item(
            2, look.plain(f"{one.level}, {one.tier}, {one.piece} ; {change.path_after or change.path_before}")
        )
    if change.path_before and change.path_after and change.path_before != change.path_after:
        paths = f"{change.path_before} → {change.path_after}"
        yield look.item(2, f"fichier déplacé (métadonnées) : {look.plain(paths)}")
    for field in change.fields:
        yield look.item(2, _field(field, look))


def _field(field: "FieldChange", look: Look) -> str:
    head = f"{look.plain(field.field)} {field.sense} ({field.weight})"
    if field.edits:
        return f"{head} : {' '.join(_edits(field.edits, look))}"
    sides = (side for side in (field.before, field.after) if side)
    return f"{head} : {look.plain(' → '.join(sides))}"


def _edits(edits: tuple["Edit", ...], look: Look) -> Iterator[str]:
    """The words that changed, and some of those around."""
    from reqgen.review.words import Op

    for number, edit in enumerate(edits):
        if edit.op is Op.OLD:
            yield look.old(edit.text)
        elif edit.op is Op.NEW:
            yield look.new(edit.text)
        else:
            words = edit.text.split(" ")
            before = words[:AROUND] if number else []
            after = words[-AROUND:] if number < len(edits) - 1 else []
            whole = len(words) <= len(before) + len(after)
            yield look.plain(edit.text if whole else " ".join([*before, "…", *after]))


def _file(change: "FileChange", look: Look) -> str:
    from reqgen.review.compare import Kind

    done = {Kind.ADDED: "ajouté", Kind.REMOVED: "retiré"}.get(change.kind, "changé")
    return f"{look.plain(change.path)} {done}"


def _project(project: "ProjectChanges", look: Look) -> Iterator[str]:
    yield look.title(look.plain(f"Projet {project.path}"))
    if project.errors:
        yield look.item(1, "non comparé : il n'est pas en ordre dans l'une des deux versions")
        yield from (look.item(2, look.plain(_finding(finding))) for finding in project.errors)
    elif not project.changes:
        yield look.item(1, "aucune clause ne change")
    for change in project.changes:
        yield from _effect(change, look)


def _effect(change: "TenderChange", look: Look) -> Iterator[str]:
    lot = f" (lot {change.lot})" if change.lot else ""
    weight = f", {change.weight}" if change.weight else ""
    yield look.item(1, f"{change.clause}{lot} {change.effect}{weight} : {look.plain(change.title)}")
    for label, reasons in (("avant", change.before), ("après", change.after)):
        if reasons:
            yield look.item(2, f"{label} : {look.plain(' ; '.join(reasons))}")


# For a program


def _as_json(compared: "Compared") -> dict[str, Any]:
    return {
        "dossier": compared.folder,
        "avant": _version_json(compared.old),
        "apres": _version_json(compared.new),
        "clauses": [_clause_json(change) for change in compared.changes.clauses],
        "autres_fichiers": [{"fichier": item.path, "changement": item.kind} for item in compared.changes.others],
        "projets": [
            {
                "projet": project.path,
                "erreurs": [_finding(finding) for finding in project.errors],
                "clauses": [_effect_json(change) for change in project.changes],
            }
            for project in compared.projects
        ],
    }


def _version_json(version: "Version") -> dict[str, Any]:
    return {
        "revision": version.name or None,
        "commit": version.commit or None,
        "erreurs": [_finding(finding) for finding in version.checked.errors],
    }


def _clause_json(change: "ClauseChange") -> dict[str, Any]:
    return {
        "id": change.id,
        "titre": change.title,
        "changement": change.kind,
        "classe": change.weight,
        "fichier_avant": change.path_before or None,
        "fichier_apres": change.path_after or None,
        "champs": [
            {
                "champ": field.field,
                "sens": field.sense,
                "classe": field.weight,
                "avant": field.before or None,
                "apres": field.after or None,
                "mots": [{"operation": edit.op, "texte": edit.text} for edit in field.edits],
            }
            for field in change.fields
        ],
    }


def _effect_json(change: "TenderChange") -> dict[str, Any]:
    return {
        "id": change.clause,
        "titre": change.title,
        "lot": change.lot or None,
        "effet": change.effect,
        "classe": change.weight,
        "raisons_avant": list(change.before),
        "raisons_apres": list(change.after),
    }
