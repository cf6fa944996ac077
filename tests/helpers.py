"""A small library, projects and outlines made from dicts, through the same readers as the files of users."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from reqgen.assemble.build import build
from reqgen.files import bundled
from reqgen.lint.library_rules import lint_library
from reqgen.lint.project_rules import lint_project
from reqgen.load.condition import condition_at
from reqgen.load.library import Bundle, load_library
from reqgen.load.outline import load_outlines
from reqgen.load.project import project_from, project_tree
from reqgen.load.tree import parse
from reqgen.model.condition import Condition
from reqgen.model.diagnostic import Severity
from reqgen.model.document import Block, Document, Heading, ItemList, Paragraph, Table
from reqgen.model.library import Library
from reqgen.model.outline import Outline
from reqgen.model.project import Project
from reqgen.model.selection import Outcome, Selection
from reqgen.select.choose import choose

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 24)
Data = dict[str, Any]

KEPT, OUT, UNDECIDED = Outcome.KEPT, Outcome.LEFT_OUT, Outcome.UNDECIDED

THEMES = (("base", "Exigences de base"), ("service", "Niveaux de service"))
FACTS: tuple[Data, ...] = (
    {
        "id": "domaine",
        "libelle": "Domaine",
        "type": "choix multiple",
        "lu_dans": "domaines",
        "choix_depuis": "domaines",
    },
    {
        "id": "type_acheteur",
        "libelle": "Nature de l'acheteur",
        "type": "choix multiple",
        "lu_dans": "acheteurs.*.type",
        "choix": {"commune": "Commune", "epci": "EPCI", "région": "Région"},
    },
    {"id": "population", "libelle": "Population", "type": "entier", "lu_dans": "acheteurs.*.population"},
    {"id": "valeur_ht", "libelle": "Valeur", "type": "montant", "lu_dans": "marche.valeur_estimee_ht"},
    {"id": "paiement", "libelle": "Un paiement en ligne est-il attendu ?", "type": "oui-non"},
    {"id": "archives", "libelle": "Des archives sont-elles reprises ?", "type": "oui-non"},
    {"id": "mobile", "libelle": "Une application mobile est-elle attendue ?", "type": "oui-non"},
    {
        "id": "moyens",
        "libelle": "Par quels moyens ?",
        "type": "choix multiple",
        "choix": {"carte": "Carte", "virement": "Virement", "espèces": "Espèces"},
        "demande_si": {"paiement": "oui"},
    },
    {
        "id": "hebergement",
        "libelle": "Qui héberge la solution ?",
        "type": "choix",
        "choix": {"externalisé": "Le titulaire", "interne": "L'acheteur"},
    },
    {"id": "sites", "libelle": "Nombre de sites", "type": "entier"},
    {"id": "recettes", "libelle": "Recettes annuelles", "type": "montant"},
    {"id": "ouverture", "libelle": "Date d'ouverture", "type": "date"},
)
THRESHOLDS: tuple[Data, ...] = (
    {
        "id": "seuil-demo",
        "libelle": "Seuil de démonstration",
        "valeurs": [
            {"du": "2026-01-01", "au": "2026-12-31", "valeur": 60000},
            {"du": "2027-01-01", "au": None, "valeur": 90000},
        ],
    },
)
DOMAINS: tuple[Data, ...] = (
    {"id": "finances", "titre": "Gestion financière", "description": "Budget.", "etablit": {"archives": "oui"}},
    {"id": "famille", "titre": "Portail famille", "description": "Enfance.", "propose": {"paiement": "oui"}},
)


def source(id: str = "code-demo", **changes: Any) -> Data:
    return {
        "id": id,
        "titre": f"Code de démonstration {id}",
        "court": "C. démo",
        "nature": "texte",
        "url": "https://www.example.org/code",
        "statut": "vérifié",
        "consulte_le": "2026-11-20",
        "en_vigueur_du": "2019-04-01",
        **changes,
    }


def clause(id: str = "TST-UNE-010", **changes: Any) -> Data:
    """A clause in order; a key set to None is left out."""
    data = {
        "id": id,
        "titre": f"Clause {id}",
        "theme": "base",
        "nature": "obligation",
        "niveau": "exigé",
        "palier": "essentiel",
        "piece": "cctp",
        "texte": f"Le titulaire doit livrer ce que décrit {id} dans le délai prévu.",
        "verification": [
            {
                "phase": "exécution",
                "mode": "test",
                "par": "acheteur",
                "methode": "L'essai est joué ; un écart vaut échec.",
            }
        ],
        "exigible": "exécution",
        "reponse": "aucune",
        "sources": [],
        "motif": f"Motif de {id}.",
        "relecture": {"statut": "projet"},
        **changes,
    }
    return {key: value for key, value in data.items() if value is not None}


def library_files(
    clauses: Iterable[Data] = (),
    *,
    facts: Iterable[Data] = FACTS,
    thresholds: Iterable[Data] = THRESHOLDS,
    domains: Iterable[Data] = DOMAINS,
    sources: Iterable[Data] | None = None,
    glossary: Iterable[Data] = (),
    tiers: Iterable[Data] = (),
    themes: Iterable[tuple[str, str]] = THEMES,
) -> dict[str, str]:
    """The files of a library by their path in it. JSON is YAML; dumped with one value a line, so that places differ."""
    clauses = list(clauses)
    cited = dict.fromkeys(item["id"] for data in clauses for item in data["sources"])
    registry = [source(name) for name in cited] if sources is None else list(sources)
    files: dict[str, Any] = {
        "bibliotheque.yaml": {
            "nom": "essai",
            "titre": "Essai",
            "version": "1",
            "date": "2026-11-24",
            "etat_du_droit": "2026-11-24",
        },
        "themes.yaml": {"themes": [{"id": name, "titre": title} for name, title in themes]},
        "faits/tous.yaml": {"faits": list(facts)},
        "seuils.yaml": {"seuils": list(thresholds)},
        "sources.yaml": {"sources": registry},
        "glossaire.yaml": {"termes": list(glossary)},
        "paliers.yaml": {"paliers": list(tiers)},
        **{f"domaines/{data['id']}.yaml": data for data in domains},
        **{f"clauses/{data['theme']}/{data['id']}.yaml": data for data in clauses},
    }
    empty = [path for path, data in files.items() if list(data.values()) == [[]]]
    return {path: as_yaml(data) for path, data in files.items() if path not in empty}


def as_yaml(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1)


def library_of(clauses: Iterable[Data] = (), *, checked: bool = True, **parts: Any) -> Library:
    """The library as a value. Errors of shape, and with `checked` of meaning too, fail the test."""
    files = library_files(clauses, **parts)
    library, found = load_library([Bundle("bib", {f"bib/{path}": text for path, text in files.items()})])
    if checked:
        found = [*found, *lint_library(library, TODAY)]
    errors = [str(finding) for finding in found if finding.severity is Severity.ERROR]
    assert not errors, errors
    return library


def project_data(**changes: Any) -> Data:
    """A project in order; a key set to None is left out."""
    data = {
        "reference": "2027-01",
        "objet": "Fourniture d'une solution",
        "acheteurs": [{"nom": "Ville de Demo", "type": "commune"}],
        "palier": "essentiel",
        "calendrier": {"lancement": "2027-02-01", "notification": "2027-04-01"},
        "marche": {"duree_mois": 24},
        **changes,
    }
    return {key: value for key, value in data.items() if value is not None}


def project_of(library: Library, *, checked: bool = True, **changes: Any) -> Project:
    """The project as a value."""
    tree, found = project_tree("projet.yaml", as_yaml(project_data(**changes)))
    assert tree is not None, found
    project, found = project_from(tree, library.facts, {})
    if checked:
        found = [*found, *lint_project(project, library)]
    errors = [str(finding) for finding in found if finding.severity is Severity.ERROR]
    assert not errors, errors
    return project


def select(library: Library, **changes: Any) -> Selection:
    return choose(project_of(library, **changes), library)


def outcomes(selection: Selection, lot: int = 0) -> dict[str, Outcome]:
    """The outcome of each clause, in the lot of that rank."""
    return {name: verdict.outcome for name, verdict in selection.lots[lot].verdicts.items()}


def reasons(selection: Selection, clause_id: str, lot: int = 0) -> str:
    return " ; ".join(reason.text for reason in selection.lots[lot].verdicts[clause_id].reasons)


def rules(found: Iterable[Any]) -> list[str]:
    return [finding.rule for finding in found]


def condition(data: Any) -> Condition:
    """A condition from its YAML form."""
    tree, found = parse("si.yaml", as_yaml({"si": data}))
    assert tree is not None, found
    result = condition_at(tree, ("si",), tree.data["si"], found)
    assert not found, found
    return result


ALL_PARTS: list[Data] = [
    {"titre": "Exigences", "contenu": [{"bloc": "exigences", "themes": ["reste"]}]},
    {"titre": "Lot {{ lot.numero }}", "par_lot": "oui", "contenu": [{"bloc": "exigences", "themes": ["reste"]}]},
    {"titre": "Cadre", "numerotee": "non", "contenu": [{"bloc": "cadre-de-reponse"}]},
]


def outline_data(parts: list[Data] | None = None, **changes: Any) -> Data:
    data = {
        "document": "cctp",
        "titre": "Document d'essai",
        "court": "Essai",
        "destinataires": "candidats",
        "pieces": ["cctp"],
        "parties": ALL_PARTS if parts is None else parts,
        **changes,
    }
    return {key: value for key, value in data.items() if value is not None}


def outline_of(parts: list[Data] | None = None, **changes: Any) -> Outline:
    """An outline as a value, with the fixed words of reqgen."""
    labels = (bundled("templates") / "libelles.yaml").read_text("utf-8")
    files = {"plans/essai.yaml": as_yaml(outline_data(parts, **changes)), "plans/libelles.yaml": labels}
    outlines, found = load_outlines("plans", files)
    assert not found, found
    return next(iter(outlines.values()))


def built(selection: Selection, parts: list[Data] | None = None, **changes: Any) -> Document:
    return build(selection, outline_of(parts, **changes))


def headings(document: Document) -> list[Heading]:
    return [block for block in document.blocks if isinstance(block, Heading)]


def tags(document: Document) -> list[str]:
    """The ids of the requirements written in the document, in order."""
    return [block.tag for block in headings(document) if block.tag]


def tables(document: Document) -> list[Table]:
    return [block for block in document.blocks if isinstance(block, Table)]


def words(*blocks: Block) -> str:
    """The characters of blocks, a line for each paragraph, heading or cell; no-break spaces as plain ones."""
    return "\n".join(_words(block) for block in blocks).replace("\u00a0", " ").replace("\u202f", " ")


def _words(block: Block) -> str:
    match block:
        case Heading():
            return f"{block.text}\n{block.tag}"
        case Paragraph():
            return "".join(inline.text for inline in block.inlines)
        case ItemList():
            return "\n".join(_words(child) for item in block.items for child in item)
        case Table():
            lines = [block.caption] + [
                "".join(inline.text for inline in cell.inlines) for row in (block.header, *block.rows) for cell in row
            ]
            return "\n".join(lines)
    return ""


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """The files below the folder, which is returned."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def write_library(folder: Path, clauses: Iterable[Data] = (), **parts: Any) -> Path:
    return write_files(folder, library_files(clauses, **parts))


def write_project(path: Path, **changes: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_yaml(project_data(**changes)), "utf-8")
    return path
