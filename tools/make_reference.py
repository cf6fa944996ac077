"""Make templates/word/reference.docx, the built-in look of Word documents. Run by hand after a change of look.

Usage: python tools/make_reference.py

Lengths are in twips (1/20 pt, 567 to the centimetre) and character sizes in half points, as Word wants them.
Colours keep a contrast of 4.5:1 or more on white (WCAG 2.1, 1.4.3).
"""

from pathlib import Path

from reqgen.package import pack

TARGET = Path(__file__).parent.parent / "templates" / "word" / "reference.docx"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

BLUE = "1F3864"
GREY = "595959"
RULE = "A6A6A6"
LIST_DEPTH = 5
HEADING_DEPTH = 4
HEADING_HANG = (567, 737, 851, 1021)


def style(
    kind: str,
    style_id: str,
    name: str,
    *,
    based: str = "",
    following: str = "",
    paragraph: str = "",
    run: str = "",
    rest: str = "",
    quick: bool = True,
    default: bool = False,
) -> str:
    """One w:style. `paragraph`, `run` and `rest` are the XML inside w:pPr and w:rPr, and after them."""
    builtin = name in BUILTIN or name.startswith(("heading ", "toc ", "List "))
    parts = [
        f'<w:style w:type="{kind}" w:styleId="{style_id}"',
        ' w:default="1"' if default else "",
        "" if builtin else ' w:customStyle="1"',
        f'><w:name w:val="{name}"/>',
        f'<w:basedOn w:val="{based}"/>' if based else "",
        f'<w:next w:val="{following}"/>' if following else "",
        "<w:qFormat/>" if quick else "",
        f"<w:pPr>{paragraph}</w:pPr>" if paragraph else "",
        f"<w:rPr>{run}</w:rPr>" if run else "",
        f"{rest}</w:style>",
    ]
    return "".join(parts)


BUILTIN = {
    "Normal",
    "Default Paragraph Font",
    "Normal Table",
    "No List",
    "TOC Heading",
    "header",
    "footer",
    "Hyperlink",
    "Table Grid",
}


def spacing(before: int = 0, after: int = 0, line: int = 0) -> str:
    """Room before and after, and between lines in 240ths of a line."""
    lines = f' w:line="{line}" w:lineRule="auto"' if line else ""
    return f'<w:spacing w:before="{before}" w:after="{after}"{lines}/>'


def size(half_points: int) -> str:
    """Character size."""
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def colour(value: str) -> str:
    """Character colour."""
    return f'<w:color w:val="{value}"/>'


def edge(side: str, width: int, space: int, value: str) -> str:
    """One border; width in eighths of a point, space in points."""
    return f'<w:{side} w:val="single" w:sz="{width}" w:space="{space}" w:color="{value}"/>'


def defaults() -> str:
    """Defaults of all text: Arial, which free systems replace by Liberation Sans of the same widths."""
    fonts = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="Arial" w:cs="Arial"/>'
    language = '<w:lang w:val="fr-FR" w:eastAsia="fr-FR" w:bidi="ar-SA"/>'
    return (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts}{size(20)}{language}</w:rPr></w:rPrDefault>"
        f"<w:pPrDefault><w:pPr>{spacing(0, 0, 240)}</w:pPr></w:pPrDefault></w:docDefaults>"
    )


