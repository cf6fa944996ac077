"""New clause files."""

import os
from pathlib import Path

import reqgen
from reqgen.files import bundled, inside, write_new
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.model.words import near
from reqgen.pipeline.reading import LIBRARY, Sources, read_library
from reqgen.write.clause import next_id, skeleton, usual_prefix

CLAUSE_SCHEMA = "clause.schema.json"


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
    own = Path(reqgen.__file__).parent / "schemas" / CLAUSE_SCHEMA
    for folder in target.parents:
        if (folder / CLAUSE_SCHEMA).is_file():
            return Path(os.path.relpath(folder / CLAUSE_SCHEMA, target.parent)).as_posix()
    checkout = Path(reqgen.__file__).resolve().parents[1]
    if target.is_relative_to(checkout):
        return Path(os.path.relpath(own.resolve(), target.parent)).as_posix()
    return own.resolve().as_posix()
