"""The language in which rules of prose say what they look for: words, not regular expressions.

Rules come with packs that strangers wrote, so the language has nothing that repeats without a bound: an expression
compiles to literals, to runs of letters of at most 30 signs and to at most two gaps of at most four words. The time to try
one at a place of a text is bounded, whatever both hold.

- `dans les meilleurs délais`: these words, any spaces between them, straight or curly apostrophes;
- `devra`, `PDP`: a word without capitals is found in any case; one with a capital, only as it is written;
- `engag*`, `*connect`: a word that begins so, ends so;
- `doit|doivent`: either word;
- `délai … de`: at most four words in between, in the same sentence;
- `{durée}` `{pourcentage}` `{montant}` `{nombre}`: a quantity, in figures or as a parameter of that kind; the last has no unit.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import islice, takewhile

from msgspec import Struct

from reqgen.model.library import Parameter, ParameterKind

WORD = re.compile(r"\w+")
GAP = "…"
MAX_TAIL = 30
SPACE = r"\s{1,20}"
BETWEEN = rf"[^\s\w.;:!?]{{0,3}}(?:\s{{1,20}}[^\s.;:!?]{{1,60}}){{0,4}}?{SPACE}"

# What stands for a placeholder in a text that is searched: as long as it, and of its parameter's kind.
DURATION_MARK, PERCENTAGE_MARK, AMOUNT_MARK, NUMBER_MARK, OTHER_MARK = "\ue001", "\ue002", "\ue003", "\ue004", "\ue005"
FIGURES = r"(?<![\w,.])\d{1,9}(?:\s\d{3}){0,3}(?:,\d{1,6})?"
TIME = r"(?:secondes?|minutes?|heures?|jours?|semaines?|mois|ans?|années?|h|j|min)"
IN_WORDS = (
    r"(?<![\w-])(?i:une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|quinze|vingt|trente|quarante|quarante-cinq"
    r"|quarante-huit|soixante|soixante-douze|quatre-vingt-dix|cent)"
)
TIME_UNIT = re.compile(rf"{TIME}(?!\w)")
QUANTITIES = {
    "{durée}": rf"(?:\ue001{{1,200}}|(?:{FIGURES}\s?|{IN_WORDS}\s){TIME}(?!\w))",
    "{pourcentage}": rf"(?:\ue002{{1,200}}|{FIGURES}\s?%)",
    "{montant}": rf"(?:\ue003{{1,200}}|{FIGURES}\s?(?:€|euros?(?!\w)))",
    "{nombre}": rf"(?:\ue004{{1,200}}|{FIGURES})(?!\w|[,.]\d|\s?[%€]|\s\d|\s?(?:{TIME}|euros?)(?!\w))",
}


def mark_of(parameter: Parameter | None) -> str:
    """The sign that hides a placeholder of the parameter; one with a unit of time is a duration, whatever its type."""
    if parameter is None:
        return OTHER_MARK
    if parameter.kind is ParameterKind.DURATION or TIME_UNIT.match(parameter.unit):
        return DURATION_MARK
    if parameter.kind is ParameterKind.PERCENTAGE:
        return PERCENTAGE_MARK
    if parameter.kind is ParameterKind.AMOUNT:
        return AMOUNT_MARK
    numeric = parameter.kind in (ParameterKind.INTEGER, ParameterKind.DECIMAL)
    return NUMBER_MARK if numeric and not parameter.unit else OTHER_MARK


class Touch(StrEnum):
    """Where a word of an expression may go on."""

    WHOLE = "whole"
    START = "start"
    END = "end"
    INSIDE = "inside"


class Key(Struct, frozen=True):
    """A word, in lower case, that a text must hold for an expression to stand in it."""

    word: str
    touch: Touch = Touch.WHOLE

    def among(self, vocabulary: Sequence[str]) -> Iterable[str]:
        """The words of a sorted vocabulary that it stands for."""
        match self.touch:
            case Touch.WHOLE:
                return (self.word,)
            case Touch.START:
                first = bisect_left(vocabulary, self.word)
                return takewhile(lambda word: word.startswith(self.word), islice(vocabulary, first, None))
            case Touch.END:
                return (word for word in vocabulary if word.endswith(self.word))
            case Touch.INSIDE:
                return (word for word in vocabulary if self.word in word)


@lru_cache(maxsize=8192)
def compiled(expression: str) -> re.Pattern[str] | None:
    """The pattern that finds an expression; None when it holds no word at all."""
    parts: list[str] = []
    gap = False
    for token in expression.split():
        if token.strip(GAP) == "":
            gap = bool(parts)
            continue
        if parts:
            parts.append(BETWEEN if gap else SPACE)
        parts.append(QUANTITIES.get(token) or _alternatives(token))
        gap = False
    return re.compile("".join(parts)) if parts else None


@lru_cache(maxsize=8192)
def keys_of(expression: str) -> tuple[tuple[Key, ...], ...]:
    """For each word of the expression, those of which a text must hold one; nothing for a quantity or a sign."""
    found: list[tuple[Key, ...]] = []
    for token in expression.split():
        options = _options(token)
        keys = [key for part in options if token not in QUANTITIES and (key := _key(part))]
        if len(keys) == len(options):
            found.append(tuple(keys))
    return tuple(found)


class Anchor(Struct, frozen=True):
    """Signs, in lower case, with which a place of an expression is quickly found, and how far in it they stand."""

    signs: str
    offset: int


@lru_cache(maxsize=8192)
def anchors_of(expression: str) -> tuple[Anchor, ...]:
    """The anchors, one of which every place of the expression has; none when it may begin with anything."""
    tokens = expression.split()
    if not tokens or tokens[0] in QUANTITIES or tokens[0].strip(GAP) == "":
        return ()
    found: list[Anchor] = []
    for part in _options(tokens[0]):
        letters, before, _ = _wild(part.lower())
        runs = [(match[0], match.start()) for match in WORD.finditer(letters)] or [(letters, 0)]
        if before or letters == "'" or letters == "’":
            return ()
        found.append(Anchor(*max(runs, key=lambda run: len(run[0]))))
    return tuple(found)


def _options(token: str) -> list[str]:
    return [part for part in token.split("|") if part] or [token]


def _wild(part: str) -> tuple[str, bool, bool]:
    """The letters of a word, and whether it may go on before and after them."""
    before = len(part) > 1 and part[0] == "*" and part[1].isalnum()
    after = len(part) > 1 and part[-1] == "*" and part[-2].isalnum()
    return part[before : len(part) - after], before, after


def _key(part: str) -> Key | None:
    letters, before, after = _wild(part.lower())
    runs = [(match.start(), match[0]) for match in WORD.finditer(letters)]
    if not runs:
        return None
    start, word = max(runs, key=lambda run: len(run[1]))
    grows_before = before and start == 0
    grows_after = after and start + len(word) == len(letters)
    touches = {
        (False, False): Touch.WHOLE,
        (False, True): Touch.START,
        (True, False): Touch.END,
        (True, True): Touch.INSIDE,
    }
    return Key(word, touches[grows_before, grows_after])


def _alternatives(token: str) -> str:
    parts = "|".join(_word(part) for part in _options(token))
    return f"(?:{parts})"


def _word(part: str) -> str:
    letters, before, after = _wild(part)
    body = re.escape(letters).replace("’", "'").replace("'", "['’]")
    if letters == letters.lower():
        body = f"(?i:{body})"
    start = rf"(?<!\w)\w{{0,{MAX_TAIL}}}" if before else _start(letters)
    end = rf"\w{{0,{MAX_TAIL}}}(?!\w)" if after else _end(letters)
    return f"{start}{body}{end}"


def _start(letters: str) -> str:
    """A word does not begin inside another, nor a number inside another: 4.1 is not in 14.1, nor in 2.4.1."""
    if letters[0].isdigit():
        return r"(?<!\w)(?<!\d[.,])"
    return r"(?<!\w)" if letters[0].isalnum() else ""


def _end(letters: str) -> str:
    if letters[-1].isdigit():
        return r"(?!\w|[.,]\d)"
    return r"(?!\w)" if letters[-1].isalnum() else ""
