"""Files of a library changed: all of them or none, and never those of an installed reqgen."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

import reqgen
from reqgen.files import shown, write_whole
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.pipeline.reading import LIBRARY


class FileEdit(Struct, frozen=True):
    """A file to change: its path as shown, and all its bytes before and after."""

    path: str
    before: bytes
    after: bytes


def refuse_read_only(paths: Iterable[str]) -> None:
    """Raise ReqgenError when a file is of the library that was installed with reqgen, or may not be written."""
    installed = (Path(reqgen.__file__).parent / LIBRARY).resolve()
    for path in map(Path, paths):
        target = path.resolve()
        if target.is_relative_to(installed) or not os.access(target.parent, os.W_OK) or not os.access(target, os.W_OK):
            message = "la bibliothèque ne peut pas être changée ici : elle est en lecture seule"
            mend = "travailler dans un dépôt de la bibliothèque, ou donner la vôtre avec --library ou --pack"
            raise ReqgenError(Diagnostic("read-only-library", message, Place(shown(path)), mend))


def read_bytes(path: str) -> bytes:
    """The bytes of a file that was read a moment ago. Raises ReqgenError when it is no longer there."""
    try:
        return Path(path).read_bytes()
    except OSError:
        raise _changed(path) from None


def write_files(edits: Sequence[FileEdit]) -> None:
    """Write every file, or none.

    Raises ReqgenError when one is no longer as it was read, or may not be written.
    """
    for edit in edits:
        if read_bytes(edit.path) != edit.before:
            raise _changed(edit.path)
    done: list[FileEdit] = []
    try:
        for edit in edits:
            write_whole(Path(edit.path).resolve(), edit.after)  # a link stays a link
            done.append(edit)
    except BaseException:
        for edit in done:
            write_whole(Path(edit.path).resolve(), edit.before)
        raise


def _changed(path: str) -> ReqgenError:
    message = "le fichier a changé pendant la commande ; rien n'a été écrit"
    return ReqgenError(Diagnostic("file-changed", message, Place(path), "recommencer"))
