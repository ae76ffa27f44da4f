"""Is a bill paid the same however its file is written, and is whatever is damaged named? `python -m tests.campaigns.claims`; ends
with 1 if something differed, was passed over in silence, or was met by anything but an InputError.

1. Metamorphic: small random files of claims are settled as they are, and again with rows in another order (sorted when settled),
   split by person, in another encoding, with other ends of lines, separators, titles and spellings, with ids guarded against
   spreadsheets, as a workbook and as Parquet. Every claim must be paid the same, to the fen.
2. Damage: one to three things are done by chance to a small file: its header, bytes, cells, rows. Every claim must be paid as
   that of the undamaged file, or its person has a row that is named, or the file is refused.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.claims.totals import Totals
from simulator.engine.doors import settle_file
from simulator.parameters.errors import InputError
from simulator.tables import PAYERS
from tests.support.workbook import write_workbook

PLAN = """\
deductible: {township: ["100"], county: ["300", "150", "0"], city: ["600", "300"]}
band_tops: ["5000"]
ratio: {township: ["85", "90"], county: ["70", "75"], city: ["55", "60"]}
annual_cap: "20000"
outpatient_deductible: "50"
outpatient_ratio: {township: "50", county: "40", city: "30"}
outpatient_year_limit: "300"
cii_threshold: "3000"
cii_ratio: ["50"]
"""
HEADER = ["claim", "person", "date", "kind", "tier", "billed", "eligible", "first_pay", "姓名"]
CHINESE = ["单据号", "个人编号", "出院日期", "就诊方式", "医院级别", "医疗总费用(元)", "政策范围内费用", "先行自付", "姓名"]
NAMES = ("张三", "李四", "欧阳娜娜", "王五", "Zoe", "=1+1", 'a"b', "")
Table = list[list[str]]
Payments = dict[str, tuple[str, ...]]


def random_claims(chance: random.Random) -> Table:
    """Rows in the order of days, no two of a person on one day: HEADER without it."""
    rows, taken = [], set[tuple[str, str]]()
    for n in range(chance.randrange(4, 40)):
        who = f"32010{chance.randrange(6)}19900101{chance.randrange(3):03d}{chance.choice('0X')}"
        day = f"{chance.choice((2012, 2013))}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
        if (who, day) in taken:
            continue
        taken.add((who, day))
        billed = chance.randrange(1, 10 ** chance.randrange(3, 7))
        eligible = chance.randrange(billed + 1)
        rows.append([f"C{n}", who, day, chance.choice(("inpatient", "outpatient")), chance.choice(("township", "county", "city")),
                     _yuan(billed), _yuan(eligible), _yuan(chance.randrange(eligible // 4 + 1)), chance.choice(NAMES)])
    return sorted(rows, key=lambda row: row[2])


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def settled(claims: Path, **options: object) -> tuple[Payments, Totals]:
    """What each claim is paid, in `claims`'s folder; earlier output is replaced."""
    out = claims.with_name("out.csv")
    totals, _ = settle_file(claims, out, region=None, year=2012, scheme="nrcms", plan=claims.with_name("plan.yaml"), level=None,
                            account_balance=None, force=True, **{"on_error": "refuse", **options})          # type: ignore[arg-type]
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = next((title for title in rows[0] if title in ("claim", "单据号")), "") if rows else ""
    paid = {row[numbers].lstrip("'"): tuple(row[f"paid_{payer}"] for payer in PAYERS) for row in rows if numbers}
    return paid, totals


