"""Whatever the files hold, loading and checking end with findings placed inside the file, never with a crash."""

import io
import os
from datetime import timedelta

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reqgen import files as disk
from reqgen.load.needs import read_needs
from reqgen.model.diagnostic import Diagnostic, ReqgenError
from tests.lint.examples import BASE, check, overlay

QUICK = settings(
    max_examples=int(os.environ.get("REQGEN_FUZZ", "25")),
    deadline=timedelta(seconds=5),
    suppress_health_check=[HealthCheck.too_slow],
)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", "toujours", "{{ x", "{% if %}", "# t", "`c`", "2027-02-30", "option", "DEM-UNE-010", "oui", "é" * 200]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NASTY = st.sampled_from(
    [
        "&a [*a]",
        "*x",
        "!!python/object:os.system x",
        "? [a]",
        "<<: {a: 1}",
        "--- a\n--- b",
        "%YAML 9",
        "\t",
        "|",
        ">-",
        "{",
        "]",
        '"',
        "'",
        "\r",
        "\r\n",
        "\u2028",
        "\x85",
        "\ufeff",
        "\x00",
        "\x1b[2J",
        "\u202e",
        "\ud800",
        "🏛",
        "é",
        ": ",
        "- ",
        "# ",
        "{{",
        "}}",
        "1e999",
        ".inf",
        "0x1F",
        "012",
        "1:30",
        "~",
        "no",
        "2027-01-01",
    ]
)


def assert_inside(found: list[Diagnostic], files: dict[str, str]) -> None:
    for finding in found:
        text = files.get(finding.place.path.removeprefix("bib/"), "")
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= finding.place.line <= len(lines), finding
        assert 1 <= finding.place.column <= len(lines[finding.place.line - 1]) + 1, finding
        assert finding.message


def assert_checked(path: str, text: str) -> None:
    try:
        found = check({path: text})
    except ReqgenError as error:
        found = list(error.diagnostics)
    assert_inside(found, {**BASE, path: text})


@st.composite
def mutated_data(draw) -> tuple[str, str]:
    """A file of the library in which some keys are removed, renamed or given another value."""
    path = draw(st.sampled_from(sorted(BASE)))
    data = yaml.safe_load(BASE[path])
    for _ in range(draw(st.integers(1, 3))):
        holder, key = data, None
        while True:
            keys = list(range(len(holder))) if isinstance(holder, list) else list(holder)
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(holder[key], dict | list) and holder[key] and draw(st.booleans()):
                holder = holder[key]
            else:
                break
        if key is None or not holder:
            continue
        match draw(st.sampled_from(["delete", "rename", "replace", "double"])):
            case "delete":
                del holder[key]
            case "rename" if isinstance(holder, dict):
                holder[draw(st.text(max_size=8))] = holder.pop(key)
            case "double" if isinstance(holder, list):
                holder.append(holder[key])
            case _:
                holder[key] = draw(VALUES)
    return path, yaml.safe_dump(data, allow_unicode=draw(st.booleans()), width=draw(st.sampled_from([20, 80, 1000])))


@QUICK
@given(mutated_data())
def test_mutated_values(file):
    assert_checked(*file)


@QUICK
@given(
    st.sampled_from(sorted(BASE)),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 8), NASTY | st.text(max_size=6)), max_size=4),
)
def test_mutated_text(path, edits):
    text = BASE[path]
    for at, length, piece in edits:
        at %= len(text) + 1
        text = text[:at] + piece + text[at + length :]
    assert_checked(path, text)


@QUICK
@given(st.sampled_from(sorted(BASE)), st.text(max_size=200))
def test_random_text(path, text):
    assert_checked(path, text)


@QUICK
@given(st.text(alphabet="{}% delainox`#*_[]()<>|-\n\"'\\é", min_size=20, max_size=200))
def test_any_prose(prose):
    for style in ("|", ">", "|-"):
        body = "\n".join(f"  {line}" for line in prose.split("\n"))
        path = "clauses/demo/DEM-UNE-010.yaml"
        assert_checked(path, overlay(path, f"texte: {style}\n  Le titulaire doit tout.\n{body}\n"))


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "a.yaml"
    path.write_bytes(data)
    try:
        text = disk.read_text(path)
    except ReqgenError as error:
        (finding,) = error.diagnostics
        assert finding.rule == "encoding"
        assert 1 <= finding.place.line <= data.count(b"\n") + 1
    else:
        assert_checked("clauses/demo/DEM-UNE-010.yaml", text)


@QUICK
@given(
    st.text(max_size=200) | st.lists(st.lists(SCALARS.map(str), max_size=4).map(";".join), max_size=6).map("\n".join),
    st.booleans(),
)
def test_any_csv(text, header):
    data = ("module;exigence;id;niveau\n" if header else "") + text
    _, found = read_needs("besoins.csv", data.encode("utf-8", "surrogatepass"))
    assert all(finding.place.line >= 1 and finding.place.column >= 1 for finding in found)


@QUICK
@given(st.binary(max_size=300))
def test_any_needs_bytes(data):
    for name in ("a.csv", "a.xlsx"):
        needs, found = read_needs(name, data)
        assert needs == [] or not found


def workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["module", "exigence"])
    book.active.append(["Budget", "Le budget est voté."])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


BOOK = workbook()


@QUICK
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=20), st.booleans())
def test_damaged_workbook(at, piece, cut):
    data = BOOK[:at] if cut else BOOK[:at] + piece + BOOK[at + len(piece) :]
    needs, found = read_needs("a.xlsx", data)
    assert found or needs
