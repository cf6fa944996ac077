"""Clauses that say nearly the same are found, the others are not, and nothing is lost to speed."""

import random

import pytest

from reqgen.stats.similar import features, similar
from tests.helpers import clause, library_of

EXPORT = "Le titulaire doit restituer toutes les données de la solution dans un format ouvert et documenté, sous {{ delai }}."
AGAIN = "Toutes les données de la solution sont restituées par le titulaire, en {{ duree }}, dans un format ouvert, documenté."
LOGS = "Le titulaire doit conserver les journaux d'accès des agents pendant douze mois, sans modification possible."
DELAY = {"type": "durée", "unite": "jours ouvrés", "defaut": 5, "min": 1, "max": 9}
A, B, C, D = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010", "TST-DDD-010"


def clauses_of(*data):
    return list(library_of(data, checked=False).clauses.values())


def found(pairs):
    return [(pair.first.id, pair.second.id) for pair in pairs]


def test_the_same_thing_in_nearly_the_same_words():
    clauses = clauses_of(
        clause(A, titre="Restitution des données", texte=EXPORT, parametres={"delai": {"libelle": "Délai", **DELAY}}),
        clause(B, titre="Données restituées", texte=AGAIN, parametres={"duree": {"libelle": "Durée", **DELAY}}),
        clause(C, titre="Journaux d'accès", texte=LOGS),
        clause(D, titre="JOURNAUX D’ACCES", texte=LOGS.replace("é", "e\u0301").upper(), remplace=[C]),
    )
    pairs = similar(clauses, 0.4)
    assert found(pairs) == [(C, D), (A, B)]
    assert pairs[0].score == 1.0 and pairs[0].link == "remplace"
    assert 0.4 <= pairs[1].score < 1 and pairs[1].link == ""
    assert found(similar(clauses, 0.95)) == [(C, D)]


def test_an_empty_library_and_many_copies():
    assert similar([], 0.4) == []
    copies = clauses_of(*(clause(f"TST-COP-{number:03}", titre="Copie", texte=LOGS) for number in range(10, 90)))
    assert len(similar(copies, 0.9)) == 80 * 79 // 2


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.8])
def test_no_pair_is_lost_to_the_filter(threshold):
    """As comparing every pair would: at the least threshold nearly every pair is compared, its scores are the truth."""
    chance = random.Random(7)
    words = [f"mot{'abcdefghij'[number % 10]}{number}" for number in range(40)]
    clauses = clauses_of(
        *(
            clause(f"TST-UNE-{number:03}", titre=chance.choice(words), texte=" ".join(chance.choices(words, k=12)))
            for number in range(10, 50)
        )
    )
    every = [(pair.first.id, pair.second.id) for pair in similar(clauses, 1e-6) if pair.score >= threshold]
    assert found(similar(clauses, threshold)) == every


def test_placeholders_and_small_words_say_nothing():
    delay = {"delai": {"libelle": "Délai", **DELAY}}
    (one,) = clauses_of(clause(A, titre="Le", texte="Le titulaire doit {{ delai }} et la solution.", parametres=delay))
    assert dict(features(one)) == {"soluti": 1}
