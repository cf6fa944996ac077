"""References: what an entry names exists, and the links between clauses make sense.

An id whose own file has findings is not called unknown: that file is reported already.
"""

from collections.abc import Iterable, Iterator, Mapping

from reqgen.lint.common import Findings, renamed_domain_at
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.library import COMMON, Clause, Library, Reference
from reqgen.model.words import near


def _links(clause: Clause) -> tuple[Reference, ...]:
    return (*clause.requires, *clause.incompatible, *clause.replaces)


def _missing(name: str, known: Iterable[str], library: Library) -> bool:
    return name not in known and name not in library.broken


def unknown_clause(library: Library) -> Findings:
    """A clause names another that does not exist."""
    for clause in library.clauses.values():
        for link in _links(clause):
            if _missing(link.id, library.clauses, library):
                yield Diagnostic(
                    "unknown-clause",
                    f"la clause « {link.id} » n'existe pas{near(link.id, library.clauses)}",
                    link.place,
                    "corriger l'identifiant, ou supprimer le renvoi",
                )
    for domain in library.domains.values():
        for start in (start for one in domain.set_aside for start in one.starts if start != COMMON):
            if not any(name.startswith(start) for name in (*library.clauses, *library.broken)):
                message = f"le domaine {domain.id} écarte « {start} », par lequel aucune clause ne commence"
                yield Diagnostic(
                    "unknown-clause", message, domain.place, "corriger ce début d'identifiant, ou le retirer"
                )


def unknown_theme(library: Library) -> Findings:
    """A clause is of a theme that does not exist."""
    for clause in library.clauses.values():
        if _missing(clause.theme, library.themes, library):
            yield Diagnostic(
                "unknown-theme",
                f"le thème « {clause.theme} » n'existe pas{near(clause.theme, library.themes)}",
                clause.at("theme"),
                "corriger le thème, ou l'ajouter à themes.yaml",
            )


def unknown_domain(library: Library) -> Findings:
    """A clause is reserved to a domain that does not exist."""
    for clause in library.clauses.values():
        for domain in clause.domains:
            if _missing(domain.id, library.domains, library):
                yield Diagnostic(
                    "unknown-domain",
                    f"le domaine « {domain.id} » n'existe pas{near(domain.id, library.domains)}",
                    domain.place,
                    "corriger le domaine, ou le décrire dans domaines/",
                )


def renamed_domain(library: Library) -> Findings:
    """A clause names a domain by an id that it no longer bears."""
    for use in library.renamed:
        yield renamed_domain_at(use.place, use.id, library)


def _source_uses(library: Library) -> Iterator[tuple[str, Place]]:
    for clause in library.clauses.values():
        for citation in clause.citations:
            yield citation.source, citation.place
    for threshold in library.thresholds.values():
        if threshold.source:
            yield threshold.source, threshold.place


def unknown_source(library: Library) -> Findings:
    """A clause or a threshold cites a source that the registry does not hold."""
    for source, place in _source_uses(library):
        if _missing(source, library.sources, library):
            yield Diagnostic(
                "unknown-source",
                f"la source « {source} » n'est pas au registre{near(source, library.sources)}",
                place,
                "corriger l'identifiant, ou ajouter la source à sources.yaml",
            )


def unknown_term(library: Library) -> Findings:
    """A domain names a word that the glossary does not define."""
    known = [form for term in library.glossary for form in (term.term, *term.forms)]
    for domain in library.domains.values():
        for word in domain.vocabulary:
            if word.id not in known:
                yield Diagnostic(
                    "unknown-term",
                    f"le terme « {word.id} » n'est pas au glossaire{near(word.id, known)}",
                    word.place,
                    "corriger le terme, ou l'ajouter à glossaire.yaml",
                )


def self_reference(library: Library) -> Findings:
    """A clause names itself."""
    for clause in library.clauses.values():
        for link in _links(clause):
            if link.id == clause.id:
                yield Diagnostic(
                    "self-reference",
                    f"la clause « {clause.id} » renvoie à elle-même",
                    link.place,
                    "supprimer ce renvoi",
                )


def replacement_cycle(library: Library) -> Findings:
    """A clause replaces one that, by what it requires or replaces, decides of it in turn: neither could be decided."""
    graph = {
        clause.id: [link.id for link in (*clause.replaces, *clause.requires) if link.id in library.clauses]
        for clause in library.clauses.values()
    }
    seen: set[frozenset[str]] = set()
    for clause in library.clauses.values():
        for link in clause.replaces:
            back = _way(graph, link.id, clause.id)
            if back and link.id != clause.id and frozenset(back) not in seen:
                seen.add(frozenset(back))
                circle = " → ".join((clause.id, *back))
                message = f"des clauses se remplacent en cercle : {circle}"
                yield Diagnostic("replacement-cycle", message, link.place, "supprimer l'un des « remplace »")


def _way(graph: Mapping[str, list[str]], start: str, end: str) -> tuple[str, ...]:
    """A shortest way along the links from `start` to `end`, both included; empty when there is none."""
    came_from: dict[str, str] = {start: ""}
    queue = [start]
    for name in queue:
        if name == end:
            way = [name]
            while came_from[way[-1]]:
                way.append(came_from[way[-1]])
            return tuple(reversed(way))
        for following in graph.get(name, ()):
            if following not in came_from:
                came_from[following] = name
                queue.append(following)
    return ()


def _required(clause: Clause, library: Library) -> set[str]:
    """Everything that a clause brings in, itself left out."""
    found: set[str] = set()
    queue = [link.id for link in clause.requires]
    while queue:
        name = queue.pop()
        if name not in found and name in library.clauses:
            found.add(name)
            queue += [link.id for link in library.clauses[name].requires]
    return found - {clause.id}


def requires_incompatible(library: Library) -> Findings:
    """A clause brings in, by what it requires, a clause that it refuses or replaces."""
    refused: dict[str, set[str]] = {}
    for clause in library.clauses.values():
        for link in clause.incompatible:
            refused.setdefault(clause.id, set()).add(link.id)
            refused.setdefault(link.id, set()).add(clause.id)
    for clause in library.clauses.values():
        for link in clause.requires:
            if link.id not in library.clauses:
                continue
            brought = {link.id} | _required(library.clauses[link.id], library)
            for name in sorted(brought & refused.get(clause.id, set())):
                yield Diagnostic(
                    "requires-incompatible",
                    f"la clause « {clause.id} » requiert {_by_way(link.id, name)}, et la refuse",
                    link.place,
                    "supprimer « requiert » ou « incompatible_avec »",
                )
            if link.id in {replaced.id for replaced in clause.replaces}:
                yield Diagnostic(
                    "requires-incompatible",
                    f"la clause « {clause.id} » requiert la clause « {link.id} », qu'elle remplace",
                    link.place,
                    "supprimer « requiert » ou « remplace »",
                )


def _by_way(link: str, name: str) -> str:
    return f"la clause « {name} »" if link == name else f"la clause « {link} », donc « {name} »"


def unused_source(library: Library) -> Findings:
    """No clause cites a source of the registry."""
    used = {source for source, _ in _source_uses(library)}
    used |= {citation.source for clause in library.overridden.values() for citation in clause.citations}
    for source in library.sources.values():
        if source.id not in used and not library.broken:
            yield Diagnostic(
                "unused-source",
                f"aucune clause ne cite la source « {source.id} »",
                source.place,
                "la citer, ou la retirer du registre",
                Severity.WARNING,
            )
