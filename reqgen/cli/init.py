"""`reqgen init`: the questions that still matter, in the terminal, and the project file they make."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from reqgen.cli.console import FILE, library_options, say, sources
from reqgen.files import read_text, shown, write_whole
from reqgen.model.condition import tests_of
from reqgen.model.diagnostic import NotInOrderError
from reqgen.model.words import count, near, plain

if TYPE_CHECKING:
    from reqgen.model.library import Fact, Library
    from reqgen.pipeline.reading import Sources

Path_ = tuple[str | int, ...]
SKIP, HELP = "-", "?"
TIERS = (
    ("essentiel", "10 à 16 pages : petite commune, achat simple"),
    ("standard", "15 à 40 pages : intercommunalité, ville"),
    ("renforcé", "30 à 70 pages : département, service critique"),
)


class Question(Struct, frozen=True):
    """One thing to ask: where its answer goes in the project file, and what an answer may be."""

    path: Path_
    text: str
    parse: Callable[[str], Any]
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    several: bool = False
    default: str = ""
    optional: bool = True


@click.command()
@click.argument("project", type=FILE, metavar="[PROJET]", default=Path("projet.yaml"))
@library_options
def init_command(project: Path, library: Path | None, packs: tuple[Path, ...], templates: Path | None) -> None:
    """Pose les questions qui comptent encore, puis écrit ou complète PROJET (projet.yaml par défaut).

    Entrée : la réponse proposée. « ? » : une explication. « - » : passer. La commande se relance sur le même fichier :
    elle ne repose que les questions sans réponse, et garde vos commentaires.
    """
    from reqgen.pipeline.reading import usable_library
    from reqgen.write.project import complete

    where = sources(library, packs, templates)
    text = read_text(project) if project.exists() else ""
    _refuse_disorder(text, shown(project))
    known, _ = usable_library(where)
    given: list[tuple[Path_, Any]] = []
    start = text
    for question in _basics(known):
        if not _has(text, shown(project), question.path):
            answer = _ask(question)
            if answer is not None:
                given.append((question.path, answer))
                text = complete(start, given)
    if not _has(text, shown(project), ("palier",)):
        question = _tier(text, project, where)
        text = complete(start, [*given, (question.path, _ask(question))])
    text = _ask_facts(text, project, where)
    if text == start:
        say("Rien ne reste à demander : le fichier est complet.")
        return
    write_whole(project, text.encode())
    say(f"écrit : {shown(project)}")
    say(f"suite : reqgen generate {shown(project)} -o CCTP.docx --note note.docx")


def _refuse_disorder(text: str, name: str) -> None:
    """A file that is begun may lack keys; anything else that is wrong with it is said before a question is asked."""
    from reqgen.load.schema import check_shape
    from reqgen.load.tree import parse

    if not text.strip():
        return
    tree, found = parse(name, text)
    shape = check_shape(tree, "project") if tree is not None else []
    found = [*found, *(finding for finding in shape if finding.rule != "missing-key")]
    if found:
        raise NotInOrderError(*found)


def _has(text: str, name: str, path: Path_) -> bool:
    from reqgen.load.tree import parse

    if not text.strip():
        return False
    tree, _ = parse(name, text)
    at: Any = tree.data if tree else {}
    for key in path:
        known = key in at if isinstance(at, dict) else isinstance(at, list) and key in range(len(at))
        if not known:
            return False
        at = at[key]
    return True


def _basics(library: "Library") -> Iterator[Question]:
    """What every project file states, in the order an officer thinks of it."""
    from reqgen.load.schema import schema

    buyer = schema("project")["properties"]["acheteurs"]["items"]["properties"]
    labels = dict(next((fact.choices for fact in library.facts.values() if fact.read_from == "acheteurs.*.type"), ()))
    kinds = tuple((kind, labels.get(kind, kind)) for kind in buyer["type"]["items"]["enum"])
    domains = tuple((domain.id, domain.title) for domain in library.domains.values())
    yield Question(("reference",), "Référence du marché", _text, optional=False)
    yield Question(("objet",), "Objet du marché, en une ligne", _text, optional=False)
    yield Question(
        ("acheteurs", 0, "nom"),
        "Nom de l'acheteur (le coordonnateur, s'il s'agit d'un groupement)",
        _text,
        optional=False,
    )
    yield Question(("acheteurs", 0, "type"), "Nature de l'acheteur", _one_of(kinds), choices=kinds, optional=False)
    yield Question(("acheteurs", 0, "population"), "Population (habitants)", _integer)
    if domains:
        yield Question(
            ("domaines",), "Domaines de service", _several_of(domains), choices=domains, several=True, optional=False
        )
    yield Question(
        ("calendrier", "lancement"), "Date de lancement de la consultation (AAAA-MM-JJ)", _day, optional=False
    )
    yield Question(("calendrier", "notification"), "Date prévue de notification (AAAA-MM-JJ)", _day)
    yield Question(("marche", "duree_mois"), "Durée initiale du marché, en mois", _integer)
    yield from _asked_by_tiers(library)


def _asked_by_tiers(library: "Library") -> Iterator[Question]:
    """What the rules of paliers.yaml test and the questions above do not ask: the value of the contract."""
    names = dict.fromkeys(test.fact for rule in library.tier_rules for test in tests_of(rule.condition))
    for name in names:
        fact = library.facts.get(name)
        if fact and fact.read_from and not fact.read_from.startswith("acheteurs."):
            yield _question(fact, "")


def _tier(text: str, project: Path, where: "Sources") -> Question:
    """The tier, asked last: the library's rules propose one from the answers given so far."""
    from reqgen.pipeline.reading import read_tender_text
    from reqgen.write.project import complete

    proposed = read_tender_text(project, complete(text, [(("palier",), "essentiel")]), where).selection.proposed_tier
    why = f" (proposé : {proposed.tier}, {proposed.reason})" if proposed else ""
    default = str(proposed.tier) if proposed else TIERS[0][0]
    label = f"Profondeur du document{why}"
    return Question(("palier",), label, _one_of(TIERS), choices=TIERS, default=default, optional=False)


