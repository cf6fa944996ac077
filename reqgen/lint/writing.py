"""Rules of prose: data of the library and its packs (`redaction/`), run here over every text.

What a rule says, looks for and tolerates is in its file; this module knows only the few things that a rule can do with
its words (`Check`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from reqgen.lint.common import Findings
from reqgen.lint.corpus import Corpus, Span, Text, holds, spans
from reqgen.lint.expression import WORD
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.library import CLAUSE_ID, Clause, Library
from reqgen.model.project import Need, Project
from reqgen.model.wording import (
    IGNORED,
    SEVERITIES,
    Check,
    Field,
    ObsoleteTerm,
    ProseRule,
    RuleSetting,
    Words,
    Written,
)
from reqgen.model.words import french_date, near

LIBRARY = ""
"""The origin of what is the library's own, and no pack's."""
MOST_SHOWN = 60
ACRONYM = re.compile(r"\b[A-ZÉ]{2,12}\b(?!-)")
ROMAN = re.compile(r"[IVXLCDM]+\Z")
NUMBERED = re.compile(r"-[0-9]{3}")
NAMED_CLAUSE = re.compile(rf"(?<![\w-]){CLAUSE_ID}(?![\w-])")


class Hit(Struct, frozen=True):
    """Where a text breaks a rule, what is shown of it, and how it is mended when not as the rule says."""

    text: Text
    start: int
    shown: str = ""
    mend: str = ""
    count: int = 0
    since: date | None = None


class _Bench(Struct, frozen=True):
    """What the checks need beside the rule."""

    corpus: Corpus
    library: Library
    obsolete: tuple[ObsoleteTerm, ...]


def prose(library: Library, law: date) -> Findings:
    """What the rules of prose find in the library and its packs, and exemptions that exempt from nothing.

    A term that is to become obsolete after the day of the law is left alone.
    """
    used: set[tuple[str, str]] = set()
    for origin, texts in _by_origin(library):
        rules = rules_for(library, origin)
        bench = _Bench(Corpus(texts), library, _obsolete_for(library, origin, law))
        for rule in rules:
            for hit in _hits(rule, bench):
                clause = hit.text.clause
                if clause and any(exemption.rule == rule.id for exemption in clause.exemptions):
                    used.add((clause.id, rule.id))
                else:
                    yield _finding(rule, hit, rule.severity)
        active = {rule.id for rule in rules}
        for clause in library.clauses.values():
            if clause.origin == origin:
                yield from _unused(clause, active, used)


def unknown_rule(library: Library) -> Findings:
    """A setting or an exemption names a rule of prose that does not exist."""
    known = [rule.id for rule in library.wording.rules]
    named = [(setting.rule, setting.place) for setting in library.wording.settings]
    named += [(one.rule, one.place) for clause in library.clauses.values() for one in clause.exemptions]
    for name, place in named:
        if name not in known and name not in library.broken:
            yield Diagnostic(
                "unknown-rule",
                f"la règle de rédaction « {name} » n'existe pas{near(name, known)}",
                place,
                "corriger l'identifiant ; les règles sont dans redaction/",
            )


def needs(project: Project, library: Library) -> Findings:
    """What the library's rules of prose find in the buyer's needs: warnings, since the buyer may know better."""
    texts = [
        Text(written, None) for lot in (project.common, *project.lots) for need in lot.needs for written in _texts(need)
    ]
    if not texts:
        return
    bench = _Bench(Corpus(texts), library, _obsolete_for(library, LIBRARY, project.launch))
    for rule in rules_for(library, LIBRARY):
        for hit in _hits(rule, bench):
            yield _finding(rule, hit, Severity.WARNING)


def _texts(need: Need) -> Iterator[Written]:
    def here(_: int) -> Place:
        return need.place

    for text in (need.title, need.text, need.verification):
        if text:
            yield Written(Field.NEED, text, "", LIBRARY, here)


# Which rules hold for whom


def _by_origin(library: Library) -> Iterator[tuple[str, list[Text]]]:
    """The texts of the library, then of each pack; those of a clause that another replaced are left out."""
    for origin, group in groupby(library.texts, lambda text: text.origin):
        texts = []
        for written in group:
            clause = library.clauses.get(written.owner) if written.owner else None
            if not written.owner or (clause is not None and clause.origin == origin):
                texts.append(Text(written, clause))
        yield origin, texts


def rules_for(library: Library, origin: str) -> list[ProseRule]:
    """The rules that hold for the library or a pack: a pack's own rules and settings bind no other."""
    settings = [setting for setting in library.wording.settings if setting.origin in (LIBRARY, origin)]
    rules = [rule for rule in library.wording.rules if rule.origin in (LIBRARY, origin)]
    return [current for rule in rules if (current := _set(rule, settings))]


