"""`reqgen import` of a redline (`reqgen diff -o x.docx`) that a lawyer corrected in Word."""

import copy
import json

import pytest
from lxml import etree

from reqgen.fingerprint import MAX_NAME, credit_mark, is_redline, read_count, read_mark, redline_mark
from tests.helpers import clause
from tests.review.word_editor import BY, Editor, saved_by_libreoffice, text_of, w

A, NEW, GONE = "TST-AAA-010", "TST-AJO-010", "TST-RET-010"
DELAYS = {
    "delai": {"libelle": "Délai", "type": "durée", "unite": "jours", "defaut": 10, "min": 1, "max": 60},
    "canal": {"libelle": "Moyen", "type": "texte", "defaut": "le guichet"},
}
TABLE = "\n\n| Objet | Format |\n| --- | --- |\n| Compte rendu | Texte libre |\n| Alerte | {{ canal }} |\n\n"
GROWN = TABLE.replace("| Alerte", "| Relevé | Papier |\n| Alerte")
OLD = (
    "Le titulaire doit corriger sous {{ delai }}.\n\nIl en rend compte.\n\n- la liste ;\n- le bilan.\n\nÀ retirer."
    + GROWN
)
MADE = (
    "Le titulaire doit corriger toute anomalie **bloquante** sous {{ delai }}, par {{ canal }}. Il en rend compte.\n\n"
    "- la liste ;\n- le bilan ;\n- le plan daté." + TABLE + "Fin du texte."
)


def method(text):
    return [{"phase": "exécution", "mode": "test", "par": "acheteur", "methode": text}]


def before():
    return [
        clause(A, texte=OLD, parametres=DELAYS, titre="Délai", motif="Un arrêt coûte."),
        clause(GONE, titre="Clause retirée"),
        clause("TST-ZZZ-010"),
    ]


def after():
    checks = method("Une anomalie est déclarée ; un écart de {{ delai }} vaut échec.")
    canal = {"canal": DELAYS["canal"]}
    motif = "Un arrêt long coûte.\n\nIl se répare."
    return [
        clause(A, texte=MADE, parametres=DELAYS, titre="Délai de réparation", motif=motif, verification=checks),
        clause(NEW, titre="Clause ajoutée", texte="Le titulaire doit livrer {{ canal }}.", parametres=canal),
        clause("TST-ZZZ-010", palier="renforcé"),
    ]


@pytest.fixture
def two(repository):
    """A repository with two versions of a library, the second on the disk."""
    repository.commit(*before())
    repository.git("config", "user.name", "Bo Zoé")
    repository.commit(*after())
    return repository


@pytest.fixture
def made(two, quick_cli):
    """The redline, as an editor has it open."""
    ran = quick_cli("diff", "HEAD~1", "HEAD", "-o", "suivi.docx", cwd=two.folder)
    assert ran.code == 0, ran.said
    return Editor(two.folder / "suivi.docx")


@pytest.fixture
def back(two, quick_cli):
    """What `import` says of the corrected redline, as JSON, and how it ended."""

    def run(editor, *options):
        path = two.folder / "b.docx" if isinstance(editor, Editor) else editor
        if isinstance(editor, Editor):
            editor.save(path)
        library = two.folder / "requirements_library"
        ran = quick_cli("import", path, "--library", library, "--format", "json", *options, cwd=two.folder)
        assert ran.code in (0, 1), ran.said
        return json.loads(ran.out), ran.code

    return run


def files(repository):
    folder = repository.folder / "requirements_library"
    return {path.name: path.read_text("utf-8") for path in sorted(folder.rglob("*.yaml"))}


def messages(result):
    return "\n".join(one["message"] for one in result["a_decider"])


def fields(result):
    return [(one["id"], one["champ"]) for one in result["changements"]]


def test_nothing_corrected(two, made, back):
    held = files(two)
    result, code = back(made)
    assert (code, result["clauses"], result["changements"], result["a_decider"]) == (0, 3, [], [])
    assert files(two) == held


