"""Studies narrowed to some values of their names."""

import pytest

from tfdis.sweeps.build import build_points
from tfdis.sweeps.only import only
from tfdis.sweeps.point import Point


def test_a_papers_study_is_narrowed_by_macros_seeds_and_gin_files():
    points = build_points("overlap")
    kept = only(points, ["GRID_SPACING=8,6", "BETA=1e-3", "model.random_seed=0:3"])
    assert len(kept) == 2 * 2 * 3
    assert {line for point in kept for line in point.bindings if "SPACING" in line} == {
        "GRID_SPACING = 8",
        "GRID_SPACING = 6",
    }
    kept = only(points, ["gin_file=overlap_adagvae", "GRID_SPACING=1"])
    assert {point.gin_files[0].rpartition("/")[2] for point in kept} == {"overlap_adagvae.gin"}
    assert only(points, []) == points


def test_what_the_kept_points_need_is_kept():
    points = build_points("preliminary_study", seeds=range(2))
    kept = only(points, ["gin_file=betavae_paper", "model.random_seed=1"])
    assert [point.name for point in kept] == ["pretrained", "betavae,seed=1"]


def test_texts_match_with_and_without_quotes_and_the_last_line_counts():
    points = [Point(name, bindings=("data = 'a'", f'data = "{name}"')) for name in "ab"]
    for text in ("data='b'", "data=b", 'data="b"'):
        assert [point.name for point in only(points, [text])] == ["b"]


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (["GRID_SPACING=9"], "GRID_SPACING of values that points have: 8, 7.*Received: 9"),
        (["SPACING=8"], "GRID_SPACING, BETA, model.random_seed, gin_file. Received: SPACING"),
        (["gin_file=overlap"], "overlap_betavae.*Received: 'overlap'"),
        (["GRID_SPACING"], "--only=NAME=VALUE"),
    ],
)
def test_what_no_point_has_is_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        only(build_points("overlap"), axes)


def test_values_that_no_point_has_together_are_refused():
    points = [Point("x", bindings=("a = 1", "b = 1")), Point("y", bindings=("a = 2", "b = 2"))]
    with pytest.raises(ValueError, match="together. Received: a=1 b=2"):
        only(points, ["a=1", "b=2"])
