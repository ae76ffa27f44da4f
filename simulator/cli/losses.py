"""The verb `losses`: a Poisson number of bills a year through a plan file, and its table.

Heavy imports stand inside the functions: `fundsim --help` must be instant.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import Json, Lang, Language, Threads

if TYPE_CHECKING:
    from simulator.answers.losses import LossResult

WORDS = {  # English and Chinese
    "billed": ("Billed", "医疗总费用"), "plan": ("Plan pays", "保险支付"), "insured": ("Insured keeps", "个人负担"),
    "unit": ("yuan a person-year", "元/人·年"), "mean": ("mean", "均值"), "se": ("s.e.", "标准误"), "exact": ("exact", "精确值"),
    "asked": ("{rate:g} bills a person-year, {severity}", "每人年 {rate:g} 张单据, {severity}"),
    "done": ("{years:,} person-years, seed {seed}: {bills:,} bills", "{years:,} 人年, 随机种子 {seed}: {bills:,} 张单据"),
    "fft": ("Exact means: by Fourier transform of the year's sum, {points:,} points.",
            "精确值: 年度总额的傅里叶变换, {points:,} 点."),
    "limited": ("Exact means: from limited expected values of a bill.", "精确值: 由单张单据的有限期望值得出."),
    "none": ("Exact means: none, for these terms of the plan meet in one year:",
             "无精确值, 因为方案的以下条款在同一年度内相互影响:"),
    "ranked": ("Quantiles: of the first {ranked:,} person-years.", "分位数: 前 {ranked:,} 人年."),
    "heavy": ("So heavy a tail makes the errors (s.e.) of these rows unreliable:", "尾部过厚, 以下各行的标准误不可靠:"),
    "cut": ("Larger bills are taken as {largest:,.0f} yuan: {cut:.2g} of the mean is left out.",
            "超过 {largest:,.0f} 元的单据按此金额计: 均值因此减少 {cut:.2g}."),
}
SHOWN_COLUMNS = ("mean", "se", "exact", "p50", "p95", "p99")


def losses(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="A plan file, see docs/claims.md.")],
    rate: Annotated[str, typer.Option("--rate", help="Bills a person-year: the mean of a Poisson number.")],
    severity: Annotated[str, typer.Option(
        "--severity", help="lognormal:mean=8000,cv=2; gamma, exponential, pareto (lomax), burr; sample:FILE with one amount in "
        "yuan a line. See docs/losses.md.")],
    years: Annotated[int, typer.Option("--years", min=1000, max=10**10, help="Person-years to simulate.")] = 1_000_000,
    kind: Annotated[str, typer.Option("--kind", help="inpatient or outpatient.")] = "inpatient",
    tier: Annotated[str, typer.Option("--tier", help="township, county, city or outside.")] = "county",
    in_scope: Annotated[str, typer.Option("--in-scope", help="In-scope share of each bill in percent.")] = "100",
    member: Annotated[str, typer.Option("--member-class", help="adult, child, student, active or retired.")] = "adult",
    assistance: Annotated[str, typer.Option(
        "--income-group", help="Assistance group: none, dibao, wubao, low_income, disabled, elderly.")] = "none",
    commercial: Annotated[bool, typer.Option("--commercial", help="The persons hold commercial cover.")] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1)] = 20120321,
    threads: Threads = None,
    lang: Language = Lang.en,
    as_json: Json = False,
) -> None:
    """Settle a Poisson number of bills a year under a plan file: simulated means with their errors, exact means, quantiles.

    Example: fundsim losses docs/losses-example.yaml --rate 0.1 --severity lognormal:mean=8000,cv=2 --years 1000000
    """
    from simulator.answers import losses as answer
    result = answer.losses(plan, rate, severity, years, seed=seed, threads=threads, kind=kind, tier=tier, member_class=member,
                           group=assistance, in_scope=in_scope, commercial=commercial)
    print(json.dumps(result.as_dict(), ensure_ascii=False) if as_json else table_text(result, lang.value))


def table_text(result: LossResult, lang: str) -> str:
    """The answer as text, at most 80 columns wide."""
    from rich.cells import cell_len

    from simulator.answers.severities import LARGEST_YUAN
    from simulator.words import PAYER_NAMES, word

    def say(key: str, **figures: object) -> str:
        return word(WORDS, key, lang).format(**figures)

    names = [word({**PAYER_NAMES, **WORDS}, row.name, lang) for row in result.amounts]
    head = [say("unit"), *(say(key) if key in WORDS else key for key in SHOWN_COLUMNS)]
    table = [head, *([name, *(figure(getattr(row, key)) for key in SHOWN_COLUMNS)]
                     for name, row in zip(names, result.amounts, strict=True))]
    widths = [max(cell_len(line[n]) for line in table) for n in range(len(head))]
    lines = [say("asked", rate=result.rate, severity=result.severity), say("done", **vars(result)), ""]
    for first, *others in table:
        cells = [" " * (width - cell_len(text)) + text for text, width in zip(others, widths[1:], strict=True)]
        lines.append(" ".join([first + " " * (widths[0] - cell_len(first)), *cells]))
    lines += ["", say(result.method, points=result.points), *_indented(result.between), say("ranked", ranked=result.ranked)]
    heavy = [name for name, row in zip(names, result.amounts, strict=True) if row.heavy_tailed]
    lines += [say("heavy"), *_indented(heavy)] if heavy else []
    lines += [say("cut", largest=LARGEST_YUAN, cut=result.cut)] if result.cut else []
    return "\n".join(lines)


def _indented(names: Sequence[str]) -> list[str]:
    """Names on lines of their own."""
    return textwrap.wrap(", ".join(names), 76, initial_indent="  ", subsequent_indent="  ")


def figure(yuan: float | None) -> str:
    """An amount in at most eight characters; "-" for none."""
    if yuan is None:
        return "-"
    return f"{yuan:,.2f}" if yuan < 9999.995 else f"{yuan:,.0f}" if yuan < 999_999.5 else f"{yuan:.3g}"
