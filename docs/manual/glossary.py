"""The glossary. Names that the program itself shows are taken from the tables of words; here stand what they mean, and the names
of what has none there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator import words


class Entry(NamedTuple):
    """A term: `en` and `zh` are its names, or `zh` is empty and `en` the key of a name in `table`."""

    en: str
    zh: str
    said_en: str
    said_zh: str
    table: words.Words | None = None


def entries(section: Sequence[Entry]) -> Iterator[tuple[str, str, str, str]]:
    """Names and meanings in both languages."""
    for entry in section:
        en, zh = (entry.en, entry.zh) if entry.table is None else entry.table[entry.en]
        yield en, zh, entry.said_en, entry.said_zh


S, P, M, L, U = words.SCHEME_NAMES, words.PAYER_NAMES, words.MEASURE_NAMES, words.LAYER_NAMES, words.STATUS_NAMES

GLOSSARY: tuple[tuple[tuple[str, str], tuple[Entry, ...]], ...] = (
    (("Schemes and accounts", "制度与账户"), (
        Entry("uebmi", "", "The scheme of employees and retirees, paid from contributions on wages; a part of them goes into individual accounts.", "以工资为基数缴费的职工和退休人员医疗保险，部分缴费划入个人账户。", S),
        Entry("urbmi", "", "The scheme of urban residents without work, children and students: premium and government subsidy.", "城镇非从业居民、儿童和学生的医疗保险，由个人缴费与财政补助筹资。", S),
        Entry("nrcms", "", "The scheme of rural residents, run by counties: premium and government subsidy.", "农村居民医疗保障，以县为统筹单位，由个人缴费与财政补助筹资。", S),
        Entry("urrbmi", "", "The scheme into which the two before it were merged.", "由城镇居民医保与新农合整合而成。", S),
        Entry("pooled fund", "统筹基金", "The scheme's common fund, from which bills are paid; its balance is what `balance` shows.", "支付医疗费用的共济基金；`balance` 即其累计结余。"),
        Entry("individual account", "个人账户", "An employee's own account, which pays what the rules leave.", "职工本人账户，支付统筹之外的个人负担。"),
        Entry("risk reserve", "风险基金", "A reserve set aside from revenue and kept outside the balance; it is used first where a deficit is to be met by it.", "从收入中提取、单列于结余之外的储备，用于弥补缺口。"),
        Entry("pooling unit, pooling level", "统筹单位、统筹层次", "The county, city or province whose members share one fund.", "共用一个基金的县、市或省。"),
        Entry("adjustment fund", "调剂金", "What units of a city or province pay in for those in deficit.", "各统筹单位上解、用于补助缺口单位的资金。"),
    )),
    (("A bill", "一张单据"), (
        Entry("eligible (in-scope) expense", "政策范围内费用", "The part of a bill on the lists of drugs, services and facilities; the rules apply to it.", "单据中属于药品、诊疗和服务设施目录的部分，规则以此为基数。"),
        Entry("deductible", "起付线", "What the patient pays of an admission before the fund pays, by hospital tier and by which admission of the year it is.", "每次住院基金支付之前由患者承担的金额，按医院级别和年内住院次序规定。"),
        Entry("reimbursement ratio", "报销比例、支付比例", "The fund's share of what lies above the deductible. Never called coinsurance here, which elsewhere is the patient's share.", "起付线以上费用中基金支付的比例。"),
        Entry("annual cap", "封顶线、最高支付限额", "The most that the pooled fund pays for a person in a year.", "统筹基金一年内对一人支付的最高限额。"),
        Entry("first payment", "先行自付", "The share of category-B items that the patient pays before the rules.", "乙类项目在按比例支付之前由患者先付的部分。"),
        Entry("listed illness", "重大疾病", "An illness of the dated list of 8 + 12, paid by a ratio of its own, without deductible, up to a quota price.", "8+12类重大疾病，按病种比例支付，不设起付线，按定额标准。"),
        Entry("supplement", "", "The second layer of employees (and of some residents), above the annual cap.", "封顶线以上的第二层保障。", P),
        Entry("cii", "", "The second layer of residents: a part of the year's own in-scope payments above a threshold.", "居民第二层保障：对一年内超过起付线的合规自付费用按比例支付。", P),
        Entry("assistance", "", "The third layer, for the poor: help with premiums, and a share of what is left of a bill.", "面向困难群众的第三层保障：资助参保，并对剩余自付给予救助。", P),
        Entry("relief", "", "A fund for patients without means or name, who cannot pay.", "救助身份不明或无力支付的急危重患者。", P),
        Entry("one-stop settlement", "“一站式”结算", "A layer is settled together with insurance, so that the patient advances nothing.", "与基本医保同步结算，患者不必垫付。"),
        Entry("settlement slip", "结算单", "All steps of one bill with formula and ground: `fundsim explain`.", "一张单据的全部步骤、算式与依据：`fundsim explain`。"),
        Entry("plan file", "待遇方案文件", "The rules of a bill as one file, with or without a region.", "把结算规则写成一个文件，可脱离地区使用。"),
        Entry("level k", "水平系数 k", "The one factor on what an assumed schedule leaves to patients, r′ = 1 − k (1 − r), solved to a published outcome.", "对推定待遇表中个人负担的统一系数，r′ = 1 − k (1 − r)，按公布的实际支付比例求解。"),
    )),
    (("The fund", "基金"), (
        Entry("balance", "", "What the fund holds at the end of a year, counting what is due to it and what it owes. Never called a reserve here.", "年末基金累计结余，计入应收与应付。", M),
        Entry("surplus_rate", "", "(revenue − expenditure) / revenue of a year.", "（当年收入－当年支出）÷当年收入。", M),
        Entry("months_held", "", "The cumulative surplus measured in months of the year's average expenditure.", "以当年月均支出衡量的累计结余。", M),
        Entry("exhausted", "", "The probability that the cumulative surplus has fallen below zero by the end of the year.", "截至当年末累计结余曾降至零以下的概率。", M),
        Entry("surplus limit", "结余率上限", "The most that a fund may keep in a year, and in all; a fund above it is to be brought down.", "当年结余率和累计结余的上限，超过者须调节。"),
        Entry("secondary_reimbursement", "", "A year-end refund of excess surplus to those with high bills.", "年末把超额结余返还给高额费用患者。", M),
        Entry("control factor", "支付系数", "A factor on ordinary inpatient payments by which a fund answers surplus and deficit.", "基金应对结余过多或缺口时对普通住院支付所乘的系数。"),
        Entry("ladder of benefits", "待遇阶梯", "Stated packages of benefits, richer and leaner than the plan, among which a fund moves.", "高于或低于现行待遇的若干档次，基金按规则升降。"),
        Entry("global budget, case payment, per-diem, capitation", "总额预付、按病种、按床日、按人头付费", "How hospitals are paid, in place of fee for service.", "按项目付费之外的付费方式。"),
    )),
    (("Burden", "负担"), (
        Entry("out-of-pocket payment", "个人负担费用", "What a patient pays from the individual account or in cash.", "由个人账户或现金支付的费用。"),
        Entry("catastrophic expenditure", "灾难性卫生支出", "Payments for care beyond a stated part of a household's income or capacity to pay.", "医疗自付超过家庭收入或支付能力一定比例。"),
        Entry("impoverishment", "因病致贫", "A household falls below the poverty line by paying for care.", "家庭因医疗自付落到贫困线以下。"),
        Entry("income quintile", "收入五等份", "Households by income per head, a fifth of all persons each.", "按人均收入把家庭分为五组，每组占人口五分之一。"),
    )),
    (("The simulation", "模拟"), (
        Entry("draw, world", "模拟（一次）、情景世界", "One sampled future: an economy, a setting of every uncertain value, and chance. `--draws 200` is 200 of them.", "一次模拟的未来：经济走势、各不确定参数的取值与偶然性。`--draws 200` 即模拟200次。"),
        Entry("people, roster", "人口样本", "The simulated persons; ten rosters stand in for everybody.", "被模拟的人；十套样本代表全体参保人。"),
        Entry("policy", "方案", "A set of changes to the rules that is compared with the baseline.", "与基准方案比较的一组规则改动。"),
        Entry("baseline", "基准方案", "The region's rules as they are, with the scenario's own changes.", "地区现行规则（连同情景文件的共同改动）。"),
        Entry("scenario", "方案文件（情景）", "A file that says which regions, years, sizes and policies are to be simulated.", "规定地区、年份、规模和各方案的文件。"),
        Entry("measure", "指标", "A figure of a run, with a unit and a definition.", "运行结果中的一项数字，有单位和定义。"),
        Entry("standard error, 95% interval", "标准误、95%区间", "How far a mean may be off because only so many worlds and rosters were simulated; not how far the future may be off.", "因模拟次数与样本有限，均值可能的误差；不是未来的不确定性。"),
        Entry("band", "区间带", "What lies between two quantiles over worlds (50%: a quarter to three quarters); how uncertain the future is in the model.", "各次模拟结果两个分位数之间的范围，表示模型中未来的不确定性。"),
    )),
    (("What values rest on", "依据类别"), (
        Entry("law", "", "A planning document or rule text; the source names document and clause.", "规划文件或规则文本，出处写明文件与条款。", U),
        Entry("statistic", "", "Published by an agency or study.", "公布的统计数据或研究结果。", U),
        Entry("estimate", "", "Derived from other figures, or recalled and not verified.", "由其他数字推算，或未经核实的记忆。", U),
        Entry("assumption", "", "Ours; the reason stands in the source.", "本模型的假设，理由写在出处中。", U),
        Entry("floor, target", "底线、目标", "What planning documents ask for. A target is not an outcome.", "规划文件的要求；目标不等于结果。"),
        Entry("operating schedule", "实际待遇政策", "The rules by which bills are really settled, which planning documents do not state.", "实际结算所用的规则，规划文件并不写明。"),
        Entry("published outcome", "公布的实际比例", "What an audit or bulletin found that was paid.", "审计或公报认定的实际支付比例。"),
    )),
)
