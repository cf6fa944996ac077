"""A small tender document with every kind of block."""

from reqgen.model.document import (
    Block,
    Cell,
    Contents,
    CrossReference,
    Document,
    Heading,
    ItemList,
    Link,
    Meta,
    PageBreak,
    Paragraph,
    Style,
    Table,
    Text,
)

META = Meta(
    title="Cahier des clauses techniques particulières",
    subject="Acquisition d’un portail de démarches en ligne & services associés",
    author="Ville de Sainte-Agathe",
    reference="2026-DSI-014",
    header="Ville de Sainte-Agathe | CCTP | Portail de démarches",
    footer="N° 2026-DSI-014 – Portail de démarches – CCTP",
    date="2026-10-01",
)


def says(text: str, style: Style = Style.BODY) -> Paragraph:
    return Paragraph((Text(text),), style)


def cells(*texts: str, align: str = "left") -> tuple[Cell, ...]:
    return tuple(Cell((Text(text),), align if at else "left") for at, text in enumerate(texts))


def clause(number: str, title: str, tag: str) -> list[Block]:
    anchor = "clause_" + number.replace(".", "_")
    return [
        Heading(3, title, anchor, number, tag, in_contents=False),
        Paragraph(
            (
                Text("Le titulaire "),
                Text("met en œuvre", strong=True),
                Text(" les mesures décrites ci-après. Le délai de rétablissement n’excède pas "),
                Text("4 heures ouvrées", filled="delai"),
                Text(" après le signalement, du lundi au vendredi, dans les conditions de l’article "),
                CrossReference("chapter_1", "1"),
                Text(" et de la "),
                Link("https://www.legifrance.gouv.fr/codes/id/LEGI?a=1&b=é", "commande publique"),
                Text("."),
            )
        ),
        says("Le titulaire fournit :"),
        ItemList(
            (
                (says("un relevé mensuel des incidents, avec leur cause et leur durée ;"),),
                (
                    says("un plan d’assurance qualité, qui précise :"),
                    ItemList(((says("les rôles ;"),), (says("les livrables."),)), ordered=True),
                ),
                (says("un compte rendu de chaque comité."),),
            )
        ),
        says(
            "Vérification : en recette, essai de rétablissement ; en exploitation, relevé mensuel.",
            Style.VERIFICATION,
        ),
    ]


def chapter(number: int, title: str) -> list[Block]:
    blocks: list[Block] = [Heading(1, title, f"chapter_{number}", str(number))]
    for section in (1, 2):
        label = f"{number}.{section}"
        name = f"Engagements – {title}" if section == 1 else f"Contrôle et suivi de l’exécution – {title}"
        blocks.append(Heading(2, name, f"section_{number}_{section}", label))
        blocks.append(says("Le présent article s’applique à l’ensemble des prestations du marché. " * 4))
        for at in (1, 2):
            blocks += clause(f"{label}.{at}", "Rétablissement du service après incident", f"EXP-0{number}{section}{at}")
    return blocks


def volumes() -> Table:
    return Table(
        cells("Objet", "Volume annuel", "Pic mensuel"),
        (
            cells("Demandes d’actes d’état civil", "12 500", "1 900", align="right"),
            cells("Inscriptions scolaires et périscolaires", "3 200", "2 100", align="right"),
            cells("Signalements sur l’espace public", "8 400", "950", align="right"),
        ),
        "Volumes de demandes, à titre indicatif",
        (50, 25, 25),
    )


def cover() -> list[Block]:
    return [
        says("Ville de Sainte-Agathe", Style.COVER_BUYER),
        says("Cahier des clauses techniques particulières", Style.COVER_TITLE),
        says("Acquisition, mise en œuvre et maintenance d’un portail de démarches en ligne", Style.COVER_OBJECT),
        says("Marché n° 2026-DSI-014", Style.COVER_DETAIL),
        says(
            "Procédure adaptée – articles L. 2123-1 et R. 2123-1 du code de la commande publique",
            Style.COVER_DETAIL,
        ),
        says("Direction des systèmes d’information – 1, place de la Mairie", Style.COVER_DETAIL),
    ]


def sample(chapters: int = 4, *, draft: bool = False) -> Document:
    titles = ("Objet du marché", "Exigences de service", "Sécurité et données personnelles", "Réversibilité")
    blocks: list[Block] = [*cover(), PageBreak(), Contents("Sommaire"), PageBreak()]
    if draft:
        blocks.append(says("Ce document est un projet : deux réponses manquent.", Style.WARNING))
    for at in range(chapters):
        blocks += chapter(at + 1, titles[at % len(titles)])
        if at == 0:
            blocks += [says("Les volumes sont les suivants :"), volumes()]
            blocks.append(says("Ces volumes sont donnés à titre indicatif.", Style.NOTE))
    blocks += [
        PageBreak(),
        Heading(1, "Annexe – Glossaire", "annexe", ""),
        says("GTR : garantie de temps de rétablissement."),
    ]
    return Document(META, tuple(blocks), draft)
