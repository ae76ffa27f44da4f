"""The words of a calibration, in English and Chinese."""

from __future__ import annotations

from simulator.words import Words

CALIBRATED_WORDS: Words = {
    "head": ("{figures} published figures until {until}, {weighed} weighed; {keys} uncertain values in {worlds} worlds",
             "截至{until}年的公布数{figures}个，计入权重{weighed}个；{worlds}个情景，{keys}个不确定参数"),
    "fit": ("fit, before → after", "拟合（校准前→后）"), "figures": ("figures", "公布数"), "before": ("before", "校准前"),
    "after": ("after", "校准后"), "median": ("median gap", "偏差中位数"), "above": ("above 10%", "超过10%"),
    "close": ("within 3 errors", "3倍误差以内"), "all": ("all", "合计"),
    "wave": ("wave", "轮次"), "worlds": ("worlds", "情景数"), "plausible": ("plausible", "可信比例"),
    "effective": ("effective", "有效样本"),
    "chance": ("Weighing 2,000 worlds by chance would have left {effective} of them.",
               "若只对2000个随机情景加权，有效样本仅{effective}个。"),
    "contradictions": ("Figures that cannot be true together", "相互矛盾的公布数"),
    "by_accounts": ("by the identity of accounts", "按会计恒等式"), "by_model": ("under any setting", "任何参数取值下"),
    "alone": ("no setting reaches it", "任何参数取值都达不到"),
    "against": ("against", "与"),
    "makes": ("they make it {made}, {distance} errors away", "由其推得{made}，相差{distance}个标准误"),
    "more": ("and {count} more (-v)", "另有{count}处（-v）"),
    "model_error": ("The model's own error, by run: {errors}.", "模型误差（按模拟）：{errors}。"),
    "missed": ("figures missed by most, in stated errors", "偏差最大的公布数（以公布误差计）"),
    "implausible": ("no plausible setting was found: no set is written", "没有可信的参数取值，不写出参数集"),
    "measure": ("measure", "指标"), "published": ("published", "公布数"),
}
