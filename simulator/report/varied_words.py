"""The words of what an outcome varies with, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.answers.sensitivity import CHANCE_GROUP, ROSTERS_GROUP
from simulator.answers.variance import ECONOMY_GROUP
from simulator.report.codes import parts_of_path, words_of
from simulator.words import STATUS_NAMES, Words, region_name, word

GROUP_NAMES: Words = {**{name: STATUS_NAMES[name] for name in ("statistic", "estimate", "assumption")},
                      ECONOMY_GROUP: ("economy", "经济环境"), ROSTERS_GROUP: ("people sampled", "人群样本"), CHANCE_GROUP: ("chance", "偶然")}
ECONOMY_NAMES: Words = {  # the columns of engine/world_tables.py: levels in the first year, and growth since
    "economy.price": ("Economy: prices, first year", "经济环境：首年价格"), "economy.price_growth": ("Economy: growth of prices", "经济环境：价格增长"),
    "economy.use": ("Economy: use, first year", "经济环境：首年就医"), "economy.use_growth": ("Economy: growth of use", "经济环境：就医增长"),
    "economy.income": ("Economy: incomes, first year", "经济环境：首年收入"), "economy.income_growth": ("Economy: growth of incomes", "经济环境：收入增长"),
    "economy.funding": ("Economy: funding, first year", "经济环境：首年筹资"), "economy.funding_growth": ("Economy: growth of funding", "经济环境：筹资增长"),
    "economy.enrolment": ("Economy: enrolment, first year", "经济环境：首年参保"), "economy.enrolment_growth": ("Economy: growth of enrolment", "经济环境：参保增长"),
}
VARIED_WORDS: Words = {
    "title": ("{region}, {scheme}{policy}, {year}: {measure}, {unit}", "{region}，{scheme}{policy}，{year}年：{measure}（{unit}）"),
    "under": ("Mean {mean}, standard deviation {sd} between {worlds} worlds. Shares of its variance, %:",
              "{worlds}个情景，均值{mean}，标准差{sd}。方差构成（%）："),
    "policy": (", {policy}", "，{policy}"), "group": ("group", "类别"), "share": ("share, %", "占比%"), "error": ("±", "±"),
    "value": ("value", "参数"), "status": ("status", "依据"), "low": ("at 5%", "5%分位时"), "high": ("at 95%", "95%分位时"),
    "rests": ("Rests {statistic}% on statistics, {estimate}% on estimates, {assumption}% on assumptions, by variance; economy "
              "{economy}%, people sampled {rosters}%, chance {chance}%.",
              "按方差：{statistic}%取决于统计数据，{estimate}%取决于估计，{assumption}%取决于假设；经济环境{economy}%，人群样本{rosters}%，偶然{chance}%。"),
    "errors": ("±: a standard error. At 5%, 95%: the outcome expected with the value there (of a choice: least, largest).",
               "±：标准误。5%、95%分位时：参数取此分位值时结果的期望值（多选一者为最小、最大）。"),
    "more": ("values not shown: {count}, see {file}", "另有{count}个参数，见{file}"),
    "of_page": ("By variance the balance of {year}{of} rests {statistic}% on statistics, {estimate}% on estimates, {assumption}% on "
                "assumptions, {economy}% on the economy, {rest}% on people sampled and chance.",
                "{year}年末结余{of}的方差：{statistic}%取决于统计数据，{estimate}%取决于估计，{assumption}%取决于假设，{economy}%取决于经济环境，{rest}%为人群样本与偶然。"),
    "of_terminal": ("Balance {year} by variance: statistics {statistic}%, estimates {estimate}%, assumptions {assumption}%.",
                    "{year}年末结余方差：统计数据{statistic}%，估计{estimate}%，假设{assumption}%。"),
    "of_one": (" ({region}, {scheme})", "（{region}{scheme}）"), "of_mean": (" (mean of {count} funds)", "（{count}个基金的平均）"),
    "groups_title": ("By group", "按类别"), "values_title": ("Outcome at each value's 5% and 95%", "各参数取5%、95%分位值时的结果"),
    "figure": ("What the {measure} of {year} varies with: {region}, {scheme}{policy}", "{year}年{measure}取决于什么：{region}，{scheme}{policy}"),
    "figure_under": ("Shares of the variance between {worlds} worlds, with standard errors; right: the outcome expected at the 5% and "
                     "the 95% point of each value, and its share",
                     "{worlds}个情景之间方差的构成及标准误；右图：各参数取5%和95%分位值时结果的期望值及其占比"),
    "share_axis": ("share of variance, %", "方差占比（%）"), "at_low": ("value at its 5% point", "参数取5%分位值"),
    "at_high": ("value at its 95% point", "参数取95%分位值"), "mean_line": ("mean", "均值"),
}


def told(key: str, lang: str, **values: object) -> str:
    return word(VARIED_WORDS, key, lang).format(**values)


def value_name(row: Mapping[str, Any], lang: str) -> str:
    """A value in words, with the region that states it."""
    if row["status"] == ECONOMY_GROUP:
        return word(ECONOMY_NAMES, row["path"], lang)
    *_, keys = parts_of_path(row["path"])
    name = row[lang] + "".join(f" · {word(words_of(row['path']), key, lang)}" for key in keys)
    return f"{name} ({region_name(str(row['region']), lang)})"
