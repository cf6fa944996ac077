"""`reqgen diff -o redline.docx` and `--format html` on a real repository."""

import datetime
import json
import os
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from reqgen import git
from reqgen.load.word_changes import accept_all, reject_all
from reqgen.model.revision import Credit, Op, credits_of, of_side
from reqgen.review.authors import Version
from reqgen.review.compare import Changes, ClauseChange, Kind, Weight
from reqgen.review.redline import sections
from tests.helpers import clause, library_of
from tests.review.word_editor import Editor

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ADDED, CHANGED, GONE, MOVED, PLAIN = (f"TST-{name}-010" for name in ("AJO", "CHA", "RET", "THE", "ZZZ"))
TABLE = "\n\n| Cas | Délai |\n| --- | --- |\n| Panne | {{ delai }} |\n| Gêne | deux jours |\n\n"
DELAY = {"libelle": "Délai", "type": "durée", "unite": "jours", "defaut": 10, "min": 5, "max": 20}
OLD = "Le titulaire doit répondre.\n\nIl corrige ensuite.\n\n- par écrit\n- par téléphone" + TABLE + "Fin du texte."
NEW = (
    "Le titulaire doit répondre vite. Il corrige ensuite.\n\n1. par écrit\n2. par message\n3. par téléphone"
    + TABLE.replace("| Gêne", "| Arrêt | une heure |\n| Gêne")
    + "Fin du texte, le jour même."
)
CHECKS = [
    {"phase": "exécution", "mode": "test", "par": "acheteur", "methode": "Un écart vaut échec après {{ delai }}."}
]


@pytest.fixture
def diff(repository, quick_cli):
    def run(*arguments):
        return quick_cli("diff", *arguments, cwd=repository.folder)

    return run


def old_clauses(tabled=""):
    return [
        clause(CHANGED, texte=OLD, parametres={"delai": DELAY}, titre="Réponse aux demandes"),
        clause(GONE, texte=f"À retirer sous {{{{ delai }}}}.{tabled}", parametres={"delai": DELAY}),
        clause(MOVED),
        clause(PLAIN, motif="Motif inchangé."),
    ]


def new_clauses(tabled=""):
    return [
        clause(ADDED, texte=f"À ajouter sous {{{{ delai }}}}.{tabled}Fin.", parametres={"delai": DELAY}),
        clause(
            CHANGED,
            texte=NEW,
            parametres={"delai": {**DELAY, "defaut": 8}},
            titre="Réponse à toute demande",
            niveau="valorisé",
            sous_critere="Valeur",
            verification=CHECKS,
            si={"paiement": "oui"},
            motif="Autre motif.\n\nEn deux parties.",
        ),
        clause(MOVED, theme="service"),
        clause(PLAIN, motif="Motif inchangé."),
    ]


@pytest.fixture
def two(repository):
    """A repository with two versions of a library."""
    repository.commit(*old_clauses())
    repository.commit(*new_clauses())
    return repository


def body(path: Path) -> etree._Element:
    with zipfile.ZipFile(path) as package:
        return etree.fromstring(package.read("word/document.xml"))[0]


def words(element: etree._Element) -> list[str]:
    """The text of each paragraph that has some, those of cells too; rows are joined by bars."""
    found = []
    for child in element:
        if child.tag == f"{W}p":
            found.append(_text(child))
        found += [" | ".join(_text(cell) for cell in row.iter(f"{W}tc")) for row in child.iter(f"{W}tr")]
    return found


def _text(element: etree._Element) -> str:
    return "".join(element.itertext(f"{W}t"))


def both(path: Path) -> tuple[list[str], list[str]]:
    """What rejecting and accepting all leaves of the clauses."""
    found = []
    for side in (reject_all, accept_all):
        lines = words(side(body(path)))
        found.append(
            [line for line in lines[lines.index("Clauses") + 1 : lines.index("Fin des clauses modifiées.")] if line]
        )
    return found[0], found[1]


def test_both_versions_as_they_are_written(two, diff, oracle):
    ran = diff("HEAD~1", "HEAD", "-o", "suivi.docx")
    assert (ran.code, ran.out, ran.err) == (0, "", "écrit : suivi.docx\n")
    path = two.folder / "suivi.docx"
    oracle(path)
    before, after = both(path)
    assert before[:19] == [
        f"{CHANGED} – Réponse aux demandes",
        "Champ | Valeur",
        "Thème | base",
        f"Fichier | clauses/base/{CHANGED}.yaml",
        "Nature | obligation",
        "Niveau | exigé",
        "Palier | essentiel",
        "Pièce | cctp",
        "Diffusion | public",
        "Condition | toujours",
        "Paramètre delai | Délai (durée)\u00a0: 10 jours par défaut, au moins 5 jours, au plus 20 jours".replace("10 j", "10\u00a0j")
        .replace("5 j", "5\u00a0j").replace("20 j", "20\u00a0j"),
        "Vérification\u00a0: exécution | test, par acheteur\u00a0: L’essai est joué\u00a0; un écart vaut échec.",
        "Exigible | exécution",
        "Réponse | aucune",
        "Relecture | projet",
        "Texte",
        "Le titulaire doit répondre.",
        "Il corrige ensuite.",
        "par écrit",
    ]  # fmt: skip
    assert "Condition | paiement\u00a0: oui" in after
    assert "Sous-critère | Valeur" in after and "Sous-critère | Valeur" not in before
    changed = after[after.index(f"{CHANGED} – Réponse à toute demande") :]
    assert changed[changed.index("Texte") + 1 :][:12] == [
        "Le titulaire doit répondre vite. Il corrige ensuite.",
        "par écrit",
        "par message",
        "par téléphone",
        "Cas | Délai",
        "Panne | [delai]",
        "Arrêt | une heure",
        "Gêne | deux jours",
        "Fin du texte, le jour même.",
        "Motif",
        "Autre motif.",
        "En deux parties.",
    ]
    assert not any(PLAIN in line for line in before + after)
    assert not any(GONE in line for line in after) and any(GONE in line for line in before)
    assert not any(ADDED in line for line in before) and any(ADDED in line for line in after)
    theme = after.index(f"{MOVED} – Clause {MOVED}")
    assert after[theme + 2 : theme + 4] == ["Thème | service", f"Fichier | clauses/service/{MOVED}.yaml"]


