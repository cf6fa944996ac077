"""The hidden bookmarks by which an edited document is read back (names: reqgen.fingerprint).

One bookmark a paragraph, around its text: one across paragraphs, or the tag of a content control, does not outlive
LibreOffice. Two bookmarks of a name would be one too many for Word: the turns of a clause tell them apart.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from reqgen.fingerprint import FIXED, TITLE, clause_mark, count_mark, credit_mark, other_mark, redline_mark
from reqgen.model.document import CrossReference, Heading, Inline, Mark, Text


class Marks(Struct):
    """Names the paragraphs of one document, in their order; `clauses` is how many clauses it has, `redline` its kind."""

    next_id: int
    clauses: int
    redline: bool = False
    _taken: set[str] = field(default_factory=set)
    _turns: dict[str, int] = field(default_factory=dict)
    _titles: int = 0
    _others: int = 0
    _counted: bool = False

    def around(self, content: str, mark: Mark | None, words: str) -> str:
        """The XML of a paragraph's content within its bookmark; as it is in a document without clauses, or when blank."""
        if not self.clauses or not words.strip():
            return content
        name = self._other(words) if mark is None else self._clause(mark, words)
        return self._head(mark) + self._bookmark(name, content)

    def within(self, content: str, inline: Inline) -> str:
        """The XML of a run that has a mark of its own, within its bookmark."""
        if not isinstance(inline, Text) or inline.mark is None or not content or not self.clauses:
            return content
        return self.inside(content, inline.mark, inline.text)

    def inside(self, content: str, mark: Mark, words: str) -> str:
        """The XML of a part of a paragraph that has a mark of its own, within its bookmark."""
        return self._bookmark(self._clause(mark, words), content) if self.clauses else content

    def credited(self, author: str, minute: str) -> str:
        """The XML of a point that says once who made changes of the redline, and when: they are not its reader's."""
        return self._bookmark(credit_mark(author, minute), "") if self.clauses else ""

    def _head(self, mark: Mark | None) -> str:
        """What says of the whole document how many clauses it has; in a redline again at each title, lest it be deleted."""
        again = self.redline and mark is not None and mark.part == TITLE
        if self._counted and not again:
            return ""
        self._counted = True
        count = redline_mark(self.clauses, self._titles) if self.redline else count_mark(self.clauses)
        return self._bookmark(count, "")

    def _other(self, words: str) -> str:
        self._others += 1
        return other_mark(self._others, words)

    def _clause(self, mark: Mark, words: str) -> str:
        index = mark.index
        if mark.part == TITLE:
            self._titles += 1
            index = self._titles
            self._turns[mark.clause] = self._turns.get(mark.clause, -1) + 1
        return clause_mark(mark.clause, mark.part, index, mark.source, words, self._turns.get(mark.clause, 0))

    def _bookmark(self, name: str, content: str) -> str:
        # Word compares names without regard to case; a name that is taken, or too long, is left out: the reader bears it
        if not name or name.lower() in self._taken:
            return content
        self._taken.add(name.lower())
        self.next_id += 1
        number = self.next_id - 1
        return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{content}<w:bookmarkEnd w:id="{number}"/>'


def marks_of(headings: Sequence[Heading]) -> Marks:
    """The marks of a document with these headings, each of which has a bookmark already, numbered from 0."""
    return Marks(len(headings), sum(heading.mark is not None for heading in headings))


def own_words(inlines: Sequence[Inline], mark: Mark | None) -> str:
    """The words that a paragraph's mark answers for, none when they are not known here.

    In a line of fixed words, those of its marked runs are apart; numbers of cross-references are the word processor's.
    """
    if any(isinstance(inline, CrossReference) for inline in inlines):
        return ""
    apart = mark is not None and mark.part == FIXED
    return "".join(
        inline.text for inline in inlines if not (apart and isinstance(inline, Text) and inline.mark is not None)
    )
