"""`format`: files put in canonical layout in place, or only listed; what is not in order is told and left alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from reqgen.prose import blocks
from tests.helpers import ROOT, clause, write_files, write_library, write_project

A = "TST-AAA-010"
BAD = f"titre: 'Un titre'   # du titre\nid: {A}\ntheme: base\ntexte: >-\n  Le titulaire\n  doit livrer.\n"
GOOD = f"id: {A}\ntitre: Un titre # du titre\ntheme: base\ntexte: |\n  Le titulaire doit livrer.\n"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_a_file_is_laid_out_in_place(quick_cli, tmp_path):
    (tmp_path / "a.yaml").write_text(BAD, "utf-8")
    ran = quick_cli("format", "a.yaml")
    assert (ran.code, ran.out, ran.err) == (0, "", "mis en forme : a.yaml\n")
    assert (tmp_path / "a.yaml").read_bytes() == GOOD.encode()
    ran = quick_cli("format", "a.yaml")
    assert (ran.code, ran.said) == (0, "")


def test_check_lists_and_writes_nothing(quick_cli, tmp_path):
    write_files(tmp_path, {"a.yaml": BAD, "b.yaml": GOOD})
    ran = quick_cli("format", "--check", "a.yaml", "b.yaml")
    assert (ran.code, ran.out, ran.err) == (1, "à mettre en forme : a.yaml\n", "")
    assert json.loads(quick_cli("format", "--check", "a.yaml", "b.yaml", "--format", "json").out) == ["a.yaml"]
    assert bytes_of(tmp_path) == {"a.yaml": BAD.encode(), "b.yaml": GOOD.encode()}
    ran = quick_cli("format", "--check", "b.yaml")
    assert (ran.code, ran.said) == (0, "")


def test_a_byte_order_mark_and_line_ends_are_enough(quick_cli, tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert quick_cli("format", "--check", "a.yaml").code == 1
    assert quick_cli("format", "a.yaml").code == 0
    assert (tmp_path / "a.yaml").read_bytes() == GOOD.encode()


def test_a_library_is_laid_out_and_says_the_same(quick_cli, tmp_path):
    folder = write_library(tmp_path / "bib", [clause(A, sources=[{"id": "code-demo"}], si={"paiement": "oui"})])
    before = {name: yaml.safe_load(text) for name, text in bytes_of(folder).items()}
    ran = quick_cli("format", folder)
    assert ran.code == 0
    assert sorted(re.findall("mis en forme : bib/(.*)\n", ran.err)) == sorted(before)
    after = {name: yaml.safe_load(text) for name, text in bytes_of(folder).items()}
    for data in (*before.values(), *after.values()):
        for key in ("texte", "motif"):
            if key in data:
                data[key] = blocks(data[key], str)
    assert before == after
    assert quick_cli("format", "--check", folder).code == 0
    assert quick_cli("validate", folder).said == "aucune anomalie\n"


def test_a_project_is_laid_out(quick_cli, tmp_path):
    write_project(tmp_path / "p.yaml")
    assert quick_cli("format", "p.yaml").code == 0
    text = (tmp_path / "p.yaml").read_text("utf-8")
    assert text.startswith("reference: 2027-01\nobjet: Fourniture") or text.startswith(
        'reference: "2027-01"\nobjet: Fourniture'
    )


def test_a_file_in_error_is_told_and_left_alone_and_the_others_are_done(quick_cli, tmp_path):
    broken = {
        "faux.yaml": "id: [\n",
        "double.yaml": "id: A\nid: B\ntheme: t\n",
        "ancre.yaml": "id: &a [x]\ntheme: *a\n",
    }
    write_files(tmp_path / "paquet", {**broken, "clauses/base/bon.yaml": BAD})
    (tmp_path / "paquet" / "latin.yaml").write_bytes(b"id: \xe9\n")
    before = bytes_of(tmp_path / "paquet")
    ran = quick_cli("format", "paquet")
    assert ran.code == 1
    after = bytes_of(tmp_path / "paquet")
    assert {name for name in before if before[name] != after[name]} == {"clauses/base/bon.yaml"}
    for name, rule in (("faux", "yaml-syntax"), ("double", "duplicate-key"), ("latin", "encoding")):
        assert re.search(rf"paquet/{name}\.yaml:\d+:\d+: error: .* \[{rule}\]", ran.err), name
    assert "mis en forme : paquet/clauses/base/bon.yaml" in ran.err


@pytest.mark.parametrize(
    "text",
    ["", "- 1", "a", "a: 1", "!!python/object:os.system {}", "a: &a [*a]", "\x00", "{" * 5000, "a: " + "[" * 5000],
)
def test_hostile_files_end_in_findings(quick_cli, tmp_path, text):
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    ran = quick_cli("format", "a.yaml")
    assert ran.code == 1 and "a.yaml:" in ran.err and "Traceback" not in ran.err
    assert (tmp_path / "a.yaml").read_text("utf-8") == text


def test_missing_files_are_told(quick_cli):
    ran = quick_cli("format", "absent.yaml")
    assert ran.code == 1 and "[unreadable-file]" in ran.err


def test_only_what_is_named_and_of_reqgen_is_touched(quick_cli, tmp_path):
    outside = write_files(tmp_path / "dehors", {"a.yaml": BAD})
    files = {".cache/x.yaml": BAD, "ci.yaml": "stages:   [a]\n", "notes.txt": BAD, "clauses/t/a.yaml": BAD}
    folder = write_files(tmp_path / "paquet", files)
    (folder / "lien.yaml").symlink_to(outside / "a.yaml")
    (folder / "interne.yaml").symlink_to(folder / "clauses/t/a.yaml")
    (folder / "dossier").symlink_to(outside)
    ran = quick_cli("format", "paquet")
    assert (ran.code, ran.err) == (0, "mis en forme : paquet/clauses/t/a.yaml\n")
    assert (outside / "a.yaml").read_text("utf-8") == BAD
    assert (folder / "interne.yaml").is_symlink() and (folder / "lien.yaml").is_symlink()
    changed = {name for name, text in bytes_of(folder).items() if name in files and text.decode() != files[name]}
    assert changed == {"clauses/t/a.yaml"}
    assert not list(tmp_path.rglob(".reqgen-*"))


def test_a_link_that_is_named_stays_a_link(quick_cli, tmp_path):
    write_files(tmp_path, {"vrai.yaml": BAD})
    (tmp_path / "lien.yaml").symlink_to(tmp_path / "vrai.yaml")
    (tmp_path / "ailleurs").mkdir()
    assert quick_cli("format", tmp_path / "lien.yaml", cwd=tmp_path / "ailleurs").code == 0
    assert (tmp_path / "lien.yaml").is_symlink() and (tmp_path / "vrai.yaml").read_text("utf-8") == GOOD


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_refuses_is_told(quick_cli, tmp_path):
    write_files(tmp_path / "fige", {"a.yaml": BAD})
    (tmp_path / "fige").chmod(0o555)
    ran = quick_cli("format", "fige/a.yaml")
    (tmp_path / "fige").chmod(0o755)
    assert ran.code == 1 and "[unwritable-file]" in ran.err


def test_a_full_disk_leaves_the_file_whole(quick_cli, tmp_path, monkeypatch):
    (tmp_path / "a.yaml").write_text(BAD, "utf-8")

    def refuse(*_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", refuse)
    ran = quick_cli("format", "a.yaml")
    assert ran.code == 1 and "[unwritable-file]" in ran.err and "mis en forme" not in ran.err
    assert bytes_of(tmp_path) == {"a.yaml": BAD.encode()}


def test_the_installed_library_is_not_written(quick_cli, monkeypatch, tmp_path):
    package = Path(sys.modules["reqgen.cli"].__file__).parents[1]
    monkeypatch.setattr("reqgen.cli.format.bundled", lambda name: package / name)
    ran = quick_cli("format")
    assert ran.code == 2 and "donner un CHEMIN" in ran.err


# --- the hooks, from another repository

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A repository with a pack in it, which runs our hooks; their program is that of this environment."""
    pytest.importorskip("pre_commit")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    local = [
        {**hook, "language": "system", "entry": f"{sys.executable} -m {hook['entry']}", "files": "^paquet/"}
        for hook in HOOKS
    ]
    for hook in local:
        hook["args"] = ["paquet"] if not hook.get("pass_filenames", True) else []
    config = {"repos": [{"repo": "local", "hooks": local}]}
    text = clause(A)
    files = {
        f"paquet/clauses/base/{A}.yaml": yaml.safe_dump(text, allow_unicode=True, sort_keys=False),
        "autre.yaml": BAD,
    }
    folder = write_files(tmp_path / "depot", {**files, ".pre-commit-config.yaml": json.dumps(config)})
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder


