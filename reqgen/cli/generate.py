"""`reqgen generate`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from reqgen.cli.console import FILE, FOLDER, findings_text, library_options, say, sources
from reqgen.files import bundled, shown, write_whole
from reqgen.model.diagnostic import Diagnostic, NotInOrderError, Place, ReqgenError

if TYPE_CHECKING:
    from reqgen.model.document import Document
    from reqgen.model.outline import Outline
    from reqgen.pipeline.reading import Tender


class Order(Struct, frozen=True):
    """One file to write: where, which document, for which lot."""

    path: Path
    document: str
    lot: int | None = None


@click.command()
@click.argument("project", type=FILE, metavar="PROJET")
@click.option(
    "-o",
    "--output",
    "outputs",
    type=FILE,
    metavar="FICHIER",
    multiple=True,
    required=True,
    help="Fichier à écrire, en .docx (répétable).",
)
@click.option(
    "--document",
    default="cctp",
    metavar="NOM",
    show_default=True,
    help="Document : cctp, ccp, lettre-consultation, annexe-numerique, annexe-rgpd, note-acheteur.",
)
@click.option(
    "--note", type=FILE, metavar="FICHIER", help="Écrit aussi la note à l'acheteur, document interne, dans ce fichier."
)
@click.option("--lot", type=int, metavar="N", help="Un seul lot, par son numéro.")
@click.option("--per-lot", is_flag=True, help="Un fichier par lot : « -lot1 », « -lot2 » s'ajoutent au nom.")
@click.option(
    "--template",
    type=FILE,
    metavar="FICHIER",
    help="Modèle Word de l'acheteur (.docx) : styles, logo, en-tête, pied de page.",
)
@click.option("--paginate", is_flag=True, help="Met les numéros de page au sommaire (demande LibreOffice).")
@click.option("--draft", is_flag=True, help="Accepte les questions sans réponse : les clauses à décider sont marquées.")
@click.option(
    "--require-status",
    "required",
    type=click.Choice(["relu", "validé"]),
    help="Refuse de produire si une clause retenue n'a pas au moins ce statut de relecture.",
)
@click.option("--force", is_flag=True, help="Remplace même un fichier étranger ou modifié depuis.")
@click.option(
    "--root", type=FOLDER, metavar="DOSSIER", help="Dossier où doivent se trouver les fichiers nommés par le projet."
)
@library_options
def generate_command(
    project: Path,
    outputs: tuple[Path, ...],
    document: str,
    note: Path | None,
    lot: int | None,
    per_lot: bool,
    template: Path | None,
    paginate: bool,
    draft: bool,
    required: str | None,
    force: bool,
    root: Path | None,
    library: Path | None,
    packs: tuple[Path, ...],
    templates: Path | None,
) -> None:
    """Produit un document du marché décrit par PROJET."""
    from reqgen.pipeline.documents import assemble, outline_named
    from reqgen.pipeline.reading import read_outlines, read_tender

    where = sources(library, packs, templates, root)
    tender = read_tender(project, where)
    outlines = read_outlines(where)
    orders = list(_orders(tender, outputs, document, note, lot, per_lot))
    if required is not None:
        _require(required, tender, orders, draft)
    documents = [
        assemble(tender, outline_named(outlines, order.document), lot=order.lot, draft=draft) for order in orders
    ]
    _refuse_overwriting(orders, project, force)
    look = look_of(template, tender, root)
    results = [_rendered(item, order, look, paginate) for item, order in zip(documents, orders, strict=True)]
    for order, data in zip(orders, results, strict=True):
        write_whole(order.path, data)
        say(f"écrit : {shown(order.path)}")
    _warn(tender, [outlines[order.document] for order in orders])


def _orders(
    tender: "Tender", outputs: Sequence[Path], document: str, note: Path | None, lot: int | None, per_lot: bool
) -> Iterator[Order]:
    if lot is not None and per_lot:
        raise click.UsageError("--lot et --per-lot s'excluent")
    numbers = [item.number for item in tender.project.lots]
    if per_lot and not numbers:
        raise click.UsageError("le marché n'est pas alloti : retirer --per-lot")
    for path in (*outputs, *((note,) if note else ())):
        if path.suffix.lower() != ".docx":
            raise ReqgenError(
                Diagnostic(
                    "unknown-format",
                    f"« {path.name} » : seul le format .docx est produit",
                    Place("-o"),
                    "donner un nom en .docx",
                )
            )
        name = "note-acheteur" if path is note else document
        if per_lot and path is not note:
            yield from (Order(path.with_stem(f"{path.stem}-lot{number}"), name, number) for number in numbers)
        else:
            yield Order(path, name, lot if path is not note else None)


def _require(required: str, tender: "Tender", orders: Sequence[Order], draft: bool) -> None:
    """Refuse a document of a lot that keeps a clause without the review asked for, and name each."""
    from reqgen.model.library import ReviewStatus
    from reqgen.pipeline.reviewing import lacking

    wanted = ReviewStatus(required)
    found = [finding for order in orders for finding in lacking(tender.selection, wanted, lot=order.lot, draft=draft)]
    if found:
        raise NotInOrderError(*dict.fromkeys(found))


def _refuse_overwriting(orders: Sequence[Order], project: Path, force: bool) -> None:
    from reqgen.render.digest import is_untouched

    paths = [order.path.resolve() for order in orders]
    if len(set(paths)) < len(paths) or project.resolve() in paths:
        raise click.UsageError("deux fichiers à écrire portent le même nom, ou celui du projet")
    for order in orders:
        if order.path.exists() and not force and not is_untouched(order.path.read_bytes()):
            raise ReqgenError(
                Diagnostic(
                    "foreign-file",
                    "le fichier existe et n'est pas de reqgen, ou a été modifié depuis",
                    Place(shown(order.path)),
                    "choisir un autre nom, ou ajouter --force pour le remplacer",
                )
            )


def look_of(template: Path | None, tender: "Tender", root: Path | None) -> tuple[bytes, str]:
    """The Word template's bytes and its name: the command line's, the project's, else the built-in one."""
    from reqgen.files import inside
    from reqgen.pipeline.reading import below

    if template is None and tender.project.template:
        base = root or tender.folder
        template = inside(base, below(tender.folder, base, tender.project.template), tender.project.place)
    path = template or bundled("templates") / "word" / "reference.docx"
    try:
        return path.read_bytes(), shown(path)
    except OSError:
        raise ReqgenError(
            Diagnostic("bad-template", "le modèle Word ne peut pas être lu", Place(shown(path)), "vérifier le chemin")
        ) from None


