"""A Word file that may come from anyone, reduced to the parts that give a document its look.

What is kept: styles, numbering, settings, theme, fonts, and the headers and footers in force at the end of
the document, with their pictures. The body, comments, notes, macros, custom data, properties and every trace
of the machine that wrote the file are left behind. Sources: ECMA-376 part 2 (packages) and part 1, 17.10.1
(headers).
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from lxml import etree
from msgspec import Struct

from reqgen.package import PackageError, read_xml, unpack
from reqgen.render.word_clean import W, clean_settings, clean_story, forget_sessions

R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_STRICT = "http://purl.oclc.org/ooxml/"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_THEME = "application/vnd.openxmlformats-officedocument.theme+xml"
_RELS = "application/vnd.openxmlformats-package.relationships+xml"
_MAIN_TYPES = (f"{WORD}document.main+xml", f"{WORD}template.main+xml")
_MAX_XML = 20_000_000

# Root element and content type of each kind of part that is kept.
_KINDS = {
    "styles": (f"{{{W}}}styles", f"{WORD}styles+xml"),
    "numbering": (f"{{{W}}}numbering", f"{WORD}numbering+xml"),
    "settings": (f"{{{W}}}settings", f"{WORD}settings+xml"),
    "fontTable": (f"{{{W}}}fonts", f"{WORD}fontTable+xml"),
    "theme": ("{http://schemas.openxmlformats.org/drawingml/2006/main}theme", _THEME),
    "header": (f"{{{W}}}hdr", f"{WORD}header+xml"),
    "footer": (f"{{{W}}}ftr", f"{WORD}footer+xml"),
}
_NAMES = {
    "styles": "word/styles.xml",
    "numbering": "word/numbering.xml",
    "settings": "word/settings.xml",
    "fontTable": "word/fontTable.xml",
    "theme": "word/theme/theme1.xml",
}
# Without a mode, Word opens the file as one of 2007 and says so in its title bar.
_PLAIN_SETTINGS = (
    f'<w:settings xmlns:w="{W}"><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
).encode()
_SECTION_KEPT = {f"{{{W}}}{name}" for name in ("pgSz", "pgMar", "pgBorders", "pgNumType", "cols", "titlePg", "docGrid")}
_PICTURE = re.compile(r"image/[a-z0-9.+-]+", re.IGNORECASE)
_FONTS = ("application/vnd.openxmlformats-officedocument.obfuscatedFont", "application/x-fontdata")
_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)


def reduce(data: bytes) -> dict[str, bytes]:
    """Return a package of the kept parts under their usual names, whose body is one empty section.

    Raises PackageError, whose message is a French clause, when the file is not a Word document or may not
    be used.
    """
    source = _Source(unpack(data))
    main = source.main()
    root = parse(source.part(main), main)
    body = root.find(f"{{{W}}}body")
    if root.tag != f"{{{W}}}document" or body is None:
        raise PackageError("ce n'est pas un document Word")
    kept = _Kept(source, main)
    kept.take_common()
    section = _last_section(body)
    for at, reference in enumerate(_references(body)):
        kept.take_story(reference, at + 1)
        section.insert(at, reference)
    return kept.package(section)


def parse(content: bytes, name: str) -> etree._Element:
    """Read a part's XML, without entities, external or not, and without any access to disk or network.

    Raises PackageError when it is not well formed, too large, or has a document type.
    """
    if len(content) > _MAX_XML:
        raise PackageError(f"la pièce « {name} » est démesurée")
    try:
        return read_xml(content)
    except PackageError as error:
        raise PackageError(f"la pièce « {name} » {error}") from None


class _Relation(Struct, frozen=True):
    """A row of a relationship part; `kind` is the last word of its type."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        return self.type.rpartition("/")[2]


