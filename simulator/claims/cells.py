"""One cell of a claims file: text to a number, strictly; and what text may stand for when the program is told to be lenient.

A strict reader takes one spelling. Another that leaves no doubt is tidied into it: with `--lenient` it is taken and counted, else
refused with the reading that would be taken. What may mean two things is refused in both.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from pydantic_core import PydanticCustomError

from simulator.money import LARGEST_BILL, fen, ratio
from simulator.parameters.errors import nearest, one_of
from simulator.parameters.scalars import parse_number

MOST_UNITS = 10_000             # also days
FIRST_YEAR, LAST_YEAR = 1950, 2099             # of a bill: other years stand for something that is not known
OPEN_ENDED = 99_991_231                        # the day of a span that has no end; as YYYYMMDD
FLAG_WORDS = {"true": 1, "yes": 1, "y": 1, "1": 1, "是": 1, "false": 0, "no": 0, "n": 0, "0": 0, "否": 0}
EMPTY_WORDS = frozenset(("null", "nan", "none", "n/a", "#n/a", "na", "\\n", "nat", "<na>"))
TIME = r"(?:[ T](?:[01]?[0-9]|2[0-4]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?)?"
DAY = re.compile(rf"([0-9]{{4}})(?:[-/]([0-9]{{1,2}})[-/]([0-9]{{1,2}})|([0-9]{{2}})([0-9]{{2}})){TIME}", re.ASCII)
DAY_EXAMPLE = "a day as 2012-03-05, 2012/3/5 or 20120305"
ORDERS_OF_DAY = {"dmy": (2, 1, 0), "mdy": (2, 0, 1), "ymd": (0, 1, 2)}         # where year, month and day stand
MONTH_WORDS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CLOCK = (r"(?:[ T]*(?:上午|下午|AM|PM)?[ T]*(?:[01]?[0-9]|2[0-4])"
         r"(?:[:时点][0-5]?[0-9](?:[:分][0-5]?[0-9](?:\.[0-9]+)?)?)?[分秒时]?\s*(?:AM|PM)?"
         r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?")
ANY_DAY = re.compile(rf"([0-9]{{1,4}})[-/.年 ]([0-9]{{1,2}})[-/.月 ]([0-9]{{1,4}})日?{CLOCK}", re.IGNORECASE | re.ASCII)
STAMP = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])[0-3][0-9]"
                   r"(?:[0-2][0-9][0-5][0-9](?:[0-5][0-9](?:[0-9]{3})?)?|\.0)", re.ASCII)
SEPARATED = re.compile(r"[-+]?[0-9]{1,3}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)(?:\.[0-9]*)?", re.ASCII)
SERIALS = range(18_264, 73_051)                # of spreadsheets: 1950 to 2099
Tidied = tuple[str, tuple[str, ...]]           # the spelling that a strict reader takes, and what was done to get it


class RowFault(Exception):
    """What is wrong with one cell: the fields of an InputError."""

    def __init__(self, problem: str, expected: str, suggestion: str | None = None, next_step: str | None = None) -> None:
        super().__init__(problem)
        self.problem, self.expected, self.suggestion, self.next_step = problem, expected, suggestion, next_step


# --- strict readers -------------------------------------------------------------------------------


def _number(text: str, low: float, high: float) -> Decimal:
    try:
        return parse_number(text, low, high)
    except PydanticCustomError as error:
        said = error.context or {}
        raise RowFault(said["problem"].rstrip(":"), said["expected"], said["suggestion"]) from None


def amount(text: str) -> int:
    """Fen of an amount in yuan, below 0 where it is taken back. RowFault unless it is at most the largest bill, with no parts of
    a fen."""
    minus = text.startswith("-") and len(text) > 1
    number = _number(text[1:] if minus else text, 0, LARGEST_BILL / 100)
    if number != number.quantize(Decimal("0.01")):
        raise RowFault("parts of a fen", "an amount in yuan with at most two decimals")
    return -fen(number) if minus else fen(number)


def percentage(text: str) -> int:
    """1/10,000 of a percentage from 0 to 100 with at most two decimals; one above 0 and up to 1 needs its sign."""
    number = _number(text.removesuffix("%"), 0, 100)
    if 0 < number <= 1 and not text.endswith("%"):
        raise RowFault("a fraction in place of a percentage",
                       f"percent, and {text} means {text}%: write {(number * 100).normalize():f}, or {text}% if that is meant")
    if number != number.quantize(Decimal("0.01")):
        raise RowFault("too fine", "a percentage with at most two decimals")
    return ratio(number)


def weight(text: str) -> int:
    """1/10,000 of a number of persons that a row stands for."""
    number = _number(text, 0, 10_000)
    if number != number.quantize(Decimal("0.0001")):
        raise RowFault("too fine", "a weight with at most four decimals")
    return int(number * 10_000)


def count(text: str) -> int:
    """A whole number of units or days."""
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text, re.ASCII) or int(text) > MOST_UNITS:
        raise RowFault("not a count", f"a whole number from 1 to {MOST_UNITS}")
    return int(text)


def years(text: str) -> int:
    """A whole number of years of insurance."""
    if not re.fullmatch(r"[0-9]{1,2}|100", text, re.ASCII):
        raise RowFault("not a number of years", "a whole number from 0 to 100")
    return int(text)


def times(text: str) -> int:
    """A whole number of admissions, which may be none."""
    return 0 if text == "0" else count(text)


def day(text: str) -> int:
    """A day as YYYYMMDD from 2012-03-05, 2012/3/5 or 20120305; a time of day behind it is left out."""
    found = DAY.fullmatch(text)
    if not found:
        raise _no_day(text)
    year, month, of_month = (int(part) for part in found.groups() if part is not None)
    try:
        datetime.date(year, month, of_month)
    except ValueError:
        raise RowFault("no such day", "a day of the calendar, for example 2012-03-05") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RowFault("no day of a bill", f"a day from {FIRST_YEAR} to {LAST_YEAR}; such days stand for one that is not known")
    return year * 10000 + month * 100 + of_month


def _no_day(text: str) -> RowFault:
    """Why a text is no day, with what it may mean."""
    narrow = _narrow(text)
    numbers = [int(number) for number in re.findall(r"[0-9]+", narrow)]
    if len(re.findall(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|(?<![0-9])[0-9]{8}(?![0-9])", narrow)) > 1:
        return RowFault("a span of days in one cell", f"{DAY_EXAMPLE}: the day of discharge")
    if re.fullmatch(r"[0-9]{4}(?:[-/.年]?(?:0[1-9]|1[0-2]|[1-9])月?)?", narrow) and 1900 <= int(narrow[:4]) <= 2100:
        return RowFault("a day is missing", f"{DAY_EXAMPLE}, not a month or a year alone")
    if len(numbers) >= 3 and re.match(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}\b", narrow):
        readings = _readings(numbers[:3])
        return RowFault("a day whose order of day, month and year is not known", DAY_EXAMPLE,
                        " or ".join(readings) or None, "say `written: dmy`, `mdy` or `ymd` of the column in a mapping file")
    return RowFault("not a date", DAY_EXAMPLE)


def _readings(numbers: list[int]) -> list[str]:
    found = []
    for places in ORDERS_OF_DAY.values():
        year, month, of_month = (numbers[place] for place in places)
        try:
            found.append(datetime.date(year if year > 99 else 2000 + year, month, of_month).isoformat())
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def begins(text: str) -> int:
    """The first day of a span, as YYYYMMDD; one before any bill stands for a span without beginning."""
    return 0 if re.match(r"(0001|1[0-8][0-9]{2}|19[0-4][0-9])[-/]?[0-9]", text) else day(text)


def ends(text: str) -> int:
    """The last day of a span, as YYYYMMDD; one after any bill stands for a span without end."""
    return OPEN_ENDED if re.match(r"(2[1-9]|[3-9][0-9])[0-9]{2}[-/]?[0-9]", text) else day(text)


def order(text: str) -> int:
    """A whole number that does not fall within a person."""
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise RowFault("not an order", "a whole number")
    return int(text)


def identity(text: str) -> int:
    """Any text: a person, stay, family or claim, looked up elsewhere."""
    return 0


def word_of(known: dict[str, int], shown: tuple[str, ...]) -> Callable[[str], int]:
    """A reader of the words of a column."""
    def read(text: str) -> int:
        found = known.get(text)
        found = known.get(text.casefold()) if found is None else found
        if found is None:
            raise RowFault("unknown word", one_of(shown), nearest(text, known),
                           "or say in a mapping file what it stands for (`fundsim claims map` begins one)")
        return found
    return read


def flag_of(turned: Callable[[bool], int] = int) -> Callable[[str], int]:
    """A reader of yes and no."""
    read = word_of(FLAG_WORDS, ("yes", "no", "是", "否"))
    return lambda text: turned(bool(read(text)))


# --- other spellings without doubt ------------------------------------------------------------------


def _narrow(text: str) -> str:
    """Text in the narrow forms of its characters, trimmed."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def _tidy_number(text: str) -> tuple[str, list[str]]:
    done: list[str] = []
    found = _narrow(text)
    if found != text:
        done.append("wide")
    for kind, pattern, by in (
            ("guard", r"^'(?=[-+0-9.,]+$)|^=\"(?=[-+0-9.,]+\"$)|(?<=[0-9])\"$", ""),
            ("currency", r"^(?:¥|CNY|RMB|人民币)\s*|\s*(?:元|圆|CNY|RMB)$", ""),
            ("accounting", r"^\(([0-9.,]+)\)$|^([0-9.,]+)-$", r"-\1\2"),
            ("separators", r"(?<=[0-9])[ ,](?=[0-9]{3}(?:[ ,.]|$))", ""), ("plus", r"^\+", ""),
            ("zeros", r"^(-?)0+(?=[0-9])", r"\1"), ("point", r"^(-?)\.(?=[0-9])", r"\g<1>0."), ("point", r"(?<=[0-9])\.$", "")):
        if kind == "separators" and not SEPARATED.fullmatch(found):
            continue
        changed = re.sub(pattern, by, found, flags=re.ASCII)
        if changed != found:
            found = changed
            done.append(kind)
    return found, done