def test_marks_stand_on_what_the_new_version_says(made, oracle, two):
    oracle(two.folder / "suivi.docx")
    names = [node.get(w("name")) for node in made.body.iter(w("bookmarkStart"))]
    assert len({name.lower() for name in names}) == len(names) and max(map(len, names)) <= MAX_NAME
    ids = [node.get(w("id")) for node in made.body.iter(w("bookmarkStart"), w("ins"), w("del"))]
    assert len(set(ids)) == len(ids)
    assert {read_count(name) for name in names} == {None, 3}
    assert {mark.clause for name in names if (mark := read_mark(name))} == {"", A, NEW, "TST-ZZZ-010"}
    gone = [one for one in made.body.iter(w("p")) if "Clause retirée" in "".join(one.itertext(w("delText")))]
    assert gone and all(one.find(f".//{w('bookmarkStart')}") is None for one in gone)


@pytest.mark.parametrize(
    ("old", "new", "field", "written"),
    [
        ("toute anomalie", "une anomalie", "texte", "corriger une anomalie **bloquante** sous {{ delai }}, par {{ canal }}."),
        ("bloquante", "majeure", "texte", "**majeure** sous {{ delai }}, par {{ canal }}."),
        ("Il en rend compte", "Il rend compte", "texte", "Il rend compte."),
        ("plan daté", "plan", "texte", "- le plan."),
        ("Texte libre", "Tableur", "texte", "| Tableur |"),
        ("Fin du texte", "Fin", "texte", "Fin."),
        ("Délai de réparation", "Délai de correction", "titre", "Délai de correction"),
        ("est déclarée", "est simulée", "verification.0.methode", "un écart de {{ delai }} vaut échec"),
        ("Il se répare", "Il se répare mal", "motif", "Il se répare mal."),
        ("doit livrer [", "doit fournir [", "texte", "doit fournir {{ canal }}."),
    ],
)  # fmt: skip
def test_each_text_of_a_clause(two, made, back, old, new, field, written):
    made.replace(old, new)
    result, code = back(made)
    assert (code, result["a_decider"]) == (0, []), messages(result)
    assert [champ for _, champ in fields(result)] == [field]
    (change,) = result["changements"]
    assert change["suivi"] == []  # the redline's own changes are not the lawyer's
    assert written in " ".join(change["apres"].split())
    assert written in " ".join(" ".join(files(two).values()).split())


def test_a_clause_of_which_only_a_field_changed(made, back):
    made.replace("ce que décrit TST-ZZZ-010", "tout ce que décrit TST-ZZZ-010")
    result, code = back(made)
    assert code == 0 and fields(result) == [("TST-ZZZ-010", "texte")]


def test_a_placeholder_moves_with_its_words(made, back):
    made.replace("sous [delai], par [canal]", "par [canal], sous [delai]")
    result, code = back(made)
    assert code == 0, messages(result)
    assert "par {{ canal }}, sous {{ delai }}. Il en rend compte." in result["changements"][0]["apres"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("sous [delai]", "sous 15 jours", "le paramètre « delai » a été retiré ou récrit"),
        ("sous [delai]", "vite", "le paramètre « delai » a été retiré ou récrit"),
        ("sous [delai]", "sous [delais]", "le paramètre « delai » a été retiré ou récrit"),
        ("toute anomalie", "toute anomalie [montant]", "un paramètre « montant » a été ajouté"),
        ("toute anomalie", "toute anomalie sous [delai]", "un paramètre « delai » a été ajouté"),
        ("toute anomalie", "toute anomalie {{ delai }}", "{{ delai }}"),
        ("doit livrer [canal]", "doit livrer", "le paramètre « canal » a été retiré ou récrit"),
        ("un écart de [delai]", "un écart", "le paramètre « delai » a été retiré ou récrit"),
    ],
)
def test_a_placeholder_that_goes_or_comes_is_reported_and_never_baked(two, made, back, old, new, said):
    held = files(two)
    made.replace(old, new)
    result, code = back(made)
    assert (code, result["changements"]) == (1, []) and said in messages(result)
    assert files(two) == held


@pytest.mark.parametrize(
    ("gesture", "said"),
    [
        (lambda doc: doc.insert("Fin du texte", "Une phrase toute neuve."), ["nouveau", A, "Une phrase toute neuve."]),
        (lambda doc: doc.delete("la liste"), ["le paragraphe 2", A, "retiré", "la liste"]),
        (lambda doc: doc.delete("le plan daté", tracked=True), ["le paragraphe 4", "retiré", "le plan daté"]),
        (lambda doc: doc.delete("Il se répare"), ["le paragraphe 2 du motif", "retiré", "Il se répare"]),
        (lambda doc: doc.replace("renforcé", "complet"), ["clause TST-ZZZ-010", "a été changée", "complet"]),
        (lambda doc: doc.replace(f"{A} – Délai", "TST-AAA-020 – Délai"), [A, "son identifiant a été changé"]),
        (lambda doc: doc.replace("test, par acheteur : Une", "document, par acheteur : Une"), ["les mots autour"]),
        (lambda doc: [doc.delete(words) for words in (f"Clause {'TST-ZZZ-010'}",)], ["le titre", "retiré"]),
    ],
)
def test_what_has_no_sure_place_is_reported_and_not_written(two, made, back, gesture, said):
    held = files(two)
    gesture(made)
    result, code = back(made)
    assert code == 1 and result["changements"] == [], result["changements"]
    for words in said:
        assert words in messages(result)
    assert files(two) == held


