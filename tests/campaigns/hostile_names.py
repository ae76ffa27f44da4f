"""Do names and cells stay what they are, whatever they hold? `python -m tests.campaigns.hostile_names`; ends with 1 if not.

Three hundred texts (markup, formulas, escapes of terminals, turned writing, four-byte and hundreds of characters, ways out of a
folder, marks of rich text) stand as names of a region, as sources and remarks of its values, as title
    and description of a scenario,
as persons, names and other cells of claims, and as names of scenarios, policies, regions and folders. Pages, pictures, tables,
workbooks and what is printed are read back: no element, formula, link or control character may come of them, no text may be lost,
and nothing may stand outside of the folder that was named.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree
from zipfile import ZipFile

from simulator.designs import expand
from simulator.engine.doors import settle_file
from simulator.parameters.check import check_region, check_topic
from simulator.parameters.planfile import plan_of_text
from simulator.parameters.read import decode, parse_yaml
from simulator.parameters.regions import load_regions, params_path
from tests.campaigns.claims import PLAN
from tests.campaigns.hostile import ROOT, judged
from tests.support.command import Said, fundsim
from tests.support.damaged_files import Raw, Tree, pairs_of, tree_of, written

MARK = "HX"                                                # is in every text, and in nothing else
MARKUP = ("<script>HX()</script>", "\"><img src=x onerror=HX()>", "' onmouseover='HX()", "<svg/onload=HX()>",
    "</style><script>HX()",
          "javascript:HX()", "{{7*7}}HX", "</title><script>HX", "<!--HX", "]]>HX", "&lt;script&gt;HX", "</script><script>HX()//",
          "<a href=\"javascript:HX()\">", "<iframe srcdoc='<script>HX()</script>'>", "\\u003cscript\\u003eHX", "<b>HX</b>",
          "HX&#60;b&#62;",
          "{% raw %}HX", "${HX}", "`HX`", "<math><mi//xlink:href=\"data:x,<script>HX\">", "</svg><script>HX()</script>",
          "%3Cscript%3EHX")
FORMULAS = tuple(start + "HX" + end for start in ("=", "+", "-", "@", "\t=", " =", "=cmd|' /C calc'!",
    "=HYPERLINK(\"http://x\",\"", "'=")
                 for end in ("", "()", "!A1", "\")"))
RICH = ("[/b]HX", "[red]HX[/red]", "[link=http://x]HX", "[bold HX", "[/]HX", "\\[b]HX", "[HX]", "[[HX]]", ":smile: HX",
    "[@click=HX]x")
PLACES = ("../../../HX", "/etc/HX", "..\\..\\HX", "C:\\HX", "HX/../../y", "HX\0y", "con.HX", "HX:", ".HX", "-HX", "~/HX",
    "HX\n/etc", "HX/")
WIDE = ("HX\U00020000\U0001f600", "HX" + "甲" * 290, "x" * 298 + "HX", "HX\u0301\u0301", "ＨＸ HX", "HX　\u3000x", "HXß",
    "%s%n%xHX", "HX'\"`")
ESCAPES = tuple(f"HX{mark}x" for mark in ("\x1b[31m", "\x1b]0;y\x07", "\x9b2J", "\x07", "\x08\x08", "\u202e", "\u2066", "\u200b",
    "\ufeff",
                                          "\x00", "\x7f", "\r", "\x0b", "\u2028", "\x85", "\u200f", "\x1b[2J\x1b[H"))
TEXTS = tuple(dict.fromkeys((*MARKUP, *FORMULAS, *RICH, *PLACES, *WIDE, *ESCAPES, *(f"{start}{text}" for start in ("=", "x ",
    "<", "[") for
                             text in (*MARKUP, *RICH, *ESCAPES)))))
STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
SCENARIO = ("regions: [mine]\nschemes: [nrcms]\nhorizon: 1\ndraws: 2\npeople: 200\n"
            "policies: {more: {changes: {inpatient.nrcms.annual_cap: '90000'}}}\n")
Tell = Callable[[str], None]


def quoted(text: str) -> Raw:
    """A text in quotes, its marks as escapes, so that YAML can hold it."""
    return Raw(json.dumps(text, ensure_ascii=steers(text)))


def steers(text: str) -> bool:
    """Whether a text holds what a screen is steered by, or a line's end."""
    return bool(STEERING.search(text)) or "\n" in text or "\r" in text or "\t" in text


# --- what is looked for -----------------------------------------------------------------------------