def _obsolete_for(library: Library, origin: str, day: date) -> tuple[ObsoleteTerm, ...]:
    return tuple(
        term
        for term in library.wording.obsolete
        if term.origin in (LIBRARY, origin) and (term.since is None or term.since <= day)
    )


def _set(rule: ProseRule, settings: Iterable[RuleSetting]) -> ProseRule | None:
    """The rule as the settings leave it, in their order; None when they switch it off."""
    severity = ""
    for setting in settings:
        if setting.rule != rule.id:
            continue
        severity = setting.severity or severity
        words = tuple(_without(group, setting.removed) for group in rule.words)
        limit = rule.limit if setting.limit is None else setting.limit
        rule = replace(rule, words=(*words, *setting.added), limit=limit)
    if severity == IGNORED:
        return None
    return replace(rule, severity=SEVERITIES[severity]) if severity else rule


def _without(group: Words, removed: tuple[str, ...]) -> Words:
    if not removed:
        return group
    return Words(tuple(one for one in group.expressions if one not in removed), group.mend)


def _unused(clause: Clause, active: set[str], used: set[tuple[str, str]]) -> Findings:
    for exemption in clause.exemptions:
        if exemption.rule in active and (clause.id, exemption.rule) not in used:
            yield Diagnostic(
                "unused-exception",
                f"la clause tolère « {exemption.rule} », et rien n'y enfreint cette règle",
                exemption.place,
                "retirer l'exception de « tolere »",
                Severity.WARNING,
            )


# What a rule does with its words


