"""The library as a static site."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from reqgen import __version__
from reqgen.assemble.values import quantity
from reqgen.files import bundled, shown
from reqgen.folder import refuse_foreign, write_folder
from reqgen.git import read_history
from reqgen.model.diagnostic import ReqgenError
from reqgen.model.library import Clause, Domain, Library, Response
from reqgen.model.words import count
from reqgen.pipeline.reading import LIBRARY, TEMPLATES, Sources, read_outlines, usable_library
from reqgen.select.condition import Answers, evaluate
from reqgen.site.pages import pages
from reqgen.site.values import Change, History, Reach, Site

KINDS = (".html", ".css", ".js")
EACH = 500
"""How many pages pass between two lines of progress."""
SHALLOW = "L'historique est partiel : le dépôt git n'a que les révisions récentes, ou en a trop."
Say = Callable[[str], None]


def publish(target: Path, sources: Sources, *, public: bool, force: bool, say: Say) -> int:
    """Write the site of the library and its packs in the folder; the number of files.

    Raises NotInOrderError when the library has errors, ReqgenError when the folder holds anything that is not ours.
    """
    refuse_foreign(target, force=force)
    library, _ = usable_library(sources)
    say(f"bibliothèque : {count(len(library.clauses), 'clause')}, {count(len(library.domains), 'domaine')}")
    folders = [sources.library or bundled(LIBRARY), *sources.packs]
    files = {name: _below(clause, folders) for name, clause in library.clauses.items()}
    history = History() if public else _history(library, folders, say)
    outlines = read_outlines(sources)
    labels = next(iter(outlines.values())).labels if outlines else {}
    site = Site(library, _reach(library), files, labels, quantity, history, __version__, public)
    contents: dict[str, bytes] = {}
    for number, (path, text) in enumerate(pages(site, _templates()), 1):
        contents[path] = text.encode()
        if number % EACH == 0:
            say(f"{number} fichiers …")
    write_folder(target, contents, force=force)
    return len(contents)


def _templates() -> dict[str, str]:
    """The built-in templates by file name. Those of a user are not read: HTML and scripts of others have no place here."""
    folder = bundled(TEMPLATES) / "site"
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir()) if path.suffix in KINDS}


def _below(clause: Clause, folders: list[Path]) -> str:
    """The file of a clause, relative to the library or the pack that it comes from."""
    roots = [f"{shown(folder)}/" for folder in folders if clause.place.path.startswith(f"{shown(folder)}/")]
    return clause.place.path.removeprefix(max(roots, key=len, default=""))


# How far domains take clauses


def _reach(library: Library) -> dict[str, dict[str, Reach]]:
    """For each domain, the clauses that a tender of that domain alone may keep."""
    return {domain.id: dict(_reached(domain, library)) for domain in library.domains.values()}


def _reached(domain: Domain, library: Library) -> Iterator[tuple[str, Reach]]:
    established = _answers(domain, library, dict(domain.establishes))
    proposed = _answers(domain, library, {**dict(domain.proposes), **dict(domain.establishes)})
    for name, clause in library.clauses.items():
        if clause.domains and domain.id not in {one.id for one in clause.domains}:
            continue
        aside = [evaluate(one.condition, established).outcome for one in domain.asides(clause)]
        if True in aside:
            continue
        certain = evaluate(clause.condition, established).outcome
        certain = None if certain and None in aside else certain
        if certain:
            yield name, Reach.ALWAYS
        elif certain is None:
            usual = evaluate(clause.condition, proposed).outcome
            yield name, Reach.USUAL if usual else Reach.POSSIBLE


def _answers(domain: Domain, library: Library, responses: Mapping[str, Response]) -> Answers:
    """What is known of a tender that has this domain only, at the date of the library: no clock changes the site."""
    naming = {fact.id: Response((domain.id,), domain.place) for fact in library.facts.values() if fact.choices_from}
    known = {name: response for name, response in {**responses, **naming}.items() if name in library.facts}
    return Answers(library.facts, known, library.thresholds, library.manifest.law_as_of)


# History


def _history(library: Library, folders: list[Path], say: Say) -> History:
    """The commits of every folder, newest first; a folder without history says why."""
    changes: list[Change] = []
    notes: dict[str, None] = {}
    for folder in folders:
        try:
            commits, partial = read_history(folder)
        except ReqgenError as error:
            reason = error.diagnostics[0].message
            say(f"{shown(folder)} : pas d'historique, {reason}")
            notes[f"L'historique n'est pas disponible : {reason}."] = None
            continue
        if partial:
            say(f"{shown(folder)} : {SHALLOW}")
            notes[SHALLOW] = None
        here = _clauses_below(library, folder)
        changes += [
            Change(
                commit.name,
                commit.day,
                commit.author,
                commit.subject,
                tuple(here[path] for path in commit.paths if path in here),
                tuple(path for path in commit.paths if path not in here),
            )
            for commit in commits
        ]
    return History(tuple(sorted(changes, key=lambda change: change.day, reverse=True)), tuple(notes))


def _clauses_below(library: Library, folder: Path) -> dict[str, str]:
    """The clauses whose file is below the folder, by its path there."""
    root = f"{shown(folder)}/"
    return {
        clause.place.path.removeprefix(root): name
        for name, clause in library.clauses.items()
        if clause.place.path.startswith(root)
    }
