"""A finding and its place in a file."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

# Text of every file that was read, by the path that is shown to the user.
Files = Mapping[str, str]


class Severity(StrEnum):
    """How bad a finding is; `validate` fails on errors only."""

    ERROR = "error"
    WARNING = "warning"


class Place(NamedTuple):
    """Where something stands: a path as shown to the user, a line and a column, both from 1.

    A tuple, since one is made for every value of every file.
    """

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """`path:line:column`."""
        return f"{self.path}:{self.line}:{self.column}"


class Diagnostic(Struct, frozen=True):
    """One finding: a stable rule id, a French sentence, its place, and how to mend it."""

    rule: str
    message: str
    place: Place
    help: str = ""
    severity: Severity = Severity.ERROR
    related: tuple[tuple[Place, str], ...] = ()


class ReqgenError(Exception):
    """Raised when the command cannot go on; carries what to tell the user. Caught once, in the CLI (exit 2)."""

    def __init__(self, *diagnostics: Diagnostic):
        super().__init__("; ".join(diagnostic.message for diagnostic in diagnostics))
        self.diagnostics = diagnostics


class NotInOrderError(ReqgenError):
    """Raised when the thing asked about is not in order: findings, unanswered facts (exit 1)."""
