"""How long a tender's document is, against what is seen in public files of that depth (from 38 real CCTPs).

Functional needs are left out of the measure, for their number is the buyer's and not the library's; annexes count.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from reqgen.model.document import Block, Contents, Document, Heading, Inline, ItemList, PageBreak, Paragraph, Table
from reqgen.model.library import Tier
from reqgen.model.outline import Outline
from reqgen.model.project import Lot
from reqgen.model.selection import Selection

RANGES: Mapping[Tier, tuple[int, int]] = {
    Tier.ESSENTIAL: (10, 16),
    Tier.STANDARD: (15, 40),
    Tier.REINFORCED: (30, 70),
}
MAIN = "cctp"


class Section(Struct, frozen=True):
    """A chapter of a document: its title, the requirements that it holds, and its characters."""

    title: str
    requirements: int
    characters: int


class Length(Struct, frozen=True):
    """The pages of one tender's main document: all of them, and those that are left without functional needs."""

    project: str
    document: str
    """Its name: « cctp », or the one that stands for it in the tender's domains."""
    domains: tuple[str, ...]
    tier: Tier
    lots: int
    total: int
    bare: int
    """Pages without functional needs, annexes included."""
    sections: tuple[Section, ...] = ()
    """The chapters of the document without functional needs, in its order."""

    @property
    def range(self) -> tuple[int, int] | None:
        """The pages to be expected without functional needs; None for a document that is no CCTP."""
        return RANGES[self.tier] if self.document == MAIN else None

    @property
    def miss(self) -> int:
        """By how many pages the document is outside its range: below zero when it is too short."""
        low, high = self.range or (self.bare, self.bare)
        return min(self.bare - low, 0) + max(self.bare - high, 0)

    @property
    def mark(self) -> str:
        """« trop court » or « trop long » when the document is outside its range."""
        return "trop court" if self.miss < 0 else "trop long" if self.miss > 0 else ""

    @property
    def heaviest(self) -> list[tuple[Section, int]]:
        """The chapters from the one with most text, each with its share of the text in percent."""
        whole = sum(section.characters for section in self.sections) or 1
        order = sorted(self.sections, key=lambda section: -section.characters)
        return [(section, round(100 * section.characters / whole)) for section in order]


def main_outline(outlines: Mapping[str, Outline], domains: Collection[str]) -> Outline:
    """The plan of the CCTP, or of the document that stands for it in those domains."""
    outline = outlines[MAIN]
    reach = outline.reach
    return outlines.get(reach.instead, outline) if any(name in reach.never for name in domains) else outline


def without_needs(selection: Selection) -> Selection:
    """The same decisions for a tender that states no functional need."""
    project = selection.project
    common = _bare(project.common)
    lots = {lot.number: _bare(lot) for lot in project.lots}
    # an undivided tender has its common part as its only lot, and is known by that
    parts = [
        replace(part, lot=common if part.lot is project.common else lots[part.lot.number]) for part in selection.lots
    ]
    bare = replace(project, common=common, lots=tuple(lots.values()))
    return replace(selection, project=bare, lots=tuple(parts))


def _bare(lot: Lot) -> Lot:
    return replace(lot, needs=())


def sections_of(document: Document) -> tuple[Section, ...]:
    """The chapters of a document; what stands before the first (cover, table of contents) is in none."""
    chapters: list[list[Block]] = []
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            chapters.append([])
        if chapters:
            chapters[-1].append(block)
    return tuple(_section(blocks) for blocks in chapters)


def _section(blocks: Sequence[Block]) -> Section:
    headings = [block for block in blocks if isinstance(block, Heading)]
    title = f"{headings[0].number} {headings[0].text}".strip()
    return Section(title, sum(bool(heading.tag) for heading in headings), sum(map(len, _texts(blocks))))


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    """Every run of characters of the blocks."""
    for block in blocks:
        match block:
            case Heading():
                yield block.text
            case Paragraph():
                yield from _runs(block.inlines)
            case ItemList():
                for item in block.items:
                    yield from _texts(item)
            case Table():
                for row in (block.header, *block.rows):
                    for cell in row:
                        yield from _runs(cell.inlines)
            case Contents() | PageBreak():
                pass


def _runs(inlines: Sequence[Inline]) -> Iterator[str]:
    return (inline.text for inline in inlines)
