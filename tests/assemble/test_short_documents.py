"""What short documents are made of: forms of a clause, limits, pieces apart, words of a document alone."""

import pytest

from reqgen.model.document import Contents, CrossReference, Heading, PageBreak, Paragraph, Style
from tests.helpers import built, clause, headings, library_of, outline_of, project_of, select, tables, tags, words

A, B, C, D = "TST-AAA-010", "TST-BBB-010", "TST-CCC-010", "TST-DDD-010"
REST = {"bloc": "exigences", "themes": ["reste"]}
SHORT = [{"titre": "Tout", "contenu": [{"bloc": "exigences-courtes", "themes": ["reste"]}]}]


def part(**slot):
    return [{"titre": "Tout", "contenu": [{**REST, **slot}]}]


def small_print(document):
    return [
        words(block) for block in document.blocks if isinstance(block, Paragraph) and block.style is Style.VERIFICATION
    ]


def test_the_full_form_has_themes_and_whole_checks():
    document = built(select(library_of([clause(A)])), part())
    assert "Exigences de base" in [title.text for title in headings(document)]
    assert "Vérification (exécution, test, par l'acheteur)" in small_print(document)[0].replace("’", "'")


def test_the_concise_form_says_level_and_method_alone():
    document = built(select(library_of([clause(A), clause(B, theme="service")])), part(forme="concise"))
    assert tags(document) == [A, B] and "Exigences de base" not in [title.text for title in headings(document)]
    assert small_print(document) == ["Exigé. Vérification : L’essai est joué ; un écart vaut échec."] * 2
    assert [title.level for title in headings(document) if title.tag] == [2, 2]


def test_the_text_form_says_the_level_when_it_matters():
    library = library_of([clause(A), clause(B, niveau="pse"), clause(C, niveau="valorisé", sous_critere="Aide")])
    document = built(select(library), part(forme="texte"))
    assert tags(document) == [A, B, C]
    assert small_print(document) == ["Prestation supplémentaire éventuelle.", "Valorisé (sous-critère « Aide »)."]


def test_a_single_theme_in_a_brief_form_keeps_its_first_clause():
    document = built(
        select(library_of([clause(A), clause(B)])),
        [{"titre": "Base", "contenu": [{"bloc": "exigences", "themes": ["base"], "forme": "concise"}]}],
    )
    assert tags(document) == [A, B]


def test_pieces_have_chapters_of_their_own():
    library = library_of([
        clause(A), clause(B, theme="service"), clause(C, piece="ccap"), clause(D, piece="ccap", theme="service"),
    ])  # fmt: skip
    parts = [
        {"titre": "Administratif", "contenu": [{**REST, "pieces": ["ccap"]}]},
        {"titre": "Service", "contenu": [{"bloc": "exigences", "themes": ["service"], "pieces": ["cctp"]}]},
        {"titre": "Technique", "contenu": [{**REST, "pieces": ["cctp"]}]},
    ]
    document = built(select(library), parts, pieces=["cctp", "ccap"])
    # « reste » leaves aside the themes that slots of the same pieces name, and only them
    assert tags(document) == [C, D, B, A]


LONG = """\
Le titulaire doit livrer la fonction décrite à l'article R. 2111-4 du code de la commande publique (CCP). Il la maintient.

Seconde phrase."""


def test_short_requirements_are_sentences_and_titles():
    library = library_of([
        clause(A, texte=LONG, reponse="description", titre="Fonction"),
        clause(B, texte="Le titulaire doit remettre :\n\n- un plan ;\n- un relevé.", reponse="preuve", titre="Remises"),
        clause(C, titre="Aide", niveau="pse"),
        clause(D, titre="Service", theme="service"),
        clause("TST-EEE-010", titre="Prix", piece="ccap"),
        clause("TST-FFF-010", nature="question", reponse="preuve", texte="Le candidat décrit son offre."),
    ])  # fmt: skip
    needs = [{"module": "Suivi", "exigences": [{"titre": "Liste", "texte": "Le titulaire doit trier. Puis exporter."}]}]
    document = built(select(library, besoins=needs), SHORT, pieces=["cctp", "ccap"])
    text = words(*document.blocks).replace("’", "'")
    first = "Le titulaire doit livrer la fonction décrite à l'article R. 2111-4 du code de la commande publique (CCP)."
    for line in (
        "Liste (BF-01-01) : Le titulaire doit trier.",
        f"Fonction ({A}) : {first}",
        f"Remises ({B}) : Le titulaire doit remettre …",
        f"Exigences de base : Aide ({C} ; Prestation supplémentaire éventuelle) ; Prix (TST-EEE-010).",
        f"Niveaux de service : Service ({D}).",
    ):
        assert line in text.splitlines(), (line, text)
    for word in ("Il la maintient", "Seconde phrase", "Puis exporter", "un plan", "Le candidat décrit"):
        assert word not in text
    assert "**" not in text and tags(document) == []


def test_parameters_and_markup_in_a_first_sentence():
    data = clause(
        A,
        texte="Le titulaire doit **corriger** en {{ delai }}. Il informe.",
        reponse="preuve",
        parametres={
            "delai": {"libelle": "D", "type": "durée", "unite": "jours ouvrés", "defaut": 3, "min": 1, "max": 9}
        },
    )
    text = words(*built(select(library_of([data])), SHORT).blocks)
    assert "Le titulaire doit corriger en 3 jours ouvrés." in text and "Il informe" not in text


