"""What a document edited in a word processor says of each clause, against the library: texts changed, and what must be decided.

A paragraph is known by its mark (reqgen.fingerprint). Its own digest says whether it was edited; the digest of its source,
whether the library has changed since. What was written in the document is computed anew from the library and proved by
the digest, so that no project is needed. In a redline, placeholders stand by name, and its own changes are taken as accepted.
"""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import islice, product

from msgspec import Struct, field
from msgspec.structs import replace

from reqgen.fingerprint import (
    FIXED,
    METHOD,
    REASON,
    TEXT,
    TITLE,
    Mark,
    credit_mark,
    is_redline,
    read_count,
    read_mark,
    short_source,
    short_text,
    words,
)
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.edited import Span, WordComment, WordDocument, WordParagraph
from reqgen.model.library import Clause, Library, Parameter, ParameterKind, Value
from reqgen.review.blocks import named
from reqgen.review.rewrite import rewrite, values_read, words_written
from reqgen.review.source import Segment, plain_segment, segments

ALIKE = 0.6
"""Share of words in common from which a paragraph without mark is taken for one that is missing."""
MAX_WORDS, MAX_WORK = 1_500, 100_000_000
"""Words of a paragraph that is compared, and the sum over paragraphs of words as written times words as edited."""
MAX_LISTED = 20
MAX_COMBINATIONS = 512
MAX_TRIED = 3_000
_TAG = re.compile(r"\s*\b[A-Z0-9]{2,6}(?:-[A-Z0-9]{1,6}){1,3}\s*\Z")
_NUMBER = re.compile(r"(?:Article\s+)?(?:[A-Z][.)-])?[\dIVXLC]*(?:[.)-][\dA-Za-z]{0,3})*\s*\Z", re.IGNORECASE)
_LEAD = re.compile(r"\s*[A-Z0-9]{2,6}(?:-[A-Z0-9]{1,6}){1,3}\b\s*[–—-]?\s*")
_KEEP = "reprendre à la main dans la clause ce qui doit l'être"
_TEMPLATE = "changer le modèle de document (templates/) ou le projet, d'où vient ce texte"
_FIELD = "changer à la main le champ dans le fichier de la clause ; le reste ne vient pas de la bibliothèque"
_LEAVE_OUT = "l'écarter dans le projet si elle n'a pas lieu d'être ; la bibliothèque ne change pas"
_WITHDRAW = "retirer son fichier de la bibliothèque si elle n'a plus lieu d'être"

Path = tuple[str | int, ...]


class Context(Struct, frozen=True):
    """What the library does not say by itself.

    How a parameter's value is written, where a value of a clause stands in its file, and the values that a project sets,
    by clause and parameter.
    """

    written: Callable[[Parameter, Value], str]
    locate: Callable[[Clause, Path], Place]
    settings: Mapping[tuple[str, str], Value] = {}


class FieldEdit(Struct, frozen=True):
    """A text of a clause to change: its path in the file, before and after, and who tracked changes there."""

    clause: str
    path: Path
    before: str
    after: str
    by: tuple[str, ...] = ()


class Remark(Struct, frozen=True):
    """A reviewer's comment, with the clause that it is about (empty: none) and the words of the paragraph."""

    clause: str
    about: str
    comment: WordComment


class Edits(Struct, frozen=True):
    """Everything that the document says. `found` is what a person must decide; `notes` need no decision."""

    clauses: int
    changed: tuple[FieldEdit, ...]
    found: tuple[Diagnostic, ...]
    remarks: tuple[Remark, ...]
    notes: tuple[str, ...] = ()


class _Seen(Struct):
    """A part of a clause as it stands in the document."""

    mark: Mark
    text: str
    number: int
    names: tuple[str, ...] = ()

    @property
    def edited(self) -> bool:
        return short_text(self.text) != self.mark.text


class _Extra(Struct):
    """A paragraph without a mark, after a part of `clause` (empty: outside clauses) and the `after`-th one with a mark."""

    clause: str
    turn: int
    text: str
    number: int
    after: int = 0


