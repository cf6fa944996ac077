"""`reqgen diff` on a real repository."""

import json

import pytest

from tests.helpers import FACTS, as_yaml, clause, source, write_project

A, B, C = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010"
DELAY = {"libelle": "Délai", "type": "durée", "unite": "jours", "defaut": 10, "min": 5, "max": 20}
TEXT = "Le titulaire doit répondre dans un délai de {{ delai }}."
CHECK = {"phase": "exécution", "mode": "test", "par": "acheteur", "methode": "Un écart vaut échec."}


@pytest.fixture
def diff(repository, quick_cli):
    def run(*arguments):
        return quick_cli("diff", *arguments, cwd=repository.folder)

    return run


@pytest.fixture
def changed(repository, diff):
    """The JSON of a clause's only change, from its keys before and after."""

    def run(before, after, **parts):
        repository.commit(clause(A, **before), **parts)
        repository.write(clause(A, **after), **parts)
        ran = diff("HEAD", "--format", "json")
        assert (ran.code, ran.err) == (0, "")
        found = json.loads(ran.out)["clauses"]
        assert len(found) == 1
        return found[0]

    return run


def fields(change):
    return [(item["champ"], item["sens"], item["classe"]) for item in change["champs"]]


def test_added_removed_and_the_rest(repository, diff):
    first = repository.commit(clause(A), clause(B))
    second = repository.commit(clause(B), clause(C, niveau="valorisé", sous_critere="Valeur"))
    ran = diff("HEAD~1", "HEAD")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"requirements_library, HEAD~1 ({first[:10]}) → HEAD ({second[:10]})",
        "1 clause ajoutée",
        "1 clause retirée",
        "",
        f"{A} retirée, substantielle : Clause {A}",
        f"    exigé, essentiel, cctp ; clauses/base/{A}.yaml",
        "",
        f"{C} ajoutée, substantielle : Clause {C}",
        f"    valorisé, essentiel, cctp ; clauses/base/{C}.yaml",
    ]
    turned = json.loads(diff("HEAD", "HEAD~1", "--format", "json").out)
    assert [(item["id"], item["changement"]) for item in turned["clauses"]] == [(A, "ajoutée"), (C, "retirée")]
    assert turned["avant"] == {"revision": "HEAD", "commit": second, "erreurs": []}


