"""docs/model-document.md: the model document in the profession's form, from the parameters, one run, the scores and the bridge.

`python -m tests.support.model_document` writes the page; the bridge's figures are those that tests/campaigns/bridge.py measured.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd

from simulator import Scenario, __version__, run
from simulator.answers.variance import Sensitivity
from simulator.parameters.regions import load_regions
from simulator.words import STATUS_NAMES

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = ROOT / "tests" / "campaigns" / "model_document.md"
BRIDGE = ROOT / "tests" / "campaigns" / "bridge-figures.csv"
PAGE = ROOT / "docs" / "model-document.md"
SHOWN, DRAWS = 12, 100
COLUMNS = {"spending_jiangsu": "Jiangsu, spending 2012", "spending_linyi": "Linyi, spending 2012",
           "balance_jiangsu": "Jiangsu, balance 2021", "balance_linyi": "Linyi, balance 2021"}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown; the first column is text, the others are numbers."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---", *["---:"] * (len(head) - 1)], *rows))


def data_table(parameters: pd.DataFrame) -> str:
    """Values by topic and status, with how many sources are recalled."""
    statuses = list(STATUS_NAMES)
    rows = []
    for topic, part in parameters.groupby(parameters["path"].str.partition(".")[0], sort=True):
        found = Counter(part["status"])
        recalled = int(part["source"].str.contains("recalled", na=False).sum())
        rows.append([topic, *(str(found[status]) if found[status] else "" for status in statuses), str(recalled or "")])
    found = Counter(parameters["status"])
    recalled = int(parameters["source"].str.contains("recalled", na=False).sum())
    rows.append(["all", *(str(found[status]) for status in statuses), str(recalled)])
    return table(["topic", *statuses, "recalled"], rows)


def assumption_table(told: Sensitivity) -> str:
    """The values with the largest shares."""
    rows = [[f"`{row.path}`", row.status, row.law, f"{row.at_low:,.4g} to {row.at_high:,.4g}", share(row.share, row.share_se)]
            for row in told.values.head(SHOWN).itertuples()]
    return table(["value", "status", "law", "balance at its 5% and 95% point, 10^8 yuan", "share"], rows)


def group_table(told: Sensitivity) -> str:
    return table(["rests on", "share"], [[name, share(*of_group)] for name, of_group in told.groups.items()])


def share(part: float, error: float) -> str:
    """A share and its standard error in percent."""
    return f"{100 * part:.0f} ± {100 * error:.0f}%"


def bridge_table(figures: pd.DataFrame) -> str:
    """The first station, the steps, the last station; steps add up to the difference, in the digits that are shown."""
    shown = figures[list(COLUMNS)].round(1)
    rows = [[figures["change"].iloc[0], *(f"{value:,.1f}" for value in shown.iloc[0])]]
    rows += [[change, *(f"{value:+,.1f}" for value in step)]
             for change, step in zip(figures["change"].iloc[1:], shown.diff().iloc[1:].to_numpy(), strict=True)]
    rows.append(["**this version**", *(f"**{value:,.1f}**" for value in shown.iloc[-1])])
    return table(["station, then step by step", *COLUMNS.values()], rows) + "\n\nSpending: yuan a member; balance: 10^8 yuan."


def bar_rows() -> str:
    """The rows of validation.md's table of bars."""
    lines = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8").splitlines()
    at = lines.index("## The bars") + 4
    rows = []
    for line in lines[at:]:
        if not line.startswith("|"):
            break
        name, least, measured, verdict = (cell.strip() for cell in line.strip("|").split("|"))
        rows.append(f"| {name} | {least} | {measured}, {verdict} |")
    return "\n".join(rows)


def document() -> str:
    """The page. It simulates the run of which it tells."""
    regions = load_regions()
    with tempfile.TemporaryDirectory() as out:
        made = run(Scenario("model-document", ("jiangsu", "linyi"), schemes=("nrcms",), draws=DRAWS), out=out, report=False)
        told, parameters = made.sensitivity("balance", 2021, region="jiangsu"), made.parameters
    scores = pd.read_csv(ROOT / "docs" / "validation" / "scores.csv")
    values = sum(len(entries) for name in regions for entries in regions[name].layers[0].entries.values())
    return TEMPLATE.read_text(encoding="utf-8").format(
        date=f"{date.today():%-d %B %Y}", version=__version__, values=f"{values:,}", draws=DRAWS, data=data_table(parameters),
        assumptions=assumption_table(told), groups=group_table(told), groups_note="Shapley's shares, ± one standard error",
        bars=bar_rows(), forecasts=len(scores.drop_duplicates(["region", "scheme", "cut"])), points=len(scores),
        bridge=bridge_table(pd.read_csv(BRIDGE)))


def write_document() -> None:
    PAGE.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    write_document()
