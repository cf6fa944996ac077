"""Rules of prose: the language of their words, what packs change of them, exceptions, and where they look."""

import re
from datetime import date, timedelta
from pathlib import Path
from re import _constants, _parser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqgen.lint.corpus import Corpus, Text
from reqgen.lint.expression import compiled
from reqgen.lint.library_rules import lint_library
from reqgen.lint.project_rules import lint_project
from reqgen.load.library import Bundle, load_library
from reqgen.load.project import project_from, project_tree
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.wording import Field, Written
from tests.lint.examples import BASE, CLAUSE, TODAY, check, library_of, overlay

SENTENCE = "Le titulaire doit corriger chaque anomalie dans un délai de {{ delai }} à compter de son signalement"
PACK_CLAUSE = "paquet/clauses/demo/DEM-SIX-010.yaml"


def of(found: list[Diagnostic], rule: str) -> list[Diagnostic]:
    return [finding for finding in found if finding.rule == rule]


def corpus_of(*texts: str) -> Corpus:
    return Corpus([Text(Written(Field.TEXT, text, "", "", lambda _: Place("a")), None) for text in texts])


def found_in(expression: str, text: str) -> list[str]:
    corpus = corpus_of(text)
    return [text[start:end] for _, (start, end) in corpus.search(expression, {0})]


@pytest.mark.parametrize(
    ("expression", "text", "found"),
    [
        ("dans les meilleurs délais", "Dans les\n  meilleurs\u00a0délais.", ["Dans les\n  meilleurs\u00a0délais"]),
        ("devra|devront", "Il devra, ils DEVRONT, devrait", ["devra", "DEVRONT"]),
        ("PDP", "La PDP, pas la pdp ni PDPS ni XPDP.", ["PDP"]),
        ("s'engag* à", "il s’engage à, ils s'engagent à", ["s’engage à", "s'engagent à"]),
        ("*connect", "AgentConnect et connect, connecté", ["AgentConnect", "connect"]),
        ("RGAA 4.1", "RGAA 4.1.2, RGAA 4.1, RGAA 4.12, RGAA 4.1.", ["RGAA 4.1", "RGAA 4.1"]),
        ("4.1", "2.4.1 et 14.1", []),
        ("@CTES", "par @CTES, ACTES", ["@CTES"]),
        ("PES v2 … ou équivalent", "PES v2, ou équivalent ; PES v2 et trois mots ici ou équivalent", 2),
        ("PES v2 … ou équivalent", "PES v2 et puis un deux trois quatre cinq ou équivalent", []),
        ("PES v2 … ou équivalent", "PES v2. CSV ou équivalent", []),
        (
            "sous {durée}",
            "sous 5 jours, sous 1 000 heures, sous 4h, sous 5 agents, sous quinze jours, sous peu de jours",
            ["sous 5 jours", "sous 1 000 heures", "sous 4h", "sous quinze jours"],
        ),
        ("délai de {nombre}", "délai de 5 jours, délai de 5 %, délai de 30, délai de 30 €", ["délai de 30"]),
        ("{pourcentage}", "99,5 % et 99 pour cent", ["99,5 %"]),
        ("{montant}", "500 euros, 1 500 €, 500 eurosceptiques", ["500 euros", "1 500 €"]),
        ('"', 'dite "une"', ['"', '"']),
        ("…", "un … deux", []),
        ("*", "a*b", ["*"]),
        ("a.c", "abc a.c", ["a.c"]),
        ("(a+)+$", "aaaaaaaaaa (a+)+$", ["(a+)+$"]),
    ],
)
def test_the_language_of_rules(expression, text, found):
    assert found_in(expression, text) == found or len(found_in(expression, text)) == found


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(st.text(alphabet="aé'’*|… .{}duréenombr\"()+[]\\A-1@", min_size=1, max_size=40))
def test_no_expression_repeats_without_a_bound(expression):
    pattern = compiled(expression)
    if pattern is not None:
        assert all(most < _constants.MAXREPEAT for most in repeats(_parser.parse(pattern.pattern)))


def repeats(parsed):
    """The largest number of turns of each repetition of a pattern."""
    for code, argument in parsed:
        if code in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            yield argument[1]
        inner = argument if isinstance(argument, list | tuple) else (argument,)
        for item in inner:
            if isinstance(item, _parser.SubPattern):
                yield from repeats(item)
            elif isinstance(item, list):
                for branch in item:
                    if isinstance(branch, _parser.SubPattern):
                        yield from repeats(branch)


