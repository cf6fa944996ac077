"""A folder as it stood at a revision, read from git's own objects: the work tree is never touched, nothing of the user's is run.

Only commands that read are called (`rev-parse`, `rev-list`, `log`, `diff-tree`, `ls-tree`, `cat-file`, `config`), without hooks,
pagers, filters or network.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reqgen.model.diagnostic import Diagnostic, Files, Place, ReqgenError
from reqgen.model.revision import Credit

MAX_FILES = 20_000
MAX_BYTES = 1_000_000
MAX_TOTAL = 200_000_000
SECONDS = 60
# What git may read as a name: never an option, a path in a revision, a range, or a sign of the shell.
REVISION = re.compile(r"(?![-.^])[\w@.^~{}/+#=,-]{1,200}\Z")
ENTRY = re.compile(rb"(\d+) (\w+) ([0-9a-f]+) +(\S+)\t(.*)\Z", re.DOTALL)

MAX_COMMITS = 5_000
FIELD, RECORD = "\x1f", "\x1e"
# Each commit: its mark, its name, its author's day and name (through .mailmap), its subject; then a line a file.
LOG_FORMAT = "%x1e%H%x1f%as%x1f%aN%x1f%s"

MAX_PAST = 50_000_000
"""Bytes of all former texts read to tell who changed what; those beyond are not told."""

MISSING = "un objet du dépôt git manque ou ne peut pas être lu"


class Revision(Struct, frozen=True):
    """The YAML files of a folder at a commit; `root` is the beginning of their paths, as git writes it (`HEAD~1:folder`)."""

    name: str
    commit: str
    root: str
    files: Files
    findings: tuple[Diagnostic, ...] = ()


class Commit(Struct, frozen=True):
    """A commit: who, on which day (AAAA-MM-JJ), its subject, and the files of the folder that it touches, by their name today."""

    name: str
    day: str
    author: str
    subject: str
    paths: tuple[str, ...]


class FileStep(Struct, frozen=True):
    """A file as a commit left it: `now` is its object, `was` that of each parent of the commit; empty where there is none.

    `order` is that of the commit among those that were asked for, 0 for the newest.
    """

    path: str
    credit: Credit
    order: int
    was: tuple[str, ...]
    now: str


def read_history(folder: Path) -> tuple[tuple[Commit, ...], bool]:
    """The commits that touch files below the folder, newest first, and whether older ones are missing.

    Merges are passed over: what they bring is told by the commits that they join. Paths are relative to the folder.
    Raises ReqgenError when git is missing, fails, or the folder is in no repository.
    """
    git = _Git(_program(), folder.resolve())
    git.inner(".")
    if git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode:
        return (), False
    shallow = git.run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    commits = _followed(git.log())
    return commits, shallow or len(commits) == MAX_COMMITS


def _followed(log: str) -> tuple[Commit, ...]:
    """The commits of git's log, newest first, each file under the name that later renames gave it."""
    now: dict[str, str] = {}
    found: list[Commit] = []
    for record in f"\n{log}".split(f"\n{RECORD}")[1:]:  # a subject is one line, whatever it holds
        head, *lines = record.split("\n")
        name, day, author, subject = head.split(FIELD, 3)
        touched: dict[str, None] = {}
        for line in lines:
            status, *paths = line.split("\t")
            if not paths:
                continue
            path = now.pop(paths[-1], paths[-1]) if status.startswith("R") else now.get(paths[-1], paths[-1])
            if len(paths) == 2:
                now[paths[0]] = path
            touched[path] = None
        found.append(Commit(name, day, author, subject, tuple(touched)))
    return tuple(found)


def read_revision(revision: str, path: str, at: Path) -> Revision:
    """The folder `path` of the repository that holds the folder `at`, which it is relative to.

    Raises ReqgenError when git is missing, there is no repository, or no such revision or folder in it.
    """
    git = _Git(_program(), at.resolve())
    inner = git.inner(path)
    commit = git.commit(revision)
    root = f"{revision}:{inner}".rstrip("/")
    listed, findings = git.listed(commit, inner, root)
    texts = git.texts(sorted(set(listed.values())))
    files: dict[str, str] = {}
    for name in sorted(listed):
        try:
            files[name] = texts[listed[name]].decode("utf-8-sig")
        except UnicodeDecodeError:
            message, mend = "le fichier n'est pas en UTF-8", "l'enregistrer en UTF-8"
            findings.append(Diagnostic("encoding", message, Place(name), mend))
    return Revision(revision, commit, root, files, tuple(findings))