def test_the_way_back_has_the_same_versions(two, diff):
    diff("HEAD~1", "HEAD", "-o", "a.docx")
    diff("HEAD", "HEAD~1", "-o", "b.docx")
    assert both(two.folder / "a.docx") == both(two.folder / "b.docx")[::-1]


def test_the_same_bytes(two, diff):
    diff("HEAD~1", "HEAD", "-o", "a.docx", "-o", "a.html")
    diff("HEAD~1", "HEAD", "-o", "b.docx", "-o", "b.html")
    for kind in ("docx", "html"):
        assert (two.folder / f"a.{kind}").read_bytes() == (two.folder / f"b.{kind}").read_bytes()


def credits(path: Path) -> dict[str, set[tuple[str, str | None]]]:
    """The authors and dates of the changes in each clause, by its id."""
    found: dict[str, set[tuple[str, str | None]]] = {}
    name = ""
    for node in body(path).iter():
        text = "".join(node.itertext(f"{W}t", f"{W}delText")) if node.tag == f"{W}p" else ""
        name = text.split()[0] if text.startswith("TST-") else name
        author = node.get(f"{W}author")
        if author is not None and name:
            found.setdefault(name, set()).add((author, node.get(f"{W}date")))
    return found


def commit_as(repository, name: str, day: str, *clauses) -> None:
    repository.git("config", "user.name", name)
    repository.write(*clauses)
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "suite", f"--date={day}T23:30:00-02:00")


def test_each_change_has_its_author(repository, diff):
    one, two, three = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010"
    repository.commit(clause(one), clause(two), clause(three))
    commit_as(repository, "Ana Díaz", "2026-01-05", clause(one, titre="Un"), clause(two), clause(three))
    commit_as(repository, "Bo", "2026-02-05", clause(one, titre="Un"), clause(two, titre="Deux"), clause(three))
    commit_as(repository, "Chloé", "2026-03-05", clause(one, titre="Un"), clause(two, titre="Second"))
    diff("HEAD~3", "HEAD", "-o", "a.docx")
    assert credits(repository.folder / "a.docx") == {
        one: {("Ana Díaz", "2026-01-06T01:30:00Z")},
        two: {("Bo", "2026-02-06T01:30:00Z"), ("Chloé", "2026-03-06T01:30:00Z")},
        three: {("Chloé", "2026-03-06T01:30:00Z")},
    }
    diff("HEAD~3", "HEAD~1", "-o", "b.docx")
    assert credits(repository.folder / "b.docx")[two] == {("Bo", "2026-02-06T01:30:00Z")}
    diff("HEAD", "HEAD~1", "-o", "c.docx")
    assert credits(repository.folder / "c.docx")[two] == {("auteur inconnu", None)}


def test_what_is_only_on_the_disk_is_the_local_users(repository, diff):
    one, two = "TST-AAA-010", "TST-BBB-010"
    repository.commit(clause(one), clause(two))
    commit_as(repository, "Ana Díaz", "2026-01-05", clause(one, titre="Un"), clause(two))
    repository.git("config", "user.name", "Zoé")
    repository.write(clause(one, titre="Un"), clause(two, titre="Deux"))
    diff("HEAD~1", "-o", "a.docx")
    today = datetime.date.today().isoformat()
    assert credits(repository.folder / "a.docx") == {
        one: {("Ana Díaz", "2026-01-06T01:30:00Z")},
        two: {("Zoé", f"{today}T00:00:00Z")},
    }


