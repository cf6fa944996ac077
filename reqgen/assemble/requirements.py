"""Requirements as they stand in a document: title and discreet id, text, level and verification."""

import re
from collections.abc import Iterable, Iterator, Sequence

from reqgen.assemble.marks import SLOT, fixed, marked, title_mark, with_methods
from reqgen.assemble.scope import Scope, anchor
from reqgen.assemble.values import filler
from reqgen.assemble.wording import Labels
from reqgen.model.document import Block, Heading, Inline, ItemList, Paragraph, Style, Text
from reqgen.model.library import Clause, Level, Library, Nature, Piece, Theme
from reqgen.model.project import Need
from reqgen.model.selection import Outcome, Verdict
from reqgen.model.words import french_date
from reqgen.prose import Fill, blocks, typeset

_UNDECIDED, _SINCE, _CHECKS = range(3)
"""The lines of fixed words of a clause, in order."""
# A stop, then a capital that is no abbreviation (« article R. 2111-4 »).
SENTENCE_END = re.compile(r"(?<=[\w)»}%]{2}\.)\s+(?=[A-ZÀ-Þ«](?!\.))")


def by_theme(verdicts: Iterable[Verdict], library: Library) -> list[tuple[Theme, list[Verdict]]]:
    """Obligations grouped by theme, in the library's order of themes and of clauses."""
    groups: dict[str, list[Verdict]] = {theme: [] for theme in library.themes}
    for verdict in verdicts:
        if verdict.clause.nature is Nature.OBLIGATION and verdict.clause.theme in groups:
            groups[verdict.clause.theme].append(verdict)
    return [(library.themes[name], group) for name, group in groups.items() if group]


def in_piece(verdicts: Iterable[Verdict], pieces: Sequence[Piece]) -> list[Verdict]:
    """The clauses that stand in one of the pieces."""
    return [verdict for verdict in verdicts if verdict.clause.piece in pieces]


def listed(items: Iterable[Sequence[Inline]]) -> ItemList:
    """A list of one paragraph an item."""
    return ItemList(tuple((Paragraph(tuple(item)),) for item in items))


