"""`review list`, `review approve`, `generate --require-status`: a person's own act, and what counts as reviewed everywhere."""

import json
import os
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

import reqgen
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from tests.cli.test_help import english
from tests.helpers import as_yaml, clause, write_files, write_library, write_project

A, B, C = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010"
PLAIN = """\
# {id}, à la main
id: {id}
titre: Clause {id}
theme: base
nature: obligation
niveau: exigé
palier: essentiel
piece: cctp
texte: |
  Le titulaire doit livrer le document {id}
  dans un délai de {{{{ delai }}}} à compter de la notification.
parametres:
  delai: {{libelle: Délai, type: durée, unite: jours ouvrés, defaut: 5, min: 1, max: 30}}
verification:
  - {{phase: exécution, mode: test, par: acheteur, methode: "L'essai est joué ; un écart vaut échec."}}
exigible: exécution
reponse: aucune
sources: []
relecture:
  statut: projet # seule la commande le change
motif: |
  Motif de {id}.
"""


def path_of(name: str) -> str:
    return f"bib/clauses/base/{name}.yaml"


@pytest.fixture
def library(tmp_path) -> Path:
    folder = write_library(
        tmp_path / "bib", [clause(C, domaines=["finances"], theme="service"), clause(A), clause(B)]
    )  # fmt: skip
    write_files(tmp_path, {path_of(name): PLAIN.format(id=name) for name in (A, B)})
    return folder


@pytest.fixture
def approve(quick_cli, library):
    def run(*arguments, answer="oui\n", by="Prénom Nom"):
        return quick_cli("review", "approve", *arguments, "--by", by, "--library", "bib", input=answer)

    return run


@pytest.fixture
def listed(quick_cli, library):
    def run(*arguments):
        return json.loads(quick_cli("review", "list", "--library", "bib", "--format", "json", *arguments).out)

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_list(quick_cli, library):
    ran = quick_cli("review", "list", "--library", "bib")
    rows = [line.split("\t") for line in ran.out.splitlines()[:3]]
    assert [(row[0], row[1], row[-1]) for row in rows] == [(name, "projet", f"Clause {name}") for name in (A, B, C)]
    assert ran.out.splitlines()[3:] == ["", "3 clauses : projet 3, relu 0, validé 0"]
    assert (ran.code, ran.err) == (0, "")


def test_what_is_shown_is_what_is_approved(approve, listed, tmp_path):
    ran = approve(A, B)
    assert ran.code == 0
    for word in (f"Clause {A}", f"le document {A}", f"le document {B}", "Délai = 5 jours ouvrés", "vaut échec"):
        assert word in ran.out
    assert "Approuver 2 clauses au nom de Prénom Nom ?" in ran.err
    assert "public si le dépôt git l'est" in ran.err
    found = {item["id"]: item for item in listed()["clauses"]}
    today = date.today().isoformat()
    for name in (A, B):
        assert (found[name]["statut"], found[name]["par"], found[name]["le"]) == ("validé", "Prénom Nom", today)
    assert found[C]["statut"] == "projet" and found[C]["par"] is None
    written = yaml.safe_load((tmp_path / path_of(A)).read_text("utf-8"))["relecture"]
    assert (written["statut"], written["par"], str(written["le"])) == ("validé", "Prénom Nom", today)
    assert re.fullmatch("[0-9a-f]{64}", written["empreinte"])


def test_only_the_block_changes(approve, library, tmp_path):
    before = contents(library)
    assert approve(A).code == 0
    after = contents(library)
    changed = [path for path in before if before[path] != after[path]]
    assert changed == [str(tmp_path / path_of(A))] and set(before) == set(after)
    old, new = (files[changed[0]].decode().splitlines(keepends=True) for files in (before, after))
    at = old.index("  statut: projet # seule la commande le change\n")
    assert new[:at] == old[:at] and new[at + 4 :] == old[at + 1 :]
    assert new[at] == "  statut: validé # seule la commande le change\n"


@pytest.mark.parametrize("answer", ["", "\n", "non\n", "o\n", "y\n", "yes\n", "ouii\n", "\0", "non\noui\n"])
def test_nothing_but_the_word_is_an_approval(approve, library, answer):
    before = contents(library)
    ran = approve(A, B, answer=answer)
    assert ran.code == 2 and "rien n'a été écrit" in ran.err
    assert contents(library) == before


