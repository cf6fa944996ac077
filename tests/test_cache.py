"""The cache gives back what was made of the same inputs, and is never trusted further than that."""

import pickle
import sys

import pytest

from reqgen.cache import MAX_ENTRIES, cached


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("REQGEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def counted(value="made"):
    calls = []
    return calls, lambda: calls.append(1) or value


def test_the_same_inputs_are_made_once(folder):
    calls, make = counted()
    assert [cached(["a", "b"], make) for _ in range(3)] == ["made"] * 3
    assert len(calls) == 1


@pytest.mark.parametrize("inputs", [["ab"], ["a", "c"], ["b", "a"], ["a", "b", ""], []])
def test_other_inputs_are_made_again(folder, inputs):
    cached(["a", "b"], lambda: "first")
    assert cached(inputs, lambda: "second") == "second"


@pytest.mark.parametrize("damage", [b"", b"not a pickle", pickle.dumps("x")[:-3], b"\x80\x05cposix\nmissing\n."])
def test_a_damaged_entry_is_a_miss(folder, damage):
    cached(["a"], lambda: "made")
    (entry,) = folder.glob("*.pickle")
    entry.write_bytes(damage)
    assert cached(["a"], lambda: "made again") == "made again"


def test_without_a_cache_everything_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("REQGEN_CACHE", "0")
    calls, make = counted()
    cached(["a"], make)
    cached(["a"], make)
    assert len(calls) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are those of the profile on Windows")
def test_a_folder_that_others_may_write_to_is_not_read(folder):
    cached(["a"], lambda: "made")
    folder.chmod(0o777)
    assert cached(["a"], lambda: "made again") == "made again"


def test_a_folder_that_cannot_be_made_is_done_without(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("REQGEN_CACHE", str(tmp_path / "file"))
    assert cached(["a"], lambda: "made") == "made"


def test_the_least_recently_used_entries_go(folder):
    cached(["kept"], lambda: "made")
    for number in range(MAX_ENTRIES + 5):
        cached([str(number)], lambda: "made")
        assert cached(["kept"], lambda: "made again") == "made"
    assert len(list(folder.glob("*.pickle"))) == MAX_ENTRIES
