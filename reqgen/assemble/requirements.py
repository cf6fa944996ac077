"""Requirements as they stand in a document: title and discreet id, text, level and verification."""

from collections.abc import Iterable, Iterator, Sequence

from reqgen.assemble.scope import Scope, anchor
from reqgen.assemble.values import filler
from reqgen.assemble.wording import Labels
from reqgen.model.document import Block, Heading, Paragraph, Style, Text
from reqgen.model.library import Clause, Level, Library, Nature, Piece, Theme
from reqgen.model.project import Need
from reqgen.model.selection import Outcome, Verdict
from reqgen.model.words import french_date
from reqgen.prose import blocks, filled, typeset


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
        fill = filler(clause, self.scope.settings)
        yield Heading(level, typeset(clause.title), anchor(clause.id, self.scope.suffix), tag=clause.id)
        if verdict.outcome is Outcome.UNDECIDED:
            yield self._undecided(verdict)
        yield from blocks(clause.text.text, fill, typeset(clause.title))
        if verdict.applies_from:
            sentence = self.labels("exigence.a-compter", date=french_date(verdict.applies_from))
            yield Paragraph((Text(typeset(sentence)),))
        yield self._checks(clause)

    def _undecided(self, verdict: Verdict) -> Paragraph:
        questions = " ; ".join(self.library.facts[fact].label for fact in verdict.missing) or verdict.reasons[-1].text
        return Paragraph((Text(typeset(self.labels("exigence.a-decider", questions=questions))),), Style.WARNING)

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
                    methode=filled(check.method.text, fill),
                )
            )
        return Paragraph((Text(typeset(" ".join(sentences))),), Style.VERIFICATION)

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


def _short(text: str, limit: int = 70) -> str:
    """The first words of a text, as a title."""
    line = " ".join(text.split())
    sentence = line.split(". ")[0].rstrip(".")
    return sentence if len(sentence) <= limit else f"{sentence[:limit].rsplit(' ', 1)[0]} …"
