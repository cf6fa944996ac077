"""A real git repository, made by real git commands."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers import library_files, write_files


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a library in `requirements_library/`."""

    folder: Path

    def git(self, *arguments: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        ran = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env={**clean, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        return ran.stdout.strip()

    def write(self, *clauses: Mapping[str, object], **parts: object) -> None:
        """The library on the disk, in place of what was there."""
        shutil.rmtree(self.folder / "requirements_library", ignore_errors=True)
        write_files(self.folder / "requirements_library", library_files(clauses, **parts))

    def commit(self, *clauses: Mapping[str, object], **parts: object) -> str:
        """The library as the next commit, whose name is returned."""
        self.write(*clauses, **parts)
        return self.save()

    def save(self) -> str:
        """What is on the disk as the next commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "suite")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    made = Repository(tmp_path / "depot")
    made.folder.mkdir()
    made.git("init", "-q", "-b", "main")
    made.git("config", "user.name", "Essai")
    made.git("config", "user.email", "essai@example.org")
    made.git("config", "commit.gpgsign", "false")
    return made
