"""A document from its outline: nothing lost, nothing leaked, everything numbered."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st

from reqgen.assemble.build import build
from reqgen.model.diagnostic import ReqgenError
from reqgen.model.document import Contents, CrossReference, Heading, PageBreak, Paragraph, Style, Table
from tests.helpers import (
    ALL_PARTS,
    DOMAINS,
    FACTS,
    built,
    clause,
    headings,
    library_of,
    outline_of,
    select,
    source,
    tables,
    tags,
    words,
)

A, B, C, D = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010", "TST-DDD-010"
REST = {"bloc": "exigences", "themes": ["reste"]}
DELAY = {"libelle": "Délai", "type": "durée", "unite": "jours ouvrés", "defaut": 5, "min": 1, "max": 90}


def refused(selection, parts=None, **changes) -> str:
    with pytest.raises(ReqgenError) as raised:
        built(selection, parts, **changes)
    (finding,) = raised.value.diagnostics
    return finding.rule


def body(document) -> str:
    return words(*document.blocks)


# What a clause becomes


def test_a_clause_has_its_title_id_text_level_and_checks():
    item = clause(
        A,
        titre="Délai de correction",
        texte="Le titulaire doit corriger sous {{ delai }}.\n\n- un ;\n- deux.",
        parametres={"delai": DELAY},
        verification=[
            {
                "phase": "exécution",
                "mode": "document",
                "par": "tiers",
                "methode": "Un retard de {{ delai }} vaut échec.",
            }
        ],
    )
    document = built(select(library_of([item])))
    heading = next(block for block in headings(document) if block.tag)
    assert (heading.text, heading.tag) == ("Délai de correction", A)
    text = body(document)
    assert "corriger sous 5 jours ouvrés." in text
    assert "un ;\ndeux." in text
    assert "Un retard de 5 jours ouvrés vaut échec." in text
    assert "Exigé" in text and "un tiers" in text
    checks = [block for block in document.blocks if isinstance(block, Paragraph) and block.style is Style.VERIFICATION]
    assert len(checks) == 1


def test_levels_in_words():
    library = library_of([clause(A, niveau="valorisé", sous_critere="Ergonomie"), clause(B, niveau="pse")])
    text = body(built(select(library)))
    assert "« Ergonomie »" in text and "Prestation supplémentaire éventuelle" in text


def test_the_date_from_which_a_clause_applies_is_written():
    document = built(select(library_of([clause(A, en_vigueur_du="2027-09-01"), clause(B)])))
    assert body(document).count("à compter du 1er septembre 2027") == 1


def test_an_undecided_clause_is_marked_in_a_draft_and_absent_otherwise():
    selection = select(library_of([clause(A, si={"paiement": "oui"}), clause(B)]))
    document = build(selection, outline_of(), draft=True)
    warnings = [block for block in document.blocks if isinstance(block, Paragraph) and block.style is Style.WARNING]
    assert document.draft and tags(document) == [A, B]
    assert len(warnings) == 1 and "Un paiement en ligne est-il attendu ?" in words(*warnings)
    assert tags(build(selection, outline_of())) == [B]


# Numbers


PLAN = [
    {
        "titre": "Premier",
        "parties": [
            {"titre": "Un", "contenu": [{"texte": "a"}]},
            {"titre": "Deux", "contenu": [{"texte": "b"}]},
            {"titre": "Vide"},
        ],
    },
    {"titre": "Vide", "contenu": [{"bloc": "besoins"}]},
    {"titre": "Exigences", "contenu": [REST]},
    {"titre": "Annexe", "numerotee": "non", "contenu": [{"texte": "c"}], "parties": [{"titre": "Dedans", "contenu": [{"texte": "d"}]}]},
    {"titre": "Dernier", "contenu": [{"texte": "e"}]},
]  # fmt: skip


def test_numbers():
    library = library_of([clause(A), clause(B, theme="service"), clause(C, theme="service")])
    document = built(select(library), PLAN)
    assert [(block.number, block.level, block.tag or block.text) for block in headings(document)] == [
        ("1", 1, "Premier"),
        ("1.1", 2, "Un"),
        ("1.2", 2, "Deux"),
        ("2", 1, "Exigences"),
        ("2.1", 2, "Exigences de base"),
        ("2.1.1", 3, A),
        ("2.2", 2, "Niveaux de service"),
        ("2.2.1", 3, B),
        ("2.2.2", 3, C),
        ("", 1, "Annexe"),
        ("", 2, "Dedans"),
        ("3", 1, "Dernier"),
    ]


def test_front_matter_and_properties():
    library = library_of([clause(A)])
    document = built(
        select(library),
        couverture=[
            {"style": "CouvertureTitre", "texte": "{{ objet }}"},
            {"style": "CouvertureDetail", "texte": "{% if lot %}x{% endif %}"},
        ],
        en_tete="{{ acheteur }}",
        pied_de_page="{{ reference }}",
        sommaire="Sommaire",
    )  # fmt: skip
    kinds = [type(block) for block in document.blocks]
    assert kinds[:4] == [Paragraph, PageBreak, Contents, PageBreak]
    assert document.meta.header == "Ville de Demo" and document.meta.footer == "2027-01"
    assert document.meta.date == "2026-11-24"
    assert "Fourniture d’une solution" in document.meta.title + document.meta.subject


# Nothing lost


def test_a_theme_without_a_place_is_refused():
    library = library_of([clause(A), clause(B, theme="service")])
    only_base = [{"titre": "Base", "contenu": [{"bloc": "exigences", "themes": ["base"]}]}]
    assert refused(select(library), only_base) == "unplaced-clause"
    assert tags(built(select(library), [*only_base, {"titre": "Reste", "contenu": [REST]}])) == [A, B]
    assert tags(built(select(library, exclusions=[{"clause": B, "motif": "Choix"}]), only_base)) == [A]


def test_a_lot_without_a_place_is_refused():
    library = library_of([clause(A), clause(B)])
    lots = [
        {"numero": 1, "titre": "Un", "exclusions": [{"clause": B, "motif": "Choix"}]},
        {"numero": 2, "titre": "Deux"},
    ]
    assert refused(select(library, lots=lots), [{"titre": "Commun", "contenu": [REST]}]) == "unplaced-clause"


def test_unknown_slot():
    assert (
        refused(select(library_of([clause(A)])), [{"titre": "Un", "contenu": [REST, {"bloc": "exigence"}]}])
        == "unknown-slot"
    )


def test_rest_is_what_no_other_slot_names():
    library = library_of([clause(A), clause(B, theme="service")])
    service = {"titre": "Service", "contenu": [{"bloc": "exigences", "themes": ["service"]}]}
    document = built(select(library), [{"titre": "Reste", "contenu": [REST]}, service])
    written = [block.tag or block.text for block in headings(document)]
    assert tags(document) == [A, B]
    assert written.index("Reste") < written.index(A) < written.index("Service") < written.index(B)


# Nothing leaked


def test_a_clause_stands_only_in_its_piece():
    library = library_of([
        clause(A), clause(B, piece="ccap", texte="Le titulaire doit payer."), clause(C, piece="rc"), clause(D, piece="annexe-rgpd"),
    ])  # fmt: skip
    selection = select(library)
    text = body(built(selection))
    assert tags(built(selection)) == [A]
    assert B not in text and "doit payer" not in text and C not in text and D not in text
    assert tags(built(selection, pieces=["annexe-rgpd"])) == [D]
    note = [{"titre": "CCAP", "contenu": [{**REST, "pieces": ["ccap"]}]}]
    assert tags(built(selection, note, pieces=None, destinataires="acheteur")) == [B]


@pytest.mark.parametrize("disclosure", ["restreint", "interne"])
def test_restricted_clauses_stay_out_of_what_bidders_read(disclosure):
    secret = clause(
        B,
        diffusion=disclosure,
        titre="Titre caché",
        texte="Le titulaire doit garder un secret.",
        reponse="preuve",
        livrables=[{"nom": "Livrable caché", "jalon": "exécution"}],
        sources=[{"id": "source-cachee"}],
        verification=[{"phase": "offre", "mode": "test", "par": "tiers", "methode": "Méthode cachée, sinon échec."}],
    )
    library = library_of([clause(A), secret], glossary=[{"terme": "secret", "definition": "Chose cachée."}])
    parts = [
        *ALL_PARTS,
        {"titre": "Tables", "contenu": [{"bloc": name} for name in ("livrables", "phases", "references", "glossaire")]},
    ]
    selection = select(library)
    text = body(built(selection, parts))
    for word in (B, "caché", "secret", "offre"):
        assert word not in text, word
    assert tags(built(selection, parts, diffusions=["public", disclosure], destinataires="acheteur")) == [A, B]


def test_questions_stand_in_the_response_frame_only():
    question = clause(
        B, nature="question", texte="Le candidat décrit son astreinte.", reponse="description", titre="Astreinte"
    )
    document = built(select(library_of([clause(A), question])))
    assert tags(document) == [A]
    (frame,) = tables(document)
    assert words(*[block for block in document.blocks if block is not frame]).count("astreinte") == 0
    assert "Le candidat décrit son astreinte." in words(frame)


def test_response_frame_holds_what_asks_for_an_answer_and_nothing_else():
    answers = [
        clause(A),
        clause(B, reponse="déclaration"),
        clause(C, reponse="preuve"),
        clause(D, reponse="description", piece="rc"),
    ]
    document = built(select(library_of(answers), besoins=[{"module": "M", "exigences": [{"texte": "Le titulaire doit trier."}]}]),
                     [*ALL_PARTS, {"titre": "Besoins", "contenu": [{"bloc": "besoins"}]}])  # fmt: skip
    (frame,) = tables(document)
    elsewhere = f"{D} (règlement de la consultation)"  # an answer is asked there, and given here
    assert [words_of(row[0]) for row in frame.rows] == ["BF-01-01", B, C, elsewhere]
    assert [words_of(row[2]) for row in frame.rows] == ["Déclaration", "Déclaration", "Preuve", "Description"]


def words_of(cell) -> str:
    """The text of a cell without the number that a cross-reference shows."""
    return "".join(inline.text for inline in cell.inlines if not isinstance(inline, CrossReference)).strip()


SECRETS = {
    "motif": "RAISON-SECRETE",
    "valeur": 987654,
    "exclusion": "EXCLUSION-SECRETE",
}


def test_what_is_for_the_buyer_alone_is_not_written():
    library = library_of(
        [clause(A, motif=SECRETS["motif"], sources=[{"id": "s"}]), clause(B)],
        sources=[source("s", note="RESERVE-SECRETE")],
    )
    selection = select(
        library,
        marche={"valeur_estimee_ht": SECRETS["valeur"], "duree_mois": 24},
        exclusions=[{"clause": B, "motif": SECRETS["exclusion"]}],
    )
    parts = [*ALL_PARTS, {"titre": "Références", "contenu": [{"bloc": "references"}, {"bloc": "livrables"}]}]
    document = built(selection, parts)
    text = body(document) + repr(document.meta)
    for word in ("SECRETE", "987654", "987 654", "projet.yaml"):
        assert word not in text, word


# Tables


def test_glossary_holds_only_the_words_in_use():
    glossary = [
        {"terme": "PES v2", "definition": "Protocole.", "formes": ["PES"]},
        {"terme": "recette", "definition": "Essai."},
        {"terme": "API", "definition": "Interface."},
        {"terme": "SEDA", "definition": "Archives."},
    ]
    item = clause(A, texte="Le titulaire doit livrer le PES et les recettes, sans rapi ni api.")
    plan = [*ALL_PARTS, {"titre": "Glossaire", "contenu": [{"bloc": "glossaire"}]}]
    document = built(select(library_of([item], glossary=glossary)), plan)
    (table,) = tables(document)
    assert [words_of(row[0]) for row in table.rows] == ["PES v2"]
    used = clause(A, texte="Le titulaire doit livrer l'API de recette.")
    document = built(select(library_of([used], glossary=glossary)), plan)
    assert [words_of(row[0]) for row in tables(document)[0].rows] == ["API", "recette"]
    nothing = built(select(library_of([clause(A)], glossary=glossary)), plan)
    assert "Glossaire" not in [block.text for block in headings(nothing)]


def test_the_letters_of_an_id_are_no_word_but_a_term_with_a_hyphen_is():
    glossary = [{"terme": name, "definition": "Un terme."} for name in ("CERT-FR", "SHA-256", "TST", "AAA", "BF")]
    item = clause(A, texte="Le titulaire doit suivre les avis du CERT-FR et l'empreinte SHA-256.")
    need = {"module": "Suivi", "exigences": [{"id": "BF-01", "titre": "Un besoin", "texte": "Suivre."}]}
    plan = [{"titre": "Besoins", "contenu": [{"bloc": "besoins"}]}, *ALL_PARTS]
    plan += [{"titre": "Glossaire", "contenu": [{"bloc": "glossaire"}]}]
    document = built(select(library_of([item], glossary=glossary), besoins=[need]), plan)
    assert [words_of(row[0]) for row in tables(document)[-1].rows] == ["CERT-FR", "SHA-256"]


def test_references_are_those_cited_by_what_is_written():
    library = library_of([
        clause(A, sources=[{"id": "cite"}]),
        clause(B, sources=[{"id": "ecartee"}], si={"paiement": "oui"}),
        clause(C, sources=[{"id": "autre-piece"}], piece="ccap"),
    ])  # fmt: skip
    plan = [*ALL_PARTS, {"titre": "Références", "contenu": [{"bloc": "references"}]}]
    (table,) = tables(built(select(library, faits={"paiement": "non"}), plan))
    assert [words_of(row[0]) for row in table.rows] == ["Code de démonstration cite"]


def test_references_are_in_the_order_of_their_titles():
    registry = [("c", "Décret n° 2026-10"), ("d", "Décret n° 2026-9"), ("a", "Écoconception"), ("b", "Code de demain")]
    library = library_of(
        [clause(A, sources=[{"id": name} for name, _ in registry])],
        sources=[source(name, titre=title) for name, title in registry],
    )
    plan = [*ALL_PARTS, {"titre": "Références", "contenu": [{"bloc": "references"}]}]
    (table,) = tables(built(select(library), plan))
    shown = [words_of(row[0]).replace("\u00a0", " ") for row in table.rows]
    assert shown == ["Code de demain", "Décret n° 2026-9", "Décret n° 2026-10", "Écoconception"]


def test_the_note_tells_of_a_source_whose_date_is_to_be_found_and_of_no_other():
    said = {"a": "à établir", "b": "édition datée", "c": "tenue à jour"}
    registry = [
        {
            key: value
            for key, value in source(name, nature="doctrine", titre=f"Guide {name} de 2024").items()
            if key != "en_vigueur_du"
        }
        | {"sans_date": why}
        for name, why in said.items()
    ]
    library = library_of([clause(A, sources=[{"id": name} for name in said])], sources=registry)
    (table,) = tables(
        built(select(library), [{"titre": "Sources", "contenu": [{"bloc": "sources-a-revoir"}]}], pieces=[])
    )
    assert [words_of(row[0]) for row in table.rows] == ["Guide a de 2024"]


def test_deliverables_and_phases():
    library = library_of([
        clause(
            A,
            texte="Le titulaire doit livrer sous {{ delai }}.",
            parametres={"delai": DELAY},
            livrables=[
                {"nom": "Bilan", "jalon": "fin de marché"},
                {"nom": "Plan", "jalon": "notification", "delai": "sous {{ delai }}"},
            ],
            verification=[
                {"phase": "fin de marché", "mode": "test", "par": "acheteur", "methode": "Un écart vaut échec."},
                {"phase": "offre", "mode": "test", "par": "acheteur", "methode": "Un écart vaut échec."},
            ],
        ),
        clause(B),
    ])  # fmt: skip
    plan = [*ALL_PARTS, {"titre": "Tables", "contenu": [{"bloc": "livrables"}, {"bloc": "phases"}]}]
    deliverables, phases = tables(built(select(library), plan))
    assert [words_of(row[0]) for row in deliverables.rows] == ["Plan", "Bilan"]  # in the order of milestones
    assert "5 jours ouvrés" in words(deliverables)
    assert [words_of(row[0]) for row in phases.rows] == ["Offre", "Exécution", "Fin de marché"]


def references_in(document) -> list[CrossReference]:
    return [
        inline
        for table in tables(document)
        for row in table.rows
        for cell in row
        for inline in cell.inlines
        if isinstance(inline, CrossReference)
    ]


def test_cross_references_show_the_number_of_their_heading():
    library = library_of(
        [clause(A, reponse="preuve", livrables=[{"nom": "Plan", "jalon": "exécution"}]), clause(B, theme="service")]
    )
    plan = [*ALL_PARTS, {"titre": "Tables", "contenu": [{"bloc": "livrables"}, {"bloc": "phases"}]}]
    document = built(select(library), plan)
    numbers = {block.anchor: block.number for block in headings(document)}
    found = references_in(document)
    assert len(found) == 4
    for reference in found:
        assert reference.text == numbers[reference.target]


# The officer's own words


INJECTION = "**gras** # Titre {{ 7 * 7 }} {% if x %} <b>html</b> | a | [lien](http://x) `code`"


def test_words_of_the_project_never_become_markup():
    library = library_of([clause(A, domaines=["finances"])], domains=DOMAINS)
    plan = [
        {"titre": "Objet {{ objet }}", "contenu": [{"texte": "{{ objet }}, {{ acheteur }}, {{ reference }}, {{ version }}."}]},
        {"titre": "Lots", "contenu": [{"texte": "{% for lot in lots %}{{ lot.titre }}{% endfor %}"}]},
        {"titre": "Parties", "contenu": [{"bloc": "lots"}, {"bloc": "acheteurs"}]},
        {"titre": "Tables", "contenu": [{"bloc": "existant"}, {"bloc": "volumes"}, {"bloc": "traitement"}]},
        {"titre": "Besoins", "contenu": [{"bloc": "besoins"}]},
        *ALL_PARTS,
    ]  # fmt: skip
    need = {"titre": INJECTION, "texte": "Le titulaire doit trier.", "verification": INJECTION}
    document = built(
        select(
            library,
            reference=INJECTION[:60],
            version=INJECTION[:20],
            objet=INJECTION,
            domaines=["finances"],
            acheteurs=[{"nom": INJECTION, "type": "commune", "coordonnateur": "oui"}, {"nom": "Autre", "type": "epci"}],
            existant=[{"logiciel": INJECTION, "editeur": INJECTION, "role": INJECTION, "echanges": INJECTION}],
            volumes=[{"libelle": INJECTION, "valeur": INJECTION[:80], "unite": INJECTION[:60], "date": INJECTION[:60]}],
            besoins=[{"module": INJECTION, "exigences": [need]}],
            traitement={"objet": INJECTION, "nature": [INJECTION], "durees": INJECTION},
            lots=[{"numero": 1, "titre": INJECTION}, {"numero": 2, "titre": "Deux"}],
        ),
        plan,
        couverture=[{"style": "CouvertureObjet", "texte": "{{ objet }}"}],
        en_tete="{{ objet }}",
        pied_de_page="{{ acheteur }}",
    )  # fmt: skip
    text = body(document) + document.meta.header + document.meta.footer + document.meta.title
    flat = text.replace("\u00a0", " ")
    assert flat.count("**gras** # Titre") >= 15
    assert "49" not in flat and "{% if x %}" in flat and "<b>html</b>" in flat and "[lien](http://x)" in flat
    runs = [inline for block in document.blocks if isinstance(block, Paragraph) for inline in block.inlines]
    assert not any(getattr(inline, "strong", False) for inline in runs)
    assert all(len(row) == len(table.header) for table in tables(document) for row in table.rows)


def test_the_list_of_members_says_every_kind_of_an_authority_that_is_two():
    members = [
        {"nom": "Métropole", "type": ["epci", "région"], "coordonnateur": "oui"},
        {"nom": "Ville", "type": "commune"},
    ]
    document = built(
        select(library_of([clause()]), acheteurs=members),
        [{"titre": "Parties", "contenu": [{"bloc": "acheteurs"}]}, *ALL_PARTS],
    )
    (listed,) = [table for table in tables(document) if "Métropole" in words(table)]
    said = words(listed)
    assert "Métropole (coordonnateur)\nEPCI ; Région" in said and "Ville\nCommune" in said


def test_the_context_is_simple_markdown_and_cannot_add_headings():
    document = built(
        select(
            library_of([clause(A)]),
            contexte="# Titre\n\nUn **mot**.\n\n- a\n- b\n\n<b>x</b>\n\n    code\n\n{{ objet }}",
        ),
        [{"titre": "Contexte", "contenu": [{"bloc": "contexte"}]}, *ALL_PARTS],
    )
    assert [block.text for block in headings(document) if block.level == 1 or block.tag] == [
        "Contexte",
        "Exigences",
        f"Clause {A}",
    ]
    assert "Titre" not in [block.text for block in headings(document)]
    text = body(document)
    for word in ("Titre", "Un mot.", "a\nb", "<b>x</b>", "code", "[objet]"):
        assert word in text


def need(what: str, **keys: str) -> dict:
    return {"texte": f"Le titulaire doit {what}.", **keys}


def test_needs_have_ids_free_of_clashes():
    needs = [
        {"module": "Un", "exigences": [need("A"), need("B", id="BF-01-02"), need("C")]},
        {"module": "Deux", "exigences": [need("D"), need("E", id="BF-ABS-01")]},
    ]
    plan = [{"titre": "Besoins", "contenu": [{"bloc": "besoins"}]}, *ALL_PARTS]
    library = library_of([clause(A)])
    document = built(select(library, besoins=needs), plan)
    assert tags(document) == ["BF-01-01", "BF-01-02", "BF-01-03", "BF-02-01", "BF-ABS-01", A]
    lots = [
        {"numero": 1, "titre": "Un", "besoins": needs[:1]},
        {"numero": 2, "titre": "Deux", "besoins": [{"module": "Un", "exigences": [need("F")]}]},
    ]
    both = [plan[0], ALL_PARTS[0], {**ALL_PARTS[1], "contenu": [*ALL_PARTS[1]["contenu"], {"bloc": "besoins"}]}]
    found = [tag for tag in tags(built(select(library, lots=lots), both)) if tag.startswith("BF")]
    assert len(found) == len(set(found)) == 4


def test_applications_volumes_and_exchanges_are_written():
    exchanges = [{"plateforme": "Hélios", "sens": "émission", "cadre": "PES v2"}]
    library = library_of([clause(A)], domains=[{**DOMAINS[0], "echanges": exchanges}])
    plan = [
        {"titre": "Contexte", "contenu": [{"bloc": "existant"}, {"bloc": "volumes"}, {"bloc": "echanges"}]},
        *ALL_PARTS,
    ]
    document = built(
        select(
            library,
            domaines=["finances"],
            existant=[{"logiciel": "Logiciel de paie", "role": "Paie"}],
            volumes=[{"libelle": "Mandats", "valeur": 1850, "unite": "par an", "date": "2025"}],
        ),
        plan,
    )
    text = body(document)
    for word in ("Logiciel de paie", "Mandats", "1 850 par an", "Hélios", "PES v2"):
        assert word in text


# Lots


LOT_IDS = (A, B, C, D)


@st.composite
def lots(draw):
    count = draw(st.integers(1, 3))
    return [
        {
            "numero": number,
            "titre": f"Lot {number}",
            "faits": {"paiement": draw(st.sampled_from(["oui", "non"])), "archives": draw(st.sampled_from(["oui", "non"]))},
            **({"exclusions": [{"clause": draw(st.sampled_from(LOT_IDS)), "motif": "Choix"}]} if draw(st.booleans()) else {}),
            **({"parametres": {A: {"delai": draw(st.integers(1, 3))}}} if draw(st.booleans()) else {}),
            **({"domaines": [draw(st.sampled_from(["finances", "famille"]))]} if draw(st.booleans()) else {}),
        }
        for number in range(1, count + 1)
    ]  # fmt: skip


LOT_LIBRARY = library_of([
    clause(A, texte="Le titulaire doit corriger sous {{ delai }}.", parametres={"delai": DELAY}, reponse="preuve"),
    clause(B, si={"paiement": "oui"}, theme="service", reponse="preuve"),
    clause(C, si={"archives": "oui"}),
    clause(D, domaines=["finances"], theme="service"),
])  # fmt: skip


@quick(max_examples=60)
@given(lots=lots(), common=st.integers(4, 6))
def test_every_kept_clause_is_written_once_for_each_lot(lots, common):
    selection = select(LOT_LIBRARY, lots=lots, domaines=["finances"], parametres={A: {"delai": common}})
    document = built(selection)
    for part in selection.lots:
        number = part.lot.number
        written = written_for(document, number)
        names = [tag for tag, _ in written]
        kept = [verdict.clause.id for verdict in part.kept()]
        assert sorted(names) == sorted(kept), f"lot {number}"
        own = next(lot for lot in lots if lot["numero"] == number)
        delay = own.get("parametres", {}).get(A, {}).get("delai", common)
        wanted = f"corriger sous {delay} jour{'s' * (delay > 1)} ouvré{'s' * (delay > 1)}."
        if A in kept:
            assert wanted in dict(written)[A]
        alone = build(selection, outline_of(), only_lot=number)
        assert sorted(tags(alone)) == sorted(kept)
        assert A not in kept or wanted in body(alone)
    check_anchors(document)


def written_for(document, lot: int) -> list[tuple[str, str]]:
    """(id, text) of each requirement that the common part or the lot's part holds."""
    found: list[tuple[str, str]] = []
    inside, current = True, ""
    for block in document.blocks:
        if isinstance(block, Heading):
            if block.level == 1:
                match = re.fullmatch(r"Lot\s(\d+)", block.text)
                inside = match is None or int(match[1]) == lot
            current = block.tag
            if inside and block.tag:
                found.append((block.tag, ""))
        elif inside and current and found and isinstance(block, Paragraph):
            found[-1] = (found[-1][0], found[-1][1] + words(block))
    return found


