"""A project against the library: facts, values, domains, clauses, parameters, dates, lots and needs."""

from collections.abc import Iterator
from itertools import pairwise

from reqgen.lint.answers import check_response
from reqgen.lint.common import Findings, renamed_domain_at
from reqgen.lint.parameters import misfit
from reqgen.model.diagnostic import Diagnostic, Place, Severity
from reqgen.model.library import Level, Library
from reqgen.model.project import Choice, Lot, Project
from reqgen.model.words import count, enumerate_words, french_date, near

LONGEST_FRAMEWORK = "duree-accord-cadre"
"""The threshold that says how many months a framework agreement may last, where a library knows it."""
FRAMEWORKS = ("accord-cadre", "mixte")


def _lots(project: Project) -> Iterator[tuple[tuple[str | int, ...], Lot]]:
    """The common part and each lot, with its path in the project's file."""
    yield (), project.common
    for index, lot in enumerate(project.lots):
        yield ("lots", index), lot


def project_facts(project: Project, library: Library) -> Findings:
    """An answer to a fact that is unknown, that takes no such value, or that is read elsewhere."""
    for _, lot in _lots(project):
        for name, response in lot.facts.items():
            fact = library.facts.get(name)
            if fact is None:
                if name not in library.broken:
                    yield Diagnostic(
                        "unknown-fact",
                        f"le fait « {name} » n'existe pas{near(name, library.facts)}",
                        response.place,
                        "corriger le nom, ou retirer la réponse",
                    )
            elif fact.read_from:
                yield Diagnostic(
                    "fact-read-elsewhere",
                    f"le fait « {name} » ne se répond pas ici : il est lu dans « {fact.read_from} »",
                    response.place,
                    f"le retirer de « faits » et renseigner « {fact.read_from} »",
                )
            else:
                yield from check_response(fact, response, library)


def known_answers(project: Project, library: Library) -> Findings:
    """A key of the project that answers a fact with a value that the library does not know."""
    for name, response in project.known.items():
        fact = library.facts.get(name)
        if fact is not None and not fact.choices_from:
            yield from check_response(fact, response, library)


def project_domains(project: Project, library: Library) -> Findings:
    """A domain that the library does not know, or knows by another id."""
    for path, lot in _lots(project):
        for index, name in enumerate(lot.domains):
            if name in library.domains or name in library.broken:
                continue
            if library.current_domains(name):
                yield renamed_domain_at(project.at(*path, "domaines", index), name, library)
            else:
                yield Diagnostic(
                    "unknown-domain",
                    f"le domaine « {name} » n'existe pas{near(name, library.domains)}",
                    project.at(*path, "domaines", index),
                    f"domaines de la bibliothèque : {enumerate_words(list(library.domains))}",
                )


def project_clauses(project: Project, library: Library) -> Findings:
    """A choice or a parameter about a clause that does not exist."""
    for _, lot in _lots(project):
        uses = [(choice.clause, choice.place) for choice in (*lot.exclusions, *lot.inclusions)]
        uses += [(clause, setting.place) for (clause, _), setting in lot.settings.items()]
        for name, place in dict(uses).items():
            if name not in library.clauses and name not in library.broken:
                yield Diagnostic(
                    "unknown-clause",
                    f"la clause « {name} » n'existe pas{near(name, library.clauses)}",
                    place,
                    "corriger l'identifiant ; `reqgen list` les énumère",
                )


def project_settings(project: Project, library: Library) -> Findings:
    """A value for a parameter that the clause does not have, or does not admit."""
    for _, lot in _lots(project):
        for (name, key), setting in lot.settings.items():
            clause = library.clauses.get(name)
            if clause is None:
                continue
            parameter = clause.parameter(key)
            if parameter is None:
                names = [item.name for item in clause.parameters]
                yield Diagnostic(
                    "unknown-parameter",
                    f"la clause {name} n'a pas de paramètre « {key} »{near(key, names)}",
                    setting.place,
                    f"paramètres de la clause : {enumerate_words(names)}" if names else "la clause n'a aucun paramètre",
                )
                continue
            why = misfit(parameter, setting.value)
            if why:
                yield Diagnostic(
                    "bad-setting",
                    f"la valeur de « {key} », « {str(setting.value)[:40]} », {why}",
                    setting.place,
                    f"{parameter.label} ; valeur par défaut : {parameter.default} {parameter.unit}".rstrip(),
                    related=((parameter.place, "le paramètre"),),
                )


