"""The folder: whole or as it was, and nothing of anybody else's taken away."""

from pathlib import Path

import pytest

from reqgen import folder as folders
from reqgen.folder import is_untouched, write_folder
from reqgen.model.diagnostic import ReqgenError
from tests.helpers import clause, write_library

OLD = {"index.html": b"ancien", "a/b.html": b"b"}
NEW = {"index.html": b"nouveau"}


def listed(at: Path) -> dict[str, bytes]:
    return {path.relative_to(at).as_posix(): path.read_bytes() for path in at.rglob("*") if path.is_file()}


def refused(target: Path, *, force: bool = False) -> str:
    before = listed(target) if target.is_dir() else None
    with pytest.raises(ReqgenError) as caught:
        write_folder(target, NEW, force=force)
    assert before is None or listed(target) == before
    (finding,) = caught.value.diagnostics
    return finding.rule


def test_written_with_a_marker_and_replaced_whole(tmp_path):
    target = tmp_path / "au" / "loin"
    write_folder(target, OLD)
    assert listed(target).keys() == {*OLD, "reqgen.json"} and is_untouched(target)
    write_folder(target, NEW)
    assert listed(target).keys() == {*NEW, "reqgen.json"} and is_untouched(target)
    assert [path.name for path in target.parent.iterdir()] == ["loin"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "vide").mkdir()
    write_folder(tmp_path / "vide", NEW)
    assert is_untouched(tmp_path / "vide")


@pytest.mark.parametrize(
    "change", ["edited", "added", "removed", "linked", "marker gone", "marker wrong", "marker deep"]
)
def test_a_folder_that_was_changed_is_left_alone(tmp_path, change):
    target = tmp_path / "public"
    write_folder(target, OLD)
    match change:
        case "edited":
            (target / "a/b.html").write_bytes(b"c")
        case "added":
            (target / "mes notes.txt").write_bytes(b"")
        case "removed":
            (target / "a/b.html").unlink()
        case "linked":
            (target / "lien").symlink_to(tmp_path)
        case "marker gone":
            (target / "reqgen.json").unlink()
        case "marker wrong":
            (target / "reqgen.json").write_bytes(b'["empreinte"]')
        case "marker deep":
            (target / "reqgen.json").write_bytes(b"[" * 9_999)
    assert refused(target) == "foreign-file"
    write_folder(target, NEW, force=True)
    assert is_untouched(target)


def test_what_force_does_not_take(tmp_path, monkeypatch):
    own = tmp_path / "a"
    (own / "b").mkdir(parents=True)
    (own / "texte").write_bytes(b"x")
    (tmp_path / "lien").symlink_to(own)
    (tmp_path / "depot" / ".git").mkdir(parents=True)
    monkeypatch.chdir(own / "b")
    for target in (own, own / "b", Path(".."), Path(), own / "texte", tmp_path / "lien", tmp_path / "depot"):
        assert refused(target, force=True) == "foreign-file"


@pytest.mark.parametrize("failing", ["_fill", "_swap"])
def test_a_disk_that_refuses_leaves_what_was_there(tmp_path, monkeypatch, failing):
    target = tmp_path / "public"
    write_folder(target, OLD)

    def fail(*arguments):
        raise OSError

    monkeypatch.setattr(folders, failing, fail)
    assert refused(target) == "unwritable-file"
    assert is_untouched(target) and [path.name for path in tmp_path.iterdir()] == ["public"]


def test_a_name_that_cannot_be_taken_is_given_back(tmp_path, monkeypatch):
    target = tmp_path / "public"
    write_folder(target, OLD)
    real = Path.replace

    def second_fails(self, to):
        if self.name.startswith(".reqgen-"):
            raise OSError
        return real(self, to)

    monkeypatch.setattr(Path, "replace", second_fails)
    assert refused(target) == "unwritable-file"
    assert is_untouched(target) and [path.name for path in tmp_path.iterdir()] == ["public"]


def test_the_command(quick_cli, tmp_path):
    library = write_library(tmp_path / "bib", [clause()])
    ran = quick_cli("site", "-o", "public", "--library", library)
    assert ran.code == 0 and ran.out == ""
    assert "bibliothèque : 1 clause, 2 domaines" in ran.err and "écrit : public/" in ran.err
    assert is_untouched(tmp_path / "public")
    assert quick_cli("site", "-o", "public", "--library", library, "--public").code == 0
    (tmp_path / "public" / "index.html").write_text("à moi", "utf-8")
    ran = quick_cli("site", "-o", "public", "--library", library)
    assert (
        ran.code == 2
        and "[foreign-file]" in ran.err
        and (tmp_path / "public" / "index.html").read_text("utf-8") == "à moi"
    )
    assert quick_cli("site", "-o", "public", "--library", library, "--force").code == 0
    assert quick_cli("site", "-o", "bib", "--library", library).code == 2
    assert quick_cli("site").code == 2


def test_a_library_with_errors_makes_no_site(quick_cli, tmp_path):
    library = write_library(tmp_path / "bib", [clause(si={"inconnu": "oui"})])
    ran = quick_cli("site", "-o", "public", "--library", library)
    assert ran.code == 1 and not (tmp_path / "public").exists() and "Traceback" not in ran.err
