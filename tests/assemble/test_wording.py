"""The sandbox of the outlines' texts: what it may do, and what it refuses within bounds."""

import pytest

from reqgen.assemble.wording import MAX_OUTPUT, Labels, fill
from reqgen.model.diagnostic import Place, ReqgenError
from tests.helpers import built, clause, library_of, select

PLACE = Place("plans/cctp.yaml", 10, 7)
VALUES = {
    "objet": "Un objet",
    "acheteurs": ["Ville de Demo", "Agglo"],
    "lots": [{"numero": 1, "titre": "Un"}, {"numero": 2, "titre": "Deux"}],
    "lot": None,
    "groupement": True,
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ objet }}", "Un objet"),
        ("{% if groupement %}oui{% else %}non{% endif %}", "oui"),
        ("{% if lot %}{{ lot.numero }}{% endif %}", ""),
        ("{% if groupement and not lot %}a{% endif %}", "a"),
        ("{% for lot in lots %}{{ lot.numero }} {{ lot.titre }} ; {% endfor %}", "1 Un ; 2 Deux ; "),
        ("{{ acheteurs | join(', ') }}", "Ville de Demo, Agglo"),
        ("{{ acheteurs | enumere }}", "Ville de Demo et Agglo"),
        ("{{ lots | length }}", "2"),
        ("{{ objet | upper }}", "UN OBJET"),
    ],
)
def test_what_a_text_may_do(text, expected):
    assert fill(text, VALUES, PLACE, markdown=False) == expected


DOUBLING = '{% set a = "xxxxxxxxxx" %}' + "{% set a = a ~ a %}" * 64 + "{{ a }}"
DEEP = "{% for a in objet %}" * 12 + "{% endfor %}" * 12
ATTACKS = [
    "{{ objet.__class__ }}",
    "{{ objet.__class__.__mro__ }}",
    "{{ objet['__class__'] }}",
    "{{ objet.upper() }}",
    "{{ objet.format(1) }}",
    "{{ ''.join(acheteurs) }}",
    "{{ objet | attr('__class__') }}",
    "{{ acheteurs.append(1) }}",
    "{{ acheteurs.append }}",
    "{{ cycler }}",
    "{{ range(10) }}",
    "{{ lipsum() }}",
    "{{ self.__init__ }}",
    "{{ self }}",
    "{{ loop }}",
    "{{ config }}",
    "{{ 'x' * 1000000000 }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ '%1000000000s' % objet }}",
    "{{ [1] * 99999999 }}",
    "{{ objet + objet }}",
    "{% for i in range(1000000000) %}x{% endfor %}",
    "{% include 'x' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% from 'os' import path %}",
    "{% macro m() %}x{{ m() }}{% endmacro %}{{ m() }}",
    "{% for a in lots recursive %}{{ loop(lots) }}{% endfor %}",
    "{% call m() %}{% endcall %}",
    "{{ inconnu }}",
    "{{ lots }}",
    "{{ lot }}",
    "{{ groupement }}",
    "{% if true %}{{ lots }}{% endif %}",
    "{% if inconnu %}x{% endif %}",
    "{{ lot.numero }}",
    "{{ objet",
    "{% if %}",
    "{% endif %}",
    "{{ objet | inconnu }}",
    "{{ objet" + f" | join('{'x' * 30}')" * 12 + " }}",
    "{{ acheteurs" + f" | join('{'x' * 30}')" * 12 + " }}",
    "{{ objet" + " | enumere" * 40 + " }}",
    "{{ lots | join }}",
    "{{ lots | enumere }}",
    "{{ 1 / 0 }}",
    "{{ lots[7] }}",
    DOUBLING,
    DEEP,
    "{% for a in objet %}" * 25 + "x" + "{% endfor %}" * 25,
    "{{ " + "(" * 2000 + "1" + ")" * 2000 + " }}",
    "{{ " + "[" * 2000 + "]" * 2000 + " }}",
    "{% if groupement %}" * 300 + "x" + "{% endif %}" * 300,
    "{{ objet ~ " * 300 + "objet" + " }}" * 300,
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: text[:40])
@pytest.mark.parametrize("markdown", [True, False])
def test_attacks_end_in_a_finding(text, markdown):
    with pytest.raises(ReqgenError) as raised:
        fill(text, VALUES, PLACE, markdown=markdown)
    (finding,) = raised.value.diagnostics
    assert finding.rule == "bad-wording"
    assert finding.place.path == PLACE.path and finding.place.line >= PLACE.line
    assert finding.help


def test_output_is_bounded():
    long = {"mots": ["x" * 1000] * 400}
    with pytest.raises(ReqgenError) as raised:
        fill("{% for a in mots %}{{ a }}{% endfor %}", long, PLACE)
    assert raised.value.diagnostics[0].rule == "bad-wording"
    fine = {"mots": ["x" * 1000] * (MAX_OUTPUT // 1000 - 1)}
    assert len(fill("{% for a in mots %}{{ a }}{% endfor %}", fine, PLACE)) < MAX_OUTPUT


def test_the_line_of_the_mistake_is_named():
    with pytest.raises(ReqgenError) as raised:
        fill("un\ndeux\n{{ objet", VALUES, PLACE)
    assert raised.value.diagnostics[0].place.line == 12


def test_a_mistake_in_an_outline_reaches_its_reader():
    selection = select(library_of([clause()]))
    for part in (
        {"titre": "{{ inconnu }}", "contenu": [{"texte": "Un."}]},
        {"titre": "Un", "contenu": [{"texte": "{{ objet.__class__ }}"}]},
    ):
        with pytest.raises(ReqgenError) as raised:
            built(selection, [part])
        assert raised.value.diagnostics[0].rule == "bad-wording"
        assert raised.value.diagnostics[0].place.path == "plans/essai.yaml"
    for key in ("en_tete", "pied_de_page"):
        with pytest.raises(ReqgenError):
            built(selection, **{key: "{{ inconnu }}"})


def test_labels():
    labels = Labels({"a": "Lot {{ numero }} : {{titre}}", "b": "Fixe"}, PLACE)
    assert labels("a", numero=1, titre="{{ numero }}") == "Lot 1 : {{ numero }}"
    assert labels("b") == "Fixe"
    for key, rule in (("c", "missing-label"), ("a", "bad-wording")):
        with pytest.raises(ReqgenError) as raised:
            labels(key)
        assert raised.value.diagnostics[0].rule == rule
