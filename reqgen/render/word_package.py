"""A Word file that may come from anyone, reduced to the parts that give a document its look.

What is kept: styles, numbering, settings, theme, fonts, and the headers and footers in force at the end of the
document, with their pictures. The body, comments, notes, macros, custom data, properties and every trace of the
machine that wrote the file are left behind. Sources: ECMA-376 part 2 (packages) and part 1, 17.10.1 (headers).
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from reqgen.render.package import PackageError, unpack
from reqgen.render.word_clean import W, clean_settings, clean_story

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_STRICT = "http://purl.oclc.org/ooxml/"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_THEME = "application/vnd.openxmlformats-officedocument.theme+xml"

# Root element and content type of each kind of part that is kept.
_KINDS = {
    "styles": (f"{{{W}}}styles", f"{_WORD}styles+xml"),
    "numbering": (f"{{{W}}}numbering", f"{_WORD}numbering+xml"),
    "settings": (f"{{{W}}}settings", f"{_WORD}settings+xml"),
    "fontTable": (f"{{{W}}}fonts", f"{_WORD}fontTable+xml"),
    "theme": ("{http://schemas.openxmlformats.org/drawingml/2006/main}theme", _THEME),
    "header": (f"{{{W}}}hdr", f"{_WORD}header+xml"),
    "footer": (f"{{{W}}}ftr", f"{_WORD}footer+xml"),
}
_NAMES = {
    "styles": "word/styles.xml",
    "numbering": "word/numbering.xml",
    "settings": "word/settings.xml",
    "fontTable": "word/fontTable.xml",
    "theme": "word/theme/theme1.xml",
}
_SECTION_KEPT = ("pgSz", "pgMar", "pgBorders", "pgNumType", "cols", "titlePg", "docGrid")
_PICTURE_SAFE = re.compile(r"image/[a-z0-9.+-]+", re.IGNORECASE)
_FONT_TYPES = ("application/vnd.openxmlformats-officedocument.obfuscatedFont", "application/x-fontdata")
_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Relation:
    """A row of a relationship part; `kind` is the last word of its type."""

    id: str
    kind: str
    type: str
    target: str
    external: bool


@dataclass(slots=True)
class Kept:
    """The parts to carry over, under names of our own, and the content type of each."""

    parts: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, content: bytes, content_type: str) -> None:
        """Add a part."""
        self.parts[name] = content
        self.types[name] = content_type


def parse(content: bytes, name: str) -> etree._Element:
    """A part's XML, without entities, external or not, and without any access to disk or network.

    Raises PackageError when it is not well formed or has a document type.
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
    except (etree.XMLSyntaxError, ValueError):
        raise PackageError(f"la pièce « {name} » n'est pas du XML correct") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise PackageError(
            f"la pièce « {name} » déclare un type de document (DOCTYPE), ce qui n'est pas permis"
        )
    return root


def reduce(data: bytes) -> dict[str, bytes]:
    """A package of the kept parts under their usual names, whose body is one empty section.

    Raises PackageError, whose message is a French clause, when the file is not a Word document that may be used.
    """
    parts = unpack(data)
    source = _Source(parts)
    main = source.main()
    relations = {relation.id: relation for relation in source.relations(main)}
    root = parse(source.part(main), main)
    body = root.find(f"{{{W}}}body")
    if root.tag != f"{{{W}}}document" or body is None:
        raise PackageError("ce n'est pas un document Word")
    kept = Kept()
    rows: list[tuple[str, str, str]] = []
    for kind in _NAMES:
        found = next((relation for relation in relations.values() if relation.kind == kind), None)
        if found is not None:
            rows.append((f"rId{len(rows) + 1}", found.type, _carry(source, kept, found, main, _NAMES[kind])))
    if "word/styles.xml" not in kept.parts:
        raise PackageError("sa feuille de styles (styles.xml) manque")
    section = _last_section(body)
    for at, reference in enumerate(_references(body), 1):
        relation = relations.get(reference.get(f"{{{R}}}id", ""))
        kind = etree.QName(reference).localname.removesuffix("Reference")
        if relation is None or relation.kind != kind:
            raise PackageError("un en-tête ou un pied de page y est annoncé mais manque")
        name = f"word/{kind}{at}.xml"
        rows.append((f"rId{len(rows) + 1}", relation.type, _carry(source, kept, relation, main, name)))
        reference.set(f"{{{R}}}id", rows[-1][0])
        section.insert(at - 1, reference)
    return _package(kept, rows, section)