def test_nothing_changed(repository, diff):
    repository.commit(clause(A))
    ran = diff("HEAD")
    assert ran.code == 0 and "aucune clause ne change" in ran.out and "arbre de travail" in ran.out
    assert json.loads(diff("HEAD", "--format", "json").out)["apres"] == {
        "revision": None,
        "commit": None,
        "erreurs": [],
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"niveau": "valorisé", "sous_critere": "Valeur"},
         [("niveau", "abaissé", "substantielle"), ("sous_critere", "changé", "substantielle")]),
        ({"palier": "standard"}, {"palier": "renforcé"}, [("palier", "relevé", "substantielle")]),
        ({}, {"piece": "ccap"}, [("piece", "changé", "substantielle")]),
        ({}, {"si": {"paiement": "oui"}}, [("si", "restreinte", "substantielle")]),
        ({"si": {"paiement": "oui"}}, {"si": {"au_moins_un": [{"paiement": "oui"}, {"mobile": "oui"}]}},
         [("si", "élargie", "substantielle")]),
        ({"si": {"paiement": "oui"}}, {"si": {"mobile": "oui"}}, [("si", "changée", "substantielle")]),
        ({"si": {"paiement": "non"}}, {"si": {"aucun": [{"paiement": "oui"}]}}, [("si", "de même sens", "rédactionnelle")]),
        ({"si": {"sites": {"au_moins": 3}}}, {"si": {"sites": {"plus_de": 2}}}, [("si", "de même sens", "rédactionnelle")]),
        ({"parametres": {"delai": DELAY}, "texte": TEXT}, {"parametres": {"delai": {**DELAY, "defaut": 8}}, "texte": TEXT},
         [("parametres.delai.defaut", "abaissé", "substantielle")]),
        ({"parametres": {"delai": DELAY}, "texte": TEXT}, {"parametres": {"delai": {**DELAY, "max": 30}}, "texte": TEXT},
         [("parametres.delai.bornes", "élargies", "substantielle")]),
        ({"parametres": {"delai": DELAY}, "texte": TEXT}, {"parametres": {"delai": {**DELAY, "libelle": "Temps"}}, "texte": TEXT},
         [("parametres.delai.libelle", "réécrit", "rédactionnelle")]),
        ({}, {"verification": [{**CHECK, "methode": "L'essai est joué ; un écart vaut échec."}, {**CHECK, "phase": "offre"}]},
         [("verification", "ajoutée", "substantielle")]),
        ({"verification": [CHECK]}, {"verification": [{**CHECK, "mode": "document"}]},
         [("verification.exécution.mode", "changé", "substantielle")]),
        ({"verification": [CHECK]}, {"verification": [{**CHECK, "methode": "Deux écarts valent échec."}]},
         [("verification.exécution.methode", "réécrit", "substantielle")]),
        ({}, {"sources": [{"id": "code-demo", "article": "L. 1"}]}, [("sources.code-demo", "ajoutée", "rédactionnelle")]),
        ({"sources": [{"id": "code-demo"}]}, {"sources": [{"id": "code-demo", "oblige_si": "toujours"}]},
         [("sources.code-demo.oblige_si", "oblige désormais", "substantielle")]),
        ({}, {"domaines": ["finances"]}, [("domaines", "complété", "substantielle")]),
        ({}, {"titre": "Autre titre"}, [("titre", "réécrit", "rédactionnelle")]),
        ({}, {"motif": "Autre motif."}, [("motif", "réécrit", "métadonnées")]),
        ({"texte": "Le titulaire doit livrer, puis former."}, {"texte": "Le titulaire doit livrer puis former."},
         [("texte", "réécrit", "rédactionnelle")]),
        ({"texte": "Le titulaire doit livrer et former."}, {"texte": "Le titulaire doit livrer ou former."},
         [("texte", "réécrit", "substantielle")]),
    ],
)  # fmt: skip
def test_fields(changed, before, after, expected):
    change = changed(before, after, sources=[source()])
    assert change["changement"] == "changée"
    assert fields(change) == expected
    weights = ["substantielle", "rédactionnelle", "métadonnées"]
    assert change["classe"] == min((item[2] for item in expected), key=weights.index)


def test_words(repository, diff):
    long = "Le titulaire doit répondre à toute demande que lui adresse l'acheteur par écrit, sans frais, dans le"
    repository.commit(clause(A, texte=f"{long} délai *prévu*."))
    repository.write(clause(A, texte=f"{long} mois."))
    assert (
        "    texte réécrit (substantielle) : … adresse l'acheteur par écrit, sans frais, dans le [-délai *prévu*.-] {+mois.+}"
        in diff("HEAD").out.splitlines()
    )
    page = diff("HEAD", "--format", "md").out
    assert r"dans le ~~délai \*prévu\*.~~ **mois.**" in page
    assert page.startswith(r"## requirements\_library, HEAD (")
    words = json.loads(diff("HEAD", "--format", "json").out)["clauses"][0]["champs"][0]["mots"]
    assert words == [
        {"operation": "=", "texte": long},
        {"operation": "-", "texte": "délai *prévu*."},
        {"operation": "+", "texte": "mois."},
    ]


def test_pure_form(repository, diff):
    data = clause(A, texte="Le titulaire doit livrer et former.", si={"paiement": "oui", "mobile": "non"})
    repository.commit(data)
    path = repository.folder / "requirements_library" / "clauses" / "base" / f"{A}.yaml"
    folded = {**dict(reversed(data.items())), "si": dict(reversed(data["si"].items()))}
    folded["texte"] = "Le titulaire doit\nlivrer et former.\n"
    path.write_text(f"# commentaire\n{as_yaml(folded)}", "utf-8")
    ran = diff("HEAD")
    assert "1 clause de pure forme" in ran.out and f"{A} change de forme seulement" in ran.out
    (found,) = json.loads(diff("HEAD", "--format", "json").out)["clauses"]
    assert (found["changement"], found["classe"], found["champs"]) == ("forme", "métadonnées", [])
    path.write_bytes(as_yaml(data).replace("\n", "\r\n").encode())
    assert "aucune clause ne change" in diff("HEAD").out


