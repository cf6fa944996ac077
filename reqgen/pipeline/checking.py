"""Is a library, a pack or a single file in order."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from reqgen.files import bundled, read_text, shown
from reqgen.lint.library_rules import lint_library
from reqgen.load.library import Bundle, load_library
from reqgen.load.schema import check_shape, kind_of
from reqgen.load.tree import parse
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.pipeline.reading import LIBRARY, Checked, Sources, bundle_of, read_library, read_tender


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
    bundle, _ = bundle_of(sources.library or bundled(LIBRARY))
    data = parse(name, text)[0]
    kind = kind_of(data.data) if data else None
    folder = (
        {
            "clause": f"clauses/{data.data.get('theme', '')}",
            "facts": "faits",
            "domain": "domaines",
            "wording": "redaction",
        }.get(kind or "", "")
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