def _rendered(document: "Document", order: Order, look: tuple[bytes, str], paginate: bool) -> bytes:
    from reqgen.render import docx

    data, name = look

    def write(pages: Mapping[str, int] | None) -> bytes:
        return docx.write(document, data, pages=pages, name=name)

    if not paginate:
        return write(None)
    from reqgen.model.document import Heading
    from reqgen.render.paginate import find_soffice
    from reqgen.render.paginate import paginate as laid_out

    say(f"mise en pages de {shown(order.path)} avec LibreOffice …")
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    return laid_out(write, find_soffice(), headings)


def _warn(tender: "Tender", outlines: Sequence["Outline"]) -> None:
    """What the officer should know before sending: no lawyer has read the clauses, and the warnings."""
    if tender.checked.findings:
        say(findings_text(tender.checked.findings, tender.checked.files))
    kept = {verdict.clause.id: verdict.clause for lot in tender.selection.lots for verdict in lot.kept()}
    drafts = sum(clause.review.status.value == "projet" for clause in kept.values())
    if drafts and any(outline.for_bidders for outline in outlines):
        unread = "clauses sur {} n'ont pas été relues" if drafts > 1 else "clause sur {} n'a pas été relue"
        say(f"attention : {drafts} {unread.format(len(kept))} par un juriste ; voir la note à l'acheteur (--note).")
