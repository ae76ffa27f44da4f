"""What an analysis of a fund's operation says of each fund: its years, its risk grade, the reasons, and measures to consider.

The form is that in which bureaus report on their funds: revenue and expenditure with the change on last year, months held,
early warning, risk grade, reasons, measures. Every figure is one of the run's tables; measures follow from them by the rules
below.
"""

from __future__ import annotations

from functools import partial

from simulator.answers.sustainability import sustainability
from simulator.report.analysis_words import ANALYSIS, COLOURS_OF_WARNING
from simulator.report.format import NONE, amount, number, percent, signed
from simulator.report.prose import REPORT, say
from simulator.report.select import Selection, Side
from simulator.report.sustained import Sustained
from simulator.report.varied_words import value_name
from simulator.words import scheme_name, word

COLUMNS_OF_YEARS = ("year", "revenue", "change", "expenditure", "change", "surplus", "balance", "months", "exhausted", "warning")
CAUSES = ("admissions_per_100", "payment_per_admission", "visits_per_head", "payment_per_visit")
SURPLUS_LIMITS = (("over_cumulative", "cumulative"), ("over_annual", "annual"))
WORTH_SAYING = 0.05            # a probability above which exhaustion and the limits are named
WORTH_WARNING = 0.10                  # a probability of red above which it is
OF_A_BILLION = {"en": 10, "zh": 1}       # how many 100 million yuan make the unit that sentences state amounts in
BALANCED_WITH = 95                # percent, of the sums that would balance a fund
VALUES_NAMED = 3                # on which the balance hangs


def analyses(selection: Selection, lang: str) -> list[dict]:
    """The parts of each fund's page: its name, `columns`, `rows`, `unit`, `grade`, `reasons`, `measures`, and the `figure` that
    shows all sides of its scheme, which the first of them has."""
    lasting = Sustained(selection, sustainability(selection.run, (BALANCED_WITH,)), BALANCED_WITH, lang)
    return [{**Analysis(selection, side, scheme, lang, lasting).parts(), "figure": f"balance-{scheme}" if nth == 0 else ""}
            for scheme in selection.schemes for nth, side in enumerate(selection.sides)]


