"""Two versions of a library compared, one of them perhaps on the disk."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reqgen.files import read_text, shown
from reqgen.git import read_revision
from reqgen.load.library import Bundle
from reqgen.model.condition import Condition
from reqgen.model.diagnostic import Diagnostic, ReqgenError
from reqgen.model.library import Library, Response
from reqgen.model.revision import Annex, Redline
from reqgen.pipeline.credits import Credits
from reqgen.pipeline.reading import Checked, Sources, bundle_of, read_library, read_tender_text
from reqgen.review.compare import Changes, Side, compare
from reqgen.review.redline import SHOWN, sections
from reqgen.review.tenders import TenderChange, compare_tenders
from reqgen.select.condition import Answers, evaluate


class Version(Struct, frozen=True):
    """A library at a revision, or on the disk (no name, no commit), and what is wrong with it."""

    name: str
    commit: str
    library: Library
    checked: Checked


class ProjectChanges(Struct, frozen=True):
    """What becomes of one project; `errors` are why it could not be decided in both versions."""

    path: str
    changes: tuple[TenderChange, ...] = ()
    errors: tuple[Diagnostic, ...] = ()


class Compared(Struct, frozen=True):
    """Two versions of a library, what changed, and what it does to the projects."""

    old: Version
    new: Version
    folder: str
    changes: Changes
    projects: tuple[ProjectChanges, ...] = ()


def compare_revisions(
    revisions: tuple[str, str | None], folder: Path, sources: Sources, projects: Sequence[Path] = ()
) -> Compared:
    """A library folder at one revision of the current folder's git repository and at another, or on the disk.

    The projects are those on the disk, read against both. Raises ReqgenError when git, a revision or the folder is missing.
    """
    read = [_version(name, folder, sources) for name in revisions]
    (old, old_side, old_sources), (new, new_side, new_sources) = read
    changes = compare(old_side, new_side)
    compared = tuple(_compare_project(path, (old, old_sources), (new, new_sources), changes) for path in projects)
    return Compared(old, new, shown(folder), changes, compared)


DISK = "arbre de travail"


def redline_of(compared: Compared, remarks: Sequence[str], annexes: Sequence[Annex], today: date) -> Redline:
    """What changed as one text with both versions; `remarks` and `annexes` are what else its reader is told.

    A change is credited to the author of the commit that made it between the two revisions; one that is only on the disk, to
    the local user, today. Raises ReqgenError when git can't be read.
    """
    versions = compared.old, compared.new
    changes = [change for change in compared.changes.clauses if change.kind in SHOWN]
    commits, texts = [one.commit for one in versions], [one.checked.files for one in versions]
    credits = Credits((commits[0], commits[1]), (texts[0], texts[1]), compared.folder, changes, today)
    names = [named(version) for version in versions]
    shown = sections(compared.changes, credits.of, credits.history)
    return Redline(names[0], names[1], compared.folder, shown, tuple(remarks), tuple(annexes))


def named(version: Version) -> str:
    """A version as told to the user."""
    return f"{version.name} ({version.commit[:10]})" if version.commit else DISK


def _version(name: str | None, folder: Path, sources: Sources) -> tuple[Version, Side, Sources]:
    if name is None:
        bundle, found = bundle_of(folder)
        commit = ""
    else:
        revision = read_revision(name, folder.as_posix(), Path.cwd())
        bundle, found, commit = Bundle(revision.root, revision.files), list(revision.findings), revision.commit
    here = replace(sources, files=bundle)
    library, checked = read_library(here)
    checked = replace(checked, findings=(*found, *checked.findings))

    def holds(condition: Condition, responses: Mapping[str, Response]) -> bool | None:
        return evaluate(condition, Answers(library.facts, responses, library.thresholds, sources.today)).outcome

    return Version(name or "", commit, library, checked), Side(library, bundle.root, bundle.files, holds), here


def _compare_project(
    path: Path, old: tuple[Version, Sources], new: tuple[Version, Sources], changes: Changes
) -> ProjectChanges:
    try:
        text = read_text(path)
        before, after = (
            read_tender_text(path, text, sources, (version.library, version.checked)).selection
            for version, sources in (old, new)
        )
    except ReqgenError as error:
        return ProjectChanges(shown(path), errors=error.diagnostics)
    return ProjectChanges(shown(path), compare_tenders(before, after, changes))
