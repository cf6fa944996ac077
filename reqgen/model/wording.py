"""How a library wants to be written: its rules of prose, its obsolete terms, and the texts that they read."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum

from msgspec import Struct

from reqgen.model.diagnostic import Place, Severity

SEVERITIES = {"erreur": Severity.ERROR, "avertissement": Severity.WARNING}
IGNORED = "ignorée"
"""The severity, in a setting, of a rule that is switched off."""


class Field(StrEnum):
    """Champ: what a text is."""

    TITLE = "titre"
    TEXT = "texte"
    VERIFICATION = "vérification"
    DELIVERABLE = "livrable"
    PARAMETER = "paramètre"
    RATIONALE = "motif"
    FACT = "fait"
    DOMAIN = "domaine"
    THEME = "thème"
    THRESHOLD = "seuil"
    TIER = "palier"
    TERM = "glossaire"
    NEED = "besoin"


class Check(StrEnum):
    """Contrôle: what a rule does with its words."""

    WORDS = "mots"
    """One of the words stands in the text."""
    ABSENCE = "absence"
    """None of the words stands in the text."""
    COUNT = "nombre"
    """The words stand in the text more often than the limit."""
    LENGTH = "longueur"
    """A sentence has more words than the limit."""
    ACRONYMS = "sigles"
    """An acronym is neither spelt out in the clause, nor in the glossary, nor among the words."""
    REFERENCES = "renvois"
    """The text names a clause that does not exist."""
    OBSOLETE = "périmés"
    """One of the obsolete terms stands in the text."""


class Words(Struct, frozen=True):
    """Expressions (the language of docs/regles-de-redaction.md) that are mended alike; `mend` empty: as the rule says."""

    expressions: tuple[str, ...]
    mend: str = ""


class ProseRule(Struct, frozen=True):
    """A rule of prose, as its data file gives it. Empty natures, levels or pieces stand for all of them."""

    id: str
    severity: Severity
    message: str
    """The sentence of a finding; `{mot}` is what was found, `{nombre}` how many, `{seuil}` the limit."""
    mend: str
    reason: str
    bad: str
    good: str
    fields: tuple[Field, ...]
    place: Place
    check: Check = Check.WORDS
    words: tuple[Words, ...] = ()
    limit: int = 0
    natures: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()
    except_words: tuple[str, ...] = ()
    """What is found inside one of these expressions is right."""
    sentence_with: tuple[str, ...] = ()
    """Only in a sentence that holds one of these."""
    sentence_without: tuple[str, ...] = ()
    """Only in a sentence that holds none of these."""
    text_without: tuple[str, ...] = ()
    """Only in a text that holds none of these."""
    origin: str = ""


class RuleSetting(Struct, frozen=True):
    """What a library or a pack changes of a rule, for its own texts only."""

    rule: str
    place: Place
    severity: str = ""
    """`erreur`, `avertissement` or IGNORED; empty: unchanged."""
    limit: int | None = None
    added: tuple[Words, ...] = ()
    removed: tuple[str, ...] = ()
    origin: str = ""


class ObsoleteTerm(Struct, frozen=True):
    """A name or a text that is no more: how it is met, what to write instead, since when, and what the day rests on."""

    expressions: tuple[str, ...]
    replacement: str
    place: Place
    since: date | None = None
    note: str = ""
    except_words: tuple[str, ...] = ()
    origin: str = ""


class Exemption(Struct, frozen=True):
    """A rule of prose that a clause does not follow, knowingly (`tolere`)."""

    rule: str
    reason: str
    place: Place


class Written(Struct, frozen=True):
    """A text of the library. `owner` is the id of its clause, empty elsewhere; `locate` gives the place of an offset in it."""

    field: Field
    text: str
    owner: str
    origin: str
    locate: Callable[[int], Place]


class Wording(Struct, frozen=True):
    """All that a library and its packs say of prose, in the order of files."""

    rules: tuple[ProseRule, ...] = ()
    settings: tuple[RuleSetting, ...] = ()
    obsolete: tuple[ObsoleteTerm, ...] = ()

    def rule(self, name: str) -> ProseRule | None:
        """The rule of that id."""
        return next((rule for rule in self.rules if rule.id == name), None)
