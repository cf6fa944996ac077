"""`reqgen diff`."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from reqgen.cli.console import FILE, FOLDER, emit_json, say, sources
from reqgen.files import bundled, matching, shown, write_whole
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.words import count

if TYPE_CHECKING:
    from reqgen.pipeline.revisions import Compared, ProjectChanges, Version
    from reqgen.review.compare import ClauseChange, FieldChange, FileChange, Weight
    from reqgen.review.tenders import TenderChange
    from reqgen.review.words import Edit

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
    type=click.Choice(["text", "md", "json", "html"]),
    default="text",
    show_default=True,
    help="Forme du résultat.",
)
@click.option(
    "-o",
    "--output",
    "targets",
    type=FILE,
    multiple=True,
    metavar="FICHIER",
    help="Fichier à écrire au lieu du terminal : .docx (modifications suivies) ou .html (répétable).",
)
@click.option("--force", is_flag=True, help="Remplace même un fichier étranger ou modifié depuis.")
def diff_command(
    rev_a: str,
    rev_b: str | None,
    folder: Path,
    projects: tuple[str, ...],
    root: Path | None,
    output: str,
    targets: tuple[Path, ...],
    force: bool,
) -> None:
    """Compare la bibliothèque à deux révisions git, clause par clause ; sans RÉVISION_B, à l'arbre de travail."""
    from reqgen.pipeline.revisions import compare_revisions

    if targets and output in ("md", "json"):
        raise click.UsageError(f"--format {output} s'écrit dans le terminal : retirer -o")
    for target in targets:
        _refuse(target, force)
    paths = list(dict.fromkeys(path for pattern in projects for path in matching(pattern)))
    compared = compare_revisions((rev_a, rev_b), folder, sources(None, root=root), paths)
    for version in (compared.old, compared.new):
        _warn(version)
    if targets:
        _write(compared, targets)
        return
    if output == "html":
        click.echo(_redlined(compared, "html"), nl=False)
        return
    if output == "json":
        emit_json(_as_json(compared))
        return
    for line in _lines(compared, PAGE if output == "md" else TEXT):
        click.echo(line)


KINDS = {".docx": "docx", ".html": "html", ".htm": "html"}


def _refuse(target: Path, force: bool) -> None:
    """Refuse a file of a kind that is not written, or one that is not ours, before anything is read."""
    kind = KINDS.get(target.suffix.lower())
    if kind is None:
        message, mend = f"« {target.name} » : seuls .docx et .html sont produits", "donner un nom en .docx ou en .html"
        raise ReqgenError(Diagnostic("unknown-format", message, Place("-o"), mend))
    if target.exists() and not force and not _is_ours(target, kind):
        message = "le fichier existe et n'est pas de reqgen, ou a été modifié depuis"
        mend = "choisir un autre nom, ou ajouter --force pour le remplacer"
        raise ReqgenError(Diagnostic("foreign-file", message, Place(shown(target)), mend))


def _is_ours(target: Path, kind: str) -> bool:
    """Whether we wrote the file, and nobody changed it since."""
    if kind == "html":
        from reqgen.render.redline_html import is_untouched
    else:
        from reqgen.render.digest import is_untouched
    try:
        return is_untouched(target.read_bytes())
    except OSError:
        return False


def _write(compared: "Compared", targets: Iterable[Path]) -> None:
    """Make every file, then write them."""
    for target, data in [(target, _redlined(compared, KINDS[target.suffix.lower()])) for target in targets]:
        write_whole(target, data)
        say(f"écrit : {shown(target)}")


def _redlined(compared: "Compared", kind: str) -> bytes:
    """Both versions of what changed in one file."""
    from datetime import date

    from reqgen.model.revision import Annex
    from reqgen.pipeline.revisions import redline_of
    from reqgen.render import redline, redline_html

    changes = compared.changes
    remarks = [*_counts(changes.clauses), *_not_shown(changes.clauses)]
    others = [(1, _file(change, TEXT)) for change in changes.others]
    annexes = [Annex("Autres fichiers", tuple(others))] if others else []
    for project in compared.projects:
        title, *items = _project(project, TEXT)
        annexes.append(Annex(title, tuple((_depth(item), item.strip()) for item in items)))
    made = redline_of(compared, remarks, annexes, date.today())
    if kind == "html":
        return redline_html.write(made)
    template = bundled("templates") / "word" / "reference.docx"
    return redline.write(made, template.read_bytes(), name=shown(template))


def _depth(item: str) -> int:
    """The depth of an item of `TEXT`."""
    return (len(item) - len(item.lstrip(" "))) // len(TEXT.item(1, ""))


def _not_shown(changes: Iterable["ClauseChange"]) -> Iterator[str]:
    from reqgen.review.compare import Kind

    told = {
        Kind.FORM: "de pure forme, non montrées",
        Kind.UNREADABLE: "illisibles dans l'une des versions, non comparées",
    }
    for kind, words in told.items():
        names = [change.id for change in changes if change.kind is kind]
        if names:
            yield f"{words} : {', '.join(names)}"


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
    from reqgen.pipeline.revisions import named

    names = f"{named(compared.old)} → {named(compared.new)}"
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
    from reqgen.model.revision import Op

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
