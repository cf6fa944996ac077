"""`reqgen list`, `show` and `schema`: reading the library."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from reqgen.cli.console import emit_json, format_option, library_options, sources
from reqgen.model.condition import Always
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.library import Citation, Clause, Disclosure, Library, Piece, ReviewStatus
from reqgen.model.words import french_date, near


def _library(library: Path | None, packs: tuple[Path, ...]) -> Library:
    from reqgen.pipeline.reading import read_library

    return read_library(sources(library, packs))[0]


@click.command()
@click.option("--theme", metavar="NOM", help="Seulement ce thème.")
@click.option("--domain", metavar="NOM", help="Seulement les clauses propres à ce domaine.")
@click.option("--piece", type=click.Choice([piece.value for piece in Piece]), help="Seulement cette pièce.")
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
    known = _library(library, packs)
    _check_filters(theme, domain, known)
    domains = set() if domain is None else set(known.current_domains(domain))
    clauses = [
        clause
        for clause in known.clauses.values()
        if (theme is None or clause.theme == theme)
        and (piece is None or clause.piece.value == piece)
        and (domain is None or domains & {reference.id for reference in clause.domains})
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
        click.echo(page(clause, known))


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


def _check_filters(theme: str | None, domain: str | None, library: Library) -> None:
    """Refuse a name that the library does not know: an empty list would pass for an answer."""
    old_ids = [alias.id for found in library.domains.values() for alias in found.aliases]
    filters = (
        ("--theme", "unknown-theme", "thème", theme, [*library.themes]),
        ("--domain", "unknown-domain", "domaine", domain, [*library.domains, *old_ids]),
    )
    findings = [
        Diagnostic(
            rule,
            f"aucun nom de {noun} n'est « {name} »{near(name, names)}",
            Place(option),
            f"noms connus : {', '.join(sorted(names))}",
        )
        for option, rule, noun, name, names in filters
        if name is not None and name not in names
    ]
    if findings:
        raise ReqgenError(*findings)


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


def page(clause: Clause, library: Library) -> str:
    """A clause as a person reads it."""
    lines = [
        f"{clause.id} – {clause.title}",
        f"{clause.nature} ; {clause.level} ; palier {clause.tier} ; pièce {clause.piece} ; thème {clause.theme}",
        f"relecture : {review_of(clause)}",
        f"fichier : {clause.place.path}",
        *_bearings(clause),
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
    lines += [
        f"livrable, {item.milestone} : {item.name}{f', {item.delay}' if item.delay else ''}"
        for item in clause.deliverables
    ]
    lines += [f"exigible : {clause.due} ; réponse du candidat : {clause.answer}"]
    lines += [_cited(citation, library) for citation in clause.citations]
    return "\n".join([*lines, "", "motif :", clause.rationale.rstrip()])


def review_of(clause: Clause) -> str:
    """The state of review on a line: who gave it, when, and whether the clause has changed since."""
    review = clause.review
    if not review.whole or review.on is None or review.written is ReviewStatus.DRAFT:
        return str(review.status)
    given = f"par {review.by} le {french_date(review.on)}"
    if review.stale:
        return f"{review.status} ({review.written} {given}, sur un texte qui a changé depuis)"
    return f"{review.status} {given}"


def _bearings(clause: Clause) -> Iterator[str]:
    """When the clause stands, and what it does to others: only what the file says."""
    from reqgen.review.conditions import told

    always = isinstance(clause.condition, Always)
    lists = (
        ("diffusion", [] if clause.disclosure is Disclosure.PUBLIC else [clause.disclosure]),
        ("sous-critère", [clause.sub_criterion] if clause.sub_criterion else []),
        ("domaines", [item.id for item in clause.domains]),
        ("si", [] if always else [told(clause.condition)]),
        ("requiert", [item.id for item in clause.requires]),
        ("incompatible avec", [item.id for item in clause.incompatible]),
        ("remplace", [item.id for item in clause.replaces]),
        ("déroge à (CCAG-TIC)", list(clause.departs_from)),
        ("en vigueur du", [french_date(clause.in_force_from)] if clause.in_force_from else []),
        ("en vigueur au", [french_date(clause.in_force_until)] if clause.in_force_until else []),
        ("surcharge", [clause.override_reason] if clause.override_reason else []),
    )
    for label, values in lists:
        if values:
            yield f"{label} : {', '.join(values)}"


def _cited(citation: Citation, library: Library) -> str:
    from reqgen.review.conditions import told

    source = library.sources.get(citation.source)
    title = source.title if source else citation.source
    article = f", {citation.article}" if citation.article else ""
    binds = f" (oblige : {told(citation.binds_if)})" if citation.binds_if is not None else ""
    return f"source : {title}{article}{binds} {source.url if source else ''}".rstrip()
