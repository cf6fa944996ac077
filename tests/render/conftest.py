import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from reqgen.files import bundled

ORACLE = Path(__file__).parents[2].parent / "shared" / "oracles" / "check_office.py"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NS = {"w": W, "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships"}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "office: needs LibreOffice")


@pytest.fixture(scope="session")
def reference() -> bytes:
    return (bundled("templates") / "word" / "reference.docx").read_bytes()


@pytest.fixture(scope="session")
def sound() -> Callable[[Path], None]:
    """Checks files against their schemas and accessibility rules."""
    if not ORACLE.is_file():
        pytest.skip(f"no oracle at {ORACLE}")

    def check(*paths: Path) -> None:
        command = [sys.executable, str(ORACLE), *map(str, paths)]
        ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    return check


def part(data: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return etree.fromstring(package.read(name))


def names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.namelist()


def vals(node: etree._Element, path: str) -> list[str]:
    """The w:val of the nodes at the path."""
    return [str(value) for value in node.xpath(f"{path}/@w:val", namespaces=NS)]


def text(node: etree._Element) -> str:
    return "".join(node.itertext(f"{{{W}}}t"))


def paragraphs(data: bytes, style: str) -> list[etree._Element]:
    return part(data, "word/document.xml").xpath(f".//w:p[w:pPr/w:pStyle/@w:val='{style}']", namespaces=NS)