WORDS = st.lists(st.sampled_from(["a", "A", "l'a", "ab", "Ab", "a-b", "1", "1.2", "«", ".", ",", "\n"]), max_size=12)


@settings(max_examples=150, deadline=timedelta(seconds=5))
@given(
    st.lists(
        st.sampled_from(["a", "A", "a*", "*b", "a|Ab", "l'a", "a-b", "1", "1.2", "…", "{nombre}", "«"]),
        min_size=1,
        max_size=4,
    ),
    WORDS,
)
def test_the_index_hides_nothing(expression, words):
    """What is found by words, then by anchors, is what the pattern alone finds."""
    text, written = " ".join(words), " ".join(expression)
    pattern = compiled(written)
    # by anchors two places may overlap, where a pattern alone goes on after the first: only where they begin matters
    alone = {at for at in range(len(text) + 1) if pattern and (match := pattern.match(text, at)) and match[0]}
    first = {span[0] for _, span in corpus_of(text).search(written, {0})}
    plain = {match.start() for match in pattern.finditer(text)} if pattern else set()
    assert plain <= first <= alone


def with_pack(wording: str, clause: str = "", base: str = "") -> list[Diagnostic]:
    """The findings of a pack of one clause, with its own rules or settings."""
    text = overlay(CLAUSE, clause).replace("DEM-UNE-010", "DEM-SIX-010")
    files = {PACK_CLAUSE: text, "paquet/redaction/maison.yaml": wording}
    if base:
        files[CLAUSE] = overlay(CLAUSE, base)
    library, found = library_of(files)
    assert found == []
    return lint_library(library, TODAY)


BRAND = f"texte: |\n  {SENTENCE}, avec Oracle.\n"
WHY = "    motif: Décision du service juridique.\n"


def test_a_pack_sets_rules_for_itself_alone():
    off = f"reglages:\n  - regle: brand-name\n    gravite: ignorée\n{WHY}"
    assert of(with_pack(off, BRAND), "brand-name") == []
    (left,) = of(with_pack(off, BRAND, base=BRAND), "brand-name")
    assert left.place.path == f"bib/{CLAUSE}" and left.severity is Severity.WARNING
    worse = f"reglages:\n  - regle: brand-name\n    gravite: erreur\n{WHY}"
    found = of(with_pack(worse, BRAND, base=BRAND), "brand-name")
    assert {(item.place.path.split("/")[0], item.severity) for item in found} == {
        ("bib", Severity.WARNING),
        ("paquet", Severity.ERROR),
    }


def test_a_pack_adds_and_removes_words():
    added = f"reglages:\n  - regle: brand-name\n    ajouter: [Maison & Fils]\n{WHY}"
    named = f"texte: |\n  {SENTENCE}, avec Maison & Fils.\n"
    (finding,) = of(with_pack(added, named, base=named), "brand-name")
    assert finding.place.path == PACK_CLAUSE and "« Maison & Fils »" in finding.message
    removed = f"reglages:\n  - regle: open-list\n    retirer: [notamment]\n{WHY}"
    text = f"texte: |\n  {SENTENCE}, notamment le jour, etc.\n"
    assert [item.message for item in of(with_pack(removed, text), "open-list")] == ["« etc » laisse la liste ouverte"]


def test_a_pack_changes_a_limit():
    text = f"texte: |\n  {SENTENCE}.\n"
    short = f"reglages:\n  - regle: long-sentence\n    seuil: 10\n{WHY}"
    (finding,) = of(with_pack(short, text, base=text), "long-sentence")
    assert finding.place.path == PACK_CLAUSE
    assert re.fullmatch(r"une phrase compte \d+ mots, 10 au plus", finding.message)


def test_a_pack_brings_a_rule_and_an_obsolete_name():
    own = """regles:
  - id: maison-word
    gravite: erreur
    constat: « {mot} » ne se dit pas chez nous
    correction: écrire « agent »
    motif: Le mot est réservé à autre chose chez nous.
    exemple: {mauvais: "a", bon: "b"}
    champs: [texte, vérification]
    mots: [opérateur, "utilisateur*"]
    phrase_avec: [anomalie]
    phrase_sans: [radio]
perimes:
  - mots: [Vieux Nom]
    remplacement: Nouveau Nom
"""
    text = f"texte: |\n  {SENTENCE} par un utilisateur. Un opérateur radio.\n\n  Un utilisateur de Vieux Nom.\n"
    found = with_pack(own, text, base=text)
    (finding,) = of(found, "maison-word")
    assert (finding.severity, finding.message) == (Severity.ERROR, "« utilisateur » ne se dit pas chez nous")
    assert finding.place.path == PACK_CLAUSE
    (old,) = of(found, "obsolete-term")
    assert (old.place.path, old.help) == (PACK_CLAUSE, "écrire « Nouveau Nom »")


