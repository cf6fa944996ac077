"""The tier that the library's rules propose for a tender."""

from reqgen.model.library import Library
from reqgen.model.selection import TierProposal
from reqgen.select.condition import Answers, evaluate


def propose_tier(library: Library, answers: Answers) -> TierProposal | None:
    """The tier of the first rule that is true; a rule that waits for an answer is passed over. None without a rule."""
    for rule in library.tier_rules:
        if evaluate(rule.condition, answers).outcome:
            return TierProposal(rule.tier, rule.reason)
    return None
