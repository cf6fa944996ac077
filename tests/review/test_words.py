"""Texts compared word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqgen.review.words import Edit, Op, compare_words, same_words, says_the_same, words_of


def test_words_and_paragraphs():
    assert words_of("Le titulaire\nlivre.\n\n- un\n- deux {{ delai }},\n") == [
        *("Le", "titulaire", "livre.", "¶", "-", "un", "¶", "-", "deux", "{{delai}},")
    ]


def test_edits():
    assert compare_words("dans un délai de dix jours", "dans un délai de cinq jours ouvrés") == (
        Edit(Op.SAME, "dans un délai de"),
        Edit(Op.OLD, "dix"),
        Edit(Op.NEW, "cinq"),
        Edit(Op.SAME, "jours"),
        Edit(Op.NEW, "ouvrés"),
    )


@pytest.mark.parametrize(
    ("old", "new"), [("a b\nc", "a b c\n"), ("{{delai}} jours", "{{ delai }} jours"), ("- a\n  b\n", "- a b")]
)
def test_layout_is_no_change(old, new):
    assert same_words(old, new)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("Il livre.", "il livre", True),
        ("Il livre ; il forme.", "Il livre.\n\nIl forme.", True),
        ("l'acheteur", "l’acheteur", True),
        ("le délai de 1,5 jour", "le délai de 15 jour", False),
        ("il peut", "il ne peut", False),
        ("fait ou refait", "fait où refait", False),
        ("-5 °C", "5 °C", False),
        ("≥ 5", "≤ 5", False),
    ],
)
def test_what_cannot_change_the_meaning(old, new, same):
    assert not same_words(old, new)
    assert says_the_same(old, new) is same


@given(st.text(alphabet="ab \n-", max_size=30), st.text(alphabet="ab \n-", max_size=30))
def test_edits_hold_both_texts(old, new):
    edits = compare_words(old, new)
    for op, text in ((Op.OLD, old), (Op.NEW, new)):
        assert " ".join(edit.text for edit in edits if edit.op in (Op.SAME, op)).split() == words_of(text)
    assert same_words(old, new) == all(edit.op is Op.SAME for edit in edits)
