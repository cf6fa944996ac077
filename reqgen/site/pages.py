"""Each page of the site: its path, its template, and what the template shows. The HTML itself is in `templates/site/`."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from reqgen.model.condition import Condition, tests_of
from reqgen.model.document import Text
from reqgen.model.library import Citation, Clause, Disclosure, Domain, Fact, Library, Parameter, Source, Term, Theme
from reqgen.model.words import count, french_date, french_number, plain
from reqgen.prose import PLACEHOLDER, blocks, typeset
from reqgen.site.conditions import response_words, told, value_words
from reqgen.site.prose import html
from reqgen.site.search import index
from reqgen.site.values import Change, Reach, Site

AS_THEY_ARE = ("style.css", "recherche.js")
SHOWN_CHANGES = 100
HTTP = re.compile(r"https?://[^\s/]")
Context = Mapping[str, Any]


def pages(site: Site, templates: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The path and the text of every file of the site. `templates` are texts by file name (`clause.html`, `style.css`).

    The same site and templates give the same texts, in the same order.
    """
    book = _Book(site)
    environment = _environment(book, templates)
    for path, template, context in _all(book):
        depth = path.count("/")
        yield path, environment.get_template(template).render(root="../" * depth, path=path, **context)
    yield "index-recherche.js", index(book.entries())
    for name in AS_THEY_ARE:
        yield name, templates[name]


def _environment(book: "_Book", templates: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_typeset,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"site": book.site, "library": book.library, "book": book, "Reach": Reach}
    environment.filters |= {
        "date": _date,
        "number": french_number,
        "verbatim": escape,
        "web": lambda url: url if HTTP.match(url) else "",
    }
    environment.globals["count"] = count
    return environment


