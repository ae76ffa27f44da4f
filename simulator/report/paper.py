"""What of a report goes on paper: one page for the answer, and as many rows and figures as the other pages hold.

Heights are in millimetres of an A4 page as report.css prints it. A text's lines are reckoned from its columns (half ems), so they
are near the truth and not the truth; `make check-print` prints reports and counts their pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf

from simulator.report.style import columns_of

MOST_PAGES = 15                # of a printed report, the answer's page among them
PAGE = 269.0                   # A4 less the margins of 14 mm
FULL = 0.92                    # how much of a page the text fills, for rows and headings are not broken
LINE, GAP = 4.7, 1.6           # of text of 9.5 points, and after a paragraph
TEXT_COLUMNS, ROW_COLUMNS = 104, 128     # half ems in a line of text and in a row of a table
ROW_LINE, ROW_GAP = 3.4, 1.0   # of a table's row: each line, and what is around it
CELL = 3                       # half ems around a cell
HEADING, TITLE = 11.0, 7.5     # of a section, and of a table
FIGURES_A_PAGE = 2
SLACK = 1e-6                   # of sums of heights


def paragraph(text: str) -> float:
    """The height of a paragraph."""
    return ceil(max(columns_of(text), 1) / TEXT_COLUMNS) * LINE + GAP


def row(cells: Sequence[str], columns: int = ROW_COLUMNS) -> float:
    """The height of a table's row. Columns are as wide as their texts need, so its lines are those of all texts together."""
    return ceil(sum(columns_of(text) + CELL for text in cells) / columns) * ROW_LINE + ROW_GAP


def shares(needs: Sequence[float], total: float) -> list[float]:
    """What each of several parts gets of a total: all that it needs, or an equal share with the others that need more."""
    found, left = [0.0] * len(needs), total
    by_need = sorted(range(len(needs)), key=lambda nth: needs[nth])
    for done, nth in enumerate(by_need):
        found[nth] = min(needs[nth], left / (len(needs) - done))
        left -= found[nth]
    return found


class Table:
    """A table on paper: the height of its headings, and the cells of its rows by part (a part with a name has a row for it)."""

    def __init__(self, head: float, parts: Sequence[tuple[str, Sequence[Sequence[str]]]], columns: int = ROW_COLUMNS) -> None:
        self.head, self.parts, self.columns = head, parts, columns
        self.printed = [0] * len(parts)              # rows of each part that are printed

    def _of_name(self, name: str) -> float:
        return row([name]) if name else 0.0

    @property
    def height(self) -> float:
        return self.head + sum(self._of_name(name) + sum(row(cells, self.columns) for cells in rows) for name, rows in self.parts)

    @property
    def left_out(self) -> int:
        return sum(len(rows) for _, rows in self.parts) - sum(self.printed)

    def fit(self, height: float) -> float:
        """Print the rows that fit, in order, and return the height that they take; no heading without a row."""
        taken, self.printed = self.head, [0] * len(self.parts)
        for nth, (name, rows) in enumerate(self.parts):
            above = self._of_name(name)
            for cells in rows:
                more = above + row(cells, self.columns)
                if taken + more > height + SLACK:
                    return taken if any(self.printed) else 0.0
                taken, above = taken + more, 0.0
                self.printed[nth] += 1
        return taken


class Section:
    """A section on paper: what stands above its tables, and the tables."""

    def __init__(self, texts: Sequence[str], tables: Sequence[Table] = ()) -> None:
        self.above, self.tables = HEADING + sum(map(paragraph, texts)), tables

    @property
    def need(self) -> float:
        return self.above + sum(table.height for table in self.tables)

    @property
    def left_out(self) -> int:
        return sum(table.left_out for table in self.tables)

    def fit(self, height: float) -> float:
        """Print the rows that fit under the texts, which are always printed, and return the height of all."""
        taken, full = self.above + (2 * LINE + GAP if self.need > height + SLACK else 0.0), False      # to tell what is left out
        for table in self.tables:
            taken += table.fit(-inf if full else height - taken)
            full = full or table.left_out > 0
        return taken


def fit(sections: dict[str, Section], figures: int) -> int:
    """Let sections and figures share the pages behind the first; returns how many figures are printed.

    Figures stand on pages of their own, at most FIGURES_A_PAGE on each, and get what the text leaves.
    """
    pages, names = MOST_PAGES - 1, list(sections)
    needs = [*(sections[name].need / FULL for name in names), ceil(figures / FIGURES_A_PAGE) * PAGE]
    found = shares(needs, (pages - 1) * PAGE)                     # the last page of text may be nearly empty
    of_figures = int(found.pop() / PAGE + SLACK)
    scale = 1.0 if sum(needs) <= (pages - 1) * PAGE else (pages - 1 - of_figures) * PAGE / max(sum(found), SLACK)
    text = sum(sections[name].fit(share * scale * FULL) for name, share in zip(names, found, strict=True))
    return min(figures, (pages - ceil(text / FULL / PAGE)) * FIGURES_A_PAGE)
