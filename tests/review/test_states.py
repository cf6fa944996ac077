"""A review holds for the text that it was given on: what makes it fall, what does not, and what git tells of it."""

import json
from copy import deepcopy
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reqgen.fingerprint import clause_digest
from reqgen.load.tree import UNREADABLE
from reqgen.model.library import Clause, ReviewStatus
from reqgen.write.edit import CannotEditError
from reqgen.write.review import set_review
from tests.helpers import as_yaml, clause, library_of, source, write_files

A, B = "TST-AAA-010", "TST-BBB-010"
TEXT = "Le titulaire doit livrer sous {{ delai }}.\n\n- un ;\n  - deux, sur deux\n    lignes ;\n- trois.\n\nFin.\n"
WHOLE = clause(
    A,
    texte=TEXT,
    niveau="valorisé",
    sous_critere="Qualité",
    domaines=["finances", "famille"],
    diffusion="restreint",
    si={"tous": [{"archives": "oui"}, {"sites": {"au_moins": 3, "au_plus": 9}}], "hebergement": ["externalisé", "interne"]},
    parametres={
        "delai": {"libelle": "Délai", "type": "durée", "unite": "jours ouvrés", "defaut": 5, "min": 0, "max": 9},
        "mode": {"libelle": "Mode", "type": "choix", "choix": ["a", "b"], "defaut": "a"},
    },
    requiert=[B],
    incompatible_avec=["TST-CCC-010"],
    remplace=["TST-DDD-010", "TST-EEE-010"],
    deroge_a=["14.1", "3"],
    livrables=[{"nom": "Plan", "jalon": "exécution", "delai": "sous {{ delai }}"}],
    sources=[{"id": "code-demo", "article": "art. 1", "oblige_si": {"archives": "oui"}}, {"id": "loi-demo"}],
    en_vigueur_du="2026-01-01",
    en_vigueur_au="2030-01-01",
)  # fmt: skip
# Of WHOLE, as it was first computed: a review given years ago must still be known.
PINNED = "12d71ce0a5d22b09a3ce8ac18c2d1224fa743f80d67d4e792b118b166774c161"


def read(data: dict) -> Clause:
    return library_of([data], checked=False, sources=[source(), source("loi-demo")]).clauses[data["id"]]


def digest(data: dict) -> str:
    return clause_digest(read(data))


def reviewed(data: dict, status: str = "validé") -> dict:
    review = {"statut": status, "par": "Prénom Nom", "le": "2026-11-20", "empreinte": digest(data)}
    return {**data, "relecture": review}


def test_the_digest_is_the_same_from_version_to_version():
    assert digest(WHOLE) == PINNED


def set_at(data: dict, path: tuple, value: object) -> dict:
    made = deepcopy(data)
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return made


