"""Official books of clauses: they apply when the contract cites them, and then say once what ours said too."""

import pytest

from reqgen.load.tree import parse
from reqgen.model.library import Library, Tier
from reqgen.model.selection import Selection
from reqgen.pipeline.reading import Sources, read_library, read_tender_text
from tests.helpers import KEPT, OUT, ROOT, TODAY, as_yaml, outcomes, reasons

EXAMPLE = ROOT / "examples" / "tma-developpement.yaml"
BOOKS = {"CCDTW": "CON-PIE-020", "CCLCN": "CON-PIE-030"}
CITED, RECONSTRUCTION, OURS = "CON-PIE-030", "CON-COD-010", "TMA-DEP-010"


@pytest.fixture(scope="module")
def known():
    return read_library(Sources(TODAY))


def chosen(known, *books: str, tier: str = "", excluded: str = "") -> Selection:
    """The decisions on the maintenance example, with another answer about the books, at another tier."""
    data = parse(EXAMPLE.name, EXAMPLE.read_text("utf-8"))[0].data
    data["faits"]["cahier_complementaire"] = list(books)
    data["palier"] = tier or data["palier"]
    if excluded:
        data["exclusions"] = [{"clause": excluded, "motif": "Le cahier est cité par l'acte d'engagement"}]
    return read_tender_text(EXAMPLE, as_yaml(data), Sources(TODAY), known).selection


@pytest.mark.parametrize("tier", [tier.value for tier in Tier])
@pytest.mark.parametrize("books", [["aucun"], *([book] for book in BOOKS), list(BOOKS)])
def test_a_book_is_cited_when_the_officer_says_so_at_any_depth(known, books, tier):
    found = outcomes(chosen(known, *books, tier=tier))
    assert {book for book, clause in BOOKS.items() if found[clause] is KEPT} == {*books} - {"aucun"}


@pytest.mark.parametrize("tier", [tier.value for tier in Tier])
def test_what_the_cited_book_says_is_not_said_twice(known, tier):
    selection = chosen(known, "CCLCN", tier=tier)
    found = outcomes(selection)
    assert found[OURS] is OUT
    assert f"remplacée par {CITED}" in reasons(selection, OURS)
    assert found[RECONSTRUCTION] is KEPT


@pytest.mark.parametrize("answer", ["aucun", "CCDTW"])
def test_our_clause_stands_when_that_book_is_not_cited(known, answer):
    assert outcomes(chosen(known, answer))[OURS] is KEPT


def test_our_clause_stands_when_the_citation_is_put_out(known):
    assert outcomes(chosen(known, "CCLCN", excluded=CITED))[OURS] is KEPT


def test_no_legal_obligation_gives_way_to_a_book(known):
    library: Library = known[0]
    replaced = [link.id for name in BOOKS.values() for link in library.clauses[name].replaces]
    assert replaced
    for name in replaced:
        assert all(citation.binds_if is None for citation in library.clauses[name].citations), name
