"""The wording of clauses: Markdown that documents can show, and the words of an obligation."""

import re

from reqgen.lint.common import Findings
from reqgen.model.diagnostic import Diagnostic, Severity
from reqgen.model.library import Library, Nature, Prose
from reqgen.prose import foreign_markup

MODAL = re.compile(r"\bdoi(?:t|vent)\b")
OPTION = re.compile(r"\boptions?\b", re.IGNORECASE)
TO_FILL = re.compile(r"\bÀ REMPLIR\b")
MARKUP = {
    "heading": "un titre",
    "code_inline": "du code",
    "code_block": "un bloc de code (retrait de quatre espaces)",
    "fence": "un bloc de code",
    "link": "un lien",
    "image": "une image",
    "blockquote": "une citation",
    "hr": "un trait",
    "html_block": "du HTML",
    "html_inline": "du HTML",
    "definition": "une définition de lien",
}
MARKERS = {"code_inline": "`", "link": "[", "image": "![", "html_inline": "<"}
VAGUE = tuple(
    (re.compile(pattern, re.IGNORECASE), help_text)
    for pattern, help_text in (
        (r"\bdevr(?:a|ont)\b", "écrire « doit » ou « doivent »"),
        (r"\bs['’]engagent? à\b", "écrire « doit »"),
        (r"\bveill(?:e|ent|era) à\b", "écrire ce qui doit être fait"),
        (r"\bs['’]efforc(?:e|ent|era)\b", "écrire ce qui doit être fait"),
        (r"\betc\b", "donner la liste complète, ou dire ce qui y entre"),
        (r"\bsi possible\b", "dire dans quel cas"),
        (r"\bdans les meilleurs délais\b", "écrire un délai, son unité et son point de départ"),
        (r"\b(?:à|de) l['’]état de l['’]art\b", "nommer la norme, le référentiel ou la mesure"),
        (r"\bconformes? au RGPD\b", "dire ce qui est attendu du titulaire"),
    )
)


def to_fill(library: Library) -> Findings:
    """The skeleton that `reqgen new` wrote still waits for its author."""
    for clause in library.clauses.values():
        texts = [
            ("le titre", Prose(clause.title, clause.at("titre"))),
            ("le texte", clause.text),
            ("le motif", Prose(clause.rationale, clause.at("motif"))),
            *(("la méthode de vérification", item.method) for item in clause.verifications),
        ]
        for what, prose in texts:
            match = TO_FILL.search(prose.text)
            if match:
                place = prose.at(match.start()) if prose.lines else prose.place
                yield Diagnostic("to-fill", f"{what} reste à remplir", place, "écrire à la place de « À REMPLIR … »")


def forbidden_word(library: Library) -> Findings:
    """« Option » means three different things in public procurement, so no clause uses it."""
    for clause in library.clauses.values():
        help_text = "écrire « prestation supplémentaire éventuelle », « variante » ou « possibilité », selon le sens"
        if OPTION.search(clause.title):
            yield Diagnostic("forbidden-word", "le titre contient le mot « option »", clause.at("titre"), help_text)
        for match in OPTION.finditer(clause.text.text):
            yield Diagnostic(
                "forbidden-word",
                f"le texte contient le mot « {match[0]} »",
                clause.text.at(match.start()),
                help_text,
            )


def vague_wording(library: Library) -> Findings:
    """Words that oblige nobody, or to nothing that can be checked."""
    for clause in library.clauses.values():
        for pattern, help_text in VAGUE:
            for match in pattern.finditer(clause.text.text):
                yield Diagnostic(
                    "vague-wording",
                    f"« {' '.join(match[0].split())} » n'oblige à rien de vérifiable",
                    clause.text.at(match.start()),
                    help_text,
                    Severity.WARNING,
                )


def missing_modal(library: Library) -> Findings:
    """An obligation that nowhere says what must be done."""
    for clause in library.clauses.values():
        if clause.nature is Nature.OBLIGATION and not MODAL.search(clause.text.text):
            yield Diagnostic(
                "missing-modal",
                "l'obligation ne contient ni « doit » ni « doivent »",
                clause.text.place,
                "écrire « Le titulaire doit … »",
                Severity.WARNING,
            )


def foreign_markup_used(library: Library) -> Findings:
    """Markdown that the documents do not render: headings, code, links, images, HTML."""
    for clause in library.clauses.values():
        for prose in (clause.text, *(verification.method for verification in clause.verifications)):
            for kind, line in dict.fromkeys(foreign_markup(prose.text)):
                yield Diagnostic(
                    "foreign-markup",
                    f"le texte contient {MARKUP.get(kind, kind)}, que les documents ne rendent pas",
                    prose.at(_start_of(prose, line, MARKERS.get(kind, ""))),
                    "n'employer que paragraphes, listes, gras, italique et tableaux",
                )


def _start_of(prose: Prose, line: int, marker: str) -> int:
    """Offset of the marker in a line, else of its first character that is no space."""
    lines = prose.text.split("\n")
    before = sum(len(text) + 1 for text in lines[:line])
    text = lines[line] if line < len(lines) else ""
    return before + (text.find(marker) if marker in text else len(text) - len(text.lstrip()))