def written(header: list[str], rows: Table, separator: str = ",", end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows([header, *rows])
    return text.getvalue()


# --- metamorphic ----------------------------------------------------------------------------------


def changed_cells(rows: Table, chance: random.Random) -> Table:
    """The same claims in other spellings."""
    def day(text: str) -> str:
        year, month, of_month = text.split("-")
        return chance.choice((f"{year}年{int(month)}月{int(of_month)}日", f"{year}/{month}/{of_month}",
                              f"{year}.{month}.{of_month}", f"{year}{month}{of_month}083000", f"{text} 23:59:59",
                              text.translate(WIDE)))

    def amount(text: str) -> str:
        return chance.choice((f"{float(text):,.2f}", f"¥{text}", f"{text}元", text.translate(WIDE), f"+{text}", f"0{text}",
                              f"{text}0000001"))

    def person(text: str) -> str:
        return chance.choice((text, f"'{text}", f'="{text}"', text.translate(WIDE), f"{text}\u200b",
                              text.lower() if text.endswith("X") else text))

    return [[row[0], person(row[1]), day(row[2]), row[3], row[4], *map(amount, row[5:8]), row[8]] for row in rows]


WIDE = {ord(narrow): chr(ord(narrow) + 0xFEE0) for narrow in "0123456789.-"}


def variants(rows: Table, place: Path, chance: random.Random) -> list[tuple[str, Payments]]:
    """What the claims are paid in every other dress; a split file counts as one."""
    found = []
    file = place / "claims.csv"

    def say(what: str, data: bytes, **options: object) -> None:
        file.write_bytes(data)
        found.append((what, settled(file, **options)[0]))

    shuffled = chance.sample(rows, len(rows))
    say("order of rows", written(HEADER, shuffled).encode(), sort=True)
    order = chance.sample(range(len(HEADER)), len(HEADER))
    say("order of columns", written([HEADER[n] for n in order], [[row[n] for n in order] for row in rows]).encode())
    encoding, end = chance.choice(("gb18030", "utf-16", "utf-16-be", "utf-8-sig")), chance.choice(("\r\n", "\r", "\n"))
    say("encoding", written(CHINESE, rows, chance.choice(",\t;"), end).encode(encoding))
    say("spelling", written(HEADER, changed_cells(rows, chance)).encode(), lenient=True)
    blank = [row if row else [""] * len(HEADER) for line in rows for row in (line, []) if row or chance.random() < 0.2]
    say("rows that are no claims", written(["明细表"], [HEADER, *blank, ["合计", *[""] * 8]]).encode())
    parts: Payments = {}
    for side in (0, 1):
        own = [row for row in rows if hash_of(row[1]) % 2 == side]
        file.write_text(written(HEADER, own), encoding="utf-8")
        parts |= settled(file)[0]
    found.append(("split of files", parts))
    write_workbook(place / "claims.xlsx", {"明细": [HEADER, *([*row[:5], *map(float, row[5:8]), row[8]] for row in rows)]})
    found.append(("workbook", settled(place / "claims.xlsx")[0]))
    columns = {title: [row[n] for row in rows] for n, title in enumerate(HEADER)}
    pq.write_table(pa.table({title: list(map(float, cells)) if title in ("billed", "eligible", "first_pay") else cells
                             for title, cells in columns.items()}), place / "claims.parquet")
    found.append(("Parquet", settled(place / "claims.parquet")[0]))
    return found


def hash_of(text: str) -> int:
    """A number of a text that is the same in every process."""
    return sum(text.encode())


def metamorphic(files: int, seed: int, tell: Callable[[str], None] = print) -> Counter[str]:
    """How many files were settled, and how many of each kind were paid otherwise."""
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "plan.yaml").write_text(PLAN, encoding="utf-8")
        chance = random.Random(seed)
        while count["files"] < files:
            rows = random_claims(chance)
            (place / "claims.csv").write_text(written(HEADER, rows), encoding="utf-8")
            wanted = settled(place / "claims.csv")[0]
            for what, found in variants(rows, place, chance):
                count["files"] += 1
                if found != wanted:
                    count[f"differs: {what}"] += 1
                    tell(f"{what}: {[(key, wanted[key], found.get(key)) for key in wanted if wanted[key] != found.get(key)][:2]}")
    return count


# --- damage ---------------------------------------------------------------------------------------

JUNK = ("", "?", "NULL", "#N/A", "-", "x" * 300, "3.20102E+17", "2012-13-45", "1e400", "-1", "9999999999999",
        "=cmd|' /C calc'!A0", "\x1b[31m", "\u202e", "𠀀", "锟斤拷", "\ufffd", "0x1F", "∞", "１２３", "2012年", "1,2,3",
        "\t", "true", "县级", "None", "1.005", "NaN")