def test_moved(repository, diff):
    repository.commit(clause(A))
    folder = repository.folder / "requirements_library" / "clauses" / "base"
    (folder / f"{A}.yaml").rename(folder / "autre.yaml")
    ran = diff("HEAD")
    assert f"{A} déplacée, métadonnées" in ran.out
    assert f"fichier déplacé (métadonnées) : clauses/base/{A}.yaml → clauses/base/autre.yaml" in ran.out


def test_other_files_are_told(repository, diff):
    repository.commit(clause(A))
    repository.write(clause(A), facts=[*FACTS[:-1], {**FACTS[-1], "libelle": "Autre"}], domains=())
    (repository.folder / "requirements_library" / "paliers.yaml").write_text(
        as_yaml({"paliers": [{"palier": "standard", "motif": "Défaut."}]})
    )
    lines = diff("HEAD").out.split("Autres fichiers\n")[1].splitlines()
    assert "  faits/tous.yaml changé" in lines and "  paliers.yaml ajouté" in lines
    assert "  domaines/famille.yaml retiré" in lines


def test_a_file_out_of_order(repository, diff):
    repository.commit(clause(A), clause(B))
    path = repository.folder / "requirements_library" / "clauses" / "base" / f"{A}.yaml"
    path.write_text(f"id: {A}\ntitre: [\n", "utf-8")
    ran = diff("HEAD")
    assert ran.code == 0
    assert f"{A} n'est pas lisible dans l'une des deux versions" in ran.out and "retirée" not in ran.out
    assert "dans l'arbre de travail, la bibliothèque a 1 erreur" in ran.err and "[yaml-syntax]" in ran.err
    repository.save()
    assert "à la révision HEAD, la bibliothèque a 1 erreur" in diff("HEAD~1", "HEAD").err


def test_another_folder(repository, diff):
    repository.commit(clause(A))
    (repository.folder / "requirements_library").rename(repository.folder / "bib")
    repository.save()
    assert diff("HEAD~1").code == 2
    repository.write(clause(B))
    assert "aucune clause ne change" in diff("HEAD", "--path", "bib").out
    ran = diff("HEAD~1", "--path", "requirements_library")
    assert f"{A} retirée" in ran.out and f"{B} ajoutée" in ran.out


def test_projects(repository, diff):
    repository.commit(clause(A, si={"paiement": "oui"}), clause(B), clause(C, palier="renforcé"), clause("TST-DDD-010"))
    repository.write(
        clause(A), clause(B, texte="Le titulaire doit tout livrer."), clause("TST-EEE-010", si={"mobile": "oui"}),
        clause("TST-DDD-010", palier="standard"),
    )  # fmt: skip
    write_project(repository.folder / "marches" / "un.yaml", faits={"paiement": "non"})
    write_project(repository.folder / "marches" / "deux.yaml", faits={"paiement": "oui", "inconnu": "oui"})
    ran = diff("HEAD", "--projects", "marches/*.yaml")
    assert ran.code == 0
    deux, un = (block.splitlines() for block in ran.out.split("\nProjet ")[1:])
    assert deux[:2] == ["marches/deux.yaml", "  non comparé : il n'est pas en ordre dans l'une des deux versions"]
    assert "[unknown-fact]" in deux[2] or "inconnu" in deux[2]
    assert un[0] == "marches/un.yaml"
    assert un[1:4] == [
        f"  {A} entre, substantielle : Clause {A}",
        "    avant : condition : paiement vaut non, et non oui (marches/un.yaml:19:15)",
        "    après : condition : toujours ; palier essentiel",
    ]
    assert un[4:6] == [f"  {B} change, substantielle : Clause {B}", "    après : texte réécrit"]
    assert un[6:9] == [
        "  TST-DDD-010 sort, substantielle : Clause TST-DDD-010",
        "    avant : condition : toujours ; palier essentiel",
        "    après : réservée au palier standard (palier du marché : essentiel)",
    ]
    assert un[9:11] == [
        "  TST-EEE-010 devient à décider : Clause TST-EEE-010",
        "    avant : la clause n'existe pas dans cette version",
    ]
    projects = json.loads(diff("HEAD", "--projects", "marches/un.yaml", "--format", "json").out)["projets"]
    effects = [(item["id"], item["effet"], item["lot"]) for item in projects[0]["clauses"]]
    assert effects == [(A, "entre", None), (B, "change", None), ("TST-DDD-010", "sort", None),
                       ("TST-EEE-010", "devient à décider", None)]  # fmt: skip
    assert "- TST-DDD-010 sort" in diff("HEAD", "--projects", "marches/un.yaml", "--format", "md").out


