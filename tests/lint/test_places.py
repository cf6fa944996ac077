"""Findings point at the exact character, all come out in one run, and near names are proposed."""

import pytest

from reqgen.lint.library_rules import lint_library
from reqgen.lint.project_rules import lint_project
from reqgen.load.project import project_from, project_tree
from reqgen.load.tree import parse
from reqgen.model.diagnostic import Diagnostic, Place
from reqgen.model.library import Prose
from tests.lint.examples import BASE, CLAUSE, TODAY, check, check_fragments, library_of, overlay, rules


def at(found: list[Diagnostic], rule: str, text: str) -> list[str]:
    """What stands in the text at the place of each finding of the rule: the word from there on."""
    lines = text.split("\n")
    return [lines[item.place.line - 1][item.place.column - 1 :].split()[0] for item in found if item.rule == rule]


@pytest.mark.parametrize(
    ("rule", "fragment", "word"),
    [
        (
            "undefined-parameter",
            "texte: |\n  Le titulaire doit tout.\n\n  - sous {{ delai }}\n  - ou {{ dela }}.\n",
            "{{",
        ),
        ("undefined-parameter", "texte: |\n\n    Le titulaire doit tout\n      corriger «x» {{  a}}.\n", "{{"),
        ("bad-placeholder", "texte: |\n  Le titulaire doit {{ delai }}\n  puis {% if x rien.\n", "{%"),
        ("bad-placeholder", "texte: |-\n  Le titulaire doit {{ delai }}\n  puis {{ rien }\n", "{{"),
        ("forbidden-word", "texte: |\n  Le titulaire doit {{ delai }}\n  sans Options ni frais.\n", "Options"),
        (
            "forbidden-word",
            "texte: >\n  Le titulaire doit\n  {{ delai }}\n  lever une option sans\n  frais.\n",
            "option",
        ),
        (
            "forbidden-word",
            "texte: >-\n  Le titulaire doit {{ delai }}\n\n  lever\n  une option sans frais.\n",
            "option",
        ),
        ("forbidden-word", "texte: Le titulaire doit {{ delai }} lever une option.\n", "option."),
        ("forbidden-word", 'texte: "Le titulaire doit {{ delai }}\n  lever une option."\n', 'option."'),
        ("forbidden-word", "titre: Une option de plus\n", "option"),
        ("forbidden-word", "titre: 'Une option de plus'\n", "option"),
        ("non-binding-modal", "texte: |\n  Le titulaire doit {{ delai }}\n  et  devra tout.\n", "devra"),
        ("obsolete-term", "motif: >-\n  Sans délai, rien\n  ne va\n  avec TIPI, dit-on.\n", "TIPI,"),
        ("foreign-markup", "texte: |\n  Le titulaire doit {{ delai }}\n  ouvrir le `port` 443.\n", "`port`"),
        ("foreign-markup", "texte: |\n  Le titulaire doit {{ delai }}.\n\n  # Titre\n", "#"),
        ("unknown-fact", "si:\n  tous:\n    - {au_moins_un: [{paiemen: oui}, {paiement: oui}]}\n", "paiemen:"),
        ("unknown-value", "si: {hebergement: [externalisé, internet]}\n", "internet]}"),
        ("impossible-value", "si: {ouverture: {au_moins: bientôt}}\n", "bientôt}}"),
        ("unknown-threshold", "si: {valeur_ht: {plus_de: seuil}}\n", "seuil}}"),
        ("unknown-clause", "requiert:\n  - DEM-DEU-010\n  - DEM-SIX-010\n", "DEM-SIX-010"),
        ("unknown-source", "sources:\n  - article: 1er\n    id: inconnue\n", "inconnue"),
        ("unknown-theme", "theme: autre\n", "autre"),
        ("bad-default", "parametres:\n  delai: {libelle: Délai, type: entier, defaut: 7.5}\n", "7.5}"),
        (
            "unused-parameter",
            "parametres:\n  delai: {libelle: D, type: entier, defaut: 7}\n  r: {libelle: R, type: entier, defaut: 7}\n",
            "r:",
        ),
        ("orphan-departure", 'deroge_a: ["14.1"]\n', '["14.1"]'),
        ("binding-not-required", "niveau: pse\nsources: [{id: code-demo, oblige_si: toujours}]\n", "pse"),
        ("unknown-key", "si_:\n  paiement: oui\n", "si_:"),
        ("wrong-type", "titre: 12\n", "12"),
        ("wrong-type", "si: [paiement]\n", "[paiement]"),
        ("duplicate-key", "motif: Un premier motif.\nmotif: Un second motif.\n", "motif:"),
    ],
)
def test_exact_place(rule, fragment, word):
    text = overlay(CLAUSE, fragment)
    assert at(check({CLAUSE: text}), rule, text) == [word]


