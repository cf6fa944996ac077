"""What one part of a document speaks of: the common ground of all lots, or what is proper to one lot."""

import re
import zlib
from collections.abc import Mapping, Sequence
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import fields, replace

from reqgen.assemble.values import chosen, settings_for
from reqgen.model.library import Clause, Exchange, Processing, Value, Volume
from reqgen.model.project import Application, Lot, Need, Project, Setting
from reqgen.model.selection import LotSelection, Selection, Verdict

MAX_ANCHOR = 40


class Scope(Struct, frozen=True):
    """The clauses, needs, volumes and context that a chapter draws from."""

    lot: Lot | None
    verdicts: tuple[Verdict, ...]
    settings: Mapping[tuple[str, str], Setting]
    needs: tuple[Need, ...] = ()
    volumes: tuple[Volume, ...] = ()
    applications: tuple[Application, ...] = ()
    context: str = ""
    domains: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    processing: Processing = field(default_factory=Processing)

    @property
    def suffix(self) -> str:
        """What tells this scope's anchors from those of another."""
        return f"_L{self.lot.number}" if self.lot else ""


class Scopes(Struct, frozen=True):
    """The common scope, and one a lot when the document covers several."""

    common: Scope
    lots: tuple[Scope, ...] = ()

    @property
    def all(self) -> tuple[Scope, ...]:
        """The common scope, then the lots'."""
        return (self.common, *self.lots)


def scopes_of(selection: Selection, *, only_lot: int | None = None, draft: bool = False) -> Scopes:
    """The scopes of a document: one lot alone, an undivided tender, or a common part and its lots."""
    project = selection.project
    chosen_lots = [lot for lot in selection.lots if only_lot is None or lot.lot.number == only_lot]
    needs = _needs_of(project)
    if len(chosen_lots) == 1:
        return Scopes(_merged(project.common, chosen_lots[0], needs, draft))
    return _split(project.common, chosen_lots, needs, draft)


def _needs_of(project: Project) -> dict[int, tuple[Need, ...]]:
    """The needs by lot number (0: the common part), with the same ids in the whole document and in a lot's own."""
    parts = (project.common, *project.lots)
    numbered = iter(identified([need for part in parts for need in part.needs]))
    return {part.number: tuple(islice(numbered, len(part.needs))) for part in parts}


def _merged(common: Lot, selected: LotSelection, needs: Mapping[int, tuple[Need, ...]], draft: bool) -> Scope:
    lot = selected.lot
    parts = (common,) if lot is common else (common, lot)
    return Scope(
        lot=None,
        verdicts=selected.kept(with_undecided=draft),
        settings=settings_for(common, lot),
        needs=tuple(need for part in parts for need in needs[part.number]),
        volumes=tuple(volume for part in parts for volume in part.volumes),
        applications=tuple(application for part in parts for application in part.applications),
        context="\n\n".join(part.context for part in parts if part.context),
        domains=selected.domains,
        exchanges=selected.exchanges,
        processing=_overlaid(common.processing, lot.processing),
    )


def _split(common: Lot, selected: Sequence[LotSelection], needs: Mapping[int, tuple[Need, ...]], draft: bool) -> Scopes:
    """A clause is common when every lot keeps it, decided alike and with the same values."""
    kept = [{verdict.clause.id: verdict for verdict in lot.kept(with_undecided=draft)} for lot in selected]
    settings = [settings_for(common, lot.lot) for lot in selected]
    shared = {
        name: verdict
        for name, verdict in kept[0].items()
        if all(
            name in others
            and others[name].outcome is verdict.outcome
            and _values(verdict.clause, values) == _values(verdict.clause, settings[0])
            for others, values in zip(kept, settings, strict=True)
        )
    }
    common_exchanges = tuple(item for item in selected[0].exchanges if all(item in lot.exchanges for lot in selected))
    scopes: list[Scope] = []
    for lot, verdicts, values in zip(selected, kept, settings, strict=True):
        scopes.append(
            Scope(
                lot=lot.lot,
                verdicts=tuple(verdict for name, verdict in verdicts.items() if name not in shared),
                settings=values,
                needs=needs[lot.lot.number],
                volumes=lot.lot.volumes,
                applications=lot.lot.applications,
                context=lot.lot.context,
                domains=lot.domains,
                processing=_overlaid(common.processing, lot.lot.processing),
                exchanges=tuple(exchange for exchange in lot.exchanges if exchange not in common_exchanges),
            )
        )
    ground = Scope(
        lot=None,
        verdicts=tuple(shared.values()),
        settings=settings[0],
        needs=needs[common.number],
        volumes=common.volumes,
        applications=common.applications,
        context=common.context,
        domains=common.domains,
        exchanges=common_exchanges,
    )
    return Scopes(ground, tuple(scopes))


def _overlaid(common: Processing, own: Processing) -> Processing:
    """The lot's own words, those of the common part where it has none."""
    return Processing(*(getattr(own, one.name) or getattr(common, one.name) for one in fields(Processing)))


def _values(clause: Clause, settings: Mapping[tuple[str, str], Setting]) -> list[Value]:
    return [chosen(clause, parameter, settings) for parameter in clause.parameters]


def identified(needs: Sequence[Need]) -> tuple[Need, ...]:
    """The needs with an id each: the officer's own, else BF-<module number>-<rank>, free of clashes."""
    taken = {need.id for need in needs if need.id}
    modules: dict[str, int] = {}
    ranks: dict[str, int] = {}
    result: list[Need] = []
    for need in needs:
        number = modules.setdefault(need.module, len(modules) + 1)
        while not need.id:
            ranks[need.module] = ranks.get(need.module, 0) + 1
            name = f"BF-{number:02d}-{ranks[need.module]:02d}"
            if name not in taken:
                need = replace(need, id=name)
        result.append(need)
    return tuple(result)


def anchor(identifier: str, suffix: str = "") -> str:
    """A bookmark name made of letters, digits and `_`, 40 signs at most (ECMA-376, part 1, 17.13.6).

    A name that is too long ends with its own checksum, so that it differs from those that start alike.
    """
    name = re.sub(r"[^A-Za-z0-9]", "_", f"req_{identifier}{suffix}")
    return name if len(name) <= MAX_ANCHOR else f"{name[: MAX_ANCHOR - 9]}_{zlib.crc32(name.encode()):08x}"
