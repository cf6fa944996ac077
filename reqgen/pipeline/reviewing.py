"""A person's review of clauses: what they are asked to approve, and their answer written in the files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reqgen.fingerprint import clause_digest
from reqgen.git import Revision, read_history, read_revision
from reqgen.load.library import clause_from
from reqgen.load.schema import check_shape
from reqgen.load.tree import UNREADABLE, parse
from reqgen.model.condition import Condition
from reqgen.model.diagnostic import Diagnostic, NotInOrderError, Place, ReqgenError
from reqgen.model.library import Clause, Library, Response, Review, ReviewStatus
from reqgen.model.selection import Selection
from reqgen.model.words import near
from reqgen.pipeline.documents import lots_of
from reqgen.pipeline.reading import Checked
from reqgen.pipeline.writing import FileEdit, read_bytes, refuse_read_only
from reqgen.review.compare import FieldChange, Side, compare
from reqgen.select.condition import Answers, evaluate
from reqgen.write.edit import CannotEditError
from reqgen.write.review import set_review

MAX_COMMITS = 50
"""How far back the text of an earlier review is looked for in a clause's history."""
MENDED = "review-without-digest"
"""The only error of a clause's file that an approval mends."""
MAX_NAME = 200


class Asked(Struct, frozen=True):
    """One clause to review, and the edit of its file that says so.

    `since` is what changed since the review that its file names; None when there is none, or when its text is not found.
    """

    clause: Clause
    edit: FileEdit
    since: tuple[FieldChange, ...] | None = None


def signature(name: str) -> str:
    """The reviewer's name on one line. Raises ReqgenError when it says nobody, or cannot stand in a file."""
    line = " ".join(name.split())
    if not line or len(line) > MAX_NAME or UNREADABLE.search(line):
        message = f"le nom du relecteur doit tenir en une ligne de {MAX_NAME} signes, sans caractère de contrôle"
        raise ReqgenError(Diagnostic("bad-format", message, Place("--by"), "donner un prénom et un nom"))
    return line


def ask(names: Sequence[str], given: Review, library: Library, checked: Checked) -> tuple[Asked, ...]:
    """The clauses that a person is to review, each once, with the edits that would give them that review. Writes nothing.

    Raises ReqgenError when a clause is unknown or its file may not be changed, NotInOrderError when a file has errors.
    """
    clauses = list(_named(names, library, checked))
    paths = [clause.place.path for clause in clauses]
    refuse_read_only(paths)
    wrong = [finding for finding in checked.errors if finding.place.path in paths and finding.rule != MENDED]
    if wrong:
        raise NotInOrderError(*wrong)
    return tuple(_asked(clause, given, library) for clause in clauses)


def _named(names: Sequence[str], library: Library, checked: Checked) -> Iterator[Clause]:
    """The clauses of these ids, in their order. Raises when one is unknown, or is in a file that cannot be read."""
    broken = [name for name in names if name not in library.clauses and name in library.broken]
    ends = tuple(f"/{name}.yaml" for name in broken)
    wrong = [finding for finding in checked.errors if broken and finding.place.path.endswith(ends)]
    if wrong:
        raise NotInOrderError(*wrong)
    unknown = [
        Diagnostic(
            "unknown-clause",
            f"« {name} » n'est pas une clause de la bibliothèque{near(name, library.clauses)}",
            Place("CLAUSE"),
            "voir `reqgen review list`",
        )
        for name in names
        if name not in library.clauses
    ]
    if unknown:
        raise ReqgenError(*unknown)
    yield from (library.clauses[name] for name in dict.fromkeys(names))


def _asked(known: Clause, given: Review, library: Library) -> Asked:
    path = known.place.path
    before = read_bytes(path)
    clause = _clause_of(path, before)
    if clause is None or clause.id != known.id:
        raise ReqgenError(
            Diagnostic("file-changed", "le fichier a changé pendant la commande", Place(path), "recommencer")
        )
    since = _since(clause, library, given.on or date.min) if clause.review.stale else None
    return Asked(clause, FileEdit(path, before, _reviewed(clause, before, given)), since)


