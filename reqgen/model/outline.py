"""The plan of a document: its chapters, and what fills each of them. Data of `templates/`, editable without Python."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from reqgen.model.diagnostic import Place
from reqgen.model.library import Disclosure, Piece, Tier


class Wording(Struct, frozen=True):
    """A paragraph or more of Markdown, filled from the tender, if the tender has what `only_if` names."""

    text: str
    place: Place
    only_if: str = ""
    unless: str = ""


class Form(StrEnum):
    """How much of a clause is written. Only `FULL` has titles of themes."""

    FULL = "complète"
    CONCISE = "concise"
    """Level and checks in a line, without phase, way and person."""
    TEXT = "texte"
    """No checks; the level when it is not simply required."""


class Slot(Struct, frozen=True):
    """A named block computed from the tender: the requirements of some themes, a table of volumes ..."""

    name: str
    place: Place
    themes: tuple[str, ...] = ()
    """Ids of themes; `domaines` stands for those proper to a domain, `reste` for every theme that no slot names."""
    pieces: tuple[Piece, ...] = ()
    form: Form = Form.FULL


class Part(Struct, frozen=True):
    """A chapter (or a section of one). A part with nothing in it is left out of the document."""

    title: str
    place: Place
    content: tuple[Wording | Slot, ...] = ()
    parts: tuple["Part", ...] = ()
    each_lot: bool = False
    """The part is written once for each lot, with what is proper to that lot."""
    numbered: bool = True


class Reach(Struct, frozen=True):
    """The tenders that a document is made for, by their domains, and the document to use for the others."""

    only: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    instead: str = ""


class Limits(Struct, frozen=True):
    """Which of the kept clauses a short document holds: those of a tier, those of a few domains."""

    tier: Tier | None = None
    """Deeper clauses are left out, save legal obligations and those that the officer added."""
    domains: tuple[str, ...] = ()
    """Only clauses proper to one of these domains."""


class Outline(Struct, frozen=True):
    """The plan of one document."""

    name: str
    title: str
    short: str
    place: Place
    parts: tuple[Part, ...]
    cover: tuple[tuple[str, Wording], ...] = ()
    """(paragraph style, wording) of the cover, top down."""
    header: str = ""
    footer: str = ""
    contents_title: str = ""
    depth: int = 2
    pieces: tuple[Piece, ...] = ()
    """Pieces whose clauses the document must hold, all of them."""
    disclosures: tuple[Disclosure, ...] = (Disclosure.PUBLIC,)
    for_bidders: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)
    own_labels: Mapping[str, str] = field(default_factory=dict)
    """Fixed words of this document alone, over `labels`."""
    reach: Reach = field(default_factory=Reach)
    limits: Limits = field(default_factory=Limits)
    cover_page: bool = True
    """Whether the cover has a page of its own; else its lines head the first page."""
