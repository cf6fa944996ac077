"""How long a tender's document is, against what is seen in public files of that depth (from 38 real CCTPs)."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from reqgen.model.library import Tier
from reqgen.model.outline import Outline, Part, Slot

RANGES: Mapping[Tier, tuple[int, int]] = {
    Tier.ESSENTIAL: (10, 16),
    Tier.STANDARD: (15, 40),
    Tier.REINFORCED: (30, 70),
}
MAIN, NEEDS = "cctp", "besoins"


class Length(Struct, frozen=True):
    """The pages of one tender's main document: all of them, and those of the body, without functional needs and annexes."""

    project: str
    document: str
    """Its name: « cctp », or the one that stands for it in the tender's domains."""
    domains: tuple[str, ...]
    tier: Tier
    lots: int
    total: int
    body: int

    @property
    def range(self) -> tuple[int, int] | None:
        """The pages to be expected of the body; None for a document that is no CCTP."""
        return RANGES[self.tier] if self.document == MAIN else None

    @property
    def mark(self) -> str:
        """« trop court » or « trop long » when the body is outside its range."""
        low, high = self.range or (self.body, self.body)
        return "trop court" if self.body < low else "trop long" if self.body > high else ""


def main_outline(outlines: Mapping[str, Outline], domains: Collection[str]) -> Outline:
    """The plan of the CCTP, or of the document that stands for it in those domains."""
    outline = outlines[MAIN]
    reach = outline.reach
    return outlines.get(reach.instead, outline) if any(name in reach.never for name in domains) else outline


def body_of(outline: Outline) -> Outline:
    """The plan without functional needs and without annexes, which are the chapters without a number."""
    numbered = [part for part in outline.parts if part.numbered]
    return replace(outline, parts=tuple(_without_needs(numbered)))


def _without_needs(parts: Sequence[Part]) -> Iterator[Part]:
    for part in parts:
        blocks = {item.name for item in part.content if isinstance(item, Slot)}
        if blocks == {NEEDS} and not part.parts:
            continue
        content = tuple(item for item in part.content if not (isinstance(item, Slot) and item.name == NEEDS))
        yield replace(part, content=content, parts=tuple(_without_needs(part.parts)))