class _Source:
    """The package as it came."""

    def __init__(self, parts: Mapping[str, bytes]):
        self._parts = parts
        # Part names are compared without regard to case (part 2, 6.2.2.3).
        self._by_case = {name.lower(): name for name in parts}
        types = parse(self.part("[Content_Types].xml"), "[Content_Types].xml")
        self._overrides = {
            row.get("PartName", "").lstrip("/").lower(): row.get("ContentType", "")
            for row in types.iter(f"{{{TYPES}}}Override")
        }
        self._defaults = {
            row.get("Extension", "").lower(): row.get("ContentType", "") for row in types.iter(f"{{{TYPES}}}Default")
        }
        every = " ".join([*self._overrides.values(), *self._defaults.values()]).lower()
        if "macroenabled" in every or "vbaproject" in every:
            raise PackageError("il contient des macros")

    def part(self, name: str) -> bytes:
        found = self._by_case.get(name.lower())
        if found is None:
            raise PackageError(f"la pièce « {name} » manque : ce n'est pas un fichier Word (.docx) complet")
        return self._parts[found]

    def type_of(self, name: str) -> str:
        extension = name.rpartition(".")[2].lower()
        return self._overrides.get(name.lower()) or self._defaults.get(extension, "")

    def relations(self, name: str) -> list[_Relation]:
        folder, file = posixpath.split(name)
        path = posixpath.join(folder, "_rels", f"{file}.rels")
        if path.lower() not in self._by_case:
            return []
        return [
            _Relation(
                row.get("Id", ""),
                row.get("Type", ""),
                row.get("Target", ""),
                row.get("TargetMode") == "External",
            )
            for row in parse(self.part(path), path).iter(f"{{{RELATIONS}}}Relationship")
        ]

    def main(self) -> str:
        """Find the name of the main document part."""
        for relation in self.relations(""):
            if relation.kind != "officeDocument" or relation.external:
                continue
            if relation.type.startswith(_STRICT):
                raise PackageError("il est enregistré au format « Document Word Open XML strict »")
            name = _resolve("", relation.target)
            if self.type_of(name) in _MAIN_TYPES:
                return name
        raise PackageError("ce n'est pas un document Word")


def _resolve(source: str, target: str) -> str:
    """Find the part that a relationship of `source` points to."""
    path = posixpath.normpath(posixpath.join("/", posixpath.dirname(source), unquote(target)))
    return path.lstrip("/")


