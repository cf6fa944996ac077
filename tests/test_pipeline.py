"""The use cases called as a program would: read, check, decide, assemble."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from reqgen.model.diagnostic import NotInOrderError, ReqgenError
from reqgen.pipeline.checking import validate
from reqgen.pipeline.documents import assemble, missing_answers, outline_named
from reqgen.pipeline.reading import (
    Sources,
    below,
    read_library,
    read_outlines,
    read_tender,
    read_tender_text,
    usable_library,
)
from tests.helpers import TODAY, as_yaml, clause, project_data, rules, tags, write_files, write_library, write_project

A, B = "TST-AAA-010", "TST-BBB-010"


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(TODAY, write_library(tmp_path / "bib", [clause(A), clause(B, si={"hebergement": "interne"})]))


def test_a_library_and_the_text_of_its_files(sources):
    library, checked = usable_library(sources)
    assert list(library.clauses) == [A, B] and not checked.errors
    assert sources.library is not None
    assert set(checked.files) == {path.as_posix() for path in sources.library.rglob("*.yaml")}


def test_a_library_in_error_is_not_used(sources, tmp_path):
    write_library(tmp_path / "bib", [clause(A, si={"inconnu": "oui"})])
    assert read_library(sources)[1].errors
    for use in (lambda: usable_library(sources), lambda: read_tender(write_project(tmp_path / "p.yaml"), sources)):
        with pytest.raises(NotInOrderError) as raised:
            use()
        assert "unknown-fact" in rules(raised.value.diagnostics)


def test_a_library_without_a_manifest(sources, tmp_path):
    (tmp_path / "bib" / "bibliotheque.yaml").unlink()
    assert "missing-manifest" in rules(read_library(sources)[1].findings)


def test_the_built_in_library_is_used_by_default():
    library, _ = read_library(Sources(TODAY))
    assert library.clauses and library.facts and library.manifest.name


def test_a_tender(sources, tmp_path):
    tender = read_tender(write_project(tmp_path / "p.yaml", faits={"hebergement": "interne"}), sources)
    assert tender.project.reference == "2027-01" and tender.folder == tmp_path and not tender.checked.findings
    outline = outline_named(read_outlines(sources), "cctp")
    assert [tag for tag in tags(assemble(tender, outline)) if tag in (A, B)] == [A, B]


def test_a_text_that_is_on_no_disk(sources, tmp_path):
    tender = read_tender_text(tmp_path / "jamais.yaml", as_yaml(project_data()), sources)
    (finding,) = missing_answers(tender.selection)
    assert finding.rule == "unanswered-fact" and "faits.hebergement" in finding.message and B in finding.help
    outline = outline_named(read_outlines(sources), "cctp")
    with pytest.raises(NotInOrderError) as raised:
        assemble(tender, outline)
    assert raised.value.diagnostics == (finding,)
    assert assemble(tender, outline, draft=True).draft


def test_a_clause_that_no_answer_decides_is_said(tmp_path):
    """A threshold that has no value on the day of the launch."""
    items = [clause(A, si={"valeur_ht": {"plus_de": "seuil-demo"}})]
    sources = Sources(TODAY, write_library(tmp_path / "bib", items))
    market = {"valeur_estimee_ht": 1, "duree_mois": 12}
    path = write_project(tmp_path / "p.yaml", calendrier={"lancement": "2025-01-01"}, marche=market)
    tender = read_tender(path, sources)
    with pytest.raises(NotInOrderError) as raised:
        assemble(tender, outline_named(read_outlines(sources), "cctp"))
    assert raised.value.diagnostics and A in raised.value.diagnostics[0].message


def test_findings_of_the_selection_stop_the_document(sources, tmp_path):
    items = [clause(A, requiert=[B]), clause(B)]
    sources = replace(sources, library=write_library(tmp_path / "autre", items))
    path = write_project(tmp_path / "p.yaml", exclusions=[{"clause": B, "motif": "Sans objet"}])
    with pytest.raises(NotInOrderError) as raised:
        assemble(read_tender(path, sources), outline_named(read_outlines(sources), "cctp"))
    assert rules(raised.value.diagnostics) == ["required-unavailable"]
    assert "required-unavailable" in rules(validate([path], sources).findings)


def test_lots_by_number(sources, tmp_path):
    facts = {"hebergement": "interne"}
    outline = outline_named(read_outlines(sources), "cctp")
    plain = read_tender(write_project(tmp_path / "p.yaml", faits=facts), sources)
    lots = read_tender(
        write_project(
            tmp_path / "q.yaml", faits=facts, lots=[{"numero": 4, "titre": "Quatre"}, {"numero": 7, "titre": "Sept"}]
        ),
        sources,
    )
    for tender, number in ((plain, 1), (lots, 1), (lots, 0)):
        with pytest.raises(ReqgenError) as raised:
            assemble(tender, outline, lot=number)
        assert rules(raised.value.diagnostics) == ["unknown-lot"]
    assert "Sept" in assemble(lots, outline, lot=7).meta.title or A in tags(assemble(lots, outline, lot=7))


def test_outlines_of_the_buyer_stand_over_the_built_in_ones(sources, tmp_path):
    built_in = read_outlines(sources)
    assert {"cctp", "annexe-rgpd", "note-acheteur"} <= set(built_in)
    plan = {
        "document": "cctp",
        "titre": "Autre",
        "court": "A",
        "destinataires": "candidats",
        "parties": [{"titre": "Un"}],
    }
    folder = write_files(
        tmp_path / "plans",
        {"cctp.yaml": as_yaml(plan), "libelles.yaml": as_yaml({"libelles": {"exigence.pse": "PSE"}})},
    )
    own = read_outlines(replace(sources, templates=folder))
    assert own["cctp"].title == "Autre" and set(own) == set(built_in)
    assert own["cctp"].labels["exigence.pse"] == "PSE" and own["cctp"].labels["glossaire.titre"] == "Glossaire"
    write_files(folder, {"mal.yaml": "document: x"})
    with pytest.raises(NotInOrderError):
        read_outlines(replace(sources, templates=folder))


def test_near_name_of_a_document(sources):
    with pytest.raises(ReqgenError) as raised:
        outline_named(read_outlines(sources), "cctps")
    assert "vouliez-vous dire « cctp » ?" in raised.value.diagnostics[0].message


@pytest.mark.parametrize(
    ("folder", "root", "name", "expected"),
    [
        ("a/b", "a", "x.csv", "b/x.csv"),
        ("a/b", "a/b", "x.csv", "x.csv"),
        ("a/b", "a", "../x.csv", "b/../x.csv"),
        ("a", "b", "x.csv", "x.csv"),
        ("a", "b", "/x.csv", "/x.csv"),
    ],
)
def test_names_are_relative_to_the_project(tmp_path, folder, root, name, expected):
    assert below(tmp_path / folder, tmp_path / root, name) == expected


def test_needs_and_packs_of_a_project(sources, tmp_path):
    write_files(tmp_path, {"b.csv": "module;exigence\nSuivi;Le titulaire doit trier.\n"})
    write_files(tmp_path / "paquet", {"clauses/base/TST-CCC-010.yaml": as_yaml(clause("TST-CCC-010"))})
    path = write_project(
        tmp_path / "p.yaml", besoins_fichier="b.csv", paquets=["paquet"], faits={"hebergement": "interne"}
    )
    tender = read_tender(path, sources)
    assert [need.text for need in tender.project.common.needs] == ["Le titulaire doit trier."]
    assert tender.selection.library.clauses["TST-CCC-010"].origin
    lots = [{"numero": 1, "titre": "Un", "besoins_fichier": "b.csv"}, {"numero": 2, "titre": "Deux"}]
    tender = read_tender(write_project(tmp_path / "q.yaml", lots=lots), sources)
    assert [len(lot.needs) for lot in tender.project.lots] == [1, 0]
