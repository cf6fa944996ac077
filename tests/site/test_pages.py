"""What the pages say, read back with an independent parser of HTML."""

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from reqgen.files import bundled
from reqgen.fingerprint import clause_digest
from reqgen.pipeline.publishing import publish
from reqgen.pipeline.reading import Sources, read_library
from tests.helpers import DOMAINS, FACTS, as_yaml, clause, library_of, source, write_files, write_library
from tests.site.conftest import CLAUSES, HOSTED, LINKED, PARTS, RICH, SECRET, made

NBSP = "\u00a0"


def read(path: Path) -> html.HtmlElement:
    return html.document_fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))


def words(element: html.HtmlElement) -> str:
    """The text as one reads it: on one line, no-break spaces as spaces."""
    spaced = re.sub(
        r"</(td|th|dt|dd|li|p|h\d|caption|span|summary)>",
        r" </\1>",
        html.tostring(element, encoding="unicode", with_tail=False),
    )
    text = html.fragment_fromstring(spaced, create_parent="div").text_content()
    return re.sub(r" (?=[.,)])", "", " ".join(text.split()))


def section(page: html.HtmlElement, anchor: str) -> str:
    (found,) = page.xpath(f"//section[@aria-labelledby='{anchor}']")
    return words(found)


def entries(site: Path) -> list[dict[str, str]]:
    text = (site / "index-recherche.js").read_text("utf-8")
    return json.loads(text[text.index("= [") + 2 : text.rindex(";")])


