"""A change of a parameter: to a value, by a factor or by a sum, exact in decimals.

A change is written bare (`"80000"`, `{county: ["500"]}`) or with a verb: `{value: X}`, `{times: X}`, `{plus: X}`. `times` and
`plus` apply to every number in the parameter: each tier, order of admission, band and key.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from .catalogue import KEYS, is_percent
from .errors import InputError, nearest, one_of
from .percent import fraction_fault, is_fraction, marked, unmarked
from .quantities import Quantity
from .values import quantity_at

if TYPE_CHECKING:
    from .regions import Region

VERBS = ("value", "times", "plus")
MOST_DIGITS, MOST_LEVELS = 30, 8      # of a number before the point; of lists and mappings in each other
PARTS_DIGITS = 9                   # more than the finest part of a parameter has behind the point
OPERAND = re.compile(r"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,12})?", re.ASCII)
HUNDREDTHS, WHOLE_UNITS = ("CNY", "%", "percentage point", "see cumulative_base"), ("person", "count", "year")


def changed_value(region: Region, path: str, year: int, verb: str, operand: object, *, rounded: bool = False) -> object:
    """The value that a change gives a parameter, or the key of one, in `year`: what `Region.with_changes` takes.

    `verb` is one of VERBS, `operand` a number (for `value`: what a file would state, or one number for a list of one). Numbers
    come back as text in the structure of the parameter; moved ones are exact, or where `rounded` half up to the smallest part
    of the unit. InputError for an unknown path or verb, where the parameter has no value in that year or holds no numbers, and
    where the result has finer parts than its unit or lies outside its range.
    """
    from .check import check_value  # needs pydantic, which reading a value does not

    own, quantity, key = quantity_at(path)
    if verb not in VERBS:
        raise InputError(f"{path}: unknown verb", value=verb, expected=one_of(VERBS), suggestion=nearest(verb, VERBS))
    stated = None if verb == "value" and key is None else as_written(region.value(own, year).value, own)
    written = as_written(operand, path)
    percent = is_percent(own.rpartition(".")[2], quantity)
    if percent and rounded and verb == "value":                  # made by a program
        written = marked(written)
    data = changed_data(stated, quantity, key, verb, in_a_list(written, quantity, key) if verb == "value" else written, path,
                        rounded)
    check_value(own, own.rpartition(".")[2], quantity, data)
    data = data if key is None else mapping_of(data, own)[key]
    return marked(data) if percent else data


def changed_data(data: object, quantity: Quantity, key: str | None, verb: str, operand: object, path: str,
                 rounded: bool = False) -> object:
    """What a file states for a parameter after a change of all of it, or of the part behind `key`; numbers stay text.

    Moved numbers are exact, or where `rounded` half up to the smallest part of the unit. InputError where there are no numbers
    to move, or a moved one has finer parts than the unit. The range is not looked at.
    """
    if key is not None:
        parts = mapping_of(data, path) if verb == "value" else filled(data, quantity, path)
        return {**parts, key: changed_data(parts.get(key), quantity, None, verb, operand, path, rounded)}
    if verb == "value":
        return _as_percent(operand, path) if is_percent(_parameter_of(path), quantity) else operand
    if not holds_numbers(quantity):
        raise InputError(f"{path}: no numbers, so nothing to apply", value=verb, expected="a value in its place")
    if not isinstance(operand, str) or not OPERAND.fullmatch(operand):
        raise InputError(f"{path}: {verb}:", value=operand,
                         expected="a number in digits such as 1.1 or -50, at most 12 decimals, without percent sign or exponent")
    by = Decimal(operand)

    def moved(number: Decimal) -> Decimal:
        exact = Context(prec=len(str(number)) + len(str(by)) + 1)        # digits enough for the product and for the sum
        result = exact.multiply(number, by) if verb == "times" else exact.add(number, by)
        return rounded_to(result, smallest_part(quantity)) if rounded else result

    changed = each_number(filled(data, quantity, path) if isinstance(data, Mapping) else data, moved)
    check_fine(path, quantity, changed)
    return changed


def _parameter_of(path: str) -> str:
    """The name of the parameter that a path, or a path and key, leads to."""
    return quantity_at(path)[0].rpartition(".")[2]


def _as_percent(operand: object, path: str) -> object:
    """Percentages as somebody has written them, without their signs. InputError for a fraction in their place."""
    for text in _numbers(operand):
        if is_fraction(text):
            advice = fraction_fault(text)
            raise InputError(f"{path}: {advice.pop('problem')}", **advice)
    return unmarked(operand)


def verb_of(data: object, path: str) -> tuple[str, object]:
    """The verb and the operand of a change; a bare value is `value`. InputError for two verbs, or one beside other keys."""
    if not isinstance(data, Mapping):
        return "value", data
    words = [str(word) for word in data]
    if len(words) == 1 and words[0] in VERBS:
        return words[0], next(iter(data.values()))
    kind, _, rest = quantity_at(path)[1].shape.partition(":")
    keys = KEYS[rest.partition(":")[0]] if kind == "by" else ()
    for word in words:
        if word in VERBS:
            raise InputError(f"{path}: a verb beside other words:", value=", ".join(words), expected=f"{one_of(VERBS)} alone")
        if word not in keys and (close := nearest(word, VERBS)):
            raise InputError(f"{path}: unknown verb", value=word, expected=one_of(VERBS), suggestion=close)
    return "value", data


def holds_numbers(quantity: Quantity) -> bool:
    """Whether a parameter is made of numbers, not of flags or names."""
    kind, _, rest = quantity.shape.partition(":")
    return kind not in ("flag", "choice", "names", "plan") and not rest.endswith(":choice")


def mapping_of(data: object, path: str) -> Mapping:
    """The data, if they are a mapping. InputError for anything else."""
    if not isinstance(data, Mapping):
        raise InputError(f"{path}: not a mapping, so no key of it can be changed:", value=data)
    return data


def each_of(data: Any, change: Callable[[Any], Any]) -> Any:
    """The data with everything that is no mapping or list changed."""
    if isinstance(data, Mapping):
        return {key: each_of(item, change) for key, item in data.items()}
    if isinstance(data, list):
        return [each_of(item, change) for item in data]
    return change(data)


def each_number(data: object, change: Callable[[Decimal], Decimal]) -> object:
    """The data with every number changed, as text."""
    return each_of(data, lambda number: plain_text(change(Decimal(str(number)))))


def rounded_to(number: Decimal, part: Decimal | None) -> Decimal:
    """A number half up to a multiple of `part`; as it is without one."""
    return number if part is None else number.quantize(part, ROUND_HALF_UP, Context(prec=len(str(number)) + 4))


def in_a_list(data: object, quantity: Quantity, key: str | None) -> object:
    """One number for a parameter that is a list (of orders, of bands) as a list of one; anything else as it is."""
    takes_list = quantity.shape == "numbers" or (key is not None and quantity.shape.endswith(":numbers"))
    return [data] if takes_list and isinstance(data, str) else data


def plain_text(number: Decimal) -> str:
    """A number in digits, without an exponent, trailing zeros or the sign of zero."""
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def filled(data: object, quantity: Quantity, path: str) -> dict[str, object]:
    """A mapping with the keys that it leaves out at their default. InputError for what is no mapping."""
    stated, keys = mapping_of(data, path), KEYS[quantity.shape.split(":")[1]]
    return {key: stated.get(key, quantity.default) for key in keys if key in stated or quantity.default}


def smallest_part(quantity: Quantity) -> Decimal | None:
    """The finest part that a parameter has: its own, or its unit's: a fen, a hundredth of a point, a whole person; None where
    there is none."""
    if quantity.part is not None:
        return Decimal(quantity.part)
    unit = quantity.unit.partition("/")[0] if quantity.unit.startswith("CNY") else quantity.unit
    return Decimal("0.01") if unit in HUNDREDTHS else Decimal(1) if unit in WHOLE_UNITS else None


def check_fine(path: str, quantity: Quantity, data: object) -> None:
    """Refuse numbers finer than the parameter's unit has parts. InputError names the number and the nearest ones that fit."""
    part = smallest_part(quantity)
    if part is None or not holds_numbers(quantity):
        return
    for text in _numbers(unmarked(data)):
        exact = Context(prec=len(text) + PARTS_DIGITS)
        if exact.remainder(Decimal(text), part):
            below = Decimal(text).quantize(part, rounding="ROUND_FLOOR", context=exact)
            raise InputError(f"{path}: finer than its unit ({quantity.unit}) has parts:", value=text,
                             expected=f"a multiple of {part}, such as {below} or {exact.add(below, part)}")