Turn = tuple[str, int]
Key = tuple[str, int]
"""Part and index in the clause."""


def read_edits(document: WordDocument, library: Library, context: Context, path: str) -> Edits:
    """What the document at `path` (as shown) says, against the library."""
    names = {span.name for paragraph in document.paragraphs for span in paragraph.spans}
    reading = _Reading(library, path, {}, redline=any(map(is_redline, names)))
    for paragraph in document.paragraphs:
        reading.take(paragraph)
    reading.find_titles()
    work = _Comparing(reading, library, context, _authors(document, names))
    changed = tuple(work.changed())
    work.decide_rest()
    remarks = tuple(_remark(one, reading, document) for one in document.comments)
    found = tuple(sorted(reading.found, key=lambda one: one.place.line if one.place.path == path else 0))
    return Edits(len({clause for clause, _ in reading.turns}), changed, found, remarks, tuple(reading.notes))


def is_ours(document: WordDocument) -> bool:
    """Whether the document bears our marks."""
    return any(read_mark(span.name) for paragraph in document.paragraphs for span in paragraph.spans)


def _authors(document: WordDocument, names: Container[str]) -> dict[str, tuple[str, ...]]:
    """Who tracked changes in the paragraph of each bookmark, but for those that made a redline."""
    found: dict[str, dict[str, None]] = {}
    for change in document.changes:
        if credit_mark(change.author, change.day) in names:
            continue
        found.setdefault(change.bookmark, {})[", ".join(filter(None, (change.author, change.day)))] = None
    return {name: tuple(who) for name, who in found.items()}


def _remark(comment: WordComment, reading: "_Reading", document: WordDocument) -> Remark:
    clause = reading.clause_at.get(comment.paragraph, "")
    about = next((one.text for one in document.paragraphs if one.number == comment.paragraph), "")
    return Remark(clause, _short(about), comment)


def _short(text: str, limit: int = 80) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[:limit].rsplit(' ', 1)[0]} …"


def _quoted(text: str) -> str:
    return f"« {' '.join(text.split())} »"


# What stands where


