"""A small library in order, and how the examples of the manual are laid over it."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from reqgen.lint.library_rules import lint_library
from reqgen.lint.project_rules import lint_project
from reqgen.load.library import Bundle, load_library
from reqgen.load.needs import read_needs
from reqgen.load.project import project_from, project_tree
from reqgen.load.tree import parse
from reqgen.model.diagnostic import Diagnostic
from reqgen.select.choose import choose

TODAY = date(2026, 11, 24)
BASE_FOLDER = Path(__file__).parent / "library"
BASE = {
    path.relative_to(BASE_FOLDER).as_posix(): path.read_text("utf-8") for path in sorted(BASE_FOLDER.rglob("*.yaml"))
}
# The rules of prose are the real ones: their own examples, in the manual, are run over the small library.
REAL = Path(__file__).parents[2] / "requirements_library" / "redaction"
BASE |= {f"redaction/{path.name}": path.read_text("utf-8") for path in sorted(REAL.glob("*.yaml"))}
LISTS = ("sources.yaml", "seuils.yaml", "themes.yaml", "glossaire.yaml")
TOP = re.compile(r"^(?=[^\s#}\]-])", re.MULTILINE)
CLAUSE = "clauses/demo/DEM-UNE-010.yaml"


def overlay(path: str, fragment: str) -> str:
    """The file of the base library with the top-level keys of the fragment in place of its own."""
    base = BASE.get(path, "")
    if path in LISTS:
        return base + fragment.split("\n", 1)[1]
    keys = set(re.findall(r"^([^\s#:-]+):", fragment, re.MULTILINE))
    kept = [block for block in TOP.split(base) if block.split(":")[0] not in keys]
    return "".join(kept) + fragment


def library_of(files: Mapping[str, str]):
    own = {
        f"bib/{path}": text
        for path, text in {**BASE, **files}.items()
        if not path.startswith(("paquet/", "projet", "besoins"))
    }
    packs = {path: text for path, text in files.items() if path.startswith("paquet/")}
    return load_library([Bundle("bib", own), *([Bundle("paquet", packs)] if packs else [])])


def check(files: Mapping[str, str]) -> list[Diagnostic]:
    """Every finding about the base library with these files over it, its project and its needs."""
    library, found = library_of(files)
    found = [*found, *lint_library(library, TODAY)]
    tree, problems = project_tree("projet.yaml", files.get("projet.yaml", BASE["projet.yaml"]))
    found += problems
    needs = []
    if "besoins.csv" in files:
        needs, problems = read_needs("besoins.csv", files["besoins.csv"].encode())
        found += problems
    if tree is not None and not problems:
        project, problems = project_from(tree, library.facts, {(): needs})
        found += [*problems, *lint_project(project, library), *choose(project, library).diagnostics]
    return found


def check_fragments(fragments: Mapping[str, str]) -> list[Diagnostic]:
    """The findings about the base library with fragments of files over it."""
    return check({path: text if path.endswith(".csv") else overlay(path, text) for path, text in fragments.items()})


def rules(found: list[Diagnostic]) -> set[str]:
    return {finding.rule for finding in found}


__all__ = ["BASE", "CLAUSE", "TODAY", "check", "check_fragments", "library_of", "overlay", "parse", "rules"]
