"""`reqgen import`: a document edited in Word, back into the files of the clauses."""

import json
import os
from types import SimpleNamespace

import pytest

from reqgen.fingerprint import MAX_NAME, clause_mark, read_mark, short_source, source_digest, text_digest
from reqgen.load.tree import parse
from reqgen.pipeline import importing
from tests.helpers import ROOT, clause, write_library, write_project
from tests.review.word_editor import Editor, saved_by_libreoffice

A, B = "TST-AAA-010", "TST-BBB-010"
CLAUSE = """\
# Première ligne : un commentaire
id: TST-AAA-010
titre: Délai de correction # le titre
theme: base
nature: obligation

niveau: exigé
palier: essentiel
piece: cctp
texte: |
  Le titulaire doit corriger une anomalie **bloquante** dans un délai de {{ delai }} à compter
  de son signalement, de jour comme de nuit ; l'acheteur la lui signale par
  écrit.

  Il tient à jour :

  - la liste des anomalies, avec leur date ;
  - le compte rendu des *corrections* faites
    chaque mois.

  | Objet | Format |
  | --- | --- |
  | Compte rendu | Texte libre |

parametres:
  delai: {libelle: Délai de correction, type: durée, unite: jours ouvrés, defaut: 10, min: 1, max: 60}
verification:
  - phase: exécution
    mode: test
    par: acheteur
    methode: >-
      Une anomalie est déclarée un jour de semaine ;
      un écart de plus d'une heure vaut échec. # ceci est du texte
exigible: exécution
reponse: aucune
sources: []
motif: |
  Une anomalie qui dure arrête le service.
relecture:
  statut: projet
# Dernière ligne
"""


@pytest.fixture
def library(tmp_path):
    folder = write_library(tmp_path / "bib", [clause(B, theme="service")])
    target = folder / "clauses" / "base" / f"{A}.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(CLAUSE, "utf-8")
    return folder


@pytest.fixture
def made(quick_cli, library, tmp_path):
    """The document of the library's clauses, as an editor has it open."""
    write_project(tmp_path / "p.yaml")
    ran = quick_cli("generate", "p.yaml", "-o", "a.docx", "--library", library)
    assert ran.code == 0, ran.said
    return Editor(tmp_path / "a.docx")


@pytest.fixture
def back(quick_cli, library, tmp_path):
    """What `import` says of the edited document, as JSON, and how it ended."""

    def run(editor, *options):
        editor.save(tmp_path / "b.docx")
        ran = quick_cli("import", "b.docx", "--library", library, "--format", "json", *options)
        assert ran.code in (0, 1), ran.said
        return json.loads(ran.out), ran.code

    return run


def file_of(library):
    return (library / "clauses" / "base" / f"{A}.yaml").read_text("utf-8")


def rules(result):
    return [one["rule"] for one in result["a_decider"]]


def messages(result):
    return "\n".join(one["message"] for one in result["a_decider"])


def test_nothing_edited(made, back, library):
    result, code = back(made)
    assert (result["clauses"], result["changements"], result["a_decider"], code) == (2, [], [], 0)
    assert file_of(library) == CLAUSE


def test_words_change_and_every_other_byte_stays(made, back, library):
    made.replace("de jour comme de nuit", "de jour")
    result, code = back(made)
    assert (code, result["a_decider"], result["constats"]) == (0, [], [])
    assert [(one["id"], one["champ"]) for one in result["changements"]] == [(A, "texte")]
    assert file_of(library) == CLAUSE.replace("de jour comme de nuit", "de jour")


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("anomalie bloquante", "anomalie majeure", "**bloquante**", "**majeure**"),
        ("par écrit", "par courrier électronique", "par\n  écrit.", "par\n  courrier électronique."),
        ("avec leur date", "avec leur date et leur auteur", "leur date ;", "leur date et leur auteur ;"),
        ("corrections faites", "corrections apportées", "*corrections* faites", "*corrections* apportées"),
        ("Texte libre", "Tableur", "| Texte libre |", "| Tableur |"),
        ("Délai de correction", "Délai maximal de correction", "titre: Délai de", "titre: Délai maximal de"),
        ("un jour de semaine", "un dimanche", "un jour de semaine ;", "un dimanche ;"),
        ("heure vaut échec", "heure vaut échec du contrôle", "vaut échec.", "vaut échec du contrôle."),
        (
            "titulaire doit corriger",
            "titulaire, dès lors, corrige",
            "titulaire doit corriger",
            "titulaire, dès lors, corrige",
        ),
        ("; l'acheteur", "(l'acheteur", "; l'acheteur", "(l'acheteur"),
    ],
)
def test_each_text_of_a_clause(made, back, library, old, new, before, after):
    made.replace(old, new)
    result, code = back(made)
    assert (code, result["a_decider"]) == (0, []), messages(result)
    assert file_of(library) == CLAUSE.replace(before, after)


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("Une anomalie est déclarée", "# ceci est du texte", "# ceci est du texte Fin."),
        ("Le titulaire doit corriger", "  écrit.\n", "  écrit. Fin.\n"),
    ],
)
def test_words_typed_after_the_end_of_a_mark(made, back, library, words, before, after):
    made.append(words, " Fin.")
    result, code = back(made)
    assert (code, result["a_decider"]) == (0, []), messages(result)
    assert file_of(library) == CLAUSE.replace(before, after)


