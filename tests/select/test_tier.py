"""The tier that a library proposes."""

import pytest

from reqgen.lint.library_rules import lint_library
from reqgen.load.library import Bundle, load_library
from reqgen.model.diagnostic import Severity
from tests.helpers import TODAY, as_yaml, built, clause, library_files, library_of, select, words

A = "TST-AAA-010"
TIERS = [
    {"palier": "renforcé", "si": {"type_acheteur": "région"}, "motif": "une région"},
    {
        "palier": "standard",
        "si": {"au_moins_un": [{"population": {"au_moins": 10000}}, {"valeur_ht": {"au_moins": "seuil-demo"}}]},
        "motif": "dix mille habitants ou le seuil",
    },
    {"palier": "essentiel", "motif": "le reste"},
]
LIBRARY = library_of([clause(A)], tiers=TIERS)


def buyer(kind="commune", **more):
    return {"nom": "Ville de Demo", "type": kind, **more}


@pytest.mark.parametrize(
    ("buyers", "value", "tier"),
    [
        ([buyer("région", population=5)], None, "renforcé"),
        ([buyer(population=10000)], None, "standard"),
        ([buyer(population=9999)], None, "essentiel"),
        ([buyer()], None, "essentiel"),
        ([buyer()], 90000, "standard"),
        ([buyer()], 89999, "essentiel"),
        ([buyer(population=50), buyer("région", coordinateur=None)], None, "renforcé"),
    ],
)
def test_the_first_true_rule_gives_the_tier(buyers, value, tier):
    buyers = [{key: item for key, item in one.items() if item is not None} for one in buyers]
    market = {"duree_mois": 24, **({"valeur_estimee_ht": value} if value else {})}
    if len(buyers) > 1:
        buyers[0]["coordonnateur"] = "oui"
    assert select(LIBRARY, acheteurs=buyers, marche=market).proposed_tier.tier == tier


def test_no_rule_no_proposal():
    assert select(library_of([clause(A)])).proposed_tier is None


def test_the_rules_of_a_pack_come_first():
    pack = {"pack/paliers.yaml": as_yaml({"paliers": [{"palier": "renforcé", "motif": "ici, toujours"}]})}
    base = {f"bib/{path}": text for path, text in library_files([clause(A)], tiers=TIERS).items()}
    library, found = load_library([Bundle("bib", base), Bundle("pack", pack)])
    assert not [finding for finding in found if finding.severity is Severity.ERROR]
    assert select(library).proposed_tier.reason == "ici, toujours"


def test_the_rules_are_checked_like_other_conditions():
    tiers = [{"palier": "standard", "si": {"habitants": 3}, "motif": "x"}]
    library = library_of([clause(A)], tiers=tiers, checked=False)
    (finding,) = [finding for finding in lint_library(library, TODAY) if finding.rule == "unknown-fact"]
    assert finding.place.path == "bib/paliers.yaml" and "habitants" in finding.message
    _, found = load_library(
        [Bundle("bib", {"bib/paliers.yaml": as_yaml({"paliers": [{"palier": "moyen", "motif": "x"}]})})]
    )
    assert [finding.rule for finding in found] == ["unknown-value"]


@pytest.mark.parametrize(
    ("tier", "said"),
    [
        ("essentiel", "Palier retenu : essentiel. C’est celui que propose la bibliothèque (le reste)."),
        ("standard", "Palier retenu : standard. La bibliothèque propose le palier essentiel (le reste)."),
    ],
)
def test_the_note_says_both(tier, said):
    note = [{"titre": "À décider", "contenu": [{"bloc": "palier"}]}]
    assert said in words(*built(select(LIBRARY, palier=tier), note, pieces=None, destinataires="acheteur").blocks)
    quiet = built(select(library_of([clause(A)])), note, pieces=None, destinataires="acheteur")
    assert "Palier" not in words(*quiet.blocks)
