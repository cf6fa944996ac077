"""What was decided of each clause for one lot, and why."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct, field

from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Clause, Exchange, Library, Response, Tier
from reqgen.model.project import Lot, Project


class Outcome(StrEnum):
    """Kept, left out, or undecided because a fact is not answered."""

    KEPT = "retenue"
    LEFT_OUT = "écartée"
    UNDECIDED = "à décider"


class Reason(Struct, frozen=True):
    """One step of a decision, in French, with the steps it rests on."""

    text: str
    outcome: bool | None = None
    parts: tuple["Reason", ...] = ()
    said: str = ""
    """The same for a reader who has the questions but not the files; empty when `text` does for both."""


class Verdict(Struct, frozen=True):
    """The decision about one clause. `missing` are the unanswered facts that would decide it."""

    clause: Clause
    outcome: Outcome
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
    binding: bool = False
    """True when a cited source obliges in this tender: a legal obligation."""
    applies_from: date | None = None
    """Set when the clause comes into force after the launch, during execution."""


class LotSelection(Struct, frozen=True):
    """All verdicts of one lot, in the library's order, with the answers they rest on."""

    lot: Lot
    verdicts: Mapping[str, Verdict]
    answers: Mapping[str, Response]
    domains: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    """National exchanges of the lot's domains that the answers do not rule out."""

    def kept(self, *, with_undecided: bool = False) -> tuple[Verdict, ...]:
        """The clauses that go into documents; a draft takes the undecided ones too."""
        wanted = {Outcome.KEPT, Outcome.UNDECIDED} if with_undecided else {Outcome.KEPT}
        return tuple(verdict for verdict in self.verdicts.values() if verdict.outcome in wanted)


class TierProposal(Struct, frozen=True):
    """The tier that the library proposes for a tender, and why."""

    tier: Tier
    reason: str


class Selection(Struct, frozen=True):
    """The decisions for a whole tender, one part a lot."""

    project: Project
    library: Library
    lots: tuple[LotSelection, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Unanswered facts that matter -> ids of the clauses that wait for them."""
    proposed_tier: TierProposal | None = None