def tidy_amount(text: str) -> Tidied:
    """An amount without separators, signs of currency, wide digits; parts of a fen rounded half up."""
    if _narrow(text).casefold() in EMPTY_WORDS:
        return "", ("empty",)
    found, done = _tidy_number(text)
    if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE]-[0-9]+)?", found, re.ASCII):
        try:
            number = Decimal(found)
            rounded = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
        except InvalidOperation:
            return found, tuple(done)
        if rounded != number:
            done.append("dust" if abs(rounded - number) < Decimal("0.000001") else "rounded")
        if rounded != number or "e" in found.casefold():
            found = f"{abs(rounded) if rounded == 0 else rounded:f}"
    return found, tuple(dict.fromkeys(done))


def tidy_count(text: str) -> Tidied:
    """A whole number without decimals of zero and words for its unit."""
    if _narrow(text).casefold() in EMPTY_WORDS:
        return "", ("empty",)
    found, done = _tidy_number(text)
    for kind, pattern in (("unit", r"\s*(?:天|日|次|days?)$"), ("point", r"\.0+$")):
        changed = re.sub(pattern, "", found)
        if changed != found:
            found = changed
            done.append(kind)
    return found, tuple(dict.fromkeys(done))


def tidy_word(text: str) -> Tidied:
    """A word in narrow characters, without blanks in it."""
    narrow = _narrow(text)
    if narrow.casefold() in EMPTY_WORDS - {"none", "na"}:
        return "", ("empty",)
    found = re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])|\.0+$", "", narrow)
    return found, ("wide",) if found != text else ()


