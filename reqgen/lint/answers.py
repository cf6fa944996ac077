"""Answers to facts, in a domain or in a project: of the fact's kind, and among its values."""

from datetime import date

from reqgen.lint.common import Findings, values_of
from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Fact, FactKind, Library, Response, Value
from reqgen.model.words import enumerate_words, near

NUMERIC = (FactKind.INTEGER, FactKind.AMOUNT)
WANTED = {
    FactKind.INTEGER: "un nombre entier",
    FactKind.AMOUNT: "un montant en euros",
    FactKind.DATE: "une date AAAA-MM-JJ",
}


def domain_answers(library: Library) -> Findings:
    """A domain answers a fact with something that the fact never takes."""
    for domain in library.domains.values():
        for name, response in (*domain.establishes, *domain.proposes):
            if name in library.facts:
                yield from check_response(library.facts[name], response, library)


def check_response(fact: Fact, response: Response, library: Library) -> Findings:
    """What is wrong with the answer to a fact."""
    if len(response.values) > 1 and fact.kind is not FactKind.CHOICES and "*" not in fact.read_from:
        yield Diagnostic(
            "wrong-answer-type",
            f"le fait « {fact.id} » n'admet qu'une réponse, et en reçoit {len(response.values)}",
            response.place,
            "n'en garder qu'une",
        )
    known = values_of(fact, library)
    for value in response.values:
        if known is not None:
            if value not in known and value not in library.broken:
                yield Diagnostic(
                    "unknown-value",
                    f"« {value} » n'est pas une valeur du fait « {fact.id} »{near(str(value), known)}",
                    response.place,
                    f"valeurs du fait : {enumerate_words(list(known), 'ou')}",
                )
        elif not _fits(value, fact.kind):
            yield Diagnostic(
                "wrong-answer-type",
                f"le fait « {fact.id} » attend {WANTED.get(fact.kind, 'un choix')}, et non « {value} »",
                response.place,
                "écrire un nombre sans espace ni guillemets" if fact.kind in NUMERIC else "corriger la réponse",
            )


def _fits(value: Value, kind: FactKind) -> bool:
    match kind:
        case FactKind.INTEGER:
            return isinstance(value, int | float) and value == int(value) and value >= 0
        case FactKind.AMOUNT:
            return isinstance(value, int | float) and value >= 0
        case FactKind.DATE:
            try:
                return (
                    isinstance(value, str) and len(value) == len("AAAA-MM-JJ") and date.fromisoformat(value) is not None
                )
            except ValueError:
                return False
        case _:
            return True  # missing-choices