class Writer:
    """Writes requirements for one scope."""

    def __init__(self, scope: Scope, library: Library, labels: Labels):
        self.scope, self.library, self.labels = scope, library, labels

    def theme(self, theme: Theme, verdicts: Sequence[Verdict], level: int) -> Iterator[Block]:
        """A section for the theme, then its clauses one level below."""
        yield Heading(
            level, typeset(theme.title), anchor(f"t_{theme.id}_{verdicts[0].clause.piece}", self.scope.suffix)
        )
        for verdict in verdicts:
            yield from self.clause(verdict, level + 1)

    def clause(self, verdict: Verdict, level: int) -> Iterator[Block]:
        """One clause."""
        clause = verdict.clause
        yield self._title(clause, level)
        yield from self._text(verdict)
        yield self._checks(clause)

    def brief(self, verdict: Verdict, level: int, *, checks: bool) -> Iterator[Block]:
        """One clause; its level and checks in a line, or its level alone when it is not simply required."""
        clause = verdict.clause
        yield self._title(clause, level, in_contents=False)
        yield from self._text(verdict)
        stated = self._level(clause.level, clause.sub_criterion)
        if checks:
            fill = filler(clause, self.scope.settings)
            methods = " ".join(SLOT for _ in clause.verifications)
            yield with_methods(clause, _CHECKS, self.labels("exigence.concise", niveau=stated, methodes=methods), fill)
        elif clause.level is not Level.REQUIRED:
            yield fixed(clause, _CHECKS, f"{stated}.", Style.VERIFICATION)

    def _title(self, clause: Clause, level: int, *, in_contents: bool = True) -> Heading:
        name = anchor(clause.id, self.scope.suffix)
        return Heading(
            level, typeset(clause.title), name, tag=clause.id, in_contents=in_contents, mark=title_mark(clause)
        )

    def _text(self, verdict: Verdict) -> Iterator[Block]:
        clause = verdict.clause
        fill = filler(clause, self.scope.settings)
        if verdict.outcome is Outcome.UNDECIDED:
            yield self._undecided(verdict)
        yield from marked(clause, blocks(clause.text.text, fill, typeset(clause.title)))
        if verdict.applies_from:
            sentence = self.labels("exigence.a-compter", date=french_date(verdict.applies_from))
            yield fixed(clause, _SINCE, sentence)

    def short(self, verdict: Verdict) -> list[Inline]:
        """« **Title** (id) : first sentence » of a clause."""
        clause = verdict.clause
        fill = filler(clause, self.scope.settings)
        return [*_titled(clause.title, self._marks(verdict)), *_first_sentence(clause.text.text, fill)]

    def short_need(self, need: Need) -> list[Inline]:
        """« **Title** (id) : first sentence » of a need."""
        marks = (
            need.id if need.level is Level.REQUIRED else f"{need.id} ; {self._level(need.level, need.sub_criterion)}"
        )
        return [*_titled(need.title or _short(need.text), marks), *_first_sentence(need.text, lambda name: f"[{name}]")]

    def short_theme(self, theme: Theme, verdicts: Sequence[Verdict]) -> list[Inline]:
        """« **Theme** : title (id) ; title (id). »."""
        titles = " ; ".join(f"{verdict.clause.title} ({self._marks(verdict)})" for verdict in verdicts)
        return [Text(typeset(theme.title), strong=True), Text(typeset(f" : {titles}."))]

    def _marks(self, verdict: Verdict) -> str:
        """The clause's id, its level when it is not simply required, and whether it is still to be decided."""
        clause = verdict.clause
        marks = [clause.id]
        if clause.level is not Level.REQUIRED:
            marks.append(self._level(clause.level, clause.sub_criterion))
        if verdict.outcome is Outcome.UNDECIDED:
            marks.append(self.labels("courtes.a-decider"))
        return " ; ".join(marks)

    def _undecided(self, verdict: Verdict) -> Paragraph:
        questions = " ; ".join(self.library.facts[fact].label for fact in verdict.missing) or verdict.reasons[-1].text
        sentence = self.labels("exigence.a-decider", questions=questions)
        return fixed(verdict.clause, _UNDECIDED, sentence, Style.WARNING)

    def _checks(self, clause: Clause) -> Paragraph:
        fill = filler(clause, self.scope.settings)
        due = self.labels(f"jalon.{clause.due}") if clause.due else ""
        sentences = [
            self.labels("exigence.ligne", niveau=self._level(clause.level, clause.sub_criterion), exigible=due)
        ]
        for check in clause.verifications:
            sentences.append(
                self.labels(
                    "exigence.controle",
                    phase=self.labels(f"phase.{check.phase}"),
                    mode=self.labels(f"exigence.mode.{check.mode}"),
                    par=self.labels(f"exigence.par.{check.by}"),
                    methode=SLOT,
                )
            )
        return with_methods(clause, _CHECKS, " ".join(sentences), fill)

    def need(self, need: Need, level: int) -> Iterator[Block]:
        """One functional need of the buyer."""
        title = need.title or _short(need.text)
        yield Heading(level, typeset(title), anchor(need.id, self.scope.suffix), tag=need.id)
        yield from blocks(need.text, lambda name: f"[{name}]", typeset(title))
        sentence = f"{self._level(need.level, need.sub_criterion)}."
        if need.verification:
            sentence += f" {self.labels('exigence.controle-besoin', methode=need.verification)}"
        yield Paragraph((Text(typeset(sentence)),), Style.VERIFICATION)

    def _level(self, level: Level, sub_criterion: str) -> str:
        return self.labels(f"exigence.{level}", sous_critere=sub_criterion)


def _titled(title: str, marks: str) -> list[Inline]:
    return [Text(typeset(title), strong=True), Text(typeset(f" ({marks}) : "))]


def _first_sentence(text: str, fill: Fill) -> tuple[Inline, ...]:
    """The first sentence, filled; dots stand for what a colon announces."""
    sentence = SENTENCE_END.split(" ".join(text.strip().split("\n\n")[0].split()))[0]
    sentence, listing, _ = f"{sentence} ".partition(" : ")
    if listing:
        sentence += " …"
    return next((block.inlines for block in blocks(sentence, fill) if isinstance(block, Paragraph)), ())


def _short(text: str, limit: int = 70) -> str:
    """The first words of a text, as a title."""
    line = " ".join(text.split())
    sentence = line.split(". ")[0].rstrip(".")
    return sentence if len(sentence) <= limit else f"{sentence[:limit].rsplit(' ', 1)[0]} …"