class _Source:
    """The package as it came."""

    def __init__(self, parts: Mapping[str, bytes]):
        self._parts = parts
        # Part names are case-insensitive (part 2, 6.2.2.3).
        self._by_case = {name.lower(): name for name in parts}
        types = parse(self.part("[Content_Types].xml"), "[Content_Types].xml")
        self._overrides = {
            row.get("PartName", "").lstrip("/").lower(): row.get("ContentType", "")
            for row in types.iter(f"{{{TYPES}}}Override")
        }
        self._defaults = {
            row.get("Extension", "").lower(): row.get("ContentType", "")
            for row in types.iter(f"{{{TYPES}}}Default")
        }
        every = [*self._overrides.values(), *self._defaults.values()]
        if any("macroenabled" in kind.lower() or "vbaproject" in kind.lower() for kind in every):
            raise PackageError("il contient des macros")

    def part(self, name: str) -> bytes:
        found = self._by_case.get(name.lower())
        if found is None:
            raise PackageError(f"la pièce « {name} » manque : ce n'est pas un fichier Word (.docx) complet")
        return self._parts[found]

    def type_of(self, name: str) -> str:
        extension = name.rpartition(".")[2].lower()
        return self._overrides.get(name.lower()) or self._defaults.get(extension, "")

    def relations(self, name: str) -> list[Relation]:
        folder, file = posixpath.split(name)
        path = posixpath.join(folder, "_rels", f"{file}.rels")
        if path.lower() not in self._by_case:
            return []
        rows = parse(self.part(path), path).iter(f"{{{RELATIONS}}}Relationship")
        return [
            Relation(
                row.get("Id", ""),
                row.get("Type", "").rpartition("/")[2],
                row.get("Type", ""),
                row.get("Target", ""),
                row.get("TargetMode") == "External",
            )
            for row in rows
        ]

    def main(self) -> str:
        """The name of the main document part."""
        for relation in self.relations(""):
            if relation.kind == "officeDocument" and not relation.external:
                if relation.type.startswith(_STRICT):
                    raise PackageError("il est enregistré au format « Document Word Open XML strict »")
                name = resolve("", relation.target)
                if self.type_of(name) not in (f"{_WORD}document.main+xml", f"{_WORD}template.main+xml"):
                    break
                return name
        raise PackageError("ce n'est pas un document Word")


def resolve(source: str, target: str) -> str:
    """The part that a relationship of `source` points to."""
    path = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), unquote(target)))
    return path.lstrip("/")


def _carry(source: _Source, kept: Kept, relation: Relation, main: str, name: str) -> str:
    """Keep the target of a relationship under a new name, with what it needs itself."""
    if relation.external:
        raise PackageError(f"une de ses pièces ({relation.kind}) est hors du fichier")
    old = resolve(main, relation.target)
    root = parse(source.part(old), old)
    tag, content_type = _KINDS[relation.kind]
    if root.tag != tag:
        raise PackageError(f"la pièce « {old} » n'a pas le contenu attendu")
    if relation.kind == "settings":
        clean_settings(root)
    else:
        if relation.kind in {"header", "footer"}:
            clean_story(root, old)
        rows = list(_needs(source, kept, old, name))
        if rows:
            path = f"{posixpath.dirname(name)}/_rels/{posixpath.basename(name)}.rels"
            kept.parts[path] = _relations(rows)
    kept.add(
        name, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), content_type
    )
    return f"/{name}"


