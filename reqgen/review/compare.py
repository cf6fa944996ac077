"""The clauses of two libraries compared by id, field by field, each change with its weight."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from reqgen.model.condition import Condition
from reqgen.model.diagnostic import Files
from reqgen.model.library import Citation, Clause, Level, Library, Parameter, Reference, Verification
from reqgen.review.conditions import Holds, Relation, bare, relation, told
from reqgen.review.words import Edit, compare_words, same_words, says_the_same

NONE = "–"
LEVELS = (Level.OPTIONAL_EXTRA, Level.SCORED, Level.REQUIRED)


class Kind(StrEnum):
    """What became of a clause."""

    ADDED = "ajoutée"
    REMOVED = "retirée"
    CHANGED = "changée"
    MOVED = "déplacée"
    FORM = "forme"
    """Its file differs, but says the same: order of keys, wrapping, comments."""
    UNREADABLE = "illisible"
    """Its file is out of order in one of the libraries: nothing can be said of it."""


class Weight(StrEnum):
    """What a change is worth; in order, the heaviest first."""

    SUBSTANCE = "substantielle"
    WORDING = "rédactionnelle"
    METADATA = "métadonnées"


class FieldChange(Struct, frozen=True):
    """A field of a clause, by its path in the YAML, before and after; `edits` when it is prose."""

    field: str
    sense: str
    weight: Weight
    before: str = ""
    after: str = ""
    edits: tuple[Edit, ...] = ()


class ClauseChange(Struct, frozen=True):
    """What became of one clause. Paths are inside the library, empty where the clause is not."""

    id: str
    kind: Kind
    weight: Weight
    title: str
    before: Clause | None
    after: Clause | None
    path_before: str = ""
    path_after: str = ""
    fields: tuple[FieldChange, ...] = ()


class FileChange(Struct, frozen=True):
    """A file of the library that holds no clause (facts, domains, sources ...), which is told and not looked into."""

    path: str
    kind: Kind


class Side(Struct, frozen=True):
    """One version: its library, the beginning of its paths, the text of its files, and what its conditions say."""

    library: Library
    root: str
    files: Files
    holds: Holds

    def inner(self, path: str) -> str:
        """The path inside the library."""
        return path.removeprefix(self.root).lstrip("/")

    def path(self, clause: Clause) -> str:
        """The clause's file, inside the library."""
        return self.inner(clause.place.path)

    def text(self, clause: Clause) -> str:
        """The text of the clause's file, whatever its ends of lines."""
        return self.files.get(clause.place.path, "").replace("\r\n", "\n")


class Changes(Struct, frozen=True):
    """Every clause that is not the same text in both, by id, and the other files that differ."""

    clauses: tuple[ClauseChange, ...]
    others: tuple[FileChange, ...]


def compare(old: Side, new: Side) -> Changes:
    """What changed from one version to the other."""
    names = sorted({*old.library.clauses, *new.library.clauses})
    found = (_clause(name, old, new) for name in names)
    return Changes(tuple(change for change in found if change is not None), tuple(_others(old, new)))


def _others(old: Side, new: Side) -> Iterator[FileChange]:
    """Files without clauses, by their path."""
    before = {old.inner(path): text.replace("\r\n", "\n") for path, text in old.files.items()}
    after = {new.inner(path): text.replace("\r\n", "\n") for path, text in new.files.items()}
    for path in sorted({*before, *after}):
        if not path.startswith("clauses/") and before.get(path) != after.get(path):
            kind = Kind.CHANGED if path in before and path in after else Kind.ADDED if path in after else Kind.REMOVED
            yield FileChange(path, kind)


def _clause(name: str, old: Side, new: Side) -> ClauseChange | None:
    before, after = old.library.clauses.get(name), new.library.clauses.get(name)
    if before is not None and after is not None:
        return _both(before, after, old, new)
    kept = before or after
    if kept is None:
        return None
    if before is None:
        kind = Kind.UNREADABLE if name in old.library.broken else Kind.ADDED
        return ClauseChange(name, kind, Weight.SUBSTANCE, kept.title, None, kept, "", new.path(kept))
    kind = Kind.UNREADABLE if name in new.library.broken else Kind.REMOVED
    return ClauseChange(name, kind, Weight.SUBSTANCE, kept.title, kept, None, old.path(kept), "")


def _both(before: Clause, after: Clause, old: Side, new: Side) -> ClauseChange | None:
    paths = old.path(before), new.path(after)
    fields = tuple(_Fields(old, new).of(before, after))
    if fields:
        kind, weight = Kind.CHANGED, min((field.weight for field in fields), key=list(Weight).index)
    elif paths[0] != paths[1]:
        kind, weight = Kind.MOVED, Weight.METADATA
    elif old.text(before) != new.text(after):
        kind, weight = Kind.FORM, Weight.METADATA
    else:
        return None
    return ClauseChange(after.id, kind, weight, after.title, before, after, *paths, fields)


