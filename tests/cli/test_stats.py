"""`stats`: the library in numbers, what no project uses, what is said twice, how long documents get."""

import json

import pytest

from reqgen.render import paginate
from tests.helpers import clause, source, write_library, write_project

A, B, C = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010"
CHECKS = [
    {"phase": phase, "mode": mode, "par": "acheteur", "methode": "Un écart vaut échec."}
    for phase, mode in (("offre", "document"), ("exécution", "test"), ("fin de marché", "test"))
]
COMMON_WORDS = "Le titulaire doit restituer les données de la solution dans un format ouvert et documenté"


@pytest.fixture
def at(tmp_path):
    folder = write_library(
        tmp_path / "bib",
        [
            clause(A, si={"paiement": "oui"}, sources=[{"id": "code-demo"}], verification=CHECKS, texte=f"{COMMON_WORDS}."),
            clause(B, theme="service", domaines=["finances", "famille"], palier="renforcé", sources=[{"id": "code-demo"}, {"id": "autre"}]),
            clause(C, piece="ccap", niveau="valorisé", sous_critere="Valeur", texte=f"{COMMON_WORDS}, sans frais."),
        ],
        sources=[source(), source("autre"), source("jamais")],
    )  # fmt: skip
    return ["--library", folder]


def table(out: str, head: str) -> list[list[str]]:
    """The rows of the table of that head."""
    block = next(block for block in out.split("\n\n") if block.startswith(head))
    return [line.split() for line in block.splitlines()[1:]]


def test_counts(quick_cli, at):
    ran = quick_cli("stats", *at)
    assert ran.code == 0 and ran.err == ""
    assert ran.out.startswith("3 clauses\n")
    assert table(ran.out, "Thème") == [
        ["base", "Exigences", "de", "base", "2", "0", "0", "2", "1"],
        ["service", "Niveaux", "de", "service", "0", "0", "1", "1", "2"],
    ]
    assert [row[0] for row in table(ran.out, "Domaine")] == ["famille", "finances", "-"]
    assert ["test", "3"] in table(ran.out, "Mode") and ["document", "1"] in table(ran.out, "Mode")
    assert ["projet", "3"] in table(ran.out, "Relecture") and ["ccap", "1"] in table(ran.out, "Pièce")
    assert [(row[0], row[-1]) for row in table(ran.out, "Sources les plus")][:2] == [("code-demo", "2"), ("autre", "1")]
    assert "1 source que rien ne cite" in ran.out


def test_counts_as_json(quick_cli, at):
    data = json.loads(quick_cli("stats", "--format", "json", *at).out)
    assert data["clauses"] == 3
    assert data["niveaux"] == {"exigé": 2, "valorisé": 1, "pse": 0}
    assert data["paliers"] == {"essentiel": 2, "standard": 0, "renforcé": 1}
    assert data["modes"] == {"test": 3, "document": 1}
    assert data["phases"]["offre"] == 1 and data["phases"]["exécution"] == 3
    assert {item["id"]: item["clauses"] for item in data["domaines"]} == {"finances": 1, "famille": 1}
    assert data["sans_domaine"]["clauses"] == 2
    assert data["themes"][0]["pieces"]["ccap"] == 1
    assert [(item["id"], item["clauses"]) for item in data["sources"]] == [
        ("code-demo", 2),
        ("autre", 1),
        ("jamais", 0),
    ]
    assert "non_retenues" not in data and "pages" not in data