def read_steps(since: str, until: str, path: str, at: Path) -> dict[str, tuple[FileStep, ...]]:
    """What became of each file of the folder `path`, newest first, in the commits that `until` has and `since` has not.

    Files by their path inside the folder, a removed one too; no commit before those that come from it. A merge counts
    only for what it says otherwise than all those that it joins. Beyond `MAX_COMMITS` commits, the older ones are not told.
    Raises ReqgenError as `read_revision`.
    """
    git = _Git(_program(), at.resolve())
    inner = git.inner(path)
    start = f"{inner}/" if inner else ""
    steps: dict[str, list[FileStep]] = {}
    for step in git.changes(git.commit(since), git.commit(until), inner):
        if step.path.startswith(start):
            name = step.path.removeprefix(start)
            steps.setdefault(name, []).append(replace(step, path=name))
    return {name: tuple(found) for name, found in steps.items()}


def read_past(objects: Iterable[str], at: Path) -> dict[str, str]:
    """The text of each object that is one of a size to be read, up to `MAX_PAST` bytes in all; the others are left out."""
    wanted = sorted(set(objects))
    if not wanted:
        return {}
    git = _Git(_program(), at.resolve())
    texts = git.texts(git.sound(wanted))
    return {name: text.decode("utf-8-sig", "replace") for name, text in texts.items()}


def local_user(at: Path) -> str:
    """The name under which git would commit here; empty when it knows none."""
    ran = _Git(_program(), at.resolve()).run("config", "--get", "user.name")
    return ran.stdout.decode("utf-8", "replace").strip()


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        message = "git n'est pas installé, ou n'est pas dans le chemin des programmes"
        raise ReqgenError(Diagnostic("missing-program", message, Place("git"), "installer git"))
    return found


