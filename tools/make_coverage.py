"""Write docs/couverture.md and docs/images/couverture.svg from what `reqgen stats` counts.

Same library, same bytes: no clock, no machine, no page counts. tests/golden fails when one of them is stale.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path

from reqgen.model.library import Library, Tier
from reqgen.model.words import count, french_date, french_number, plain
from reqgen.pipeline.reading import Sources, read_library
from reqgen.stats.counts import Group, Stats, count_library

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "couverture.md"
PICTURE = ROOT / "docs" / "images" / "couverture.svg"

# Dark enough on white for graphics (WCAG 1.4.11, 3:1), and told apart in grey too.
COLOURS: Mapping[str, str] = {"essentiel": "#1b3a6b", "standard": "#4a7fb8", "renforcé": "#b5651d"}
WIDTH, LABEL, ROW, BAR = 900, 380, 20, 13
MOST_CITED = 15


def main() -> None:
    """Write both files."""
    for path, text in files().items():
        path.write_text(text, "utf-8", newline="\n")
        print(f"écrit : {path.relative_to(ROOT).as_posix()}")


def files() -> dict[Path, str]:
    """The text of each file, by its path."""
    library, _ = read_library(Sources(date(2000, 1, 1)))  # the day only matters to findings, which are not shown
    stats = count_library(library)
    return {PAGE: page(library, stats), PICTURE: picture(library, stats)}


# The page


def page(library: Library, stats: Stats) -> str:
    """The page in Markdown."""
    return "\n".join(_page(library, stats)) + "\n"


def _page(library: Library, stats: Stats) -> Iterator[str]:
    manifest = library.manifest
    yield "# Ce que couvre la bibliothèque"
    yield ""
    yield "<!-- Page écrite par tools/make_coverage.py : ne pas la modifier à la main. -->"
    yield ""
    yield (
        f"{manifest.title}, version {manifest.version} du {french_date(manifest.released)} ; état du droit au "
        f"{french_date(manifest.law_as_of)}. {_summary(stats)}"
    )
    yield ""
    yield (
        "Une clause d'un palier est aussi retenue aux paliers plus profonds. Un marché ne reçoit que les clauses dont la "
        "condition est remplie : `reqgen explain` dit lesquelles et pourquoi, `reqgen stats` refait ces comptes sur votre "
        "bibliothèque et vos paquets."
    )
    yield ""
    yield "![Nombre de clauses par thème et par domaine, selon le palier](images/couverture.svg)"
    yield from _section("Thèmes communs à tous les domaines", "thème", _common_themes(library, stats))
    yield from _section("Domaines de service", "domaine", _by_title(stats.domains))
    yield ""
    yield "Une clause propre à plusieurs domaines est comptée dans chacun."
    yield from _exchanges(library)
    yield from _sides(stats)
    yield from _sources(stats)


def _summary(stats: Stats) -> str:
    cited = sum(1 for _, number in stats.sources if number)
    read = stats.reviews["relu"] + stats.reviews["validé"]
    reviewed = (
        f"{count(read, 'relue', 'relues')} par un juriste" if read else "aucune n'est encore relue par un juriste"
    )
    return (
        f"{count(stats.clauses, 'clause')}, {count(len(stats.domains), 'domaine')} de service, "
        f"{count(cited, 'source citée', 'sources citées')} ; {reviewed}."
    )


def _common_themes(library: Library, stats: Stats) -> list[Group]:
    return [group for group in stats.themes if not library.themes[group.id].of_domain]


def _by_title(groups: Sequence[Group]) -> list[Group]:
    """In the order of their titles, accents aside."""
    return sorted(groups, key=lambda group: plain(group.title))


def _section(title: str, kind: str, groups: Sequence[Group]) -> Iterator[str]:
    tiers = [tier.value for tier in Tier]
    yield ""
    yield f"## {title}"
    yield ""
    yield f"| {kind} | {' | '.join(tiers)} | total | pièces | sources citées |"
    yield f"| --- | {' | '.join(['---:'] * len(tiers))} | ---: | --- | ---: |"
    for group in groups:
        numbers = " | ".join(str(group.tiers[tier]) for tier in tiers)
        yield f"| {group.title} | {numbers} | {group.clauses} | {_pieces(group)} | {group.sources} |"


def _pieces(group: Group) -> str:
    """« cctp 12, ccap 3 », the fullest piece first."""
    found = [(piece, number) for piece, number in group.pieces.items() if number]
    return ", ".join(f"{piece} {number}" for piece, number in sorted(found, key=lambda item: -item[1])) or "–"


def _exchanges(library: Library) -> Iterator[str]:
    """The national exchanges of each domain, whatever the conditions under which a tender has them."""
    yield ""
    yield "## Échanges nationaux prévus, par domaine"
    yield ""
    yield "| domaine | plateformes et systèmes |"
    yield "| --- | --- |"
    titles = {domain.title: domain for domain in library.domains.values()}
    for title in sorted(titles):
        names = dict.fromkeys(exchange.platform for exchange in titles[title].exchanges)
        yield f"| {title} | {' ; '.join(names) or '–'} |"


def _sides(stats: Stats) -> Iterator[str]:
    yield ""
    yield "## Pièces, niveaux, vérifications"
    yield ""
    yield "| | clauses |"
    yield "| --- | --- |"
    for title, counted in (
        ("pièce", stats.pieces),
        ("niveau", stats.levels),
        ("palier", stats.tiers),
        ("mode de vérification", stats.modes),
        ("phase de vérification", stats.phases),
        ("relecture", stats.reviews),
    ):
        yield f"| {title} | {', '.join(f'{word} {french_number(number)}' for word, number in counted.items())} |"


def _sources(stats: Stats) -> Iterator[str]:
    yield ""
    yield "## Sources les plus citées"
    yield ""
    yield "| source | clauses |"
    yield "| --- | ---: |"
    for source, number in stats.sources[:MOST_CITED]:
        yield f"| [{source.title}]({source.url}) | {number} |"


# The picture


def picture(library: Library, stats: Stats) -> str:
    """Bars of clauses by theme and by domain, as an SVG that says in words what it shows."""
    common = [group for group in _common_themes(library, stats) if group.clauses]
    domains = _by_title(stats.domains)
    most = max((group.clauses for group in (*common, *domains)), default=1)
    shapes: list[str] = []
    top = 60
    for title, groups in (("Thèmes communs à tous les domaines", common), ("Domaines de service", domains)):
        shapes.append(f'<text x="10" y="{top}" font-size="15" font-weight="bold">{title}</text>')
        top += 12
        for group in groups:
            shapes += _bar(group, top, most)
            top += ROW
        top += 34
    shown = _described(common, domains)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" '
            'role="img" aria-labelledby="titre description" lang="fr" font-family="sans-serif" font-size="12" fill="#1a1a1a">',
            '<title id="titre">Nombre de clauses par thème et par domaine, selon le palier</title>',
            f'<desc id="description">{escape(shown)}</desc>',
            f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>',
            *_legend(),
            *shapes,
            "</svg>",
            "",
        ]
    )


def _legend() -> Iterator[str]:
    left = 10
    for tier, colour in COLOURS.items():
        yield f'<rect x="{left}" y="14" width="{BAR}" height="{BAR}" fill="{colour}"/>'
        yield f'<text x="{left + 20}" y="25">palier {tier}</text>'
        left += 140


def _bar(group: Group, top: int, most: int) -> Iterator[str]:
    """One row: the title, a stretch a tier, the total."""
    baseline = top + BAR - 2
    yield f'<text x="{LABEL - 8}" y="{baseline}" text-anchor="end">{escape(_short(group.title))}</text>'
    scale = (WIDTH - LABEL - 50) / most
    before = 0
    for tier, colour in COLOURS.items():
        number = group.tiers[tier]
        if number:
            left = f"{LABEL + before * scale:.1f}"
            yield f'<rect x="{left}" y="{top}" width="{number * scale - 1:.1f}" height="{BAR}" fill="{colour}"/>'
            before += number
    yield f'<text x="{LABEL + before * scale + 5:.1f}" y="{baseline}">{group.clauses}</text>'


def _short(title: str, most: int = 58) -> str:
    return title if len(title) <= most else f"{title[: most - 1].rpartition(' ')[0]} …"


def _described(common: Sequence[Group], domains: Sequence[Group]) -> str:
    """What the bars say, in words."""

    def listed(groups: Sequence[Group]) -> str:
        return ", ".join(f"{group.title} {group.clauses}" for group in groups)

    return f"Clauses par thème commun : {listed(common)}. Clauses par domaine : {listed(domains)}."


if __name__ == "__main__":
    main()
