"""docs/gallery.md from a batch of scenarios/gallery: `make gallery`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from simulator.answers.batch import Batch, run_batch
from simulator.answers.batch_tables import difference_table
from simulator.designs import scenarios_of
from simulator.parameters.regions import load_regions
from simulator.report.gallery import sentences as sentences_of
from simulator.report.gallery import write_gallery
from simulator.report.style import BOTH

ROOT = Path(__file__).resolve().parent.parent.parent
HEAD = """# Gallery

Eighteen questions, asked in `scenarios/gallery/` and answered by one command:

```
fundsim batch scenarios/gallery --name gallery
```

Each answer is in sentences that are true by construction: a policy is called higher or lower only where the 95% interval of
the paired difference, over worlds and rosters, leaves out zero. All are of 50 worlds with 2,000 persons on each of ten
rosters, so they are rough; `--draws 200 --people 5000` makes them finer, and only what is missing is simulated. `make
gallery` writes this page anew. Two questions have commands of their own: all rules of each region on the people of each
(`fundsim swap linyi jiangsu`), and the least premium or deductible that meets conditions, proved in fresh worlds (`fundsim
solve`).
"""


def page(batch: Batch, figures: Path) -> str:
    """The page; pictures of scenarios with several policies are in `figures`."""
    sentences = list(sentences_of(batch, difference_table(batch), "en"))
    text = [HEAD]
    for number, scenario in enumerate(batch.plan.scenarios):
        own = [line for line in sentences if line.startswith(f"{scenario.name} · ")]
        text.append(f"\n## {scenario.title or scenario.name}\n\n{scenario.description} (`{scenario.name}`)\n")
        picture = next(iter(sorted(figures.glob(f"*-{number:03}-*.png"))), None)
        if picture:
            text.append(f"![{scenario.title}](gallery/{picture.name})\n")
        text.append("\n".join(f"- {line.removeprefix(scenario.name + ' · ')}" for line in own) + "\n")
    return "\n".join(text)


def main() -> int:
    scenarios = scenarios_of([ROOT / "scenarios" / "gallery"])
    batch = run_batch(scenarios, load_regions(), ROOT / "results" / "parts")
    made = ROOT / "results" / "gallery-page"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    write_gallery(batch, difference_table(batch), made, "en", BOTH)
    place = ROOT / "docs" / "gallery"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for picture in sorted((made / "figures").glob("*-0*.png")):
        if picture.name.startswith("curves-0"):
            shutil.copy(picture, place / picture.name)
    (ROOT / "docs" / "gallery.md").write_text(page(batch, place), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
