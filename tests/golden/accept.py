"""Files that hold what was accepted: compared, or rewritten with `pytest --accept`."""

import difflib
from pathlib import Path

import pytest

from tests.helpers import ROOT

MOST_LINES = 60


def settled(path: Path, text: str, accept: bool) -> None:
    """Fail when the file is not that text, showing the difference; with `accept`, write it, if it differs."""
    before = path.read_text("utf-8") if path.is_file() else None
    if text == before:
        return
    if accept:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
        return
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    how = "`.venv/bin/pytest --accept tests/golden` writes it; then read the difference before you commit"
    if before is None:
        pytest.fail(f"{name} is missing: {how}", pytrace=False)
    changes = list(difflib.unified_diff(before.splitlines(), text.splitlines(), "accepted", "now", n=0, lineterm=""))
    rest = [f"… and {len(changes) - MOST_LINES} more lines"] if len(changes) > MOST_LINES else []
    pytest.fail("\n".join([f"{name} is stale: {how}", *changes[:MOST_LINES], *rest]), pytrace=False)
