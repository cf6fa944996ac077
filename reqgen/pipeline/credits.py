"""Who made each change of the clauses between two versions of a library, read from git."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from reqgen.git import FileStep, local_user, read_past, read_revision, read_steps
from reqgen.load.library import clause_from
from reqgen.load.schema import check_shape
from reqgen.load.tree import parse
from reqgen.model.diagnostic import Files, ReqgenError
from reqgen.model.library import Clause
from reqgen.model.revision import Credit
from reqgen.review.authors import Version
from reqgen.review.compare import ClauseChange

UNKNOWN = "auteur inconnu"
MAX_STEPS = 30
"""Commits of one clause that are told apart; what older ones changed is credited to the last."""
MAX_ALL_STEPS = 500
"""The same for all clauses together; a clause beyond is credited to its last commit as a whole."""
MAX_PARENTS = 4


class Credits:
    """Who made each change, and when."""

    def __init__(
        self,
        commits: tuple[str, str],
        texts: tuple[Files, Files],
        folder: str,
        changes: Iterable[ClauseChange],
        today: date,
    ):
        """`commits` and `texts`: of the old version and of the new one, no commit for what is on the disk."""
        here = Path.cwd()
        self.folder = folder
        self.old_texts, self.new_texts = texts
        self.made = read_steps(commits[0] or "HEAD", commits[1] or "HEAD", folder, here)
        self.local = Credit(local_user(here) or UNKNOWN, f"{today.isoformat()}T00:00:00+00:00")
        self.committed = None if commits[1] else _committed(folder, here)
        self.steps = self._told_apart(changes)
        objects = {name for steps in self.steps.values() for step in steps for name in (*step.was, step.now)}
        self.past = read_past(objects - {""}, here)

    def of(self, change: ClauseChange) -> Credit:
        """The credit of a clause's last change."""
        if self._is_edited(change):
            return self.local
        return next((self.made[path][0].credit for path in _paths(change) if path in self.made), Credit(UNKNOWN))

    def history(self, change: ClauseChange) -> Sequence[Version]:
        """The versions of a clause from the old one to the new one; none when one person alone made the change."""
        steps = self.steps.get(change.id)
        if not steps:
            return ()
        work = _Chain(change, self.past, _text_of(change.before, self.old_texts))
        for step in reversed(steps):
            work.add(step)
        text = _text_of(change.after, self.new_texts)
        if self.committed is not None:
            text = next((self.committed[path] for path in _paths(change) if path in self.committed), None)
        return work.ended(text, self.of(change))

    def _told_apart(self, changes: Iterable[ClauseChange]) -> dict[str, tuple[FileStep, ...]]:
        """The steps of each clause that more than one made, newest first, as far as the bounds let."""
        found: dict[str, tuple[FileStep, ...]] = {}
        left = MAX_ALL_STEPS
        for change in changes:
            steps = _steps(change, self.made)[:MAX_STEPS]
            if len(steps) + self._is_edited(change) > 1 and len(steps) <= left:
                found[change.id] = steps
                left -= len(steps)
        return found

    def _is_edited(self, change: ClauseChange) -> bool:
        """Whether the clause's file on the disk is not the one of HEAD."""
        if self.committed is None:
            return False
        here = {path: self.new_texts.get(f"{self.folder}/{path}") for path in _paths(change)}
        return any(self.committed.get(path) != (text and _plain(text)) for path, text in here.items())


def _paths(change: ClauseChange) -> list[str]:
    return list(dict.fromkeys(path for path in (change.path_after, change.path_before) if path))


def _text_of(clause: Clause | None, texts: Files) -> str | None:
    """The text of the clause's file; None when there is no such clause."""
    return None if clause is None else _plain(texts.get(clause.place.path, ""))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _committed(folder: str, at: Path) -> dict[str, str]:
    """The text of each file of the folder in HEAD, by its path inside the folder; none when HEAD has no such folder."""
    try:
        head = read_revision("HEAD", folder, at)
    except ReqgenError as error:
        if any(finding.rule != "unreadable-file" for finding in error.diagnostics):
            raise
        return {}
    return {path.removeprefix(head.root).lstrip("/"): _plain(text) for path, text in head.files.items()}


def _steps(change: ClauseChange, made: Mapping[str, Sequence[FileStep]]) -> tuple[FileStep, ...]:
    """The steps of the clause, newest first; what a commit did to its two files, when it moved, is one."""
    found: dict[int, FileStep] = {}
    for path in _paths(change):  # the new one first: what it has counts
        for step in made.get(path, ()):
            first = found.get(step.order)
            if first is not None:
                was = tuple(one or other for one, other in zip(first.was, step.was, strict=True))
                step = replace(first if first.now else step, was=was)
            found[step.order] = step
    return tuple(found[order] for order in sorted(found))


class _Chain:
    """Puts the versions of a clause one after the other, each with those that it comes from."""

    def __init__(self, change: ClauseChange, past: Mapping[str, str], first: str | None):
        self.change, self.past = change, past
        self.versions = [Version(change.before, change.path_before or change.path_after)]
        self.texts = [first]

    def add(self, step: FileStep) -> None:
        """What a commit made of it."""
        parents = tuple(dict.fromkeys(self._number(self._text(name)) for name in step.was[:MAX_PARENTS]))
        self._append(self._text(step.now), step.path, parents, step.credit)

    def ended(self, text: str | None, credit: Credit) -> list[Version]:
        """All of them; the last is the new one, which comes from that with this text, changed once more by `credit` or not."""
        at = self._last(text)
        parent = len(self.versions) - 1 if at is None else at
        return [*self.versions, Version(self.change.after, self.change.path_after, (parent,), credit)]

    def _text(self, name: str) -> str | None:
        """The text of an object, empty when it cannot be read."""
        return _plain(self.past.get(name, "")) if name else None

    def _last(self, text: str | None) -> int | None:
        return next((at for at in reversed(range(len(self.texts))) if self.texts[at] == text), None)

    def _number(self, text: str | None) -> int:
        """The last version with this text; one from elsewhere is put after the first, of which nobody made it."""
        at = self._last(text)
        if at is None:
            self._append(text, self.versions[0].path, (0,), None)
        return len(self.versions) - 1 if at is None else at

    def _append(self, text: str | None, path: str, parents: tuple[int, ...], credit: Credit | None) -> None:
        former = self.versions[parents[0]]
        clause = None if text is None else _clause(text, self.change.id, former.clause)
        self.versions.append(Version(clause, path, parents, credit))
        self.texts.append(text)


def _clause(text: str, identity: str, former: Clause | None) -> Clause | None:
    """The clause that the text is; the former one when it cannot be read, None when it is another."""
    tree, found = parse("", text)
    if tree is None or found or check_shape(tree, "clause"):
        return former
    clause = clause_from(tree, found)
    return clause if clause.id == identity else None
