"""What time does to a library: texts that end, checks that grow old, obligations that begin or end, thresholds that lapse.

Unlike the other rules, these depend on the day of the audit and on a margin: a library in order today gets findings by waiting.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from msgspec import Struct

from reqgen.model.condition import Condition, tests_of
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.library import Clause, Library, Source, Threshold
from reqgen.model.words import count, french_date, french_number

Locate = Callable[..., Place]
"""The place of a key beside an entry's id, from the place of that id: `locate(source.place, "consulte_le")`."""


class Audited(Struct, frozen=True):
    """A finding, the entry it is about, and the clauses that it touches."""

    finding: Diagnostic
    subject: str
    clauses: tuple[str, ...] = ()
    due: date | None = None
    """The day on which the thing ended, ends, begins, or was last checked."""


class _Window(Struct, frozen=True):
    """The day of the audit, the last day that it looks at, and the day before which a check is old."""

    day: date
    limit: date
    old: date
    months: int


def shift(day: date, months: int) -> date:
    """The same day some months later or, with a negative number, earlier; the last of a shorter month."""
    total = day.year * 12 + day.month - 1 + months
    if not date.min.year <= total // 12 <= date.max.year:
        return date.max if months > 0 else date.min
    year, month = divmod(total, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def audit_library(library: Library, day: date, months: int, locate: Locate) -> list[Audited]:
    """Everything that has ended on that day, or that ends, begins or grows old within so many months, sorted by place."""
    window = _Window(day, shift(day, months), shift(day, -months), months)
    found = [
        *_sources(library, window, locate),
        *_clauses(library, window, locate),
        *_thresholds(library, window, locate),
    ]
    return sorted(found, key=lambda item: (item.finding.place, item.finding.rule))


# Sources


def _sources(library: Library, window: _Window, locate: Locate) -> Iterator[Audited]:
    citing = _citing(library, window.day)
    leaning = {name: _leaning_on(threshold, library) for name, threshold in library.thresholds.items()}
    for source in library.sources.values():
        clauses = citing.get(source.id, ())
        thresholds = [threshold for threshold in library.thresholds.values() if threshold.source == source.id]
        touched = dict.fromkeys(clause.id for clause in clauses)
        for threshold in thresholds:
            touched |= dict.fromkeys(leaning[threshold.id])
        for finding, due in _source(source, clauses, bool(thresholds), window, locate):
            yield Audited(finding, source.id, tuple(touched), due)


def _source(
    source: Source, clauses: tuple[Clause, ...], by_threshold: bool, window: _Window, locate: Locate
) -> Iterator[tuple[Diagnostic, date]]:
    until = source.in_force_until
    if until and until < window.day:
        # a clause that ended with the text, or before, does not rest on it any more
        resting = [item for item in clauses if not (item.in_force_until and item.in_force_until <= until)]
        cited = bool(resting) or by_threshold
        yield (
            Diagnostic(
                "source-expired",
                f"la source « {source.id} » n'est plus en vigueur depuis le {french_date(until)}",
                locate(source.place, "en_vigueur_au"),
                "citer le texte qui la remplace, ou donner « en_vigueur_au » aux clauses"
                if cited
                else "plus rien ne repose sur elle : la retirer du registre, si aucune clause ne la cite",
                Severity.ERROR if cited else Severity.WARNING,
            ),
            until,
        )
        return
    if until and until <= window.limit:
        yield (
            Diagnostic(
                "source-expiring",
                f"la source « {source.id} » cesse d'être en vigueur le {french_date(until)}",
                locate(source.place, "en_vigueur_au"),
                "chercher le texte qui la remplacera, et préparer les clauses qui la citent",
                Severity.WARNING,
            ),
            until,
        )
    if not source.verified:
        yield (
            Diagnostic(
                "source-unverified",
                f"la source « {source.id} » est encore à vérifier",
                locate(source.place, "statut"),
                "la lire, puis écrire « statut: vérifié » et la date dans « consulte_le »",
                Severity.WARNING,
            ),
            source.checked_on,
        )
    elif source.checked_on < window.old:
        yield (
            Diagnostic(
                "source-unchecked",
                f"la source « {source.id} » n'a pas été relue depuis le {french_date(source.checked_on)}",
                locate(source.place, "consulte_le"),
                f"la relire et mettre « consulte_le » à jour ; marge de cet audit : {window.months} mois",
                Severity.WARNING,
            ),
            source.checked_on,
        )


def _citing(library: Library, day: date) -> Mapping[str, tuple[Clause, ...]]:
    """The clauses that cite each source, without those whose own obligation has ended."""
    citing: dict[str, dict[str, Clause]] = {}
    for clause in library.clauses.values():
        if not (clause.in_force_until and clause.in_force_until < day):
            for citation in clause.citations:
                citing.setdefault(citation.source, {})[clause.id] = clause
    return {name: tuple(clauses.values()) for name, clauses in citing.items()}


# Clauses


def _clauses(library: Library, window: _Window, locate: Locate) -> Iterator[Audited]:
    for clause in library.clauses.values():
        since, until = clause.in_force_from, clause.in_force_until
        if since and window.day <= since <= window.limit:
            finding = Diagnostic(
                "clause-starting",
                f"l'obligation de la clause {clause.id} commence le {french_date(since)}",
                locate(clause.place, "en_vigueur_du"),
                "vérifier que la date n'a pas été reportée, et revoir les marchés qui la retiennent",
                Severity.WARNING,
            )
            yield Audited(finding, clause.id, (clause.id,), since)
        if until and window.day <= until <= window.limit:
            finding = Diagnostic(
                "clause-ending",
                f"l'obligation de la clause {clause.id} finit le {french_date(until)}",
                locate(clause.place, "en_vigueur_au"),
                "écrire la clause qui la remplace, ou repousser la date si le texte est prolongé",
                Severity.WARNING,
            )
            yield Audited(finding, clause.id, (clause.id,), until)


# Thresholds


def _thresholds(library: Library, window: _Window, locate: Locate) -> Iterator[Audited]:
    for threshold in library.thresholds.values():
        clauses = _leaning_on(threshold, library)
        for finding, due in _threshold(threshold, window, locate):
            yield Audited(finding, threshold.id, clauses, due)


def _threshold(threshold: Threshold, window: _Window, locate: Locate) -> Iterator[tuple[Diagnostic, date]]:
    """The values that ended or end; one that ended long ago matters only when none holds on the day."""
    past = [
        (value.until, index) for index, value in enumerate(threshold.values) if value.until and value.until < window.day
    ]
    if threshold.on(window.day) is None and past:
        ended, index = max(past)
        yield (
            Diagnostic(
                "threshold-ended",
                f"le seuil « {threshold.id} » n'a plus de valeur depuis le {french_date(ended)}",
                locate(threshold.place, "valeurs", index, "au"),
                "ajouter la nouvelle valeur et ses dates : les clauses qui en dépendent restent à décider",
            ),
            ended,
        )
    for index, value in enumerate(threshold.values):
        until = value.until
        if not until or not window.day <= until <= window.limit:
            continue
        following = threshold.on(until + timedelta(1)) if until < date.max else None
        after = "aucune autre n'est connue" if following is None else f"puis {french_number(following)}"
        mend = (
            "ajouter la valeur qui suivra dès sa publication"
            if following is None
            else "revoir les marchés lancés après cette date"
        )
        yield (
            Diagnostic(
                "threshold-ending",
                f"la valeur {french_number(value.value)} du seuil « {threshold.id} » finit le {french_date(until)} ; {after}",
                locate(threshold.place, "valeurs", index, "au"),
                mend,
                Severity.WARNING,
            ),
            until,
        )


def _leaning_on(threshold: Threshold, library: Library) -> tuple[str, ...]:
    """The clauses whose condition, or the question of one of whose facts, compares with the threshold."""

    def compares(condition: Condition) -> bool:
        return any(operand.value == threshold.id for test in tests_of(condition) for operand in test.operands)

    asked = {fact.id for fact in library.facts.values() if compares(fact.asked_if)}

    def leans(clause: Clause) -> bool:
        conditions = (clause.condition, *(one.binds_if for one in clause.citations if one.binds_if is not None))
        return any(
            compares(condition) or any(test.fact in asked for test in tests_of(condition)) for condition in conditions
        )

    return tuple(clause.id for clause in library.clauses.values() if leans(clause))


def touched_text(kind: str, names: tuple[str, ...], shown: int = 12) -> str:
    """« clauses : A, B et 3 autres »."""
    rest = len(names) - shown
    more = f" et {count(rest, 'autre')}" if rest > 0 else ""
    return f"{kind} : {', '.join(names[:shown])}{more}"
