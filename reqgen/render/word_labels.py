"""The numbers of headings as Word will show them, in the numbering of the template in use.

A buyer's template may number « Article 1 » or « II.A » where the document's own numbers are « 1 » and « 2.1 »:
the table of contents and the cross-references are written as Word would fill them. Source: ECMA-376 part 1, 17.9.
"""

import re
from collections.abc import Mapping, Sequence

from reqgen.model.document import Heading
from reqgen.render.word_numbering import Element, Level, Numbering, value, w, whole

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def labels(headings: Sequence[Heading], levels: Mapping[int, Level], numbering: Numbering) -> list[str]:
    """Number the headings in order; one without a number gets none, one that Word can't number keeps its own."""
    counters: dict[str, dict[int, int]] = {}
    tables = {at.num: _levels(numbering.abstract(at.num)) for at in levels.values()}
    found: list[str] = []
    for heading in headings:
        at = levels.get(heading.level)
        if at is None or at.level not in tables[at.num] or not heading.number:
            found.append(heading.number)
            continue
        defined = tables[at.num]
        # Several w:num may share one count: that of their levels.
        abstract = numbering.abstract(at.num)
        counts = counters.setdefault("" if abstract is None else abstract.get(w("abstractNumId"), ""), {})
        _count(counts, defined, at.level)
        found.append(_label(counts, defined, at.level))
    return found


def _levels(abstract: Element | None) -> dict[int, Element]:
    rows = [] if abstract is None else abstract.findall(w("lvl"))
    return {whole(row.get(w("ilvl"), "")): row for row in rows}


def _count(counts: dict[int, int], defined: Mapping[int, Element], level: int) -> None:
    """Advance a level; those below start again unless they say otherwise."""
    counts[level] = counts.get(level, _start(defined, level) - 1) + 1
    for below in [key for key in counts if key > level]:
        if value(defined.get(below), "lvlRestart") != "0":
            del counts[below]


def _start(defined: Mapping[int, Element], level: int) -> int:
    return whole(value(defined.get(level), "start"), 1)


def _label(counts: Mapping[int, int], defined: Mapping[int, Element], level: int) -> str:
    own = defined[level]
    legal = own.find(w("isLgl")) is not None

    def number(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        form = "decimal" if legal else value(defined.get(at), "numFmt")
        return _formatted(counts.get(at, _start(defined, at)), form)

    return re.sub(r"%([1-9])", number, value(own, "lvlText")).strip()


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
