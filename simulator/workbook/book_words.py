"""The words of workbooks in English and Chinese: names of sheets, headings, items of the ledger, checks, certification."""

from __future__ import annotations

from simulator.words import MEASURE_NAMES, Words

SHEET_NAMES: Words = {
    "cover": ("Cover", "封面"), "inputs": ("Inputs", "输入"), "values": ("Values", "参数值"), "ledger": ("Ledger", "账目"),
    "figures": ("Figures", "汇总数"), "mean": ("Mean", "平均"), "draw": ("Draw", "所选模拟"), "presentation": ("Presentation", "图表"),
    "control": ("Control", "校验"), "stored_inputs": ("Stored inputs", "留存输入"), "stored_values": ("Stored values", "留存参数值"),
    "stored_figures": ("Stored figures", "留存汇总数")}

SHEET_PURPOSES: Words = {
    "inputs": ("Constants, the draws that can be chosen, limits of the surplus", "常数、可选模拟、结余上限"),
    "values": ("Every parameter value that the run used, with unit, day, source and status", "模拟所用全部参数值及单位、生效日、来源、依据"),
    "ledger": ("What was booked in each fund, draw and year", "各基金各次模拟各年度的记账金额"),
    "figures": ("The run's own figures, to which the calculation is held", "模拟汇总数，用于核对计算"),
    "mean": ("The balance of each fund, mean of the draws", "各基金收支与结余计算（模拟均值）"),
    "draw": ("The balance of each fund in the draw that you choose in its list", "各基金收支与结余计算（在下拉列表中选定的模拟）"),
    "presentation": ("Tables and charts", "表和图"),
    "control": ("Checks; all are TRUE until an input is altered", "校验项；未改动输入时均为TRUE")}

ITEM_NAMES: Words = {
    **{name: MEASURE_NAMES[name] for name in (
        "subsidy_central", "subsidy_provincial", "subsidy_county", "deficit_top_up", "provider_settlement", "gp_fees", "cii_premium",
        "cii_loss_borne", "cii_clawback", "reserve_used", "adjustment_paid", "adjustment_received", "revenue", "expenditure",
        "surplus")},
    "opening": ("Opening balance in the bank", "期初账面结存"), "closing": ("Closing balance in the bank", "期末账面结存"),
    "premium": ("Premiums of members", "个人缴费"), "contributions": ("Contributions of employers and employees", "单位和职工缴费"),
    "top_up": ("Local top-up", "地方追加补助"), "entry": ("Paid once for retirees who enter", "国有企业退休人员一次性趸缴"),
    "interest": ("Interest", "利息收入"), "claims_paid": ("Claims paid", "支付医疗费用"),
    "secondary": ("Secondary reimbursement", "二次补偿"), "reserve_transfer": ("Transfer to the risk reserve", "提取风险基金"),
    "claims_incurred": ("Claims incurred", "应付医疗费用发生额"), "receivable": ("Funding due, not yet received", "应收未收筹资"),
    "payable": ("Claims payable at the year end", "期末应付医疗费用"), "payable_opening": ("Claims payable at the start", "期初应付医疗费用"),
    "accrued_closing": ("Cumulative surplus (accrued)", "累计结余（权责发生制）")}

CALCULATION: Words = {
    "cash": ("Balance in the bank", "账面结存"), "accrual": ("Claims payable, and the accrued balance", "应付医疗费用与累计结余"),
    "results": ("Results of the year", "年度结果"), "booked": ("As the engine booked it, for the checks", "引擎记账数（供校验）"),
    "surplus_base": ("Revenue without deficit top-up", "收入（不含财政弥补缺口）"), "surplus_rate": ("Surplus rate", "当年结余率"),
    "surplus_rate_of_mean": ("Surplus rate, of the mean amounts", "当年结余率（按平均金额）"),
    "annual_limit": ("Annual limit of the surplus rate, with its tolerance", "当年结余率上限（含容差）"),
    "within": ("Within the annual limit", "未超当年结余率上限"), "months_held": ("Months of expenditure held", "累计结余可支付月数"),
    "no_limit": ("no limit", "无上限"), "position": ("Position of the draw in the ledger", "模拟在账目中的序号"),
    "chosen": ("Draw shown (choose from the list):", "所示模拟（从下拉列表选择）："),
    "mean": ("mean of all draws", "全部模拟平均"), "draw": ("draw {number}", "第{number}次模拟"),
    "percentile": ("P{percent} of the balance of {year}, by fund", "{year}年累计结余第{percent}百分位（各基金分别取）"),
    "item": ("Item", "项目"), "fund_item": ("Fund, item", "基金、项目"), "unit": ("Unit", "单位"), "start": ("Start", "期初"),
    "wan": ("10,000 yuan; cells hold fen", "万元（单元格内为分）"), "share": ("share", "比率"), "months": ("months", "个月"),
    "flag": ("TRUE or FALSE", "TRUE/FALSE"), "fund": ("Fund", "基金"), "measure": ("Measure", "指标"), "statistic": ("Statistic", "统计量"),
    "mean_title": ("The balance of each fund: mean of the draws", "各基金收支与结余：模拟均值"),
    "draw_title": ("The balance of each fund: one draw", "各基金收支与结余：单次模拟"),
    "calculation_note": ("Every cell is a formula. Opening + revenue - expenditure = closing; the opening balance is the closing one of the year before.",
                         "全部单元格均为公式。期初＋收入－支出＝期末；期初等于上年期末。"),
    "ledger_note": ("Whole fen, shown in 10,000 yuan. Items that are zero in every draw and year are left out.",
                    "以分记账，按万元显示。各次模拟各年度均为零的项目不列。"),
    "ledger_some": ("{shown} of {all} draws are listed, the first ones; the mean is that of all.", "列出前{shown}次模拟（共{all}次）；平均为全部模拟的平均。"),
    "figures_note": ("From summary.csv and units.csv of the run. Amounts in 100 million yuan.", "取自本次模拟的 summary.csv 和 units.csv，金额单位为亿元。"),
    "values_note": ("From parameters.csv of the run.", "取自本次模拟的 parameters.csv。"),
    "top_up_of": ("Top-up needed by {unit}", "{unit}弥补缺口所需资金"), "unit_number": ("unit {number}", "第{number}统筹单位")}

