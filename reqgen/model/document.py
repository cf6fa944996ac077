"""A document as a tree of blocks, the same for every output format."""

from enum import StrEnum

from msgspec import Struct


class Style(StrEnum):
    """Role of a paragraph; each format gives it a look, Word by a style of that id."""

    BODY = "Corps"
    NOTE = "Note"
    VERIFICATION = "Verification"
    COVER_BUYER = "CouvertureAcheteur"
    COVER_TITLE = "CouvertureTitre"
    COVER_OBJECT = "CouvertureObjet"
    COVER_DETAIL = "CouvertureDetail"
    HEAD_TITLE = "TitreEnTete"
    """Title of a document that has no title page, at the head of its first page."""
    WARNING = "Avertissement"


class Mark(Struct, frozen=True):
    """A part of a clause: its id, the letter of the part (reqgen.fingerprint), its place, the short digest of its source."""

    clause: str
    part: str
    index: int
    source: str


class Text(Struct, frozen=True):
    """A run of characters. `filled` marks a parameter's value, `undecided` a thing the draft leaves open.

    `mark`, here and below, says which part of which clause this is, for a format that can hold it unseen.
    """

    text: str
    strong: bool = False
    emphasis: bool = False
    filled: str = ""
    mark: Mark | None = None


class CrossReference(Struct, frozen=True):
    """The number of a heading elsewhere in the document, kept right by the word processor."""

    target: str
    text: str


class Link(Struct, frozen=True):
    """A link to a public address."""

    url: str
    text: str


Inline = Text | CrossReference | Link


class Paragraph(Struct, frozen=True):
    """A paragraph in a given role."""

    inlines: tuple[Inline, ...]
    style: Style = Style.BODY
    mark: Mark | None = None


class Heading(Struct, frozen=True):
    """A numbered heading. `anchor` is its bookmark; `tag` the discreet id at the end of the line."""

    level: int
    text: str
    anchor: str
    number: str = ""
    tag: str = ""
    in_contents: bool = True
    mark: Mark | None = None


class ItemList(Struct, frozen=True):
    """A list; each item is a tuple of blocks (paragraphs, nested lists)."""

    items: tuple[tuple["Block", ...], ...]
    ordered: bool = False


class Cell(Struct, frozen=True):
    """A table cell."""

    inlines: tuple[Inline, ...]
    align: str = "left"
    mark: Mark | None = None


class Table(Struct, frozen=True):
    """A table with a header row, a caption (also its alternative text) and column widths in percent."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str
    widths: tuple[int, ...]


class Contents(Struct, frozen=True):
    """The table of contents: headings down to `depth`."""

    title: str
    depth: int = 2


class PageBreak(Struct, frozen=True):
    """The next block starts a page."""


Block = Heading | Paragraph | ItemList | Table | Contents | PageBreak


class Meta(Struct, frozen=True):
    """What the file says of itself; nothing here may name a person, a path or a machine.

    `title` is the document's (« Cahier des clauses techniques particulières »), `subject` the object of the tender.
    """

    title: str
    subject: str
    author: str
    reference: str
    header: str = ""
    footer: str = ""
    date: str = ""
    """ISO date written as creation date: the library's, never the clock's."""


class Document(Struct, frozen=True):
    """A whole document: its properties, then its blocks in order."""

    meta: Meta
    blocks: tuple[Block, ...] = ()
    draft: bool = False