def test_place_in_folded_verification():
    fragment = (
        "verification:\n  - phase: exécution\n    mode: document\n    par: acheteur\n    methode: >-\n"
        "      Le registre est relu ;\n      un délai {{ x }} dépassé {{ y }}\n      vaut échec.\n"
    )
    text = overlay(CLAUSE, fragment)
    found = [item for item in check({CLAUSE: text}) if item.rule == "undefined-parameter"]
    lines = text.split("\n")
    assert [lines[item.place.line - 1][item.place.column - 1 :][:7] for item in found] == ["{{ x }}", "{{ y }}"]


def test_place_with_windows_line_ends():
    text = overlay(CLAUSE, "texte: |\n  Le titulaire doit {{ delai }}\n  une option.\n")
    (unix,) = [item for item in check({CLAUSE: text}) if item.rule == "forbidden-word"]
    (windows,) = [item for item in check({CLAUSE: text.replace("\n", "\r\n")}) if item.rule == "forbidden-word"]
    assert windows.place == unix.place


def test_prose_without_lines_is_a_literal_block():
    prose = Prose("ab\ncd", Place("a", 10, 3))
    assert [str(prose.at(offset)) for offset in (0, 1, 3, 4)] == ["a:10:3", "a:10:4", "a:11:3", "a:11:4"]


def test_all_findings_in_one_run_sorted():
    found = check_fragments({
        CLAUSE: "theme: dem\nsi: {paiemnt: oui}\nrequiert: [DEM-DEU-011]\nsources:\n  - id: code-dem\n",
        "clauses/demo/DEM-DEU-010.yaml": "niveau: valorisé\ntitre: Une option\n",
        "clauses/demo/DEM-TRO-010.yaml": "niveau: indispensable\nclef: 1\n",
        "projet.yaml": "faits: {paiemnt: oui, hebergement: ailleurs}\nparametres: {DEM-UNE-010: {delais: 1}}\n",
    })  # fmt: skip
    wanted = "unknown-theme unknown-fact unknown-clause unknown-source scored-without-criterion forbidden-word"
    assert set(f"{wanted} unknown-value unknown-key unknown-parameter".split()) <= rules(found)
    library, _ = library_of({CLAUSE: overlay(CLAUSE, "theme: dem\nsi: {paiemnt: oui}\n")})
    places = [finding.place for finding in lint_library(library, TODAY)]
    assert len(places) > 1 and places == sorted(places)


def test_a_broken_file_is_not_reported_by_those_that_name_it():
    shape = overlay("clauses/demo/DEM-DEU-010.yaml", "niveau: indispensable\n")
    syntax = overlay("clauses/demo/DEM-DEU-010.yaml", "titre: a: b\n")
    for broken in (shape, syntax):
        found = check({CLAUSE: overlay(CLAUSE, "requiert: [DEM-DEU-010]\n"), "clauses/demo/DEM-DEU-010.yaml": broken})
        assert rules(found) <= {"unknown-value", "yaml-syntax"}
    facts = BASE["faits/demo.yaml"].replace("type: oui-non", "type: oui ou non")
    assert rules(check({"faits/demo.yaml": facts})) == {"unknown-value"}


@pytest.mark.parametrize(
    ("fragments", "proposed"),
    [
        ({CLAUSE: "si: {hebergement: externalise}\n"}, "externalisé"),
        ({CLAUSE: "si: {heberge: interne}\n"}, "hebergement"),
        ({CLAUSE: "niveau: exige\n"}, "exigé"),
        ({CLAUSE: "requiert: [DEM-DEX-010]\n"}, "DEM-DEU-010"),
        ({CLAUSE: "sources:\n  - id: code-demmo\n"}, "code-demo"),
        ({"projet.yaml": "domaines: [finance]\n"}, "finances"),
        ({"projet.yaml": "faits: {hebergement: intern}\n"}, "interne"),
        ({"projet.yaml": "parametres: {DEM-UNE-010: {delais: 5}}\n"}, "delai"),
    ],
)
def test_near_names(fragments, proposed):
    assert any(f"vouliez-vous dire « {proposed} » ?" in finding.message for finding in check_fragments(fragments))


