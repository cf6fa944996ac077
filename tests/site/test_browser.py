"""The site in a real browser, from the disk and without network: accessible, usable by keyboard, and its search finds."""

from importlib.resources import files
from pathlib import Path

import pytest

from tests.site.conftest import RICH

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 800}
SMALL = [
    "index.html", "index.html?q=journal", "clauses/index.html", f"clauses/{RICH}.html", "themes/index.html", "themes/base.html",
    "domaines/index.html", "domaines/finances.html", "sources/index.html", "sources/code-demo.html", "faits/index.html",
    "faits/paiement.html", "faits/hebergement.html", "seuils.html", "glossaire.html", "changements.html",
]  # fmt: skip
WHOLE = [
    "index.html?q=pes",
    "clauses/HEL-PES-010.html",
    "domaines/finances.html",
    "domaines/infogerance.html",
    "changements.html",
]
LOUD = ("error", "warning")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def open_page(browser):
    """open_page(site, "index.html?q=mot", viewport, scheme): a page, none of whose requests leave the disk."""
    pages = {}

    def opened(site: Path, path: str, viewport=DESK, scheme: str = "light"):
        look = (viewport["width"], scheme)
        if look not in pages:
            context = browser.new_context(viewport=viewport, color_scheme=scheme, offline=True)
            page = pages[look] = context.new_page()
            page.requests, page.errors = [], []
            page.on("request", lambda request: page.requests.append(request.url))
            page.on("pageerror", lambda error: page.errors.append(str(error)))
            page.on("console", lambda message: page.errors.append(message.text) if message.type in LOUD else None)
        name, _, query = path.partition("?")
        pages[look].goto((site / name).as_uri() + (f"?{query}" if query else ""))
        return pages[look]

    yield opened
    for page in pages.values():
        page.context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return (files(package) / "axe.min.js").read_text("utf-8")


def violations(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations'], preload: false})", TAGS
    )
    assert found["passes"]
    return [f"{item['id']}: {node['html'][:120]}" for item in found["violations"] for node in item["nodes"]]


@pytest.mark.parametrize(("viewport", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk, light", "phone, dark"])
def test_axe_finds_no_violation(open_page, axe, site, viewport, scheme):
    for path in SMALL:
        page = open_page(site, path, viewport, scheme)
        assert violations(page, axe) == [], path
        assert page.errors == [] and all(url.startswith(("file:", "data:")) for url in page.requests)


def test_axe_finds_no_violation_in_real_pages(open_page, axe, whole):
    for path, viewport in zip(WHOLE, [DESK, DESK, PHONE, PHONE, DESK], strict=True):
        assert violations(open_page(whole, path, viewport), axe) == [], path


def test_axe_sees_what_is_wrong(open_page, axe, site):
    """The oracle is awake: a page that is spoilt by hand has violations."""
    page = open_page(site, "index.html")
    page.evaluate("document.documentElement.removeAttribute('lang'); document.querySelector('label').remove()")
    found = violations(page, axe)
    assert any(item.startswith("html-has-lang") for item in found) and any(item.startswith("label") for item in found)


def test_nothing_overflows_a_phone(open_page, site, whole):
    for root, paths in ((site, SMALL), (whole, WHOLE)):
        for path in paths:
            page = open_page(root, path, PHONE)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


CONTROLS = "header a, button, input, select, nav a, .clauses tbody th a, summary"
LOW = """wanted => [...document.querySelectorAll(wanted)].filter(one => one.checkVisibility())
    .filter(one => one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML)"""


def test_controls_are_large_enough_for_a_finger(open_page, site):
    for path in SMALL:
        page = open_page(site, path, PHONE)
        assert page.locator(CONTROLS).count() > 8 and page.evaluate(LOW, CONTROLS) == [], path


def test_the_first_stop_of_the_keyboard_leads_to_the_content(open_page, site):
    page = open_page(site, f"clauses/{RICH}.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    assert page.locator(".evitement").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"


def found(page) -> list[str]:
    return [link.get_attribute("href") for link in page.locator("#resultats a").all()]


def test_the_search_finds_from_the_disk(open_page, whole):
    page = open_page(whole, "index.html")
    page.get_by_label("Mots, identifiant").fill("conformite des FLUX au pes")
    assert found(page)[0] == "clauses/HEL-PES-010.html"
    assert page.locator("#bilan").text_content().split()[0].isdigit()
    assert "Conformité" in [mark.text_content() for mark in page.locator("#resultats mark").all()]
    page.get_by_label("Mots, identifiant").fill("HEL-PES-010")
    assert found(page)[0] == "clauses/HEL-PES-010.html"
    page.get_by_label("Mots, identifiant").fill("zzzz")
    assert found(page) == [] and page.locator("#bilan").text_content() == "0 résultat"
    page.get_by_label("Mots, identifiant").fill("")
    assert found(page) == [] and page.locator("#bilan").text_content() == ""
    assert page.errors == [] and all(url.startswith(("file:", "data:")) for url in page.requests)


def test_a_word_is_found_where_it_begins(open_page, site):
    page = open_page(site, "index.html")
    for text, number in (("jour", 1), ("ournal", 0), ("12-3", 1), ("<img", 0)):
        page.get_by_label("Mots, identifiant").fill(f"titulaire {text}" if number else text)
        assert [link for link in found(page) if link == f"clauses/{RICH}.html"] == [f"clauses/{RICH}.html"] * number, (
            text
        )


def test_filters_and_further_results(open_page, whole):
    page = open_page(whole, "index.html")
    page.locator("details summary").first.click()
    page.get_by_label("Pièce", exact=True).select_option("ccap")
    pieces = len(found(page))
    page.get_by_label("Palier", exact=True).select_option("renforcé")
    assert 0 < len(found(page)) < pieces and all(link.startswith("clauses/") for link in found(page))
    page.get_by_label("Pièce", exact=True).select_option("")
    page.get_by_label("Palier", exact=True).select_option("")
    page.get_by_label("Que peut prendre le domaine").select_option("finances")
    total = int("".join(filter(str.isdigit, page.locator("#bilan").text_content())))
    assert len(found(page)) == 30 < total
    page.get_by_role("button", name="Montrer d’autres résultats").click()
    assert len(found(page)) == 60
    assert page.evaluate("document.activeElement.getAttribute('href')") == found(page)[30]


def test_the_search_of_any_page_leads_to_the_results(open_page, site):
    page = open_page(site, f"clauses/{RICH}.html")
    page.get_by_label("Rechercher dans le clausier").fill("journal")
    page.keyboard.press("Enter")
    page.wait_for_selector("#resultats a")
    assert f"clauses/{RICH}.html" in found(page)
    page.locator("#resultats a").first.click()
    page.go_back()
    page.wait_for_selector("#resultats a")
    assert found(page)


def test_words_of_a_hostile_search_stay_text(open_page, site):
    page = open_page(site, "index.html?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    assert page.locator("img").count() == 0 and page.errors == []


def test_without_scripts_every_list_is_there(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    assert page.locator("noscript p").is_visible()
    assert not page.locator("#formulaire").is_visible()
    page.get_by_role("link", name="domaine", exact=True).click()
    assert page.get_by_role("heading", name="Domaines de service").is_visible()
    context.close()


def test_on_paper_only_the_content_is_left(open_page, site):
    page = open_page(site, f"clauses/{RICH}.html")
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible() and not page.locator("header form").is_visible()
    assert page.locator("#texte").is_visible() and page.get_by_text("https://www.example.org/code").first.is_visible()
