"""Conditions in three values: true, false, not answered."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqgen.load.project import project_tree
from reqgen.model import condition as model
from reqgen.model.diagnostic import Place
from reqgen.model.library import Response
from reqgen.model.selection import Outcome
from reqgen.select.condition import Answers, Trace, evaluate
from tests.helpers import as_yaml, clause, condition, library_of, outcomes, project_data, select

LIBRARY = library_of()
LAUNCH = date(2027, 2, 1)
BIT = {True: "oui", False: "non"}


def answers(launch: date = LAUNCH, /, **given_answers: object) -> Answers:
    responses = {
        name: Response(tuple(value) if isinstance(value, list) else (value,), Place("projet.yaml", 7, 3))
        for name, value in given_answers.items()
        if value is not None
    }
    return Answers(LIBRARY.facts, responses, LIBRARY.thresholds, launch)


def result(data: object, /, launch: date = LAUNCH, **given_answers: object) -> bool | None:
    return evaluate(condition(data), answers(launch, **given_answers)).outcome


VALUES = (True, False, None)


@pytest.mark.parametrize(("first", "second"), list(product(VALUES, VALUES)))
def test_truth_tables(first, second):
    facts = {"paiement": BIT.get(first), "archives": BIT.get(second)}
    pair = [{"paiement": "oui"}, {"archives": "oui"}]
    both = False if False in (first, second) else None if None in (first, second) else True
    either = True if True in (first, second) else None if None in (first, second) else False
    assert result({"tous": pair}, **facts) is both
    assert result({"paiement": "oui", "archives": "oui"}, **facts) is both
    assert result({"au_moins_un": pair}, **facts) is either
    assert result({"aucun": pair}, **facts) is (None if either is None else not either)


def test_always():
    assert result("toujours") is True
    assert result({"aucun": ["toujours"]}) is False


@pytest.mark.parametrize(
    ("data", "facts", "expected"),
    [
        ({"hebergement": "interne"}, {"hebergement": "interne"}, True),
        ({"hebergement": "interne"}, {"hebergement": "externalisé"}, False),
        ({"hebergement": ["interne", "externalisé"]}, {"hebergement": "externalisé"}, True),
        ({"moyens": "carte"}, {"moyens": ["virement", "carte"]}, True),
        ({"moyens": ["carte", "espèces"]}, {"moyens": ["virement"]}, False),
        ({"sites": {"au_moins": 3}}, {"sites": 3}, True),
        ({"sites": {"au_moins": 3}}, {"sites": 2}, False),
        ({"sites": {"plus_de": 3}}, {"sites": 3}, False),
        ({"sites": {"plus_de": 3}}, {"sites": 4}, True),
        ({"sites": {"au_plus": 3}}, {"sites": 3}, True),
        ({"sites": {"au_plus": 3}}, {"sites": 4}, False),
        ({"sites": {"moins_de": 3}}, {"sites": 3}, False),
        ({"sites": {"moins_de": 3}}, {"sites": 2}, True),
        ({"sites": {"au_moins": 2, "au_plus": 4}}, {"sites": 5}, False),
        ({"sites": 3}, {"sites": 3}, True),
        ({"sites": {"au_moins": 0}}, {"sites": 0}, True),
        ({"recettes": {"au_moins": 10.5}}, {"recettes": 10.49}, False),
        ({"population": {"au_moins": 3500}}, {"population": [900, 12000]}, True),
        ({"population": {"moins_de": 3500}}, {"population": [900, 12000]}, False),
        ({"ouverture": {"au_moins": "2027-09-01"}}, {"ouverture": "2027-09-01"}, True),
        ({"ouverture": {"au_moins": "2027-09-01"}}, {"ouverture": "2027-08-31"}, False),
        ({"ouverture": {"moins_de": "2027-09-01"}}, {"ouverture": "2026-12-31"}, True),
        ({"ouverture": "2027-09-01"}, {"ouverture": "2027-09-01"}, True),
    ],
)
def test_comparisons(data, facts, expected):
    assert result(data, paiement="oui", **facts) is expected
    assert result(data) is None


@pytest.mark.parametrize(
    ("launch", "outcome"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
        (date(2040, 1, 1), False),
    ],
)
def test_threshold_is_that_of_the_launch_date(launch, outcome):
    assert result({"valeur_ht": {"au_moins": "seuil-demo"}}, launch, valeur_ht=75000) is outcome


def test_threshold_decides_a_tender():
    library = library_of([clause("TST-SEU-010", si={"valeur_ht": {"plus_de": "seuil-demo"}})])
    market = {"marche": {"valeur_estimee_ht": 75000, "duree_mois": 24}}
    before = select(library, calendrier={"lancement": "2026-12-31"}, **market)
    after = select(library, calendrier={"lancement": "2027-01-01"}, **market)
    assert [part.lots[0].verdicts["TST-SEU-010"].outcome.value for part in (before, after)] == ["retenue", "écartée"]


def test_question_that_is_not_asked():
    wanted = {"moyens": "carte"}
    assert result(wanted, paiement="non") is False
    assert result({"aucun": [wanted]}, paiement="non") is True
    assert result(wanted, paiement="oui") is None
    assert result(wanted, paiement="oui", moyens=["carte"]) is True
    assert result(wanted, paiement="non", moyens=["carte"]) is False  # an answer to a pointless question is none
    assert result(wanted, moyens=["carte"]) is None  # nor is it one yet
    assert result(wanted, moyens=["virement"]) is False  # whether it is asked or not
    trace = evaluate(condition(wanted), answers())
    assert trace.outcome is None
    assert trace.missing == ("paiement", "moyens")  # the one that decides whether the other is asked comes first


def test_facts_that_ask_for_one_another_do_not_loop():
    facts = [
        {"id": "un", "libelle": "Un ?", "type": "oui-non", "demande_si": {"deux": "oui"}},
        {"id": "deux", "libelle": "Deux ?", "type": "oui-non", "demande_si": {"un": "oui"}},
    ]
    library = library_of(facts=facts, domains=(), thresholds=(), checked=False)
    trace = evaluate(condition({"un": "oui"}), Answers(library.facts, {}, {}, LAUNCH))
    assert trace.outcome is None
    assert set(trace.missing) == {"un", "deux"}


def test_missing_names_only_what_could_still_decide():
    data = {"tous": [{"paiement": "oui"}, {"archives": "oui"}, {"sites": {"au_moins": 2}}]}
    assert evaluate(condition(data), answers(archives="oui")).missing == ("paiement", "sites")
    assert evaluate(condition(data), answers(archives="non")).missing == ()
    either = {"au_moins_un": [{"paiement": "oui"}, {"archives": "oui"}]}
    assert evaluate(condition(either), answers(archives="non")).missing == ("paiement",)


def test_trace_names_the_place_of_the_answer():
    trace = evaluate(condition({"hebergement": "interne"}), answers(hebergement="externalisé"))
    assert "hebergement vaut externalisé" in trace.text
    assert "projet.yaml:7:3" in trace.text
    assert "interne" in trace.text


FLAT = st.one_of(
    st.sampled_from([
        {"paiement": "oui"}, {"paiement": "non"}, {"archives": "oui"}, {"mobile": "non"}, {"hebergement": "interne"},
        {"hebergement": ["interne", "externalisé"]}, {"moyens": "carte"}, {"moyens": ["virement", "espèces"]}, "toujours",
        {"recettes": {"au_moins": "seuil-demo"}}, {"ouverture": {"moins_de": "2027-09-01"}}, {"paiement": "oui", "mobile": "oui"},
    ]),
    st.builds(
        lambda name, bound: {"sites": {name: bound}},
        st.sampled_from(["au_moins", "au_plus", "plus_de", "moins_de"]),
        st.integers(0, 4),
    ),
)  # fmt: skip
CONDITIONS = st.recursive(
    FLAT,
    lambda inner: st.builds(
        lambda group, parts: {group: parts},
        st.sampled_from(["tous", "au_moins_un", "aucun"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
FULL_ANSWERS = st.fixed_dictionaries({
    "paiement": st.sampled_from(["oui", "non"]),
    "archives": st.sampled_from(["oui", "non"]),
    "mobile": st.sampled_from(["oui", "non"]),
    "hebergement": st.sampled_from(["interne", "externalisé"]),
    "moyens": st.lists(st.sampled_from(["carte", "virement", "espèces"]), min_size=1, unique=True),
    "sites": st.integers(0, 4),
    "recettes": st.sampled_from([0, 59999.99, 90000, 90001]),
    "ouverture": st.sampled_from(["2027-08-31", "2027-09-01"]),
})  # fmt: skip


QUESTIONS = ("archives", "hebergement", "mobile", "moyens", "ouverture", "paiement", "recettes", "sites")


@given(data=CONDITIONS, full=FULL_ANSWERS, order=st.permutations(QUESTIONS))
def test_one_more_answer_never_flips_what_is_decided(data, full, order):
    known: dict = {}
    told = result(data)
    for name in order:
        known[name] = full[name]
        now = result(data, **known)
        assert told is None or now is told, (data, known)
        told = now
    assert told is not None, "every question that is asked has its answer: nothing is left open"


@given(data=CONDITIONS, full=FULL_ANSWERS, kept=st.sets(st.sampled_from(["archives", "paiement", "mobile", "sites"])))
def test_an_open_condition_names_facts_and_a_decided_one_none(data, full, kept):
    known = {name: full[name] for name in kept}
    trace = evaluate(condition(data), answers(**known))
    assert (trace.outcome is None) == bool(trace.missing)
    assert not set(trace.missing) & set(known)
    assert set(trace.missing) <= {test.fact for test in model.tests_of(condition(data))} | {"paiement"}


@given(data=CONDITIONS, full=FULL_ANSWERS)
def test_aucun_is_the_contrary_of_au_moins_un(data, full):
    trace = evaluate(condition(data), answers(**full))
    contrary = evaluate(condition({"aucun": [data]}), answers(**full))
    assert contrary.outcome is (not trace.outcome)
    assert sound(trace) and sound(contrary)


def sound(trace: Trace) -> bool:
    """Every step of a trace has words."""
    return bool(trace.text) and all(sound(part) for part in trace.parts)


def test_one_buyer_with_the_powers_of_two_meets_the_conditions_of_both():
    kinds = ("commune", "epci", "région")
    names = [f"TST-{letter * 3}-010" for letter in "ABC"]
    library = library_of(clause(name, si={"type_acheteur": kind}) for name, kind in zip(names, kinds, strict=True))
    found = outcomes(select(library, acheteurs=[{"nom": "Ville capitale", "type": ["commune", "région"]}]))
    assert [found[name] for name in names] == [Outcome.KEPT, Outcome.LEFT_OUT, Outcome.KEPT]


@pytest.mark.parametrize(
    ("kinds", "rule"),
    [
        ("ville", "unknown-value"),
        (["commune", "ville"], "unknown-value"),
        (["epci", "epci"], "duplicate-item"),
        (3, "wrong-type"),
    ],
)
def test_a_buyer_is_of_a_known_kind_alone_or_in_a_list(kinds, rule):
    _, found = project_tree("projet.yaml", as_yaml(project_data(acheteurs=[{"nom": "Ville", "type": kinds}])))
    assert [finding.rule for finding in found] == [rule]
