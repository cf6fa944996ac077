"""The named blocks of an outline: one function each, and the table that maps a name to it."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from reqgen.assemble.requirements import Writer, by_theme, in_piece, listed
from reqgen.assemble.scope import Scope, Scopes, anchor
from reqgen.assemble.values import filler
from reqgen.assemble.wording import Labels
from reqgen.model.document import Block, Cell, CrossReference, Heading, Inline, Paragraph, Table, Text
from reqgen.model.library import (
    BINDING,
    Answer,
    Library,
    Milestone,
    Nature,
    Phase,
    Piece,
    Source,
    Theme,
    Undated,
    Volume,
)
from reqgen.model.outline import Form, Outline, Slot
from reqgen.model.project import Project
from reqgen.model.selection import Selection, Verdict
from reqgen.model.words import enumerate_words, french_date, french_number, natural, plain
from reqgen.prose import NBSP, blocks, filled, typeset

REST, DOMAINS = "reste", "domaines"


class Brief(Struct, frozen=True):
    """Everything a slot may draw from."""

    selection: Selection
    outline: Outline
    scopes: Scopes
    scope: Scope
    labels: Labels
    named_themes: Mapping[tuple[Piece, ...], frozenset[str]]
    """Themes to which the outline gives a place of their own, by the pieces that slots name, in the common part or in that of lots."""

    @property
    def project(self) -> Project:
        """The tender."""
        return self.selection.project

    @property
    def library(self) -> Library:
        """The library in use."""
        return self.selection.library

    def disclosed(self, verdicts: Iterable[Verdict]) -> list[Verdict]:
        """The clauses that this document may hold: those that its readers may see, within its limits."""
        added = {choice.clause for part in (self.project.common, *self.project.lots) for choice in part.inclusions}
        return [
            verdict
            for verdict in verdicts
            if verdict.clause.disclosure in self.outline.disclosures and self._within(verdict, added)
        ]

    def _within(self, verdict: Verdict, added: Collection[str]) -> bool:
        clause, limits = verdict.clause, self.outline.limits
        if limits.domains and not any(reference.id in limits.domains for reference in clause.domains):
            return False
        shallow = limits.tier is None or clause.tier.rank <= limits.tier.rank
        return shallow or verdict.binding or clause.id in added

    def pieces(self, slot: Slot | None = None) -> tuple[Piece, ...]:
        """The pieces of a slot, else those of the document."""
        return (slot.pieces if slot else ()) or self.outline.pieces

    def chosen(self, slot: Slot) -> list[tuple[Theme, list[Verdict]]]:
        """The obligations that the slot's themes and pieces call for, by theme."""
        verdicts = self.disclosed(in_piece(self.scope.verdicts, self.pieces(slot)))
        return [(theme, group) for theme, group in by_theme(verdicts, self.library) if self._calls(slot, theme)]

    def _calls(self, slot: Slot, theme: Theme) -> bool:
        names = self.named_themes.get(slot.pieces, frozenset())
        named = theme.id in names or (DOMAINS in names and theme.of_domain)
        wanted = theme.id in slot.themes or (DOMAINS in slot.themes and theme.of_domain)
        return wanted or (REST in slot.themes and not named)

    def everything(self) -> list[tuple[Scope, Verdict]]:
        """Every clause that the document holds, with the scope in which it stands."""
        return [
            (scope, verdict)
            for scope in self.scopes.all
            for verdict in self.disclosed(in_piece(scope.verdicts, self.pieces()))
        ]


def cell(text: str, align: str = "left") -> Cell:
    """A cell of plain text."""
    return Cell((Text(typeset(" ".join(text.split()))),) if text else (), align)


def table(
    brief: Brief, caption: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]
) -> Iterator[Table]:
    """A table whose caption and column titles are labels; nothing when it has no row."""
    lines = tuple(tuple(row) for row in rows)
    if lines:
        header = tuple(cell(brief.labels(f"{caption}.{name}")) for name, _ in columns)
        yield Table(header, lines, typeset(brief.labels(f"{caption}.titre")), tuple(width for _, width in columns))


