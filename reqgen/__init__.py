"""Reqgen: from a library of requirement clauses to the documents of a public tender."""

__version__ = "0.1.0"
