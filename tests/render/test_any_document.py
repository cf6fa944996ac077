"""Whatever the document, it is written, and the file is sound."""

import io
from pathlib import Path

from docx import Document as Word
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reqgen.model.document import (
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
from reqgen.render.docx import write

from .charter import charter

# Runs of blanks and braces are for the checks of the text, before it comes here.
words = st.text(max_size=30).filter(lambda text: not any(mark in text for mark in ("{", "}", "  ", "\u00a0")))
said = st.builds(lambda text: f"x{text}", words)
anchors = st.sampled_from(["a", "A", "chapitre-1", "é", "z" * 50, ""]) | words
inlines = st.lists(
    st.builds(Text, words, st.booleans(), st.booleans(), st.sampled_from(["", "delai"]))
    | st.builds(CrossReference, anchors, words)
    | st.builds(Link, st.sampled_from(["https://a.fr/é?b=c&d", "http://[", "x"]) | words, words),
    max_size=3,
).map(tuple)
paragraphs = st.builds(Paragraph, inlines, st.sampled_from(Style))
lists = st.recursive(
    paragraphs,
    lambda inner: st.builds(
        ItemList, st.lists(st.lists(inner, max_size=3).map(tuple), max_size=3).map(tuple), st.booleans()
    ),
    max_leaves=8,
)
cells = st.builds(Cell, inlines, st.sampled_from(["left", "right", "center", "?"]))
rows = st.lists(cells, max_size=3).map(tuple)
tables = st.builds(
    Table,
    st.lists(cells, min_size=1, max_size=3).map(tuple),
    st.lists(rows, max_size=3).map(tuple),
    said,
    st.lists(st.integers(-1, 100), max_size=3).map(tuple),
)
numbers = st.sampled_from(["", "1", "1.1"])
blocks = (
    lists | tables | st.just(PageBreak()) | st.builds(Contents, words, st.integers(0, 5)),
    st.builds(Heading, st.just(1), said, anchors, numbers, words, st.booleans()),
    st.builds(Heading, st.just(2), said, anchors, numbers, words, st.booleans()),
)
chapters = st.tuples(blocks[1], st.lists(st.one_of(*blocks), max_size=8)).map(lambda pair: (pair[0], *pair[1]))
metas = st.builds(Meta, said, words, words, words, words, words, st.sampled_from(["", "2026-01-31", "x"]))
documents = st.builds(Document, metas, chapters, st.booleans())
pages = st.none() | st.dictionaries(anchors, st.integers(1, 99), max_size=3)
# By name, since the tool prints the values of a case that fails.
CHARTERS = {"plain": charter(), "numbered": charter(numbered=True)}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents, pages)
def test_any_document_is_written(reference, document, pages):
    assert Word(io.BytesIO(write(document, reference, pages=pages)))


@settings(max_examples=10, deadline=None)
@given(documents, st.sampled_from(sorted(CHARTERS)))
def test_any_document_fits_a_charter(document, kind):
    assert Word(io.BytesIO(write(document, CHARTERS[kind])))


def test_any_document_is_sound(reference, sound, tmp_path: Path):
    """One run of the checker for many documents: it takes longer to start than to check."""
    made: list[Path] = []

    @settings(max_examples=15, deadline=None, database=None)
    @given(documents, pages, st.sampled_from(["", *sorted(CHARTERS)]))
    def collect(document, pages, kind):
        path = tmp_path / f"{len(made)}.docx"
        path.write_bytes(write(document, CHARTERS.get(kind, reference), pages=pages))
        made.append(path)

    collect()
    sound(*made)
