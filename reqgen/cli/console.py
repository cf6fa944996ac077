"""The one error boundary, and what every command shares: options, progress, printing."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reqgen.model.diagnostic import Diagnostic, NotInOrderError, ReqgenError

if TYPE_CHECKING:
    from reqgen.pipeline.reading import Sources

EXIT_NOT_IN_ORDER, EXIT_CANNOT_RUN, EXIT_BUG = 1, 2, 70
Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


class ReaderLeftError(Exception):
    """Raised when the reader of our output is gone (`reqgen list | head`). A BrokenPipeError is an exit status to click."""


def guarded(run: Callable[[], Any]) -> int:
    """Run a command and tell how it ended. Nothing but an exit status comes out, whatever happens inside."""
    try:
        result = run()
    except ReqgenError as error:
        say(findings_text(error.diagnostics, _texts(error.diagnostics)))
        return EXIT_NOT_IN_ORDER if isinstance(error, NotInOrderError) else EXIT_CANNOT_RUN
    except click.ClickException as error:
        error.show()
        return EXIT_CANNOT_RUN
    except (click.Abort, KeyboardInterrupt):
        say("Interrompu : rien n'a été écrit.")
        return EXIT_CANNOT_RUN
    except ReaderLeftError:
        with contextlib.suppress(OSError, ValueError):  # what is still held would be written when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _bug(error)
    return result if isinstance(result, int) else 0


def _texts(findings: Sequence[Diagnostic]) -> dict[str, str]:
    """The text of the files that findings point into, for the lines shown; those that cannot be read are left out."""
    from reqgen.files import read_text

    texts: dict[str, str] = {}
    for path in {finding.place.path for finding in findings}:
        with contextlib.suppress(ReqgenError):
            texts[path] = read_text(Path(path))
    return texts


def _bug(error: Exception) -> int:
    import traceback

    say("Une erreur de reqgen a interrompu la commande ; aucun fichier n'a été laissé à moitié écrit.")
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="reqgen-", suffix=".txt", delete=False, encoding="utf-8"
        ) as report:
            traceback.print_exception(error, file=report)
        say(f"Rapport : {report.name} (à joindre à un signalement, après l'avoir relu).")
    except OSError:
        say("Le rapport n'a pas pu être écrit.")
    return EXIT_BUG


def say(text: str) -> None:
    """A line for the person, on stderr: progress, warnings, what was written."""
    click.echo(text, err=True)


def findings_text(findings: Sequence[Diagnostic], files: Mapping[str, str] | None = None) -> str:
    """Findings as a person reads them."""
    from reqgen.cli.report import render

    return render(findings, files or {}, "text").rstrip("\n")


def library_options(command: Command) -> Command:
    """`--library`, `--pack`, `--templates`, the same everywhere."""
    for option in (
        click.option(
            "--templates",
            type=FOLDER,
            metavar="DOSSIER",
            help="Dossier de plans et de libellés, par-dessus ceux de reqgen.",
        ),
        click.option(
            "--pack",
            "packs",
            type=FOLDER,
            metavar="DOSSIER",
            multiple=True,
            help="Paquet de clauses, par-dessus la bibliothèque (répétable).",
        ),
        click.option(
            "--library", type=FOLDER, metavar="DOSSIER", help="Bibliothèque à utiliser au lieu de celle de reqgen."
        ),
    ):
        command = option(command)
    return command


def sources(
    library: Path | None, packs: Sequence[Path] = (), templates: Path | None = None, root: Path | None = None
) -> "Sources":
    """Where to read from, with today's date: the only clock of the program."""
    from reqgen.pipeline.reading import Sources

    return Sources(date.today(), library, tuple(packs), templates, root)


def emit_json(value: Any) -> None:
    """A value on stdout as JSON."""
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Forme du résultat.",
)

report_option = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "github", "gitlab", "junit", "sarif"]),
    default="text",
    show_default=True,
    help="Forme du résultat : pour une personne, un programme, ou un outil de relecture.",
)
