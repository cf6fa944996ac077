"""A library and its packs as values, from the text of their files."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from reqgen.load.condition import condition_at
from reqgen.load.schema import check_shape
from reqgen.load.tree import Tree, parse
from reqgen.load.wording import exemptions_from, obsolete_from, rules_from, settings_from, texts_of
from reqgen.model.condition import Always
from reqgen.model.diagnostic import Diagnostic, Files, Place, Severity
from reqgen.model.library import (
    Answer,
    Citation,
    Clause,
    DatedValue,
    Deliverable,
    Disclosure,
    Domain,
    Exchange,
    Fact,
    FactKind,
    Level,
    Library,
    Manifest,
    Milestone,
    Nature,
    Parameter,
    ParameterKind,
    Phase,
    Piece,
    Processing,
    Prose,
    Reference,
    Response,
    Review,
    ReviewStatus,
    SetAside,
    Source,
    Term,
    Theme,
    Threshold,
    Tier,
    TierRule,
    Undated,
    Verification,
    Volume,
)
from reqgen.model.wording import ObsoleteTerm, RuleSetting, Wording, Written

MANIFEST = "bibliotheque.yaml"
ROOT_FILES = {
    MANIFEST: "library",
    "themes.yaml": "themes",
    "sources.yaml": "sources",
    "seuils.yaml": "thresholds",
    "paliers.yaml": "tiers",
    "glossaire.yaml": "glossary",
}
# The ids of a file that is no YAML: it is enough that references to them are not called unknown.
WRITTEN_ID = re.compile(r"^[\s{-]*id:\s*['\"]?([\w.+-]+)", re.MULTILINE)
FOLDERS = {"clauses": "clause", "faits": "facts", "domaines": "domain", "redaction": "wording"}


class Bundle(Struct, frozen=True):
    """The files of one library or pack: `root` is the prefix of every path in `files`."""

    root: str
    files: Files

    def relative(self, path: str) -> str:
        """The path inside the bundle, with forward slashes."""
        return path[len(self.root) :].lstrip("/") if path.startswith(self.root) else path

    @property
    def has_manifest(self) -> bool:
        """True when the bundle stands alone as a library."""
        return any(self.relative(path) == MANIFEST for path in self.files)


def kind_at(relative: str) -> str | None:
    """The kind of a library file by its place in the folder."""
    if relative in ROOT_FILES:
        return ROOT_FILES[relative]
    folder, slash, _ = relative.partition("/")
    return FOLDERS.get(folder) if slash else None


class _Loader:
    """Gathers the entries of all bundles; later bundles may replace clauses of earlier ones."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.entries: dict[str, dict[str, Any]] = {
            kind: {} for kind in ("clause", "fact", "theme", "domain", "source", "threshold", "term", "rule")
        }
        self.manifest: Manifest | None = None
        self.tier_rules: list[TierRule] = []
        self.settings: list[RuleSetting] = []
        self.obsolete: list[ObsoleteTerm] = []
        self.texts: list[Written] = []
        self.overridden: dict[str, Clause] = {}
        self.duplicates: list[tuple[str, str, Place, Place]] = []
        self.broken: set[str] = set()

    def read(self, bundle: Bundle, name: str) -> None:
        for path in sorted(bundle.files):
            kind = kind_at(bundle.relative(path))
            if kind is None:
                self.found.append(
                    Diagnostic(
                        "unknown-file",
                        "ce fichier n'est à aucune place connue d'une bibliothèque",
                        Place(path),
                        "le ranger dans clauses/, faits/, domaines/ ou redaction/",
                        Severity.WARNING,
                    )
                )
                continue
            tree = self.tree(path, bundle.files[path], kind)
            if tree is not None:
                self.add(tree, kind, name)
                self.texts += texts_of(tree, kind, name)

    def tree(self, path: str, text: str, kind: str) -> Tree | None:
        """The file's tree if it can be used, its findings recorded."""
        tree, found = parse(path, text)
        self.found += found
        if tree is None:
            self.broken |= set(WRITTEN_ID.findall(text))
            return None
        shape = check_shape(tree, kind)
        self.found += shape
        if found or shape:
            self.broken |= set(_ids(tree.data))
            return None
        return tree

    def add(self, tree: Tree, kind: str, name: str) -> None:
        match kind:
            case "clause":
                self.add_clause(replace(clause_from(tree, self.found), origin=name))
            case "domain":
                self.put("domain", domain_from(tree, self.found))
            case "facts":
                self.put_all("fact", (fact_from(tree, index, self.found) for index in range(len(tree.data["faits"]))))
            case "themes":
                for index, item in enumerate(tree.data["themes"]):
                    place = tree.place("themes", index, "id")
                    self.put(
                        "theme",
                        Theme(
                            item["id"],
                            item["titre"],
                            place,
                            tuple(item.get("ordre", ())),
                            item.get("de_domaine") == "oui",
                        ),
                    )
            case "sources":
                self.put_all(
                    "source", (source_from(tree, index, self.found) for index in range(len(tree.data["sources"])))
                )
            case "thresholds":
                self.put_all(
                    "threshold", (threshold_from(tree, index, self.found) for index in range(len(tree.data["seuils"])))
                )
            case "glossary":
                for index, item in enumerate(tree.data["termes"]):
                    term = Term(
                        item["terme"], item["definition"], tree.place("termes", index), tuple(item.get("formes", ()))
                    )
                    self.put_named("term", term.term, term)
            case "wording":
                self.put_all("rule", rules_from(tree, name))
                self.settings += settings_from(tree, name)
                self.obsolete += obsolete_from(tree, name, self.found)
            case "tiers":
                self.tier_rules = [*tier_rules_from(tree, self.found), *self.tier_rules]
            case "library" if self.manifest is None:
                data = tree.data
                self.manifest = Manifest(
                    data["nom"],
                    data["titre"],
                    data["version"],
                    _date(tree, ("date",), self.found) or date.min,
                    _date(tree, ("etat_du_droit",), self.found) or date.min,
                    tree.place(),
                )

    def add_clause(self, clause: Clause) -> None:
        earlier = self.entries["clause"].get(clause.id)
        if earlier is not None and earlier.origin != clause.origin and clause.override_reason:
            self.overridden[clause.id] = earlier
            self.entries["clause"][clause.id] = clause
        elif earlier is not None and earlier.origin != clause.origin:
            self.duplicates.append(("override", clause.id, earlier.place, clause.place))
        else:
            self.put("clause", clause)

    def put_all(self, kind: str, items: Iterable[Any]) -> None:
        for item in items:
            self.put(kind, item)

    def put(self, kind: str, item: Any) -> None:
        self.put_named(kind, item.id, item)

    def put_named(self, kind: str, name: str, item: Any) -> None:
        earlier = self.entries[kind].setdefault(name, item)
        if earlier is not item:
            self.duplicates.append((kind, name, earlier.place, item.place))

    def _in_order(self) -> dict[str, Clause]:
        """The clauses by theme, then in the theme's own order, then by id."""
        themes: dict[str, Theme] = self.entries["theme"]
        ranks = {name: index for index, name in enumerate(themes)}

        def rank(clause: Clause) -> tuple[int, int, str]:
            theme = themes.get(clause.theme)
            return ranks.get(clause.theme, len(ranks)), theme.rank(clause.id) if theme else 0, clause.id

        clauses: dict[str, Clause] = self.entries["clause"]
        return {clause.id: clause for clause in sorted(clauses.values(), key=rank)}

    def library(self, root: str) -> Library:
        manifest = self.manifest or Manifest("sans-nom", "", "0", date.min, date.min, Place(f"{root}/{MANIFEST}"))
        library = Library(
            manifest,
            clauses=self._in_order(),
            facts=self.entries["fact"],
            themes=self.entries["theme"],
            domains=self.entries["domain"],
            sources=self.entries["source"],
            thresholds=self.entries["threshold"],
            glossary=tuple(self.entries["term"].values()),
            tier_rules=tuple(self.tier_rules),
            overridden=self.overridden,
            duplicates=tuple(self.duplicates),
            broken=frozenset(self.broken),
            wording=Wording(tuple(self.entries["rule"].values()), tuple(self.settings), tuple(self.obsolete)),
            texts=tuple(self.texts),
        )
        return _with_current_domains(library)