def _numbers(data: object) -> list[str]:
    if isinstance(data, Mapping):
        return [text for item in data.values() for text in _numbers(item)]
    if isinstance(data, list):
        return [text for item in data for text in _numbers(item)]
    return [str(data)]


def as_written(data: object, path: str, depth: int = 0) -> object:
    """A change's value as a parameter file would write it: numbers and flags as text. InputError for what no file can state."""
    if depth > MOST_LEVELS:
        raise InputError(f"{path}: not a value:", expected=f"lists and mappings at most {MOST_LEVELS} deep")
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, str):
        if any("\ud800" <= letter <= "\udfff" for letter in data):
            raise InputError(f"{path}: not a value:", value=data, expected="text of whole characters, without lone surrogates")
        return data
    if isinstance(data, Integral) and abs(data) >= 10**MOST_DIGITS or isinstance(data, Decimal) and _is_too_long(data):
        raise InputError(f"{path}: out of range:", value=data, expected=f"a number of at most {MOST_DIGITS} digits and decimals")
    if isinstance(data, Decimal):
        return format(data, "f")
    if isinstance(data, Integral):
        return str(int(data))
    if isinstance(data, Real):
        return format(Decimal(repr(float(data))), "f")
    if isinstance(data, datetime.date) and not isinstance(data, datetime.datetime):
        return data.isoformat()
    if isinstance(data, Mapping):
        return {str(key): as_written(item, path, depth + 1) for key, item in data.items()}
    if isinstance(data, (list, tuple)):
        return [as_written(item, path, depth + 1) for item in data]
    raise InputError(f"{path}: not a value:", value=repr(data), expected="a number, a flag, a name, a list or a mapping")


