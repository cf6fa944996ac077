"""Ids: each defined once, in a file of that name, in the folder of its theme; a pack replaces knowingly."""

from reqgen.lint.common import Findings, folder, stem
from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Clause, Domain, Library

KINDS = {
    "clause": "cette clause",
    "fact": "ce fait",
    "theme": "ce thème",
    "domain": "ce domaine",
    "source": "cette source",
    "threshold": "ce seuil",
    "term": "ce terme",
    "rule": "cette règle",
}


def duplicate_id(library: Library) -> Findings:
    """Two entries of one kind have the same id: the second is not read."""
    for kind, name, first, second in library.duplicates:
        if kind in KINDS:
            yield Diagnostic(
                "duplicate-id",
                f"l'identifiant « {name} » est déjà pris en {first} ; {KINDS[kind]} est sans effet",
                second,
                "donner un autre identifiant à l'une des deux entrées, ou en supprimer une",
                related=((first, "première définition"),),
            )


def override_without_reason(library: Library) -> Findings:
    """A pack defines a clause of the library again without saying why."""
    for kind, name, first, second in library.duplicates:
        if kind == "override":
            yield Diagnostic(
                "override-without-reason",
                f"la clause « {name} » existe déjà en {first}, et celle-ci n'a pas de clé « surcharge »",
                second,
                "écrire dans « surcharge » pourquoi elle la remplace, ou changer d'identifiant",
                related=((first, "clause d'origine"),),
            )


def override_without_base(library: Library) -> Findings:
    """A clause says that it replaces that of the same id, and there is none."""
    for clause in library.clauses.values():
        if clause.override_reason and clause.id not in library.overridden and clause.id not in library.broken:
            yield Diagnostic(
                "override-without-base",
                f"la clause « {clause.id} » dit remplacer une clause de même identifiant, et il n'y en a pas",
                clause.at("surcharge"),
                "corriger l'identifiant, ou supprimer « surcharge »",
            )


def id_file_mismatch(library: Library) -> Findings:
    """The file of a clause or of a domain does not bear its id."""
    entries: list[Clause | Domain] = [*library.clauses.values(), *library.domains.values()]
    for entry in entries:
        if stem(entry.place) != entry.id:
            yield Diagnostic(
                "id-file-mismatch",
                f"l'identifiant « {entry.id} » n'est pas le nom du fichier",
                entry.place,
                f"nommer le fichier {entry.id}.yaml, ou corriger l'identifiant",
            )


def alias_taken(library: Library) -> Findings:
    """An old id of a domain is the id of a domain: which of the two is meant could not be told."""
    for domain in library.domains.values():
        for alias in domain.aliases:
            if alias.id in library.domains:
                other = library.domains[alias.id].place
                yield Diagnostic(
                    "alias-taken",
                    f"l'alias « {alias.id} » est l'identifiant d'un domaine, et reste sans effet",
                    alias.place,
                    "retirer cet alias, ou supprimer le domaine qui porte cet identifiant",
                    related=((other, "domaine de cet identifiant"),),
                )


def theme_folder_mismatch(library: Library) -> Findings:
    """The file of a clause is not in the folder of its theme."""
    for clause in library.clauses.values():
        if folder(clause.place) != clause.theme and clause.theme in library.themes:
            yield Diagnostic(
                "theme-folder-mismatch",
                f"la clause est du thème « {clause.theme} », et dans le dossier « {folder(clause.place)} »",
                clause.at("theme"),
                f"la déplacer dans clauses/{clause.theme}/, ou corriger le thème",
            )