class Analysis:
    """One fund in one language."""

    def __init__(self, selection: Selection, side: Side, scheme: str, lang: str, lasting: Sustained) -> None:
        self.selection, self.side, self.scheme, self.lang = selection, side, scheme, lang
        grade, _, *sums = lasting.sums(side, scheme)
        self.grade = grade[:1].upper() + grade[1:]
        addition = lasting.of(side, scheme, "balancing_addition", f"p{BALANCED_WITH}")
        # A fund may hold while some of its units do not.
        self.balanced_by = sums[0] if addition and addition.value > 0 else ""
        self.say = partial(say, ANALYSIS, lang=lang)
        self.first, self.last = selection.years[0], selection.years[-1]

    def parts(self) -> dict:
        """The fund's parts, without a figure."""
        return {"name": self.say("fund", side=self.selection.side_name(self.side, self.lang),
                                 scheme=scheme_name(self.scheme, self.lang)),
                "columns": [self.say(name) for name in COLUMNS_OF_YEARS],
                "rows": [self.row(year) for year in self.selection.years],
                "unit": self.unit(), "grade": self.grade, "reasons": self.reasons(), "measures": self.measures()}

    def mean(self, measure: str, year: int) -> float | None:
        found = self.selection.number(self.side, self.scheme, year, measure)
        return None if found is None else found.mean

    def share(self, measure: str, year: int) -> float:
        """A probability, 0 where the run has none."""
        return self.mean(measure, year) or 0.0

    def row(self, year: int) -> list[str]:
        """A year's cells under COLUMNS_OF_YEARS."""
        def of(measure: str, unit: str = "1e8 CNY") -> str:
            return amount(self.mean(measure, year), unit)

        return [str(year), of("revenue"), self.on_last("revenue", year), of("expenditure"), self.on_last("expenditure", year),
                of("surplus"), of("balance"), of("months_held", "month"), percent(100 * self.share("exhausted", year)),
                self.warning(year)]

    def on_last(self, measure: str, year: int) -> str:
        """The change on last year in percent, of the means."""
        before, here = self.mean(measure, year - 1) if year > self.first else None, self.mean(measure, year)
        return NONE if not before or here is None else f"{signed(100 * (here / before - 1), 1)}%"

    def warning(self, year: int) -> str:
        """The colour of the early warning that is likeliest, and how likely it is."""
        red, either = self.share("warning_red", year), self.share("warning_yellow", year)
        often = {"green": 1 - either, "yellow": either - red, "red": red}
        colour = max(often, key=lambda name: often[name])
        return f"{word(COLOURS_OF_WARNING, colour, self.lang)} {percent(100 * often[colour], 0)}"

    def unit(self) -> str:
        draws = number(self.selection.run.manifest["draws"])
        marks = [self.stated(f"control.{self.scheme}.warning_{colour}") for colour in ("yellow", "red")]
        if None in marks:
            return self.say("unit_unmarked", draws=draws)
        return self.say("unit", draws=draws, yellow=marks[0], red=marks[1])

    def stated(self, path: str) -> str | None:
        """A value among the run's parameters: the region's own, or the one it inherits. None where the run read none."""
        table = self.selection.run.parameters
        rows = table[table["path"] == path]
        own = rows[rows["region"] == self.side.region]
        rows = own if len(own) else rows
        return None if rows.empty else str(rows["value"].iloc[-1])

    def yearly(self, measure: str) -> str:
        """The mean growth a year from the first to the last year."""
        begin, end = self.mean(measure, self.first), self.mean(measure, self.last)
        if not begin or end is None or end <= 0:
            return NONE
        return f"{signed(100 * ((end / begin) ** (1 / (self.last - self.first)) - 1), 1)}%"

    def reasons(self) -> list[str]:
        """How fast revenue and expenditure grow and by what, the worst worlds, and the values on which the balance hangs."""
        found = [self.say("one_year")]
        if self.last > self.first:
            found = [self.say("growth", first=self.first, last=self.last, revenue=self.yearly("revenue_per_head"),
                              expenditure=self.yearly("expenditure_per_head"), members=self.yearly("members")),
                     self.say("causes", **{measure: self.yearly(measure) for measure in CAUSES})]
        found.append(self.say("widest", last=self.last, amount=self.money("balance_tvar95"), top_up=self.money("top_up_needed")))
        return found + self.rests()

    def money(self, measure: str) -> str:
        """An amount of the last year: billions in English, 亿 in Chinese."""
        value = self.mean(measure, self.last)
        return self.say("money", amount=amount(value and value / OF_A_BILLION[self.lang], "1e8 CNY"))

    def rests(self) -> list[str]:
        """A sentence on what the last balance varies with; none where the run has not worked it out."""
        table = self.selection.variance
        if table is None:
            return []
        rows = table[(table["region"] == self.side.region) & (table["scheme"] == self.scheme)
                     & (table["policy"] == self.side.policy) & (table["kind"] == "value")]
        rows = rows[rows["share"] > 2 * rows["share_se"]].sort_values("share", ascending=False).head(VALUES_NAMED)
        values = [self.say("rest_of", name=value_name(row, self.lang), share=number(100 * row["share"]))
                  for row in rows.to_dict("records")]
        return [self.say("rests", last=self.last, values=say(REPORT, "comma", self.lang).join(values))] if values else []

    def measures(self) -> list[str]:
        """What the figures call for, and that nothing is decided by them."""
        found, last = [], self.last
        if (exhausted := self.share("exhausted", last)) > WORTH_SAYING:
            lever = "contribution_rate=+0:+4" if self.scheme == "uebmi" else "premium=x1:x4"
            command = (f'fundsim solve {self.side.region} --schemes {self.scheme} --year {self.first} '
                       f'--horizon {last - self.first + 1} --vary funding.{self.scheme}.{lever} '
                       f'--until "P(exhausted by {last}) <= 5%" --least funding_per_head')
            found.append(self.say("exhausting", last=last, exhausted=percent(100 * exhausted), command=command))
            if self.balanced_by:
                found.append(self.say("sums", sums=self.balanced_by))
        if (red := self.share("warning_red", last)) > WORTH_WARNING:
            since = next(year for year in self.selection.years if self.share("warning_red", year) > WORTH_WARNING)
            found.append(self.say("warned", last=last, red=percent(100 * red), since=since))
        for measure, limit in SURPLUS_LIMITS:
            if (share := self.share(measure, last)) > WORTH_SAYING:
                found.append(self.say("over", limit=self.say(limit), share=percent(100 * share, 0), last=last,
                                      bounds=percent(100 * self.share("at_bounds", last), 0)))
                break
        return [*(found or [self.say("quiet")]), self.say("decides")]
