"""Word files that nobody should open: a French sentence, exit 2, within bounds of memory and work."""

import io
import resource
import struct
import subprocess
import sys
import zipfile

import pytest

from reqgen.load import word
from tests.helpers import clause, write_library, write_project

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
MARK = '<w:bookmarkStart w:id="1" w:name="_rq_TST_AAA_010_p0_aaaaaaabbbbbb"/><w:r><w:t>a</w:t></w:r><w:bookmarkEnd w:id="1"/>'
MEMORY = 1_500_000_000


def relations(target="word/document.xml", kind="officeDocument", base=R):
    return f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{base}/{kind}" Target="{target}"/></Relationships>'


def document(body, *, before="", root="document"):
    return f'<?xml version="1.0"?>{before}<w:{root} xmlns:w="{W}"><w:body>{body}</w:body></w:{root}>'


def package(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def word_file(body, **options):
    return package({"_rels/.rels": relations(), "word/document.xml": document(body, **options)})


@pytest.fixture
def refused(quick_cli, tmp_path):
    """What is said of a file that cannot be read."""
    library = write_library(tmp_path / "bib", [clause()])

    def run(data):
        (tmp_path / "a.docx").write_bytes(data)
        ran = quick_cli("import", "a.docx", "--library", library)
        assert ran.code == 2 and ran.out == "", ran.said
        assert "a.docx:1:1: error: " in ran.err and "Traceback" not in ran.err
        return ran.err

    return run


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "n'est pas une archive"),
        (b"bonjour", "n'est pas une archive"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "mot de passe"),
        (b"PK\x03\x04" + b"\xff" * 300, "n'est pas une archive"),
        (package({"a.txt": "a"}), "pas un document Word"),
        (package({"_rels/.rels": relations()}), "pas un document Word"),
        (package({"_rels/.rels": relations("../../etc/passwd")}), "pas un document Word"),
        (package({"_rels/.rels": "<a"}), "du XML correct"),
        (word_file(MARK)[:-40], "n'est pas une archive"),
        (word_file("<w:p>"), "du XML correct"),
        (word_file("<w:p>&nope;</w:p>"), "du XML correct"),
        (word_file(MARK, root="autre"), "pas un document Word"),
        (word_file("", before='<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "DOCTYPE"),
        (word_file("&a;", before='<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "DOCTYPE"),
        (word_file("<w:p><w:r><w:t>Un document</w:t></w:r></w:p>"), "aucun repère de reqgen"),
        (package({"xl/workbook.xml": "<a/>", "_rels/.rels": relations("xl/workbook.xml")}), "pas un document Word"),
    ],
)
def test_what_is_no_document_of_ours(refused, data, words):
    assert words in refused(data)


def test_strict_format(refused):
    body = f'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>{""}</w:body></w:document>'
    parts = {
        "_rels/.rels": relations(base="http://purl.oclc.org/ooxml/officeDocument/relationships"),
        "word/document.xml": body,
    }
    assert "strict" in refused(package(parts))


def test_entities_that_multiply(refused):
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE w [<!ENTITY e0 "aaaaaaaaaa">{lines}]>'
    assert refused(word_file("<w:p><w:r><w:t>&e11;</w:t></w:r></w:p>", before=bomb))


def test_a_part_that_inflates_without_end(refused):
    assert "démesur" in refused(word_file("<w:p/>" + " " * 20_000_000))


def test_sizes_that_lie(refused):
    data = bytearray(word_file(" " * 3_000_000))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert refused(bytes(data))


def test_too_many_members(refused):
    assert refused(package({f"a{n}": "" for n in range(3_000)}))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<w:p/>" * 1_000_000, "démesuré"),
        ("".join(f"<w:p w:rsidR='{n * 2654435761 % 2**32:08x}'/>" for n in range(700_000)), "démesurée"),
        ("<w:p/>" * (word.MAX_PARAGRAPHS + 1), "paragraphes"),
        ("<w:tbl><w:tr><w:tc>" * 10_000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 10_000, "imbriqu"),
        ("<w:tbl><w:tr><w:tc>" * 75 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 75, "imbriqués sur plus de"),
        ("<w:p>" + "<w:ins>" * 1_000 + "<w:r/>" + "</w:ins>" * 1_000 + "</w:p>", "imbriqu"),
    ],
    ids=["paragraphs", "paragraphs that shrink less", "paragraphs in bounds", "tables", "tables in bounds", "changes"],
)
def test_beyond_all_measure(refused, body, words):
    assert words in refused(word_file(body))


