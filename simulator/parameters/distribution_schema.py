"""What a parameter file may say of the uncertainty of a value: `spread`, or `distribution`, `shares` and `correlation`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from .distributions import NUMBERS_OF
from .errors import nearest, one_of
from .levers import ONE_BY_ONE, PLUS, moved_names
from .percent import unmarked
from .scalars import fault, known_name, parse_number, parse_percent, wrong_shape

MOST_SD = 200                  # percent of the value
MOST_NORMAL_SD = 20            # percent: beyond, a normal law multiplies by what is zero or less in some world
MOST_SETTING = 1000            # percent of the value, or points
NUMBERS = {"low": "The least setting: percent of the value (100: as stated), or points beside a rate of growth",
           "mode": "The likeliest setting", "high": "The greatest setting", "mean": "The mean setting",
           "sd": "Standard deviation of the setting: percent of the value, or points beside a rate of growth"}


def _stated(value: object) -> dict[str, str]:
    """A distribution as a file states it, with each of its numbers and no other."""
    if not isinstance(value, dict):
        raise wrong_shape("a mapping", value, "{law: lognormal, sd: 10}, the law one of " + one_of(NUMBERS_OF))
    if "law" not in value:
        raise fault("missing key", "law", "the law, one of " + one_of(NUMBERS_OF))
    if value["law"] == "choice":
        raise fault("no distribution of a number:", "choice", "`alternatives`, each with its weight", at=("law",))
    try:
        law = known_name(value["law"], tuple(NUMBERS_OF), "law")
    except PydanticCustomError as error:
        raise fault(**{**(error.context or {}), "at": ("law",)}) from None
    for key in value:
        if key != "law" and key not in NUMBERS_OF[law]:
            raise fault(f"unknown number of a {law} law:", key, one_of(NUMBERS_OF[law]), nearest(key, NUMBERS_OF[law]), at=(key,),
                        at_key=True)
    for name in NUMBERS_OF[law]:
        if name not in value:
            raise fault(f"a {law} law without its", name, "the numbers " + ", ".join(NUMBERS_OF[law]))
    return value


STATED = Annotated[dict, BeforeValidator(_stated), WithJsonSchema({
    "type": "object", "required": ["law"], "additionalProperties": False,
    "properties": {"law": {"type": "string", "enum": list(NUMBERS_OF), "description": "The law of the settings"},
                   **{name: {"type": ["number", "string"], "description": words} for name, words in NUMBERS.items()}}})]


def check_uncertain(entry: Any, lever: str, topic: str, name: str) -> None:
    """Refuse what an entry says of its value's uncertainty where nothing moves the value, where two things are said, or where no
    world could have it. `lever` is that of the parameter `name` of a topic."""
    said, spread = entry.distribution, entry.spread
    key = "distribution" if said is not None else "spread"
    if said is None and spread is None:
        for alone in ("shares", "correlation"):
            if getattr(entry, alone) is not None:
                raise fault(f"{alone} of a value that has no distribution:", str(getattr(entry, alone)),
                            "a distribution or a spread beside it", at=(alone,))
        return
    if entry.status == "law":
        text = str(spread) if said is None else said["law"]
        raise fault(f"a {key} on a value of status law:", text, f"a {key} only for statistic, estimate or assumption", at=(key,))
    if said is not None and spread is not None:
        raise fault("a spread beside a distribution:", str(spread), "one of the two", at=("spread",))
    if lever == ONE_BY_ONE and (said is not None or entry.shares is not None):
        raise fault("worlds do not move this value:", name, "a spread, of which both ends are tried one by one, or alternatives",
                    at=(key if entry.shares is None else "shares",))
    if not lever:
        names = moved_names(topic)
        raise fault("worlds do not move this value:", name, f"a {key} on one of the values that they move: {one_of(names, 12)}",
                    nearest(name, names), "say in a note how uncertain it is", at=(key,))
    if entry.correlation is not None and entry.shares is None:
        raise fault("a correlation without a factor that the value shares:", str(entry.correlation), "`shares` beside it",
                    at=("correlation",))
    if said is not None:
        _check_numbers(said, lever)
    if isinstance(entry.value, Decimal) and entry.value == 0 and lever != ONE_BY_ONE and (lever != PLUS or said is None):
        raise fault("a value of 0 stays 0 whatever it is multiplied by:", str(spread or said["law"]),
                    "a distribution in points of a rate of growth, or no distribution of a 0", at=(key,))


def _check_numbers(said: dict[str, str], lever: str) -> None:
    """Refuse numbers that are none, out of order, or give a setting that no value can have."""
    least = -MOST_SETTING if lever == PLUS else 0
    number: dict[str, Decimal] = {}
    for name in NUMBERS_OF[said["law"]]:
        try:
            number[name] = (parse_number(unmarked(said[name]), least, MOST_SETTING) if lever == PLUS
                            else parse_percent(said[name], least, MOST_SETTING))
        except PydanticCustomError as error:
            raise fault(**{**(error.context or {}), "at": ("distribution", name)}) from None
    middle, here = (0 if lever == PLUS else 100), ("distribution",)
    sd = number.get("sd")
    if sd is not None and not 0 < sd <= MOST_SD:
        raise fault("a standard deviation of", f"{sd:f}", f"more than 0, at most {MOST_SD}", at=(*here, "sd"))
    if said["law"] == "lognormal" and lever == PLUS:
        raise fault("a lognormal law of what is added:", "lognormal", "normal, triangular, uniform or beta", at=(*here, "law"))
    if said["law"] == "normal" and lever != PLUS and sd is not None and sd > MOST_NORMAL_SD:
        raise fault("a normal law that reaches zero: sd", f"{sd:f}", f"at most {MOST_NORMAL_SD}% of the value", "lognormal",
                    at=(*here, "sd"))
    if "low" not in number:
        return
    low, high = number["low"], number["high"]
    if not low <= middle <= high or low == high:
        raise fault("the value as stated lies outside:", f"{low:f} to {high:f}", f"low and high on both sides of {middle}",
                    at=(*here, "low"))
    if lever != PLUS and low == 0:
        raise fault("a least setting of", "0", "more than 0% of the value", at=(*here, "low"))
    for name in ("mode", "mean"):
        if name in number and not low <= number[name] <= high:
            raise fault(f"the {name} lies outside:", f"{number[name]:f}", f"between {low:f} and {high:f}", at=(*here, name))
    if said["law"] == "beta" and sd is not None and not sd * sd < (number["mean"] - low) * (high - number["mean"]):
        raise fault("no beta law has the standard deviation", f"{sd:f}",
                    "its square below (mean - low) (high - mean)", at=(*here, "sd"))
