"""Do the intervals of `solve` hold the truth? `python -m tests.campaigns.optima` (half a minute); ends with 1 if not.

Problems of `tests/support/known_optima.py`, whose best policy and probabilities are known in closed form: of a hundred, 92 to 98
truths lie inside each stated 95% interval, and every policy that is called an answer meets what was asked.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import NamedTuple

from simulator.answers.solve import ANSWER
from tests.support.known_optima import problem


class Counted(NamedTuple):
    """Of one problem, or of several added up: whether, or how often."""

    answered: int
    at_once: int                 # at the first attempt
    true: int                    # the policy meets what was asked
    two_sided: int               # the condition's interval holds the truth
    one_sided: int               # so does its one-sided bound
    goal: int                    # and the goal's interval
    false_answers: int


def counted(seed: int, draws: int, confirm: int) -> Counted:
    """One problem solved and compared with its truth."""
    known = problem(seed)
    found = known.solved(draws, confirm)
    share, cost, (condition, goal) = known.true_share(found.point), known.true_cost(found.point), found.fresh
    answered = found.verdict == ANSWER
    return Counted(answered, found.attempts == 1, share <= known.share, condition.low <= share <= condition.high,
                   share <= condition.at_most, goal.low <= cost <= goal.high, answered and share > known.share)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=100, help="of seeds 0, 1, 2 ...")
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--confirm", type=int, default=500)
    asked = parser.parse_args()
    began = time.process_time()
    every = Counted(*map(sum, zip(*(counted(seed, asked.draws, asked.confirm) for seed in range(asked.problems)), strict=True)))
    print(f"{asked.problems} problems: {every}; {time.process_time() - began:.0f} s of processor")
    held = all(0.92 <= count / asked.problems <= 0.98 for count in (every.two_sided, every.one_sided, every.goal))
    return 0 if held and every.false_answers == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
