"""Digests of texts, and the marks by which a paragraph of a document is known again once edited elsewhere.

A mark is the name of a hidden bookmark: at most 40 letters, digits and `_` (ECMA-376 part 1, 17.13.6.2; a longer name is
cut by Word), a `_` first (hidden in Word's list). Two shapes, and what they hold:

    _rq_HEL_PES_010_p2_k7w2m4qx3n5r2b   paragraph 2 (from 0) of a clause's text; the digest of the source of the field
                                        (7 signs), that of the paragraph as written (6 signs), then a letter from the
                                        second time that the clause stands in the document
    _rq_57_x3n5r2                       paragraph 57 of the document that is no part of a clause, and its digest
    _rq_c_x3n5r2                        in a redline: digest of an author and a time that its own changes bear

Parts of a clause: `t` its title (numbered in the document's order of clauses), `p` a paragraph, item or cell of its text,
`m` the method of a verification, `r` a paragraph of its reasons, `x` a line of fixed words. `_rq_n66` says that the document
has 66 clauses; `_rq_r66_1` the same of a redline, where placeholders stand by name, once at its head (0) and once a clause.
Digests are of SHA-256, in base 32 in marks. They tell a changed text from an unchanged one: they are no signature.

What is digested must stay as it is here from version to version: a document comes back months later.
"""

import hashlib
import json
import re
import string
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from reqgen.model.condition import AllOf, Always, AnyOf, Condition, NoneOf, Test
from reqgen.model.library import Clause, Disclosure, Parameter

