"""Findings as text for a person, JSON for a script, and what GitHub, GitLab and other code-review tools read."""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from reqgen import __version__
from reqgen.model.diagnostic import Diagnostic, Severity
from reqgen.model.words import count

FORMATS = ("text", "json", "github", "gitlab", "junit", "sarif")
TAB = 4
MAX_WIDTH = 200
MANUAL = "docs/regles.md"
WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
COLOURS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m"}
BOLD, CYAN, RESET = "\x1b[1m", "\x1b[36m", "\x1b[0m"
LINE_END = re.compile(r"\r\n|\r|\n")


def render(
    findings: Iterable[Diagnostic], files: Mapping[str, str], format: str = "text", *, colour: bool = False
) -> str:
    """The findings in one of FORMATS. `files` gives the text of every file read, for the lines shown and the cases of JUnit."""
    renderers: dict[str, Callable[[Sequence[Diagnostic]], str]] = {
        "text": partial(_text, files=files, colour=colour),
        "json": _json,
        "github": _github,
        "gitlab": _gitlab,
        "junit": partial(_junit, files=files),
        "sarif": _sarif,
    }
    return renderers[format](tuple(findings))


def summary(findings: Iterable[Diagnostic]) -> str:
    """« 2 erreurs, 1 avertissement » or « aucune anomalie »."""
    severities = [finding.severity for finding in findings]
    errors, warnings = severities.count(Severity.ERROR), severities.count(Severity.WARNING)
    parts = [
        *([count(errors, "erreur")] if errors else []),
        *([count(warnings, "avertissement")] if warnings else []),
    ]
    return ", ".join(parts) or "aucune anomalie"


def _text(findings: Sequence[Diagnostic], files: Mapping[str, str], colour: bool) -> str:
    lines_of = {
        path: LINE_END.split(text)
        for path, text in files.items()
        if any(finding.place.path == path for finding in findings)
    }
    paragraphs = [_finding(finding, lines_of.get(finding.place.path, []), colour) for finding in findings]
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs) + f"{summary(findings)}\n"


def _finding(finding: Diagnostic, lines: Sequence[str], colour: bool) -> str:
    def paint(text: str, code: str) -> str:
        return f"{code}{text}{RESET}" if colour else text

    word = paint(WORDS[finding.severity], COLOURS[finding.severity])
    shown = [f"{paint(_visible(str(finding.place)), BOLD)}: {word}: {_visible(finding.message)} [{finding.rule}]"]
    number = finding.place.line
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    if line.strip():
        source, offset = _window(line, finding.place.column)
        gutter = f"{number} | "
        shown += [f"{gutter}{source}", " " * (len(gutter) + offset) + paint("^", COLOURS[finding.severity])]
    if finding.help:
        shown.append(f"{paint('aide', CYAN)} : {_visible(finding.help)}")
    return "\n".join(shown)


def _visible(text: str) -> str:
    """The text on one line, with nothing in it that a terminal would obey."""
    return "".join(
        char if char == " " or char.isprintable() else "\ufffd"
        for char in text.replace("\n", " ").replace("\u00a0", " ").replace("\u202f", " ")
    )


