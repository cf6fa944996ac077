"""Texts in which expressions are searched: by their words first, so that many expressions cost little."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from reqgen.lint.expression import WORD, Anchor, anchors_of, compiled, keys_of, mark_of
from reqgen.model.library import Clause
from reqgen.model.wording import Field, Written
from reqgen.prose import PLACEHOLDER

Span = tuple[int, int]
# A full stop ends a sentence when a capital follows, and when it does not shorten a word: « art. L. 2111-7 ».
SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\bart\.)(?<!\b[A-Z]\.)(?<!\bn[°o]\.)\s+(?=[A-ZÀ-ÝŒ«])|\n[ \t]*\n")
# What is read in one breath is shorter: an item of a list, a cell, what a semicolon or a colon ends.
BREATH_END = re.compile(r"(?<=[.!?;:])\s+|\n[ \t]*\n|\n[ \t]*[-*][ \t]|\n?\|")
# Every end of a breath but those of lists and tables, quicker to look for.
COARSE_END = re.compile(r"[.!?;:]\s")


class Text:
    """A text to search: its placeholders hidden, its sentences found when asked."""

    def __init__(self, written: Written, clause: Clause | None) -> None:
        self.written, self.clause = written, clause
        self.surface = _hidden(written.text, clause) if "{{" in written.text else written.text
        self.lowered = self.surface.lower()

    @cached_property
    def sentences(self) -> list[Span]:
        """Where each sentence begins and ends."""
        return list(_pieces(self.surface, SENTENCE_END))

    def long_breaths(self, limit: int) -> Iterator[tuple[Span, int]]:
        """The parts of sentences that have more words than the limit, and how many."""
        if any(len(piece.split()) > limit for piece in COARSE_END.split(self.surface)):
            for start, end in _pieces(self.surface, BREATH_END):
                words = len(self.surface[start:end].split())
                if words > limit:
                    yield (start, end), words

    def sentence_at(self, offset: int) -> str:
        """The sentence that holds a character."""
        start, end = self.sentences[max(0, bisect_right(self.sentences, (offset, len(self.surface))) - 1)]
        return self.surface[start:end]


def _pieces(text: str, end: re.Pattern[str]) -> Iterator[Span]:
    start = 0
    for match in end.finditer(text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text) or start == 0:
        yield start, len(text)


def _hidden(text: str, clause: Clause | None) -> str:
    def mark(match: re.Match[str]) -> str:
        return mark_of(clause.parameter(match[1]) if clause else None) * len(match[0])

    return PLACEHOLDER.sub(mark, text)


class Corpus:
    """Texts, by number, and for each word the numbers of those that hold it."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.texts = texts
        self._holding: dict[str, list[int]] = defaultdict(list)
        self._fields: dict[Field, set[int]] = defaultdict(set)
        for number, text in enumerate(texts):
            self._fields[text.written.field].add(number)
            for word in set(WORD.findall(text.lowered)):
                self._holding[word].append(number)

    @cached_property
    def vocabulary(self) -> list[str]:
        """Every word of the texts, sorted."""
        return sorted(self._holding)

    def of_fields(self, fields: Iterable[Field]) -> set[int]:
        """The texts of some fields."""
        return set().union(*(self._fields.get(field, set()) for field in fields))

    def search(self, expression: str, among: set[int]) -> Iterator[tuple[Text, Span]]:
        """Every place of an expression in some of the texts."""
        numbers = self._candidates(expression, among)
        pattern = compiled(expression) if numbers else None
        if pattern is None:
            return
        anchors = anchors_of(expression)
        for number in sorted(numbers):
            text = self.texts[number]
            for span in _places(text, pattern, anchors):
                yield text, span

    def _candidates(self, expression: str, among: set[int]) -> set[int]:
        """Those of the texts that hold every word of the expression, in whatever order."""
        numbers = among
        for keys in keys_of(expression):
            holding: set[int] = set()
            for key in keys:
                for word in key.among(self.vocabulary):
                    holding.update(self._holding.get(word, ()))
            numbers = numbers & holding
            if not numbers:
                break
        return numbers


def _places(text: Text, pattern: re.Pattern[str], anchors: Sequence[Anchor]) -> Iterator[Span]:
    """Where the pattern stands; tried only where an anchor is, which is far quicker than everywhere."""
    surface, lowered = text.surface, text.lowered
    if not anchors or len(lowered) != len(surface):  # some capitals are two signs in lower case
        yield from (match.span() for match in pattern.finditer(surface))
        return
    for anchor in anchors:
        at = lowered.find(anchor.signs)
        while at >= 0:
            match = pattern.match(surface, at - anchor.offset) if at >= anchor.offset else None
            if match:
                yield match.span()
            at = lowered.find(anchor.signs, at + 1)


def holds(text: str, expressions: Iterable[str]) -> bool:
    """Whether one of the expressions stands in a text."""
    return any((pattern := compiled(expression)) and pattern.search(text) for expression in expressions)


def spans(text: str, expressions: Iterable[str]) -> list[Span]:
    """Where the expressions stand in a text."""
    return [
        match.span()
        for expression in expressions
        if (pattern := compiled(expression))
        for match in pattern.finditer(text)
    ]
