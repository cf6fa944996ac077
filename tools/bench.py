"""Measure what a user waits for, as ratios of interleaved runs on this machine (`make bench`). No test asserts a time.

Times of one machine drift; the ratio of two commands run in turn does not.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS = 7
EXAMPLES = ("commune-finances", "epci-portail-famille", "groupement-trois-lots", "departement-solidarites")
"""One of each tier, and the largest document."""


def seconds(command: list[str]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - start


def compare(name: str, command: list[str], reference: list[str]) -> None:
    """Median of both, and their ratio, over interleaved runs."""
    runs = [(seconds(command), seconds(reference)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*runs, strict=True))
    print(
        f"{name:44} {ours * 1000:7.0f} ms   {ours / theirs:5.2f} x {' '.join(reference[1:])} ({theirs * 1000:.0f} ms)"
    )


def main() -> None:
    """Every measure, one line each."""
    reqgen = [sys.executable, "-m", "reqgen"]
    click = [sys.executable, "-c", "import click"]
    stack = [sys.executable, "-c", "import yaml, click, jinja2, jsonschema, docx"]
    compare("reqgen --help", [*reqgen, "--help"], click)
    compare("reqgen validate", [*reqgen, "validate"], stack)
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder, "CCTP.docx"))
        for name in EXAMPLES:
            command = [*reqgen, "generate", f"examples/{name}.yaml", "-o", target, "--force"]
            compare(f"generate {name}", command, stack)


if __name__ == "__main__":
    main()