def test_a_rule_is_defined_once():
    again = "regles:" + BASE["redaction/regles.yaml"].split("regles:", 1)[1].split("\n  - id: vague")[0] + "\n"
    found = with_pack(again)
    assert [item.place.path for item in of(found, "duplicate-id")] == ["paquet/redaction/maison.yaml"]


@pytest.mark.parametrize("key", ["regles", "reglages"])
def test_names_of_rules_that_do_not_exist(key):
    unknown = f"reglages:\n  - regle: brand-nam\n    gravite: ignorée\n{WHY}"
    if key == "reglages":
        (finding,) = of(with_pack(unknown), "unknown-rule")
    else:
        (finding,) = of(
            check({CLAUSE: overlay(CLAUSE, "tolere: [{regle: brand-nam, motif: Le produit est là.}]\n")}),
            "unknown-rule",
        )
    assert "vouliez-vous dire « brand-name » ?" in finding.message


def test_exceptions():
    exempt = "tolere:\n  - regle: brand-name\n    motif: Le produit est celui de l'existant.\n"
    assert check({CLAUSE: overlay(CLAUSE, BRAND + exempt)}) == []
    (unused,) = check({CLAUSE: overlay(CLAUSE, exempt)})
    assert (unused.rule, unused.severity) == ("unused-exception", Severity.WARNING)
    assert overlay(CLAUSE, exempt).split("\n")[unused.place.line - 1][unused.place.column - 1 :] == "brand-name"
    other = overlay(CLAUSE, f"{BRAND.replace('Oracle', 'Oracle, etc')}{exempt}")
    assert [item.rule for item in check({CLAUSE: other})] == ["open-list"]
    missing = check({CLAUSE: overlay(CLAUSE, "tolere:\n  - regle: brand-name\n")})
    assert [item.rule for item in missing] == ["missing-key"]


def test_an_exception_to_a_rule_that_is_off_is_not_called_unused():
    off = f"reglages:\n  - regle: brand-name\n    gravite: ignorée\n{WHY}"
    exempt = "tolere:\n  - regle: brand-name\n    motif: Le produit est celui de l'existant.\n"
    assert with_pack(off, BRAND + exempt) == []


def test_a_term_is_obsolete_from_its_day():
    files = {
        "redaction/autres.yaml": "perimes:\n  - mots: [Vieux Nom]\n    remplacement: Nom\n    depuis: 2026-09-01\n",
        CLAUSE: overlay(CLAUSE, f"texte: |\n  {SENTENCE} par Vieux Nom.\n"),
    }
    library, _ = library_of(files)
    (finding,) = of(lint_library(library, TODAY), "obsolete-term")
    assert finding.message == "« Vieux Nom » est périmé depuis le 1er septembre 2026"
    earlier = {**files, "bibliotheque.yaml": BASE["bibliotheque.yaml"].replace("2026-11-24", "2026-08-31")}
    library, _ = library_of(earlier)
    assert library.manifest.law_as_of == date(2026, 8, 31)
    assert of(lint_library(library, TODAY), "obsolete-term") == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("faits/demo.yaml", "Domaine de service", "Domaine de TIPI"),
        ("domaines/finances.yaml", "titre: ", "titre: TIPI, "),
        ("glossaire.yaml", "Protocole d'échange standard", "Protocole de TIPI"),
        ("themes.yaml", "titre: ", "titre: TIPI et "),
    ],
)
def test_obsolete_terms_are_looked_for_outside_clauses(path, old, new):
    assert old in BASE[path]
    text = BASE[path].replace(old, new, 1)
    (finding,) = of(check({path: text}), "obsolete-term")
    assert finding.place.path == f"bib/{path}"
    assert text.split("\n")[finding.place.line - 1][finding.place.column - 1 :].startswith("TIPI")