def check_anchors(document) -> None:
    """Each bookmark has a name of its own that Word accepts, and each cross-reference points at one."""
    anchors = [block.anchor for block in headings(document)]
    assert len(anchors) == len(set(anchors))
    assert all(re.fullmatch(r"[A-Za-z_]\w{0,39}", anchor, re.ASCII) for anchor in anchors)
    assert {reference.target for reference in references_in(document)} <= set(anchors)


@pytest.mark.parametrize("piece", ["cctp", "annexe-securite"])
def test_anchors_differ_however_long_the_names_are(piece):
    themes = [
        ("exigences-echanges-entre-administrations-un", "Un"),
        ("exigences-echanges-entre-administrations-deux", "Deux"),
    ]
    items = [
        clause(f"TSTLO-{name}-{number}0", theme=theme, piece=piece, reponse="preuve", si={"paiement": "oui"} if number == 12 else None)
        for theme, name in ((themes[0][0], "ABCDE"), (themes[1][0], "ABCDF"))
        for number in (11, 12)
    ]  # fmt: skip
    library = library_of(items, themes=themes)
    lots = [
        {
            "numero": number,
            "titre": "L",
            "faits": {"paiement": "oui"},
            "exclusions": [{"clause": items[number % 3]["id"], "motif": "Choix"}],
        }
        for number in (1, 2, 99)
    ]
    check_anchors(built(select(library, lots=lots), pieces=[piece]))


