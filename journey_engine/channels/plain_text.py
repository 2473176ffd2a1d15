"""The plain-text part of an e-mail, made from its HTML; works on a finished mail and on a Liquid template alike."""

import re
from functools import lru_cache
from html.parser import HTMLParser

BLOCKS = {
    "address", "article", "blockquote", "div", "dl", "figure", "footer", "form", "header", "hr", "ol", "p", "pre",
    "section", "table", "tr", "ul",
}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
SILENT = {"head", "script", "style", "title", "template"}
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_HELD = re.compile("\ue000(\\d+)\ue001")
_SPACE = re.compile(r"[ \t\r\n\f]+")


@lru_cache(maxsize=512)
def plain_text(html: str) -> str:
    """Paragraphs, lists and links as a person would type them. Liquid tags stay where they are."""
    liquid: list[str] = []

    def hold(found: re.Match[str]) -> str:
        liquid.append(found[0])
        return f"\ue000{len(liquid) - 1}\ue001"

    reader = _Reader()
    reader.feed(_LIQUID.sub(hold, html))
    reader.close()
    return _HELD.sub(lambda found: liquid[int(found[1])], _tidy("".join(reader.pieces)))


def _tidy(text: str) -> str:
    lines = [line.strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in SILENT:
            self._silent += 1
        elif tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self.pieces.append("\n- ")
        elif tag in BLOCKS or tag in HEADINGS:
            self.pieces.append("\n\n" if tag != "tr" else "\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag == "img" and values.get("alt"):
            self.handle_data(values["alt"] or "")
        elif tag == "a":
            self._links.append((values.get("href") or "", len(self.pieces)))

    def handle_endtag(self, tag):
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._links:
            self._close_link(*self._links.pop())
        elif tag in BLOCKS or tag in HEADINGS:
            self.pieces.append("\n\n" if tag != "tr" else "\n")

    def handle_data(self, data):
        if not self._silent:
            self.pieces.append(_SPACE.sub(" ", data))

    def _close_link(self, href: str, start: int) -> None:
        label = "".join(self.pieces[start:]).strip()
        if href and href != label and not href.startswith("#"):
            self.pieces.append(f" ({href})" if label else href)
