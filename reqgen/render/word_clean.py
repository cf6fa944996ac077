"""Take out of a template's parts what must not reach a published document: people, machines, live content.

Sources: ECMA-376 part 1, 17.13 (revisions, comments), 17.15 (settings), 17.16.5 (fields), 20.4.2.5 (pictures).
"""

import re
from collections.abc import Callable

from lxml import etree

from reqgen.package import PackageError

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SETTINGS_KEPT = frozenset(
    {
        "zoom", "mirrorMargins", "alignBordersAndEdges", "bordersDoNotSurroundHeader", "bordersDoNotSurroundFooter",
        "gutterAtTop", "defaultTabStop", "autoHyphenation", "consecutiveHyphenLimit", "hyphenationZone",
        "doNotHyphenateCaps", "evenAndOddHeaders", "drawingGridHorizontalSpacing", "drawingGridVerticalSpacing",
        "characterSpacingControl", "compat", "themeFontLang", "clrSchemeMapping", "decimalSymbol", "listSeparator",
    }
)  # fmt: skip
_SESSIONS = ("R", "RPr", "P", "RDefault", "Del", "Tr", "Sect")
_DELETED = ("del", "moveFrom")
_INSERTED = ("ins", "moveTo")
_LIVE_FIELD = re.compile(r"\b(INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|DDE|DDEAUTO|LINK|DATABASE|MACROBUTTON)\b", re.I)
_PATH = re.compile(r"[\\/]")
_DRAWING = re.compile(r"\{http://schemas\.openxmlformats\.org/drawingml/2006/(wordprocessingDrawing|picture)\}")


def clean_settings(root: etree._Element) -> None:
    """Drop revision ids, mail merge, protection, the path of the attached template and the like."""
    _drop(root, lambda name: name not in _SETTINGS_KEPT, deep=False)


def clean_story(root: etree._Element, name: str) -> None:
    """Clean a header or footer: revisions accepted, comments dropped, pictures without file paths.

    Raises PackageError when a field fetches something from elsewhere.
    """
    instructions = "".join(node.text or "" for node in root.iter(_w("instrText")))
    instructions += " ".join(node.get(_w("instr"), "") for node in root.iter(_w("fldSimple")))
    if _LIVE_FIELD.search(instructions):
        raise PackageError(f"sa pièce « {name} » contient un champ qui va chercher un contenu ailleurs")
    _drop(root, lambda tag: tag in _DELETED or tag.startswith("comment") or tag.endswith("PrChange"), deep=True)
    for tag in _INSERTED:
        for change in list(root.iter(_w(tag))):
            _unwrap(change)
    for element in root.iter(etree.Element):
        if _DRAWING.match(str(element.tag)):
            _name_picture(element)


def forget_sessions(root: etree._Element) -> None:
    """Drop the marks by which Word tells editing sessions apart."""
    etree.strip_attributes(root, *(_w(f"rsid{ending}") for ending in _SESSIONS))
    etree.strip_elements(root, _w("rsid"), with_tail=False)


def _w(name: str) -> str:
    return f"{{{W}}}{name}"


def _drop(root: etree._Element, unwanted: Callable[[str], bool], *, deep: bool) -> None:
    for element in list(root.iter(etree.Element) if deep else root):
        name = etree.QName(element)
        parent = element.getparent()
        if parent is not None and unwanted(name.localname) and (name.namespace == W or not deep):
            parent.remove(element)


def _unwrap(change: etree._Element) -> None:
    """Put the children of a revision in its place."""
    parent = change.getparent()
    if parent is not None:
        at = parent.index(change)
        parent.remove(change)
        for child in reversed(list(change)):
            parent.insert(at, child)


def _name_picture(element: etree._Element) -> None:
    """Word used to store the picture's path as its name and description; a logo needs words instead."""
    if _PATH.search(element.get("name", "")):
        element.set("name", "Image")
    local = etree.QName(element).localname
    described = element.get("descr", "").strip()
    if local == "docPr" and (not described or re.search(r"\\|\.(png|jpe?g|gif|bmp|emf|wmf|svg)$", described, re.I)):
        element.set("descr", "Logo")
    elif local == "cNvPr" and _PATH.search(described):
        del element.attrib["descr"]