def _with_current_domains(library: Library) -> Library:
    """The library with, in its clauses, each old id of a domain replaced by those of which it is an alias.

    Done here rather than where clauses are decided, so that every reader of a clause sees the domains of today.
    """
    renamed = tuple(
        use
        for clause in library.clauses.values()
        for use in clause.domains
        if use.id not in library.domains and library.current_domains(use.id)
    )
    if not renamed:
        return library
    clauses = {
        clause.id: replace(clause, domains=tuple(_current(clause.domains, library)))
        for clause in library.clauses.values()
    }
    return replace(library, clauses=clauses, renamed=renamed)


def _current(uses: Iterable[Reference], library: Library) -> Iterable[Reference]:
    """The uses of domains by their current ids, none twice; an id that nothing knows stays as it is."""
    found = {name: use for use in uses for name in library.current_domains(use.id) or (use.id,)}
    return (Reference(name, use.place) for name, use in found.items())


def load_library(bundles: Iterable[Bundle]) -> tuple[Library, list[Diagnostic]]:
    """The library made of the first bundle and the packs over it, and what is wrong with the shape of its files."""
    loader = _Loader()
    bundles = list(bundles)
    for number, bundle in enumerate(bundles):
        loader.read(bundle, name="" if number == 0 else bundle.root)
    return loader.library(bundles[0].root if bundles else ""), loader.found


