"""What must be in force beside a parameter for it to act in a run, as conditions with the words that say what is lacking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from simulator.parameters.ladder import RUNGS
from simulator.parameters.merged import origins
from simulator.parameters.regions import Region

AS_WRITTEN = ("law", "statistic")        # statuses of schedules that nothing scales


class Run(NamedTuple):
    """What of a scenario decides which values it reads."""

    schemes: tuple[str, ...]
    years: range
    systematic: bool = True
    demand: bool = False
    response: str = "stated"
    policies: int = 1
    level: str = "region"          # of the policy that changes; of a change for everybody the baseline's
    everybody: bool = True         # a change of the scenario, which the people are made under too


@dataclass(frozen=True)
class See:
    """What a region states in one year of a run, for a scheme that is simulated and the scheme whose people are looked at.
    In a path `{own}`, `{origin}` and `{any}` (the scheme in the path of the change) are filled in."""

    region: Region
    run: Run
    own: str
    origin: str
    stated: str                    # the scheme in the path of the change; `origin` where it has none
    year: int
    base: Region                   # without the policy

    def __call__(self, path: str, year: int | None = None) -> Any:
        found = self.region.value(path.format(own=self.own, origin=self.origin, any=self.stated), year or self.year,
                                  required=False)
        return None if found is None else found.value

    def some(self, path: str) -> bool:
        """Whether a parameter is there and not 0, false, empty, or none of it so."""
        value = self(path)
        values = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else [value]
        return any(one not in (None, False, "none", "fee_for_service") and one != 0 for one in values)

    def moved(self, path: str) -> bool:
        """Whether a policy states a parameter otherwise than the baseline."""
        asked = path.format(own=self.own), self.year, False
        return self.base.value(*asked) != self.region.value(*asked)

    @property
    def later(self) -> bool:
        return self.year > self.run.years[0]


class Need(NamedTuple):
    """What must be so for a parameter to act; `lacks` says what is so where it is not."""

    holds: Callable[[See], bool]
    lacks: str


def in_force(topic: str, words: str) -> Need:
    return Need(lambda see: see.some(f"{topic}.in_force"), f"{words} is not in force")


def some_of(path: str, words: str) -> Need:
    return Need(lambda see: see.some(path), words)


def _is(path: str, wanted: Sequence[str], words: str) -> Need:
    return Need(lambda see: see(path) in wanted, words)


def paid_for_by(kind: str, *wanted: str) -> Need:
    shares = {"inpatient": "counties_share", "outpatient": "outpatient_counties_share"}[kind]
    words = " or ".join(wanted).replace("_", " ") or "a method other than fee for service"
    return Need(lambda see: see.some(f"payment.{{own}}.{shares}") and any(
        method in wanted if wanted else method != "fee_for_service"
        for method in (see(f"payment.{{own}}.{kind}_method") or {}).values()), f"no {kind} is paid for by {words}")


def _budgeted(see: See) -> bool:
    return (paid_for_by("inpatient", "global_budget").holds(see)
            or paid_for_by("outpatient", "global_budget", "capitation").holds(see))


def responds(*names: str) -> Need:
    """A response to a deficit in the stated order."""
    return Need(lambda see: see.run.response == "stated" and any(name in see("control.{own}.deficit_response") for name in names),
                f"the responses to a deficit that the run follows do not hold {' or '.join(names)}")


def grows_from(*paths: str) -> Need:
    """A rate of growth acts in the years after the last dated value of what it moves."""
    def after(see: See) -> bool:
        for path in paths:
            full = path.format(own=see.own, origin=see.origin)
            dated, last = see.region.value(full, see.year, required=False), see.region.value(full, 9999, required=False)
            if dated is not None and last is not None and dated.from_ == last.from_ and see.year > dated.from_.year:
                return True
        return False
    return Need(after, "every year of the run has a stated amount of its own, so nothing grows")


OF_EMPLOYEES = Need(lambda see: see.own == "uebmi", "employees alone pay contributions on wages")
OF_RESIDENTS = Need(lambda see: see.own != "uebmi", "employees pay contributions on wages, not by head")
IN_FIRST_YEAR = Need(lambda see: not see.later, "it is read for the first year alone")
AFTER_FIRST_YEAR = Need(lambda see: see.later, "it acts from the second year on, and the run has one")
ON_A_LIST = Need(lambda see: see.some("listed.{origin}.membership"), "no illness is on the list")
ON_A_PILOT = Need(lambda see: "pilot" in (see("listed.{origin}.membership") or {}).values(),
                  "no illness is on the list as a pilot")
CII_IN_FORCE = in_force("cii.{any}", "critical illness insurance")
CII_OWN = in_force("cii.{own}", "critical illness insurance")
CII_PREMIUM = some_of("cii.{own}.premium", "critical illness insurance has no premium")
AMOUNT_HOLDS = Need(lambda see: not see.some("cii.{any}.threshold_multiple"),
                    "the threshold is a multiple of income (threshold_multiple), which stands in place of an amount; "
                    "set the multiple to 0, or change it")
CII_RERATED = some_of("cii.{own}.rerate_step", "the premium is not re-rated (rerate_step)")
SUPPLEMENT_RERATED = some_of("supplement.{own}.rerate_step", "the premium is not re-rated (rerate_step)")
SUPPLEMENT_IN_FORCE = in_force("supplement.{any}", "the large-sum supplement")
HAS_CHRONIC_LIST = some_of("outpatient.{any}.chronic_list", "there is no list of chronic diseases (chronic_list: false)")
POOLING_OF_VISITS = some_of("outpatient.{any}.ratio", "visits are paid no share (outpatient ratio 0)")
SOME_HOLD_COVER = some_of("commercial.{any}.share", "nobody holds commercial cover (share 0)")
RELIEF_IN_FORCE = in_force("relief", "the emergency relief fund")
RELIEF_HAS_GROUPS = some_of("relief.groups", "the emergency relief fund has no groups")
RELIEF_PAYS = some_of("relief.ratio", "the emergency relief fund pays no share (ratio 0)")
HAS_ACCOUNTS = Need(lambda see: see("funding.{own}.pooled_share") != 100 or see.some("account.{origin}.opening_balance"),
                "there are no individual accounts (all funding is pooled)")
ACCOUNTS_PAY = Need(lambda see: see("account.{own}.use") not in (None, "none"), "individual accounts pay no bills (use: none)")
SOME_ASSISTED = Need(lambda see: any(see.some(f"assistance.{kind}_ratio") for kind in ("inpatient", "outpatient", "listed")),
                "medical assistance pays no share")
SECONDARY_PAID = Need(lambda see: see.run.response == "secondary" or (see.run.response == "stated" and see(
    "control.{own}.surplus_response") in ("secondary", "secondary_ladder")),
    "the run's response to a surplus is not secondary reimbursement")
LADDER_STATED = Need(lambda see: any(see(f"control.{{own}}.{name}") for name in RUNGS),
                     "there is no ladder of benefits (ladder_ratio and others)")
ANSWERS_WARNINGS = Need(
    lambda see: "premium" in see("control.{own}.deficit_response") or any(see(f"control.{{own}}.{name}") for name in RUNGS),
    "there is no ladder of benefits, and the premium is no response to a deficit")
LADDER_MOVES = Need(lambda see: see.run.response == "stated" and (
    see("control.{own}.surplus_response") in ("ladder", "secondary_ladder") or "ladder" in see("control.{own}.deficit_response")
    or see("control.{own}.warning_trigger") not in (None, "none")), "no response of the run moves along the ladder")
FACTOR_MOVES = Need(lambda see: see.run.response == "stated" and (
    see("control.{own}.surplus_response") == "factor" or "factor" in see("control.{own}.deficit_response")),
    "no response of the run moves the factor on payments")
RESPONSES_STATED = Need(lambda see: see.run.response == "stated", "the run does not follow the stated responses (response)")
LIMIT_HAS_BASE = Need(lambda see: see("control.{own}.cumulative_base") != "none",
                      "the cumulative limit has no base (cumulative_base: none)")
WITHOUT_MARKUP = Need(lambda see: see.some("conduct.{own}.zero_markup_share") and see.some("conduct.{own}.markup"),
              "no hospital is without markup (zero_markup_share 0)")
HAS_EQUIPMENT = some_of("conduct.{own}.equipment_share", "equipment has no share of a bill (equipment_share 0)")
HEALTH_MONEY_MOVED = Need(lambda see: see.moved("public_health.per_head"), "public health money is as without the policy")
ENTRANTS = some_of("funding.{own}.enterprise_entrants", "nobody enters from state enterprises (enterprise_entrants)")
MANAGED_MORE = Need(lambda see: see("conduct.{own}.managed_share") != _base_share(see) or HEALTH_MONEY_MOVED.holds(see)
                    and see.some("conduct.{own}.managed_per_yuan"),
                    "no more patients are managed than before (managed_share), which the statistics contain")
MANAGED_EFFECT = Need(lambda see: see.some("conduct.{own}.managed_effect"),
                      "managing prevents no onset (managed_effect 0)")
BEDS_BOUND = Need(lambda see: _beds(see) and see("conduct.{own}.beds_limit_held") != 0, "the limit does not hold beds down")
BEDS_BEYOND = Need(lambda see: _beds(see), "beds do not grow beyond the limit")
ECONOMY_UNCERTAIN = Need(lambda see: see.run.systematic, "the economy is certain (systematic: false)")
DEMAND_RESPONDS = Need(lambda see: see.run.demand and see.run.policies > 1,
              "demand responds to a policy's prices only with `demand: true` and a policy beside the baseline")
PREMIUM_MOVES = Need(lambda see: see.run.response == "stated" and "premium" in see("control.{own}.deficit_response")
                     or see.moved("funding.{own}.premium"), "the premium does not move, so enrolment does not respond")
MEMBERS_MOVE = Need(lambda see: PREMIUM_MOVES.holds(see) and see.some("demand.{own}.premium_elasticity")
                    or see.moved("population.{own}.participation_rate"), "nobody joins or leaves by a policy")
OF_A_POLICY = Need(lambda see: not see.run.everybody, "it moves a policy's members relative to the baseline's; for everybody, "
                   "change population.*.participants")
TARGET_ASKED = Need(lambda see: see.run.level == "target",
                    "no level is solved to a target but that of a policy that asks for it (level: target)")
BY_EVIDENCE = Need(lambda see: see.run.level in ("region", "own"), "the policy does not take the region's level")
ESTIMATED = Need(lambda see: _status_without_changes(see, "inpatient.{any}.ratio") not in AS_WRITTEN,
                 "the schedule is known (law, statistic) and paid as written, so no level is solved")
HAS_OUTCOME = Need(lambda see: see.some("inpatient.{any}.outcome_ratio"), "no outcome is published, so no level is solved")
LEVEL_SOLVED = Need(lambda see: see("inpatient.{any}.solve_level") is not False, "the level is not solved (solve_level: false)")
IN_TOWN = Need(lambda see: see.origin != "nrcms", "the people simulated have rural incomes")
IN_COUNTRY = Need(lambda see: see.origin == "nrcms", "the people simulated have urban incomes")


def _status_without_changes(see: See, path: str) -> str:
    """The status of a value as the region's files state it."""
    value = see.region.value(path.format(any=see.stated), see.year, required=False)
    while value is not None and value.before is not None:
        value = value.before
    return "" if value is None else value.status


