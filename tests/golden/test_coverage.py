"""docs/couverture.md and its picture are those of the library as it is."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from xml.etree import ElementTree

import pytest

from tests.golden.accept import settled
from tests.helpers import ROOT

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def made():
    """The files by name, as the tool makes them now."""
    spec = spec_from_file_location("make_coverage", ROOT / "tools" / "make_coverage.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.files()


@pytest.mark.parametrize("name", ["couverture.md", "couverture.svg"])
def test_the_page_and_its_picture_are_those_of_the_library(made, accept, name):
    path, text = next((path, text) for path, text in made.items() if path.name == name)
    settled(path, text, accept)


def test_the_picture_stands_alone_and_says_in_words_what_it_shows(made):
    text = next(text for path, text in made.items() if path.suffix == ".svg")
    root = ElementTree.fromstring(text)
    names = {node.get("id"): node for node in root.iter() if node.get("id")}
    title, description = (names[name] for name in root.get("aria-labelledby").split())
    assert root.get("role") == "img" and root.get("lang") == "fr"
    assert title.tag == f"{SVG}title" and title.text.strip()
    assert description.tag == f"{SVG}desc" and re.search(r"Portail famille \d+", description.text)
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|url\(|@import|@font-face|<image|<script|href", text) == []
    assert root.get("font-family") == "sans-serif"