FALLS = {
    "titre": ("titre", "Autre titre"),
    "nature": ("nature", "question"),
    "niveau": ("niveau", "exigé"),
    "sous_critere": ("sous_critere", "Prix"),
    "palier": ("palier", "renforcé"),
    "piece": ("piece", "ccap"),
    "diffusion": ("diffusion", "public"),
    "deroge_a": ("deroge_a", ["14.1"]),
    "domaines": ("domaines", ["finances"]),
    "texte": ("texte", TEXT.replace("livrer", "remettre")),
    "paragraph": ("texte", TEXT.replace("\n\nFin", "\nFin")),
    "nesting": ("texte", TEXT.replace("  - deux", "- deux")),
    "si": ("si", "hebergement", ["externalisé"]),
    "si.bound": ("si", "tous", 1, "sites", "au_moins", 4),
    "si.comparison": ("si", "tous", 1, "sites", {"plus_de": 3, "au_plus": 9}),
    "si.group": ("si", {"au_moins_un": [{"archives": "oui"}, {"paiement": "oui"}]}),
    "parametre.libelle": ("parametres", "delai", "libelle", "Retard"),
    "parametre.unite": ("parametres", "delai", "unite", "semaines"),
    "parametre.defaut": ("parametres", "delai", "defaut", 6),
    "parametre.min": ("parametres", "delai", "min", 1),
    "parametre.max": ("parametres", "delai", "max", 10),
    "parametre.choix": ("parametres", "mode", "choix", ["a", "b", "c"]),
    "requiert": ("requiert", []),
    "incompatible_avec": ("incompatible_avec", [B]),
    "remplace": ("remplace", ["TST-DDD-010"]),
    "verification.phase": ("verification", 0, "phase", "offre"),
    "verification.mode": ("verification", 0, "mode", "audit"),
    "verification.par": ("verification", 0, "par", "tiers"),
    "verification.methode": ("verification", 0, "methode", "L'essai est joué deux fois ; un écart vaut échec."),
    "exigible": ("exigible", "offre"),
    "reponse": ("reponse", "preuve"),
    "livrable": ("livrables", 0, "nom", "Plan d'essai"),
    "livrable.jalon": ("livrables", 0, "jalon", "offre"),
    "livrable.delai": ("livrables", 0, "delai", "sous un mois"),
    "source": ("sources", 1, "id", "code-demo"),
    "article": ("sources", 0, "article", "art. 2"),
    "oblige_si": ("sources", 0, "oblige_si", {"archives": "non"}),
    "oblige": ("sources", 1, "oblige_si", "toujours"),
    "en_vigueur_du": ("en_vigueur_du", "2026-01-02"),
    "en_vigueur_au": ("en_vigueur_au", "2030-01-02"),
    "surcharge": ("surcharge", "Délai adopté par le conseil."),
}
STANDS = {
    "motif": ("motif", "Une meilleure explication."),
    "theme": ("theme", "service"),
    "tolere": ("tolere", [{"regle": "forbidden-word", "motif": "Le mot est cité."}]),
    "wrapping": ("texte", TEXT.replace("doit livrer", "doit\nlivrer").replace("Fin.\n", "Fin.")),
    "bullets": ("texte", TEXT.replace("- ", "-   ").replace("    lignes", "      lignes")),
    "order of domains": ("domaines", ["famille", "finances"]),
    "order of conditions": ("si", {"hebergement": ["interne", "externalisé"], **{"tous": WHOLE["si"]["tous"][::-1]}}),
    "order of sources": ("sources", WHOLE["sources"][::-1]),
    "order of links": ("remplace", ["TST-EEE-010", "TST-DDD-010"]),
    "order of keys": ("parametres", dict(reversed(WHOLE["parametres"].items()))),
    "a whole number with decimals": ("parametres", "delai", "defaut", 5.0),
}  # fmt: skip


@pytest.mark.parametrize("path", FALLS.values(), ids=FALLS)
def test_a_review_falls_with_what_it_approved(path):
    assert read(reviewed(WHOLE)).review.status is ReviewStatus.APPROVED
    review = read(set_at(reviewed(WHOLE), path[:-1], path[-1])).review
    assert (review.status, review.written, review.stale) == (ReviewStatus.DRAFT, ReviewStatus.APPROVED, True)


@pytest.mark.parametrize("path", STANDS.values(), ids=STANDS)
def test_a_review_stands_whatever_else_changes(path):
    review = read(set_at(reviewed(WHOLE), path[:-1], path[-1])).review
    assert (review.status, review.by, review.on) == (ReviewStatus.APPROVED, "Prénom Nom", date(2026, 11, 20))
    assert not review.stale


def test_the_review_is_not_in_its_own_digest():
    assert digest(reviewed(WHOLE, "relu")) == digest(WHOLE)


def test_another_clause_with_the_same_words_is_not_reviewed():
    assert read({**reviewed(clause(A)), "id": B}).review.stale


def test_an_old_id_of_a_domain_does_not_make_a_review_fall():
    data = reviewed(clause(A, domaines=["comptes"]))
    domains = [{"id": "finances", "titre": "Finances", "description": "Budget.", "alias": ["comptes"]}]
    found = library_of([data], checked=False, domains=domains).clauses[A]
    assert [domain.id for domain in found.domains] == ["finances"]
    assert found.review.status is ReviewStatus.APPROVED


@pytest.mark.parametrize("missing", ["par", "le", "empreinte"])
def test_a_status_without_all_the_rest_is_a_draft(missing):
    data = reviewed(clause(A))
    del data["relecture"][missing]
    review = read(data).review
    assert (review.status, review.written, review.stale) == (ReviewStatus.DRAFT, ReviewStatus.APPROVED, False)


# The file

