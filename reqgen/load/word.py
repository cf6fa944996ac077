"""A Word file that may come from anyone, read as paragraphs with their bookmarks and comments, tracked changes accepted.

Sources: ECMA-376 part 1, 17.3 (paragraphs), 17.13.4 (comments), 17.13.6 (bookmarks), 17.16 (fields); part 2 (packages).
"""

import posixpath
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import unquote

from lxml import etree
from msgspec import Struct, field
from msgspec.structs import replace

from reqgen.fingerprint import seen
from reqgen.load.word_changes import Element, accept_all, w
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.edited import Span, WordChange, WordComment, WordDocument, WordParagraph
from reqgen.package import PackageError, read_xml

MAX_XML = 20_000_000
MAX_TAGS = 600_000
"""Signs `<` in a part: at least the number of its elements, known before any memory is spent on them."""
MAX_PARAGRAPHS = 20_000
MAX_COMMENTS = 5_000
MAX_ACROSS = 50
"""Paragraphs that one bookmark of ours may hold, once torn."""
MEND = "vérifier que c'est bien un document produit par reqgen, l'ouvrir et l'enregistrer de nouveau en .docx"

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = "http://purl.oclc.org/ooxml/"
_MARKERS = tuple(
    w(name) for name in ("bookmarkStart", "bookmarkEnd", "commentRangeStart", "commentRangeEnd", "commentReference")
)
_CONTENTS = "Table of Contents"


def read_word(name: str, parts: Mapping[str, bytes]) -> WordDocument:
    """The document in these parts of a package; `name` is its path as shown to the user.

    Raises ReqgenError (bad-word-file, too-large) when it is no Word document, is damaged, or is beyond all measure.
    """
    return _Reading(name, parts).document()


class _Reading:
    """One file as it is read."""

    def __init__(self, name: str, parts: Mapping[str, bytes]):
        self.name, self.parts = name, parts

    def document(self) -> WordDocument:
        main = self.target("", "officeDocument")
        if not main:
            raise self.bad("ce n'est pas un document Word (.docx)")
        root = self.xml(main)
        body = root.find(w("body"))
        if root.tag.startswith(f"{{{_STRICT}"):
            raise self.bad("il est enregistré au format « Document Word Open XML strict »")
        if root.tag != w("document") or body is None:
            raise self.bad("ce n'est pas un document Word (.docx)")
        changes = tuple(_changes(body))
        _keep_markers(body)
        try:
            accepted = accept_all(body)
        except ReqgenError as error:
            raise ReqgenError(*(_placed(one, self.name) for one in error.diagnostics)) from None
        walk = _Walk()
        for paragraph in walk.paragraphs(accepted):
            if paragraph.number > MAX_PARAGRAPHS:
                raise self.large(f"il compte plus de {MAX_PARAGRAPHS} paragraphes")
        return WordDocument(walk.settled(), tuple(self.comments(main, walk.commented)), changes)

    def comments(self, main: str, commented: Mapping[str, int]) -> Iterator[WordComment]:
        part = self.target(main, "comments")
        if not part:
            return
        for count, row in enumerate(self.xml(part).iter(w("comment"))):
            if count >= MAX_COMMENTS:
                raise self.large(f"il compte plus de {MAX_COMMENTS} commentaires")
            lines = ("".join(node.text or "" for node in line.iter(w("t"))) for line in row.iter(w("p")))
            text = " ".join(seen(" ".join(lines)).split())
            at = commented.get(row.get(w("id"), ""), 0)
            yield WordComment(_one_line(row.get(w("author"), "")), _day(row), text, at)

    def target(self, source: str, kind: str) -> str:
        """The part to which a relationship of that kind leads; empty when there is none in the file."""
        folder, file = posixpath.split(source)
        rows = posixpath.join(folder, "_rels", f"{file}.rels")
        if rows not in self.parts:
            return ""
        for row in self.xml(rows).iter(_RELATIONS):
            if row.get("Type", "").rpartition("/")[2] == kind and row.get("TargetMode") != "External":
                base = posixpath.join("/", folder, unquote(row.get("Target", "")))
                found = posixpath.normpath(base).lstrip("/")
                return found if found in self.parts else ""
        return ""

    def xml(self, part: str) -> Element:
        """A part's root: no entities, no document type, no access to disk or network, bounded."""
        content = self.parts[part]
        if len(content) > MAX_XML or content.count(b"<") > MAX_TAGS:
            raise self.large(f"sa pièce « {_one_line(part)} » est démesurée")
        try:
            return read_xml(content)
        except PackageError as error:
            raise self.bad(f"sa pièce « {_one_line(part)} » {error}") from None

    def bad(self, why: str) -> ReqgenError:
        return ReqgenError(
            Diagnostic("bad-word-file", f"le document ne peut pas être lu : {why}", Place(self.name), MEND)
        )

    def large(self, why: str) -> ReqgenError:
        return ReqgenError(
            Diagnostic(
                "too-large", f"le document est trop grand : {why}", Place(self.name), "n'en garder que les clauses"
            )
        )


def _placed(one: Diagnostic, name: str) -> Diagnostic:
    return Diagnostic(one.rule, f"le document ne peut pas être lu : {one.message}", Place(name), one.help)


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:200]).strip()


def _day(element: Element) -> str:
    """Date and minute of a comment or a change, « 2026-11-24 10:32 »; empty when there is none that can be read."""
    try:
        return datetime.fromisoformat(element.get(w("date"), "")).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return ""


