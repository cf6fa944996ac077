"""The disk: folders read into text by path, bundled data found, results written whole or not at all."""

import contextlib
import glob
import os
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError

MAX_FILES = 20_000
MAX_BYTES = 1_000_000
USUAL_BYTES = 65_536
"""Asked for first: room for the largest file, made and given back for each of hundreds, took most of the time to read them."""


def bundled(name: str) -> Path:
    """A data folder of the project, in a wheel (inside the package) or in a checkout (beside it)."""
    package = Path(__file__).parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    raise ReqgenError(
        Diagnostic("missing-data", f"le dossier « {name} » de reqgen manque", Place(str(package)), "réinstaller reqgen")
    )


def shown(path: Path) -> str:
    """The path as told to the user: relative to the current folder when below it, with forward slashes."""
    with contextlib.suppress(ValueError, OSError):
        return path.resolve().relative_to(Path.cwd()).as_posix()
    return path.as_posix()


def read_text(path: Path | str, name: str = "") -> str:
    """A UTF-8 file's text, without its byte order mark; `name` is the path as told to the user.

    Raises ReqgenError when the file is missing, unreadable, too large or not UTF-8.
    """
    place = Place(name or shown(Path(path)))
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (a Path for each file of the library costs more than reading it)
            data = file.read(USUAL_BYTES)
            if len(data) == USUAL_BYTES:
                data += file.read(MAX_BYTES + 1 - USUAL_BYTES)
    except OSError as error:
        raise ReqgenError(
            Diagnostic("unreadable-file", f"le fichier ne peut pas être lu ({_reason(error)})", place)
        ) from None
    if len(data) > MAX_BYTES:
        raise ReqgenError(Diagnostic("too-large", f"le fichier dépasse {MAX_BYTES // 1000} ko", place, "le découper"))
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise ReqgenError(
            Diagnostic(
                "encoding", "le fichier n'est pas en UTF-8", Place(place.path, line, column), "l'enregistrer en UTF-8"
            )
        ) from None


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "il n'existe pas"
    if isinstance(error, IsADirectoryError):
        return "c'est un dossier"
    if isinstance(error, PermissionError):
        return "l'accès est refusé"
    return "erreur du disque"


def _yaml_files(folder: str, root: str) -> Iterator[tuple[str, str]]:
    """Every YAML file below the folder and its path within, those of a folder before those of its subfolders, by name.

    Hidden files, and links that leave `root`, are passed over; a folder that cannot be listed stands for its files.
    Plain strings: a Path for each of the library's files is what reading them would mostly cost.
    """
    waiting = [(folder, "")]
    while waiting:
        folder, below = waiting.pop()
        try:
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError:
            yield folder, below.rstrip("/")
            continue
        entries = [entry for entry in entries if not entry.name.startswith(".")]
        for entry in entries:
            named = entry.name.endswith((".yaml", ".yml")) and not entry.is_dir(follow_symlinks=False)
            if named and (not entry.is_symlink() or _within(entry.path, root)):
                yield entry.path, below + entry.name
        inner = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        waiting += [(entry.path, f"{below}{entry.name}/") for entry in reversed(inner)]


def _within(link: str, root: str) -> bool:
    return Path(link).resolve().is_relative_to(root)


def matching(pattern: str) -> list[Path]:
    """The files that a pattern names (`examples/*.yaml`), sorted; we expand it, since not every shell does.

    Raises ReqgenError when there is none.
    """
    names = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 (a pattern may be absolute, or a plain name)
    found = [path for name in names if (path := Path(name)).is_file()]
    if not found:
        raise ReqgenError(
            Diagnostic("no-match", "aucun fichier ne répond à ce motif", Place(pattern), "vérifier le chemin")
        )
    return found


def read_folder(folder: Path) -> tuple[dict[str, str], list[Diagnostic]]:
    """The text of every YAML file below the folder, by the path shown to the user; what cannot be read is reported."""
    texts: dict[str, str] = {}
    found: list[Diagnostic] = []
    shown_folder = shown(folder)
    for path, name in islice(_yaml_files(str(folder), str(folder.resolve())), MAX_FILES + 1):
        try:
            if len(texts) + len(found) == MAX_FILES:
                message = f"le dossier contient plus de {MAX_FILES} fichiers"
                raise ReqgenError(Diagnostic("too-large", message, Place(shown_folder)))
            texts[f"{shown_folder}/{name}"] = read_text(path, f"{shown_folder}/{name}")
        except ReqgenError as error:
            found += error.diagnostics
    return texts, found


def inside(root: Path, relative: str, place: Place) -> Path:
    """A path that a project file names, below `root` and nowhere else.

    Raises ReqgenError when the name leads outside.
    """
    target = (root / relative).resolve()
    if Path(relative).is_absolute() or not target.is_relative_to(root.resolve()):
        raise ReqgenError(
            Diagnostic(
                "path-escape",
                f"« {relative} » sort du dossier du projet",
                place,
                "placer le fichier dans le dossier du projet, ou donner --root",
            )
        )
    return target


def write_whole(path: Path, data: bytes) -> None:
    """Write a file by way of a temporary neighbour, so that it is there whole or not at all.

    Raises ReqgenError when the folder is missing or the disk refuses.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".reqgen-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            if os.name == "posix":
                umask = os.umask(0)
                os.umask(umask)
                Path(name).chmod(0o666 & ~umask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ReqgenError(
            Diagnostic("unwritable-file", f"le fichier ne peut pas être écrit ({_reason(error)})", Place(shown(path)))
        ) from None


def write_new(path: Path, data: bytes) -> None:
    """Write a file that does not exist yet, and the folders above it.

    Raises ReqgenError when there is already one of that name, or when the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise ReqgenError(
            Diagnostic("foreign-file", "le fichier existe déjà", Place(shown(path)), "en choisir un autre")
        ) from None
    except OSError as error:
        raise ReqgenError(
            Diagnostic("unwritable-file", f"le fichier ne peut pas être écrit ({_reason(error)})", Place(shown(path)))
        ) from None
