"""A document from its outline: parts with something in them, in order, headings numbered."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from reqgen.assemble.note import NOTE_SLOTS
from reqgen.assemble.scope import Scope, Scopes, scopes_of
from reqgen.assemble.slots import DOMAINS, REST, SLOTS, Brief, glossary, quantity_of
from reqgen.assemble.wording import Labels, fill, wanted
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.document import (
    Block,
    Cell,
    Contents,
    CrossReference,
    Document,
    Heading,
    Inline,
    ItemList,
    Meta,
    PageBreak,
    Paragraph,
    Style,
    Table,
    Text,
)
from reqgen.model.library import CLAUSE_ID, Answer, Nature, Piece, ReviewStatus
from reqgen.model.outline import Form, Outline, Part, Slot, Wording
from reqgen.model.selection import Selection, Verdict
from reqgen.model.words import french_date, natural, near
from reqgen.prose import blocks, plain_text, typeset

GLOSSARY = "glossaire"
ALL_SLOTS = {**SLOTS, **NOTE_SLOTS}


class _Pending(Struct, frozen=True):
    """Stands where the glossary will be, until the rest of the document is written."""


Draft = Block | _Pending


def build(selection: Selection, outline: Outline, *, only_lot: int | None = None, draft: bool = False) -> Document:
    """The document that the outline describes, for the tender.

    Raises ReqgenError when the outline names an unknown slot or word, or when a clause would be lost.
    """
    return _Builder(
        selection, outline, scopes_of(selection, only_lot=only_lot, draft=draft), only_lot, draft
    ).document()


class _Builder:
    def __init__(self, selection: Selection, outline: Outline, scopes: Scopes, only_lot: int | None, draft: bool):
        self.selection, self.outline, self.scopes, self.draft = selection, outline, scopes, draft
        self.labels = Labels({**outline.labels, **outline.own_labels}, outline.place)
        self.named = {each_lot: _named(outline.parts, each_lot) for each_lot in (False, True)}
        self.values = self._values(only_lot)
        self.anchors = 0

    def document(self) -> Document:
        written = list(self._parts(self.outline.parts, self.scopes.common, 1))
        self._nothing_lost(written)
        body = _numbered(self._with_glossary(written))
        project, library = self.selection.project, self.selection.library
        front: list[Block] = list(self._cover())
        page = [PageBreak()] if self.outline.cover_page else []
        if self.outline.contents_title:
            front += [*page, Contents(self.outline.contents_title, self.outline.depth)]
        meta = Meta(
            title=typeset(self.outline.title),
            subject=typeset(project.object),
            author=project.coordinator.name,
            reference=project.reference,
            header=self._line(self.outline.header),
            footer=self._line(self.outline.footer),
            date=library.manifest.released.isoformat(),
        )
        return Document(meta, (*front, *page, *body), self.draft)

    def _values(self, only_lot: int | None) -> dict[str, object]:
        """The words that the outline's texts may use: plain values only. Listed in docs/modeles.md."""
        project, manifest = self.selection.project, self.selection.library.manifest
        kept = [verdict for scope in self.scopes.all for verdict in scope.verdicts]
        lot = next((lot for lot in project.lots if lot.number == only_lot), None)
        renewals = project.renewals
        return {
            "acheteur": project.coordinator.name,
            "adresse": project.coordinator.address,
            "acheteurs": [buyer.name for buyer in project.buyers],
            "groupement": len(project.buyers) > 1,
            "coordonnateur": project.coordinator.name,
            "objet": project.object,
            "reference": project.reference,
            "version": project.version,
            "lots": [{"numero": item.number, "titre": item.title} for item in project.lots]
            if len(self.scopes.lots) > 1
            else [],
            "lot": {"numero": lot.number, "titre": lot.title} if lot else None,
            "procedure": project.procedure,
            "forme": project.form,
            "duree": project.months,
            "reconductions": {"nombre": renewals.count, "mois": renewals.months} if renewals.count else None,
            "variantes": project.variants,
            "remise": french_date(project.deadline) if project.deadline else "",
            "volumes": [
                {"libelle": volume.label, "quantite": quantity_of(volume), "date": volume.on}
                for volume in self.scopes.common.volumes
            ],
            "derogations": sorted({number for verdict in kept for number in verdict.clause.departs_from}, key=natural),
            "besoins": bool(self.scopes.common.needs),
            "cadre": any(scope.needs or _answered(scope.verdicts) for scope in self.scopes.all),
            "projet": self.draft,
            "retenues": len({verdict.clause.id for verdict in kept}),
            "non_relues": len(
                {verdict.clause.id for verdict in kept if verdict.clause.review.status is ReviewStatus.DRAFT}
            ),
            "annexe_rgpd": any(verdict.clause.piece is Piece.GDPR_ANNEX for verdict in kept),
            "bibliotheque": {
                "titre": manifest.title,
                "version": manifest.version,
                "date": french_date(manifest.released),
                "etat_du_droit": french_date(manifest.law_as_of),
            },
        }

    def _line(self, text: str) -> str:
        return typeset(" ".join(fill(text, self.values, self.outline.place, markdown=False).split()))

    def _cover(self) -> Iterator[Block]:
        for style, wording in self.outline.cover:
            line = self._line(wording.text) if wanted(wording, self.values) else ""
            if line:
                yield Paragraph((Text(line),), self._cover_style(style, wording.place))

    @staticmethod
    def _cover_style(name: str, place: Place) -> Style:
        if name not in set(Style):
            known = [style.value for style in Style]
            message = f"« {name} » n'est pas un style{near(name, known)}"
            raise ReqgenError(Diagnostic("bad-wording", message, place, f"styles connus : {', '.join(known)}"))
        return Style(name)

    def _parts(self, parts: Sequence[Part], scope: Scope, level: int) -> Iterator[Draft]:
        for part in parts:
            if not part.each_lot:
                yield from self._part(part, scope, level)
            else:
                for lot in self.scopes.lots:
                    yield from self._part(part, lot, level)

    def _part(self, part: Part, scope: Scope, level: int) -> Iterator[Draft]:
        values = (
            {**self.values, "lot": {"numero": scope.lot.number, "titre": scope.lot.title}} if scope.lot else self.values
        )
        content = [block for item in part.content for block in self._content(item, scope, level + 1, values)]
        content += self._parts(part.parts, scope, level + 1)
        if content:
            self.anchors += 1
            title = typeset(fill(part.title, values, part.place, markdown=False))
            # the number is filled in at the end, once every heading is known
            yield Heading(level, title, f"chap_{self.anchors}", number="0" if part.numbered else "")
            yield from _unwrapped(content) if _one_theme(part) else content

    def _content(self, item: Wording | Slot, scope: Scope, level: int, values: dict[str, object]) -> Iterator[Draft]:
        if isinstance(item, Wording):
            if not wanted(item, values):
                return
            yield from blocks(
                fill(item.text, values, item.place), lambda name: f"[{name}]", typeset(self.outline.title)
            )
            return
        if item.name == GLOSSARY:
            yield _Pending()
            return
        if item.name not in ALL_SLOTS:
            known = (*ALL_SLOTS, GLOSSARY)
            message = f"« {item.name} » n'est pas un bloc connu{near(item.name, known)}"
            raise ReqgenError(Diagnostic("unknown-slot", message, item.place, f"blocs connus : {', '.join(known)}"))
        yield from ALL_SLOTS[item.name](self._brief(scope), item, level)

    def _brief(self, scope: Scope) -> Brief:
        return Brief(self.selection, self.outline, self.scopes, scope, self.labels, self.named[scope.lot is not None])

    def _with_glossary(self, written: Sequence[Draft]) -> list[Block]:
        """The body with its glossary, which needs the words of all the rest; the glossary's heading goes without it."""
        sources = typeset(self.labels("references.titre"))  # a title of a text is not a word of ours
        text = "\n".join(
            words_of(block)
            for block in written
            if not isinstance(block, _Pending) and not (isinstance(block, Table) and block.caption == sources)
        )
        # the letters of an id, of a clause or of a need, are no word of the text
        needs = [re.escape(need.id) for scope in self.scopes.all for need in scope.needs]
        identifier = re.compile(rf"\b(?:{'|'.join([CLAUSE_ID, *needs])})\b")
        entries = list(glossary(self._brief(self.scopes.common), identifier.sub(" ", text)))
        body: list[Block] = []
        for block in written:
            if not isinstance(block, _Pending):
                body.append(block)
            elif entries:
                body += entries
            elif body and isinstance(body[-1], Heading):
                body.pop()
        return body

    def _nothing_lost(self, body: Sequence[Draft]) -> None:
        """A kept clause that no slot of the outline took would be lost in silence: refuse instead."""
        if not self.outline.pieces:
            return
        placed = {block.tag for block in body if isinstance(block, Heading)}
        due = [verdict.clause for _, verdict in self._brief(self.scopes.common).everything()]
        unnamed = [clause.id for clause in due if clause.nature is Nature.OBLIGATION and clause.id not in placed]
        if not unnamed:
            return
        text = "\n".join(words_of(block) for block in body if not isinstance(block, _Pending | Heading))
        lost = [clause for clause in unnamed if f"({clause}" not in text]
        if lost:
            message = f"le plan ne donne aucune place à {', '.join(lost)}"
            raise ReqgenError(
                Diagnostic(
                    "unplaced-clause",
                    message,
                    self.outline.place,
                    "ajouter au plan un bloc « exigences » pour ces thèmes, ou `reste`",
                )
            )


