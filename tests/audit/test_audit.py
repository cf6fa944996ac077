"""`audit`: what ends, begins or grows old, on which day, where, and whom it touches."""

import json
from datetime import date

import pytest

from reqgen.lint.audit import shift
from tests.helpers import THRESHOLDS, clause, source, write_files, write_library, write_project

A, B, C = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010"
DAY = "2027-06-15"
VALUE = {"du": "2026-01-01", "au": "2026-12-31", "valeur": 60000}


@pytest.fixture
def audit(quick_cli, tmp_path):
    """audit(clauses, *arguments, on=..., **parts of the library) -> how it ended, its findings by rule."""

    def run(clauses=(), *arguments, on=DAY, thresholds=(), **parts):
        write_library(tmp_path / "bib", clauses, thresholds=thresholds, **parts)
        ran = quick_cli("audit", "--library", "bib", "--on", on, "--format", "json", *arguments)
        return ran, {record["rule"]: record for record in json.loads(ran.out)}

    return run


def cites(name=A, source_id="code-demo", **changes):
    return clause(name, sources=[{"id": source_id}], **changes)


def fresh(**changes):
    return source(consulte_le="2026-11-20", **changes)


def value_at(tmp_path, record):
    """The text that a finding points at."""
    line = (tmp_path / record["path"]).read_text("utf-8").splitlines()[record["line"] - 1]
    return line[record["column"] - 1 :].strip(' ",')


def test_nothing_to_say(quick_cli, tmp_path):
    write_library(tmp_path / "bib", [cites()], thresholds=())
    ran = quick_cli("audit", "--library", "bib", "--on", "2026-12-01")
    assert (ran.code, ran.out, ran.err) == (0, "aucune anomalie\n", "")


def test_an_expired_source_that_is_cited(audit, tmp_path):
    ran, found = audit([cites(), cites(B)], sources=[fresh(en_vigueur_au="2027-06-14")])
    assert ran.code == 1 and set(found) == {"source-expired"}
    record = found["source-expired"]
    assert record["severity"] == "error" and record["clauses"] == [A, B]
    assert (record["objet"], record["date"]) == ("code-demo", "2027-06-14")
    assert record["path"] == "bib/sources.yaml" and value_at(tmp_path, record) == "2027-06-14"


@pytest.mark.parametrize("clauses", [[], [cites(en_vigueur_au="2027-06-14")], [cites(en_vigueur_au="2027-01-01")]])
def test_an_expired_source_on_which_nothing_rests(audit, clauses):
    ran, found = audit(clauses, sources=[fresh(en_vigueur_au="2027-06-14")])
    assert ran.code == 0 and found["source-expired"]["severity"] == "warning"


def test_an_expired_source_on_which_a_threshold_rests(audit):
    threshold = {**THRESHOLDS[0], "source": "code-demo"}
    leaning = clause(A, si={"valeur_ht": {"au_moins": "seuil-demo"}})
    ran, found = audit([leaning], sources=[fresh(en_vigueur_au="2027-06-14")], thresholds=[threshold])
    assert ran.code == 1 and found["source-expired"]["clauses"] == [A]


@pytest.mark.parametrize(("until", "expected"), [("2027-06-15", True), ("2027-12-15", True), ("2027-12-16", False)])
def test_a_source_that_expires_within_the_margin(audit, until, expected):
    ran, found = audit([cites()], "--months", 6, sources=[source(consulte_le="2027-06-01", en_vigueur_au=until)])
    assert ran.code == 0 and ("source-expiring" in found) is expected


@pytest.mark.parametrize(("months", "expected"), [(6, True), (7, False)])
def test_a_source_not_read_again(audit, tmp_path, months, expected):
    ran, found = audit([cites()], "--months", months, sources=[fresh()])
    assert ran.code == 0 and ("source-unchecked" in found) is expected
    if expected:
        assert value_at(tmp_path, found["source-unchecked"]) == "2026-11-20"


def test_a_source_to_verify(audit, tmp_path):
    ran, found = audit([cites()], sources=[fresh(statut="à vérifier")])
    assert ran.code == 0 and set(found) == {"source-unverified"}
    assert value_at(tmp_path, found["source-unverified"]) == "à vérifier"


@pytest.mark.parametrize(("key", "rule"), [("en_vigueur_du", "clause-starting"), ("en_vigueur_au", "clause-ending")])
def test_clauses_that_begin_or_end(audit, tmp_path, key, rule):
    days = {A: "2027-06-15", B: "2027-12-15", C: "2027-12-16", "TST-DDD-010": "2027-06-14"}
    ran, _ = audit([clause(name, **{key: day}) for name, day in days.items()])
    records = json.loads(ran.out)
    assert ran.code == 0 and [(item["rule"], item["objet"]) for item in records] == [(rule, A), (rule, B)]
    assert [value_at(tmp_path, item) for item in records] == [days[A], days[B]]


