"""Files of a library put in canonical layout, each whole or not at all."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from reqgen.files import read_folder, read_text, shown, write_whole
from reqgen.load.schema import kind_of, schema
from reqgen.load.tree import parse
from reqgen.model.diagnostic import Diagnostic, Place, ReqgenError
from reqgen.write.comments import CannotLayOutError, comments
from reqgen.write.layout import MARKDOWN, Schema, below, layout
from reqgen.write.wrap import same_blocks


class Formatted(Struct, frozen=True):
    """The files that were not in canonical layout, as shown to the user, and what kept others from being laid out."""

    changed: tuple[str, ...]
    findings: tuple[Diagnostic, ...]
    files: dict[str, str]


def format_files(paths: Sequence[Path], *, write: bool) -> Formatted:
    """Lay out the files given, and those of reqgen below the folders given; with `write`, on the disk too.

    In a folder, hidden files, links and YAML files that are not of reqgen are passed over. A file that cannot be read is
    a finding, and is left as it is.
    """
    changed: list[str] = []
    findings: list[Diagnostic] = []
    texts: dict[str, str] = {}
    for path in paths:
        for name, text, found in _texts(path):
            if name in texts:
                continue
            texts[name] = text
            findings += found
            if found:
                continue
            try:
                if _format(Path(name), name, text, named=path.is_file(), write=write):
                    changed.append(name)
            except ReqgenError as error:
                findings += error.diagnostics
    return Formatted(tuple(changed), tuple(sorted(findings, key=lambda finding: finding.place)), texts)


def _texts(path: Path) -> Iterator[tuple[str, str, Sequence[Diagnostic]]]:
    """Each file that the path stands for, as shown to the user, its text, and why it could not be read."""
    if not path.is_dir():
        yield _read(path, shown(path))
        return
    texts, found = read_folder(path)
    for finding in found:
        yield finding.place.path, "", (finding,)
    for name in texts:
        if not Path(name).is_symlink():
            yield _read(Path(name), name)  # again, just before it is written: someone may be editing the folder


def _read(path: Path, name: str) -> tuple[str, str, Sequence[Diagnostic]]:
    try:
        return name, read_text(path, name), ()
    except ReqgenError as error:
        return name, "", error.diagnostics


def _format(path: Path, name: str, text: str, *, named: bool, write: bool) -> bool:
    """Whether the file was not in canonical layout. Raises ReqgenError when it cannot be laid out or written."""
    made = laid_out(name, text, named=named)
    if made is None or made.encode() == _bytes(path):
        return False
    if write:
        write_whole(path.resolve(), made.encode())
    return True


def _bytes(path: Path) -> bytes:
    """What is on the disk, byte order mark and line ends included; nothing when the file has just gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def laid_out(name: str, text: str, *, named: bool = True) -> str | None:
    """The text of a file in canonical layout; None when it is not a file of reqgen and was not `named`.

    Raises ReqgenError with the findings of a file that cannot be laid out.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    tree, found = parse(name, text)
    kind = kind_of(tree.data) if tree else None
    if tree is not None and kind is None and not named:
        return None
    if found or tree is None:
        raise ReqgenError(*found)
    if kind is None:
        message = "ce fichier ne ressemble à aucun fichier de reqgen"
        help = "clause, faits, domaine, sources, glossaire ou projet"
        raise ReqgenError(Diagnostic("unknown-kind", message, Place(name), help))
    try:
        made = layout(text, schema(kind))
    except CannotLayOutError as error:
        place = Place(name, error.line, error.column)
        raise ReqgenError(Diagnostic("layout-refused", str(error), place, "l'écrire autrement, ou l'effacer")) from None
    if made != text:
        _check(name, text, made, tree.data, schema(kind))
    return made


def _check(name: str, text: str, made: str, data: Any, rules: Schema) -> None:
    """Raise ReqgenError when the new text does not hold the same values and the same comments."""
    tree, found = parse(name, made)
    if tree is None or found or not _same(data, tree.data, rules) or sorted(comments(text)) != sorted(comments(made)):
        message = "la mise en forme changerait une valeur ou un commentaire : le fichier est laissé tel quel"
        help = "écrire plus simplement les valeurs à guillemets ou à crochets sur plusieurs lignes"
        raise ReqgenError(Diagnostic("layout-refused", message, Place(name), help))


def _same(one: Any, other: Any, rules: Schema) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key], below(rules, key)) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_same(a, b, below(rules, 0)) for a, b in pairs)
    if type(one) is not type(other):
        return False
    markdown = rules.get("contentMediaType") == MARKDOWN and isinstance(one, str)
    return bool(one == other) or (markdown and same_blocks(one, other))
