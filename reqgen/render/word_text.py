"""Text, fields and addresses as the XML text of a Word file (ECMA-376 part 1, 17.3.3 and 17.16)."""

import re
from urllib.parse import quote, urlsplit

# What XML 1.0 can't hold, and lone surrogates, which UTF-8 can't.
# Said as what is refused: the set of all that is allowed takes ten times as long to compile.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text without the characters that XML can't hold."""
    return _FORBIDDEN.sub("", text)


def escape(text: str) -> str:
    """Clean text as XML."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def run(text: str, properties: str = "") -> str:
    """A run of text; line ends and tabs become their elements."""
    if not text:
        return ""
    look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    content = escape(text).replace("\r\n", "\n").replace("\r", "\n")
    content = content.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    content = content.replace("\t", '</w:t><w:tab/><w:t xml:space="preserve">')
    return f'<w:r>{look}<w:t xml:space="preserve">{content}</w:t></w:r>'


def complex_field(instruction: str, result: str, properties: str = "") -> str:
    """A field with its result; nothing asks the word processor to update it on opening."""
    look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return (
        f'<w:r>{look}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{look}<w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText></w:r>'
        f'<w:r>{look}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"{run(result, properties)}"
        f'<w:r>{look}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def right_tab(position: int) -> str:
    """A tab stop at the right end of the line."""
    return f'<w:tab w:val="right" w:pos="{position}"/>'


def public_address(url: str) -> str:
    """The address in a form that Word takes, "" when it is no public address.

    Word declares the whole file corrupt when a single address is malformed.
    """
    try:
        parts = urlsplit(url.strip())
        well_formed = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return ""
    if not (well_formed or (parts.scheme == "mailto" and "@" in parts.path)):
        return ""
    return quote(clean(url.strip()), safe="!#$%&'()*+,/:;=?@[]~")
