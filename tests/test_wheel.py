"""The wheel is whole: installed elsewhere, without the checkout, it validates, lists and generates."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.helpers import ROOT

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", "tests", "node_modules"
)


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "REQGEN_CACHE")}
    ran = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**environment, "REQGEN_CACHE": "0", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran


def test_the_wheel_works_on_its_own(tmp_path: Path):
    pytest.importorskip("setuptools")
    pytest.importorskip("wheel")
    tree, wheels, elsewhere = tmp_path / "arbre", tmp_path / "roues", tmp_path / "ailleurs"
    elsewhere.mkdir()
    shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        wheels,
        tree,
        cwd=elsewhere,
    )
    (wheel,) = wheels.glob("reqgen-*.whl")
    with zipfile.ZipFile(wheel) as package:
        names = set(package.namelist())
    shipped = {name.removeprefix("reqgen/") for name in names}
    for folder in ("requirements_library", "templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".yaml", ".docx"):
                assert path.relative_to(ROOT).as_posix() in shipped
    assert any(name.endswith(".mo") for name in names) and "reqgen/py.typed" in names
    assert not [
        name for name in names if name.startswith(("tests", "docs", "examples", "tools")) or "__pycache__" in name
    ]

    venv.create(tmp_path / "env", with_pip=False)
    bin_ = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = bin_ / Path(sys.executable).name
    site = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=elsewhere).stdout.strip()
    )
    # the libraries come from this environment; reqgen does not: an editable install works by a .pth, not read from here
    (site / "zz_libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "-q", wheel, cwd=elsewhere)
    where = run(python, "-c", "import reqgen; print(reqgen.__file__)", cwd=elsewhere).stdout
    assert str(site) in where

    reqgen = bin_ / ("reqgen.exe" if os.name == "nt" else "reqgen")
    run(reqgen, "validate", cwd=elsewhere)
    listed = run(reqgen, "list", cwd=elsewhere).stdout.splitlines()
    assert len(listed) == len(list((ROOT / "requirements_library" / "clauses").rglob("*.yaml")))
    example = ROOT / "examples" / "commune-finances.yaml"
    shutil.copy(example, elsewhere / "projet.yaml")
    run(reqgen, "generate", "projet.yaml", "-o", "CCTP.docx", "--note", "note.docx", cwd=elsewhere)
    assert (elsewhere / "CCTP.docx").stat().st_size > 10_000
    assert (elsewhere / "note.docx").exists()
    assert "clause" in run(reqgen, "schema", cwd=elsewhere).stdout