def _is_too_long(number: Decimal) -> bool:
    """Whether a finite number written in digits has more than MOST_DIGITS before or behind the point."""
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and number != 0 and (number.adjusted() >= MOST_DIGITS or exponent < -MOST_DIGITS)


def overriding(changes: Mapping[str, object], later: Mapping[str, object]) -> dict[str, object]:
    """The changes, and after them later ones in place of those of the same path; a later change of all of a parameter stands in
    place of earlier ones of its keys too."""
    replaced = {path for path in changes for new in later if path == new or path.startswith(f"{new}.")}
    return {**{path: data for path, data in changes.items() if path not in replaced}, **later}


def read_change(text: str, what: str) -> tuple[str, object]:
    """A change written `PATH=VALUE`, the value as in a file, one number standing for a list of one. `what` is named in errors:
    InputError for what is not of this form, or leads to no parameter."""
    from .names import canonical_path
    from .read import parse_yaml  # a parser of YAML, which a run without such a change does not need

    path, equals, stated = (part.strip() for part in text.partition("="))
    if not equals or not path or not stated or "\n" in stated:
        raise InputError(f"{what}:", value=text, expected="PATH=VALUE, for example inpatient.nrcms.deductible.county=300")
    path = canonical_path(path)
    try:
        _, quantity, key = quantity_at(path)
        data = parse_yaml(f"value: {stated}", what).items["value"].data()
    except InputError as error:
        error.file, error.line, error.column = what, None, None
        raise
    return path, in_a_list(data, quantity, key)
