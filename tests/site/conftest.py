"""A site of a small library that has one of everything, made once, and the browser to open it."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reqgen.pipeline.publishing import publish
from reqgen.pipeline.reading import Sources
from tests.helpers import DOMAINS, clause, source, write_library
from tests.review.conftest import repository

__all__ = ["repository"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Nothing of a browser but the pages: no first run, no updates, no traffic of its own.
SWITCHES = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip
RICH, LINKED, SECRET, HOSTED = "TST-RIC-010", "TST-LIE-010", "TST-SEC-010", "TST-HEB-010"
PARAMETER = {
    "libelle": "Délai",
    "type": "durée",
    "unite": "jours ouvrés",
    "defaut": 5,
    "min": 1,
    "max": 9,
}
CLAUSES = (
    clause(
        RICH,
        titre="Journal des accès",
        texte="Le titulaire doit livrer le journal sous {{ delai }}.\n\n- un ;\n- **deux**.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
        parametres={"delai": PARAMETER},
        livrables=[{"nom": "Journal", "jalon": "exécution", "delai": "{{ delai }} après la demande"}],
        si={"paiement": "oui", "recettes": {"au_moins": "seuil-demo"}},
        sources=[{"id": "code-demo", "article": "R. 12-3", "oblige_si": {"archives": "oui"}}, {"id": "guide-demo"}],
        requiert=[LINKED],
        motif="Un motif propre à l'acheteur.",
    ),
    clause(LINKED, titre="Clause liée", domaines=["finances"], theme="service"),
    clause(SECRET, titre="Clause interne", diffusion="interne", texte="Le titulaire doit taire ce que dit la clause interne."),
    clause(HOSTED, titre="Hébergement", si={"au_moins_un": [{"hebergement": "interne"}, {"aucun": [{"archives": "oui"}]}]}),
)  # fmt: skip
PARTS: dict[str, Any] = {
    "sources": [
        source("code-demo", en_vigueur_du="2026-01-01"),
        source("guide-demo", statut="à vérifier", note="À relire."),
    ],
    "glossary": [{"terme": "Journal", "definition": "Suite d'événements datés.", "formes": ["journaux"]}],
    "domains": (
        {
            **DOMAINS[0],
            "echanges": [{"plateforme": "Plateforme", "sens": "Envoi", "cadre": "Code", "si": {"paiement": "oui"}}],
        },
        DOMAINS[1],
    ),
}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small library."""
    return write_library(tmp_path_factory.mktemp("petite") / "bib", CLAUSES, **PARTS)


def made(target: Path, library: Path | None, **options: Any) -> Path:
    """The site of a library, in the folder."""
    options = {"public": False, "force": False, "say": lambda line: None, **options}
    publish(target, Sources(date(2026, 11, 24), library), **options)
    return target


@pytest.fixture(scope="session")
def site(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the small library."""
    return made(tmp_path_factory.mktemp("site") / "public", small)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of reqgen's own library."""
    return made(tmp_path_factory.mktemp("entier") / "public", None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, with an empty profile of its own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium here: tools/install_browser.sh installs it where it may")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=program, args=SWITCHES, chromium_sandbox=False)
        yield opened
        opened.close()
