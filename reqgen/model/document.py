"""A document as a tree of blocks, the same for every output format."""

from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Text:
    """A run of characters. `filled` marks a parameter's value, `undecided` a thing the draft leaves open."""

    text: str
    strong: bool = False
    emphasis: bool = False
    filled: str = ""


@dataclass(frozen=True, slots=True)
class CrossReference:
    """The number of a heading elsewhere in the document, kept right by the word processor."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a public address."""

    url: str
    text: str


Inline = Text | CrossReference | Link


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in a given role."""

    inlines: tuple[Inline, ...]
    style: Style = Style.BODY


@dataclass(frozen=True, slots=True)
class Heading:
    """A numbered heading. `anchor` is its bookmark; `tag` the discreet id at the end of the line."""

    level: int
    text: str
    anchor: str
    number: str = ""
    tag: str = ""
    in_contents: bool = True


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list; each item is a tuple of blocks (paragraphs, nested lists)."""

    items: tuple[tuple["Block", ...], ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell."""

    inlines: tuple[Inline, ...]
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header row, a caption (also its alternative text) and column widths in percent."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str
    widths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents: headings down to `depth`."""

    title: str
    depth: int = 2


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next block starts a page."""


Block = Heading | Paragraph | ItemList | Table | Contents | PageBreak


@dataclass(frozen=True, slots=True)
class Meta:
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


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document: its properties, then its blocks in order."""

    meta: Meta
    blocks: tuple[Block, ...] = field(default=())
    draft: bool = False
