"""The plans of documents and their fixed words, from `templates/`."""

from typing import Any

from msgspec.structs import replace

from reqgen.load.schema import check_shape
from reqgen.load.tree import Path, Tree, parse
from reqgen.model.diagnostic import Diagnostic, Files
from reqgen.model.library import Disclosure, Piece, Tier
from reqgen.model.outline import Form, Limits, Outline, Part, Reach, Slot, Wording

LABELS = "libelles.yaml"


def load_outlines(root: str, files: Files) -> tuple[dict[str, Outline], list[Diagnostic]]:
    """Every document plan below `root`, by name, each with the labels of `libelles.yaml`."""
    outlines: dict[str, Outline] = {}
    found: list[Diagnostic] = []
    labels: dict[str, str] = {}
    for path in sorted(files):
        is_labels = path[len(root) :].lstrip("/") == LABELS
        tree, problems = parse(path, files[path])
        if tree is not None and not problems:
            problems = check_shape(tree, "labels" if is_labels else "outline")
        found += problems
        if tree is None or problems:
            continue
        if is_labels:
            labels = tree.data["libelles"]
        else:
            outline = _outline(tree)
            outlines[outline.name] = outline
    return {name: replace(outline, labels=labels) for name, outline in outlines.items()}, found


def _outline(tree: Tree) -> Outline:
    data = tree.data
    domains, limits = data.get("domaines", {}), data.get("retient", {})
    return Outline(
        name=data["document"],
        title=data["titre"],
        short=data["court"],
        place=tree.place("document"),
        parts=_parts(tree, ("parties",), data["parties"]),
        cover=tuple(
            (item["style"], _wording(tree, ("couverture", index), item))
            for index, item in enumerate(data.get("couverture", ()))
        ),
        header=data.get("en_tete", ""),
        footer=data.get("pied_de_page", ""),
        contents_title=data.get("sommaire", ""),
        depth=data.get("profondeur", 2),
        pieces=tuple(Piece(piece) for piece in data.get("pieces", ())),
        disclosures=tuple(Disclosure(item) for item in data.get("diffusions", ("public",))),
        for_bidders=data["destinataires"] == "candidats",
        own_labels=data.get("libelles", {}),
        reach=Reach(tuple(domains.get("seulement", ())), tuple(domains.get("sauf", ())), domains.get("sinon", "")),
        limits=Limits(Tier(limits["palier"]) if "palier" in limits else None, tuple(limits.get("domaines", ()))),
        cover_page=data.get("page_de_garde") != "non",
    )


def _parts(tree: Tree, path: Path, items: list[dict[str, Any]]) -> tuple[Part, ...]:
    return tuple(
        Part(
            title=item["titre"],
            place=tree.place(*path, index, "titre"),
            content=tuple(
                _content(tree, (*path, index, "contenu", number), entry)
                for number, entry in enumerate(item.get("contenu", ()))
            ),
            parts=_parts(tree, (*path, index, "parties"), item.get("parties", [])),
            each_lot=item.get("par_lot") == "oui",
            numbered=item.get("numerotee") != "non",
        )
        for index, item in enumerate(items)
    )


def _wording(tree: Tree, path: Path, entry: dict[str, Any]) -> Wording:
    return Wording(entry["texte"], tree.prose_place(*path, "texte"), entry.get("si", ""), entry.get("sauf", ""))


def _content(tree: Tree, path: Path, entry: dict[str, Any]) -> Wording | Slot:
    if "texte" in entry:
        return _wording(tree, path, entry)
    return Slot(
        name=entry.get("bloc", ""),
        place=tree.place(*path),
        themes=tuple(entry.get("themes", ())),
        pieces=tuple(Piece(piece) for piece in entry.get("pieces", ())),
        form=Form(entry.get("forme", Form.FULL)),
    )
