"""What time did to the library, and the tenders it touches."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct, field

from reqgen.files import shown
from reqgen.lint.audit import Audited, audit_library
from reqgen.load.tree import Tree, parse
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError, Severity
from reqgen.pipeline.reading import Checked, Sources, read_library, read_tender


class Audit(Struct, frozen=True):
    """What time did to the library, what is wrong with the library itself, and the tenders read against it."""

    items: tuple[Audited, ...]
    checked: Checked
    kept: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The clauses that each tender keeps, or may still keep, by the path of its project."""
    unread: tuple[Diagnostic, ...] = ()
    """What is wrong with the projects that could not be read."""

    @property
    def in_order(self) -> bool:
        """Nothing has ended that something rests on, and everything could be read."""
        late = any(item.finding.severity is Severity.ERROR for item in self.items)
        return not (late or self.unread or self.checked.errors)

    def tenders(self, item: Audited) -> tuple[str, ...]:
        """The projects that a finding touches."""
        return tuple(path for path, kept in self.kept.items() if kept.intersection(item.clauses))


def audit(sources: Sources, day: date, months: int, projects: Sequence[Path] = ()) -> Audit:
    """What has ended on that day, or ends, begins or grows old within so many months, and the tenders it touches.

    A library with errors is audited for what could be read of it; its errors are in `checked`.
    """
    library, checked = read_library(sources)
    trees: dict[str, Tree | None] = {}

    def locate(place: Place, *keys: str | int) -> Place:
        if place.path not in trees:
            trees[place.path] = parse(place.path, checked.files.get(place.path, ""))[0]
        tree = trees[place.path]
        at = next((path for path, known in tree.values.items() if path and known == place), None) if tree else None
        return tree.place(*at[:-1], *keys) if tree and at else place

    items = audit_library(library, day, months, locate)
    kept: dict[str, frozenset[str]] = {}
    unread: dict[Diagnostic, None] = {}
    for path in projects:
        try:
            selection = read_tender(path, sources).selection
        except ReqgenError as error:
            unread |= dict.fromkeys(error.diagnostics)
            continue
        names = (verdict.clause.id for part in selection.lots for verdict in part.kept(with_undecided=True))
        kept[shown(path)] = frozenset(names)
    own = set(checked.findings)
    return Audit(tuple(items), checked, kept, tuple(finding for finding in unread if finding not in own))
