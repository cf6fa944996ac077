"""`reqgen list`, `show` and `schema`: reading the library."""

from pathlib import Path
from typing import Any

import click

from reqgen.cli.console import emit_json, format_option, library_options, sources
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.library import Clause, Library
from reqgen.model.words import near


def _library(library: Path | None, packs: tuple[Path, ...]) -> Library:
    from reqgen.pipeline.reading import read_library

    return read_library(sources(library, packs))[0]


@click.command()
@click.option("--theme", metavar="NOM", help="Seulement ce thème.")
@click.option("--domain", metavar="NOM", help="Seulement les clauses propres à ce domaine.")
@click.option("--piece", metavar="NOM", help="Seulement cette pièce.")
@format_option
@library_options
def list_command(
    theme: str | None,
    domain: str | None,
    piece: str | None,
    output: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> None:
    """Liste les clauses, une par ligne : identifiant, niveau, palier, pièce, thème, titre."""
    clauses = [
        clause
        for clause in _library(library, packs).clauses.values()
        if (theme is None or clause.theme == theme)
        and (piece is None or clause.piece.value == piece)
        and (domain is None or domain in {reference.id for reference in clause.domains})
    ]
    if output == "json":
        emit_json([_summary(clause) for clause in clauses])
        return
    for clause in clauses:
        click.echo("\t".join((clause.id, clause.level, clause.tier, clause.piece, clause.theme, clause.title)))


@click.command()
@click.argument("clause_id", metavar="CLAUSE")
@format_option
@library_options
def show_command(
    clause_id: str, output: str, library: Path | None, packs: tuple[Path, ...], templates: Path | None
) -> None:
    """Montre une clause : texte, paramètres, vérifications, sources, motif."""
    known = _library(library, packs)
    if clause_id not in known.clauses:
        raise ReqgenError(
            Diagnostic(
                "unknown-clause",
                f"« {clause_id} » n'est pas une clause de la bibliothèque{near(clause_id, known.clauses)}",
                Place("CLAUSE"),
                "voir `reqgen list`",
            )
        )
    clause = known.clauses[clause_id]
    if output == "json":
        emit_json(_full(clause, known))
    else:
        click.echo(_page(clause, known))


@click.command()
@click.argument("kind", metavar="[TYPE]", required=False)
def schema_command(kind: str | None) -> None:
    """Écrit le schéma JSON (2020-12) d'un TYPE de fichier, pour l'éditeur ; sans TYPE, liste les types."""
    from reqgen.load.schema import KINDS, schema

    if kind is None:
        click.echo("\n".join(KINDS))
        return
    if kind not in KINDS:
        raise ReqgenError(
            Diagnostic(
                "unknown-kind",
                f"« {kind} » n'est pas un type de fichier{near(kind, KINDS)}",
                Place("TYPE"),
                f"types : {', '.join(KINDS)}",
            )
        )
    emit_json(schema(kind))


def _summary(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "titre": clause.title,
        "theme": clause.theme,
        "nature": clause.nature,
        "niveau": clause.level,
        "palier": clause.tier,
        "piece": clause.piece,
        "domaines": [reference.id for reference in clause.domains],
        "relecture": clause.review.status,
        "fichier": clause.place.path,
    }


def _full(clause: Clause, library: Library) -> dict[str, Any]:
    return {
        **_summary(clause),
        "texte": clause.text.text,
        "parametres": {
            item.name: {
                "libelle": item.label,
                "type": item.kind,
                "unite": item.unit,
                "defaut": item.default,
                "min": item.minimum,
                "max": item.maximum,
            }
            for item in clause.parameters
        },
        "verification": [
            {"phase": item.phase, "mode": item.mode, "par": item.by, "methode": item.method.text}
            for item in clause.verifications
        ],
        "exigible": clause.due,
        "reponse": clause.answer,
        "sources": [
            {
                "id": citation.source,
                "titre": library.sources[citation.source].title if citation.source in library.sources else "",
                "article": citation.article,
            }
            for citation in clause.citations
        ],
        "motif": clause.rationale,
    }


def _page(clause: Clause, library: Library) -> str:
    lines = [
        f"{clause.id} – {clause.title}",
        f"{clause.nature} ; {clause.level} ; palier {clause.tier} ; pièce {clause.piece} ; thème {clause.theme}",
        f"relecture : {clause.review.status}",
        f"fichier : {clause.place.path}",
        "",
        clause.text.text.rstrip(),
        "",
    ]
    for item in clause.parameters:
        bounds = (
            f" (de {item.minimum} à {item.maximum})" if item.minimum is not None and item.maximum is not None else ""
        )
        lines.append(f"paramètre {item.name} : {item.label} = {item.default} {item.unit}".rstrip() + bounds)
    lines += [
        f"vérification, {item.phase}, {item.mode}, par {item.by} : {' '.join(item.method.text.split())}"
        for item in clause.verifications
    ]
    lines += [f"exigible : {clause.due} ; réponse du candidat : {clause.answer}"]
    for citation in clause.citations:
        source = library.sources.get(citation.source)
        lines.append(f"source : {source.title if source else citation.source} {source.url if source else ''}".rstrip())
    return "\n".join([*lines, "", "motif :", clause.rationale.rstrip()])
