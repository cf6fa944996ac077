"""`init`: the questions that still matter, answers kept, comments kept, nothing written when it stops halfway."""

import re

import pytest

from reqgen.load.tree import parse
from tests.helpers import clause, write_library

A, B, C = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010"


@pytest.fixture
def at(tmp_path):
    folder = write_library(
        tmp_path / "bib",
        [
            clause(A, si={"moyens": "carte"}),
            clause(B, si={"recettes": {"au_moins": 1000}}),
            clause(C, si={"hebergement": "externalisé", "sites": {"plus_de": 2}}),
        ],
    )
    return ["--library", folder]


BASICS = [
    "2027-01",
    "Un objet : avec deux points",
    "Ville de Demo",
    "commune",
    "12 000",
    "finances, famille",
    "18/01/2027",
    "-",
    "36",
    "",
]
SESSION = [*BASICS, "o", "1, virement", "1", "3", "12,05"]


def typed(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def data_of(path) -> dict:
    tree, found = parse("p.yaml", path.read_text("utf-8"))
    assert tree is not None and found == []
    return tree.data


def test_a_whole_session(quick_cli, at, tmp_path):
    ran = quick_cli("init", "p.yaml", *at, input=typed(*SESSION))
    assert ran.code == 0, ran.said
    assert ran.out == "" or "réponse" in ran.out
    data = data_of(tmp_path / "p.yaml")
    assert data["reference"] == "2027-01" and data["objet"] == "Un objet : avec deux points"
    assert data["acheteurs"] == [{"nom": "Ville de Demo", "type": "commune", "population": 12000}]
    assert data["domaines"] == ["finances", "famille"] and data["palier"] == "essentiel"
    assert data["calendrier"] == {"lancement": "2027-01-18"} and data["marche"]["duree_mois"] == 36
    assert data["faits"]["paiement"] == "oui" and data["faits"]["moyens"] == ["carte", "virement"]
    assert data["faits"]["recettes"] == 12.05
    assert quick_cli("validate", "p.yaml", *at).code == 0
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 0


def test_the_second_time_nothing_is_asked(quick_cli, at, tmp_path):
    quick_cli("init", "p.yaml", *at, input=typed(*SESSION))
    before = (tmp_path / "p.yaml").read_bytes()
    ran = quick_cli("init", "p.yaml", *at, input=typed("-"))
    # the date that was passed is asked again; passed again, nothing changes
    assert ran.code == 0 and "Rien ne reste à demander" in ran.err
    assert (tmp_path / "p.yaml").read_bytes() == before


def test_comments_and_order_are_kept(quick_cli, at, tmp_path):
    quick_cli("init", "p.yaml", *at, input=typed(*SESSION))
    path = tmp_path / "p.yaml"
    text = path.read_text("utf-8")
    text = re.sub(r"^  recettes: .*\n", "  # à revoir avec les finances\n", text, flags=re.MULTILINE)
    text = f"# mon projet\n{text}".replace("palier: essentiel", "palier: essentiel   # petit marché")
    path.write_text(text, "utf-8")
    ran = quick_cli("init", "p.yaml", *at, input=typed("-", "1 234,50"))
    assert ran.code == 0, ran.said
    after = path.read_text("utf-8")
    for comment in ("# mon projet\n", "# à revoir avec les finances", "# petit marché"):
        assert comment in after
    assert data_of(path)["faits"]["recettes"] == 1234.5
    kept = [line for line in text.splitlines() if line.strip()]
    assert [line for line in after.splitlines() if line in kept] == kept


@pytest.mark.parametrize("lines", [0, 1, 5, len(BASICS), len(SESSION) - 1])
def test_an_end_of_input_writes_nothing(quick_cli, at, tmp_path, lines):
    ran = quick_cli("init", "p.yaml", *at, input=typed(*SESSION[:lines]))
    assert ran.code == 2 and "rien n'a été écrit" in ran.err
    assert not (tmp_path / "p.yaml").exists() and not list(tmp_path.glob(".reqgen*"))


def test_unusable_answers_are_asked_again(quick_cli, at, tmp_path):
    answers = [
        "2027-01", "Un objet", "Ville", "communne", "1", "beaucoup", "1200", "", "finances",
        "31/02/2027", "2027-03-01", "?", "-", "12 mois", "12", "profond", "standard", "peut-être", "n", "interne",
        "douze", "12,5,5", "12,5 €",
    ]  # fmt: skip
    ran = quick_cli("init", "p.yaml", *at, input=typed(*answers))
    assert ran.code == 0, ran.said
    data = data_of(tmp_path / "p.yaml")
    assert data["acheteurs"][0]["type"] == "commune" and data["palier"] == "standard"
    assert data["calendrier"]["lancement"] == "2027-03-01"
    assert data["faits"] == {"paiement": "non", "recettes": 12.5, "hebergement": "interne"}
    assert "vouliez-vous dire « commune » ?" in ran.err


def test_a_question_can_be_passed(quick_cli, at, tmp_path):
    ran = quick_cli("init", "p.yaml", *at, input=typed(*BASICS, "-", "-", "-", "-", "-"))
    assert ran.code == 0, ran.said
    assert "faits" not in data_of(tmp_path / "p.yaml")
    assert "questions sans réponse" in ran.err
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 1


def test_what_a_domain_proposes_is_the_default(quick_cli, at, tmp_path):
    # « famille » proposes an online payment
    ran = quick_cli("init", "p.yaml", *at, input=typed(*BASICS, "", "carte", "interne", "1000"))
    assert ran.code == 0, ran.said
    assert data_of(tmp_path / "p.yaml")["faits"]["paiement"] == "oui"


def test_a_file_in_disorder_is_left_alone(quick_cli, at, tmp_path):
    for text in (
        "reference: [",
        "reference: 2027\nclef: 1\n",
        "- 1\n",
        "reference: *x\n",
        "marche: oui\n",
        "marche:\n",
        "acheteurs: x\n",
        "faits: []\n",
    ):
        (tmp_path / "p.yaml").write_text(text, "utf-8")
        ran = quick_cli("init", "p.yaml", *at, input=typed(*SESSION))
        assert ran.code == 1 and "p.yaml:" in ran.err, text
        assert (tmp_path / "p.yaml").read_text("utf-8") == text


def test_a_library_with_no_domain_and_no_kind_of_buyer(quick_cli, tmp_path):
    facts = [{"id": "un", "libelle": "Un ?", "type": "oui-non"}]
    folder = write_library(tmp_path / "nue", [clause(A, si={"un": "oui"})], facts=facts, domains=(), thresholds=())
    answers = [answer for answer in BASICS if answer != "finances, famille"]
    ran = quick_cli("init", "p.yaml", "--library", folder, input=typed(*answers, "oui"))
    assert ran.code == 0, ran.said
    assert data_of(tmp_path / "p.yaml")["faits"] == {"un": "oui"}


def test_as_a_program_of_its_own(run_cli, at, tmp_path):
    ran = run_cli("init", *at, input=typed(*SESSION))
    assert ran.code == 0 and (tmp_path / "projet.yaml").exists(), ran.said
