"""Dates: in order, not in the future, and sources in force on the day whose law the library states."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from reqgen.lint.common import Findings
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.library import BINDING, Citation, Clause, Library, Source, Undated
from reqgen.model.words import french_date

YEAR = re.compile(r"(?<![0-9])(19|20)[0-9]{2}(?![0-9])")


def _citations(library: Library) -> Iterator[tuple[Clause, Citation, Source]]:
    for clause in library.clauses.values():
        for citation in clause.citations:
            source = library.sources.get(citation.source)
            if source is not None:
                yield clause, citation, source


def source_not_in_force(library: Library, day: date) -> Findings:
    """A clause that still applies rests on a text that no longer does."""
    for clause, citation, source in _citations(library):
        until = source.in_force_until
        if until and until < day and not (clause.in_force_until and clause.in_force_until <= until):
            severity = Severity.WARNING if citation.binds_if is None else Severity.ERROR
            yield Diagnostic(
                "source-not-in-force",
                f"la source « {source.id} » n'est plus en vigueur depuis le {french_date(until)}",
                citation.place,
                "citer le texte qui la remplace, ou donner « en_vigueur_au » à la clause",
                severity,
                ((source.place, "la source"),),
            )


def undated_source(library: Library, day: date) -> Findings:
    """A source says since when it is in force, or why it does not."""
    for source in library.sources.values():
        if source.in_force_from:
            continue
        if source.undated is Undated.NO:
            message = f"la source « {source.id} » n'a pas de date d'entrée en vigueur"
        elif source.undated is Undated.EDITION and source.kind in BINDING:
            message = f"la source « {source.id} » est un texte : il entre en vigueur, et n'a pas d'édition"
        elif source.undated is Undated.EDITION and not YEAR.search(f"{source.title} {source.identifier}"):
            message = f"ni le titre ni l'identifiant de la source « {source.id} » ne donnent l'année de son édition"
        else:
            continue
        yield Diagnostic(
            "undated-source",
            message,
            source.place,
            "donner « en_vigueur_du », ou dire pourquoi par « sans_date » : tenue à jour, édition datée, à établir",
            Severity.WARNING,
        )


def source_not_yet_in_force(library: Library, day: date) -> Findings:
    """A clause would be imposed before the text that imposes it; for information, it may be cited."""
    for clause, citation, source in _citations(library):
        since = source.in_force_from
        if (
            citation.binds_if is not None
            and since
            and since > day
            and not (clause.in_force_from and clause.in_force_from >= since)
        ):
            yield Diagnostic(
                "source-not-yet-in-force",
                f"la source « {source.id} » n'entre en vigueur que le {french_date(since)}",
                citation.place,
                f"écrire « en_vigueur_du: {since} » dans la clause, ou retirer « oblige_si »",
                related=((source.place, "la source"),),
            )


def unverified_source_binds(library: Library, day: date) -> Findings:
    """A source written from memory is said to impose a clause."""
    for clause, citation, source in _citations(library):
        if not source.verified and citation.binds_if is not None:
            yield Diagnostic(
                "unverified-source-binds",
                f"la source « {source.id} », à vérifier, impose la clause {clause.id}",
                citation.place,
                "lire la source et écrire « statut: vérifié », ou retirer « oblige_si »",
                Severity.WARNING,
                ((source.place, "la source"),),
            )


def dates_reversed(library: Library, day: date) -> Findings:
    """Something ends before it begins."""
    for clause in library.clauses.values():
        yield from _reversed(clause.in_force_from, clause.in_force_until, clause.at("en_vigueur_au"))
    for source in library.sources.values():
        yield from _reversed(source.in_force_from, source.in_force_until, source.place)
    for threshold in library.thresholds.values():
        for dated in threshold.values:
            yield from _reversed(dated.since, dated.until, threshold.place)


def _reversed(since: date | None, until: date | None, place: Place) -> Findings:
    if since and until and until < since:
        yield Diagnostic(
            "dates-reversed",
            f"la fin, le {french_date(until)}, précède le début, le {french_date(since)}",
            place,
            "corriger l'une des deux dates",
        )


def overlapping_values(library: Library, day: date) -> Findings:
    """A threshold has two values on the same day."""
    for threshold in library.thresholds.values():
        dated = sorted(threshold.values, key=lambda value: value.since)
        for earlier, later in pairwise(dated):
            if earlier.until is None or earlier.until >= later.since:
                yield Diagnostic(
                    "overlapping-values",
                    f"le seuil « {threshold.id} » a deux valeurs le {french_date(later.since)}",
                    threshold.place,
                    "finir chaque période (« au ») la veille de la suivante",
                )


def future_date(library: Library, today: date) -> Findings:
    """A thing said to be done is dated after today."""
    for source in library.sources.values():
        if source.checked_on > today:
            yield Diagnostic(
                "future-date",
                f"la source est dite consultée le {french_date(source.checked_on)}, après aujourd'hui",
                source.place,
                "corriger « consulte_le »",
                Severity.WARNING,
            )
    for clause in library.clauses.values():
        if clause.review.on and clause.review.on > today:
            yield Diagnostic(
                "future-date",
                f"la clause est dite relue le {french_date(clause.review.on)}, après aujourd'hui",
                clause.at("relecture", "le"),
                "corriger la date",
                Severity.WARNING,
            )
    if library.manifest.law_as_of > today:
        yield Diagnostic(
            "future-date",
            f"l'état du droit est celui du {french_date(library.manifest.law_as_of)}, après aujourd'hui",
            library.manifest.place,
            "corriger « etat_du_droit »",
            Severity.WARNING,
        )
