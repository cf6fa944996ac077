"""Tracked changes resolved: every kind that ECMA-376 part 1, 17.13.5 knows, and what the standard leaves open."""

import pytest
from lxml import etree

from reqgen.load.word_changes import MAX_DEPTH, W, accept_all, reject_all
from reqgen.model.diagnostic import ReqgenError

BY = 'w:id="1" w:author="A" w:date="2026-01-01T00:00:00Z"'


def read(content: str) -> etree._Element:
    return etree.fromstring(f'<w:body xmlns:w="{W}">{content}</w:body>')


def run(text: str, look: str = "") -> str:
    return f"<w:r>{look}<w:t>{text}</w:t></w:r>"


def gone(text: str, tag: str = "del") -> str:
    return f"<w:{tag} {BY}><w:r><w:delText>{text}</w:delText></w:r></w:{tag}>"


def come(text: str, tag: str = "ins") -> str:
    return f"<w:{tag} {BY}>{run(text)}</w:{tag}>"


def p(content: str, mark: str = "", style: str = "") -> str:
    """A paragraph; `mark` is the change of its mark."""
    look = f'<w:pStyle w:val="{style}"/>' if style else ""
    look += f"<w:rPr><w:{mark} {BY}/></w:rPr>" if mark else ""
    return f"<w:p><w:pPr>{look}</w:pPr>{content}</w:p>"


def row(*cells: str, mark: str = "") -> str:
    properties = f"<w:trPr><w:{mark} {BY}/></w:trPr>" if mark else ""
    return f"<w:tr>{properties}{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def told(element: etree._Element) -> list[object]:
    """Paragraphs as « style: text », tables as lists of rows of cells."""
    found: list[object] = []
    for child in element:
        name = etree.QName(child).localname
        if name == "p":
            style = child.find(f"{{{W}}}pPr/{{{W}}}pStyle")
            text = "".join(child.itertext(f"{{{W}}}t"))
            found.append(text if style is None else f"{style.get(f'{{{W}}}val')}: {text}")
        elif name == "tbl":
            rows = child.iterfind(f"{{{W}}}tr")
            found.append([[told(cell) for cell in row.iterfind(f"{{{W}}}tc")] for row in rows])
    return found


def both(content: str) -> tuple[list[object], list[object]]:
    """What is there once all is rejected, and once all is accepted."""
    body = read(content)
    before = etree.tostring(body)
    found = told(reject_all(body)), told(accept_all(body))
    assert etree.tostring(body) == before
    return found


@pytest.mark.parametrize(
    ("content", "old", "new"),
    [
        (p(run("un ") + gone("deux") + come("trois")), ["un deux"], ["un trois"]),
        (p(gone("un", "moveFrom") + run("|") + come("un", "moveTo")), ["un|"], ["|un"]),
        # a deletion inside an insertion: proposed by one, withdrawn by another
        (p(f"<w:ins {BY}>{run('un')}{gone('deux')}</w:ins>"), [""], ["un"]),
        (p(f"<w:moveTo {BY}>{come('un')}{gone('deux')}</w:moveTo>"), [""], ["un"]),
        # marks of paragraphs
        (p(run("un "), "del") + p(run("deux")), ["un ", "deux"], ["un deux"]),
        (p(run("un "), "ins") + p(run("deux")), ["un deux"], ["un ", "deux"]),
        (p(gone("un"), "del", "A") + p(run("deux"), "", "B"), ["A: un", "B: deux"], ["B: deux"]),
        (p(come("un"), "moveTo", "A") + p(run("deux"), "", "B"), ["B: deux"], ["A: un", "B: deux"]),
        (p(run("a"), "del") + p(run("b"), "del") + p(run("c")), ["a", "b", "c"], ["abc"]),
        # no paragraph follows
        (p(gone("un"), "del") + table(row(p(run("x")))), ["un", [[["x"]]]], [[[["x"]]]]),
        (p(run("un"), "del") + table(row(p(run("x")))), ["un", [[["x"]]]], ["un", [[["x"]]]]),
        (table(row(p(gone("x"), "del"))), [[[["x"]]]], [[[[""]]]]),
        (table(row(p(run("x")) + p(gone("y"), "del"))), [[[["x", "y"]]]], [[[["x"]]]]),
        (p(run("un")) + p(gone("deux"), "del"), ["un", "deux"], ["un"]),
        # rows and cells
        (table(row(p(run("a")), mark="del"), row(p(run("b")), mark="ins")), [[[["a"]]]], [[[["b"]]]]),
        (table(row(p(run("a")), mark="ins")) + p(run("x")), ["x"], [[[["a"]]], "x"]),
        (table(row(f"<w:tcPr><w:cellDel {BY}/></w:tcPr>{p(run('a'))}", p(run("b")))), [[[["a"], ["b"]]]], [[[["b"]]]]),
        (table(row(f"<w:tcPr><w:cellIns {BY}/></w:tcPr>{p(run('a'))}", p(run("b")))), [[[["b"]]]], [[[["a"], ["b"]]]]),
        (table(row(table(row(p(come("x")))) + p(run("fin")))), [[[[[[[""]]], "fin"]]]], [[[[[[["x"]]], "fin"]]]]),
        # inside links, controls and fields
        (p(f'<w:hyperlink w:anchor="a">{come("un")}{gone("deux")}</w:hyperlink>'), ["deux"], ["un"]),
        (p(f"<w:sdt><w:sdtContent>{come('un')}{gone('deux')}</w:sdtContent></w:sdt>"), ["deux"], ["un"]),
    ],
)  # fmt: skip
def test_content(content, old, new):
    assert both(content) == (old, new)


