"""The page of each heading, as LibreOffice lays the document out.

LibreOffice only measures: the file that is delivered is always the one that we wrote.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.document import Heading

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_ROUNDS = 5
_NAMES = (
    "soffice",
    "libreoffice",
    "soffice.com",
)  # on Windows, soffice.com is the one that waits for the end
_USUAL_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
    "C:/Program Files (x86)/LibreOffice/program/soffice.com",
    "/opt/libreoffice/program/soffice",
    "/snap/bin/libreoffice",
)
_FILTER = 'pdf:writer_pdf_Export:{"ExportBookmarks":{"type":"boolean","value":"true"}}'


def find_soffice() -> str:
    """The path of LibreOffice's command.

    Raises ReqgenError (missing-program) when it is neither on the PATH nor in the usual places.
    """
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    for place in _USUAL_PLACES:
        if Path(place).is_file():
            return place
    raise _missing("soffice")


def paginate(
    write: Callable[[Mapping[str, int] | None], bytes],
    soffice: str,
    headings: Sequence[Heading],
    *,
    timeout: float = 180,
) -> bytes:
    """A document whose table of contents has the right pages.

    `write` writes the .docx, given the page of each heading by its anchor; `headings` are all its headings in
    order; `timeout` is in seconds, for one layout.
    Raises ReqgenError: missing-program when `soffice` can't be run, pagination-failed when it gives no usable
    layout in time, or when pages don't settle.
    """
    pages: dict[str, int] | None = None
    for _ in range(MAX_ROUNDS):
        data = write(pages)
        found = _measure(data, soffice, headings, timeout)
        if found == pages:
            return data
        pages = found
    raise _failed(f"les numéros de page ne se stabilisent pas après {MAX_ROUNDS} mises en page")


def count_pages(files: Sequence[bytes], soffice: str, *, timeout: float = 180) -> list[int]:
    """The number of pages of each .docx, laid out in one go; `timeout` is in seconds, for them all.

    Raises ReqgenError: missing-program when `soffice` can't be run, pagination-failed when it gives no usable layout.
    """
    if not files:
        return []
    with tempfile.TemporaryDirectory(prefix="reqgen-", ignore_cleanup_errors=True) as folder:
        sources = [Path(folder) / f"document{number}.docx" for number in range(len(files))]
        for source, data in zip(sources, files, strict=True):
            source.write_bytes(data)
        _convert(soffice, sources[0], timeout, sources[1:])
        return [_page_count(source.with_suffix(".pdf")) for source in sources]


def _page_count(path: Path) -> int:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(path).pages)
    except (PyPdfError, OSError, ValueError, KeyError):
        raise _failed("LibreOffice n'a pas produit de PDF lisible") from None


def _measure(data: bytes, soffice: str, headings: Sequence[Heading], timeout: float) -> dict[str, int]:
    """The page of each heading, by its anchor."""
    with tempfile.TemporaryDirectory(prefix="reqgen-", ignore_cleanup_errors=True) as folder:
        source = Path(folder) / "document.docx"
        source.write_bytes(data)
        _convert(soffice, source, timeout)
        target = source.with_suffix(".pdf")
        if not target.is_file():
            raise _failed("LibreOffice n'a pas produit de PDF")
        return _match(_outline(target), headings)


def _convert(soffice: str, source: Path, timeout: float, others: Sequence[Path] = ()) -> None:
    """Make a PDF beside the file, in a profile of its own: a running LibreOffice is neither used nor disturbed.

    `others` are files of the same folder to be laid out in the same run.
    """
    folder = source.parent
    command = [
        soffice,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--norestore",
        "--nologo",
        "--convert-to",
        _FILTER,
        "--outdir",
        str(folder),
        str(source),
        *map(str, others),
    ]
    try:
        # A session of its own, so that a stuck layout can be ended with all its processes.
        process = subprocess.Popen(  # noqa: S603 - no shell; the program is LibreOffice, found or named by the user
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise _missing(soffice) from None
    try:
        code = process.wait(timeout)
    except subprocess.TimeoutExpired:
        raise _failed(f"LibreOffice n'a pas fini en {timeout:g} secondes") from None
    finally:
        if process.poll() is None:
            _end(process)
    if code != 0:
        raise _failed(f"LibreOffice s'est arrêté avec le code {code}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children."""
    if sys.platform == "win32":
        taskkill = Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "System32" / "taskkill.exe"
        subprocess.run(  # noqa: S603
            [str(taskkill), "/F", "/T", "/PID", str(process.pid)], check=False, capture_output=True
        )
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _outline(path: Path) -> list[tuple[str, int]]:
    """Title and page, from 1, of each bookmark of a PDF."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(path)
        return list(_flat(reader, reader.outline))
    except (PyPdfError, OSError, ValueError, KeyError):
        raise _failed("le PDF produit par LibreOffice est illisible") from None


def _flat(reader: "PdfReader", outline: Sequence[object]) -> list[tuple[str, int]]:
    """The outline without its nesting: a list stands for the children of the entry before it."""
    from pypdf.generic import Destination

    found: list[tuple[str, int]] = []
    for entry in outline:
        if isinstance(entry, list):
            found += _flat(reader, entry)
        elif isinstance(entry, Destination):
            page = reader.get_destination_page_number(entry)
            found.append((str(entry.title), -1 if page is None else page + 1))
    return found


def _match(outline: Sequence[tuple[str, int]], headings: Sequence[Heading]) -> dict[str, int]:
    """Pages by anchor: bookmarks and headings are the same, in the same order."""
    seen = [heading for heading in headings if heading.text.strip()]
    if len(outline) != len(seen):
        raise _failed(f"la mise en page compte {len(outline)} titres au lieu de {len(seen)}")
    pages: dict[str, int] = {}
    for (title, page), heading in zip(outline, seen, strict=True):
        if _letters(heading.text) not in _letters(title) or page < 1:
            raise _failed(f"le titre « {heading.text} » n'y est pas retrouvé")
        pages.setdefault(heading.anchor, page)
    return pages


def _letters(text: str) -> str:
    """Letters and digits only: layout may change blanks and marks."""
    return re.sub(r"[\W_]+", "", text)


def _missing(name: str) -> ReqgenError:
    return ReqgenError(
        Diagnostic(
            "missing-program",
            "LibreOffice est introuvable : il sert à mettre les documents en pages",
            Place(name),
            "installer LibreOffice, ou se passer des numéros de page (retirer --paginate ou --pages)",
        )
    )


def _failed(reason: str) -> ReqgenError:
    return ReqgenError(
        Diagnostic(
            "pagination-failed",
            f"les pages n'ont pas pu être calculées : {reason}",
            Place("LibreOffice"),
            "recommencer, ou se passer des numéros de page (retirer --paginate ou --pages)",
        )
    )
