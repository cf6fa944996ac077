"""A stamp by which reqgen knows again a file that it wrote and that nobody has changed since.

The stamp is a custom document property (ECMA-376 part 1, 22.3) with the SHA-256 of all other parts, so it
serves Word and Excel files alike. It tells edited files from untouched ones; it is no signature.
"""

import hashlib
from collections.abc import Mapping

from lxml import etree

from reqgen.package import PackageError, pack, unpack

_PROPERTY = "reqgen-empreinte"
_PART = "docProps/custom.xml"
_TYPES, _ROOT_RELATIONS = "[Content_Types].xml", "_rels/.rels"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the one property set that Office reads here
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"


def stamp(data: bytes) -> bytes:
    """Add its stamp to an Office Open XML file that we wrote (so one without custom properties)."""
    return pack(stamped(unpack(data)))


def stamped(package: Mapping[str, bytes]) -> dict[str, bytes]:
    """The parts of such a file with its stamp; an older stamp is replaced."""
    parts = dict(package)
    if _PART not in parts:
        parts[_TYPES] = _before_end(parts[_TYPES], f'<Override PartName="/{_PART}" ContentType="{_CONTENT_TYPE}"/>')
        parts[_ROOT_RELATIONS] = _before_end(
            parts[_ROOT_RELATIONS], f'<Relationship Id="reqgenEmpreinte" Type="{_RELATION}" Target="{_PART}"/>'
        )
    value = f"<vt:lpwstr>{digest(parts)}</vt:lpwstr>"
    parts[_PART] = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VALUES}">'
        f'<property fmtid="{_FORMAT}" pid="2" name="{_PROPERTY}">{value}</property></Properties>'
    ).encode()
    return parts


def is_untouched(data: bytes) -> bool:
    """Tell whether the file carries our stamp and all its parts are as they were.

    Never fails: bytes of any other kind give False.
    """
    try:
        parts = unpack(data)
    except PackageError:
        return False
    return bool(_stamp_of(parts.get(_PART, b""))) and _stamp_of(parts[_PART]) == digest(parts)


def digest(parts: Mapping[str, bytes]) -> str:
    """SHA-256, in hexadecimal, of the names and bytes of all parts but the one that holds the stamp."""
    total = hashlib.sha256()
    for name in sorted(parts.keys() - {_PART}):
        # Lengths first, so that no other cut of the same bytes gives the same digest.
        for piece in (name.encode("utf-8", "surrogateescape"), parts[name]):
            total.update(len(piece).to_bytes(8, "big"))
            total.update(piece)
    return total.hexdigest()


def _stamp_of(custom: bytes) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(custom, parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    for row in root.iter(f"{{{_CUSTOM}}}property"):
        if row.get("name") == _PROPERTY:
            return row.findtext(f"{{{_VALUES}}}lpwstr", "")
    return ""


def _before_end(xml: bytes, row: str) -> bytes:
    """Add a row before the closing tag of the root."""
    head, mark, tail = xml.rpartition(b"</")
    return head + row.encode() + mark + tail
