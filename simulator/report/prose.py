"""The sentences of the figures and the report in English and Chinese; `say` fills in what stands in braces."""

from __future__ import annotations

from simulator.words import LANGUAGES, Words

FIGURES: Words = {
    "source": ("Source: fundsim run {run}; {draws} draws, {people} people on each of ten rosters; values of status assumption: {assumed} of {values}.",
               "来源：fundsim 运行 {run}；{draws}次模拟，十个人群样本各{people}人；所用参数中状态为“假设”的：{assumed}/{values}。"),
    "everybody": ("all", "全部"),
    "joined": ("; ", "；"), "enumerated": (", ", "、"), "bar": ("{scheme}, {side}", "{scheme}，{side}"),
    "side": ("{region} ({policy})", "{region}（{policy}）"),
    "pair": ("{side} {text}", "{side}{text}"),
    "median": ("median", "中位数"), "half": ("25-75% of draws", "25%-75%区间"), "most": ("5-95% of draws", "5%-95%区间"),
    "zero": ("zero", "零线"),
    "unchanged": ("median if nothing is changed", "现行办法不变时的中位数"),
    "balance_title": ("{scheme}: probability that the fund is exhausted by {last}: {findings}", "{scheme}：到{last}年累计结余耗尽的概率：{findings}"),
    "balance_under": ("Cumulative surplus of the pooled fund per member at year end, yuan (accrued)", "统筹基金年末人均累计结余（权责发生制，元）"),
    "units_title": ("{scheme}: members whose fund has run out by {last}: {findings}", "{scheme}：到{last}年基金已耗尽的参保人员占比：{findings}"),
    "units_under": ("Each pooling unit has a fund of its own; means over the draws", "每个统筹单位自有基金；各模拟平均"),
    "units_caption": ("Pooling units of the {scheme}. Left, the share of members whose unit's fund has been below zero at a year end so far. Middle, the "
                      "balance per member in {year}: the bar goes from the unit that a tenth of the units are below to the one that a tenth are above, "
                      "the dot is the middle unit. Right, what would fill every deficit, with its 95% interval; in brackets the paired difference from "
                      "the baseline and half of its interval; hatched, what the adjustment fund has paid out in the year.",
                      "{scheme}的统筹单位。左：所在统筹单位基金在年末曾出现负结余的参保人员占比。中：{year}年末人均结余，横条自最低十分位单位至最高十分位单位，圆点为中位单位。"
                      "右：弥补全部缺口所需资金及95%区间，括号内为与基准的配对差及区间半宽；斜线条为当年调剂金补助。"),
    "balance_axis": ("yuan per member", "元/人"),
    "balance_caption": ("Cumulative surplus of the {scheme} pooled fund per member. The dark band holds the middle half of the draws, the light band "
                        "nine tenths; all panels share one scale. Below zero the fund is exhausted.",
                        "{scheme}统筹基金人均累计结余。深色带为模拟结果的中间一半，浅色带为十分之九；各图使用同一刻度。低于零线表示基金耗尽。"),
    "surplus_title": ("{scheme}: median surplus rate {first} to {last}: {findings}", "{scheme}：当年结余率中位数（{first}年至{last}年）：{findings}"),
    "surplus_title_year": ("{scheme} {first}: median surplus rate: {findings}", "{scheme}{first}年：当年结余率中位数：{findings}"),
    "change": ("{a} to {b}", "{a}至{b}"),
    "surplus_under": ("Above: annual surplus rate, % of revenue. Below: cumulative surplus in the base of the region's own limit",
                      "上：当年结余率（占基金收入%）。下：累计结余，按各地区上限的口径计算"),
    "surplus_axis": ("surplus rate, %", "当年结余率（%）"),
    "months_of_expenditure": ("months of expenditure", "月均支出（个月）"),
    "share_of_funding": ("% of the year's funding", "占当年筹资总额（%）"),
    "share_of_pooled_fund": ("% of the year's pooled fund", "占当年统筹基金（%）"),
    "none": ("months of expenditure", "月均支出（个月）"),
    "limit": ("limit", "上限"), "tolerated": ("limit and tolerance", "上限加容差"),
    "no_annual": ("{side}: no annual limit", "{side}：无当年结余率上限"),
    "annual_limit": ("{side}: annual limit {limit}", "{side}：当年结余率上限{limit}"),
    "annual_tolerance": ("{side}: annual limit {limit}, tolerance {tolerance} points", "{side}：当年结余率上限{limit}，容差{tolerance}个百分点"),
    "no_cumulative": ("{side}: no cumulative limit", "{side}：无累计结余上限"),
    "cumulative_limit": ("{side}: cumulative limit {limit}", "{side}：累计结余上限{limit}"),
    "some_months": ("{number} months", "{number}个月"),
    "surplus_caption": ("Annual surplus rate and cumulative surplus of the {scheme} pooled fund against the region's limits (dashed), after the "
                        "year-end response. “Balance each year” is a limit of 0% with a stated tolerance (dotted). Regions may state their "
                        "limits on different bases, so the lower panels need not share a scale.",
                        "{scheme}统筹基金当年结余率和累计结余与各地区上限（虚线）的比较，为年末调节之后的数值。“当年收支平衡”按上限0%加容差（点线）处理。"
                        "各地区累计结余口径可能不同，下方各图刻度不一定相同。"),
    "oop_title": ("{scheme} {year}: out-of-pocket share of income, poorest and richest quintile: {findings}",
                  "{scheme}{year}年：个人负担占收入比例（低收入户、高收入户）：{findings}"),
    "two": ("{a} and {b}", "{a}、{b}"), "before_after": ("{a} before, {b} after", "支付前{a}、之后{b}"),
    "oop_under": ("Inpatient and outpatient payments of members by income quintile; error bars: 95% Monte Carlo error of the mean",
                  "按收入五等份，含住院和门诊；误差线为均值的95%蒙特卡罗误差"),
    "oop_amount": ("yuan per person a year", "元/人·年"), "oop_share": ("% of income", "占收入（%）"),
    "oop_caption": ("What {scheme} members pay themselves in {year}, from individual accounts and in cash, by income quintile of their household: "
                    "amount, and share of income.",
                    "{year}年{scheme}参保人员的个人负担费用（个人账户和现金），按家庭收入五等份分组：金额及占收入比例。"),
    "catastrophic_title": ("{scheme} {year}: households paying over 25% of income before insurance and after all layers: {findings}",
                           "{scheme}{year}年：个人负担超过收入25%的家庭：{findings}"),
    "catastrophic_under": ("Share of households, %, by what they would pay before insurance and after each layer; error bars: 95% Monte Carlo error",
                           "家庭占比（%），按保险支付前及各层保障之后的个人负担费用计算；误差线为95%蒙特卡罗误差"),
    "catastrophic_axis": ("% of households", "占家庭（%）"),
    "catastrophic_caption": ("Catastrophic expenditure by three thresholds and impoverishment ({scheme}, {year}), before insurance and after basic "
                             "insurance, critical illness insurance (CII; large-sum supplement and commercial cover with it), medical assistance (MA) and, where "
                             "they pay bills, individual accounts: what is left is cash alone. Panels have their own scales. Capacity to pay is "
                             "income less subsistence, or less food where a household spends less on that; a household is impoverished when its payments "
                             "take it below the poverty line.",
                             "按三个标准衡量的灾难性卫生支出和因病致贫（{scheme}，{year}年）：保险支付前、基本医保后、大病保险（含大额补助和商业补充保险）后、"
                             "医疗救助后；个人账户支付医疗费用的，另列扣除个人账户后的现金支付。各图刻度不同。支付能力为收入减去基本生活支出"
                             "（食品支出低于基本生活支出的家庭，减去食品支出）；支付医疗费用后收入低于贫困线为因病致贫。"),
    "layer_before": ("before\ninsurance", "保险\n支付前"), "layer_basic": ("after\nbasic", "基本\n医保后"),
    "layer_cii": ("after\nCII", "大病\n保险后"), "layer_assistance": ("after\nMA", "医疗\n救助后"), "layer_account": ("cash\nalone", "仅计\n现金"),
    "payers_title": ("{year}: share of all medical expense borne by patients. {findings}", "{year}年医疗总费用中的个人负担比例。{findings}"),
    "payers_finding": ("{scheme}: {shares}", "{scheme}：{shares}"),
    "payers_under": ("Who pays all inpatient and outpatient expense, %; at the end of each bar: the patient's own share (individual account and cash)",
                     "住院和门诊总费用由谁支付（%）；条后数字为个人负担（个人账户和现金）"),
    "payers_axis": ("% of all medical expense", "占医疗总费用（%）"),
    "payers_caption": ("Who pays the medical expense of members in {year}, each scheme and region: shares of all inpatient and outpatient bills by payer. "
                       "Left of zero is what hospitals keep beyond their bills under case and per-diem payment. Payers below 0.05% everywhere are not drawn.",
                       "{year}年各制度、各地区参保人员住院和门诊总费用的支付构成。零线以左为按病种、按床日付费下医院获得的高于实际费用的部分。各处均不足0.05%的一方不画出。"),
    "illness_title": ("{scheme} {year}: patients' cash share of listed-illness bills, lowest to highest: {findings}",
                      "{scheme}{year}年：重大疾病费用中个人现金支付比例（最低至最高）：{findings}"),
    "illness_under": ("Mean bill and who bears it, thousand yuan per bill; at the end of each bar: the patient's cash share",
                      "次均费用及其承担者（千元/次）；条后数字为个人现金支付比例"),
    "illness_axis": ("thousand yuan per bill", "千元/次"),
    "no_bills": ("no bills in the sample", "样本中无病例"),
    "illness_caption": ("Who bears the mean bill of each illness of the catastrophic-illness list ({scheme}, {year}), costliest first. An illness that is on "
                        "the list but not paid by the scheme's list terms is settled as an ordinary admission. Rare illnesses rest on few bills.",
                        "重大疾病次均费用由谁承担（{scheme}，{year}年），按费用从高到低排列。未按重大疾病待遇支付的病种按普通住院结算。罕见病种样本很少。"),
    "payer_fund": ("basic insurance", "基本医保"), "payer_later": ("CII, assistance and other layers", "大病保险、医疗救助等"), "payer_account": ("individual account", "个人账户"),
    "payer_hospital": ("hospital", "医院"), "payer_cash": ("patient's cash", "个人现金"),
    "first_sides": (" The first {shown} of {all} regions and policies are drawn.", "图中只画{all}个地区和方案中的前{shown}个。"),
    "strip_axis": ("exhausted by\nthe year, %", "截至该年\n耗尽（%）"),
    "strip_caption": (" The strip below has the probability that a member's fund has been exhausted by each year.", "下方色带为截至各年参保人所在基金累计结余已耗尽的概率（%）。"),
    "most_first": ("5-95% of draws (the first)", "5%-95%区间（第一条）"),
    "half_exhausted": ("half of the draws exhausted", "半数模拟已耗尽"),
    "overlay_title": ("{scheme}: median balance per member at the end of {last}: {findings}", "{scheme}：{last}年末人均累计结余中位数：{findings}"),
    "overlay_title_ends": ("{scheme}: median balance per member at the end of {last}, lowest and highest: {findings}",
                           "{scheme}：{last}年末人均累计结余中位数（最低、最高）：{findings}"),
    "overlay_under": ("Cumulative surplus of the pooled fund per member at year end, yuan (accrued); at each line: probability of exhaustion by {last}",
                      "统筹基金年末人均累计结余（权责发生制，元）；线端数字为到{last}年耗尽的概率"),
    "overlay_caption": ("All regions and policies on one axis: the {scheme} pooled fund's balance per member, medians and light bands of nine tenths of the draws "
                        "(of more than four lines, the first one's band alone). A ring marks the year by which half of the draws are exhausted.",
                        "各地区、各方案同轴比较：{scheme}统筹基金人均累计结余的中位数及十分之九的模拟区间（多于四条线时只画第一条的区间）。圆圈为半数模拟已耗尽的年份。"),
    "named": ("{side} {text}", "{side} {text}"), "yuan": ("{amount} yuan", "{amount}元"), "less": ("{a} less {b}", "{a}减{b}"), "no_gap": ("no difference", "无差异"),
    "gap_finding": ("{gap}, above zero in {above} of draws", "{gap}，{above}的模拟高于零"),
    "gap_title": ("{scheme}: median difference of the balance per member, end of {last}: {findings}", "{scheme}：{last}年末人均累计结余差值中位数：{findings}"),
    "gap_title_ends": ("{scheme}: median difference of the balance per member, end of {last}, lowest and highest: {findings}",
                       "{scheme}：{last}年末人均累计结余差值中位数（最低、最高）：{findings}"),
    "gap_under": ("Difference within the same draw, yuan per member; a policy stands for itself less its region's baseline", "同一次模拟内的差值（元/人）；方案为该方案减本地区基准方案"),
    "gap_caption": ("Differences drawn as differences: the balance per member of the {scheme} pooled fund of one side less that of the other in the same draw. "
                    "Where a band lies wholly on one side of zero, nine tenths of the draws or more agree on which is higher; bands of the sides themselves may overlap all the same.",
                    "差值直接作图：同一次模拟中{scheme}统筹基金人均累计结余之差。区间完全位于零线一侧时，十分之九以上的模拟对孰高孰低结论一致，尽管两方各自的区间可能重叠。"),
    "first_pairs": (" The first {shown} of {all} pairs are drawn.", "图中只画{all}组中的前{shown}组。"),
}