class _Kept:
    """The parts to carry over, under names of our own."""

    def __init__(self, source: _Source, main: str):
        self._source = source
        self._main = main
        self._relations = {relation.id: relation for relation in source.relations(main)}
        self._parts: dict[str, bytes] = {}
        self._types: dict[str, str] = {}
        self._rows: list[_Relation] = []
        self._media: dict[str, str] = {}

    def take_common(self) -> None:
        """Keep what the whole document shares."""
        for kind, name in _NAMES.items():
            found = next((row for row in self._relations.values() if row.kind == kind), None)
            if found is not None:
                self._take(found, name)
        if "word/styles.xml" not in self._parts:
            raise PackageError("sa feuille de styles (styles.xml) manque")
        if "word/settings.xml" not in self._parts:
            self._keep(_PLAIN_SETTINGS, "settings", f"{R}/settings", _NAMES["settings"])

    def take_story(self, reference: etree._Element, number: int) -> None:
        """Keep a header or footer and point the reference to it."""
        kind = etree.QName(reference).localname.removesuffix("Reference")
        relation = self._relations.get(reference.get(f"{{{R}}}id", ""))
        if relation is None or relation.kind != kind:
            raise PackageError("un en-tête ou un pied de page y est annoncé mais manque")
        reference.set(f"{{{R}}}id", self._take(relation, f"word/{kind}{number}.xml"))

    def _take(self, relation: _Relation, name: str) -> str:
        """Keep the target of a relationship of the main part; returns the relationship's new id."""
        if relation.external:
            raise PackageError(f"une de ses pièces ({relation.kind}) est hors du fichier")
        old = _resolve(self._main, relation.target)
        root = parse(self._source.part(old), old)
        if root.tag != _KINDS[relation.kind][0]:
            raise PackageError(f"la pièce « {old} » n'a pas le contenu attendu")
        if relation.kind == "settings":
            clean_settings(root)
        else:
            self._take_needs(old, name)
        if relation.kind in {"header", "footer"}:
            clean_story(root, old)
        forget_sessions(root)
        return self._keep(_xml(root), relation.kind, relation.type, name)

    def _keep(self, content: bytes, kind: str, relation_type: str, name: str) -> str:
        self._parts[name], self._types[name] = content, _KINDS[kind][1]
        self._rows.append(_Relation(f"rId{len(self._rows) + 1}", relation_type, f"/{name}", external=False))
        return self._rows[-1].id

    def _take_needs(self, old: str, name: str) -> None:
        rows = list(self._needs(old))
        if rows:
            self._parts[f"{posixpath.dirname(name)}/_rels/{posixpath.basename(name)}.rels"] = _table(rows)

    def _needs(self, old: str) -> Iterator[_Relation]:
        """Keep the pictures and fonts that a part uses; refuse what is active or reaches out of the file."""
        for relation in self._source.relations(old):
            if relation.external:
                if relation.kind != "hyperlink" or not _WEB.match(relation.target):
                    raise PackageError(f"sa pièce « {old} » va chercher un contenu hors du fichier ({relation.kind})")
                yield relation
            else:
                name = self._take_media(_resolve(old, relation.target), old)
                yield _Relation(relation.id, relation.type, f"/{name}", external=False)

    def _take_media(self, target: str, owner: str) -> str:
        content_type = self._source.type_of(target)
        if not (_PICTURE.fullmatch(content_type) or content_type in _FONTS):
            raise PackageError(f"sa pièce « {owner} » contient un objet incorporé")
        if target not in self._media:
            extension = re.sub(r"[^A-Za-z0-9]", "", target.rpartition(".")[2]) or "bin"
            name = f"word/media/image{len(self._media) + 1}.{extension}"
            self._media[target], self._types[name] = name, content_type
            self._parts[name] = self._source.part(target)
        return self._media[target]

    def package(self, section: etree._Element) -> dict[str, bytes]:
        """Put the kept parts together around an empty body."""
        document = etree.Element(f"{{{W}}}document", nsmap={"w": W, "r": R})
        etree.SubElement(document, f"{{{W}}}body").append(section)
        types = etree.Element(f"{{{TYPES}}}Types", nsmap={None: TYPES})  # type: ignore[dict-item]
        etree.SubElement(types, f"{{{TYPES}}}Default", Extension="rels", ContentType=_RELS)
        named = self._types | {"word/document.xml": _MAIN_TYPES[0]}
        for name, content_type in sorted(named.items()):
            row = etree.SubElement(types, f"{{{TYPES}}}Override", PartName=f"/{name}")
            row.set("ContentType", content_type)
        root = _Relation("rId1", f"{R}/officeDocument", "/word/document.xml", external=False)
        return self._parts | {
            "word/document.xml": _xml(document),
            "[Content_Types].xml": _xml(types),
            "_rels/.rels": _table([root]),
            "word/_rels/document.xml.rels": _table(self._rows),
        }


def _xml(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _table(relations: list[_Relation]) -> bytes:
    """Write a relationship part."""
    root = etree.Element(f"{{{RELATIONS}}}Relationships", nsmap={None: RELATIONS})  # type: ignore[dict-item]
    for relation in relations:
        row = etree.SubElement(root, f"{{{RELATIONS}}}Relationship", Id=relation.id, Type=relation.type)
        row.set("Target", relation.target)
        if relation.external:
            row.set("TargetMode", "External")
    return _xml(root)


def _last_section(body: etree._Element) -> etree._Element:
    """Copy the last section's page, without its headers, printer and notes."""
    found = body.find(f"{{{W}}}sectPr")
    section = etree.Element(f"{{{W}}}sectPr", nsmap={"w": W, "r": R})
    section.extend([] if found is None else [child for child in found if child.tag in _SECTION_KEPT])
    for numbers in section.iter(f"{{{W}}}pgNumType"):
        # The template's last section may start anew after a title page; here all is one section, from page 1.
        numbers.attrib.pop(f"{{{W}}}start", "")
    for border in section.iter():
        # Of page borders made of pictures, the border stays and the picture does not.
        for name in [name for name in border.attrib if str(name).startswith(f"{{{R}}}")]:
            del border.attrib[name]
    return section


def _references(body: etree._Element) -> list[etree._Element]:
    """Find the headers and footers in force in the last section: it inherits those that it does not name."""
    in_force: dict[tuple[str, str], etree._Element] = {}
    for kind in ("header", "footer"):
        for reference in body.iter(f"{{{W}}}{kind}Reference"):
            parent = reference.getparent()
            if parent is not None and parent.tag == f"{{{W}}}sectPr":
                in_force[kind, reference.get(f"{{{W}}}type", "default")] = reference
    return list(in_force.values())