INPUT_WORDS: Words = {
    "title": ("Inputs", "输入"), "note": ("Cells on yellow are inputs. After an edit the sheet of checks says FALSE, for the workbook no longer shows the run.",
                                         "黄底单元格为输入。改动后校验表显示FALSE，说明工作簿已不再是原模拟的结果。"),
    "constants": ("Constants", "常数"), "name": ("Name in formulas", "公式中的名称"), "value": ("Value", "数值"), "meaning": ("Meaning", "含义"),
    "half_fen": ("Half a fen: amounts that differ by less are equal", "半分：差额小于此数视为相等"),
    "months_in_year": ("Months in a year", "一年的月数"), "fen_in_100m": ("Fen in 100 million yuan", "一亿元的分数"),
    "whole": ("Per cent in a whole", "整体的百分数"), "small": ("Percentage points below which shares are equal", "比例相差小于此数（百分点）视为相等"),
    "percentiles": ("Percentiles that can be chosen", "可选百分位"), "share": ("Share", "比例"),
    "rank": ("Rank of the balance, lowest first", "结余由低到高的位次"), "choices": ("Choices", "可选项"),
    "limits": ("Limits of the annual surplus rate, and the tolerance on them", "当年结余率上限及容差"), "limit": ("Limit", "上限"),
    "tolerance": ("Tolerance", "容差"), "path": ("Parameter", "参数路径")}

VALUE_WORDS: Words = {
    "title": ("Values that the run used", "模拟所用参数值"), "name": ("Parameter", "参数"), "path": ("Path", "路径"), "value": ("Value", "数值"),
    "unit": ("Unit", "单位"), "from": ("In force from", "生效日"), "source": ("Source", "来源"), "status": ("Status", "依据类别"),
    "region": ("Stated by", "规定地区")}

SHOWN_WORDS: Words = {
    "title": ("Tables and charts", "图表"), "note": ("100 million yuan unless another unit is named. Percentiles are of the draws, year by year.",
                                                  "未注明单位者为亿元。百分位按各年度模拟分别计算。"),
    "balance": ("Cumulative surplus, P{percent}", "累计结余 第{percent}百分位"), "balance_mean": ("Cumulative surplus, mean", "累计结余 均值"),
    "balance_draw": ("Cumulative surplus, draw chosen", "累计结余 所选模拟"), "rate": ("Surplus rate, mean amounts", "当年结余率（平均金额）"),
    "rate_draw": ("Surplus rate, draw chosen", "当年结余率（所选模拟）"), "limit": ("Annual limit", "当年上限"),
    "months": ("Months held, mean amounts", "累计结余可支付月数（平均金额）"), "exhausted": ("Probability of exhaustion by the year", "到该年累计结余耗尽概率"),
    "fan": ("{fund}: cumulative surplus", "{fund}：累计结余"), "rates": ("{scheme}: surplus rate and its limits", "{scheme}：当年结余率与上限"),
    "burden": ("{scheme}: net burden, % of income, {year}", "{scheme}：{year}年净负担占收入比例（%）"), "axis": ("100 million yuan", "亿元"),
    "burden_title": ("Net burden with premiums, % of income, by income quintile, {year}", "{year}年净负担占收入比例（%），按收入五等份"),
    "some": ("The first {shown} of {all} funds are drawn.", "图中只画前{shown}只基金（共{all}只）。"),
    "percent": ("P{percent}", "第{percent}百分位"), "mean": ("mean", "均值"), "chosen": ("draw chosen", "所选模拟"), "limit_of": ("limit, {side}", "上限，{side}")}