TITLE, TEXT, METHOD, REASON, FIXED = "t", "p", "m", "r", "x"
MAX_NAME = 40
_SOURCE_SIGNS, _TEXT_SIGNS = 7, 6
_PREFIX = "_rq_"
_BASE_32 = string.ascii_lowercase + "234567"
_TOKEN = re.compile(r"\w+|\.{3}|[^\w\s]")  # « … » is a sign of its own, the same as three stops
_CLAUSE_MARK = re.compile(
    r"_rq_(?P<id>[A-Z]{3,5}_[A-Z0-9]{2,5}_[0-9]{3})_(?P<part>[tpmrx])(?P<index>[0-9]{1,4})"
    r"_(?P<source>[a-z2-7]{7})(?P<text>[a-z2-7]{6})(?P<turn>[a-z]{0,2})(?P<copy>\W.*|_.*|[0-9]+)?\Z",
    re.ASCII,
)
_OTHER_MARK = re.compile(r"_rq_(?P<index>[0-9]{1,5})_(?P<text>[a-z2-7]{6})(?P<copy>\W.*|_.*|[0-9]+)?\Z", re.ASCII)
_COUNT_MARK = re.compile(r"_rq_(?:n|(?P<redline>r))(?P<count>[0-9]{1,5})(?(redline)_[0-9]{1,5})\Z", re.ASCII)
_ITEM = re.compile(r"(?:[-*+]|[0-9]{1,9}[.)])\s|\|")
# What a word processor sets in place of what is typed, or adds without being seen; and what a terminal or YAML would obey.
_UNSEEN = re.compile("[\u007f-\u0084\u0086-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_TYPED = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("\u2010", "-"), ("\u2011", "-"), ("…", "..."))


class Mark(Struct, frozen=True):
    """What the name of a bookmark of ours says. `clause` is empty for a paragraph that is no part of one.

    `index` is that of the part in the clause, of the clause for a title, of the paragraph outside clauses; `turn` tells
    from 0 the times that a clause stands in the document; `copied` that a word processor named a copy after the mark.
    """

    clause: str
    part: str
    index: int
    source: str
    text: str
    turn: int = 0
    copied: bool = False


class Token(Struct, frozen=True):
    """A word or a sign of a text as it is compared, and where it stands there."""

    word: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words and signs of a text, spaces and typography (no-break spaces, curly apostrophes ...) apart."""
    return [Token(_as_typed(match[0]), *match.span()) for match in _TOKEN.finditer(text)]


def words(text: str) -> list[str]:
    """The words and signs of a text as they are compared."""
    return _TOKEN.findall(_as_typed(seen(text)))


def _as_typed(text: str) -> str:
    for set_by_machine, typed in _TYPED:
        if set_by_machine in text:
            text = text.replace(set_by_machine, typed)
    return text


def seen(text: str) -> str:
    """The text without signs that take no room (soft hyphens, joiners, controls), its accents composed."""
    text = _UNSEEN.sub("", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def text_digest(text: str) -> str:
    """SHA-256, in hexadecimal, of a rendered text: of its words and signs, without regard to spaces and typography."""
    return hashlib.sha256(" ".join(words(text)).encode()).hexdigest()


def source_digest(text: str) -> str:
    """SHA-256, in hexadecimal, of a text of the library: paragraphs, items and rows count, where lines are wrapped does not."""
    rows: list[str] = []
    fresh = True
    for line in text.splitlines():
        row = " ".join(line.split())
        if row and (fresh or _ITEM.match(row)):
            rows.append(f"\n{row}" if fresh and rows else row)
        elif row:
            rows[-1] += f" {row}"
        fresh = not row
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@lru_cache(maxsize=4096)
def short_source(text: str) -> str:
    """The digest of a text of the library as marks have it."""
    return _short(source_digest(text), _SOURCE_SIGNS)


@lru_cache(maxsize=4096)
def short_text(text: str) -> str:
    """The digest of a rendered text as marks have it."""
    return _short(text_digest(text), _TEXT_SIGNS)


def _short(digest: str, signs: int) -> str:
    number = int(digest[:10], 16)  # five bytes are eight signs of five bits (RFC 4648, base 32, in lower case)
    return "".join([_BASE_32[number >> shift & 31] for shift in range(35, 35 - 5 * signs, -5)])


def clause_mark(clause: str, part: str, index: int, source: str, text: str, turn: int = 0) -> str:
    """The bookmark of a part of a clause: `source` is the short digest of the field, `text` the words as written."""
    name = f"{_PREFIX}{clause.replace('-', '_')}_{part}{index}_{source}{short_text(text)}{_letters(turn)}"
    return name if len(name) <= MAX_NAME else ""


def other_mark(index: int, text: str) -> str:
    """The bookmark of a paragraph that is no part of a clause."""
    return f"{_PREFIX}{index}_{short_text(text)}"


def count_mark(count: int) -> str:
    """The bookmark that says how many clauses the document has."""
    return f"{_PREFIX}n{count}"


def redline_mark(count: int, number: int) -> str:
    """The bookmark that says that the document is a redline, and of how many clauses; `number` tells it from its likes."""
    return f"{_PREFIX}r{count}_{number}"


def _letters(turn: int) -> str:
    """« », b, c ... z, then two letters; past them the reader tells the turns by their order."""
    if turn < 1:
        return ""
    letters = string.ascii_lowercase
    return letters[turn] if turn < 26 else letters[turn // 26 % 26] + letters[turn % 26]


def _turn(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + string.ascii_lowercase.index(letter)
    return number


def read_mark(name: str) -> Mark | None:
    """What a bookmark's name says; None when it is not one of ours, or counts clauses."""
    if match := _CLAUSE_MARK.match(name):
        clause = match["id"].replace("_", "-")
        turn, copied = _turn(match["turn"]), match["copy"] is not None
        return Mark(clause, match["part"], int(match["index"]), match["source"], match["text"], turn, copied)
    if match := _OTHER_MARK.match(name):
        return Mark("", FIXED, int(match["index"]), "", match["text"], copied=match["copy"] is not None)
    return None


def read_count(name: str) -> int | None:
    """How many clauses the document had, when the bookmark says it."""
    match = _COUNT_MARK.match(name)
    return int(match["count"]) if match else None


def credit_mark(author: str, minute: str) -> str:
    """The bookmark that says that a redline's own changes bear this author and minute, « 2026-11-24 10:32 » or nothing."""
    return f"{_PREFIX}c_{short_text(f'{author} {minute}')}"


def is_redline(name: str) -> bool:
    """Whether the bookmark says that the document is a redline."""
    match = _COUNT_MARK.match(name)
    return match is not None and match["redline"] is not None


# What a review was given on

_EMPTY: tuple[object, ...] = (None, "", [], {})


def clause_digest(clause: Clause) -> str:
    """SHA-256, in hexadecimal, of all that a lawyer approves in a clause, as its file gives it (domains under their own ids).

    That is: what is required, of whom, when, how it is checked, on what it rests. Left out are the review itself, the
    theme and the rules of prose that the clause does not follow, where and how the file is laid out, and `motif`, which no
    bidder reads and no contract holds: explaining a clause better must not undo its review. `surcharge` counts as there or
    not, since to stand in for a clause of the library is something to approve.

    Format: JSON in UTF-8, keys sorted, no spaces, of the values under the keys of the YAML file. Empty values, and a
    disclosure to all, are left out, so that a key given one day to the format changes no digest. Spaces and wrapping do
    not count; paragraphs, items and their nesting, rows do. A list whose order says nothing is sorted by the JSON of its
    items, and its repeats dropped. A whole number is written without its decimals.
    """
    text = json.dumps(_approved(clause), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _approved(clause: Clause) -> dict[str, Any]:
    """The clause as it is digested. A key never changes its name nor its meaning."""
    public = clause.disclosure is Disclosure.PUBLIC
    return _filled(
        id=clause.id,
        titre=_line(clause.title),
        nature=str(clause.nature),
        niveau=str(clause.level),
        sous_critere=_line(clause.sub_criterion),
        palier=str(clause.tier),
        piece=str(clause.piece),
        diffusion="" if public else str(clause.disclosure),
        deroge_a=_unordered(clause.departs_from),
        domaines=_unordered(domain.id for domain in clause.domains),
        si="" if isinstance(clause.condition, Always) else _condition(clause.condition),
        texte=_rows(clause.text.text),
        parametres={parameter.name: _parameter(parameter) for parameter in clause.parameters},
        requiert=_unordered(other.id for other in clause.requires),
        incompatible_avec=_unordered(other.id for other in clause.incompatible),
        remplace=_unordered(other.id for other in clause.replaces),
        verification=_unordered(
            [str(check.phase), check.mode, check.by, _rows(check.method.text)] for check in clause.verifications
        ),
        exigible=str(clause.due or ""),
        reponse=str(clause.answer),
        livrables=_unordered(
            [_line(item.name), str(item.milestone), _line(item.delay)] for item in clause.deliverables
        ),
        sources=_unordered(
            _filled(
                id=citation.source,
                article=_line(citation.article),
                oblige_si=None if citation.binds_if is None else _condition(citation.binds_if),
            )
            for citation in clause.citations
        ),
        en_vigueur_du=clause.in_force_from.isoformat() if clause.in_force_from else "",
        en_vigueur_au=clause.in_force_until.isoformat() if clause.in_force_until else "",
        surcharge="oui" if clause.override_reason else "",
    )


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return _filled(
        libelle=_line(parameter.label),
        type=str(parameter.kind),
        unite=_line(parameter.unit),
        defaut=_value(parameter.default),
        min=_value(parameter.minimum),
        max=_value(parameter.maximum),
        longueur_max=parameter.max_length,
        choix=_unordered(map(_line, parameter.choices)),
    )


def _condition(condition: Condition) -> Any:
    match condition:
        case Always():
            return "toujours"
        case Test(fact, comparison, operands):
            return [fact, str(comparison), _unordered(_value(operand.value) for operand in operands)]
        case AllOf(parts):
            return {"tous": _unordered(map(_condition, parts))}
        case AnyOf(parts):
            return {"au_moins_un": _unordered(map(_condition, parts))}
        case NoneOf(parts):
            return {"aucun": _unordered(map(_condition, parts))}


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in _EMPTY}


def _unordered(items: Iterable[Any]) -> list[Any]:
    """The items sorted by their JSON, each once."""
    named = {json.dumps(item, ensure_ascii=False, sort_keys=True): item for item in items}
    return [named[name] for name in sorted(named)]


def _value(value: str | int | float | None) -> str | int | float | None:
    if isinstance(value, str):
        return _line(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _line(text: str) -> str:
    return " ".join(text.split())


def _rows(text: str) -> list[str]:
    """The paragraphs, items and rows of a text, lines joined, each as far in as it is deep in items; "" parts paragraphs."""
    rows: list[str] = []
    items: list[int] = []  # the columns of the items that the row stands in
    for line in text.splitlines():
        row, column = _line(line), len(line) - len(line.lstrip())
        if row and rows and rows[-1] and not _ITEM.match(row):
            rows[-1] += f" {row}"
        elif row:
            items = [outer for outer in items if outer < column]
            rows.append(f"{'  ' * len(items)}{row}")
            items += [column] if _ITEM.match(row) else []
        elif rows and rows[-1]:
            rows.append("")
    return rows[:-1] if rows and not rows[-1] else rows