def _base_share(see: See) -> Any:
    found = see.base.value(f"conduct.{see.own}.managed_share", see.run.years[0], required=False)
    return None if found is None else found.value


def _beds_moved(see: See) -> bool:
    """Whether beds grow in a year and no limit holds them down."""
    beds = see.region.value(f"conduct.{see.own}.beds_per_1000", see.year, required=False)
    return beds is not None and see.year > beds.from_.year and not BEDS_BOUND.holds(see)


def _beds(see: See) -> bool:
    beds, limit, growth = (see.region.value(f"conduct.{see.own}.{name}", see.year, required=False)
                           for name in ("beds_per_1000", "beds_limit", "beds_growth"))
    if beds is None or limit is None or growth is None:
        return False
    wanted, first = (float(beds.value) * (1 + float(growth.value) / 100) ** max(year - beds.from_.year, 0)
                     for year in (see.year, see.run.years[0]))
    return wanted > max(float(limit.value), first)
def of_rules(path: str, lacks: str) -> Need:
    """A rule of any rule book that may settle the bills."""
    return Need(lambda see: any(see.some(path.replace("*", scheme)) for scheme in {see.own, *origins(see.own)}), lacks)


def _students(see: See) -> bool:
    for scheme in {see.own, *origins(see.own)}:
        for name in ("class_bonus", "deductible_class_ratio"):
            by_class = see(f"inpatient.{scheme}.{name}") or {"student": 0, "child": 0, "adult": 0}
            if not by_class["student"] == by_class["child"] == by_class["adult"]:
                return True
    return False


