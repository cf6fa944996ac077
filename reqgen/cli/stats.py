"""`reqgen stats`."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from reqgen.cli.console import emit_json, format_option, library_options, say, sources
from reqgen.files import matching, shown
from reqgen.model.diagnostic import Diagnostic, NotInOrderError
from reqgen.model.words import count, french_number

if TYPE_CHECKING:
    from reqgen.model.library import Clause, Library
    from reqgen.pipeline.reading import Sources, Tender
    from reqgen.stats.counts import Group, Stats
    from reqgen.stats.pages import Length
    from reqgen.stats.similar import Pair

CITED = 20
WEIGHING = 5
"""Chapters named for a document that is too long or too short."""
WORKERS = 4
Row = Sequence[str | int | float]


class Measured(Struct, frozen=True):
    """What the projects say of the library: the clauses that none keeps, and the length of each."""

    projects: tuple[str, ...]
    unselected: tuple["Clause", ...]
    lengths: tuple["Length", ...] = ()


@click.command()
@click.option(
    "--projects",
    multiple=True,
    metavar="MOTIF",
    help="Projets, par exemple 'examples/*.yaml' : dit quelles clauses aucun d'eux ne retient (répétable).",
)
@click.option(
    "--pages",
    is_flag=True,
    help="Avec --projects, donne les pages du CCTP de chaque projet, mis en page par LibreOffice.",
)
@click.option("--similar", is_flag=True, help="Donne, au lieu des comptes, les clauses qui se ressemblent.")
@click.option(
    "--threshold",
    type=click.FloatRange(0.1, 1),
    default=0.4,
    show_default=True,
    metavar="NOMBRE",
    help="Ressemblance à partir de laquelle --similar montre deux clauses, de 0,1 à 1.",
)
@format_option
@library_options
def stats_command(
    projects: tuple[str, ...],
    pages: bool,
    similar: bool,
    threshold: float,
    output: str,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> None:
    """Compte les clauses par thème, domaine, palier, niveau, pièce, vérification, source et relecture."""
    from reqgen.pipeline.reading import read_library

    if pages and not projects:
        raise click.UsageError("--pages mesure des projets : ajouter --projects")
    if similar and projects:
        raise click.UsageError("--similar et --projects s'excluent")
    where = sources(library, packs, templates)
    known = read_library(where)[0]
    if similar:
        _show_pairs(known, threshold, output)
        return
    from reqgen.stats.counts import count_library

    stats = count_library(known)
    measured = _measure(projects, known, where, pages) if projects else None
    if output == "json":
        emit_json({**_as_json(stats), **(_measured_json(measured, pages) if measured else {})})
        return
    for line in (*_lines(stats), *(_measured_lines(measured, pages) if measured else ())):
        click.echo(line)


# The projects


def _measure(patterns: Iterable[str], library: "Library", where: "Sources", pages: bool) -> Measured:
    """Read every project, one line of progress each; all that is wrong with them is told at once."""
    from reqgen.render.paginate import find_soffice
    from reqgen.stats.counts import unselected

    paths = list(dict.fromkeys(path for pattern in patterns for path in matching(pattern)))
    soffice = find_soffice() if pages else ""
    kept: set[str] = set()
    lengths: list[Length] = []
    wrong: list[Diagnostic] = []
    with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1)) as pool:
        results = pool.map(lambda path: _one(path, where, soffice), paths)
        for number, (path, result) in enumerate(zip(paths, results, strict=True), 1):
            say(f"{number}/{len(paths)} {shown(path)}")
            if isinstance(result, NotInOrderError):
                wrong += result.diagnostics
                continue
            kept |= result[0]
            lengths += [result[1]] if result[1] else []
    if wrong:
        raise NotInOrderError(*dict.fromkeys(wrong))
    order = sorted(lengths, key=lambda length: (length.domains, length.tier.rank, length.project))
    return Measured(tuple(map(shown, paths)), unselected(library, kept), tuple(order))


def _one(path: Path, where: "Sources", soffice: str) -> "tuple[frozenset[str], Length | None] | NotInOrderError":
    """The clauses that a project keeps and, with LibreOffice, its length; its errors are returned, to go on."""
    from reqgen.pipeline.reading import read_tender
    from reqgen.stats.counts import kept_ids

    try:
        tender = read_tender(path, where)
        return kept_ids(tender.selection), _length(shown(path), tender, where, soffice) if soffice else None
    except NotInOrderError as error:
        return error


def _length(name: str, tender: "Tender", where: "Sources", soffice: str) -> "Length":
    """The pages of the main document, with functional needs and without; unanswered questions count as a draft shows them."""
    from reqgen.cli.generate import look_of
    from reqgen.pipeline.documents import assemble
    from reqgen.pipeline.reading import read_outlines
    from reqgen.render import docx
    from reqgen.render.paginate import count_pages
    from reqgen.stats.pages import Length, main_outline, sections_of, without_needs

    project = tender.project
    domains = tuple(dict.fromkeys(domain for part in tender.selection.lots for domain in part.domains))
    outline = main_outline(read_outlines(where), domains)
    look, look_name = look_of(None, tender, where.root)
    bare = replace(tender, selection=without_needs(tender.selection))
    documents = [assemble(one, outline, draft=True) for one in (tender, bare)]
    total, rest = count_pages([docx.write(document, look, name=look_name) for document in documents], soffice)
    return Length(name, outline.name, domains, project.tier, len(project.lots), total, rest, sections_of(documents[1]))


# As text


def _lines(stats: "Stats") -> Iterator[str]:
    from reqgen.model.library import Tier

    yield count(stats.clauses, "clause")
    heads = (*(tier.value for tier in Tier), "total", "sources")
    yield from _table(("Thème", "", *heads), [_group(group) for group in stats.themes])
    yield from _table(("Domaine", "", *heads), [_group(group) for group in (*stats.domains, stats.common)])
    for title, counted in _sides(stats).items():
        yield from _table((title, "clauses"), list(counted.items()))
    cited = [(source.id, source.short, number) for source, number in stats.sources if number]
    yield from _table(("Sources les plus citées", "", "clauses"), cited[:CITED])
    if len(cited) > CITED:
        yield f"et {count(len(cited) - CITED, 'autre source citée', 'autres sources citées')} (toutes avec --format json)"
    never = len(stats.sources) - len(cited)
    if never:
        yield f"{count(never, 'source que rien ne cite', 'sources que rien ne cite')}"


def _sides(stats: "Stats") -> dict[str, Mapping[str, int]]:
    return {
        "Palier": stats.tiers,
        "Niveau": stats.levels,
        "Pièce": stats.pieces,
        "Mode de vérification": stats.modes,
        "Phase de vérification": stats.phases,
        "Relecture": stats.reviews,
    }


def _group(group: "Group") -> Row:
    return (group.id or "-", group.title, *group.tiers.values(), group.clauses, group.sources)


def _measured_lines(measured: Measured, pages: bool) -> Iterator[str]:
    many = count(len(measured.projects), "projet")
    title = f"{count(len(measured.unselected), 'clause')} que ne retient aucun des projets ({many})"
    yield from _table((title, ""), [(clause.id, clause.title) for clause in measured.unselected])
    if pages:
        yield from _pages_lines(measured.lengths)


def _pages_lines(lengths: Sequence["Length"]) -> Iterator[str]:
    heads = (
        "Pages du document principal",
        "document",
        "domaines",
        "palier",
        "lots",
        "total",
        "hors besoins",
        "repère",
        "",
    )
    yield from _table(heads, [_length_row(length) for length in lengths])
    yield "hors besoins : sans les besoins fonctionnels, annexes comprises ; repère : pages attendues hors besoins à ce palier"
    missed = [row for length in lengths if length.miss for row in _miss_rows(length)]
    if missed:
        yield from _table(
            ("Écarts expliqués", "écart", "chapitres les plus longs", "exigences", "part du texte"), missed
        )


def _length_row(length: "Length") -> Row:
    domains, lots = ", ".join(length.domains), length.lots or "-"
    expected = "-".join(map(str, length.range or ()))
    return (
        length.project,
        length.document,
        domains,
        length.tier,
        lots,
        length.total,
        length.bare,
        expected or "-",
        length.mark,
    )


def _miss_rows(length: "Length") -> Iterator[Row]:
    """The chapters that make the length of a document which is outside its range, the longest first."""
    miss = f"{length.mark} de {count(abs(length.miss), 'page')}"
    for section, share in length.heaviest[:WEIGHING]:
        yield length.project, miss, section.title, section.requirements, f"{share}\u00a0%"


def _table(head: Row, rows: Sequence[Row]) -> Iterator[str]:
    """A blank line, a head, and rows in columns as wide as their words: numbers to the right, nothing cut."""
    shown_rows = [[french_number(cell) if isinstance(cell, int | float) else cell for cell in row] for row in rows]
    words = [[str(cell) for cell in head], *shown_rows]
    widths = [max(map(len, column)) for column in zip(*words, strict=True)]
    right = [bool(rows) and isinstance(cell, int | float) for cell in rows[0]] if rows else [False] * len(head)
    yield ""
    for line in words:
        cells = zip(line, widths, right, strict=True)
        yield "  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in cells).rstrip()


# As JSON


def _as_json(stats: "Stats") -> dict[str, Any]:
    return {
        "clauses": stats.clauses,
        "themes": [_group_json(group) for group in stats.themes],
        "domaines": [_group_json(group) for group in stats.domains],
        "sans_domaine": _group_json(stats.common),
        "paliers": stats.tiers,
        "niveaux": stats.levels,
        "pieces": stats.pieces,
        "modes": stats.modes,
        "phases": stats.phases,
        "relecture": stats.reviews,
        "sources": [{"id": source.id, "court": source.short, "clauses": number} for source, number in stats.sources],
    }


def _group_json(group: "Group") -> dict[str, Any]:
    return {
        "id": group.id,
        "titre": group.title,
        "clauses": group.clauses,
        "paliers": group.tiers,
        "pieces": group.pieces,
        "sources": group.sources,
    }


def _measured_json(measured: Measured, pages: bool) -> dict[str, Any]:
    record: dict[str, Any] = {
        "projets": measured.projects,
        "non_retenues": [clause.id for clause in measured.unselected],
    }
    if pages:
        record["pages"] = [_length_json(length) for length in measured.lengths]
    return record


def _length_json(length: "Length") -> dict[str, Any]:
    return {
        "projet": length.project,
        "document": length.document,
        "domaines": length.domains,
        "palier": length.tier,
        "lots": length.lots,
        "total": length.total,
        "hors_besoins": length.bare,
        "repere": length.range,
        "ecart": length.mark or None,
        "pages_en_ecart": length.miss,
        "chapitres": [
            {"titre": section.title, "exigences": section.requirements, "part": share}
            for section, share in length.heaviest
        ],
    }


# Clauses that are alike


def _show_pairs(library: "Library", threshold: float, output: str) -> None:
    from reqgen.stats.similar import similar

    pairs = similar(list(library.clauses.values()), threshold)
    if output == "json":
        emit_json([_pair_json(pair) for pair in pairs])
        return
    least = f"{threshold:.2f}".replace(".", ",")
    click.echo(f"{count(len(pairs), 'paire')} de clauses dont la ressemblance atteint {least}")
    for pair in pairs:
        score = f"{pair.score:.2f}".replace(".", ",")
        known = f" ({pair.link})" if pair.link else ""
        click.echo(f"\n{score}  {pair.first.id} et {pair.second.id}{known}")
        for clause in (pair.first, pair.second):
            click.echo(f"      {clause.title} – {clause.place.path}")


def _pair_json(pair: "Pair") -> dict[str, Any]:
    return {
        "ressemblance": pair.score,
        "clauses": [pair.first.id, pair.second.id],
        "titres": [pair.first.title, pair.second.title],
        "fichiers": [pair.first.place.path, pair.second.place.path],
        "lien": pair.link or None,
    }
