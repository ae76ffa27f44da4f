"""What of a report is printed, counted in its HTML, and how many A4 pages that makes. `make check-print` asks a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from math import ceil

from simulator.report.style import columns_of

PAGE = 269.0                   # mm, of A4 less the margins of 14 mm
# Millimetres on average of a row (by the report's language, for English ones have more lines), of a table's headings, of a
# section's heading and of a line of text: with these the six reports of tests/campaigns/printing.py make the pages that a browser
# prints, within one.
ROW, TABLE, HEADING, LINE = {"en": 5.6, "zh-CN": 5.2}, 16.0, 10.0, 5.4
COLUMNS = 104                  # half ems in a line of text
FIGURES = 2                    # a page
VOID = {"meta", "img", "br"}


@dataclass
class Printed(HTMLParser):
    """Counts what is printed behind the first page, and separately on it: everything but what has the class `screen`."""

    text: str
    rows: int = 0
    others: int = 0              # rows that name a part or have its sum
    tables: int = 0
    headings: int = 0
    lines: int = 0
    figures: int = 0
    lang: str = ""
    first: bool = field(default=False)
    open: list[tuple[str, bool, bool]] = field(default_factory=list)      # tag, hidden, on the first page

    def __post_init__(self) -> None:
        super().__init__()
        self._columns = 0
        self.feed(self.text)
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.lang = names["lang"] or "" if tag == "html" else self.lang
        hidden, first = self.open[-1][1:] if self.open else (False, False)
        hidden |= "screen" in (names.get("class") or "").split() or tag in ("style", "title", "figcaption")
        first |= names.get("id") == "answer"
        if not hidden and first == self.first:
            below = {name for name, *_ in self.open}
            other = "tfoot" in below or names.get("class") == "part"
            self.rows += tag == "tr" and "thead" not in below and not other
            self.others += tag == "tr" and other
            self.tables += tag == "table"
            self.headings += tag == "h2"
            self.figures += tag == "img"
            self._columns = 0 if tag in ("p", "li") else self._columns
        if tag not in VOID:
            self.open.append((tag, hidden, first))

    def handle_endtag(self, tag: str) -> None:
        name, hidden, first = self.open.pop()
        assert name == tag, f"{name} is closed by {tag}"
        if tag in ("p", "li") and not hidden and first == self.first:
            self.lines += ceil(self._columns / COLUMNS)

    def handle_data(self, data: str) -> None:
        self._columns += columns_of(data)

    @property
    def pages(self) -> int:
        """The pages that it all makes with the first, on paper as `report.css` prints it."""
        text = (self.rows + self.others) * ROW[self.lang] + self.tables * TABLE + self.headings * HEADING + self.lines * LINE
        return 1 + ceil(text / PAGE) + ceil(self.figures / FIGURES)
