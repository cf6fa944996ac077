"""`reqgen new`."""

from pathlib import Path

import click

from reqgen.cli.console import FOLDER, say, sources
from reqgen.files import bundled, shown
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError


def _prefix(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    from reqgen.write.clause import PREFIX

    if value and not PREFIX.fullmatch(value):
        raise click.BadParameter(f"« {value} » n'a pas la forme XXX-YYY, en majuscules (HEL-PES)", ctx, parameter)
    return value


@click.command()
@click.argument("kind", metavar="TYPE", type=click.Choice(["clause"]))
@click.option("--theme", required=True, metavar="NOM", help="Thème de la clause, par son identifiant.")
@click.option(
    "--prefix",
    default="",
    callback=_prefix,
    metavar="XXX-YYY",
    help="Début de l'identifiant ; sans lui, celui de la plupart des clauses du thème.",
)
@click.option("--pack", type=FOLDER, metavar="DOSSIER", help="Écrit dans ce paquet de clauses.")
@click.option("--path", type=FOLDER, metavar="DOSSIER", help="Écrit dans cette bibliothèque.")
def new_command(kind: str, theme: str, prefix: str, pack: Path | None, path: Path | None) -> None:
    """Écrit le squelette d'une clause, avec le prochain identifiant libre du thème ; ne remplace jamais un fichier.

    TYPE est « clause ». Sans --pack ni --path, dans la bibliothèque de reqgen, depuis un dépôt de reqgen seulement. Le
    squelette est valide, sauf ses textes « À REMPLIR », que `reqgen validate` signale un à un.
    """
    from reqgen.pipeline.authoring import new_clause
    from reqgen.pipeline.reading import LIBRARY

    if pack and path:
        raise click.UsageError("--pack et --path s'excluent")
    if not pack and not path and Path(__file__).parents[1] in bundled(LIBRARY).parents:
        raise click.UsageError("la bibliothèque installée avec reqgen ne se modifie pas : ajouter --pack ou --path")
    if path and not (path / "bibliotheque.yaml").is_file():
        raise ReqgenError(
            Diagnostic(
                "missing-manifest",
                "le dossier n'a pas de bibliotheque.yaml",
                Place(shown(path)),
                "pour un paquet de clauses, donner --pack",
            )
        )
    written, start = new_clause(sources(path), theme, prefix, pack)
    say(f"écrit : {shown(written)}")
    if not prefix:
        say(f"identifiant en {start}, comme la plupart des clauses du thème ; --prefix en choisit un autre")
    say(f"à remplir : reqgen validate {shown(pack or path or written)}")