class _Reading(Struct):
    """Sorts the paragraphs of a document by clause; what has no place is reported at once."""

    library: Library
    path: str
    turns: dict[Turn, dict[Key, _Seen]]
    redline: bool = False
    """Whether placeholders stand by name, and the id of a clause before its title."""
    lines: dict[str, set[int]] = field(default_factory=dict)
    """The lines of fixed words that are there, by clause."""
    extras: list[_Extra] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    clause_at: dict[int, str] = field(default_factory=dict)
    titles: dict[int, Turn] = field(default_factory=dict)
    others: dict[int, int] = field(default_factory=dict)
    torn: set[tuple[Turn, Key]] = field(default_factory=set)
    count: int = 0
    now: Turn = ("", 0)
    inside: bool = False
    """Whether a mark has been met yet."""
    met: int = 0

    def take(self, paragraph: WordParagraph) -> None:
        """Put a paragraph where it belongs."""
        for span in paragraph.spans:
            self.count = max(self.count, read_count(span.name) or 0)
        if paragraph.in_contents:
            return
        marks = [(mark, span) for span in paragraph.spans if (mark := read_mark(span.name)) is not None]
        main = [(mark, span) for mark, span in marks if mark.part != METHOD]
        live = _live(main, paragraph)
        if live:
            self.now, self.inside, self.met = (live[0][0].clause, live[0][0].turn), True, self.met + 1
            self.clause_at[paragraph.number] = self.now[0]
        if not words(paragraph.text):
            return
        if not live:
            self.clause_at[paragraph.number] = self.now[0]
            if self.inside and not (paragraph.in_table and not self.now[0]):
                self.extras.append(_Extra(*self.now, paragraph.text, paragraph.number, self.met))
        elif len(live) > 1:
            self.merged(live, paragraph)
        elif live[0][0].copied:
            mark = live[0][0]
            self.report(f"{_whose(mark)} a été copié{_text_of(paragraph)}", paragraph.number)
        else:
            self.put(*live[0], paragraph)
            self.put_methods([(mark, span) for mark, span in marks if mark.part == METHOD], paragraph)

    def merged(self, live: Sequence[tuple[Mark, Span]], paragraph: WordParagraph) -> None:
        """Several paragraphs made one: what they were is no longer certain."""
        names = ", ".join(_whose(mark) for mark, _ in live)
        for mark, _ in live:
            self.place(mark, "", paragraph.number)
            self.torn.add(((mark.clause, mark.turn), _key(mark)))
        self.report(f"{len(live)} paragraphes ont été réunis ({names}){_text_of(paragraph)}", paragraph.number)

    def put(self, mark: Mark, span: Span, paragraph: WordParagraph) -> None:
        """Record a part; one that comes a second time was split."""
        turn, key = (mark.clause, mark.turn), _key(mark)
        if key in self.turns.get(turn, {}) or (not mark.clause and mark.index in self.others):
            self.torn.add((turn, key))
            first = self.turns[turn][key].text if mark.clause else ""
            both = f" : {_quoted(first)}, puis {_quoted(paragraph.text)}" if first else _text_of(paragraph)
            self.report(f"{_whose(mark)} a été coupé en plusieurs paragraphes{both}", paragraph.number)
            return
        text = self.own_text(mark, span, paragraph)
        if not mark.clause:
            self.others[mark.index] = paragraph.number
            if short_text(text) != mark.text:
                self.fixed("le texte a été changé hors des clauses", paragraph)
            return
        if mark.part == TITLE:
            self.titles[mark.index] = turn
        names = tuple(one.name for one in paragraph.spans)
        if mark.part == FIXED:
            self.lines.setdefault(mark.clause, set()).add(mark.index)
        else:
            self.place(mark, text, paragraph.number, names)

    def own_text(self, mark: Mark, span: Span, paragraph: WordParagraph) -> str:
        """A paragraph's words, but for the id beside a title and a number that is written before it."""
        if not self.redline:
            return _own_text(mark, span, paragraph)
        lead = _LEAD.match(paragraph.text) if mark.part == TITLE else None
        if mark.part == TITLE and (lead is None or _id_in(lead) != mark.clause):
            self.fixed(f"clause {mark.clause} : son identifiant a été changé", paragraph)
        return paragraph.text[lead.end() :] if lead else paragraph.text

    def place(self, mark: Mark, text: str, number: int, names: tuple[str, ...] = ()) -> None:
        self.turns.setdefault((mark.clause, mark.turn), {})[_key(mark)] = _Seen(mark, text, number, names)

    def put_methods(self, methods: Sequence[tuple[Mark, Span]], paragraph: WordParagraph) -> None:
        """Record the methods in a line of fixed words, and see whether those words are as they were."""
        line = next((mark for span in paragraph.spans if (mark := read_mark(span.name)) and mark.part == FIXED), None)
        if line is None or not line.clause:
            return
        text = paragraph.text
        spans = {mark: (span.start, span.end) for mark, span in methods}
        if short_text(_without(text, spans.values())) != line.text and spans:
            last = max(spans, key=lambda mark: spans[mark])
            longer = {**spans, last: (spans[last][0], len(text))}  # words added after the last sign of a bookmark
            if short_text(_without(text, longer.values())) == line.text:
                spans = longer
            else:
                self.fixed(f"clause {line.clause} : les mots autour de la vérification ont été changés", paragraph)
                return  # where a method starts and ends is no longer sure
        elif not spans and short_text(text) != line.text:
            self.fixed(f"clause {line.clause} : une ligne qui ne vient pas de la clause a été changée", paragraph)
        for mark, (start, end) in spans.items():
            self.place(mark, text[start:end], paragraph.number, tuple(one.name for one in paragraph.spans))

    def find_titles(self) -> None:
        """Know a title that lost its mark by the id at its end."""
        left: list[_Extra] = []
        without = {clause: turn for (clause, turn), parts in self.turns.items() if (TITLE, 0) not in parts}
        for extra in self.extras:
            tag = _LEAD.match(extra.text) if self.redline else _TAG.search(extra.text)
            clause = self.library.clauses.get(_id_in(tag)) if tag else None
            if clause is None or tag is None or clause.id not in without:
                left.append(extra)
                continue
            turn = without.pop(clause.id)
            source = short_source(clause.title)
            mark = Mark(clause.id, TITLE, 0, source, short_text(clause.title), turn)
            self.turns[clause.id, turn][TITLE, 0] = _Seen(
                mark, f"{extra.text[: tag.start()]}{extra.text[tag.end() :]}", extra.number
            )
            self.clause_at[extra.number] = clause.id
        self.extras = left

    def report(self, message: str, number: int, mend: str = _KEEP) -> None:
        self.found.append(
            Diagnostic("unplaced-text", message, Place(self.path, max(number, 1)), mend, Severity.WARNING)
        )

    def fixed(self, message: str, paragraph: WordParagraph) -> None:
        mend = _FIELD if self.redline else _TEMPLATE
        place = Place(self.path, paragraph.number)
        self.found.append(Diagnostic("fixed-text", f"{message}{_text_of(paragraph)}", place, mend, Severity.WARNING))


