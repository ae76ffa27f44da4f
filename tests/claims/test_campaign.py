"""The campaign of claims in every dress and damaged, in short form."""

from __future__ import annotations

from tests.campaigns.claims import HEADER, damaged, metamorphic


def test_claims_are_paid_the_same_in_every_dress():
    assert metamorphic(24, seed=11) == {"files": 24}


def test_what_is_damaged_is_named_or_paid_as_before():
    said: list[str] = []
    count = damaged(80, seed=5, tell=said.append)
    assert said == [] and count["files"] == 80 and count["refused"] > 5 and count["settled"] > 20


def test_the_campaign_would_see_a_column_that_is_passed_over(monkeypatch):
    from simulator.claims import settle
    monkeypatch.setattr(settle.Settling, "_refuse_untitled", lambda self, block: None)
    said: list[str] = []
    damaged(1, seed=0, tell=said.append)                   # warm
    import tests.campaigns.claims as campaign
    monkeypatch.setattr(campaign, "damage", lambda data, chance: ("title gone", data.replace(b"first_pay", b"", 1)))
    assert damaged(20, seed=3, tell=said.append)["silent"] > 0 and HEADER[7] == "first_pay"