def test_changes_within_changes_are_accepted(quick_cli, tmp_path):
    library = write_library(tmp_path / "bib", [clause()])
    inner = '<w:del w:id="3" w:author="B"><w:r><w:delText>rien</w:delText></w:r></w:del><w:r><w:t>tout</w:t></w:r>'
    body = f'<w:p>{MARK}<w:ins w:id="2" w:author="A">{"<w:ins>" * 20}{inner}{"</w:ins>" * 20}</w:ins></w:p>'
    (tmp_path / "a.docx").write_bytes(word_file(body))
    ran = quick_cli("import", "a.docx", "--library", library)
    assert ran.code == 1 and "« atout »" in ran.out and "rien" not in ran.out


@pytest.mark.parametrize(
    "body",
    [
        '<w:p><w:bookmarkStart w:id="1" w:name="_rq_TST_UNE_010_p0_aaaaaaabbbbbb"/></w:p>' * 1_000,
        "".join(
            f'<w:p><w:bookmarkStart w:id="{n}" w:name="_rq_{n}_aaaaaa"/><w:r><w:t>a</w:t></w:r></w:p>'
            for n in range(9_000)
        ),
        f'<w:p>{MARK}</w:p><w:bookmarkEnd w:id="7"/><w:p><w:bookmarkEnd w:id="1"/></w:p>',
        f'<w:p>{MARK}<w:commentReference w:id="4"/><w:hyperlink/></w:p>',
        f"<w:p>{MARK}<w:r><w:t>&#8238;&#8203;{'é' * 50_000}</w:t></w:r></w:p>",
        '<w:p><w:bookmarkStart w:id="1" w:name="_rq_TST_UNE_010_p9999_aaaaaaabbbbbb"/><w:r><w:t>a</w:t></w:r></w:p>',
        '<w:p><w:bookmarkStart w:id="1" w:name="_rq_n99999"/><w:bookmarkStart w:id="2" w:name="_rq_1_aaaaaa"/><w:r><w:t>a</w:t></w:r>'
        "</w:p>",
    ],
)
def test_marks_that_nobody_wrote(quick_cli, tmp_path, body):
    library = write_library(tmp_path / "bib", [clause()])
    before = {path: path.read_bytes() for path in library.rglob("*.yaml")}
    (tmp_path / "a.docx").write_bytes(word_file(body))
    ran = quick_cli("import", "a.docx", "--library", library)
    assert ran.code in (0, 1, 2) and "Traceback" not in ran.said and "Rapport" not in ran.said
    assert "\u202e" not in ran.said
    assert {path: path.read_bytes() for path in library.rglob("*.yaml")} == before


def test_words_of_a_long_text_do_not_take_for_ever(quick_cli, tmp_path):
    """A paragraph of 60 000 words is not compared with its clause: it is shown whole."""
    library = write_library(tmp_path / "bib", [clause(texte="Le titulaire doit " + "livrer et " * 50 + "finir.")])
    write_project(tmp_path / "p.yaml")
    assert quick_cli("generate", "p.yaml", "-o", "b.docx", "--library", library).code == 0
    with zipfile.ZipFile(tmp_path / "b.docx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"finir.", b"livrer et " * 30_000 + b"finir.")
    (tmp_path / "a.docx").write_bytes(package(parts))
    ran = quick_cli("import", "a.docx", "--library", library, "--dry-run", "--format", "json")
    assert ran.code == 1 and "trop long pour être comparé" in ran.out


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are those of Linux")
def test_memory_is_bounded(tmp_path):
    library = write_library(tmp_path / "bib", [clause()])
    for number, body in enumerate(
        ("<w:p/>" * 1_000_000, "<w:p/>" * 19_000, "<w:p><w:r><w:t>a</w:t></w:r></w:p>" * 15_000)
    ):
        path = tmp_path / f"{number}.docx"
        path.write_bytes(word_file(body))
        command = [sys.executable, "-m", "reqgen", "import", str(path), "--library", str(library)]
        ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, preexec_fn=_limit)
        assert ran.returncode == 2 and "Rapport" not in ran.stderr, ran.stderr


def _limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