def everything(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def test_a_clause_page_says_all_that_the_clause_says(site):
    page = read(site / f"clauses/{RICH}.html")
    assert words(page.xpath("//h1")[0]) == f"{RICH} Journal des accès"
    assert "Projet. Aucun juriste n’a encore relu cette clause." in words(page)
    assert section(page, "texte").startswith(
        "Texte Le titulaire doit livrer le journal sous 5 jours ouvrés (delai). un ; deux. Tableau"
    )
    (named,) = page.xpath("//section[@aria-labelledby='texte']//a[@class='parametre']")
    assert page.get_element_by_id(named.get("href").removeprefix("#")).tag == "tr"
    assert section(page, "parametres").endswith(
        "delai Délai durée jours ouvrés 5 jours ouvrés de 1 jour ouvré à 9 jours ouvrés"
    )
    assert "exécution test l’acheteur L’essai est joué ; un écart vaut échec." in section(page, "verification")
    assert section(page, "livrables").endswith(
        "Journal pendant toute l’exécution 5 jours ouvrés (delai) après la demande"
    )
    assert "Entraîne TST-LIE-010 Clause liée" in section(page, "liens")
    assert "Entraînée par TST-RIC-010" in section(read(site / f"clauses/{LINKED}.html"), "liens")
    assert "Un motif propre à l’acheteur." in section(page, "motif")
    card = section(page, "carte")
    for pair in ("Nature obligation du titulaire", "Niveau exigé", "Palier essentiel", "Pièce CCTP", "Diffusion public",
                 "Exigible pendant toute l’exécution", "Réponse du candidat aucune", "Relecture projet"):  # fmt: skip
        assert pair in card
    assert f"clauses/base/{RICH}.yaml" in section(page, "historique")


def test_conditions_are_told_in_words(site):
    told = section(read(site / f"clauses/{RICH}.html"), "condition")
    assert "Toutes ces réponses sont données : Un paiement en ligne est-il attendu ? oui" in told
    assert "Recettes annuelles : au moins le seuil « Seuil de démonstration »" in told
    told = section(read(site / f"clauses/{HOSTED}.html"), "condition")
    assert "Au moins une de ces réponses est donnée : Qui héberge la solution ? L’acheteur" in told
    assert "Aucune de ces réponses n’est donnée : Des archives sont-elles reprises ? oui" in told
    assert "Sans condition" in section(read(site / f"clauses/{SECRET}.html"), "condition")


@pytest.mark.parametrize(
    ("comparison", "told"),
    [({"au_moins": 3500}, "Population : au moins 3 500"), ({"plus_de": 3500}, "Population : plus de 3 500"),
     ({"au_plus": 9}, "Population : au plus 9"), ({"moins_de": 9}, "Population : moins de 9")],
)  # fmt: skip
def test_numbers(tmp_path, comparison, told):
    library = write_library(tmp_path / "bib", [clause(RICH, si={"population": comparison})])
    assert told in section(read(made(tmp_path / "p", library) / f"clauses/{RICH}.html"), "condition")


def test_dates(tmp_path):
    names = {"au_moins": "à compter du", "au_plus": "jusqu’au", "plus_de": "après le", "moins_de": "avant le"}
    ids = {f"TST-DAT-0{rank}0": name for rank, name in enumerate(names, 1)}
    made_of = [clause(name, si={"ouverture": {test: "2027-03-01"}}) for name, test in ids.items()]
    site = made(tmp_path / "p", write_library(tmp_path / "bib", made_of))
    for name, test in ids.items():
        told = section(read(site / f"clauses/{name}.html"), "condition")
        assert f"Date d’ouverture : {names[test]} 1er mars 2027" in told


def test_sources_have_their_state_dates_and_address(site):
    told = section(read(site / f"clauses/{RICH}.html"), "sources")
    assert (
        "Code de démonstration code-demo, R. 12-3 vérifiée Texte, en vigueur depuis le 1er janvier 2026 ; consultée le 20 novembre 2026."
        in told
    )
    assert (
        "https://www.example.org/code Impose la clause, quel que soit le palier, si : Des archives sont-elles reprises ? oui"
        in told
    )
    assert "Code de démonstration guide-demo à vérifier" in told and told.endswith("Éclaire la clause, sans l’imposer.")
    page = read(site / "sources/code-demo.html")
    assert "TST-RIC-010 Journal des accès R. 12-3 impose sous condition" in words(page)
    assert "À relire." in words(read(site / "sources/guide-demo.html"))


def test_which_domains_take_a_clause(tmp_path):
    """Established answers decide, proposed ones only suggest; a clause of another domain is never taken."""
    rules = {
        "TST-SAN-010": ({}, "Toujours (2) tous les domaines"),
        "TST-ETA-010": ({"archives": "oui"}, "Toujours (1) Gestion financière Selon les réponses (1) Portail famille"),
        "TST-NON-010": ({"archives": "non"}, "Selon les réponses (1) Portail famille"),
        "TST-PRO-010": ({"paiement": "oui"}, "Avec les réponses proposées (1) Portail famille Selon les réponses (1) Gestion financière"),
        "TST-DOM-010": ({"domaine": "famille"}, "Toujours (1) Portail famille"),
    }  # fmt: skip
    made_of = [clause(name, **({"si": test} if test else {})) for name, (test, _) in rules.items()]
    aside = {"clauses": ["TST-ECA"], "motif": "Pas d'objet ici."}
    own = [clause("TST-PRE-010", domaines=["finances"]), clause("TST-ECA-010")]
    domains = ({**DOMAINS[0], "ecarte": [aside]}, DOMAINS[1])
    site = made(tmp_path / "p", write_library(tmp_path / "bib", [*made_of, *own], domains=domains))
    for name, (_, told) in rules.items():
        assert section(read(site / f"clauses/{name}.html"), "condition").endswith(
            f"Domaines qui peuvent la prendre {told}"
        )
    assert "Toujours (1) Gestion financière" in section(read(site / "clauses/TST-PRE-010.html"), "condition")
    assert "Toujours (1) Portail famille" in section(read(site / "clauses/TST-ECA-010.html"), "condition")
    finances = read(site / "domaines/finances.html")
    assert "TST-PRE-010" in section(finances, "propres")
    common = section(finances, "communes")
    assert "TST-ETA-010 Clause TST-ETA-010 exigé essentiel CCTP toujours" in common
    assert "TST-NON-010" not in common and "Écartées (TST-ECA) : Pas d’objet ici." in common


def test_a_domain_page_has_its_exchanges_and_answers(site):
    page = read(site / "domaines/finances.html")
    assert "Plateforme Envoi Code Un paiement en ligne est-il attendu ? oui" in section(page, "echanges")
    assert "Des archives sont-elles reprises ? oui" in section(page, "reponses")


def test_a_question_page_names_what_depends_on_it(site):
    page = words(read(site / "faits/paiement.html"))
    assert "Clauses qui en dépendent" in page and RICH in page
    assert "Questions qui en dépendent Par quels moyens ?" in page
    assert "Domaines qui proposent une réponse Portail famille : oui" in page
    assert "Clauses qu’un texte impose selon la réponse" in words(read(site / "faits/archives.html"))
    assert "Un paiement en ligne est-il attendu ? oui" in words(read(site / "faits/moyens.html"))


def test_thresholds_and_glossary(site):
    assert "1er janvier 2027 sans terme connu 90 000" in words(read(site / "seuils.html"))
    assert "Journal (journaux) Suite d’événements datés." in words(read(site / "glossaire.html"))


def test_the_search_knows_every_page(site):
    known = {entry["lien"] for entry in entries(site)}
    pages = {name for name in everything(site) if re.match(r"(clauses|domaines|sources|faits|themes)/(?!index)", name)}
    assert known == pages
    rich = next(entry for entry in entries(site) if entry["id"] == RICH)
    assert set(rich["domaines"].split()) == {"finances", "famille"} and "R. 12-3".replace(" ", NBSP) in rich["sources"]
    assert "5 jours ouvrés" in rich["texte"].replace(NBSP, " ")


def test_links_lead_somewhere_and_nothing_comes_from_elsewhere(whole):
    check_links(whole)


def check_links(site: Path) -> None:
    anchors: dict[Path, set[str]] = {}
    wanted: list[tuple[Path, Path, str]] = []
    for path in sorted(site.rglob("*.html")):
        page = read(path)
        anchors[path.resolve()] = set(page.xpath("//@id"))
        for element, attribute, link, _ in page.iterlinks():
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                assert (element.tag, attribute) == ("a", "href"), f"{path.name} loads {link}"
                assert "noreferrer" in element.get("rel")
            elif link != "data:,":
                assert not parts.scheme and not parts.netloc and not parts.path.startswith("/"), f"{path.name}: {link}"
                wanted.append(
                    (path, (path.parent / unquote(parts.path) if parts.path else path).resolve(), parts.fragment)
                )
    assert wanted
    for path, target, anchor in wanted:
        assert target.is_file(), f"{path.name}: {target.name}"
        assert not anchor or anchor in anchors[target], f"{path.name}: #{anchor}"
    style = (site / "style.css").read_text("utf-8")
    assert "url(" not in style and "@import" not in style
    assert not re.search(
        r"\bfetch\(|XMLHttpRequest|import\(|innerHTML|https?://", (site / "recherche.js").read_text("utf-8")
    )


def test_every_clause_of_the_library_has_its_page(whole):
    library = read_library(Sources(date(2026, 11, 24)))[0]
    assert {path.stem for path in (whole / "clauses").glob("*.html")} - {"index"} == set(library.clauses)
    for name, known in list(library.clauses.items())[::25]:
        page = read(whole / f"clauses/{name}.html")
        text = section(page, "texte")
        for word in re.findall(r"[a-zéèà]{6,}", known.text.text.split("{{")[0]):
            assert word in text
        assert re.findall(r"[a-z]{4,}", known.rationale)[-1] in section(page, "motif")
        assert len(page.xpath("//section[@aria-labelledby='sources']//li[p[@class='source']]")) == len(known.citations)


def test_typography_and_structure_of_every_page(whole):
    """No-break spaces before high punctuation, one h1, no level of heading passed over, ids once, a caption on each table."""
    for path in sorted(whole.rglob("*.html")):
        page = read(path)
        assert page.get("lang") == "fr" and len(page.xpath("//h1")) == len(page.xpath("//main")) == 1
        levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3")]
        assert all(after <= before + 1 for before, after in pairwise(levels)), path.name
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path.name
        assert all(
            table.xpath("caption[normalize-space()] and thead//th[@scope='col']") for table in page.xpath("//table")
        )
        for code in page.xpath("//code | //td[not(p)][..//code]"):
            code.drop_tree()  # identifiers, paths, and the words of commits, which stay as they were written
        text = page.xpath("string(//body)")
        assert not re.search(r" [;:!?»]", text), (path.name, re.search(r".{20} [;:!?»]", text))
        assert not re.search(r"« |\w'\w", text), (path.name, re.search(r".{0,20}(« |\w'\w).{0,20}", text))


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> &lt;b&gt;"


def test_nothing_that_a_library_says_becomes_markup(tmp_path):
    """Every text of a library that can be written freely, hostile: it is read as text, and only as text."""
    text = HOSTILE
    dangerous = clause(
        RICH,
        titre=text,
        texte=f"Le titulaire doit {text} {{{{ delai }}}}.\n\n- {text}\n\n| {text} |\n| --- |\n| {text} |",
        parametres={"delai": {"libelle": text, "type": "texte", "defaut": text, "longueur_max": 200}},
        livrables=[{"nom": text, "jalon": "exécution", "delai": text}],
        sources=[{"id": "code-demo", "article": text}],
        motif=text,
        niveau="valorisé",
        sous_critere=text,
        si={"paiement": "oui", "choisi": text},
    )
    fact = {"id": "choisi", "libelle": text, "aide": text, "type": "choix", "choix": {text: text, "non": text}}
    exchange = {"plateforme": text, "sens": text, "cadre": text}
    domain = {"id": "finances", "titre": text, "description": text, "echanges": [exchange], "modules": [text],
              "volumes": [{"libelle": text, "unite": "<b>"}], "etablit": {"choisi": text}}  # fmt: skip
    library = write_library(
        tmp_path / "bib",
        [dangerous],
        facts=(*FACTS, fact),
        domains=[domain],
        sources=[
            source(
                "code-demo",
                titre=text,
                court=text,
                note=text,
                identifiant=text,
                url='https://example.org/"onclick="alert(1)',
            )
        ],
        themes=[("base", text)],
        glossary=[{"terme": text, "definition": text}],
    )
    site = made(tmp_path / "p", library)
    for path in sorted(site.rglob("*.html")):
        page = read(path)
        scripts = [script.get("src") for script in page.xpath("//script")]
        assert scripts == (
            ["index-recherche.js", "recherche.js"] if path.name == "index.html" and path.parent == site else []
        )
        assert not page.xpath("//img | //b | //iframe | //object | //style | //*[@style]"), path.name
        assert not [name for element in page.iter("*") for name in element.attrib if name.startswith("on")], path.name
        assert all(re.match(r"https://|[\w./#-]|data:,", link) for _, _, link, _ in page.iterlinks())
    page = words(read(site / f"clauses/{RICH}.html"))
    assert page.count("<script>alert(1)</script>") > 10 and "&lt;b" in page
    assert "<" not in (site / "index-recherche.js").read_text("utf-8").replace(" < ", "")
    (first, *_) = [entry for entry in entries(site) if entry["id"] == RICH]
    assert "<script>" in first["texte"]


def test_the_same_library_gives_the_same_bytes(small, site, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    publish(Path("ici"), Sources(date(2031, 1, 1), small), public=False, force=False, say=lambda line: None)
    assert everything(Path("ici")) == everything(site)
    assert not [name for name, data in everything(site).items() if str(small.parent).encode() in data]


def test_the_public_edition_leaves_out_what_candidates_may_not_read(small, tmp_path):
    site = made(tmp_path / "p", small, public=True)
    texts = "".join(data.decode() for data in everything(site).values())
    assert SECRET not in texts and "taire ce que dit" not in texts and "Un motif propre" not in texts
    assert not (site / f"clauses/{SECRET}.html").exists() and not (site / "changements.html").exists()
    page = read(site / f"clauses/{RICH}.html")
    assert not page.xpath("//section[@aria-labelledby='motif' or @aria-labelledby='historique']")
    check_links(site)


def test_the_other_edition_says_that_it_is_not_for_candidates(site):
    assert "à ne pas transmettre aux candidats : il contient les motifs" in words(read(site / "index.html"))


def test_a_pack_is_part_of_the_site(small, tmp_path):
    own = as_yaml(clause("TST-PAQ-010", titre="Clause du paquet"))
    write_files(tmp_path / "paquet", {"clauses/base/TST-PAQ-010.yaml": own})
    target = tmp_path / "p"
    sources = Sources(date(2026, 11, 24), small, (tmp_path / "paquet",))
    publish(target, sources, public=False, force=False, say=lambda line: None)
    page = read(target / "clauses/TST-PAQ-010.html")
    assert "Paquet de clauses paquet" in section(page, "carte") and "Fichier clauses/base/TST-PAQ-010.yaml" in section(
        page, "historique"
    )
    assert (target / f"clauses/{RICH}.html").exists()


def test_templates_are_shipped_whole():
    names = {path.name for path in (bundled("templates") / "site").iterdir()}
    assert {"base.html", "clause.html", "style.css", "recherche.js"} <= names
    assert {path.suffix for path in (bundled("templates") / "site").iterdir()} == {".html", ".css", ".js"}


def test_the_small_library_has_one_of_everything():
    assert {item["id"] for item in CLAUSES} == {RICH, LINKED, SECRET, HOSTED} and PARTS


def test_a_review_is_told_and_one_that_has_fallen_too(tmp_path):
    """A lawyer's review holds for the text that it was given on: after a change the page says that it no longer does."""
    fresh = clause(RICH)
    digest = clause_digest(library_of([fresh], checked=False).clauses[RICH])
    review = {"statut": "validé", "par": "Ada Juriste", "le": "2026-11-20", "empreinte": digest}
    library = write_library(tmp_path / "bib", [{**fresh, "relecture": review}])
    told = words(read(made(tmp_path / "un", library) / f"clauses/{RICH}.html"))
    assert "Texte validé par Ada Juriste le 20 novembre 2026." in told and "Relecture validé" in told
    assert "Ada Juriste" not in words(read(made(tmp_path / "deux", library, public=True) / f"clauses/{RICH}.html"))
    library = write_library(tmp_path / "bib", [{**fresh, "titre": "Autre titre", "relecture": review}])
    told = words(read(made(tmp_path / "trois", library) / f"clauses/{RICH}.html"))
    assert "À relire. Clause relue par Ada Juriste le 20 novembre 2026, et modifiée depuis" in told
    assert "Texte validé" not in told
