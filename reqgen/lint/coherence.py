"""One clause against itself: nature, level, piece and answer that agree."""

from reqgen.lint.common import Findings
from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Answer, Level, Library, Nature, Piece

QUESTION_PIECES = (Piece.CCTP, Piece.RC, Piece.GDPR_ANNEX, Piece.SECURITY_ANNEX)


def binding_not_required(library: Library) -> Findings:
    """A text imposes the clause, whose level lets a bidder do without."""
    for clause in library.clauses.values():
        binding = [citation.source for citation in clause.citations if citation.binds_if is not None]
        if binding and clause.level is not Level.REQUIRED:
            yield Diagnostic(
                "binding-not-required",
                f"la source « {binding[0]} » impose la clause, dont le niveau est « {clause.level} »",
                clause.at("niveau"),
                "écrire « niveau: exigé », ou retirer « oblige_si »",
            )


def scored_without_criterion(library: Library) -> Findings:
    """A scored clause counts in no sub-criterion."""
    for clause in library.clauses.values():
        if clause.level is Level.SCORED and not clause.sub_criterion:
            yield Diagnostic(
                "scored-without-criterion",
                "la clause est valorisée sans sous-critère",
                clause.at("niveau"),
                "ajouter « sous_critere »",
            )


def orphan_departure(library: Library) -> Findings:
    """A clause departs from the CCAG-TIC outside the CCAP, where the departures are listed."""
    for clause in library.clauses.values():
        if clause.departs_from and clause.piece is not Piece.CCAP:
            yield Diagnostic(
                "orphan-departure",
                f"la clause déroge au CCAG-TIC depuis la pièce « {clause.piece} »",
                clause.at("deroge_a"),
                "placer la dérogation dans une clause de pièce ccap (CCAG-TIC, dernier article du CCAP)",
            )


def question_without_answer(library: Library) -> Findings:
    """A question to bidders asks for no answer."""
    for clause in library.clauses.values():
        if clause.nature is Nature.QUESTION and clause.answer is Answer.NONE:
            yield Diagnostic(
                "question-without-answer",
                "la clause est une question, et n'attend aucune réponse",
                clause.at("reponse"),
                "écrire « reponse: description », « déclaration » ou « preuve »",
            )


def question_piece(library: Library) -> Findings:
    """A question stands in a piece that binds the holder of the contract."""
    for clause in library.clauses.values():
        if clause.nature is Nature.QUESTION and clause.piece not in QUESTION_PIECES:
            yield Diagnostic(
                "question-piece",
                f"la clause est une question au candidat, dans la pièce contractuelle « {clause.piece} »",
                clause.at("piece"),
                "écrire « piece: cctp », ou en faire une obligation",
            )
