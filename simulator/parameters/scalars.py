"""Numbers, dates, flags and names from text: exact, and refused with advice when they are not.

Each function raises a pydantic error that carries the fields of an InputError.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from .errors import UNSHOWN, nearest, one_of
from .percent import NUMBER, fraction_fault, is_fraction, unmarked

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def fault(problem: str, value: object = None, expected: str = "", suggestion: str | None = None,
          next_step: str = "", at: tuple[str | int, ...] = (), at_key: bool = False) -> PydanticCustomError:
    """A pydantic error that carries the fields of an InputError.

    `at` leads from the value being checked to the item at fault, or to the key where `at_key`.
    """
    return PydanticCustomError("input", "{problem}", {
        "problem": problem, "value": value, "expected": expected, "suggestion": suggestion,
        "next_step": next_step, "at": at, "at_key": at_key})


def with_faults(found: list[PydanticCustomError], value: object, handler: Callable[[object], Any]) -> Any:
    """What a validator's `handler` makes of the value. ValidationError with the faults found and those that the handler finds
    within the value; where there are any found, what it says of the value as a whole is left out, for it may follow from them."""
    told = [InitErrorDetails(type=one, loc=(), input=None) for one in found]
    try:
        result = handler(value)
    except ValidationError as error:
        told += [InitErrorDetails(type=PydanticCustomError("input", "{problem}", one["ctx"]), loc=one["loc"], input=None)
                 for one in error.errors() if "problem" in one.get("ctx", {}) and (one["loc"] or not found)]
        if not told:
            raise
    if told:
        raise ValidationError.from_exception_data("faults", told)
    return result


def parse_number(text: object, low: float, high: float) -> Decimal:
    """The decimal number that `text` states, if it lies in [low, high].

    Refuses percent signs (`parse_percent` takes them), thousands commas, leading zeros, exponents, full-width digits, NaN and
    infinity, each with its own advice.
    """
    if isinstance(text, Decimal):
        text = format(text, "f")
    if not isinstance(text, str):
        raise wrong_shape("a number", text, "one number")
    bounds = _bounds(low, high)
    if not re.fullmatch(NUMBER, text, re.ASCII):
        raise _not_a_number(text, bounds)
    number = Decimal(text)
    if not low <= number <= high:
        raise fault("out of range:", text, _both_bounds(low, high) if number > high else bounds)
    return number


def parse_percent(text: object, low: float, high: float) -> Decimal:
    """The percentage that `text` states, if it lies in [low, high]: `75`, or with its sign, `75%`.

    What lies between 0 and 1 must carry the sign, `0.75%`: without it somebody may have meant three quarters.
    """
    number = parse_number(unmarked(text), low, high)
    if is_fraction(text):
        raise fault(**fraction_fault(str(text)))
    return number


def _bounds(low: float, high: float) -> str:
    if high >= 1e12:
        return "a number" if low <= -1e12 else f"a number of at least {low:.12g}"
    return _both_bounds(low, high)


def _both_bounds(low: float, high: float) -> str:
    return f"a number from {low:.13g} to {high:.13g}"


def _not_a_number(text: str, bounds: str) -> PydanticCustomError:
    narrow = text.translate({wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}).strip()
    if not text.strip():
        return fault("the number is empty", None, bounds)
    if re.fullmatch(r"[+-]?\.?(nan|inf|infinity)", text.strip().casefold()):
        return fault("not a finite number:", text, bounds)
    if narrow != text.strip():
        return fault("full-width characters in a number:", text, "ASCII digits", narrow)
    for problem, bare, advice in (
        ("a percent sign in a number:", narrow.rstrip("%").strip(), "the number alone: the unit says percent"),
        ("thousands separators in a number:", re.sub(r"(?<=[0-9])[, _](?=[0-9])", "", narrow), "digits without separators"),
        ("leading zeros in a number:", re.sub(r"^(-?)0+(?=[0-9])", r"\1", narrow), "digits without leading zeros"),
        ("a sign in a number:", narrow.removeprefix("+"), "no plus sign"),
        ("an incomplete decimal:", re.sub(r"^(-?)\.", r"\g<1>0.", narrow).removesuffix("."), "digits on both sides of the point"),
        ("spaces in a number:", text.strip(), "digits without spaces"),
    ):
        if bare != text and re.fullmatch(NUMBER, bare, re.ASCII):
            return fault(problem, text, advice, bare)
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", narrow):
        return fault("an exponent in a number:", text, "the number written in full", _written_out(narrow))
    return fault("not a number:", text, bounds)


def _written_out(text: str) -> str | None:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return format(number, "f") if abs(number.adjusted()) < 20 else None


def parse_flag(text: object) -> bool:
    if text in ("true", "false"):
        return text == "true"
    yes = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}
    if not isinstance(text, str):
        raise wrong_shape("a flag", text, "'true' or 'false'")
    folded = text.casefold()
    raise fault("not a flag:", text, "'true' or 'false'", yes.get(folded, folded if folded in ("true", "false") else None))


def parse_date(text: object) -> datetime.date:
    if isinstance(text, str) and re.fullmatch(DATE, text, re.ASCII):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise fault("no such day:", text, "a day of the calendar as YYYY-MM-DD") from None
    raise wrong_shape("a date", text, "a day as YYYY-MM-DD, for example 2012-01-01")


def wrong_shape(wanted: str, value: object, expected: str) -> PydanticCustomError:
    """The error for a list, a mapping or a text that stands where something else belongs."""
    if isinstance(value, str):
        return fault(f"not {wanted}:", value, expected)
    return fault(f"{'a list' if isinstance(value, list) else 'a mapping'}, not {wanted}", None, expected)


def known_name(text: object, names: tuple[str, ...], what: str) -> str:
    if isinstance(text, str) and text in names:
        return text
    if not isinstance(text, str):
        raise wrong_shape(f"a {what}", text, one_of(names))
    raise fault(f"unknown {what}", text, one_of(names), nearest(text, names))


def name_type(names: tuple[str, ...], what: str) -> Any:
    """A name out of `names`; the nearest right one stands in the error."""
    return Annotated[str, BeforeValidator(partial(known_name, names=names, what=what)),
                     WithJsonSchema({"type": "string", "enum": list(names)})]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise wrong_shape("a text", value, "a text")
    if not value.strip():
        raise fault("the text is empty", None, "some words")
    if hidden := UNSHOWN.search(value):
        raise fault("a character that does not show:", f"U+{ord(hidden[0]):04X}", "text that can be read", next_step="delete it")
    return value


Text = Annotated[str, BeforeValidator(_text), WithJsonSchema({"type": "string", "minLength": 1})]
Day = Annotated[datetime.date, BeforeValidator(parse_date), WithJsonSchema({"type": "string", "format": "date"})]
Flag = Annotated[bool, BeforeValidator(parse_flag), WithJsonSchema({"enum": [True, False, "true", "false"]})]


def number_type(low: float, high: float) -> Any:
    schema = {"anyOf": [{"type": "number", "minimum": low, "maximum": high},
                        {"type": "string", "pattern": f"^{NUMBER}$"}]}
    return Annotated[Decimal, BeforeValidator(partial(parse_number, low=low, high=high)), WithJsonSchema(schema)]


def percent_type(low: float, high: float) -> Any:
    """As number_type, of a percentage (`parse_percent`)."""
    fraction = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
    schema = {"anyOf": [{"type": "number", "minimum": low, "maximum": high, "not": fraction},
                        {"type": "string", "pattern": f"^{NUMBER}%?$"}]}
    return Annotated[Decimal, BeforeValidator(partial(parse_percent, low=low, high=high)), WithJsonSchema(schema)]
