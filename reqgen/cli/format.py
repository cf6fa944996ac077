"""`reqgen format`."""

from pathlib import Path

import click

from reqgen.cli.console import EXIT_NOT_IN_ORDER, emit_json, findings_text, format_option, say
from reqgen.files import bundled


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[CHEMIN]...")
@click.option("--check", is_flag=True, help="N'écrit rien : liste les fichiers à mettre en forme.")
@format_option
def format_command(paths: tuple[Path, ...], check: bool, output: str) -> int:
    """Met les fichiers YAML de reqgen dans leur forme canonique, commentaires gardés.

    CHEMIN est un fichier, ou un dossier dont tous les fichiers de reqgen sont repris. Sans CHEMIN, la bibliothèque de
    reqgen, depuis un dépôt de reqgen seulement. Les valeurs ne changent pas ; un fichier qui n'est pas du YAML correct
    est signalé et laissé tel quel. Avec --check, sort avec le code 1 si un fichier est à mettre en forme.
    """
    from reqgen.pipeline.formatting import format_files
    from reqgen.pipeline.reading import LIBRARY

    if not paths and not check and Path(__file__).parents[1] in bundled(LIBRARY).parents:
        raise click.UsageError("la bibliothèque installée avec reqgen ne se modifie pas : donner un CHEMIN")
    done = format_files(paths or (bundled(LIBRARY),), write=not check)
    if output == "json":
        emit_json(list(done.changed))
    elif check:
        for name in done.changed:
            click.echo(f"à mettre en forme : {name}")
    if not check:
        for name in done.changed:
            say(f"mis en forme : {name}")
    if done.findings:
        say(findings_text(done.findings, done.files))
    return EXIT_NOT_IN_ORDER if done.findings or (check and done.changed) else 0
