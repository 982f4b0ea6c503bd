"""Factors of matrices: which rules hold, which answers are wrong, and what cannot be drawn."""

import numpy as np
import pytest

from tfdis.data.matrices.design import NUM_ANSWERS, draw_factors

SIZES = [5, 6, 3, 4]


def _drawn(hard, sampling, num=40, num_active=2):
    random_state = np.random.RandomState(0)
    return [draw_factors(random_state, SIZES, num_active, hard, sampling) for _ in range(num)]


def _is_right(answer, drawn):
    """Whether an answer keeps the active factors of the last row constant."""
    row = [*drawn.panels[-1, :-1], answer]
    return all(len({panel[factor] for panel in row}) == 1 for factor in drawn.active)


@pytest.mark.parametrize("sampling", ["dlib", "unique"])
@pytest.mark.parametrize("hard", [False, True])
def test_one_answer_is_right(hard, sampling):
    for drawn in _drawn(hard, sampling):
        assert _is_right(drawn.panels[-1, -1], drawn)
        assert len(drawn.alternatives) == NUM_ANSWERS - 1
        assert not any(_is_right(answer, drawn) for answer in drawn.alternatives)


def test_active_factors_are_constant_in_rows_and_the_others_have_no_rule():
    for drawn in _drawn(hard=False, sampling="dlib"):
        different = np.array(
            [[len(set(row)) for row in drawn.panels[:, :, f]] for f in range(len(SIZES))]
        )
        first_rows = different[:, :-1]
        is_constant = (first_rows == 1).all(axis=1)
        assert sorted(drawn.active) == np.flatnonzero((different == 1).all(axis=1)).tolist()
        assert np.flatnonzero(is_constant).tolist() == sorted(drawn.active)
        assert not (first_rows == 3).all(axis=1).any()


def _num_repeated(drawn):
    rows = [tuple(answer) for answer in drawn.alternatives]
    return len(rows) - len(set(rows))


def test_unique_answers_are_different_and_dlib_s_need_not_be():
    sizes = [3, 3]
    random_state = np.random.RandomState(0)
    repeated = {
        sampling: sum(
            _num_repeated(draw_factors(random_state, sizes, 1, False, sampling)) for _ in range(30)
        )
        for sampling in ("dlib", "unique")
    }
    assert repeated["unique"] == 0 and repeated["dlib"] > 10


def test_hard_answers_keep_more_of_the_right_one_and_only_unique_heeds_hard():
    def kept(hard, sampling):
        """Share of the active factors that the wrong answers have right."""
        found = [
            (d.alternatives[:, d.active] == d.panels[-1, -1, d.active]).mean()
            for d in _drawn(hard, sampling, num=100, num_active=3)
        ]
        return np.mean(found)

    assert kept(True, "unique") > kept(False, "unique") + 0.1
    easy, hard = _drawn(False, "dlib"), _drawn(True, "dlib")
    assert all(
        np.array_equal(a.alternatives, b.alternatives) for a, b in zip(easy, hard, strict=True)
    )


@pytest.mark.parametrize(
    ("sizes", "num_active", "sampling", "message"),
    [
        ([5, 2, 4], 1, "dlib", r"at least 3 values.*\[5, 2, 4\]"),
        ([5, 5], 3, "dlib", "as many relations as factors.*3 relations"),
        ([5, 5], 1, "hard", "pgm.sampling.*Received: 'hard'"),
        ([3], 1, "unique", "Received none: the factors have too few values"),
    ],
)
def test_bad_input(sizes, num_active, sampling, message):
    with pytest.raises(ValueError, match=message):
        draw_factors(np.random.RandomState(0), sizes, num_active, False, sampling)