def tidy_day(text: str, written: str = "") -> Tidied:
    """A day as YYYY-MM-DD from 2012年3月1日, 2012.3.1, 20120301083000, 2012-03-01T08:30:00Z, 5-Mar-2012, a serial number of a
    spreadsheet; from day, month and year in another order where `written` (ORDERS_OF_DAY) says which."""
    found = _narrow(text)
    if found.casefold() in EMPTY_WORDS:
        return "", ("empty",)
    done = ["wide"] if found != text else []
    whole = ANY_DAY.fullmatch(found)
    if whole:
        numbers = [int(part) for part in whole.groups()[:3]]
        places = ORDERS_OF_DAY.get(written, (0, 1, 2) if len(whole[1]) == 4 else None)
        if places is None:
            return text, ()
        year, month, of_month = (numbers[place] for place in places)
        if len(whole.groups()[places[0]]) != 4:
            if not written:
                return text, ()
            year += 2000 if year < 50 else 1900
        kind = "order" if places != (0, 1, 2) else "zone" if whole[4] else "chinese" if "年" in found else "time"
        if "." in found.split(" ")[0] and kind == "time":
            kind = "dots"
        return f"{year:04d}-{month:02d}-{of_month:02d}", (*done, kind)
    if STAMP.fullmatch(found):
        return f"{found[:4]}-{found[4:6]}-{found[6:8]}", (*done, "stamp")
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", found) and int(found[:5]) in SERIALS:
        return (datetime.date(1899, 12, 30) + datetime.timedelta(int(found[:5]))).isoformat(), (*done, "serial")
    month_word = re.fullmatch(rf"([0-9]{{1,2}})[- ]({'|'.join(MONTH_WORDS)})[a-z]*[- ,]+([0-9]{{4}}){TIME}", found.casefold())
    if month_word:
        return f"{month_word[3]}-{MONTH_WORDS.index(month_word[2]) + 1:02d}-{int(month_word[1]):02d}", (*done, "month")
    return found, tuple(done)


def tidy_nothing(text: str) -> Tidied:
    """Text that has one spelling."""
    return text, ()


def read_cell(text: str, read: Callable[[str], int], tidy: Callable[[str], Tidied], lenient: bool,
              empty: int | None) -> tuple[int, tuple[str, ...]]:
    """The number of a cell and what was done to read it, nothing where the strict reader takes it. RowFault where it cannot be
    read, or not without being lenient."""
    try:
        return read(text), ()
    except RowFault as fault:
        found, done = tidy(text)
        if not done or found == text:
            raise
        try:
            value = empty if found == "" and empty is not None else read(found)
        except RowFault:
            raise fault from None
        if lenient:
            return value, done
        raise RowFault(fault.problem, fault.expected, found or fault.suggestion, "--lenient takes it so") from None
