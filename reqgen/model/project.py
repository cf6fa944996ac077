"""One tender as its officer describes it."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from reqgen.model.diagnostic import Place
from reqgen.model.library import Level, Processing, Response, Tier, Value, Volume


class Buyer(Struct, frozen=True):
    """An authority that buys. In a groupement one of them is `coordinator`.

    `kinds` is mostly one: the few authorities that hold the powers of two (métropole de Lyon, Ville de Paris) have both.
    """

    name: str
    kinds: tuple[str, ...]
    coordinator: bool = False
    siret: str = ""
    address: str = ""
    population: int | None = None
    staff: int | None = None
    place: Place = Place("", 1, 1)


class Choice(Struct, frozen=True):
    """The officer's decision about one clause, with its reason."""

    clause: str
    reason: str
    place: Place


class Setting(Struct, frozen=True):
    """A parameter's value chosen by the officer."""

    value: Value
    place: Place


class Application(Struct, frozen=True):
    """A piece of software already in place (the only product names that a CCTP may hold)."""

    name: str
    vendor: str = ""
    role: str = ""
    interface: str = ""


class Need(Struct, frozen=True):
    """A functional need of the buyer; it stands in the documents like a clause."""

    id: str
    module: str
    title: str
    text: str
    level: Level
    place: Place
    verification: str = ""
    sub_criterion: str = ""


class Lot(Struct, frozen=True):
    """A lot of the consultation: what differs from the common part. Number 0 stands for an undivided tender."""

    number: int
    title: str
    place: Place
    domains: tuple[str, ...] = ()
    facts: Mapping[str, Response] = field(default_factory=dict)
    settings: Mapping[tuple[str, str], Setting] = field(default_factory=dict)
    exclusions: tuple[Choice, ...] = ()
    inclusions: tuple[Choice, ...] = ()
    needs: tuple[Need, ...] = ()
    volumes: tuple[Volume, ...] = ()
    applications: tuple[Application, ...] = ()
    context: str = ""
    processing: Processing = field(default_factory=Processing)


class Renewals(Struct, frozen=True):
    """How many times the contract can be renewed, and for how many months each time."""

    count: int = 0
    months: int = 0


class Project(Struct, frozen=True):
    """A tender. `known` answers the facts that are read from the project itself, by fact id."""

    reference: str
    version: str
    object: str
    buyers: tuple[Buyer, ...]
    tier: Tier
    common: Lot
    launch: date
    place: Place
    lots: tuple[Lot, ...] = ()
    deadline: date | None = None
    """Last day on which offers are received."""
    notification: date | None = None
    end: date | None = None
    procedure: str = ""
    form: str = ""
    months: int | None = None
    renewals: Renewals = field(default_factory=Renewals)
    variants: str = ""
    estimated_value: int | float | None = None
    known: Mapping[str, Response] = field(default_factory=dict)
    contacts: tuple[tuple[str, str], ...] = ()
    template: str = ""
    packs: tuple[str, ...] = ()
    places: Mapping[tuple[str | int, ...], Place] = field(default_factory=dict)
    """Where each value stands, by its path in the YAML."""

    def at(self, *path: str | int) -> Place:
        """The place of a value of the project's file, else of the nearest thing around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path] if path else self.place

    @property
    def coordinator(self) -> Buyer:
        """The buyer that runs the consultation: the coordinator, else the only or first one."""
        return next((buyer for buyer in self.buyers if buyer.coordinator), self.buyers[0])

    @property
    def parts(self) -> tuple[Lot, ...]:
        """The lots, or the common part alone when there is no lot."""
        return self.lots or (self.common,)