LAYOUTS = {
    "block": "id: X\nrelecture:\n  statut: projet # à changer\n# fin\n",
    "before other keys": "relecture:\n    statut: 'projet'\n    par: \"Avant\"   # qui\n\nid: X # reste\n",
    "no end of line": "id: X\nrelecture:\n  statut: projet",
    "windows": "id: X\r\nrelecture:\r\n  statut: projet # ici\r\nmotif: |\r\n  M.\r\n",
    "flow": "relecture: {statut: projet} # ici\nid: X\n",
    "flow with a comma": "relecture: {\n  statut: projet,\n}\nid: X\n",
    "json": '{"id": "X", "relecture": {\n "statut": "projet"}, "motif": "é"}\n',
    "marked": "\ufeffid: X\nrelecture:\n  statut: projet\n",
    "approved": "relecture:\n  statut: validé\n  par: Nom\n  le: 2026-01-01\n  empreinte: 0123\n\n# fin\nid: X\n",
    "stray spaces": "relecture:   \n  statut:   projet   \n  par: 'L''un'\nid: X\n",
}
NAMES = st.text(min_size=1, max_size=40).map(lambda text: " ".join(text.split())).filter(
    lambda text: text and not UNREADABLE.search(text)
)  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@given(name=NAMES)
def test_only_the_review_changes_in_the_file(layout, name):
    values = {"statut": "validé", "par": name, "le": "2026-11-24", "empreinte": "9" * 64}
    made = set_review(layout, values)
    before, after = (yaml.load(text.removeprefix("\ufeff"), yaml.BaseLoader) for text in (layout, made))
    assert after == {**before, "relecture": values}
    # what is not the review is there, in order, to the character
    left = made
    for piece in layout.replace("relecture", "\0").split("\0"):
        for part in [part for part in piece.splitlines(keepends=True) if "statut" not in part and "par:" not in part]:
            if not part.strip().startswith(("le:", "empreinte:")):
                assert part in left
                left = left[left.index(part) + len(part) :]
    assert made.count("#") - name.count("#") == layout.count("#")
    assert ("\r\n" in layout) == ("\r\n" in made) and made.count("\r") == made.count("\r\n")
    assert made.startswith("\ufeff") == layout.startswith("\ufeff")
    assert set_review(made, values) == made


def test_json_stays_json():
    made = set_review(LAYOUTS["json"], {"statut": "relu", "par": 'A "B"', "le": "2026-11-24", "empreinte": "a" * 64})
    assert json.loads(made)["relecture"] == {
        "statut": "relu",
        "par": 'A "B"',
        "le": "2026-11-24",
        "empreinte": "a" * 64,
    }


@pytest.mark.parametrize(
    "text",
    [
        "x: &r {statut: projet}\nrelecture: *r\n",
        "relecture: {}\n",
        "relecture: projet\n",
        "relecture:\n  statut: &s projet\nx: *s\n",
    ],
)
def test_what_cannot_be_changed_alone_is_refused(text):
    with pytest.raises(CannotEditError):
        set_review(text, {"statut": "validé"})


# git


def test_diff_says_that_the_review_fell(repository, quick_cli):
    data = reviewed(clause(A))
    repository.commit(data)
    repository.commit({**data, "texte": "Le titulaire doit livrer autre chose dans le délai prévu."})
    ran = quick_cli("diff", "HEAD~1", "HEAD", "--format", "json", cwd=repository.folder)
    fields = {item["champ"]: item for item in json.loads(ran.out)["clauses"][0]["champs"]}
    assert fields["relecture"]["avant"].startswith("validé") and fields["relecture"]["apres"].startswith("projet")


def test_what_changed_since_the_review_is_shown(repository, quick_cli):
    data = reviewed(clause(A))
    repository.commit(data, clause(B))
    path = f"requirements_library/clauses/base/{A}.yaml"
    write_files(repository.folder, {path: as_yaml({**data, "palier": "renforcé"})})
    repository.save()
    write_files(
        repository.folder,
        {path: as_yaml({**data, "palier": "renforcé", "texte": data["texte"].replace("prévu", "convenu")})},
    )
    asked = ("review", "approve", A, "--by", "Autre", "--library", "requirements_library")
    ran = quick_cli(*asked, input="oui\n", cwd=repository.folder)
    assert ran.code == 0
    told = ran.out.split("changé depuis la relecture précédente :")[1]
    assert "palier relevé : essentiel → renforcé" in told
    assert "[-prévu.-] {+convenu.+}" in told and "relecture" not in told
    assert "validé par Prénom Nom le 20 novembre 2026, sur un texte qui a changé depuis" in ran.out


def test_a_text_that_git_does_not_have_is_said(repository, quick_cli):
    data = reviewed(clause(A))
    repository.commit({**data, "palier": "renforcé"})
    asked = ("review", "approve", A, "--by", "Autre", "--library", "requirements_library")
    ran = quick_cli(*asked, input="oui\n", cwd=repository.folder)
    assert ran.code == 0 and "dont git ne retrouve pas le texte" in ran.out