def properties(element: etree._Element, path: str) -> list[str]:
    """The names of the properties at the path, with their values."""
    (found,) = element.iterfind("/".join(f"{{{W}}}{step}" for step in path.split("/")))
    return [f"{etree.QName(child).localname}={child.get(f'{{{W}}}val', '')}" for child in found]


def test_properties_of_a_paragraph_come_back():
    was = '<w:pPr><w:pStyle w:val="A"/><w:jc w:val="left"/></w:pPr>'
    kept = read(
        f'<w:p><w:pPr><w:pStyle w:val="B"/><w:rPr><w:b/></w:rPr><w:pPrChange {BY}>{was}</w:pPrChange></w:pPr></w:p>'
    )
    assert properties(reject_all(kept), "p/pPr") == ["pStyle=A", "jc=left", "rPr="]
    assert properties(accept_all(kept), "p/pPr") == ["pStyle=B", "rPr="]


def test_properties_of_a_run_and_a_table_come_back():
    body = read(
        p(run("x", f"<w:rPr><w:b/><w:rPrChange {BY}><w:rPr><w:i/></w:rPr></w:rPrChange></w:rPr>"))
        + f'<w:tbl><w:tblPr><w:jc w:val="a"/><w:tblPrChange {BY}><w:tblPr><w:jc w:val="b"/></w:tblPr></w:tblPrChange></w:tblPr>'
        + row(p(""))
        + "</w:tbl>"
    )
    assert properties(accept_all(body), "p/r/rPr") == ["b="]
    assert properties(reject_all(body), "p/r/rPr") == ["i="]
    assert properties(accept_all(body), "tbl/tblPr") == ["jc=a"]
    assert properties(reject_all(body), "tbl/tblPr") == ["jc=b"]


def test_headers_of_a_section_stay():
    headers = '<w:headerReference w:type="default"/><w:footerReference w:type="default"/>'
    was = '<w:sectPr><w:pgSz w:w="2"/></w:sectPr>'
    body = read(f'{p("")}<w:sectPr>{headers}<w:pgSz w:w="1"/><w:sectPrChange {BY}>{was}</w:sectPrChange></w:sectPr>')
    names = ["headerReference=", "footerReference=", "pgSz="]
    assert properties(accept_all(body), "sectPr") == properties(reject_all(body), "sectPr") == names
    size = reject_all(body).find(f"{{{W}}}sectPr/{{{W}}}pgSz")
    assert size is not None and size.get(f"{{{W}}}w") == "2"


def test_a_number_that_was_added():
    number = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/><w:ins {BY}/></w:numPr>'
    body = read(f"<w:p><w:pPr>{number}</w:pPr></w:p>")
    assert properties(reject_all(body), "p/pPr") == []
    assert properties(accept_all(body), "p/pPr/numPr") == ["ilvl=0", "numId=3"]


def test_nothing_of_the_changes_stays():
    content = (
        f'<w:moveFromRangeStart {BY} w:name="m"/>{p(gone("un", "moveFrom"), "moveFrom")}<w:moveFromRangeEnd w:id="1"/>'
        + p(come("deux") + f"<w:del {BY}><w:r><w:delInstrText>PAGE</w:delInstrText></w:r></w:del>", "ins")
        + table(row(p(run("a")), mark="ins"), row(p(run("b"))))
        + p("")
    )
    for side in (accept_all, reject_all):
        names = {etree.QName(node).localname for node in side(read(content)).iter()}
        assert not {name for name in names if name.startswith(("ins", "del", "move"))} - {"instrText"}
    assert [node.text for node in reject_all(read(content)).iter(f"{{{W}}}instrText")] == ["PAGE"]


def test_what_is_not_tracked_is_as_it_was():
    body = read(f"{p(run('un'), '', 'A')}<!-- note -->{table(row(p(run('x'))))}{p('')}<w:sectPr/>")
    plain = etree.tostring(body)
    assert etree.tostring(accept_all(body)) == etree.tostring(reject_all(body)) == plain


def test_elements_inside_one_another():
    deep = "<w:ins>" * (MAX_DEPTH - 5) + run("x") + "</w:ins>" * (MAX_DEPTH - 5)
    assert told(accept_all(read(p(deep)))) == ["x"]
    for content in (f"<w:ins>{deep}</w:ins>" * 1, "<w:tbl><w:tr><w:tc>" * 80 + "</w:tc></w:tr></w:tbl>" * 80):
        with pytest.raises(ReqgenError) as caught:
            accept_all(read(f"<w:p><w:ins><w:ins><w:ins>{content}</w:ins></w:ins></w:ins></w:p>"))
        assert [finding.rule for finding in caught.value.diagnostics] == ["too-large"]


def test_many_paragraphs():
    body = read(p(run("x"), "ins") * 10_000 + p(run("fin")))
    assert len(accept_all(body)) == 10_001
    assert told(reject_all(body)) == ["x" * 10_000 + "fin"]
