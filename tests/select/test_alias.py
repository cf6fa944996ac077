"""A domain that was renamed, or split, is still known by its old id."""

import pytest

from reqgen.lint.library_rules import lint_library
from reqgen.load.library import Bundle, load_library
from reqgen.model.diagnostic import NotInOrderError, Severity
from reqgen.pipeline.reading import Sources, Tender, read_tender
from tests.helpers import (
    KEPT,
    OUT,
    TODAY,
    as_yaml,
    clause,
    library_files,
    outcomes,
    rules,
    write_library,
    write_project,
)

OWN = {"TST-EAU-010": ["eau"], "TST-EGO-010": ["egouts"], "TST-AIR-010": ["air"], "TST-TOU-010": None}
CLAUSES = [clause(name, domaines=domains) for name, domains in OWN.items()]


def domain(name: str, *aliases: str, **more) -> dict:
    return {"id": name, "titre": name.title(), "description": "Un domaine.", "alias": list(aliases), **more}


SPLIT = [
    domain("eau", "eaux", "hydro", etablit={"paiement": "oui"}),
    domain("egouts", "eaux", etablit={"archives": "oui"}),
    {"id": "air", "titre": "Air", "description": "Un domaine sans ancien nom."},
]


def tender_of(folder, domains=SPLIT, **project) -> Tender:
    library = write_library(folder / "bib", CLAUSES, domains=domains)
    return read_tender(write_project(folder / "projet.yaml", **project), Sources(TODAY, library))


def kept(tender: Tender, lot: int = 0) -> set[str]:
    return {name for name, outcome in outcomes(tender.selection, lot).items() if outcome is KEPT}


def test_a_split_domain_is_read_as_each_that_bears_its_name(tmp_path):
    tender = tender_of(tmp_path, domaines=["eaux"])
    assert kept(tender) == {"TST-EAU-010", "TST-EGO-010", "TST-TOU-010"}
    assert tender.selection.lots[0].domains == ("eau", "egouts")
    assert {"paiement", "archives"} <= set(tender.selection.lots[0].answers)


def test_the_warning_names_the_new_ids_where_the_old_one_is_written(tmp_path):
    tender = tender_of(tmp_path, domaines=["air", "eaux", "hydro", "eau"])
    found = [finding for finding in tender.checked.findings if finding.rule == "renamed-domain"]
    assert {finding.severity for finding in found} == {Severity.WARNING}
    lines = (tmp_path / "projet.yaml").read_text("utf-8").split("\n")
    told = [lines[finding.place.line - 1][finding.place.column - 1 :].strip('",') for finding in found]
    assert told == ["eaux", "hydro"]
    split, renamed = found
    assert all(f"« {name} »" in split.message and f"« {name} »" in split.help for name in ("eau", "egouts"))
    assert renamed.help == "écrire « eau »" and "egouts" not in renamed.message
    assert tender.selection.lots[0].domains == ("air", "eau", "egouts")


def test_each_lot_is_read_so(tmp_path):
    lots = [{"numero": 1, "titre": "Eaux", "domaines": ["eaux"]}, {"numero": 2, "titre": "Air", "domaines": ["air"]}]
    tender = tender_of(tmp_path, lots=lots)
    assert kept(tender) == {"TST-EAU-010", "TST-EGO-010", "TST-TOU-010"}
    assert kept(tender, 1) == {"TST-AIR-010", "TST-TOU-010"}


def test_a_condition_on_the_domain_sees_the_new_ids(tmp_path):
    conditioned = [*CLAUSES, clause("TST-CON-010", si={"domaine": "egouts"})]
    library = write_library(tmp_path / "bib", conditioned, domains=SPLIT)
    project = write_project(tmp_path / "projet.yaml", domaines=["eaux"])
    assert outcomes(read_tender(project, Sources(TODAY, library)).selection)["TST-CON-010"] is KEPT


def test_an_id_that_a_domain_bears_is_that_domain_alone(tmp_path):
    tender = tender_of(tmp_path, domaines=["eau"])
    assert outcomes(tender.selection)["TST-EGO-010"] is OUT
    assert "renamed-domain" not in rules(tender.checked.findings)


def test_an_unknown_domain_is_still_an_error_at_its_place(tmp_path):
    with pytest.raises(NotInOrderError) as caught:
        tender_of(tmp_path, domaines=["eaux", "terre"])
    (finding,) = [one for one in caught.value.diagnostics if one.rule == "unknown-domain"]
    line = (tmp_path / "projet.yaml").read_text("utf-8").split("\n")[finding.place.line - 1]
    assert line[finding.place.column - 1 :].startswith('"terre"')


def test_the_clause_of_a_pack_written_before_the_split(tmp_path):
    tender_of(tmp_path, domaines=["egouts"])
    pack = tmp_path / "paquet" / "clauses" / "base" / "TST-PAQ-010.yaml"
    pack.parent.mkdir(parents=True)
    pack.write_text(as_yaml(clause("TST-PAQ-010", domaines=["eaux"])), "utf-8")
    sources = Sources(TODAY, tmp_path / "bib", packs=(tmp_path / "paquet",))
    tender = read_tender(tmp_path / "projet.yaml", sources)
    assert outcomes(tender.selection)["TST-PAQ-010"] is KEPT
    (finding,) = [one for one in tender.checked.findings if one.rule == "renamed-domain"]
    assert finding.place.path.endswith("TST-PAQ-010.yaml")


@pytest.mark.parametrize(("alias", "wrong"), [("air", True), ("vent", False)])
def test_an_alias_is_no_one_elses_id(alias, wrong):
    files = library_files(CLAUSES, domains=[*SPLIT, domain("sol", alias)])
    library, found = load_library([Bundle("bib", {f"bib/{path}": text for path, text in files.items()})])
    errors = [one for one in [*found, *lint_library(library, TODAY)] if one.severity is Severity.ERROR]
    assert rules(errors) == (["alias-taken"] if wrong else [])
    assert all(one.place.path == "bib/domaines/sol.yaml" and one.help for one in errors)


def test_the_shape_of_an_alias_is_checked():
    for bad in ("eaux", [], ["Eaux usées"], ["eaux", "eaux"]):
        files = library_files(CLAUSES, domains=[*SPLIT, {**domain("sol"), "alias": bad}])
        _, found = load_library([Bundle("bib", {f"bib/{path}": text for path, text in files.items()})])
        assert found, bad
