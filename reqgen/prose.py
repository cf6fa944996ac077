"""Markdown prose (a CommonMark subset with tables) as blocks, and French typography.

The prose is parsed before anything is filled in, so a value never becomes markup. Placeholders are `{{ name }}`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, cast

from reqgen.model.document import Block, Cell, Inline, ItemList, Paragraph, Style, Table, Text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# No two parts of the pattern can take the same spaces, so that a long run of them stays cheap.
PLACEHOLDER = re.compile(r"\{\{\s*((?:[^{}\s](?:[^{}]*[^{}\s])?)?)\s*\}\}")
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
MAX_NESTING = 20

NBSP = "\u00a0"
SPACES = "[ \u00a0\u202f]"
MONTH = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
UNIT = "h|min|s|ms|Go|Mo|Ko|ko|euros?|jours?|mois|ans?|années?|heures?|minutes?|secondes?|semaines?|habitants|agents|pages|HT"
ADDRESS = re.compile(r"(\S*://\S*)")

# Source of the rules: Lexique des règles typographiques en usage à l'Imprimerie nationale (spaces before high punctuation).
# Each rule is tried only on a text that holds one of its signs, which is far quicker to see.
_TYPOGRAPHY = tuple(
    (signs, re.compile(pattern), replacement)
    for signs, pattern, replacement in (
        ("'", r"(?<=[^\W\d_])'|(?<=\w)'(?=\w|«)", "’"),
        (";:!?»%€", rf"{SPACES}+(?=[;:!?»%€])", NBSP),
        (";:!?", r"(?<=[\w)»])(?=[;:!?](?:\s|$))", NBSP),
        ("«", rf"«{SPACES}*", f"«{NBSP}"),
        ("»", r"(?<=[^\s\u00a0])(?=»)", NBSP),
        ("0123456789°.", rf"\b(n°|art\.|articles?|chapitres?|R\.|L\.|D\.|p\.|M\.){SPACES}+(?=[\dA-Z])", rf"\1{NBSP}"),
        ("§", rf"§{SPACES}*(?=\d)", f"§{NBSP}"),
        ("0123456789", rf"(?<=\d) +(?=(?:\d{{3}}|{UNIT})\b)", NBSP),
        ("0123456789", rf"\b(1er|\d{{1,2}}) +(?=(?:{MONTH})\b)", rf"\1{NBSP}"),
        ("0123456789", rf"\b({MONTH}) +(?=\d{{4}}\b)", rf"\1{NBSP}"),
    )
)

Fill = Callable[[str], str]


@lru_cache(maxsize=4096)
def typeset(text: str) -> str:
    """The text with French typography: no-break spaces before `; : ! ?`, inside « », in dates and measures; curly apostrophes."""
    if "://" not in text:
        return _typeset(text)
    pieces = ADDRESS.split(text)  # odd pieces are addresses, and keep their colons
    return "".join(piece if index % 2 else _typeset(piece) for index, piece in enumerate(pieces))


def _typeset(text: str) -> str:
    held = set(text)
    for signs, pattern, replacement in _TYPOGRAPHY:
        if not held.isdisjoint(signs):
            text = pattern.sub(replacement, text)
    return text


def placeholders(text: str) -> Iterator[tuple[str, int]]:
    """Each placeholder's content and its offset in the text."""
    for match in PLACEHOLDER.finditer(text):
        yield match[1], match.start()


def filled(text: str, fill: Fill) -> str:
    """A one-line text with its placeholders filled and its typography set."""
    return typeset(PLACEHOLDER.sub(lambda match: fill(match[1]), " ".join(text.split())))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING}).enable("table")