def test_credits_follow_merges_and_names(repository):
    repository.git("config", "user.name", "Ana")
    first = repository.commit(clause("TST-AAA-010"))
    repository.git("checkout", "-q", "-b", "autre")
    commit_as(repository, "Bo", "2026-02-05", clause("TST-AAA-010"), clause("TST-BBB-010", titre="Été"))
    repository.git("checkout", "-q", "main")
    commit_as(repository, "Chloé", "2026-03-05", clause("TST-AAA-010", titre="Un"))
    repository.git("config", "user.name", "Zoé")
    repository.git("merge", "-q", "--no-ff", "-m", "réunion", "autre")
    found = git.read_steps(first, "HEAD", "requirements_library", repository.folder)
    assert {path: steps[0].credit.author for path, steps in found.items()} == {
        "clauses/base/TST-AAA-010.yaml": "Chloé",
        "clauses/base/TST-BBB-010.yaml": "Bo",
    }
    assert git.read_steps("HEAD", first, "requirements_library", repository.folder) == {}
    assert git.read_steps(first, "HEAD", ".", repository.folder / "requirements_library" / "clauses" / "base") == {
        (name := path.rsplit("/", 1)[-1]): tuple(replace(step, path=name) for step in steps)
        for path, steps in found.items()
    }
    assert git.local_user(repository.folder) == "Zoé"


def test_a_merge_is_credited_with_what_it_says_itself(repository):
    first = repository.commit(clause(PLAIN))
    repository.git("checkout", "-q", "-b", "autre")
    commit_as(repository, "Bo", "2026-02-05", clause(PLAIN, titre="De Bo"))
    repository.git("checkout", "-q", "main")
    commit_as(repository, "Chloé", "2026-03-05", clause(PLAIN), clause(ADDED))
    repository.git("merge", "-q", "--no-ff", "--no-commit", "autre")
    commit_as(repository, "Zoé", "2026-04-05", clause(PLAIN, titre="De Zoé"), clause(ADDED))
    found = git.read_steps(first, "HEAD", "requirements_library/clauses/base", repository.folder)
    assert {path: steps[0].credit.author for path, steps in found.items()} == {
        f"{PLAIN}.yaml": "Zoé",
        f"{ADDED}.yaml": "Chloé",
    }


# Several authors of one clause


def changes_of(path: Path) -> list[tuple[str, str, str]]:
    """What was tracked, in the order of the text: its words, or what else it is, what became of it, its author."""
    signs = {"ins": "+", "del": "-", "pPrChange": "~"}
    others = {"rPr": "paragraphe", "trPr": "ligne", "pPr": "forme"}
    found = []
    for node in body(path).iter(f"{W}ins", f"{W}del", f"{W}pPrChange"):
        text = "".join(node.itertext(f"{W}t", f"{W}delText")) or others.get(etree.QName(node.getparent()).localname, "")
        found.append((text.strip(), signs[etree.QName(node).localname], node.get(f"{W}author")))
    return found


def story(repository, diff, *versions, revisions=("HEAD~{}", "HEAD")) -> list[tuple[str, str, str]]:
    """The changes after commits of one clause, the first of nobody, by their authors: (name, what the clause has)."""
    (_, first), *others = versions
    repository.commit(clause(PLAIN, **first))
    for number, (name, fields) in enumerate(others, 1):
        commit_as(repository, name, f"2026-0{number}-05", clause(PLAIN, **fields))
    names = [name.format(len(others)) for name in revisions]
    assert diff(*names, "-o", "a.docx", "--force").code == 0
    return changes_of(repository.folder / "a.docx")


SAID = "Le titulaire doit répondre à toute demande sous dix jours.\n\n- par écrit\n- par téléphone"


def test_three_authors_of_one_clause(repository, diff):
    first = {"texte": SAID, "parametres": {"delai": DELAY}}
    word = {**first, "texte": SAID.replace("toute demande", "toute question")}
    item = {**word, "texte": word["texte"] + "\n- par message"}
    last = {**item, "parametres": {"delai": {**DELAY, "defaut": 8}}}
    assert story(repository, diff, ("", first), ("Ana", word), ("Bo", item), ("Chloé", last)) == [
        ("10", "-", "Chloé"),
        ("8", "+", "Chloé"),
        ("demande", "-", "Ana"),
        ("question", "+", "Ana"),
        ("paragraphe", "+", "Bo"),
        ("par message", "+", "Bo"),
    ]
    assert credits(repository.folder / "a.docx") == {
        PLAIN: {(name, f"2026-0{month}-06T01:30:00Z") for month, name in enumerate(("Ana", "Bo", "Chloé"), 1)}
    }
    page = Page(diff("HEAD~3", "HEAD", "--format", "html").out)
    said = " ".join(page.new.split())
    assert "Chloé, le 5 mars 2026 ; Ana, le 5 janvier 2026 ; Bo, le 5 février 2026" in said


def test_what_was_undone_is_shown_by_nobody(repository, diff):
    first = {"texte": SAID}
    assert story(
        repository,
        diff,
        ("", first),
        ("Ana", {"texte": SAID.replace("toute demande", "chaque question")}),
        ("Bo", {"texte": SAID.replace("dix jours", "une heure")}),
    ) == [("dix jours", "-", "Bo"), ("une heure", "+", "Bo")]


def test_one_takes_out_and_another_puts_in(repository, diff):
    assert story(
        repository,
        diff,
        ("", {"texte": SAID}),
        ("Ana", {"texte": SAID.replace(" à toute demande", "")}),
        ("Bo", {"texte": SAID.replace(" à toute demande", " par écrit aux agents")}),
        ("Chloé", {"texte": SAID.replace(" à toute demande", " par écrit aux seuls agents")}),
    ) == [
        ("à toute demande", "-", "Ana"),
        ("par écrit aux", "+", "Bo"),
        ("seuls", "+", "Chloé"),
        ("agents", "+", "Bo"),
    ]