class _Fields(Struct, frozen=True):
    """The fields of a clause, compared one after the other."""

    old: Side
    new: Side

    def of(self, before: Clause, after: Clause) -> Iterator[FieldChange]:
        yield from _ranked("niveau", LEVELS.index(before.level), LEVELS.index(after.level), before.level, after.level)
        yield from _ranked("palier", before.tier.rank, after.tier.rank, before.tier, after.tier)
        yield from _plain("piece", before.piece, after.piece)
        yield from _plain("nature", before.nature, after.nature)
        yield from self._condition("si", before.condition, after.condition)
        yield from _prose("texte", before.text.text, after.text.text)
        yield from _parameters(before.parameters, after.parameters)
        yield from _verifications(before.verifications, after.verifications)
        yield from self._citations(before.citations, after.citations)
        yield from _set("domaines", _ids(before.domains), _ids(after.domains))
        yield from _set("requiert", _ids(before.requires), _ids(after.requires))
        yield from _set("incompatible_avec", _ids(before.incompatible), _ids(after.incompatible))
        yield from _set("remplace", _ids(before.replaces), _ids(after.replaces))
        yield from _set("deroge_a", before.departs_from, after.departs_from)
        yield from _plain("exigible", before.due or "", after.due or "")
        yield from _plain("reponse", before.answer, after.answer)
        yield from _set("livrables", _deliverables(before), _deliverables(after))
        yield from _plain("sous_critere", before.sub_criterion, after.sub_criterion)
        yield from _plain("diffusion", before.disclosure, after.disclosure)
        yield from _plain("en_vigueur_du", _day(before.in_force_from), _day(after.in_force_from))
        yield from _plain("en_vigueur_au", _day(before.in_force_until), _day(after.in_force_until))
        yield from _prose("titre", before.title, after.title, Weight.WORDING)
        yield from _plain("theme", before.theme, after.theme, Weight.METADATA)
        yield from _prose("motif", before.rationale, after.rationale, Weight.METADATA)
        yield from _prose("surcharge", before.override_reason, after.override_reason, Weight.METADATA)
        yield from _plain("relecture", _review(before), _review(after), Weight.METADATA)

    def _condition(self, field: str, before: Condition, after: Condition) -> Iterator[FieldChange]:
        if bare(before) == bare(after):
            return
        libraries, holds = (self.old.library, self.new.library), (self.old.holds, self.new.holds)
        found = relation(before, after, libraries, holds)
        weight = Weight.WORDING if found is Relation.SAME else Weight.SUBSTANCE
        yield FieldChange(field, found, weight, told(before), told(after))

    def _citations(self, before: Sequence[Citation], after: Sequence[Citation]) -> Iterator[FieldChange]:
        """Sources by id and article; what obliges is of substance, what informs is not."""
        olds, news = _cited(before), _cited(after)
        for key in dict.fromkeys((*olds, *news)):
            field, old, new = f"sources.{key[0]}", olds.get(key), news.get(key)
            if old is not None and new is not None:
                yield from self._binding(f"{field}.oblige_si", old.binds_if, new.binds_if)
                continue
            one = new or old
            binding = one is not None and one.binds_if is not None
            weight = Weight.SUBSTANCE if binding else Weight.WORDING
            name = " ".join(part for part in key[:2] if part) + (" (oblige)" if binding else "")
            yield FieldChange(field, "retirée" if old else "ajoutée", weight, name if old else "", name if new else "")

    def _binding(self, field: str, before: Condition | None, after: Condition | None) -> Iterator[FieldChange]:
        if before is not None and after is not None:
            yield from self._condition(field, before, after)
        elif before is not None or after is not None:
            sense = "n'oblige plus" if before is not None else "oblige désormais"
            yield FieldChange(field, sense, Weight.SUBSTANCE, _told(before), _told(after))


# Fields of one value


def _plain(field: str, before: str, after: str, weight: Weight = Weight.SUBSTANCE) -> Iterator[FieldChange]:
    if before != after:
        yield FieldChange(field, "changé", weight, before or NONE, after or NONE)


def _ranked(field: str, before: int, after: int, old: str, new: str) -> Iterator[FieldChange]:
    if before != after:
        yield FieldChange(field, "relevé" if after > before else "abaissé", Weight.SUBSTANCE, old, new)


def _prose(field: str, before: str, after: str, weight: Weight | None = None) -> Iterator[FieldChange]:
    """A text; without a given weight, only what cannot change what is required counts as wording."""
    if same_words(before, after):
        return
    judged = weight or (Weight.WORDING if says_the_same(before, after) else Weight.SUBSTANCE)
    yield FieldChange(field, "réécrit", judged, before.strip(), after.strip(), compare_words(before, after))


def _set(field: str, before: Iterable[str], after: Iterable[str]) -> Iterator[FieldChange]:
    """A list whose order says nothing."""
    olds, news = dict.fromkeys(before), dict.fromkeys(after)
    if olds.keys() == news.keys():
        return
    out, come = [item for item in olds if item not in news], [item for item in news if item not in olds]
    sense = "changé" if out and come else "complété" if come else "réduit"
    yield FieldChange(field, sense, Weight.SUBSTANCE, ", ".join(olds) or NONE, ", ".join(news) or NONE)