def _environment() -> dict[str, str]:
    """Ours, without what would lead git elsewhere, and with what keeps it quiet, offline and read-only."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("GIT_")}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
    }


class _Git(Struct, frozen=True):
    """The program, and the folder in which it runs."""

    program: str
    folder: Path

    def run(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        settings = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
        command = [self.program, "--no-pager", *settings, *arguments]
        try:
            return subprocess.run(  # noqa: S603 (no shell; every word is ours or checked)
                command,
                cwd=self.folder,
                input=given,
                capture_output=True,
                check=False,
                env=_environment(),
                timeout=SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired):
            raise _failed("git n'a pas pu être exécuté, ou n'a pas répondu") from None

    def inner(self, path: str) -> str:
        """The path inside the repository, with forward slashes; empty for its root."""
        ran = self.run("rev-parse", "--show-toplevel")
        if ran.returncode:
            if b"dubious ownership" in ran.stderr:
                message, mend = "le dépôt git appartient à un autre utilisateur", "voir git config safe.directory"
            else:
                message = "le dossier courant n'est pas dans l'arborescence d'un dépôt git"
                mend = "se placer dans le dépôt de la bibliothèque"
            raise ReqgenError(Diagnostic("not-a-repository", message, Place("."), mend))
        top = Path(os.fsdecode(ran.stdout.rstrip(b"\r\n"))).resolve()
        target = Path(os.path.normpath(self.folder / path))
        if not target.is_relative_to(top):
            message, mend = f"« {path} » sort du dépôt git", "donner un dossier du dépôt"
            raise ReqgenError(Diagnostic("path-escape", message, Place("--path"), mend))
        inner = target.relative_to(top).as_posix()
        return "" if inner == "." else inner

    def commit(self, revision: str) -> str:
        """The full name of the commit."""
        ran = self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") if _sound(revision) else None
        if ran is None or ran.returncode:
            message = f"« {revision} » n'est pas une révision de ce dépôt git"
            raise ReqgenError(
                Diagnostic(
                    "unknown-revision", message, Place("RÉVISION"), "une branche, une étiquette, un commit, HEAD~1"
                )
            )
        return ran.stdout.decode("ascii", "replace").strip()

    def changes(self, since: str, until: str, inner: str) -> Iterator[FileStep]:
        """Each file that a commit changes, by its path in the repository, newest first.

        Source of the format: git-diff-tree(1), « raw output format » and « diff format for merges ».
        """
        below = f":(top,literal){inner}"
        listed = self.run("rev-list", "--date-order", f"--max-count={MAX_COMMITS}", until, f"^{since}", "--", below)
        told = (
            "-r",
            "-c",
            "--root",
            "--no-renames",
            "--raw",
            "--no-abbrev",
            "-z",
            "--encoding=UTF-8",
            "--format=%x1e%an%x00%aI",
        )
        ran = self.run("diff-tree", "--stdin", *told, "--", below, given=listed.stdout)
        if listed.returncode or ran.returncode:
            raise _failed("l'historique ne peut pas être lu")
        credit, order = Credit(""), -1
        words = iter(ran.stdout.decode("utf-8", "replace").split("\0"))
        for word in words:
            if word.startswith(RECORD):
                credit, order = Credit(word.removeprefix(RECORD), _moment(next(words, ""))), order + 1
            elif word:
                *was, now = _objects(word.removeprefix("\n"))
                yield FileStep(next(words, ""), credit, order, tuple(was), now)

    def log(self) -> str:
        """The commits of HEAD that touch the folder, with the files of each; nothing of the user's is run to tell them."""
        settings = ("-c", "core.quotePath=false", "-c", "log.follow=false", "-c", "log.showRoot=true")
        quiet = ("--no-color", "--no-show-signature", "--no-ext-diff", "--no-textconv", "--encoding=UTF-8")
        wanted = ("--no-merges", f"--max-count={MAX_COMMITS}", "--relative", "--find-renames", "--name-status")
        ran = self.run(*settings, "log", *quiet, *wanted, f"--format={LOG_FORMAT}", "HEAD", "--", ".")
        if ran.returncode:
            raise _failed("l'historique ne peut pas être lu")
        return ran.stdout.decode("utf-8", "replace")

    def listed(self, commit: str, inner: str, root: str) -> tuple[dict[str, str], list[Diagnostic]]:
        """The object of each YAML file below the folder, by its path as shown; hidden files and links are passed over."""
        ran = self.run("ls-tree", "-r", "-z", "-l", "--full-tree", f"{commit}:{inner}")
        if ran.returncode:
            message = f"le dossier « {inner} » n'existe pas à cette révision"
            raise ReqgenError(Diagnostic("unreadable-file", message, Place(root), "vérifier --path"))
        found: dict[str, str] = {}
        findings: list[Diagnostic] = []
        total = 0
        for line in ran.stdout.split(b"\0"):
            entry = ENTRY.match(line)
            if entry is None or entry[2] != b"blob" or entry[1] == b"120000":
                continue
            name = entry[5].decode("utf-8", "replace")
            if not name.endswith((".yaml", ".yml")) or any(part.startswith(".") for part in name.split("/")):
                continue
            shown = f"{root}/{name}" if inner else f"{root}{name}"
            if not entry[4].isdigit():
                raise _failed(MISSING)
            if int(entry[4]) > MAX_BYTES:
                message = f"le fichier dépasse {MAX_BYTES // 1000} ko"
                findings.append(Diagnostic("too-large", message, Place(shown), "le découper"))
                continue
            total += int(entry[4])
            found[shown] = entry[3].decode("ascii")
        if len(found) > MAX_FILES or total > MAX_TOTAL:
            raise ReqgenError(Diagnostic("too-large", "le dossier est trop gros à cette révision", Place(root)))
        return found, findings

    def sound(self, objects: Sequence[str]) -> list[str]:
        """Those that are files and not too large, as many as `MAX_PAST` lets."""
        ran = self.run("cat-file", "--batch-check", given="".join(f"{name}\n" for name in objects).encode("ascii"))
        found: list[str] = []
        total = 0
        for name, line in zip(objects, ran.stdout.split(b"\n"), strict=False):
            words = line.split()
            if len(words) != 3 or words[1] != b"blob" or int(words[2]) > MAX_BYTES:
                continue
            total += int(words[2])
            if total <= MAX_PAST:
                found.append(name)
        return found

    def texts(self, objects: Iterable[str]) -> dict[str, bytes]:
        """The content of each object."""
        wanted = list(objects)
        ran = self.run("cat-file", "--batch", given="".join(f"{name}\n" for name in wanted).encode("ascii"))
        texts: dict[str, bytes] = {}
        start = 0
        for name in wanted:
            end = ran.stdout.find(b"\n", start)
            words = ran.stdout[start:end].split() if end >= 0 else []
            if ran.returncode or len(words) != 3 or words[1] != b"blob":
                raise _failed(MISSING)
            size = int(words[2])
            texts[name] = ran.stdout[end + 1 : end + 1 + size]
            start = end + size + 2
        return texts


def _objects(told: str) -> list[str]:
    """The objects of a file in each parent of a commit, then in the commit: « :modes objects status », a colon a parent."""
    words = told.lstrip(":").split(" ")
    parents = len(told) - len(told.lstrip(":"))
    return [name if name.strip("0") else "" for name in words[parents + 1 : 2 * parents + 2]] or [""]


def _moment(text: str) -> str:
    """The date and time as it stands; empty when it is none: a commit may bear any number as its date and its offset."""
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return text


def _sound(revision: str) -> bool:
    return REVISION.match(revision) is not None and ".." not in revision


def _failed(message: str) -> ReqgenError:
    return ReqgenError(Diagnostic("git-failed", message, Place("git"), "vérifier le dépôt avec git fsck"))
