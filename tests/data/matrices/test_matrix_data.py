"""Matrices of data sets: the gin configurable `pgm`, quantised factors, what a network sees, streams."""

import numpy as np
import pytest

from tfdis.data.matrices.matrix_data import make_matrix_data
from tfdis.data.matrices.matrix_stream import SEEN, draw_matrices, matrix_stream
from tfdis.data.matrices.quantised import QuantisedData
from tfdis.data.named import get_named_ground_truth_data


@pytest.fixture(scope="module")
def hearts():
    return get_named_ground_truth_data("dsprites_hearts")


@pytest.fixture(scope="module")
def matrices(hearts):
    return make_matrix_data(hearts, "easy1", most_values=(3, 5, 4))


def test_values_are_spread_over_the_range_of_the_factor(hearts):
    data = QuantisedData(hearts, [3, 5, 40])
    assert data.factors_num_values == [3, 5, 8]
    factors = np.array([[2, 4, 7], [1, 1, 0]])
    images = data.sample_observations_from_factors(factors, np.random.RandomState(0))
    # 2 of 3 is 4 of 6; 4 of 5 is floor(4 * 6.4) = 25 of 32.
    expected = hearts.sample_observations_from_factors(
        np.array([[4, 25, 7], [2, 6, 0]]), np.random.RandomState(0)
    )
    np.testing.assert_array_equal(images, expected)
    drawn = data.sample_factors(200, np.random.RandomState(0))
    assert drawn.max(axis=0).tolist() == [2, 4, 7] and not drawn.min(axis=0).any()


@pytest.mark.parametrize("seen", SEEN)
def test_a_batch_shows_the_panels_of_its_factors(matrices, seen):
    def encode(observations):
        return observations.reshape(len(observations), -1)[:, ::512] + 1

    state = np.random.RandomState(1)
    matrix = matrices.sample(np.random.RandomState(1), observed=seen in ("images", "codes"))
    context, answers, positions = draw_matrices(matrices, 3, state, seen, encode)
    assert context.shape[:2] == (3, 8) and answers.shape[:2] == (3, 6)
    assert context.dtype == answers.dtype == np.float32 and positions.dtype == np.int64
    embed = {
        "images": lambda _, observations: observations,
        "codes": lambda _, observations: encode(observations),
        "values": lambda factors, _: factors / np.array([2.0, 4.0, 3.0]) - 0.5,
        "onehot": lambda factors, _: np.concatenate(
            [np.arange(n) == factors[:, i : i + 1] for i, n in enumerate((3, 5, 4))], axis=1
        ),
    }[seen]
    np.testing.assert_allclose(context[0], embed(matrix.context_factors, matrix.context), rtol=1e-6)
    np.testing.assert_allclose(answers[0], embed(matrix.answer_factors, matrix.answers), rtol=1e-6)
    assert positions[0] == matrix.position


def test_images_are_those_of_the_factors(matrices):
    matrix = matrices.sample(np.random.RandomState(0))
    for factors, images in (
        (matrix.context_factors, matrix.context),
        (matrix.answer_factors, matrix.answers),
    ):
        expected = matrices.data.sample_observations_from_factors(factors, np.random.RandomState(0))
        np.testing.assert_array_equal(images, expected)


@pytest.mark.parametrize(
    ("pgm_type", "counts"), [("easy1", {1}), ("hard_3", {3}), ("easy_mixed", {1, 2, 3})]
)
def test_the_type_says_how_many_factors_are_constant(pgm_type, counts):
    matrices = make_matrix_data(get_named_ground_truth_data("dummy_data"), pgm_type)
    state = np.random.RandomState(0)
    found = set()
    for _ in range(20):
        drawn = matrices.sample(state, observed=False)
        rows = drawn.context_factors[:6].reshape(2, 3, -1)
        found.add(int((rows == rows[:, :1]).all(axis=(0, 1)).sum()))
    assert found == counts


def test_a_stream_is_a_function_of_the_step(matrices):
    def draw(step):
        return draw_matrices(matrices, 2, np.random.RandomState(step), "values")

    whole = list(matrix_stream(draw, num_batches=4))
    for ((context, answers), positions), step in zip(whole, range(4), strict=True):
        for tensor, array in zip((context, answers, positions), draw(step), strict=True):
            np.testing.assert_array_equal(tensor, array)
    ((context, _), _) = next(iter(matrix_stream(draw, start_step=2)))
    np.testing.assert_array_equal(context, whole[2][0][0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pgm_type": "medium1"}, "easy or hard.*Received: 'medium1'"),
        ({"pgm_type": "easy4"}, "1, 2, 3 or mixed.*Received: 'easy4'"),
        (
            {"pgm_type": "easy1"},
            r"abstract_dsprites.*Received: dsprites_hearts.*most_values.*\[6, 32, 8\]",
        ),
        ({"pgm_type": "easy1", "most_values": [3, 3]}, r"each of the 3 factors.*\[3, 3\]"),
    ],
)
def test_bad_input(hearts, options, message):
    with pytest.raises(ValueError, match=message):
        make_matrix_data(hearts, **options)
