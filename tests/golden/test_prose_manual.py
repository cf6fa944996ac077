"""The manual of the rules of prose is that of their data file."""

from pathlib import Path

import pytest

from reqgen.load.library import Bundle, load_library
from reqgen.model.diagnostic import Severity
from reqgen.model.wording import ProseRule
from tests.golden.accept import settled
from tests.helpers import ROOT

MANUAL = ROOT / "docs" / "regles.md"
FOLDER = ROOT / "requirements_library" / "redaction"
START, END = "<!-- Produit de requirements_library/redaction/regles.yaml", "<!-- Fin des règles de rédaction. -->"
WIDTH = 120


def rules() -> tuple[ProseRule, ...]:
    files = {f"bib/redaction/{path.name}": path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))}
    return load_library([Bundle("bib", files)])[0].wording.rules


def folded(text: str) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return "\n".join(lines)


def section(rule: ProseRule) -> str:
    severity = "Erreur" if rule.severity is Severity.ERROR else "Avertissement"
    bad, good = (f"```yaml\n{text.rstrip()}\n```" for text in (rule.bad, rule.good))
    return f"### {rule.id}\n\n{folded(f'{severity}. {rule.reason}')}\n\nMauvais :\n\n{bad}\n\nBon :\n\n{good}\n\n"


def produced(manual: str) -> str:
    """The manual with its produced part made again."""
    before, _, rest = manual.partition(START)
    comment, _, rest = rest.partition("\n")
    _, _, after = rest.partition(END)
    return f"{before}{START}{comment}\n\n{''.join(map(section, rules()))}{END}{after}"


def test_the_rules_of_prose_are_those_of_their_file(accept: bool) -> None:
    manual = Path(MANUAL).read_text("utf-8")
    assert START in manual and END in manual
    settled(MANUAL, produced(manual), accept)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_each_rule_of_prose_says_all_that_a_reader_needs(rule: ProseRule) -> None:
    assert rule.reason.endswith(".") and len(rule.reason) > 60
    assert rule.message[0].islower() or rule.message.startswith("«")
    assert not rule.message.endswith(".") and not rule.mend.endswith(".")
    assert rule.bad != rule.good
