import io
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pypdf import PdfReader

from reqgen.model.diagnostic import ReqgenError
from reqgen.render import paginate as module
from reqgen.render.docx import write
from reqgen.render.paginate import find_soffice, paginate
from reqgen.render.word_body import headings_of

from .charter import charter
from .conftest import NS, part, text
from .sample import sample


@pytest.fixture(scope="module")
def soffice() -> str:
    try:
        return find_soffice()
    except ReqgenError:
        pytest.skip("LibreOffice (soffice) is not installed")


def rule(raised: pytest.ExceptionInfo[ReqgenError]) -> str:
    return raised.value.diagnostics[0].rule


@pytest.mark.office
@pytest.mark.parametrize("make", ["reference", "charter"])
def test_contents_have_the_pages_of_the_pdf(make, reference, soffice, tmp_path: Path):
    document, template = sample(), reference if make == "reference" else charter(numbered=True)
    data = paginate(lambda pages: write(document, template, pages=pages), soffice, headings_of(document))
    path = tmp_path / "d.docx"
    path.write_bytes(data)
    profile = f"-env:UserInstallation={(tmp_path / 'p').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    sheets = [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(path.with_suffix(".pdf")).pages]
    entries = [text(entry) for entry in entries_of(data)]
    listed = [heading for heading in headings_of(document) if heading.in_contents]
    assert len(entries) == len(listed) == 13
    for heading, entry in zip(listed, entries, strict=True):
        title, page = re.fullmatch(r"(.*\D)(\d+)", entry).groups()
        assert heading.text in title
        shown = [at for at, sheet in enumerate(sheets, 1) if re.sub(r"\s", "", heading.text) in sheet]
        assert shown[0] == 2  # the contents
        assert int(page) in shown[1:]
        assert re.sub(r"[\s.]", "", entry) in sheets[1].replace(".", "")


def entries_of(data: bytes) -> list:
    path = ".//w:p[starts-with(w:pPr/w:pStyle/@w:val, 'TOC') and w:hyperlink]"
    return part(data, "word/document.xml").xpath(path, namespaces=NS)


@pytest.mark.office
def test_every_entry_has_its_page(reference, soffice):
    document = sample()
    seen: list[Mapping[str, int] | None] = []

    def writer(pages: Mapping[str, int] | None) -> bytes:
        seen.append(pages)
        return write(document, reference, pages=pages)

    data = paginate(writer, soffice, headings_of(document))
    assert data == write(document, reference, pages=seen[-1])
    assert set(seen[-1]) == {heading.anchor for heading in headings_of(document)}
    order = [seen[-1][heading.anchor] for heading in headings_of(document)]
    assert order == sorted(order)
    assert order[0] == 3


def test_missing_program():
    with pytest.raises(ReqgenError) as raised:
        paginate(lambda pages: b"", "/nulle/part/soffice", [])
    assert rule(raised) == "missing-program"


def test_find_soffice_says_when_there_is_none(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(module, "_USUAL_PLACES", ())
    with pytest.raises(ReqgenError) as raised:
        find_soffice()
    assert rule(raised) == "missing-program"


def program(tmp_path: Path, code: str) -> str:
    """A stand-in for LibreOffice."""
    if sys.platform == "win32":
        pytest.skip("the stand-in is a script with a shebang")
    path = tmp_path / "soffice"
    path.write_text(f"#!{sys.executable}\nimport sys, time, pathlib\n{code}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit(3)",
        "pass",
        "time.sleep(60)",
        "pathlib.Path(sys.argv[-1]).with_suffix('.pdf').write_bytes(b'%PDF-1.4 cut')",
    ],
)
def test_failed_layout(tmp_path: Path, code):
    with pytest.raises(ReqgenError) as raised:
        paginate(lambda pages: b"docx", program(tmp_path, code), [], timeout=1)
    assert rule(raised) == "pagination-failed"


def test_pages_that_never_settle(monkeypatch):
    rounds = iter(range(100))
    monkeypatch.setattr(module, "_measure", lambda *_: {"a": next(rounds)})
    with pytest.raises(ReqgenError) as raised:
        paginate(lambda pages: b"", "soffice", [])
    assert rule(raised) == "pagination-failed"


def test_outline_must_match_the_headings(monkeypatch):
    headings = headings_of(sample(1))
    monkeypatch.setattr(
        module, "_convert", lambda soffice, source, timeout: source.with_suffix(".pdf").write_bytes(b"")
    )
    monkeypatch.setattr(module, "_outline", lambda path: [("autre", 1)] * len(headings))
    with pytest.raises(ReqgenError) as raised:
        paginate(lambda pages: io.BytesIO().getvalue(), "soffice", headings)
    assert rule(raised) == "pagination-failed"