STUDENTS_TOLD_APART = Need(_students, "no rule tells students from others")
EMPLOYED = Need(lambda see: see.own == "uebmi", "employees alone retire")
NOT_EMPLOYED = Need(lambda see: see.own != "uebmi", "employees are no students")
HAS_REFERENCE_PRICE = of_rules("inpatient.*.reference_price", "there is no reference price of new drugs (reference_price)")
HAS_BUDGET = Need(_budgeted, "nothing is paid for by a budget or by capitation")
HAS_GLOBAL_BUDGET = Need(lambda see: paid_for_by("inpatient", "global_budget").holds(see)
                         or paid_for_by("outpatient", "global_budget").holds(see), "nothing is paid for by a global budget")
METHOD_STATED = Need(lambda see: paid_for_by("inpatient").holds(see) or paid_for_by("outpatient").holds(see),
                     "all care is paid fee for service")
RESPONSE_LIMITED = some_of("payment.{own}.response_limit", "hospitals do not respond to what they bear (response_limit 0)")
SOME_RESPONSE = Need(lambda see: any(see.some(f"payment.{{own}}.{name}_response") for name in (
    "cost", "volume", "referral", "coding", "stay", "quality")), "no response of hospitals is stated (payment.*_response)")
HAS_INPATIENT_METHOD = some_of("payment.{any}.inpatient_method", "every tier is paid fee for service (inpatient_method)")
HAS_OUTPATIENT_METHOD = some_of("payment.{own}.outpatient_method", "every tier is paid fee for service (outpatient_method)")
DRUGS_ABOVE = Need(lambda see: see("conduct.{own}.drug_share_target") is None or any(
    share > see("conduct.{own}.drug_share_target") for share in see("care.{origin}.drug_share").values()),
    "no tier has a share of drugs above the target")
