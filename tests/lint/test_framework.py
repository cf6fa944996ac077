"""How long a framework agreement may last: renewals count, other forms do not, and the law is the library's."""

import pytest

from tests.helpers import THRESHOLDS, clause, write_library, write_project

FOUR_YEARS = {
    "id": "duree-accord-cadre",
    "libelle": "Durée maximale d'un accord-cadre (mois)",
    "valeurs": [{"du": "2019-04-01", "au": None, "valeur": 48}],
}


@pytest.mark.parametrize(
    ("form", "months", "renewals", "told"),
    [
        ("accord-cadre", 48, None, False),
        ("accord-cadre", 49, None, True),
        ("mixte", 36, {"nombre": 1, "duree_mois": 12}, False),
        ("mixte", 36, {"nombre": 2, "duree_mois": 12}, True),
        ("forfait", 72, None, False),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_framework_that_lasts_too_long(quick_cli, tmp_path, form, months, renewals, told, known):
    thresholds = [*THRESHOLDS, *([FOUR_YEARS] if known else [])]
    folder = write_library(tmp_path / "bib", [clause()], thresholds=thresholds)
    market = {"forme": form, "duree_mois": months, **({"reconductions": renewals} if renewals else {})}
    path = write_project(tmp_path / "p.yaml", marche=market)
    ran = quick_cli("validate", path, "--library", folder)
    assert ("[long-framework]" in ran.out) is (told and known)
    assert ran.code == 0  # a warning: an exception may be justified
