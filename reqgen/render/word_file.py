"""The Word package that receives a document: its parts as XML trees, and the relationships of the main one.

It knows the packages that `word_package.reduce` makes, whose relationships have absolute targets, and no others.
Source: ECMA-376 part 2, 6.5 (relationships) and 6.2.3 (content types).
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree
from msgspec import Struct

from reqgen.render.word_clean import W
from reqgen.render.word_package import RELATIONS, TYPES, WORD, R, parse

_MAIN, _MAIN_RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"
_CONTENT_TYPES, _ROOT_RELATIONS = "[Content_Types].xml", "_rels/.rels"
_NUMBER = re.compile(r"rId(\d+)")
Element = etree._Element


class _Row(Struct, frozen=True):
    """A relationship of the main part."""

    id: str
    kind: str
    target: str
    external: bool


class WordFile:
    """An open package. A part that was asked for may be changed: it is written as it then is."""

    def __init__(self, parts: Mapping[str, bytes]):
        self._parts = dict(parts)
        self._trees: dict[str, Element] = {}
        self._rows = [
            _Row(row.get("Id", ""), row.get("Type", ""), row.get("Target", ""), row.get("TargetMode") == "External")
            for row in self._tree(_MAIN_RELATIONS)
        ]
        body = self._tree(_MAIN)[0]
        self.section: Element = body[-1]
        """The one section, after an empty body."""
        self.styles: Element = self._tree("word/styles.xml")

    def _tree(self, name: str) -> Element:
        if name not in self._trees:
            self._trees[name] = parse(self._parts[name], name)
        return self._trees[name]

    def numbering(self) -> Element:
        """The numbering part's root, made when there is none."""
        name = "word/numbering.xml"
        if name not in self._parts:
            self._parts[name] = f'<w:numbering xmlns:w="{W}"/>'.encode()
            self._declare(name, f"{WORD}numbering+xml")
            self.relate(f"{R}/numbering", f"/{name}")
        return self._tree(name)

    def story(self, relation: str) -> Element:
        """The root of the header or footer that a relationship id leads to."""
        return self._tree(next(row.target for row in self._rows if row.id == relation).lstrip("/"))

    def add_story(self, kind: str, root: Element) -> str:
        """Add a `header` or `footer`; the id of its relationship."""
        number = next(number for number in range(1, 1000) if f"word/{kind}{number}.xml" not in self._parts)
        name = f"word/{kind}{number}.xml"
        self._parts[name], self._trees[name] = b"", root
        self._declare(name, f"{WORD}{kind}+xml")
        return self.relate(f"{R}/{kind}", f"/{name}")

    def add_property_part(self, name: str, content_type: str, relation: str, content: str) -> None:
        """Add a part of the whole package, such as its properties."""
        self._parts[name] = content.encode()
        self._declare(name, content_type)
        root = self._tree(_ROOT_RELATIONS)
        row = etree.SubElement(root, f"{{{RELATIONS}}}Relationship", Id=f"rId{len(root) + 1}", Type=relation)
        row.set("Target", f"/{name}")

    def _declare(self, name: str, content_type: str) -> None:
        row = etree.SubElement(self._tree(_CONTENT_TYPES), f"{{{TYPES}}}Override", PartName=f"/{name}")
        row.set("ContentType", content_type)

    def relate(self, kind: str, target: str, *, external: bool = False) -> str:
        """The id of a relationship of the main part, made when it is new; `kind` is its type, an address."""
        for row in self._rows:
            if (row.kind, row.target, row.external) == (kind, target, external):
                return row.id
        last = max((int(found[1]) for row in self._rows if (found := _NUMBER.fullmatch(row.id))), default=0)
        self._rows.append(_Row(f"rId{last + 1}", kind, target, external))
        return self._rows[-1].id

    def has_even_pages(self) -> bool:
        """Whether even pages have headers and footers of their own (part 1, 17.10.1)."""
        found = self._tree("word/settings.xml").find(f"{{{W}}}evenAndOddHeaders")
        return found is not None and found.get(f"{{{W}}}val", "1") in {"1", "true", "on"}

    def parts(self) -> dict[str, bytes]:
        """Every part as it now is."""
        return dict(self._written())

    def _written(self) -> Iterator[tuple[str, bytes]]:
        relations = etree.Element(f"{{{RELATIONS}}}Relationships", nsmap={None: RELATIONS})  # type: ignore[dict-item]
        for row in self._rows:
            made = etree.SubElement(relations, f"{{{RELATIONS}}}Relationship", Id=row.id, Type=row.kind)
            made.set("Target", row.target)
            if row.external:
                made.set("TargetMode", "External")
        trees = self._trees | {_MAIN_RELATIONS: relations}
        for name, content in self._parts.items():
            yield (
                name,
                (
                    etree.tostring(trees[name], xml_declaration=True, encoding="UTF-8", standalone=True)
                    if name in trees
                    else content
                ),
            )
