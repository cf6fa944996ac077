"""What the site is made from, and what it counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reqgen.git import Commit
from reqgen.model.library import Clause, Library, Parameter, Value


class Reach(StrEnum):
    """How far a domain takes a clause, from its depth (palier) on: from what it establishes, then from what it proposes."""

    ALWAYS = "toujours"
    USUAL = "avec les réponses que propose le domaine"
    POSSIBLE = "selon les réponses"


@dataclass(frozen=True, slots=True)
class History:
    """The commits that touch the library, newest first; `why_none` or `why_partial` say what is missing, in a sentence."""

    commits: tuple[Commit, ...] = ()
    by_file: Mapping[str, tuple[Commit, ...]] = field(default_factory=dict)
    why_none: str = ""
    why_partial: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """All that the pages show. Files are told by their path in the library, never by a path of the machine.

    `reach` has, for each domain, the clauses that it can take; `files` the file of each clause.
    """

    library: Library
    reach: Mapping[str, Mapping[str, Reach]]
    files: Mapping[str, str]
    history: History
    labels: Mapping[str, str]
    quantity: Callable[[Parameter, Value], str]
    version: str
    public: bool = False
    """Leaves out what bidders may not read: clauses of restricted disclosure, rationales, history."""
    clauses: Mapping[str, Clause] = field(default_factory=dict)
    """The clauses that have a page."""