def basics() -> list[str]:
    """The four defaults that Word expects, and the small builtin styles."""
    margins = "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", 0), ("left", 85), ("bottom", 0), ("right", 85))
    )
    grid = "".join(edge(side, 4, 0, "auto") for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    line = edge("bottom", 4, 4, RULE)
    return [
        style("paragraph", "Normal", "Normal", default=True),
        style("character", "DefaultParagraphFont", "Default Paragraph Font", quick=False, default=True),
        style(
            "table",
            "TableNormal",
            "Normal Table",
            quick=False,
            default=True,
            rest=f'<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>',
        ),
        style("numbering", "NoList", "No List", quick=False, default=True),
        style(
            "table",
            "TableGrid",
            "Table Grid",
            based="TableNormal",
            quick=False,
            rest=f"<w:tblPr><w:tblBorders>{grid}</w:tblBorders></w:tblPr>",
        ),
        style(
            "paragraph",
            "Header",
            "header",
            based="Normal",
            quick=False,
            paragraph=f"<w:pBdr>{line}</w:pBdr>",
            run=colour(GREY) + size(17),
        ),
        style(
            "paragraph",
            "Footer",
            "footer",
            based="Normal",
            quick=False,
            paragraph=f"<w:pBdr>{edge('top', 4, 4, RULE)}</w:pBdr>",
            run=colour(GREY) + size(17),
        ),
        style("character", "Hyperlink", "Hyperlink", quick=False, run=colour("0B4F9E") + '<w:u w:val="single"/>'),
        style("character", "Reference", "Référence", run=f'<w:b w:val="0"/><w:i w:val="0"/>{colour(GREY)}{size(16)}'),
        style("character", "Projet", "Mention de projet", run=f'<w:b/>{colour("9C0006")}<w:spacing w:val="40"/>'),
    ]


def headings() -> list[str]:
    """Numbered headings, and their twins that a table of contents made from builtin headings leaves out."""
    looks = (
        (
            spacing(320, 100),
            f"<w:b/>{colour(BLUE)}{size(30)}",
            f"<w:pBdr>{edge('bottom', 6, 3, BLUE)}</w:pBdr>",
        ),
        (spacing(200, 60), f"<w:b/>{colour(BLUE)}{size(24)}", ""),
        (spacing(140, 40), f"<w:b/>{colour(BLUE)}{size(20)}", ""),
        (spacing(120, 40), f"<w:i/>{colour(BLUE)}{size(20)}", ""),
    )
    made = []
    for level, (room, run, border) in enumerate(looks, 1):
        number = f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="1"/></w:numPr>'
        made.append(
            style(
                "paragraph",
                f"Heading{level}",
                f"heading {level}",
                based="Normal",
                following="Corps",
                paragraph=f"<w:keepNext/><w:keepLines/>{number}{border}<w:suppressAutoHyphens/>{room}"
                f'<w:outlineLvl w:val="{level - 1}"/>',
                run=run,
            )
        )
    made += [
        style(
            "paragraph",
            f"Heading{level}Hors",
            f"Titre {level} hors sommaire",
            based=f"Heading{level}",
            following="Corps",
        )
        for level in range(1, HEADING_DEPTH + 1)
    ]
    return made


def contents() -> list[str]:
    """Make the table of contents: hanging numbers; tab stops depend on the page, so entries have their own."""
    indents = ((567, 567, 90), (1304, 737, 30), (2155, 851, 20), (3176, 1021, 20))
    made = [
        style(
            "paragraph",
            "TOCHeading",
            "TOC Heading",
            based="Normal",
            following="Corps",
            paragraph=f"<w:keepNext/><w:pBdr>{edge('bottom', 6, 3, BLUE)}</w:pBdr>{spacing(0, 240)}"
            '<w:outlineLvl w:val="9"/>',
            run=f"<w:b/>{colour(BLUE)}{size(30)}",
        )
    ]
    for level, (left, hanging, before) in enumerate(indents, 1):
        made.append(
            style(
                "paragraph",
                f"TOC{level}",
                f"toc {level}",
                based="Normal",
                following="Normal",
                quick=False,
                paragraph=f'{spacing(before, 30)}<w:ind w:left="{left}" w:hanging="{hanging}"/>',
                run="<w:b/>" if level == 1 else "",
            )
        )
    return made


def lists() -> list[str]:
    """Lists by depth; each depth's style is linked to its level of numbering."""
    made = []
    for depth in range(1, LIST_DEPTH + 1):
        ending = "" if depth == 1 else f" {depth}"
        for name, number in (("Bullet", 2), ("Number", 3)):
            linked = f'<w:numPr><w:ilvl w:val="{depth - 1}"/><w:numId w:val="{number}"/></w:numPr>'
            made.append(
                style(
                    "paragraph",
                    f"List{name}{ending.strip()}",
                    f"List {name}{ending}",
                    based="Normal",
                    paragraph=f"{linked}{spacing(0, 30, 240)}",
                )
            )
        made.append(
            style(
                "paragraph",
                f"ListContinue{ending.strip()}",
                f"List Continue{ending}",
                based="Normal",
                paragraph=f'{spacing(0, 30, 240)}<w:ind w:left="{397 * depth}"/>',
            )
        )
    return made


def box(value: str, width: int) -> str:
    """A frame around a paragraph."""
    return (
        "<w:pBdr>" + "".join(edge(side, width, 6, value) for side in ("top", "left", "bottom", "right")) + "</w:pBdr>"
    )


def texts() -> list[str]:
    """Our own paragraphs; the ids are those of reqgen.model.document.Style."""
    bar = f"<w:pBdr>{edge('left', 12, 8, RULE)}</w:pBdr>"
    title_rules = f"<w:pBdr>{edge('top', 12, 14, BLUE)}{edge('bottom', 12, 14, BLUE)}</w:pBdr>"
    fill = '<w:shd w:val="clear" w:color="auto" w:fill="FDF3E1"/>'
    return [
        style(
            "paragraph",
            "Corps",
            "Corps",
            based="Normal",
            paragraph=f"<w:widowControl/>{spacing(0, 70, 240)}",
        ),
        style(
            "paragraph",
            "Note",
            "Note",
            based="Normal",
            paragraph=f'<w:keepLines/>{bar}{spacing(60, 120, 252)}<w:ind w:left="227"/>',
            run=f"<w:i/>{colour('404040')}{size(19)}",
        ),
        style(
            "paragraph",
            "Verification",
            "Vérification",
            based="Normal",
            paragraph=f"<w:widowControl/>{spacing(0, 60, 240)}",
            run=colour(GREY) + size(17),
        ),
        style(
            "paragraph",
            "Avertissement",
            "Avertissement",
            based="Normal",
            paragraph=f"<w:keepLines/>{box('B45F06', 8)}{fill}{spacing(160, 200, 264)}"
            '<w:ind w:left="142" w:right="142"/>',
            run=colour("5C3000"),
        ),
        style(
            "paragraph",
            "CouvertureAcheteur",
            "Couverture – acheteur",
            based="Normal",
            following="CouvertureTitre",
            paragraph=spacing(0, 60, 264),
            run=f"<w:b/>{colour(BLUE)}{size(30)}",
        ),
        style(
            "paragraph",
            "CouvertureTitre",
            "Couverture – titre",
            based="Normal",
            following="CouvertureObjet",
            paragraph=title_rules + spacing(3400, 560, 264),
            run=f"<w:b/>{colour(BLUE)}{size(52)}",
        ),
        style(
            "paragraph",
            "CouvertureObjet",
            "Couverture – objet",
            based="Normal",
            following="CouvertureDetail",
            paragraph=spacing(0, 900, 276),
            run=colour("262626") + size(32),
        ),
        style(
            "paragraph",
            "CouvertureDetail",
            "Couverture – détail",
            based="Normal",
            paragraph=spacing(0, 100, 276),
            run=colour("404040") + size(22),
        ),
        style(
            "paragraph",
            "TitreEnTete",
            "Titre en tête",
            based="Normal",
            following="Corps",
            paragraph=title_rules + spacing(200, 200, 252),
            run=f"<w:b/>{colour(BLUE)}{size(36)}",
        ),
        style(
            "paragraph",
            "TableauEntete",
            "Tableau – en-tête",
            based="Normal",
            paragraph=f"<w:keepNext/><w:keepLines/>{spacing(20, 20)}",
            run=f"<w:b/>{colour(BLUE)}{size(17)}",
        ),
        style(
            "paragraph",
            "TableauTexte",
            "Tableau – texte",
            based="Normal",
            paragraph=spacing(10, 10),
            run=size(16),
        ),
        style(
            "paragraph",
            "Intervalle",
            "Intervalle",
            based="Normal",
            paragraph='<w:spacing w:before="0" w:after="0" w:line="120" w:lineRule="exact"/>',
            run=size(8),
        ),
        table(),
    ]


def table() -> str:
    """Thin grey rules and a tinted first row."""
    grid = "".join(edge(side, 4, 0, RULE) for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    tint = '<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="E4EAF4"/><w:vAlign w:val="center"/></w:tcPr>'
    return style(
        "table",
        "TableauCahier",
        "Tableau du cahier",
        based="TableNormal",
        rest=f"<w:tblPr><w:tblBorders>{grid}</w:tblBorders></w:tblPr>"
        f'<w:tblStylePr w:type="firstRow">{tint}</w:tblStylePr>',
    )


def level(at: int, form: str, text: str, linked: str, left: int, hanging: int, run: str = "") -> str:
    """One level of numbering."""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:pStyle w:val="{linked}"/>'
        f'<w:suff w:val="tab"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr>'
        f"{f'<w:rPr>{run}</w:rPr>' if run else ''}</w:lvl>"
    )


def numbering() -> str:
    """Three numberings: headings (1, 1.1, …), bullets, numbers; each level is linked to a style."""
    chapters = [
        level(at, "decimal", ".".join(f"%{n}" for n in range(1, at + 2)), f"Heading{at + 1}", hang, hang)
        for at, hang in enumerate(HEADING_HANG)
    ]
    bullets, numbers = [], []
    for at in range(LIST_DEPTH):
        ending = "" if at == 0 else str(at + 1)
        left = 397 * (at + 1)
        # Both marks are in Arial: no symbol font, whose code points screen readers and free systems miss.
        bullets.append(level(at, "bullet", "–" if at % 2 else "•", f"ListBullet{ending}", left, 284, colour(BLUE)))
        form = ("decimal", "lowerLetter", "lowerRoman")[at % 3]
        numbers.append(level(at, form, f"%{at + 1})" if at else "%1.", f"ListNumber{ending}", left, 397))
    kinds = (chapters, bullets, numbers)
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{at}"><w:nsid w:val="52455{at:03d}"/><w:multiLevelType w:val="multilevel"/>'
        f"{''.join(levels)}</w:abstractNum>"
        for at, levels in enumerate(kinds, 1)
    )
    numbers_used = "".join(
        f'<w:num w:numId="{at}"><w:abstractNumId w:val="{at}"/></w:num>' for at in range(1, len(kinds) + 1)
    )
    return f'{HEAD}<w:numbering xmlns:w="{W}">{abstract}{numbers_used}</w:numbering>'


