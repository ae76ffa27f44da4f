"""What of a report goes on paper: a page for the answer, and as many rows and figures as the others hold.

Heights are in millimetres of an A4 page as report.css prints it. A text's lines are reckoned from its columns (half ems), so they
are near the truth and not the truth; `make check-print` prints reports and counts their pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf

from simulator.report.style import columns_of

MOST_PAGES = 15                # of a printed report, the answer's page among them
PAGE_HEIGHT, PAGE_WIDTH = 269.0, 182.0     # A4 less the margins of 14 mm
FILLED = 0.9                     # how much of a page the text fills, for rows and headings are not broken
LINE, SMALL_LINE, GAP = 4.7, 3.9, 1.5    # of text of 9.5 points, of notes of 8 points, and after a paragraph
TEXT_COLUMNS, SMALL_COLUMNS, ROW_COLUMNS = 104, 122, 128     # half ems in a line of text, of notes, and in a row of a table
LETTER = 0.9                  # half ems of a Latin letter in running text, on average, with what breaking between words leaves
ROW_LINE, ROW_GAP = 3.4, 1.0   # of a table's row: each line, and what is around it
AROUND_CELL, LEAST_COLUMN = 2, 8      # half ems around a cell, and in the narrowest column that is broken
SECTION_HEAD, TABLE_TITLE = 11.0, 7.5     # of a section, and of a table
FIGURES_A_PAGE = 2
SLACK = 1e-6                   # of sums of heights


def paragraph(text: str) -> float:
    """The height of a paragraph; zero for none."""
    return ceil(_half_ems(text) / TEXT_COLUMNS) * LINE + GAP if text else 0.0


def note(text: str) -> float:
    """The height of a paragraph in small letters; zero for none."""
    return ceil(_half_ems(text) / SMALL_COLUMNS) * SMALL_LINE + GAP if text else 0.0


def _half_ems(text: str) -> float:
    """The width of a running text, which is that of its columns where all letters are Chinese."""
    wide = columns_of(text) - len(text)
    return 2 * wide + LETTER * (len(text) - wide)


def row_heights(rows: Sequence[Sequence[str]], columns: int = ROW_COLUMNS, head: Sequence[str] = (),
                wraps: Sequence[int] = (0,)) -> list[float]:
    """The height of each of a table's rows, in letters of which a row holds `columns` half ems.

    The columns numbered in `wraps` are broken where there is too little room, and share what the others, as wide as their
    texts and headings, leave.
    """
    if not rows:
        return []
    texts = zip(*([*rows, head] if len(head) == len(rows[0]) else rows), strict=True)
    wide = [max(map(columns_of, of_column)) for of_column in texts]
    wanted, fixed = (sum(width for at, width in enumerate(wide) if (at in wraps) == broken) for broken in (True, False))
    free = max(columns - AROUND_CELL * len(wide) - fixed, LEAST_COLUMN * len(wraps))
    if wanted > free:
        wide = [max(free * width // wanted, 1) if at in wraps else width for at, width in enumerate(wide)]
    return [ROW_GAP + ROW_LINE * max(ceil(max(columns_of(text), 1) / max(width, 1))
                                     for text, width in zip(cells, wide, strict=True)) for cells in rows]


def shares(needs: Sequence[float], total: float) -> list[float]:
    """What each of several parts gets of a total: all that it needs, or an equal share with the others that need more."""
    found, left = [0.0] * len(needs), total
    by_need = sorted(range(len(needs)), key=lambda nth: needs[nth])
    for done, nth in enumerate(by_need):
        found[nth] = min(needs[nth], left / (len(needs) - done))
        left -= found[nth]
    return found


class Table:
    """A table on paper: the height of its headings, and of its rows by part (a part with a name has a row for it)."""

    def __init__(self, head: float, parts: Sequence[tuple[str, Sequence[Sequence[str]]]], columns: int = ROW_COLUMNS,
                 headings: Sequence[str] = (), wraps: Sequence[int] = (0,)) -> None:
        self.head, self.names = head, [name for name, _ in parts]
        heights = iter(row_heights([cells for _, rows in parts for cells in rows], columns, headings, wraps))
        self.heights = [[next(heights) for _ in rows] for _, rows in parts]
        self.printed = [0] * len(parts)              # rows of each part that are printed

    @property
    def rows(self) -> int:
        return sum(map(len, self.heights))

    @property
    def height(self) -> float:
        return self.head + sum(map(sum, self.heights)) + sum(map(bool, self.names)) * (ROW_LINE + ROW_GAP)

    @property
    def left_out(self) -> int:
        return self.rows - sum(self.printed)

    def fit(self, height: float) -> float:
        """Print the rows that fit, in order, and return the height that they take; no heading without a row."""
        taken, self.printed = self.head, [0] * len(self.names)
        for nth, (name, rows) in enumerate(zip(self.names, self.heights, strict=True)):
            above = ROW_LINE + ROW_GAP if name else 0.0
            for high in rows:
                if taken + above + high > height + SLACK:
                    return taken if any(self.printed) else 0.0
                taken, above = taken + above + high, 0.0
                self.printed[nth] += 1
        return taken


class Section:
    """A section on paper: what stands above its tables, and the tables."""

    def __init__(self, texts: Sequence[str] = (), tables: Sequence[Table] = (), notes: Sequence[str] = ()) -> None:
        self.above, self.tables = SECTION_HEAD + sum(map(paragraph, texts)) + sum(map(note, notes)), tables

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


def fit(sections: dict[str, Section], figures: int, taken: int = 1) -> int:
    """Let sections and figures share the pages behind the first ones that are `taken`; returns how many figures are printed.

    Figures stand on pages of their own, at most FIGURES_A_PAGE on each, and get what the text leaves.
    """
    pages, names = MOST_PAGES - taken, list(sections)
    needs = [*(sections[name].need / FILLED for name in names), ceil(figures / FIGURES_A_PAGE) * PAGE_HEIGHT]
    found = shares(needs, (pages - 1) * PAGE_HEIGHT)                     # the last page of text may be nearly empty
    of_figures = int(found.pop() / PAGE_HEIGHT + SLACK)
    scale = 1.0 if sum(needs) <= (pages - 1) * PAGE_HEIGHT else (pages - 1 - of_figures) * PAGE_HEIGHT / max(sum(found), SLACK)
    text = sum(sections[name].fit(share * scale * FILLED) for name, share in zip(names, found, strict=True))
    return min(figures, (pages - ceil(text / FILLED / PAGE_HEIGHT)) * FIGURES_A_PAGE)