def _hits(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    for hit in CHECKS[rule.check](rule, bench):
        if _right_context(rule, hit):
            yield hit


def _concerned(rule: ProseRule, corpus: Corpus) -> set[int]:
    """The numbers of the texts that the rule reads."""
    numbers = corpus.of_fields(rule.fields)
    if not (rule.natures or rule.levels or rule.pieces):
        return numbers
    return {number for number in numbers if _concerns(rule, corpus.texts[number].clause)}


def _concerns(rule: ProseRule, clause: Clause | None) -> bool:
    return clause is None or (
        (not rule.natures or clause.nature in rule.natures)
        and (not rule.levels or clause.level in rule.levels)
        and (not rule.pieces or clause.piece in rule.pieces)
    )


def _read(rule: ProseRule, corpus: Corpus) -> Iterator[Text]:
    return (corpus.texts[number] for number in sorted(_concerned(rule, corpus)))


def _right_context(rule: ProseRule, hit: Hit) -> bool:
    if rule.sentence_with or rule.sentence_without:
        sentence = hit.text.sentence_at(hit.start)
        if rule.sentence_with and not holds(sentence, rule.sentence_with):
            return False
        if holds(sentence, rule.sentence_without):
            return False
    return not holds(hit.text.surface, rule.text_without)


def _finding(rule: ProseRule, hit: Hit, severity: Severity) -> Diagnostic:
    shown = " ".join(hit.shown.split())
    shown = shown if len(shown) <= MOST_SHOWN else shown[: MOST_SHOWN - 1] + "…"
    since = f" depuis le {french_date(hit.since)}" if hit.since else ""
    message = rule.message
    for name, value in (("nombre", str(hit.count)), ("seuil", str(rule.limit)), ("depuis", since), ("mot", shown)):
        message = message.replace(f"{{{name}}}", value)
    return Diagnostic(rule.id, message, hit.text.written.locate(hit.start), hit.mend or rule.mend, severity)


def _found(rule: ProseRule, bench: _Bench, groups: Iterable[Words]) -> Iterator[tuple[Text, list[tuple[Span, str]]]]:
    """For each text that the rule concerns, the places of its words with their mend; of two at one place, the longer."""
    places: dict[Text, list[tuple[Span, str]]] = {}
    concerned = _concerned(rule, bench.corpus)
    for group in groups:
        for expression in group.expressions:
            for text, span in bench.corpus.search(expression, concerned):
                places.setdefault(text, []).append((span, group.mend))
    for text, found in places.items():
        right = spans(text.surface, rule.except_words)
        kept: list[tuple[Span, str]] = []
        for span, mend in sorted(found, key=lambda one: (one[0][0], -one[0][1])):
            if not (kept and _inside(span, kept[-1][0])) and not any(_inside(span, other) for other in right):
                kept.append((span, mend))
        yield text, kept


def _inside(span: Span, other: Span) -> bool:
    return other[0] <= span[0] and span[1] <= other[1]


def _words(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    for text, found in _found(rule, bench, rule.words):
        for (start, end), mend in found:
            yield Hit(text, start, text.written.text[start:end], mend)


def _absence(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    """The texts of a clause are taken together: it is enough that one of them holds one of the words."""
    without = _concerned(rule, bench.corpus)
    texts = bench.corpus.texts
    for group in rule.words:
        for expression in group.expressions:
            having = {_whose(text) for text, _ in bench.corpus.search(expression, without)}
            without = {number for number in without if _whose(texts[number]) not in having} if having else without
    said: set[str | Text] = set()
    for number in sorted(without):
        if _whose(texts[number]) not in said:
            said.add(_whose(texts[number]))
            yield Hit(texts[number], 0)


def _whose(text: Text) -> str | Text:
    return text.written.owner or text


def _count(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    for text, found in _found(rule, bench, rule.words):
        if len(found) > rule.limit:
            (start, end), mend = found[rule.limit]
            yield Hit(text, start, text.written.text[start:end], mend, len(found))


def _length(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    for text in _read(rule, bench.corpus):
        for (start, end), words in text.long_breaths(rule.limit):
            yield Hit(text, start, text.written.text[start:end], "", words)


def _acronyms(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    """An acronym in brackets, or before brackets, is taken for spelt out; so is all that the glossary holds.

    A name that is obsolete has its own rule.
    """
    known = {
        word for term in bench.library.glossary for form in (term.term, *term.forms) for word in WORD.findall(form)
    }
    known |= {word for group in rule.words for one in group.expressions for word in WORD.findall(one)}
    known |= {word for term in bench.obsolete for one in term.expressions for word in WORD.findall(one)}
    for text in _read(rule, bench.corpus):
        spelt = text.clause.text.text if text.clause else text.written.text
        said: set[str] = set()
        for match in ACRONYM.finditer(text.surface):
            word, start = match[0], match.start()
            if start and text.surface[start - 1] in "@.-":  # part of a name
                continue
            if word in known or word in said or ROMAN.match(word) or f"({word})" in spelt or f"{word} (" in spelt:
                continue
            said.add(word)
            yield Hit(text, start, word)


def _references(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    for text in _read(rule, bench.corpus):
        if NUMBERED.search(text.surface):
            for match in NAMED_CLAUSE.finditer(text.surface):
                if match[0] not in bench.library.clauses and match[0] not in bench.library.broken:
                    yield Hit(text, match.start(), match[0])


def _obsolete(rule: ProseRule, bench: _Bench) -> Iterator[Hit]:
    for term in bench.obsolete:
        own = replace(rule, except_words=(*rule.except_words, *term.except_words))
        for text, found in _found(own, bench, (Words(term.expressions),)):
            for (start, end), _ in found:
                word = text.written.text[start:end]
                yield Hit(text, start, word, f"écrire « {term.replacement} »", since=term.since)


CHECKS: Mapping[Check, Callable[[ProseRule, _Bench], Iterator[Hit]]] = {
    Check.WORDS: _words,
    Check.ABSENCE: _absence,
    Check.COUNT: _count,
    Check.LENGTH: _length,
    Check.ACRONYMS: _acronyms,
    Check.REFERENCES: _references,
    Check.OBSOLETE: _obsolete,
}