def hook(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pre_commit", "run", name, "--all-files"]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


def test_the_manifest_of_the_hooks_is_right():
    clientlib = pytest.importorskip("pre_commit.clientlib")
    assert [one["id"] for one in clientlib.load_manifest(ROOT / ".pre-commit-hooks.yaml")] == [
        "reqgen-validate",
        "reqgen-format",
    ]


def test_the_format_hook_stops_the_commit_once(elsewhere):
    first = hook(elsewhere, "reqgen-format")
    assert first.returncode == 1 and f"mis en forme : paquet/clauses/base/{A}.yaml" in first.stdout
    assert (elsewhere / "autre.yaml").read_text("utf-8") == BAD
    second = hook(elsewhere, "reqgen-format")
    assert second.returncode == 0, second.stdout


def test_the_validate_hook_says_what_is_wrong(elsewhere):
    ran = hook(elsewhere, "reqgen-validate")
    assert ran.returncode == 1 and "[unknown-theme]" in ran.stdout, ran.stdout


def test_the_snippets_of_the_manual_name_what_exists():
    page = (ROOT / "docs" / "integration-continue.md").read_text("utf-8")
    snippets = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (hooks,) = [one for one in snippets if isinstance(one, dict) and "repos" in one]
    assert {one["id"] for one in hooks["repos"][0]["hooks"]} == {one["id"] for one in HOOKS}
    (gitlab,) = [one for one in snippets if isinstance(one, dict) and "clauses" in one]
    reports = gitlab["clauses"]["artifacts"]["reports"]
    script = "\n".join(gitlab["clauses"]["script"])
    assert f"--format gitlab > {reports['codequality']}" in script and f"--format junit > {reports['junit']}" in script
