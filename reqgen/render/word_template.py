"""A Word template, ours or the buyer's, made ready to receive a document.

The buyer's styles, theme, fonts, page, headers and footers are honoured. Styles are matched by their type and
builtin name, since Word translates ids (« Titre1 ») but not stored names (« heading 1 »); what the template lacks
comes from the built-in look, templates/word/reference.docx.
"""

import functools
import re
from collections.abc import Sequence
from copy import deepcopy

from lxml import etree
from msgspec import Struct, field

from reqgen.files import bundled
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.document import Heading
from reqgen.package import PackageError
from reqgen.render.word_file import WordFile
from reqgen.render.word_labels import labels
from reqgen.render.word_numbering import Element, Level, Numbering, Styles, value, w, whole
from reqgen.render.word_package import R, reduce

HEADING_LEVELS = range(1, 5)
LIST_DEPTH = 5
_USUAL_SIZE = 22
_HEX = re.compile("[0-9A-Fa-f]{6}")
_A4_WIDTH, _SIDE_MARGIN, _LEAST_WIDTH = 11906, 1134, 1701


class Template(Struct):
    """An open template. `styles` maps the ids of the built-in look to those of this file; widths are in twips."""

    word: WordFile
    styles: dict[str, str]
    sheet: Styles
    numbering: Numbering
    section: Element
    text_width: int
    headings: dict[int, Level] = field(default_factory=dict)
    """How each level of heading is numbered; a level that is not has no entry."""
    _rooms: dict[int, tuple[int, int]] = field(default_factory=dict)
    _lists: dict[int, Level | None] = field(default_factory=dict)

    def relate(self, url: str) -> str:
        """The id of the relationship to a public address."""
        return self.word.relate(f"{R}/hyperlink", url, external=True)

    def new_list(self, depth: int) -> Level | None:
        """The numbering of a new ordered list at a depth from 1."""
        if depth not in self._lists:
            self._lists[depth] = self.numbering.of_style(self.styles[f"ListNumber{depth if depth > 1 else ''}"])
        at = self._lists[depth]
        return None if at is None else self.numbering.restart(at)

    def number_overflow(self, level: int, label: str) -> int:
        """Estimate where a heading's text can start, in twips, when its number is wider than its room; else 0."""
        if level not in self._rooms:
            self._rooms[level] = self._room(level)
        room, size = self._rooms[level]
        # A bold digit takes about 0.56 of the size, a capital 0.72; half points are 10 twips.
        width = len(label) * size * 6 + 140
        return width if width > room else 0

    def _room(self, level: int) -> tuple[int, int]:
        """Find the room for the number of a level of heading, in twips, and its size in half points."""
        chain = self.sheet.chain(self.styles[f"Heading{level}"])
        definition = self.numbering.level(self.headings[level]) if level in self.headings else None
        room = _indent([*chain, *([] if definition is None else [definition])])
        size = next((whole(found) for style in chain if (found := value(style, "rPr/sz"))), _USUAL_SIZE)
        return room, size

    def labels(self, headings: Sequence[Heading]) -> list[str]:
        """Return the number of each heading as Word will show it."""
        return labels(headings, self.headings, self.numbering)


def open_template(data: bytes, name: str) -> Template:
    """Open a template.

    Raises ReqgenError (bad-template) whatever is wrong with it; `name` is the path shown to the user.
    """
    try:
        word = WordFile(reduce(data))
    except PackageError as error:
        raise bad_template(f"le modèle Word ne peut pas servir : {error}", name) from None
    sheet, look = Styles(word.styles), _reference()
    _speak_french(sheet.root)
    numbering = Numbering(word.numbering(), sheet)
    had_numbering = {style_id for style_id in sheet.by_id if numbering.of_style(style_id)}
    styles = _complete(sheet, look.sheet)
    _number(styles, had_numbering, numbering, look)
    template = Template(word, styles, sheet, numbering, word.section, _text_width(word.section))
    for level in HEADING_LEVELS:
        at = numbering.of_style(styles[f"Heading{level}"])
        if at is not None:
            template.headings[level] = at
    return template


_ADVICE = "donner un fichier .docx ordinaire, enregistré par Word ou LibreOffice, sans macro ni objet incorporé"


def bad_template(message: str, name: str, advice: str = _ADVICE) -> ReqgenError:
    """The error of a template that can't be used."""
    return ReqgenError(Diagnostic("bad-template", message, Place(name), advice))


class _Look(Struct, frozen=True):
    sheet: Styles
    numbering: Numbering


@functools.cache
def _reference() -> _Look:
    """The built-in look: constant data of the package, read once and never changed."""
    word = WordFile(reduce((bundled("templates") / "word" / "reference.docx").read_bytes()))
    sheet = Styles(word.styles)
    return _Look(sheet, Numbering(word.numbering(), sheet))


def _speak_french(styles: Element) -> None:
    """Make French the language of all text that doesn't state another one."""
    at = styles
    for name in ("docDefaults", "rPrDefault", "rPr"):
        found = at.find(w(name))
        if found is None:
            found = etree.Element(w(name))
            at.insert(0, found)
        at = found
    language = at.find(w("lang"))
    if language is None:
        language = etree.Element(w("lang"))
        after = [child for child in at if child.tag in {w("eastAsianLayout"), w("specVanish"), w("oMath")}]
        at.insert(at.index(after[0]) if after else len(at), language)
    language.set(w("val"), "fr-FR")


