"""What was made of the same inputs before, kept in the user's own cache folder.

A wrong, old or damaged entry is a miss, never an error. Entries are pickles: they are only read from a folder that belongs
to the user and that nobody else may write to. `REQGEN_CACHE=0` does without, `REQGEN_CACHE=DIR` puts it elsewhere.
"""

import contextlib
import hashlib
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from reqgen import __version__

Made = TypeVar("Made")
MAX_ENTRIES = 60
"""The least recently used go first. The largest, a library, takes some 2 MB."""


def cached(inputs: Iterable[str], make: Callable[[], Made]) -> Made:
    """What `make` returns for these inputs, from the cache when it is there; `make` must depend on nothing else."""
    folder = _folder()
    if folder is None:
        return make()
    path = folder / f"{_key(inputs)}.pickle"
    with contextlib.suppress(Exception):  # a pickle of another version may fail in any way
        found: Made = pickle.loads(path.read_bytes())  # noqa: S301 (the folder is the user's own)
        with contextlib.suppress(OSError):
            os.utime(path)
        return found
    made = make()
    with contextlib.suppress(OSError):
        _store(folder, path, pickle.dumps(made, protocol=pickle.HIGHEST_PROTOCOL))
    return made


def remembered(name: str) -> dict[str, Any]:
    """What was kept under that name by the same code; empty when there is nothing."""
    folder = _folder()
    with contextlib.suppress(Exception):
        if folder is not None:
            found: dict[str, Any] = pickle.loads(_memory(folder, name).read_bytes())  # noqa: S301 (the user's own folder)
            return found
    return {}


def remember(name: str, things: Mapping[str, object]) -> None:
    """Keep things under a name, in place of what was there."""
    folder = _folder()
    if folder is not None:
        with contextlib.suppress(OSError):
            _store(folder, _memory(folder, name), pickle.dumps(dict(things), protocol=pickle.HIGHEST_PROTOCOL))


def _memory(folder: Path, name: str) -> Path:
    return folder / f"{name}-{_key([name])}.pickle"


def _key(inputs: Iterable[str]) -> str:
    digest = hashlib.sha256(f"{__version__} {sys.version_info[:3]} {_code()}".encode())
    for text in inputs:
        digest.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()[:40]


@cache
def _code() -> str:
    """Changes with every edit of our own code, so that a developer never meets an old result."""
    # plain strings: a Path for each module costs more than asking the disk
    files = (os.path.join(folder, name) for folder, _, names in os.walk(Path(__file__).parent) for name in names)  # noqa: PTH118
    states = (os.stat(path) for path in sorted(files) if path.endswith((".py", ".json")))  # noqa: PTH116
    return " ".join(f"{state.st_mtime_ns}:{state.st_size}" for state in states)


def _folder() -> Path | None:
    chosen = os.environ.get("REQGEN_CACHE", "")
    if chosen == "0":
        return None
    base = Path(chosen) if chosen else _user_cache() / "reqgen"
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        return base if _own(base) else None
    except OSError:
        return None


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _own(folder: Path) -> bool:
    """True when the folder is the user's, and nobody else may write to it (on Windows, profiles see to that)."""
    if not hasattr(os, "getuid"):
        return True
    status = folder.stat()
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _store(folder: Path, path: Path, data: bytes) -> None:
    old = sorted(folder.glob("*.pickle"), key=lambda entry: entry.stat().st_mtime)
    for entry in old[: max(0, len(old) - MAX_ENTRIES + 1)]:
        entry.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(data)
    Path(file.name).replace(path)
