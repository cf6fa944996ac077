"""`list`, `show`, `schema`, `explain`: the same words for a person, the same keys for a script."""

import json

import jsonschema
import pytest

from reqgen.files import bundled
from reqgen.load.tree import parse
from tests.helpers import clause, library_files, write_files, write_library, write_project

A, B, C = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010"
LONG = "Titre long, " * 8 + "fin"


@pytest.fixture
def at(tmp_path):
    folder = write_library(
        tmp_path / "bib",
        [
            clause(A, titre=LONG, si={"paiement": "oui"}, texte="Le titulaire doit A.\n\n- un ;\n- deux sous {{ delai }}.",
                   parametres={"delai": {"libelle": "Délai", "type": "durée", "unite": "jours ouvrés", "defaut": 5, "min": 1, "max": 9}},
                   sources=[{"id": "code-demo"}]),
            clause(B, theme="service", domaines=["finances"], palier="renforcé"),
            clause(C, piece="ccap"),
        ],
    )  # fmt: skip
    return ["--library", folder]


def test_list(quick_cli, at):
    ran = quick_cli("list", *at)
    assert [line.split("\t") for line in ran.out.splitlines()] == [
        [A, "exigé", "essentiel", "cctp", "base", LONG],
        [C, "exigé", "essentiel", "ccap", "base", f"Clause {C}"],
        [B, "exigé", "renforcé", "cctp", "service", f"Clause {B}"],
    ]
    assert ran.err == ""


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--theme", "service"], [B]),
        (["--domain", "finances"], [B]),
        (["--piece", "ccap"], [C]),
        (["--theme", "service", "--piece", "ccap"], []),
    ],
)
def test_list_filters(quick_cli, at, options, ids):
    assert [item["id"] for item in json.loads(quick_cli("list", "--format", "json", *options, *at).out)] == ids


def test_an_old_id_of_a_domain_lists_what_replaced_it(quick_cli, tmp_path):
    domains = [{"id": "finances", "titre": "Finances", "description": "Budget.", "alias": ["comptes"]}]
    clauses = [clause(A), clause(B, domaines=["finances"])]
    folder = write_files(tmp_path / "bib", library_files(clauses, domains=domains))
    ran = quick_cli("list", "--format", "json", "--domain", "comptes", "--library", folder)
    assert [item["id"] for item in json.loads(ran.out)] == [B]


def test_a_filter_that_nothing_bears_is_refused_with_the_nearest_name(quick_cli, at):
    ran = quick_cli("list", "--theme", "servise", "--domain", "finance", *at)
    assert ran.code == 2 and ran.out == ""
    for option, rule, near in (
        ("--theme", "unknown-theme", "service"),
        ("--domain", "unknown-domain", "finances"),
    ):
        assert option in ran.err and rule in ran.err and f"vouliez-vous dire « {near} »" in ran.err
    assert quick_cli("list", "--piece", "cctq", *at).code == 2


def test_nothing_is_cut_when_piped(run_cli, at, tmp_path):
    narrow = {"COLUMNS": "20", "LINES": "5", "TERM": "dumb"}
    wide = {"COLUMNS": "400"}
    write_project(tmp_path / "p.yaml")
    for arguments in (["list"], ["show", A], ["explain", "p.yaml"], ["list", "--format", "json"]):
        ran = run_cli(*arguments, *at, env=narrow)
        assert ran.code == 0 and LONG in ran.out
        assert ran.out == run_cli(*arguments, *at, env=wide).out
        assert "\x1b" not in ran.out


def test_show(quick_cli, at):
    text = quick_cli("show", A, *at).out
    for word in (
        A,
        LONG,
        "- deux sous {{ delai }}.",
        "Délai = 5 jours ouvrés",
        "de 1 à 9",
        "vaut échec",
        "Code de démonstration",
        f"Motif de {A}.",
    ):
        assert word in text
    data = json.loads(quick_cli("show", A, "--format", "json", *at).out)
    assert data["id"] == A and data["parametres"]["delai"]["defaut"] == 5 and data["sources"][0]["id"] == "code-demo"
    assert data["fichier"].endswith(f"clauses/base/{A}.yaml")