def test_no_option_answers_for_the_person(approve, library):
    before = contents(library)
    for option in ("--yes", "-y", "--force", "--no-input"):
        assert approve(A, option, answer="").code == 2
    assert contents(library) == before


@pytest.mark.parametrize("name", ["", "  ", "a" * 201, "Nom\x1b[31m", "Nom\u202e", "Nom\ufeff"])
def test_a_name_that_is_none(approve, library, name):
    before = contents(library)
    ran = approve(A, by=name)
    assert ran.code == 2 and "Traceback" not in ran.err and "[bad-format]" in ran.err
    assert contents(library) == before


@pytest.mark.parametrize("name", ['D. "Dé" L\'Été', "a: b # c", "- x", "{y}", "null", "Nom\tet\nnom", "2026-01-01"])
def test_any_other_name_comes_back(approve, listed, name):
    assert approve(A, by=name).code == 0
    assert listed("--status", "validé")["clauses"][0]["par"] == " ".join(name.split())


@pytest.mark.parametrize(
    ("change", "falls"),
    [
        (("livrer le document", "remettre le document"), True),
        (("defaut: 5", "defaut: 6"), True),
        (("piece: cctp", "piece: rc"), True),
        (("empreinte: ", "empreinte: 'a' # "), True),
        (("Motif de", "Autre motif de"), False),
        (("\n  dans un délai", " dans un délai"), False),
        (("# TST-AAA-010, à la main\n", ""), False),
    ],
)
def test_a_text_changed_since_is_a_draft_everywhere(quick_cli, approve, listed, library, tmp_path, change, falls):
    approve(A, B)
    path = tmp_path / path_of(A)
    if change[0].startswith("empreinte"):
        path.write_text(re.sub(r"empreinte: .*", f"empreinte: {'ab' * 32}", path.read_text("utf-8")), "utf-8")
    else:
        edit(path, *change)
    found = {item["id"]: item for item in listed()["clauses"]}
    status = "projet" if falls else "validé"
    assert (found[A]["statut"], found[A]["perimee"], found[A]["ecrit"]) == (status, falls, "validé")
    assert (found[B]["statut"], found[B]["perimee"]) == ("validé", False)
    number = 1 - falls
    assert listed()["comptes"] == {"projet": 2 - number, "relu": 0, "validé": 1 + number, "perimees": int(falls)}
    checked = quick_cli("validate", "bib", "--format", "json")
    warned = [item for item in json.loads(checked.out) if item["rule"] == "stale-review"]
    assert checked.code == 0 and len(warned) == falls
    for item in warned:
        line = path.read_text("utf-8").splitlines()[item["line"] - 1]
        assert (item["path"], item["severity"]) == (path_of(A), "warning") and line.strip().startswith("empreinte")
        assert f"reqgen review approve {A}" in item["help"]
    assert [
        item["relecture"] for item in json.loads(quick_cli("list", "--library", "bib", "--format", "json").out)
    ] == [
        status,
        "validé",
        "projet",
    ]
    assert (f"relecture : {status}" in quick_cli("show", A, "--library", "bib").out) is True
    counts = json.loads(quick_cli("stats", "--library", "bib", "--format", "json").out)["relecture"]
    assert counts == {"projet": 2 - number, "relu": 0, "validé": 1 + number}


def test_a_stale_review_is_told_and_given_again(quick_cli, approve, listed, tmp_path):
    approve(A)
    edit(tmp_path / path_of(A), "livrer", "remettre")
    row = quick_cli("review", "list", "--library", "bib").out.splitlines()[0].split("\t")
    assert row[:2] == [A, "projet"] and row[2] == "Prénom Nom" and row[4] == "périmée"
    assert "dont 1 relecture périmée" in quick_cli("review", "list", "--library", "bib").out
    assert "validé par Prénom Nom" in quick_cli("show", A, "--library", "bib").out
    ran = approve(A, by="Autre Nom", answer="OUI\n")
    assert ran.code == 0 and "changé depuis la relecture précédente" in ran.out
    (found,) = listed("--status", "validé")["clauses"]
    assert (found["par"], found["perimee"]) == ("Autre Nom", False)
    assert (tmp_path / path_of(A)).read_text("utf-8").count("statut:") == 1


