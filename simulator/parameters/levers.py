"""Which uncertain values worlds move, and how: the table of levers, a line each.

A world has a setting of every uncertain value (engine/settings.py). A setting acts as the lever of its value says: `times`, a
multiple of what is stated; or `plus`, points beside it, which an amount grows by year after year. A value that no lever moves has
the same setting in every world; of rules a spread is then tried one by one (answers/assumptions.py), and elsewhere refused.
"""

from __future__ import annotations

from .catalogue import CATALOGUE

TIMES, PLUS, CHOICE, ONE_BY_ONE = "times", "plus", "choice", "tried"

# topic.name -> lever
LEVERS = {
    "population.participants": TIMES, "population.enrolment_growth": PLUS,
    "income.urban_disposable_income": TIMES, "income.rural_net_income": TIMES, "income.income_growth": PLUS,
    "income.average_wage": TIMES, "income.wage_growth": PLUS,
    "care.admission_rate": TIMES, "care.use_growth": PLUS,
    "care.visit_rate": TIMES, "care.visit_growth": PLUS,
    "care.bill_mean": TIMES, "care.visit_mean": TIMES, "care.bill_growth": PLUS,
    "care.in_scope_share": TIMES, "care.bill_cv": TIMES,
    "illness.onset_rate": TIMES, "illness.access_factor": TIMES, "illness.first_year_bill": TIMES, "illness.later_bill": TIMES,
    "funding.subsidy": TIMES, "funding.premium": TIMES, "funding.funding_growth": PLUS,
    "funding.contribution_rate": TIMES, "funding.contribution_base_ratio": TIMES, "funding.collection_ratio": TIMES,
    "funding.opening_balance": TIMES, "account.opening_balance": TIMES,
}
# Topics of rules and of behaviour under them, whose spread is tried one by one.
TOPICS_TRIED = ("inpatient", "listed", "outpatient", "payment", "conduct", "demand", "supplement", "cii", "commercial",
                "assistance", "relief", "control", "pooling")


def short_path(path: str) -> str:
    """The topic and the name of a parameter, without its scheme or illness: `care.bill_mean`."""
    topic, *_, name = path.split(".")
    return f"{topic}.{name}"


def lever_of(path: str) -> str:
    """The lever of a parameter's value; an empty text where nothing moves it."""
    short = short_path(path)
    return LEVERS.get(short) or (ONE_BY_ONE if path.split(".")[0] in TOPICS_TRIED else "")


def moved_names(topic: str) -> list[str]:
    """The parameters of a topic that worlds move, in the catalogue's order; all there are where the topic has none."""
    own = [name for name in CATALOGUE.get(topic, {}) if LEVERS.get(f"{topic}.{name}")]
    return own or list(LEVERS)