def test_clauses_that_no_project_keeps(quick_cli, at, tmp_path):
    write_project(tmp_path / "p" / "un.yaml", faits={"paiement": "non"})
    write_project(tmp_path / "p" / "deux.yaml", faits={"paiement": "non"}, domaines=["finances"])
    ran = quick_cli("stats", "--projects", "p/*.yaml", *at)
    assert ran.code == 0 and ran.err.splitlines() == ["1/2 p/deux.yaml", "2/2 p/un.yaml"]
    assert [row[0] for row in table(ran.out, "2 clauses que ne retient aucun des projets (2 projets)")] == [A, B]
    write_project(tmp_path / "trois.yaml", palier="renforcé", lots=[
        {"numero": 1, "titre": "Un", "domaines": ["famille"], "faits": {"paiement": "non"}},
        {"numero": 2, "titre": "Deux", "domaines": ["finances"], "faits": {"paiement": "oui"}},
    ])  # fmt: skip
    ran = quick_cli("stats", "--projects", "p/*.yaml", "--projects", "trois.yaml", "--format", "json", *at)
    data = json.loads(ran.out)
    assert data["non_retenues"] == [] and data["projets"] == ["p/deux.yaml", "p/un.yaml", "trois.yaml"]


def test_projects_that_cannot_be_read(quick_cli, at, tmp_path):
    ran = quick_cli("stats", "--projects", "rien/*.yaml", *at)
    assert ran.code == 2 and "[no-match]" in ran.err and ran.out == ""
    for name in ("un", "deux"):
        write_project(tmp_path / "p" / f"{name}.yaml", faits={"paiement": name})
    write_project(tmp_path / "p" / "trois.yaml")
    ran = quick_cli("stats", "--projects", "p/*.yaml", *at)
    assert ran.code == 1 and ran.out == ""
    assert "p/deux.yaml:" in ran.err and "p/un.yaml:" in ran.err


@pytest.mark.parametrize(
    "arguments", [["--pages"], ["--similar", "--projects", "p.yaml"], ["--threshold", "2"], ["--format", "xml"]]
)
def test_misuse(quick_cli, at, arguments):
    ran = quick_cli("stats", *arguments, *at)
    assert ran.code == 2 and ran.out == ""


def test_pairs_that_are_alike(quick_cli, at):
    ran = quick_cli("stats", "--similar", *at)
    assert ran.code == 0 and ran.out.startswith("1 paire de clauses dont la ressemblance atteint 0,40\n")
    assert f"{A} et {C}" in ran.out and f"clauses/base/{A}.yaml" in ran.out
    assert quick_cli("stats", "--similar", "--threshold", "0.99", *at).out.startswith("0 paire")
    (pair,) = json.loads(quick_cli("stats", "--similar", "--format", "json", *at).out)
    assert pair["clauses"] == [A, C] and 0.4 <= pair["ressemblance"] < 1 and pair["lien"] is None


