"""What a fit is told in: headings, kinds and sentences in English and Chinese."""

from __future__ import annotations

from simulator.words import Words

FIT_TITLES: Words = {
    "title": ("What the claims of {file} say", "{file} 的单据说明什么"),
    "facts": ("{claims} claims of {claimants} persons; {exposure} person-years of {heads} insured, {window}; {region}, {scheme}",
              "{claimants} 人的 {claims} 张单据; {heads} 名参保人的 {exposure} 人年, {window}; {region}, {scheme}"),
    "provenance": ("SHA-256 {sha256}; {rows} rows read", "SHA-256 {sha256}; 共读取 {rows} 行"),
    "validation": ("What was done to the rows", "数据检查"), "parameters": ("Parameters", "参数"),
    "rates": ("How often", "频率"), "models": ("Rates relative to the base", "相对率 (对数线性模型)"),
    "tests": ("Poisson or more varied", "泊松与负二项检验"), "amounts": ("How dear", "次均费用"), "laws": ("Laws tried", "分布拟合"),
    "tails": ("Tails above a threshold (generalised Pareto)", "尾部 (广义帕累托, 超阈值)"),
    "quantiles": ("Empirical quantiles, yuan", "经验分位数 (元)"), "scope": ("In scope, percent of a bill", "政策范围内比例"),
    "concentration": ("Few persons, much of the cost: percent of it", "费用集中度 (占总费用%)"),
    "persistence": ("From year to year", "年际持续性"), "trend": ("Growth a year, percent", "年增长率 (%)"),
    "monthly": ("By month", "按月"), "completion": ("Claims not yet reported (chain-ladder)", "未报单据 (链梯法)"),
    "how_rates": ("95% intervals from the differences between persons, whose years hang together.", "95%区间以人为聚类单位."),
    "how_tests": ("z: score test of Poisson against more variance (above 1.64: refuted at 5%); p: likelihood ratio of the negative "
                  "binomial, variance mu + alpha mu^2; dispersion: Pearson's statistic over its degrees of freedom.",
                  "z: 泊松对过度离散的得分检验 (大于1.64即在5%水平拒绝); p: 负二项似然比检验, 方差为 mu + alpha mu^2; "
                  "离散度: 皮尔逊统计量除以自由度."),
    "how_amounts": ("At the prices of the last year. The interval of a coefficient of variation is that of all laws that the bills do "
                    "not exclude, by profile likelihood; that of a mean is the wider of the bills' own and the law's.",
                    "按最后一年价格. 变异系数的区间为单据未能排除的所有分布之剖面似然区间; 次均费用的区间取单据自身与分布二者中较宽的."),
    "how_laws": ("p-values by parametric bootstrap on at most 1,000 bills: a law with p below 0.05 is refuted, and of many bills "
                 "every law is; ks is the largest distance of the distribution functions. burr 2.8 is the Burr that the model "
                 "simulates. The model gets the best of its own by AIC.",
                 "p值用至多1000张单据的参数自助法; p小于0.05即拒绝, 单据极多时任何分布都会被拒绝; ks为分布函数最大差. "
                 "burr 2.8 为模型所用的Burr分布. 模型采用其自有分布中AIC最小者."),
    "how_weight": ("Counted: limited fluctuation credibility. A figure counts in full if it is within 5% of the truth nine times of "
                   "ten (1,082 Poisson claims), else in proportion; the rest is the region's value at the year's level. "
                   "(Buehlmann's rule needs the variance between several funds, which one file does not have.)",
                   "采信度: 有限波动信度. 以90%把握在真值5%以内 (泊松1082件) 则全部采信, 否则按比例, 其余取地区当年水平的参数值. "
                   "(Buehlmann 信度需要多个基金之间的方差, 单一文件没有.)"),
    "how_completion": ("Mack's standard error of each month's ultimate number of claims; rates are lifted by it.",
                       "各月最终件数及 Mack 标准误; 率已据此补足."),
    "next": ("Simulate with them: fundsim run {scenario} --params {params}", "用于模拟: fundsim run {scenario} --params {params}"),
    "written": ("written: {folder} (report, tables, figures, params/{name}, scenario.yaml)",
                "已写入: {folder} (报告、表、图、params/{name}、scenario.yaml)"),
    "refused": ("rows that could not be read", "未能读取的行"), "figures": ("Figures", "图"),
}
FIT_COLUMNS: Words = {
    "what": ("", ""), "rows": ("rows", "行数"), "kind": ("care", "类别"), "by": ("by", "分组"), "level": ("", "组别"),
    "claims": ("claims", "单据数"), "person_years": ("person-years", "人年"), "rate": ("a person-year", "每人年"),
    "low": ("95% from", "95%下限"), "high": ("to", "上限"), "term": ("", "项"), "ratio": ("ratio", "比值"),
    "ratio_nb": ("neg. binomial", "负二项"), "persons_years": ("rows", "人年行数"), "deviance": ("deviance", "偏差"),
    "freedom": ("d.f.", "自由度"), "dispersion": ("dispersion", "离散度"), "score_z": ("z", "z"), "alpha": ("alpha", "alpha"),
    "p": ("p", "p"), "aic_poisson": ("AIC Poisson", "AIC 泊松"), "aic_nb": ("AIC neg. binomial", "AIC 负二项"), "tier": ("tier", "医院级别"),
    "illness": ("illness", "病种"), "share": ("mean", "均值"), "n": ("bills", "张数"), "capped": ("at the cap", "封顶张数"), "mean": ("mean, yuan", "均值 (元)"),
    "cv": ("CV", "变异系数"), "cv_low": ("95% from", "95%下限"), "cv_high": ("to", "上限"), "law": ("law", "分布"),
    "sample_cv": ("CV of the bills", "样本变异系数"),
    "parameters": ("parameters", "参数"), "aic": ("AIC", "AIC"), "bic": ("BIC", "BIC"), "ks": ("KS", "KS"), "ks_p": ("p", "p"),
    "ad": ("AD", "AD"), "ad_p": ("p", "p"), "threshold": ("threshold, yuan", "阈值 (元)"), "above": ("above it", "超过张数"),
    "xi": ("xi", "xi"), "xi_se": ("s.e.", "标准误"), "beta": ("scale, yuan", "尺度 (元)"), "sd": ("s.d.", "标准差"), "year": ("year", "年份"),
    "members": ("insured", "参保人"), "users": ("with claims", "有费用者"), "top_1": ("top 1%", "前1%"), "top_5": ("top 5%", "前5%"),
    "top_10": ("top 10%", "前10%"), "top_20": ("top 20%", "前20%"), "gini": ("Gini", "基尼系数"),
    "users_top_1": ("of users: 1%", "有费用者: 前1%"), "users_top_5": ("5%", "前5%"), "users_top_10": ("10%", "前10%"),
    "users_top_20": ("20%", "前20%"), "users_gini": ("Gini", "基尼系数"), "persons": ("in both years", "两年均参保"),
    "stay_top": ("of the top tenth stay, %", "前10%次年仍在, %"), "square": ("mean square multiplier", "使用倍数均方"),
    "square_se": ("s.e.", "标准误"), "years": ("years", "年数"), "growth": ("growth", "增长率"), "month": ("month", "月份"),
    "reported": ("reported", "已报"), "ultimate": ("ultimate", "最终"), "error": ("s.e.", "标准误"), "factor": ("factor", "系数"),
    "path": ("parameter", "参数"), "key": ("", ""), "from": ("from", "起始年"), "unit": ("unit", "单位"), "estimate": ("claims say", "单据估计"),
    "weight": ("counted, %", "采信度, %"), "region": ("region", "地区值"), "stated": ("stated", "采用值"),
}
FIT_CELLS: Words = {
    "inpatient": ("admissions", "住院"), "outpatient": ("visits", "门诊"), "all": ("all", "全部"), "age": ("age", "年龄"),
    "sex": ("sex", "性别"), "class": ("class", "人员类别"), "male": ("men", "男"), "female": ("women", "女"), "year": ("year", "年份"),
    "tier": ("tier", "医院级别"), "not stated": ("not stated", "未注明"), "base": ("base, a person-year", "基准 (每人年)"),
    "inpatient rate": ("admissions a person", "住院率"), "outpatient rate": ("visits a person", "门诊次数"),
    "inpatient bill": ("an admission's bill", "次均住院费用"), "outpatient bill": ("a visit's bill", "次均门诊费用"),
    "adult": ("adults", "成年人"), "child": ("children", "儿童"), "student": ("students", "学生"), "active": ("active", "在职"),
    "retired": ("retired", "退休"),
}
FIT_DONE: Words = {
    "rows": ("rows in the claims file", "单据文件行数"), "used": ("claims that count", "计入的单据"),
    "empty rows": ("empty rows", "空行"), "total rows": ("totals and notes", "合计行、注释行"),
    "refused": ("rows that could not be read, left out", "未能读取而略去的行"),
    "uninsured": ("left out: of days without insurance, by the file itself", "略去: 单据所载不在参保期内"),
    "taking back": ("left out: rows that take a bill back", "略去: 冲销行"), "taken back": ("left out: bills taken back", "略去: 被冲销的单据"),
    "replaced": ("left out: bills replaced by a later row", "略去: 被更正的单据"), "repeated": ("left out: repeated claims", "略去: 重复单据"),
    "interim bills": ("interim bills, joined to their stay's last", "中间结算单, 并入该次住院末张"),
    "reported before discharge": ("reported before the discharge, taken as reported with it", "报送早于出院, 按出院日报送"),
    "outside the time looked at": ("left out: outside the time looked at", "略去: 在观察期外"),
    "of persons who are no members": ("left out: of persons who are not in the members file", "略去: 参保人文件中没有此人"),
    "of days without insurance": ("left out: of days on which the member was not insured", "略去: 当日未参保"),
    "zero amounts": ("of amount zero: counted, not fitted", "金额为零: 计次数, 不拟合金额"),
    "members rows": ("rows in the members file", "参保人文件行数"), "members persons": ("persons in it", "其中人数"),
    "birth not stated": ("members' rows without birth", "无出生日期的参保行"), "sex not stated": ("members' rows without sex", "无性别的参保行"),
    "class not stated": ("members' rows without class", "无人员类别的参保行"), "age not stated": ("members' rows without age", "无年龄的参保行"),
    "ages without a day that they are of": ("ages without a first day insured, not used", "无参保起始日的年龄, 未采用"),
    "persons' names tidied": ("members' names tidied", "整理过的参保人编号"), "rows that differ in birth": (
        "rows that differ from the person's first in birth", "出生与首行不同的行"),
    "rows that differ in sex": ("rows that differ from the person's first in sex", "性别与首行不同的行"),
    "rows that differ in class": ("rows that differ from the person's first in class", "人员类别与首行不同的行"),
    "spans that meet": ("spans that meet another of the person, made one", "同一人相接的参保期, 已合并"),
    "passed": ("columns not read", "未读取的列"),
}
FIT_FIGURES: Words = {
    "rates": ("Claims a person-year by age", "分年龄每人年单据数"),
    "rates_under": ("points: these claims with 95% intervals; line: the region's rates at the same level",
                    "点: 本文件及95%区间; 线: 地区参数 (同一总水平)"),
    "qq": ("Amounts against the fitted law", "费用与拟合分布的分位数图"),
    "qq_under": ("quantiles of the bills and of the law that fits best of the model's, yuan; on the line they are equal",
                 "单据与模型分布中最优者的分位数 (元); 在线上即相等"),
    "mean_excess": ("Mean excess over a threshold", "平均超额图"),
    "mean_excess_under": ("mean of what bills exceed the threshold by, yuan, with twice its error; the line is the fitted tail, from "
                          "its threshold on", "超过阈值部分的均值 (元) 及两倍标准误; 线为拟合的尾部, 自其阈值起"),
    "trend": ("Claims a person-year and mean bill, by month", "各月每人年单据数与次均费用"),
    "trend_under": ("claims a year at the month's pace; claims reported so far", "按当月水平折算为每年; 已报单据"),
    "law": ("law {law}: yuan", "{law}: 元"), "bills": ("bills, yuan", "单据, 元"), "over": ("threshold, yuan", "阈值, 元"),
    "excess": ("mean excess, yuan", "平均超额, 元"), "yearly": ("a person-year", "每人年"), "mean": ("mean bill, yuan", "次均费用, 元"),
    "ages": ("age", "年龄"), "region": ("region", "地区参数"), "claims": ("claims", "单据"), "tail": ("fitted tail", "拟合尾部"),
}
