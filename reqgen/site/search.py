"""What the search of the site looks through, as a script: a page opened from the disk may not read a file of data."""

import json
import unicodedata
from collections.abc import Iterable, Mapping

from reqgen.prose import typeset

KEYS = frozenset({"id", "lien", "theme", "palier", "niveau", "piece", "domaines"})
"""Values that the script compares or follows; the others are words to read, in French typography."""
HEAD = '"use strict";\n// Written with the site: one entry a page.\nwindow.INDEX_RECHERCHE = [\n'


def index(entries: Iterable[Mapping[str, str]]) -> str:
    """The entries as a script, in composed characters, so that taking the accents off a text keeps its length."""
    rows = (json.dumps(_composed(entry), ensure_ascii=False, separators=(",", ":")) for entry in entries)
    # what a script could take for an end of line, or a browser for markup
    text = ",\n".join(rows).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("<", "\\u003c")
    return f"{HEAD}{text}\n];\n"


def _composed(entry: Mapping[str, str]) -> dict[str, str]:
    return {
        key: unicodedata.normalize("NFC", value if key in KEYS else typeset(value))
        for key, value in entry.items()
        if value
    }
