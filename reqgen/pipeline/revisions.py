"""Two versions of a library compared, one of them perhaps on the disk."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reqgen.files import read_text, shown
from reqgen.git import local_user, read_credits, read_revision
from reqgen.load.library import Bundle
from reqgen.model.condition import Condition
from reqgen.model.diagnostic import Diagnostic, ReqgenError
from reqgen.model.library import Library, Response
from reqgen.model.revision import Annex, Credit, Redline
from reqgen.pipeline.reading import Checked, Sources, bundle_of, read_library, read_tender_text
from reqgen.review.compare import Changes, ClauseChange, Side, compare
from reqgen.review.redline import sections
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


UNKNOWN = "auteur inconnu"
DISK = "arbre de travail"


def redline_of(compared: Compared, remarks: Sequence[str], annexes: Sequence[Annex], today: date) -> Redline:
    """What changed as one text with both versions; `remarks` and `annexes` are what else its reader is told.

    A change is credited to the author of the last commit that made it between the two revisions; one that is only on the disk, to
    the local user, today. Raises ReqgenError when git can't be read.
    """
    credits = _Credits(compared, today)
    names = [named(version) for version in (compared.old, compared.new)]
    shown = sections(compared.changes, credits.of)
    return Redline(names[0], names[1], compared.folder, shown, tuple(remarks), tuple(annexes))


def named(version: Version) -> str:
    """A version as told to the user."""
    return f"{version.name} ({version.commit[:10]})" if version.commit else DISK


class _Credits:
    """Who made each change, and when."""

    def __init__(self, compared: Compared, today: date):
        here = Path.cwd()
        self.new, self.folder = compared.new, compared.folder
        self.made = read_credits(compared.old.commit or "HEAD", self.new.commit or "HEAD", self.folder, here)
        self.local = Credit(local_user(here) or UNKNOWN, f"{today.isoformat()}T00:00:00+00:00")
        self.committed = {} if self.new.commit else _committed(self.folder, here)

    def of(self, change: ClauseChange) -> Credit:
        """The credit of a clause's change."""
        paths = [path for path in (change.path_after, change.path_before) if path]
        if not self.new.commit and any(self._is_edited(path) for path in paths):
            return self.local
        return next((self.made[path] for path in paths if path in self.made), Credit(UNKNOWN))

    def _is_edited(self, path: str) -> bool:
        """Whether the file on the disk is not the one of HEAD."""
        texts = (self.new.checked.files.get(f"{self.folder}/{path}"), self.committed.get(path))
        return len({text and text.replace("\r\n", "\n") for text in texts}) > 1


def _committed(folder: str, at: Path) -> dict[str, str]:
    """The text of each file of the folder in HEAD, by its path inside the folder; none when HEAD has no such folder."""
    try:
        head = read_revision("HEAD", folder, at)
    except ReqgenError as error:
        if any(finding.rule != "unreadable-file" for finding in error.diagnostics):
            raise
        return {}
    return {path.removeprefix(head.root).lstrip("/"): text for path, text in head.files.items()}


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