def _one_theme(part: Part) -> bool:
    """Whether the part is made for a single theme, whose title would only repeat its own."""
    slots = [item for item in part.content if isinstance(item, Slot)]
    return (
        len(part.content) == 1
        and len(slots) == 1
        and len(slots[0].themes) == 1
        and slots[0].themes[0] not in (REST, DOMAINS)
        and slots[0].form is Form.FULL
    )


def _unwrapped(content: Sequence[Draft]) -> list[Draft]:
    """The content without its first title, the others one level up and out of the table of contents."""
    return [
        replace(block, level=block.level - 1, in_contents=False) if isinstance(block, Heading) else block
        for block in content[1:]
    ]


def _named(parts: Sequence[Part], each_lot: bool) -> dict[tuple[Piece, ...], frozenset[str]]:
    """Themes that slots name, by the pieces of those slots: what « reste » leaves them."""
    named: dict[tuple[Piece, ...], frozenset[str]] = {}
    for slot in _slots(parts, each_lot):
        named[slot.pieces] = named.get(slot.pieces, frozenset()) | (frozenset(slot.themes) - {REST})
    return named


def _slots(parts: Sequence[Part], each_lot: bool, inside: bool = False) -> Iterator[Slot]:
    """The slots of the parts written once for each lot, or those of the others."""
    for part in parts:
        of_lots = inside or part.each_lot
        if of_lots is each_lot:
            yield from (item for item in part.content if isinstance(item, Slot))
        yield from _slots(part.parts, each_lot, of_lots)