REPORT: Words = {
    "plan_of": ("rules of {scheme}", "{scheme}的规则"), "regions_rules": ("the region's", "本地区规则"),
    "title": ("{regions}, {first}-{last}", "{regions}，{first}—{last}年"),
    "title_year": ("{regions}, {first}", "{regions}，{first}年"),
    "facts": ("Run {run}; {draws} draws; {people} people on each of ten rosters of a scheme and region; seed {seed}; fundsim {version}; result digest {digest}.",
              "运行编号 {run}；模拟{draws}次；每个制度每个地区十个人群样本各{people}人；随机种子 {seed}；fundsim {version}；结果摘要 {digest}。"),
    "contents": ("Contents", "目录"),
    "and": (" and ", "和"), "comma": (", ", "、"),
    "question": ("The question", "问题"),
    "question_text": ("Under the rules of {year}, how do the funds of {schemes} in {regions} fare from {first} to {last}, and what do their members still pay?",
                      "按{year}年的政策，{regions}的{schemes}基金在{first}年至{last}年间收支如何，参保人员还要负担多少？"),
    "how": ("The fund's response to its limits: {response}. Patients' response to price: {demand}.", "基金超限后的应对：{response}。患者对价格的反应：{demand}。"),
    "response_stated": ("as the parameters state it", "按参数规定"), "response_secondary": ("secondary reimbursement, and nothing on a deficit", "二次补偿，收不抵支不作应对"),
    "response_none": ("none", "不调节"), "demand_on": ("simulated", "模拟"), "demand_off": ("not simulated", "不模拟"),
    "effects": ("What each policy changes", "各方案的变化"),
    "effects_text": ("Each policy less its region's baseline, on the same people and the same random numbers, paired draw by draw. Only measures that "
                   "change are listed; differences of percentages are in percentage points. "
                   "s.e. is the standard error of the paired difference; a difference is called significant when its 95% interval excludes zero. "
                   "By chance alone one difference in twenty would be. The standard error does not include the uncertainty of the assumptions.",
                   "各方案减该地区基准方案，人群和随机数相同，按同一次模拟配对；只列有变化的指标，百分比之差为百分点。标准误为配对差值的标准误，差值的95%区间不含零为显著；"
                   "若全凭偶然，二十个中约有一个会显示为显著。标准误不反映对假设本身的疑问。"),
    "precision": ("Precision of the means", "均值的精度"),
    "precision_draws": ("Intervals of means are 95% intervals over the {draws} draws, by Student's t with {df} degrees of freedom: draws live "
                        "on ten rosters, and an error is that of the rosters' means. They include chance, the economy and which households were simulated, and not "
                        "the uncertainty of the assumptions.",
                        "均值的区间为{draws}次模拟的95%区间，按学生t分布，自由度{df}：各次模拟分属十个人群样本，误差按样本均值计算。区间反映偶然波动、宏观不确定性和人群样本的差异，不反映对假设本身的疑问。"),
    "precision_one": ("One draw gives no interval.", "只有一次模拟，不给出区间。"),
    "precision_met": ("Asked: half of the 95% interval of mean fund spending per member is at most {asked}% of it, in every scheme, region, policy and "
                      "year. Reached with {draws} draws: at most {reached}% ({widest}).",
                      "要求：各制度、地区、方案、年度人均基金支出均值的95%区间半宽不超过均值的{asked}%。模拟{draws}次后达到：最大{reached}%（{widest}）。"),
    "precision_settings": ("In {count} uncertain values each world has one of {joint} joint settings of the set {name}, which agree with figures "
                           "published of the years up to {until} (docs/calibration.md); all other values are by chance.",
                           "有{count}项不确定参数由参数集 {name} 取值：每次模拟采用其{joint}组联合取值之一，与截至{until}年的已公布数据相符（见 "
                           "docs/calibration.md）；其余参数按各自分布随机取值。"),
    "precision_missed": ("Asked: half of the 95% interval of mean fund spending per member is at most {asked}% of it, in every scheme, region, policy "
                         "and year. NOT reached with {draws} draws, the most allowed: {reached}% ({widest}); about {needed} would be needed.",
                         "要求：各制度、地区、方案、年度人均基金支出均值的95%区间半宽不超过均值的{asked}%。模拟{draws}次（允许的上限）后未达到：{reached}%（{widest}）；约需{needed}次。"),
    "precision_paired": ("Differences between policies and between regions are paired by draw and have their own intervals; half of such an interval is never "
                         "more than the halves of both sides together.", "方案之间、地区之间的差值按同一次模拟配对，另有区间，其半宽不超过两方半宽之和。"),
    "precision_heavy": ("\u2020 marks figures with a heavy tail ({count} of {all} means): a few draws make up the mean and its standard error, "
                        "so that no 95% interval is given: it would miss the true mean far more often than one time in twenty.",
                        "\u2020 表示厚尾（{all}个均值中的{count}个）：均值及其标准误由少数几次模拟决定，故不给出95%区间，否则其不含真实均值的机会远大于二十分之一。"),
    "precision_light": ("None of the {all} means has a heavy tail.", "{all}个均值均无厚尾。"),
    "precision_unjudged": ("Whether a mean has a heavy tail is not judged by fewer than {fewest} draws.", "模拟少于{fewest}次时不判断是否厚尾。"),
    "precision_spending": ("Spending per member: half of the 95% interval, % of the mean, widest year", "人均基金支出：95%区间半宽占均值（%），最宽的年度"),
    "precision_balance": ("Cumulative surplus, end of {year}, 100 million yuan, and half of its 95% interval", "{year}年末累计结余及其95%区间半宽（亿元）"),
    "side_heading": ("Region, policy", "地区、方案"),
    "effects_nothing": ("Nothing changes: every figure is the baseline's.", "无变化：各项指标与基准方案完全相同。"),
    "without_policy": ("Baseline", "基准方案"), "moved_by": ("Difference", "差值"), "error": ("s.e.", "标准误"), "verdict": ("Significant", "是否显著"),
    "significant": ("yes", "显著"), "not_significant": ("no", "不显著"),
    "effects_fund": ("Fund and accounts", "基金与各账户"), "effects_benefit": ("Benefit", "待遇"), "effects_patients": ("Patients", "患者负担"),
    "effects_payers": ("Who pays", "费用构成"),
    "question_policies": ("What changes under these policies?", "下列方案会带来什么变化？"),
    "policy": ("Policy", "方案"), "change": ("Changed value", "改动参数"), "to": ("to", "改为"),
    "main": ("Main figures", "主要结果"),
    "main_text": ("Means over the draws. The difference is the first column less the second, paired draw by draw, with its 95% interval; differences of "
                  "percentages are in percentage points. Out-of-pocket payments are all that patients bear, in and out of scope, from individual accounts and in cash.",
                  "各数为模拟均值。差值为前一列减后一列，按同一次模拟配对计算，附95%区间；百分比之差为百分点。"
                  "个人负担为患者承担的目录内外全部费用，含个人账户支付和现金支付。"),
    "policies_text": ("Means over the draws. The difference is the policy less its baseline, paired draw by draw, with its 95% interval; differences of "
                      "percentages are in percentage points. Out-of-pocket payments are all that patients bear, in and out of scope, from individual accounts and in cash.",
                      "各数为模拟均值。差值为方案减其基准方案，按同一次模拟配对计算，附95%区间；百分比之差为百分点。"
                      "个人负担为患者承担的目录内外全部费用，含个人账户支付和现金支付。"),
    "alone_text": ("Means over the draws, and the range of the middle nine tenths of the draws; of a probability its 95% interval.",
                   "各数为模拟均值及十分之九的模拟所在的区间；概率附95%区间。"),
    "more_pairs": ("The first {shown} of {all} comparisons are shown; all are in comparison.csv.", "只列出{all}组比较中的前{shown}组，全部见 comparison.csv。"),
    "measure": ("Measure", "指标"), "unit": ("Unit", "单位"), "difference": ("Difference (95% interval)", "差值（95%区间）"),
    "interval": ("{low} to {high}", "{low}至{high}"), "mean": ("Mean", "均值"), "spread": ("5-95% of draws", "5%-95%区间"),
    "box": ("How much of the gap is assumption", "差距有多少来自假设"),
    "box_intro": ("Gaps are {a} less {b} in the first year, as in the main figures. How far each moves is seen on the same people, in the run's first draws: "
                  "values of status assumption or estimate take their alternatives one by one, on the side where they stand; law and statistics "
                  "stay, and a level solved to an outcome is solved anew.",
                  "差距为起始年{a}减{b}，与主要结果相同。变动幅度在同一人群、本次运行的前若干次模拟上得出：状态为假设或估计的取值逐项改用其他可能，"
                  "只在其所在一方改动；政策文件和统计数据不变，按公布值求解的水平重新求解。"),
    "box_range": ("{scheme}, {measure}: the gap of {gap} {unit} lies between {least} and {most} over the alternatives; furthest, at {furthest} "
                  "(moved by {low} to {high}, a 95% interval), with {by}.",
                  "{scheme}，{measure}：差距{gap}{unit}，随其他可能在{least}至{most}之间；影响最大的是{by}，差距变为{furthest}（变动的95%区间为{low}至{high}）。"),
    "box_counted": ("For {scheme} {varied} such values state alternatives or how uncertain they are and were moved; {fixed} state neither and were not.",
                    "{scheme}有{varied}个这类取值注明了其他可能或不确定程度，已逐项改动；另有{fixed}个未注明，没有改动。"),
    "box_both": ("both regions", "两地"), "box_by": ("{what} {end} in {side}", "{side}的{what}{end}"),
    "box_like": ("the values of {end} in {side}", "{side}改用{end}的取值"),
    "box_level": ("the plan's target met in {side}", "{side}达到规划目标"),
    "box_people": ("all uncertain values of people and care at their 95% points in {side}", "{side}的人群和就医取值均取95%分位"),
    "box_end_low": ("at its 5% point", "取5%分位"), "box_end_high": ("at its 95% point", "取95%分位"),
    "box_end_flat": ("the same at every tier", "各级相同"), "box_end_steep": ("steeper by tier", "级差加大"),
    "box_missing": ("The analysis of assumptions was not run for this report, so it is not known how much of the gaps above is assumption. {assumed} of "
                    "the {values} values used are assumptions.",
                    "本报告未运行假设分析，因此不知道上述差距有多少来自假设。所用{values}个参数值中有{assumed}个是假设。"),
    "scheme": ("Scheme", "制度"), "gap": ("Gap", "差距"),
    "least": ("Least", "最低"), "most": ("Most", "最高"), "by": ("Moved most by", "影响最大者"),
    "levels": ("The level of inpatient schedules", "住院待遇的水平"),
    "levels_text": ("A schedule that is known (law, statistic) is paid as written. Where none is known it is an estimate or an assumption, and one scalar k on "
                    "the patient's share is solved so that the in-scope ratio is the one that was published as paid; a plan's target is no outcome. "
                    "Without an outcome k is not known and is taken as 1. A ratio solved to is no finding.",
                    "已知的待遇表（政策文件、统计数据）按文本支付。未找到的为估计或假设，通过求解个人负担部分的系数 k，使政策范围内住院费用支付比例等于已公布的"
                    "实际值；规划目标不是实际值。没有公布值时 k 未知，取 1。按公布值求解的比例不是模拟的发现。"),
    "region": ("Region", "地区"), "year": ("Year", "年份"), "k": ("k", "k"), "status": ("Status", "状态"), "written": ("Ratios written, %", "文本比例（%）"), "paid": ("Ratios paid, %", "实付比例（%）"),
    "rests_on": ("What k rests on", "k的依据"),
    "source": ("Source", "来源"), "reached": ("In scope at k, %", "k下比例（%）"), "unsolved": ("At k = 1, %", "k=1时（%）"),
    "no_levels": ("Every policy takes its schedule as written.", "各方案均按文本支付。"),
    "values": ("Values used, by status", "所用参数值的状态"),
    "values_text": ("{assumed} of the {values} values used are assumptions.", "所用{values}个参数值中有{assumed}个是假设。"),
    "count": ("Values", "个数"), "share": ("Share, %", "占比（%）"), "topic": ("Topic", "类别"), "total": ("Total", "合计"),
    "not_for": ("What this must not be used for", "不得用于"),
    "not_for_1": ("Setting the budget, premium or contract of a named fund: most values are assumptions or estimates, not that fund's records.",
                  "确定某一具体基金的预算、筹资标准或合同：多数参数是假设或估计，不是该基金的实际记录。"),
    "not_for_2": ("Deciding about a patient's claim or judging a hospital.", "决定某位患者的报销或评价某家医院。"),
    "not_for_3": ("Inferring what happened: rules are held after their last dated value, while the real ones changed.",
                  "推断历史实际：最后一份有日期的规定之后，政策按不变处理，而实际政策有变化。"),
    "not_for_4": ("Reading the intervals as the whole uncertainty: they include sampled risk and Monte Carlo error, not the uncertainty of the assumptions.",
                  "把区间当作全部不确定性：区间只含抽样风险和蒙特卡罗误差，不含对假设本身的疑问。"),
    "figures": ("Figures", "图"), "figure": ("Figure {number}. {caption}", "图{number} {caption}"),
    "rules": ("What differs between the regions' parameters", "两地参数的差异"),
    "rules_text": ("Values in force in {year} with the clause or source behind each. Sources are quoted as the parameter files state them.",
                   "{year}年有效的取值及其条款或来源；来源按参数文件原文引用。"),
    "rules_missing": ("This report was made without a list of differences.", "本报告未附差异清单。"),
    "rules_rules": ("Rules and documents", "政策规定与文件"), "rules_people": ("People, incomes, use and prices", "人口、收入、就医与费用"),
    "parameter": ("Parameter", "参数"), "sources": ("Status and source", "状态与来源"),
    "fund": ("Fund measures by year", "分年度基金指标"),
    "fund_text": ("Means over the draws; for the surplus rate and the balance also the range of the middle nine tenths of the draws. The last five "
                  "columns are probabilities. A government top-up of a deficit is revenue but not surplus, so that it hides no deficit.",
                  "均值；当年结余率和累计结余另附十分之九的模拟所在的区间。最后五列为概率。财政弥补缺口计入收入，但不计入结余，不掩盖收不抵支。"),
    "accounts": ("Other accounts and the value of pooling", "其他账户与统筹层次"),
    "accounts_text": ("Means over the draws; rows that are zero throughout are left out. Where margin, claw-back or a shared loss is agreed, the critical illness "
                      "account closes at zero each year and the rest is the insurer's. Medical assistance pays its groups' premiums and its claims from "
                      "donations first; the appropriation is the rest. Under pooling, \"top-up needed\" is what would fill every balance below zero if each "
                      "county, city or the province kept a fund of its own, and what pooling saves is the need by county less that at the region's level.",
                      "各数为模拟均值，始终为零的项目不列。约定协议盈利、超额返还或亏损分担的，大病保险账户每年清零，余额归承保机构。"
                      "医疗救助的资助参保和救助支出先用社会捐赠，其余为财政拨款。统筹层次部分的“所需弥补资金”是各县、市或全省分别设立基金时弥补全部负结余所需的资金；"
                      "“减少的弥补资金”为县级统筹所需减去本地区统筹层次所需。"),
    "accounts_subsidies": ("Subsidies by level of government", "各级财政补助"), "accounts_hospitals": ("Hospitals and family doctors", "医疗机构与家庭医生"),
    "accounts_individual": ("Individual accounts", "个人账户"), "accounts_supplement": ("Large-sum supplement", "大额医疗费用补助"),
    "accounts_insurer": ("Critical illness insurance (CII)", "大病保险"), "accounts_assistance": ("Medical assistance to the scheme's members", "对本制度参保人员的医疗救助"),
    "accounts_relief": ("Emergency relief", "疾病应急救助"), "accounts_response": ("Responses to surplus and deficit", "结余与缺口的应对"),
    "accounts_pooling": ("Pooling units", "统筹单位"), "accounts_beside": ("Beside the fund's account", "账外项目"),
    "burden": ("Benefit and burden", "待遇与负担"),
    "burden_text": ("Outpatient care and household burden are measured on a sample of households. Out-of-pocket payments are individual account and cash "
                    "together; cash alone is shown where the two differ. Catastrophic expenditure by income quintile is after all layers, account and cash together. "
                    "What patients advance is paid by insurance or assistance later: bills out of area that are not settled at once, and assistance "
                    "without one-stop settlement.",
                    "门诊和家庭负担按抽样家庭计算。个人负担为个人账户与现金之和，两者不同时另列现金。分组的灾难性卫生支出为各层保障之后的个人账户与现金之和。"
                    "先行垫付为事后由医保或救助返还的费用，即未即时结算的异地就医费用和未“一站式”结算的救助。"),
    "illnesses": ("Listed illnesses", "重大疾病"),
    "illnesses_text": ("Mean bill in {year} and who bears it, over the draws with such bills; rare illnesses rest on few bills.",
                       "{year}年次均费用及其承担者，按有病例的模拟计算；罕见病种样本很少。"),
    "illness": ("Illness", "病种"), "no_illnesses": ("No bills of listed illnesses.", "无重大疾病费用。"),
    "provenance": ("Where the values come from", "参数来源"),
    "provenance_text": ("Every value used, with unit, date, source and status:", "每个参数值及其单位、日期、来源和状态："),
}