def test_several_edits_at_once(made, back, library):
    made.replace("de jour comme de nuit", "de jour").replace("chaque mois", "chaque semaine")
    made.replace("une heure", "deux heures").replace("Délai de correction", "Délai")
    result, code = back(made)
    assert code == 0 and len(result["changements"]) == 3
    expected = CLAUSE.replace("de jour comme de nuit", "de jour").replace("chaque mois", "chaque semaine")
    assert file_of(library) == expected.replace("une heure", "deux heures").replace(
        "titre: Délai de correction", "titre: Délai"
    )


def test_a_long_addition_is_broken_as_its_neighbours_are(made, back, library):
    made.replace("Il tient à jour", " ".join(["Il tient à jour, pour toute la durée du marché,"] * 5))
    _, code = back(made)
    lines = file_of(library).splitlines()
    assert code == 0 and max(map(len, lines)) <= 120
    assert " ".join(file_of(library).split()).count("pour toute la durée du marché") == 5
    tree, found = parse("a.yaml", file_of(library))
    assert tree is not None and not found


def test_typography_of_the_word_processor_is_no_change(made, back, library):
    paragraph = made.paragraph("Le titulaire doit corriger")
    for node in paragraph.iter("{*}t"):
        node.text = node.text.replace("\u00a0", "\u202f").replace("’", "'").replace("signalement", "signa\u00adlement")
    result, code = back(made)
    assert (code, result["changements"]) == (0, [])


def test_a_dry_run_shows_the_patch_and_writes_nothing(made, quick_cli, back, library, tmp_path):
    made.replace("de jour comme de nuit", "de jour")
    result, code = back(made, "--dry-run")
    assert code == 0 and result["ecrits"] == [] and file_of(library) == CLAUSE
    assert "\n-  de son signalement, de jour comme de nuit ; " in result["correctif"]
    assert "\n+  de son signalement, de jour ; " in result["correctif"]
    ran = quick_cli("import", "b.docx", "--library", library, "--dry-run")
    assert "[-comme de nuit-]" in ran.out and "\n+  de son signalement, de jour ; " in ran.out and ran.err == ""


def test_a_value_is_a_proposal_for_its_parameter(made, back, library):
    made.replace("10 jours ouvrés", "15 jours ouvrés").replace("de jour comme de nuit", "de jour")
    result, code = back(made)
    assert code == 1 and rules(result) == ["parameter-proposal"]
    assert "« delai » : 10 jours ouvrés → 15 jours ouvrés" in messages(result)
    assert (
        result["a_decider"][0]["line"]
        == CLAUSE.splitlines().index(CLAUSE[CLAUSE.index("  delai:") :].split("\n")[0]) + 1
    )
    assert file_of(library) == CLAUSE.replace("de jour comme de nuit", "de jour")


@pytest.mark.parametrize("new", ["15 jours calendaires", "trois semaines", "2 semaines"])
def test_a_value_in_another_unit_is_never_baked_in(made, back, library, new):
    made.replace("10 jours ouvrés", new)
    result, code = back(made)
    assert code == 1 and new in messages(result)
    assert file_of(library) == CLAUSE


