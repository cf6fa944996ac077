"""Tracked changes of a Word file resolved: what the text becomes when all are accepted, or all rejected.

Source of the meanings: ECMA-376 part 1, 17.13.5 (revisions), 17.13.5.15 and 17.13.5.20 (paragraph marks), 17.13.5.12 and
17.13.5.16 (rows). What the standard leaves open follows what word processors do:

- a paragraph whose mark goes is joined to the next one and takes its properties;
- when no paragraph follows (a table, the end of a cell), one that is left without content goes, and another stays;
- a table without rows, or a row without cells, goes; a cell always ends with a paragraph.
"""

from collections.abc import Iterator
from copy import deepcopy

from lxml import etree
from msgspec import Struct

from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError

Element = etree._Element
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAX_DEPTH = 200
"""Elements inside one another; a table in a cell takes three."""


def w(name: str) -> str:
    """A name in the main Word namespace, as lxml writes it."""
    return f"{{{W}}}{name}"


_P, _PPR, _RPR, _R = w("p"), w("pPr"), w("rPr"), w("r")
_TABLE, _ROW, _CELL, _SECTION = w("tbl"), w("tr"), w("tc"), w("sectPr")
_IN, _OUT = frozenset((w("ins"), w("moveTo"))), frozenset((w("del"), w("moveFrom")))
_CHANGES = frozenset(
    w(f"{name}Change") for name in ("pPr", "rPr", "sectPr", "tblPr", "tblGrid", "tblPrEx", "trPr", "tcPr", "numbering")
)
# What a former state of properties does not hold, and so does not replace (17.13.5.29 to 17.13.5.38).
_NOT_REPLACED = {
    w("pPr"): frozenset((_RPR, _SECTION)),
    w("sectPr"): frozenset((w("headerReference"), w("footerReference"))),
}
_RANGES = frozenset(
    w(f"{name}Range{end}")
    for name in ("moveFrom", "moveTo", "customXmlIns", "customXmlDel", "customXmlMoveFrom", "customXmlMoveTo")
    for end in ("Start", "End")
)
_CELLS = frozenset((w("cellIns"), w("cellDel"), w("cellMerge")))
_LIVE = {w("delText"): w("t"), w("delInstrText"): w("instrText")}
_EVERY_CHANGE = (*_IN, *_OUT, *_CHANGES, *_RANGES, *_CELLS, *_LIVE)


def accept_all(body: Element) -> Element:
    """A copy of the element (a body, a header, a cell ...) with every tracked change accepted.

    Raises ReqgenError (too-large) when elements are inside one another beyond `MAX_DEPTH`.
    """
    return _resolved(body, _OUT, _IN, rejects=False)


def reject_all(body: Element) -> Element:
    """The same with every tracked change rejected."""
    return _resolved(body, _IN, _OUT, rejects=True)


