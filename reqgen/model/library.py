"""The clause library as values: clauses, facts, domains, themes, sources, thresholds, glossary."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct, field

from reqgen.model.condition import Always, Condition
from reqgen.model.diagnostic import Place
from reqgen.model.wording import Exemption, Wording, Written

CLAUSE_ID = r"[A-Z]{3,5}-[A-Z0-9]{2,5}-[0-9]{3}"
"""The id of a clause, as `clause.schema.json` has it, for those who look for it in a text."""


class Nature(StrEnum):
    """Who is addressed: the holder of the contract (titulaire) or the bidder (candidat)."""

    OBLIGATION = "obligation"
    QUESTION = "question"


class Level(StrEnum):
    """Niveau d'exigence: what a non-compliant offer risks."""

    REQUIRED = "exigé"
    SCORED = "valorisé"
    OPTIONAL_EXTRA = "pse"


class Tier(StrEnum):
    """Palier: from which depth of the document a clause stands. Ordered by `rank`."""

    ESSENTIAL = "essentiel"
    STANDARD = "standard"
    REINFORCED = "renforcé"

    @property
    def rank(self) -> int:
        """0 for the shallowest."""
        return list(Tier).index(self)


class Piece(StrEnum):
    """The contract or consultation document in which a clause stands."""

    CCTP = "cctp"
    CCAP = "ccap"
    RC = "rc"
    AE = "ae"
    PRICES = "prix"
    GDPR_ANNEX = "annexe-rgpd"
    SECURITY_ANNEX = "annexe-securite"


class Disclosure(StrEnum):
    """Diffusion: who may read the clause."""

    PUBLIC = "public"
    RESTRICTED = "restreint"
    INTERNAL = "interne"


class Answer(StrEnum):
    """Réponse: what the bidder must say about the clause in the cadre de réponse."""

    NONE = "aucune"
    STATEMENT = "déclaration"
    DESCRIPTION = "description"
    PROOF = "preuve"


class Milestone(StrEnum):
    """Jalon: when a clause or a deliverable falls due."""

    OFFER = "offre"
    NOTIFICATION = "notification"
    GO_LIVE = "mise en ordre de marche"
    ACCEPTANCE = "vérification d'aptitude"
    REGULAR_SERVICE = "vérification de service régulier"
    EXECUTION = "exécution"
    END = "fin de marché"


class Phase(StrEnum):
    """Phase of the procurement in which a check takes place, in order."""

    OFFER = "offre"
    ACCEPTANCE = "vérification d'aptitude"
    REGULAR_SERVICE = "vérification de service régulier"
    EXECUTION = "exécution"
    END = "fin de marché"


class ReviewStatus(StrEnum):
    """Relecture: only a person's own command changes it. Ordered by `rank`."""

    DRAFT = "projet"
    READ = "relu"
    APPROVED = "validé"

    @property
    def rank(self) -> int:
        """0 for what nobody has reviewed."""
        return list(ReviewStatus).index(self)


class FactKind(StrEnum):
    """The type of a fact's answer."""

    YES_NO = "oui-non"
    CHOICE = "choix"
    CHOICES = "choix multiple"
    INTEGER = "entier"
    AMOUNT = "montant"
    DATE = "date"


class ParameterKind(StrEnum):
    """The type of a clause parameter."""

    DURATION = "durée"
    INTEGER = "entier"
    DECIMAL = "décimal"
    PERCENTAGE = "pourcentage"
    AMOUNT = "montant"
    TEXT = "texte"
    CHOICE = "choix"


Value = str | int | float


class Prose(Struct, frozen=True):
    """A text of the library and the place of its first line, so that a finding can point into it."""

    text: str
    place: Place
    lines: tuple[tuple[int, int, Place], ...] = ()
    """Of each line of the file: its start in the text, its length, its place. Needed when the file folds its lines."""

    def at(self, offset: int) -> Place:
        """The place of a character of the text; without `lines`, as if the text were a literal block."""
        start, length, place = 0, 0, self.place
        for line in self.lines or self._literal_lines():
            if line[0] > offset:
                break
            start, length, place = line
        return Place(place.path, place.line, place.column + min(offset - start, length))

    def _literal_lines(self) -> Iterator[tuple[int, int, Place]]:
        start = 0
        for number, line in enumerate(self.text.split("\n")):
            yield start, len(line), Place(self.place.path, self.place.line + number, self.place.column)
            start += len(line) + 1


class Parameter(Struct, frozen=True):
    """A value that the buyer may adjust; `unit` is a French plural such as « jours ouvrés »."""

    name: str
    label: str
    kind: ParameterKind
    default: Value
    place: Place
    unit: str = ""
    minimum: int | float | None = None
    maximum: int | float | None = None
    max_length: int | None = None
    choices: tuple[str, ...] = ()