def _key(style: Element) -> tuple[str, str]:
    """Type and name, by which two files agree on a style; a name may carry aliases after a comma."""
    return (style.get(w("type"), "paragraph"), value(style, "name").split(",")[0].strip().lower())


def _complete(sheet: Styles, look: Styles) -> dict[str, str]:
    """Add the styles that the template lacks; returns the id, in the template, of each style of the built-in look."""
    by_key = {_key(style): style_id for style_id, style in sheet.by_id.items()}
    defaults = {
        style.get(w("type"), "paragraph"): style_id
        for style_id, style in sheet.by_id.items()
        if style.get(w("default")) in {"1", "true", "on"}
    }
    ids: dict[str, str] = {}
    missing: list[Element] = []
    for style_id, style in look.by_id.items():
        kind = style.get(w("type"), "paragraph")
        same_id = sheet.by_id.get(style_id)
        found = defaults.get(kind) if style.get(w("default")) else by_key.get(_key(style))
        if found is None and same_id is not None and same_id.get(w("type"), "paragraph") == kind:
            found = style_id
        if found is None:
            missing.append(style)
            found = style_id if same_id is None else f"Reqgen{style_id}"
        ids[style_id] = found
    palette = _palette(sheet, look, ids)
    for style in missing:
        _add_style(sheet, style, ids, palette)
    return ids


def _palette(sheet: Styles, look: Styles, ids: dict[str, str]) -> dict[str, str]:
    """The built-in look's leading colour, and the one that the template gives its own headings instead."""
    ours, theirs = (_colour(of, at) for of, at in ((look, "Heading1"), (sheet, ids.get("Heading1", ""))))
    return {ours: theirs} if ours and theirs and ours != theirs else {}


def _colour(sheet: Styles, style_id: str) -> str:
    """The text colour of a style, inherited or its own, as six hexadecimal digits; empty when it has none."""
    for _ in range(len(sheet.by_id)):
        style = sheet.by_id.get(style_id)
        if style is None:
            return ""
        written = value(style, "rPr/color")
        if written:
            return written.upper() if _HEX.fullmatch(written) else ""
        style_id = value(style, "basedOn")
    return ""


def _add_style(sheet: Styles, style: Element, ids: dict[str, str], palette: dict[str, str]) -> None:
    copy = deepcopy(style)
    for element in copy.iter(etree.Element):
        for name in (w("val"), w("color")):
            if element.get(name, "").upper() in palette:
                element.set(name, palette[element.get(name, "").upper()])
    copy.set(w("styleId"), ids[style.get(w("styleId"), "")])
    for name in ("basedOn", "next", "link"):
        for reference in copy.findall(w(name)):
            reference.set(w("val"), ids[reference.get(w("val"), "")])
    properties = copy.find(w("pPr"))
    for number in [] if properties is None else properties.findall(w("numPr")):
        properties.remove(number)  # type: ignore[union-attr]
    sheet.root.append(copy)
    sheet.by_id[copy.get(w("styleId"), "")] = copy


def _number(ids: dict[str, str], had: set[str], numbering: Numbering, look: _Look) -> None:
    """Number headings and lists: as the template does, else as the built-in look does, never both."""
    groups: dict[int, dict[str, Level]] = {}
    for style_id in look.sheet.by_id:
        at = look.numbering.of_style(style_id)
        own = value(look.sheet.by_id[style_id], "pPr/numPr/numId")
        if at is not None and own:
            groups.setdefault(at.num, {})[style_id] = at
    for num, members in groups.items():
        bare = {key: at for key, at in members.items() if numbering.of_style(ids[key]) is None}
        is_heading = any(key.startswith("Heading") for key in members)
        if is_heading and any(ids[key] in had for key in members):
            _extend(ids, members, bare, numbering)
        elif bare:
            adopted = numbering.adopt(look.numbering.definition(num), {key: ids[key] for key in bare})
            for key, at in bare.items():
                numbering.attach(ids[key], Level(adopted, at.level))


def _extend(ids: dict[str, str], members: dict[str, Level], bare: dict[str, Level], numbering: Numbering) -> None:
    """Put headings without a number on free levels of the multilevel numbering of the template's own headings."""
    numbered = [numbering.of_style(ids[key]) for key in members if key not in bare]
    first = next(at for at in numbered if at is not None)
    abstract = numbering.abstract(first.num)
    if value(abstract, "multiLevelType") != "multilevel":
        return
    for key, at in bare.items():
        level = numbering.level(Level(first.num, at.level))
        if level is not None and level.find(w("pStyle")) is None:
            numbering.attach(ids[key], Level(first.num, at.level))


def _indent(owners: Sequence[Element]) -> int:
    """Find the first left indent that is stated, in twips."""
    for owner in owners:
        found = owner.find(f"{w('pPr')}/{w('ind')}")
        if found is not None:
            return whole(found.get(w("left"), found.get(w("start"), "")))
    return 0


def _text_width(section: Element) -> int:
    """Width between the margins, in twips; that of the built-in look where the page is not told."""
    size, margins = section.find(w("pgSz")), section.find(w("pgMar"))
    width = _A4_WIDTH if size is None else whole(size.get(w("w"), ""), _A4_WIDTH)
    for side, default in (("left", _SIDE_MARGIN), ("right", _SIDE_MARGIN), ("gutter", 0)):
        width -= default if margins is None else whole(margins.get(w(side), ""), default)
    return max(width, _LEAST_WIDTH)