def _ids(data: Any) -> list[str]:
    if isinstance(data, dict):
        own = [data["id"]] if isinstance(data.get("id"), str) else []
        return own + [
            item for value in data.values() if isinstance(value, list) for entry in value for item in _ids(entry)
        ]
    return []


def _date(tree: Tree, path: tuple[str | int, ...], found: list[Diagnostic]) -> date | None:
    value = tree.data
    for key in path:
        value = value.get(key) if isinstance(value, dict) else value[key]
        if value is None:
            return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        found.append(Diagnostic("bad-date", f"le {value} n'existe pas", tree.place(*path), "corriger la date"))
        return None


def _references(tree: Tree, key: str) -> tuple[Reference, ...]:
    return tuple(Reference(item, tree.place(key, index)) for index, item in enumerate(tree.data.get(key, ())))


def clause_from(tree: Tree, found: list[Diagnostic]) -> Clause:
    """A clause from a tree that its schema accepts."""
    data = tree.data
    clause = Clause(
        id=data["id"],
        title=data["titre"],
        theme=data["theme"],
        nature=Nature(data["nature"]),
        level=Level(data["niveau"]),
        tier=Tier(data["palier"]),
        piece=Piece(data["piece"]),
        text=_prose(tree, "texte"),
        place=tree.place("id"),
        sub_criterion=data.get("sous_critere", ""),
        disclosure=Disclosure(data.get("diffusion", "public")),
        domains=_references(tree, "domaines"),
        condition=condition_at(tree, ("si",), data.get("si"), found),
        parameters=tuple(_parameter(tree, name) for name in data.get("parametres", {})),
        requires=_references(tree, "requiert"),
        incompatible=_references(tree, "incompatible_avec"),
        replaces=_references(tree, "remplace"),
        departs_from=tuple(data.get("deroge_a", ())),
        verifications=tuple(
            Verification(
                Phase(item["phase"]), item["mode"], item["par"], _prose(tree, "verification", index, "methode")
            )
            for index, item in enumerate(data["verification"])
        ),
        due=Milestone(data["exigible"]),
        answer=Answer(data["reponse"]),
        deliverables=tuple(
            Deliverable(item["nom"], Milestone(item["jalon"]), item.get("delai", ""))
            for item in data.get("livrables", ())
        ),
        citations=tuple(_citation(tree, index, found) for index in range(len(data["sources"]))),
        rationale=data["motif"],
        in_force_from=_date(tree, ("en_vigueur_du",), found),
        in_force_until=_date(tree, ("en_vigueur_au",), found),
        override_reason=data.get("surcharge", ""),
        exemptions=exemptions_from(tree),
        review=_review(tree, found),
        places=tree.values,
    )
    return replace(clause, review=_held(clause)) if clause.review.whole else clause


def _review(tree: Tree, found: list[Diagnostic]) -> Review:
    """The review as written; it holds nothing yet."""
    data = tree.data["relecture"]
    return Review(
        by=" ".join(data.get("par", "").split()),
        on=_date(tree, ("relecture", "le"), found),
        digest=data.get("empreinte", ""),
        written=ReviewStatus(data["statut"]),
    )


def _held(clause: Clause) -> Review:
    """The review as it holds on the clause: a draft when it was given on another text.

    The clause is that of the file, before a domain's old id is read as the current ones: a domain that is renamed
    elsewhere changes no clause.
    """
    from reqgen.fingerprint import clause_digest

    review = clause.review
    return replace(review, status=review.written) if review.digest == clause_digest(clause) else review


def _prose(tree: Tree, *path: str | int) -> Prose:
    return Prose(tree.value(*path), tree.prose_place(*path), tree.prose_lines(*path))


def _parameter(tree: Tree, name: str) -> Parameter:
    data = tree.data["parametres"][name]
    return Parameter(
        name=name,
        label=data["libelle"],
        kind=ParameterKind(data["type"]),
        default=data["defaut"],
        place=tree.key_place("parametres", name),
        unit=data.get("unite", ""),
        minimum=data.get("min"),
        maximum=data.get("max"),
        max_length=data.get("longueur_max"),
        choices=tuple(data.get("choix", ())),
    )


def _citation(tree: Tree, index: int, found: list[Diagnostic]) -> Citation:
    data = tree.data["sources"][index]
    path = ("sources", index, "oblige_si")
    binds_if = condition_at(tree, path, data["oblige_si"], found) if "oblige_si" in data else None
    return Citation(data["id"], tree.place("sources", index, "id"), data.get("article", ""), binds_if)


