"""How many A4 pages is a printed report? `python -m tests.campaigns.printing`; ends with 1 if more than fifteen, or the answer is
more than one of them, or anything is wider than the paper (a browser then prints all of it smaller). Needs Chromium (or Chrome)
from version 131 on, and ends with 2 where there is none.

Three questions are simulated small and printed in both languages: the default comparison, two policies in one region, and one
with as much as can be asked for: two regions, eight policies, a long title and a long description. The number of pages that
tests/support/printed.py reckons, by which `make test` holds the bound without a browser, must be the true one within one.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from simulator.engine.places import Places
from simulator.engine.side_by_side import simulate_at
from simulator.parameters.regions import load_regions
from simulator.report.overview import analyse, experiments, for_report
from simulator.report.paper import MOST_PAGES, PAGE_WIDTH
from simulator.report.style import FONTS
from simulator.report.write import finish_run
from simulator.results import read_run, write_run
from simulator.scenario import Policy, Scenario, read_scenario
from simulator.words import LANGUAGES
from tests.support.browser import BROWSERS, browser
from tests.support.printed import Printed

PAPER = round(PAGE_WIDTH / 25.4 * 96)       # pixels of CSS
ROOT = Path(__file__).resolve().parents[2]
TITLE = ("What would it take, from the premium to the deductible and the ratio, for the funds of Jiangsu and Linyi to last ten "
         "years without their patients paying more than they do today?")
MOVED = ("inpatient.uebmi.deductible", "inpatient.urbmi.deductible", "inpatient.nrcms.deductible", "funding.nrcms.premium")
MUCH = Scenario(
    "much", ("jiangsu", "linyi"), draws=20, people=300, title=TITLE, description="A long description, line by line. " * 40,
    changes={"care.nrcms.bill_growth": {"plus": "1"}}, policies=(Policy("baseline"), *(
        Policy(f"a-policy-that-multiplies-much-by-{n}", {path: {"times": str(n)} for path in MOVED}) for n in range(2, 10))))


def questions() -> list[Scenario]:
    default = Scenario("default", ("jiangsu", "linyi"), draws=60, people=1_000)
    return [default, read_scenario(ROOT / "scenarios" / "deductible.yaml").but(people=500), MUCH]


def pages(program: str, html: Path) -> int:
    """The number of pages of an HTML file when it is printed."""
    with tempfile.TemporaryDirectory() as name:
        asked(program, html, Path(name), "--no-pdf-header-footer", f"--print-to-pdf={name}/out.pdf")
        return len(re.findall(rb"/Type\s*/Page\b", (Path(name) / "out.pdf").read_bytes()))


def width(program: str, text: str) -> int:
    """How wide a report is on paper, in pixels of CSS; at least PAPER."""
    with tempfile.TemporaryDirectory() as name:
        html = Path(name) / "wide.html"
        html.write_text(text.replace("@media print", "@media all").replace(
            "</body>", "<script>document.title = document.documentElement.scrollWidth</script></body>"), encoding="utf-8")
        shown = asked(program, html, Path(name), f"--window-size={PAPER},1000", "--dump-dom")
        return int(re.findall(r"<title>(\d+)</title>", shown)[0])


def asked(program: str, html: Path, folder: Path, *options: str) -> str:
    """What a browser says of an HTML file. It has the package's own font, which is also what screens without one show."""
    (folder / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig><dir>{FONTS}</dir><cachedir>{folder}/cache</cachedir></fontconfig>", encoding="utf-8")
    return subprocess.run([program, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile",
                           *options, html.resolve().as_uri()], check=True, timeout=300, capture_output=True, encoding="utf-8",
                          env=os.environ | {"FONTCONFIG_FILE": f"{folder}/fonts.conf"}).stdout


def first_alone(text: str) -> str:
    """A report without all that stands behind its first page."""
    end = text.index("</section>", text.index('<section id="answer">')) + len("</section>")
    return text[:end] + "</body></html>"


def judged(program: str, scenario: Scenario, lang: str, folder: Path, extra: dict, root: Path) -> bool:
    """Print the report of a finished run in a language, and say whether it is as short as it should be."""
    run = read_run(folder)
    place = root / f"{scenario.name}-{lang}"
    place.mkdir()
    text = (report := finish_run(place, run, lang, extra)).read_text(encoding="utf-8")
    alone = place / "first.html"
    alone.write_text(first_alone(text), encoding="utf-8")
    printed, first, reckoned, wide = pages(program, report), pages(program, alone), Printed(text).pages, width(program, text)
    good = printed <= MOST_PAGES and first == 1 and abs(printed - reckoned) <= 1 and wide <= PAPER
    print(f"{scenario.name:12}{lang}  pages {printed:3}  reckoned {reckoned:3}  of the answer {first}  wide {wide} of {PAPER}  "
          f"{'' if good else 'NOT AS IT SHOULD BE'}", flush=True)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", type=Path, help="keep the reports in this folder")
    options = parser.parse_args()
    program = browser()
    if program is None:
        print(f"no browser to print with: none of {', '.join(BROWSERS)} is installed", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        root = options.keep or Path(name)
        root.mkdir(parents=True, exist_ok=True)
        found = []
        for scenario in questions():
            with Places(load_regions()) as places:
                result, tried = simulate_at(scenario, places, None, experiments)
                extra = for_report(analyse(places.regions, result, tried))
            folder = write_run(result, Path(name) / "runs")
            found += [judged(program, scenario, lang, folder, extra, root) for lang in LANGUAGES]
    return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())
