"""The answer on the terminal: the question, what changes, three sentences, one small table, and where the rest is.

Every sentence is made from the intervals beside it in the table: nothing is called higher or lower whose interval holds zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from simulator.parameters.values import quantity_at
from simulator.report.changes import differing, plan_titles, stated
from simulator.report.findings import Finding, Findings
from simulator.report.format import NONE, marked, number, places_of, signed
from simulator.report.levels import counted_shortly
from simulator.report.prose import BRIEF, REPORT, say
from simulator.report.select import Side
from simulator.report.style import columns_of, wrap
from simulator.report.turned import turned_line
from simulator.report.unchanged import unchanged_said
from simulator.report.varied_page import page_sentence
from simulator.results import Run
from simulator.words import Words, policy_name, region_name, short_scheme

MOST_LINES, MOST_COLUMNS = 24, 100
MOST_QUESTION, MOST_CHANGES, MOST_NAMED = 4, 5, 3      # lines of the question, of changed values, items named in a clause
MOST_ANSWER = 9
FEWEST_ROWS, MOST_WANTED = 4, 9                        # lines of the table: the fewest, and those that go before changed values
MOST_BESIDE, MOST_BESIDE_OF_MANY = 2, 1                # funds told as run and unchanged; on the terminal of several schemes
WIDEST_NAME = 28                                      # columns, before the figures of a row


class Brief:
    """The answer of one run in one language, in lines of at most `width` columns.

    `below` is the number of lines that the caller prints under it.
    """

    def __init__(self, run: Run, lang: str, width: int = 80, below: int = 2) -> None:
        self.found, self.lang, self.width, self.most = Findings(run), lang, min(width, MOST_COLUMNS), MOST_LINES - below
        self.selection, self.pairs, self.findings = self.found.selection, self.found.pairs, self.found.by_key

    def lines(self) -> list[str]:
        """The whole answer: with what stands below at most MOST_LINES lines."""
        question = self.question()
        whole = self._with_every_row(question)
        spare, answer, last = whole or self._with_sentences(question, self.answer(), self.remarks())
        wanted = self._all_rows() if whole else min(len(self._by_subject(self.found.subjects[:1])) + 1, MOST_WANTED)
        if spare > (wanted + bool(self.changes(1)) if whole else FEWEST_ROWS + 1) and (turned := self.turned()):
            last, spare = [*last, turned], spare - 1
        changes = self.changes(max(min(MOST_CHANGES, spare - wanted), 1))
        return [*question, *changes, "", *answer, "", *self.table(spare - len(changes)), *last]

    def _with_sentences(self, question: list[str], answer: list[str], last: list[str]) -> tuple[int, list[str], list[str]]:
        """The lines that sentences and remarks leave for changes and the table, and they."""
        return self.most - len(question) - len(answer) - len(last) - 2, answer, last

    def _with_every_row(self, question: list[str]) -> tuple[int, list[str], list[str]] | None:
        """The longest sentences and remarks beside which the table has all its rows; None where the shortest leave no room."""
        rows = self._all_rows() + bool(self.changes(1))
        for answer, last in ((self.answer(), self.remarks()), (self.answer(short=True), self.remarks()),
                             (self.answer(short=True), self.remarks(short=True)),
                             (self.answer(short=True), self.remarks(short=True, beside=0))):
            found = self._with_sentences(question, answer, last)
            if found[0] >= rows:
                return found
        return None

    def _all_rows(self) -> int:
        """The lines of the table with every row."""
        return min(len(self._by_pair()), len(self._by_subject(self.found.subjects)))

    # --- the question ---

    def question(self) -> list[str]:
        """Title and description of the scenario, or what it asks in words."""
        scenario, of_run = self.selection.scenario, self.selection.scenario["regions"]
        named = self._joined([region_name(region, self.lang) for region in of_run])
        key = "title" if self.found.first != self.found.last else "title_year"
        title = scenario.get("title") or say(REPORT, key, self.lang, regions=named, first=self.found.first, last=self.found.last)
        asked = self._say("question_policies", REPORT) if self.selection.policy_pairs else say(BRIEF, "asks", self.lang,
                                                                                             year=self.found.first)
        text = scenario.get("description") or asked
        lines = [*wrap(title, self.width), *wrap(" ".join(text.split()), self.width)]
        if len(lines) > MOST_QUESTION:
            lines[MOST_QUESTION - 1:] = wrap(self._say("more_text"), self.width)
        return lines

    def changes(self, most: int) -> list[str]:
        """The old and the new value of what each policy changes, baseline first; keys that stay are left out."""
        found = [self._change(self._say("everybody"), own, stated(self.found.first_region, own, self.found.first),
                              self.found.first_policy)
                 for own in dict.fromkeys(quantity_at(path)[0] for path in self.selection.scenario["changes"])]
        for policy in self.selection.scenario["policies"][1:]:
            for own in dict.fromkeys(quantity_at(path)[0] for path in policy["changes"]):
                old = self.selection.in_force(self.found.side(self.found.first_region), own, self.found.first)
                found.append(self._change(policy["name"], own, old, policy["name"]))
            found += [say(BRIEF, "change", self.lang, policy=policy["name"], path=scheme, old=self._say("regions_rules", REPORT),
                          new=title) for scheme, title in plan_titles(policy, self.lang).items()]
        blocks = [wrap(text, self.width) for text in found]
        lines: list[str] = []
        for nth, block in enumerate(blocks):
            left = len(blocks) - nth
            if len(lines) + len(block) > most - (left > 1):
                return [*lines, say(BRIEF, "more_changes", self.lang, count=left)]
            lines += block
        return lines

    def _change(self, who: str, own: str, old: str | None, policy: str) -> str:
        """One changed parameter in the first region, old value and new."""
        new = self.selection.in_force(Side(self.found.first_region, policy), own, self.found.first)
        before, after = map(_written, differing(old or self._say("not_read"), new or self._say("not_read")))
        if len(self.selection.scenario["regions"]) > 1:
            who += self._say("comma", REPORT) + region_name(self.found.first_region, self.lang)
        return say(BRIEF, "change", self.lang, policy=who, path=own, old=before, new=after)

    # --- the answer ---

    def answer(self, short: bool = False) -> list[str]:
        """Three sentences, wrapped, which name as many items as MOST_ANSWER lines hold; short ones as many as a line holds."""
        lines: list[str] = []
        if short:
            told = [[wrap(self.sentence(subject, named, short=True), self.width) for named in range(MOST_NAMED, -1, -1)]
                    for subject in self.found.subjects]
            return [line for ways in told for line in min(ways, key=len)]
        for named in range(MOST_NAMED, -1, -1):
            lines = [line for subject in self.found.subjects for line in wrap(self.sentence(subject, named), self.width)]
            if len(lines) <= MOST_ANSWER:
                break
        return lines

    def sentence(self, subject: str, most: int = MOST_NAMED, short: bool = False) -> str:
        """What is higher, lower, the same and unsure, naming at most `most` items of each, or without a comparison what it is.

        A short one leaves to the table by how much.
        """
        said = say(BRIEF, f"{'short' if short else 'subject'}_{subject}", self.lang, year=self.found.year(subject))
        of_subject = {key: found for key, found in self.findings.items() if key[2] == subject}
        if not self.pairs:
            items = [say(BRIEF, f"is_{subject}", self.lang, value=number(found.a, _places(found)), item=self._item(key))
                     for key, found in of_subject.items()]
            return say(BRIEF, "is", self.lang, subject=said, items=self._joined(items))
        clauses: list[str] = []
        for verdict in ("higher", "lower", "unsure", "same"):
            items = [self._with_gap(key, found, subject) if verdict in ("higher", "lower") and not short else self._item(key)
                     for key, found in of_subject.items() if found.verdict == verdict]
            if items:
                rest = say(BRIEF, "others" if most else "counted", self.lang, count=len(items) - most, all=len(of_subject))
                named = items if len(items) <= most + bool(most) else [*items[:most], rest]
                begun = f"{verdict}_too" if clauses else verdict
                key = f"short_{verdict}" if short and not (clauses and verdict == "lower") else begun
                clauses.append(say(BRIEF, key, self.lang, items=self._joined(named),
                                   than=self._between("short_than" if short else "than"), between=self._between("between"),
                                   as_=self._between("as")))
        return say(BRIEF, "short_sentence" if short else "sentence", self.lang, subject=said,
                   clauses=self._say("then").join(clauses))

    def _between(self, word: str) -> str:
        if self.selection.policy_pairs:
            return self._say(f"{word}_baseline")
        a, b = (region_name(label, self.lang) for label in self.pairs[0])
        return say(BRIEF, f"{word}_region" if len(self.pairs) == 1 else f"{word}_regions", self.lang, a=a, b=b)

    def _item(self, key: tuple[int, str, str]) -> str:
        """What tells one finding from the others in a sentence: the policy or region, the scheme, or both."""
        names = []
        if len(self.pairs) > 1 or self.selection.policy_pairs:
            names.append(self._pair_name(self.pairs[key[0]]))
        if len(self.selection.schemes) > 1 or not names:
            names.append(short_scheme(key[1], self.lang))
        return " ".join(names)

    def _with_gap(self, key: tuple[int, str, str], found: Finding, subject: str) -> str:
        gap = say(BRIEF, f"gap_{subject}", self.lang, gap=signed(found.difference, _places(found)))
        return say(BRIEF, "item", self.lang, item=self._item(key), gap=gap)

    def _pair_name(self, pair: tuple[str, str]) -> str:
        """A policy, with its region where there are several; or the second of two regions."""
        region, _, policy = pair[0].partition(": ")
        if not policy:
            return region_name(pair[1], self.lang)
        name = policy_name(policy, self.lang)
        return name if len(self.selection.scenario["regions"]) == 1 else f"{region_name(region, self.lang)} {name}"

    # --- the table ---

    def table(self, most: int) -> list[str]:
        """A row for each figure: under its pair and scheme, or if that takes more than `most` lines under its subject, without
        the last subjects if need be. A line says how many rows are left out."""
        lines = self._by_pair()
        if len(lines) <= most:
            return [text for text, _ in lines]
        for shown in (3, 2, 1):
            lines = self._by_subject(self.found.subjects[:shown])
            if len(lines) + (shown < 3) <= most:
                break
        kept = lines[:max(most, FEWEST_ROWS) - 1] if len(lines) + (shown < 3) > most else lines
        left = len(self.findings) - sum(of_figures for _, of_figures in kept)
        return [*(text for text, _ in kept), *([say(BRIEF, "more_rows", self.lang, count=left)] if left else [])]

    def _head(self) -> list[str]:
        """The headings of the columns of figures."""
        if not self.pairs:
            return [self._say("mean"), self._say("interval"), self._say("draws")]
        if self.selection.policy_pairs:
            names = [self._say("baseline"), self._say("policy")]
        else:
            names = [region_name(label, self.lang) for label in self.pairs[0]] if self._named_in_head else [
                self._say("first"), self._say("second")]
        return [*names, self._say("difference"), self._say("interval")]

    @property
    def _named_in_head(self) -> bool:
        """Whether there is one pair of regions whose names fit above columns."""
        return (len(self.pairs) == 1 and not self.selection.policy_pairs
                and max(columns_of(region_name(label, self.lang)) for label in self.pairs[0]) <= 10)

    def _by_pair(self) -> list[tuple[str, bool]]:
        """The table with a heading above each pair and the scheme before its figures."""
        rows, headings = [["", "", *self._head()]], dict[int, str]()
        for nth in range(len(self.pairs) or 1):
            if self.pairs and not self._named_in_head:
                headings[len(rows)] = self._heading(self.pairs[nth])
            for scheme in self.selection.schemes:
                shown = short_scheme(scheme, self.lang)
                for subject in self.found.subjects:
                    if (nth, scheme, subject) in self.findings:
                        rows.append([shown, self._label(subject), *self._cells(self.findings[nth, scheme, subject])])
                        shown = ""
        return _with_headings(rows, headings, self.width)

    def _by_subject(self, subjects: Sequence[str]) -> list[tuple[str, bool]]:
        """The table with a heading above each subject, and a row for each pair and scheme."""
        rows, headings = [["", "", *self._head()]], dict[int, str]()
        for subject in subjects:
            headings[len(rows)] = self._label(subject)
            rows += [[self._item(key), "", *self._cells(found)] for key, found in self.findings.items() if key[2] == subject]
        return _with_headings(rows, headings, self.width)

    def _label(self, subject: str) -> str:
        return say(BRIEF, subject, self.lang, year=self.found.year(subject))

    def _heading(self, pair: tuple[str, str]) -> str:
        """The line above the rows of one pair."""
        if ": " in pair[0]:
            return self._pair_name(pair)
        a, b = (region_name(label, self.lang) for label in pair)
        return say(BRIEF, "against", self.lang, a=a, b=b)

    def _cells(self, found: Finding) -> list[str]:
        places = _places(found)
        if not self.pairs:
            return [number(found.a, places), self._ends(number(found.low, places), number(found.high, places), found.warning),
                    self._ends(number(found.p05, places), number(found.p95, places))]
        sides = (found.b, found.a) if self.selection.policy_pairs else (found.a, found.b)
        return [*(number(side, places) for side in sides), signed(found.difference, places),
                self._ends(signed(found.low, places), signed(found.high, places), found.warning)]

    def _ends(self, low: str, high: str, warning: str = "") -> str:
        return marked(NONE if NONE in (low, high) else say(BRIEF, "ends", self.lang, low=low, high=high), warning)

    def remarks(self, short: bool = False, beside: int | None = None) -> list[str]:
        """What must be known beside the table: heavy tails, a precision that was asked, what levels rest on, and how
        much rests on assumptions; of `beside` funds how they end if nothing is changed, short without what a ladder does."""
        counts, asked = self.selection.run.manifest["values_by_status"], self.selection.run.manifest.get("precision")
        heavy = any(found.warning for found in self.findings.values())
        reached = [] if not asked else wrap(say(
            BRIEF, "met" if asked["met"] else "missed", self.lang, asked=f"{asked['asked']:g}", draws=number(asked["draws"]),
            reached=number(asked["reached"], 2)), self.width)
        rests = say(BRIEF, "values", self.lang, assumed=number(counts.get("assumption", 0)), values=number(sum(counts.values())),
                    schedules=counted_shortly(self.selection, self.lang))
        if beside is None:
            beside = MOST_BESIDE if len(self.selection.schemes) == 1 else MOST_BESIDE_OF_MANY
        varies = page_sentence(self.selection.variance, self.lang, short=True)
        return [*(wrap(self.unchanged(beside, short), self.width) if beside else []),
                *([self._say("heavy")] if heavy else []), *reached, *wrap(rests, self.width),
                *(wrap(varies, self.width) if varies else [])]

    def turned(self) -> str:
        """What would turn the answer, in one line where there is room for it; empty where it is not known."""
        return turned_line(self.selection.turns, self.lang, self.width)

    def unchanged(self, most: int = MOST_BESIDE, short: bool = False) -> str:
        """How at most so many funds end if nothing is changed and as they are run; empty where none responds."""
        return unchanged_said(self.selection, self.found.sides, self.lang, most, ladder=not short)

    def _say(self, key: str, words: Words = BRIEF) -> str:
        return say(words, key, self.lang)

    def _joined(self, items: Sequence[str]) -> str:
        comma, and_ = self._say("comma", REPORT), self._say("and", REPORT)
        return comma.join(items[:-1]) + and_ + items[-1] if len(items) > 1 else "".join(items)


def _places(found: Finding) -> int:
    """Enough decimals for the sides, and for each end of the interval to keep its sign."""
    sizes = [abs(value) for value in (found.a, found.b) if isfinite(value)]
    places = places_of(max(sizes, default=0.0), "month" if max(sizes, default=0.0) < 100 else "")
    ends = [abs(end) for end in (found.low, found.high) if isfinite(end) and end]
    while places < 4 and any(end < 0.5 * 10 ** -places for end in ends):
        places += 1
    return places


def _written(data: object) -> str:
    """A value as one line, a list of one as its item."""
    if isinstance(data, dict):
        return ", ".join(f"{key} {_written(item)}" for key, item in data.items())
    return "/".join(map(_written, data)) if isinstance(data, list) else str(data)


def _with_headings(rows: list[list[str]], headings: dict[int, str], width: int) -> list[tuple[str, bool]]:
    """Rows as lines, with a heading before some of them; each line with whether it has figures.

    The first two columns are flush left, the others flush right; a name too long for its column stands on lines above.
    """
    widths = [max(columns_of(row[n]) for row in rows if n or columns_of(row[0]) <= WIDEST_NAME) for n in range(len(rows[0]))]
    lines = []
    for nth, row in enumerate(rows):
        lines += [(text, False) for text in wrap(headings[nth], width)] if nth in headings else []
        name = row[0]
        if columns_of(name) > WIDEST_NAME:
            lines += [(text, False) for text in wrap(name, width)]
            name = ""
        left = [text + " " * (wide - columns_of(text)) for text, wide in zip((name, row[1]), widths[:2], strict=True)]
        right = [" " * (wide - columns_of(text) + 1) + text for text, wide in zip(row[2:], widths[2:], strict=True)]
        lines.append((" ".join([*left, *right]).rstrip(), nth > 0))
    return lines