def test_show_proposes_a_near_id(quick_cli, at):
    assert f"vouliez-vous dire « {A} » ?" in quick_cli("show", "TST-AAA-011", *at).err


def test_schemas_are_valid_and_stand_alone(quick_cli):
    kinds = quick_cli("schema").out.split()
    assert {"clause", "project", "facts"} <= set(kinds)
    for kind in kinds:
        schema = json.loads(quick_cli("schema", kind).out)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_clause_schema_accepts_real_clauses_and_refuses_others(quick_cli):
    validator = jsonschema.Draft202012Validator(json.loads(quick_cli("schema", "clause").out))
    paths = sorted((bundled("requirements_library") / "clauses").rglob("*.yaml"))
    assert paths
    for path in paths[:: max(1, len(paths) // 12)]:
        tree, found = parse(path.name, path.read_text("utf-8"))
        assert tree is not None and found == []
        assert [error.message for error in validator.iter_errors(tree.data)] == [], path
    good = json.loads(library_files([clause(A, si={"tous": [{"paiement": "oui"}]})])[f"clauses/base/{A}.yaml"])
    assert validator.is_valid(good)
    for wrong in (
        {"niveau": "exige"},
        {"inconnue": 1},
        {"si": {"tous": []}},
        {"si": {"sites": {"egal": 1}}},
        {"id": "x"},
    ):
        assert not validator.is_valid({**good, **wrong}), wrong


def test_explain(quick_cli, at, tmp_path):
    write_project(tmp_path / "p.yaml", faits={"paiement": "non"})
    said = quick_cli("explain", "p.yaml", *at).out
    assert f"{A} écartée : {LONG}" in said and "p.yaml:" in said
    assert f"{C} retenue" in said
    one = quick_cli("explain", "p.yaml", A, *at).out
    assert one.startswith(A) and "[non]" in one and C not in one
    assert quick_cli("explain", "p.yaml", "--outcome", "retenue", *at).out.count("retenue :") == 1
    assert quick_cli("explain", "p.yaml", "--outcome", "à décider", *at).out == ""


def test_explain_as_json(quick_cli, at, tmp_path):
    write_project(
        tmp_path / "p.yaml",
        lots=[{"numero": 1, "titre": "Un", "faits": {"paiement": "oui"}}, {"numero": 2, "titre": "Deux"}],
    )
    found = json.loads(quick_cli("explain", "p.yaml", "--format", "json", *at).out)
    assert len(found) == 6
    by_lot = {item["lot"]: item for item in found if item["id"] == A}
    assert (by_lot[1]["sort"], by_lot[2]["sort"]) == ("retenue", "à décider")
    assert by_lot[2]["faits_manquants"] == ["paiement"]
    assert by_lot[1]["raisons"][0]["resultat"] is True and "paiement vaut oui" in json.dumps(by_lot[1]["raisons"])
    assert {
        item["lot"] for item in json.loads(quick_cli("explain", "p.yaml", "--lot", 2, "--format", "json", *at).out)
    } == {2}


def test_packs_add_and_replace_with_a_reason(quick_cli, at, tmp_path):
    added = clause("TST-PAQ-010")
    replaced = clause(C, piece="ccap", titre="Clause du paquet")
    files = {f"clauses/base/{data['id']}.yaml": json.dumps(data) for data in (added, replaced)}
    pack = write_files(tmp_path / "paquet", files)
    ran = quick_cli("validate", pack, *at)
    assert ran.code == 1 and "[override-without-reason]" in ran.out
    files[f"clauses/base/{C}.yaml"] = json.dumps({**replaced, "surcharge": "Le règlement de la ville l'exige."})
    write_files(pack, files)
    assert quick_cli("validate", pack, *at).code == 0
    listed = quick_cli("list", "--pack", pack, *at).out
    assert "TST-PAQ-010" in listed and "Clause du paquet" in listed and f"Clause {C}" not in listed
    # and through the project
    write_project(tmp_path / "p.yaml", paquets=["paquet"], faits={"paiement": "non"})
    assert "TST-PAQ-010 retenue" in quick_cli("explain", "p.yaml", *at).out
