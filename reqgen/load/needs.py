"""The buyer's functional needs, from a workbook (.xlsx) or a .csv file they already have.

One row a need, one header row. Columns are found by their title, accents and case aside: `module`, `exigence` (or
`besoin`, `texte`), and, if there, `id`, `titre`, `niveau`, `sous-critère`, `vérification`.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence

from reqgen.load.tree import FORBIDDEN
from reqgen.model.diagnostic import Diagnostic, Place
from reqgen.model.library import Level
from reqgen.model.project import Need
from reqgen.model.words import near, plain

MAX_ROWS = 5_000
MAX_COLUMNS = 40
MAX_CELL = 4_000
MAX_UNZIPPED = 50_000_000

COLUMNS = {
    "module": ("module", "domaine", "rubrique", "chapitre"),
    "text": ("exigence", "besoin", "texte", "description", "fonctionnalite"),
    "id": ("id", "identifiant", "reference", "n°", "numero"),
    "title": ("titre", "intitule", "libelle"),
    "level": ("niveau", "priorite"),
    "sub_criterion": ("sous-critere",),
    "verification": ("verification", "controle", "preuve"),
}
IDENTIFIER = re.compile(r"[A-Z0-9]{2,6}(-[A-Z0-9]{1,6}){1,3}\Z")
Row = tuple[int, list[str]]


def read_needs(path: str, data: bytes) -> tuple[list[Need], list[Diagnostic]]:
    """The needs in a table, and what is wrong with it: places are `file:row:column`, the column counted from A."""
    found: list[Diagnostic] = []
    rows = list(_workbook(path, data, found) if path.lower().endswith(".xlsx") else _csv(path, data, found))
    if found:
        return [], found
    if not rows:
        return [], [
            Diagnostic(
                "empty-file", "le tableau des besoins est vide", Place(path), "le remplir, ou retirer `besoins_fichier`"
            )
        ]
    header, *body = rows
    columns = _columns(path, header, found)
    if found:
        return [], found
    if len(body) > MAX_ROWS:
        return [], [
            Diagnostic(
                "too-large", f"le tableau compte plus de {MAX_ROWS} besoins", Place(path, MAX_ROWS + 2), "le découper"
            )
        ]
    needs: list[Need] = []
    module = ""
    for number, cells in body:
        values = {name: cells[index].strip() if index < len(cells) else "" for name, index in columns.items()}
        if surplus := next((at for at in range(len(header[1]), len(cells)) if cells[at].strip()), None):
            message = "la ligne a plus de cellules que la première : ce qui dépasse serait perdu"
            mend = "mettre entre guillemets un texte qui contient le séparateur"
            found.append(Diagnostic("surplus-cell", message, Place(path, number, surplus + 1), mend))
            continue
        if not any(values.values()):
            continue
        module = values["module"] or module
        need = _need(path, number, {**values, "module": module}, columns, found)
        if need:
            needs.append(need)
    return needs, found


def _need(path: str, row: int, values: dict[str, str], columns: dict[str, int], found: list[Diagnostic]) -> Need | None:
    def at(name: str) -> Place:
        return Place(path, row, columns.get(name, 0) + 1)

    before = len(found)
    for name, value in values.items():
        bad = FORBIDDEN.search(value)
        if bad:
            found.append(
                Diagnostic(
                    "control-character",
                    f"le caractère U+{ord(bad[0]):04X} n'est pas admis dans un document",
                    at(name),
                    "l'effacer",
                )
            )
        if len(value) > MAX_CELL:
            found.append(
                Diagnostic("out-of-bounds", f"la cellule dépasse {MAX_CELL} signes", at(name), "la raccourcir")
            )
    if not values["text"]:
        found.append(
            Diagnostic("missing-key", "la ligne n'a pas d'exigence", at("text"), "la compléter ou la supprimer")
        )
    if not values["module"]:
        found.append(
            Diagnostic(
                "missing-key",
                "la ligne n'a pas de module",
                at("module"),
                "indiquer le module, au moins sur la première ligne",
            )
        )
    level = values.get("level", "").lower() or "exigé"
    by_plain = {plain(item.value): item for item in Level}
    if plain(level) not in by_plain:
        found.append(
            Diagnostic(
                "unknown-value",
                f"« {level} » n'est pas un niveau{near(level, [item.value for item in Level])}",
                at("level"),
                "valeurs admises : exigé, valorisé, pse",
            )
        )
    if values.get("id") and not IDENTIFIER.match(values["id"]):
        found.append(
            Diagnostic(
                "bad-format",
                f"« {values['id']} » n'a pas la forme d'un identifiant",
                at("id"),
                "écrire par exemple BF-ABS-01, ou laisser vide",
            )
        )
    if len(found) > before:
        return None
    return Need(
        values.get("id", ""),
        values["module"],
        values.get("title", ""),
        values["text"],
        by_plain[plain(level)],
        at("text"),
        values.get("verification", ""),
        values.get("sub_criterion", ""),
    )


def _columns(path: str, header: Row, found: list[Diagnostic]) -> dict[str, int]:
    row, titles = header
    columns: dict[str, int] = {}
    for index, title in enumerate(titles):
        for name, words in COLUMNS.items():
            if plain(title.strip()).split("(")[0].strip() in words:
                columns.setdefault(name, index)
    for name, label in (("module", "module"), ("text", "exigence")):
        if name not in columns:
            found.append(
                Diagnostic(
                    "missing-column",
                    f"il manque la colonne « {label} »{near(label, [title for title in titles if title])}",
                    Place(path, row),
                    f"titres reconnus : {', '.join(COLUMNS[name])}",
                )
            )
    return columns


def _csv(path: str, data: bytes, found: list[Diagnostic]) -> Iterator[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")  # what a French spreadsheet program writes by default
        except UnicodeDecodeError:
            found.append(
                Diagnostic(
                    "encoding",
                    "le fichier n'est ni en UTF-8 ni en Windows-1252",
                    Place(path),
                    "l'enregistrer en CSV UTF-8",
                )
            )
            return
    first = text.split("\n", 1)[0]
    separator = max(";,\t", key=first.count)
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells[:MAX_COLUMNS]
    except csv.Error:
        found.append(
            Diagnostic(
                "bad-csv", "la ligne n'est pas un CSV lisible", Place(path, reader.line_num), "vérifier les guillemets"
            )
        )


def _workbook(path: str, data: bytes, found: list[Diagnostic]) -> Iterator[Row]:
    from openpyxl import load_workbook  # heavy to import: only for a project that names a workbook

    def unreadable(why: str) -> None:
        found.append(
            Diagnostic(
                "bad-workbook",
                f"le classeur ne peut pas être lu : {why}",
                Place(path),
                "l'enregistrer de nouveau en .xlsx",
            )
        )

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if sum(item.file_size for item in package.infolist()) > MAX_UNZIPPED:
                return unreadable(f"il dépasse {MAX_UNZIPPED // 1_000_000} Mo une fois décompressé")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, max_row=MAX_ROWS + 2, values_only=True), 1):
            if any(cell is not None and str(cell).strip() for cell in cells):
                yield number, _texts(cells)
    except Exception:  # openpyxl raises KeyError, ValueError, XML errors ... on a damaged or hostile workbook
        unreadable("il est endommagé, ou n'est pas un classeur")


def _texts(cells: Sequence[object]) -> list[str]:
    return ["" if cell is None else str(cell) for cell in cells]