class Skeleton(HTMLParser):
    """The kinds of elements of a page with their attributes, what is wrong in them, and the pictures within."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kinds, self.wrong, self.pictures = set[tuple[str, ...]](), list[str](), list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.kinds.add((tag, *sorted(name for name, _ in attrs)))
        for name, value in attrs:
            text = (value or "").strip().casefold()
            if name.startswith("on") or text.startswith(("javascript:", "data:text")) or name == "srcdoc" or "hx" in name:
                self.wrong.append(f"{tag} {name}={value!r}"[:120])
            if text.startswith("data:image/svg+xml,"):
                self.pictures.append(unquote((value or "").partition(",")[2]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


def page_faults(text: str, plain: str) -> list[str]:
    """What a page has that the same page with plain names has not."""
    found, other = Skeleton(), Skeleton()
    found.feed(text)
    other.feed(plain)
    faults = [*found.wrong, *(f"an element {kind}" for kind in sorted(found.kinds - other.kinds))]
    faults += [fault for picture in found.pictures for fault in picture_faults(picture)]
    return faults + (["raw control characters"] if STEERING.search(text) else [])


def picture_faults(text: str) -> list[str]:
    """What makes a picture active, or no XML."""
    try:
        tree = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        return [f"no XML: {error}"]
    return [f"{element.tag} in a picture" for element in tree.iter() if re.search(r"}(script|a|foreignObject|handler)$",
        str(element.tag))
            or any(name.startswith("on") for name in element.attrib)]


def table_faults(text: str) -> list[str]:
    """Cells of a CSV file that a spreadsheet would work out."""
    return [f"a formula: {cell[:60]!r}" for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        for cell in row
            if MARK in cell and re.match(r"[ \t]*[=@+\-]|[\t\r]", cell)]


def book_faults(data: bytes) -> list[str]:
    """Formulas and links of a workbook that come of a text."""
    faults = []
    with ZipFile(io.BytesIO(data)) as book:
        for name in book.namelist():
            text = book.read(name).decode("utf-8", "replace")
            faults += [f"{name}: a formula {formula[:60]!r}" for formula in re.findall(r"<f[^>]*>([^<]*)</f>", text)
                if MARK in formula]
            faults += [f"{name}: a link"] * (("<hyperlink" in text or "relationships/hyperlink" in text) and MARK in text)
            if name.endswith((".xml", ".rels")):
                try:
                    ElementTree.fromstring(text)
                except ElementTree.ParseError as error:
                    faults.append(f"{name}: no XML: {error}")
    return faults


def printed_faults(said: Said) -> list[str]:
    """What is wrong with what a command printed and how it ended."""
    faults = [] if said.code in (0, 1, 2) else [f"exit code {said.code}: {said.err[-200:]!r}"]
    return faults + [f"steers a terminal: {text[max(found.start() - 40, 0):found.end() + 20]!r}" for text in (said.out, said.err)
                     if (found := STEERING.search(text))]


def file_faults(path: Path, plain: Path) -> list[str]:
    """What is wrong with a file that was written, by its ending."""
    data = path.read_bytes()
    if path.suffix == ".html":
        return page_faults(data.decode(), plain.read_text(encoding="utf-8") if plain.exists() else "")
    if path.suffix == ".svg":
        return picture_faults(data.decode())
    if path.suffix == ".csv":
        return table_faults(data.decode("utf-8-sig"))
    return book_faults(data) if path.suffix == ".xlsx" else []


# --- doors ------------------------------------------------------------------------------------------


def own_region(place: Path, names: tuple[str, str], texts: Iterable[str]) -> int:
    """A region `mine` under Linyi, whose own values' sources and remarks have the texts behind them; how many it has."""
    home, left, used = place / "mine", list(texts), 0
    home.mkdir(parents=True)
    for path in sorted((params_path() / "linyi").glob("*.yaml")):
        tree: Tree = tree_of(parse_yaml(decode(path.read_bytes(), str(path)), str(path)))
        if path.stem == "region":
            for pair in tree:
                if pair[0] == "name":
                    pair[1][:] = [["en", quoted(names[0])], ["zh", quoted(names[1])]]
                elif pair[0] == "parent":
                    pair[1] = Raw("linyi")
        for pairs in pairs_of(tree):
            for pair in pairs:
                if pair[0] in ("source", "note") and left:
                    pair[1] = quoted(f"{json.loads(pair[1])} {left.pop()}" if pair[1].startswith('"')
                        else f"{pair[1]} {left.pop()}")
                    used += 1
        (home / path.name).write_text(written(tree) + "\n", encoding="utf-8")
    return used