def fact_from(tree: Tree, index: int, found: list[Diagnostic]) -> Fact:
    """A fact from the list of a facts file."""
    data = tree.data["faits"][index]
    kind = FactKind(data["type"])
    choices = tuple(data.get("choix", {}).items())
    return Fact(
        id=data["id"],
        label=data["libelle"],
        kind=kind,
        place=tree.place("faits", index, "id"),
        help=data.get("aide", ""),
        choices=(("oui", "Oui"), ("non", "Non")) if kind is FactKind.YES_NO else choices,
        choices_from=data.get("choix_depuis", ""),
        asked_if=condition_at(tree, ("faits", index, "demande_si"), data["demande_si"], found)
        if "demande_si" in data
        else Always(),
        read_from=data.get("lu_dans", ""),
    )


def source_from(tree: Tree, index: int, found: list[Diagnostic]) -> Source:
    """A source from the registry."""
    data, at = tree.data["sources"][index], ("sources", index)
    return Source(
        id=data["id"],
        title=data["titre"],
        short=data["court"],
        kind=data["nature"],
        url=data["url"],
        checked_on=_date(tree, (*at, "consulte_le"), found) or date.min,
        verified=data["statut"] == "vérifié",
        place=tree.place(*at, "id"),
        identifier=data.get("identifiant") or "",
        in_force_from=_date(tree, (*at, "en_vigueur_du"), found),
        in_force_until=_date(tree, (*at, "en_vigueur_au"), found),
        undated=Undated(data.get("sans_date", "")),
        note=data.get("note", ""),
    )


def threshold_from(tree: Tree, index: int, found: list[Diagnostic]) -> Threshold:
    """A dated threshold."""
    data, at = tree.data["seuils"][index], ("seuils", index)
    values = tuple(
        DatedValue(
            item["valeur"],
            _date(tree, (*at, "valeurs", number, "du"), found) or date.min,
            _date(tree, (*at, "valeurs", number, "au"), found),
        )
        for number, item in enumerate(data["valeurs"])
    )
    return Threshold(data["id"], data["libelle"], values, tree.place(*at, "id"), data.get("source", ""))


def tier_rules_from(tree: Tree, found: list[Diagnostic]) -> list[TierRule]:
    """The rules that propose a tier, in order."""
    return [
        TierRule(
            Tier(item["palier"]),
            condition_at(tree, ("paliers", index, "si"), item.get("si"), found),
            item["motif"],
            tree.place("paliers", index, "palier"),
        )
        for index, item in enumerate(tree.data["paliers"])
    ]


def responses_at(tree: Tree, *path: str | int) -> tuple[tuple[str, Response], ...]:
    """The answers in a mapping fact -> value or list of values."""
    data: Any = tree.data
    for key in path:
        data = data.get(key, {}) if isinstance(data, dict) else data[key]
    return tuple(
        (fact, Response(tuple(value) if isinstance(value, list) else (value,), tree.place(*path, fact)))
        for fact, value in data.items()
    )


def processing_from(data: Mapping[str, Any]) -> Processing:
    """The description of a personal data processing."""
    return Processing(
        purpose=data.get("objet", ""),
        nature=tuple(data.get("nature", ())),
        purposes=tuple(data.get("finalites", ())),
        data=tuple(data.get("donnees", ())),
        persons=tuple(data.get("personnes", ())),
        retention=data.get("durees", ""),
    )


def domain_from(tree: Tree, found: list[Diagnostic]) -> Domain:
    """A service domain."""
    data = tree.data
    return Domain(
        id=data["id"],
        title=data["titre"],
        description=data["description"],
        place=tree.place("id"),
        establishes=responses_at(tree, "etablit"),
        proposes=responses_at(tree, "propose"),
        exchanges=tuple(
            Exchange(
                item["plateforme"],
                item["sens"],
                item["cadre"],
                condition_at(tree, ("echanges", index, "si"), item.get("si"), found),
            )
            for index, item in enumerate(data.get("echanges", ()))
        ),
        volumes=tuple(Volume(item["libelle"], item.get("unite", "")) for item in data.get("volumes", ())),
        modules=tuple(data.get("modules", ())),
        processing=processing_from(data.get("traitement", {})),
        vocabulary=_references(tree, "vocabulaire"),
        set_aside=tuple(
            SetAside(
                tuple(item["clauses"]),
                item["motif"],
                condition_at(tree, ("ecarte", index, "si"), item.get("si"), found),
            )
            for index, item in enumerate(data.get("ecarte", ()))
        ),
        aliases=_references(tree, "alias"),
    )