def project_findings(fragment: str) -> list[Diagnostic]:
    library, _ = library_of({})
    tree, found = project_tree("projet.yaml", overlay("projet.yaml", fragment))
    assert tree is not None, found
    project, found = project_from(tree, library.facts, {})
    return [*found, *lint_project(project, library)]


@pytest.mark.parametrize(
    ("fragment", "rule", "word"),
    [
        ("domaines: [finances, financ]\n", "unknown-domain", "financ]"),
        ("faits:\n  sites: deux\n", "wrong-answer-type", "deux"),
        ("faits: {hebergement: [interne, externalisé]}\n", "wrong-answer-type", "[interne,"),
        ("calendrier: {lancement: 2027-02-01, notification: 2027-01-01}\n", "dates-reversed", "2027-01-01}"),
        ("calendrier: {lancement: 2027-02-01, fin: 2027-01-01}\n", "dates-reversed", "2027-01-01}"),
        ("parametres: {DEM-UNE-010: {delai: trois}}\n", "bad-setting", "trois}}"),
        ("parametres: {DEM-UNE-010: {delai: 2.5}}\n", "bad-setting", "2.5}}"),
        ("exclusions: [{clause: DEM-SIX-010, motif: Sans objet}]\n", "unknown-clause", "DEM-SIX-010,"),
        ("lots:\n  - {numero: 1, titre: A, domaines: [paie]}\n", "unknown-domain", "paie]}"),
        (
            "besoins:\n  - module: A\n    exigences:\n      - {texte: Un besoin, niveau: valorisé}\n",
            "scored-without-criterion",
            "{texte:",
        ),
    ],
)
def test_place_in_project(fragment, rule, word):
    text = overlay("projet.yaml", fragment)
    assert at(project_findings(fragment), rule, text) == [word]


def test_two_coordinators():
    buyers = "".join(f"  - {{nom: Ville {name}, type: commune, coordonnateur: oui}}\n" for name in "ABC")
    assert [finding.rule for finding in project_findings(f"acheteurs:\n{buyers}")] == ["coordinator", "coordinator"]


def test_conditions_that_can_be_true_are_left_alone():
    for condition in (
        "{modes_paiement: carte, aucun: [{modes_paiement: virement}]}",
        "{tous: [{modes_paiement: carte}, {modes_paiement: virement}]}",
        "{tous: [{sites: {au_moins: 3}}, {sites: {au_plus: 3}}]}",
        "{au_moins_un: [{hebergement: interne}, {hebergement: externalisé}]}",
        "{aucun: [{hebergement: interne}]}",
        "{ouverture: {au_moins: 2027-01-01, au_plus: 2026-01-01}}",
    ):
        assert check_fragments({CLAUSE: f"si: {condition}\n"}) == [], condition


@pytest.mark.parametrize(
    "condition",
    [
        "{tous: [{sites: {au_moins: 3}}, {sites: {moins_de: 3}}]}",
        "{sites: {plus_de: 3, moins_de: 4}}",
        "{tous: [{hebergement: interne}], aucun: [{hebergement: interne}]}",
        "{aucun: [{hebergement: interne}, {hebergement: externalisé}]}",
        "{au_moins_un: [{paiement: oui}, {tous: [{sites: 1}, {sites: 2}]}]}",
    ],
)
def test_never_true(condition):
    assert rules(check_fragments({CLAUSE: f"si: {condition}\n"})) == {"never-true"}


def test_hidden_characters():
    for char in ("\u202e", "\u2066", "\x07", "\x85", "\u2028", "\x7f", "\ufeff", "\ud800"):
        tree, found = parse("a.yaml", f"a: 1 # {char}\nb: x{char}\n")
        assert tree is None
        assert [(item.rule, item.place.line, item.place.column) for item in found] == [
            ("control-character", 1, 8),
            ("control-character", 2, 5),
        ], ascii(char)
    assert rules(parse("a.yaml", 'a: "\\u202e"')[1]) == {"control-character"}