def _id_in(found: re.Match[str]) -> str:
    """The id of a clause, without the spaces and the dash around it."""
    return found[0].strip(" \u00a0–—-")


def _live(main: Sequence[tuple[Mark, Span]], paragraph: WordParagraph) -> list[tuple[Mark, Span]]:
    """The marks that still hold words, or the only one when the words are no longer within it."""
    holding = [(mark, span) for mark, span in main if words(paragraph.text[span.start : span.end])]
    return holding or list(main[:1])


def _key(mark: Mark) -> Key:
    return mark.part, 0 if mark.part == TITLE else mark.index


def _text_of(paragraph: WordParagraph) -> str:
    return f" : {_quoted(paragraph.text)}"


def _whose(mark: Mark) -> str:
    if not mark.clause:
        return "un paragraphe hors des clauses"
    what = {TITLE: "le titre", METHOD: "une méthode de vérification", FIXED: "une ligne"}.get(
        mark.part, f"le paragraphe {mark.index + 1}{' du motif' if mark.part == REASON else ''}"
    )
    return f"{what} de la clause {mark.clause}"


def _own_text(mark: Mark, span: Span, paragraph: WordParagraph) -> str:
    """A paragraph's words, but for the id at the end of a title and a number that is written before it."""
    text = paragraph.text
    if mark.part != TITLE and mark.clause:
        return text
    if mark.part == TITLE or (short_text(text) != mark.text):
        tag = _TAG.search(text, max(span.end, span.start))
        text = text[: tag.start()] if tag else text
        if span.start and _NUMBER.match(text[: span.start]):
            text = text[span.start :]
    return text


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text but for what stands in the spans."""
    at, kept = 0, []
    for start, end in sorted(spans):
        kept.append(text[at:start])
        at = max(at, end)
    return "".join([*kept, text[at:]])


# Against the library


class _Comparing(Struct):
    """Compares what the document says of each clause with the library."""

    reading: _Reading
    library: Library
    context: Context
    authors: Mapping[str, Sequence[str]]
    work: int = 0

    def changed(self) -> Iterator[FieldEdit]:
        """The texts to change; the rest is reported."""
        made: dict[tuple[str, Path], list[FieldEdit]] = {}
        for (name, turn), parts in self.reading.turns.items():
            if not name:
                continue
            clause = self.library.clauses.get(name)
            if clause is None:
                self.unknown(name, parts)
                continue
            self.find_lost(clause, turn, parts)
            for edit in self.clause(clause, turn, parts):
                made.setdefault((edit.clause, edit.path), []).append(edit)
        for (name, path), edits in made.items():
            if len({edit.after for edit in edits}) > 1:
                texts = ", et ".join(_quoted(edit.after) for edit in edits)
                message = f"clause {name} : elle figure plusieurs fois, et n'est pas changée partout de même : {texts}"
                self.conflict(message, self.context.locate(self.library.clauses[name], path))
            else:
                yield edits[0]

    def unknown(self, name: str, parts: Mapping[Key, _Seen]) -> None:
        for seen in parts.values():
            if seen.edited and seen.text:
                message = f"la clause {name} n'est pas dans la bibliothèque : {_quoted(seen.text)}"
                self.reading.report(
                    message, seen.number, "donner son paquet avec --pack, ou sa bibliothèque avec --library"
                )

    def clause(self, clause: Clause, turn: int, parts: Mapping[Key, _Seen]) -> Iterator[FieldEdit]:
        yield from self.field(
            clause,
            ("titre",),
            clause.title,
            [plain_segment(clause.title, placeholders=self.reading.redline)],
            {0: parts[TITLE, 0]} if (TITLE, 0) in parts else {},
            turn,
        )
        for letter, key, text in _proses(clause):
            prose = {index: seen for (part, index), seen in parts.items() if part == letter}
            if prose:
                yield from self.field(clause, (key,), text, segments(text), prose, turn)
        for (part, index), seen in parts.items():
            if part == METHOD and index < len(clause.verifications):
                text = clause.verifications[index].method.text
                path = ("verification", index, "methode")
                yield from self.field(clause, path, text, [plain_segment(text)], {0: seen}, turn)

    def field(
        self, clause: Clause, path: Path, text: str, cut: Sequence[Segment], seen: Mapping[int, _Seen], turn: int
    ) -> Iterator[FieldEdit]:
        """The field's new text, when something of it was edited and can be put back."""
        after, by = text, []
        for index in sorted(seen, reverse=True):  # from the end, so that what is before keeps its place
            one = seen[index]
            if (
                not one.edited
                or ((clause.id, turn), _key(one.mark)) in self.reading.torn
                or (index < len(cut) and self.beyond(clause, cut[index], one))
            ):
                continue
            if one.mark.source != short_source(text):
                self.outdated(clause, path, text, cut, index, one)
            elif index < len(cut):
                after = self.segment(clause, path, after, cut[index], one)
                by += [who for name in one.names for who in self.authors.get(name, ())]
        if after != text:
            yield FieldEdit(clause.id, path, text, after, tuple(dict.fromkeys(by)))

    def beyond(self, clause: Clause, cut: Segment, seen: _Seen) -> bool:
        """Whether to compare an edited paragraph would be too much work; it is then reported."""
        edited = len(words(seen.text))
        self.work += edited * len(cut.pieces)
        if edited <= MAX_WORDS and len(cut.pieces) <= MAX_WORDS and self.work <= MAX_WORK:
            return False
        what = f"clause {clause.id} : paragraphe trop long pour être comparé"
        self.reading.report(f"{what} : {_quoted(seen.text)}", seen.number)
        return True

    def segment(self, clause: Clause, path: Path, text: str, cut: Segment, seen: _Seen) -> str:
        parameters = {one.name: one for one in clause.parameters}
        known = None if self.reading.redline else self.known(clause, cut, parameters, seen)
        if known is None and short_text(words_written(cut, _names(cut))) != seen.mark.text:
            message = f"clause {clause.id} : ce qui était écrit ne se laisse pas retrouver : {_quoted(seen.text)}"
            self.reading.report(message, seen.number)
            return text
        made = rewrite(text, cut, known, parameters, seen.text)
        if made.problem:
            message = f"clause {clause.id} : {made.problem} : {_quoted(seen.text)}"
            self.reading.report(message, seen.number)
            return text
        for one in made.proposals:
            old = one.old or "valeur d'origine inconnue"
            message = f"clause {clause.id}, paramètre « {one.parameter} » : {old} → {one.new}"
            place = self.context.locate(clause, ("parametres", one.parameter, "defaut"))
            mend = (
                "changer la valeur par défaut dans la clause, ou la valeur dans le projet ; le texte garde son repère"
            )
            self.reading.found.append(Diagnostic("parameter-proposal", message, place, mend, Severity.WARNING))
        return made.text

    def outdated(self, clause: Clause, path: Path, text: str, cut: Sequence[Segment], index: int, seen: _Seen) -> None:
        """An edit of a text that the library has changed since."""
        parameters = {one.name: one for one in clause.parameters}
        if index < len(cut):
            read = _names(cut[index]) if self.reading.redline else values_read(cut[index], parameters, seen.text)
            if words(words_written(cut[index], read)) == words(seen.text):
                return  # the library says the same already
        message = (
            f"clause {clause.id} : son texte a changé dans la bibliothèque depuis que le document a été produit ; "
            f"le document dit : {_quoted(seen.text)}"
        )
        self.conflict(message, self.context.locate(clause, path))

    def conflict(self, message: str, place: Place) -> None:
        mend = "comparer les deux textes, et changer la clause à la main"
        self.reading.found.append(Diagnostic("import-conflict", message, place, mend, Severity.WARNING))

    def known(self, clause: Clause, cut: Segment, parameters: Mapping[str, Parameter], seen: _Seen) -> dict[str, str]:
        """The values that stood in the segment as written: the combination that its digest proves; none when nothing does."""
        names = list(dict.fromkeys(piece.placeholder for piece in cut.pieces if piece.placeholder in parameters))
        read = values_read(cut, parameters, seen.text)
        options = [self.options(clause, parameters[name], read.get(name, "")) for name in names]
        for chosen in islice(product(*options), MAX_COMBINATIONS):
            values = dict(zip(names, chosen, strict=True))
            if short_text(words_written(cut, values)) == seen.mark.text:
                return values
        return self.searched(cut, parameters, names, seen) if len(names) == 1 else {}

    def options(self, clause: Clause, parameter: Parameter, read: str) -> list[str]:
        known = [parameter.default, self.context.settings.get((clause.id, parameter.name), parameter.default)]
        return list(dict.fromkeys([*(self.context.written(parameter, value) for value in known), read]))

    def searched(
        self, cut: Segment, parameters: Mapping[str, Parameter], names: Sequence[str], seen: _Seen
    ) -> dict[str, str]:
        """The only value within a parameter's bounds that the digest proves, when they are whole numbers."""
        parameter = parameters[names[0]]
        if parameter.kind not in (ParameterKind.DURATION, ParameterKind.INTEGER, ParameterKind.PERCENTAGE):
            return {}
        first, last = parameter.minimum, parameter.maximum
        if not isinstance(first, int) or not isinstance(last, int) or last - first > MAX_TRIED:
            return {}
        for number in range(first, last + 1):
            values = {parameter.name: self.context.written(parameter, number)}
            if short_text(words_written(cut, values)) == seen.mark.text:
                return values
        return {}

    def find_lost(self, clause: Clause, turn: int, parts: dict[Key, _Seen]) -> None:
        """Know paragraphs that lost their mark by their words; report those that are gone."""
        for letter, key, text in _proses(clause):
            sample = next((seen for (part, _), seen in parts.items() if part == letter), None)
            if sample is not None and sample.mark.source == short_source(text):
                for index, cut in enumerate(segments(text)):
                    if (letter, index) not in parts and cut.pieces:
                        self.find_one(clause, parts, Mark(clause.id, letter, index, short_source(text), "", turn), cut)
            elif sample is None and text and (letter == TEXT or self.reading.redline):
                message = f"le {key} de la clause {clause.id} a été retiré, ou n'a plus de repères"
                self.reading.report(message, _first(parts))
        if (TITLE, 0) not in parts:
            self.reading.report(f"le titre de la clause {clause.id} a été retiré", _first(parts))

    def find_one(self, clause: Clause, parts: dict[Key, _Seen], mark: Mark, cut: Segment) -> None:
        """Know a paragraph that lost its mark by its words; `mark` lacks but the digest of what was written."""
        defaults = {one.name: self.context.written(one, one.default) for one in clause.parameters}
        expected = words_written(cut, _names(cut) if self.reading.redline else defaults)
        near = [extra for extra in self.reading.extras if extra.clause == clause.id and extra.turn == mark.turn]
        best = max(near, key=lambda extra: _alike(expected, extra.text), default=None)
        if best is None or _alike(expected, best.text) < ALIKE:
            text = {letter: text for letter, _, text in _proses(clause)}[mark.part]
            lost = text[cut.start : cut.end]
            self.reading.report(f"{_whose(mark)} a été retiré : {_quoted(lost)}", _first(parts))
            return
        self.reading.extras.remove(best)
        self.reading.notes.append(f"{_whose(mark)} avait perdu son repère ; retrouvé par ressemblance")
        parts[mark.part, mark.index] = _Seen(replace(mark, text=short_text(expected)), best.text, best.number)

    def decide_rest(self) -> None:
        """Report paragraphs that are new, and clauses that are gone."""
        for extra in self.reading.extras:
            if self.is_left(extra):
                continue
            where = f"dans la clause {extra.clause}" if extra.clause else "hors des clauses"
            self.reading.report(f"paragraphe nouveau ou copié, {where} : {_quoted(extra.text)}", extra.number)
        self.gone_clauses()
        self.gone_lines()
        last = max(self.reading.others, default=0)
        gone = last - len(self.reading.others)
        if gone > 0:
            self.reading.report(f"hors des clauses, {gone} paragraphe(s) ont été retirés", 1)

    def is_left(self, extra: _Extra) -> bool:
        """Whether it is but the title of a clause that a redline withdraws: LibreOffice may save it without its deletion."""
        lead = _LEAD.match(extra.text) if self.reading.redline else None
        near = [other for other in self.reading.extras if other.after == extra.after]
        if lead is None or len(near) > 1 or any(name == _id_in(lead) for name, _ in self.reading.turns):
            return False
        self.reading.notes.append(
            f"le titre de la clause {_id_in(lead)}, que le document retire, y est resté seul ; ignoré"
        )
        return True

    def gone_lines(self) -> None:
        """Lines of a clause's fields, in a redline, that were taken out: their numbers are missing."""
        for clause, there in self.reading.lines.items() if self.reading.redline else ():
            if gone := max(there) + 1 - len(there):
                message = f"clause {clause} : {gone} case(s) ou intertitre(s) de ses champs ont été retirés"
                self.reading.report(message, 1, _FIELD)

    def gone_clauses(self) -> None:
        """Clauses of which nothing is left: their number in the document is missing."""
        reading = self.reading
        untitled = sum((TITLE, 0) in parts and parts[TITLE, 0].mark.index == 0 for parts in reading.turns.values())
        untitled += sum((TITLE, 0) not in parts for (name, _), parts in reading.turns.items() if name)
        missing = [number for number in range(1, reading.count + 1) if number not in reading.titles]
        if len(missing) <= untitled:
            return
        if len(missing) > MAX_LISTED:
            reading.report(f"{len(missing)} clauses du document en ont été retirées en entier", 1)
            return
        for number in missing:
            before = reading.titles.get(number - 1, ("", 0))[0] or "le début"
            after = reading.titles.get(number + 1, ("", 0))[0] or "la fin"
            message = f"la clause n° {number} du document, entre {before} et {after}, en a été retirée en entier"
            reading.report(message, 1, _WITHDRAW if reading.redline else _LEAVE_OUT)


def _proses(clause: Clause) -> tuple[tuple[str, str, str], ...]:
    """The texts of a clause that are Markdown: letter of the part, key of the field, text."""
    return (TEXT, "texte", clause.text.text), (REASON, "motif", clause.rationale)


def _names(cut: Segment) -> dict[str, str]:
    """Placeholders as a redline shows them."""
    return {piece.placeholder: named(piece.placeholder) for piece in cut.pieces if piece.placeholder}


def _first(parts: Mapping[Key, _Seen]) -> int:
    return min((seen.number for seen in parts.values()), default=1)


def _alike(one: str, two: str) -> float:
    """Share of words in common, from 0 to 1, in order."""
    first, second = words(one), words(two)
    if not first or not second or max(len(first), len(second)) > MAX_WORDS:
        return 0.0
    common = sum((Counter(first) & Counter(second)).values()) * 2 / (len(first) + len(second))
    if common < ALIKE:
        return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()