def _ask_facts(text: str, project: Path, where: "Sources") -> str:
    """Ask the first question that would decide a clause, again and again, until none is left or all were passed."""
    from reqgen.pipeline.reading import read_tender_text
    from reqgen.write.project import complete

    passed: set[str] = set()
    while True:
        tender = read_tender_text(project, text, where)
        selection = tender.selection
        waiting = [name for name in selection.missing if not _blocked(name, selection.library.facts, passed)]
        if not waiting:
            left = list(selection.missing)
            if left:
                unanswered = count(len(left), "question sans réponse", "questions sans réponse")
                say(f"{unanswered} : {', '.join(left)}. Relancer la commande pour y répondre.")
            return text
        fact = selection.library.facts[waiting[0]]
        question = _question(fact, _proposal(fact.id, tender.project.common.domains, selection.library))
        say(f"\n{count(len(waiting), 'question restante', 'questions restantes')} au plus")
        answer = _ask(question)
        if answer is None:
            passed.add(fact.id)
        else:
            text = complete(text, [(question.path, answer)])


def _blocked(name: str, facts: Mapping[str, "Fact"], passed: Collection[str]) -> bool:
    """True for a question that was passed, and for those that only arise once it is answered."""
    return name in passed or any(test.fact in passed for test in tests_of(facts[name].asked_if))


def _proposal(fact: str, domains: Sequence[str], library: "Library") -> str:
    """What the tender's domains usually answer, as a default."""
    for name in domains:
        for proposed, response in library.domains[name].proposes:
            if proposed == fact:
                return ", ".join(map(str, response.values))
    return ""


def _question(fact: "Fact", default: str) -> Question:
    kinds: Mapping[str, Callable[[str], Any]] = {
        "oui-non": _one_of(fact.choices),
        "choix": _one_of(fact.choices),
        "choix multiple": _several_of(fact.choices),
        "entier": _integer,
        "montant": _amount,
        "date": _day,
    }
    path: Path_ = ("faits", fact.id)
    if fact.read_from:
        path = tuple(0 if key == "*" else key for key in fact.read_from.split("."))
    return Question(
        path, fact.label, kinds[fact.kind], fact.help, fact.choices, fact.kind.value == "choix multiple", default
    )


def _ask(question: Question) -> Any:
    """Ask until the answer is usable; None when the officer passes."""
    say(question.text)
    for number, (value, label) in enumerate(question.choices, 1):
        say(f"  {number}. {label}" if plain(label) == plain(value) else f"  {number}. {value} : {label}")
    while True:
        hint = "numéros ou mots, séparés par des virgules" if question.several else ""
        typed = click.prompt(
            hint or "réponse",
            default=question.default,
            show_default=bool(question.default),
            prompt_suffix=" : ",
            err=True,
        ).strip()
        if typed == HELP:
            say(question.help or "Pas d'autre explication : « - » pour passer.")
        elif typed in ("", SKIP) and question.optional:
            return None
        elif typed in ("", SKIP):
            say("Cette réponse est nécessaire.")
        else:
            try:
                return question.parse(typed)
            except ValueError as error:
                say(str(error))


def _text(typed: str) -> str:
    from reqgen.load.tree import FORBIDDEN

    if FORBIDDEN.search(typed):
        raise ValueError("Un caractère n'est pas admis.")
    return typed


def _integer(typed: str) -> int:
    digits = typed.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        raise ValueError("Un nombre entier est attendu.")
    return int(digits)


def _amount(typed: str) -> int | float:
    amount = "".join(typed.replace("€", "").split())
    if "," in amount:
        whole, _, cents = amount.partition(",")
        _integer(cents)  # digits only
        return float(f"{_integer(whole)}.{cents}")
    return _integer(amount)


def _day(typed: str) -> str:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(typed, form).date().isoformat()
    raise ValueError(f"Une date est attendue, par exemple {date(2027, 1, 18).isoformat()} ou 18/01/2027.")


def _one_of(choices: Sequence[tuple[str, str]]) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(choices):
            return choices[int(typed) - 1][0]
        by_plain = {plain(value): value for value, _ in choices} | {plain(label): value for value, label in choices}
        short = {"o": "oui", "n": "non"}.get(typed.lower(), typed)
        if plain(short) in by_plain:
            return by_plain[plain(short)]
        raise ValueError(f"« {typed} » n'est pas une des réponses{near(typed, [value for value, _ in choices])}")

    return parse


def _several_of(choices: Sequence[tuple[str, str]]) -> Callable[[str], list[str]]:
    one = _one_of(choices)

    def parse(typed: str) -> list[str]:
        return list(dict.fromkeys(one(word.strip()) for word in typed.split(",") if word.strip()))

    return parse