def test_the_values_of_a_project_are_no_change(quick_cli, library, back, tmp_path):
    settings = {A: {"delai": 12}}
    write_project(tmp_path / "p.yaml", parametres=settings)
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", "--library", library).code == 0
    editor = Editor(tmp_path / "a.docx").replace("de jour comme de nuit", "de jour")
    result, code = back(editor, "--dry-run")
    assert code == 0 and [one["champ"] for one in result["changements"]] == ["texte"]
    assert "{{ delai }}" in result["changements"][0]["apres"]
    again = Editor(tmp_path / "a.docx").replace("12 jours ouvrés", "15 jours ouvrés")
    for options in ((), ("--project", tmp_path / "p.yaml")):
        result, code = back(again, *options, "--dry-run")
        assert code == 1 and "12 jours ouvrés → 15 jours ouvrés" in messages(result)


def test_tracked_changes_and_comments(made, back, library):
    made.track("de jour comme de nuit", "à toute heure").comment("Le titulaire doit corriger", "Trop vague ?")
    result, code = back(made)
    assert code == 0 and file_of(library) == CLAUSE.replace("de jour comme de nuit", "à toute heure")
    assert result["changements"][0]["suivi"] == ["Mme Legrand, 2026-11-24 10:32"]
    (comment,) = result["commentaires"]
    assert (comment["id"], comment["auteur"], comment["date"]) == (A, "Mme Legrand", "2026-11-24 10:32")
    assert comment["texte"] == "Trop vague ?" and comment["passage"].startswith("Le titulaire doit corriger")


@pytest.mark.parametrize(
    ("gesture", "said"),
    [
        (lambda doc: doc.insert("Il tient à jour", "Une phrase toute neuve."), ["nouveau", "Une phrase toute neuve."]),
        (
            lambda doc: doc.copy("la liste des anomalies", "Il tient"),
            ["copié", "la liste des anomalies, avec leur date"],
        ),
        (lambda doc: doc.delete("la liste des anomalies"), ["le paragraphe 3", "retiré", "la liste des anomalies"]),
        (lambda doc: doc.delete("la liste des anomalies", tracked=True), ["le paragraphe 3", "retiré"]),
        (lambda doc: doc.split("Le titulaire doit corriger", "de son"), ["coupé", "de son signalement"]),
        (lambda doc: doc.merge("Il tient à jour", "la liste des"), ["réunis", "Il tient à jour", "avec leur date"]),
        (lambda doc: doc.delete("Délai de correction"), ["le titre", "retiré"]),
        (
            lambda doc: doc.replace("acheteur) : Une", "acheteur) : Ici, une"),
            ["les mots autour de la vérification", "Ici, une"],
        ),
        (lambda doc: doc.replace("10 jours ouvrés", "10 jours ouvrables et 3 nuits"), ["ouvrables et 3 nuits"]),
    ],
)
def test_what_has_no_sure_place_is_reported_whole_and_not_written(made, back, library, gesture, said):
    gesture(made)
    result, code = back(made)
    assert code == 1 and result["changements"] == []
    for words in said:
        assert words in messages(result)
    assert file_of(library) == CLAUSE


def test_the_rest_of_the_document_is_watched_too(made, back, library):
    made.insert("Cahier des clauses techniques particulières", "Ajout en page de garde.")
    result, code = back(made)
    assert code == 1 and "hors des clauses" in messages(result) and "Ajout en page de garde." in messages(result)


def test_a_whole_clause_that_is_gone(made, back, library):
    for words in (B, f"que décrit {B}", "L'essai est joué"):
        if words == B:
            title = next(one for one in made.body.iter("{*}p") if "".join(one.itertext()).endswith(f"{B}{B}"))
            title.getparent().remove(title)
        else:
            made.delete(words)
    result, code = back(made)
    assert code == 1 and "la clause n° 2 du document" in messages(result)


def test_a_paragraph_that_lost_its_mark_is_known_by_its_words(made, back, library):
    made.unmark("Le titulaire doit corriger").replace("de jour comme de nuit", "de jour")
    result, code = back(made)
    assert code == 0 and "retrouvé par ressemblance" in result["notes"][0]
    assert file_of(library) == CLAUSE.replace("de jour comme de nuit", "de jour")


