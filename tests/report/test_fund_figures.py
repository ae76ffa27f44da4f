"""The figures of how funds fare: the exhaustion strip, all sides on one axis, and differences within the same world."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from simulator import words
from simulator.report.format import number
from simulator.report.fund_figures import (
    MOST_GAPS,
    MOST_LABELS,
    balance_fan,
    balance_gap,
    balance_gaps,
    balance_overlay,
    moved_apart,
)
from simulator.report.plots import figures
from simulator.report.select import Selection
from simulator.report.style import columns_of, style, wrap, write
from simulator.results import COMPARISON, Run
from tests.support.fund_runs import fund_run

MEMBERS = 1000.0
LONG = "a-policy-whose-name-is-as-long-as-a-name-may-be-" + "x" * 16


def selected(folder: Path, policies: int = 0, regions: tuple[str, ...] = ("jiangsu", "linyi"), years: int = 5) -> Selection:
    """A run of two regions and more policies, whose later sides hold more; its comparison has every pair of sides."""
    names = ["baseline", *(f"p{n}-{LONG[:60]}" for n in range(policies))]
    rng = np.random.default_rng(7)
    shocks = rng.normal(0, 100, (40, years)).cumsum(axis=1)
    balances = {(region, "nrcms", name): MEMBERS * (shocks + 30 * at + rng.normal(0, 5, (40, years)))
                for at, (name, region) in enumerate((name, region) for name in names for region in regions)}
    run = fund_run(folder, balances, members=MEMBERS)
    sides = [(f"{region}: {name}", f"{region}: baseline") for region in regions for name in names[1:]]
    sides += [(regions[0], region) for region in regions[1:]]
    rows = [("balance", "", "1e8 CNY", "nrcms", 2012, a, b, *[0.0] * 6, "") for a, b in sides]
    return Selection(Run(run.folder, run.manifest, run.summary, pd.DataFrame(rows, columns=COMPARISON), run.parameters))


def drawn(make) -> Figure:
    with style():
        return make()


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def exhausted(selection, side) -> np.ndarray:
    return selection.events.path(side, "nrcms", "exhausted").mean(axis=0)


def test_the_strip_s_numbers_are_those_of_the_paths_and_end_with_the_title_s(tmp_path):
    selection = selected(tmp_path)
    figure = drawn(lambda: balance_fan(selection, "nrcms", "en"))
    shares = [100 * exhausted(selection, side) for side in selection.sides]
    assert sorted(texts(figure)) == sorted(number(share) for of_side in shares for share in of_side if share >= 1)
    strip = figure.axes[2]
    assert strip.get_xlim() == (2011.5, 2016.5) == figure.axes[0].get_xlim()
    shades = [patch.get_facecolor()[3] for patch in strip.patches[5:]]
    assert shades == pytest.approx([0.85 * share / 100 for share in shares[0]])


def test_fifty_years_leave_room_for_some_numbers_only(tmp_path):
    figure = drawn(lambda: balance_fan(selected(tmp_path, years=50), "nrcms", "en"))
    assert 20 <= len(texts(figure)) <= 40


def test_the_overlay_names_every_line_at_its_end_with_the_probability_of_exhaustion(tmp_path):
    selection = selected(tmp_path)
    figure = drawn(lambda: balance_overlay(selection, "nrcms", "en"))
    shares = {side.region: exhausted(selection, side)[-1] for side in selection.sides}
    assert {text.replace("\n", "") for text in texts(figure)} == {
        f"{100 * shares['jiangsu']:.1f}%  Jiangsu", f"{100 * shares['linyi']:.1f}%  Linyi"}
    medians = [np.median(selection.fund_path(side, "nrcms", "balance_per_head"), axis=0) for side in selection.sides]
    lines = [line.get_ydata() for line in figure.axes[0].lines if len(line.get_ydata()) == 5]
    assert all(any(np.allclose(line, median, atol=1e-9) for line in lines) for median in medians)
    assert len(figure.axes[0].collections) == 2                               # two bands


def test_a_ring_stands_at_the_first_year_by_which_half_of_the_draws_are_exhausted(tmp_path):
    balance = np.repeat([[1.0, -1.0, -1.0], [1.0, 1.0, -1.0]], [11, 9], axis=0)
    run = fund_run(tmp_path, {("linyi", "nrcms", "baseline"): balance, ("jiangsu", "nrcms", "baseline"): np.abs(balance)})
    figure = drawn(lambda: balance_overlay(Selection(run), "nrcms", "en"))
    assert [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_marker() == "o"] == [2013]


@pytest.mark.parametrize("policies", [3, 15])
def test_of_many_policies_the_overlay_has_thin_lines_one_band_and_labels_that_do_not_overlap(tmp_path, policies):
    selection = selected(tmp_path, policies)
    figure = drawn(lambda: balance_overlay(selection, "nrcms", "zh"))
    axes, sides = figure.axes[0], 2 * (policies + 1)
    assert len(axes.collections) == 1 and len(axes.texts) == min(sides, MOST_LABELS)
    assert {line.get_linewidth() for line in axes.lines if len(line.get_xdata()) == 5} == {1.2, 0.7}
    with style():
        figure.draw_without_rendering()
        boxes = sorted((Text.get_window_extent(text) for text in axes.texts), key=lambda box: box.y0)      # without their lines
    over = [low.y1 - high.y0 for low, high in zip(boxes, boxes[1:], strict=False)]
    assert max(over) <= 6, over                            # of 25 dots a line: what hangs below the letters may meet
    assert max(box.x1 for box in boxes) <= figure.bbox.x1


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 150), st.floats(0.1, 4)), min_size=1, max_size=20))
def test_things_that_are_moved_apart_keep_their_order_overlap_nowhere_and_stay_inside(wanted):
    wanted = sorted(wanted)
    places = moved_apart([want for want, _ in wanted], [size for _, size in wanted], 0.0, 100.0)
    sizes = [size for _, size in wanted]
    for nth in range(len(places) - 1):
        assert places[nth + 1] - places[nth] >= (sizes[nth] + sizes[nth + 1]) / 2 - 1e-9
    assert places[0] - sizes[0] / 2 >= -1e-9 and places[-1] + sizes[-1] / 2 <= 100 + 1e-9


def test_things_that_are_moved_apart_move_no_further_than_they_must():
    assert moved_apart([10.0, 10.0, 50.0], [4.0, 4.0, 4.0], 0, 100) == pytest.approx([8.0, 12.0, 50.0])
    assert moved_apart([1.0, 99.0], [4.0, 4.0], 0, 100) == pytest.approx([2.0, 98.0])


def test_a_gap_is_that_of_the_same_world_not_of_the_bands(tmp_path):
    selection = selected(tmp_path)
    gap = balance_gap(selection, ("jiangsu", "linyi"), "nrcms")
    first, second = (selection.fund_path(side, "nrcms", "balance_per_head") for side in selection.sides)
    assert gap.tolist() == (first - second).tolist()
    assert gap.std(axis=0).max() < 0.2 * first.std(axis=0).min()             # the worlds' common shocks cancel
    figure = drawn(lambda: balance_gaps(selection, "nrcms", "en"))
    medians = [line.get_ydata() for line in figure.axes[0].lines if len(line.get_ydata()) == 5]
    assert any(np.allclose(line, np.median(gap, axis=0)) for line in medians)
    assert "Jiangsu less Linyi" in figure.axes[0].get_title(loc="left")


def test_each_policy_s_difference_from_its_baseline_has_a_panel_up_to_a_number(tmp_path):
    selection = selected(tmp_path, 9)
    figure = drawn(lambda: balance_gaps(selection, "nrcms", "zh"))
    assert len(selection.pairs) == 19 and sum(axes.get_visible() for axes in figure.axes) == MOST_GAPS
    captions = {name: caption for name, _, caption in figures(selection, "en")}
    assert captions["gap-nrcms"].endswith("The first 12 of 19 pairs are drawn.")


def test_one_side_alone_has_neither_overlay_nor_differences(tmp_path):
    names = [name for name, _, _ in figures(selected(tmp_path, regions=("linyi",)), "en")]
    assert "balance-nrcms" in names and not [name for name in names if name.startswith(("overlay", "gap"))]


@pytest.mark.parametrize("lang", words.LANGUAGES)
@pytest.mark.parametrize("make", [balance_fan, balance_overlay, balance_gaps])
@pytest.mark.parametrize("policies, years", [(0, 1), (5, 4)])
def test_nothing_touches_the_edge_of_a_figure(tmp_path, lang, make, policies, years):
    write(lambda: make(selected(tmp_path / "run", policies, years=years), "nrcms", lang), tmp_path, "figure")
    picture = imread(tmp_path / "figure.png")[..., :3]
    assert picture.shape[1] == 1500 and (picture.min(axis=2) < 0.9).mean() > 0.02
    assert all((edge == 1).all() for edge in (picture[:3], picture[-3:], picture[:, :3], picture[:, -3:]))


@pytest.mark.parametrize("width", [12, 26])
def test_a_word_wider_than_a_line_is_broken_and_nothing_is_lost(width):
    lines = wrap(f"Linyi ({LONG})", width)
    assert max(map(columns_of, lines)) <= width and "".join(lines).replace(" ", "") == f"Linyi({LONG})"
    assert wrap("short words stay", 40) == ["short words stay"]