def test_pages_without_the_program(quick_cli, at, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(paginate, "_USUAL_PLACES", ())
    write_project(tmp_path / "p.yaml", faits={"paiement": "non"})
    ran = quick_cli("stats", "--projects", "p.yaml", "--pages", *at)
    assert ran.code == 2 and "LibreOffice est introuvable" in ran.err and ran.out == ""


@pytest.fixture
def laid_out(monkeypatch):
    """laid_out((total, without needs), ...): the layout is that of a stand-in, for as many projects, one at a time."""

    def lay_out(*pages):
        counts = iter(pages)
        monkeypatch.setattr(paginate, "find_soffice", lambda: "soffice")
        monkeypatch.setattr(paginate, "count_pages", lambda files, soffice: next(counts))
        monkeypatch.setattr("reqgen.cli.stats.WORKERS", 1)

    return lay_out


def test_pages_are_set_against_their_tier(quick_cli, at, tmp_path, laid_out):
    write_project(tmp_path / "p" / "1.yaml", domaines=["finances"], faits={"paiement": "non"})
    write_project(tmp_path / "p" / "2.yaml", domaines=["famille"], palier="standard")
    write_project(tmp_path / "p" / "3.yaml", domaines=["famille"], palier="renforcé")
    laid_out((20, 16), (9, 8), (80, 71))
    ran = quick_cli("stats", "--projects", "p/*.yaml", "--pages", "--format", "json", *at)
    assert ran.code == 0, ran.err
    rows = json.loads(ran.out)["pages"]
    assert [
        (row["projet"], row["total"], row["hors_besoins"], row["ecart"], row["pages_en_ecart"]) for row in rows
    ] == [
        ("p/2.yaml", 9, 8, "trop court", -7),
        ("p/3.yaml", 80, 71, "trop long", 1),
        ("p/1.yaml", 20, 16, None, 0),
    ]
    laid_out((20, 16), (9, 8), (80, 71))
    out = quick_cli("stats", "--projects", "p/*.yaml", "--pages", *at).out
    first = ["p/2.yaml", "cctp", "famille", "standard", "-", "9", "8", "15-40", "trop", "court"]
    assert table(out, "Pages du document principal")[0] == first


def test_a_miss_is_explained_by_the_chapters_that_weigh(quick_cli, at, tmp_path, laid_out):
    """Context is all that the buyer wrote; his needs are no part of the measure."""
    needs = [{"module": "Module", "exigences": [{"texte": "Le titulaire doit. " * 150, "niveau": "exigé"}]}]
    write_project(tmp_path / "p.yaml", faits={"paiement": "oui"}, besoins=needs, contexte="La ville est grande. " * 300)
    laid_out((19, 17))
    out = quick_cli("stats", "--projects", "p.yaml", "--pages", *at).out
    rows = table(out, "Écarts expliqués")
    assert rows[0][:8] == ["p.yaml", "trop", "long", "de", "1", "page", "2", "Contexte"] and rows[0][8] == "0"
    assert len(rows) == 5 and "Besoins fonctionnels" not in out
    shares = [int(row[-2]) for row in rows]
    assert shares == sorted(shares, reverse=True) and 50 < shares[0] < 100
    laid_out((19, 17))
    (row,) = json.loads(quick_cli("stats", "--projects", "p.yaml", "--pages", "--format", "json", *at).out)["pages"]
    assert sum(chapter["exigences"] for chapter in row["chapitres"]) == 1
    assert 97 <= sum(chapter["part"] for chapter in row["chapitres"]) <= 103


def test_no_miss_needs_no_explanation(quick_cli, at, tmp_path, laid_out):
    write_project(tmp_path / "p.yaml", faits={"paiement": "oui"})
    laid_out((12, 12))
    out = quick_cli("stats", "--projects", "p.yaml", "--pages", *at).out
    assert "Pages du document principal" in out and "Écarts expliqués" not in out


@pytest.mark.office
def test_pages_leave_needs_aside(quick_cli, at, soffice, tmp_path):
    """The needs of a lot as those of all; what is left is the document of a tender without any."""
    long = {"texte": "Le titulaire doit. " * 150, "niveau": "exigé"}
    needs = [{"module": f"Module {number}", "exigences": [long]} for number in range(6)]
    lots = [{"numero": number, "titre": f"Lot {number}", "faits": {"paiement": "oui"}} for number in (1, 2)]
    write_project(tmp_path / "p" / "1.yaml", faits={"paiement": "oui"}, besoins=needs)
    write_project(tmp_path / "p" / "2.yaml", faits={"paiement": "oui"})
    write_project(tmp_path / "p" / "3.yaml", lots=[{**lots[0], "besoins": needs}, lots[1]])
    write_project(tmp_path / "p" / "4.yaml", lots=lots)
    ran = quick_cli("stats", "--projects", "p/*.yaml", "--pages", "--format", "json", *at)
    assert ran.code == 0, ran.err
    one, none, of_lot, of_none = json.loads(ran.out)["pages"]
    assert 1 < one["hors_besoins"] < one["total"] - 3 and one["ecart"] == "trop court"
    for full, bare in ((one, none), (of_lot, of_none)):
        assert bare["total"] == bare["hors_besoins"] == full["hors_besoins"]
        assert full["chapitres"] == bare["chapitres"]


def test_nothing_is_cut_when_piped(run_cli, at):
    narrow = run_cli("stats", *at, env={"COLUMNS": "20", "LINES": "5", "TERM": "dumb"})
    assert narrow.code == 0 and narrow.out == run_cli("stats", *at, env={"COLUMNS": "400"}).out
    assert "\x1b" not in narrow.out
