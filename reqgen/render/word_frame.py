"""Headers and footers of a Word file: the template's own with its tokens filled, else plain ones of ours."""

import re

from lxml import etree

from reqgen.model.document import Document, Meta
from reqgen.render.word_body import has_cover
from reqgen.render.word_clean import W
from reqgen.render.word_numbering import Element, w
from reqgen.render.word_package import R
from reqgen.render.word_template import Template, bad_template
from reqgen.render.word_text import clean, complex_field, escape, right_tab, run

_DRAFT = "PROJET"
_TOKEN = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_CONTENT = tuple(w(name) for name in ("drawing", "pict", "object", "fldChar", "fldSimple", "tbl"))
_ROOTS = {"header": "hdr", "footer": "ftr"}
_Stories = dict[tuple[str, str], Element]


def frame(template: Template, document: Document, name: str) -> None:
    """Set the headers and footers of the file; `name` is the template's path as shown to the user.

    Raises ReqgenError (bad-template) when they hold a token that is not known.
    """
    if has_cover(document):
        _set_title_page(template.section)
    stories = _own_stories(template)
    for story in stories.values():
        _fill(story, _values(document.meta), name)
    _mark_draft(template, document, stories)
    _complete(template, document, stories)


def _set_title_page(section: Element) -> None:
    """Leave the usual header and footer off the first page.

    Headers for a first page that the template kept but did not show stay unseen.
    """
    if section.find(w("titlePg")) is not None:
        return
    for reference in [child for child in section if child.get(w("type")) == "first"]:
        section.remove(reference)
    mark, grid = etree.Element(w("titlePg")), section.find(w("docGrid"))
    section.insert(len(section) if grid is None else section.index(grid), mark)


def _own_stories(template: Template) -> _Stories:
    """The template's headers and footers; those with nothing in them count as absent."""
    stories: _Stories = {}
    for kind in _ROOTS:
        for reference in template.section.findall(w(f"{kind}Reference")):
            story = template.word.story(reference.get(f"{{{R}}}id", ""))
            usage = reference.get(w("type"), "default")
            if usage == "default" and not _has_content(story):
                template.section.remove(reference)
            else:
                stories[kind, usage] = story
    return stories


def _has_content(root: Element) -> bool:
    return any((text.text or "").strip() for text in root.iter(w("t"))) or next(root.iter(*_CONTENT), None) is not None


def _values(meta: Meta) -> dict[str, str]:
    return {
        "reference": meta.reference,
        "titre": meta.title,
        "objet": meta.subject,
        "acheteur": meta.author,
    }


def _fill(root: Element, values: dict[str, str], name: str) -> None:
    """Replace {{ tokens }}, which Word often cuts into several runs."""
    for paragraph in root.iter(w("p")):
        nodes = [text for text in paragraph.iter(w("t")) if next(text.iterancestors(w("p"))) is paragraph]
        found = list(_TOKEN.finditer("".join(node.text or "" for node in nodes)))
        for match in reversed(found):
            if match[1] not in values:
                known = ", ".join(f"{{{{ {key} }}}}" for key in values)
                message = f"l'en-tête ou le pied de page du modèle contient « {match[0]} », qui n'est pas connu"
                raise bad_template(message, name, f"employer {known}")
            _replace(nodes, match.start(), match.end(), clean(" ".join(values[match[1]].split())))


def _replace(nodes: list[Element], start: int, end: int, new: str) -> None:
    """Put `new` in place of the characters from `start` to `end` of the nodes' joined text."""
    at = 0
    for node in nodes:
        text = node.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        at += len(text)
        if first < last:
            node.text = text[:first] + new + text[last:]
            node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            new = ""


def _complete(template: Template, document: Document, stories: _Stories) -> None:
    """Add what the template lacks: a header when there is something to say, a footer with the page always."""
    made = {"header": _header_content(template, document), "footer": _footer_content(template, document.meta)}
    even = template.word.has_even_pages()
    for kind, content in made.items():
        if content and (kind, "default") not in stories:
            for usage in ("default", "even") if even else ("default",):
                if (kind, usage) not in stories:
                    _add(template, kind, usage, content)


def _add(template: Template, kind: str, usage: str, content: str) -> None:
    """Add a header or footer story of ours to the section."""
    root = etree.fromstring(f'<w:{_ROOTS[kind]} xmlns:w="{W}">{content}</w:{_ROOTS[kind]}>')
    reference = etree.Element(w(f"{kind}Reference"))
    reference.set(w("type"), usage)
    reference.set(f"{{{R}}}id", template.word.add_story(kind, root))
    template.section.insert(0, reference)


def _line(template: Template, style: str, left: str, right: str) -> str:
    """A line with something at each end; the style's own tab stops would come in between."""
    style = template.styles[style]
    stops = "".join(f'<w:tab w:val="clear" w:pos="{position}"/>' for position in _tab_stops(template, style))
    tabs = f"<w:tabs>{stops}{right_tab(template.text_width)}</w:tabs>"
    gap = "<w:r><w:tab/></w:r>" if right else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{escape(style)}"/>{tabs}</w:pPr>{left}{gap}{right}</w:p>'


def _tab_stops(template: Template, style: str) -> list[int]:
    found = {
        int(tab.get(w("pos"), ""))
        for ancestor in template.sheet.chain(style)
        for tab in ancestor.iterfind(f"{w('pPr')}/{w('tabs')}/{w('tab')}")
        if tab.get(w("pos"), "").isdecimal()
    }
    return sorted(found - {template.text_width})


def _draft_mark(template: Template) -> str:
    return run(_DRAFT, f'<w:rStyle w:val="{escape(template.styles["Projet"])}"/>')


def _header_content(template: Template, document: Document) -> str:
    left, right = run(document.meta.header), _draft_mark(template) if document.draft else ""
    return _line(template, "Header", left, right) if left or right else ""


def _footer_content(template: Template, meta: Meta) -> str:
    page = run("Page ") + complex_field("PAGE", "1") + run(" / ") + complex_field("NUMPAGES", "1")
    return _line(template, "Footer", run(meta.footer), page)


def _mark_draft(template: Template, document: Document, stories: _Stories) -> None:
    """Say « PROJET » in each header that the template has, and on the title page even without a header."""
    if not document.draft:
        return
    line = _line(template, "Header", "", _draft_mark(template))
    for (kind, _), story in stories.items():
        if kind == "header":
            story.insert(0, etree.fromstring(line.replace("<w:p>", f'<w:p xmlns:w="{W}">', 1)))
    if template.section.find(w("titlePg")) is not None and ("header", "first") not in stories:
        _add(template, "header", "first", line)
