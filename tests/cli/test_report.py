"""Findings in every format."""

import json
import re

import pytest
from lxml import etree

from reqgen.cli.report import FORMATS, render, summary
from reqgen.model.diagnostic import Diagnostic, Place, Severity

PATH = "clauses/été 1.yaml"
FILES = {PATH: "id: A\r\n\tté漢: x # fin\r\ntitre: y"}
ERROR = Diagnostic("unknown-fact", "le fait « x » n'existe pas", Place(PATH, 2, 7), "corriger le nom")
WARNING = Diagnostic(
    "unused-source", "50 % : rien,\nou presque", Place(PATH, 3, 8), severity=Severity.WARNING,
    related=((Place("autre.yaml", 4, 2), "ici"),),
)  # fmt: skip


def test_text():
    assert render([ERROR, WARNING], FILES, "text") == (
        "clauses/été 1.yaml:2:7: error: le fait « x » n'existe pas [unknown-fact]\n"
        "2 |     té漢: x # fin\n"
        "              ^\n"
        "aide : corriger le nom\n"
        "\n"
        "clauses/été 1.yaml:3:8: warning: 50 % : rien, ou presque [unused-source]\n"
        "3 | titre: y\n"
        "           ^\n"
        "\n"
        "1 erreur, 1 avertissement\n"
    )


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [
        ("abc", 1, 0),
        ("abc", 3, 2),
        ("abc", 4, 3),
        ("abc", 99, 3),
        ("\tabc", 2, 4),
        ("漢字a", 3, 4),
        ("e\u0301a", 3, 1),
        ("a\u200bb", 3, 1),
        ("a\x1bb", 3, 2),
        ("é\u00a0a", 3, 2),
    ],
)
def test_caret_stands_under_the_character(line, column, caret):
    shown = render([Diagnostic("a", "b", Place("f", 1, column))], {"f": line}, "text").split("\n")
    assert shown[2] == " " * (len("1 | ") + caret) + "^"
    assert "\x1b" not in shown[1]


def test_long_line_is_cut_around_the_place():
    line = "a" * 5000 + "!" + "b" * 5000
    shown = render([Diagnostic("a", "b", Place("f", 1, 5001))], {"f": line}, "text").split("\n")
    assert len(shown[1]) < 250
    assert shown[1][shown[2].index("^")] == "!"


def test_place_outside_the_known_files():
    for place in (Place("absent"), Place("f", 9, 9)):
        assert render([Diagnostic("a", "b", place)], {"f": "x"}, "text").startswith(f"{place}: error: b [a]\n\n")


def test_a_terminal_obeys_nothing_in_a_message():
    text = render([Diagnostic("a", "b\x1b[2J\r\u202e", Place("f\x1b", 1, 1), "c\x07")], {}, "text")
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)


def test_colour_only_when_asked():
    assert "\x1b" not in render([ERROR], FILES, "text")
    coloured = render([ERROR], FILES, "text", colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render([ERROR], FILES, "text")


def test_summary():
    assert summary([]) == "aucune anomalie"
    assert summary([ERROR, ERROR]) == "2 erreurs"
    assert summary([WARNING]) == "1 avertissement"
    assert render([], {}, "text") == "aucune anomalie\n"


def test_json():
    first, second = json.loads(render([ERROR, WARNING], FILES, "json"))
    assert first == {
        "path": PATH, "line": 2, "column": 7, "severity": "error", "rule": "unknown-fact",
        "message": "le fait « x » n'existe pas", "help": "corriger le nom",
    }  # fmt: skip
    assert second["related"] == [{"path": "autre.yaml", "line": 4, "column": 2, "message": "ici"}]
    assert json.loads(render([], {}, "json")) == []


def test_github():
    assert render([ERROR, WARNING], FILES, "github").split("\n") == [
        "::error file=clauses/été 1.yaml,line=2,col=7,title=unknown-fact::"
        "le fait « x » n'existe pas (aide : corriger le nom)",
        "::warning file=clauses/été 1.yaml,line=3,col=8,title=unused-source::50 %25 : rien,%0Aou presque",
        "",
    ]
    odd = render([Diagnostic("a", "b", Place("a:b,c%\n.yaml"))], {}, "github")
    assert odd.startswith("::error file=a%3Ab%2Cc%25%0A.yaml,line=1,")


def test_sarif():
    log = json.loads(render([ERROR, WARNING, ERROR], FILES, "sarif"))
    assert log["version"] == "2.1.0"
    assert set(log) == {"$schema", "version", "runs"}
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["unknown-fact", "unused-source"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in driver["rules"])
    assert run["columnKind"] == "unicodeCodePoints"
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "clauses/%C3%A9t%C3%A9%201.yaml"
        assert physical["region"]["startLine"] >= 1 and physical["region"]["startColumn"] >= 1
    assert json.loads(render([], {}, "sarif"))["runs"][0]["results"] == []


def test_gitlab():
    """https://docs.gitlab.com/ci/testing/code_quality/: the keys that GitLab needs, and no fingerprint twice."""
    records = json.loads(render([ERROR, WARNING, ERROR], FILES, "gitlab"))
    assert [set(record) for record in records] == [
        {"description", "check_name", "fingerprint", "severity", "location"}
    ] * 3
    assert [record["severity"] for record in records] == ["major", "minor", "major"]
    assert records[0]["description"] == "le fait « x » n'existe pas (aide : corriger le nom)"
    assert records[0]["check_name"] == "unknown-fact"
    assert records[0]["location"] == {"path": PATH, "lines": {"begin": 2}}
    assert len({record["fingerprint"] for record in records}) == 3
    moved = Diagnostic(ERROR.rule, ERROR.message, Place(PATH, 40, 1), ERROR.help)
    (again,) = json.loads(render([moved], FILES, "gitlab"))
    assert again["fingerprint"] == records[0]["fingerprint"]
    assert json.loads(render([], {}, "gitlab")) == []


def test_junit():
    """One case a file, the files in order included; a warning is told but fails nothing."""
    other = Diagnostic("a", "b < c & d\x1b\x00\ud800 ]]>", Place("absent.yaml"))
    root = etree.fromstring(render([ERROR, WARNING, other], {**FILES, "bon.yaml": "x"}, "junit").encode())
    (suite,) = root.findall("testsuite")
    for element in (root, suite):
        assert (element.get("tests"), element.get("failures"), element.get("errors")) == ("3", "2", "0")
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert list(cases) == ["bon.yaml", PATH, "absent.yaml"]
    assert len({(case.get("classname"), case.get("name")) for case in cases.values()}) == 3
    assert len(cases["bon.yaml"]) == 0
    failure = cases[PATH].find("failure")
    assert (failure.get("message"), failure.get("type")) == ("1 erreur", "unknown-fact")
    assert failure.text == f"{PATH}:2:7: error: le fait « x » n'existe pas (aide : corriger le nom) [unknown-fact]"
    assert cases[PATH].findtext("system-out") == f"{PATH}:3:8: warning: 50 % : rien, ou presque [unused-source]"
    assert "b < c & d" in cases["absent.yaml"].findtext("failure")
    only = etree.fromstring(render([WARNING], FILES, "junit").encode())
    assert (only.get("tests"), only.get("failures")) == ("1", "0")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_ends_with_a_line_feed(form):
    assert render([ERROR], FILES, form).endswith("}\n" if form == "sarif" else "\n")