def _ids(references: Iterable[Reference]) -> list[str]:
    return [reference.id for reference in references]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _told(condition: Condition | None) -> str:
    return NONE if condition is None else told(condition)


def _deliverables(clause: Clause) -> list[str]:
    return [
        f"{item.name} ({item.milestone}{f', {item.delay}' if item.delay else ''})".replace("\n", " ")
        for item in clause.deliverables
    ]


def _review(clause: Clause) -> str:
    review = clause.review
    return " ".join(part for part in (review.status, review.by, _day(review.on), review.digest) if part)


# Parameters, verifications, sources


def _parameters(before: Sequence[Parameter], after: Sequence[Parameter]) -> Iterator[FieldChange]:
    olds, news = {item.name: item for item in before}, {item.name: item for item in after}
    for name in dict.fromkeys((*olds, *news)):
        field = f"parametres.{name}"
        old, new = olds.get(name), news.get(name)
        if old is None or new is None:
            told_old, told_new = _parameter(old), _parameter(new)
            yield FieldChange(field, "retiré" if old else "ajouté", Weight.SUBSTANCE, told_old, told_new)
            continue
        if old.default != new.default:
            sense = "changé"
            if not isinstance(old.default, str) and not isinstance(new.default, str):
                sense = "relevé" if new.default > old.default else "abaissé"
            yield FieldChange(
                f"{field}.defaut", sense, Weight.SUBSTANCE, _valued(old.default, old), _valued(new.default, new)
            )
        if (old.minimum, old.maximum) != (new.minimum, new.maximum):
            yield FieldChange(f"{field}.bornes", _bounds_sense(old, new), Weight.SUBSTANCE, _bounds(old), _bounds(new))
        yield from _plain(f"{field}.type", old.kind, new.kind)
        yield from _plain(f"{field}.unite", old.unit, new.unit)
        yield from _plain(f"{field}.longueur_max", str(old.max_length or ""), str(new.max_length or ""))
        yield from _set(f"{field}.choix", old.choices, new.choices)
        yield from _prose(f"{field}.libelle", old.label, new.label, Weight.WORDING)


def _valued(value: object, parameter: Parameter) -> str:
    return f"{value} {parameter.unit}".strip()


def _parameter(parameter: Parameter | None) -> str:
    return f"{parameter.label} = {_valued(parameter.default, parameter)}" if parameter else ""


def _bounds(parameter: Parameter) -> str:
    low, high = parameter.minimum, parameter.maximum
    return f"de {NONE if low is None else low} à {NONE if high is None else high}"


def _bounds_sense(old: Parameter, new: Parameter) -> str:
    """`élargies` or `resserrées` when one interval holds the other."""
    olds, news = _interval(old), _interval(new)
    if news[0] <= olds[0] and olds[1] <= news[1]:
        return "élargies"
    return "resserrées" if olds[0] <= news[0] and news[1] <= olds[1] else "changées"


def _interval(parameter: Parameter) -> tuple[float, float]:
    low = float("-inf") if parameter.minimum is None else parameter.minimum
    return low, float("inf") if parameter.maximum is None else parameter.maximum


def _verifications(before: Sequence[Verification], after: Sequence[Verification]) -> Iterator[FieldChange]:
    """Checks paired by what is most alike: same text, then same phase, mode and person, then same phase."""
    left, pairs = list(before), dict[int, Verification]()
    for alike in (_same_check, _same_way, _same_phase):
        for index, new in enumerate(after):
            old = next((item for item in left if alike(item, new)), None) if index not in pairs else None
            if old is not None:
                left.remove(old)
                pairs[index] = old
    for index, new in enumerate(after):
        if index in pairs:
            yield from _check(pairs[index], new)
        else:
            yield FieldChange("verification", "ajoutée", Weight.SUBSTANCE, "", _checked(new))
    for old in left:
        yield FieldChange("verification", "retirée", Weight.SUBSTANCE, _checked(old), "")


def _check(old: Verification, new: Verification) -> Iterator[FieldChange]:
    field = f"verification.{new.phase}"
    yield from _plain(f"{field}.mode", old.mode, new.mode)
    yield from _plain(f"{field}.par", old.by, new.by)
    yield from _prose(f"{field}.methode", old.method.text, new.method.text)


def _same_check(old: Verification, new: Verification) -> bool:
    return _same_way(old, new) and same_words(old.method.text, new.method.text)


def _same_way(old: Verification, new: Verification) -> bool:
    return (old.phase, old.mode, old.by) == (new.phase, new.mode, new.by)


def _same_phase(old: Verification, new: Verification) -> bool:
    return old.phase is new.phase


def _checked(item: Verification) -> str:
    return f"{item.phase}, {item.mode}, par {item.by} : {' '.join(item.method.text.split())}"


def _cited(citations: Sequence[Citation]) -> Mapping[tuple[str, str, int], Citation]:
    """Each citation by its source, its article, and its rank among those of the same two."""
    found: dict[tuple[str, str, int], Citation] = {}
    for item in citations:
        rank = 0
        while (item.source, item.article, rank) in found:
            rank += 1
        found[item.source, item.article, rank] = item
    return found
