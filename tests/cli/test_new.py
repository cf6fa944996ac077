"""`new clause`: a skeleton with the next free id, never over a file; `validate` names its gaps and nothing else."""

import json

import pytest

from tests.helpers import clause, write_files, write_library

A, B = "TST-AAA-010", "TST-BBB-010"


@pytest.fixture
def library(tmp_path):
    names = [(A, "base"), ("TST-AAA-020", "base"), (B, "base"), ("SRV-DEL-995", "service")]
    return write_library(tmp_path / "bib", [clause(name, theme=theme) for name, theme in names])


@pytest.fixture
def new(quick_cli, library, tmp_path):
    """new(*arguments) -> how it ended, the files that it added."""

    def run(*arguments):
        before = {path for path in tmp_path.rglob("*") if path.is_file()}
        ran = quick_cli("new", "clause", *arguments)
        added = {path for path in tmp_path.rglob("*") if path.is_file()} - before
        return ran, sorted(path.relative_to(tmp_path).as_posix() for path in added)

    return run


def test_validate_names_the_gaps_and_nothing_else(new, quick_cli):
    ran, files = new("--theme", "base", "--path", "bib")
    assert ran.code == 0 and ran.out == "" and f"écrit : {files[0]}" in ran.err
    assert files == ["bib/clauses/base/TST-AAA-030.yaml"]
    checked = quick_cli("validate", "bib", "--format", "json")
    found = json.loads(checked.out)
    assert checked.code == 1
    assert [(item["rule"], item["message"]) for item in found] == [
        ("to-fill", f"{what} reste à remplir")
        for what in ("le titre", "le texte", "la méthode de vérification", "le motif")
    ]
    assert {item["path"] for item in found} == set(files)


def test_a_filled_skeleton_is_in_order(new, quick_cli, tmp_path):
    _, files = new("--theme", "base", "--path", "bib")
    path = tmp_path / files[0]
    path.write_text(path.read_text("utf-8").replace("À REMPLIR : ", ""), "utf-8")
    checked = quick_cli("validate", "bib")
    assert (checked.code, checked.out) == (0, "aucune anomalie\n")


def test_each_gap_is_pointed_at(new, quick_cli, tmp_path):
    _, files = new("--theme", "base", "--path", "bib")
    lines = (tmp_path / files[0]).read_text("utf-8").splitlines()
    for item in json.loads(quick_cli("validate", "bib", "--format", "json").out):
        pointed = lines[item["line"] - 1][item["column"] - 1 :].lstrip('"')
        assert pointed.startswith("À REMPLIR") or lines[item["line"] - 1] == "motif: |"


def test_ids_follow(new):
    assert new("--theme", "base", "--path", "bib")[1] == ["bib/clauses/base/TST-AAA-030.yaml"]
    assert new("--theme", "base", "--path", "bib")[1] == ["bib/clauses/base/TST-AAA-040.yaml"]
    assert new("--theme", "base", "--path", "bib", "--prefix", "NEW-UNE")[1] == ["bib/clauses/base/NEW-UNE-010.yaml"]
    assert new("--theme", "service", "--path", "bib")[1] == ["bib/clauses/service/SRV-DEL-010.yaml"]


def test_the_id_of_a_broken_file_is_taken(new, tmp_path):
    broken = {"TST-AAA-030": "titre: [\n", "x": "id: TST-AAA-040\n[\n"}
    write_files(tmp_path, {f"bib/clauses/base/{name}.yaml": text for name, text in broken.items()})
    assert new("--theme", "base", "--path", "bib")[1] == ["bib/clauses/base/TST-AAA-050.yaml"]
    assert (tmp_path / "bib/clauses/base/TST-AAA-030.yaml").read_text("utf-8") == "titre: [\n"


def test_no_id_is_left(new, tmp_path):
    full = {f"bib/clauses/base/FUL-ALL-{number:03}.yaml": "" for number in range(1, 1000)}
    write_files(tmp_path, full)
    ran, files = new("--theme", "base", "--path", "bib", "--prefix", "FUL-ALL")
    assert ran.code == 2 and files == [] and "[missing-prefix]" in ran.err


def test_in_a_pack(new, quick_cli, tmp_path):
    (tmp_path / "paquet").mkdir()
    ran, files = new("--theme", "helios", "--prefix", "HEL-PES", "--pack", "paquet")
    assert ran.code == 0 and len(files) == 1 and files[0].startswith("paquet/clauses/helios/HEL-PES-")
    found = json.loads(quick_cli("validate", "paquet", "--format", "json").out)
    assert {item["rule"] for item in found} == {"to-fill"} and len(found) == 4
    text = (tmp_path / files[0]).read_text("utf-8")
    assert "/reqgen/schemas/clause.schema.json\n" in text.split("id:")[0]


def test_a_schema_kept_in_the_pack_is_named(new, tmp_path):
    write_files(tmp_path, {"paquet/clause.schema.json": "{}"})
    _, files = new("--theme", "helios", "--pack", "paquet")
    first = (tmp_path / files[0]).read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../clause.schema.json"


def test_a_theme_without_clauses_needs_a_prefix(quick_cli, tmp_path):
    write_library(tmp_path / "bib", [clause(A)])
    ran = quick_cli("new", "clause", "--theme", "service", "--path", "bib")
    assert ran.code == 2 and "[missing-prefix]" in ran.err
    assert quick_cli("new", "clause", "--theme", "service", "--path", "bib", "--prefix", "SRV-UNE").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--theme", "bases", "--path", "bib"], "vouliez-vous dire « base » ?"),
        (["--theme", "../base", "--path", "bib"], "n'existe pas"),
        (["--theme", "base", "--path", "bib", "--prefix", "tst-aaa"], "XXX-YYY"),
        (["--theme", "base", "--path", "bib", "--prefix", "../../X"], "XXX-YYY"),
        (["--theme", "base", "--path", "bib", "--pack", "bib"], "s'excluent"),
        (["--theme", "base", "--path", "."], "[missing-manifest]"),
        (["--theme", "helios", "--pack", "absent"], "[unreadable-file]"),
        (["--path", "bib"], "--theme"),
    ],
)
def test_misuse_writes_nothing(new, arguments, said):
    ran, files = new(*arguments)
    assert ran.code == 2 and files == [] and said in ran.err


def test_no_link_leads_out_of_the_library(new, tmp_path):
    (tmp_path / "ailleurs").mkdir()
    link = tmp_path / "bib/clauses/lien"
    write_files(tmp_path, {"bib/themes.yaml": "themes: [{id: lien, titre: Lien}, {id: base, titre: Base}]\n"})
    link.symlink_to(tmp_path / "ailleurs", target_is_directory=True)
    ran, files = new("--theme", "lien", "--path", "bib", "--prefix", "LIE-UNE")
    assert ran.code == 2 and files == [] and "[path-escape]" in ran.err


def test_the_library_of_an_installation_is_left_alone(new, monkeypatch):
    from reqgen.cli import new as module

    monkeypatch.setattr(module, "bundled", lambda name: module.Path(module.__file__).parents[1] / name)
    ran, files = new("--theme", "helios")
    assert ran.code == 2 and files == [] and "--pack ou --path" in ran.err
