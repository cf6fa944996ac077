"""What several rules share: the conditions of a library, its prose, and the order of findings."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from reqgen.model.condition import Condition, Test, tests_of
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.library import Clause, Fact, Library, Prose
from reqgen.model.words import enumerate_words

Findings = Iterator[Diagnostic]


class Use(Struct, frozen=True):
    """A condition, and whose it is: « la clause HEL-PES-010 », « le fait comedec »."""

    owner: str
    condition: Condition


def conditions(library: Library) -> Iterator[Use]:
    """Every condition of the library."""
    for clause in library.clauses.values():
        yield Use(f"la clause {clause.id}", clause.condition)
        for citation in clause.citations:
            if citation.binds_if is not None:
                yield Use(f"la source {citation.source} de la clause {clause.id}", citation.binds_if)
    for fact in library.facts.values():
        yield Use(f"le fait {fact.id}", fact.asked_if)
    for domain in library.domains.values():
        for exchange in domain.exchanges:
            yield Use(f"l'échange « {exchange.platform} » du domaine {domain.id}", exchange.condition)
        for aside in domain.set_aside:
            yield Use(f"ce que le domaine {domain.id} écarte", aside.condition)
    for rule in library.tier_rules:
        yield Use(f"la règle du palier {rule.tier}", rule.condition)


def tests(library: Library) -> Iterator[tuple[Test, Fact]]:
    """Every test of every condition, with the fact that it asks about, when that fact exists."""
    for use in conditions(library):
        for test in tests_of(use.condition):
            if test.fact in library.facts:
                yield test, library.facts[test.fact]


def values_of(fact: Fact, library: Library) -> Mapping[str, object] | None:
    """The values that a fact may take, None when they are not a list."""
    if fact.choices_from == "domaines":
        return library.domains
    return dict(fact.choices) if fact.choices else None


def renamed_domain_at(place: Place, name: str, library: Library) -> Diagnostic:
    """The warning that a domain is named by an old id, which one domain or several now bear as an alias."""
    current = library.current_domains(name)
    now = enumerate_words([f"« {one} »" for one in current])
    if len(current) == 1:
        message, mend = f"le domaine « {name} » s'appelle désormais {now}", f"écrire {now}"
    else:
        message = f"le domaine « {name} » est désormais partagé entre {now} ; il est lu comme tous ces domaines"
        mend = f"écrire, parmi {now}, ceux qui conviennent"
    return Diagnostic("renamed-domain", message, place, mend, Severity.WARNING)


def prose_of(clause: Clause) -> Iterator[Prose]:
    """The texts of a clause in which placeholders are filled: text, verifications, deliverables."""
    yield clause.text
    for verification in clause.verifications:
        yield verification.method
    for index, deliverable in enumerate(clause.deliverables):
        yield Prose(deliverable.name, clause.at("livrables", index, "nom"))
        yield Prose(deliverable.delay, clause.at("livrables", index, "delai"))


def cycles(graph: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """Each cycle of two nodes or more, once, from the node that comes first in the graph."""
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        path: list[str] = [start]
        stack = [iter(graph[start])]
        while stack:
            following = next(stack[-1], None)
            if following is None:
                done.add(path.pop())
                stack.pop()
            elif following in path:
                found = tuple(path[path.index(following) :])
                if len(found) > 1:
                    yield found
            elif following in graph and following not in done:
                path.append(following)
                stack.append(iter(graph[following]))


def in_order(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings sorted by place, none twice."""
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.place, finding.rule, finding.message))


def stem(place: Place) -> str:
    """The name of the file, without its ending."""
    return place.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def folder(place: Place) -> str:
    """The name of the folder that holds the file."""
    return place.path.split("/")[-2] if "/" in place.path else ""
