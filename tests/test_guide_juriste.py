"""The lawyer's guide does what it says: its commands are run in order in a real git repository, its edits made."""

import io
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import docx
import pytest
import yaml

from reqgen import cli
from tests.helpers import ROOT

GUIDE = ROOT / "docs" / "guide-juriste.md"
CLAUSE = "requirements_library/clauses/donnees-personnelles/RGP-VIO-010.yaml"
STEP = re.compile(r"^```(console|diff|retour [^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Lawyer:
    """Who follows the guide in a repository. A terminal answers « oui » to what asks for a confirmation."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch):
        self.folder, self.patch = folder, patch
        self.said: dict[str, str] = {}

    def do(self, kind: str, text: str) -> None:
        word, _, file = kind.partition(" ")
        {"console": self.run, "diff": self.edit, "retour": lambda text: self.correct(file, text)}[word](text)

    def run(self, text: str) -> None:
        for line in text.splitlines():
            assert line.startswith("$ "), line
            program, *arguments = shlex.split(line)[1:]
            code, said = {"git": self.git, "reqgen": self.reqgen}[program](arguments)
            assert code == 0, f"{line}\n{said}"
            self.said[line] = said

    def git(self, arguments: list[str]) -> tuple[int, str]:
        ran = subprocess.run(["git", *arguments], cwd=self.folder, capture_output=True, text=True)
        return ran.returncode, ran.stdout + ran.stderr

    def reqgen(self, arguments: list[str]) -> tuple[int, str]:
        screen = io.StringIO()
        with self.patch.context() as patch:
            patch.chdir(self.folder)
            for name, stream in (("stdin", io.StringIO("oui\n")), ("stdout", screen), ("stderr", screen)):
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as ended:
                cli.main(arguments)
        return int(ended.value.code or 0), screen.getvalue()

    def edit(self, text: str) -> None:
        """The lines with a minus are replaced by those with a plus; the others are there as they are."""
        path = self.folder / CLAUSE
        old, new = (
            "".join(f"{line[1:]}\n" for line in text.splitlines() if line[0] in (" ", sign)) for sign in ("-", "+")
        )
        assert path.read_text("utf-8").count(old) == 1, f"the guide edits lines that are not there:\n{old}"
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    def correct(self, file: str, text: str) -> None:
        """A colleague's correction in Word, in the paragraph that holds the old words."""
        document = docx.Document(str(self.folder / file))
        old, new = text.strip().split(" => ")
        (paragraph,) = (one for one in document.paragraphs if old in plain(one.text))
        (run, *others) = paragraph.runs
        run.text = plain(paragraph.text).replace(old, new)
        for other in others:
            other.text = ""
        document.save(str(self.folder / file))


def plain(text: str) -> str:
    return re.sub("[\u00a0\u202f]", " ", text).replace("’", "'")


@pytest.fixture
def lawyer(tmp_path, monkeypatch) -> Lawyer:
    monkeypatch.setenv("LANGUAGE", "fr")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    shutil.copytree(ROOT / "requirements_library", tmp_path / "requirements_library")
    (tmp_path / "marches").mkdir()
    shutil.copy(ROOT / "examples" / "commune-finances.yaml", tmp_path / "marches" / "essai.yaml")
    lawyer = Lawyer(tmp_path, monkeypatch)
    start = ("-c", "user.name=Équipe", "-c", "user.email=equipe@example.org", "commit", "-q", "-m", "Départ")
    for arguments in (("init", "-q", "-b", "main"), ("add", "."), start):
        code, said = lawyer.git(list(arguments))
        assert code == 0, said
    return lawyer


def test_the_guide_can_be_followed(lawyer):
    for match in STEP.finditer(GUIDE.read_text("utf-8")):
        lawyer.do(match[1], match[2])
    clause = yaml.safe_load((lawyer.folder / CLAUSE).read_text("utf-8"))
    assert clause["parametres"]["delai_alerte"]["defaut"] == 12
    assert "l'heure de la prochaine information." in clause["texte"] and "{{ delai_alerte }}" in clause["texte"]
    assert "sa date, sa durée et les systèmes touchés ;" in clause["texte"]
    assert clause["relecture"]["statut"] == "validé" and clause["relecture"]["par"] == "Claire Martin"
    differences = next(said for line, said in lawyer.said.items() if line.startswith("$ reqgen diff main --projects"))
    assert "RGP-VIO-010" in differences and "marches/essai.yaml" in differences
    assert "12" in differences and "24" in differences
    page = lawyer.folder / "public" / "index.html"
    assert page.is_file() and any("sa durée" in path.read_text("utf-8") for path in page.parent.rglob("*RGP-VIO-010*"))
    assert not re.search(r"`(?:reqgen|git) [^`\n]+`", GUIDE.read_text("utf-8")), "a command that is not run"
    log = lawyer.git(["log", "--format=%an %s", "main"])[1]
    assert "Claire Martin Approuver RGP-VIO-010" in log


def test_what_changes_after_the_approval_is_no_longer_approved(lawyer):
    """The guide says so; the clause is read back through the command."""
    by = ["--by", "Claire Martin", "--library", "requirements_library"]
    assert lawyer.reqgen(["review", "approve", "RGP-VIO-010", *by])[0] == 0
    listing = ["review", "list", "--status", "validé", "--library", "requirements_library"]
    assert "RGP-VIO-010" in lawyer.reqgen(listing)[1]
    path = lawyer.folder / CLAUSE
    path.write_text(path.read_text("utf-8").replace("    defaut: 24", "    defaut: 12"), "utf-8")
    assert "RGP-VIO-010" not in lawyer.reqgen(listing)[1].split("\n")[0]
