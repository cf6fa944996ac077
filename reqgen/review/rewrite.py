"""A paragraph edited in a document, put back into the text of the library word by word.

What did not change keeps its bytes: line ends, emphasis, placeholders. A changed value of a placeholder becomes a proposal
for the parameter; it never enters the text. In a redline placeholders stand by name, « [delai] »: there they may move, and one
that goes or comes is a problem to report.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from msgspec import Struct, field

from reqgen.fingerprint import Token, tokens
from reqgen.model.library import Parameter, ParameterKind
from reqgen.prose import PLACEHOLDER
from reqgen.review.source import Piece, Segment, plain_segment, segments

WIDEST, NARROWEST = 120, 100
_NUMBER = re.compile(r"\d(?:[\d \u00a0\u202f]*\d)?(?:[.,]\d+)?")
_WORDS_ONLY = frozenset((ParameterKind.TEXT, ParameterKind.CHOICE))
_TO_ESCAPE = re.compile(r"([\\*`\[\]<>])|(?<!\w)_|_(?!\w)")
_TYPED = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "\u202f": " ", "\u2011": "-"})
_UNIT_STEM = 3
"""Letters by which « jour » is the same unit as « jours »."""


class Proposal(Struct, frozen=True):
    """A parameter's value as written, and as edited. `old` is empty when it is not known for sure."""

    parameter: str
    old: str
    new: str


class Rewritten(Struct, frozen=True):
    """The field's new text, and what is proposed for its parameters; with a `problem`, nothing is to be written."""

    text: str
    proposals: tuple[Proposal, ...] = ()
    problem: str = ""


class _Lost(Exception):  # noqa: N818 (no error: how a search ends)
    """Raised when an edit cannot be put back; says why."""


class _Item(Struct, frozen=True):
    """A word of the new text: a piece that stays (its index), or a token of the edited text."""

    token: Token
    last: Token
    piece: int = -1


class _Aligned(Struct):
    """A segment as written in the document, beside the edited text. `same`: position as written -> position as edited."""

    pieces: Sequence[Piece]
    written: list[tuple[str, int]]
    edited: list[Token]
    same: dict[int, int] = field(default_factory=dict)

    def span(self, piece: int) -> tuple[int, int]:
        """First position of a piece as written, and the one after its last."""
        at = [position for position, (_, index) in enumerate(self.written) if index == piece]
        return (at[0], at[-1] + 1) if at else (0, 0)

    def window(self, first: int, last: int) -> tuple[int, int, bool]:
        """What stands in place of the words from `first` to `last`, between words that stay; whether those are all that changed."""
        before = max((at for at in self.same if at < first), default=-1)
        after = min((at for at in self.same if at >= last), default=len(self.written))
        start = self.same[before] + 1 if before >= 0 else 0
        end = self.same[after] if after < len(self.written) else len(self.edited)
        return start, end, before == first - 1 and after == last


def _align(pieces: Sequence[Piece], values: Mapping[str, str], edited: str, *, named: bool = False) -> _Aligned:
    written: list[tuple[str, int]] = []
    for index, piece in enumerate(pieces):
        if not piece.placeholder:
            written.append((piece.word, index))
        elif piece.placeholder in values:
            written += [(token.word, index) for token in tokens(values[piece.placeholder])]
        else:
            written.append((_slot(piece.placeholder), index))
    found = _Aligned(pieces, written, list(_with_slots(tokens(edited), pieces)) if named else tokens(edited))
    matcher = SequenceMatcher(
        None, [word for word, _ in written], [token.word for token in found.edited], autojunk=False
    )
    for first, start, size in matcher.get_matching_blocks():
        found.same.update((first + step, start + step) for step in range(size))
    return found


def _slot(name: str) -> str:
    """Stands for a placeholder among words: no word of any text."""
    return f"\0{name}"


def _with_slots(found: Sequence[Token], pieces: Sequence[Piece]) -> Iterator[Token]:
    """The tokens, names of placeholders between brackets as one; brackets that the library has itself are only signs."""
    own = {name for name, _ in _bracketed([piece.word for piece in pieces])}
    names = {at: name for name, at in _bracketed([token.word for token in found]) if name not in own}
    at = 0
    while at < len(found):
        name = names.get(at)
        last = found[at + 2] if name is not None else found[at]
        yield found[at] if name is None else Token(_slot(name), found[at].start, last.end)
        at += 1 if name is None else 3


