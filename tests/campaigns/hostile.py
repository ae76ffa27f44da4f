"""Does every door bear any file? `python -m tests.campaigns.hostile`; ends with 1 if one did not.

Parameter, scenario, plan, mapping and manifest files, and sets of settings, that are shipped, shown as examples or just written,
are damaged by chance (`tests/support/damaged_files.py`): values, keys, shapes, bytes. Each is read through its own door in this
process, and some by the command. It must be refused within a second by an InputError with its place, on one line that steers no
terminal; or be taken, and then be usable, and not say the same as before where a key of it was misspelt.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.answers.bills import explain
from simulator.answers.tables import row_of
from simulator.calibration.sets import read_set
from simulator.claims.mapping import read_map
from simulator.designs import expand
from simulator.engine.doors import settle_file
from simulator.engine.simulate import simulate
from simulator.folders import MANIFEST, sealed, table_of
from simulator.parameters.errors import UNSHOWN, InputError
from simulator.parameters.planfile import plan_of_text, read_plan, text_of_plan
from simulator.parameters.read import decode, parse_yaml
from simulator.parameters.regions import load_regions, params_path
from simulator.parameters.show import as_dicts, show_rows
from simulator.report.brief import Brief
from simulator.results import read_run, write_run
from simulator.scenario import Scenario, from_dict
from tests.support.damaged_files import Tree, copied, damage_text, damage_tree, pairs_of, tree_of, tree_of_json, written

ROOT = Path(__file__).resolve().parents[2]
SECONDS, HANG, MEGABYTES = 1.0, 60, 256                    # of one file; of the wall clock; of a command
ASKED = Scenario("asked", ("linyi",), schemes=("nrcms",), horizon=1, draws=2, people=200)
CLAIMS = "person,date,tier,billed,eligible\nA,2012-01-05,county,1000,800\n"
Tell = Callable[[str], None]


class Hang(BaseException):
    """A file that is read for longer than anybody waits."""


@dataclass
class Kind:
    """Files of one kind: their sources, where a damaged one is put, how it is read, and what can be done with what was read."""

    sources: list[Path]
    put: Callable[[Path, bytes], Path]                      # a source and its damaged bytes -> the file
    read: Callable[[Path], Any]
    use: Callable[[Any], Any]                               # what it says, to be compared with what another says
    words: Callable[[Path], tuple[object, ...]]             # of the command
    others: bool = False                                    # whether it may have keys that nobody reads


def kinds(place: Path, toy: bool = False) -> dict[str, Kind]:
    """Every kind of file, with a place of its own in a folder that is there; parameters of the toy country alone if `toy`."""
    params, regions = params_path(), load_regions()
    tree, run = place / "params", place / "results" / "asked" / "run"
    for name in ("national", "province") if toy else ("national", "shandong", "linyi"):
        shutil.copytree((ROOT / "tests/toy_country" if toy else params) / name, tree / name)
    run.parent.mkdir(parents=True)
    write_run(simulate(ASKED, regions, threads=1), place / "made").rename(run)
    (place / "claims.csv").write_text(CLAIMS, encoding="utf-8")
    few = json.loads(next((params / "settings").glob("*.json")).read_text(encoding="utf-8"))       # three values, four worlds
    few |= {"laws": dict(list(few["laws"].items())[:3]), "positions": {key: few["positions"][key][:4]
                                                               for key in list(few["laws"])[:3]}}
    (place / "few.json").write_text(json.dumps(few, ensure_ascii=False, indent=1), encoding="utf-8")
    files = table_of(run)

    def anywhere(source: Path, data: bytes) -> Path:
        file = place / f"file{source.suffix}"
        file.write_bytes(data)
        return file

    def in_its_region(source: Path, data: bytes) -> Path:
        file = tree / source.parent.name / source.name
        file.write_bytes(data)
        return file

    def in_the_run(source: Path, data: bytes) -> Path:
        if data.startswith(b"{") and data.endswith(b"}\n") and len(data) % 4:      # as somebody would who has the program
            try:
                data = sealed(json.loads(data), files)
            except (ValueError, RecursionError, AttributeError):
                pass
        (run / MANIFEST).write_bytes(data)
        return run / MANIFEST

    def every_value(loaded: Any) -> list:
        return [as_dicts(show_rows(loaded[name], 2012)) for name in loaded]

    def of_run(file: Path) -> Any:
        made = read_run(file.parent)
        return made, from_dict(made.manifest["scenario"], str(file), regions)

    def slip(file: Path) -> str:
        plan = read_plan(file)
        assert plan_of_text(text_of_plan(file), "plan").plans.__len__() == len(plan.plans)
        tier = "county" if not plan.claims.tiers else next(iter(plan.claims.tiers))
        try:
            return str(explain(tier=tier, bill=8000, in_scope=80, plan=file))
        except InputError as error:                         # a bill that is not of this plan
            return str(error)

    def settled(file: Path) -> str:
        try:
            return str(settle_file(place / "claims.csv", place / "out.csv", region=None, year=2012, scheme="nrcms", mapping=file,
                lang="en",
                                   plan=ROOT / "docs/losses-example.yaml", level=None, account_balance=None, on_error="refuse",
                                   force=True)[0].as_dict())
        except InputError as error:                         # not the claims that it is a mapping of
            return str(error)

    def listed(found: Any) -> list:
        row = row_of(found[0].folder / MANIFEST, place / "results")
        assert not UNSHOWN.search(str(row)), row
        return [row, Brief(found[0], "en").lines(), Brief(found[0], "zh").lines(), found[1].as_dict()]

    plans = [*sorted((params / "plans").glob("*.yaml")), ROOT / "docs/plan-example.yaml", ROOT / "docs/losses-example.yaml"]
    return {
        "parameters": Kind(sorted(tree.glob("*/*.yaml")), in_its_region, lambda file: load_regions(tree), every_value,
                           lambda file: ("params", "show", file.parent.name, "--params", tree)),
        "scenario": Kind(sorted((ROOT / "scenarios").rglob("*.yaml")), anywhere, lambda file: expand(file, regions),
                         lambda found: [from_dict(json.loads(json.dumps(one.as_dict())), regions=regions) == one and one.as_dict()
                                        for one in found[:3]],
                         lambda file: ("batch", file, "--dry-run", "--out", place / "parts")),
        "plan": Kind(plans, anywhere, lambda file: (file, read_plan(file))[0], slip,
                     lambda file: ("explain", "--plan", file, "--tier", "county", "--bill", "8000", "--in-scope", "80")),
        "mapping": Kind(sorted((params / "claims").glob("*.yaml")), anywhere, lambda file: (file, read_map(file))[0],
                        lambda file: [re.sub("line=[0-9]+", "", repr(read_map(file))), settled(file)],
                        lambda file: ("settle", place / "claims.csv", "--map", file, "--plan", ROOT / "docs/losses-example.yaml",
                                      "--out", place / "out.csv", "--force")),
        "manifest": Kind([run / MANIFEST], in_the_run, of_run, listed, lambda file: ("ls", place / "results"), others=True),
        "settings": Kind([place / "few.json"], anywhere, read_set,
                         lambda found: [found.text(), found.told],
                         lambda file: ("run", ROOT / "scenarios/subsidy.yaml", "--settings", file, "--draws", "2", "--people",
                             "200",
                                       "--horizon", "1", "--out", place / "parts")),
    }


def judged(error: BaseException, file: Path) -> str:
    """What is wrong with how a file was refused; empty where nothing is."""
    if not isinstance(error, InputError):
        return f"{type(error).__name__}: {str(error)[:200]!r}"
    for one in (error, *error.others):
        said = str(one)
        if "\n" in said or UNSHOWN.search(said):
            return f"steers a terminal: {said[:200]!r}"
        if len(said) > 2_000:
            return f"{len(said)} characters: {said[:200]!r}"
    whole = file.suffix == ".json" and str(file.parent) in str(error)                     # a checksum is of the whole
    if not whole and not (error.file and error.line):
        return f"no place: {str(error)[:200]!r}"
    return ""


@contextmanager
def alarmed() -> Iterator[None]:
    """Hang, if the block lasts longer than anybody waits."""
    def end(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Campaign:
    """Damaged files of every kind, read one by one."""

    def __init__(self, place: Path, seed: int, tell: Tell = print, only: str | None = None,
                 toy: bool = False) -> None:
        self.place, self.chance, self.tell, self.count = place, random.Random(seed), tell, Counter[str]()
        self.kinds = {name: kind for name, kind in kinds(place, toy).items() if only in (None, name)}
        self.raw = {source: source.read_bytes() for kind in self.kinds.values() for source in kind.sources}
        self.trees = {source: tree_of_json(json.loads(raw)) if source.suffix == ".json" else tree_of(
            parse_yaml(decode(raw, str(source)), str(source))) for source, raw in self.raw.items()}
        for kind in self.kinds.values():                    # what is compiled and cached once
            for source in kind.sources[:1]:
                kind.use(kind.read(kind.put(source, self.raw[source])))
        self.without = b""                                  # the file without the key that was misspelt
        self.slowest, self.longest, self.most = 0.0, 0.0, 0    # in this process; of a refused command, and its kilobytes

    def damaged(self, name: str) -> tuple[Path, str, bytes]:
        """A source of a kind, what was done to it, and the bytes."""
        chance, kind = self.chance, self.kinds[name]
        source = chance.choice(kind.sources)
        if chance.random() < 0.3:
            done, data = damage_text(self.raw[source], chance)
            return source, done, data
        tree: Tree = copied(self.trees[source])
        others = [copied(self.trees[chance.choice((self.kinds[other] if chance.random() < 0.2 else kind).sources)])
                  for other in chance.sample(list(self.kinds), min(2, len(self.kinds)))]
        done = "+".join(damage_tree(tree, others, chance) for _ in range(chance.choice((1, 1, 1, 2, 3))))
        if done == "misspell":
            bare = copied(tree)
            for pairs, before in zip(pairs_of(bare), pairs_of(self.trees[source]), strict=True):
                pairs[:] = [pair for pair, other in zip(pairs, before, strict=True) if pair[0] == other[0]]
            self.without = written(bare).encode()
        return source, done, (written(tree) + "\n").encode("utf-8", "surrogatepass")

    def one(self, name: str) -> None:
        """Read one damaged file in this process."""
        kind = self.kinds[name]
        source, done, data = self.damaged(name)
        file = kind.put(source, data)
        start, wrong, found = time.process_time(), "", None
        try:
            with alarmed():
                found = kind.read(file)
            self.count["taken"] += 1
        except BaseException as error:                      # noqa: BLE001  (what the campaign looks for)
            if isinstance(error, KeyboardInterrupt):
                raise
            wrong = judged(error, file)
            self.count["refused"] += 1
        took = time.process_time() - start
        if took > SECONDS:                                  # once more, for other programs slow this one too
            start = time.process_time()
            with suppress(InputError):
                kind.read(file)
            took = min(took, time.process_time() - start)
        self.slowest = max(self.slowest, took)
        if not wrong and took > SECONDS:
            wrong = f"{took:.1f} s"
        if not wrong and found is not None:
            wrong = self._usable(kind, source, done, found)
        if wrong:
            self._bad(f"{name}, {source.parent.name}/{source.name}, {done}: {wrong}", source, data)
        if file == source:
            source.write_bytes(self.raw[source])
        self.count[name] += 1

    def _usable(self, kind: Kind, source: Path, done: str, found: Any) -> str:
        """What is wrong with what was taken; empty where nothing is."""
        try:
            with alarmed():
                said = kind.use(found)
        except BaseException as error:                      # noqa: BLE001
            if isinstance(error, KeyboardInterrupt):
                raise
            return f"taken, not usable: {type(error).__name__}: {str(error)[:300]!r}"
        if done != "misspell" or kind.others:
            return ""
        try:
            silent = said == kind.use(kind.read(kind.put(source, self.without)))
        except InputError:
            silent = False
        return "a misspelt key that nobody told of" if silent else ""

    def _bad(self, text: str, source: Path, data: bytes) -> None:
        self.count["bad"] += 1
        kept = self.place / f"bad-{self.count['bad']:04d}{source.suffix}"
        kept.write_bytes(data)
        self.tell(f"{text}  [{kept.name}]")

    def command(self, name: str) -> None:
        """Read one damaged file by the command, in a process of its own; also how much memory that took."""
        kind = self.kinds[name]
        source, done, data = self.damaged(name)
        file = kind.put(source, data)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ended = subprocess.run([sys.executable, "-c", PEAK, *map(str, kind.words(file))], cwd=self.place, capture_output=True,
                               timeout=10 * HANG)
        took = sum(getattr(resource.getrusage(resource.RUSAGE_CHILDREN), which) - getattr(before, which)
                   for which in ("ru_utime", "ru_stime"))
        err, _, peak = ended.stderr.decode("utf-8", "replace").rpartition("peak ")
        wrong = "" if ended.returncode in (0, 1, 2) else f"exit code {ended.returncode}"
        if "Traceback" in err or ended.returncode == 2 and err.count("error: ") < 1:
            wrong = f"says {err[-300:]!r}"
        if UNSHOWN.search(err + ended.stdout.decode("utf-8", "replace")):
            wrong = "steers a terminal"
        if ended.returncode == 2 and int(peak or 0) > MEGABYTES * 1024:
            wrong = f"{int(peak) // 1024} MB"
        self.count["command refused"] += ended.returncode == 2
        if ended.returncode == 2:
            self.most, self.longest = max(self.most, int(peak or 0)), max(self.longest, took)
        if wrong:
            self._bad(f"command, {name}, {source.parent.name}/{source.name}, {done}: {wrong}", source, data)
        if file == source:
            source.write_bytes(self.raw[source])
        self.count["commands"] += 1


# Runs the command and says its peak (of this program alone), in kilobytes, at the end of stderr.
PEAK = r"""
import atexit, re, sys
from pathlib import Path
from simulator.cli.main import main
atexit.register(lambda: print("peak", re.search(r"VmHWM:\s*([0-9]+)", Path("/proc/self/status").read_text())[1], file=sys.stderr))
sys.argv[0] = "fundsim"
main()
"""


def run(files: int, commands: int, seed: int, tell: Tell = print, only: str | None = None,
        keep: Path | None = None, toy: bool = False) -> Counter[str]:
    """Read so many damaged files in this process and by the command, kind by kind."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        place = keep or Path(folder).resolve()
        place.mkdir(parents=True, exist_ok=True)
        campaign = Campaign(place, seed, tell, only, toy)
        names = list(campaign.kinds)
        for n in range(files):
            campaign.one(names[n % len(names)])
        for n in range(commands):
            campaign.command(names[n % len(names)])
        tell(f"slowest {campaign.slowest:.2f} s; commands refused: {campaign.longest:.2f} s, {campaign.most // 1024} MB at most")
    return campaign.count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--commands", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", help="one alone")
    parser.add_argument("--keep", type=Path, help="a new folder for what was not borne")
    asked = parser.parse_args()
    start = time.process_time()
    found = run(asked.files, asked.commands, asked.seed, lambda text: print(text, flush=True), asked.kind, asked.keep)
    print(dict(found), f"{time.process_time() - start:.0f} s")
    return int(bool(found["bad"]))


if __name__ == "__main__":
    sys.exit(main())
