"""Small helpers on French words, used by every room that speaks to the user."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def plain(word: str) -> str:
    """The word in lower case, without accents, `_` read as `-`: for comparing what people type."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).replace("_", "-")


def near(word: str, known: Iterable[str]) -> str:
    """« ; vouliez-vous dire « x » ? » when a known word is close, accents aside; else an empty string."""
    by_plain = {plain(candidate): candidate for candidate in known}
    found = get_close_matches(plain(word), by_plain, n=1, cutoff=0.6)
    return f" ; vouliez-vous dire « {by_plain[found[0]]} » ?" if found else ""


def natural(text: str) -> list[tuple[int, str]]:
    """A key that sorts numbers in a text by their value: « 2 » before « 10 »."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"([0-9]+)", text) if part]


def enumerate_words(words: Sequence[str], link: str = "et") -> str:
    """« a, b et c »."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {link} {words[-1]}"


def french_date(day: date) -> str:
    """« 1er mars 2027 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def french_number(value: int | float) -> str:
    """« 1 234,5 » with no-break thin spaces between thousands."""
    text = f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    return text.replace(",", "\u202f").replace(".", ",")


def count(number: int, singular: str, plural: str | None = None) -> str:
    """« 1 clause », « 3 clauses », « 0 clause »."""
    return f"{french_number(number)} {singular if abs(number) < 2 else plural or singular + 's'}"