def without_blank_columns(tables: Iterable[Table]) -> Iterator[Table]:
    """The tables without the columns in which no row has anything, the others widened in proportion."""
    for one in tables:
        kept = [index for index in range(len(one.header)) if any(row[index].inlines for row in one.rows)]
        total = sum(one.widths[index] for index in kept)
        widths = [one.widths[index] * 100 // total for index in kept]
        widths[-1] += 100 - sum(widths)
        rows = tuple(tuple(row[index] for index in kept) for row in one.rows)
        yield Table(tuple(one.header[index] for index in kept), rows, one.caption, tuple(widths))


def _number(identifier: str, scope: Scope) -> CrossReference:
    """The number of a requirement's heading, which the word processor keeps right."""
    return CrossReference(anchor(identifier, scope.suffix), identifier)


def _reference(identifier: str, scope: Scope) -> Cell:
    """A requirement's number, then its id."""
    return Cell((_number(identifier, scope), Text(f" {identifier}")))


def requirements(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The clauses of the slot's themes, a section a theme; in the concise form, one after the other."""
    writer = Writer(brief.scope, brief.library, brief.labels)
    for theme, group in brief.chosen(slot):
        if slot.form is Form.FULL:
            yield from writer.theme(theme, group, level)
        else:
            for verdict in group:
                yield from writer.brief(verdict, level, checks=slot.form is Form.CONCISE)


def short_requirements(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """Needs and clauses as two lists: what the bidder must describe, in a sentence each; the others by their titles, a line a theme."""
    writer = Writer(brief.scope, brief.library, brief.labels)
    chosen = brief.chosen(slot)
    described: list[Sequence[Inline]] = [writer.short_need(need) for need in brief.scope.needs]
    described += [
        writer.short(verdict) for _, group in chosen for verdict in group if verdict.clause.answer is not Answer.NONE
    ]
    accepted = [
        (theme, [verdict for verdict in group if verdict.clause.answer is Answer.NONE]) for theme, group in chosen
    ]
    lines = [writer.short_theme(theme, group) for theme, group in accepted if group]
    for label, items in (("courtes.a-decrire", described), ("courtes.acceptees", lines)):
        if items:
            yield Paragraph((Text(typeset(brief.labels(label))),))
            yield listed(items)


def needs(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The buyer's functional needs, a section a module."""
    writer = Writer(brief.scope, brief.library, brief.labels)
    modules: dict[str, list[Block]] = {}
    for need in brief.scope.needs:
        modules.setdefault(need.module, []).extend(writer.need(need, level + 1))
    for number, (module, content) in enumerate(modules.items(), 1):
        yield Heading(level, typeset(module), anchor(f"module_{number}", brief.scope.suffix))
        yield from content


def context(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The buyer's own words on the context. A heading in them would break the numbering: it becomes a paragraph."""
    yield from blocks(brief.scope.context, lambda name: f"[{name}]", brief.labels("volumes.titre"))


def applications(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The software in place."""
    rows = [
        [cell(item.name), cell(item.vendor), cell(item.role), cell(item.interface)] for item in brief.scope.applications
    ]
    if rows:
        yield Heading(level, typeset(brief.labels("existant.titre")), anchor("existant", brief.scope.suffix))
        columns = (("logiciel", 20), ("editeur", 18), ("role", 27), ("echanges", 35))
        yield from without_blank_columns(table(brief, "existant", columns, rows))


def volumes(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The volumes."""
    rows = [[cell(item.label), cell(quantity_of(item), "right"), cell(item.on)] for item in brief.scope.volumes]
    if rows:
        yield Heading(level, typeset(brief.labels("volumes.titre")), anchor("volumes", brief.scope.suffix))
        columns = (("libelle", 55), ("valeur", 25), ("date", 20))
        yield from without_blank_columns(table(brief, "volumes", columns, rows))


def quantity_of(volume: Volume) -> str:
    """« 1 850 par an »."""
    whole = re.fullmatch(r"[0-9]{1,15}", volume.amount)
    number = french_number(int(volume.amount)) if whole else re.sub(r"(?<=\d)\.(?=\d+\Z)", ",", volume.amount)
    return f"{number} {volume.unit}".strip()


def exchanges(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The national exchanges of the scope's domains that the tender has."""
    rows = [[cell(item.platform), cell(item.direction), cell(item.framework)] for item in brief.scope.exchanges]
    if rows:
        yield Heading(level, typeset(brief.labels("echanges.titre")), anchor("echanges", brief.scope.suffix))
        yield from table(brief, "echanges", (("plateforme", 25), ("sens", 30), ("cadre", 45)), rows)


def lots(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The list of lots, when the document covers several."""
    rows = [[cell(str(scope.lot.number)), cell(scope.lot.title)] for scope in brief.scopes.lots if scope.lot]
    yield from table(brief, "lots", (("numero", 12), ("objet", 88)), rows)


def buyers(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The members of a groupement."""
    members = brief.project.buyers
    if len(members) < 2:
        return
    kinds = dict(
        next((fact.choices for fact in brief.library.facts.values() if fact.read_from == "acheteurs.*.type"), ())
    )
    role = brief.labels("acheteurs.coordonnateur")
    rows = [
        [
            cell(f"{buyer.name} ({role})" if buyer is brief.project.coordinator else buyer.name),
            cell(" ; ".join(kinds.get(kind, kind) for kind in buyer.kinds)),
        ]
        for buyer in members
    ]
    yield from table(brief, "acheteurs", (("nom", 60), ("type", 40)), rows)


def deliverables(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """Every deliverable that the document's clauses ask for, by milestone."""
    order = list(Milestone)
    rows: list[tuple[int, list[Cell]]] = []
    for scope, verdict in brief.everything():
        fill = filler(verdict.clause, scope.settings)
        for item in verdict.clause.deliverables:
            due = cell(brief.labels(f"jalon.{item.milestone}"))
            line = [
                cell(filled(item.name, fill)),
                due,
                cell(filled(item.delay, fill)),
                _reference(verdict.clause.id, scope),
            ]
            rows.append((order.index(item.milestone), line))
    if rows:
        rows.sort(key=lambda row: row[0])
        yield Heading(level, typeset(brief.labels("livrables.titre")), anchor("livrables"))
        yield from table(
            brief, "livrables", (("nom", 38), ("jalon", 21), ("delai", 20), ("clause", 21)), [row for _, row in rows]
        )


def phases(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """Which requirements are checked in which phase."""
    checked: dict[Phase, dict[tuple[str, str], Inline]] = {}
    for scope, verdict in brief.everything():
        for check in verdict.clause.verifications:
            if verdict.clause.nature is Nature.OBLIGATION:
                checked.setdefault(check.phase, {})[(verdict.clause.id, scope.suffix)] = _number(
                    verdict.clause.id, scope
                )
    rows = [
        [cell(brief.labels(f"phase.{phase}").capitalize()), Cell(_listed(checked[phase].values()))]
        for phase in Phase
        if phase in checked
    ]
    if rows:
        yield Heading(level, typeset(brief.labels("phases.titre")), anchor("phases"))
        yield from table(brief, "phases", (("phase", 25), ("clauses", 75)), rows)


def _listed(items: Iterable[Inline]) -> tuple[Inline, ...]:
    result: list[Inline] = []
    for item in items:
        result += [Text(", "), item] if result else [item]
    return tuple(result)


def response_frame(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The cadre de réponse: what the bidder must declare, describe or prove, lot by lot."""
    columns = (("reference", 19), ("exigence", 35), ("attendu", 12), ("reponse", 17), ("precisions", 17))
    for scope in brief.scopes.all:
        rows = list(_frame_rows(brief, scope))
        if rows and scope.lot:
            yield Heading(
                level, typeset(brief.labels("cadre.lot", numero=scope.lot.number)), anchor("cadre", scope.suffix)
            )
        yield from table(brief, "cadre", columns, rows)


def _frame_rows(brief: Brief, scope: Scope) -> Iterator[list[Cell]]:
    blank = Cell(())
    for need in scope.needs:
        yield [
            _reference(need.id, scope),
            cell(need.title or need.text),
            cell(brief.labels("cadre.attendu.déclaration")),
            blank,
            blank,
        ]
    # whatever the piece in which it stands, what the bidder must answer has its row here
    for verdict in brief.disclosed(scope.verdicts):
        clause = verdict.clause
        if clause.answer is Answer.NONE:
            continue
        expected = cell(brief.labels(f"cadre.attendu.{clause.answer}"))
        if clause.nature is Nature.QUESTION:
            text = filled(clause.text.text, filler(clause, scope.settings))
            yield [cell(clause.id), Cell((Text(text),)), expected, blank, blank]
        else:
            here = clause.piece in brief.pieces()
            reference = (
                _reference(clause.id, scope) if here else cell(f"{clause.id} ({brief.labels(f'piece.{clause.piece}')})")
            )
            yield [reference, cell(clause.title), expected, blank, blank]


def cited(brief: Brief) -> list[tuple[Source, list[str]]]:
    """The sources that the document's clauses cite, in the registry's order, with the ids of those clauses."""
    clauses: dict[str, list[str]] = {}
    for _, verdict in brief.everything():
        for citation in verdict.clause.citations:
            names = clauses.setdefault(citation.source, [])
            if verdict.clause.id not in names:
                names.append(verdict.clause.id)
    return [(source, clauses[source.id]) for source in brief.library.sources.values() if source.id in clauses]


def references(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The normative references: only those cited, a line a text, its articles by edition and date."""
    texts: dict[str, dict[str, list[str]]] = {}
    for source, _ in cited(brief):
        text, article, number = source.title.partition(", article")
        articles = texts.setdefault(text, {}).setdefault(_edition(brief, source), [])
        if article:
            articles.append(number)
    rows = [
        [cell(text), cell(" ; ".join(_articles(numbers, edition) for edition, numbers in editions.items()))]
        for text, editions in sorted(texts.items(), key=lambda item: natural(plain(item[0])))
    ]
    yield from table(brief, "references", (("source", 46), ("edition", 54)), rows)


UNDATED_LABELS = {Undated.KEPT_UP: "references.tenue-a-jour", Undated.TO_BE_FOUND: "references.non-datee"}


def _edition(brief: Brief, source: Source) -> str:
    """« CELEX 32016R0679, en vigueur depuis le 25 mai 2018 »."""
    since = brief.labels(UNDATED_LABELS[source.undated]) if source.undated in UNDATED_LABELS else ""
    if source.in_force_from:
        name = "references.depuis" if source.kind in BINDING else "references.datee"
        since = brief.labels(name, date=french_date(source.in_force_from))
    return ", ".join(part for part in (source.identifier, since) if part)


def _articles(numbers: Sequence[str], edition: str) -> str:
    """« articles 4 et 12 à 14 (...) »; each of `numbers` is what follows « article » in a title, its plural « s » included."""
    if not numbers:
        return edition
    word = "articles" if len(numbers) > 1 or numbers[0].startswith("s ") else "article"
    each = sorted({part for number in numbers for part in _each_article(number)}, key=natural)
    nested = any("," in part or " et " in part for part in each)
    return f"{word} {' ; '.join(each) if nested and len(each) > 1 else enumerate_words(each)} ({edition})"


def _each_article(number: str) -> list[str]:
    plural = number.startswith("s ")
    text = number[1:].strip() if plural else number.strip()
    return re.split(r", | et ", text) if plural and not re.search("point|alinéa|paragraphe|annexe", text) else [text]


def contacts(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The buyer's services, by role."""
    rows = [[cell(role), cell(details)] for role, details in brief.project.contacts]
    if rows and brief.scope.lot is None:
        yield Heading(level, typeset(brief.labels("contacts.titre")), anchor("contacts"))
        yield from table(brief, "contacts", (("role", 40), ("coordonnees", 60)), rows)


def processing(brief: Brief, slot: Slot, level: int) -> Iterator[Block]:
    """The description of the processing (GDPR art. 28.3), lot by lot: the project's words, else those of its domains."""
    for scope in brief.scopes.lots or (brief.scopes.common,):
        if scope.lot:
            title = brief.labels("cadre.lot", numero=scope.lot.number)
            yield Heading(level, typeset(f"{title} – {scope.lot.title}"), anchor("traitement", scope.suffix))
        yield from _processing(brief, scope)


def _processing(brief: Brief, scope: Scope) -> Iterator[Block]:
    own = scope.processing
    domains = [brief.library.domains[name].processing for name in scope.domains if name in brief.library.domains]

    def listed(name: str) -> str:
        mine: tuple[str, ...] = getattr(own, name)
        return _sentence(mine or [item for domain in domains for item in getattr(domain, name)])

    label = brief.labels
    content = (
        ("responsable", " ; ".join(buyer.name for buyer in brief.project.buyers)),
        (
            "objet",
            _sentence([own.purpose] if own.purpose else [domain.purpose for domain in domains]) or brief.project.object,
        ),
        ("duree", label("traitement.duree-marche")),
        ("nature", listed("nature")),
        ("finalites", listed("purposes")),
        ("donnees", listed("data")),
        ("personnes", listed("persons")),
        ("conservation", own.retention or " ".join(dict.fromkeys(domain.retention.strip() for domain in domains))),
    )
    rows = [[cell(label(f"traitement.{name}")), cell(text)] for name, text in content if text]
    yield from table(brief, "traitement", (("element", 28), ("contenu", 72)), rows)


def _sentence(items: Iterable[str]) -> str:
    """Items in a row, each once, without the stops they were written with."""
    return " ; ".join(dict.fromkeys(item.strip().rstrip(".;") for item in items if item.strip()))


def glossary(brief: Brief, text: str) -> Iterator[Block]:
    """The glossary: only the terms that `text`, the rest of the document, uses."""
    words = _Words(text)
    used = [term for term in brief.library.glossary if any(words.hold(form) for form in (term.term, *term.forms))]
    used.sort(key=lambda term: plain(term.term))
    rows = [[cell(term.term), cell(term.definition)] for term in used]
    yield from table(brief, "glossaire", (("terme", 23), ("definition", 77)), rows)


_WORD = re.compile(r"[^\W_]+")


class _Words:
    """A text in which whole words are looked for; an acronym must keep its capitals."""

    def __init__(self, text: str):
        self.text = text.replace(NBSP, " ")
        self.folded = self.text.casefold()
        words = _WORD.findall(self.folded)
        self.each = {*words, *_WORD.findall(self.text)}
        self.pairs = set(pairwise(words))

    def hold(self, form: str) -> bool:
        acronym = form[1:] != form[1:].lower()
        if form.isalnum():  # most forms are a bare word, which typography leaves alone
            return (form if acronym else form.casefold()) in self.each
        form = typeset(form).replace(NBSP, " ")
        text, word = (self.text, form) if acronym else (self.folded, form.casefold())
        # reading the whole document for each term would take a tenth of the time to write it
        if len(words := _WORD.findall(word)) == 1 and words[0] == word:
            return word in self.each
        words = _WORD.findall(word.casefold())
        return self.pairs.issuperset(pairwise(words)) and self.each.issuperset(words) and self._stands(text, word)

    @staticmethod
    def _stands(text: str, word: str) -> bool:
        at = text.find(word)
        while at >= 0:
            before, after = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
            if not before.isalnum() and not after.isalnum():
                return True
            at = text.find(word, at + 1)
        return False


SlotWriter = Callable[[Brief, Slot, int], Iterator[Block]]

SLOTS: Mapping[str, SlotWriter] = {
    "exigences": requirements,
    "exigences-courtes": short_requirements,
    "besoins": needs,
    "contexte": context,
    "existant": applications,
    "volumes": volumes,
    "echanges": exchanges,
    "lots": lots,
    "acheteurs": buyers,
    "livrables": deliverables,
    "phases": phases,
    "cadre-de-reponse": response_frame,
    "references": references,
    "traitement": processing,
    "contacts": contacts,
}
"""Slots that any document may hold. `glossaire` is apart: it needs the text of the rest of the document."""
