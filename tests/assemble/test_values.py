"""Numbers and units as a reader sees them, and which value counts."""

import pytest

from reqgen.assemble.values import chosen, filler, quantity, settings_for
from reqgen.model.diagnostic import Place
from reqgen.model.library import Parameter, ParameterKind
from tests.helpers import clause, library_of, project_of

THIN = "\u202f"


def shown(kind: str, value: object, unit: str = "") -> str:
    return quantity(Parameter("p", "P", ParameterKind(kind), value, Place("c.yaml"), unit), value)


@pytest.mark.parametrize(
    ("kind", "value", "unit", "expected"),
    [
        ("durée", 30, "jours ouvrés", "30 jours ouvrés"),
        ("durée", 2, "jours ouvrés", "2 jours ouvrés"),
        ("durée", 1, "jours ouvrés", "1 jour ouvré"),
        ("durée", 0, "jours calendaires", "0 jour calendaire"),
        ("durée", 1, "mois", "1 mois"),
        ("durée", 6, "mois", "6 mois"),
        ("durée", 1, "heures ouvrées", "1 heure ouvrée"),
        ("durée", 1.5, "heures", "1,5 heure"),
        ("durée", 1, "années", "1 année"),
        ("entier", 1, "", "1"),
        ("entier", 12000, "", f"12{THIN}000"),
        ("entier", 1, "fois", "1 fois"),
        ("décimal", 2.5, "", "2,5"),
        ("décimal", 0.1, "", "0,1"),
        ("pourcentage", 99.5, "", "99,5 %"),
        ("pourcentage", 99.95, "", "99,95 %"),
        ("pourcentage", 100, "", "100 %"),
        ("montant", 1500, "", f"1{THIN}500 euros"),
        ("montant", 1, "", "1 euro"),
        ("montant", 1234567.5, "", f"1{THIN}234{THIN}567,5 euros"),
        ("texte", "du lundi au vendredi", "", "du lundi au vendredi"),
        ("choix", "mensuel", "", "mensuel"),
    ],
)
def test_quantity(kind, value, unit, expected):
    assert shown(kind, value, unit) == expected


DELAY = {"libelle": "Délai", "type": "durée", "unite": "jours ouvrés", "defaut": 5, "min": 1, "max": 20}
A = "TST-AAA-010"
LIBRARY = library_of([clause(A, texte="Le titulaire doit corriger sous {{ delai }}.", parametres={"delai": DELAY})])


def test_the_officer_prevails_over_the_default_and_the_lot_over_the_common_part():
    lots = [{"numero": 1, "titre": "Un", "parametres": {A: {"delai": 1}}}, {"numero": 2, "titre": "Deux"}]
    project = project_of(LIBRARY, parametres={A: {"delai": 10}}, lots=lots)
    item = LIBRARY.clauses[A]
    values = [chosen(item, item.parameters[0], settings_for(project.common, lot)) for lot in project.lots]
    assert values == [1, 10]
    assert chosen(item, item.parameters[0], {}) == 5
    assert filler(item, settings_for(project.common, project.lots[0]))("delai") == "1 jour ouvré"


def test_a_name_that_is_no_parameter_shows():
    assert filler(LIBRARY.clauses[A], {})("autre") == "[autre]"