def _clause_of(path: str, data: bytes) -> Clause | None:
    """The clause of a file as the file gives it; None when it is not in order."""
    try:
        tree, found = parse(path, data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
    if tree is None or found or check_shape(tree, "clause"):
        return None
    return clause_from(tree, found)


def _reviewed(clause: Clause, before: bytes, given: Review) -> bytes:
    """The file with the review given on the clause. Raises ReqgenError when it cannot be written without touching the rest."""
    values = {
        "statut": str(given.written),
        "par": given.by,
        "le": given.on.isoformat() if given.on else "",
        "empreinte": clause_digest(clause),
    }
    try:
        after = set_review(before.decode(), values).encode()
        again = _clause_of(clause.place.path, after)
        if again is None or again.review != replace(given, digest=values["empreinte"]):
            raise CannotEditError("la relecture ne s'y lirait pas")
    except CannotEditError as error:
        message = f"la relecture de {clause.id} ne peut pas être écrite sans toucher au reste du fichier ({error})"
        mend = "écrire `relecture:` puis `  statut: projet` sur deux lignes, et recommencer"
        raise ReqgenError(
            Diagnostic("unwritable-review", message, Place(clause.place.path, *clause.at("relecture")[1:]), mend)
        ) from None
    return after


# What changed since an earlier review


def _since(clause: Clause, library: Library, today: date) -> tuple[FieldChange, ...] | None:
    """The fields that differ from the text that the file's review was given on; None when git does not have it."""
    try:
        earlier = next(_with_digest(clause), None)
    except ReqgenError:  # no git, no repository: the clause is shown whole all the same
        return None
    if earlier is None:
        return None
    before, after = (_side(one, library, today) for one in (earlier, clause))
    changes = compare(before, after).clauses
    return tuple(field for change in changes for field in change.fields if field.field != "relecture")


def _with_digest(clause: Clause) -> Iterator[Clause]:
    """The versions of the clause in git, the latest first, whose digest is that of its review."""
    path = Path(clause.place.path).resolve()
    commits, _ = read_history(path.parent)
    touching = [commit for commit in commits if path.name in commit.paths]
    for commit in touching[:MAX_COMMITS]:
        try:
            text = _text_in(read_revision(commit.name, ".", path.parent), path.name)
        except ReqgenError:  # the commit that took the file away from there
            continue
        old = _clause_of(clause.place.path, text.encode()) if text else None
        if old is not None and clause_digest(old) == clause.review.digest:
            yield old


def _text_in(revision: Revision, name: str) -> str:
    return next((text for path, text in revision.files.items() if path.rsplit("/", 1)[-1] == name), "")


def _side(clause: Clause, library: Library, today: date) -> Side:
    """A library of that clause alone, to be compared."""

    def holds(condition: Condition, responses: Mapping[str, Response]) -> bool | None:
        return evaluate(condition, Answers(library.facts, responses, library.thresholds, today)).outcome

    return Side(replace(library, clauses={clause.id: clause}), "", {}, holds)


# What a document may ask


def lacking(
    selection: Selection, wanted: ReviewStatus, *, lot: int | None = None, draft: bool = False
) -> list[Diagnostic]:
    """A finding for each clause of the document that has not the status wanted, nor a higher one."""
    taken = {
        verdict.clause.id: verdict.clause
        for part in lots_of(selection, lot)
        for verdict in part.kept(with_undecided=draft)
    }
    return [
        Diagnostic(
            "status-required",
            f"la clause {clause.id} est à l'état « {clause.review.status} », et non « {wanted} »",
            clause.place,
            f"la faire relire, puis `reqgen review approve {clause.id} --by NOM`, ou retirer --require-status",
        )
        for clause in taken.values()
        if clause.review.status.rank < wanted.rank
    ]