def test_a_clause_changed_since_is_not_overwritten(made, back, library):
    path = library / "clauses" / "base" / f"{A}.yaml"
    path.write_text(CLAUSE.replace("de jour comme de nuit", "nuit et jour"), "utf-8")
    made.replace("de jour comme de nuit", "à toute heure").replace("Délai de correction", "Délai")
    result, code = back(made)
    assert code == 1 and rules(result) == ["import-conflict"] and "à toute heure" in messages(result)
    assert [one["champ"] for one in result["changements"]] == ["titre"]  # its own source has not changed
    assert "nuit et jour" in file_of(library)


def test_importing_twice_says_nothing_new(made, back, library):
    made.replace("de jour comme de nuit", "de jour").replace("Délai de correction", "Délai")
    assert back(made)[1] == 0
    once = file_of(library)
    result, code = back(made)
    assert (code, result["changements"], result["a_decider"]) == (0, [], []) and file_of(library) == once


def test_the_layout_of_the_source_is_not_the_source(made, back, library):
    path = library / "clauses" / "base" / f"{A}.yaml"
    moved = CLAUSE.replace("à compter\n  de son signalement", "à\n  compter de son signalement")
    path.write_text(moved, "utf-8")
    made.replace("de jour comme de nuit", "de jour")
    assert back(made)[1] == 0 and file_of(library) == moved.replace("de jour comme de nuit", "de jour")


def test_line_ends_of_windows_stay(made, back, library):
    path = library / "clauses" / "base" / f"{A}.yaml"
    path.write_bytes(CLAUSE.replace("\n", "\r\n").encode())
    made.replace("de jour comme de nuit", "de jour")
    assert back(made)[1] == 0
    assert path.read_bytes() == CLAUSE.replace("de jour comme de nuit", "de jour").replace("\n", "\r\n").encode()


def test_signs_of_markdown_are_only_signs(made, back, library):
    made.replace("par écrit", "par écrit (*courriel* ou [lettre])")
    result, code = back(made)
    assert code == 0, messages(result)
    assert "(\\*courriel\\* ou \\[lettre\\])" in file_of(library)


def test_what_would_be_a_list_or_a_placeholder_is_not_written(made, back, library):
    made.replace("Il tient à jour", "1. Il tient {{ delai }} à jour")
    result, code = back(made)
    assert code == 1 and "{{ delai }}" in messages(result) and file_of(library) == CLAUSE


def test_what_validate_says_of_the_new_text(made, back, library):
    made.replace("la lui signale", "la lui signale selon {{ inconnu }}")
    result, code = back(made)
    assert code == 1 and "{{ inconnu }}" in messages(result) and file_of(library) == CLAUSE
    made.replace("selon {{ inconnu }}", "").replace("Délai de correction", "Délai de correction d'une anomalie " * 4)
    result, code = back(made)
    assert code == 1 and any(one["path"].endswith(f"{A}.yaml") for one in result["constats"])


def test_the_same_clause_in_two_lots(quick_cli, library, back, tmp_path):
    lots = [{"numero": 1, "titre": "Un"}, {"numero": 2, "titre": "Deux"}]
    write_project(tmp_path / "p.yaml", lots=lots)
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", "--library", library).code == 0
    editor = Editor(tmp_path / "a.docx")
    names = [
        node.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}name")
        for node in editor.body.iter("{*}bookmarkStart")
    ]
    assert len({name.lower() for name in names}) == len(names) and max(map(len, names)) <= MAX_NAME
    result, code = back(editor)
    assert (code, result["changements"]) == (0, [])


def test_marks_hold_no_private_value(quick_cli, library, tmp_path):
    write_project(tmp_path / "p.yaml", objet="Objet confidentiel")
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", "--library", library).code == 0
    marks = [node.get(node.keys()[1]) for node in Editor(tmp_path / "a.docx").body.iter("{*}bookmarkStart")]
    assert any(read_mark(name) for name in marks) and not any("confidentiel" in name.lower() for name in marks)


def test_a_read_only_library_is_said_so(made, quick_cli, library, tmp_path, monkeypatch):
    made.replace("de jour comme de nuit", "de jour").save(tmp_path / "b.docx")
    monkeypatch.setattr(importing, "os", SimpleNamespace(access=lambda *_: False, W_OK=os.W_OK))
    ran = quick_cli("import", "b.docx", "--library", library)
    assert ran.code == 2 and "[read-only-library]" in ran.err and file_of(library) == CLAUSE


