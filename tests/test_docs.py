"""What the manuals promise exists, and what exists is in a manual."""

import re
from functools import cache
from pathlib import Path

import pytest

from reqgen.cli import COMMANDS, cli
from reqgen.load.schema import KINDS
from tests.helpers import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@cache
def manual() -> str:
    return "\n".join(path.read_text("utf-8") for path in PAGES if path.is_file())


def written(*words: str) -> None:
    """Skip while the manual of the command line is not written; once it is, it must be whole."""
    if not (ROOT / "README.md").is_file() or not (ROOT / "README.md").read_text("utf-8").strip():
        pytest.skip("README.md is not written yet")
    missing = [word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", manual())]
    assert not missing, f"in no manual: {', '.join(missing)}"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_in_a_manual(name):
    written(f"reqgen {name}")


def options() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in COMMANDS:
        command = cli.get_command(None, name)
        inner = getattr(command, "commands", {}).values()  # those of a group
        for parameter in (parameter for one in (command, *inner) for parameter in one.params):
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                if option.startswith("--") and option != "--help":
                    found.setdefault(option, []).append(name)
    return found


@pytest.mark.parametrize("option", sorted(options()))
def test_every_option_is_in_a_manual(option):
    if option == "--output":
        written("-o")
    else:
        written(option)


def test_every_kind_of_schema_is_in_a_manual():
    written(*KINDS)


def commands_shown() -> list[tuple[str, str]]:
    """(page, line) of each `reqgen ...` that a manual shows."""
    found = []
    for path in PAGES:
        if path.is_file():
            for match in re.finditer(r"(?:^|`|\$ |\s)reqgen ((?:[a-z]+)(?: [^`\n|]*)?)", path.read_text("utf-8")):
                found.append((path.name, match[1].strip()))
    return found


def test_no_manual_shows_a_command_or_an_option_that_does_not_exist():
    known = options()
    for page, line in commands_shown():
        name, *rest = line.split()
        if name not in COMMANDS:
            # a sentence (« reqgen part d'une bibliothèque »), unless it looks like a command line
            assert not any(word.startswith("--") for word in rest), f"{page}: reqgen {line}"
            continue
        for word in rest:
            option = re.match(r"--[a-z][a-z-]*", word)
            if option and option[0] not in ("--help", "--version"):
                assert name in known.get(option[0], []), f"{page}: reqgen {line}"


LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(?:#([^)\s]*))?\)")


def test_links_between_pages_lead_somewhere():
    for path in PAGES:
        if not path.is_file():
            continue
        for match in LINK.finditer(re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)):
            if "://" not in match[1] and not match[1].startswith("mailto:"):
                assert (path.parent / match[1]).exists(), f"{path.name}: {match[0]}"


def test_files_named_in_the_manuals_exist():
    for path in PAGES:
        if path.is_file():
            for match in re.finditer(
                r"`((?:docs|examples|templates|tools|reqgen)/[\w./-]+\.\w+)`", path.read_text("utf-8")
            ):
                assert (ROOT / match[1]).exists() or (Path(path.parent) / match[1]).exists(), f"{path.name}: {match[1]}"


def test_every_word_of_the_outlines_is_in_their_manual():
    page = ROOT / "docs" / "modeles.md"
    if not page.is_file():
        pytest.skip("docs/modeles.md is not written yet")
    from reqgen.assemble.build import ALL_SLOTS, GLOSSARY
    from reqgen.assemble.wording import FILTERS

    text = page.read_text("utf-8")
    assert [name for name in (*ALL_SLOTS, GLOSSARY, *FILTERS) if name not in text] == []