def _changes(body: Element) -> Iterator[WordChange]:
    """Who changed each paragraph that holds a bookmark, once each."""
    found: dict[WordChange, None] = {}
    for change in body.iter(w("ins"), w("del"), w("moveFrom"), w("moveTo")):
        paragraph = next(change.iterancestors(w("p")), None)
        if paragraph is None:
            continue
        for start in paragraph.iter(w("bookmarkStart")):
            one = WordChange(start.get(w("name"), ""), _one_line(change.get(w("author"), "")), _day(change))
            found[one] = None
    yield from found


def _keep_markers(body: Element) -> None:
    """Take bookmarks and comments out of what is deleted: LibreOffice writes them inside."""
    for gone in list(body.iter(w("del"), w("moveFrom"))):
        for marker in list(gone.iter(*_MARKERS)):
            gone.addprevious(marker)


class _Start(Struct, frozen=True):
    """Where a bookmark starts: its paragraph (0 when that is yet to come) and the sign there."""

    name: str
    paragraph: int
    at: int


class _Open(Struct):
    """A paragraph that is being read."""

    number: int
    style: str
    in_table: bool
    in_contents: bool
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    spans: list[Span] = field(default_factory=list)
    started: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)


_SIGNS = {w("tab"): "\t", w("ptab"): "\t", w("br"): " ", w("cr"): " ", w("noBreakHyphen"): "-", w("sym"): "\ufffd"}
_SKIPPED = frozenset(
    (f"{_COMPATIBILITY}Fallback", w("pPr"), w("rPr"), w("instrText"), w("delText"), w("sectPr"), w("tblPr"), w("tcPr"))
)


class _Walk:
    """Goes through a body once, in the order of the text; its state is what is open at a point."""

    def __init__(self) -> None:
        self.done: list[WordParagraph] = []
        self.commented: dict[str, int] = {}
        self.count = self.tables = self.contents = 0
        self.stack: list[_Open] = []
        self.between: list[str] = []  # ids of the bookmarks that started since the last paragraph
        self.bookmarks: dict[str, _Start] = {}  # those that have started and not ended, by id
        self.continued: dict[int, list[Span]] = {}

    def paragraphs(self, body: Element) -> Iterator[WordParagraph]:
        """Each paragraph as it ends."""
        walk = etree.iterwalk(body, events=("start", "end"))
        for event, element in walk:
            if event == "start":
                if element.tag in _SKIPPED:
                    walk.skip_subtree()
                else:
                    self.start(element)
            elif self.end(element):
                yield self.done[-1]

    def start(self, element: Element) -> None:
        tag = element.tag
        if tag == w("p"):
            self.open(_style(element))
        elif tag == w("tbl"):
            self.tables += 1
        elif tag == w("sdt"):
            self.contents += _is_contents(element)
        elif tag == w("bookmarkStart"):
            self.begin(element.get(w("id"), ""), element.get(w("name"), ""))
        elif tag == w("bookmarkEnd"):
            self.close(element.get(w("id"), ""))
        elif tag in (w("commentRangeStart"), w("commentReference")):
            at = self.stack[-1].number if self.stack else self.count + 1
            self.commented.setdefault(element.get(w("id"), ""), at)
        elif self.stack and tag == w("t"):
            self.stack[-1].add(seen(element.text or ""))
        elif self.stack and tag in _SIGNS:
            self.stack[-1].add(_SIGNS[tag])

    def end(self, element: Element) -> bool:
        """Whether a paragraph ended."""
        if element.tag == w("tbl"):
            self.tables -= 1
        elif element.tag == w("sdt"):
            self.contents -= _is_contents(element)
        elif element.tag == w("p") and self.stack:
            self.finish(self.stack.pop())
            return True
        return False

    def open(self, style: str) -> None:
        self.count += 1
        self.stack.append(_Open(self.count, style, self.tables > 0, self.contents > 0))
        for id in self.between:
            self.bookmarks[id] = _Start(self.bookmarks[id].name, self.count, 0)
        self.stack[-1].started += self.between
        self.between = []

    def begin(self, id: str, name: str) -> None:
        now = self.stack[-1] if self.stack else None
        self.bookmarks[id] = _Start(name, now.number if now else 0, now.length if now else 0)
        (now.started if now else self.between).append(id)

    def close(self, id: str) -> None:
        """End a bookmark; when that is in a later paragraph than its own, those up to there hold a part of it too."""
        one, now = self.bookmarks.get(id), self.stack[-1] if self.stack else None
        if one is None or now is None or not one.paragraph:
            return
        del self.bookmarks[id]
        if one.paragraph == now.number:
            now.spans.append(Span(one.name, one.at, now.length))
            return
        now.spans.append(Span(one.name, 0, now.length))
        for number in range(one.paragraph + 1, min(now.number, one.paragraph + MAX_ACROSS)):
            self.continued.setdefault(number, []).append(Span(one.name, 0, 0, open=True))

    def finish(self, one: _Open) -> None:
        unclosed = (self.bookmarks[id] for id in one.started if id in self.bookmarks)
        spans = (*one.spans, *(Span(start.name, start.at, one.length, open=True) for start in unclosed))
        self.done.append(
            WordParagraph(one.number, "".join(one.pieces), spans, one.style, one.in_table, one.in_contents)
        )

    def settled(self) -> tuple[WordParagraph, ...]:
        """The paragraphs by number: one in a text box ends before that which holds the box."""
        found = sorted(self.done, key=lambda paragraph: paragraph.number)
        return tuple(
            replace(one, spans=(*one.spans, *self.continued[one.number])) if one.number in self.continued else one
            for one in found
        )


def _style(paragraph: Element) -> str:
    found = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
    return "" if found is None else found.get(w("val"), "")


def _is_contents(element: Element) -> bool:
    gallery = element.find(f"{w('sdtPr')}/{w('docPartObj')}/{w('docPartGallery')}")
    return gallery is not None and gallery.get(w("val")) == _CONTENTS
