"""Prose as HTML. Every text is escaped here: what a clause says never becomes markup."""

from collections.abc import Callable, Iterable

from markupsafe import Markup, escape

from reqgen.model.document import Block, Cell, Heading, Inline, ItemList, Paragraph, Table, Text

Filled = Callable[[Text], Markup]
"""What stands for a placeholder: a run whose `filled` is the parameter's name, and `text` its default value."""


def html(blocks: Iterable[Block], filled: Filled) -> Markup:
    """The blocks as HTML: paragraphs, lists and tables."""
    return Markup("\n").join(_block(block, filled) for block in blocks)


def _block(block: Block, filled: Filled) -> Markup:
    if isinstance(block, Paragraph):
        return Markup("<p>{}</p>").format(_inlines(block.inlines, filled))
    if isinstance(block, ItemList):
        items = Markup("").join(Markup("<li>{}</li>").format(_item(item, filled)) for item in block.items)
        return Markup("<ol>{}</ol>").format(items) if block.ordered else Markup("<ul>{}</ul>").format(items)
    if isinstance(block, Table):
        return _table(block, filled)
    return Markup("<p>{}</p>").format(block.text) if isinstance(block, Heading) else Markup("")


def _item(blocks: tuple[Block, ...], filled: Filled) -> Markup:
    """An item of one paragraph has no need of a `p`."""
    if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
        return _inlines(blocks[0].inlines, filled)
    return html(blocks, filled)


def _table(table: Table, filled: Filled) -> Markup:
    head = Markup("").join(
        Markup('<th scope="col">{}</th>').format(_inlines(cell.inlines, filled)) for cell in table.header
    )
    rows = Markup("").join(Markup("<tr>{}</tr>").format(_cells(row, filled)) for row in table.rows)
    return Markup(
        '<div class="large" role="group" aria-label="{}" tabindex="0"><table><caption>{}</caption>'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(table.caption, table.caption, head, rows)


def _cells(row: tuple[Cell, ...], filled: Filled) -> Markup:
    return Markup("").join(Markup("<td>{}</td>").format(_inlines(cell.inlines, filled)) for cell in row)


def _inlines(inlines: Iterable[Inline], filled: Filled) -> Markup:
    return Markup("").join(_inline(inline, filled) for inline in inlines)


def _inline(inline: Inline, filled: Filled) -> Markup:
    if not isinstance(inline, Text):
        return escape(inline.text)
    text = filled(inline) if inline.filled else escape(inline.text)
    text = Markup("<em>{}</em>").format(text) if inline.emphasis else text
    return Markup("<strong>{}</strong>").format(text) if inline.strong else text
