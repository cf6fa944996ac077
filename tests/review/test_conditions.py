"""Conditions compared by what they say of every answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqgen.model.library import Response
from reqgen.review.conditions import Relation, bare, relation, told
from reqgen.select.condition import Answers, evaluate
from tests.helpers import FACTS, THRESHOLDS, TODAY, condition, library_of

LIBRARY = library_of()


def holds_in(library):
    def holds(asked, responses):
        return evaluate(asked, Answers(library.facts, responses, library.thresholds, TODAY)).outcome

    return holds


def related(old, new, before=LIBRARY, after=LIBRARY):
    return relation(condition(old), condition(new), (before, after), (holds_in(before), holds_in(after)))


SAME, WIDER, NARROWER, OTHER = Relation
ALL = "toujours"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"paiement": "oui"}, ALL, WIDER),
        (ALL, {"paiement": "oui"}, NARROWER),
        ({"paiement": "oui"}, {"paiement": "non"}, OTHER),
        ({"paiement": "oui"}, {"paiement": "oui", "mobile": "oui"}, NARROWER),
        ({"paiement": "oui"}, {"au_moins_un": [{"paiement": "oui"}, {"mobile": "oui"}]}, WIDER),
        ({"paiement": "oui"}, {"mobile": "oui"}, OTHER),
        ({"aucun": [{"paiement": "oui"}]}, {"paiement": "non"}, SAME),
        ({"paiement": ["oui", "non"]}, ALL, SAME),
        ({"sites": {"au_moins": 10}}, {"sites": {"plus_de": 9}}, SAME),
        ({"recettes": {"au_moins": 10}}, {"recettes": {"plus_de": 9}}, WIDER),
        ({"sites": {"au_moins": 10}}, {"sites": {"au_moins": 5}}, WIDER),
        ({"sites": {"au_moins": 0}}, ALL, SAME),
        ({"ouverture": {"au_moins": "2027-01-02"}}, {"ouverture": {"plus_de": "2027-01-01"}}, SAME),
        ({"ouverture": {"au_plus": "2027-01-02"}}, {"ouverture": {"au_plus": "2027-01-01"}}, NARROWER),
        ({"valeur_ht": {"au_moins": "seuil-demo"}}, {"valeur_ht": {"au_moins": 60000}}, SAME),
        ({"valeur_ht": {"au_moins": "seuil-demo"}}, {"valeur_ht": {"au_moins": 50000}}, WIDER),
        ({"moyens": "carte"}, {"moyens": ["carte", "virement"]}, WIDER),
        ({"moyens": "carte"}, {"tous": [{"moyens": "carte"}, {"moyens": "virement"}]}, NARROWER),
        # `moyens` is only asked when there are payments
        ({"moyens": "carte"}, {"moyens": "carte", "paiement": "oui"}, SAME),
        ({"domaine": "finances"}, {"domaine": ["finances", "famille"]}, WIDER),
        # more combinations than are tried
        ({"tous": [{"moyens": ["carte", "virement"]}, {"sites": {"au_moins": 1}}, {"recettes": {"au_moins": 1}},
                   {"population": {"au_moins": 7}}, {"valeur_ht": {"au_moins": 2}}, {"archives": "oui"}]}, ALL, OTHER),
    ],
)  # fmt: skip
def test_relation(old, new, expected):
    assert related(old, new) is expected
    turned = {WIDER: NARROWER, NARROWER: WIDER}.get(expected, expected)
    assert related(new, old) is turned


def test_each_condition_is_read_in_its_own_library():
    later = library_of(thresholds=[{**THRESHOLDS[0], "valeurs": [{"du": "2026-01-01", "au": None, "valeur": 40000}]}])
    test = {"valeur_ht": {"au_moins": "seuil-demo"}}
    assert related(test, {"valeur_ht": {"au_moins": 60000}}, after=later) is SAME
    assert related({"valeur_ht": {"au_moins": 60000}}, test, after=later) is WIDER


def test_what_cannot_be_tried_is_only_changed():
    kinds = [{**fact, "type": "oui-non"} if fact["id"] == "sites" else fact for fact in FACTS]
    without = library_of(facts=[fact for fact in FACTS if fact["id"] != "mobile"])
    assert related({"sites": {"au_moins": 2}}, {"sites": "oui"}, after=library_of(facts=kinds)) is OTHER
    assert related({"inconnu": "oui"}, ALL) is OTHER
    assert related({"paiement": {"au_moins": 2}}, ALL) is OTHER
    assert related({"ouverture": {"au_moins": "jamais"}}, ALL) is OTHER
    assert related({"valeur_ht": {"au_moins": "seuil-absent"}}, {"valeur_ht": {"au_moins": 3}}) is OTHER
    assert related({"mobile": "oui"}, {"paiement": "oui"}, after=without) is OTHER


TESTS = st.sampled_from(
    [
        {"paiement": "oui"},
        {"paiement": "non"},
        {"moyens": "carte"},
        {"moyens": ["carte", "espèces"]},
        {"sites": {"au_moins": 3}},
        {"sites": {"moins_de": 5}},
        {"hebergement": "interne"},
    ]
)
CONDITIONS = st.recursive(
    TESTS,
    lambda inner: st.tuples(
        st.sampled_from(["tous", "au_moins_un", "aucun"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda pair: {pair[0]: pair[1]}),
    max_leaves=5,
)
ANSWERS = st.fixed_dictionaries(
    {
        "paiement": st.sampled_from([("oui",), ("non",)]),
        "moyens": st.lists(st.sampled_from(["carte", "virement", "espèces"]), min_size=1, unique=True).map(tuple),
        "sites": st.integers(0, 9).map(lambda number: (number,)),
        "hebergement": st.sampled_from([("interne",), ("externalisé",)]),
    }
)


@given(CONDITIONS, CONDITIONS, ANSWERS)
def test_no_answer_belies_a_relation(old, new, answers):
    """What is said of all answers holds for any of them."""
    found = related(old, new)
    place = condition({"paiement": "oui"}).place
    responses = {name: Response(values, place) for name, values in answers.items()}
    before, after = (holds_in(LIBRARY)(condition(data), responses) for data in (old, new))
    if found in (SAME, WIDER):
        assert after or not before
    if found in (SAME, NARROWER):
        assert before or not after


def test_order_is_form():
    assert bare(condition({"a": ["x", "y"], "b": "z"})) == bare(condition({"b": "z", "a": ["y", "x"]}))
    assert bare(condition({"a": "x"})) != bare(condition({"aucun": [{"a": "x"}]}))


def test_a_condition_on_a_line():
    data = {"paiement": ["oui", "non"], "aucun": [{"sites": {"moins_de": 3}}], "au_moins_un": [{"a": "b"}, "toujours"]}
    assert told(condition(data)) == (
        "tous (paiement : oui ou non ; aucun (sites < 3) ; au moins un (a : b ; toujours))"
    )
