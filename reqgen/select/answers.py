"""What is known of one lot: the project's own keys, then the lot's, the common and the domains' facts."""

from msgspec.structs import replace

from reqgen.model.diagnostic import Place
from reqgen.model.library import Library, Response
from reqgen.model.project import Lot, Project
from reqgen.select.condition import Answers


def domains_of(project: Project, lot: Lot) -> tuple[str, ...]:
    """The lot's own domains, else those of the common part."""
    return lot.domains or project.common.domains


def answers_for(project: Project, lot: Lot, library: Library) -> Answers:
    """The responses for a lot. An officer's answer prevails over what a domain establishes."""
    responses: dict[str, Response] = {}
    for name in reversed(domains_of(project, lot)):
        domain = library.domains.get(name)
        if domain:
            responses |= {
                fact: replace(response, established_by=f"domaine {domain.title}")
                for fact, response in domain.establishes
            }
    responses |= project.common.facts
    if lot is not project.common:
        responses |= {
            fact: replace(response, established_by=f"lot {lot.number}") for fact, response in lot.facts.items()
        }
    responses |= project.known
    domains = domains_of(project, lot)
    for fact in library.facts.values():
        if fact.choices_from == "domaines" and domains:
            responses[fact.id] = Response(
                domains, project.known.get(fact.id, Response((), Place(project.place.path))).place
            )
    known = {fact: response for fact, response in responses.items() if fact in library.facts}
    return Answers(library.facts, known, library.thresholds, project.launch)
