"""A project file as values."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from reqgen.load.library import processing_from, responses_at
from reqgen.load.schema import check_shape
from reqgen.load.tree import Tree, parse
from reqgen.model.diagnostic import Diagnostic, Place
from reqgen.model.library import Fact, Level, Library, Response, Tier, Volume
from reqgen.model.project import Application, Buyer, Choice, Lot, Need, Project, Renewals, Setting

Path = tuple[str | int, ...]


class NeedsFile(Struct, frozen=True):
    """A needs table that a project names: where (path inside the YAML), its name, and the place of that name."""

    at: Path
    name: str
    place: Place


def project_tree(path: str, text: str) -> tuple[Tree | None, list[Diagnostic]]:
    """The project's tree if its shape is right, else what is wrong with it."""
    tree, found = parse(path, text)
    if tree is None:
        return None, found
    found = [*found, *check_shape(tree, "project")]
    return (None if found else tree), found


def needs_files(tree: Tree) -> list[NeedsFile]:
    """Every table of needs that the project, or one of its lots, names."""
    paths: list[Path] = [(), *(("lots", index) for index in range(len(tree.data.get("lots", ()))))]
    return [
        NeedsFile(path, _at(tree.data, path)["besoins_fichier"], tree.place(*path, "besoins_fichier"))
        for path in paths
        if "besoins_fichier" in _at(tree.data, path)
    ]


def project_from(
    tree: Tree, facts: Mapping[str, Fact], needs: Mapping[Path, Sequence[Need]]
) -> tuple[Project, list[Diagnostic]]:
    """The project, with the facts that the library says to read from its keys.

    `needs` are the rows of the tables that `needs_files` listed, by the same path.
    """
    data: dict[str, Any] = tree.data
    found: list[Diagnostic] = []
    market = data.get("marche", {})
    calendar = {key: _date(tree, ("calendrier", key), found) for key in ("lancement", "remise", "notification", "fin")}
    renewals = market.get("reconductions", {})
    project = Project(
        reference=data["reference"],
        version=data.get("version", ""),
        object=data["objet"],
        buyers=tuple(_buyer(tree, index) for index in range(len(data["acheteurs"]))),
        tier=Tier(data["palier"]),
        common=_lot(tree, (), needs.get((), ())),
        lots=tuple(
            _lot(tree, ("lots", index), needs.get(("lots", index), ())) for index in range(len(data.get("lots", ())))
        ),
        launch=calendar["lancement"] or date.min,
        deadline=calendar["remise"],
        notification=calendar["notification"],
        end=calendar["fin"] or _end(calendar["notification"], market),
        place=tree.place(),
        procedure=market.get("procedure", ""),
        form=market.get("forme", ""),
        months=market.get("duree_mois"),
        renewals=Renewals(renewals.get("nombre", 0), renewals.get("duree_mois", 0)),
        variants=market.get("variantes", ""),
        estimated_value=market.get("valeur_estimee_ht"),
        known=_known(tree, facts),
        contacts=tuple(data.get("contacts", {}).items()),
        template=data.get("modele", ""),
        packs=tuple(data.get("paquets", ())),
        places=tree.values,
    )
    return project, found


def with_current_domains(project: Project, library: Library) -> Project:
    """The project with each old id of a domain replaced by those of which it is an alias.

    To be done after the project is checked: findings point at the list of domains as it is written.
    """

    def current(lot: Lot) -> Lot:
        names = (name for written in lot.domains for name in library.current_domains(written) or (written,))
        return replace(lot, domains=tuple(dict.fromkeys(names)))

    return replace(project, common=current(project.common), lots=tuple(map(current, project.lots)))


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _date(tree: Tree, path: Path, found: list[Diagnostic]) -> date | None:
    value = tree.data.get(path[0], {}).get(path[1])
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        found.append(Diagnostic("bad-date", f"le {value} n'existe pas", tree.place(*path), "corriger la date"))
        return None