def test_sections_of_tables_and_lots_are_in_order():
    lots = [
        {"numero": 2, "titre": "Deux", "faits": {"paiement": "oui"}},
        {"numero": 1, "titre": "Un", "faits": {"paiement": "non"}},
    ]
    document = built(select(LOT_LIBRARY, lots=lots, faits={"archives": "oui"}, domaines=["finances"]))
    levels = [block.level for block in headings(document)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels)), "no level is skipped"
    assert all(isinstance(block, Table) and block.caption for block in tables(document))


def test_the_note_speaks_of_questions_not_of_files():
    """Its reader has the questions before him, and may never see a file."""
    clauses = [clause(A, si={"paiement": "oui"}), clause(B, si={"paiement": "non"})]
    selection = select(library_of(clauses), faits={"paiement": "oui"})
    slots = [{"titre": "Clauses", "contenu": [{"bloc": name} for name in ("clauses-retenues", "clauses-ecartees")]}]
    said = body(built(selection, slots, pieces=None, destinataires="acheteur")).replace("\u00a0", " ")
    label = next(fact["libelle"] for fact in FACTS if fact["id"] == "paiement")
    assert said.count(f"« {label} » : oui") == 2 and "vaut oui" not in said and ".yaml:" not in said


@pytest.mark.parametrize(("kind", "told"), [("texte", "date d'effet : 1er avril 2019"), ("doctrine", "1er avril 2019")])
def test_only_what_comes_into_force_has_a_date_of_effect(kind, told):
    library = library_of([clause(A, sources=[{"id": "s"}])], sources=[source("s", nature=kind)])
    plan = [*ALL_PARTS, {"titre": "Références", "contenu": [{"bloc": "references"}]}]
    said = body(built(select(library), plan)).replace("\u00a0", " ").replace("’", "'")
    assert told in said and ("date d'effet" in said) is (kind == "texte")
