"""What a source says of its date: since when it is in force, or why it does not say it."""

import pytest

from tests.helpers import clause, source, write_library

GUIDE, TEXT = "doctrine", "texte"


@pytest.mark.parametrize(
    ("kind", "title", "said", "in_order"),
    [
        (GUIDE, "Guide d'hygiène, septembre 2017", "édition datée", True),
        (GUIDE, "Guide d'hygiène, édition 20170", "édition datée", False),
        (GUIDE, "Guide d'hygiène", "édition datée", False),
        (TEXT, "Arrêté du 3 mai 2019", "édition datée", False),
        (TEXT, "Arrêté du 3 mai 2019", "à établir", True),
        (GUIDE, "Guide d'hygiène", "tenue à jour", True),
        (TEXT, "Arrêté du 3 mai 2019", None, False),
    ],
)
def test_a_source_without_a_date_says_why(quick_cli, tmp_path, kind, title, said, in_order):
    changes = {"nature": kind, "titre": title, **({"sans_date": said} if said else {})}
    entry = {key: value for key, value in source("guide", **changes).items() if key != "en_vigueur_du"}
    clauses = [clause("TST-AAA-010", sources=[{"id": "guide"}])]
    folder = write_library(tmp_path / "bib", clauses, sources=[entry])
    assert ("[undated-source]" in quick_cli("validate", folder).out) is not in_order
