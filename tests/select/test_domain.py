"""A domain may set aside clauses that have no object in it; all the lot's domains must."""

import pytest

from reqgen.lint.library_rules import lint_library
from reqgen.model.selection import Outcome
from tests.helpers import TODAY, clause, library_of, outcomes, reasons, select

KEPT, OUT = Outcome.KEPT, Outcome.LEFT_OUT
CLAUSES = ("TST-AAA-010", "TST-AAB-010", "TST-BBB-010")


def domain(name: str, *starts: str) -> dict:
    aside = [{"clauses": list(starts), "motif": f"pas d'objet en {name}"}] if starts else None
    data = {"id": name, "titre": name.title(), "description": f"Le domaine {name}.", "ecarte": aside}
    return {key: value for key, value in data.items() if value is not None}


def told(domains: list[dict], own: str = "") -> dict:
    clauses = [clause(name, **({"domaines": [own]} if own and name == CLAUSES[0] else {})) for name in CLAUSES]
    library = library_of(clauses, domains=domains, checked=False)
    selection = select(library, checked=False, domaines=[one["id"] for one in domains])
    return {name: (outcome, reasons(selection, name)) for name, outcome in outcomes(selection).items()}


def test_what_a_domain_sets_aside_is_left_out_with_its_reason():
    found = told([domain("eau", "TST-AA")])
    assert [outcome for outcome, _ in found.values()] == [OUT, OUT, KEPT]
    assert "sans objet dans le domaine eau : pas d'objet en eau" in found[CLAUSES[0]][1]


def test_a_second_domain_in_the_lot_brings_it_back():
    found = told([domain("eau", "TST-AAA-010"), domain("air")])
    assert [outcome for outcome, _ in found.values()] == [KEPT, KEPT, KEPT]


def test_a_domain_may_take_its_own_clauses_alone():
    found = told([domain("eau", "communes")], own="eau")
    assert [outcome for outcome, _ in found.values()] == [KEPT, OUT, OUT]


@pytest.mark.parametrize(("start", "wrong"), [("TST-AAA", False), ("TST-ZZZ", True)])
def test_a_start_that_fits_no_clause_is_told(start, wrong):
    library = library_of([clause(name) for name in CLAUSES], domains=[domain("eau", start)], checked=False)
    found = [finding for finding in lint_library(library, TODAY) if finding.rule == "unknown-clause"]
    assert bool(found) is wrong


def test_a_condition_says_in_which_tenders_the_clauses_have_no_object():
    aside = [{"clauses": ["TST-AA"], "motif": "un audit seul", "si": {"paiement": "non"}}]
    data = {"id": "eau", "titre": "Eau", "description": "Le domaine eau.", "ecarte": aside}
    library = library_of([clause(name) for name in CLAUSES], domains=[data], checked=False)
    for answer, wanted in (("non", OUT), ("oui", KEPT), (None, Outcome.UNDECIDED)):
        facts = {"paiement": answer} if answer else {}
        selection = select(library, checked=False, domaines=["eau"], faits=facts)
        assert outcomes(selection)[CLAUSES[0]] is wanted and outcomes(selection)[CLAUSES[2]] is KEPT
    assert "peut être sans objet dans le domaine eau : un audit seul" in reasons(selection, CLAUSES[0])
    assert list(selection.missing) == ["paiement"]


def test_the_condition_of_what_is_set_aside_is_checked():
    aside = [{"clauses": ["TST-AA"], "motif": "un audit seul", "si": {"inconnu": "non"}}]
    data = {"id": "eau", "titre": "Eau", "description": "Le domaine eau.", "ecarte": aside}
    library = library_of([clause(name) for name in CLAUSES], domains=[data], checked=False)
    assert "unknown-fact" in {finding.rule for finding in lint_library(library, TODAY)}
