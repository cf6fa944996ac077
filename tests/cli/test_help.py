"""Help and misuse: every word in French, every exit code as promised."""

import gettext
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reqgen.cli import COMMANDS, cli

# Words that click says in English, and those that any English sentence holds.
ENGLISH = re.compile(
    r"\b(usage: |show this message|show the version|and exit|error:|missing|invalid|try |no such|got unexpected|unexpected|extra argument|"
    r"requires an argument|default:|required|commands:|is not|does not|directory|file|path|integer|the|of|or|must|value for|"
    r"did you mean|possible options|aborted|please|choose from|not one of)",
    re.IGNORECASE,
)
# What is no English: names of options, of formats, of a program.
NEUTRAL = re.compile(
    r"--[\w-]+|\[text\|json[^\]]*\]|'text', 'json'[^.]*|'integer'|reqgen \w+|formats? text", re.IGNORECASE
)
ALL = list(COMMANDS)


def english(text: str) -> list[str]:
    return ENGLISH.findall(NEUTRAL.sub("", text))


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], *([name, "--help"] for name in ALL)], ids=" ".join)
def test_help_is_french(quick_cli, arguments):
    ran = quick_cli(*arguments)
    assert english(ran.said) == []
    assert "Usage : reqgen" in ran.said
    assert ran.code == (0 if arguments else 2)
    for name in ALL if arguments in (["--help"], ["-h"]) else ():
        assert re.search(rf"^  {name}\s+[A-ZÀÉ]", ran.out, re.MULTILINE)


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_explained(quick_cli, name):
    command = cli.get_command(None, name)
    assert command.help and command.help.strip().endswith((".", ")"))
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert parameter.help, f"{name} {parameter.opts}"
    page = quick_cli(name, "--help").out
    for parameter in command.params:
        for option in parameter.opts if parameter.param_type_name == "option" else ():
            assert option in page


MISUSE = [
    ["nimporte"],
    ["--nimporte"],
    ["generat", "p.yaml"],
    *([name, "--nimporte"] for name in ALL),
    ["generate"],
    ["generate", "p.yaml"],
    ["generate", "p.yaml", "-o"],
    ["generate", "p.yaml", "-o", "a.docx", "--lot", "un"],
    ["generate", "p.yaml", "-o", "a.docx", "autre"],
    ["explain"],
    ["explain", "p.yaml", "--format", "xml"],
    ["explain", "p.yaml", "--outcome", "gardée"],
    ["explain", "p.yaml", "A", "B"],
    ["list", "autre"],
    ["list", "--format", "csv"],
    ["show"],
    ["show", "A", "B"],
    ["validate", "--format", "xml"],
    ["schema", "un", "deux"],
    ["init", "a.yaml", "b.yaml"],
    ["generate", "p.yaml", "-o", "."],
    ["list", "--library", __file__],
]


@pytest.mark.parametrize("arguments", MISUSE, ids=lambda arguments: " ".join(arguments)[:50])
def test_misuse_is_told_in_french(quick_cli, arguments):
    ran = quick_cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert english(ran.err.replace(__file__, "").replace(Path(__file__).as_posix(), "")) == []
    assert "Traceback" not in ran.err


def test_a_near_name_is_proposed(quick_cli):
    assert "vouliez-vous dire « generate » ?" in quick_cli("génerate").err


def test_version(quick_cli):
    ran = quick_cli("--version")
    assert ran.code == 0 and re.fullmatch(r"reqgen \d+\.\d+.*\n", ran.out)


def test_the_catalogue_is_that_of_the_source_file():
    """messages.mo says what messages.po says (their headers hold the hour of their making)."""
    reader = pytest.importorskip("babel.messages.pofile")
    folder = Path(sys.modules["reqgen.cli"].__file__).parent / "locale" / "fr" / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as source:
        written = {
            message.id: message.string
            for message in reader.read_po(source, locale="fr")
            if message.id and message.string
        }
    with (folder / "messages.mo").open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)
    assert len(written) > 20
    for key, text in written.items():
        if isinstance(key, tuple):
            assert (catalogue.ngettext(*key, 1), catalogue.ngettext(*key, 2)) == tuple(text)
        else:
            assert catalogue.gettext(key) == text


def test_the_program_speaks_french_wherever_it_runs(run_cli):
    for language in (
        {"LANG": "C", "LC_ALL": "C", "LANGUAGE": "en"},
        {"LANG": "de_DE.UTF-8", "PYTHONIOENCODING": "latin-1"},
    ):
        ran = run_cli("--help", env=language)
        assert ran.code == 0 and "Écrit le schéma JSON" in ran.out
        ran = run_cli("show", env=language)
        assert ran.code == 2 and english(ran.err) == []


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("list", "--format", "json"), ("--version",)])
def test_a_reader_that_leaves_is_no_error(tmp_path, unbuffered, arguments):
    command = [sys.executable, "-m", "reqgen", *arguments]
    held = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, env=held, **pipes) as process:
        assert process.stdout is not None and process.stderr is not None
        if arguments[0] == "list":
            process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
        process.stderr.close()
        assert process.wait(60) == 0
    assert said == b""
