"""The buyer's guide does what it says: its commands are run in order, with the answers and files that it gives."""

import io
import re
import shlex
import shutil
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import docx
import pytest
from openpyxl import Workbook

import reqgen.pipeline
from reqgen import cli
from reqgen.pipeline import reading
from tests.helpers import ROOT

GUIDE = ROOT / "docs" / "guide-acheteur.md"
STEP = re.compile(r"^```(console|saisie|yaml)\n(.*?)^```$|^(\| module \|.*?)\n\n", re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """(kind, text) of what the reader does, in order. A session's answers stand after the command that asks for them."""
    found = [(match[1] or "tableau", match[2] or match[3]) for match in STEP.finditer(GUIDE.read_text("utf-8"))]
    for index, (kind, _) in enumerate(found):
        if kind == "saisie":
            found[index - 1], found[index] = found[index], found[index - 1]
    return found


class Officer(io.TextIOBase):
    """A keyboard: the answer of the guide to the question on the screen, Enter to any other."""

    def __init__(self, screen: io.StringIO, answers: dict[str, str]):
        self.screen, self.answers, self.asked, self.seen = screen, answers, set[str](), 0

    def readline(self, size: int | None = -1, /) -> str:
        new = self.screen.getvalue()[self.seen :]
        self.seen += len(new)
        question = next((line for line in new.splitlines() if line in self.answers), "")
        if question in self.asked or "Cette réponse est nécessaire" in new:
            return ""  # the guide's answer was refused: stop there
        self.asked.add(question or new)
        return f"{self.answers.get(question, '')}\n"


class Reader:
    """Who follows the guide in a folder."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch):
        self.folder, self.patch, self.answers = folder, patch, dict[str, str]()
        self.said: dict[str, str] = {}
        self.first = ""

    def do(self, kind: str, text: str) -> None:
        {"console": self.run, "saisie": self.learn, "yaml": self.append, "tableau": self.fill}[kind](text)

    def learn(self, text: str) -> None:
        self.answers = dict(line.rsplit(" : ", 1) for line in text.splitlines())

    def append(self, text: str) -> None:
        with (self.folder / "projet.yaml").open("a", encoding="utf-8") as file:
            file.write(text)

    def fill(self, text: str) -> None:
        book = Workbook()
        for number, line in enumerate(text.splitlines()):
            if number != 1:
                book.active.append([cell.strip() for cell in line.strip("|").split("|")])
        book.save(self.folder / "besoins.xlsx")

    def run(self, text: str) -> None:
        for line in text.splitlines():
            assert line.startswith("$ reqgen "), line
            code, out, err = self.reqgen(shlex.split(line)[2:])
            assert code == 0, f"{line}\n{out}{err}"
            self.said[line] = out + err
            if not self.first and (self.folder / "CCTP.docx").exists():
                self.first = words_of(self.folder / "CCTP.docx")

    def reqgen(self, arguments: list[str]) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        keyboard = Officer(err, self.answers)
        with self.patch.context() as patch:
            patch.chdir(self.folder)
            for name, stream in (("stdin", keyboard), ("stdout", out), ("stderr", err)):
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as ended:
                cli.main(arguments)
        if arguments[0] == "init":
            never = set(self.answers) - keyboard.asked
            assert not never, f"the guide answers what is not asked: {never}"
        return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def words_of(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    return re.sub(r"[\u00a0\u202f]", " ", text).replace("’", "'")


def test_the_guide_can_be_followed(tmp_path, monkeypatch):
    """If `generate` says that an answer is missing, a question is new: the guide's session must answer it."""
    monkeypatch.setenv("LANGUAGE", "fr")
    for module in iter_modules(reqgen.pipeline.__path__):  # one first imported below would keep what is put there
        import_module(f"reqgen.pipeline.{module.name}")
    once = cache(reading.read_library)  # the library does not change between two commands: read it once
    monkeypatch.setattr(reading, "read_library", lambda sources, packs=(): once(sources, tuple(packs)))
    shutil.copy(ROOT / "examples" / "charte-epci.docx", tmp_path / "charte.docx")
    reader = Reader(tmp_path, monkeypatch)
    for kind, text in steps():
        reader.do(kind, text)
    written = sorted(path.name for path in tmp_path.glob("*.docx"))
    ours = ["CCTP-lot1.docx", "CCTP-lot2.docx", "CCTP.docx", "annexe-rgpd.docx", "lettre.docx", "note.docx"]
    assert written == sorted([*ours, "charte.docx"])
    whole, note = words_of(tmp_path / "CCTP.docx"), words_of(tmp_path / "note.docx")
    own = (
        "Commune de Valbourg",
        "deux écoles, un accueil de loisirs",
        "Familles actives",
        "activités d'une famille",
        "98 %",
    )
    assert [words for words in own if words not in whole] == []
    excluded = re.search(r"- clause: (\S+)", GUIDE.read_text("utf-8"))[1]
    assert excluded in reader.first and excluded not in whole and "par un autre marché" in note
    assert "écartée par l'acheteur" in reader.said[f"$ reqgen explain projet.yaml {excluded}"]


def test_what_the_guide_says_of_the_note_is_in_the_outline():
    """The chapters of the note that it tells to read are those of the note's plan."""
    plan = (ROOT / "templates" / "note-acheteur.yaml").read_text("utf-8")
    section = GUIDE.read_text("utf-8").split("## 4. ")[1].split("## 5. ")[0]
    titles = re.findall(r"\*\*(.+?)\*\*", section)
    assert len(titles) > 5 and [title for title in titles if f"titre: {title}" not in plan] == []