def test_a_row_of_fields_that_is_gone_is_said(made, back):
    row = next(one for one in made.body.iter(w("tr")) if "renforcé" in "".join(one.itertext()))
    row.getparent().remove(row)
    result, code = back(made)
    assert code == 1 and "clause TST-ZZZ-010" in messages(result) and result["changements"] == []


def test_a_whole_clause_that_is_gone(made, back):
    children = list(made.body)
    starts = [at for at, one in enumerate(children) if one.tag == w("p") and text_of(one).startswith("TST-")]
    first = next(at for at in starts if text_of(children[at]).startswith(NEW))
    for one in children[first : next(at for at in starts if at > first)]:
        made.body.remove(one)
    result, code = back(made)
    assert code == 1 and "la clause n° 2 du document" in messages(result)
    assert "retirer son fichier" in json.dumps(result["a_decider"], ensure_ascii=False)


def track_within(editor, old, new):
    """Tracked changes of a lawyer where the redline has its own: what is added goes inside, or beside, its own additions."""
    run = next(run for run in editor.paragraph("anomalie bloquante").iter(w("r")) if old in text_of(run))
    node = run.find(w("t"))
    start = text_of(run).index(old)
    texts = node.text[:start], node.text[start : start + len(old)], node.text[start + len(old) :]
    parts = []
    for text in texts:
        part = copy.deepcopy(run)
        part.find(w("t")).text = text
        part.find(w("t")).set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        parts.append(part)
    gone, come = etree.Element(w("del"), {w("id"): "9001", **BY}), etree.Element(w("ins"), {w("id"): "9002", **BY})
    parts[1].find(w("t")).tag = w("delText")
    gone.append(parts[1])
    fresh = etree.SubElement(come, w("r"))
    etree.SubElement(fresh, w("t")).text = new
    for one in (parts[0], gone, parts[2]):
        run.addprevious(one)
    holder = run.getparent()
    if holder.tag == w("ins"):  # Word cuts the insertion in two around another person's
        rest = etree.Element(holder.tag, dict(holder.attrib) | {w("id"): "9003"})
        rest.append(parts[2])
        holder.addnext(rest)
        holder.addnext(come)
    else:
        parts[2].addprevious(come)
    holder.remove(run)


@pytest.mark.parametrize("words", ["toute anomalie", "le titulaire doit corriger"])
def test_changes_tracked_within_the_changes_of_the_redline(two, made, back, words):
    old, new, expected = {
        "toute anomalie": ("toute", "une", "corriger une anomalie **bloquante** sous {{ delai }}"),
        "le titulaire doit corriger": ("doit corriger", "doit réparer", "doit réparer toute anomalie **bloquante**"),
    }[words]
    track_within(made, old, new)
    result, code = back(made)
    assert code == 0, messages(result)
    assert expected in result["changements"][0]["apres"]
    assert result["changements"][0]["suivi"] == ["Mme Legrand, 2026-11-24 10:32"]


def refuse(element):
    """Changes refused one by one in Word: insertions go, deletions are text again, with their paragraphs and rows."""
    for change in list(element.iter(w("ins"))):
        change.getparent().remove(change)
    for change in list(element.iter(w("del"))):
        for node in list(change.iter(w("delText"))):
            node.tag = w("t")
        for child in list(change):
            change.addprevious(child)
        change.getparent().remove(change)


def test_a_change_of_the_redline_that_the_lawyer_refuses_comes_back(made, back):
    refuse(made.paragraph("Délai de réparation"))
    result, code = back(made)
    assert code == 0, messages(result)
    assert [(one["champ"], one["apres"]) for one in result["changements"]] == [("titre", "Délai")]


