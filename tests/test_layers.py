"""The rooms and who may call whom, as pyproject.toml says."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import ROOT


def test_imports_follow_the_contract():
    pytest.importorskip("importlinter")
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program)] if program.exists() else [sys.executable, "-m", "importlinter.cli"]
    ran = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "KEPT" in ran.stdout or "kept" in ran.stdout


def test_the_ground_floor_knows_nobody():
    for path in sorted((ROOT / "reqgen" / "model").glob("*.py")):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith(("from reqgen", "import reqgen")):
                assert line.startswith("from reqgen.model"), f"{path.name}: {line}"


def test_only_the_files_room_and_the_terminal_touch_the_disk():
    """select, assemble and model compute from values alone: no file, no clock, no environment."""
    for room in ("model", "select", "assemble"):
        for path in sorted((ROOT / "reqgen" / room).glob("*.py")):
            text = path.read_text("utf-8")
            for word in (
                "open(",
                "date.today",
                "datetime.now",
                "os.environ",
                "import os",
                "pathlib",
                "random",
                "import time",
            ):
                assert word not in text, f"{path.relative_to(ROOT)} uses {word}"
