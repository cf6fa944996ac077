"""Every rule is in the manual, and every example of the manual does what it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reqgen import files as disk
from reqgen.load.needs import MAX_ROWS, read_needs
from reqgen.load.tree import MAX_BYTES, parse
from reqgen.model.diagnostic import Diagnostic, ReqgenError, Severity
from tests.lint.examples import CLAUSE, check_fragments, library_of, rules

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "regles.md").read_text("utf-8")
SECTION = re.compile(r"^### ([a-z-]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^(Mauvais|Bon)(?:, dans `([^`]+)`)? :\n\n```\w+\n(.*?)```", re.MULTILINE | re.DOTALL)
EMITTED = re.compile(r"""(?:Diagnostic|report|refuse|_wrong)\(\s*"([a-z]+(?:-[a-z]+)*)",""")
# Found elsewhere than in the text of a library or a project.
WITHOUT_EXAMPLE = "Pas d'exemple"

SECTIONS = dict(SECTION.findall(MANUAL))


def fragments(section: str, label: str) -> dict[str, str]:
    return {path or CLAUSE: text for name, path, text in EXAMPLE.findall(section) if name == label}


def emitted() -> Iterator[str]:
    for path in (ROOT / "reqgen").rglob("*.py"):
        yield from EMITTED.findall(path.read_text("utf-8"))


def test_every_rule_has_one_heading():
    names = [name for name, _ in SECTION.findall(MANUAL)]
    assert len(names) == len(set(names))
    assert set(emitted()) | {rule.id for rule in library_of({})[0].wording.rules} == set(names)


EXAMPLES = [name for name, text in SECTIONS.items() if WITHOUT_EXAMPLE not in text]


@pytest.mark.parametrize("rule", EXAMPLES)
def test_bad_example(rule):
    bad = fragments(SECTIONS[rule], "Mauvais")
    found = [finding for finding in check_fragments(bad) if finding.rule == rule]
    assert found
    assert {finding.place.path.removeprefix("bib/") for finding in found} <= set(bad)
    severity = Severity.WARNING if SECTIONS[rule].strip().startswith("Avertissement") else Severity.ERROR
    assert {finding.severity for finding in found} == {severity}
    assert all(finding.help for finding in found)
    for finding in found:
        assert finding.message[0] not in "ABCDEFGHIJKLMNOPQRSTUVWXYZÀÉ"
        assert not finding.message.endswith(".")


@pytest.mark.parametrize("rule", EXAMPLES)
def test_good_example(rule):
    found = check_fragments(fragments(SECTIONS[rule], "Bon"))
    assert rule not in rules(found)
    assert [finding for finding in found if finding.severity is Severity.ERROR] == []


def test_base_library_is_in_order():
    assert check_fragments({}) == []


def of(call, *args) -> list[Diagnostic]:
    with pytest.raises(ReqgenError) as caught:
        call(*args)
    return list(caught.value.diagnostics)


def test_rules_about_whole_files(tmp_path):
    assert rules(parse("a.yaml", "a" * (MAX_BYTES + 1))[1]) == {"too-large"}
    assert rules(parse("a.yaml", "[" * 40 + "]" * 40)[1]) == {"too-large"}
    rows = "module;exigence\n" + "A;b\n" * (MAX_ROWS + 1)
    assert rules(read_needs("a.csv", rows.encode())[1]) == {"too-large"}
    assert rules(read_needs("a.xlsx", b"PK")[1]) == {"bad-workbook"}
    assert rules(read_needs("a.csv", b"module;exigence\n\x81\xff")[1]) == {"encoding"}
    assert rules(read_needs("a.csv", b'module;exigence\n"' + b"a" * 1_000_001 + b'"\n')[1]) == {"bad-csv"}
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("titre: ok\nmotif: é".encode("latin-1"))
    (finding,) = of(disk.read_text, latin)
    assert (finding.rule, finding.place.line, finding.place.column) == ("encoding", 2, 8)
    assert rules(of(disk.read_text, tmp_path / "absent.yaml")) == {"unreadable-file"}
    assert rules(of(disk.write_whole, tmp_path / "absent" / "a.txt", b"")) == {"unwritable-file"}
    assert rules(of(disk.inside, tmp_path, "../a.csv", finding.place)) == {"path-escape"}
    assert rules(of(disk.bundled, "nowhere")) == {"missing-data"}