def test_a_clause_whose_removal_is_refused_is_said(two, made, back):
    held = files(two)
    at = next(at for at, one in enumerate(made.body) if "Clause retirée" in "".join(one.itertext(w("delText"))))
    for one in list(made.body)[at : at + 6]:
        refuse(one)
    result, code = back(made)
    assert code == 1 and "Clause retirée" in messages(result) and "ce que décrit TST-RET-010" in messages(result)
    assert files(two) == held


def test_the_title_that_libreoffice_leaves_of_a_clause_that_goes(made, back):
    refuse(next(one for one in made.body.iter(w("p")) if "Clause retirée" in "".join(one.itertext(w("delText")))))
    result, code = back(made)
    assert (code, result["a_decider"], result["changements"]) == (0, [], [])
    assert GONE in result["notes"][0]


def test_a_clause_changed_since_is_a_conflict(two, made, back):
    texts = [
        {**one, "texte": MADE.replace("toute anomalie", "chaque anomalie")} if one["id"] == A else one
        for one in after()
    ]
    two.write(*texts)
    held = files(two)
    made.replace("toute anomalie", "une anomalie").replace("Délai de réparation", "Délai de correction")
    result, code = back(made)
    assert code == 1 and [one["rule"] for one in result["a_decider"]] == ["import-conflict"]
    assert fields(result) == [(A, "titre")]
    assert files(two) != held and "chaque anomalie" in files(two)[f"{A}.yaml"]


def test_the_library_at_another_revision_is_a_conflict(two, made, back):
    two.git("checkout", "-q", "HEAD~1")
    held = files(two)
    assert back(Editor(two.folder / "suivi.docx"))[1] == 0  # nothing was corrected
    made.replace("toute anomalie", "une anomalie").replace("doit livrer [", "doit fournir [")
    result, code = back(made)
    assert code == 1 and result["changements"] == [] and files(two) == held
    assert "import-conflict" in {one["rule"] for one in result["a_decider"]}
    assert f"la clause {NEW} n'est pas dans la bibliothèque" in messages(result)


def test_importing_twice_says_nothing_new(made, back):
    made.replace("toute anomalie", "une anomalie").replace("Délai de réparation", "Délai de correction")
    assert back(made)[1] == 0
    result, code = back(made)
    assert (code, result["changements"], result["a_decider"]) == (0, [], [])


def test_a_paragraph_that_lost_its_mark_is_known_by_its_words(made, back):
    made.unmark("toute anomalie").replace("toute anomalie", "une anomalie")
    result, code = back(made)
    assert code == 0 and "retrouvé par ressemblance" in result["notes"][0], messages(result)
    assert "une anomalie **bloquante** sous {{ delai }}, par {{ canal }}." in result["changements"][0]["apres"]


def test_a_redline_without_its_head_is_still_one(made, back):
    made.delete("Bibliothèque de clauses").replace("toute anomalie", "une anomalie")
    result, _ = back(made)
    assert fields(result) == [(A, "texte")] and "{{ delai }}" in result["changements"][0]["apres"]


def test_marks_do_not_move():
    """A redline comes back months later: these values are for ever."""
    assert redline_mark(12, 3) == "_rq_r12_3" and is_redline("_rq_r12_3") and read_count("_rq_r12_3") == 12
    assert not is_redline("_rq_n12") and read_count("_rq_n12") == 12
    assert credit_mark("Bo Zoé", "2026-11-24 10:32") == credit_mark("Bo  Zoé", "2026-11-24 10:32") == "_rq_c_d5xxow"
    assert read_mark("_rq_TST_AAA_010_r1_4oymiquxoyl2x").part == "r"


@pytest.mark.office
def test_libreoffice_saves_it_untouched_then_corrected(two, made, back, soffice, tmp_path):
    result, code = back(saved_by_libreoffice(soffice, two.folder / "suivi.docx", tmp_path / "un"))
    assert (code, result["clauses"], result["changements"], result["a_decider"]) == (0, 3, [], [])
    track_within(made, "toute", "une")
    made.replace("Il se répare", "Il se répare mal")
    result, code = back(saved_by_libreoffice(soffice, made.save(two.folder / "c.docx"), tmp_path / "deux"))
    assert code == 0, messages(result)
    assert fields(result) == [(A, "texte"), (A, "motif")]
    assert result["changements"][0]["suivi"] == ["Mme Legrand, 2026-11-24 10:32"]
    assert "une anomalie **bloquante** sous {{ delai }}, par {{ canal }}." in result["changements"][0]["apres"]