def _needs(source: _Source, kept: Kept, old: str, new: str) -> Iterator[tuple[str, str, str]]:
    """Keep pictures, fonts and web addresses that a part uses; refuse what reaches out of the file or is active."""
    for relation in source.relations(old):
        if relation.external:
            if relation.kind != "hyperlink" or not _WEB.match(relation.target):
                raise PackageError(
                    f"sa pièce « {old} » va chercher un contenu hors du fichier ({relation.kind})"
                )
            yield relation.id, relation.type, relation.target
            continue
        target = resolve(old, relation.target)
        content_type = source.type_of(target)
        if not (_PICTURE_SAFE.fullmatch(content_type) or content_type in _FONT_TYPES):
            raise PackageError(f"sa pièce « {old} » contient un objet incorporé ({relation.kind})")
        name = f"word/media/{posixpath.basename(target)}"
        while kept.parts.get(name, source.part(target)) != source.part(target):
            name = name.replace("word/media/", "word/media/_")
        kept.add(name, source.part(target), content_type)
        yield relation.id, relation.type, f"/{name}"


def _last_section(body: etree._Element) -> etree._Element:
    """The last section's page, without its headers, printer and notes."""
    found = body.find(f"{{{W}}}sectPr")
    section = etree.Element(f"{{{W}}}sectPr", nsmap={"w": W, "r": R})
    if found is not None:
        section.extend(
            [child for child in found if child.tag in {f"{{{W}}}{name}" for name in _SECTION_KEPT}]
        )
    for border in section.iter():
        for name in [name for name in border.attrib if str(name).startswith(f"{{{R}}}")]:
            del border.attrib[name]  # page borders made of pictures: the border stays, the picture does not
    return section


def _references(body: etree._Element) -> list[etree._Element]:
    """The headers and footers in force in the last section: what it does not name comes from those before it."""
    in_force: dict[tuple[str, str], etree._Element] = {}
    for kind in ("header", "footer"):
        for reference in body.iter(f"{{{W}}}{kind}Reference"):
            parent = reference.getparent()
            if parent is not None and parent.tag == f"{{{W}}}sectPr":
                in_force[kind, reference.get(f"{{{W}}}type", "default")] = reference
    return list(in_force.values())


def _relations(rows: list[tuple[str, str, str]]) -> bytes:
    root = etree.Element(f"{{{RELATIONS}}}Relationships", nsmap={None: RELATIONS})
    for relation_id, kind, target in rows:
        row = etree.SubElement(root, f"{{{RELATIONS}}}Relationship", Id=relation_id, Type=kind, Target=target)
        if not target.startswith("/"):
            row.set("TargetMode", "External")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _package(kept: Kept, rows: list[tuple[str, str, str]], section: etree._Element) -> dict[str, bytes]:
    document = etree.Element(f"{{{W}}}document", nsmap={"w": W, "r": R})
    etree.SubElement(document, f"{{{W}}}body").append(section)
    kept.add("word/document.xml", etree.tostring(document), f"{_WORD}document.main+xml")
    types = etree.Element(f"{{{TYPES}}}Types", nsmap={None: TYPES})
    relation_type = "application/vnd.openxmlformats-package.relationships+xml"
    etree.SubElement(types, f"{{{TYPES}}}Default", Extension="rels", ContentType=relation_type)
    for name, content_type in sorted(kept.types.items()):
        etree.SubElement(types, f"{{{TYPES}}}Override", PartName=f"/{name}", ContentType=content_type)
    return kept.parts | {
        "[Content_Types].xml": etree.tostring(types, xml_declaration=True, encoding="UTF-8"),
        "_rels/.rels": _relations([("rId1", f"{R}/officeDocument", "/word/document.xml")]),
        "word/_rels/document.xml.rels": _relations(rows),
    }