def test_the_local_user_comes_on_top(repository, diff):
    repository.commit(clause(PLAIN, texte=SAID))
    commit_as(repository, "Ana", "2026-01-05", clause(PLAIN, texte=SAID.replace("dix", "huit")))
    repository.git("config", "user.name", "Zoé")
    repository.write(clause(PLAIN, texte=SAID.replace("dix", "huit").replace("écrit", "lettre")))
    diff("HEAD~1", "-o", "a.docx")
    assert changes_of(repository.folder / "a.docx") == [
        ("dix", "-", "Ana"),
        ("huit", "+", "Ana"),
        ("écrit", "-", "Zoé"),
        ("lettre", "+", "Zoé"),
    ]
    dates = dict(credits(repository.folder / "a.docx")[PLAIN])
    assert dates == {"Ana": "2026-01-06T01:30:00Z", "Zoé": f"{datetime.date.today().isoformat()}T00:00:00Z"}


def test_rows_shapes_and_ends_of_paragraphs_have_their_authors(repository, diff):
    def said(row: str = "", sign: str = "-", join: str = "\n\n") -> dict[str, str]:
        table = TABLE.replace("{{ delai }}", "un jour").replace("| Gêne", f"{row}| Gêne")
        return {"texte": f"Le titulaire doit répondre à tous.{join}Il corrige ensuite.\n\n{sign} par écrit{table}"}

    row = "| Arrêt | une heure |\n"
    assert story(
        repository, diff, ("", said()), ("Ana", said(row)), ("Bo", said(row, "1.")), ("Chloé", said(row, "1.", " "))
    ) == [
        ("paragraphe", "-", "Chloé"),
        ("", "+", "Chloé"),
        ("forme", "~", "Bo"),
        ("ligne", "+", "Ana"),
        ("paragraphe", "+", "Ana"),
        ("Arrêt", "+", "Ana"),
        ("paragraphe", "+", "Ana"),
        ("une heure", "+", "Ana"),
    ]


def test_a_new_clause_and_one_that_goes_have_several_authors(repository, diff):
    repository.commit(clause(GONE, texte=SAID))
    commit_as(
        repository, "Ana", "2026-01-05", clause(GONE, texte=SAID.replace("dix", "huit")), clause(ADDED, texte=SAID)
    )
    commit_as(repository, "Bo", "2026-02-05", clause(ADDED, texte=SAID.replace("dix", "neuf")))
    diff("HEAD~2", "HEAD", "-o", "a.docx")
    found = changes_of(repository.folder / "a.docx")
    assert [one for one in found if one[0] in ("dix", "neuf")] == [("neuf", "+", "Bo"), ("dix", "-", "Ana")]
    assert {name for text, sign, name in found if sign == "+" and text != "neuf"} == {"Ana"}
    assert {name for text, sign, name in found if sign == "-" and text != "dix"} == {"Bo"}
    before, after = both(repository.folder / "a.docx")
    assert any("sous dix jours" in line for line in before) and any("sous neuf jours" in line for line in after)


def test_authors_of_a_clause_that_moves_and_was_broken_on_the_way(repository, diff):
    repository.commit(clause(PLAIN, texte=SAID))
    commit_as(repository, "Ana", "2026-01-05", clause(PLAIN, texte=SAID.replace("dix", "huit")))
    (broken,) = (repository.folder / "requirements_library").rglob(f"{PLAIN}.yaml")
    broken.write_text("id: [", "utf-8")
    repository.git("config", "user.name", "Bo")
    repository.save()
    moved = {"theme": "service", "texte": SAID.replace("dix", "huit")}
    commit_as(repository, "Chloé", "2026-02-05", clause(PLAIN, **moved))
    commit_as(
        repository, "Dan", "2026-03-05", clause(PLAIN, **{**moved, "texte": moved["texte"].replace("écrit", "lettre")})
    )
    diff("HEAD~4", "HEAD", "-o", "a.docx")
    found = {(text, name) for text, _, name in changes_of(repository.folder / "a.docx")}
    assert {("dix", "Ana"), ("huit", "Ana"), ("service", "Chloé"), ("écrit", "Dan"), ("lettre", "Dan")} <= found
    assert {name for _, name in found} == {"Ana", "Chloé", "Dan"}


def test_authors_on_two_branches(repository, diff):
    one, other = SAID.replace("dix", "huit"), SAID.replace("téléphone", "message")
    repository.commit(clause(PLAIN, texte=SAID))
    repository.git("checkout", "-q", "-b", "autre")
    commit_as(repository, "Bo", "2026-02-05", clause(PLAIN, texte=other))
    repository.git("checkout", "-q", "main")
    commit_as(repository, "Ana", "2026-01-05", clause(PLAIN, texte=one))
    repository.git("merge", "-q", "--no-ff", "--no-commit", "-s", "ours", "autre")
    commit_as(repository, "Zoé", "2026-04-05", clause(PLAIN, texte=one.replace("téléphone", "message"), titre="Réunie"))
    diff("HEAD~2", "HEAD", "-o", "a.docx")
    found = changes_of(repository.folder / "a.docx")
    assert [one for one in found if one[0] in ("dix", "huit", "téléphone", "message", "Réunie")] == [
        ("Réunie", "+", "Zoé"), ("dix", "-", "Ana"), ("huit", "+", "Ana"), ("téléphone", "-", "Bo"), ("message", "+", "Bo")
    ]  # fmt: skip


