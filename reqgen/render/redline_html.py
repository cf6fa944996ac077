"""Two versions of clauses as one web page that stands alone: no script, nothing fetched, every text escaped.

What changed is in `ins` and `del`, underlined or struck, and said in words that a screen reader speaks and eyes don't see.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape

from reqgen.model.revision import (
    Annex,
    Credit,
    Grid,
    Line,
    Op,
    Piece,
    Redline,
    Role,
    Row,
    Section,
    Shape,
    credits_of,
    joined,
)
from reqgen.model.words import french_date

TITLE = "Bibliothèque de clauses : modifications"
LEGEND = "Les mots ajoutés sont soulignés, les mots supprimés sont barrés. Un paramètre est montré par son nom, entre crochets."
_STAMP = re.compile(r'(<meta name="reqgen-empreinte" content=")([0-9a-f]*)(">)')
_TAGS = {Op.OLD: ("del", "supprimé"), Op.NEW: ("ins", "ajouté")}
_ROLES = {
    Role.BODY: "paragraphe",
    Role.BULLET: "puce",
    Role.NUMBER: "numéro",
    Role.CONTINUE: "suite d’une puce",
}
_STYLE = """
:root { color-scheme: light }
body { font: 1rem/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 60rem; margin: 0 auto; padding: 1rem }
h1, h2 { color: #1f3864; line-height: 1.25 } h2 { border-top: 2px solid #1f3864; padding-top: .75rem; margin-top: 2.5rem }
a { color: #0b4f9e } a:focus { outline: 3px solid #0b4f9e; outline-offset: 2px }
ins { background: #e3f5e1; color: #10430c; text-decoration: underline 2px }
del { background: #fde8e8; color: #7a0b0b; text-decoration: line-through 2px }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 } caption { text-align: left; font-weight: bold }
th, td { border: 1px solid #8a8a8a; padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
thead th { background: #e4eaf4 } tbody th { width: 26%; font-weight: normal }
.slot { background: #e4eaf4; color: #1b1b1b } .said { color: #4a4a4a }
li.gone::marker { color: #7a0b0b }
.center { text-align: center } .right { text-align: right }
.voice { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.skip { position: absolute; left: -99rem } .skip:focus { left: 1rem }
@media print { h2 { break-after: avoid } tr { break-inside: avoid } nav { break-after: page } }
"""


def write(redline: Redline) -> bytes:
    """The page, in UTF-8; same inputs, same bytes. It bears a stamp, see `is_untouched`."""
    page = "\n".join([*_head(redline), *_contents(redline), *_main(redline), "</body>", "</html>", ""])
    return _STAMP.sub(rf"\g<1>{_digest(page)}\3", page, count=1).encode()


def is_untouched(data: bytes) -> bool:
    """Whether the page is one that we wrote, and nobody changed it since."""
    try:
        page = data.decode()
    except UnicodeDecodeError:
        return False
    found = _STAMP.search(page)
    return found is not None and found[2] == _digest(_STAMP.sub(r"\1\3", page, count=1))


def _digest(page: str) -> str:
    return hashlib.sha256(page.encode()).hexdigest()


def _head(redline: Redline) -> Iterator[str]:
    versions = f"{redline.folder} : de {redline.old} à {redline.new}"
    yield '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="reqgen-empreinte" content="">'
    yield f"<title>{TITLE} ({escape(redline.new)})</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#clauses">Aller aux clauses</a>'
    yield f"<header>\n<h1>{TITLE}</h1>\n<p>{escape(versions)}</p>"
    yield from _items(redline.remarks)
    yield f"<p>{LEGEND}</p>\n</header>"


def _contents(redline: Redline) -> Iterator[str]:
    yield '<nav aria-labelledby="sommaire">\n<h2 id="sommaire">Sommaire</h2>\n<ol>'
    for section in redline.sections:
        yield f'<li><a href="#{_anchor(section)}">{_title(section)}</a> <span class="said">{escape(section.told)}</span></li>'
    for number, annex in enumerate(redline.annexes, 1):
        yield f'<li><a href="#annexe-{number}">{escape(annex.title)}</a></li>'
    yield "</ol>\n</nav>"


def _main(redline: Redline) -> Iterator[str]:
    yield '<main id="clauses" tabindex="-1">'
    for section in redline.sections:
        yield from _section(section)
    if not redline.sections:
        yield "<p>Aucune clause ne change.</p>"
    for number, annex in enumerate(redline.annexes, 1):
        yield from _annex(annex, f"annexe-{number}")
    yield "</main>"


def _anchor(section: Section) -> str:
    return f"clause-{escape(section.id)}"


def _title(section: Section) -> str:
    """The clause's line, as it is now or last was."""
    first = section.parts[0]
    pieces = first.pieces if isinstance(first, Line) else ()
    side = Op.OLD if section.op is Op.OLD else Op.NEW
    return escape("".join(piece.text for piece in pieces if piece.op in (Op.SAME, side)))


def _annex(annex: Annex, anchor: str) -> Iterator[str]:
    yield f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{escape(annex.title)}</h2>'
    depth = 0
    for at, text in annex.items:
        level = min(max(at, 1), depth + 1)  # a list opens one level at a time
        yield "<ul>\n" if level > depth else "</li>\n</ul>\n" * (depth - level) + "</li>"
        yield f"<li>{escape(text)}"
        depth = level
    yield f"{'</li></ul>' * depth}\n</section>"


def _items(texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield "<ul>"
        yield from (f"<li>{escape(text)}</li>" for text in texts)
        yield "</ul>"


def _section(section: Section) -> Iterator[str]:
    anchor = _anchor(section)
    yield f'<section aria-labelledby="{anchor}">'
    lists = _Lists()
    for part in section.parts:
        if isinstance(part, Line) and part.shape.role in _IN_LISTS:
            yield lists.item(part)
            continue
        yield lists.close()
        if isinstance(part, Grid):
            yield from _table(part)
        elif part.shape.role is Role.CLAUSE:
            credits = "".join(_credit(credit) for credit in credits_of(section))
            yield f'<h2 id="{anchor}">{_line(part)}</h2>\n<p class="said">{escape(section.told)}{credits}</p>'
            yield from _items(section.senses)
        elif part.shape.role is Role.PART:
            yield f"<h3>{_line(part)}</h3>"
        elif part.shape.role is not Role.GAP:
            yield f"<p>{_line(part)}</p>"
    yield f"{lists.close()}</section>"


def _credit(credit: Credit) -> str:
    if not credit.when:
        return f" ; {escape(credit.author)}"
    day = datetime.fromisoformat(credit.when)
    return f' ; {escape(credit.author)}, le <time datetime="{escape(credit.when)}">{french_date(day.date())}</time>'


# Words


def _line(line: Line) -> str:
    """The words of a paragraph, then what became of its end and of its shape when that shows otherwise in no word."""
    words = _pieces(line.pieces)
    if line.mark is not Op.SAME and any(piece.op is not line.mark for piece in line.pieces):
        tag, said = _TAGS[line.mark]
        words += (
            f'<{tag}><span class="voice"> fin de paragraphe {said}e </span><span aria-hidden="true">¶</span></{tag}>'
        )
    if line.was is not None and line.was.role is not line.shape.role:
        words += (
            f' <span class="said">({_ROLES.get(line.was.role, "")} devenu {_ROLES.get(line.shape.role, "")})</span>'
        )
    elif line.was is not None and line.was.depth != line.shape.depth:
        words += f' <span class="said">(niveau {line.was.depth} devenu {line.shape.depth})</span>'
    return words


def _pieces(pieces: Iterable[Piece]) -> str:
    """The words; neighbours that went, or came, are in one `del` or `ins`."""
    found: list[str] = []
    current = Op.SAME
    for piece in (*joined(pieces), Piece("")):
        if piece.op is not current:
            found += [_close(current), _open(piece.op)]
            current = piece.op
        found.append(_piece(piece))
    return "".join(found)


def _open(op: Op) -> str:
    if op is Op.SAME:
        return ""
    tag, said = _TAGS[op]
    return f'<{tag}><span class="voice"> [{said} : </span>'


def _close(op: Op) -> str:
    return "" if op is Op.SAME else f'<span class="voice">] </span></{_TAGS[op][0]}>'


def _piece(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.slot:
        text = f'<span class="slot">{text}</span>'
    if piece.emphasis:
        text = f"<em>{text}</em>"
    return f"<strong>{text}</strong>" if piece.strong else text


# Tables and lists


def _table(grid: Grid) -> Iterator[str]:
    head, *rows = grid.rows
    yield f"<table>\n<caption>{escape(grid.caption)}</caption>\n<thead>{_row(head, grid.aligns, ('col',) * len(head.cells))}</thead>"
    scopes = ("row", *("",) * (len(head.cells) - 1))
    yield "<tbody>"
    yield from (_row(row, grid.aligns, scopes) for row in rows)
    yield "</tbody>\n</table>"


def _row(row: Row, aligns: Sequence[str], scopes: Sequence[str]) -> str:
    return f"<tr>{''.join(map(_cell, row.cells, aligns, scopes))}</tr>"


def _cell(pieces: Sequence[Piece], align: str, scope: str) -> str:
    tag, head = ("th", f' scope="{scope}"') if scope else ("td", "")
    look = f' class="{align}"' if align in ("center", "right") else ""
    return f"<{tag}{head}{look}>{_pieces(pieces)}</{tag}>"


_IN_LISTS = (Role.BULLET, Role.NUMBER, Role.CONTINUE)


class _Lists:
    """Opens and closes lists as items come; its state is the lists that are open, from the outside in."""

    def __init__(self) -> None:
        self.open: list[Shape] = []
        self.counts: dict[int, int] = {}
        self.old_counts: dict[int, int] = {}

    def close(self, depth: int = 0) -> str:
        """End the lists deeper than `depth`."""
        written = ""
        while len(self.open) > depth:
            written += f"</li></{self._tag(self.open.pop())}>"
        return written

    def item(self, line: Line) -> str:
        """An item, or a further paragraph of one."""
        shape = line.shape
        if shape.role is Role.CONTINUE:
            return f"{self.close(shape.depth)}<p>{_line(line)}</p>"
        written = self.close(shape.depth)
        if len(self.open) == shape.depth:
            if self._same_list(self.open[-1], shape):
                return f"{written}</li>{self._start(line)}"
            written += self.close(shape.depth - 1)
        while len(self.open) < shape.depth:
            between = len(self.open) < shape.depth - 1
            self.open.append(Shape(Role.BULLET, len(self.open) + 1) if between else shape)
            written += f"<{self._tag(self.open[-1])}>{'<li>' if between else ''}"
        return written + self._start(line)

    @staticmethod
    def _same_list(last: Shape, shape: Shape) -> bool:
        return last.role is shape.role

    @staticmethod
    def _tag(shape: Shape) -> str:
        return "ol" if shape.role is Role.NUMBER else "ul"

    def _start(self, line: Line) -> str:
        """The start of an item with its own number: an item that went does not count among those that stay."""
        value = ""
        was = line.was or line.shape
        if line.mark is not Op.NEW and was.role is Role.NUMBER:
            self.old_counts[was.count] = self.old_counts.get(was.count, 0) + 1
            value = f' value="{self.old_counts[was.count]}"'
        if line.mark is not Op.OLD and line.shape.role is Role.NUMBER:
            self.counts[line.shape.count] = self.counts.get(line.shape.count, 0) + 1
            value = f' value="{self.counts[line.shape.count]}"'
        gone = ' class="gone"' if line.mark is Op.OLD else ""
        return f"<li{value if line.shape.role is Role.NUMBER else ''}{gone}>{_line(line)}"