def _answered(verdicts: Sequence[Verdict]) -> bool:
    return any(verdict.clause.answer is not Answer.NONE for verdict in verdicts)


def words_of(block: Block) -> str:
    """The characters of a block, for searching."""
    match block:
        case Heading():
            return block.text
        case Paragraph():
            return plain_text(block.inlines)
        case ItemList():
            return "\n".join(words_of(child) for item in block.items for child in item)
        case Table():
            return "\n".join(plain_text(cell.inlines) for row in (block.header, *block.rows) for cell in row)
        case Contents() | PageBreak():
            return ""


def _numbered(body: Sequence[Block]) -> list[Block]:
    """The body with its headings numbered (1, 1.1, 1.1.1) and its cross-references showing those numbers."""
    counters: list[int] = []
    inside_unnumbered = False
    numbers: dict[str, str] = {}
    result: list[Block] = []
    for block in body:
        if isinstance(block, Heading):
            if block.level == 1:
                inside_unnumbered = block.number == ""
            number = ""
            if not inside_unnumbered:
                counters = [*counters, *([0] * (block.level - len(counters)))][: block.level]
                counters[-1] += 1
                number = ".".join(map(str, counters))
            block = replace(block, number=number)
            numbers[block.anchor] = block.number
        result.append(block)
    return [_referred(block, numbers) for block in result]


def _referred(block: Block, numbers: dict[str, str]) -> Block:
    if not isinstance(block, Table):
        return block
    return replace(block, rows=tuple(tuple(_cell(cell, numbers) for cell in row) for row in block.rows))


def _shown(reference: CrossReference, numbers: dict[str, str]) -> Inline:
    """The reference with the number that it stands for; a dead one, or one to a heading without number, as plain text."""
    number = numbers.get(reference.target)
    return replace(reference, text=number) if number else Text(reference.text)


def _cell(cell: Cell, numbers: dict[str, str]) -> Cell:
    """A cell without dead references; a row of nothing but references is put in the order of their numbers."""
    inlines: list[Inline] = [
        _shown(inline, numbers) if isinstance(inline, CrossReference) else inline for inline in cell.inlines
    ]
    links = [inline for inline in inlines if isinstance(inline, CrossReference)]
    if len(links) > 1 and all(isinstance(inline, CrossReference) or plain_text([inline]) == ", " for inline in inlines):
        links.sort(key=lambda link: natural(numbers[link.target]))
        inlines = []
        for link in links:
            inlines += [Text(", "), link] if inlines else [link]
    return replace(cell, inlines=tuple(inlines))
