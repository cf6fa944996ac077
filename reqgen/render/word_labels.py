"""The numbers of headings as Word will show them, in the numbering of the template in use.

A buyer's template may number « Article 1 » or « II.A » where the document's own numbers are « 1 » and « 2.1 »:
the table of contents and the cross-references are written as Word would fill them. Source: ECMA-376 part 1, 17.9.
"""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from reqgen.model.document import Heading
from reqgen.render.word_numbering import Element, Level, Numbering, value, w, whole

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


class _Counter(Struct, frozen=True):
    """How a level is numbered, read once."""

    pattern: str
    form: str
    start: int
    restarts: bool
    legal: bool


_UNDEFINED = _Counter("", "", 1, restarts=True, legal=False)


class _Table(Struct, frozen=True):
    """The levels of a numbering; those that share their levels share one count, named `count`."""

    levels: dict[int, _Counter]
    count: str


def labels(headings: Sequence[Heading], levels: Mapping[int, Level], numbering: Numbering) -> list[str]:
    """Number the headings in order; one without a number gets none, one that Word can't number keeps its own."""
    counters: dict[str, dict[int, int]] = {}
    tables = {at.num: _table(numbering.abstract(at.num)) for at in levels.values()}
    found: list[str] = []
    for heading in headings:
        at = levels.get(heading.level)
        if at is None or at.level not in tables[at.num].levels or not heading.number:
            found.append(heading.number)
            continue
        table = tables[at.num]
        counts = counters.setdefault(table.count, {})
        _count(counts, table.levels, at.level)
        found.append(_label(counts, table.levels, at.level))
    return found


def _table(abstract: Element | None) -> _Table:
    rows = [] if abstract is None else abstract.findall(w("lvl"))
    levels = {
        whole(row.get(w("ilvl"), "")): _Counter(
            value(row, "lvlText"),
            value(row, "numFmt"),
            whole(value(row, "start"), 1),
            restarts=value(row, "lvlRestart") != "0",
            legal=row.find(w("isLgl")) is not None,
        )
        for row in rows
    }
    return _Table(levels, "" if abstract is None else abstract.get(w("abstractNumId"), ""))


def _count(counts: dict[int, int], levels: Mapping[int, _Counter], level: int) -> None:
    """Advance a level; those below start again unless they say otherwise."""
    counts[level] = counts.get(level, levels[level].start - 1) + 1
    for below in [key for key in counts if key > level]:
        if levels[below].restarts:
            del counts[below]


def _label(counts: Mapping[int, int], levels: Mapping[int, _Counter], level: int) -> str:
    own = levels[level]

    def number(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        defined = levels.get(at, _UNDEFINED)
        return _formatted(counts.get(at, defined.start), "decimal" if own.legal else defined.form)

    return re.sub(r"%([1-9])", number, own.pattern).strip()


def _formatted(number: int, form: str) -> str:
    """Write a number in one of Word's formats; unusual ones fall back to plain digits."""
    match form:
        case "upperRoman" | "lowerRoman":
            text = _roman(number)
        case "upperLetter" | "lowerLetter":
            # Past Z, Word repeats the letter: AA, BB.
            text = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1) if 0 < number < 1000 else str(number)
        case "decimalZero":
            text = f"{number:02d}"
        case "none" | "bullet":
            text = ""
        case _:
            text = str(number)
    return text.lower() if form.startswith("lower") else text


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    text = ""
    for size, sign in _ROMAN:
        text += sign * (number // size)
        number %= size
    return text
