"""Numbering definitions (w:numbering) of a Word file: which style is numbered how, and new lists.

Source: ECMA-376 part 1, 17.9. A style points to a w:num, which points to a w:abstractNum that has the levels.
"""

from copy import deepcopy

from lxml import etree
from msgspec import Struct

from reqgen.render.word_clean import W

Element = etree._Element


def w(name: str) -> str:
    """A name in the main Word namespace, as lxml writes it."""
    return f"{{{W}}}{name}"


def value(parent: Element | None, path: str) -> str:
    """The w:val of the element at the path below `parent`, "" when there is none."""
    found = None if parent is None else parent.find("/".join(w(step) for step in path.split("/")))
    return "" if found is None else found.get(w("val"), "")


def whole(text: str, default: int = 0) -> int:
    """A number that a foreign file may have left out or garbled."""
    try:
        return int(text)
    except ValueError:
        return default


class Level(Struct, frozen=True):
    """A level (from 0) of a numbering."""

    num: int
    level: int


class Styles:
    """The styles of one file."""

    def __init__(self, root: Element):
        self.root = root
        self.by_id = {style.get(w("styleId"), ""): style for style in root.findall(w("style"))}

    def chain(self, style_id: str) -> list[Element]:
        """The style and those it is based on, nearest first; a circle ends where it closes."""
        found: list[Element] = []
        while (style := self.by_id.get(style_id)) is not None and style not in found:
            found.append(style)
            style_id = value(style, "basedOn")
        return found


class Numbering:
    """The numbering part of one file."""

    def __init__(self, root: Element, styles: Styles):
        self.root = root
        self._styles = styles
        self._abstracts = {row.get(w("abstractNumId"), ""): row for row in root.findall(w("abstractNum"))}
        self._nums = {row.get(w("numId"), ""): row for row in root.findall(w("num"))}
        self._next_abstract = 1 + max((whole(key) for key in self._abstracts), default=0)
        self._next_num = 1 + max((whole(key) for key in self._nums), default=0)

    def of_style(self, style_id: str) -> Level | None:
        """How a style is numbered, by itself or by one it is based on; None when it is not."""
        for style in self._styles.chain(style_id):
            num = value(style, "pPr/numPr/numId")
            if num:
                if num not in self._nums or num == "0":
                    return None
                owner = style.get(w("styleId"), "")
                stated = value(style, "pPr/numPr/ilvl")
                return Level(int(num), whole(stated) if stated else self._linked_level(num, owner))
        return None

    def _linked_level(self, num: str, style_id: str) -> int:
        abstract = self.abstract(int(num))
        for level in [] if abstract is None else abstract.findall(w("lvl")):
            if value(level, "pStyle") == style_id:
                return whole(level.get(w("ilvl"), ""))
        return 0

    def abstract(self, num: int) -> Element | None:
        """The levels behind a w:num, through a numbering style if need be."""
        found = self._abstracts.get(value(self._nums.get(str(num)), "abstractNumId"))
        link = value(found, "numStyleLink")
        if link:  # one step only: a numbering style has its own levels
            style = self._styles.by_id.get(link)
            inner = self._nums.get(value(style, "pPr/numPr/numId"))
            found = self._abstracts.get(value(inner, "abstractNumId"))
        return found

    def definition(self, num: int) -> Element:
        """The levels of a w:num that is known to have some."""
        found = self.abstract(num)
        if found is None:
            raise KeyError(num)
        return found

    def level(self, at: Level) -> Element | None:
        """The definition of a level."""
        abstract = self.abstract(at.num)
        for level in [] if abstract is None else abstract.findall(w("lvl")):
            if level.get(w("ilvl")) == str(at.level):
                return level
        return None

    def adopt(self, abstract: Element, styles: dict[str, str]) -> int:
        """Copy another file's levels; each is linked to the style of ours that `styles` names, or to none.

        Returns the number of a new w:num that uses them.
        """
        copy = deepcopy(abstract)
        copy.set(w("abstractNumId"), str(self._next_abstract))
        for level in copy.findall(w("lvl")):
            linked = level.find(w("pStyle"))
            if linked is not None:
                self._relink(level, linked, styles.get(linked.get(w("val"), ""), ""))
        self._abstracts[str(self._next_abstract)] = copy
        # All w:abstractNum stand before the first w:num.
        last = self.root.findall(w("abstractNum"))
        pictures = self.root.findall(w("numPicBullet"))
        self.root.insert(self.root.index(last[-1]) + 1 if last else len(pictures), copy)
        self._next_abstract += 1
        return self._add_num(self._next_abstract - 1)

    @staticmethod
    def _relink(level: Element, linked: Element, style_id: str) -> None:
        if style_id:
            linked.set(w("val"), style_id)
        else:
            level.remove(linked)

    def _add_num(self, abstract: int) -> int:
        num = etree.Element(w("num"))
        num.set(w("numId"), str(self._next_num))
        etree.SubElement(num, w("abstractNumId")).set(w("val"), str(abstract))
        tail = self.root.find(w("numIdMacAtCleanup"))
        self.root.insert(len(self.root) if tail is None else self.root.index(tail), num)
        self._nums[str(self._next_num)] = num
        self._next_num += 1
        return self._next_num - 1

    def restart(self, at: Level) -> Level:
        """A new list with the same look that starts at 1."""
        abstract = self.abstract(at.num)
        if abstract is None:
            return at
        number = self._add_num(whole(abstract.get(w("abstractNumId"), "")))
        override = etree.SubElement(self._nums[str(number)], w("lvlOverride"))
        override.set(w("ilvl"), str(at.level))
        etree.SubElement(override, w("startOverride")).set(w("val"), "1")
        return Level(number, at.level)

    def attach(self, style_id: str, at: Level) -> None:
        """Number a style, and link the level back to it when it is linked to none."""
        self._link(style_id, at)
        style = self._styles.by_id[style_id]
        properties = style.find(w("pPr"))
        if properties is None:
            properties = etree.Element(w("pPr"))
            anchor = [child for child in style if child.tag in _AFTER_STYLE_PPR]
            style.insert(style.index(anchor[0]) if anchor else len(style), properties)
        for old in properties.findall(w("numPr")):
            properties.remove(old)
        number = etree.Element(w("numPr"))
        etree.SubElement(number, w("ilvl")).set(w("val"), str(at.level))
        etree.SubElement(number, w("numId")).set(w("val"), str(at.num))
        before = [child for child in properties if child.tag in _BEFORE_NUMPR]
        properties.insert(properties.index(before[-1]) + 1 if before else 0, number)

    def _link(self, style_id: str, at: Level) -> None:
        level = self.level(at)
        if level is None or level.find(w("pStyle")) is not None:
            return
        before = [child for child in level if child.tag in _BEFORE_PSTYLE]
        linked = etree.Element(w("pStyle"))
        linked.set(w("val"), style_id)
        level.insert(level.index(before[-1]) + 1 if before else 0, linked)


# Order of children in w:style, w:pPr and w:lvl that matters here (part 1, 17.7.4.17, 17.3.1.26 and 17.9.6).
_AFTER_STYLE_PPR = {w(name) for name in ("rPr", "tblPr", "trPr", "tcPr", "tblStylePr")}
_BEFORE_NUMPR = {w(name) for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl")}
_BEFORE_PSTYLE = {w(name) for name in ("start", "numFmt", "lvlRestart")}
