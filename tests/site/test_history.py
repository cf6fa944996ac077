"""What git says of each clause, with a real repository."""

import shutil

import pytest

from reqgen import git
from reqgen.git import read_history
from reqgen.model.diagnostic import ReqgenError
from tests.helpers import clause, library_files, write_files
from tests.site.conftest import made
from tests.site.test_pages import read, section, words

A, B = "TST-UNE-010", "TST-DEUX-010"
PATH = "requirements_library"


def commit(repository, subject, *clauses, author="Ada Juriste <ada@example.org>", day="2026-03-05"):
    repository.write(*clauses)
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", subject, f"--author={author}", f"--date={day}T23:30:00 +0200")


def test_history_of_each_clause(repository, tmp_path):
    commit(repository, "Première version", clause(A), clause(B))
    commit(
        repository,
        "Préciser le délai",
        clause(A, titre="Autre titre"),
        clause(B),
        author="Zoé <z@example.org>",
        day="2026-03-07",
    )
    site = made(tmp_path / "public", repository.folder / PATH)
    told = section(read(site / f"clauses/{A}.html"), "historique")
    assert "7 mars 2026 Zoé Préciser le délai" in told and "5 mars 2026 Ada Juriste Première version" in told
    assert told.index("Préciser") < told.index("Première")
    assert "@" not in told  # no address of a person
    assert "Préciser" not in section(read(site / f"clauses/{B}.html"), "historique")
    changes = words(read(site / "changements.html"))
    assert f"7 mars 2026 Zoé Préciser le délai {A}" in changes


def test_a_renamed_file_keeps_its_history(repository):
    repository.commit(clause(A))
    repository.write(clause(A, theme="service"))
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "Changer de thème")
    (newest, oldest), partial = read_history(repository.folder / PATH)
    assert f"clauses/service/{A}.yaml" in newest.paths and f"clauses/service/{A}.yaml" in oldest.paths
    assert not partial


def test_only_the_folder_counts_and_merges_are_passed_over(repository):
    repository.commit(clause(A))
    write_files(repository.folder, {"ailleurs.txt": "x"})
    repository.save()
    repository.git("checkout", "-q", "-b", "autre")
    repository.commit(clause(A, titre="Autre titre"))
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "Fusion", "autre")
    commits, _ = read_history(repository.folder / PATH)
    assert [one.subject for one in commits] == ["suite", "suite"]


def test_a_hostile_history_is_told_as_text(repository, tmp_path):
    subject = "<script>alert(1)</script>\x1e\x1f a"
    commit(repository, subject, clause(A), author="Éve' &\x1f co <e@example.org>")
    repository.write(clause(A), clause(B))
    write_files(repository.folder, {f"{PATH}/clauses/base/a\tb.yaml": "x: 1", f"{PATH}/é \"'.txt": "x"})
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "suite")
    (repository.folder / PATH / "clauses/base/a\tb.yaml").unlink()
    site = made(tmp_path / "public", repository.folder / PATH)
    page = read(site / "changements.html")
    assert not page.xpath("//script | //b") and "<script>alert(1)</script>" in words(page)


SETTINGS = {"log.showSignature": "true", "log.follow": "true", "diff.external": "touch ran", "core.pager": "touch ran",
            "log.diffMerges": "first-parent", "format.pretty": "full"}  # fmt: skip


@pytest.mark.parametrize(("setting", "value"), SETTINGS.items(), ids=list(SETTINGS))
def test_settings_of_the_user_neither_run_nor_disturb(repository, setting, value):
    repository.commit(clause(A))
    repository.commit(clause(A, titre="Autre titre"))
    before = read_history(repository.folder / PATH)
    repository.git("config", setting, value)
    repository.git("config", "gpg.program", "touch-ran")
    assert read_history(repository.folder / PATH) == before and len(before[0]) == 2
    assert not (repository.folder / "ran").exists()


def test_a_shallow_clone_says_that_its_history_is_partial(repository, tmp_path):
    repository.commit(clause(A))
    repository.commit(clause(A, titre="Autre titre"))
    repository.git("clone", "-q", "--depth", "1", repository.folder.as_uri(), str(tmp_path / "court"))
    said: list[str] = []
    site = made(tmp_path / "public", tmp_path / "court" / PATH, say=said.append)
    assert "L’historique est partiel" in section(read(site / f"clauses/{A}.html"), "historique")
    assert any("partiel" in line for line in said)


def test_more_commits_than_are_read(repository, monkeypatch):
    repository.commit(clause(A))
    repository.commit(clause(A, titre="Autre titre"))
    monkeypatch.setattr(git, "MAX_COMMITS", 1)
    commits, partial = read_history(repository.folder / PATH)
    assert len(commits) == 1 and partial


def test_a_repository_without_commit_has_no_history(repository):
    repository.write(clause(A))
    assert read_history(repository.folder / PATH) == ((), False)


def test_without_git_the_pages_say_so(tmp_path, monkeypatch):
    write_files(tmp_path / "bib", library_files([clause(A)]))
    said: list[str] = []
    outside = made(tmp_path / "un", tmp_path / "bib", say=said.append)
    assert "L’historique n’est pas disponible" in section(read(outside / f"clauses/{A}.html"), "historique")
    assert any("pas d'historique" in line for line in said)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    without = made(tmp_path / "deux", tmp_path / "bib")
    assert "git n’est pas installé" in section(read(without / f"clauses/{A}.html"), "historique")
    with pytest.raises(ReqgenError):
        read_history(tmp_path / "bib")
