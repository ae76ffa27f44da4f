"""Every kind of quantitative statement the planning documents make: unit, names and what it is held against.

The files `params/<region>/law.yaml` may hold these statements and no others. A statement that
gives a direction but no number ("rises", "is lowered") stands as a change of at least, or at
most, zero, and its entry carries a note.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One kind of statement. `meets` says how the operating value it is held against is found:

    a dotted path of the catalogue (`{scheme}` is the scheme under which the statement stands);
    `annual_cap` the plan's annual cap; `in_scope_ratio` the simulated in-scope inpatient ratio;
    `total_funding` subsidy, premium and local top-up together; `listed_count_full` and
    `listed_count_pilot` the illnesses on the list; `primary_advantage` the points by which township hospitals are paid
    better than county ones; `care:` before the name of what answers/held_care.py reads of hospitals, payment, care and the
    surplus's use (of a total, only where the region that states it is the one tested); `change:` before one of these, or before `gap_of_ratios` (the simulated in-scope ratio less the
    actual one), its change since the year before; empty where no parameter corresponds (a record).
    """

    unit: str
    en: str
    zh: str
    meets: str
    total: bool = False                       # a number of the whole region that states it, which says nothing of its parts


STATEMENTS: dict[str, Statement] = {
    # participation
    "participation_rate": Statement("%", "Participation rate", "参保(合)率", "population.{scheme}.participation_rate"),
    "enrolled_persons_uebmi_urbmi": Statement("person", "Persons insured in UEBMI and URBMI together", "职工医保和城镇居民医保参保人数", "care:insured_in_towns", total=True),
    "university_students_enrolled": Statement("%", "University students who are insured", "在校大学生参保比例", ""),
    # funding
    "government_subsidy_per_head": Statement("CNY/person/year", "Government subsidy per head", "政府补助标准", "funding.{scheme}.subsidy"),
    "total_funding_per_head": Statement("CNY/person/year", "Total funding per head", "人均筹资", "total_funding"),
    "yearly_change_of_individual_premium": Statement("CNY/person/year", "Yearly change of the individual premium", "个人缴费标准年度变化", "change:funding.{scheme}.premium"),
    # benefits of basic insurance
    "inpatient_in_scope_ratio": Statement("%", "In-scope inpatient ratio", "政策范围内住院费用支付比例", "in_scope_ratio"),
    "yearly_change_of_gap_between_in_scope_and_actual_ratio": Statement("percentage point/year", "Yearly change of the gap between the in-scope and the actual inpatient ratio", "政策范围内与实际住院支付比例差距年度变化", "change:gap_of_ratios"),
    "yearly_change_of_outpatient_pooling_ratio": Statement("percentage point/year", "Yearly change of the outpatient pooling ratio", "门诊统筹支付比例年度变化", "change:outpatient.{scheme}.ratio"),
    "primary_ratio_advantage": Statement("percentage point", "Ratio at primary institutions less the ratio elsewhere", "基层与其他机构支付比例之差", "primary_advantage"),
    "yearly_change_of_primary_ratio_advantage": Statement("percentage point/year", "Yearly change of the advantage of the ratio at primary institutions", "基层支付比例倾斜幅度年度变化", "change:primary_advantage"),
    "annual_cap_minimum": Statement("CNY/person/year", "Least annual cap", "最高支付限额下限", "annual_cap"),
    "annual_cap_multiple_of_local_wage": Statement("x", "Annual cap as a multiple of the local average wage", "最高支付限额为当地职工年平均工资倍数", "annual_cap"),
    "annual_cap_multiple_of_local_urban_income": Statement("x", "Annual cap as a multiple of local disposable income per head", "最高支付限额为当地居民可支配收入倍数", "annual_cap"),
    "annual_cap_multiple_of_local_rural_income": Statement("x", "Annual cap as a multiple of local rural net income per head", "最高支付限额为当地农村居民人均纯收入倍数", "annual_cap"),
    "annual_cap_multiple_of_national_rural_income": Statement("x", "Annual cap as a multiple of the whole country's rural net income per head", "最高支付限额为全国农民年人均纯收入倍数", "annual_cap"),
    "annual_cap_multiple_of_rural_income_unspecified": Statement("x", "Annual cap as a multiple of rural net income per head, local or national not said", "最高支付限额为农民年人均纯收入倍数(未明确当地或全国)", "annual_cap"),
    "outpatient_pooling_everywhere": Statement("flag", "Outpatient pooling is run everywhere (1: yes)", "普遍开展门诊统筹", "care:outpatients_pooled"),
    # listed illnesses
    "listed_illnesses_full": Statement("illness", "Listed illnesses covered everywhere", "全面推开的重大疾病病种数", "listed_count_full"),
    "listed_illnesses_pilot": Statement("illness", "Listed illnesses under pilot", "试点重大疾病病种数", "listed_count_pilot"),
    "listed_illnesses_pilot_assistance": Statement("illness", "Listed illnesses under pilot in medical assistance", "医疗救助试点重大疾病病种数", "care:assisted_illnesses"),
    "childhood_illnesses_pilot": Statement("illness", "Childhood illnesses under pilot, scheme not said", "儿童重大疾病试点病种数(未明确制度)", "care:childhood"),
    "listed_eligible_coverage": Statement("%", "Patients who meet the treatment conditions and are covered", "符合救治条件的参合人员纳入保障比例", "care:of_patients"),
    "listed_outside_cap": Statement("flag", "Listed payments stand outside the annual cap (1: yes)", "重大疾病不受封顶线限制", "listed.{scheme}.outside_cap"),
    # medical assistance
    "ma_ratio_of_self_pay": Statement("%", "Assistance's ratio of in-scope self-pay", "政策范围内自付费用救助比例", "assistance.inpatient_ratio"),
    "yearly_change_of_ma_ratio_of_self_pay": Statement("percentage point/year", "Yearly change of assistance's ratio of in-scope inpatient self-pay", "住院自负费用救助比例年度变化", "change:assistance.inpatient_ratio"),
    "ma_deductible": Statement("CNY/person/year", "Assistance's deductible", "医疗救助起付线", "assistance.deductible"),
    "yearly_change_of_ma_deductible": Statement("CNY/year", "Yearly change of assistance's deductible", "医疗救助起付线年度变化", "change:assistance.deductible"),
    "ma_listed_waives_deductible": Statement("flag", "No deductible of assistance on major illnesses (1: yes)", "取消重特大疾病救助起付线", "assistance.listed_waives_deductible"),
    "yearly_change_of_ma_cap": Statement("CNY/year", "Yearly change of assistance's cap", "医疗救助封顶线年度变化", "change:assistance.cap"),
    "ma_listed_outside_cap": Statement("flag", "Listed illnesses stand outside assistance's cap (1: yes)", "重大疾病不受救助封顶线限制", "assistance.listed_outside_cap"),
    "yearly_change_of_ma_funds": Statement("CNY/year", "Yearly change of the money put into assistance", "医疗救助资金投入年度变化", ""),
    "ma_eligible_coverage": Statement("%", "Eligible groups covered by assistance", "医疗救助对象覆盖率", ""),
    "ma_one_stop_settlement": Statement("%", "Assistance settled together with insurance", "医疗救助“一站式”结算覆盖率", "care:one_stop"),
    "ma_illnesses_named": Statement("illness", "Illnesses named for stronger assistance", "加强救助的重大疾病病种数", ""),
    # surplus
    "annual_surplus_rate": Statement("%", "Annual surplus rate of the fund", "基金当年结余率", "control.{scheme}.annual_limit"),
    "annual_surplus_rate_of_pooled_fund": Statement("%", "Annual surplus rate of the pooled fund", "统筹基金当年结余率", "control.{scheme}.annual_limit"),
    "annual_surplus_balance": Statement("%", "Annual surplus rate where the fund is to balance each year", "当年收支平衡原则", ""),
    "cumulative_surplus_months": Statement("month", "Cumulative surplus in months of average expenditure", "累计结余月数", "control.{scheme}.cumulative_limit"),
    "cumulative_surplus_share_of_funding": Statement("%", "Cumulative surplus as a share of the year's total funding", "累计结余占当年筹资总额比例", "control.{scheme}.cumulative_limit"),
    "cumulative_surplus_share_of_pooled_fund": Statement("%", "Cumulative surplus as a share of the year's pooled fund", "累计结余占当年统筹基金比例", "control.{scheme}.cumulative_limit"),
    "yearly_change_of_excess_cumulative_surplus": Statement("CNY/year", "Yearly change of the surplus beyond a reasonable level", "过多结余年度变化", "care:run_down"),
    "yearly_change_of_high_cost_payment": Statement("CNY/year", "Yearly change of what is paid on high-cost bills where the surplus is excessive", "结余过多时高额医疗费用支付水平变化", "care:refunds"),
    "surplus_at_reasonable_level": Statement("flag", "The surplus is kept at a reasonable level, which is not stated (1: yes)", "基金结余控制在合理水平", "care:limited"),
    # payment of providers
    "case_payment_area_share": Statement("%", "Pooling areas that pay inpatients by case and per diem", "住院按病种和按床日混合付费统筹地区比例", "care:paid_by_case"),
    "case_payment_coverage": Statement("%", "Institutions and illnesses covered in those areas", "混合付费机构、病种覆盖率", "care:tiers_by_case"),
    "outpatient_global_payment_share": Statement("%", "Village and township institutions on a global payment for outpatients", "乡村机构门诊总额付费比例", "care:paid_in_total"),
    "clinical_pathways": Statement("pathway", "Illnesses with a clinical pathway", "临床路径病种数", ""),
    "immediate_settlement": Statement("flag", "Bills are settled at once within the pooling area, in the main (1: yes)", "统筹区域内医疗费用即时结算", "care:in_area_at_once"),
    "immediate_settlement_out_of_area": Statement("flag", "Bills out of area are settled at once within the province, in the main (1: yes)", "省内异地就医即时结算", "care:at_once"),
    "treatment_before_payment": Statement("flag", "Treatment comes before payment (1: yes)", "先诊疗、后付费", "care:treated_first"),
    "essential_medicines_payment_days": Statement("day", "Days from delivery to payment of essential medicines", "基本药物货款支付期限", ""),
    # prices
    "drug_markup_primary": Statement("%", "Drug markup at government primary institutions", "政府办基层机构药品加成率", ""),
    "drug_markup_pilot_county_hospitals": Statement("%", "Drug markup at pilot county hospitals", "试点县级医院药品加成率", "care:pilot_markup"),
    "public_hospital_income_channels": Statement("channel", "Public hospitals' sources of income (three with the drug markup)", "公立医院补偿渠道", "care:income_channels"),
    "pilot_areas_county_hospital_reform": Statement("area", "Areas with a pilot of county-hospital reform", "县级公立医院综合改革试点数", "care:pilot_areas", total=True),
    "pilot_hospitals_county_hospital_reform": Statement("institution", "Hospitals with a pilot of county-hospital reform", "县级公立医院综合改革试点单位数", "", total=True),
    "consultation_fee_extra_burden": Statement("CNY/visit", "Rise of the patient's share from the consultation fee", "一般诊疗费增加的个人负担", ""),
    "pilot_hospital_extra_burden": Statement("CNY/person/year", "Rise of patients' burden from the reform of county hospitals", "县级医院改革增加的患者负担", ""),
    "yearly_change_of_service_prices": Statement("%/year", "Yearly change of the prices of diagnosis, operations and nursing", "医疗技术服务价格年度变化", "care:fees_raised"),
    "yearly_change_of_tcm_service_prices": Statement("%/year", "Yearly change of the prices of traditional Chinese medicine services", "中医医疗服务价格年度变化", ""),
    "yearly_change_of_equipment_test_prices": Statement("%/year", "Yearly change of the prices of tests on large equipment", "大型设备检查价格年度变化", "care:tests_cheaper"),
    "essential_medicines_primary_coverage": Statement("%", "Government primary institutions in the essential-medicines system", "政府办基层机构实施基本药物制度比例", ""),
    "essential_medicines_village_coverage": Statement("%", "Village clinics in the essential-medicines system", "村卫生室实施基本药物制度比例", ""),
    "essential_medicines_stocking": Statement("%", "Government primary institutions that stock and use essential medicines", "基层机构全部配备使用基本药物比例", ""),
    "yearly_change_of_essential_medicines_share": Statement("percentage point/year", "Yearly change of the share of essential medicines stocked and used", "基本药物配备和使用比例年度变化", ""),
    "village_medicines_through_township_centres": Statement("%", "Medicines of village clinics bought through township centres", "村卫生室用药由乡镇卫生院代购比例", ""),
    # use and supply
    "yearly_change_of_primary_outpatient_share": Statement("percentage point/year", "Yearly change of the share of outpatient visits at primary institutions", "基层门诊量占比年度变化", ""),
    "yearly_change_of_in_county_share": Statement("percentage point/year", "Yearly change of the share treated in the county", "县域内就诊率年度变化", "care:retained"),
    "yearly_change_of_out_of_county_transfers": Statement("percentage point/year", "Yearly change of the share transferred out of the county", "县外转出率年度变化", "care:sent_out"),
    "rural_hospital_delivery_rate": Statement("%", "Rural births in hospital", "农村孕产妇住院分娩率", ""),
    "beds_per_1000_limit": Statement("bed/1000", "Beds per 1,000 residents at which public hospitals stop growing", "每千常住人口床位数上限", "care:beds"),
    "non_public_bed_share_rise_least": Statement("percentage point", "Rise of the share of beds outside public hospitals, lower end", "非公立床位占比增幅下限", ""),
    "non_public_bed_share_rise_most": Statement("percentage point", "Rise of the share of beds outside public hospitals, upper end", "非公立床位占比增幅上限", ""),
    "villages_with_clinic": Statement("%", "Villages with a clinic", "设有卫生室的行政村比例", ""),
    "standard_clinics_per_village": Statement("1/village", "Clinics to standard in each village", "每个行政村标准化村卫生室数", ""),
    "village_clinic_grant": Statement("CNY/village/year", "Grant to village clinics in poor areas", "经济薄弱地区村卫生室定额补助", ""),
    "institutions_with_family_doctors": Statement("%", "Primary institutions with family-doctor services", "开展家庭医生式服务的基层机构比例", ""),
    "tcm_share_of_centres": Statement("%", "Community and township centres that offer traditional Chinese medicine", "能提供中医药服务的社区卫生服务中心和乡镇卫生院比例", ""),
    "tcm_share_of_stations": Statement("%", "Community stations that offer traditional Chinese medicine", "能提供中医药服务的社区卫生服务站比例", ""),
    "tcm_share_of_village_clinics": Statement("%", "Village clinics that offer traditional Chinese medicine", "能提供中医药服务的村卫生室比例", ""),
    # public health
    "public_health_funding_per_head": Statement("CNY/person/year", "Basic public health funding per head", "人均基本公共卫生服务经费", "public_health.per_head"),
    "public_health_classes": Statement("class", "Classes of basic public health services", "基本公共卫生服务类数", ""),
    "public_health_items": Statement("item", "Items of basic public health services", "基本公共卫生服务项数", ""),
    "public_health_village_share": Statement("%", "Rural basic public health tasks given to village clinics", "村卫生室承担基本公共卫生任务比例", ""),
    "health_record_rate": Statement("%", "Residents with an electronic health record", "居民电子健康档案建档率", ""),
    "elderly_check_age": Statement("year", "Age from which a yearly check is given", "老年人年度体检起始年龄", ""),
    "elderly_checks_per_year": Statement("1/person/year", "Checks of the elderly", "老年人年度体检次数", ""),
    "hypertension_patients_managed": Statement("person", "Patients with hypertension under management", "高血压患者管理人数", "", total=True),
    "diabetes_patients_managed": Statement("person", "Patients with diabetes under management", "糖尿病患者管理人数", "", total=True),
    "severe_mental_patients_managed": Statement("%", "Known patients with severe mental illness under management", "重性精神疾病患者管理率", ""),
    "child_vaccination_certificate_rate": Statement("%", "Children with a vaccination certificate", "儿童预防接种建证率", ""),
    "child_vaccination_rate": Statement("%", "Children vaccinated under the national programme", "免疫规划疫苗接种率", ""),
    "cervical_cancer_screenings": Statement("person/year", "Women screened for cervical cancer", "宫颈癌检查人数", "", total=True),
    "breast_cancer_screenings": Statement("person/year", "Women screened for breast cancer", "乳腺癌检查人数", "", total=True),
    "rural_women_screenings": Statement("person/year", "Rural women screened for cervical and breast cancer", "农村妇女宫颈癌、乳腺癌检查人数", "", total=True),
    "free_cataract_operations": Statement("case/year", "Free operations of poor patients with cataract", "贫困白内障患者免费复明手术例数", "", total=True),
    "elderly_tcm_management_coverage": Statement("%", "Elderly under health management with traditional Chinese medicine", "老年人中医药健康管理覆盖率", ""),
    "child_tcm_management_coverage": Statement("%", "Children under health management with traditional Chinese medicine", "儿童中医药健康管理覆盖率", ""),
    # government money
    "health_spending_growth_margin": Statement("percentage point", "Growth of government health spending less growth of recurrent spending", "政府卫生投入与经常性财政支出增幅之差", ""),
    "yearly_change_of_health_share_of_spending": Statement("percentage point/year", "Yearly change of health's share of recurrent government spending", "政府卫生投入占经常性财政支出比重年度变化", ""),
    "plan_begins": Statement("year and month", "Month in which the plan's year begins", "方案实施起始年月", ""),
    "plan_ends": Statement("year and month", "Month in which the plan's year ends", "方案实施终止年月", ""),
    "yearly_change_of_reform_spending": Statement("CNY/year", "Yearly change of spending on the health reform", "医改投入年度变化", ""),
}
