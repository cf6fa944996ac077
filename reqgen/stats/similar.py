"""Clauses that say nearly the same.

A clause is the set of the stems of its words and of their pairs, weighted by rarity; two clauses are as alike as the cosine
of their weights. Pairs below the threshold are ruled out by their rarest words alone (prefix filtering: Bayardo, Ma and
Srikant, 2007), which loses none of the others.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from reqgen.model.library import Clause
from reqgen.model.words import plain

WORD = re.compile(r"[a-z0-9]+")
PLACEHOLDER = re.compile(r"\{\{.*?\}\}")
STEM = 6
"""Letters kept of a word: « conservation » and « conserver » become one."""
STOP_WORDS = {
    "a", "c", "d", "j", "l", "m", "n", "s", "t", "y", "au", "ce", "de", "du", "en", "et", "il", "la", "le", "ne",
    "ni", "on", "ou", "qu", "sa", "se", "si", "un", "aux", "ces", "cet", "des", "est", "ils", "les", "lui", "non",
    "ont", "par", "pas", "que", "qui", "ses", "sur", "tel", "une", "afin", "avec", "cela", "ceux", "dans", "deux",
    "doit", "dont", "elle", "etre", "leur", "mais", "meme", "nous", "peut", "plus", "pour", "sans", "sera", "soit",
    "sont", "sous", "tels", "tous", "tout", "vers", "ainsi", "alors", "aucun", "aussi", "autre", "avant", "celle",
    "celui", "cette", "comme", "elles", "entre", "leurs", "quand", "telle", "toute", "aucune", "autres", "celles",
    "chaque", "seront", "toutes", "doivent", "peuvent", "acheteur", "titulaire",
}  # fmt: skip
Weights = Mapping[str, float]


class Pair(Struct, frozen=True):
    """Two clauses and how alike they are, from 0 to 1. `link` says how they already know each other, if they do."""

    first: Clause
    second: Clause
    score: float
    link: str = ""


def similar(clauses: Sequence[Clause], threshold: float) -> list[Pair]:
    """The pairs of clauses that are at least as alike as the threshold, the most alike first."""
    vectors = _weighted([features(clause) for clause in clauses])
    holders: dict[str, list[int]] = {}
    found: list[Pair] = []
    for index, vector in enumerate(vectors):
        for other in _candidates(vector, holders, threshold):
            score = sum(weight * vectors[other].get(name, 0.0) for name, weight in vector.items())
            if score >= threshold - 1e-9:
                first, second = clauses[other], clauses[index]
                found.append(Pair(first, second, round(min(score, 1.0), 3), _link(first, second)))
        for name in vector:
            holders.setdefault(name, []).append(index)
    return sorted(found, key=lambda pair: (-pair.score, pair.first.id, pair.second.id))


def features(clause: Clause) -> Counter[str]:
    """The stems of a clause's title and text, and the pairs of stems that follow one another."""
    counted: Counter[str] = Counter()
    for text in (clause.title, clause.text.text):
        words = WORD.findall(plain(PLACEHOLDER.sub(" ", text)))
        stems = [word[:STEM] for word in words if word not in STOP_WORDS]
        counted.update(stems)
        counted.update(f"{one} {two}" for one, two in pairwise(stems))
    return counted


def _weighted(counts: Sequence[Counter[str]]) -> list[Weights]:
    """Each clause's weights, of norm 1, the rarest words first."""
    frequency = Counter(name for counted in counts for name in counted)
    rarity = {name: math.log(1 + len(counts) / number) for name, number in frequency.items()}
    vectors: list[Weights] = []
    for counted in counts:
        raw = {name: (1 + math.log(counted[name])) * rarity[name] for name in counted}
        norm = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        order = sorted(raw, key=lambda name: (frequency[name], name))
        vectors.append({name: raw[name] / norm for name in order})
    return vectors


def _candidates(vector: Weights, holders: Mapping[str, Sequence[int]], threshold: float) -> list[int]:
    """Clauses that share one of the rare words without which a pair cannot reach the threshold, in their order."""
    return sorted({other for name in _prefix(vector, threshold) for other in holders.get(name, ())})


def _prefix(vector: Weights, threshold: float) -> Iterator[str]:
    """The first words of the vector, until the norm of what is left is below the threshold."""
    left = 1.0
    for name, weight in vector.items():
        if left < threshold * threshold - 1e-9:
            return
        yield name
        left -= weight * weight


def _link(first: Clause, second: Clause) -> str:
    """« remplace », « incompatible » or « requiert » when the library says how the two stand to each other."""
    for word, of in (("remplace", "replaces"), ("incompatible", "incompatible"), ("requiert", "requires")):
        for one, other in ((first, second), (second, first)):
            if any(reference.id == other.id for reference in getattr(one, of)):
                return word
    return ""