def test_read_is_less_than_approved(approve, listed):
    ran = approve(A, "--status", "relu")
    assert "Déclarer relue 1 clause au nom de Prénom Nom ?" in ran.err
    assert listed()["comptes"] == {"projet": 2, "relu": 1, "validé": 0, "perimees": 0}
    assert approve(A, "--status", "projet").code == 2


def test_filters(approve, listed):
    approve(A)
    assert [item["id"] for item in listed("--status", "projet")["clauses"]] == [B, C]
    assert [item["id"] for item in listed("--theme", "service")["clauses"]] == [C]
    assert [item["id"] for item in listed("--domain", "finances")["clauses"]] == [C]
    assert listed("--theme", "rien") == {
        "clauses": [],
        "comptes": {"projet": 0, "relu": 0, "validé": 0, "perimees": 0},
    }


def test_help_is_french(quick_cli):
    from reqgen.cli import review

    for name, command in review.review_command.commands.items():
        page = quick_cli("review", name, "--help")
        assert page.code == 0 and english(page.said) == []
        for parameter in command.params:
            if parameter.param_type_name == "option":
                assert parameter.help and parameter.opts[0] in page.out
    for misuse in (["nimporte"], ["approve"], ["approve", A], ["list", "--status", "valide"], ["list", A]):
        ran = quick_cli("review", *misuse)
        assert (ran.code, ran.out, english(ran.err)) == (2, "", [])


# All files or none


def test_an_unknown_clause_stops_all(approve, library):
    before = contents(library)
    ran = approve(A, "TST-AAA-O10", "TST-ZZZ-010")
    assert ran.code == 2 and ran.err.count("[unknown-clause]") == 2 and f"« {A} »" in ran.err
    assert contents(library) == before


def test_a_clause_named_twice_counts_once(approve):
    assert "Approuver 1 clause au nom" in approve(A, A).err


def test_a_clause_in_error_is_not_reviewed(approve, library, tmp_path):
    edit(tmp_path / path_of(A), "livrer le document", "livrer {{ absent }}")
    (tmp_path / path_of(B)).write_text("id: TST-BBB-010\ntitre: [", "utf-8")
    before = contents(library)
    for name, rule in ((A, "undefined-parameter"), (B, "yaml-syntax")):
        ran = approve(C, name)
        assert ran.code == 1 and f"[{rule}]" in ran.err
    assert contents(library) == before


def test_a_status_written_by_hand(quick_cli, approve, listed, tmp_path):
    edit(tmp_path / path_of(A), "statut: projet", "statut: validé")
    checked = quick_cli("validate", "bib", "--format", "json")
    assert checked.code == 1
    (found,) = json.loads(checked.out)
    assert (found["rule"], found["severity"]) == ("review-without-digest", "error")
    assert listed()["comptes"]["validé"] == 0
    assert approve(A).code == 0  # a person may still mend it by what is asked for
    assert quick_cli("validate", "bib").code == 0


def test_a_disk_that_refuses_leaves_nothing(approve, library, monkeypatch):
    from reqgen.pipeline import writing

    before, write = contents(library), writing.write_whole

    def refuse(path, data):
        if path.name == f"{B}.yaml":
            raise ReqgenError(Diagnostic("unwritable-file", "le fichier ne peut pas être écrit", Place(path.name)))
        write(path, data)

    monkeypatch.setattr(writing, "write_whole", refuse)
    ran = approve(A, B)
    assert ran.code == 2 and "[unwritable-file]" in ran.err and "écrit :" not in ran.err
    assert contents(library) == before


def test_a_file_changed_meanwhile_is_not_approved(approve, library, tmp_path, monkeypatch):
    from reqgen.cli import review

    def answer(*_args, **_options):
        edit(tmp_path / path_of(B), "livrer", "remettre")
        return "oui"

    monkeypatch.setattr(review.click, "prompt", answer)
    ran = approve(A, B)
    assert ran.code == 2 and "[file-changed]" in ran.err
    assert "statut: projet" in (tmp_path / path_of(A)).read_text("utf-8")
    assert "statut: projet" in (tmp_path / path_of(B)).read_text("utf-8")


