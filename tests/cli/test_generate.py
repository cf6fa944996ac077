"""`generate`: what is asked for is written whole, what is not ours is left alone, nothing private gets out."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from docx import Document
from openpyxl import Workbook

from reqgen import files
from reqgen.render.digest import is_untouched
from tests.conftest import parts_of
from tests.helpers import as_yaml, clause, source, write_files, write_library, write_project

A, B = "TST-AAA-010", "TST-BBB-010"
REST = {"bloc": "exigences", "themes": ["reste"]}
NEEDS = "module;exigence;niveau\nSuivi;Le titulaire doit trier les listes.;exigé\n;Le titulaire doit chercher.;\n"


@pytest.fixture
def at(tmp_path):
    folder = write_library(tmp_path / "bib", [clause(A), clause(B, si={"hebergement": "interne"}, theme="service")])
    write_project(tmp_path / "p.yaml", faits={"hebergement": "interne"})
    write_project(tmp_path / "ouvert.yaml")
    return ["--library", folder]


def text_of(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells]).replace("\u00a0", " ")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_document(quick_cli, at, tmp_path):
    ran = quick_cli("generate", "p.yaml", "-o", "a.docx", *at)
    assert ran.code == 0 and ran.out == "" and "écrit : a.docx" in ran.err
    assert f"Clause {A}" in text_of(tmp_path / "a.docx")
    assert is_untouched((tmp_path / "a.docx").read_bytes())


def test_unanswered_facts_are_listed(quick_cli, at, tmp_path):
    ran = quick_cli("generate", "ouvert.yaml", "-o", "a.docx", *at)
    assert ran.code == 1 and not (tmp_path / "a.docx").exists()
    assert "Qui héberge la solution ? (faits.hebergement) [unanswered-fact]" in ran.err
    assert "externalisé | interne" in ran.err and B in ran.err


def test_a_draft_shows_what_is_open(quick_cli, at, tmp_path):
    assert quick_cli("generate", "ouvert.yaml", "-o", "a.docx", "--draft", *at).code == 0
    document = Document(str(tmp_path / "a.docx"))
    marked = [paragraph.text for paragraph in document.paragraphs if paragraph.style.style_id == "Avertissement"]
    assert any("Qui héberge la solution ?" in text.replace("\u00a0", " ") for text in marked)
    assert f"Clause {B}" in text_of(tmp_path / "a.docx")


def test_several_outputs_and_the_note(quick_cli, at, tmp_path):
    ran = quick_cli("generate", "p.yaml", "-o", "a.docx", "-o", "b.docx", "--note", "n.docx", *at)
    assert ran.code == 0 and ran.err.count("écrit : ") == 3
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    assert "à ne pas transmettre aux candidats" in text_of(tmp_path / "n.docx")
    assert f"Motif de {A}." in text_of(tmp_path / "n.docx") and f"Motif de {A}." not in text_of(tmp_path / "a.docx")


def test_each_document_by_its_name(quick_cli, at, tmp_path):
    for name in ("cctp", "ccp", "lettre-consultation", "annexe-rgpd", "note-acheteur"):
        assert quick_cli("generate", "p.yaml", "--document", name, "-o", f"{name}.docx", *at).code == 0
    ran = quick_cli("generate", "p.yaml", "--document", "anexe-rgpd", "-o", "x.docx", *at)
    assert ran.code == 2 and "vouliez-vous dire « annexe-rgpd » ?" in ran.err


@pytest.mark.parametrize("name", ["a.odt", "a.pdf", "a", "a.docx.txt", "a.doc"])
def test_wrong_ending(quick_cli, at, tmp_path, name):
    ran = quick_cli("generate", "p.yaml", "-o", "ok.docx", "-o", name, *at)
    assert ran.code == 2 and ".docx" in ran.err
    assert not (tmp_path / "ok.docx").exists() and not (tmp_path / name).exists()


def test_missing_folder(quick_cli, at, tmp_path):
    ran = quick_cli("generate", "p.yaml", "-o", "absent/a.docx", *at)
    assert ran.code == 2 and "absent/a.docx" in ran.err and not (tmp_path / "absent").exists()


@pytest.mark.parametrize("content", [b"", b"du texte", b"PK\x03\x04 pas un zip", zipfile.ZipFile])
def test_a_foreign_file_stays(quick_cli, at, tmp_path, content):
    if not isinstance(content, bytes):
        buffer = io.BytesIO()
        Document().save(buffer)
        content = buffer.getvalue()
    path = tmp_path / "a.docx"
    path.write_bytes(content)
    ran = quick_cli("generate", "p.yaml", "-o", "a.docx", "-o", "b.docx", *at)
    assert ran.code == 2 and "--force" in ran.err and "[foreign-file]" in ran.err
    assert path.read_bytes() == content and not (tmp_path / "b.docx").exists()
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", "--force", *at).code == 0
    assert is_untouched(path.read_bytes())


def test_an_edited_file_stays_and_our_own_is_replaced(quick_cli, at, tmp_path):
    path = tmp_path / "a.docx"
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 0
    first = path.read_bytes()
    write_project(tmp_path / "p.yaml", faits={"hebergement": "externalisé"})
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 0
    assert path.read_bytes() != first and f"Clause {B}" not in text_of(path)
    document = Document(str(path))
    document.paragraphs[0].add_run(" (corrigé à la main)")
    document.save(str(path))
    edited = path.read_bytes()
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 2
    assert path.read_bytes() == edited


def test_outputs_that_would_overwrite_one_another_or_the_project(quick_cli, at, tmp_path):
    for arguments in (["-o", "a.docx", "-o", "./a.docx"], ["-o", "a.docx", "--note", "a.docx"]):
        assert quick_cli("generate", "p.yaml", *arguments, *at).code == 2
    (tmp_path / "p.docx").write_bytes((tmp_path / "p.yaml").read_bytes())
    assert quick_cli("generate", "p.docx", "-o", "p.docx", "--force", *at).code == 2
    assert (tmp_path / "p.docx").read_bytes() == (tmp_path / "p.yaml").read_bytes()
    assert not (tmp_path / "a.docx").exists()


@pytest.mark.parametrize("where", ["fdopen", "mkstemp", "replace"])
def test_a_write_that_fails_leaves_what_was_there(quick_cli, at, tmp_path, monkeypatch, where):
    path = tmp_path / "a.docx"
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 0
    before = path.read_bytes()
    write_project(tmp_path / "p.yaml", faits={"hebergement": "externalisé"})

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        owner = {"fdopen": files.os, "mkstemp": files.tempfile, "replace": files.Path}[where]
        patch.setattr(owner, where, full)
        ran = quick_cli("generate", "p.yaml", "-o", "a.docx", *at)
    assert ran.code == 2 and "[unwritable-file]" in ran.err
    assert path.read_bytes() == before
    assert [name for name in names(tmp_path) if name.startswith(".reqgen")] == []


def test_lots(quick_cli, at, tmp_path):
    write_project(
        tmp_path / "p.yaml",
        lots=[
            {"numero": 1, "titre": "Premier", "faits": {"hebergement": "interne"}},
            {"numero": 2, "titre": "Second", "faits": {"hebergement": "externalisé"}},
        ],
    )
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", "--per-lot", "--note", "n.docx", *at).code == 0
    assert [name for name in names(tmp_path) if name.endswith(".docx")] == ["a-lot1.docx", "a-lot2.docx", "n.docx"]
    one, two = text_of(tmp_path / "a-lot1.docx"), text_of(tmp_path / "a-lot2.docx")
    assert f"Clause {B}" in one and f"Clause {B}" not in two
    assert "Lot 1 : Premier" in one and "Second" not in one
    assert quick_cli("generate", "p.yaml", "-o", "b.docx", "--lot", "2", *at).code == 0
    assert (tmp_path / "b.docx").read_bytes() == (tmp_path / "a-lot2.docx").read_bytes()
    assert quick_cli("generate", "p.yaml", "-o", "c.docx", *at).code == 0
    assert text_of(tmp_path / "c.docx").count(f"Clause {B}") == 1
    for arguments in (["--lot", "3"], ["--lot", "1", "--per-lot"]):
        ran = quick_cli("generate", "p.yaml", "-o", "d.docx", *arguments, *at)
        assert ran.code == 2 and not (tmp_path / "d.docx").exists()
    write_project(tmp_path / "q.yaml", faits={"hebergement": "interne"})
    assert quick_cli("generate", "q.yaml", "-o", "d.docx", "--per-lot", *at).code == 2
    assert quick_cli("generate", "q.yaml", "-o", "d.docx", "--lot", "1", *at).code == 2


# Files that a project names


def workbook(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


ROWS = [
    ["Module", "Exigence", "Niveau"],
    ["Suivi", "Le titulaire doit trier les listes.", "exigé"],
    [None, "Le titulaire doit chercher.", None],
]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("b.csv", NEEDS.encode()),
        ("b.csv", NEEDS.encode("utf-8-sig")),
        ("b.csv", NEEDS.encode("cp1252")),
        ("b.csv", NEEDS.replace(";", ",").encode()),
        ("b.csv", NEEDS.replace("\n", "\r\n").encode()),
        ("b.xlsx", workbook(ROWS)),
    ],
)
def test_needs_from_a_table(quick_cli, at, tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    write_project(tmp_path / "p.yaml", faits={"hebergement": "interne"}, besoins_fichier=name)
    ran = quick_cli("generate", "p.yaml", "-o", "a.docx", *at)
    assert ran.code == 0, ran.err
    text = text_of(tmp_path / "a.docx")
    for word in ("Suivi", "Le titulaire doit trier les listes.", "BF-01-01", "Le titulaire doit chercher.", "BF-01-02"):
        assert word in text


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return buffer.getvalue()


def with_entity() -> bytes:
    """A workbook that names a file of the machine in an entity of its words."""
    before, after = io.BytesIO(workbook(ROWS)), io.BytesIO()
    with zipfile.ZipFile(before) as package, zipfile.ZipFile(after, "w") as hostile:
        for name in package.namelist():
            data = package.read(name)
            if name.endswith("sharedStrings.xml"):
                data = data.replace(b"Le titulaire doit chercher.", b"&e;")
                data = b'<!DOCTYPE sst [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + data[data.index(b"<sst") :]
            hostile.writestr(name, data)
    return after.getvalue()


def test_an_entity_in_a_workbook_brings_no_file_in(quick_cli, at, tmp_path):
    (tmp_path / "b.xlsx").write_bytes(with_entity())
    write_project(tmp_path / "p.yaml", faits={"hebergement": "interne"}, besoins_fichier="b.xlsx")
    ran = quick_cli("generate", "p.yaml", "-o", "a.docx", *at)
    assert ran.code in (0, 1, 2) and "root:" not in ran.said
    if ran.code == 0:
        assert "root:" not in text_of(tmp_path / "a.docx")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("b.csv", b""),
        ("b.csv", b"module;rien\nSuivi;x\n"),
        ("b.csv", b"module;exigence\nSuivi;\x81\x8d\x00\n"),
        ("b.csv", b"module;exigence\n;sans module\n"),
        ("b.csv", b'module;exigence\n"Suivi;jamais ferme\n'),
        ("b.csv", b"module;exigence;niveau\nSuivi;Le titulaire doit.;vital\n"),
        ("b.csv", b"module;exigence\n" + b"Suivi;Le titulaire doit.\n" * 6000),
        ("b.csv", b"module;exigence\nSuivi;" + b"x" * 5000),
        ("b.csv", b"\x00" * 100),
        ("b.xlsx", b"pas un classeur"),
        ("b.xlsx", workbook(ROWS)[:500]),
        ("b.xlsx", workbook([["Rien"], ["x"]])),
        ("b.xlsx", bomb()),
        ("b.txt", b"module;exigence\nSuivi;x\n"),
        ("absent.csv", None),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_hostile_tables_end_in_findings(quick_cli, at, tmp_path, name, data):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    write_project(tmp_path / "p.yaml", faits={"hebergement": "interne"}, besoins_fichier=name)
    ran = quick_cli("generate", "p.yaml", "-o", "a.docx", *at)
    assert ran.code in (1, 2) and re.search(r"error: .* \[[a-z-]+\]", ran.err), ran.said
    assert name in ran.err and "root:" not in ran.err
    assert not (tmp_path / "a.docx").exists()


def test_formulas_and_markup_in_a_table_are_words(quick_cli, at, tmp_path):
    rows = [ROWS[0], ["=1+1", "Le titulaire doit **{{ objet }}** <b>x</b>.", None]]
    (tmp_path / "b.csv").write_text("\n".join(";".join(cell or "" for cell in row) for row in rows), "utf-8")
    write_project(tmp_path / "p.yaml", faits={"hebergement": "interne"}, besoins_fichier="b.csv")
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 0
    text = text_of(tmp_path / "a.docx")
    assert "=1+1" in text and "<b>x</b>" in text


@pytest.mark.parametrize("key", ["modele", "besoins_fichier", "paquets"])
@pytest.mark.parametrize("way", ["up", "absolute", "link", "far"])
def test_a_project_names_nothing_outside_its_folder(quick_cli, at, tmp_path, key, way):
    outside, home = tmp_path / "dehors", tmp_path / "marche"
    write_files(outside, {"b.csv": NEEDS, "clauses/base/TST-CCC-010.yaml": as_yaml(clause("TST-CCC-010"))})
    Document().save(str(outside / "m.docx"))
    home.mkdir()
    (home / "lien").symlink_to(outside)
    start = {"up": "../dehors", "absolute": str(outside), "link": "lien", "far": "a/../../dehors"}[way]
    value = {"modele": f"{start}/m.docx", "besoins_fichier": f"{start}/b.csv", "paquets": [start]}[key]
    write_project(home / "p.yaml", faits={"hebergement": "interne"}, **{key: value})
    ran = quick_cli("generate", "marche/p.yaml", "-o", "a.docx", *at)
    assert ran.code == 2 and "[path-escape]" in ran.err, ran.said
    assert not (tmp_path / "a.docx").exists()
    if way in ("up", "link"):  # --root widens the folder, and says so
        ran = quick_cli("generate", "marche/p.yaml", "-o", "a.docx", "--root", tmp_path, *at)
        assert ran.code == 0, ran.said
        assert quick_cli("explain", "marche/p.yaml", "--root", tmp_path, *at).code == 0


def test_a_template_of_the_buyer(quick_cli, at, tmp_path):
    word = Document()
    word.sections[0].header.paragraphs[0].text = "Ma collectivité"
    word.save(str(tmp_path / "m.docx"))
    write_project(tmp_path / "p.yaml", faits={"hebergement": "interne"}, modele="m.docx")
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", *at).code == 0
    assert any(b"Ma collectivit" in data for name, data in parts_of(tmp_path / "a.docx").items() if "header" in name)
    write_project(tmp_path / "q.yaml", faits={"hebergement": "interne"})
    assert quick_cli("generate", "q.yaml", "-o", "b.docx", "--template", "m.docx", *at).code == 0
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    for path, data in (("rien.docx", None), ("faux.docx", b"x")):
        if data:
            (tmp_path / path).write_bytes(data)
        assert quick_cli("generate", "q.yaml", "-o", "c.docx", "--template", path, *at).code == 2


def test_plans_and_words_of_the_buyer(quick_cli, at, tmp_path):
    plans = write_files(
        tmp_path / "plans",
        {
            "mien.yaml": as_yaml({
                "document": "mien", "titre": "Mon document", "court": "Mien", "destinataires": "candidats", "pieces": ["cctp"],
                "parties": [{"titre": "Tout", "contenu": [{"texte": "Bonjour {{ acheteur }}."}, REST]}],
            }),
            "libelles.yaml": as_yaml({"libelles": {"exigence.exigé": "Impératif"}}),
        },
    )  # fmt: skip
    assert quick_cli("generate", "p.yaml", "-o", "a.docx", "--document", "mien", "--templates", plans, *at).code == 0
    text = text_of(tmp_path / "a.docx")
    assert "Bonjour Ville de Demo." in text and "Impératif" in text
    assert quick_cli("generate", "p.yaml", "-o", "b.docx", "--templates", plans, *at).code == 0


# The same again, and nothing more


def test_same_inputs_same_bytes(run_cli, at, tmp_path):
    write_project(
        tmp_path / "p.yaml",
        domaines=["finances", "famille"],
        lots=[
            {"numero": 1, "titre": "Un", "faits": {"hebergement": "interne"}},
            {"numero": 2, "titre": "Deux", "faits": {"hebergement": "externalisé"}},
        ],
    )
    worlds = [
        {
            "PYTHONHASHSEED": "1",
            "TZ": "Pacific/Kiritimati",
            "LANG": "C",
            "LC_ALL": "C",
            "USER": "alice",
            "HOME": str(tmp_path),
        },
        {
            "PYTHONHASHSEED": "4242",
            "TZ": "America/Adak",
            "LANG": "tr_TR.UTF-8",
            "LC_ALL": "C.UTF-8",
            "USER": "bob",
            "SOURCE_DATE_EPOCH": "1",
        },
    ]
    made = []
    for number, world in enumerate(worlds):
        folder = tmp_path / f"monde{number}"
        folder.mkdir()
        ran = run_cli("generate", tmp_path / "p.yaml", "-o", "a.docx", "--note", "n.docx", *at, env=world, cwd=folder)
        assert ran.code == 0, ran.said
        made.append((folder / "a.docx").read_bytes())
    assert made[0] == made[1]


def test_what_is_private_does_not_get_out(run_cli, tmp_path):
    library = write_library(
        tmp_path / "chemin-local" / "bib",
        [
            clause(A, motif="Parce que MOTIFPRIVE.", sources=[{"id": "s"}]),
            clause(B, texte="Le titulaire doit TEXTECCAP.", piece="ccap"),
            clause("TST-CCC-010", diffusion="interne", texte="Le titulaire doit TEXTEINTERNE."),
            clause(
                "TST-DDD-010", diffusion="restreint", texte="Le titulaire doit TEXTERESTREINT.", piece="annexe-rgpd"
            ),
            clause("TST-EEE-010", piece="annexe-rgpd"),
            clause("TST-FFF-010"),
        ],
        sources=[source("s", note="RESERVEPRIVEE", statut="à vérifier")],
    )
    write_files(tmp_path / "chemin-local", {"b.csv": NEEDS})
    project = write_project(
        tmp_path / "chemin-local" / "p.yaml",
        marche={"duree_mois": 24, "valeur_estimee_ht": 918273},
        exclusions=[{"clause": "TST-FFF-010", "motif": "EXCLUSIONPRIVEE"}],
        besoins_fichier="b.csv",
    )
    who = {"USER": "agentsecret", "LOGNAME": "agentsecret", "USERNAME": "agentsecret", "HOME": "/home/agentsecret"}
    for name in ("cctp", "annexe-rgpd"):
        ran = run_cli("generate", project, "-o", f"{name}.docx", "--document", name, "--library", library, env=who)
        assert ran.code == 0, ran.said
        parts = parts_of(tmp_path / f"{name}.docx")
        whole = b"\n".join([*(part.encode() for part in parts), *parts.values()]).lower()
        raw = (tmp_path / f"{name}.docx").read_bytes().lower()
        secrets = (
            "motifprive", "texteccap", "texteinterne", "texterestreint", "reserveprivee", "exclusionprivee", "918273", "918 273",
            "918\u202f273", "918\u00a0273", "agentsecret", "chemin-local", str(tmp_path), "p.yaml", "b.csv", "reqgen/", "python-docx",
        )  # fmt: skip
        for word in secrets:
            assert word.lower().encode() not in whole, (name, word)
            assert word.lower().encode() not in raw, (name, word)
    assert (
        run_cli("generate", project, "-o", "note.docx", "--document", "note-acheteur", "--library", library).code == 0
    )
    note = b"\n".join(parts_of(tmp_path / "note.docx").values()).decode()
    for word in ("MOTIFPRIVE", "TEXTECCAP", "RESERVEPRIVEE", "EXCLUSIONPRIVEE"):
        assert word in note, "the buyer's note says it"
