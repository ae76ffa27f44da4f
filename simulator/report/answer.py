"""The report's first page: question, answer, one figure and what it rests on, as much as one sheet of paper holds.

Its sentences and figures are those of the terminal (brief.py): nothing is called higher or lower whose interval holds zero.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from simulator.parameters.catalogue import STATUSES
from simulator.report.assumed import assumption_box, targets_said
from simulator.report.brief import MOST_NAMED, Brief
from simulator.report.changes import change_rows
from simulator.report.format import number
from simulator.report.levels import page_lines
from simulator.report.paper import (
    GAP,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    ROW_GAP,
    ROW_LINE,
    SMALL_LINE,
    TEXT_COLUMNS,
    note,
    paragraph,
    row_heights,
)
from simulator.report.precision import asked_and_reached, heavy_tails
from simulator.report.prose import PAGE as WORDS
from simulator.report.prose import REPORT, say
from simulator.report.style import columns_of
from simulator.report.turned import turned_sentence
from simulator.report.varied_page import page_sentence
from simulator.results import Run
from simulator.words import STATUS_NAMES, measure_name, region_name, short_scheme, word

USED = 0.97                    # how much of the page is filled
HEAD_LINE, HEAD_COLUMNS = 7.0, 70            # mm and half ems of a line of the title
PART_HEAD = 9.5                # mm
MOST_DESCRIPTION, MOST_SENTENCES = 5, 10     # lines on this page
LEAST_FIGURE, MOST_FIGURE = 60.0, 95.0       # mm
LINKS = 14                     # half ems of the links behind a caption
LEAST_CHANGES, LEAST_ROWS = 4, 9             # before the figure gives way
KINDS = ("overlay", "balance")               # of figures: the first that is there is drawn
ASSUMED_OF = "oop_per_head"    # the measure of the third sentence


class FirstPage(Brief):
    """The first page of one run in one language. `extra` is as in html.write_report."""

    def __init__(self, run: Run, lang: str, extra: dict) -> None:
        super().__init__(run, lang)
        self.extra = extra

    def parts(self, figures: Mapping[str, tuple[str, float]], facts: str) -> dict:
        """Everything that the page shows: `figures` have the caption and the height over the width of each that there is;
        `facts` close the page.

        Where there is too much for a sheet, it has less of the description and fewer rows than the screen, and says so.
        """
        name, drawn = self.figure(figures)
        title, asked, sentences, rests = self.title(), self.asked(), self.sentences(), self.rests()
        description, whole = shortened(asked), say(REPORT, "question", self.lang)
        cut = self._note("whole_question", description != asked, question=whole)
        changes, rows = change_rows(self.selection, self.lang), self.rows()
        of_changes, of_rows = row_heights(changes, wraps=(0, 1, 2, 3, 4)), row_heights(rows, wraps=(0, 1))
        taken = (-(-columns_of(title) // HEAD_COLUMNS) * HEAD_LINE + 2 * PART_HEAD
                 + sum(map(paragraph, (*description.splitlines(), *sentences))) + sum(map(note, (*rests, facts, cut)))
                 + (note(f"{figures[name][0]} {drawn}" + " " * LINKS) + GAP if name else 0.0))
        left = PAGE_HEIGHT * USED - taken
        least = sum(_height(heights, min(len(heights), most)) for heights, most in ((of_changes, LEAST_CHANGES),
                                                                                    (of_rows, LEAST_ROWS)))
        size = min(max(left - least, LEAST_FIGURE), MOST_FIGURE, PAGE_WIDTH * figures[name][1]) if name else 0.0
        kept = _fitting(of_changes, max(left - size - _height(of_rows, len(rows)), (left - size) / 2))
        shown = _fitting(of_rows, left - size - _height(of_changes, kept))
        return {
            "title": title, "asked": asked, "description": description, "cut": cut, "changes": changes, "kept": kept,
            "sentences": sentences, "head": self._head(), "rows": rows, "shown": shown, "figure": name, "drawn": drawn,
            "size": f"{size:.0f}mm", "rests": rests, "facts": facts,
            "height": taken + size + _height(of_changes, kept) + _height(of_rows, shown),
            "more_changes": self._note("more_changes", kept < len(changes), count=len(changes) - kept, question=whole),
            "more_rows": self._note("more_rows", shown < len(rows), count=len(rows) - shown)}

    def _note(self, key: str, said: bool, **values: object) -> str:
        return say(WORDS, key, self.lang, **values) if said else ""

    def title(self) -> str:
        """The scenario's own title, or regions and years."""
        scenario, first, last = self.selection.scenario, self.found.first, self.found.last
        regions = self._joined([region_name(region, self.lang) for region in scenario["regions"]])
        return scenario.get("title") or say(REPORT, "title" if first != last else "title_year", self.lang, regions=regions,
                                            first=first, last=last)

    def asked(self) -> str:
        """The scenario's own description, or the question in words."""
        scenario = self.selection.scenario
        if scenario.get("description"):
            return scenario["description"].strip()
        regions = self._joined([region_name(region, self.lang) for region in scenario["regions"]])
        schemes = self._joined([short_scheme(scheme, self.lang) for scheme in self.selection.schemes])
        asked = say(REPORT, "question_text", self.lang, year=self.found.first, first=self.found.first, last=self.found.last,
                    regions=regions, schemes=schemes)
        if not self.selection.policy_pairs:
            return asked
        return asked + (" " if self.lang == "en" else "") + say(REPORT, "question_policies", self.lang)

    def sentences(self) -> list[str]:
        """The three sentences, naming as many items as MOST_SENTENCES lines hold, and how funds end if nothing is changed."""
        found: list[str] = []
        for named in range(MOST_NAMED, -1, -1):
            found = [self.sentence(subject, named) for subject in self.found.subjects]
            if sum(-(-columns_of(text) // TEXT_COLUMNS) for text in found) <= MOST_SENTENCES:
                break
        return [*found, *filter(None, [self.unchanged()])]

    def rows(self) -> list[list[str]]:
        """The figures behind the sentences, subject by subject: the subject, what it is of, and the cells under `head`."""
        rows = []
        for subject in self.found.subjects:
            label = self._label(subject)
            for key, found in self.findings.items():
                if key[2] == subject:
                    rows.append([label, self._item(key), *self._cells(found)])
                    label = ""
        return rows

    def figure(self, figures: Collection[str]) -> tuple[str, str]:
        """The name of the figure drawn here and a sentence on whose it is: that of the scheme whose fund is exhausted most often
        on any side, of equals the last. Both are empty where no figure is there."""
        often = {scheme: max(self.found.share_exhausted(scheme)) for scheme in reversed(self.selection.schemes)}
        scheme = max(often, key=lambda name: often[name])
        for kind in KINDS:
            if f"{kind}-{scheme}" in figures:
                first = len(often) > 1 and often[scheme] > 0
                return f"{kind}-{scheme}", say(WORDS, "figure_of" if first else "figure_only", self.lang,
                                               scheme=short_scheme(scheme, self.lang))
        return "", ""

    # --- what it rests on ---

    def rests(self) -> list[str]:
        """Values by status, what of the gap is assumption, draws, warnings, what levels rest on, and the first use to refuse."""
        manifest = self.selection.run.manifest
        counts, draws = manifest["values_by_status"], manifest["draws"]
        total = sum(counts.values())
        listed = [say(WORDS, "status_part", self.lang, status=word(STATUS_NAMES, status, self.lang), count=number(counts[status]),
                      share=number(100 * counts[status] / total)) for status in reversed(STATUSES) if counts.get(status)]
        people = manifest["people"]
        return [
            say(WORDS, "status", self.lang, values=number(total), counts=self._say("comma", REPORT).join(listed)),
            *filter(None, [turned_sentence(self.selection.turns, self.lang),
                           page_sentence(self.selection.variance, self.lang)]), self.gap(),
            *targets_said(self.selection, self.extra, self.lang),
            say(WORDS, "draws" if draws > 1 else "one_draw", self.lang, draws=number(draws),
                people=people if people == "all" else number(people)),
            *asked_and_reached(self.selection, self.lang), heavy_tails(self.selection, self.lang),
            *page_lines(self.selection, self.lang),
            say(WORDS, "not_for", self.lang, use=say(REPORT, "not_for_1", self.lang))]

    def gap(self) -> str:
        """What of the gap in burden comes from assumed values, scheme by scheme, or that it is not known."""
        box = assumption_box(self.selection, self.extra, self.lang)
        rows = [row for row in box["rows"] if row["measure"] == ASSUMED_OF and not row["group"]]
        if not rows:
            return box["sentences"][0]
        a, b = (region_name(region, self.lang) for region in self.selection.scenario["regions"][:2])
        parts = [say(WORDS, "assumed_part", self.lang, **{key: row[key] for key in ("gap", "least", "most")},
                     scheme=row["scheme_name"]) for row in rows]
        return say(WORDS, "assumed_gap", self.lang, measure=measure_name(ASSUMED_OF, self.lang), unit=rows[0]["unit"], a=a, b=b,
                   year=self.found.first, parts=say(WORDS, "then", self.lang).join(parts))


def shortened(text: str) -> str:
    """As much of a text as MOST_DESCRIPTION lines hold, broken where a sentence or else a word ends."""
    def lines(part: str) -> int:
        return sum(-(-max(columns_of(line), 1) // TEXT_COLUMNS) for line in part.splitlines() or [""])

    if lines(text) <= MOST_DESCRIPTION:
        return text
    end = max(end for end in range(len(text)) if lines(text[:end]) <= MOST_DESCRIPTION)
    kept = text[:end]
    ends = [max(kept.rfind(mark) for mark in marks) for marks in ((". ", "。", "? ", "？", ".\n", "\n"), (" ", "，", "、"))]
    at = next((at for at in ends if at > len(kept) // 2), len(kept) - 1)
    return kept[:at + 1].rstrip()


def _height(heights: Sequence[float], kept: int) -> float:
    """The height of the first rows under their heading, with a line that counts the rest; zero for no rows."""
    rest = SMALL_LINE + GAP if kept < len(heights) else 0.0
    return rest + (sum(heights[:kept]) + ROW_LINE + ROW_GAP + GAP if kept else 0.0)


def _fitting(heights: Sequence[float], height: float) -> int:
    """How many rows fit."""
    return max(kept for kept in range(len(heights) + 1) if not kept or _height(heights, kept) <= height)
