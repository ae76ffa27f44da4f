"""Finished runs on the terminal: which they are, what differs between them, the answer of a comparison, how it was compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any, cast

import numpy as np

from simulator.engine.measures import heavy_tailed, summarise
from simulator.report.brief import MOST_COLUMNS, MOST_LINES, Brief
from simulator.report.findings import Finding
from simulator.report.probability import apart_in, share_interval
from simulator.report.prose import BRIEF, say
from simulator.report.style import columns_of, wrap
from simulator.report.two_runs import INDEPENDENT, PAIRED, WIDEST, Gap, Runs, Side, apart, paired
from simulator.results import HEAVY_TAIL
from simulator.words import Words, policy_name, region_name, short_scheme

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NOT_ASKED = ("name", "title", "description", "regions", "schemes", "policies", "changes", "precision", "max_draws")
RUNS: Words = {
    "run": ("Run {letter}: {folder}", "运行{letter}：{folder}"),
    "otherwise": ("{letter} otherwise than A: {what}", "{letter}与A不同之处：{what}"), "nothing": ("nothing", "无"),
    "policy": ("policy {a} -> {b}", "方案{a} -> {b}"), "region": ("region {a} -> {b}", "地区{a} -> {b}"),
    "values": ("{count} more values of parameters", "另有{count}个参数值"),
    "code": ("another state of the program", "程序版本不同"),
    "than": ("than in run A", "比运行A"), "between": ("from run A", "与运行A"), "as": ("as in run A", ""),
    "first": ("run A", "运行A"), "other": ("run {letter}", "运行{letter}"), "others": ("other", "其他运行"),
    "less": ("Run {letter} less run A", "运行{letter}减运行A"),
    "paired": ("Paired by world: seed {seed} of {letter} is that of A, so worlds of one number belong together; {worlds} worlds.",
               "按世界配对：{letter}与A种子同为{seed}，编号相同的世界相互对应；共{worlds}个世界。"),
    "independent": ("Not paired: seeds {a} and {b} differ, so {letter} and A are independent; intervals hold both errors.",
                    "未配对：种子{a}与{b}不同，{letter}与A相互独立；区间含两者的误差。"),
    "widest": ("Out of pocket: not kept by world in one of the runs, so its interval is the widest that fits any dependence.",
               "自付费用：其中一个运行未按世界保存，区间取任何相关情形下的最宽者。"),
    "more_rows": ("rows not shown: {count}, see --json or -v", "另有{count}行，见 --json 或 -v"),
}


@dataclass(frozen=True)
class Compared:
    """The findings of runs, in the form of `findings.Findings`: each other run's side (a) less the first's (b)."""

    runs: Runs

    @property
    def first(self) -> int:
        return self.runs.years[0]

    @property
    def last(self) -> int:
        return self.runs.years[-1]

    def year(self, subject: str) -> int:
        """The year that a subject is about: the first that the runs have in common for the burden, the last for the fund."""
        return self.first if subject == "burden" else self.last

    @cached_property
    def subjects(self) -> tuple[str, str, str]:
        """What the three sentences are about: exhaustion, or months held where no fund is ever exhausted."""
        ever = any(self._worlds(side, scheme)["exhausted"].any() for pair in self.runs.pairs for side in pair
                   for scheme in self.runs.schemes)
        return ("balance", "exhausted" if ever else "months", "burden")

    @cached_property
    def by_key(self) -> dict[tuple[int, str, str], Finding]:
        """Pair, scheme and subject -> the figure."""
        return {(nth, scheme, subject): self._finding(pair, scheme, subject) for nth, pair in enumerate(self.runs.pairs)
                for scheme in self.runs.schemes for subject in self.subjects}

    @cached_property
    def has_widest(self) -> bool:
        """Whether a figure's worlds are not kept, though the runs are of one seed."""
        return any(self._gap(pair, scheme, "burden").how == WIDEST for pair in self.runs.pairs for scheme in self.runs.schemes)

    def _worlds(self, side: Side, scheme: str) -> dict[str, np.ndarray]:
        if (side, scheme) not in self._kept:
            self._kept[side, scheme] = self.runs.by_world(side, scheme)
        return self._kept[side, scheme]

    @cached_property
    def _kept(self) -> dict[tuple[Side, str], dict[str, np.ndarray]]:
        return {}

    def _finding(self, pair: tuple[Side, Side], scheme: str, subject: str) -> Finding:
        if subject == "exhausted":
            return self._exhausted(pair, scheme)
        gap = self._gap(pair, scheme, subject)
        return Finding(gap.b, gap.a, gap.difference, gap.low, gap.high, gap.warning)

    def _gap(self, pair: tuple[Side, Side], scheme: str, subject: str) -> Gap:
        measure = {"balance": "balance_per_head", "months": "months_held", "burden": "oop_per_head"}[subject]
        worlds = [self._worlds(side, scheme) for side in pair]
        year = self.year(subject) - self.runs.years.start
        if all(measure in of_side for of_side in worlds):
            a, b = (of_side[measure][:, year] for of_side in worlds)
            if self.runs.is_paired(pair):
                return paired(a, b)
            return apart(_alone(a), _alone(b), False, (len(a), len(b)))
        rows = self.runs.table
        row = rows[(rows["run_b"] == str(self.runs.run(pair[1]).folder)) & (rows["region_b"] == pair[1].region)
                   & (rows["policy_b"] == pair[1].policy) & (rows["scheme"] == scheme) & (rows["measure"] == measure)
                   & (rows["group"] == "") & (rows["year"] == self.year(subject))].iloc[0]
        return Gap(*(row[name] for name in Gap._fields))

    def _exhausted(self, pair: tuple[Side, Side], scheme: str) -> Finding:
        """The probabilities in percent, and an interval of their difference that stays within what it can be: Agresti and Min's
        of worlds in pairs, Newcombe's (1998, Statistics in Medicine 17) of independent runs."""
        year = self.last - self.runs.years.start
        a, b = (self._worlds(side, scheme)["exhausted"][:, year] for side in pair)
        if self.runs.is_paired(pair):
            n = self.runs.worlds(pair)
            a, b = a[:n], b[:n]
            low, high = apart_in(b, a)
            gap = float(b.mean() - a.mean())
        else:
            gap = float(b.mean() - a.mean())
            (low_a, high_a), (low_b, high_b) = (share_interval(float(gone.sum()), len(gone)) for gone in (a, b))
            low = gap - sqrt((b.mean() - low_b) ** 2 + (high_a - a.mean()) ** 2)
            high = gap + sqrt((high_b - b.mean()) ** 2 + (a.mean() - low_a) ** 2)
        return Finding(100 * b.mean(), 100 * a.mean(), 100 * gap, 100 * low, 100 * high)


