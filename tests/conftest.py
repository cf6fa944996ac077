"""What every test may ask for: the office suite, the shared oracles, and `reqgen` itself, as a program or in process."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from reqgen import cli
from reqgen.model.diagnostic import ReqgenError
from reqgen.render.paginate import find_soffice
from tests.helpers import ROOT

SHARED = ROOT.parent / "shared"

# A slow machine must not fail a property: examples are counted, never timed.
settings.register_profile("reqgen", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("reqgen")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept`: see CONTRIBUTING.md."""
    parser.addoption("--accept", action="store_true", help="rewrite the accepted files instead of comparing with them")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether what is made now is to be accepted."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The tests neither read nor fill the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQGEN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def soffice() -> str:
    """The LibreOffice program."""
    try:
        return find_soffice()
    except ReqgenError:
        pytest.skip("LibreOffice (soffice) is not installed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder shared by all works on reqgen, beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared folder at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def oracle(shared: Path) -> Callable[..., None]:
    """Checks office files against their schemas and accessibility rules, with a program that knows nothing of reqgen."""
    program = shared / "oracles" / "check_office.py"
    if not program.is_file():
        pytest.skip(f"no oracle at {program}")

    def check(*paths: Path) -> None:
        ran = subprocess.run(
            [sys.executable, str(program), *map(str, paths)], capture_output=True, encoding="utf-8", check=False
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr

    return check


@pytest.fixture
def run_cli(tmp_path: Path) -> Run:
    """`reqgen` as a program of its own: run_cli("list", "--format", "json", input="...", cwd=..., env={...})."""

    def run(*args: object, input: str = "", cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "reqgen", *map(str, args)],
            input=input.encode(),
            cwd=cwd or tmp_path,
            env={**os.environ, **(env or {})},
            capture_output=True,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def quick_cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Run]:
    """The same in this process, in `tmp_path`: quick, and open to monkeypatching."""
    monkeypatch.setenv("LANGUAGE", "fr")  # the command sets it: put back afterwards

    def run(*args: object, input: str = "", cwd: Path | None = None) -> Ran:
        streams = {
            "stdin": io.TextIOWrapper(io.BytesIO(input.encode()), "utf-8"),
            "stdout": io.TextIOWrapper(io.BytesIO(), "utf-8"),
            "stderr": io.TextIOWrapper(io.BytesIO(), "utf-8"),
        }
        with monkeypatch.context() as patch:
            patch.chdir(cwd or tmp_path)
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as ended:
                cli.main([str(arg) for arg in args])
        return Ran(int(ended.value.code or 0), _written(streams["stdout"]), _written(streams["stderr"]))

    return run


def _written(stream: io.TextIOWrapper) -> str:
    if not stream.closed:
        stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


def parts_of(path: Path) -> dict[str, bytes]:
    """Every part of an office file, inflated."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}
