"""The clauses that changed as they are written, both versions in one: title, fields in words, text and reason."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from reqgen.fingerprint import REASON, TEXT
from reqgen.model.condition import Always, Condition
from reqgen.model.library import Citation, Clause, Deliverable, Parameter, Reference, Verification
from reqgen.model.revision import Credit, Grid, Known, Line, Op, Part, Piece, Role, Row, Section, Shape
from reqgen.model.words import enumerate_words, french_date
from reqgen.prose import typeset
from reqgen.review.authors import Comparison, Version, attributed
from reqgen.review.blocks import compare_named_rows, compare_parts, compare_pieces, line_of_words, parts_of, whole
from reqgen.review.compare import Changes, ClauseChange, Kind
from reqgen.review.conditions import told
from reqgen.review.known import known_parts

SHOWN = (Kind.ADDED, Kind.REMOVED, Kind.CHANGED, Kind.MOVED)
"""A change of form alone leaves nothing to show, and a file that cannot be read nothing to compare."""
WIDTHS = (26, 74)
Field = tuple[str, str]
"""A field's name and its value, in French."""


def sections(
    changes: Changes,
    credit: Callable[[ClauseChange], Credit],
    history: Callable[[ClauseChange], Sequence[Version]] = lambda _: (),
) -> tuple[Section, ...]:
    """Every clause with something to show, in the order of `changes`; `credit` says who made the last change.

    `history` gives the versions of a clause from the old one to the new one, in which each change is credited; none when all
    are to be credited to the last.
    """
    return tuple(
        _section(change, credit(change), history(change)) for change in changes.clauses if change.kind in SHOWN
    )


def _section(change: ClauseChange, credit: Credit, history: Sequence[Version]) -> Section:
    senses = tuple(f"{field.field} {field.sense} ({field.weight})" for field in change.fields)
    before = clause_parts(change.before, change.path_before) if change.before else None
    after = clause_parts(change.after, change.path_after) if change.after else None
    known = tuple(_known(change.after, after)) if change.after and after else ()
    op = Op.SAME if before and after else Op.OLD if before else Op.NEW
    parts = _compared(before, after)
    if history:
        parts = attributed(parts, _comparisons(history), [version.credit for version in history], credit)
    return Section(change.id, f"{change.kind}, {change.weight}", op, credit, parts, senses, known)


def _compared(before: "ClauseParts | None", after: "ClauseParts | None") -> tuple[Part, ...]:
    """Both versions in one; None is a clause that was not there."""
    if before is not None and after is not None:
        return _both(before, after)
    side = before or after
    return whole(_laid_out(side), Op.OLD if before else Op.NEW) if side else ()


def _comparisons(history: Sequence[Version]) -> list[list[Comparison]]:
    """Each version with those that it comes from."""
    laid = [clause_parts(version.clause, version.path) if version.clause else None for version in history]
    return [
        [Comparison(parent, _compared(laid[parent], after)) for parent in version.parents]
        for version, after in zip(history, laid, strict=True)
    ]


def _known(clause: Clause, parts: "ClauseParts") -> Iterator[Known | None]:
    texts = [(_heading(name), text, TEXTS[name]) for name, text in parts.texts]
    return known_parts(clause, parts.title, _table(clause.id, parts.fields), texts, typeset(CHECK))


class ClauseParts(Struct, frozen=True):
    """One version of a clause: its title line, its fields, its texts under their headings."""

    title: Line
    fields: tuple[Row, ...]
    texts: tuple[tuple[str, tuple[Part, ...]], ...]


TEXTS = {"Texte": TEXT, "Motif": REASON}
CHECK = "Vérification : "


def clause_parts(clause: Clause, path: str) -> ClauseParts:
    """The clause as it is written; `path` is its file inside the library."""
    # Bold by itself too: a heading that goes may be shown in the look of what stays in its place.
    words = line_of_words(f"{clause.id} – {clause.title}")
    title = Line(tuple(replace(piece, strong=True) for piece in words), Shape(Role.CLAUSE))
    fields = tuple(Row((line_of_words(name), line_of_words(value))) for name, value in _fields(clause, path) if value)
    texts = (clause.text.text, clause.rationale)
    captions = (f"Tableau de la clause {clause.id}", f"Tableau du motif de la clause {clause.id}")
    parts = [(name, parts_of(text, caption)) for name, text, caption in zip(TEXTS, texts, captions, strict=True)]
    return ClauseParts(title, fields, tuple((name, found) for name, found in parts if found))