def _end(notification: date | None, market: Mapping[str, Any]) -> date | None:
    """The last day of the contract, renewals included, when the notification and the duration are known."""
    months = market.get("duree_mois")
    if notification is None or months is None:
        return None
    renewals = market.get("reconductions", {})
    total = notification.month - 1 + months + renewals.get("nombre", 0) * renewals.get("duree_mois", 0)
    year, month = notification.year + total // 12, total % 12 + 1
    day = notification.day
    while day > 28:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
    return date(year, month, day)


def _buyer(tree: Tree, index: int) -> Buyer:
    data = tree.data["acheteurs"][index]
    return Buyer(
        name=data["nom"],
        kinds=tuple(data["type"]) if isinstance(data["type"], list) else (data["type"],),
        coordinator=data.get("coordonnateur") == "oui",
        siret=data.get("siret", ""),
        address=data.get("adresse", ""),
        population=data.get("population"),
        staff=data.get("agents"),
        place=tree.place("acheteurs", index),
    )


def _lot(tree: Tree, path: Path, needs: Sequence[Need]) -> Lot:
    data = _at(tree.data, path)
    return Lot(
        number=data.get("numero", 0),
        title=data.get("titre", ""),
        place=tree.place(*path, "numero") if path else tree.place(),
        domains=tuple(data.get("domaines", ())),
        facts=dict(responses_at(tree, *path, "faits")) if "faits" in data else {},
        settings=_settings(tree, path, data),
        exclusions=_choices(tree, path, data, "exclusions"),
        inclusions=_choices(tree, path, data, "inclusions"),
        needs=(*_needs(tree, path, data), *needs),
        volumes=tuple(
            Volume(item["libelle"], item.get("unite", ""), str(item["valeur"]), item.get("date", ""))
            for item in data.get("volumes", ())
        ),
        applications=tuple(
            Application(item["logiciel"], item.get("editeur", ""), item.get("role", ""), item.get("echanges", ""))
            for item in data.get("existant", ())
        ),
        context=data.get("contexte", ""),
        processing=processing_from(data.get("traitement", {})),
    )


def _settings(tree: Tree, path: Path, data: Mapping[str, Any]) -> dict[tuple[str, str], Setting]:
    return {
        (clause, name): Setting(value, tree.place(*path, "parametres", clause, name))
        for clause, values in data.get("parametres", {}).items()
        for name, value in values.items()
    }


def _choices(tree: Tree, path: Path, data: Mapping[str, Any], key: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(item["clause"], item["motif"], tree.place(*path, key, index, "clause"))
        for index, item in enumerate(data.get(key, ()))
    )


def _needs(tree: Tree, path: Path, data: Mapping[str, Any]) -> list[Need]:
    return [
        Need(
            id=item.get("id", ""),
            module=module["module"],
            title=item.get("titre", ""),
            text=item["texte"],
            level=Level(item.get("niveau", "exigé")),
            place=tree.place(*path, "besoins", index, "exigences", number),
            verification=item.get("verification", ""),
            sub_criterion=item.get("sous_critere", ""),
        )
        for index, module in enumerate(data.get("besoins", ()))
        for number, item in enumerate(module["exigences"])
    ]


def _known(tree: Tree, facts: Mapping[str, Fact]) -> dict[str, Response]:
    """Answers that the project's own keys give: `acheteurs.*.type`, `marche.procedure` ..."""
    known: dict[str, Response] = {}
    for fact in facts.values():
        if not fact.read_from:
            continue
        found = list(_follow(tree.data, tuple(fact.read_from.split(".")), ()))
        if found:
            values = tuple(
                dict.fromkeys(item for _, value in found for item in (value if isinstance(value, list) else [value]))
            )
            known[fact.id] = Response(values, tree.place(*found[0][0]))
    return known


def _follow(data: Any, keys: Path, path: Path) -> list[tuple[Path, Any]]:
    if not keys:
        return [(path, data)]
    if keys[0] == "*" and isinstance(data, list):
        return [hit for index, item in enumerate(data) for hit in _follow(item, keys[1:], (*path, index))]
    if isinstance(data, dict) and keys[0] in data:
        return _follow(data[keys[0]], keys[1:], (*path, keys[0]))
    return []
