"""The wording of clauses: Markdown that documents can show, and nothing left to fill. The rest is in `writing`."""

import re

from reqgen.lint.common import Findings
from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Library, Prose
from reqgen.prose import foreign_markup

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