def test_what_a_merge_passed_over_is_nobodys(repository, diff):
    repository.commit(clause(PLAIN, texte=SAID))
    repository.git("checkout", "-q", "-b", "autre")
    repository.git("checkout", "-q", "main")
    commit_as(repository, "Ana", "2026-01-05", clause(PLAIN, texte=SAID.replace("dix", "huit")))
    repository.git("checkout", "-q", "autre")
    commit_as(repository, "Bo", "2026-02-05", clause(PLAIN, texte=SAID.replace("dix", "neuf")))
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "réunion", "-s", "ours", "autre")
    for revisions in (("HEAD~2", "HEAD"), ("HEAD~2",)):
        diff(*revisions, "-o", "a.docx", "--force")
        assert changes_of(repository.folder / "a.docx") == [("dix", "-", "Ana"), ("huit", "+", "Ana")]
        assert "Bo" not in Page(diff(*revisions, "--format", "html").out).new


def test_a_branch_that_is_older_than_the_first_version(repository, diff):
    repository.commit(clause(PLAIN, texte=SAID))
    repository.git("checkout", "-q", "-b", "autre")
    other = SAID.replace("téléphone", "message")
    commit_as(repository, "Bo", "2026-02-05", clause(PLAIN, texte=other))
    repository.git("checkout", "-q", "main")
    first = repository.commit(clause(PLAIN, texte=SAID.replace("dix", "moins de dix")))
    repository.git("merge", "-q", "--no-ff", "--no-commit", "-s", "ours", "autre")
    commit_as(repository, "Zoé", "2026-03-05", clause(PLAIN, texte=other.replace("dix", "moins de dix")))
    commit_as(repository, "Chloé", "2026-04-05", clause(PLAIN, texte=other))
    commit_as(repository, "Dan", "2026-05-05", clause(PLAIN, texte=other.replace("toute", "chaque")))
    diff(first, "HEAD", "-o", "a.docx")
    assert changes_of(repository.folder / "a.docx") == [
        ("toute", "-", "Dan"),
        ("chaque", "+", "Dan"),
        ("moins de", "-", "Chloé"),
        ("téléphone", "-", "Bo"),
        ("message", "+", "Bo"),
    ]


def test_paragraphs_before_a_table_have_their_authors(repository, diff, oracle):
    """The mark that is tracked there is not the one of the paragraph that came: each must still go with its words."""
    table = TABLE.replace("{{ delai }}", "un jour")
    texts = [f"Le titulaire doit répondre à tous.{more}{table}" for more in ("", "\n\nUn.", "\n\nUn.\n\nDeux.")]
    versions = [(name, {"texte": text}) for name, text in zip(("", "Ana", "Bo"), texts, strict=True)]
    assert story(repository, diff, *versions) == [
        ("paragraphe", "+", "Ana"),
        ("paragraphe", "+", "Bo"),
        ("Un.", "+", "Ana"),
        ("Deux.", "+", "Bo"),
    ]
    oracle(repository.folder / "a.docx")


def test_no_change_of_several_authors_is_taken_for_the_readers(repository, diff, quick_cli):
    texts = [SAID, SAID.replace("dix", "huit"), SAID.replace("dix", "huit").replace("demande", "question")]
    story(repository, diff, *((name, {"texte": text}) for name, text in zip(("", "Ana", "Bo"), texts, strict=True)))
    path = repository.folder / "a.docx"
    edited = Editor(path)
    edited.replace("répondre", "écrire")
    edited.save(path)
    library = repository.folder / "requirements_library"
    ran = quick_cli("import", path, "--library", library, "--format", "json", cwd=repository.folder)
    (change,) = json.loads(ran.out)["changements"]
    assert "doit écrire à toute question sous huit jours" in change["apres"]
    assert change["suivi"] == []


def test_beyond_the_bounds_the_last_commit_is_credited(repository, diff, monkeypatch):
    texts = [SAID, SAID.replace("dix", "huit")]
    texts += [texts[1].replace("écrit", "lettre"), texts[1].replace("écrit", "lettre").replace("téléphone", "message")]
    versions = [(name, {"texte": text}) for name, text in zip(("", "Ana", "Bo", "Chloé"), texts, strict=True)]
    monkeypatch.setattr("reqgen.pipeline.credits.MAX_STEPS", 2)
    found = story(repository, diff, *versions)
    assert [name for _, _, name in found] == ["Chloé", "Chloé", "Bo", "Bo", "Chloé", "Chloé"]
    for bound in ("credits.MAX_ALL_STEPS", "git.MAX_PAST"):
        with monkeypatch.context() as bounded:
            bounded.setattr(f"reqgen.{'pipeline.' * bound.startswith('credits')}{bound}", 1)
            diff("HEAD~3", "HEAD", "-o", "a.docx", "--force")
        assert {name for _, _, name in changes_of(repository.folder / "a.docx")} == {"Chloé"}
    diff("HEAD~3", "HEAD", "-o", "a.docx", "--force")
    assert {name for _, _, name in changes_of(repository.folder / "a.docx")} == {"Chloé", "Bo"}


