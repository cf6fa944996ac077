"""A folder of files written whole or not at all, and known again later by a marker.

The marker is a JSON file with the SHA-256 of all other files: it tells a folder that was edited, or holds anything else, from
one that is as we wrote it. It is no signature.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from reqgen.files import shown
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError

MARKER = "reqgen.json"
MAX_FILES = 50_000
MAX_BYTES = 500_000_000
Contents = Mapping[str, bytes]


def write_folder(folder: Path, contents: Contents, *, force: bool = False) -> None:
    """Put the files (by path, with forward slashes) and their marker in the folder, in place of all that it held.

    They are first written in a neighbour, which then takes the folder's name. Raises ReqgenError when the disk refuses, or when
    the folder holds anything that we did not write, or that was changed since: with `force`, only what is not a plain folder,
    holds a git repository, or has the current folder in it is refused.
    """
    refuse_foreign(folder, force=force)
    target = Path(os.path.abspath(folder))  # noqa: PTH100 (`resolve` would follow the last link)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".reqgen-", dir=target.parent))
    except OSError:
        raise _unwritable(folder) from None
    try:
        _fill(made, contents)
        _swap(made, target)
    except OSError:
        raise _unwritable(folder) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def refuse_foreign(folder: Path, *, force: bool = False) -> None:
    """Raise ReqgenError when the folder may not be replaced: see `write_folder`."""
    if not os.path.lexists(folder):
        return
    if folder.is_symlink() or not folder.is_dir():
        raise _foreign(folder, "ce nom est déjà celui d'un fichier ou d'un lien", "choisir un autre nom")
    if Path.cwd().is_relative_to(folder.resolve()) or (folder / ".git").exists():
        message = "le dossier est le dossier courant, le contient, ou est un dépôt git : il n'est jamais remplacé"
        raise _foreign(folder, message, "choisir un sous-dossier")
    if force or not any(folder.iterdir()) or is_untouched(folder):
        return
    message = "le dossier existe et n'est pas de reqgen, ou a été modifié depuis"
    raise _foreign(folder, message, "choisir un autre dossier, ou ajouter --force pour le remplacer")


def is_untouched(folder: Path) -> bool:
    """Tell whether the folder holds our marker, the files that it was written with, and nothing else."""
    try:
        marker = json.loads((folder / MARKER).read_bytes()[:10_000])
        return isinstance(marker, dict) and marker.get("empreinte") == digest(_read(folder))
    except (OSError, ValueError, RecursionError):
        return False


def digest(contents: Contents) -> str:
    """SHA-256, in hexadecimal, of the paths and bytes of all files but the marker."""
    total = hashlib.sha256()
    for name in sorted(contents.keys() - {MARKER}):
        # Lengths first, so that no other cut of the same bytes gives the same digest.
        for piece in (name.encode("utf-8", "surrogateescape"), contents[name]):
            total.update(len(piece).to_bytes(8, "big"))
            total.update(piece)
    return total.hexdigest()


def _read(folder: Path) -> dict[str, bytes]:
    """Every file below the folder. Raises ValueError for a link, or when there is too much: no folder of ours has that."""
    found: dict[str, bytes] = {}
    room = MAX_BYTES
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            if Path(parent, name).is_symlink():
                raise ValueError(name)
        for name in names:
            with Path(parent, name).open("rb") as file:
                data = file.read(room + 1)
            room -= len(data)
            found[Path(parent, name).relative_to(folder).as_posix()] = data
            if room < 0 or len(found) > MAX_FILES:
                raise ValueError(folder)
    return found


def _fill(folder: Path, contents: Contents) -> None:
    marker = {"produit": "reqgen", "empreinte": digest(contents)}
    for name, data in {**contents, MARKER: f"{json.dumps(marker)}\n".encode()}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if os.name == "posix":
        umask = os.umask(0)
        os.umask(umask)
        folder.chmod(0o777 & ~umask)  # mkdtemp keeps others out


def _swap(made: Path, target: Path) -> None:
    """Give `made` the name of `target`, whose old content goes only once the new one is in its place."""
    if not target.exists():
        made.replace(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=".reqgen-", dir=target.parent))
    try:
        target.replace(aside / "ancien")
        try:
            made.replace(target)
        except OSError:
            (aside / "ancien").replace(target)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _foreign(folder: Path, message: str, mend: str) -> ReqgenError:
    return ReqgenError(Diagnostic("foreign-file", message, Place(shown(folder)), mend))


def _unwritable(folder: Path) -> ReqgenError:
    message = "le dossier ne peut pas être écrit (erreur du disque, ou accès refusé)"
    return ReqgenError(Diagnostic("unwritable-file", message, Place(shown(folder))))