def test_the_installed_library_is_left_alone(approve, library, tmp_path, monkeypatch):
    (tmp_path / "reqgen").mkdir()
    (tmp_path / "reqgen" / "requirements_library").symlink_to(library, target_is_directory=True)
    monkeypatch.setattr(reqgen, "__file__", str(tmp_path / "reqgen" / "__init__.py"))
    before = contents(library)
    ran = approve(A)
    assert ran.code == 2 and "[read-only-library]" in ran.err and "--library ou --pack" in ran.err
    assert contents(library) == before


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written(approve, library):
    folder = library / "clauses" / "base"
    folder.chmod(0o555)
    try:
        assert "[read-only-library]" in approve(A).err
    finally:
        folder.chmod(0o755)


# Packs


def test_a_clause_of_a_pack_has_its_own_review(quick_cli, approve, library, tmp_path):
    approve(A)
    text = (tmp_path / path_of(A)).read_text("utf-8")
    pack = {f"paquet/clauses/base/{A}.yaml": f"{text}surcharge: Délai adopté par le conseil.\n"}
    write_files(tmp_path, pack)
    both = ("--library", "bib", "--pack", "paquet", "--format", "json")
    found = json.loads(quick_cli("review", "list", *both).out)["clauses"][0]
    assert (found["id"], found["statut"], found["perimee"]) == (A, "projet", True)
    before = contents(library)
    ran = quick_cli("review", "approve", A, "--by", "Autre", *both[:4], input="oui\n")
    assert ran.code == 0 and f"écrit : paquet/clauses/base/{A}.yaml" in ran.err
    assert contents(library) == before
    found = json.loads(quick_cli("review", "list", *both).out)["clauses"][0]
    assert (found["statut"], found["par"]) == ("validé", "Autre")


# Documents


@pytest.fixture
def generate(quick_cli, library, tmp_path):
    write_project(tmp_path / "p.yaml", parametres={A: {"delai": 9}})

    def run(*options):
        ran = quick_cli("generate", "p.yaml", "--library", "bib", "-o", "c.docx", *options)
        return ran, (tmp_path / "c.docx").exists()

    return run


def test_a_document_may_require_a_status(generate, approve, tmp_path):
    approve(A)
    ran, written = generate("--require-status", "relu")
    assert (ran.code, written) == (1, False)
    assert ran.err.count("[status-required]") == 1 and f"{path_of(B)}:2:5: error: la clause {B}" in ran.err
    approve(B, "--status", "relu")
    ran, written = generate("--require-status", "validé", "--note", "n.docx")
    assert (ran.code, written) == (1, False) and not (tmp_path / "n.docx").exists()
    assert f"la clause {B} est à l'état « relu », et non « validé »" in ran.err and A not in ran.err
    ran, written = generate("--require-status", "relu")
    assert (ran.code, written) == (0, True) and "relue" not in ran.err


def test_a_review_that_fell_is_not_enough(generate, approve, tmp_path):
    approve(A, B)
    edit(tmp_path / path_of(A), "livrer", "remettre")
    ran, written = generate("--require-status", "relu")
    assert (ran.code, written) == (1, False) and f"la clause {A} est à l'état « projet »" in ran.err
    ran, written = generate()
    assert written and "attention : 1 clause sur 2 n'a pas été relue par un juriste" in ran.err
    assert "[stale-review]" in ran.err


def test_the_note_counts_what_holds(quick_cli, generate, approve, tmp_path):
    import docx

    approve(A, B)
    edit(tmp_path / path_of(A), "livrer", "remettre")
    assert quick_cli("generate", "p.yaml", "--library", "bib", "-o", "n.docx", "--document", "note-acheteur").code == 0
    text = "\n".join(item.text for item in docx.Document(str(tmp_path / "n.docx")).paragraphs)
    assert re.search(r"Sur\s2\sclauses\sretenues,\s1\s", text)


def test_a_draft_counts_what_is_undecided(quick_cli, approve, library, tmp_path):
    write_files(tmp_path, {path_of(B): as_yaml(clause(B, si={"archives": "oui"}))})
    approve(A)
    write_project(tmp_path / "p.yaml")
    asked = ("generate", "p.yaml", "--library", "bib", "-o", "c.docx", "--require-status", "validé")
    ran = quick_cli(*asked, "--draft")
    assert ran.code == 1 and f"la clause {B} est à l'état « projet »" in ran.err
    approve(B)
    assert quick_cli(*asked, "--draft").code == 0