class Names:
    """The campaign in a folder of its own: what was tried, by kind, and what was wrong."""

    def __init__(self, place: Path, tell: Tell = print) -> None:
        self.place, self.tell, self.count = place, tell, Counter[str]()

    def judge(self, what: str, faults: Iterable[str]) -> None:
        for fault in faults:
            self.count["bad"] += 1
            self.tell(f"{what}: {fault}")

    def said(self, *words: object) -> Said:
        """Call the command in this process, and judge what it prints."""
        try:
            said = fundsim(*words)
        except Exception as error:                          # noqa: BLE001  (what the campaign looks for)
            self.judge(" ".join(map(str, words[:2])), [f"{type(error).__name__}: {str(error)[:300]}"])
            return Said(99, "", "")
        self.judge(" ".join(map(str, words[:2])), printed_faults(said))
        self.count["printed"] += 1
        return said

    def of_regions(self, texts: tuple[str, ...], long: bool = True) -> None:
        """A region, a scenario, a run, its reports, workbook and tables with the texts, beside the same with plain ones."""
        shown = [text for text in texts if not steers(text)]
        for kind, given in (("hostile", shown), ("plain", [f"plain {n}" for n in range(len(shown))])):
            place = self.place / kind
            used = own_region(place / "own", (given[0], given[1 % len(given)]), given)
            title, description = given[2][:200], " ".join(given)[:4000]
            said = f"title: {quoted(title)}\ndescription: {quoted(description)}\n{SCENARIO}"
            (place / "asked.yaml").write_text(said, encoding="utf-8")
            own = ("--params", place / "own")
            run = self.said("run", place / "asked.yaml", *own, "--out", place / "results")
            folder = next(iter(sorted((place / "results" / "asked").glob("*"))), None)
            self.judge(f"run of {kind} names", [] if folder else [f"no run: {run.err[-300:]}"])
            if folder is None:
                return
            for more in ((("--lang", "zh"), ("--xlsx",), ("--what-if",)) if long else (("--lang", "zh"), ("--xlsx",))):
                self.said("report", folder, *more, *own)
            for words in (("batch", place / "asked.yaml", "--out", place / "results", "-j", "0", *own), ("ls", place / "results"),
                          ("params", "show", "mine", *own), ("params", "list", *own), ("params", "diff", "linyi", "mine", *own),
                          ("params", "export", place / "book.xlsx", "--region", "mine", *own), ("params", "uncertain", *own),
                          ("explain", "--region", "mine", "--tier", "county", "--bill", "8000", *own),
                          ("explain", "--region", "mine", "--tier", "county", "--bill", "8000", "--lang", "zh", *own),
                          ("compare", "mine", "linyi", "--schemes", "nrcms", "--draws", "2", "--people", "200", "--horizon", "1",
                              "-v",
                           "--out", place / "results", *own), ("query", folder, "select * from parameters", *own)):
                said = self.said(*words)
                self.judge(f"{words[0]} {words[1]} of {kind} names", [] if said.code == 0 or words[0] == "query"
                    else [said.err[-300:]])
            if kind == "plain":
                break
            self.count["texts of regions"] += used
            listed = self.said("params", "list", *own).out
            wanted = "".join(given[0].split())
            self.judge("params list", [] if wanted[:20] in "".join(listed.split()) else [f"the name {given[0]!r} is lost"])
        files = [path for path in (self.place / "hostile").rglob("*") if path.is_file() and "own" not in path.parts]
        for path in files:
            self.count[f"files {path.suffix}"] += 1
            twin = self.place / "plain" / path.relative_to(self.place / "hostile")
            parts = list(twin.parts)
            if "results" in parts:                           # a run's folder has a name of its own
                at = parts.index("results")
                twin = next(iter(sorted(Path(*parts[:at + 2]).glob("/".join(["*", *parts[at + 3:]])))), twin)
            self.judge(path.name, file_faults(path, twin))

    def of_refused(self, texts: tuple[str, ...]) -> None:
        """Every text as a name that becomes a folder or stands in one: taken if it is a name, refused else, nothing elsewhere."""
        home = self.place / "names"
        home.mkdir()
        regions = load_regions()
        for n, text in enumerate(texts):
            name = quoted(text)
            for said in (f"name: {name}\nregions: [linyi]", f"regions: [linyi]\npolicies: {{{name}: {{}}}}",
                         f"title: {name}\nregions: [{name}]", f"regions: [linyi]\nchanges: {{{name}: {name}}}"):
                file = home / "asked.yaml"
                file.write_text(f"{said}\nschemes: [nrcms]\n", encoding="utf-8")
                try:
                    expand(file, regions)
                except BaseException as error:              # noqa: BLE001  (what the campaign looks for)
                    self.judge(f"{text!r} in {said[:20]!r}", [wrong] if (wrong := judged(error, file)) else [])
            if "\0" not in text and n % 8 == 0:
                self.said("params", "show", "--", text)
                self.said("params", "new", "--params", home / "own", "--parent", "linyi", "--", text)
                self.said("batch", ROOT / "scenarios/subsidy.yaml", "--name", text, "--dry-run", "--out", home / "out")
            self._of_files(text)
            self.count["names"] += 1
        left = sorted(path.name for path in home.iterdir())
        self.judge("names", [] if set(left) <= {"asked.yaml", "own", "out"} else [f"left {left}"])
        self.judge("names", [f"out of the folder: {path}" for path in self.place.iterdir() if path.name not in OWN])

    def _of_files(self, text: str) -> None:
        """A text within a parameter file and a plan: refused where it would steer a screen."""
        name = quoted(text)
        for what, said, read in (
                ("a source", f"cpi: {{unit: '%', values: [{{from: 2012-01-01, value: 3, status: assumption, source: {name}}}]}}",
                 lambda root: check_topic("income", root, "f")),
                ("a region", f"name: {{en: {name}, zh: {name}}}", lambda root: check_region(root, "f")),
                ("a hospital tier", f"ratio: {{{name}: 50}}\ntiers: {{{name}: {{of: county}}}}",
                 lambda root: plan_of_text(json.dumps(root.data()), "f")),
                ("a plan", f"ratio: {{county: 50}}\nabout: {{title: {name}, source: {name}}}",
                 lambda root: plan_of_text(json.dumps(root.data()), "f")),
                ("a chronic disease", f"ratio: {{county: 50}}\nchronic_groups: [{name}]",
                 lambda root: plan_of_text(json.dumps(root.data()), "f"))):
            wrong = f"{text!r} was taken" if STEERING.search(text) else ""
            try:
                read(parse_yaml(said, "f"))
            except BaseException as error:                  # noqa: BLE001
                wrong = judged(error, self.place)
            self.judge(what, [wrong] if wrong else [])

    def of_claims(self, texts: tuple[str, ...]) -> None:
        """Every text as a person, a name and another cell of claims, and some as titles; in CSV, Parquet and a workbook."""
        home = self.place / "claims"
        home.mkdir()
        (home / "plan.yaml").write_text(PLAN, encoding="utf-8")
        rows = [[text, f"C{n}", "2012-01-05", "county", "1000", "800", text, text] for n, text in enumerate(texts)]
        for lot in range(0, len(rows), 50):
            titles = ["person", "claim", "date", "tier", "billed", "eligible", "姓名", f"备注{texts[lot]}"]
            with (home / "claims.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([titles, *rows[lot:lot + 50]])
            for ending in ("csv", "xlsx"):
                out = home / f"out{lot}.{ending}"
                said = self.said("settle", home / "claims.csv", "--plan", home / "plan.yaml", "--out", out, "--on-error", "skip",
                    "--lenient",
                                 "--pass-through", "姓名", "--pass-through", titles[-1], "--force")
                self.count["cells"] += 3 * len(rows[lot:lot + 50]) * (said.code == 0)
        for path in home.glob("out*"):
            self.judge(path.name, file_faults(path, path))
        bad = sorted({path.name for path in home.iterdir() if not path.name.startswith("out")} - {"plan.yaml", "claims.csv"})
        self.judge("claims", [f"left {bad}"] if bad else [])
        for text in texts:                                  # as cells that are read: refused, in words
            with (home / "bad.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([["person", "date", "tier", "billed", "eligible"], ["A", "2012-01-05", text, "1000",
                    text]])
            wrong = "taken"
            try:
                settle_file(home / "bad.csv", home / "never.csv", region=None, year=2012, scheme="nrcms", plan=home / "plan.yaml",
                            level=None, account_balance=None, on_error="refuse")
            except BaseException as error:                  # noqa: BLE001
                wrong = judged(error, home / "bad.csv")
            self.judge(f"{text!r} as a tier", [wrong] if wrong else [])


OWN = ("hostile", "plain", "names", "claims")


def run(texts: tuple[str, ...] = TEXTS, long: bool = True, tell: Tell = print, keep: Path | None = None) -> Counter[str]:
    """Try the texts at every door; how many of which kind, and how many faults (`bad`)."""
    with tempfile.TemporaryDirectory(prefix="names-") as folder:
        names = Names(keep or Path(folder).resolve(), tell)
        names.place.mkdir(exist_ok=True)
        names.of_claims(texts)
        names.of_refused(texts)
        names.of_regions(texts, long)
    return names.count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="a new folder for what is written")
    asked = parser.parse_args()
    start = time.process_time()
    found = run(tell=lambda text: print(text, flush=True), keep=asked.keep)
    print(len(TEXTS), "texts", dict(found), f"{time.process_time() - start:.0f} s")
    return int(bool(found["bad"]))


if __name__ == "__main__":
    sys.exit(main())
