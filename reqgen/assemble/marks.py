"""Which part of which clause a block is: what lets an edited document find its way back to the library."""

from collections.abc import Iterator, Sequence
from itertools import count, zip_longest

from msgspec.structs import replace

from reqgen.fingerprint import FIXED, METHOD, TEXT, TITLE, short_source
from reqgen.model.document import Block, Cell, Inline, ItemList, Mark, Paragraph, Style, Table, Text
from reqgen.model.library import Clause
from reqgen.prose import Fill, filled, plain_text, typeset

SLOT = "\ue000"
"""Stands for a method in a line of fixed words, until it is set there as a run of its own."""


def title_mark(clause: Clause) -> Mark:
    """The mark of a clause's title."""
    return Mark(clause.id, TITLE, 0, short_source(clause.title))


def fixed(clause: Clause, index: int, line: str, style: Style = Style.BODY) -> Paragraph:
    """A line that says something of a clause in fixed words, with typography."""
    return Paragraph((Text(typeset(line)),), style, Mark(clause.id, FIXED, index, short_source("")))


def with_methods(clause: Clause, index: int, line: str, fill: Fill) -> Paragraph:
    """A line of fixed words in which each SLOT becomes the clause's next method of verification, filled."""
    found: list[Inline] = []
    methods = [
        Text(filled(check.method.text, fill), mark=Mark(clause.id, METHOD, at, short_source(check.method.text)))
        for at, check in enumerate(clause.verifications)
    ]
    for words, method in zip_longest(typeset(line).split(SLOT), methods):
        found += [Text(words)] if words else []
        found += [method] if method is not None else []
    return Paragraph(tuple(found), Style.VERIFICATION, Mark(clause.id, FIXED, index, short_source("")))


def marked(clause: Clause, prose: Sequence[Block]) -> Iterator[Block]:
    """The blocks of a clause's text, each of its paragraphs, items and cells with its mark."""
    source, numbers = short_source(clause.text.text), count()

    def mark(inlines: Sequence[Inline]) -> Mark | None:
        index = next(numbers)
        return Mark(clause.id, TEXT, index, source) if plain_text(inlines).strip() else None

    def row(cells: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(replace(cell, mark=mark(cell.inlines)) for cell in cells)

    def block(one: Block) -> Block:
        if isinstance(one, Paragraph):
            return replace(one, mark=mark(one.inlines))
        if isinstance(one, ItemList):
            return replace(one, items=tuple(tuple(block(child) for child in item) for item in one.items))
        if isinstance(one, Table):
            return replace(one, header=row(one.header), rows=tuple(row(cells) for cells in one.rows))
        return one

    return map(block, prose)
