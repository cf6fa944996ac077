"""The library, the projects and the document plans, read and checked, with every finding."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from reqgen.cache import cached
from reqgen.files import bundled, inside, read_folder, read_text, shown
from reqgen.lint.project_rules import lint_project
from reqgen.load.library import Bundle, load_library
from reqgen.load.needs import read_needs
from reqgen.load.outline import load_outlines
from reqgen.load.project import needs_files, project_from, project_tree, with_current_domains
from reqgen.load.tree import Path as TreePath
from reqgen.load.tree import Tree
from reqgen.model.diagnostic import Diagnostic, NotInOrderError, Place, ReqgenError, Severity
from reqgen.model.library import Library
from reqgen.model.outline import Outline
from reqgen.model.project import Need, Project
from reqgen.model.selection import Selection
from reqgen.select.choose import choose

LIBRARY = "requirements_library"
TEMPLATES = "templates"
MAX_NEEDS_BYTES = 20_000_000
UNDECIDABLE = frozenset({"impossible-value"})
"""Errors of a library with which no tender can be decided, not even to compare."""


class Sources(Struct, frozen=True):
    """Where things are read from: a library instead of the built-in one, packs over it, templates, today's date."""

    today: date
    library: Path | None = None
    packs: tuple[Path, ...] = ()
    templates: Path | None = None
    root: Path | None = None
    """Folder under which the files named by a project must stand; by default the project's own."""
    files: Bundle | None = None
    """The library itself, when it is not on the disk: that of a revision."""


class Checked(Struct, frozen=True):
    """Findings, and the text of every file they may point into."""

    findings: tuple[Diagnostic, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that must be mended."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


class Tender(Struct, frozen=True):
    """A project read against its library, with every decision taken."""

    selection: Selection
    checked: Checked
    folder: Path

    @property
    def project(self) -> Project:
        """The project."""
        return self.selection.project


def bundle_of(folder: Path | Bundle) -> tuple[Bundle, list[Diagnostic]]:
    """The text of every file of the folder, and what cannot be read. Raises ReqgenError when it is not there."""
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
        bundle, problems = bundle_of(folder)
        bundles.append(bundle)
        found += problems
    if not bundles[0].has_manifest:
        message, mend = "le dossier n'a pas de bibliotheque.yaml", "en écrire un, ou passer le dossier à --pack"
        found.append(Diagnostic("missing-manifest", message, Place(bundles[0].root), mend))
    inputs = ["library", sources.today.isoformat(), *_contents(*bundles)]
    library, problems = cached(inputs, lambda: _checked_library(bundles, sources.today))
    texts = {path: text for bundle in bundles for path, text in bundle.files.items()}
    return library, Checked(tuple(sorted([*found, *problems], key=lambda finding: finding.place)), texts)


def _contents(*bundles: Bundle) -> Iterator[str]:
    for bundle in bundles:
        yield bundle.root
        yield from (part for path in sorted(bundle.files) for part in (path, bundle.files[path]))


def _checked_library(bundles: Sequence[Bundle], today: date) -> tuple[Library, list[Diagnostic]]:
    from reqgen.lint.library_rules import lint_library  # a library in the cache was checked already

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
    return replace(library, clauses=clauses, texts=()), found


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
    tree, found = cached(["project", shown(path), text], partial(project_tree, shown(path), text))
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
    selection = choose(with_current_domains(project, library), library)
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
        # opening a workbook takes longer than all the rest of the project
        inputs = ["needs", shown(target), hashlib.sha256(data).hexdigest()]
        needs[table.at], problems = cached(inputs, partial(read_needs, shown(target), data))
        found += problems
    return needs, found


def read_outlines(sources: Sources) -> dict[str, Outline]:
    """The document plans: the built-in ones, over which those of `--templates` stand. Raises NotInOrderError."""
    outlines: dict[str, Outline] = {}
    found: list[Diagnostic] = []
    for folder in (bundled(TEMPLATES), *((sources.templates,) if sources.templates else ())):
        bundle, problems = bundle_of(folder)
        read, more = cached(["outlines", *_contents(bundle)], partial(load_outlines, bundle.root, bundle.files))
        labels = next(iter(outlines.values())).labels if outlines else {}
        outlines |= {name: replace(outline, labels={**labels, **outline.labels}) for name, outline in read.items()}
        found += [*problems, *more]
    if found:
        raise NotInOrderError(*found)
    return outlines
