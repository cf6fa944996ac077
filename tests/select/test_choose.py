"""The decision about each clause: tiers, law, dates, links between clauses, the officer's choices, lots."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reqgen.model.diagnostic import Severity
from reqgen.model.library import Tier
from reqgen.select.choose import choose
from tests.helpers import (
    DOMAINS,
    KEPT,
    OUT,
    UNDECIDED,
    as_yaml,
    clause,
    library_of,
    outcomes,
    project_data,
    project_of,
    reasons,
    rules,
    select,
)

A, B, C, D = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010", "TST-DDD-010"
PAYS = {"paiement": "oui"}
BINDING = [{"id": "code-demo", "oblige_si": "toujours"}]


def decided(*clauses: dict, **project) -> dict:
    return outcomes(select(library_of(clauses), **project))


def test_without_condition_a_clause_is_kept():
    assert decided(clause(A)) == {A: KEPT}


def test_condition():
    library = library_of([clause(A, si=PAYS)])
    assert outcomes(select(library, faits={"paiement": "oui"})) == {A: KEPT}
    assert outcomes(select(library, faits={"paiement": "non"})) == {A: OUT}
    selection = select(library)
    assert outcomes(selection) == {A: UNDECIDED}
    assert selection.missing == {"paiement": (A,)}
    assert selection.lots[0].verdicts[A].missing == ("paiement",)


def test_questions_come_in_the_order_of_the_library():
    library = library_of([clause(A, si={"sites": {"au_moins": 2}, "archives": "oui"}), clause(B, si=PAYS)])
    assert list(select(library).missing) == ["paiement", "archives", "sites"]


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("chosen", list(Tier))
def test_tier(tier, chosen):
    expected = KEPT if tier.rank <= chosen.rank else OUT
    assert decided(clause(A, palier=tier.value), palier=chosen.value) == {A: expected}
    assert decided(clause(A, palier=tier.value, sources=BINDING), palier=chosen.value) == {A: KEPT}


def test_tier_waits_for_what_makes_a_legal_obligation():
    binding = [{"id": "code-demo", "oblige_si": PAYS}]
    library = library_of([clause(A, palier="renforcé", sources=binding)])
    for given_facts, outcome, bound in (({}, UNDECIDED, False), (PAYS, KEPT, True), ({"paiement": "non"}, OUT, False)):
        selection = select(library, faits=given_facts or None)
        verdict = selection.lots[0].verdicts[A]
        assert (verdict.outcome, verdict.binding) == (outcome, bound), given_facts
    assert "palier" in reasons(select(library, faits={"paiement": "non"}), A)
    assert "quel que soit le palier" in reasons(select(library, faits=PAYS), A)
    # at the tier of the clause the answer is of no use, and is not asked
    assert outcomes(select(library, palier="renforcé")) == {A: KEPT}


def test_one_of_several_sources_is_enough_to_bind():
    cited = [{"id": "un", "oblige_si": PAYS}, {"id": "deux", "oblige_si": {"archives": "oui"}}]
    library = library_of([clause(A, palier="renforcé", sources=cited)])
    assert outcomes(select(library, faits={"archives": "oui"})) == {A: KEPT}
    assert outcomes(select(library, faits={"archives": "non"})) == {A: UNDECIDED}
    assert outcomes(select(library, faits={"archives": "non", "paiement": "non"})) == {A: OUT}


def test_a_legal_obligation_still_has_its_condition():
    assert decided(clause(A, si=PAYS, sources=BINDING), faits={"paiement": "non"}) == {A: OUT}


def test_required_clauses_come_in_with_their_reason():
    never = {"paiement": "oui"}
    library = library_of([
        clause(A, requiert=[B]), clause(B, requiert=[C], si=never), clause(C, palier="renforcé"), clause(D, si=never),
    ])  # fmt: skip
    selection = select(library, faits={"paiement": "non"})
    assert outcomes(selection) == {A: KEPT, B: KEPT, C: KEPT, D: OUT}
    assert f"requise par {A}" in reasons(selection, B)
    assert f"requise par {B}" in reasons(selection, C)


def test_required_circle():
    assert decided(clause(A, requiert=[B]), clause(B, requiert=[A], palier="renforcé")) == {A: KEPT, B: KEPT}
    both = [clause(A, requiert=[B], si=PAYS), clause(B, requiert=[A], si=PAYS)]
    assert decided(*both, faits={"paiement": "non"}) == {A: OUT, B: OUT}
    assert decided(*both) == {A: UNDECIDED, B: UNDECIDED}


def test_required_by_an_undecided_clause():
    library = library_of([clause(A, requiert=[B], si=PAYS), clause(B, palier="renforcé")])
    selection = select(library)
    assert outcomes(selection) == {A: UNDECIDED, B: UNDECIDED}
    assert selection.lots[0].verdicts[B].missing == ("paiement",)
    assert outcomes(select(library, faits={"paiement": "non"})) == {A: OUT, B: OUT}


def test_required_target_excluded_is_a_finding():
    library = library_of([clause(A, requiert=[B]), clause(B)])
    selection = select(library, exclusions=[{"clause": B, "motif": "Sans objet"}])
    assert outcomes(selection) == {A: KEPT, B: OUT}
    (finding,) = selection.diagnostics
    assert (finding.rule, finding.severity) == ("required-unavailable", Severity.ERROR)
    assert A in finding.message and B in finding.message and "Sans objet" in finding.message
    assert finding.place == library.clauses[A].requires[0].place


def test_required_target_out_of_force_is_a_finding():
    library = library_of([clause(A, requiert=[B]), clause(B, en_vigueur_au="2027-03-31")])
    selection = select(library)
    assert outcomes(selection) == {A: KEPT, B: OUT}
    assert rules(selection.diagnostics) == ["required-unavailable"]
    assert "31 mars 2027" in selection.diagnostics[0].message
    assert select(library, exclusions=[{"clause": A, "motif": "Sans objet"}]).diagnostics == ()


def test_incompatible_pair_is_named_once():
    pair = [clause(A, incompatible_avec=[B]), clause(B, incompatible_avec=[A])]
    selection = select(library_of(pair))
    assert rules(selection.diagnostics) == ["incompatible-clauses"]
    assert A in selection.diagnostics[0].message and B in selection.diagnostics[0].message
    one_way = select(library_of([clause(A, incompatible_avec=[B]), clause(B)]))
    assert rules(one_way.diagnostics) == ["incompatible-clauses"]
    lots = [{"numero": 1, "titre": "Un"}, {"numero": 2, "titre": "Deux"}]
    assert rules(select(library_of(pair), lots=lots).diagnostics) == ["incompatible-clauses"]
    alone = select(library_of([pair[0], {**pair[1], "si": PAYS}]), faits={"paiement": "non"})
    assert alone.diagnostics == ()
    assert select(library_of(pair), exclusions=[{"clause": B, "motif": "Choix"}]).diagnostics == ()


def test_replaced_clause_leaves():
    library = library_of([clause(A), clause(B, remplace=[A], si=PAYS)])
    selection = select(library, faits=PAYS)
    assert outcomes(selection) == {A: OUT, B: KEPT}
    assert f"remplacée par {B}" in reasons(selection, A)
    assert outcomes(select(library, faits={"paiement": "non"})) == {A: KEPT, B: OUT}
    open_ = select(library)
    assert outcomes(open_) == {A: UNDECIDED, B: UNDECIDED}
    assert open_.lots[0].verdicts[A].missing == ("paiement",)


def test_replaced_clause_does_not_come_back_by_being_required():
    library = library_of([clause(A, requiert=[B]), clause(B), clause(C, remplace=[B])])
    selection = select(library)
    assert outcomes(selection) == {A: KEPT, B: OUT, C: KEPT}
    assert selection.diagnostics == ()


def test_a_successor_that_is_required_replaces():
    library = library_of([clause(A, requiert=[C]), clause(B), clause(C, remplace=[B], palier="renforcé")])
    assert outcomes(select(library)) == {A: KEPT, B: OUT, C: KEPT}


def test_excluded_with_its_reason():
    library = library_of([clause(A), clause(B)])
    selection = select(library, exclusions=[{"clause": A, "motif": "Déjà au marché de réseau"}])
    assert outcomes(selection) == {A: OUT, B: KEPT}
    text = reasons(selection, A)
    assert "Déjà au marché de réseau" in text and "projet.yaml:" in text
    assert selection.diagnostics == ()


def test_excluding_a_legal_obligation_is_said():
    selection = select(library_of([clause(A, sources=BINDING)]), exclusions=[{"clause": A, "motif": "Choix"}])
    assert outcomes(selection) == {A: OUT}
    assert [(item.rule, item.severity) for item in selection.diagnostics] == [
        ("legal-obligation-excluded", Severity.WARNING)
    ]


def test_included_with_its_reason():
    library = library_of([clause(A, palier="renforcé"), clause(B, si=PAYS), clause(C, domaines=["finances"])])
    wanted = [{"clause": name, "motif": f"Voulue {name}"} for name in (A, B, C)]
    selection = select(library, inclusions=wanted, domaines=["famille"])
    assert outcomes(selection) == {A: KEPT, B: KEPT, C: KEPT}
    assert f"Voulue {A}" in reasons(selection, A)
    assert selection.missing == {}


def test_including_a_clause_out_of_force_is_a_finding():
    selection = select(
        library_of([clause(A, en_vigueur_au="2020-01-01")]), inclusions=[{"clause": A, "motif": "Voulue"}]
    )
    assert outcomes(selection) == {A: OUT}
    assert rules(selection.diagnostics) == ["not-in-force"]


# launch on 1 February 2027, notification on 1 April, 24 months: until the end of March 2029
@pytest.mark.parametrize(
    ("dates", "outcome", "applies_from"),
    [
        ({"en_vigueur_au": "2027-03-31"}, OUT, None),
        ({"en_vigueur_au": "2027-04-01"}, KEPT, None),
        ({"en_vigueur_du": "2027-04-01"}, KEPT, None),
        ({"en_vigueur_du": "2027-04-02"}, KEPT, "2027-04-02"),
        ({"en_vigueur_du": "2029-03-31"}, KEPT, "2029-03-31"),
        ({"en_vigueur_du": "2029-04-02"}, OUT, None),
        ({"piece": "rc", "en_vigueur_au": "2027-01-31"}, OUT, None),
        ({"piece": "rc", "en_vigueur_au": "2027-02-01"}, KEPT, None),
        ({"piece": "rc", "en_vigueur_du": "2027-04-02"}, OUT, None),
    ],
)
def test_dates_in_force(dates, outcome, applies_from):
    verdict = select(library_of([clause(A, **dates)])).lots[0].verdicts[A]
    assert verdict.outcome is outcome
    assert (verdict.applies_from and verdict.applies_from.isoformat()) == applies_from


def test_renewals_prolong_the_execution():
    library = library_of([clause(A, en_vigueur_du="2030-01-01")])
    assert outcomes(select(library)) == {A: OUT}
    renewed = {"duree_mois": 24, "reconductions": {"nombre": 1, "duree_mois": 12}}
    assert outcomes(select(library, marche=renewed)) == {A: KEPT}


def test_domain_of_a_clause():
    library = library_of([clause(A, domaines=["finances"]), clause(B, domaines=["finances", "famille"]), clause(C)])
    assert outcomes(select(library, domaines=["famille"])) == {A: OUT, B: KEPT, C: KEPT}
    assert outcomes(select(library)) == {A: OUT, B: OUT, C: KEPT}


def test_what_a_domain_establishes_counts_and_the_officer_prevails():
    library = library_of([clause(A, si={"archives": "oui"}), clause(B, si=PAYS)])
    established = select(library, domaines=["finances"])
    assert outcomes(established) == {A: KEPT, B: UNDECIDED}
    assert "domaine Gestion financière" in reasons(established, A)
    assert outcomes(select(library, domaines=["finances"], faits={"archives": "non"}))[A] is OUT
    # what a domain only proposes is no answer
    assert outcomes(select(library, domaines=["famille"])) == {A: UNDECIDED, B: UNDECIDED}


def test_the_first_domain_prevails():
    domains = [*DOMAINS[:1], {**DOMAINS[1], "etablit": {"archives": "non"}}]
    library = library_of([clause(A, si={"archives": "oui"})], domains=domains)
    assert outcomes(select(library, domaines=["finances", "famille"])) == {A: KEPT}
    assert outcomes(select(library, domaines=["famille", "finances"])) == {A: OUT}


def test_lots_have_their_own_answers_domains_and_choices():
    library = library_of(
        [clause(A, si=PAYS), clause(B, domaines=["finances"]), clause(C), clause(D, palier="renforcé")]
    )
    lots = [
        {"numero": 1, "titre": "Un", "faits": {"paiement": "non"}, "exclusions": [{"clause": C, "motif": "Lot 1"}]},
        {"numero": 2, "titre": "Deux", "domaines": ["famille"], "inclusions": [{"clause": D, "motif": "Lot 2"}]},
    ]
    selection = select(library, faits=PAYS, domaines=["finances"], lots=lots)
    assert outcomes(selection, 0) == {A: OUT, B: KEPT, C: OUT, D: OUT}
    assert outcomes(selection, 1) == {A: KEPT, B: OUT, C: KEPT, D: KEPT}
    assert "lot 1" in reasons(selection, A, 0)
    assert [part.lot.number for part in selection.lots] == [1, 2]


def test_the_domain_is_a_fact():
    library = library_of([clause(A, si={"domaine": "finances"})])
    assert outcomes(select(library, domaines=["famille", "finances"])) == {A: KEPT}
    assert outcomes(select(library, domaines=["famille"])) == {A: OUT}
    lots = [{"numero": 1, "titre": "Un", "domaines": ["famille"]}, {"numero": 2, "titre": "Deux"}]
    selection = select(library, domaines=["finances"], lots=lots)
    assert (outcomes(selection, 0), outcomes(selection, 1)) == ({A: OUT}, {A: KEPT})


def test_the_reason_names_the_line_and_column_of_the_answer():
    library = library_of([clause(A, si={"hebergement": "externalisé"})])
    changes = {"faits": {"sites": 2, "hebergement": "interne"}}
    lines = as_yaml(project_data(**changes)).split("\n")
    line = next(number for number, text in enumerate(lines, 1) if "hebergement" in text)
    column = lines[line - 1].index('"interne"') + 1
    assert f"projet.yaml:{line}:{column}" in reasons(select(library, **changes), A)


# A tender whose answers come one by one


IDS = (A, B, C, D)
SIMPLE = st.sampled_from([
    None, {"paiement": "oui"}, {"archives": "non"}, {"aucun": [{"mobile": "oui"}]}, {"moyens": "carte"},
    {"au_moins_un": [{"paiement": "oui"}, {"archives": "oui"}]}, {"paiement": "oui", "mobile": "non"},
])  # fmt: skip


@st.composite
def some_clauses(draw):
    """Four clauses with everything that can bear on a decision, and no circle through a « remplace »."""
    clauses = []
    for rank, name in enumerate(IDS):
        others = [item for item in IDS if item != name]
        replaced = draw(st.lists(st.sampled_from(IDS[rank + 1 :]), max_size=1)) if IDS[rank + 1 :] else []
        required = draw(st.lists(st.sampled_from(others), max_size=2, unique=True))
        binds = draw(SIMPLE)
        clauses.append(
            clause(
                name,
                si=draw(SIMPLE),
                palier=draw(st.sampled_from(["essentiel", "standard", "renforcé"])),
                requiert=required or None,
                remplace=replaced or None,
                incompatible_avec=draw(st.lists(st.sampled_from(others), max_size=1)) or None,
                sources=[{"id": "code-demo", "oblige_si": binds}] if binds else [],
                en_vigueur_du=draw(st.sampled_from([None, None, None, "2027-06-01", "2040-01-01"])),
                en_vigueur_au=draw(st.sampled_from([None, None, None, "2027-01-01", "2040-01-01"])),
            )
        )
    assume(not any(reaches(clauses, link, data["id"]) for data in clauses for link in data.get("remplace", ())))
    return clauses


def reaches(clauses: list[dict], start: str, goal: str) -> bool:
    """Whether links of either kind lead from one clause to another."""
    by_id = {data["id"]: data for data in clauses}
    seen, queue = {start}, [start]
    while queue:
        data = by_id[queue.pop()]
        for link in (*data.get("requiert", ()), *data.get("remplace", ())):
            if link not in seen:
                seen.add(link)
                queue.append(link)
    return goal in seen


CHOICES = st.dictionaries(st.sampled_from(IDS), st.sampled_from(["exclusions", "inclusions"]), max_size=2)
ANSWERS = st.fixed_dictionaries({
    "paiement": st.sampled_from(["oui", "non"]),
    "archives": st.sampled_from(["oui", "non"]),
    "mobile": st.sampled_from(["oui", "non"]),
    "moyens": st.sampled_from([["carte"], ["virement"]]),
})  # fmt: skip


def tender(library, facts, choices, tier="standard"):
    made = {
        key: [{"clause": name, "motif": "Choix"} for name, kind in choices.items() if kind == key] or None
        for key in ("exclusions", "inclusions")
    }
    project = project_of(library, checked=False, faits=dict(facts) or None, palier=tier, **made)
    return choose(project, library)


@given(
    clauses=some_clauses(),
    choices=CHOICES,
    full=ANSWERS,
    order=st.permutations(["archives", "mobile", "moyens", "paiement"]),
)
def test_one_more_answer_never_flips_a_decided_clause(clauses, choices, full, order):
    library = library_of(clauses, checked=False)
    known: dict = {}
    before = outcomes(tender(library, known, choices))
    for name in order:
        known[name] = full[name]
        now = outcomes(tender(library, known, choices))
        flipped = {item: (before[item], now[item]) for item in IDS if before[item] not in (UNDECIDED, now[item])}
        assert not flipped, known
        before = now
    assert UNDECIDED not in before.values()


@given(clauses=some_clauses(), choices=CHOICES, full=ANSWERS)
def test_answering_what_is_asked_decides_everything(clauses, choices, full):
    library = library_of(clauses, checked=False)
    known: dict = {}
    selection = tender(library, known, choices)
    while selection.missing:
        name = next(iter(selection.missing))
        assert name not in known
        assert full.keys() >= {name}
        known[name] = full[name]
        selection = tender(library, known, choices)
    assert UNDECIDED not in outcomes(selection).values()


def successors(library, name, told) -> list[str]:
    """The kept clauses that replace this one."""
    return [
        other for other in IDS if told[other] is KEPT and name in {link.id for link in library.clauses[other].replaces}
    ]


@given(clauses=some_clauses(), choices=CHOICES, full=ANSWERS)
def test_what_holds_of_every_decision(clauses, choices, full):
    library = library_of(clauses, checked=False)
    selection = tender(library, full, choices, "essentiel")
    told = outcomes(selection)
    assert list(told) == list(IDS)
    for name, verdict in selection.lots[0].verdicts.items():
        item = library.clauses[name]
        assert verdict.reasons and all(reason.text for reason in verdict.reasons), name
        if choices.get(name) == "exclusions":
            assert verdict.outcome is OUT
        replaced = successors(library, name, told)
        if "remplacée par" in reasons(selection, name):
            assert any(other in reasons(selection, name) for other in replaced), f"{name} left for a clause that is out"
        if verdict.outcome is KEPT:
            assert not replaced, f"{name} stands beside its successor"
            for link in item.requires:  # in, or said to be excluded or out of force, or stood in for
                target = link.id
                said = any(name in found.message and target in found.message for found in selection.diagnostics)
                assert told[target] is KEPT or said or successors(library, target, told), (name, target)
    pairs = [
        frozenset(name for name in IDS if name in found.message)
        for found in selection.diagnostics
        if found.rule == "incompatible-clauses"
    ]
    assert len(pairs) == len(set(pairs))
    expected = {
        frozenset((name, link.id))
        for name in IDS
        for link in library.clauses[name].incompatible
        if told[name] is KEPT and told[link.id] is KEPT
    }
    assert set(pairs) == expected