def _heading(name: str) -> Line:
    return Line((Piece(name),), Shape(Role.PART))


def _table(identity: str, rows: Iterable[Row]) -> Grid:
    header = Row(((Piece("Champ"),), (Piece("Valeur"),)))
    return Grid((header, *rows), f"Champs de la clause {identity}", WIDTHS, ("left", "left"))


def _identity(parts: ClauseParts) -> str:
    return parts.title.pieces[0].text.partition(" ")[0]


def _laid_out(parts: ClauseParts) -> Iterator[Part]:
    """One version in reading order."""
    yield parts.title
    yield _table(_identity(parts), parts.fields)
    for name, text in parts.texts:
        yield _heading(name)
        yield from text


def _both(before: ClauseParts, after: ClauseParts) -> tuple[Part, ...]:
    """Both versions in one, in the same order."""
    title = Line(compare_pieces(before.title.pieces, after.title.pieces), after.title.shape)
    found: list[Part] = [title, _table(_identity(after), compare_named_rows(before.fields, after.fields))]
    olds, news = dict(before.texts), dict(after.texts)
    for name in TEXTS:
        if name in olds and name in news:
            found += [_heading(name), *compare_parts(olds[name], news[name])]
        elif name in olds or name in news:
            op = Op.OLD if name in olds else Op.NEW
            found += whole([_heading(name), *(olds.get(name) or news[name])], op)
    return tuple(found)


# The fields in words


def _fields(clause: Clause, path: str) -> Iterator[Field]:
    yield "Thème", clause.theme
    yield "Fichier", path
    yield "Nature", clause.nature
    yield "Niveau", clause.level
    yield "Sous-critère", clause.sub_criterion
    yield "Palier", clause.tier
    yield "Pièce", clause.piece
    yield "Diffusion", clause.disclosure
    yield "Domaines", _listed(clause.domains)
    yield "Condition", "toujours" if isinstance(clause.condition, Always) else told(clause.condition)
    yield from (_parameter(item) for item in clause.parameters)
    yield "Requiert", _listed(clause.requires)
    yield "Incompatible avec", _listed(clause.incompatible)
    yield "Remplace", _listed(clause.replaces)
    yield "Déroge à", enumerate_words([f"article {item}" for item in clause.departs_from])
    yield from (_verification(item) for item in clause.verifications)
    yield "Exigible", clause.due or ""
    yield "Réponse", clause.answer
    yield from (_deliverable(item) for item in clause.deliverables)
    yield from (_citation(item) for item in clause.citations)
    yield "En vigueur du", french_date(clause.in_force_from) if clause.in_force_from else ""
    yield "En vigueur au", french_date(clause.in_force_until) if clause.in_force_until else ""
    yield "Surcharge", clause.override_reason
    yield "Relecture", _review(clause)


def _listed(references: Iterable[Reference]) -> str:
    return ", ".join(reference.id for reference in references)


def _parameter(item: Parameter) -> Field:
    said = [f"{item.label} ({item.kind}) : {_amount(item.default, item)} par défaut"]
    if item.minimum is not None:
        said.append(f"au moins {_amount(item.minimum, item)}")
    if item.maximum is not None:
        said.append(f"au plus {_amount(item.maximum, item)}")
    if item.max_length is not None:
        said.append(f"{item.max_length} signes au plus")
    if item.choices:
        said.append(f"choix : {enumerate_words(item.choices, 'ou')}")
    return f"Paramètre {item.name}", ", ".join(said)


def _amount(value: object, item: Parameter) -> str:
    return f"{value} {item.unit}".strip()


def _verification(item: Verification) -> Field:
    return f"{CHECK}{item.phase}", f"{item.mode}, par {item.by} : {item.method.text}"


def _deliverable(item: Deliverable) -> Field:
    return "Livrable", ", ".join(part for part in (item.name, item.milestone, item.delay) if part)


def _citation(item: Citation) -> Field:
    said = [item.article] if item.article else []
    said.append("éclaire la clause" if item.binds_if is None else f"oblige : {_when(item.binds_if)}")
    return f"Source {item.source}", ", ".join(said)


def _when(condition: Condition) -> str:
    return "toujours" if isinstance(condition, Always) else told(condition)


def _review(clause: Clause) -> str:
    review = clause.review
    day = f"le {french_date(review.on)}" if review.on else ""
    by = f"par {review.by}" if review.by else ""
    return ", ".join(part for part in (review.status.value, by, day, review.digest) if part)