def _resolved(body: Element, gone: frozenset[str], kept: frozenset[str], *, rejects: bool) -> Element:
    depth = 0
    for event, _ in etree.iterwalk(body, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            message = f"ses éléments sont imbriqués sur plus de {MAX_DEPTH} niveaux"
            raise ReqgenError(Diagnostic("too-large", message, Place("word/document.xml"), "le simplifier dans Word"))
    return _Choice(gone, kept, rejects, _touched(body)).copy(body)


def _touched(body: Element) -> frozenset[Element]:
    """The elements that hold a change at any depth."""
    found: set[Element] = set()
    for change in body.iter(*_EVERY_CHANGE):
        at: Element | None = change
        while at is not None and at not in found:
            found.add(at)
            at = at.getparent()
    return frozenset(found)


class _Choice(Struct, frozen=True):
    """What goes and what stays: the names of the changes whose content goes, and of those whose content stays."""

    gone: frozenset[str]
    kept: frozenset[str]
    rejects: bool
    touched: frozenset[Element]

    def copy(self, element: Element) -> Element:
        """The element with its changes resolved; one without any is copied as it is, which is far quicker."""
        if element not in self.touched:
            return deepcopy(element)
        made = _bare(element, _LIVE.get(str(element.tag), str(element.tag)))
        for child in self.blocks(self.children(element), last=element.tag == _CELL):
            made.append(child)
        return self.former(made, element) if self.rejects else made

    def children(self, element: Element) -> Iterator[Element]:
        """The children that stay, as they were written; a change that stays gives way to what it holds."""
        for child in element:
            tag = child.tag
            if tag in self.gone or tag in _RANGES or tag in _CHANGES:
                continue
            if tag in self.kept:
                yield from self.children(child)
            elif tag not in _CELLS and not self.dropped(child):
                yield child

    def dropped(self, element: Element) -> bool:
        """Whether a row, a cell or a numbering goes, by a mark in its properties."""
        if element.tag == _ROW:
            return self.marked(element.find(w("trPr")))
        if element.tag == _CELL:
            return element.find(f"{w('tcPr')}/{w('cellIns' if self.rejects else 'cellDel')}") is not None
        return self.rejects and element.tag == w("numPr") and element.find(w("ins")) is not None

    def marked(self, properties: Element | None) -> bool:
        """Whether the properties hold a mark of what goes."""
        return properties is not None and any(child.tag in self.gone for child in properties)

    def blocks(self, children: Iterator[Element], *, last: bool) -> Iterator[Element]:
        """The children resolved, paragraphs without a mark joined to the next; `last`: a paragraph must come last."""
        waiting: list[Element] = []  # the contents of paragraphs whose mark went
        holder: Element | None = None  # the last of them
        ending: Element | None = None
        for child in children:
            if child.tag == _P:
                made = self.copy(child)
                if self.marked(child.find(f"{_PPR}/{_RPR}")):
                    waiting += _content(made)
                    holder = made
                    continue
                yield _led(made, waiting)
                waiting, holder, ending = [], None, made
                continue
            if child.tag in (_TABLE, _SECTION, w("sdt")) and holder is not None:
                if waiting:
                    yield _led(_emptied(holder), waiting)
                waiting, holder = [], None
            made = self.copy(child)
            if _is_void(made):
                continue
            ending = made
            yield made
        if holder is not None and (waiting or (last and (ending is None or ending.tag != _P))):
            yield _led(_emptied(holder), waiting)

    def former(self, made: Element, element: Element) -> Element:
        """The properties as they were before the change that they tell of, if they do."""
        change = next((child for child in element if child.tag == f"{element.tag}Change"), None)
        was = None if change is None else change.find(str(element.tag))
        if change is None or was is None:
            return made
        stay = _NOT_REPLACED.get(str(element.tag), frozenset())
        kept = [child for child in made if child.tag in stay]
        restored = _bare(was, str(element.tag))
        restored.extend(deepcopy(child) for child in was)
        at_start = element.tag == _SECTION
        for child in reversed(kept) if at_start else kept:
            restored.insert(0 if at_start else len(restored), child)
        return restored


def _bare(element: Element, tag: str) -> Element:
    """The element without its children."""
    if not isinstance(element.tag, str):  # a comment, an instruction
        return deepcopy(element)
    made = etree.Element(tag, nsmap=element.nsmap)  # type: ignore[arg-type]
    made.attrib.update(element.attrib)
    made.text, made.tail = element.text, element.tail
    return made


def _is_void(element: Element) -> bool:
    """Whether it is a table without rows, or a row without cells."""
    part = {_TABLE: _ROW, _ROW: _CELL}.get(str(element.tag))
    return part is not None and element.find(f".//{part}") is None


def _content(paragraph: Element) -> list[Element]:
    return [child for child in paragraph if child.tag != _PPR]


def _led(paragraph: Element, content: list[Element]) -> Element:
    """The paragraph with this content before its own."""
    start = 1 if paragraph.find(_PPR) is not None else 0
    paragraph[start:start] = content
    return paragraph


def _emptied(paragraph: Element) -> Element:
    """The paragraph with its properties only."""
    for child in _content(paragraph):
        paragraph.remove(child)
    return paragraph
