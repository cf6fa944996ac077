"""The use cases: the only room that joins the others. It prints nothing and knows no terminal."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from reqgen.assemble.build import build
from reqgen.cache import cached
from reqgen.files import bundled, inside, read_folder, read_text, shown, write_new
from reqgen.git import read_revision
from reqgen.lint import lint_library, lint_project
from reqgen.lint.audit import Audited, audit_library
from reqgen.load.library import Bundle, load_library
from reqgen.load.needs import read_needs
from reqgen.load.outline import load_outlines
from reqgen.load.project import needs_files, project_from, project_tree
from reqgen.load.schema import check_shape, kind_of
from reqgen.load.tree import Path as TreePath
from reqgen.load.tree import Tree, parse
from reqgen.model.condition import Condition, tests_of
from reqgen.model.diagnostic import Diagnostic, NotInOrderError, Place, ReqgenError, Severity
from reqgen.model.document import Document
from reqgen.model.library import Library, Response
from reqgen.model.outline import Outline
from reqgen.model.project import Need, Project
from reqgen.model.selection import LotSelection, Outcome, Selection
from reqgen.model.words import enumerate_words, near
from reqgen.review.compare import Changes, Side, compare
from reqgen.review.tenders import TenderChange, compare_tenders
from reqgen.select.choose import choose
from reqgen.select.condition import Answers, evaluate
from reqgen.write.clause import next_id, skeleton, usual_prefix

LIBRARY = "requirements_library"
TEMPLATES = "templates"
CLAUSE_SCHEMA = "clause.schema.json"
MAX_NEEDS_BYTES = 20_000_000
UNDECIDABLE = frozenset({"impossible-value"})
"""Errors of a library with which no tender can be decided, not even to compare."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where things are read from: a library instead of the built-in one, packs over it, templates, today's date."""

    today: date
    library: Path | None = None
    packs: tuple[Path, ...] = ()
    templates: Path | None = None
    root: Path | None = None
    """Folder under which the files named by a project must stand; by default the project's own."""
    files: Bundle | None = None
    """The library itself, when it is not on the disk: that of a revision."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings, and the text of every file they may point into."""

    findings: tuple[Diagnostic, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that must be mended."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Tender:
    """A project read against its library, with every decision taken."""

    selection: Selection
    checked: Checked
    folder: Path

    @property
    def project(self) -> Project:
        """The project."""
        return self.selection.project


def _bundle(folder: Path | Bundle) -> tuple[Bundle, list[Diagnostic]]:
    if isinstance(folder, Bundle):
        return folder, []
    if not folder.is_dir():
        raise ReqgenError(
            Diagnostic("unreadable-file", "le dossier n'existe pas", Place(shown(folder)), "vérifier le chemin")
        )
    files, found = read_folder(folder)
    return Bundle(shown(folder), files), found


def read_library(sources: Sources, packs: Sequence[Path] = ()) -> tuple[Library, Checked]:
    """The library with its packs, and every finding about their files."""
    bundles: list[Bundle] = []
    found: list[Diagnostic] = []
    for folder in (sources.files or sources.library or bundled(LIBRARY), *sources.packs, *packs):
        bundle, problems = _bundle(folder)
        bundles.append(bundle)
        found += problems
    if not bundles[0].has_manifest:
        message, mend = "le dossier n'a pas de bibliotheque.yaml", "en écrire un, ou passer le dossier à --pack"
        found.append(Diagnostic("missing-manifest", message, Place(bundles[0].root), mend))
    inputs = [sources.today.isoformat()]
    for bundle in bundles:
        inputs += [bundle.root, *(part for path in sorted(bundle.files) for part in (path, bundle.files[path]))]
    library, problems = cached(inputs, lambda: _checked_library(bundles, sources.today))
    texts = {path: text for bundle in bundles for path, text in bundle.files.items()}
    return library, Checked(tuple(sorted([*found, *problems], key=lambda finding: finding.place)), texts)


def _checked_library(bundles: Sequence[Bundle], today: date) -> tuple[Library, list[Diagnostic]]:
    library, found = load_library(bundles)
    found = [*found, *lint_library(library, today)]
    # only the rules ask where each value and each line of prose stands
    clauses = {
        name: replace(
            clause,
            places={},
            text=replace(clause.text, lines=()),
            verifications=tuple(replace(one, method=replace(one.method, lines=())) for one in clause.verifications),
        )
        for name, clause in library.clauses.items()
    }
    return replace(library, clauses=clauses), found


def usable_library(sources: Sources, packs: Sequence[Path] = ()) -> tuple[Library, Checked]:
    """The library, when nothing in it is in error. Raises NotInOrderError otherwise."""
    library, checked = read_library(sources, packs)
    if checked.errors:
        raise NotInOrderError(*checked.errors)
    return library, checked


def read_tender(path: Path, sources: Sources) -> Tender:
    """A project file, checked, and the decision about each clause.

    Raises NotInOrderError when the project or the library has errors; warnings are in `checked`.
    """
    return read_tender_text(path, read_text(path), sources)


def read_tender_text(path: Path, text: str, sources: Sources, known: tuple[Library, Checked] | None = None) -> Tender:
    """As `read_tender`, for a text that may not be on the disk yet; `path` says where it would stand.

    With `known`, the library as already read: its errors do not stop, unless they keep tenders from being decided.
    """
    tree, found = project_tree(shown(path), text)
    if tree is None:
        raise NotInOrderError(*found)
    root = sources.root or path.parent
    packs = [
        inside(root, below(path.parent, root, name), tree.place("paquets", index))
        for index, name in enumerate(tree.data.get("paquets", ()))
    ]
    if known is None:
        library, checked = usable_library(sources, packs)
    else:
        library, checked = read_library(sources, packs) if packs else known
        stopping = [finding for finding in checked.errors if finding.rule in UNDECIDABLE]
        if stopping:
            raise NotInOrderError(*stopping)
    needs, problems = _needs(tree, path, root)
    project, more = project_from(tree, library.facts, needs)
    findings = [*found, *problems, *more, *lint_project(project, library)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise NotInOrderError(*sorted(findings, key=lambda finding: finding.place))
    selection = choose(project, library)
    findings += [*selection.diagnostics, *checked.findings]
    return Tender(selection, Checked(tuple(findings), {**checked.files, shown(path): text}), path.parent)


def below(folder: Path, root: Path, name: str) -> str:
    """A path written in the project, which is relative to its folder, as one relative to `root`."""
    if Path(name).is_absolute():
        return name
    try:
        return (folder.resolve().relative_to(root.resolve()) / name).as_posix()
    except ValueError:
        return name


def _needs(tree: Tree, path: Path, root: Path) -> tuple[dict[TreePath, list[Need]], list[Diagnostic]]:
    needs: dict[TreePath, list[Need]] = {}
    found: list[Diagnostic] = []
    for table in needs_files(tree):
        target = inside(root, below(path.parent, root, table.name), table.place)
        if not target.name.lower().endswith((".xlsx", ".csv")):
            found.append(
                Diagnostic(
                    "bad-format",
                    f"« {table.name} » n'est ni un .xlsx ni un .csv",
                    table.place,
                    "l'enregistrer dans l'un de ces formats",
                )
            )
            continue
        try:
            data = target.open("rb").read(MAX_NEEDS_BYTES + 1)
        except OSError:
            found.append(
                Diagnostic(
                    "unreadable-file",
                    f"le fichier « {table.name} » ne peut pas être lu",
                    table.place,
                    "vérifier son nom",
                )
            )
            continue
        if len(data) > MAX_NEEDS_BYTES:
            found.append(
                Diagnostic(
                    "too-large", f"« {table.name} » dépasse {MAX_NEEDS_BYTES // 1_000_000} Mo", table.place, "l'alléger"
                )
            )
            continue
        needs[table.at], problems = read_needs(shown(target), data)
        found += problems
    return needs, found


def read_outlines(sources: Sources) -> dict[str, Outline]:
    """The document plans: the built-in ones, over which those of `--templates` stand. Raises NotInOrderError."""
    outlines: dict[str, Outline] = {}
    found: list[Diagnostic] = []
    for folder in (bundled(TEMPLATES), *((sources.templates,) if sources.templates else ())):
        bundle, problems = _bundle(folder)
        read, more = load_outlines(bundle.root, bundle.files)
        labels = next(iter(outlines.values())).labels if outlines else {}
        outlines |= {name: replace(outline, labels={**labels, **outline.labels}) for name, outline in read.items()}
        found += [*problems, *more]
    if found:
        raise NotInOrderError(*found)
    return outlines


def missing_answers(selection: Selection) -> list[Diagnostic]:
    """What keeps clauses undecided: one finding for each unanswered question, and for each clause that no answer decides."""
    return [*_unanswered(selection), *_undecidable(selection)]


def _unanswered(selection: Selection) -> Iterator[Diagnostic]:
    place = Place(selection.project.place.path)
    for name, clauses in selection.missing.items():
        fact = selection.library.facts[name]
        choices = " | ".join(choice for choice, _ in fact.choices)
        where = fact.read_from or f"faits.{name}"
        listed = ", ".join(clauses[:4]) + (" …" if len(clauses) > 4 else "")
        parents = [test.fact for test in tests_of(fact.asked_if) if test.fact in selection.missing]
        only = f" ; peut devenir sans objet selon {enumerate_words(parents)}" if parents else ""
        mend = f"répondre dans le projet{f' : {choices}' if choices else ''} ; clauses en attente : {listed}{only}"
        yield Diagnostic("unanswered-fact", f"{fact.label} ({where})", place, mend)


def _undecidable(selection: Selection) -> Iterator[Diagnostic]:
    for part in selection.lots:
        for verdict in part.verdicts.values():
            if verdict.outcome is Outcome.UNDECIDED and not verdict.missing:
                why = " ; ".join(reason.text for reason in verdict.reasons)
                message = f"la clause {verdict.clause.id} ne peut pas être décidée : {why}"
                mend = "compléter seuils.yaml, ou retenir ou écarter la clause dans le projet, avec son motif"
                yield Diagnostic("undecidable-clause", message, Place(selection.project.place.path), mend)


def assemble(tender: Tender, outline: Outline, *, lot: int | None = None, draft: bool = False) -> Document:
    """One document of the tender.

    Raises NotInOrderError when the document is not made for such a tender, or when a question that matters has no answer,
    unless `draft`; ReqgenError when there is no such lot.
    """
    selection = tender.selection
    parts = lots_of(selection, lot)
    misfits = [*_misfits(selection.project, outline, parts)]
    if misfits:
        raise NotInOrderError(*misfits)
    errors = [finding for finding in selection.diagnostics if finding.severity is Severity.ERROR]
    if errors:
        raise NotInOrderError(*errors)
    waiting = missing_answers(selection)
    if waiting and not draft:
        raise NotInOrderError(*waiting)
    return build(selection, outline, only_lot=lot, draft=draft)


def lots_of(selection: Selection, number: int | None) -> tuple[LotSelection, ...]:
    """Every lot, or the one of that number. Raises ReqgenError when there is none."""
    parts = tuple(part for part in selection.lots if number is None or (part.lot.number == number and number))
    if not parts:
        numbers = [str(item.number) for item in selection.project.lots]
        message = f"le marché n'a pas de lot {number}" if numbers else "le marché n'est pas alloti"
        help = f"lots : {', '.join(numbers)}" if numbers else "retirer --lot"
        raise ReqgenError(Diagnostic("unknown-lot", message, Place("--lot"), help))
    return parts


def _misfits(project: Project, outline: Outline, parts: Sequence[LotSelection]) -> Iterator[Diagnostic]:
    """The first lot whose domains are not those that the document is made for."""
    reach = outline.reach
    for part in parts:
        foreign = [name for name in part.domains if name in reach.never]
        if not foreign and (not reach.only or any(name in reach.only for name in part.domains)):
            continue
        whose = f"le lot {part.lot.number}" if part.lot.number else "le marché"
        if foreign:
            why = f"{whose} relève du domaine {enumerate_words(foreign)}, pour lequel ce document n'est pas fait"
        else:
            why = f"il n'est fait que pour le domaine {enumerate_words(list(reach.only), 'ou')}, dont {whose} ne relève pas"
        mend = f"produire plutôt --document {reach.instead}" if reach.instead else "choisir un autre document"
        yield Diagnostic("wrong-document", f"document « {outline.name} » : {why}", project.at("domaines"), mend)
        return


def outline_named(outlines: Mapping[str, Outline], name: str) -> Outline:
    """The plan of that name. Raises ReqgenError when there is none."""
    if name not in outlines:
        known = ", ".join(sorted(outlines))
        raise ReqgenError(
            Diagnostic(
                "unknown-document",
                f"« {name} » n'est pas un document connu{near(name, outlines)}",
                Place("--document"),
                f"documents : {known}",
            )
        )
    return outlines[name]


def validate(paths: Sequence[Path], sources: Sources) -> Checked:
    """Every finding about the built-in library (no path), a library, packs over the built-in one, or single files."""
    if not paths:
        return read_library(sources)[1]
    found: dict[Diagnostic, None] = {}
    files: dict[str, str] = {}
    base: dict[Diagnostic, None] | None = None
    for path in paths:
        checked = _validate_one(path, sources)
        if path.is_dir() and not (path / "bibliotheque.yaml").exists():
            base = base or dict.fromkeys(read_library(sources)[1].findings)
            checked = Checked(tuple(finding for finding in checked.findings if finding not in base), checked.files)
        found |= dict.fromkeys(checked.findings)
        files |= checked.files
    return Checked(tuple(sorted(found, key=lambda finding: finding.place)), files)


def _validate_one(path: Path, sources: Sources) -> Checked:
    if path.is_dir():
        if (path / "bibliotheque.yaml").exists():
            return read_library(replace(sources, library=path, packs=()))[1]
        return read_library(sources, [path])[1]
    return _validate_file(path, sources)


def _validate_file(path: Path, sources: Sources) -> Checked:
    name = shown(path)
    try:
        text = read_text(path)
    except ReqgenError as error:
        return Checked(error.diagnostics)
    tree, found = parse(name, text)
    if tree is None:
        return Checked(tuple(found), {name: text})
    kind = kind_of(tree.data)
    if kind is None:
        found.append(
            Diagnostic(
                "unknown-kind",
                "ce fichier ne ressemble à aucun fichier de reqgen",
                Place(name),
                "clause, faits, domaine, sources, glossaire ou projet",
            )
        )
        return Checked(tuple(found), {name: text})
    if kind == "project":
        return _validate_project(path, text, sources)
    shape = check_shape(tree, kind)
    if not shape and not found:
        shape = _within_library(path, name, text, sources)
    return Checked(tuple(sorted([*found, *shape], key=lambda finding: finding.place)), {name: text})


def _within_library(path: Path, name: str, text: str, sources: Sources) -> list[Diagnostic]:
    """The findings of a file read at its place: in the library that holds it, else over the built-in one."""
    root = next((folder for folder in path.resolve().parents if (folder / "bibliotheque.yaml").exists()), None)
    if root is not None:
        checked = read_library(replace(sources, library=root, packs=()))[1]
        return [finding for finding in checked.findings if finding.place.path == name]
    bundle, _ = _bundle(sources.library or bundled(LIBRARY))
    data = parse(name, text)[0]
    kind = kind_of(data.data) if data else None
    folder = (
        {"clause": f"clauses/{data.data.get('theme', '')}", "facts": "faits", "domain": "domaines"}.get(kind or "", "")
        if data
        else ""
    )
    root_name = {
        "themes": "themes.yaml",
        "sources": "sources.yaml",
        "thresholds": "seuils.yaml",
        "tiers": "paliers.yaml",
        "glossary": "glossaire.yaml",
    }.get(kind or "")
    alone = Bundle("\0", {f"\0/{root_name or f'{folder}/{path.name}'}": text})
    library, found = load_library([bundle, alone])
    inside_name = next(iter(alone.files))
    found = [
        finding for finding in (*found, *lint_library(library, sources.today)) if finding.place.path == inside_name
    ]
    return [replace(finding, place=Place(name, finding.place.line, finding.place.column)) for finding in found]


def _validate_project(path: Path, text: str, sources: Sources) -> Checked:
    files = {shown(path): text}
    try:
        tender = read_tender(path, sources)
    except ReqgenError as error:
        return Checked(error.diagnostics, files)
    own = tuple(finding for finding in tender.checked.findings if finding.place.path == shown(path))
    return Checked((*own, *tender.selection.diagnostics), {**tender.checked.files, **files})


@dataclass(frozen=True, slots=True)
class Audit:
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


def new_clause(sources: Sources, theme: str, prefix: str = "", pack: Path | None = None) -> tuple[Path, str]:
    """Write the skeleton of a clause in the pack, else in the library; the file, and the beginning of its id.

    Raises ReqgenError when the theme does not exist, when no beginning of id can be proposed, or when the disk refuses.
    """
    library, checked = read_library(sources, [pack] if pack else [])
    if theme not in library.themes:
        message = f"le thème « {theme} » n'existe pas{near(theme, library.themes)}"
        help = f"thèmes : {', '.join(library.themes)}"
        raise ReqgenError(Diagnostic("unknown-theme", message, Place("--theme"), help))
    root = pack or sources.library or bundled(LIBRARY)
    start = prefix or usual_prefix([clause.id for clause in library.clauses.values() if clause.theme == theme])
    if not start:
        message = f"le thème « {theme} » n'a encore aucune clause dont reprendre le début d'identifiant"
        raise ReqgenError(
            Diagnostic("missing-prefix", message, Place("--prefix"), "donner --prefix, par exemple HEL-PES")
        )
    # a file that could not be read still holds its id
    files = (path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for path in checked.files)
    name = next_id(start, {*library.clauses, *library.overridden, *library.broken, *files})
    if not name:
        message = f"tous les identifiants {start}-001 à {start}-999 sont pris"
        raise ReqgenError(
            Diagnostic("missing-prefix", message, Place("--prefix"), "choisir un autre début d'identifiant")
        )
    target = inside(root, f"clauses/{theme}/{name}.yaml", Place("--theme"))
    write_new(target, skeleton(name, library.themes[theme], _schema_of(target)).encode())
    return target, start


def _schema_of(target: Path) -> str:
    """How the file names the clause schema: one kept in a folder above it, else that of reqgen, relative in a checkout."""
    own = Path(__file__).parent / "schemas" / CLAUSE_SCHEMA
    for folder in target.parents:
        if (folder / CLAUSE_SCHEMA).is_file():
            return Path(os.path.relpath(folder / CLAUSE_SCHEMA, target.parent)).as_posix()
    checkout = Path(__file__).resolve().parents[1]
    if target.is_relative_to(checkout):
        return Path(os.path.relpath(own.resolve(), target.parent)).as_posix()
    return own.resolve().as_posix()


@dataclass(frozen=True, slots=True)
class Version:
    """A library at a revision, or on the disk (no name, no commit), and what is wrong with it."""

    name: str
    commit: str
    library: Library
    checked: Checked


@dataclass(frozen=True, slots=True)
class ProjectChanges:
    """What becomes of one project; `errors` are why it could not be decided in both versions."""

    path: str
    changes: tuple[TenderChange, ...] = ()
    errors: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions of a library, what changed, and what it does to the projects."""

    old: Version
    new: Version
    folder: str
    changes: Changes
    projects: tuple[ProjectChanges, ...] = ()


def compare_revisions(
    revisions: tuple[str, str | None], folder: Path, sources: Sources, projects: Sequence[Path] = ()
) -> Compared:
    """A library folder at one revision of the current folder's git repository and at another, or on the disk.

    The projects are those on the disk, read against both. Raises ReqgenError when git, a revision or the folder is missing.
    """
    read = [_version(name, folder, sources) for name in revisions]
    (old, old_side, old_sources), (new, new_side, new_sources) = read
    changes = compare(old_side, new_side)
    compared = tuple(_compare_project(path, (old, old_sources), (new, new_sources), changes) for path in projects)
    return Compared(old, new, shown(folder), changes, compared)


def _version(name: str | None, folder: Path, sources: Sources) -> tuple[Version, Side, Sources]:
    if name is None:
        bundle, found = _bundle(folder)
        commit = ""
    else:
        revision = read_revision(name, folder.as_posix(), Path.cwd())
        bundle, found, commit = Bundle(revision.root, revision.files), list(revision.findings), revision.commit
    here = replace(sources, files=bundle)
    library, checked = read_library(here)
    checked = replace(checked, findings=(*found, *checked.findings))

    def holds(condition: Condition, responses: Mapping[str, Response]) -> bool | None:
        return evaluate(condition, Answers(library.facts, responses, library.thresholds, sources.today)).outcome

    return Version(name or "", commit, library, checked), Side(library, bundle.root, bundle.files, holds), here


def _compare_project(
    path: Path, old: tuple[Version, Sources], new: tuple[Version, Sources], changes: Changes
) -> ProjectChanges:
    try:
        text = read_text(path)
        before, after = (
            read_tender_text(path, text, sources, (version.library, version.checked)).selection
            for version, sources in (old, new)
        )
    except ReqgenError as error:
        return ProjectChanges(shown(path), errors=error.diagnostics)
    return ProjectChanges(shown(path), compare_tenders(before, after, changes))
