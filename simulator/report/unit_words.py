"""The sentences on pooling units in English and Chinese."""

from __future__ import annotations

from simulator.words import Words

AXES: Words = {
    "gone": ("members whose fund has run out, %", "基金已耗尽的统筹单位参保人员占比（%）"),
    "apart": ("balance of a unit {year}, yuan a member", "{year}年末统筹单位人均结余（元）"),
    "need": ("top-up needed {year}, 100 million yuan", "{year}年末弥补缺口所需（亿元）"),
    "spread": ("bar: 10th to 90th percentile of units; dot: median", "横条：统筹单位第10至90百分位；圆点：中位"),
    "moved": ("{value} moved by the adjustment fund", "调剂金拨付 {value}"),
    "beside": ("{year}, % (against the baseline, points)", "{year}年末，%（与基准方案相差百分点）"),
    "gap": ("{value} ({gap}{error})", "{value}（{gap}{error}）"),
}
