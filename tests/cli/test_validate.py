"""`validate`: a library, a pack, a file of each kind, a project; every finding at once; every format."""

import json

import pytest
from lxml import etree

from tests.helpers import (
    as_yaml,
    clause,
    library_files,
    project_data,
    source,
    write_files,
    write_library,
    write_project,
)

A, B = "TST-AAA-010", "TST-BBB-010"


@pytest.fixture
def library(tmp_path):
    return write_library(
        tmp_path / "bib", [clause(A, sources=[{"id": "code-demo"}])], glossary=[{"terme": "PES", "definition": "Flux."}]
    )


def rules_of(ran) -> set[str]:
    return {finding["rule"] for finding in json.loads(ran.out)}


def test_a_library_in_order(quick_cli, library):
    for arguments in ([library], ["--library", library]):
        ran = quick_cli("validate", *arguments)
        assert (ran.code, ran.out, ran.err) == (0, "aucune anomalie\n", "")
    assert json.loads(quick_cli("validate", library, "--format", "json").out) == []
    sarif = json.loads(quick_cli("validate", library, "--format", "sarif").out)
    assert sarif["version"] == "2.1.0" and sarif["runs"][0]["results"] == []
    assert quick_cli("validate", library, "--format", "github").out == ""
    assert json.loads(quick_cli("validate", library, "--format", "gitlab").out) == []
    junit = etree.fromstring(quick_cli("validate", library, "--format", "junit").out.encode())
    names = [case.get("name") for case in junit.iter("testcase")]
    assert f"bib/clauses/base/{A}.yaml" in names and junit.get("failures") == "0"


def test_all_findings_come_at_once(quick_cli, tmp_path):
    folder = write_library(
        tmp_path / "mal",
        [clause(A, si={"paiment": "oui"}, requiert=["TST-ZZZ-010"]), clause(B, niveau="exige", texte="court")],
        themes=[("autre", "Autre")],
    )
    (folder / "clauses" / "base" / "TST-CCC-010.yaml").write_text("id: [", "utf-8")
    (folder / "faits" / "mal.yaml").write_bytes(b"faits: \xff")
    ran = quick_cli("validate", folder, "--format", "json")
    assert ran.code == 1
    found = json.loads(ran.out)
    assert {
        "unknown-fact",
        "unknown-clause",
        "unknown-theme",
        "unknown-value",
        "out-of-bounds",
        "yaml-syntax",
        "encoding",
    } <= rules_of(ran)
    assert all(set(item) >= {"path", "line", "column", "severity", "rule", "message", "help"} for item in found)
    places = [(item["path"], item["line"], item["column"]) for item in found]
    assert places == sorted(places)


def test_formats_say_the_same(quick_cli, tmp_path):
    folder = write_library(tmp_path / "mal", [clause(A, si={"paiment": "oui"}, theme="autre")])
    found = json.loads(quick_cli("validate", folder, "--format", "json").out)
    assert len(found) >= 2
    text = quick_cli("validate", folder).out
    lines = quick_cli("validate", folder, "--format", "github").out.splitlines()
    results = json.loads(quick_cli("validate", folder, "--format", "sarif").out)["runs"][0]["results"]
    records = json.loads(quick_cli("validate", folder, "--format", "gitlab").out)
    junit = etree.fromstring(quick_cli("validate", folder, "--format", "junit").out.encode())
    failures = [line for case in junit.iter("failure", "system-out") for line in case.text.split("\n")]
    assert len(lines) == len(results) == len(found) == len(records) == len(failures)
    assert [(item["path"], item["line"], item["rule"]) for item in found] == [
        (record["location"]["path"], record["location"]["lines"]["begin"], record["check_name"]) for record in records
    ]
    for item, line, result in zip(found, lines, results, strict=True):
        place = f"{item['path']}:{item['line']}:{item['column']}"
        assert f"{place}: {item['severity']}: {item['message']} [{item['rule']}]" in text.replace("\u00a0", " ")
        assert line.startswith(f"::{item['severity']} ") and f"line={item['line']},col={item['column']}" in line
        assert result["ruleId"] == item["rule"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) == (item["line"], item["column"])


def test_a_folder_without_a_manifest_is_a_pack(quick_cli, library, tmp_path):
    pack = write_files(
        tmp_path / "paquet", {f"clauses/base/{B}.yaml": as_yaml(clause(B, requiert=[A], sources=[{"id": "code-demo"}]))}
    )
    assert quick_cli("validate", pack, "--library", library).code == 0
    write_files(pack, {f"clauses/base/{B}.yaml": as_yaml(clause(B, requiert=["TST-ZZZ-010"]))})
    ran = quick_cli("validate", pack, "--library", library, "--format", "json")
    assert ran.code == 1 and rules_of(ran) == {"unknown-clause"}
    assert json.loads(ran.out)[0]["path"] == f"paquet/clauses/base/{B}.yaml"


