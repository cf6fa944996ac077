"""Reviews: given by somebody, on a day, on the text that the clause still has."""

from reqgen.lint.common import Findings
from reqgen.model.diagnostic import Diagnostic, Severity
from reqgen.model.library import Library, ReviewStatus

KEYS = "« par », « le » et « empreinte »"


def review_without_digest(library: Library) -> Findings:
    """A status that somebody wrote by hand: nothing says who gave it, nor on which text."""
    for clause in library.clauses.values():
        review = clause.review
        if review.written is not ReviewStatus.DRAFT and not review.whole:
            yield Diagnostic(
                "review-without-digest",
                f"la clause est dite « {review.written} » sans {KEYS} ; elle reste à l'état de projet",
                clause.at("relecture", "statut"),
                f"écrire « statut: projet » ; seul `reqgen review approve {clause.id} --by NOM` donne un autre statut",
            )


def stale_review(library: Library) -> Findings:
    """A clause that changed since a lawyer read it."""
    for clause in library.clauses.values():
        review = clause.review
        if review.stale:
            yield Diagnostic(
                "stale-review",
                "la relecture porte sur un texte qui a changé depuis ; la clause est redevenue projet",
                clause.at("relecture", "empreinte"),
                f"la faire relire, puis `reqgen review approve {clause.id} --by NOM`",
                Severity.WARNING,
            )
