"""`reqgen site`."""

from pathlib import Path

import click

from reqgen.cli.console import FOLDER, library_options, say, sources
from reqgen.files import shown
from reqgen.model.words import count


@click.command()
@click.option(
    "-o",
    "--output",
    "target",
    type=FOLDER,
    required=True,
    metavar="DOSSIER",
    help="Dossier à écrire ; il est remplacé en entier.",
)
@click.option(
    "--public",
    is_flag=True,
    help="Édition sans ce que les candidats n'ont pas à lire : clauses à diffusion restreinte, motifs, historique.",
)
@click.option("--force", is_flag=True, help="Remplace même un dossier étranger à reqgen, ou modifié depuis.")
@library_options
def site_command(
    target: Path,
    public: bool,
    force: bool,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> None:
    """Écrit la bibliothèque en pages web, à lire sans réseau ni serveur : ouvrir index.html.

    Une page par clause, des index par thème, domaine, source et question, l'historique tenu par git, et une recherche.
    """
    from reqgen.pipeline.publishing import publish

    written = publish(target, sources(library, packs, templates), public=public, force=force, say=say)
    say(f"écrit : {shown(target)}/ ({count(written, 'fichier')}) ; ouvrir {shown(target / 'index.html')}")
