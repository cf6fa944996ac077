"""The CCP, the letter and the annex of a concession, from the project file to Word and to the page."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader

from tests.helpers import DOMAINS, ROOT, THEMES, as_yaml, clause, source, write_files, write_library, write_project

EXAMPLES = ROOT / "examples"
SMALL = [EXAMPLES / "commune-finances.yaml", EXAMPLES / "commune-etat-civil.yaml"]
PURCHASES = [SMALL[0], EXAMPLES / "site-internet.yaml", EXAMPLES / "reservation-salles.yaml"]
"""Purchases small enough for a letter: software of a commune of 3,000, a site, a booking tool."""
COMMUNES = [SMALL[0], EXAMPLES / "eclairage-public.yaml", EXAMPLES / "cimetiere.yaml"]
"""The small communes whose CCTP is the longest."""
A, B, D = "TST-AAA-010", "TST-BBB-010", "TST-DDD-010"
CONCESSION = "service-delegue"
MARKET_WORDS = (
    "titulaire",
    "CCAG",
    "CCTP",
    "CCAP",
    "2111",
    "vérification d'aptitude",
    "service régulier",
    "VSR",
    "marché",
)


def text_of(path: Path) -> str:
    """Every word of a Word file: body, tables, headers and footers."""
    document = Document(str(path))
    tables = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    frames = [
        paragraph.text
        for section in document.sections
        for part in (section.header, section.footer)
        for paragraph in part.paragraphs
    ]
    text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *tables, *frames])
    return text.replace("\u00a0", " ").replace("’", "'")


def chapters(path: Path) -> list[str]:
    document = Document(str(path))
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == "Heading 1"]


# A library of our own: a concession beside markets


@pytest.fixture
def at(tmp_path):
    concession = {"id": CONCESSION, "titre": "Service délégué", "description": "Concession."}
    folder = write_library(
        tmp_path / "bib",
        [
            clause(A, exigible="mise en ordre de marche", sources=[{"id": "code-2111"}]),
            clause(B, piece="ccap", deroge_a=["14.1.1"], theme="service"),
            clause(
                D,
                theme="concession",
                domaines=[CONCESSION],
                titre="Remise des données",
                texte="Le concessionnaire doit remettre les données.",
                reponse="description",
                livrables=[{"nom": "Fichier des abonnés", "jalon": "fin de marché"}],
            ),
        ],
        sources=[source("code-2111", titre="Code de la commande publique, article R. 2111-4")],
        domains=[*DOMAINS, concession],
        themes=[*THEMES, ("concession", "Concession")],
    )
    write_project(tmp_path / "marche.yaml", domaines=["finances"])
    write_project(tmp_path / "eau.yaml", domaines=[CONCESSION], objet="Concession de l'eau")
    write_project(tmp_path / "eau-finances.yaml", domaines=["finances", CONCESSION], objet="Concession de l'eau")
    return ["--library", folder]


@pytest.mark.parametrize("document", ["cctp", "ccp", "lettre-consultation"])
@pytest.mark.parametrize("project", ["eau.yaml", "eau-finances.yaml"])
def test_a_concession_has_none_of_the_documents_of_a_market(quick_cli, at, tmp_path, document, project):
    ran = quick_cli("generate", project, "--document", document, "-o", "x.docx", *at)
    assert ran.code == 1 and "[wrong-document]" in ran.err and not (tmp_path / "x.docx").exists()
    assert f"{project}:" in ran.err and "--document annexe-numerique" in ran.err


@pytest.mark.parametrize("project", ["eau.yaml", "eau-finances.yaml"])
def test_the_annex_of_a_concession_holds_its_clauses_in_its_words(quick_cli, at, tmp_path, oracle, project):
    ran = quick_cli("generate", project, "--document", "annexe-numerique", "-o", "a.docx", *at)
    assert ran.code == 0, ran.said
    oracle(tmp_path / "a.docx")
    text = text_of(tmp_path / "a.docx")
    assert "Le concessionnaire doit remettre les données." in text and "Fichier des abonnés" in text
    assert A not in text and B not in text
    assert [word for word in MARKET_WORDS if word in text] == []


def test_a_market_does_not_have_the_annex_of_a_concession(quick_cli, at, tmp_path):
    ran = quick_cli("generate", "marche.yaml", "--document", "annexe-numerique", "-o", "x.docx", *at)
    assert ran.code == 1 and "[wrong-document]" in ran.err and "--document cctp" in ran.err
    assert not (tmp_path / "x.docx").exists()
    write_project(tmp_path / "nu.yaml")
    assert quick_cli("generate", "nu.yaml", "--document", "annexe-numerique", "-o", "x.docx", *at).code == 1
    assert quick_cli("generate", "nu.yaml", "-o", "x.docx", *at).code == 0


def test_each_lot_has_the_document_of_its_domains(quick_cli, at, tmp_path):
    lots = [
        {"numero": 1, "titre": "Logiciel", "domaines": ["finances"]},
        {"numero": 2, "titre": "Eau", "domaines": [CONCESSION]},
    ]
    write_project(tmp_path / "lots.yaml", lots=lots)
    generate = ("generate", "lots.yaml", "-o", "x.docx", *at)
    ran = quick_cli(*generate)
    assert ran.code == 1 and "le lot 2 relève du domaine service-delegue" in ran.err
    assert quick_cli(*generate, "--lot", "1").code == 0
    assert quick_cli(*generate, "--lot", "2", "--document", "annexe-numerique", "--force").code == 0
    assert quick_cli(*generate, "--document", "annexe-numerique", "--force").code == 1


def test_the_note_and_the_gdpr_annex_are_for_all(quick_cli, at):
    for document in ("note-acheteur", "annexe-rgpd"):
        assert quick_cli("generate", "eau.yaml", "--document", document, "-o", f"{document}.docx", *at).code == 0


def test_a_plan_of_the_buyer_says_whom_it_is_for(quick_cli, at, tmp_path):
    plan = {
        "document": "mien", "titre": "Mien", "court": "Mien", "destinataires": "candidats", "domaines": {"seulement": ["famille"]},
        "parties": [{"titre": "Un", "contenu": [{"texte": "Bonjour."}]}],
    }  # fmt: skip
    plans = write_files(tmp_path / "plans", {"mien.yaml": as_yaml(plan)})
    ran = quick_cli("generate", "marche.yaml", "--document", "mien", "-o", "x.docx", "--templates", plans, *at)
    assert ran.code == 1 and "famille" in ran.err and "finances" not in ran.err.split("\n")[0]


def test_the_ccp_is_one_piece_with_both_parts(quick_cli, at, tmp_path):
    ran = quick_cli("generate", "marche.yaml", "--document", "ccp", "-o", "ccp.docx", *at)
    assert ran.code == 0, ran.said
    text = text_of(tmp_path / "ccp.docx")
    assert text.index(f"Clause {B}") < text.index(f"Clause {A}")
    assert "conclu pour 24 mois" in text and "14.1.1" in text
    assert chapters(tmp_path / "ccp.docx")[-1].startswith("Dérogations")
    write_project(tmp_path / "sans.yaml", domaines=["finances"], exclusions=[{"clause": B, "motif": "ailleurs"}])
    assert quick_cli("generate", "sans.yaml", "--document", "ccp", "-o", "sans.docx", *at).code == 0
    assert "ne déroge à aucun article" in text_of(tmp_path / "sans.docx")


def test_the_letter_has_no_date_of_its_own(quick_cli, at, tmp_path):
    generate = ("generate", "p.yaml", "--document", "lettre-consultation", "-o", "l.docx", *at)
    write_project(tmp_path / "p.yaml", calendrier={"lancement": "2027-02-01"})
    assert quick_cli(*generate).code == 0
    text = text_of(tmp_path / "l.docx")
    assert (
        "qu'indique l'envoi de cette lettre" in text
        and "au plus tard le" not in text
        and "2027" not in text.replace("2027-01", "")
    )
    write_project(tmp_path / "p.yaml", calendrier={"lancement": "2027-02-01", "remise": "2027-02-26"})
    assert quick_cli(*generate).code == 0
    assert "au plus tard le 26 février 2027" in text_of(tmp_path / "l.docx")
    for word in (f"Clause {A} ({A})", "performance environnementale", "CCAG-TIC", "Ville de Demo"):
        assert word in text


@pytest.mark.parametrize(
    ("articles", "sentence"),
    [
        (["14.1.1"], "Il est dérogé à l'article 14.1.1 du CCAG-TIC, comme"),
        (["29", "14.2"], "Il est dérogé aux articles 14.2 et 29 du CCAG-TIC, comme"),
        (["47", "14.2", "14.1.1"], "Il est dérogé aux articles 14.1.1, 14.2 et 47 du CCAG-TIC, comme"),
        ([], "votre devis. Vos conditions générales de vente ne s'appliquent pas."),
    ],
)
def test_the_letter_says_what_it_departs_from(quick_cli, tmp_path, articles, sentence):
    """CCAG-TIC, article 1.2: what stands for the CCAP lists the articles departed from."""
    clauses = [clause(A), clause(B, piece="ccap", theme="service", **({"deroge_a": articles} if articles else {}))]
    folder = write_library(tmp_path / "bib", clauses)
    write_project(tmp_path / "p.yaml")
    options = ("--document", "lettre-consultation", "-o", "l.docx", "--library", folder)
    assert quick_cli("generate", "p.yaml", *options).code == 0
    assert sentence in text_of(tmp_path / "l.docx")


def test_an_unknown_lot_is_not_explained(quick_cli, at, tmp_path):
    lots = [{"numero": 1, "titre": "Un"}, {"numero": 3, "titre": "Trois"}]
    write_project(tmp_path / "lots.yaml", domaines=["finances"], lots=lots)
    for options in ([], ["--format", "json"]):
        ran = quick_cli("explain", "lots.yaml", "--lot", "99", *options, *at)
        assert ran.code == 2 and ran.out == "" and "[unknown-lot]" in ran.err and "lots : 1, 3" in ran.err
    ran = quick_cli("explain", "lots.yaml", "--lot", "3", *at)
    assert ran.code == 0 and "(lot 3)" in ran.out and "(lot 1)" not in ran.out
    for number in ("0", "1"):
        ran = quick_cli("explain", "marche.yaml", "--lot", number, *at)
        assert ran.code == 2 and "n'est pas alloti" in ran.err


def test_init_proposes_the_tier(quick_cli, tmp_path):
    tiers = [
        {"palier": "standard", "si": {"valeur_ht": {"au_moins": 90000}}, "motif": "quatre-vingt-dix mille euros"},
        {"palier": "essentiel", "motif": "petit achat"},
    ]
    folder = write_library(tmp_path / "bib", [clause(A)], tiers=tiers)
    answers = ["2027-01", "Un objet", "Ville", "commune", "1200", "finances", "2027-02-01", "-", "24"]
    for value, tier, why in (("95 000", "standard", "quatre-vingt-dix mille"), ("-", "essentiel", "petit achat")):
        typed = "".join(f"{line}\n" for line in [*answers, value, ""])
        ran = quick_cli("init", f"{tier}.yaml", "--library", folder, input=typed)
        assert ran.code == 0, ran.said
        assert f"proposé : {tier}, {why}" in ran.err
        assert re.search(rf"^palier: {tier}$", (tmp_path / f"{tier}.yaml").read_text("utf-8"), re.MULTILINE)
    typed = "".join(f"{line}\n" for line in [*answers, "95 000", "renforcé"])
    assert quick_cli("init", "mien.yaml", "--library", folder, input=typed).code == 0
    assert "palier: renforcé" in (tmp_path / "mien.yaml").read_text("utf-8")


# The library of reqgen and its examples


@pytest.fixture
def written(quick_cli, tmp_path):
    """written(project, document, **market changes) is the path of the document, generated."""

    def make(project: Path, document: str, procedure: str = "") -> Path:
        source = tmp_path / project.name
        text = project.read_text("utf-8")
        source.write_text(re.sub(r"procedure: .*", f"procedure: {procedure}", text) if procedure else text, "utf-8")
        path = tmp_path / f"{project.stem}-{document}-{procedure}.docx"
        ran = quick_cli("generate", source, "--document", document, "-o", path)
        assert ran.code == 0, ran.said
        return path

    return make


def pages(soffice: str, *paths: Path) -> list[int]:
    """The pages of Word files of one folder, laid out in one run."""
    folder = paths[0].parent
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [len(PdfReader(path.with_suffix(".pdf")).pages) for path in paths]


@pytest.mark.parametrize("project", [*SMALL, EXAMPLES / "groupement-trois-lots.yaml"], ids=lambda path: path.stem)
@pytest.mark.parametrize("document", ["ccp", "lettre-consultation"])
def test_the_files_are_sound(written, oracle, project, document):
    path = written(project, document)
    oracle(path)
    text = text_of(path)
    assert "à remplir" not in text and "{{" not in text and "{%" not in text and "None" not in text


def test_the_ccp_ends_with_its_departures_and_names_the_gdpr_annex(written):
    path = written(SMALL[0], "ccp")
    assert chapters(path)[-2:] == ["Dérogations au CCAG-TIC", "Annexe – Cadre de réponse"]
    text = text_of(path)
    for word in (
        "36 mois",
        "reconduit une fois, pour 12 mois",
        "prix forfaitaires",
        "annexe RGPD",
        "14.1.1",
        "HEL-PES-010",
    ):
        assert word in text
    assert "Textes et référentiels" not in text and "Glossaire" not in text


def test_the_letter_below_the_threshold(written):
    text = text_of(written(SMALL[0], "lettre-consultation", "devis"))
    for word in (
        "Conformité des flux au PES v2 (HEL-PES-010) : Le titulaire doit",
        "performance environnementale",
        "CCAG-TIC",
    ):
        assert word in text
    assert "annexe relative à la protection des données personnelles" in text


def test_the_letter_keeps_what_the_law_imposes(written):
    """Its first requirements are described in a sentence, the others named; of each, the id."""
    text = text_of(written(PURCHASES[2], "lettre-consultation"))
    for word in ("ACC-RGA-010", "REV-DAT-010", "REV-FRS-020", "ENV-EXE-010", "USA-SVE-010", "12 mars 2027"):
        assert word in text
    assert "IDA-DRT-010" not in text


@pytest.mark.office
def test_a_letter_has_two_pages(written, soffice):
    letters = [written(project, "lettre-consultation", "devis") for project in PURCHASES]
    assert pages(soffice, *letters) == [2, 2, 2]


@pytest.mark.office
def test_a_small_commune_has_a_short_ccp(written, soffice):
    assert max(pages(soffice, *(written(project, "ccp") for project in SMALL))) <= 14


@pytest.mark.office
def test_a_small_commune_has_a_short_cctp(quick_cli, soffice):
    named = [word for project in COMMUNES for word in ("--projects", project)]
    ran = quick_cli("stats", *named, "--pages", "--format", "json")
    assert ran.code == 0, ran.err
    rows = json.loads(ran.out)["pages"]
    assert len(rows) == len(COMMUNES) and [row["projet"] for row in rows if row["hors_besoins"] > 16] == []


def test_the_annex_of_the_built_in_concession(written, oracle):
    project = EXAMPLES / "service-delegue.yaml"
    if not project.exists():
        pytest.skip("no example of a concession")
    path = written(project, "annexe-numerique")
    oracle(path)
    text = text_of(path)
    assert "Le concessionnaire doit" in text and "DSP-DON-010" in text
    assert [word for word in MARKET_WORDS if word in text.replace("commande publique", "")] == []