class Verification(Struct, frozen=True):
    """One check: in which phase, by which means, by whom, and what counts as a failure."""

    phase: Phase
    mode: str
    by: str
    method: Prose


class Deliverable(Struct, frozen=True):
    """A thing handed over, its milestone and, in words, its delay."""

    name: str
    milestone: Milestone
    delay: str = ""


class Citation(Struct, frozen=True):
    """A clause's reference to a source. `binds_if` is None when the source informs without obliging."""

    source: str
    place: Place
    article: str = ""
    binds_if: Condition | None = None


class Reference(Struct, frozen=True):
    """The id of another clause, with its place."""

    id: str
    place: Place


class Review(Struct, frozen=True):
    """Legal review: by whom, when, and on which digest (`reqgen.fingerprint.clause_digest`).

    `written` is the status that the file gives, `status` the one that holds: a review says nothing of another text than
    the one it was given on, nor does one without a name, a day and a digest. Everything but the rules reads `status`.
    """

    status: ReviewStatus = ReviewStatus.DRAFT
    by: str = ""
    on: date | None = None
    digest: str = ""
    written: ReviewStatus = ReviewStatus.DRAFT

    @property
    def whole(self) -> bool:
        """Whether it says by whom, when and on what."""
        return bool(self.by and self.on and self.digest)

    @property
    def stale(self) -> bool:
        """Whether the clause has changed since."""
        return self.whole and self.status is not self.written


class Clause(Struct, frozen=True):
    """One requirement. See docs/rediger-une-clause.md for what each field means to its author."""

    id: str
    title: str
    theme: str
    nature: Nature
    level: Level
    tier: Tier
    piece: Piece
    text: Prose
    place: Place
    sub_criterion: str = ""
    disclosure: Disclosure = Disclosure.PUBLIC
    domains: tuple[Reference, ...] = ()
    condition: Condition = field(default_factory=Always)
    parameters: tuple[Parameter, ...] = ()
    requires: tuple[Reference, ...] = ()
    incompatible: tuple[Reference, ...] = ()
    replaces: tuple[Reference, ...] = ()
    departs_from: tuple[str, ...] = ()
    verifications: tuple[Verification, ...] = ()
    due: Milestone | None = None
    answer: Answer = Answer.NONE
    deliverables: tuple[Deliverable, ...] = ()
    citations: tuple[Citation, ...] = ()
    rationale: str = ""
    in_force_from: date | None = None
    in_force_until: date | None = None
    override_reason: str = ""
    exemptions: tuple[Exemption, ...] = ()
    """Rules of prose that the clause does not follow, and why."""
    review: Review = field(default_factory=Review)
    origin: str = ""
    """Name of the library or pack that the clause comes from."""
    places: Mapping[tuple[str | int, ...], Place] = field(default_factory=dict)
    """Where each value stands, by its path in the YAML."""

    def at(self, *path: str | int) -> Place:
        """The place of a value of the clause's file, else of the nearest thing around it, else of the clause."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path] if path else self.place

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name, if defined."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


class Fact(Struct, frozen=True):
    """A question about the tender. `read_from` names a key of the project file, where the answer then is."""

    id: str
    label: str
    kind: FactKind
    place: Place
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    choices_from: str = ""
    asked_if: Condition = field(default_factory=Always)
    read_from: str = ""


class Theme(Struct, frozen=True):
    """A group of clauses. `order` gives beginnings of ids, in the order in which documents present them.

    A theme `of_domain` holds the clauses proper to a service domain.
    """

    id: str
    title: str
    place: Place
    order: tuple[str, ...] = ()
    of_domain: bool = False

    def rank(self, clause: str) -> int:
        """The place of a clause in the theme: that of the first beginning it matches, else after them all."""
        return next((index for index, start in enumerate(self.order) if clause.startswith(start)), len(self.order))


class Exchange(Struct, frozen=True):
    """A national exchange of a domain: platform, direction, framework, and when a tender has it."""

    platform: str
    direction: str
    framework: str
    condition: Condition = field(default_factory=Always)


class Volume(Struct, frozen=True):
    """A quantity that bidders need; `amount` and `on` are blank in a domain, filled in a project."""

    label: str
    unit: str = ""
    amount: str = ""
    on: str = ""


class Processing(Struct, frozen=True):
    """Description of the personal data processing (GDPR art. 28.3, first paragraph)."""

    purpose: str = ""
    nature: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    retention: str = ""


COMMON = "communes"
"""Stands for every clause that is not proper to a domain."""


class SetAside(Struct, frozen=True):
    """Clauses that have no object in a domain, or in those of its tenders that meet a condition.

    They are given as beginnings of ids, or COMMON, with the reason.
    """

    starts: tuple[str, ...]
    reason: str
    condition: Condition = field(default_factory=Always)

    def covers(self, clause: Clause) -> bool:
        """Whether the clause is one of them."""
        return any(clause.id.startswith(start) or (start == COMMON and not clause.domains) for start in self.starts)


class Domain(Struct, frozen=True):
    """A service domain: the facts it establishes, the answers it proposes, its exchanges and vocabulary.

    `aliases` are ids that it bore, or that a domain bore which was split into this one and others.
    """

    id: str
    title: str
    description: str
    place: Place
    establishes: tuple[tuple[str, "Response"], ...] = ()
    proposes: tuple[tuple[str, "Response"], ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    volumes: tuple[Volume, ...] = ()
    modules: tuple[str, ...] = ()
    processing: Processing = field(default_factory=Processing)
    vocabulary: tuple[Reference, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    aliases: tuple[Reference, ...] = ()

    def asides(self, clause: Clause) -> tuple[SetAside, ...]:
        """Where the domain sets the clause aside, for all its tenders or for some."""
        return tuple(one for one in self.set_aside if one.covers(clause))


class Response(Struct, frozen=True):
    """The answer to a fact, with its place. `values` has one item, or several for a multiple choice."""

    values: tuple[Value, ...]
    place: Place
    established_by: str = ""
    """« le projet », « le lot 2 », « le domaine Finances »: for explanations."""


BINDING = frozenset({"texte", "contrat-type"})
"""The kinds of a source that comes into force; others have a date of publication."""


class Undated(StrEnum):
    """Why a source has no date of force; empty when it has one."""

    NO = ""
    KEPT_UP = "tenue à jour"
    """It has no versions."""
    EDITION = "édition datée"
    """It comes into no force: its title or its identifier names its edition by a year."""
    TO_BE_FOUND = "à établir"


class Source(Struct, frozen=True):
    """An entry of the registry of sources."""

    id: str
    title: str
    short: str
    kind: str
    url: str
    checked_on: date
    verified: bool
    place: Place
    identifier: str = ""
    in_force_from: date | None = None
    in_force_until: date | None = None
    undated: Undated = Undated.NO
    note: str = ""


class DatedValue(Struct, frozen=True):
    """A threshold's value and the dates between which it holds (both included)."""

    value: int | float
    since: date
    until: date | None


