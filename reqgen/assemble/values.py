"""Parameter values: the officer's choice or the default, written as French quantities."""

from collections.abc import Mapping

from reqgen.model.library import Clause, Parameter, ParameterKind, Value
from reqgen.model.project import Lot, Setting
from reqgen.model.words import french_number
from reqgen.prose import Fill

INVARIABLE = {"mois", "fois"}


def settings_for(common: Lot, lot: Lot) -> Mapping[tuple[str, str], Setting]:
    """The officer's values by (clause, parameter); a lot's own prevail."""
    return {**common.settings, **lot.settings}


def chosen(clause: Clause, parameter: Parameter, settings: Mapping[tuple[str, str], Setting]) -> Value:
    """The value that stands in the documents."""
    setting = settings.get((clause.id, parameter.name))
    return parameter.default if setting is None else setting.value


def quantity(parameter: Parameter, value: Value) -> str:
    """« 30 jours ouvrés », « 1 jour ouvré », « 99,5 % », « 1 500 euros », or the text itself."""
    if isinstance(value, str):
        return value
    number = french_number(value)
    match parameter.kind:
        case ParameterKind.PERCENTAGE:
            return f"{number} %"
        case ParameterKind.AMOUNT:
            return f"{number} {_agreed('euros', value)}"
        case _:
            return f"{number} {_agreed(parameter.unit, value)}".strip()


def _agreed(unit: str, value: int | float) -> str:
    if abs(value) >= 2:
        return unit
    return " ".join(word if word in INVARIABLE else word.removesuffix("s") for word in unit.split(" "))


def filler(clause: Clause, settings: Mapping[tuple[str, str], Setting]) -> Fill:
    """What fills the clause's placeholders. An undefined name, which `validate` reports, is shown in brackets."""

    def fill(name: str) -> str:
        parameter = clause.parameter(name)
        return f"[{name}]" if parameter is None else quantity(parameter, chosen(clause, parameter, settings))

    return fill
