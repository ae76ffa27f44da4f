"""The words of the analysis of a fund's operation (analysis.py), in English and Chinese."""

from simulator.words import Words

COLOURS_OF_WARNING: Words = {"green": ("green", "正常"), "yellow": ("yellow", "黄色预警"), "red": ("red", "红色预警")}
ANALYSIS: Words = {
    "heading": ("Analysis of the fund's operation", "基金运行分析报告"),
    "fund": ("{side}: {scheme}", "{side}：{scheme}"),
    "year": ("Year", "年度"), "revenue": ("Revenue", "收入"), "change": ("change", "同比"),
    "expenditure": ("Expenditure", "支出"), "surplus": ("Surplus of the year", "当年结余"),
    "balance": ("Cumulative surplus", "累计结余"), "months": ("Months held", "累计结余可支付月数"),
    "exhausted": ("Exhausted by the end of the year", "截至当年末累计结余耗尽概率"), "warning": ("Early warning", "预警等级"),
    "unit": ("100 million yuan, means over {draws} worlds; months of the year's expenditure; probabilities of members' funds. Early warning: the "
             "colour in which most members' funds are at the end of the year, with its probability: yellow below "
             "{yellow} months held, red below {red}.",
             "单位：亿元，为{draws}次模拟的均值；可支付月数按当年支出计；概率按参保人所在统筹单位计。预警等级为年末最可能的等级及其概率：可支付月数低于{yellow}个月为黄色，低于{red}个月为红色。"),
    "unit_unmarked": ("100 million yuan, means over {draws} worlds; months of the year's expenditure; probabilities of members' funds.",
                      "单位：亿元，为{draws}次模拟的均值；可支付月数按当年支出计；概率按参保人所在统筹单位计。"),
    "reasons": ("Reasons", "原因"), "measures": ("Measures to consider", "建议措施"),
    "one_year": ("One year is simulated: there is no change to explain.", "仅模拟一年，无同比变化可作分析。"),
    "growth": ("From {first} to {last}, a year on average: revenue a member {revenue}, expenditure a member {expenditure}; members {members}.",
               "{first}—{last}年年均增幅：人均收入{revenue}，人均支出{expenditure}，参保人数{members}。"),
    "causes": ("Of the expenditure: admissions a member {admissions_per_100}, payment per admission {payment_per_admission}, visits a "
               "member {visits_per_head}, payment per visit {payment_per_visit}.",
               "支出构成：人均住院次数{admissions_per_100}，次均住院支付{payment_per_admission}，人均门诊次数{visits_per_head}，次均门诊支付{payment_per_visit}。"),
    "money": ("{amount} billion yuan", "{amount}亿元"),
    "widest": ("In the worst 5% of worlds the fund holds {amount} on average at the end of {last}; {top_up} would fill the units in deficit, "
               "on average over all worlds.",
               "最差5%的模拟结果中，{last}年末平均累计结余{amount}；各次模拟平均，弥补出现缺口的统筹单位需{top_up}。"),
    "rests": ("The balance of {last} hangs most on: {values}.", "{last}年累计结余主要取决于：{values}。"),
    "rest_of": ("{name} ({share}% of its variance)", "{name}（占方差{share}%）"),
    "exhausting": ("By {last} the fund of {exhausted} of members is exhausted. To ask what would hold it: {command}",
                   "至{last}年，{exhausted}参保人所在基金累计结余耗尽。可试算维持平衡所需筹资：{command}"),
    "sums": ("What would balance it, yuan a member and year: {sums}.", "平衡所需，每人每年：{sums}。"),
    "warned": ("The early warning is red in {red} of worlds at the end of {last}: the rules ask for a plan of funding or benefits before that "
               "({since} is the first year above 10%).",
               "{last}年末红色预警概率为{red}：应提前研究筹资或待遇调整方案（{since}年起概率超过10%）。"),
    "over": ("The {limit} limit of surplus is passed by the funds of {share} of members in {last}, with {bounds} at the most that stated "
             "refunds give: benefits may be bettered, refunds extended or the premium kept; scenarios/as-funds-are-run.yaml asks what a "
             "ladder of benefits does.",
             "{last}年{share}参保人所在基金超过{limit}结余上限，其中现有返还办法已用足的为{bounds}：可提高待遇、扩大二次补偿或暂缓提高缴费；阶梯式待遇调整的效果见 scenarios/as-funds-are-run.yaml。"),
    "annual": ("annual", "当年"), "cumulative": ("cumulative", "累计"),
    "quiet": ("No fund is likely to be exhausted, warned or above its limits: no measure follows from this run.",
              "未见较大的耗尽、预警或超限风险：本次模拟无需建议措施。"),
    "decides": ("Measures are named by rule from the figures above. What they would do is simulated as a policy of its own; a run decides nothing.",
                "建议措施由上列数据按规则列出，其效果应作为单独方案另行模拟；模拟结果不替代决策。"),
    "page": ("Page {page} of {pages}", "第 {page} 页，共 {pages} 页"),
}
