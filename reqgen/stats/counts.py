"""How many clauses a library has, seen from each side. Every number is a number of clauses."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from reqgen.model.library import Clause, Level, Library, Phase, Piece, ReviewStatus, Source, Tier
from reqgen.model.selection import Selection


class Group(Struct, frozen=True):
    """The clauses of one theme or one domain: by tier and by piece, and how many sources they cite."""

    id: str
    title: str
    clauses: int
    tiers: Mapping[str, int]
    pieces: Mapping[str, int]
    sources: int


class Stats(Struct, frozen=True):
    """The library, counted. A clause of several domains counts in each; a clause checked in two modes, in both."""

    clauses: int
    themes: tuple[Group, ...]
    domains: tuple[Group, ...]
    common: Group
    """The clauses that belong to no domain."""
    tiers: Mapping[str, int]
    levels: Mapping[str, int]
    pieces: Mapping[str, int]
    modes: Mapping[str, int]
    phases: Mapping[str, int]
    reviews: Mapping[str, int]
    sources: tuple[tuple[Source, int], ...]
    """Every source of the registry, the most cited first."""


def count_library(library: Library) -> Stats:
    """The counts of a library with its packs."""
    clauses = list(library.clauses.values())
    whole = _group("", "", clauses)
    return Stats(
        clauses=len(clauses),
        themes=tuple(
            _group(theme.id, theme.title, [clause for clause in clauses if clause.theme == theme.id])
            for theme in library.themes.values()
        ),
        domains=tuple(
            _group(domain.id, domain.title, [clause for clause in clauses if domain.id in domains_of(clause)])
            for domain in library.domains.values()
        ),
        common=_group("", "sans domaine", [clause for clause in clauses if not clause.domains]),
        tiers=whole.tiers,
        levels=_counted((clause.level.value for clause in clauses), [item.value for item in Level]),
        pieces=whole.pieces,
        modes=_by_count(mode for clause in clauses for mode in {check.mode for check in clause.verifications}),
        phases=_counted(
            (phase for clause in clauses for phase in {check.phase.value for check in clause.verifications}),
            [item.value for item in Phase],
        ),
        reviews=_counted((clause.review.status.value for clause in clauses), [item.value for item in ReviewStatus]),
        sources=_cited(library),
    )


def domains_of(clause: Clause) -> tuple[str, ...]:
    """The ids of the clause's domains, none for a clause of all."""
    return tuple(reference.id for reference in clause.domains)


def kept_ids(selection: Selection) -> frozenset[str]:
    """The clauses that the tender keeps, in any lot."""
    return frozenset(verdict.clause.id for part in selection.lots for verdict in part.kept())


def unselected(library: Library, kept: Collection[str]) -> tuple[Clause, ...]:
    """The clauses of the library that are not among those that tenders keep."""
    return tuple(clause for name, clause in library.clauses.items() if name not in kept)


def _group(name: str, title: str, clauses: Sequence[Clause]) -> Group:
    return Group(
        name,
        title,
        len(clauses),
        _counted((clause.tier.value for clause in clauses), [item.value for item in Tier]),
        _counted((clause.piece.value for clause in clauses), [item.value for item in Piece]),
        len({citation.source for clause in clauses for citation in clause.citations}),
    )


def _counted(words: Iterable[str], order: Iterable[str]) -> dict[str, int]:
    """How many times each word of `order` comes, zero included."""
    found = Counter(words)
    return {word: found[word] for word in order}


def _by_count(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))


def _cited(library: Library) -> tuple[tuple[Source, int], ...]:
    found = Counter(
        source for clause in library.clauses.values() for source in {citation.source for citation in clause.citations}
    )
    return tuple(sorted(((source, found[name]) for name, source in library.sources.items()), key=lambda pair: -pair[1]))
