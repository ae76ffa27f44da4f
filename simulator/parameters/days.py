"""Days, and the years that stand for one of them."""

from __future__ import annotations

import datetime
from typing import NoReturn

from .errors import InputError

DAY_OF_A_YEAR = 7, 1               # month and day: a rule from then on holds for 184 of 365 days
DAY_OF_A_MONTH = 16


def day_of(at: int | datetime.date) -> datetime.date:
    """A day itself, or the day that stands for a year. InputError for no year of the calendar."""
    if isinstance(at, datetime.date):
        return at
    if not datetime.MINYEAR <= at <= datetime.MAXYEAR:
        raise InputError("no such year:", value=at, expected="a year of the calendar, for example 2012")
    return datetime.date(at, *DAY_OF_A_YEAR)


def month_of(day: datetime.date) -> datetime.date:
    """The first day of the first month whose discharges have the rules that take effect on a day: a month has those of its
    16th day, which hold for the longer part of it."""
    following = datetime.date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day.replace(day=1) if day.day <= DAY_OF_A_MONTH else following


def first_year_of(day: datetime.date) -> int:
    """The first year whose rules have what takes effect on a day."""
    return day.year + (day > day_of(day.year))


def day_named(what: str, text: object) -> datetime.date:
    """A day as it is written. InputError, naming `what`, for anything else."""
    if isinstance(text, datetime.date) and not isinstance(text, datetime.datetime):
        return text
    try:
        return datetime.date.fromisoformat(str(text)) if len(str(text)) == 10 else _no_day(what, text)
    except ValueError:
        return _no_day(what, text)


def _no_day(what: str, text: object) -> NoReturn:
    raise InputError(f"{what}:", value=text, expected="a day such as 2014-01-01") from None