DRUGS_COUNT = Need(lambda see: WITHOUT_MARKUP.holds(see) or see("conduct.{own}.drug_share_target") is not None and see.some(
    "conduct.{own}.drug_target_effect"), "neither zero markup nor a target of the drug share is in force")
TARGET_BINDS = Need(lambda see: see("conduct.{own}.bill_growth_target") is not None and see(
    "conduct.{own}.bill_growth_target") < see("care.{origin}.bill_growth"), "bills grow no faster than the target anyway")
DAYS_COST = Need(lambda see: see.some("conduct.{own}.bed_day_cost_share") or "per_diem" in (
    see("payment.{own}.inpatient_method") or {}).values(), "no part of a bill falls with the days (bed_day_cost_share 0)")
BEDS_GROW = Need(lambda see: _beds_moved(see) or see.some("conduct.{own}.bed_elasticity"),
                 "the limit holds beds where they are, and use does not follow them (bed_elasticity 0)")


def admissions_paid_by(*methods: str) -> Need:
    return Need(lambda see: see.some("payment.{any}.counties_share") and any(
        method in methods for method in (see("payment.{any}.inpatient_method") or {}).values()),
        f"no admission is paid for by {' or '.join(methods).replace('_', ' ')}")


def moved_by_method(see: See) -> bool:
    return "global_budget" in (see("payment.{own}.inpatient_method") or {}).values() or any(
        see.some(f"payment.{{own}}.inpatient_{name}_effect") for name in ("volume", "cost", "cost_growth"))


METHOD_MOVES = Need(moved_by_method, "no budget and no effect of a method (payment.*_effect) hangs on it")