def _bracketed(found: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The names between brackets among words, each with the position of its first bracket."""
    for at in range(len(found) - 2):
        if found[at] == "[" and found[at + 2] == "]" and found[at + 1][:1].isalpha():
            yield found[at + 1], at


def words_written(segment: Segment, values: Mapping[str, str]) -> str:
    """The words of a segment as a document shows them with these values: what its digest is made of."""
    found = []
    for piece in segment.pieces:
        found.append(values.get(piece.placeholder, "") if piece.placeholder else piece.word)
    return " ".join(found)


def values_read(segment: Segment, parameters: Mapping[str, Parameter], edited: str) -> dict[str, str]:
    """The values that seem to stand in an edited text, by parameter: guesses, to be proved by the digest."""
    aligned = _align(segment.pieces, {}, edited)
    found: dict[str, str] = {}
    for index, piece in enumerate(segment.pieces):
        if piece.placeholder and piece.placeholder not in found:
            start, end, _ = aligned.window(*aligned.span(index))
            if end > start:
                text = edited[aligned.edited[start].start : aligned.edited[end - 1].end]
                parameter = parameters.get(piece.placeholder)
                number = None if parameter is None or parameter.kind in _WORDS_ONLY else _NUMBER.search(text)
                found[piece.placeholder] = text[number.start() :] if number else text
    return found


def rewrite(
    text: str,
    segment: Segment,
    values: Mapping[str, str] | None,
    parameters: Mapping[str, Parameter],
    edited: str,
) -> Rewritten:
    """The field's `text` with one of its segments as edited.

    `values` are those that stood in the document, by parameter; one that is not known is left out. None: placeholders stood by name.
    """
    if segment.opaque:
        return Rewritten(text, problem="la bibliothèque y met une forme qui ne se laisse pas suivre mot à mot")
    if not tokens(edited):
        return Rewritten(text, problem="le texte a été effacé")
    aligned = _align(segment.pieces, values or {}, edited, named=values is None)
    try:
        kept = dict(_kept_slots(aligned) if values is None else _kept_values(aligned, values, parameters, edited))
        items = list(_items(aligned, kept))
        made = _written(text, segment, items, edited)
        _check(text, segment, made, items)
    except _Lost as lost:
        return Rewritten(text, problem=str(lost))
    wrapped = _wrapped(text, segment, made)
    try:
        _check(text, segment, wrapped, items)
    except _Lost:
        wrapped = made
    return Rewritten(wrapped, () if values is None else tuple(_proposals(aligned, kept, values, edited)))


# Values


def _kept_values(
    aligned: _Aligned, values: Mapping[str, str], parameters: Mapping[str, Parameter], edited: str
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Each placeholder that stays, and the tokens from first to after the last that are its value."""
    claimed: set[int] = set()
    for index, piece in enumerate(aligned.pieces):
        if not piece.placeholder:
            continue
        first, last = aligned.span(index)
        whole = [aligned.same.get(at, -1) for at in range(first, last)]
        if whole and whole[0] >= 0 and whole == list(range(whole[0], whole[0] + len(whole))):
            yield index, (whole[0], whole[-1] + 1)
            continue
        for at in range(first, last):
            aligned.same.pop(at, None)
        window = aligned.window(first, last)
        found = _value_in(aligned, window, piece.placeholder, values, parameters.get(piece.placeholder), edited)
        if claimed.intersection(range(*found)):
            raise _Lost(f"les valeurs de deux paramètres, dont « {piece.placeholder} », ne se laissent pas distinguer")
        claimed.update(range(*found))
        yield index, found


def _kept_slots(aligned: _Aligned) -> Iterator[tuple[int, tuple[int, int]]]:
    """The same where placeholders stand by name, which each keeps, here or elsewhere in the segment."""
    back = set(aligned.same.values())
    free = [at for at, token in enumerate(aligned.edited) if token.word.startswith("\0") and at not in back]
    for position, (word, index) in enumerate(aligned.written):
        name = aligned.pieces[index].placeholder
        if not name:
            continue
        at = aligned.same.get(position, next((at for at in free if aligned.edited[at].word == word), -1))
        if at < 0:
            raise _Lost(f"le paramètre « {name} » a été retiré ou récrit")
        if at in free:
            free.remove(at)
        yield index, (at, at + 1)
    if free:
        raise _Lost(f"un paramètre « {aligned.edited[free[0]].word[1:]} » a été ajouté")


def _value_in(
    aligned: _Aligned,
    window: tuple[int, int, bool],
    name: str,
    values: Mapping[str, str],
    parameter: Parameter | None,
    edited: str,
) -> tuple[int, int]:
    start, end, alone = window
    if start >= end:
        raise _Lost(f"la valeur du paramètre « {name} » a été effacée")
    if parameter is None or parameter.kind in _WORDS_ONLY:
        if alone:
            return start, end
        raise _Lost(f"la valeur du paramètre « {name} » et les mots autour ont été réécrits ensemble")
    here = aligned.edited[start:end]
    numbers = list(_NUMBER.finditer(edited, here[0].start, here[-1].end))
    if len(numbers) != 1:
        raise _Lost(f"la valeur du paramètre « {name} » ne se laisse plus reconnaître")
    first = next(at for at in range(start, end) if aligned.edited[at].end > numbers[0].start())
    after = next((at for at in range(start, end) if aligned.edited[at].start >= numbers[0].end()), end)
    unit = _unit(values.get(name, ""), parameter)
    same = 0
    while same < len(unit) and after + same < end and _same_unit(aligned.edited[after + same].word, unit[same]):
        same += 1
    if same == len(unit):
        return first, after + same
    if alone:
        return first, end  # another unit
    raise _Lost(f"l'unité du paramètre « {name} » et les mots autour ont été réécrits ensemble")


def _unit(value: str, parameter: Parameter) -> list[str]:
    if not value:
        value = {ParameterKind.PERCENTAGE: "%", ParameterKind.AMOUNT: "euros"}.get(parameter.kind, parameter.unit)
    return [token.word for token in tokens(_NUMBER.sub("", value, count=1))]


def _same_unit(word: str, unit: str) -> bool:
    return word[:_UNIT_STEM].lower() == unit[:_UNIT_STEM].lower()


def _proposals(
    aligned: _Aligned, kept: Mapping[int, tuple[int, int]], values: Mapping[str, str], edited: str
) -> Iterator[Proposal]:
    found: dict[Proposal, None] = {}
    for index, (start, end) in kept.items():
        name = aligned.pieces[index].placeholder
        new = edited[aligned.edited[start].start : aligned.edited[end - 1].end]
        old = values.get(name, "")
        if [token.word for token in tokens(old)] != [token.word for token in aligned.edited[start:end]]:
            found[Proposal(name, _typed(old), _typed(new))] = None
    yield from found


# Words


def _items(aligned: _Aligned, kept: Mapping[int, tuple[int, int]]) -> Iterator[_Item]:
    back = {
        at: aligned.written[position][1]
        for position, at in aligned.same.items()
        if not aligned.pieces[aligned.written[position][1]].placeholder
    }
    starts = {start: (index, end) for index, (start, end) in kept.items()}
    at = 0
    while at < len(aligned.edited):
        index, end = starts.get(at, (back.get(at, -1), at + 1))
        yield _Item(aligned.edited[at], aligned.edited[end - 1], index)
        at = end


def _written(text: str, segment: Segment, items: Sequence[_Item], edited: str) -> str:
    """The field's text with the segment written anew from its items."""
    pieces = segment.pieces
    looks = [_look(items, at, pieces) for at in range(len(items))]
    out: list[str] = [text[: segment.start]]
    out.append(text[segment.start : pieces[0].start] if items[0].piece == 0 else _opened((False, False), looks[0]))
    for at, item in enumerate(items):
        if at:
            following = next((one.piece for one in items[at:] if one.piece >= 0), len(pieces))
            out.append(_between(text, pieces, items[at - 1], item, looks[at - 1 : at + 1], following))
        if item.piece >= 0:
            out.append(text[pieces[item.piece].start : pieces[item.piece].end])
        else:
            out.append(_escaped(edited[item.token.start : item.token.end], segment))
    ends_same = items[-1].piece == len(pieces) - 1
    out.append(text[pieces[-1].end : segment.end] if ends_same else _closed(looks[-1], (False, False)))
    out.append(text[segment.end :])
    return "".join(out)


def _look(items: Sequence[_Item], at: int, pieces: Sequence[Piece]) -> tuple[bool, bool]:
    """Strong and emphasis: those of what the word replaces, else those that both its neighbours have."""
    if items[at].piece >= 0:
        return pieces[items[at].piece].strong, pieces[items[at].piece].emphasis
    before = next((item.piece for item in reversed(items[:at]) if item.piece >= 0), -1)
    after = next((item.piece for item in items[at:] if item.piece >= 0), len(pieces))
    around = pieces[before + 1 : after] or [*pieces[max(before, 0) : before + 1], *pieces[after : after + 1]]
    return all(piece.strong for piece in around), all(piece.emphasis for piece in around)


def _between(
    text: str, pieces: Sequence[Piece], one: _Item, two: _Item, looks: Sequence[tuple[bool, bool]], following: int
) -> str:
    """What stands between two words: the source's own when they are neighbours there. `following`: next piece that stays."""
    if one.piece >= 0 and two.piece == one.piece + 1:
        return text[pieces[one.piece].end : pieces[two.piece].start]
    space = ""
    if two.token.start > one.last.end:
        gaps = []
        if 0 <= one.piece < following - 1 and one.piece + 1 < len(pieces):  # the line end before what is replaced
            gaps.append(text[pieces[one.piece].end : pieces[one.piece + 1].start])
        if two.piece > 0:
            gaps.append(text[pieces[two.piece - 1].end : pieces[two.piece].start])
        space = next((_blank(gap) for gap in gaps if "\n" in gap), " ")
    return _closed(looks[0], looks[1]) + space + _opened(looks[0], looks[1])


def _blank(gap: str) -> str:
    return "".join(sign for sign in gap if sign.isspace())


def _closed(old: tuple[bool, bool], new: tuple[bool, bool]) -> str:
    return ("*" if old[1] and not new[1] else "") + ("**" if old[0] and not new[0] else "")


def _opened(old: tuple[bool, bool], new: tuple[bool, bool]) -> str:
    return ("**" if new[0] and not old[0] else "") + ("*" if new[1] and not old[1] else "")


def _typed(text: str) -> str:
    """The text as one types it in the library: straight apostrophes, plain spaces."""
    return " ".join(text.translate(_TYPED).split())


def _escaped(text: str, segment: Segment) -> str:
    if not segment.markdown:
        return _typed(text)
    return _TO_ESCAPE.sub(lambda match: f"\\{match[0]}", _typed(text)).replace("|", "\\|" if segment.cell else "|")


def _check(text: str, segment: Segment, made: str, items: Sequence[_Item]) -> None:
    """Raise _Lost unless the new text reads as edited there, and as before everywhere else."""
    before = segments(text) if segment.markdown else [segment]
    after = segments(made) if segment.markdown else [plain_segment(made)]
    wanted = [
        (segment.pieces[item.piece].word, segment.pieces[item.piece].placeholder)
        if item.piece >= 0
        else (item.token.word, "")
        for item in items
    ]
    at = before.index(segment) if segment in before else -1
    right = len(before) == len(after) and all(
        _read(new) == (wanted if number == at or not segment.markdown else _read(old))
        for number, (old, new) in enumerate(zip(before, after, strict=True))
    )
    if not right:
        raise _Lost("ce texte ne peut pas s'écrire dans la clause sans en changer la forme")


def _read(segment: Segment) -> list[tuple[str, str]]:
    return [(piece.word, piece.placeholder) for piece in segment.pieces]


# Lines


def _wrapped(text: str, segment: Segment, made: str) -> str:
    """The new text, lines of the segment that became too long broken as their neighbours are."""
    if segment.cell or not segment.markdown:
        return made
    stay = text.split("\n")
    width = min(max(NARROWEST, *map(len, stay)), WIDEST)
    end = len(made) - (len(text) - segment.end)
    first = made.rfind("\n", 0, segment.start) + 1
    indent = " " * (segment.start - first)
    whole = PLACEHOLDER.sub(lambda match: match[0].replace(" ", "\0"), made[first:end])  # not to be cut
    lines = whole.split("\n")
    out: list[str] = []
    carried = ""
    for number, line in enumerate(lines):
        line = f"{indent}{carried} {line.strip()}" if carried else line
        carried = ""
        if (
            len(line) > width
            and line.replace("\0", " ") not in stay
            and (cut := line.rfind(" ", len(indent) + 1, width + 1)) > 0
        ):
            line, carried = line[:cut], line[cut + 1 :]
        out.append(line)
        if number == len(lines) - 1:
            out += _folded(carried, indent, width)
    return made[:first] + "\n".join(out).replace("\0", " ") + made[end:]


def _folded(words: str, indent: str, width: int) -> list[str]:
    import textwrap

    return textwrap.wrap(
        words, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