def contradictory_choices(project: Project, library: Library) -> Findings:
    """The same clause is both put out and brought in."""
    for _, lot in _lots(project):
        excluded = {choice.clause: choice for choice in (*project.common.exclusions, *lot.exclusions)}
        for choice in lot.inclusions:
            other: Choice | None = excluded.get(choice.clause)
            if other:
                yield Diagnostic(
                    "contradictory-choices",
                    f"la clause « {choice.clause} » est ajoutée ici, et écartée en {other.place}",
                    choice.place,
                    "supprimer l'un des deux",
                    related=((other.place, "exclusion"),),
                )


def calendar_order(project: Project, library: Library) -> Findings:
    """The steps of the calendar are not in their order."""
    steps = [
        ("lancement", project.launch),
        ("remise", project.deadline),
        ("notification", project.notification),
        ("fin", project.end),
    ]
    dated = [(name, day) for name, day in steps if day is not None]
    for (earlier, before), (later, after) in pairwise(dated):
        if after < before:
            yield Diagnostic(
                "dates-reversed",
                f"« {later} », le {french_date(after)}, précède « {earlier} », le {french_date(before)}",
                project.at("calendrier", later),
                "corriger l'une des deux dates",
            )


def framework_length(project: Project, library: Library) -> Findings:
    """A framework agreement lasts, with its renewals, longer than the law lets it without a reason."""
    limit = library.thresholds.get(LONGEST_FRAMEWORK)
    longest = limit.on(project.launch) if limit else None
    months = (project.months or 0) + project.renewals.count * project.renewals.months
    if limit and longest is not None and project.form in FRAMEWORKS and months > longest:
        yield Diagnostic(
            "long-framework",
            f"le marché peut durer {months} mois, reconductions comprises ; or un accord-cadre, ou la part à bons de commande "
            f"d'un marché, ne dépasse {longest} mois que dans un cas exceptionnel ou pour une entité adjudicatrice",
            project.at("marche", "duree_mois"),
            "réduire la durée ou les reconductions, ou garder au dossier la justification",
            Severity.WARNING,
            related=((limit.place, "le seuil"),),
        )


def duplicate_lot(project: Project, library: Library) -> Findings:
    """Two lots have the same number."""
    first: dict[int, Place] = {}
    for lot in project.lots:
        earlier = first.setdefault(lot.number, lot.place)
        if earlier is not lot.place:
            yield Diagnostic(
                "duplicate-lot",
                f"le numéro de lot {lot.number} est déjà pris en {earlier}",
                lot.place,
                "renuméroter l'un des deux lots",
                related=((earlier, "premier lot de ce numéro"),),
            )


def duplicate_need(project: Project, library: Library) -> Findings:
    """Two needs have the same id, or one has that of a clause."""
    first: dict[str, Place] = {}
    for _, lot in _lots(project):
        for need in lot.needs:
            if not need.id:
                continue
            if need.id in library.clauses:
                yield Diagnostic(
                    "duplicate-need",
                    f"« {need.id} » est déjà l'identifiant d'une clause",
                    need.place,
                    "en donner un autre au besoin",
                )
            earlier = first.setdefault(need.id, need.place)
            if earlier is not need.place:
                yield Diagnostic(
                    "duplicate-need",
                    f"l'identifiant de besoin « {need.id} » est déjà pris en {earlier}",
                    need.place,
                    "en donner un autre, ou laisser l'identifiant vide",
                    related=((earlier, "premier besoin de cet identifiant"),),
                )


def scored_need(project: Project, library: Library) -> Findings:
    """A scored need counts in no sub-criterion."""
    for _, lot in _lots(project):
        for need in lot.needs:
            if need.level is Level.SCORED and not need.sub_criterion:
                yield Diagnostic(
                    "scored-without-criterion",
                    "le besoin est valorisé sans sous-critère",
                    need.place,
                    "indiquer le sous-critère",
                )


def coordinator(project: Project, library: Library) -> Findings:
    """A group of buyers has one coordinator, who signs."""
    named = [buyer for buyer in project.buyers if buyer.coordinator]
    if len(project.buyers) > 1 and not named:
        yield Diagnostic(
            "coordinator",
            f"le groupement compte {count(len(project.buyers), 'acheteur')}, et aucun coordonnateur",
            project.at("acheteurs"),
            "ajouter « coordonnateur: oui » à l'un d'eux",
        )
    for buyer in named[1:]:
        yield Diagnostic(
            "coordinator",
            f"« {buyer.name} » est le second coordonnateur, après « {named[0].name} »",
            buyer.place,
            "n'en garder qu'un",
        )