def test_an_ended_threshold(audit, tmp_path):
    clauses = [
        clause(A, si={"valeur_ht": {"au_moins": "seuil-demo"}}),
        clause(B, si={"paiement": "oui"}),
        clause(C, si={"asked": "oui"}),
    ]
    facts = [
        {"id": "valeur_ht", "libelle": "Valeur", "type": "montant"},
        {"id": "paiement", "libelle": "Paiement ?", "type": "oui-non"},
        {"id": "asked", "libelle": "Et ?", "type": "oui-non", "demande_si": {"valeur_ht": {"moins_de": "seuil-demo"}}},
    ]
    older = {"du": "2020-01-01", "au": "2025-12-31", "valeur": 1}
    threshold = {**THRESHOLDS[0], "valeurs": [VALUE, older]}
    ran, found = audit(clauses, facts=facts, thresholds=[threshold], domains=())
    assert ran.code == 1 and found["threshold-ended"]["clauses"] == [A, C]
    assert value_at(tmp_path, found["threshold-ended"]) == "2026-12-31"


@pytest.mark.parametrize(("on", "code", "rules"), [("2026-12-31", 0, {"threshold-ending"}), ("2027-01-01", 0, set())])
def test_a_threshold_that_changes(audit, on, code, rules):
    ran, found = audit(on=on, thresholds=THRESHOLDS)
    assert ran.code == code and set(found) == rules
    for record in found.values():
        assert record["message"].replace("\u202f", " ").endswith("puis 90 000")


def test_a_threshold_that_ends(audit):
    ran, found = audit(on="2026-12-31", thresholds=[{**THRESHOLDS[0], "valeurs": [VALUE]}])
    assert ran.code == 0 and found["threshold-ending"]["message"].endswith("aucune autre n'est connue")


def test_the_tenders_that_are_touched(quick_cli, tmp_path):
    write_library(
        tmp_path / "bib",
        [cites(si={"paiement": "oui"})],
        sources=[fresh(en_vigueur_au="2027-06-14")],
        thresholds=(),
    )
    for name, answer in (("oui", "oui"), ("non", "non"), ("muet", None)):
        facts = {"faits": {"paiement": answer}} if answer else {}
        write_project(tmp_path / f"marches/{name}.yaml", **facts)
    command = ("audit", "--library", "bib", "--on", DAY, "--projects", "marches/*.yaml")
    (record,) = json.loads(quick_cli(*command, "--format", "json").out)
    assert record["projets"] == ["marches/muet.yaml", "marches/oui.yaml"]
    said = quick_cli(*command)
    assert said.code == 1 and said.err == ""
    assert "bib/sources.yaml:12:21" in said.out and ": error: la source « code-demo »" in said.out
    assert f"clauses : {A}\nmarchés : marches/muet.yaml, marches/oui.yaml\n" in said.out
    assert said.out.endswith("1 erreur\n")


def test_a_project_that_cannot_be_read_does_not_hide_the_audit(quick_cli, tmp_path):
    write_library(tmp_path / "bib", [cites()], sources=[fresh(statut="à vérifier")], thresholds=())
    write_files(tmp_path, {"marches/a.yaml": "reference: [\n"})
    ran = quick_cli("audit", "--library", "bib", "--on", DAY, "--projects", "marches/a.yaml")
    assert ran.code == 1 and "[source-unverified]" in ran.out and "marchés : aucun" in ran.out
    assert "marches/a.yaml:" in ran.err


def test_a_library_in_error_is_no_clean_audit(quick_cli, tmp_path):
    write_library(tmp_path / "bib", [clause(A, requiert=["TST-ZZZ-010"])], thresholds=())
    ran = quick_cli("audit", "--library", "bib", "--on", DAY)
    assert ran.code == 1 and "1 erreur" in ran.err


@pytest.mark.parametrize(
    "arguments", [["--on", "demain"], ["--on", "2027-02-30"], ["--months", "-1"], ["--months", "un"], ["--projects", "rien/*"]]
)  # fmt: skip
def test_misuse(quick_cli, arguments):
    ran = quick_cli("audit", *arguments)
    assert ran.code == 2 and ran.out == "" and "Traceback" not in ran.err


def test_months():
    assert shift(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert shift(date(2027, 3, 31), -1) == date(2027, 2, 28)
    assert shift(date(2027, 12, 1), 1) == date(2028, 1, 1)
    assert (shift(date(9999, 12, 31), 1), shift(date(1, 1, 1), -1)) == (date.max, date.min)


def test_the_library_of_reqgen_can_be_audited(quick_cli):
    ran = quick_cli("audit", "--on", "2026-11-24")
    assert ran.code == 0 and "erreur" not in ran.out.splitlines()[-1]
