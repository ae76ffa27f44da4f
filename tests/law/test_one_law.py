"""The law stands once: an edit of a rule moves everything that hangs on it, as the parameter would."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A run in plain Python, small enough for it, its level not solved; prints every measure there is.
RUN = """
import json, sys
from simulator import Policy, Scenario, load_regions, simulate, summary_frame
regions = load_regions()
stated = regions["jiangsu"].value("inpatient.nrcms.deductible", 2012).value
changes = {f"inpatient.nrcms.deductible.{tier}": [str(2 * amount) for amount in amounts]
           for tier, amounts in stated.items()} if sys.argv[1] == "parameter" else {}
scenario = Scenario("one-law", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=2, people=120,
                    policies=(Policy("baseline", changes, level="none"),))
frame = summary_frame(simulate(scenario, regions, threads=1))
print(json.dumps({f"{row.measure} {row.group}": repr((row.mean, row.se)) for row in frame.itertuples()}))
"""


def measures(package: Path, what: str) -> dict[str, str]:
    """Every measure of the run by the package that stands in a folder."""
    done = subprocess.run([sys.executable, "-c", RUN, what], cwd=package, capture_output=True, text=True, check=True,
                          env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(package)})
    return json.loads(done.stdout)


def test_a_doubled_rule_of_the_deductible_moves_every_measure_as_the_doubled_parameter_does(tmp_path):
    for name in ("simulator", "params"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    rules = tmp_path / "simulator" / "law" / "rules.py"
    text = rules.read_text(encoding="utf-8")
    rule = re.search(r"^def deductible_of\(.*?(?=^@)", text, re.MULTILINE | re.DOTALL).group()
    doubled = re.sub(r"return (.+)", r"return 2 * (\1)", rule)
    assert doubled != rule
    rules.write_text(text.replace(rule, doubled), encoding="utf-8")
    as_it_is, by_rule, by_parameter = measures(ROOT, ""), measures(tmp_path, ""), measures(ROOT, "parameter")
    assert len(by_rule) > 150 and by_rule == by_parameter
    assert sum(by_rule[name] != as_it_is[name] for name in by_rule) > 30