def test_a_sentence_that_says_that_a_name_is_old_is_right():
    old = "motif: |\n  PayFiP a remplacé TIPI. Sans délai, une anomalie peut durer.\n"
    assert check({CLAUSE: overlay(CLAUSE, old)}) == []
    used = "motif: |\n  PayFiP a remplacé un autre service. Sans TIPI, une anomalie peut durer.\n"
    assert [item.rule for item in check({CLAUSE: overlay(CLAUSE, used)})] == ["obsolete-term"]


def test_needs_of_a_project_get_warnings():
    fragment = (
        "besoins:\n  - module: A\n    exigences:\n      - {texte: Le paiement par TIPI est repris dans Oracle.}\n"
    )
    off = "reglages:\n  - regle: brand-name\n    gravite: ignorée\n    motif: Décision de l'auteur du paquet.\n"
    library, _ = library_of({"paquet/redaction/maison.yaml": off})
    tree, _ = project_tree("projet.yaml", overlay("projet.yaml", fragment))
    project, _ = project_from(tree, library.facts, {})
    found = lint_project(project, library)
    assert {(item.rule, item.severity) for item in found} == {
        ("obsolete-term", Severity.WARNING),
        ("brand-name", Severity.WARNING),
    }
    assert all(item.place.path == "projet.yaml" for item in found)


def test_acronyms_spelt_out_or_in_the_glossary_are_known():
    for text in (
        "le flux PES (ABCD)",
        "la direction de la qualité (DPQS), puis la DPQS",
        "DPQS (direction)",
        "article XIV",
    ):
        assert of(check({CLAUSE: overlay(CLAUSE, f"texte: |\n  {SENTENCE}, {text}.\n")}), "undefined-acronym") == [], (
            text
        )


def test_a_list_is_not_a_long_sentence():
    items = "".join(f"  - {' mot' * 30}\n" for _ in range(4))
    text = f"texte: |\n  {SENTENCE} :\n\n{items}"
    assert of(check({CLAUSE: overlay(CLAUSE, text)}), "long-sentence") == []


def real():
    files = {path: text for path, text in BASE.items() if path.startswith("redaction/")}
    return load_library([Bundle("", files)])[0].wording


def lexicon() -> list[str]:
    wording = real()
    words = [one for rule in wording.rules for group in rule.words for one in group.expressions]
    words += [one for setting in wording.settings for group in setting.added for one in group.expressions]
    return words + [one for term in wording.obsolete for one in term.expressions]


def spoken(expression: str) -> str:
    """A text in which the expression stands: its first words, nothing in its gaps."""
    quantities = {"{durée}": "5 jours", "{pourcentage}": "99 %", "{montant}": "5 euros", "{nombre}": "5"}
    words = [
        quantities.get(token, token.split("|")[0].strip("*") or token) for token in expression.split() if token != "…"
    ]
    return f"Voici {' '.join(words)} ici"


def test_every_expression_of_the_built_in_rules_can_be_found():
    words = lexicon()
    assert [one for one in words if not found_in(one, spoken(one))] == []


def test_no_replacement_is_itself_obsolete():
    wording = real()
    texts = corpus_of(*(term.replacement for term in wording.obsolete))
    rule = next(rule for rule in wording.rules if rule.id == "obsolete-term")
    assert rule.severity is Severity.WARNING
    every = set(range(len(texts.texts)))
    assert [one for term in wording.obsolete for one in term.expressions if list(texts.search(one, every))] == []


GUIDE = (Path(__file__).parents[2] / "docs" / "regles-de-redaction.md").read_text("utf-8")


@pytest.mark.parametrize(
    "block", re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL), ids=lambda text: text.split(":")[0]
)
def test_the_examples_of_the_guide_are_in_order(block):
    if block.startswith("tolere:"):
        assert check({CLAUSE: overlay(CLAUSE, BRAND + block)}) == []
    else:
        assert with_pack(block) == []


def test_the_rule_of_the_guide_does_what_it_says():
    (block,) = re.findall(r"```yaml\n(regles:.*?)```", GUIDE, re.DOTALL)
    rule = load_library([Bundle("", {"redaction/a.yaml": block})])[0].wording.rules[0]
    for example, found in ((rule.bad, 1), (rule.good, 0)):
        text = example.replace(".", " sous {{ delai }}, à compter de la demande.")
        assert len(of(with_pack(block, text), rule.id)) == found
