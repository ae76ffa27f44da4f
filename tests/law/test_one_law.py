"""The law stands once: an edit of a rule moves everything that hangs on it, as the parameter would."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Runs small enough for plain Python, their level not solved; prints every measure there is, for each way that is asked for. What
# comes by standard input stands in the place of the same rules. (A package whose files are edited would make its tables anew.)
# Worlds do not differ: an edited rule holds in the rule books of like places too, a stated parameter takes their place.
RUN = """
import json, sys
from simulator import Policy, Scenario, load_regions, simulate, summary_frame
from simulator.law import rules
exec(sys.stdin.read(), vars(rules))
regions = load_regions()
stated = regions["jiangsu"].value("inpatient.nrcms.deductible", 2012).value
for what in sys.argv[1:]:
    changes = {f"inpatient.nrcms.deductible.{tier}": [str(2 * amount) for amount in amounts]
               for tier, amounts in stated.items()} if what == "parameter" else {}
    scenario = Scenario("one-law", ("jiangsu",), schemes=("nrcms",), horizon=1, draws=2, people=80, systematic=False,
                        policies=(Policy("baseline", changes, level="none"),))
    frame = summary_frame(simulate(scenario, regions, threads=1))
    print(json.dumps({f"{row.measure} {row.group}": repr((row.mean, row.se)) for row in frame.itertuples()}))
"""


def measures(*what: str, edit: str = "", **environment: str) -> list[dict[str, str]]:
    """Every measure of each run, with some rules as an edit has them."""
    done = subprocess.run([sys.executable, "-c", RUN, *what], cwd=ROOT, input=edit, capture_output=True, text=True, check=True,
                          env={**os.environ, **environment, "PYTHONPATH": str(ROOT)})
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_doubled_rule_of_the_deductible_moves_every_measure_as_the_doubled_parameter_does():
    text = (ROOT / "simulator" / "law" / "rules.py").read_text(encoding="utf-8")
    rule = re.search(r"^@inlined\ndef deductible_of\(.*?(?=^@)", text, re.MULTILINE | re.DOTALL).group()
    doubled = re.sub(r"return (.+)", r"return 2 * (\1)", rule)
    assert doubled != rule
    as_it_is, by_parameter = measures("as it is", "parameter")
    by_rule, = measures("as it is", edit=doubled, NUMBA_DISABLE_JIT="1")                # compiled code would have the rule in it
    assert len(by_rule) > 150 and by_rule == by_parameter
    assert sum(by_rule[name] != as_it_is[name] for name in by_rule) > 30
