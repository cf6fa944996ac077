"""Zip packages (docx, xlsx, odt) as parts by name: bounded reading, reproducible writing."""

import io
import zipfile
import zlib
from collections.abc import Mapping

from lxml import etree

MAX_ENTRIES = 2_000
MAX_PACKED = 50_000_000
MAX_UNPACKED = 100_000_000
MAX_RATIO = 200
# Small parts may well shrink more than a hundredfold (an empty style sheet); only large ones can do harm.
RATIO_MATTERS_FROM = 1_000_000

# OpenDocument wants its mimetype first; Office Open XML readers find these two sooner at the start.
_FIRST = ("mimetype", "[Content_Types].xml", "_rels/.rels")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"


class PackageError(Exception):
    """Raised when bytes are no package that may be opened; the message is a French clause without a stop."""

    def __init__(self, message: str):
        # Part names come from the file: they must not send commands to a terminal.
        super().__init__("".join(sign if sign.isprintable() else "?" for sign in message[:300]))


def read_xml(content: bytes) -> etree._Element:
    """The root of a part's XML: no entities, no document type, no access to disk or network; comments are dropped.

    Raises PackageError, whose message is what the part does wrong (« n'est pas du XML correct »).
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        deep = "depth" in str(error)
        raise PackageError("est imbriquée sans mesure" if deep else "n'est pas du XML correct") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise PackageError("déclare un type de document (DOCTYPE), c'est interdit")
    return root


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A zip file of the parts: fixed times, fixed order, so that same parts give same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name in sorted(parts, key=_rank):
            entry = zipfile.ZipInfo(name, _EPOCH)
            # Left alone, it tells the system that wrote the file, hence other bytes on Windows.
            entry.create_system = 0
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            package.writestr(entry, parts[name], compresslevel=6)
    return buffer.getvalue()


def _rank(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def unpack(data: bytes) -> dict[str, bytes]:
    """The parts of a zip file that may come from anyone.

    Raises PackageError when it is no zip file, is damaged or protected, or would take too much room.
    """
    if data.startswith(_OLE_MAGIC):
        raise PackageError("le fichier est protégé par un mot de passe ou enregistré dans un format ancien")
    if len(data) > MAX_PACKED:
        raise PackageError(f"le fichier dépasse {MAX_PACKED // 1_000_000} Mo")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _bounded(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
        # zipfile has these for damaged, encrypted (RuntimeError) and exotic archives.
        raise PackageError("le fichier n'est pas une archive lisible") from None


def _bounded(package: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    if len(entries) > MAX_ENTRIES:
        raise PackageError(f"le fichier contient plus de {MAX_ENTRIES} éléments")
    parts: dict[str, bytes] = {}
    room = MAX_UNPACKED
    for entry in entries:
        if entry.filename in parts:
            raise PackageError(f"l'élément « {entry.filename} » y figure deux fois")
        # The sizes that the archive declares can lie: count what comes out.
        with package.open(entry) as stream:
            content = stream.read(room + 1)
        room -= len(content)
        too_dense = len(content) > max(RATIO_MATTERS_FROM, MAX_RATIO * entry.compress_size)
        if room < 0 or too_dense:
            raise PackageError("son contenu décompressé est démesuré")
        parts[entry.filename] = content
    return parts