def test_all_files_or_none(made, quick_cli, library, tmp_path, monkeypatch):
    made.replace("de jour comme de nuit", "de jour").replace(f"ce que décrit {B}", f"tout ce que décrit {B}")
    made.save(tmp_path / "b.docx")
    other = next((library / "clauses").rglob(f"{B}.yaml"))
    before = other.read_bytes()
    real, calls = importing.write_whole, []

    def failing(path, data):
        calls.append(path)
        if len(calls) == 2:
            path = path.parent / "absent" / path.name
        real(path, data)

    monkeypatch.setattr(importing, "write_whole", failing)
    ran = quick_cli("import", "b.docx", "--library", library)
    assert ran.code == 2 and len(calls) == 3
    assert file_of(library) == CLAUSE and other.read_bytes() == before


def test_digests_do_not_move():
    """A document comes back months later: these values are for ever."""
    assert source_digest("Un  texte\nlong.\n\n- a\n- b\n") == source_digest("Un texte long.\n\n\n- a\n- b")
    assert source_digest("a\n\nb") != source_digest("a b") != source_digest("- a\n- b")
    assert text_digest("L’acheteur\u00a0: oui…") == text_digest("L'acheteur : oui...")
    assert text_digest("L'acheteur : oui...") == "bcdf56a08a69e36e849061281e178366a2a7847235c83ed4db40bf302aafd764"
    assert clause_mark(A, "p", 2, short_source("Un texte"), "Un texte", 1) == "_rq_TST_AAA_010_p2_jn4xxnkjn4xxnb"


@pytest.mark.parametrize("example", ["commune-finances", "groupement-trois-lots"])
def test_libreoffice_saves_and_nothing_changes(quick_cli, soffice, tmp_path, example, oracle):
    path = tmp_path / "a.docx"
    assert quick_cli("generate", ROOT / "examples" / f"{example}.yaml", "-o", path).code == 0
    oracle(path)
    saved = saved_by_libreoffice(soffice, path, tmp_path / "saved")
    ran = quick_cli("import", saved, "--dry-run", "--format", "json")
    result = json.loads(ran.out)
    assert (ran.code, result["changements"], result["a_decider"]) == (0, [], [])
    assert result["clauses"] > 20


def test_edits_that_libreoffice_saved(made, soffice, quick_cli, library, tmp_path):
    made.track("de jour comme de nuit", "à toute heure").track(
        "Il tient", "Il garde"
    )  # its mark goes into the deletion
    made.comment("chaque mois", "Où ?").copy("la liste des", "à jour")
    saved = saved_by_libreoffice(soffice, made.save(tmp_path / "b.docx"), tmp_path / "saved")
    ran = quick_cli("import", saved, "--library", library, "--format", "json")
    result = json.loads(ran.out)
    expected = CLAUSE.replace("de jour comme de nuit", "à toute heure").replace("Il tient", "Il garde")
    assert file_of(library) == expected
    assert [one["texte"] for one in result["commentaires"]] == ["Où ?"]
    assert ran.code == 1 and rules(result) == ["unplaced-text"] and result["notes"] == []


def test_the_paragraphs_of_a_quoted_text_stay(quick_cli, library, back, tmp_path):
    """A text in double quotes has its line ends as signs: an edit keeps them."""
    target = library / "clauses" / "base" / f"{A}.yaml"
    quoted = json.dumps("Le titulaire doit répondre :\n\n- par écrit ;\n- par message.\n", ensure_ascii=False)
    start, end = CLAUSE.index("texte: |"), CLAUSE.index("parametres:")
    text = (CLAUSE[:start] + f"texte: {quoted}\n" + CLAUSE[end:]).replace(" après {{ delai }}", "")
    text = text[: text.index("parametres:")] + text[text.index("verification:") :]
    target.write_text(text, "utf-8")
    write_project(tmp_path / "p.yaml")
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", "--library", library).code == 0
    back(Editor(tmp_path / "a.docx").replace("par message", "par messagerie"))
    assert file_of(library) == text.replace("par message", "par messagerie")
