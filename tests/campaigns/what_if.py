"""Do a page's sliders move fast, and is what they show as near to the engine as it prints? `python -m tests.campaigns.what_if`
ends with 1 if a bar is missed, with 2 where there is no browser to move them in.

A fund is simulated under the design of its default sliders, then exactly under random places of them: at 45 of 50 every figure
must be within the worst error that is printed beside it, and none beyond twice. The page is then opened in Chromium and its
sliders are moved 500 times: the script's time, and how long after the input the second animation frame comes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from simulator.answers.followed import follow, followed_outcomes
from simulator.answers.question import policies_of, worlds_of
from simulator.answers.what_if import WhatIf, one_fund, pages_figures, sliders, what_if
from simulator.engine.simulate import simulate
from simulator.parameters.regions import load_regions
from simulator.report.html import write_report
from simulator.results import read_run, write_run
from simulator.scenario import Scenario
from tests.support.browser import chromium, missing

LEAST_WITHIN, MOST_TIMES = 0.9, 2.0         # of the places within the printed error, and of that error at any
SCRIPT_MS, FRAME_MS, WORST_FRAME_MS = 8.0, 34.0, 70.0
MOVES = """async (moves) => {
  const inputs = [...document.querySelectorAll('#what-if input')], script = [], frame = [];
  const next = () => new Promise((done) => requestAnimationFrame(() => done(performance.now())));
  let seed = 1;
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let n = 0; n < moves; n++) {
    const input = inputs[n % inputs.length], began = performance.now();
    input.value = Math.round(chance() * input.max);
    const before = next();
    input.dispatchEvent(new Event('input', { bubbles: true }));
    const after = next();
    script.push(await after - await before);
    frame.push(await next() - began);
    await next();
  }
  return { script, frame };
}"""


def places(record: WhatIf, count: int, seed: int) -> np.ndarray:
    """Random places of the sliders, float64[count, L]."""
    chance, found = np.random.default_rng(seed), []
    for lever, told in zip(record.levers, record.told["levers"], strict=True):
        step = type(lever.low)(told["shown_step"])
        steps = chance.integers(0, int((lever.high - lever.low) / step) + 1, count).tolist()
        found.append([lever.position(lever.low + step * nth) for nth in steps])
    return np.array(found).T


def judged(scenario: Scenario, record: WhatIf, points: np.ndarray, vary: list[str]) -> bool:
    """Simulate the places and compare every figure of the page with them."""
    regions = load_regions()
    box, outcomes = sliders(scenario, regions, vary).box, {}
    asked = scenario.but(policies=policies_of(box, points))
    for year in follow(asked, regions, worlds_of(scenario.draws, 0)):
        outcomes |= followed_outcomes(year, record.latents)
    simulated = pages_figures(record.told, np.stack([outcomes[latent][:, 1:] for latent in record.latents]))
    predicted = pages_figures(record.told, record.values(points))
    times = {}
    for name, figure in simulated.items():
        apart = np.abs(figure - predicted[name]).reshape(-1, len(points)).max(axis=0)
        times[name] = apart / max(record.told["worst"][name], 1e-12)
        printed = record.told["worst"][name]
        print(f"{name:20} printed {printed:.5g}  worst here {apart.max():.5g}  mean {apart.mean():.5g}  within at "
              f"{int((times[name] <= 1).sum())} of {len(points)}")
    most = np.max(list(times.values()), axis=0)
    print(f"all figures within the printed error at {int((most <= 1).sum())} of {len(points)} places; "
          f"worst {most.max():.2f} times it")
    return bool((most <= 1).mean() >= LEAST_WITHIN and most.max() <= MOST_TIMES)


def moved(page: Path, folder: Path, moves: int) -> bool:
    """Move the sliders of a page, and tell how long that takes."""
    with chromium(folder) as browser:
        shown = browser.new_page(viewport={"width": 1200, "height": 900})
        shown.set_default_timeout(300_000)
        shown.goto(page.resolve().as_uri())
        shown.wait_for_selector("#what-if.moving")
        shown.locator("#what-if").scroll_into_view_if_needed()
        shown.evaluate(MOVES, 20)                                                  # the browser compiles what it runs often
        times = shown.evaluate(MOVES, moves)
    script, frame = (np.array(times[name]) for name in ("script", "frame"))
    print(f"{moves} moves: script {np.median(script):.1f} ms median, {script.max():.1f} worst; second animation frame "
          f"{np.median(frame):.1f} ms median, {np.quantile(frame, 0.95):.1f} for 95%, {frame.max():.1f} worst")
    return bool(np.median(script) <= SCRIPT_MS and np.median(frame) <= FRAME_MS and frame.max() <= WORST_FRAME_MS)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--region", default="linyi")
    parser.add_argument("--scheme", default="nrcms")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--horizon", type=int, default=10)
    parser.add_argument("--places", type=int, default=50)
    parser.add_argument("--moves", type=int, default=500)
    parser.add_argument("--vary", action="append", default=[])
    parser.add_argument("--record", type=Path, help="take the record from this file or, where there is none, put it there")
    options = parser.parse_args()
    if reason := missing():
        print(reason, file=sys.stderr)
        return 2
    asked = Scenario("what-if", (options.region,), schemes=(options.scheme,), draws=options.draws, people=options.people,
                     horizon=options.horizon)
    regions = load_regions()
    scenario = one_fund(asked, regions, None)
    if options.record and options.record.exists():
        record = WhatIf.from_bytes(options.record.read_bytes())
    else:
        record = what_if(scenario, regions, sliders(scenario, regions, options.vary))
        if options.record:
            options.record.write_bytes(record.as_bytes())
    print(", ".join(f"{lever.path}={lever.written(lever.low)}:{lever.written(lever.high)}" for lever in record.levers),
          flush=True)
    good = judged(scenario, record, places(record, options.places, 7), options.vary) if options.places else True
    with tempfile.TemporaryDirectory() as name:
        run = read_run(write_run(simulate(asked.but(draws=2, horizon=2), regions), Path(name)))
        page = write_report(run, Path(name), "en", [], {"what_if": record})
        print(f"the page without the report's own figures has {page.stat().st_size / 1e6:.2f} MB")
        good &= moved(page, Path(name), options.moves)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