WORDS = st.lists(
    st.sampled_from(["un", "deux", "trois", "{{ delai }}", "**fort**", "\n\n", "\n\n- ", ",", "."]), max_size=12
)


@settings(max_examples=60)
@given(st.lists(WORDS, min_size=2, max_size=6))
def test_credits_change_no_word(texts):
    """Whatever the versions on the way, both sides stay, and a change is by someone who made one."""
    clauses = [
        library_of([clause(PLAIN, texte="Le titulaire doit répondre " + " ".join(text))], checked=False).clauses[PLAIN]
        for text in texts
    ]
    change = ClauseChange(PLAIN, Kind.CHANGED, Weight.SUBSTANCE, "", clauses[0], clauses[-1], "a", "a")
    history = [
        Version(one, "a", (number - 1,) if number else (), Credit(str(number)) if number else None)
        for number, one in enumerate(clauses)
    ]
    last = Credit("nul")
    (plain,) = sections(Changes((change,), ()), lambda _: last)
    (section,) = sections(Changes((change,), ()), lambda _: last, lambda _: history)
    for side in (Op.OLD, Op.NEW):
        assert list(of_side(section.parts, side)) == list(of_side(plain.parts, side))
    assert {credit.author for credit in credits_of(section)} <= {"nul", *map(str, range(1, len(texts)))}


def test_a_commit_with_an_impossible_date(repository, diff):
    repository.commit(clause(PLAIN))
    repository.write(clause(PLAIN, titre="Autre"))
    repository.git("add", "-A")
    tree, head = repository.git("write-tree"), repository.git("rev-parse", "HEAD")
    written = f"tree {tree}\nparent {head}\nauthor Ana <a@b> 253402300799 -9959\ncommitter Ana <a@b> 0 +0000\n\nsuite\n"
    (repository.folder / "commit").write_text(written, "utf-8")
    made = repository.git("hash-object", "-t", "commit", "-w", "--literally", "commit")
    for arguments in (("-o", "a.docx"), ("--format", "html")):
        assert diff("HEAD", made, *arguments).code == 0
    assert credits(repository.folder / "a.docx") == {PLAIN: {("Ana", None)}}


def test_a_library_that_was_never_committed_here(repository, diff):
    first = repository.commit(clause(PLAIN))
    shutil.rmtree(repository.folder / "requirements_library")
    repository.save()
    repository.write(clause(PLAIN, titre="Autre"))
    assert diff(first, "-o", "a.docx").code == 0
    assert {name for name, _ in credits(repository.folder / "a.docx")[PLAIN]} == {"Essai"}


def test_form_alone_is_told_and_not_shown(repository, diff):
    repository.commit(clause(CHANGED, texte="Le titulaire doit\nlivrer."), clause(PLAIN))
    repository.write(clause(CHANGED, texte="Le titulaire\ndoit livrer."), clause(PLAIN))
    diff("HEAD", "-o", "a.docx")
    lines = words(body(repository.folder / "a.docx"))
    assert f"de pure forme, non montrées : {CHANGED}" in lines
    assert "Aucune clause ne change." in lines


def test_a_file_of_another_is_not_replaced(two, diff):
    for name in ("a.docx", "a.html"):
        path = two.folder / name
        path.write_bytes(b"de quelqu'un")
        ran = diff("HEAD~1", "-o", name)
        assert ran.code == 2 and "[foreign-file]" in ran.err and path.read_bytes() == b"de quelqu'un"
        assert diff("HEAD~1", "-o", name, "--force").code == 0
        assert diff("HEAD~1", "-o", name).code == 0  # ours, and untouched
        path.write_bytes(path.read_bytes().replace(b"e", b"f", 1))
        assert diff("HEAD~1", "-o", name).code == 2
    ran = diff("HEAD~1", "-o", "c.html", "--format", "json")
    assert ran.code == 2 and not (two.folder / "c.html").exists()
    ran = diff("HEAD~1", "-o", "a.pdf")
    assert ran.code == 2 and "[unknown-format]" in ran.err


# Fields, in any order and number

