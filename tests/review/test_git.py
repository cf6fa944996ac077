"""What is read from git: the right bytes, nothing else, and nothing run."""

from pathlib import Path

import pytest

from reqgen import git
from reqgen.git import read_revision
from reqgen.model.diagnostic import ReqgenError
from tests.helpers import clause, rules, write_files

PATH = "requirements_library"


def refused(*arguments) -> str:
    with pytest.raises(ReqgenError) as caught:
        read_revision(*arguments)
    (finding,) = caught.value.diagnostics
    return finding.rule


def test_a_revision_is_what_was_committed(repository):
    first = repository.commit(clause())
    written = {path.name: path.read_text("utf-8") for path in (repository.folder / PATH).rglob("*.yaml")}
    repository.commit()
    read = read_revision("HEAD~1", PATH, repository.folder)
    assert (read.commit, read.root, read.findings) == (first, f"HEAD~1:{PATH}", ())
    assert {path.rsplit("/", 1)[-1]: text for path, text in read.files.items()} == written
    assert f"HEAD~1:{PATH}/clauses/base/TST-UNE-010.yaml" in read.files


def test_names_of_revisions(repository):
    first = repository.commit(clause())
    repository.git("tag", "-a", "v1", "-m", "un")
    repository.git("branch", "équipe/suite")
    for name in (first, first[:8], "HEAD", "@", "main", "v1", "v1^{}", "HEAD^0", "refs/heads/main", "équipe/suite"):
        assert read_revision(name, PATH, repository.folder).commit == first, name


@pytest.mark.parametrize(
    "name",
    ["absente", "-x", "--help", "--output=ici", "^HEAD", "HEAD..HEAD", "HEAD:a", ":/suite", "", " ", "HEAD\n", "HEAD HEAD",
     "$(touch ici)", "a" * 300, "HEAD^{tree}", "HEAD~9", "\udce9"],
)  # fmt: skip
def test_other_names_are_refused(repository, name):
    repository.commit(clause())
    before = sorted(path.name for path in repository.folder.iterdir())
    assert refused(name, PATH, repository.folder) == "unknown-revision"
    assert sorted(path.name for path in repository.folder.iterdir()) == before


def test_the_folder_is_relative_to_the_current_one(repository):
    write_files(repository.folder, {"équipe/bib/a.yaml": "a: 1", "équipe/bib/.b.yaml": "", "équipe/bib/c.txt": ""})
    repository.save()
    at = repository.folder / "équipe"
    for path, place in (("bib", at), ("bib/", at), ("../équipe/bib/.", at), ("équipe/bib", repository.folder)):
        assert dict(read_revision("HEAD", path, place).files) == {"HEAD:équipe/bib/a.yaml": "a: 1"}
    assert dict(read_revision("HEAD", ".", at / "bib").files) == {"HEAD:équipe/bib/a.yaml": "a: 1"}
    assert dict(read_revision("HEAD", ".", repository.folder).files) == {"HEAD:équipe/bib/a.yaml": "a: 1"}
    assert refused("HEAD", "../..", at) == "path-escape"
    assert refused("HEAD", "/", at) == "path-escape"
    assert refused("HEAD", "absent", at) == "unreadable-file"
    assert refused("HEAD", "bib/a.yaml", at) == "unreadable-file"


def test_what_cannot_be_read_is_told(repository, monkeypatch):
    folder = repository.folder / PATH
    folder.mkdir()
    (folder / "latin.yaml").write_bytes("é".encode("latin-1"))
    (folder / "bom.yaml").write_bytes("\ufeffa: é".encode())
    (folder / "grand.yaml").write_bytes(b"a" * (git.MAX_BYTES + 1))
    (folder / "lien.yaml").symlink_to("/etc/passwd")
    repository.save()
    read = read_revision("HEAD", PATH, repository.folder)
    assert dict(read.files) == {f"HEAD:{PATH}/bom.yaml": "a: é"}
    assert sorted(rules(read.findings)) == ["encoding", "too-large"]
    monkeypatch.setattr(git, "MAX_FILES", 1)
    assert refused("HEAD", PATH, repository.folder) == "too-large"


def test_no_repository_no_program(repository, tmp_path, monkeypatch):
    repository.commit(clause())
    (tmp_path / "ailleurs").mkdir()
    assert refused("HEAD", PATH, tmp_path / "ailleurs") == "not-a-repository"
    assert refused("HEAD", PATH, repository.folder / ".git") == "not-a-repository"
    monkeypatch.setenv("PATH", str(tmp_path / "vide"))
    assert refused("HEAD", PATH, repository.folder) == "missing-program"


def test_a_missing_object(repository):
    repository.commit(clause())
    name = repository.git("rev-parse", f"HEAD:{PATH}/bibliotheque.yaml")
    path = repository.folder / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()
    assert refused("HEAD", PATH, repository.folder) == "git-failed"


def test_a_program_that_does_not_answer(repository, monkeypatch):
    repository.commit(clause())
    monkeypatch.setattr(git, "SECONDS", 0)
    assert refused("HEAD", PATH, repository.folder) == "git-failed"


def test_the_environment_leads_nowhere_else(repository, tmp_path, monkeypatch):
    first = repository.commit(clause())
    for name, value in {
        "GIT_DIR": "/nulle/part",
        "GIT_WORK_TREE": "/nulle/part",
        "GIT_OBJECT_DIRECTORY": "/nulle/part",
        "GIT_INDEX_FILE": "/nulle/part",
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.bare",
        "GIT_CONFIG_VALUE_0": "true",
    }.items():
        monkeypatch.setenv(name, value)
    assert read_revision("HEAD", PATH, repository.folder).commit == first
    assert not (tmp_path / "trace").exists()


def test_nothing_of_the_repository_is_run(repository, tmp_path):
    """Hooks, monitors, pagers, filters and aliases of a repository received from someone else."""
    repository.commit(clause())
    spy = tmp_path / "espion.sh"
    spy.write_text(f"#!/bin/sh\ntouch '{tmp_path}/lancé'\ncat\n")
    spy.chmod(0o755)
    hooks = repository.folder / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit"):
        (hooks / name).write_bytes(spy.read_bytes())
        (hooks / name).chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "filter.x.smudge",
        "filter.x.clean",
        "diff.x.textconv",
        "core.sshCommand",
    ):
        repository.git("config", key, str(spy))
    repository.git("config", "alias.cat-file", f"!{spy}")
    (repository.folder / ".git" / "info").mkdir(exist_ok=True)
    (repository.folder / ".git" / "info" / "attributes").write_text("* filter=x diff=x\n")
    assert read_revision("HEAD", PATH, repository.folder).files
    assert not (tmp_path / "lancé").exists()


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_nothing_is_written(repository):
    repository.commit(clause())
    repository.commit()
    (repository.folder / PATH / "themes.yaml").write_text("en cours")
    before = snapshot(repository.folder)
    read_revision("HEAD~1", PATH, repository.folder)
    assert snapshot(repository.folder) == before