PAGE: Words = {  # the report's first page, and what is printed of the others
    "answer": ("The answer", "结论"), "rests": ("What it rests on", "依据"), "changed": ("What is changed", "改动内容"),
    "who": ("Policy", "方案"), "what": ("Changed value", "改动参数"), "before": ("Before", "改动前"), "after": ("After", "改动后"),
    "everybody": ("every policy", "全部方案"), "baseline_first": ("{name}: the region's own values.", "{name}：该地区原有参数。"),
    "whole_question": ("The whole description stands under \"{question}\".", "全文见\u201c{question}\u201d。"),
    "more_changes": ("{count} more changes stand under \"{question}\".", "另有{count}项改动，见\u201c{question}\u201d。"),
    "more_rows": ("{count} more rows are on screen, and their figures in the run's files.", "另有{count}行，见屏幕版，数据见结果文件。"),
    "figure_of": ("Drawn is {scheme}, whose fund is exhausted most often.", "图中为{scheme}，其基金耗尽的概率最高。"),
    "figure_only": ("Drawn is {scheme}.", "图中为{scheme}。"),
    "status": ("Of the {values} values used: {counts}.", "所用{values}个参数值中：{counts}。"),
    "status_part": ("{status} {count} ({share}%)", "{status}{count}个（{share}%）"),
    "assumed_gap": ("{measure}, {unit}, {year}, {a} less {b}, and its range as assumed and estimated values take their "
                    "alternatives one by one: {parts}.",
                    "{measure}（{unit}，{year}年，{a}减{b}）及假设和估计的取值逐项改用其他可能时的范围：{parts}。"),
    "targets": ("{measure}, {unit}, {year}, by the evidence there is, and in brackets were the plans' in-scope targets met, an assumption: "
                "{spending}; {rate}, %: {surplus}.",
                "{year}年{measure}（{unit}），按现有依据，括号内为假设实现规划的政策范围内报销比例目标：{spending}；{rate}（%）：{surplus}。"),
    "targets_spent": ("{scheme} {a_name} {a} ({a_met}), {b_name} {b} ({b_met}), gap {gap} ({gap_met})",
                      "{scheme}{a_name}为{a}（{a_met}），{b_name}为{b}（{b_met}），相差{gap}（{gap_met}）"),
    "targets_kept": ("{scheme} {a_name} {a} ({a_met}), {b_name} {b} ({b_met})", "{scheme}{a_name}为{a}（{a_met}），{b_name}为{b}（{b_met}）"),
    "then": ("; ", "；"), "assumed_part": ("{scheme} {gap}, {least} to {most}", "{scheme}{gap}，{least}至{most}"),
    "draws": ("{draws} draws on ten rosters of {people} people; the intervals are 95% intervals.",
              "模拟{draws}次，十个人群样本各{people}人；区间为95%区间。"),
    "one_draw": ("One draw on a roster of {people} people: it has no intervals.", "只模拟一次，人群样本{people}人，没有区间。"),
    "levels": ("Inpatient schedules: {levels}.", "住院待遇表：{levels}。"),
    "level_written": ("{who} paid as written ({status})", "{who}按文本支付（{status}）"),
    "level_unknown": ("{who} {status}, k not known, taken as 1", "{who}为{status}，k未知，取1"),
    "level_outcome": ("{who} k = {k}, solved to the {goal}% paid in {solved_in}", "{who} k = {k}，按{solved_in}年实付{goal}%求解"),
    "level_target": ("{who} k = {k}, solved to the target of {goal}%", "{who} k = {k}，按目标{goal}%求解"),
    "not_for": ("Not for: {use}", "不得用于：{use}"),
    "rows_on_screen": ("Not printed: {count} more rows. They are on screen, and all figures in {files}.",
                       "另有{count}行未打印，见屏幕版；全部数据见{files}。"),
    "elsewhere": ("On screen and in files", "屏幕版与文件"),
    "elsewhere_text": ("These parts are not printed. They unfold on screen, and their figures are in the run's folder:",
                       "以下部分不打印，在屏幕上展开查看，数据在结果文件夹中："),
    "elsewhere_part": ("{name} ({count} rows)", "{name}（{count}行）"), "elsewhere_figures": ("{count} more figures", "另外{count}幅图"),
    "rows": ("{count} rows", "{count}行"), "drawings": ("{count} figures", "{count}幅图"),
    "and_files": ("{name}: {files}", "{name}：{files}"),
}