@dataclass(frozen=True)
class Shown:
    """What `Brief` asks of a selection."""

    schemes: list[str]
    policy_pairs: list[Any]


class RunsBrief(Brief):
    """The comparison of runs in one language, in lines of at most `width` columns; nothing stands below."""

    def __init__(self, runs: Runs, lang: str, width: int = 80) -> None:
        self.runs, self.lang, self.width, self.most = runs, lang, min(width, MOST_COLUMNS), MOST_LINES
        self.compared = Compared(runs)
        # `Brief` reads no more of its findings and its selection than these have
        self.found, self.selection = cast(Any, self.compared), cast(Any, Shown(list(runs.schemes), list(runs.pairs)))
        self.pairs, self.findings = cast(Any, list(runs.pairs)), self.compared.by_key

    def question(self) -> list[str]:
        """Each run with its letter."""
        said = []
        for nth, one in enumerate(self.runs.asked):
            line, folder = self._own("run", letter=LETTERS[nth], folder=one.run.folder), one.run.folder
            short = self._own("run", letter=LETTERS[nth], folder=f".../{folder.parent.name}/{folder.name}")
            said += wrap(line if columns_of(line) <= self.width else short, self.width)
        return said

    def changes(self, most: int) -> list[str]:
        """What differs between the first run and each other one."""
        lines: list[str] = []
        for nth in range(1, len(self.runs.asked)):
            what = self._say("then").join(self._otherwise(nth)) or self._own("nothing")
            lines += wrap(self._own("otherwise", letter=LETTERS[nth], what=what), self.width)
        if len(lines) > max(most, 1):
            lines = [*lines[:max(most, 1) - 1], f"{lines[max(most, 1) - 1][:self.width - 4]} ..."]
        return lines

    def _otherwise(self, nth: int) -> list[str]:
        """What is asked otherwise in a run than in the first: sizes, changes, policy, values, program."""
        pair = self._first_pair(nth)
        one, other = (self.runs.run(side).manifest for side in pair)
        found = [f"{name} {one['scenario'].get(name)} -> {other['scenario'].get(name)}" for name in one["scenario"]
                 if name not in NOT_ASKED and one["scenario"][name] != other["scenario"].get(name)]
        if pair[0].region != pair[1].region:
            found.append(self._own("region", a=pair[0].region, b=pair[1].region))
        if pair[0].policy != pair[1].policy:
            found.append(self._own("policy", a=pair[0].policy, b=pair[1].policy))
        changes = [_changes(manifest["scenario"], side.policy) for manifest, side in zip((one, other), pair, strict=True)]
        found += [f"{path} {changes[0].get(path, '-')} -> {changes[1].get(path, '-')}" for path in {**changes[0], **changes[1]}
                  if changes[0].get(path) != changes[1].get(path)]
        values = [_values(self.runs.run(side)) for side in pair]
        if pair[0].region == pair[1].region and values[0] != values[1]:
            differing = {key for key in values[0].keys() & values[1].keys() if values[0][key] != values[1][key]}
            found += [self._own("values", count=len(differing))] if differing else []
        return [*found, *([self._own("code")] if one.get("code_digest") != other.get("code_digest") else [])]

    def _first_pair(self, nth: int) -> tuple[Side, Side]:
        """A pair of the first run and another one."""
        return next(pair for pair in self.runs.pairs if pair[1].run == nth)

    def table(self, most: int) -> list[str]:
        """The rows, as in a run's answer."""
        lines = super().table(most)
        said = {say(BRIEF, "more_rows", self.lang, count=left): left for left in range(1, len(self.findings) + 1)}
        return [*lines[:-1], self._own("more_rows", count=said[lines[-1]])] if lines and lines[-1] in said else lines

    def remarks(self, short: bool = False, beside: int | None = None) -> list[str]:
        """How the runs were compared, of which nothing is left out."""
        lines = [self._say("heavy")] if any(found.warning for found in self.findings.values()) else []
        alike: dict[tuple, list[str]] = {}                                                  # runs that are compared alike
        for nth in range(1, len(self.runs.asked)):
            pair = self._first_pair(nth)
            how = PAIRED if self.runs.is_paired(pair) else INDEPENDENT
            worlds = self.runs.worlds(pair) if how == PAIRED else 0
            alike.setdefault((how, self.runs.seeds(pair), worlds), []).append(LETTERS[nth])
        for (how, (a, b), worlds), letters in alike.items():
            lines += wrap(self._own(how, letter=self._joined(letters), seed=a, a=a, b=b, worlds=worlds), self.width)
        return [*lines, *(wrap(self._own("widest"), self.width) if self.compared.has_widest else [])]

    def turned(self) -> str:
        """Nothing: what would turn the gap between runs is not looked for."""
        return ""

    def _between(self, word: str) -> str:
        return self._own(word.removeprefix("short_"))

    def _head(self) -> list[str]:
        others = sorted({pair[1].run for pair in self.runs.pairs})
        other = self._own("other", letter=LETTERS[others[0]]) if len(others) == 1 else self._own("others")
        return [self._own("first"), other, self._say("difference"), self._say("interval")]

    def _item(self, key: tuple[int, str, str]) -> str:
        names = self._tells(self.runs.pairs[key[0]])
        if len(self.selection.schemes) > 1 or not names:
            names.append(short_scheme(key[1], self.lang))
        return " ".join(names)

    def _heading(self, pair: Any) -> str:
        names = self._tells(pair)
        said = self._own("less", letter=LETTERS[pair[1].run])
        return f"{said}: {' '.join(names[len(self.runs.asked) > 2:])}" if names[len(self.runs.asked) > 2:] else said

    def _tells(self, pair: tuple[Side, Side]) -> list[str]:
        """What tells one pair from the others: run, region, policy."""
        others: Sequence[Side] = [other for _, other in self.runs.pairs]
        return [*([self._own("other", letter=LETTERS[pair[1].run])] if len(self.runs.asked) > 2 else []),
                *([region_name(pair[1].region, self.lang)] if len({one.region for one in others}) > 1 else []),
                *([policy_name(pair[1].policy, self.lang)] if len({one.policy for one in others}) > 1 else [])]

    def _own(self, key: str, **values: object) -> str:
        return say(RUNS, key, self.lang, **values)


def _alone(values: np.ndarray) -> tuple[float, float, str]:
    """The mean of worlds, its standard error and warning."""
    found = summarise(values)
    return found["mean"], found["se"], HEAVY_TAIL if heavy_tailed(values) else ""


def _changes(scenario: dict, policy: str) -> dict[str, object]:
    """What a run's scenario and one of its policies change."""
    own = next(one["changes"] for one in scenario["policies"] if one["name"] == policy)
    return {**scenario["changes"], **own}


def _values(run: Any) -> dict[tuple, str]:
    """What a run's parameter files state, without its scenario's changes."""
    rows = run.parameters[~run.parameters["source"].astype(str).str.startswith("scenario: ")]
    return {tuple(row[:3]): str(row[3]) for row in rows[["path", "region", "from", "value"]].itertuples(index=False)}
