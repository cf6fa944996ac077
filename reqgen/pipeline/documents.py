"""One document of a tender, or what keeps it from being made."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from reqgen.assemble.build import build
from reqgen.cache import remember, remembered
from reqgen.model.condition import tests_of
from reqgen.model.diagnostic import Diagnostic, NotInOrderError, Place, ReqgenError, Severity
from reqgen.model.document import Document
from reqgen.model.outline import Outline
from reqgen.model.project import Project
from reqgen.model.selection import LotSelection, Outcome, Selection
from reqgen.model.words import enumerate_words, near
from reqgen.pipeline.reading import Tender
from reqgen.prose import recall


def missing_answers(selection: Selection) -> list[Diagnostic]:
    """What keeps clauses undecided: one finding for each unanswered question, and for each clause that no answer decides."""
    return [*_unanswered(selection), *_undecidable(selection)]


def _unanswered(selection: Selection) -> Iterator[Diagnostic]:
    place = Place(selection.project.place.path)
    for name, clauses in selection.missing.items():
        fact = selection.library.facts[name]
        choices = " | ".join(choice for choice, _ in fact.choices)
        where = fact.read_from or f"faits.{name}"
        listed = ", ".join(clauses[:4]) + (" …" if len(clauses) > 4 else "")
        parents = [test.fact for test in tests_of(fact.asked_if) if test.fact in selection.missing]
        only = f" ; peut devenir sans objet selon {enumerate_words(parents)}" if parents else ""
        mend = f"répondre dans le projet{f' : {choices}' if choices else ''} ; clauses en attente : {listed}{only}"
        yield Diagnostic("unanswered-fact", f"{fact.label} ({where})", place, mend)


def _undecidable(selection: Selection) -> Iterator[Diagnostic]:
    for part in selection.lots:
        for verdict in part.verdicts.values():
            if verdict.outcome is Outcome.UNDECIDED and not verdict.missing:
                why = " ; ".join(reason.text for reason in verdict.reasons)
                message = f"la clause {verdict.clause.id} ne peut pas être décidée : {why}"
                mend = "compléter seuils.yaml, ou retenir ou écarter la clause dans le projet, avec son motif"
                yield Diagnostic("undecidable-clause", message, Place(selection.project.place.path), mend)


def assemble(tender: Tender, outline: Outline, *, lot: int | None = None, draft: bool = False) -> Document:
    """One document of the tender.

    Raises NotInOrderError when the document is not made for such a tender, or when a question that matters has no answer,
    unless `draft`; ReqgenError when there is no such lot.
    """
    selection = tender.selection
    parts = lots_of(selection, lot)
    misfits = [*_misfits(selection.project, outline, parts)]
    if misfits:
        raise NotInOrderError(*misfits)
    errors = [finding for finding in selection.diagnostics if finding.severity is Severity.ERROR]
    if errors:
        raise NotInOrderError(*errors)
    waiting = missing_answers(selection)
    if waiting and not draft:
        raise NotInOrderError(*waiting)
    with _prose_recalled():
        return build(selection, outline, only_lot=lot, draft=draft)


@contextmanager
def _prose_recalled() -> Iterator[None]:
    """What was parsed for earlier documents is not parsed again: it is a third of the work of assembling one."""
    known = recall(remembered("prose"))
    before = len(known)
    yield
    if len(known) > before:
        remember("prose", known)


def lots_of(selection: Selection, number: int | None) -> tuple[LotSelection, ...]:
    """Every lot, or the one of that number. Raises ReqgenError when there is none."""
    parts = tuple(part for part in selection.lots if number is None or (part.lot.number == number and number))
    if not parts:
        numbers = [str(item.number) for item in selection.project.lots]
        message = f"le marché n'a pas de lot {number}" if numbers else "le marché n'est pas alloti"
        help = f"lots : {', '.join(numbers)}" if numbers else "retirer --lot"
        raise ReqgenError(Diagnostic("unknown-lot", message, Place("--lot"), help))
    return parts


def _misfits(project: Project, outline: Outline, parts: Sequence[LotSelection]) -> Iterator[Diagnostic]:
    """The first lot whose domains are not those that the document is made for."""
    reach = outline.reach
    for part in parts:
        foreign = [name for name in part.domains if name in reach.never]
        if not foreign and (not reach.only or any(name in reach.only for name in part.domains)):
            continue
        whose = f"le lot {part.lot.number}" if part.lot.number else "le marché"
        if foreign:
            why = f"{whose} relève du domaine {enumerate_words(foreign)}, pour lequel ce document n'est pas fait"
        else:
            why = f"il n'est fait que pour le domaine {enumerate_words(list(reach.only), 'ou')}, dont {whose} ne relève pas"
        mend = f"produire plutôt --document {reach.instead}" if reach.instead else "choisir un autre document"
        yield Diagnostic("wrong-document", f"document « {outline.name} » : {why}", project.at("domaines"), mend)
        return


def outline_named(outlines: Mapping[str, Outline], name: str) -> Outline:
    """The plan of that name. Raises ReqgenError when there is none."""
    if name not in outlines:
        known = ", ".join(sorted(outlines))
        raise ReqgenError(
            Diagnostic(
                "unknown-document",
                f"« {name} » n'est pas un document connu{near(name, outlines)}",
                Place("--document"),
                f"documents : {known}",
            )
        )
    return outlines[name]
