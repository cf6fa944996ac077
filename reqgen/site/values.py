"""What the site is made from."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec import Struct, field

from reqgen.model.library import Library, Parameter, Value


class Reach(StrEnum):
    """How far a domain takes a clause, from the clause's depth (palier) on: by what it establishes, proposes, or leaves open."""

    ALWAYS = "toujours"
    USUAL = "avec les réponses proposées"
    POSSIBLE = "selon les réponses"


class Change(Struct, frozen=True):
    """A commit: who, on which day (AAAA-MM-JJ), in which words, and what it touches of today's library.

    `clauses` are ids, `others` paths relative to the library or the pack.
    """

    name: str
    day: str
    author: str
    subject: str
    clauses: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class History(Struct, frozen=True):
    """The commits that touch the library, newest first; `notes` say, in sentences, what is missing and why."""

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    def of(self, clause: str) -> tuple[Change, ...]:
        """The commits that touch the clause, newest first."""
        return tuple(change for change in self.changes if clause in change.clauses)


class Site(Struct, frozen=True):
    """All that the pages show. Files are told by their path in the library, never by a path of the machine.

    `reach` has, for each domain, the clauses that it can take; `files` the file of each clause; `quantity` writes a
    parameter's value (« 30 jours ouvrés »).
    """

    library: Library
    reach: Mapping[str, Mapping[str, Reach]]
    files: Mapping[str, str]
    labels: Mapping[str, str]
    quantity: Callable[[Parameter, Value], str]
    history: History = field(default_factory=History)
    version: str = ""
    public: bool = False
    """Leaves out what candidates may not read: clauses that are not public, rationales, history."""