DELAYS = [{**DELAY, "libelle": f"Délai {name}", "defaut": day} for name, day in zip("abc", (5, 6, 7), strict=True)]
METHODS = ("Un essai est joué ; un écart vaut échec.", "Une pièce est produite ; son absence vaut échec.")
CITATIONS = [{"id": "code-a"}, {"id": "code-a", "article": "1"}, {"id": "code-b", "oblige_si": "toujours"}]
VARIANTS = {
    "parametres": st.permutations(list(zip(("un", "deux", "trois"), DELAYS, strict=True))).flatmap(
        lambda items: st.integers(0, 3).map(lambda size: dict(items[:size]))
    ),
    "verification": st.lists(
        st.builds(
            lambda phase, mode, method: {"phase": phase, "mode": mode, "par": "acheteur", "methode": method},
            st.sampled_from(["offre", "exécution"]),
            st.sampled_from(["test", "document"]),
            st.sampled_from(METHODS),
        ),
        min_size=1,
        max_size=4,
    ),
    "sources": st.lists(st.sampled_from(CITATIONS), max_size=4),
    "domaines": st.sampled_from([None, ["finances"], ["famille", "finances"]]),
    "titre": st.sampled_from(["Délai de réponse", "Réponse", "Délai"]),
    "motif": st.sampled_from(["Un motif bien dit.", "Un autre motif.\n\nEt sa suite."]),
}  # fmt: skip


@settings(max_examples=25)
@given(*(st.fixed_dictionaries(VARIANTS) for _ in range(2)))
def test_fields_come_back_in_their_order(before, after):
    old, new = (library_of([clause(PLAIN, **fields)], checked=False).clauses[PLAIN] for fields in (before, after))
    unknown = Credit("x")

    def shown(kind, *sides):
        change = ClauseChange(PLAIN, kind, Weight.SUBSTANCE, "", *sides, "a", "b" if sides[1] else "")
        (section,) = sections(Changes((change,), ()), lambda _: unknown)
        return section.parts

    both_sides = shown(Kind.CHANGED, old, new)
    added = ClauseChange(PLAIN, Kind.ADDED, Weight.SUBSTANCE, "", None, new, "", "b")
    (section,) = sections(Changes((added,), ()), lambda _: unknown)
    assert list(of_side(both_sides, Op.NEW)) == list(of_side(section.parts, Op.NEW))
    assert list(of_side(both_sides, Op.OLD)) == list(of_side(shown(Kind.REMOVED, old, None), Op.OLD))


# The page


class Page(HTMLParser):
    """The words of each version, the ids, the links, and whether every element is closed in its turn."""

    VOID = ("meta", "br")

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.classes: list[str] = []
        self.old = self.new = self.voice = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [value for name, value in attributes if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)
            self.classes.append(given.get("class") or "")
        if tag in ("p", "li", "td", "th", "h2", "h3"):
            self.old, self.new = self.old + "\n", self.new + "\n"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.classes.pop()

    def handle_data(self, data):
        if "style" in self.open:
            return
        if "voice" in self.classes:
            self.voice += data
            return
        self.old += data if "ins" not in self.open else ""
        self.new += data if "del" not in self.open else ""


def test_page(two, diff):
    ran = diff("HEAD~1", "HEAD", "--format", "html")
    assert (ran.code, ran.err) == (0, "")
    page = Page(ran.out)
    assert ran.out.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert "script" not in page.tags and "img" not in page.tags
    assert {f"clause-{name}" for name in (ADDED, CHANGED, GONE, MOVED)} <= set(page.ids)
    for line in ("Le titulaire doit répondre vite.", "par message", "une heure", "Autre motif."):
        assert line in page.new and line not in page.old.splitlines(), line
    assert "Il corrige ensuite." in page.old and "10\u00a0jours par défaut" in page.old
    assert "[ajouté : " in page.voice and "[supprimé : " in page.voice
    assert "fin de paragraphe supprimée" in page.voice
    assert "niveau abaissé (substantielle)" in page.new


def test_page_of_hostile_words(repository, diff):
    repository.commit(clause(CHANGED))
    repository.git("config", "user.name", '"><script>alert(1)</script>')
    attack = "<script>alert(1)</script> \"&amp; <img src=x onerror='a'>"
    repository.write(clause(CHANGED, titre=attack, motif=attack, texte=f"Le titulaire doit {attack}."))
    page = Page(diff("HEAD", "--format", "html").out)
    assert "script" not in page.tags and "img" not in page.tags
    assert "alert(1)" in page.new


def test_page_with_projects_and_other_files(two, diff):
    (two.folder / "projet.yaml").write_text("reference: x\n", "utf-8")
    (two.folder / "requirements_library" / "themes.yaml").write_text("themes: []\n", "utf-8")
    for arguments in (("--format", "html"), ("-o", "a.docx")):
        ran = diff("HEAD~1", "--projects", "projet.yaml", *arguments)
        text = ran.out or "\n".join(words(body(two.folder / "a.docx")))
        assert ran.code == 0 and "Projet projet.yaml" in text and "themes.yaml changé" in text