class Threshold(Struct, frozen=True):
    """A dated amount that conditions may name."""

    id: str
    label: str
    values: tuple[DatedValue, ...]
    place: Place
    source: str = ""

    def on(self, day: date) -> int | float | None:
        """The value in force on that day, None outside every known interval."""
        for dated in self.values:
            if dated.since <= day and (dated.until is None or day <= dated.until):
                return dated.value
        return None


class TierRule(Struct, frozen=True):
    """The tier that fits a tender when the condition is true; `reason` says why to the officer."""

    tier: Tier
    condition: Condition
    reason: str
    place: Place


class Term(Struct, frozen=True):
    """A glossary entry; `forms` are the other spellings met in texts."""

    term: str
    definition: str
    place: Place
    forms: tuple[str, ...] = ()


class Manifest(Struct, frozen=True):
    """What the library says of itself."""

    name: str
    title: str
    version: str
    released: date
    law_as_of: date
    place: Place


class Library(Struct, frozen=True):
    """Everything read from a library and its packs. Iteration order is the order of files, sorted by path."""

    manifest: Manifest
    clauses: Mapping[str, Clause]
    facts: Mapping[str, Fact]
    themes: Mapping[str, Theme]
    domains: Mapping[str, Domain]
    sources: Mapping[str, Source]
    thresholds: Mapping[str, Threshold]
    glossary: tuple[Term, ...] = ()
    tier_rules: tuple[TierRule, ...] = ()
    """In order: the first that is true gives the tier to propose. Those of a pack come first."""
    overridden: Mapping[str, Clause] = field(default_factory=dict)
    """Built-in clauses that a pack replaced, by id."""
    duplicates: tuple[tuple[str, str, Place, Place], ...] = ()
    """(kind, id, first place, second place) of every id defined twice."""
    broken: frozenset[str] = frozenset()
    """Ids of entries whose file has findings: they exist, but could not be read."""
    wording: Wording = field(default_factory=Wording)
    """The rules of prose, what packs change of them, and the obsolete terms."""
    texts: tuple[Written, ...] = ()
    """Every text that the rules of prose read. Not kept once the library is checked."""
    renamed: tuple[Reference, ...] = ()
    """Where a clause names a domain by an old id; the clause itself then holds the current ones."""

    def current_domains(self, name: str) -> tuple[str, ...]:
        """The ids that a domain's name stands for: itself, else every domain of which it is an alias, else none."""
        if name in self.domains:
            return (name,)
        return tuple(domain.id for domain in self.domains.values() if name in {alias.id for alias in domain.aliases})
