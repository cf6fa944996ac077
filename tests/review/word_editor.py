"""A person at a word processor, on the XML of a .docx: what it writes for each gesture, by ECMA-376 part 1, 17.3 and 17.13."""

import copy
import shutil
import subprocess
import zipfile
from pathlib import Path

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
BY = {f"{{{W}}}author": "Mme Legrand", f"{{{W}}}date": "2026-11-24T10:32:00Z"}


def w(name):
    return f"{{{W}}}{name}"


def text_of(paragraph):
    return "".join(node.text or "" for node in paragraph.iter(w("t"))).replace("\u00a0", " ").replace("’", "'")


class Editor:
    """One document, in memory until `save`."""

    def __init__(self, path: Path):
        with zipfile.ZipFile(path) as package:
            self.parts = {name: package.read(name) for name in package.namelist()}
        self.root = etree.fromstring(self.parts["word/document.xml"])
        self.body = self.root.find(w("body"))
        self.comments = []

    def save(self, path: Path) -> Path:
        self.parts["word/document.xml"] = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")
        if self.comments:
            self._add_comments()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in self.parts.items():
                package.writestr(name, content)
        return path

    def paragraph(self, words: str):
        found = [
            one for one in self.body.iter(w("p")) if words in text_of(one) and one.find(f".//{w('hyperlink')}") is None
        ]
        assert len(found) == 1, (words, [text_of(one) for one in found])
        return found[0]

    def replace(self, old: str, new: str) -> "Editor":
        """Type `new` over `old`, which may stand in several runs."""
        nodes = list(self.paragraph(old).iter(w("t")))
        text = "".join(node.text or "" for node in nodes)
        start = text.replace("\u00a0", " ").replace("’", "'").index(old)
        at = 0
        for node in nodes:
            mine = node.text or ""
            first, last = max(start - at, 0), min(start + len(old) - at, len(mine))
            at += len(mine)
            if first < last:
                node.text = mine[:first] + new + mine[last:]
                node.set(SPACE, "preserve")
                new = ""
        return self

    def track(self, old: str, new: str) -> "Editor":
        """The same with tracked changes; `old` stands in one run."""
        run = next(run for run in self.paragraph(old).iter(w("r")) if old in text_of(run))
        before, after = copy.deepcopy(run), copy.deepcopy(run)
        node = run.find(w("t"))
        start = text_of(run).index(old)
        texts = node.text[:start], node.text[start : start + len(old)], node.text[start + len(old) :]
        before.find(w("t")).text, after.find(w("t")).text = texts[0], texts[2]
        for one in (before, after):
            one.find(w("t")).set(SPACE, "preserve")
        gone, come = etree.Element(w("del"), {w("id"): "901", **BY}), etree.Element(w("ins"), {w("id"): "902", **BY})
        node.tag, node.text = w("delText"), texts[1]
        fresh = etree.SubElement(come, w("r"))
        etree.SubElement(fresh, w("t")).text = new
        run.addprevious(before)
        run.addnext(after)
        run.addnext(come)
        run.addprevious(gone)
        gone.append(run)
        return self

    def delete(self, words: str, *, tracked: bool = False) -> "Editor":
        paragraph = self.paragraph(words)
        if not tracked:
            paragraph.getparent().remove(paragraph)
            return self
        for run in list(paragraph.iter(w("r"))):
            gone = etree.Element(w("del"), {w("id"): "903", **BY})
            run.addprevious(gone)
            gone.append(run)
            for node in run.iter(w("t")):
                node.tag = w("delText")
        properties = paragraph.find(w("pPr"))
        look = etree.SubElement(properties, w("rPr"))
        etree.SubElement(look, w("del"), {w("id"): "904", **BY})
        return self

    def insert(self, after: str, words: str) -> "Editor":
        paragraph = etree.Element(w("p"))
        etree.SubElement(etree.SubElement(paragraph, w("r")), w("t")).text = words
        self.paragraph(after).addnext(paragraph)
        return self

    def copy(self, words: str, after: str) -> "Editor":
        """Word leaves the bookmark with the original."""
        fresh = copy.deepcopy(self.paragraph(words))
        self._unmark(fresh)
        self.paragraph(after).addnext(fresh)
        return self

    def unmark(self, words: str) -> "Editor":
        self._unmark(self.paragraph(words))
        return self

    def _unmark(self, paragraph) -> None:
        for node in [*paragraph.iter(w("bookmarkStart"), w("bookmarkEnd"))]:
            node.getparent().remove(node)

    def split(self, words: str, at: str) -> "Editor":
        """Enter before `at`: the bookmark then starts in one paragraph and ends in the next."""
        first = self.paragraph(words)
        second = copy.deepcopy(first)
        for start in list(second.iter(w("bookmarkStart"))):
            start.getparent().remove(start)
        for end in list(first.iter(w("bookmarkEnd"))):
            end.getparent().remove(end)
        text = "".join(node.text or "" for node in first.iter(w("t")))
        cut = text.index(at)
        self._set(first, text[:cut])
        self._set(second, text[cut:])
        first.addnext(second)
        return self

    def merge(self, one: str, two: str) -> "Editor":
        """Delete the end of a paragraph: both bookmarks are then in the same one."""
        first, second = self.paragraph(one), self.paragraph(two)
        first.extend(child for child in list(second) if child.tag != w("pPr"))
        second.getparent().remove(second)
        return self

    def _set(self, paragraph, text: str) -> None:
        nodes = list(paragraph.iter(w("t")))
        nodes[0].text = text
        nodes[0].set(SPACE, "preserve")
        for node in nodes[1:]:
            node.text = ""

    def append(self, words: str, more: str) -> "Editor":
        """Type at the end of a paragraph, after the end of its bookmark."""
        run = etree.SubElement(self.paragraph(words), w("r"))
        node = etree.SubElement(run, w("t"))
        node.text = more
        node.set(SPACE, "preserve")
        return self

    def comment(self, words: str, text: str) -> "Editor":
        number = str(len(self.comments))
        self.comments.append(text)
        run = etree.SubElement(self.paragraph(words), w("r"))
        etree.SubElement(run, w("commentReference"), {w("id"): number})
        return self

    def _add_comments(self) -> None:
        root = etree.Element(w("comments"), nsmap={"w": W})
        for number, text in enumerate(self.comments):
            one = etree.SubElement(root, w("comment"), {w("id"): str(number), **BY})
            etree.SubElement(etree.SubElement(etree.SubElement(one, w("p")), w("r")), w("t")).text = text
        self.parts["word/comments.xml"] = etree.tostring(root)
        relations = self.parts["word/_rels/document.xml.rels"]
        row = f'<Relationship Id="remarques" Type="{R}/comments" Target="comments.xml"/></Relationships>'
        self.parts["word/_rels/document.xml.rels"] = relations.replace(b"</Relationships>", row.encode())
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
        types = self.parts["[Content_Types].xml"]
        row = f'<Override PartName="/word/comments.xml" ContentType="{kind}"/></Types>'
        self.parts["[Content_Types].xml"] = types.replace(b"</Types>", row.encode())


def saved_by_libreoffice(soffice: str, path: Path, folder: Path) -> Path:
    """The document as LibreOffice writes it after opening it, in another folder."""
    profile = folder / "profil"
    command = [soffice, "--headless", f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "docx"]
    subprocess.run([*command, "--outdir", folder, path], check=True, capture_output=True, timeout=120)
    shutil.rmtree(profile, ignore_errors=True)
    written, read = (zipfile.ZipFile(one).read("word/document.xml") for one in (folder / path.name, path))
    assert written != read
    return folder / path.name