def styles() -> str:
    """The style sheet."""
    every = basics() + headings() + contents() + lists() + texts()
    return f'{HEAD}<w:styles xmlns:w="{W}">{defaults()}{"".join(every)}</w:styles>'


def settings() -> str:
    """As Word 2013 and later lay out; no field is updated on opening."""
    mode = "http://schemas.microsoft.com/office/word"
    return (
        f'{HEAD}<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="567"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/>'
        f'<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="{mode}" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="fr-FR"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>'
    )


def document() -> str:
    """An empty body on A4: margins 2 cm all around."""
    return (
        f'{HEAD}<w:document xmlns:w="{W}"><w:body><w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" '
        'w:header="567" w:footer="510" w:gutter="0"/>'
        "</w:sectPr></w:body></w:document>"
    )


def fonts() -> str:
    """Names the free font of the same widths."""
    return (
        f'{HEAD}<w:fonts xmlns:w="{W}"><w:font w:name="Arial"><w:altName w:val="Liberation Sans"/>'
        '<w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font></w:fonts>'
    )


def relations(targets: dict[str, str]) -> str:
    """A relationship part: kind by target."""
    rows = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for at, (target, kind) in enumerate(targets.items(), 1)
    )
    return (
        f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{rows}</Relationships>"
    )


def content_types(kinds: dict[str, str]) -> str:
    """The content types of the parts."""
    rows = "".join(
        f'<Override PartName="/word/{name}" ContentType="{MIME}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    return (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def main() -> None:
    """Write the template."""
    kinds = {"styles": styles, "numbering": numbering, "settings": settings, "fontTable": fonts}
    parts = {f"word/{kind}.xml": make() for kind, make in kinds.items()}
    parts["word/document.xml"] = document()
    parts["_rels/.rels"] = relations({"word/document.xml": "officeDocument"})
    parts["word/_rels/document.xml.rels"] = relations({f"{kind}.xml": kind for kind in kinds})
    parts["[Content_Types].xml"] = content_types(
        {"document.xml": "document.main"} | {f"{kind}.xml": kind for kind in kinds}
    )
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(pack({name: text.encode() for name, text in parts.items()}))


if __name__ == "__main__":
    main()
