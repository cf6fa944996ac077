"""Conditions over facts: a closed union of frozen values. Their meaning is in docs/conditions.md."""

from enum import StrEnum

from msgspec import Struct

from reqgen.model.diagnostic import Place


class Comparison(StrEnum):
    """How a test compares the answer with its operand; the value is the word used in the YAML."""

    AMONG = "parmi"
    AT_LEAST = "au_moins"
    AT_MOST = "au_plus"
    MORE_THAN = "plus_de"
    LESS_THAN = "moins_de"


class Operand(Struct, frozen=True):
    """A value as written: a word, a number, an ISO date, or the id of a dated threshold."""

    value: str | int | float
    place: Place


class Always(Struct, frozen=True):
    """Always true."""


class Test(Struct, frozen=True):
    """One fact compared with one or several operands."""

    fact: str
    comparison: Comparison
    operands: tuple[Operand, ...]
    place: Place


class AllOf(Struct, frozen=True):
    """True when every part is true."""

    parts: tuple["Condition", ...]


class AnyOf(Struct, frozen=True):
    """True when at least one part is true."""

    parts: tuple["Condition", ...]


class NoneOf(Struct, frozen=True):
    """True when every part is false."""

    parts: tuple["Condition", ...]


Condition = Always | Test | AllOf | AnyOf | NoneOf


def tests_of(condition: Condition) -> tuple[Test, ...]:
    """Every test in the condition, in reading order."""
    match condition:
        case Always():
            return ()
        case Test():
            return (condition,)
        case AllOf(parts) | AnyOf(parts) | NoneOf(parts):
            return tuple(test for part in parts for test in tests_of(part))
