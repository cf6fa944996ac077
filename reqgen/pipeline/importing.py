"""A Word document edited by a lawyer, back into the library."""

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

import reqgen
from reqgen.assemble.values import quantity
from reqgen.files import shown, write_whole
from reqgen.lint.library_rules import lint_library
from reqgen.load.library import clause_from
from reqgen.load.schema import check_shape
from reqgen.load.tree import Tree, parse
from reqgen.load.word import read_word
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError, Severity
from reqgen.model.library import Clause, Library, Value
from reqgen.package import MAX_PACKED, PackageError, unpack
from reqgen.pipeline.reading import LIBRARY, Checked, Sources, read_library, read_tender
from reqgen.review.edits import Context, Edits, FieldEdit, is_ours, read_edits
from reqgen.write.edit import CannotEditError, replace_text

MEND = "donner un document Word (.docx) produit par reqgen"


class FileChange(Struct, frozen=True):
    """A file of the library to write: its path as shown, and its whole text before and after."""

    path: str
    before: str
    after: str


class Imported(Struct, frozen=True):
    """What the document says, the files that it changes, and what `validate` says of them once changed."""

    edits: Edits
    files: tuple[FileChange, ...]
    to_decide: tuple[Diagnostic, ...]
    checked: Checked


def import_word(path: Path, sources: Sources, project: Path | None = None) -> Imported:
    """Read an edited document against the library, and with a project against its packs and values. Writes nothing.

    Raises ReqgenError when the file is no document of ours, or may not be read.
    """
    name = shown(path)
    try:
        document = read_word(name, unpack(_bytes(path)))
    except PackageError as error:
        raise ReqgenError(
            Diagnostic("bad-word-file", f"le document ne peut pas être lu : {error}", Place(name), MEND)
        ) from None
    if not is_ours(document):
        message = "le document ne porte aucun repère de reqgen : rien ne dit de quelle clause vient chaque paragraphe"
        raise ReqgenError(Diagnostic("foreign-document", message, Place(name), MEND))
    settings: dict[tuple[str, str], Value] = {}
    if project is None:
        library, checked = read_library(sources)
    else:
        tender = read_tender(project, sources)
        library, checked = tender.selection.library, tender.checked
        lots = (tender.project.common, *tender.project.lots)
        settings = {key: setting.value for lot in lots for key, setting in lot.settings.items()}
    trees = _Trees({}, checked)
    edits = read_edits(document, library, Context(quantity, trees.place, settings), name)
    files, refused = _files(edits.changed, library)
    written = Checked(
        tuple(_findings(files, library, sources)), {**checked.files, **{one.path: one.after for one in files}}
    )
    return Imported(edits, files, (*edits.found, *refused), written)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_PACKED + 1)
    except OSError:
        raise ReqgenError(
            Diagnostic("unreadable-file", "le fichier ne peut pas être lu", Place(shown(path)), "vérifier son nom")
        ) from None


class _Trees(Struct):
    """The files of clauses, read again for the places of their values, which the library has not kept."""

    read: dict[str, Tree | None]
    checked: Checked

    def place(self, clause: Clause, path: tuple[str | int, ...]) -> Place:
        file = clause.place.path
        if file not in self.read:
            self.read[file] = parse(file, self.checked.files.get(file, ""))[0]
        tree = self.read[file]
        return clause.place if tree is None else tree.place(*path)


def _files(changed: Sequence[FieldEdit], library: Library) -> tuple[tuple[FileChange, ...], list[Diagnostic]]:
    """The files with their texts changed, and what is wrong with those that cannot be."""
    made: dict[str, FileChange] = {}
    refused: list[Diagnostic] = []
    for edit in changed:
        place = library.clauses[edit.clause].place
        before = made[place.path] if place.path in made else _unchanged(place.path)
        try:
            after = replace_text(before.after, edit.path, edit.after)
            if parse(place.path, after)[1]:
                raise CannotEditError("le fichier ne serait plus lisible")
            made[place.path] = replace(before, after=after)
        except CannotEditError as error:
            message = f"clause {edit.clause} : le texte ne peut pas être écrit sans toucher au reste ({error}) : « {edit.after} »"
            refused.append(Diagnostic("unplaced-text", message, place, "l'écrire à la main", Severity.WARNING))
    return tuple(made.values()), refused


def _unchanged(path: str) -> FileChange:
    try:
        text = Path(path).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise ReqgenError(
            Diagnostic("unreadable-file", "le fichier a changé pendant la lecture", Place(path), "recommencer")
        ) from None
    return FileChange(path, text, text)


def _findings(files: Sequence[FileChange], library: Library, sources: Sources) -> list[Diagnostic]:
    """What `validate` says of the changed clauses."""
    if not files:
        return []
    found: list[Diagnostic] = []
    clauses = dict(library.clauses)
    for file in files:
        tree, problems = parse(file.path, file.after)
        found += problems
        shape = check_shape(tree, "clause") if tree is not None else []
        found += shape
        if tree is not None and not shape:
            clause = clause_from(tree, found)
            clauses[clause.id] = replace(clause, origin=clauses[clause.id].origin)
    paths = {file.path for file in files}
    checked = [*found, *lint_library(replace(library, clauses=clauses), sources.today)]
    return sorted({one: None for one in checked if one.place.path in paths}, key=lambda one: one.place)


def write_files(imported: Imported, sources: Sources) -> None:
    """Write every changed file, or none.

    Raises ReqgenError when the library is that of an installed reqgen, or when a file may not be written.
    """
    paths = [Path(file.path) for file in imported.files]
    installed = Path(reqgen.__file__).parent / LIBRARY
    own = installed if sources.library is None and installed.is_dir() else None
    for path in paths:
        if (own is not None and path.resolve().is_relative_to(own.resolve())) or not os.access(path.parent, os.W_OK):
            message = "la bibliothèque ne peut pas être changée ici : elle est en lecture seule"
            mend = "travailler dans un dépôt de la bibliothèque, ou donner la vôtre avec --library ou --pack"
            raise ReqgenError(Diagnostic("read-only-library", message, Place(shown(path)), mend))
    done: list[FileChange] = []
    try:
        for file, path in zip(imported.files, paths, strict=True):
            write_whole(path, file.after.encode())
            done.append(file)
    except ReqgenError:
        for file in done:
            write_whole(Path(file.path), file.before.encode())
        raise
