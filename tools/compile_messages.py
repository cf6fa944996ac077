"""Compile click's French words: messages.po -> messages.mo. Run by hand after a change; a test holds them equal."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent.parent / "reqgen" / "cli" / "locale" / "fr" / "LC_MESSAGES"


def main() -> None:
    """Write messages.mo beside messages.po."""
    with (FOLDER / "messages.po").open("rb") as source, (FOLDER / "messages.mo").open("wb") as target:
        write_mo(target, read_po(source, locale="fr"))


if __name__ == "__main__":
    main()
