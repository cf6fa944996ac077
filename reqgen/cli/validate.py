"""`reqgen validate`."""

from pathlib import Path

import click

from reqgen.cli.console import EXIT_NOT_IN_ORDER, library_options, report_option, sources


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[CHEMIN]...")
@report_option
@library_options
@click.pass_context
def validate_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    output: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> int:
    """Vérifie la bibliothèque, un paquet de clauses, ou un fichier seul.

    Sans CHEMIN, la bibliothèque de reqgen. Un dossier qui contient bibliotheque.yaml est une bibliothèque ; tout autre
    dossier est un paquet de clauses, vérifié par-dessus elle ; un fichier est vérifié pour ce qu'il est (clause, faits,
    domaine, sources, projet).
    """
    from reqgen.cli.report import render
    from reqgen.pipeline.checking import validate

    checked = validate(paths, sources(library, packs, templates))
    click.echo(render(checked.findings, checked.files, output), nl=False)
    return EXIT_NOT_IN_ORDER if checked.errors else 0