def _typeset(value: Any) -> Any:
    """Every value is set in French typography as it is written, save what is HTML already."""
    return typeset(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _date(day: date | str | None) -> str:
    """« 1er mars 2027 »; nothing for no date."""
    return french_date(date.fromisoformat(day) if isinstance(day, str) else day) if day else ""


def _all(book: "_Book") -> Iterator[tuple[str, str, Context]]:
    library = book.library
    yield "index.html", "accueil.html", {"counts": book.counts()}
    yield "clauses/index.html", "clauses.html", {}
    for clause in book.clauses.values():
        yield f"clauses/{clause.id}.html", "clause.html", _clause(book, clause)
    yield "themes/index.html", "themes.html", {}
    for theme in library.themes.values():
        yield f"themes/{theme.id}.html", "theme.html", {"theme": theme, "clauses": book.of_theme(theme)}
    yield "domaines/index.html", "domaines.html", {}
    for domain in library.domains.values():
        yield f"domaines/{domain.id}.html", "domaine.html", _domain(book, domain)
    yield "sources/index.html", "sources.html", {}
    for source in library.sources.values():
        yield f"sources/{source.id}.html", "source.html", _source(book, source)
    yield "faits/index.html", "faits.html", {}
    for fact in library.facts.values():
        yield f"faits/{fact.id}.html", "fait.html", _fact(book, fact)
    yield "seuils.html", "seuils.html", {}
    yield "glossaire.html", "glossaire.html", {}
    if not book.site.public:
        yield "changements.html", "changements.html", {"shown": book.site.history.changes[:SHOWN_CHANGES]}


class _Book:
    """The library as pages look things up in it: what names what, the other way round too."""

    def __init__(self, site: Site):
        self.site, self.library = site, site.library
        self.clauses = {
            name: clause
            for name, clause in site.library.clauses.items()
            if not site.public or clause.disclosure is Disclosure.PUBLIC
        }
        self.citing = _grouped((cited.source, clause) for clause in self.clauses.values() for cited in clause.citations)
        self.testing = _grouped(
            (test.fact, clause) for clause in self.clauses.values() for test in tests_of(clause.condition)
        )
        self.bound_by = _grouped(
            (test.fact, clause)
            for clause in self.clauses.values()
            for cited in clause.citations
            for test in tests_of(cited.binds_if or clause.condition)
            if cited.binds_if is not None
        )
        self.changes: dict[str, list[Change]] = {}
        for change in site.history.changes:
            for name in change.clauses:
                self.changes.setdefault(name, []).append(change)
        self.required_by = _grouped((link.id, clause) for clause in self.clauses.values() for link in clause.requires)
        self.replaced_by = _grouped((link.id, clause) for clause in self.clauses.values() for link in clause.replaces)
        self.excluding = _grouped((link.id, clause) for clause in self.clauses.values() for link in clause.incompatible)

    def label(self, kind: str, value: str) -> str:
        """The word of the documents for a value (`piece.ccap` → « CCAP »), else the value."""
        return self.site.labels.get(f"{kind}.{value}", value)

    def told(self, condition: Condition | None) -> Any:
        """The condition in words, None when it is always true or there is none."""
        return None if condition is None else told(condition, self.library)

    def answer(self, fact: str, response: Any) -> str:
        """The words of an answer."""
        known = self.library.facts.get(fact)
        return response_words(response, known, self.library) if known else ", ".join(map(str, response.values))

    def choices(self, fact: Fact) -> tuple[tuple[str, str], ...]:
        """The answers that a question admits: as written in a project, and in words."""
        if fact.choices_from == "domaines":
            return tuple((domain.id, domain.title) for domain in self.library.domains.values())
        return fact.choices

    def of_theme(self, theme: Theme) -> list[Clause]:
        """The clauses of the theme, in the order of documents."""
        found = [clause for clause in self.clauses.values() if clause.theme == theme.id]
        return sorted(found, key=lambda clause: (theme.rank(clause.id), clause.id))

    def own(self, domain: Domain) -> list[Clause]:
        """The clauses proper to the domain."""
        return [clause for clause in self.clauses.values() if any(one.id == domain.id for one in clause.domains)]

    def reached(self, domain: Domain) -> dict[str, Reach]:
        """The clauses that a tender of the domain can take."""
        return {name: reach for name, reach in self.site.reach.get(domain.id, {}).items() if name in self.clauses}

    def takers(self, clause: Clause) -> list[tuple[Reach, list[Domain]]]:
        """The domains that can take the clause, by how far they do."""
        found: dict[Reach, list[Domain]] = {reach: [] for reach in Reach}
        for domain in self.library.domains.values():
            reach = self.site.reach.get(domain.id, {}).get(clause.id)
            if reach:
                found[reach].append(domain)
        return [(reach, domains) for reach, domains in found.items() if domains]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many clauses of each depth, level, piece and state of review."""
        kept = self.clauses.values()
        return {
            "Palier": dict(Counter(clause.tier.value for clause in sorted(kept, key=lambda clause: clause.tier.rank))),
            "Niveau": dict(Counter(clause.level.value for clause in kept).most_common()),
            "Pièce": dict(Counter(self.label("piece", clause.piece) for clause in kept).most_common()),
            "Relecture": dict(Counter(clause.review.status.value for clause in kept).most_common()),
        }

    def drafts(self) -> int:
        """How many clauses no lawyer has approved."""
        return sum(clause.review.status.value == "projet" for clause in self.clauses.values())

    def sorted_sources(self) -> list[Source]:
        """The registry by title, accents aside."""
        return sorted(self.library.sources.values(), key=lambda source: plain(source.title))

    def sorted_terms(self) -> list[Term]:
        """The glossary by term, accents aside."""
        return sorted(self.library.glossary, key=lambda term: plain(term.term))

    def entries(self) -> Iterator[dict[str, str]]:
        """What the search knows of each page."""
        for clause in self.clauses.values():
            theme = self.library.themes.get(clause.theme)
            yield {
                "genre": "clause",
                "id": clause.id,
                "titre": clause.title,
                "lien": f"clauses/{clause.id}.html",
                "detail": theme.title if theme else clause.theme,
                "texte": " ".join(PLACEHOLDER.sub(_named(clause, self.site), clause.text.text).split()),
                "sources": " ; ".join(self._cited(clause)),
                "theme": clause.theme,
                "palier": clause.tier.value,
                "niveau": clause.level.value,
                "piece": clause.piece.value,
                "domaines": " ".join(self._reaching(clause)),
            }
        yield from self._other_entries()

    def _cited(self, clause: Clause) -> Iterator[str]:
        for citation in clause.citations:
            source = self.library.sources.get(citation.source)
            yield f"{source.short if source else citation.source} {citation.article}".strip()

    def _reaching(self, clause: Clause) -> list[str]:
        return [name for name in self.library.domains if clause.id in self.site.reach.get(name, {})]

    def _other_entries(self) -> Iterator[dict[str, str]]:
        library = self.library
        for domain in library.domains.values():
            yield _entry("domaine", domain.id, domain.title, f"domaines/{domain.id}.html", domain.description)
        for source in library.sources.values():
            words = f"{source.short} {source.identifier}".strip()
            yield _entry("source", source.id, source.title, f"sources/{source.id}.html", words)
        for fact in library.facts.values():
            yield _entry("question", fact.id, fact.label, f"faits/{fact.id}.html", fact.help)
        for theme in library.themes.values():
            yield _entry("thème", theme.id, theme.title, f"themes/{theme.id}.html", "")


def _entry(kind: str, name: str, title: str, link: str, text: str) -> dict[str, str]:
    return {"genre": kind, "id": name, "titre": title, "lien": link, "detail": "", "texte": " ".join(text.split())}


def _named(clause: Clause, site: Site) -> Callable[[re.Match[str]], str]:
    def fill(match: re.Match[str]) -> str:
        parameter = clause.parameter(match[1])
        return site.quantity(parameter, parameter.default) if parameter else match[1]

    return fill


def _grouped(pairs: Iterable[tuple[str, Clause]]) -> dict[str, list[Clause]]:
    """Clauses by key, each once a key."""
    found: dict[str, dict[str, Clause]] = {}
    for key, clause in pairs:
        found.setdefault(key, {})[clause.id] = clause
    return {key: list(clauses.values()) for key, clauses in found.items()}


def _clause(book: _Book, clause: Clause) -> Context:
    library = book.library
    return {
        "clause": clause,
        "theme": library.themes.get(clause.theme),
        "domains": [library.domains[one.id] for one in clause.domains if one.id in library.domains],
        "text": _text(book.site, clause),
        "condition": book.told(clause.condition),
        "parameters": [_parameter(book.site, parameter) for parameter in clause.parameters],
        "verifications": [(check, _line(book.site, clause, check.method.text)) for check in clause.verifications],
        "deliverables": [(item, _line(book.site, clause, item.delay)) for item in clause.deliverables],
        "citations": [_citation(book, citation) for citation in clause.citations],
        "links": _links(book, clause),
        "takers": book.takers(clause),
        "rationale": "" if book.site.public else html(blocks(clause.rationale, lambda name: name), _plain),
        "changes": book.changes.get(clause.id, []),
        "file": book.site.files.get(clause.id, ""),
    }


def _text(site: Site, clause: Clause) -> Markup:
    def fill(name: str) -> str:
        parameter = clause.parameter(name)
        return site.quantity(parameter, parameter.default) if parameter else f"[{name}]"

    caption = f"Tableau de la clause {clause.id}"
    return html(blocks(clause.text.text, fill, caption), _filled)


def _filled(run: Text) -> Markup:
    """A placeholder: the default value, with the parameter's name, which leads to its row."""
    return Markup('<a class="parametre" href="#parametre-{}">{}<span class="nom"> ({})</span></a>').format(
        run.filled, run.text, run.filled
    )


def _plain(run: Text) -> Markup:
    return escape(run.text)


def _line(site: Site, clause: Clause, text: str) -> Markup:
    """A one-line text, its placeholders named as in the clause's own text."""
    parts: list[Markup] = []
    at = 0
    for match in PLACEHOLDER.finditer(text):
        parameter = clause.parameter(match[1])
        shown = site.quantity(parameter, parameter.default) if parameter else f"[{match[1]}]"
        parts += [escape(typeset(text[at : match.start()])), _filled(Text(typeset(shown), filled=match[1]))]
        at = match.end()
    return Markup("").join([*parts, escape(typeset(text[at:]))])


def _parameter(site: Site, parameter: Parameter) -> Context:
    low, high = (
        None if bound is None else site.quantity(parameter, bound) for bound in (parameter.minimum, parameter.maximum)
    )
    return {
        "name": parameter.name,
        "label": parameter.label,
        "kind": parameter.kind,
        "unit": parameter.unit,
        "default": site.quantity(parameter, parameter.default),
        "bounds": _bounds(parameter, low, high),
    }


def _bounds(parameter: Parameter, low: str | None, high: str | None) -> str:
    if parameter.choices:
        return " ; ".join(parameter.choices)
    if parameter.max_length:
        return f"{french_number(parameter.max_length)} signes au plus"
    if low and high:
        return f"de {low} à {high}"
    return f"au moins {low}" if low else f"au plus {high}" if high else ""


def _citation(book: _Book, citation: Citation) -> Context:
    return {
        "id": citation.source,
        "source": book.library.sources.get(citation.source),
        "article": citation.article,
        "binds": citation.binds_if is not None,
        "condition": book.told(citation.binds_if),
    }


def _links(book: _Book, clause: Clause) -> list[tuple[str, Sequence[tuple[str, Clause | None]]]]:
    """The clauses that this one names, or that name it, under a heading each."""

    def named(links: Iterable[Any]) -> list[tuple[str, Clause | None]]:
        return [(link.id, book.clauses.get(link.id)) for link in links]

    both = {link.id: book.clauses.get(link.id) for link in clause.incompatible}
    both |= {other.id: other for other in book.excluding.get(clause.id, [])}
    found: list[tuple[str, Sequence[tuple[str, Clause | None]]]] = [
        ("Entraîne", named(clause.requires)),
        ("Entraînée par", named(book.required_by.get(clause.id, []))),
        ("Remplace", named(clause.replaces)),
        ("Remplacée par", named(book.replaced_by.get(clause.id, []))),
        ("Incompatible avec", list(both.items())),
    ]
    return [(title, clauses) for title, clauses in found if clauses]


def _domain(book: _Book, domain: Domain) -> Context:
    reach = book.reached(domain)
    own = book.own(domain)
    shared = [clause for name, clause in book.clauses.items() if name in reach and not clause.domains]
    by_theme = _grouped((clause.theme, clause) for clause in shared)
    terms = {form: term for term in book.library.glossary for form in (term.term, *term.forms)}
    return {
        "domain": domain,
        "reach": reach,
        "own": own,
        "shared": shared,
        "themes": [(theme, by_theme[theme.id]) for theme in book.library.themes.values() if theme.id in by_theme],
        "terms": [terms[one.id] for one in domain.vocabulary if one.id in terms],
        "tally": [(kind, sum(one is kind for one in reach.values())) for kind in Reach],
    }


def _source(book: _Book, source: Source) -> Context:
    citing = [
        (clause, citation)
        for clause in book.citing.get(source.id, [])
        for citation in clause.citations
        if citation.source == source.id
    ]
    thresholds = [threshold for threshold in book.library.thresholds.values() if threshold.source == source.id]
    return {"source": source, "citing": citing, "thresholds": thresholds}


def _fact(book: _Book, fact: Fact) -> Context:
    library = book.library
    return {
        "fact": fact,
        "asked": book.told(fact.asked_if),
        "choices": book.choices(fact),
        "testing": book.testing.get(fact.id, []),
        "binding": book.bound_by.get(fact.id, []),
        "asking": [other for other in library.facts.values() if fact.id in _tested(other.asked_if)],
        "establishing": _answering(library, fact, established=True),
        "proposing": _answering(library, fact, established=False),
    }


def _tested(condition: Condition) -> set[str]:
    return {test.fact for test in tests_of(condition)}


def _answering(library: Library, fact: Fact, *, established: bool) -> list[tuple[Domain, str]]:
    """The domains that establish an answer to the question, or propose one, and that answer."""
    return [
        (domain, " ; ".join(value_words(value, fact, library) for value in response.values))
        for domain in library.domains.values()
        for name, response in (domain.establishes if established else domain.proposes)
        if name == fact.id
    ]
