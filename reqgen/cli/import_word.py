"""`reqgen import`."""

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reqgen.cli.console import EXIT_NOT_IN_ORDER, FILE, emit_json, format_option, library_options, say, sources
from reqgen.model.words import count

if TYPE_CHECKING:
    from reqgen.model.diagnostic import Diagnostic
    from reqgen.pipeline.importing import Imported
    from reqgen.review.edits import FieldEdit, Remark

AROUND = 6
"""Words shown on each side of a change."""


@click.command()
@click.argument("document", type=FILE, metavar="DOCUMENT.docx")
@click.option(
    "--project", type=FILE, metavar="PROJET", help="Projet d'où vient le document : ses paquets et ses valeurs."
)
@click.option("--dry-run", is_flag=True, help="Montre le correctif, et n'écrit rien.")
@format_option
@library_options
def import_command(
    document: Path,
    project: Path | None,
    dry_run: bool,
    output: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> int:
    """Reprend dans la bibliothèque les clauses modifiées dans un document Word produit par reqgen.

    Seuls les textes touchés changent dans les fichiers. Sort avec le code 1 si quelque chose reste à décider.
    """
    from reqgen.pipeline.importing import import_word, write_files

    where = sources(library, packs, templates)
    imported = import_word(document, where, project)
    if not dry_run:
        write_files(imported, where)
    if output == "json":
        emit_json(_as_json(imported, dry_run=dry_run))
    else:
        for line in _lines(imported, dry_run=dry_run):
            click.echo(line)
    for file in () if dry_run else imported.files:
        say(f"écrit : {file.path}")
    return EXIT_NOT_IN_ORDER if imported.to_decide or imported.checked.errors else 0


# For a person


def _lines(imported: "Imported", *, dry_run: bool) -> Iterator[str]:
    from reqgen.cli.report import render

    edits = imported.edits
    for edit in edits.changed:
        by = f" (suivi : {' ; '.join(edit.by)})" if edit.by else ""
        yield f"{edit.clause}, {_field(edit)}{by} : {_words(edit)}"
    if dry_run and imported.files:
        yield ""
        yield _patch(imported).rstrip("\n")
    found = (*imported.to_decide, *imported.checked.findings)
    if found:
        yield ""
        yield "À décider ou à corriger :"
        yield render(found, imported.checked.files).rstrip("\n")
    if edits.remarks:
        yield ""
        yield "Commentaires :"
        yield from (f"  {_remark(one)}" for one in edits.remarks)
    if edits.notes:
        yield ""
        yield from edits.notes
    if edits.changed or found or edits.remarks or edits.notes:
        yield ""
    done = "à changer" if dry_run else "repris"
    yield (
        f"{count(edits.clauses, 'clause lue', 'clauses lues')} ; {count(len(edits.changed), 'texte')} {done} ; "
        f"{len(imported.to_decide)} à décider ; {count(len(edits.remarks), 'commentaire')}"
    )


def _field(edit: "FieldEdit") -> str:
    if edit.path[0] == "verification":
        return f"vérification {int(edit.path[1]) + 1}"
    return str(edit.path[0])


def _words(edit: "FieldEdit") -> str:
    """The words that changed, and some of those around."""
    from reqgen.review.words import compare_words

    shown: list[str] = []
    words = compare_words(edit.before, edit.after)
    for number, one in enumerate(words):
        if one.op == "-":
            shown.append(f"[-{one.text}-]")
        elif one.op == "+":
            shown.append(f"{{+{one.text}+}}")
        else:
            around = one.text.split(" ")
            before = around[:AROUND] if number else []
            after = around[-AROUND:] if number < len(words) - 1 else []
            short = len(before) + len(after) < len(around)
            shown.append(" ".join([*before, "…", *after]) if short else one.text)
    return " ".join(shown)


def _patch(imported: "Imported") -> str:
    return "".join(
        line if line.endswith("\n") else f"{line}\n"
        for file in imported.files
        for line in unified_diff(
            file.before.splitlines(keepends=True), file.after.splitlines(keepends=True), file.path, file.path
        )
    )


def _remark(one: "Remark") -> str:
    who = ", ".join(part for part in (one.comment.author or "auteur inconnu", one.comment.day) if part)
    about = f" (« {one.about} »)" if one.about else ""
    return f"{one.clause or 'hors des clauses'}, {who} : {one.comment.text}{about}"


# For a program


def _as_json(imported: "Imported", *, dry_run: bool) -> dict[str, Any]:
    from reqgen.review.words import compare_words

    edits = imported.edits
    return {
        "clauses": edits.clauses,
        "changements": [
            {
                "id": edit.clause,
                "champ": ".".join(map(str, edit.path)),
                "avant": edit.before,
                "apres": edit.after,
                "mots": [{"operation": one.op, "texte": one.text} for one in compare_words(edit.before, edit.after)],
                "suivi": list(edit.by),
            }
            for edit in edits.changed
        ],
        "a_decider": [_finding(one) for one in imported.to_decide],
        "constats": [_finding(one) for one in imported.checked.findings],
        "commentaires": [
            {
                "id": one.clause or None,
                "auteur": one.comment.author or None,
                "date": one.comment.day or None,
                "texte": one.comment.text,
                "passage": one.about or None,
            }
            for one in edits.remarks
        ],
        "notes": list(edits.notes),
        "correctif": _patch(imported),
        "ecrits": [] if dry_run else [file.path for file in imported.files],
    }


def _finding(one: "Diagnostic") -> dict[str, Any]:
    return {
        "path": one.place.path,
        "line": one.place.line,
        "column": one.place.column,
        "severity": one.severity.value,
        "rule": one.rule,
        "message": one.message,
        "help": one.help,
    }