ALLOWED = frozenset(
    {
        "paragraph",
        "inline",
        "text",
        "softbreak",
        "hardbreak",
        "strong",
        "em",
        "bullet_list",
        "ordered_list",
        "list_item",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
)


# Signs without which a text holds nothing but paragraphs, lists, tables, bold and italic: it need not be parsed.
_SUSPECT = re.compile(r"[`#\[\]<>~\\&]|^ {4}|\t|^[-=*_ ]+$|^ *[*_][ *_]+[*_] *$", re.MULTILINE)


def foreign_markup(text: str) -> Iterator[tuple[str, int]]:
    """Markdown that a clause may not use (headings, code, links, images ...): its kind, its line in the text from 0."""
    if not _SUSPECT.search(text):
        return
    line = 0
    for token in _parser().parse(text):
        line = token.map[0] if token.map else line
        for item in (token, *(token.children or ())):
            line += item.type in ("softbreak", "hardbreak")
            kind = item.type.removesuffix("_open").removesuffix("_close")
            if kind not in ALLOWED and not item.type.endswith("_close"):
                yield kind, line


def parsed(text: str) -> "Sequence[Token]":
    """The parser's own tokens, for what needs to know where each word stands in the text."""
    return _parser().parse(text)


Raw = dict[str, tuple[Block, ...]]
MAX_TEXTS = 3_000
_raw: Raw = {}


def recall(known: Raw) -> Raw:
    """Take over what was made of the same texts before; returns all that is known, which grows as texts are read."""
    _raw.update(known)
    return _raw


def blocks(text: str, fill: Fill, caption: str = "", style: Style = Style.BODY) -> tuple[Block, ...]:
    """The prose as blocks, placeholders filled. `caption` is the alternative text of its tables."""
    if text not in _raw:
        if len(_raw) >= MAX_TEXTS:
            _raw.clear()
        has_markup = _MARKDOWN.search(text)
        _raw[text] = tuple(_Reader(_parser().parse(text)).blocks() if has_markup else _plain_paragraphs(text))
    return tuple(_set(block, fill, caption, style) for block in _raw[text])


def _set(block: Block, fill: Fill, caption: str, style: Style) -> Block:
    """A block as it was read, its placeholders filled."""
    match block:
        case Paragraph(inlines):
            return Paragraph(_filled(inlines, fill), style)
        case ItemList(items, ordered):
            return ItemList(tuple(tuple(_set(one, fill, caption, style) for one in item) for item in items), ordered)
        case Table(header, rows, _, widths):
            whole = [tuple(Cell(_filled(cell.inlines, fill), cell.align) for cell in row) for row in (header, *rows)]
            return Table(whole[0], tuple(whole[1:]), caption, widths)
    return block


def _filled(inlines: tuple[Inline, ...], fill: Fill) -> tuple[Inline, ...]:
    """Values in place of the empty runs that placeholders are; their typography is set, as that of the rest was."""
    if not any(isinstance(run, Text) and run.filled for run in inlines):
        return inlines
    return tuple(
        Text(typeset(fill(run.filled)), run.strong, run.emphasis, run.filled)
        if isinstance(run, Text) and run.filled
        else run
        for run in inlines
    )


# Signs, spaces and beginnings of lines without which a text holds nothing but paragraphs.
_MARKDOWN = re.compile(r"[*_`\[\]<>~\\&|\0]|[^\S \n]|^ {4}|^ *(?:[-+=#]|\d+[.)])", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n(?: *\n)+")


def _plain_paragraphs(text: str) -> Iterator[Block]:
    """What the parser makes of a text without any markup, much sooner: one paragraph between blank lines."""
    for paragraph in _BLANK_LINES.split(text):
        lines = " ".join(line.strip(" ") for line in paragraph.split("\n")).strip()
        if lines:
            yield Paragraph(tuple(_runs([Text(lines)])))


class _Reader:
    """Walks markdown-it's flat list of tokens; makes blocks of them, typography set, placeholders left empty."""

    def __init__(self, tokens: "Sequence[Token]"):
        self.tokens = tokens
        self.at = 0

    def blocks(self, until: str = "") -> Iterator[Block]:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == until:
                return
            if token.type in ("bullet_list_open", "ordered_list_open"):
                yield self.list(token.type.replace("_open", "_close"))
            elif token.type == "table_open":
                yield self.table()
            elif token.type == "inline":
                yield Paragraph(self.inlines(token))
            elif token.content:  # code or HTML, which `validate` refuses: shown as it stands
                yield Paragraph((Text(typeset(token.content.strip())),))

    def list(self, close: str) -> ItemList:
        items: list[tuple[Block, ...]] = []
        while self.tokens[self.at].type != close:
            self.at += 1  # list_item_open
            items.append(tuple(self.blocks("list_item_close")))
        self.at += 1
        return ItemList(tuple(items), ordered=close.startswith("ordered"))

    def table(self) -> Table:
        rows: list[tuple[Cell, ...]] = []
        cells: list[Cell] = []
        while self.tokens[self.at].type != "table_close":
            token = self.tokens[self.at]
            if token.type in ("th_open", "td_open"):
                align = str(token.attrs.get("style", "")).removeprefix("text-align:") or "left"
                cells.append(Cell(self.inlines(self.tokens[self.at + 1]), align))
            elif token.type == "tr_close":
                rows.append(tuple(cells))
                cells = []
            self.at += 1
        self.at += 1
        width = len(rows[0])
        return Table(rows[0], tuple(rows[1:]), "", even_widths(width))

    def inlines(self, token: "Token") -> tuple[Inline, ...]:
        strong = emphasis = 0
        found: list[Text] = []
        for child in token.children or ():
            match child.type:
                case "strong_open" | "strong_close":
                    strong += child.nesting
                case "em_open" | "em_close":
                    emphasis += child.nesting
                case "softbreak" | "hardbreak":
                    found.append(Text(" ", strong > 0, emphasis > 0))
                case _:
                    found.append(Text(child.content, strong > 0, emphasis > 0))
        return tuple(_runs(_merged(found)))


def _runs(runs: Sequence[Text]) -> Iterator[Text]:
    """Placeholders become empty runs of their own; typography is set on each run, which starts where the last one ended."""
    for run in runs:
        at = 0
        for match in PLACEHOLDER.finditer(run.text):
            if match.start() > at:
                yield Text(typeset(run.text[at : match.start()]), run.strong, run.emphasis)
            yield Text("", run.strong, run.emphasis, filled=match[1])
            at = match.end()
        if at < len(run.text):
            yield Text(typeset(run.text[at:]), run.strong, run.emphasis)


def _merged(runs: Sequence[Text]) -> list[Text]:
    """Neighbours of the same look as one run, so that typography sees across line breaks."""
    merged: list[Text] = []
    for run in runs:
        last = merged[-1] if merged else None
        if last and (last.strong, last.emphasis) == (run.strong, run.emphasis):
            merged[-1] = Text(last.text + run.text, run.strong, run.emphasis)
        elif run.text:
            merged.append(run)
    return merged


def even_widths(columns: int) -> tuple[int, ...]:
    """Column widths in percent that add up to 100."""
    base = 100 // columns
    return (*(base for _ in range(columns - 1)), 100 - base * (columns - 1))


def plain_text(inlines: Sequence[Inline]) -> str:
    """The characters of a line, without its looks."""
    return "".join(cast(Text, inline).text for inline in inlines)


def escape(value: str) -> str:
    """A value made safe to stand in Markdown: every punctuation mark escaped, on one line."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(value.split()))
