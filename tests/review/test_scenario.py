"""From an idea to an approved clause, on a real git history, with the real git and LibreOffice."""

import html
import json
import re
from html.parser import HTMLParser

import pytest
import yaml

from reqgen.load.word_changes import accept_all, reject_all
from tests.helpers import clause, write_project
from tests.review.test_redline import body, resolved_by_libreoffice, words
from tests.review.word_editor import Editor

DELAY = {"libelle": "Délai de correction", "type": "durée", "unite": "jours ouvrés", "defaut": 10, "min": 1, "max": 60}
OLD = (
    "Le titulaire doit corriger une anomalie dans un délai de {{ delai }} à compter de son signalement.\n\n"
    "- par écrit ;\n- par téléphone."
)
NEW = OLD.replace("une anomalie", "une anomalie bloquante").replace("- par téléphone.", "- par message.")
ID, PAID = "TST-COR-010", "TST-PAI-010"
FILE = f"requirements_library/clauses/base/{ID}.yaml"


@pytest.fixture
def history(repository):
    """Two versions of a library, by two authors, and two projects: one takes payments, the other does not."""
    repository.commit(
        clause(ID, texte=OLD, parametres={"delai": DELAY}), clause(PAID, si={"paiement": "oui"}), clause("TST-ZZZ-010")
    )
    for name, answer in (("regie", "oui"), ("mairie", "non")):
        write_project(repository.folder / f"marches/{name}.yaml", faits={"paiement": answer})
    repository.save()
    repository.git("config", "user.name", "Claire Martin")
    repository.write(
        clause(ID, texte=NEW, parametres={"delai": {**DELAY, "defaut": 5}}),
        clause(PAID),
        clause("TST-ZZZ-010"),
    )
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "Anomalies bloquantes", "--date", "2026-11-20T09:00:00Z")
    return repository


@pytest.mark.office
def test_from_a_change_to_its_approval(history, quick_cli, soffice, tmp_path):
    def reqgen(*arguments, code=0, typed=""):
        ran = quick_cli(*arguments, cwd=history.folder, input=typed)
        assert ran.code == code, f"{arguments}\n{ran.said}"
        return ran

    # the change is in order, and told in every form
    assert "aucune anomalie" in reqgen("validate", "requirements_library").said
    text = reqgen("diff", "HEAD~1", "HEAD").out
    (record, _) = json.loads(reqgen("diff", "HEAD~1", "HEAD", "--format", "json").out)["clauses"]
    page = reqgen("diff", "HEAD~1", "HEAD", "--format", "html").out
    shown = html.unescape(re.sub("<[^>]+>", " ", page))
    for told in (text, reqgen("diff", "HEAD~1", "HEAD", "--format", "md").out, shown):
        assert ID in told and "bloquante" in told and "10" in told and "5" in told
    assert record["id"] == ID
    Closed().check(page)

    # two tenders, of which one gets a clause that it did not have
    told = json.loads(reqgen("diff", "HEAD~1", "HEAD", "--projects", "marches/*.yaml", "--format", "json").out)
    effects = {one["projet"]: {(item["id"], item["effet"]) for item in one["clauses"]} for one in told["projets"]}
    assert effects["marches/mairie.yaml"] - effects["marches/regie.yaml"] != set()
    assert any(name == PAID for name, _ in effects["marches/mairie.yaml"])

    # the redline: LibreOffice and our reader agree on both versions
    reqgen("diff", "HEAD~1", "HEAD", "-o", "suivi.docx")
    work = tmp_path / "bureau"
    work.mkdir()
    rejected, accepted = resolved_by_libreoffice(soffice, history.folder / "suivi.docx", work)
    ours = body(history.folder / "suivi.docx")
    assert words(accepted) == words(accept_all(ours)) and words(rejected) == words(reject_all(ours))
    assert "bloquante" in " ".join(words(accepted)) and "bloquante" not in " ".join(words(rejected))

    # a colleague corrects the document of a tender, and touches a value
    base = ("--library", "requirements_library")
    reqgen("generate", "marches/mairie.yaml", "-o", "cctp.docx", *base)
    editor = Editor(history.folder / "cctp.docx")
    editor.replace("par message", "par messagerie")
    editor.replace("5 jours ouvrés à compter", "3 jours ouvrés à compter")
    editor.save(history.folder / "corrige.docx")
    before = (history.folder / FILE).read_text("utf-8")
    assert "messagerie" in reqgen("import", "corrige.docx", "--dry-run", *base, code=1).out
    assert (history.folder / FILE).read_text("utf-8") == before
    assert "delai" in reqgen("import", "corrige.docx", *base, code=1).said
    after = (history.folder / FILE).read_text("utf-8")
    assert after == before.replace("par message", "par messagerie")  # the value is proposed, never written

    # a tender may want approved clauses only; a person approves; what changes after is approved no more
    wanted = ("generate", "marches/mairie.yaml", "-o", "valide.docx", "--require-status", "validé", *base)
    assert ID in reqgen(*wanted, code=1).said and not (history.folder / "valide.docx").exists()
    for answer, code in (("non\n", 2), ("oui\n", 0)):
        reqgen("review", "approve", ID, PAID, "TST-ZZZ-010", "--by", "Claire Martin", *base, code=code, typed=answer)
    written = yaml.safe_load((history.folder / FILE).read_text("utf-8"))["relecture"]
    assert (written["statut"], written["par"]) == ("validé", "Claire Martin")
    history.save()
    reqgen(*wanted)
    (history.folder / FILE).write_text(after.replace("messagerie", "courriel"), "utf-8")
    assert ID in reqgen(*wanted, "--force", code=1).said


class Closed(HTMLParser):
    """Every element of a page that is opened is closed, in order."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "col"})

    def check(self, page: str) -> None:
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
