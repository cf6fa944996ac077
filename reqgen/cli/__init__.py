"""The terminal: words in, exit codes out. One command a module, loaded only when it is called."""

import gc
import gettext
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from reqgen import __version__

# name -> (module, what `reqgen --help` says of it); the order is that of the help
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("reqgen.cli.init", "Pose les questions utiles et écrit le fichier de projet."),
    "generate": ("reqgen.cli.generate", "Produit un document du marché (CCTP, annexe RGPD, note à l'acheteur)."),
    "explain": ("reqgen.cli.explain", "Dit pourquoi chaque clause est retenue ou écartée."),
    "list": ("reqgen.cli.read", "Liste les clauses de la bibliothèque."),
    "show": ("reqgen.cli.read", "Montre une clause."),
    "stats": ("reqgen.cli.stats", "Compte les clauses ; cherche les doublons et les clauses inutilisées."),
    "validate": ("reqgen.cli.validate", "Vérifie la bibliothèque, un paquet de clauses ou un fichier."),
    "format": ("reqgen.cli.format", "Met les fichiers de la bibliothèque dans leur forme canonique."),
    "audit": ("reqgen.cli.audit", "Dit ce que le temps périme : sources, clauses datées, seuils."),
    "new": ("reqgen.cli.new", "Écrit le squelette d'une clause, avec le prochain identifiant libre."),
    "diff": ("reqgen.cli.diff", "Compare deux révisions de la bibliothèque, clause par clause."),
    "review": ("reqgen.cli.review", "Liste les relectures des clauses, et en donne une."),
    "site": ("reqgen.cli.site", "Écrit la bibliothèque en pages web, à lire sans réseau."),
    "import": ("reqgen.cli.import_word", "Reprend dans la bibliothèque un document Word modifié."),
    "schema": ("reqgen.cli.read", "Écrit le schéma JSON d'un type de fichier."),
}


@contextmanager
def _reader_present() -> Iterator[None]:
    """Tell that the reader of our output left before click makes an exit status of it."""
    try:
        yield
    except BrokenPipeError:
        from reqgen.cli.console import ReaderLeftError

        raise ReaderLeftError from None


class LazyGroup(click.Group):
    """A group whose commands are imported when called, so that `--help` and a mistyped word stay quick."""

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """Read the words of the command; `--help` and `--version` are answered here."""
        with _reader_present():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and write what is held of its output."""
        with _reader_present():
            result: object = super().invoke(ctx)
            sys.stdout.flush()
            return result

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but the near name is ours, accents aside."""
        from reqgen.model.words import near

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"la commande « {args[0]} » n'existe pas{near(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commandes"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    subcommand_metavar="COMMANDE [ARGUMENTS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="reqgen", message="%(prog)s %(version)s", help="Montre la version.")
def cli() -> None:
    """Assemble le cahier des clauses techniques d'un marché public numérique.

    Reqgen part d'une bibliothèque de clauses et de la description d'un marché, et produit un document Word adapté.
    """


def _speak_french() -> None:
    """Click's own words in French: it asks gettext's default domain, whose catalogue stands beside this file."""
    os.environ["LANGUAGE"] = "fr"
    gettext.bindtextdomain("messages", str(Path(__file__).parent / "locale"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8" if not stream.isatty() else stream.encoding, errors="replace")


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 not in order, 2 could not run, 70 a bug of ours."""
    _speak_french()
    gc.disable()  # a command lives for a second: collecting the cycles of a library of clauses costs a tenth of it
    from reqgen.cli.console import guarded

    arguments = None if args is None else list(args)
    try:
        status = guarded(lambda: cli.main(args=arguments, prog_name="reqgen", standalone_mode=False))
    finally:
        gc.enable()
    sys.exit(status)
