"""Which clauses each example keeps, as a file that a review can read: `pytest --accept` rewrites them."""

from pathlib import Path

import pytest

from reqgen.model.condition import Always
from reqgen.model.selection import LotSelection, Verdict
from reqgen.pipeline.reading import Sources, Tender, read_tender
from tests.golden.accept import settled
from tests.helpers import ROOT, TODAY

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
FOLDER = ROOT / "tests" / "golden" / "selections"


def kind(part: LotSelection, tender: Tender, verdict: Verdict) -> str:
    """Why the clause is kept, in a word that the project's tier does not change."""
    clause = verdict.clause
    included = {choice.clause for lot in (tender.project.common, part.lot) for choice in lot.inclusions}
    if clause.id in included:
        return "ajoutée"
    if verdict.binding:
        return "obligation légale"
    if all(reason.text.startswith("requise par") for reason in verdict.reasons):
        return "requise"
    if clause.domains:
        return "domaine"
    return "socle" if isinstance(clause.condition, Always) else "condition"


def lines(tender: Tender) -> list[str]:
    """« HEL-PES-010 condition », with « lot 2 » before it when there are lots; sorted, so that a diff shows what changed."""
    return sorted(
        f"{f'lot {part.lot.number} ' if part.lot.number else ''}{verdict.clause.id} {kind(part, tender, verdict)}"
        for part in tender.selection.lots
        for verdict in part.kept()
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_selection_is_the_accepted_one(example: Path, accept: bool) -> None:
    text = "".join(f"{line}\n" for line in lines(read_tender(example, Sources(TODAY))))
    settled(FOLDER / f"{example.stem}.txt", text, accept)


def test_every_accepted_selection_has_its_example(accept: bool) -> None:
    left = [path for path in FOLDER.glob("*.txt") if path.stem not in {example.stem for example in EXAMPLES}]
    if accept:
        for path in left:
            path.unlink()
        return
    assert left == [], "no such example any more: `pytest --accept tests/golden` removes these files"