GOOD = library_files([clause(A, sources=[{"id": "code-demo"}])], glossary=[{"terme": "PES", "definition": "Flux."}])
KINDS = {
    f"clauses/base/{A}.yaml": as_yaml(clause(A, niveau="exige")),
    "faits/tous.yaml": as_yaml({"faits": [{"id": "x", "libelle": "X", "type": "oui ou non"}]}),
    "domaines/finances.yaml": as_yaml(
        {"id": "finances", "titre": "F", "description": "F", "etablit": {"archives": "oui"}, "x": 1}
    ),
    "sources.yaml": as_yaml({"sources": [source(statut="lu")]}),
    "seuils.yaml": as_yaml({"seuils": [{"id": "s", "libelle": "S", "valeurs": [{"du": "hier", "valeur": 1}]}]}),
    "glossaire.yaml": as_yaml({"termes": [{"terme": "PES"}]}),
    "themes.yaml": as_yaml({"themes": [{"id": "Un", "titre": "Un"}]}),
    "bibliotheque.yaml": as_yaml(
        {"nom": "x", "titre": "X", "version": "1", "date": "demain", "etat_du_droit": "2026-11-24"}
    ),
}


@pytest.mark.parametrize("path", list(KINDS))
def test_a_single_file_of_each_kind_within_its_library(quick_cli, library, path):
    assert quick_cli("validate", library / path).said == "aucune anomalie\n"
    (library / path).write_text(KINDS[path], "utf-8")
    ran = quick_cli("validate", library / path, "--format", "json")
    assert ran.code == 1
    assert {item["path"] for item in json.loads(ran.out)} == {f"bib/{path}"}


@pytest.mark.parametrize("path", [path for path in KINDS if path != "bibliotheque.yaml"])
def test_a_single_file_of_each_kind_alone(quick_cli, library, tmp_path, path):
    name = path.split("/")[-1]
    (tmp_path / name).write_text(KINDS[path], "utf-8")
    ran = quick_cli("validate", name, "--library", library, "--format", "json")
    assert ran.code == 1
    assert {item["path"] for item in json.loads(ran.out)} == {name}


RULES = {"perimes": [{"mots": ["Vieux nom"], "remplacement": "Nom"}]}


@pytest.mark.parametrize("place", ["bib/redaction/maison.yaml", "maison.yaml"])
def test_a_file_of_rules_of_prose(quick_cli, library, tmp_path, place):
    setting = {"regle": "absente", "gravite": "ignorée", "motif": "Décision de l'équipe."}
    (library / "redaction").mkdir()
    (tmp_path / place).write_text(as_yaml(RULES), "utf-8")
    assert quick_cli("validate", place, "--library", library).said == "aucune anomalie\n"
    (tmp_path / place).write_text(as_yaml({**RULES, "reglages": [setting]}), "utf-8")
    ran = quick_cli("validate", place, "--library", library, "--format", "json")
    assert [(item["path"], item["rule"]) for item in json.loads(ran.out)] == [(place, "unknown-rule")]


def test_a_clause_alone_is_read_over_the_library(quick_cli, library, tmp_path):
    (tmp_path / f"{B}.yaml").write_text(as_yaml(clause(B, requiert=[A], sources=[{"id": "code-demo"}])), "utf-8")
    assert quick_cli("validate", f"{B}.yaml", "--library", library).said == "aucune anomalie\n"
    (tmp_path / f"{B}.yaml").write_text(as_yaml(clause(B, requiert=["TST-ZZZ-010"])), "utf-8")
    assert rules_of(quick_cli("validate", f"{B}.yaml", "--library", library, "--format", "json")) == {"unknown-clause"}


def test_a_project(quick_cli, library, tmp_path):
    write_project(tmp_path / "p.yaml")
    assert quick_cli("validate", "p.yaml", "--library", library).said == "aucune anomalie\n"
    write_project(
        tmp_path / "p.yaml",
        faits={"paiement": "x", "inconnu": 1},
        domaines=["autre"],
        exclusions=[{"clause": "TST-ZZZ-010", "motif": "Choix"}],
    )
    ran = quick_cli("validate", "p.yaml", "--library", library, "--format", "json")
    assert ran.code == 1 and rules_of(ran) == {"unknown-value", "unknown-fact", "unknown-domain", "unknown-clause"}
    (tmp_path / "q.yaml").write_text(
        as_yaml({**project_data(), "calendrier": {"lancement": "2027-02-30"}, "clef": 1}), "utf-8"
    )
    assert rules_of(quick_cli("validate", "q.yaml", "--library", library, "--format", "json")) >= {"unknown-key"}


def test_several_paths(quick_cli, library, tmp_path):
    (tmp_path / "a.yaml").write_text("x: 1", "utf-8")
    ran = quick_cli("validate", library, "a.yaml", "absent.yaml", "--format", "json")
    assert ran.code == 1 and rules_of(ran) == {"unknown-kind", "unreadable-file"}


@pytest.mark.parametrize("text", ["", "- 1", "a", "!!python/object:os.system {}", "a: &a [*a]", "\x00", "{" * 5000])
def test_hostile_files_end_in_findings(quick_cli, library, tmp_path, text):
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    ran = quick_cli("validate", "a.yaml", "--library", library, "--format", "json")
    assert ran.code == 1 and json.loads(ran.out)


def test_links_that_leave_the_folder_are_passed_over(quick_cli, library, tmp_path):
    (tmp_path / "dehors.yaml").write_text("secret: 1", "utf-8")
    (library / "clauses" / "base" / "lien.yaml").symlink_to(tmp_path / "dehors.yaml")
    assert quick_cli("validate", library).said == "aucune anomalie\n"
