"""What `--accept` does: writes once, and only what differs."""

import pytest

from tests.golden.accept import settled


def test_missing_stale_accepted_and_left_alone(tmp_path):
    path = tmp_path / "dossier" / "a.txt"
    with pytest.raises(pytest.fail.Exception, match=r"a\.txt is missing: .*pytest --accept"):
        settled(path, "un\n", False)
    assert not path.exists()
    settled(path, "un\n", True)
    settled(path, "un\n", False)
    with pytest.raises(pytest.fail.Exception, match=r"a\.txt is stale: .*pytest --accept[\s\S]*-un\n\+deux"):
        settled(path, "deux\n", False)
    assert path.read_text("utf-8") == "un\n"
    settled(path, "deux\n", True)
    path.chmod(0o400)
    before = path.stat().st_mtime_ns
    settled(path, "deux\n", True)
    assert path.read_bytes() == b"deux\n" and path.stat().st_mtime_ns == before