def _cell(char: str) -> tuple[str, int]:
    """A character as shown, and how many columns of the terminal it takes."""
    if char == "\t":
        return " " * TAB, TAB
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return ("", 0) if unicodedata.category(char) == "Cf" else (char, 0)
    if not char.isprintable() and not char.isspace():
        return "\ufffd", 1
    if char.isspace():
        return " ", 1
    return char, 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line to show around a column, and how many terminal columns stand before that column."""
    at = max(0, min(column - 1, len(line)))
    start = 0 if at < MAX_WIDTH else at - MAX_WIDTH // 2
    end = min(len(line), start + MAX_WIDTH)
    cells = [_cell(char) for char in line[start:end]]
    before = "…" if start else ""
    offset = len(before) + sum(width for _, width in cells[: at - start])
    return before + "".join(text for text, _ in cells).rstrip() + ("…" if end < len(line) else ""), offset


def _record(finding: Diagnostic) -> dict[str, Any]:
    record: dict[str, Any] = {
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "severity": WORDS[finding.severity],
        "rule": finding.rule,
        "message": finding.message,
        "help": finding.help,
    }
    if finding.related:
        record["related"] = [
            {"path": place.path, "line": place.line, "column": place.column, "message": message}
            for place, message in finding.related
        ]
    return record


def _json(findings: Sequence[Diagnostic]) -> str:
    return json.dumps([_record(finding) for finding in findings], ensure_ascii=False, indent=2) + "\n"


# https://docs.github.com/actions/reference/workflow-commands-for-github-actions
# What follows `::` and what stands in a property are escaped differently.
def _github_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github_property(text: str) -> str:
    return _github_data(text).replace(":", "%3A").replace(",", "%2C")


def _github(findings: Sequence[Diagnostic]) -> str:
    return "".join(
        f"::{WORDS[finding.severity]} file={_github_property(finding.place.path)},line={finding.place.line},"
        f"col={finding.place.column},title={_github_property(finding.rule)}::{_github_data(_with_help(finding))}\n"
        for finding in findings
    )


def _with_help(finding: Diagnostic) -> str:
    return f"{finding.message} (aide : {finding.help})" if finding.help else finding.message


# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
# Of two findings with the same fingerprint GitLab shows one; a fingerprint that changes makes an old finding a new one.
GITLAB_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor"}


def _gitlab(findings: Sequence[Diagnostic]) -> str:
    seen: Counter[tuple[str, ...]] = Counter()
    records = []
    for finding in findings:
        known = (finding.place.path, finding.rule, finding.message)
        seen[known] += 1
        identity = "\0".join([*known, str(seen[known])])
        records.append(
            {
                "description": _with_help(finding),
                "check_name": finding.rule,
                "fingerprint": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
                "severity": GITLAB_SEVERITY[finding.severity],
                "location": {"path": finding.place.path, "lines": {"begin": finding.place.line}},
            }
        )
    return json.dumps(records, ensure_ascii=False, indent=2) + "\n"


# https://docs.gitlab.com/ci/testing/unit_test_reports/: GitLab knows a case by its class and its name together, and shows
# the text of its failure, not the attributes. A file is a case; its warnings do not make it fail.
def _junit(findings: Sequence[Diagnostic], files: Mapping[str, str]) -> str:
    from lxml import etree

    found: dict[str, list[Diagnostic]] = {path: [] for path in sorted(files)}
    for finding in findings:
        found.setdefault(finding.place.path, []).append(finding)
    failed = sum(any(one.severity is Severity.ERROR for one in group) for group in found.values())
    counts = {"tests": str(len(found)), "failures": str(failed), "errors": "0", "skipped": "0"}
    root = etree.Element("testsuites", counts)
    suite = etree.SubElement(root, "testsuite", {"name": "reqgen", **counts})
    for path, group in found.items():
        case = etree.SubElement(suite, "testcase", {"classname": "reqgen", "name": _visible(path)})
        errors = [one for one in group if one.severity is Severity.ERROR]
        warnings = [one for one in group if one.severity is Severity.WARNING]
        if errors:
            etree.SubElement(case, "failure", {"message": summary(errors), "type": errors[0].rule}).text = _lines(
                errors
            )
        if warnings:
            etree.SubElement(case, "system-out").text = _lines(warnings)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)).decode()


def _lines(findings: Sequence[Diagnostic]) -> str:
    return "\n".join(
        _visible(f"{finding.place}: {WORDS[finding.severity]}: {_with_help(finding)} [{finding.rule}]")
        for finding in findings
    )


def _sarif(findings: Sequence[Diagnostic]) -> str:
    rules = sorted({finding.rule for finding in findings})
    helps = {finding.rule: finding.help for finding in reversed(findings) if finding.help}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "reqgen",
                        "version": __version__,
                        "language": "fr",
                        "rules": [_sarif_rule(rule, helps.get(rule, "")) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(finding, rules.index(finding.rule)) for finding in findings],
            }
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _sarif_rule(rule: str, help_text: str) -> dict[str, Any]:
    manual = f"Voir {MANUAL}, règle {rule}."
    return {
        "id": rule,
        "shortDescription": {"text": rule},
        "help": {"text": f"{help_text}. {manual}" if help_text else manual},
    }


def _sarif_result(finding: Diagnostic, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": WORDS[finding.severity],
        "message": {"text": _with_help(finding)},
        "locations": [_sarif_location(finding.place.path, finding.place.line, finding.place.column)],
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": message},
                **_sarif_location(place.path, place.line, place.column),
            }
            for number, (place, message) in enumerate(finding.related)
        ]
    return result


def _sarif_location(path: str, line: int, column: int) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(path.replace("\\", "/"))},
            "region": {"startLine": line, "startColumn": column},
        }
    }
