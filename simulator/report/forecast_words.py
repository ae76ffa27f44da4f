"""The words of forecasts from past years, of their scores and figures, in English and Chinese."""

from __future__ import annotations

from simulator.words import Words

FORECAST_WORDS: Words = {
    "points": ("{points} figures that were not known, from {origins} forecasts", "{points}个当时未知的公布数，{origins}次预测"),
    "few": ("fewer than {fewest}: no judgement of the bands", "少于{fewest}个，不足以评判区间"),
    "bands": ("bands hold", "区间命中"), "half": ("50% band", "50%区间"), "most": ("90% band", "90%区间"),
    "all": ("all", "全部"), "lead": ("years ahead", "提前年数"), "scheme": ("scheme", "险种"), "measure": ("measure", "指标"),
    "count": ("points", "点数"), "crps": ("CRPS, % of the figure", "CRPS（占公布数%）"),
    "rivals": ("1 to 3 years ahead, beside the best rival", "提前1至3年，与最佳对照法比较"),
    "each": ("the same beside each rival, where it has a forecast", "与每种对照法比较（限其能作预测的点）"), "rival": ("rival", "对照法"),
    "best": ("best rival", "最佳对照法"), "skill": ("better by (95%)", "改进（95%）"),
    "spending": ("spending", "支出"), "balance": ("cumulative surplus", "累计结余"),
    "title": ("{scheme}, {region}: forecasts with what was known, and what was published", "{region}{scheme}：依当时所知的预测与事后公布数"),
    "under": ("Each fan starts from the last accounts that were published at its cut. 100 million yuan.", "每个扇形自截止日已公布的最后一年决算起。单位：亿元。"),
    "source": ("Published: params/tables/published.csv. {draws} worlds a forecast.", "公布数：params/tables/published.csv。每次预测{draws}个情景。"),
    "published": ("published", "公布数"), "known_then": ("made at the end of {year}", "{year}年末作出"),
}
