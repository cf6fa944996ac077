"""What comes out when we are wrong: exit 70, one French sentence, where the report is, never a traceback."""

import tempfile
from pathlib import Path

import pytest

from reqgen.pipeline import checking, reading
from tests.helpers import clause, write_library, write_project

COMMANDS = [
    ("read_tender", ["generate", "p.yaml", "-o", "a.docx"]),
    ("read_tender", ["explain", "p.yaml"]),
    ("read_library", ["list"]),
    ("read_library", ["show", "TST-UNE-010"]),
    ("validate", ["validate"]),
    ("usable_library", ["init"]),
]


@pytest.mark.parametrize(("name", "arguments"), COMMANDS)
@pytest.mark.parametrize(
    "error", [RuntimeError("boum\nsur deux lignes"), KeyError("clé"), RecursionError(), AssertionError()]
)
def test_a_bug_of_ours(quick_cli, monkeypatch, tmp_path, name, arguments, error):
    def broken(*args, **kwargs):
        raise error

    reports = tmp_path / "tmp"
    reports.mkdir()
    monkeypatch.setattr(checking if name == "validate" else reading, name, broken)
    monkeypatch.setattr(tempfile, "tempdir", str(reports))
    ran = quick_cli(*arguments)
    assert ran.code == 70
    assert ran.out == "" and "Traceback" not in ran.err and "boum" not in ran.err
    first, second = ran.err.strip().split("\n")
    assert first.startswith("Une erreur de reqgen a interrompu la commande")
    (report,) = reports.iterdir()
    assert str(report) in second
    assert "Traceback" in report.read_text("utf-8") and type(error).__name__ in report.read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp"]


def test_a_bug_whose_report_cannot_be_written(quick_cli, monkeypatch, tmp_path):
    monkeypatch.setattr(checking, "validate", lambda *args: 1 / 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nulle-part"))
    ran = quick_cli("validate")
    assert ran.code == 70 and "n'a pas pu être écrit" in ran.err


def test_an_interruption(quick_cli, monkeypatch):
    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "validate", interrupted)
    ran = quick_cli("validate")
    assert ran.code == 2 and ran.err.strip() == "Interrompu : rien n'a été écrit."


def test_exit_codes(quick_cli, tmp_path):
    library = write_library(tmp_path / "bib", [clause(si={"paiement": "oui"})])
    write_project(tmp_path / "p.yaml")
    write_project(tmp_path / "faux.yaml", faits={"paiement": "peut-être"})
    (tmp_path / "casse.yaml").write_text("a: [")
    at = ["--library", library]
    codes = {
        ("validate", *at): 0,
        ("list", *at): 0,
        ("show", "TST-UNE-010", *at): 0,
        ("schema",): 0,
        ("schema", "clause"): 0,
        ("explain", "p.yaml", *at): 0,
        ("generate", "p.yaml", "-o", "a.docx", *at): 1,
        ("generate", "p.yaml", "-o", "a.docx", "--draft", *at): 0,
        ("validate", "faux.yaml", *at): 1,
        ("explain", "faux.yaml", *at): 1,
        ("generate", "faux.yaml", "-o", "b.docx", *at): 1,
        ("validate", "casse.yaml", *at): 1,
        ("generate", "absent.yaml", "-o", "b.docx", *at): 2,
        ("explain", "absent.yaml", *at): 2,
        ("show", "TST-NON-010", *at): 2,
        ("schema", "clauze"): 2,
        ("list", "--library", tmp_path / "absent"): 2,
        ("list", "--pack", tmp_path / "absent"): 2,
        ("generate", "p.yaml", "-o", "b.docx", "--document", "cctpp", "--draft", *at): 2,
    }
    for arguments, code in codes.items():
        ran = quick_cli(*arguments)
        assert ran.code == code, (arguments, ran.said)
        if code:
            assert ran.said.strip() and "Traceback" not in ran.said


def test_findings_show_the_line_a_caret_and_the_mend(quick_cli, tmp_path):
    library = write_library(tmp_path / "bib", [clause()])
    text = Path(write_project(tmp_path / "p.yaml", faits={"paiement": "peut-être"})).read_text("utf-8")
    number, line = next((n, line) for n, line in enumerate(text.split("\n"), 1) if "peut-être" in line)
    for arguments in (["validate", "p.yaml"], ["explain", "p.yaml"], ["generate", "p.yaml", "-o", "a.docx"]):
        said = quick_cli(*arguments, "--library", library).said
        column = line.index('"peut') + 1
        assert f"p.yaml:{number}:{column}: error: " in said and "[unknown-value]" in said, arguments
        shown, caret = said[said.index(f"{number} | ") :].split("\n")[:2]
        assert shown == f"{number} | {line}" and caret.index("^") == len(f"{number} | ") + column - 1
        assert "aide : " in said
