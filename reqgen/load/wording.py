"""The rules of prose from their data files, and every text that they read."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

from reqgen.load.tree import Path, Tree
from reqgen.model.diagnostic import Diagnostic, Place
from reqgen.model.library import Prose
from reqgen.model.wording import (
    SEVERITIES,
    Check,
    Exemption,
    Field,
    ObsoleteTerm,
    ProseRule,
    RuleSetting,
    Words,
    Written,
)

KINDS = {
    "facts": Field.FACT,
    "domain": Field.DOMAIN,
    "themes": Field.THEME,
    "thresholds": Field.THRESHOLD,
    "tiers": Field.TIER,
    "glossary": Field.TERM,
}
# Values that are no French: ids, answers and conditions; and the other spellings of a term, there to be recognized.
NO_PROSE = frozenset(
    {"id", "formes", "si", "demande_si", "etablit", "propose", "alias", "clauses", "ordre", "lu_dans", "source"}
)


def rules_from(tree: Tree, origin: str) -> Iterator[ProseRule]:
    """The rules of a file that its schema accepts."""
    for index, item in enumerate(tree.data.get("regles", ())):
        yield ProseRule(
            id=item["id"],
            severity=SEVERITIES[item["gravite"]],
            message=item["constat"],
            mend=item["correction"],
            reason=item["motif"],
            bad=item["exemple"]["mauvais"],
            good=item["exemple"]["bon"],
            fields=tuple(map(Field, item["champs"])),
            place=tree.place("regles", index, "id"),
            check=Check(item.get("controle", Check.WORDS)),
            words=_words(item.get("mots", ())),
            limit=item.get("seuil", 0),
            natures=tuple(item.get("nature", ())),
            levels=tuple(item.get("niveau", ())),
            pieces=tuple(item.get("piece", ())),
            except_words=tuple(item.get("sauf", ())),
            sentence_with=tuple(item.get("phrase_avec", ())),
            sentence_without=tuple(item.get("phrase_sans", ())),
            text_without=tuple(item.get("texte_sans", ())),
            origin=origin,
        )


def settings_from(tree: Tree, origin: str) -> Iterator[RuleSetting]:
    """What a file changes of the rules."""
    for index, item in enumerate(tree.data.get("reglages", ())):
        yield RuleSetting(
            rule=item["regle"],
            place=tree.place("reglages", index, "regle"),
            severity=item.get("gravite", ""),
            limit=item.get("seuil"),
            added=_words(item.get("ajouter", ())),
            removed=tuple(item.get("retirer", ())),
            origin=origin,
        )


def obsolete_from(tree: Tree, origin: str, found: list[Diagnostic]) -> Iterator[ObsoleteTerm]:
    """The obsolete terms of a file; a day that does not exist is added to `found`."""
    for index, item in enumerate(tree.data.get("perimes", ())):
        yield ObsoleteTerm(
            expressions=tuple(item["mots"]),
            replacement=item["remplacement"],
            place=tree.place("perimes", index, "mots"),
            since=_day(item.get("depuis"), tree.place("perimes", index, "depuis"), found),
            note=item.get("note", ""),
            except_words=tuple(item.get("sauf", ())),
            origin=origin,
        )


def exemptions_from(tree: Tree) -> tuple[Exemption, ...]:
    """The rules that a clause does not follow."""
    return tuple(
        Exemption(item["regle"], item["motif"], tree.place("tolere", index, "regle"))
        for index, item in enumerate(tree.data.get("tolere", ()))
    )


def _words(items: Any) -> tuple[Words, ...]:
    plain = tuple(item for item in items if isinstance(item, str))
    groups = [Words(tuple(item["mots"]), item["correction"]) for item in items if not isinstance(item, str)]
    return (*((Words(plain),) if plain else ()), *groups)


def _day(text: str | None, place: Place, found: list[Diagnostic]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        found.append(Diagnostic("bad-date", f"le {text} n'existe pas", place, "corriger la date"))
        return None


def texts_of(tree: Tree, kind: str, origin: str) -> Iterator[Written]:
    """Every text of a file that rules of prose may read."""
    if kind == "clause":
        owner = tree.data["id"]
        for field, path in _clause_paths(tree.data):
            yield Written(field, tree.value(*path), owner, origin, _locator(tree, path))
    elif kind in KINDS:
        for path, text in _strings(tree.data, ()):
            yield Written(KINDS[kind], text, "", origin, _locator(tree, path))


def _locator(tree: Tree, path: Path) -> Callable[[int], Place]:
    return partial(_locate, tree, path)


def _locate(tree: Tree, path: Path, offset: int) -> Place:
    """The place of a character of the text at `path`; worked out when asked, since few texts have findings."""
    return Prose(tree.value(*path), tree.prose_place(*path), tree.prose_lines(*path)).at(offset)


def _clause_paths(data: Any) -> Iterator[tuple[Field, Path]]:
    yield Field.TITLE, ("titre",)
    yield Field.TEXT, ("texte",)
    yield Field.RATIONALE, ("motif",)
    for index in range(len(data["verification"])):
        yield Field.VERIFICATION, ("verification", index, "methode")
    for index, item in enumerate(data.get("livrables", ())):
        for key in ("nom", "delai"):
            if key in item:
                yield Field.DELIVERABLE, ("livrables", index, key)
    for name, item in data.get("parametres", {}).items():
        yield Field.PARAMETER, ("parametres", name, "libelle")
        if isinstance(item["defaut"], str):
            yield Field.PARAMETER, ("parametres", name, "defaut")


def _strings(data: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text of the file with its path, ids, answers and conditions left out."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in NO_PROSE:
                yield from _strings(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _strings(value, (*path, index))
