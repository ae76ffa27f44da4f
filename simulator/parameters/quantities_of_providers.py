"""Parameters of hospitals and of what moves care: how they are paid, prices and conduct, patients' response, public health."""

from __future__ import annotations

from simulator.parameters.quantities import PCT, Quantity
from simulator.parameters.quantities import quantity as _q

OF_PROVIDERS: dict[str, dict[str, Quantity]] = {
    "payment": {
        "inpatient_method": _q("name", "by:tier:choice", "How inpatients are paid for", "住院付费方式", options=("fee_for_service", "case", "per_diem", "global_budget"), default="fee_for_service"),
        "outpatient_method": _q("name", "by:tier:choice", "How outpatients are paid for", "门诊付费方式", options=("fee_for_service", "capitation", "global_budget"), default="fee_for_service"),
        "counties_share": _q("%", "number", "Counties where the inpatient methods hold (elsewhere fee for service)", "实行住院付费方式改革的统筹地区比例", **PCT),
        "outpatient_counties_share": _q("%", "number", "Counties where the outpatient methods hold", "实行门诊付费方式改革的统筹地区比例", **PCT),
        "case_level": _q("%", "number", "Price of a case as a share of its group's standard price", "病种定额占标准价比例", high=1000),
        "day_price_level": _q("%", "number", "Price of a day as a share of mean bill over mean stay of the tier", "床日定额占日均费用比例", high=1000),
        "patient_share_base": _q("name", "choice", "What the patient's share is set on under a case or day price", "患者自付计算基准", options=("price", "billed")),
        "budget_growth": _q("%/year", "number", "Growth of global budgets and capitation from the first year's payment", "总额预算增长率", low=-50, high=100),
        "overrun_share": _q("%", "number", "Fund's part of an overrun of the budget", "超支基金分担比例", **PCT),
        "saving_share": _q("%", "number", "Hospital's part of a saving on the budget", "结余医院留用比例", **PCT),
        "capitation": _q("CNY/person/year", "number", "Capitation (0: the first year's payment per head, grown)", "人头付费标准"),
        "gp_contract_fee": _q("CNY/person/year", "number", "Contract fee of a family doctor", "家庭医生签约服务费"),
        "gp_fund_share": _q("%", "number", "Fund's part of the contract fee", "签约服务费基金分担比例", **PCT),
        "gp_signed_share": _q("%", "number", "Members with a contract", "签约率", **PCT),
        "inpatient_volume_effect": _q("%", "number", "Effect of the methods on admissions where they hold", "付费方式对住院人次的影响", low=-100, high=100),
        "inpatient_cost_effect": _q("%", "number", "Effect of the methods on the mean inpatient bill where they hold", "付费方式对次均住院费用的影响", low=-100, high=100),
        "inpatient_cost_growth_effect": _q("percentage point", "number", "Effect of the methods on yearly growth of inpatient bills where they hold", "付费方式对住院费用增速的影响", low=-20, high=20),
        "outpatient_volume_effect": _q("%", "number", "Effect of the methods on visits where they hold", "付费方式对门诊人次的影响", low=-100, high=100),
        "outpatient_cost_effect": _q("%", "number", "Effect of the methods on the mean outpatient bill where they hold", "付费方式对次均门诊费用的影响", low=-100, high=100),
    },
    "conduct": {
        "zero_markup_share": _q("%", "by:tier", "Hospitals without drug markup", "取消药品加成机构比例", **PCT, default="0"),
        "markup": _q("%", "number", "Drug markup on the purchase price", "药品加成率", **PCT),
        "fee_recovery": _q("%", "number", "Part of the lost markup put on service fees, in scope", "服务价格调整补偿比例", **PCT),
        "government_recovery": _q("%", "number", "Part of the lost markup the government pays (memo)", "财政补偿比例", **PCT),
        "equipment_share": _q("%", "by:tier", "Large-equipment examinations in a bill", "大型设备检查占比", **PCT, default="0"),
        "equipment_price_cut": _q("%", "number", "Cut of the prices of large-equipment examinations", "大型设备检查降价幅度", **PCT),
        "bill_growth_target": _q("%/year", "number", "Highest growth of the mean bill per admission (absent: no target)", "次均费用增长率控制目标", low=-50, high=100),
        "drug_share_target": _q("%", "number", "Highest share of drugs in a bill (absent: no target)", "药占比控制目标", **PCT),
        "drug_target_effect": _q("%", "number", "Part of the drugs above the target that really leaves the bill", "药占比控制实际减负比例", **PCT),
        "bed_days_cut": _q("%", "number", "Cut of the days of a stay", "住院床日压缩幅度", **PCT),
        "bed_day_cost_share": _q("%", "number", "Part of a bill that falls with the days", "随床日变动费用比例", **PCT),
        "fraud_share_removed": _q("%", "number", "Claims that fraud control removes", "反欺诈核减比例", **PCT),
        "in_scope_change": _q("percentage point", "number", "Change of the in-scope share from use of the lists", "目录使用率考核对政策范围内比例的影响", low=-50, high=50),
        "beds_per_1000": _q("bed/1000", "number", "Beds per 1,000 residents", "每千常住人口床位数", high=1000),
        "beds_limit": _q("bed/1000", "number", "Beds per 1,000 residents at which growth stops", "每千常住人口床位数上限", high=1000),
        "beds_growth": _q("%/year", "number", "Growth of beds below the limit", "床位增长率", low=-50, high=100),
        "bed_elasticity": _q("ratio", "number", "Relative change of admissions per relative change of beds", "住院率对床位的弹性", low=-2, high=5),
        "retention": _q("%", "number", "Out-of-area admissions kept in the county", "县外住院回流比例", **PCT),
        "outside_price_change": _q("%", "number", "Change of out-of-area prices", "异地就医价格变化", low=-90, high=100),
        "outside_immediate": _q("%", "number", "Out-of-area bills settled at once", "异地就医即时结算比例", **PCT),
        "managed_share": _q("%", "number", "Chronic patients under management", "慢性病患者规范管理比例", **PCT),
        "managed_effect": _q("%", "by:illness", "Onsets prevented among the managed", "规范管理减少发病比例", **PCT, default="0"),
    },
    "demand": {
        "inpatient_elasticity": _q("ratio", "number", "Price elasticity of admissions", "住院需求价格弹性", low=-5, high=0),
        "outpatient_elasticity": _q("ratio", "number", "Price elasticity of visits", "门诊需求价格弹性", low=-5, high=0),
        "tier_elasticity": _q("ratio", "number", "Price elasticity of the choice of tier", "就医层级选择价格弹性", low=-5, high=0),
        "premium_elasticity": _q("ratio", "number", "Price elasticity of enrolment", "参保缴费弹性", low=-5, high=0),
        "leaver_use": _q("%", "number", "Claims of those who leave relative to the mean", "退保者相对费用", high=300),
    },
    "public_health": {
        "per_head": _q("CNY/person/year", "number", "Basic public health funding (memo)", "人均基本公共卫生服务经费"),
    },
}