BRIEF: Words = {  # the answer on the terminal
    "balance": ("balance {year}, yuan/head", "{year}年末人均结余（元）"), "exhausted": ("exhausted by {year}, %", "{year}年末前耗尽概率（%）"),
    "months": ("balance {year}, months", "{year}年末可支付月数"), "burden": ("out of pocket {year}, yuan", "{year}年人均自付（元）"),
    "subject_balance": ("The fund's balance per member at the end of {year}", "{year}年末人均基金结余"),
    "subject_exhausted": ("The probability that the fund is exhausted by {year}", "基金在{year}年末前耗尽的概率"),
    "subject_months": ("The fund's balance in months of spending at the end of {year}", "{year}年末基金结余的可支付月数"),
    "subject_burden": ("What a member pays out of pocket in {year}", "{year}年人均自付费用"),
    "short_balance": ("Balance {year}", "{year}年末人均结余"), "short_exhausted": ("Exhausted by {year}", "{year}年末前耗尽概率"),
    "short_months": ("Months held {year}", "{year}年末可支付月数"), "short_burden": ("Out of pocket {year}", "{year}年人均自付"),
    "short_sentence": ("{subject}: {clauses}.", "{subject}：{clauses}。"),
    "short_higher": ("higher {than} for {items}", "{than}更高的有{items}"), "short_lower": ("lower {than} for {items}", "{than}更低的有{items}"),
    "short_than_region": ("in {a}", "{a}"), "short_than_regions": ("in {a}", "{a}"), "short_than_baseline": ("than the baseline", "比基准方案"),
    "short_unsure": ("not sure for {items}", "无确定差异的有{items}"), "short_same": ("the same for {items}", "相同的有{items}"),
    "asks": ("How do the funds fare under the rules of {year}, and what do members still pay?", "按{year}年的政策，基金收支如何，参保人员还要负担多少？"),
    "higher": ("is higher {than} for {items}", "{than}更高的有{items}"), "lower": ("is lower {than} for {items}", "{than}更低的有{items}"),
    "unsure": ("is not surely different {between} for {items}", "{between}无确定差异的有{items}"),
    "same": ("is the same {as_} for {items}", "{between}相同的有{items}"),
    "higher_too": ("higher for {items}", "更高的有{items}"), "lower_too": ("lower for {items}", "更低的有{items}"),
    "unsure_too": ("not surely different for {items}", "无确定差异的有{items}"), "same_too": ("the same for {items}", "相同的有{items}"),
    "than_region": ("in {a} than in {b}", "{a}比{b}"), "between_region": ("between {a} and {b}", "{a}与{b}"),
    "than_regions": ("in {a} than in the other region", "{a}比另一地区"), "between_regions": ("between {a} and the other region", "{a}与另一地区"),
    "than_baseline": ("than under the baseline", "比基准方案"), "between_baseline": ("from the baseline", "与基准方案"),
    "as_region": ("in {a} and in {b}", ""), "as_regions": ("in {a} and in the other region", ""), "as_baseline": ("as under the baseline", ""),
    "gap_balance": ("{gap} yuan", "{gap}元"), "gap_exhausted": ("{gap} points", "{gap}个百分点"), "gap_months": ("{gap} months", "{gap}个月"),
    "gap_burden": ("{gap} yuan", "{gap}元"),
    "is_balance": ("{value} yuan for {item}", "{item}{value}元"), "is_exhausted": ("{value}% for {item}", "{item}{value}%"),
    "is_months": ("{value} for {item}", "{item}{value}个月"), "is_burden": ("{value} yuan for {item}", "{item}{value}元"),
    "unchanged": ("Nothing changed / as run, {year}: {items}.", "现行办法不变/按办法调节，{year}年：{items}。"),
    "unchanged_exhausted": ("exhausted {both}%", "耗尽概率{both}%"), "unchanged_balance": ("{both} yuan", "人均结余{both}元"),
    "unchanged_over_annual": ("over annual limit {both}%{bounds}", "超当年结余率上限{both}%{bounds}"),
    "unchanged_over_cumulative": ("over cumulative limit {both}%{bounds}", "超累计结余上限{both}%{bounds}"),
    "unchanged_bounds": (" ({share}% with no more to give)", "（其中{share}%调节已用尽）"),
    "unchanged_how": (" What a ladder of benefits does: scenarios/as-funds-are-run.yaml.", "待遇阶梯的作用见 scenarios/as-funds-are-run.yaml。"),
    "unchanged_same": ("As run, every fund ends as if nothing were changed.", "各基金按办法调节的结果与现行办法不变相同。"),
    "item": ("{item} ({gap})", "{item}（{gap}）"), "others": ("{count} more", "另外{count}项"), "counted": ("{count} of {all}", "{all}项中的{count}项"), "is": ("{subject} is {items}.", "{subject}：{items}。"),
    "sentence": ("{subject} {clauses}.", "{subject}：{clauses}。"), "then": ("; ", "；"),
    "baseline": ("baseline", "基准方案"), "policy": ("policy", "方案"), "first": ("first", "前者"), "second": ("second", "后者"),
    "difference": ("difference", "差值"), "interval": ("95% interval", "95%区间"), "mean": ("mean", "均值"), "draws": ("5-95% of draws", "5%-95%模拟"),
    "ends": ("{low} .. {high}", "{low} .. {high}"), "against": ("{a} less {b}", "{a}减{b}"),
    "change": ("{policy}: {path} {old} -> {new}", "{policy}：{path} {old} -> {new}"), "not_read": ("not stated", "未规定"), "everybody": ("every policy", "全部方案"),
    "more_changes": ("changes not shown: {count}, see report.html", "另有{count}项改动，见 report.html"),
    "more_rows": ("rows not shown: {count}, see report.html or -v", "另有{count}行，见 report.html 或 -v"),
    "more_text": ("(the rest: manifest.json)", "（其余见 manifest.json）"),
    "met": ("Precision of spending: {asked}% asked. Reached with {draws} draws: {reached}%.", "支出精度要求{asked}%：模拟{draws}次后达到：{reached}%。"),
    "missed": ("Precision of spending: {asked}% asked. NOT reached with {draws} draws, the most allowed: {reached}%.",
               "支出精度要求{asked}%：模拟{draws}次（允许的上限）后未达到：{reached}%。"),
    "heavy": ("\u2020 a few worlds make up this figure: no interval is given.", "\u2020 该数由少数情景决定，不给出区间。"),
    "values": ("{assumed} of {values} values are assumed{schedules}.", "{values}个参数值中{assumed}个为假设{schedules}。"),
    "schedules": ("; schedules {levels}", "；待遇表：{levels}"), "shortly_written": ("{count} as written", "按文本{count}个"),
    "shortly_outcome": ("{count} solved", "求解{count}个"), "shortly_target": ("{count} at the target", "按目标{count}个"),
    "shortly_unknown": ("{count} unknown", "水平未知{count}个"),
    "levels": ("Inpatient schedules: {levels}.", "住院待遇表：{levels}。"), "levels_written": ("as written {count}", "按文本支付{count}个"),
    "levels_outcome": ("solved to what was paid {count}", "按公布实付比例求解{count}个"),
    "levels_target": ("solved to a target {count}", "按目标求解{count}个"),
    "levels_unknown": ("level not known {count} ({named})", "水平未知{count}个（{named}）"),
}


def say(words: Words, key: str, lang: str, **values: object) -> str:
    """The sentence of a `key` in a language, with `values` filled into its braces."""
    return words[key][LANGUAGES.index(lang)].format(**values)