def test_a_draft_marks_what_is_open():
    from reqgen.assemble.build import build

    selection = select(library_of([clause(A, si={"paiement": "oui"})]))
    document = build(selection, outline_of(SHORT), draft=True)
    assert f"({A} ; à décider avant publication)" in words(*document.blocks)


def deep(**changes):
    return [
        clause(A),
        clause(B, palier="standard"),
        clause(C, palier="standard", sources=[{"id": "s", "oblige_si": "toujours"}]),
        clause(D, palier="renforcé"),
    ]


def test_a_short_document_holds_a_tier_and_what_the_law_and_the_officer_add():
    added = [{"clause": D, "motif": "utile"}]
    selection = select(library_of(deep()), palier="standard", inclusions=added)
    assert tags(built(selection)) == [A, B, C, D]
    document = built(selection, retient={"palier": "essentiel"})
    assert tags(document) == [A, C, D]
    assert B not in words(*document.blocks)


def test_a_document_of_one_domain_holds_its_clauses_alone():
    library = library_of([clause(A, reponse="preuve"), clause(B, domaines=["finances"], reponse="preuve")])
    document = built(select(library, domaines=["finances"]), retient={"domaines": ["finances"]})
    assert tags(document) == [B]
    assert A not in words(*document.blocks)


def test_words_of_one_document_are_its_own():
    library = library_of([clause(A)])
    assert small_print(built(select(library), libelles={"exigence.exigé": "Impératif"}))[0].startswith("Impératif")
    assert small_print(built(select(library)))[0].startswith("Exigé")


def test_a_document_without_a_title_page():
    cover = [{"style": "TitreEnTete", "texte": "Lettre"}]
    whole = built(select(library_of([clause(A)])), couverture=cover, sommaire="Sommaire", page_de_garde="non")
    assert not any(isinstance(block, PageBreak) for block in whole.blocks)
    assert [type(block) for block in whole.blocks[:3]] == [Paragraph, Contents, Heading]
    assert sum(
        isinstance(block, PageBreak)
        for block in built(select(library_of([clause(A)])), couverture=cover, sommaire="S").blocks
    )


def test_words_about_the_contract():
    text = (
        "{{ duree }} mois, {{ reconductions.nombre }} fois {{ reconductions.mois }}, {{ forme }}, {{ procedure }}, "
        "{{ variantes }}, {{ remise }}, {{ adresse }} ; {% for v in volumes %}{{ v.libelle }} {{ v.quantite }} {{ v.date }}{% endfor %}"
    )
    changes = {
        "acheteurs": [{"nom": "Ville", "type": "commune", "adresse": "1 rue Haute"}],
        "marche": {
            "duree_mois": 24, "reconductions": {"nombre": 2, "duree_mois": 12}, "forme": "forfait", "procedure": "devis",
            "variantes": "interdites",
        },
        "calendrier": {"lancement": "2027-02-01", "remise": "2027-03-01"},
        "volumes": [{"libelle": "Mandats", "valeur": 1850, "unite": "par an", "date": "2025"}],
    }  # fmt: skip
    document = built(
        select(library_of([clause(A)]), **changes), [{"titre": "Mots", "contenu": [{"texte": text}, REST]}]
    )
    assert (
        "24 mois, 2 fois 12, forfait, devis, interdites, 1er mars 2027, 1 rue Haute ; Mandats 1 850 par an 2025"
        in words(*document.blocks)
    )


def test_what_the_contract_does_not_say_is_left_out():
    parts = [
        {
            "titre": "Mots",
            "contenu": [
                *({"si": word, "texte": f"dit {word}"} for word in ("duree", "reconductions", "remise", "derogations")),
                REST,
            ],
        }
    ]
    text = words(*built(select(library_of([clause(A)]), marche=None), parts).blocks)
    assert "dit " not in text


def test_departures_point_to_their_article():
    library = library_of([clause(A), clause(B, piece="ccap", deroge_a=["14.1.1", "14.2"])])
    parts = [{"titre": "Tout", "contenu": [REST]}, {"titre": "Dérogations", "contenu": [{"bloc": "derogations"}]}]
    (table,) = tables(built(select(library), parts, pieces=["cctp", "ccap"]))
    assert [words_of(row) for row in table.rows] == [
        ["14.1.1", f"1.1.2 {B} – Clause {B}"],
        ["14.2", f"1.1.2 {B} – Clause {B}"],
    ]
    assert isinstance(table.rows[0][1].inlines[0], CrossReference)


def words_of(row):
    return ["".join(inline.text for inline in cell.inlines).replace("\u00a0", " ") for cell in row]


def test_offers_are_due_between_launch_and_notification():
    for deadline in ("2027-01-01", "2027-05-01"):
        with pytest.raises(AssertionError, match="remise"):
            project_of(
                library_of([clause(A)]),
                calendrier={"lancement": "2027-02-01", "remise": deadline, "notification": "2027-04-01"},
            )