AXE = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})"""


@pytest.mark.browser
def test_page_is_accessible(two, diff):
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if program is None:
        pytest.skip("no Chromium here")
    diff("HEAD~1", "HEAD", "-o", "a.html")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=program, chromium_sandbox=False)
        page = browser.new_context(viewport={"width": 375, "height": 800}, offline=True).new_page()
        page.goto((two.folder / "a.html").as_uri())
        page.evaluate((files(package) / "axe.min.js").read_text("utf-8"))
        found = page.evaluate(AXE)
        width = page.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert found["passes"] and [item["id"] for item in found["violations"]] == []
    assert width == 375


# LibreOffice

MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Revisions" script:language="StarBasic">
Sub Resolve(folder As String)
  Both(folder, &quot;Accept&quot;)
  Both(folder, &quot;Reject&quot;)
End Sub
Sub Both(folder As String, verb As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = &quot;Hidden&quot;
  hidden(0).Value = True
  document = StarDesktop.loadComponentFromURL(folder &amp; &quot;/suivi.docx&quot;, &quot;_blank&quot;, 0, hidden())
  dispatcher = createUnoService(&quot;com.sun.star.frame.DispatchHelper&quot;)
  command = &quot;.uno:&quot; &amp; verb &amp; &quot;AllTrackedChanges&quot;
  dispatcher.executeDispatch(document.CurrentController.Frame, command, &quot;&quot;, 0, Array())
  Dim filter(0) As New com.sun.star.beans.PropertyValue
  filter(0).Name = &quot;FilterName&quot;
  filter(0).Value = &quot;MS Word 2007 XML&quot;
  document.storeToURL(folder &amp; &quot;/&quot; &amp; verb &amp; &quot;.docx&quot;, filter())
  document.close(True)
End Sub
</script:module>
"""
LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Revisions"/></library:library>
"""
LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
<library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple"
 library:link="false"/></library:libraries>
"""


def resolved_by_libreoffice(soffice: str, path: Path, work: Path) -> tuple[etree._Element, etree._Element]:
    """The body after all changes were rejected, and after all were accepted, by a macro in a profile of its own."""
    shutil.copy(path, work / "suivi.docx")
    profile = work / "profil"
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nologo"]
    environment = {**os.environ, "HOME": str(work)}
    subprocess.run([*command, "--terminate_after_init"], env=environment, capture_output=True, timeout=120, check=True)
    basic = profile / "user" / "basic"
    (basic / "Standard").mkdir(parents=True, exist_ok=True)
    (basic / "Standard" / "Revisions.xba").write_text(MODULE, "utf-8")
    (basic / "Standard" / "script.xlb").write_text(LIBRARY, "utf-8")
    (basic / "script.xlc").write_text(LIBRARIES, "utf-8")
    macro = f'macro:///Standard.Revisions.Resolve("{work.as_uri()}")'
    subprocess.run([*command, macro], env=environment, capture_output=True, timeout=120, check=True)
    return body(work / "Reject.docx"), body(work / "Accept.docx")


def signs(path: Path, element: etree._Element) -> list[tuple[str, str]]:
    """The sign of each item of a list (a bullet or a form of number) and its text; the style tells it where the item does not."""
    with zipfile.ZipFile(path) as package:
        numbering, styles = (etree.fromstring(package.read(f"word/{name}.xml")) for name in ("numbering", "styles"))
    found = []
    for paragraph in element.iterfind(f"{W}p"):
        style = _value(paragraph, "pPr/pStyle")
        number = paragraph.find(f"{W}pPr/{W}numPr")
        if number is None:
            number = styles.find(f"{W}style[@{W}styleId='{style}']/{W}pPr/{W}numPr")
        if number is None or _value(number, "numId") == "0":
            continue
        num = numbering.find(f"{W}num[@{W}numId='{_value(number, 'numId')}']")
        abstract = numbering.find(f"{W}abstractNum[@{W}abstractNumId='{_value(num, 'abstractNumId')}']")
        level = abstract.find(f"{W}lvl[@{W}ilvl='{_value(number, 'ilvl') or '0'}']")
        if _value(level, "numFmt") != "none":
            found.append((_value(level, "numFmt"), _text(paragraph)))
    return found


def _value(element: etree._Element, path: str) -> str:
    found = element.find("/".join(W + step for step in path.split("/")))
    return "" if found is None else found.get(f"{W}val", "")


@pytest.mark.office
def test_libreoffice_agrees(two, diff, soffice, tmp_path):
    work = tmp_path / "bureau"
    work.mkdir()
    diff("HEAD~1", "HEAD", "-o", "suivi.docx")
    ours = body(two.folder / "suivi.docx")
    made = two.folder / "suivi.docx"
    theirs = resolved_by_libreoffice(soffice, made, work)
    for side, found, name in zip((reject_all, accept_all), theirs, ("Reject", "Accept"), strict=True):
        assert words(found) == words(side(ours))
        assert signs(work / f"{name}.docx", found) == signs(made, side(ours))


@pytest.mark.office
def test_libreoffice_leaves_an_empty_line_before_a_table_that_goes(repository, diff, soffice, tmp_path):
    """A clause that goes whole, with a table in its text: LibreOffice cannot join to a table the paragraph before it."""
    repository.commit(*old_clauses(TABLE))
    repository.commit(*new_clauses(TABLE))
    work = tmp_path / "bureau"
    work.mkdir()
    diff("HEAD~1", "HEAD", "-o", "suivi.docx")
    ours = body(repository.folder / "suivi.docx")
    for side, theirs in zip(
        (reject_all, accept_all), resolved_by_libreoffice(soffice, repository.folder / "suivi.docx", work), strict=True
    ):
        assert [line for line in words(theirs) if line] == [line for line in words(side(ours)) if line]
