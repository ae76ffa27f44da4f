"""What the system refuses ends in one line, touches nothing and leaves nothing half-written: the campaign in short form."""

from __future__ import annotations

from simulator.folders import Aside
from tests.campaigns.faults import VERBS, make_home, mounted, refuse

QUICK = {verb: VERBS[verb] for verb in ("explain", "settle", "settle skip", "settle force", "claims map")}


def test_what_the_system_refuses_ends_in_one_line_and_leaves_nothing(tmp_path):
    make_home(tmp_path, run=False)
    said: list[str] = []
    count = refuse(tmp_path, QUICK, 20, seed=2, tell=said.append)
    assert said == [] and count["tried"] == 20 and min(count[kind] for kind in ("call", "size", "files")) > 1


def test_a_disk_that_is_full_or_cannot_be_written_is_told_of(tmp_path):
    make_home(tmp_path, run=False)
    said: list[str] = []
    mounted(tmp_path, {verb: QUICK[verb] for verb in ("settle", "settle skip")}, said.append)
    assert said == []


def test_the_campaign_would_see_what_is_left_half_written(tmp_path, monkeypatch):
    make_home(tmp_path, run=False)
    monkeypatch.setattr(Aside, "discard", lambda self: self.release())
    said: list[str] = []
    refuse(tmp_path, {"settle": VERBS["settle"]}, 4, seed=2, tell=said.append)
    assert any("left" in line and ".partial-" in line for line in said)
