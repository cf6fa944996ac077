"""A document as a person left it in a word processor: paragraphs, bookmarks, comments; tracked changes are accepted."""

from msgspec import Struct


class Span(Struct, frozen=True):
    """A bookmark in a paragraph, and the signs of its text that it holds; `open` when it goes on after the paragraph."""

    name: str
    start: int
    end: int
    open: bool = False


class WordParagraph(Struct, frozen=True):
    """A paragraph, item or cell. `number` is its rank in the document, from 1; `style` the id of its style."""

    number: int
    text: str
    spans: tuple[Span, ...] = ()
    style: str = ""
    in_table: bool = False
    in_contents: bool = False


class WordComment(Struct, frozen=True):
    """A reviewer's comment; `paragraph` is the number of that it is about, 0 when it is about none that is left."""

    author: str
    day: str
    text: str
    paragraph: int = 0


class WordChange(Struct, frozen=True):
    """Who tracked a change in the paragraph that holds a bookmark."""

    bookmark: str
    author: str
    day: str


class WordDocument(Struct, frozen=True):
    """What a person left in a document."""

    paragraphs: tuple[WordParagraph, ...]
    comments: tuple[WordComment, ...] = ()
    changes: tuple[WordChange, ...] = ()
