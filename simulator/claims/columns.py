"""The columns of a claims file (docs/claims.md): their names in both languages, how a cell is read, where it goes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from simulator.claims.cells import (
    FLAG_WORDS,
    Tidied,
    amount,
    begins,
    count,
    day,
    ends,
    flag_of,
    identity,
    order,
    percentage,
    tidy_amount,
    tidy_count,
    tidy_day,
    tidy_nothing,
    tidy_word,
    times,
    weight,
    word_of,
    years,
)
from simulator.law.year import YearState
from simulator.parameters.catalogue import CLASSES, GROUPS, ILLNESSES, TIERS
from simulator.parameters.claims_terms import LocalTier
from simulator.parameters.names import numbers_of
from simulator.plan import N_CHRONIC, N_TIERS
from simulator.slip.steps import rank_of
from simulator.tables import INPATIENT, NO_ILLNESS, OUTPATIENT_VISIT, Fact

KIND_WORDS = {"inpatient": INPATIENT, "住院": INPATIENT, "普通住院": INPATIENT,
              "outpatient": OUTPATIENT_VISIT, "门诊": OUTPATIENT_VISIT, "普通门诊": OUTPATIENT_VISIT}
TIER_WORDS, CLASS_WORDS, GROUP_WORDS = numbers_of("tier"), numbers_of("class"), numbers_of("group")
ILLNESS_WORDS = {"none": -1, "无": -1, **numbers_of("illness")}
OUT_OF_AREA_WORDS = {"no": 0, "否": 0, "0": 0, "filed": 1, "referred": 1, "已备案": 1, "转诊": 1, "unfiled": 2, "未备案": 2}
# What the year of a person who has bills before the file begins with: column -> its place in the state of the year.
OPENING_STATE = {"opening_admissions": YearState.ADMISSIONS, "opening_deductible": YearState.DEDUCTIBLE_USED,
           "opening_paid": YearState.CAP_USED, "opening_self_pay": YearState.SELF_PAY_YEAR,
           "opening_outpatient_paid": YearState.OUTPATIENT_PAID}


def chronic_groups(names: tuple[str, ...]) -> Callable[[str], int]:
    """How cells of `chronic` are read where a plan names the groups of diseases: yes is the first."""
    numbers = {str(group): group for group in range(N_CHRONIC + 1)}
    own = {spelling: n for n, name in enumerate(names, start=1) for spelling in (name, name.casefold())}
    return word_of({**FLAG_WORDS, **numbers, **own}, names or ("yes", "no", "是", "否", "1", "2", "3", "4"))


def local_tiers(tiers: tuple[LocalTier, ...]) -> Callable[[str], int]:
    """How cells are read by a plan with tiers of its own: row of terms x N_TIERS + care tier."""
    return word_of({name: tier.row * N_TIERS + tier.care for tier in tiers for name in (tier.name.casefold(), tier.name)},
                   tuple(tier.name for tier in tiers))


@dataclass(frozen=True)
class Column:
    """A column: its Chinese names, how a cell is read, where it goes (a fact, or None), what stands for an empty cell."""

    name: str
    chinese: tuple[str, ...]
    read: Callable[[str], int]
    fact: int | None = None
    empty: int | None = None                   # None: a cell must say something

    @property
    def tidy(self) -> Callable[[str], Tidied]:
        """How other spellings of its cells are tidied."""
        return TIDY.get(self.read, tidy_word)


TIDY: dict[Callable[[str], int], Callable[[str], Tidied]] = {
    amount: tidy_amount, count: tidy_count, times: tidy_count, years: tidy_count, day: tidy_day, begins: tidy_day, ends: tidy_day,
    identity: tidy_nothing, order: tidy_nothing, weight: tidy_nothing}

COLUMNS = tuple(Column(*fields) for fields in (
    ("person", ("参保人", "参保人编号", "个人编号", "人员编号", "个人编码", "人员编码", "身份证号", "身份证号码", "证件号码",
                "社会保障号", "社会保障号码"), identity),
    ("date", ("日期", "结算日期", "出院日期", "就诊日期", "出院时间", "结算时间", "就诊时间"), day),
    ("order", ("次序", "就诊次序"), order),
    ("kind", ("类别", "就诊类别", "医疗类别", "就诊方式", "就医方式", "就诊类型", "医疗类型"),
     word_of(KIND_WORDS, ("inpatient", "outpatient", "住院", "门诊")), Fact.KIND, INPATIENT),
    ("tier", ("医院级别", "机构级别", "医疗机构级别", "医院等级", "机构等级", "医疗机构等级"),
     word_of(TIER_WORDS, (*TIERS, "乡镇", "县级", "市级", "统筹区外")), Fact.TIER),
    ("billed", ("医疗总费用", "总费用", "费用总额", "医疗费总额", "医疗费用总额"), amount, Fact.BILLED),
    ("eligible", ("政策范围内费用", "政策范围内金额", "符合政策范围金额", "政策内费用", "范围内费用"), amount, Fact.ELIGIBLE),
    ("in_scope", ("政策范围内比例",), percentage),
    ("excluded", ("政策范围外费用", "范围外费用", "全自费", "全自费金额", "全自费费用", "自费金额", "自费费用"), amount),
    ("illness", ("重大疾病", "病种"), word_of(ILLNESS_WORDS, ILLNESSES), Fact.ILLNESS, NO_ILLNESS),
    ("units", ("数量", "疗程数"), count, Fact.UNITS, 1),
    ("days", ("住院天数", "床日"), count, Fact.DAYS, 1),
    ("tcm", ("中医药费用",), amount, Fact.TCM, 0),
    ("case_price", ("病种标准价", "病种付费标准"), amount, Fact.CASE_PRICE, 0),
    ("new_drug", ("新药费用",), amount, Fact.NEW_DRUG, 0),
    ("unreferred", ("未经转诊", "未转诊"), flag_of(), Fact.UNREFERRED, 0),
    ("chronic", ("门诊慢性病", "慢性病"), chronic_groups(()), Fact.CHRONIC, 0),
    ("emergency", ("急诊", "急救"), flag_of(), Fact.EMERGENCY, 0),
    ("member_class", ("人员类别", "参保人员类别"), word_of(CLASS_WORDS, CLASSES), Fact.MEMBER_CLASS, 0),
    ("group", ("救助类别", "救助对象类别"), word_of(GROUP_WORDS, GROUPS), Fact.GROUP, 0),
    ("pilot_area", ("试点地区", "试点县"), flag_of(rank_of), Fact.PILOT_RANK, rank_of(None)),
    ("payment_area", ("付费方式改革地区",), flag_of(rank_of), Fact.PAYMENT_RANK, rank_of(False)),
    ("commercial", ("商业补充保险", "商业保险"), flag_of(rank_of), Fact.COVER_RANK, rank_of(False)),
    ("first_pay", ("先行自付", "乙类先行自付", "先行自付金额", "乙类先行自付金额"), amount, Fact.FIRST_PAY, 0),
    ("out_of_area", ("异地就医",), word_of(OUT_OF_AREA_WORDS, ("no", "filed", "unfiled", "否", "已备案", "未备案")),
     Fact.OUT_OF_AREA, 0),
    ("essential", ("基本药物费用", "甲类费用"), amount, Fact.ESSENTIAL, 0),
    ("quota_price", ("病种分型限价", "分型定额"), amount, Fact.QUOTA_PRICE, 0),
    ("insured_years", ("连续参保年限", "参保年限"), years, Fact.INSURED_YEARS, 0),
    ("civil_servant", ("公务员", "公务员补助"), flag_of(), Fact.CIVIL_SERVANT, 0),
    ("admitted", ("入院日期", "入院时间"), day, None, 0),
    ("stay", ("就诊编号", "就诊ID"), identity, None, 0),
    ("transferred", ("转院",), flag_of(), None, 0),
    ("transferred_from", ("转诊前就诊编号", "转诊前就诊ID"), identity, None, 0),
    ("family", ("家庭编号", "户编号"), identity, None, 0),
    ("claim", ("单据号", "单据编号", "结算编号", "结算单号", "结算ID", "claim_id", "claim_no"), identity, None, 0),
    ("original", ("原单据号", "原单据编号", "原结算编号", "原结算单号", "原结算ID", "original_claim"), identity, None, 0),
    ("reversal", ("退费", "退费标志", "冲销", "冲销标志"), flag_of(), None, 0),
    ("insured_from", ("参保开始日期", "待遇开始日期", "参保起始日期"), begins, None, 0),
    ("insured_until", ("参保结束日期", "待遇结束日期", "停保日期"), ends, None, 0),
    ("weight", ("权重",), weight, None, 10_000),
    ("opening_admissions", ("年内此前住院次数",), times, None, 0),
    ("opening_deductible", ("年内此前起付线",), amount, None, 0),
    ("opening_paid", ("年内此前统筹支付",), amount, None, 0),
    ("opening_self_pay", ("年内此前政策范围内自付",), amount, None, 0),
    ("opening_outpatient_paid", ("年内此前门诊统筹支付",), amount, None, 0),
))
BY_NAME = {column.name: column for column in COLUMNS}


def title_key(title: str) -> str:
    """A header in the form in which it is compared: narrow characters, no case, blanks or underscores, no `(元)` behind it."""
    narrow = unicodedata.normalize("NFKC", title).casefold()
    return re.sub(r"[\s_\-]+", "", re.sub(r"[\[(](?:元|yuan|rmb)[\])]\s*$", "", narrow))


NAMES = {name: column.name for column in COLUMNS for name in (column.name, *column.chinese)}
KEYS_OF_TITLES = {title_key(name): column for name, column in NAMES.items()}
