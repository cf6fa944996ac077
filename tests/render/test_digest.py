from pathlib import Path

import pytest

from reqgen.package import pack, unpack
from reqgen.render.digest import is_untouched, stamp
from reqgen.render.docx import write

from .sample import sample


@pytest.fixture(scope="module")
def stamped(reference) -> bytes:
    return write(sample(1), reference)


def test_stamped_file_is_known_again(stamped):
    assert is_untouched(stamped)


def test_stamp_is_reproducible(reference, stamped):
    assert write(sample(1), reference) == stamped == stamp(stamped)


def test_stamped_file_is_sound(stamped, sound, tmp_path: Path):
    path = tmp_path / "stamped.docx"
    path.write_bytes(stamped)
    sound(path)


def test_packing_again_is_no_edit(stamped):
    assert is_untouched(pack(unpack(stamped)))


def test_files_without_stamp_are_foreign(reference):
    assert not is_untouched(reference)


@pytest.mark.parametrize("name", ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "docProps/core.xml"])
def test_one_byte_is_an_edit(stamped, name):
    parts = unpack(stamped)
    parts[name] += b" "
    assert not is_untouched(pack(parts))


def test_added_or_removed_part_is_an_edit(stamped):
    parts = unpack(stamped)
    assert not is_untouched(pack(parts | {"word/comments.xml": b"<a/>"}))
    del parts["word/settings.xml"]
    assert not is_untouched(pack(parts))


@pytest.mark.parametrize("custom", [b"", b"<", b"<a/>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_broken_stamp_is_none(stamped, custom):
    assert not is_untouched(pack(unpack(stamped) | {"docProps/custom.xml": custom}))


@pytest.mark.parametrize("data", [b"", b"PK", b"bonjour", b"\xd0\xcf\x11\xe0"])
def test_other_bytes_are_foreign(data):
    assert not is_untouched(data)


def test_excel_files_can_be_stamped():
    import io

    from openpyxl import Workbook

    buffer = io.BytesIO()
    Workbook().save(buffer)
    assert is_untouched(stamp(buffer.getvalue()))