def test_lots_and_legal_obligations(repository, diff):
    repository.commit(clause(A, sources=[{"id": "code-demo"}]), clause(B, domaines=["finances"]))
    repository.write(
        clause(A, sources=[{"id": "code-demo", "oblige_si": {"paiement": "oui"}}]), clause(B, domaines=["famille"])
    )
    write_project(repository.folder / "p.yaml", lots=[
        {"numero": 1, "titre": "Un", "domaines": ["finances"], "faits": {"paiement": "oui"}},
        {"numero": 2, "titre": "Deux", "domaines": ["famille"], "faits": {"paiement": "non"}},
    ])  # fmt: skip
    (project,) = json.loads(diff("HEAD", "--projects", "p.yaml", "--format", "json").out)["projets"]
    assert [(item["id"], item["lot"], item["effet"]) for item in project["clauses"]] == [
        (A, 1, "devient obligation légale"),
        (B, 1, "sort"),
        (A, 2, "change"),
        (B, 2, "entre"),
    ]


def test_an_old_library_with_errors_is_compared(repository, diff):
    """The rules of today may refuse what was committed; only what cannot be decided at all stops, and only a project."""
    repository.commit(clause(A, sources=[{"id": "absente"}]), clause(B), sources=[source()])
    repository.write(clause(A), clause(B, palier="standard"))
    write_project(repository.folder / "p.yaml")
    ran = diff("HEAD", "--projects", "p.yaml")
    assert ran.code == 0 and f"  {B} sort" in ran.out and "[unknown-source]" in ran.err
    repository.commit(clause(A, si={"paiement": {"au_moins": 3}}))
    repository.write(clause(A))
    ran = diff("HEAD", "--projects", "p.yaml")
    assert ran.code == 0 and "si changée" in ran.out and "non comparé" in ran.out and "[impossible-value]" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absente"], "« absente » n'est pas une révision de ce dépôt git"),
        (["HEAD", "absente"], "« absente » n'est pas une révision de ce dépôt git"),
        (["--", "--output=x"], "« --output=x » n'est pas une révision de ce dépôt git"),
        (["HEAD", "HEAD", "--path", "absent"], "le dossier « absent » n'existe pas à cette révision"),
        (["HEAD", "--projects", "absent/*.yaml"], "aucun fichier ne répond à ce motif"),
        ([], "il manque l'argument"),
    ],
)
def test_what_cannot_run(repository, diff, arguments, said):
    repository.commit(clause(A))
    ran = diff(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.lower()


def test_outside_a_repository(quick_cli, repository, tmp_path, monkeypatch):
    ran = quick_cli("diff", "HEAD")
    assert ran.code == 2 and "dépôt git" in ran.err and ran.out == ""
    monkeypatch.setenv("PATH", str(tmp_path / "vide"))
    ran = quick_cli("diff", "HEAD", cwd=repository.folder)
    assert ran.code == 2 and "git n'est pas installé" in ran.err