CONTROL: Words = {
    "title": ("Control", "校验"), "note": ("Each check is TRUE while the workbook is as fundsim wrote it, and FALSE when an input that it reads is altered.",
                                         "工作簿未改动时各项均为TRUE；改动所读输入后为FALSE。"),
    "all": ("All checks", "全部校验"), "check": ("Check", "校验项"), "every": ("All funds", "全部基金"), "number": ("No.", "序号"),
    "mean_revenue": ("Mean: revenue is the run's", "均值：收入与模拟汇总数一致"),
    "mean_expenditure": ("Mean: expenditure is the run's", "均值：支出与模拟汇总数一致"),
    "mean_surplus": ("Mean: surplus is the run's", "均值：当年结余与模拟汇总数一致"),
    "mean_bank": ("Mean: bank balance is the run's", "均值：账面结存与模拟汇总数一致"),
    "mean_accrued": ("Mean: cumulative surplus is the run's", "均值：累计结余与模拟汇总数一致"),
    "mean_opening": ("Mean: each opening balance is the one booked", "均值：各年期初与记账期初一致"),
    "draw_bank": ("Draw: bank balance is the one booked", "所选模拟：账面结存与记账数一致"),
    "draw_accrued": ("Draw: cumulative surplus is the one booked", "所选模拟：累计结余与记账数一致"),
    "draw_opening": ("Draw: each opening balance is the one booked", "所选模拟：各年期初与记账期初一致"),
    "all_cash": ("All draws: opening + in - out = closing", "全部模拟：期初＋收－支＝期末"),
    "all_opening": ("All draws: opening = closing of the year before", "全部模拟：期初＝上年期末"),
    "all_payable": ("All draws: claims payable roll forward", "全部模拟：应付医疗费用滚存一致"),
    "all_accrued": ("All draws: bank + receivable - payable = cumulative surplus", "全部模拟：账面结存＋应收－应付＝累计结余"),
    "totals": ("Ledger: sums over draws are those written", "账目：各模拟合计与留存合计一致"),
    "means": ("Ledger: the mean is that of the draws", "账目：平均等于各模拟平均"),
    "percentiles": ("Ledger: percentiles of the cumulative surplus are the run's", "账目：累计结余百分位与模拟汇总数一致"),
    "payers": ("Payers bear the whole of the expense", "各支付方合计等于医疗总费用"),
    "units": ("Pooling units add up to the fund", "统筹单位合计等于基金"),
    "inputs": ("Sheet of inputs as written", "输入表未改动"), "values": ("Sheet of values as written", "参数值表未改动"),
    "figures": ("Sheet of figures as written", "汇总数表未改动"),
    "totals_title": ("Sums over the draws in fen: as written, and as they are now", "各模拟合计（分）：留存数与现数"),
    "stored": ("as written: ", "留存："), "now": ("now: ", "现："), "agree": ("sums agree", "合计一致"), "mean_agrees": ("mean agrees", "平均一致"),
    "percentile_title": ("Percentiles of the cumulative surplus, worked out from the ledger, fen", "由账目计算的累计结余百分位（分）"),
    "none": ("-", "-")}

COVER_WORDS: Words = {
    "asked": ("The question", "问题"), "answer": ("The answer", "结论"), "rests": ("What it rests on", "依据"),
    "run": ("Run", "运行编号"), "version": ("Version", "版本"), "digest": ("Result digest", "结果摘要"), "parameters": ("Digest of the values used", "参数摘要"),
    "seed": ("Random seed", "随机种子"), "draws": ("Draws", "模拟次数"), "people": ("People on each roster", "每个人群样本人数"),
    "checks": ("All checks of this workbook", "工作簿全部校验"), "sheets": ("Sheets", "工作表"),
    "colours": ("Colours", "颜色"), "input": ("input", "输入"), "link": ("taken from another sheet", "取自其他工作表"),
    "calculation": ("calculation", "计算"), "result": ("result", "结果"),
    "certification": ("Certification", "精算声明"),
    "statement": (
        "I have examined the assumptions and methods behind the figures of this workbook and of the run named above. In my opinion the data were "
        "checked for reasonableness and consistency, values of status assumption and estimate are reasonable for the purpose stated below, the "
        "methods follow generally accepted actuarial practice, and the figures comply with the laws and regulations that apply. Reliance on "
        "others and exceptions to this statement are named below.",
        "本人已审阅本工作簿及上述模拟所依据的假设和方法。本人认为：所用数据已作合理性和一致性检查；依据类别为“假设”和“估计”的数值对下述用途是合理的；"
        "所用方法符合公认的精算惯例；有关数字符合适用的法律法规。所依赖的他人工作及对本声明的例外情况列于下方。"),
    "unsigned": ("To be completed by the person who certifies; fundsim certifies nothing.", "由声明人填写；fundsim 本身不作任何认证。"),
    "purpose": ("Purpose of the figures", "用途"), "reliance": ("Reliance on others", "所依赖的他人工作"), "exceptions": ("Exceptions", "例外情况"),
    "name": ("Name", "姓名"), "position": ("Position, institution", "职务、单位"), "qualification": ("Qualification, number", "资格及编号"),
    "date": ("Date", "日期"), "signature": ("Signature", "签名")}