def damage(data: bytes, chance: random.Random) -> tuple[str, bytes]:
    """One thing done to a file; what it was."""
    kind = chance.choice(("cell", "cell", "cell", "title", "byte", "delete cell", "add cell", "swap cells", "swap rows",
                          "repeat row", "cut", "blank", "quote", "encoding", "title gone"))
    if kind == "byte":
        at = chance.randrange(len(data))
        return kind, data[:at] + bytes([chance.choice((0x00, 0x80, 0xC3, 0xFF, 0x22, 0x0D))]) + data[at:]
    if kind == "encoding":
        text = data.decode("utf-8", "replace")
        return kind, text.encode(chance.choice(("gb18030", "utf-16", "utf-16-le", "utf-8-sig", "big5", "cp1252")), "replace")
    if kind == "cut":
        ends = [n for n, byte in enumerate(data) if byte == 0x2C]
        return kind, data[:chance.choice(ends) if ends else 0]
    if kind == "quote":
        at = chance.randrange(len(data))
        return kind, data[:at] + b'"' + data[at:]
    rows = [line.split(",") for line in data.decode("utf-8", "replace").split("\n")]
    at = chance.randrange(1, max(len(rows) - 1, 2)) if len(rows) > 1 else 0
    place = chance.randrange(len(rows[at]))
    if kind == "cell":
        rows[at][place] = chance.choice(JUNK)
    elif kind in ("title", "title gone"):
        place = chance.randrange(len(rows[0]))
        rows[0][place] = "" if kind == "title gone" else chance.choice((*JUNK, *HEADER, rows[0][place] + "x", "金额", "日期"))
    elif kind == "delete cell":
        del rows[at][place]
    elif kind == "add cell":
        rows[at].insert(place, chance.choice(JUNK))
    elif kind == "swap cells":
        other = chance.randrange(len(rows[at]))
        rows[at][place], rows[at][other] = rows[at][other], rows[at][place]
    elif kind == "swap rows":
        other = chance.randrange(1, max(len(rows) - 1, 2)) if len(rows) > 1 else 0
        rows[at], rows[other] = rows[other], rows[at]
    elif kind == "repeat row":
        rows.insert(at, list(rows[at]))
    else:
        rows.insert(at, [] if chance.random() < 0.5 else [""] * len(rows[0]))
    return kind, "\n".join(",".join(row) for row in rows).encode()


def damaged(files: int, seed: int, tell: Callable[[str], None] = print) -> Counter[str]:
    """How many files were refused, settled in part or wholly; how many claims were paid otherwise without a word (`silent`), and
    how many files ended in anything but an InputError (`traceback`)."""
    count: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "plan.yaml").write_text(PLAN, encoding="utf-8")
        chance = random.Random(seed)
        for _ in range(files):
            rows = [[cell.replace(",", "").replace('"', "") for cell in row] for row in random_claims(chance)]
            data = "\n".join(",".join(row) for row in [HEADER, *rows]).encode() + b"\n"
            file = place / "claims.csv"
            file.write_bytes(data)
            wanted = settled(file)[0]
            done = []
            for _ in range(chance.randrange(1, 4)):
                kind, data = damage(data, chance)
                done.append(kind)
            file.write_bytes(data)
            count["files"] += 1
            try:
                found, totals = settled(file, on_error="skip", lenient=chance.random() < 0.5)
            except InputError:
                count["refused"] += 1
                continue
            except Exception as error:                     # noqa: BLE001  (what the campaign looks for)
                count["traceback"] += 1
                tell(f"{done}: {type(error).__name__}: {data[:300]!r}")
                continue
            count["settled"] += 1
            silent = "" if not found else _silent(rows, wanted, found, totals, place, data)
            if silent:
                count["silent"] += 1
                tell(f"{done}: {silent}")
    return count


def _silent(rows: Table, wanted: Payments, found: Payments, totals: Totals, place: Path, data: bytes) -> str:
    """A claim that is paid otherwise though its row and those of its person stand in the file as they were and none is named."""
    text = ""
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeError:
            continue
    there = Counter(text.replace("\r", "\n").split("\n"))
    titles = next(iter(text.split("\n")), "").split(",")
    touched = {row[1] for row in rows if there[",".join(row)] != 1} | _newcomers(rows, there)
    if titles != HEADER and not totals.passed == ["姓名"]:
        touched |= {row[1] for row in rows} if set(totals.passed) - {"姓名"} else set()
    for ending in ("bad", "left-out"):
        listed = place / f"out.{ending}.csv"
        if listed.exists():
            with listed.open(encoding="utf-8-sig", newline="") as file:
                touched |= {cell.lstrip("'") for line in csv.reader(file) for cell in line}
    for row in rows:
        if row[1] not in touched and found.get(row[0]) != wanted[row[0]]:
            return f"{row}: {found.get(row[0])} for {wanted[row[0]]}; titles {titles}, passed {totals.passed}"
    return ""


def _newcomers(rows: Table, there: Counter[str]) -> set[str]:
    """Persons in lines that were not in the undamaged file."""
    lines = {",".join(row) for row in rows}
    return {row[1] for row in rows for line in there if line not in lines and row[1].lower() in line.lower()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000, help="of the metamorphic part")
    parser.add_argument("--damaged", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    start = time.process_time()
    same = metamorphic(asked.files, asked.seed)
    print(dict(same), f"{time.process_time() - start:.0f} s", flush=True)
    harmed = damaged(asked.damaged, asked.seed)
    print(dict(harmed), f"{time.process_time() - start:.0f} s")
    return int(len(same) > 1 or bool(harmed["silent"] or harmed["traceback"]))


if __name__ == "__main__":
    sys.exit(main())
