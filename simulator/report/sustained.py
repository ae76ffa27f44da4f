"""How long the funds of a run last and what would keep them, on the terminal: at most 24 lines of 80 columns, or every year."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

import pandas as pd

from simulator.answers.sustainability import FEWEST_BEYOND, GRADE_CHANCES, GRADES, RESPONDS, SUSTAINABILITY_FILE
from simulator.report.brief import MOST_LINES
from simulator.report.format import MINUS, NONE, number, places_of
from simulator.report.prose import FIGURES, REPORT, say
from simulator.report.select import Selection, Side
from simulator.report.style import columns_of, wrap
from simulator.words import Words, region_name, short_scheme, word

TABLE_COLUMNS = 80
LARGE = 1e6                    # from here on amounts have two digits

SUSTAIN_WORDS: Words = {
    "title": ("{regions}, {years}: how long the funds last (worlds: {worlds})",
              "{regions}，{years}年：基金可持续性（{worlds}个情景）"),
    "low": ("low", "低"), "watch": ("watch", "关注"), "high": ("high", "高"), "critical": ("critical", "极高"),
    "risk": ("risk", "风险"), "exhausted": ("exhausted", "耗尽概率"), "by": ("by {last}, %", "至{last}年，%"),
    "months": ("months held", "可支付月数"), "months_of": ("{first}/low/{last}", "{first}/最低/{last}"),
    "growth": ("growth, %", "同比%"), "growth_of": ("rev./exp.", "收/支"),
    "balance": ("to balance", "平衡增缴"), "balance_of": ("yuan/head", "元/人·年"),
    "top_up": ("sum today", "一次注资"), "top_up_of": ("yuan/head", "元/人"),
    "share": ("{value} ({low}-{high})", "{value} ({low}-{high})"),
    "exhausted_note": ("Exhausted: below zero at year end (95% interval). Months median, growth a head.",
                       "耗尽：年末累计结余低于零，附95%区间。可支付月数为中位数，人均同比为各年平均。"),
    "risk_note": ("Risk: a rule on exhaustion ({a}, {b}, {c}%) and warning marks, an assumption.",
                  "风险等级：按耗尽概率（{a}%、{b}%、{c}%）和预警月数划分，规则为假设。"),
    "balance_note": ("To balance: yuan more a member and year that end at zero or more in {percent}% of the worlds; "
                     "x: all that is then paid over what is paid now; nominal, no interest.",
                     "平衡增缴：每人每年固定增缴额，使{percent}%的情景期末结余不低于零；x为增缴后与现缴费之比；名义值，不折现，不计利息。"),
    "top_up_note": ("Sum today: keeps every year's balance at zero or more in {percent}% of the worlds; {beyond} of {worlds} "
                    "need more{few}.",
                    "一次注资：使{percent}%的情景各年末结余均不低于零的起始资金；{worlds}个情景中{beyond}个需要更多{few}。"),
    "few": (", and fewer than {fewest} say little of a tail", "，不足{fewest}个，尾部估计不可靠"),
    "responds": ("Funds respond here: the two sums are exact only as far as they would not.",
                 "本次运行中基金对结余或缺口有应对：以上两项仅在不作应对时精确。"),
    "more": ("rows not shown: {count}, see {file} or -v", "另有{count}行，见 {file} 或 -v"),
    "rest": ("Every year, error and confidence: -v, --json, {file}", "各年数值、误差与其他置信度：-v、--json、{file}"),
    "year": ("year", "年份"), "in_year": ("in it, %", "当年，%"), "by_year": ("by it, %", "截至，%"),
    "held": ("months: median (5-95%)", "可支付月数：中位数（5%—95%）"),
    "revenue": ("revenue", "收入"), "revenue_head": ("a head, %", "人均，%"), "expenditure": ("expenditure", "支出"),
    "risk_line": ("risk: {grade} ({low} to {high} by the intervals)", "风险等级：{grade}（按区间为{low}至{high}）"),
    "sums": ("at {percent}%: addition {addition} yuan ({low} to {high}), so {level} a head ({kind} x{multiple}), or all pooled "
             "funding x{factor}; sum today {total} million yuan ({total_low} to {total_high})",
             "{percent}%置信：增缴{addition}元（{low}至{high}），即每人{level}元（{kind}的{multiple}倍），或统筹筹资的{factor}倍；"
             "一次注资{total}百万元（{total_low}至{total_high}）"),
    "middle": ("to end at zero in the mean: addition {mean} yuan; in the median: {median}",
               "期末结余均值为零：增缴{mean}元；中位数为零：{median}元"),
    "at_risk": ("{which} balance, million yuan: VaR 95% {var} ({var_low} to {var_high}), TVaR 95% {tail} ({low} to {high}); "
                "worlds behind it: {worlds}",
                "{which}结余（百万元）：95% VaR {var}（{var_low}至{var_high}），95% TVaR {tail}（{low}至{high}），"
                "最差的{worlds}个情景"),
    "end": ("end", "期末"), "lowest": ("lowest", "最低"),
    "premium": ("premium", "个人缴费"), "contribution": ("contribution", "缴费"), "revenue_kind": ("revenue a head", "人均收入"),
}


class Figure(NamedTuple):
    """One row of the table of sustainability, without its key."""

    at: str
    value: float
    low: float
    high: float
    worlds: int
    warning: str


class Sustained:
    """The figures of one run in words of one language, for one confidence in percent."""

    def __init__(self, selection: Selection, table: pd.DataFrame, percent: int, lang: str) -> None:
        self.selection, self.percent, self.lang = selection, percent, lang
        self.years, self.draws = selection.years, selection.run.manifest["draws"]
        keys = zip(table["region"], table["scheme"], table["policy"], table["measure"], table["year"],
                   table["at"].where(~table["measure"].isin(("risk_grade", "paid_now")), ""), strict=True)
        figures = table[list(Figure._fields)].itertuples(index=False, name=None)
        self.figures = {key: Figure(*figure) for key, figure in zip(keys, figures, strict=True)}
        self.responds = RESPONDS in " ".join(table["warning"])

    def of(self, side: Side, scheme: str, measure: str, at: str = "", year: int | None = None) -> Figure | None:
        """One figure; None where the run has none."""
        key = (side.region, scheme, side.policy, measure, self.years[-1] if year is None else year, at)
        return self.figures.get(key)

    def say(self, key: str, **figures: object) -> str:
        return word(SUSTAIN_WORDS, key, self.lang).format(first=self.years[0], last=self.years[-1], percent=self.percent,
                                                          **figures)

    def lines(self) -> list[str]:
        """The answer for a terminal: a row for each fund, as many as MOST_LINES leave room for, and what the columns mean."""
        notes = self.notes()
        table = self.table(MOST_LINES - len(self.title()) - len(notes) - 2)
        return [*self.title(), "", *table, "", *notes]

    def title(self) -> list[str]:
        *names, last = [region_name(region, self.lang) for region in self.selection.scenario["regions"]]
        named = say(REPORT, "comma", self.lang).join(names) + (say(REPORT, "and", self.lang) if names else "") + last
        between = "-" if self.lang == "en" else "—"
        years = between.join(map(str, dict.fromkeys((self.years[0], self.years[-1]))))
        return wrap(self.say("title", regions=named, worlds=number(self.draws), years=years), TABLE_COLUMNS)

    def notes(self) -> list[str]:
        """What the columns mean, and how much stands behind them."""
        a, b, c = (number(100 * chance) for chance in GRADE_CHANCES)
        beyond = [found.worlds for side, scheme in self.funds() if (found := self.of(side, scheme, "top_up", f"p{self.percent}"))]
        most = max(beyond, default=0)
        few = self.say("few", fewest=FEWEST_BEYOND) if most < FEWEST_BEYOND else ""
        texts = [self.say("exhausted_note"), self.say("risk_note", a=a, b=b, c=c), self.say("balance_note"),
                 self.say("top_up_note", beyond=number(most), worlds=number(self.draws), few=few),
                 *([self.say("responds")] if self.responds else []), self.say("rest", file=SUSTAINABILITY_FILE)]
        return [line for text in texts for line in wrap(text, TABLE_COLUMNS)]

    def funds(self) -> list[tuple[Side, str]]:
        """Every fund that has figures: side and scheme."""
        return [(side, scheme) for side in self.selection.sides for scheme in self.selection.schemes
                if self.of(side, scheme, "risk_grade")]

    def table(self, most: int) -> list[str]:
        """A heading for each side, a row for each of its schemes; the last line counts the rows for which there was no room."""
        funds = self.funds()
        for tight in (False, True):
            texts = _columns([*self._heads(), *(self.row(side, scheme, tight) for side, scheme in funds)])
            if max(map(columns_of, texts)) <= TABLE_COLUMNS:
                break
        lines, shown = texts[:2], 0
        for nth, (side, _) in enumerate(funds):
            heading = [] if nth and funds[nth - 1][0] == side else wrap(self.selection.side_name(side, self.lang), TABLE_COLUMNS)
            if len(lines) + len(heading) + 1 > most - (nth < len(funds) - 1):
                break
            lines += [*heading, texts[nth + 2]]
            shown += 1
        left = len(funds) - shown
        return [*lines, *([self.say("more", count=left, file=SUSTAINABILITY_FILE)] if left else [])]

    def _heads(self) -> list[list[str]]:
        return [["", *(self.say(key) for key in ("risk", "exhausted", "months", "growth", "balance", "top_up"))],
                ["", "", *(self.say(key) for key in ("by", "months_of", "growth_of", "balance_of", "top_up_of"))]]

    def row(self, side: Side, scheme: str, tight: bool = False) -> list[str]:
        """The figures of one fund in a row, with fewer digits where it must be `tight`."""
        def short(value: float, places: int) -> str:
            return _short(value, places - 1, 1e3) if tight else _short(value, places)

        grade = self.of(side, scheme, "risk_grade")
        held = [found.value if (found := self.of(side, scheme, "months_held", "p50", year)) else float("nan")
                for year in self.years]
        months = (held[0], min(held), held[-1])
        grown = [_mean([found.value for year in self.years[1:]
                        if (found := self.of(side, scheme, f"{name}_growth_per_head", "mean", year))])
                 for name in ("revenue", "expenditure")]
        addition = self.of(side, scheme, "balancing_addition", f"p{self.percent}")
        multiple = self.of(side, scheme, "balancing_multiple", f"p{self.percent}")
        top_up = self.of(side, scheme, "top_up_per_head", f"p{self.percent}")
        times = f" x{short(multiple.value, 2)}" if multiple and multiple.value > 0 else ""
        return [short_scheme(scheme, self.lang), self.say(grade.at) if grade else NONE,
                self.share(self.of(side, scheme, "exhausted_by")), "/".join(short(value, 1) for value in months),
                "/".join(short(value, 1) for value in grown), (_added(addition.value) if addition else NONE) + times,
                _money(top_up.value) if top_up else NONE]

    def share(self, found: Figure | None) -> str:
        """A probability in percent with its interval."""
        if found is None:
            return NONE
        return self.say("share", value=number(100 * found.value), low=number(100 * found.low), high=number(100 * found.high))

    def whole(self) -> list[str]:
        """Every year of every fund, and every sum with its interval."""
        lines = self.title()
        for side, scheme in self.funds():
            lines += ["", *wrap(say(FIGURES, "bar", self.lang, side=self.selection.side_name(side, self.lang),
                                     scheme=short_scheme(scheme, self.lang)), TABLE_COLUMNS),
                      *self._years(side, scheme),
                      *(part for text in self.sums(side, scheme) for part in wrap(text, TABLE_COLUMNS))]
        return [*lines, "", *self.notes()]

    def _years(self, side: Side, scheme: str) -> list[str]:
        def mean(name: str, year: int) -> str:
            found = self.of(side, scheme, name, "mean", year)
            return NONE if found is None else f"{number(found.value, 1)} ± {number(found.high - found.value, 1)}"

        rows = [[self.say(key) for key in ("year", "in_year", "by_year", "held", "revenue", "expenditure")],
                ["", "", "", "", self.say("revenue_head"), self.say("revenue_head")]]
        for year in self.years:
            held = [number(found.value, 1) if (found := self.of(side, scheme, "months_held", at, year)) else NONE
                    for at in ("p50", "p05", "p95")]
            first = self.of(side, scheme, "exhausted_in", year=year)
            rows.append([str(year), number(100 * first.value) if first else NONE,
                         self.share(self.of(side, scheme, "exhausted_by", year=year)),
                         self.say("share", value=held[0], low=held[1], high=held[2]).replace("-", " .. ", 1),
                         *(mean(f"{name}_growth_per_head", year) for name in ("revenue", "expenditure"))])
        return _columns(rows, left=1)

    def sums(self, side: Side, scheme: str) -> list[str]:
        """The grade, the sums at each confidence, and value at risk, as sentences."""
        grade, paid = self.of(side, scheme, "risk_grade"), self.of(side, scheme, "paid_now", year=self.years[0])
        low, high = (self.say(GRADES[int(code)]) for code in (grade.low, grade.high)) if grade else (NONE, NONE)
        kind = "" if paid is None else self.say("revenue_kind" if paid.at == "revenue" else paid.at)
        middle = {name: _added(found.value) if (found := self.of(side, scheme, "balancing_addition", at)) else NONE
                  for name, at in (("mean", "mean"), ("median", "p50"))}
        texts = [self.say("risk_line", grade=self.say(grade.at) if grade else NONE, low=low, high=high),
                 self.say("middle", **middle)]
        for at in dict.fromkeys(key[-1] for key in self.figures if key[3] == "top_up"):
            addition, level, multiple, factor, total = (self.of(side, scheme, name, at) for name in (
                "balancing_addition", "balancing_level", "balancing_multiple", "funding_multiple", "top_up"))
            if addition and level and factor and total:
                texts.append(word(SUSTAIN_WORDS, "sums", self.lang).format(
                    percent=at[1:], addition=_added(addition.value), level=_money(level.value), kind=kind,
                    multiple=number(multiple.value, 2) if multiple else NONE, factor=number(factor.value, 3),
                    low=_added(addition.low), high=_added(addition.high), total=_money(total.value / 1e6),
                    total_low=_money(total.low / 1e6), total_high=_money(total.high / 1e6)))
        for which in ("end", "lowest"):
            var, tail = (self.of(side, scheme, f"{which}_balance_{name}95") for name in ("var", "tvar"))
            if var and tail:
                texts.append(self.say("at_risk", which=self.say(which), worlds=tail.worlds, **{
                    name: _money(100 * value) for name, value in (
                        ("var", var.value), ("var_low", var.low), ("var_high", var.high), ("tail", tail.value), ("low", tail.low),
                        ("high", tail.high))}))
        return texts


def _columns(rows: Sequence[Sequence[str]], left: int = 2) -> list[str]:
    """Rows as lines: the first columns flush left, the others flush right, two blanks between them, or one if they are wide."""
    widths = [max(columns_of(row[n]) for row in rows) for n in range(len(rows[0]))]
    blanks = "  " if sum(widths) + 2 * (len(widths) - 1) <= TABLE_COLUMNS else " "
    lines = []
    for row in rows:
        padded = [text + " " * (wide - columns_of(text)) if n < left else " " * (wide - columns_of(text)) + text
                  for n, (text, wide) in enumerate(zip(row, widths, strict=True))]
        lines.append(blanks.join(padded).rstrip())
    return lines


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _short(value: float, places: int, large: float = LARGE) -> str:
    """A number with so many decimals, or none from a thousand on; from `large` on with two digits and a power of ten."""
    if isfinite(value) and abs(value) >= large:
        return f"{value:.1e}".replace("e+0", "e").replace("e+", "e").replace("-", MINUS)
    return number(value, places if abs(value) < 1000 else 0)


def _money(value: float) -> str:
    """An amount with sensible digits; zero is 0."""
    return _short(value, places_of(value, "") if value else 0)


def _added(value: float) -> str:
    """An addition with its sign."""
    text = _money(value)
    return f"+{text}" if value > 0 else text
