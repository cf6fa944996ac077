"""A condition as a person reads it: questions and the answers awaited, one below the other."""

from datetime import date

from msgspec import Struct

from reqgen.model.condition import AllOf, Always, AnyOf, Comparison, Condition, NoneOf, Test
from reqgen.model.library import Fact, FactKind, Library, Response, Value
from reqgen.model.words import enumerate_words, french_date, french_number

NUMERIC = (FactKind.INTEGER, FactKind.AMOUNT)
DATED = {
    Comparison.AT_LEAST: "à compter du",
    Comparison.AT_MOST: "jusqu'au",
    Comparison.MORE_THAN: "après le",
    Comparison.LESS_THAN: "avant le",
}


class Told(Struct, frozen=True):
    """A group (`head`, then `parts`), or a question (`fact`, perhaps unknown: then only its `id`) and the answer awaited."""

    head: str = ""
    parts: tuple["Told", ...] = ()
    fact: Fact | None = None
    id: str = ""
    answer: str = ""


def told(condition: Condition, library: Library) -> Told | None:
    """The condition in words; None when it is always true."""
    match condition:
        case Always():
            return None
        case Test():
            return _question(condition, library)
        case AllOf(parts=parts):
            return _group("Toutes ces réponses sont données", parts, library)
        case AnyOf(parts=parts):
            return _group("Au moins une de ces réponses est donnée", parts, library)
        case NoneOf(parts=parts):
            return _group("Aucune de ces réponses n'est donnée", parts, library)


def _group(head: str, parts: tuple[Condition, ...], library: Library) -> Told:
    return Told(head, tuple(told(part, library) or Told("Toujours") for part in parts))


def _question(test: Test, library: Library) -> Told:
    fact = library.facts.get(test.fact)
    if fact is None:
        return Told(id=test.fact, answer=enumerate_words([str(operand.value) for operand in test.operands], "ou"))
    words = [value_words(operand.value, fact, library) for operand in test.operands]
    if test.comparison is Comparison.AMONG:
        return Told(fact=fact, id=fact.id, answer=enumerate_words(words, "ou"))
    if fact.kind is FactKind.DATE:
        return Told(fact=fact, id=fact.id, answer=f"{DATED[test.comparison]} {words[0]}")
    return Told(fact=fact, id=fact.id, answer=f"{test.comparison.value.replace('_', ' ')} {words[0]}")


def response_words(response: Response, fact: Fact, library: Library) -> str:
    """« oui », « Hébergé par le titulaire », « Carte et Virement »."""
    return enumerate_words([value_words(value, fact, library) for value in response.values])


def value_words(value: Value, fact: Fact, library: Library) -> str:
    """An answer, or what it is compared with: the words of the choice, the number, the date or the threshold."""
    if fact.kind in NUMERIC:
        return _number(value, fact, library)
    if fact.kind is FactKind.DATE:
        return _day(str(value))
    if fact.kind is FactKind.YES_NO:
        return str(value)
    if fact.choices_from == "domaines" and value in library.domains:
        return library.domains[str(value)].title
    return dict(fact.choices).get(str(value), str(value))


def _number(value: Value, fact: Fact, library: Library) -> str:
    if isinstance(value, str):
        threshold = library.thresholds.get(value)
        return f"le seuil « {threshold.label if threshold else value} »"
    return f"{french_number(value)} €" if fact.kind is FactKind.AMOUNT else french_number(value)


def _day(text: str) -> str:
    try:
        return french_date(date.fromisoformat(text))
    except ValueError:
        return text
