"""The two losses of latent quantisation: the authors' gradients, bad input, models without quantised codes."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import models, objectives, ops

# One image of the fixed inputs of the authors' published code, 4 latents; its losses in their code.
CODES = [0.74186042, -0.18649357, 0.46676006, 0.04623187]
VALUES = [0.49625632, -0.15910342, 0.51554981, 0.03194291]
LOSS = 0.01591405
NEIGHBOUR = 5.0  # A second value of every table, which nothing is near to.


def _losses():
    tables = tf.Variable([[v, NEIGHBOUR] for v in VALUES])
    codes = tf.Variable([CODES])
    with tf.GradientTape(persistent=True) as tape:
        values, indices = ops.nearest_values(codes, tables)
        quantised = objectives.QuantisedCodes(values, tf.convert_to_tensor(codes), indices)
        outputs = objectives.Outputs(
            *[None] * 6, step=tf.constant(0, tf.int64), quantised=quantised
        )
        terms = objectives.Quantisation(), objectives.Commitment()
        found = [term(outputs) for term in terms]
    return found, [tape.gradient(weighted, [tables, codes]) for _, weighted in found]


def test_both_are_the_authors_number_and_weigh_a_hundredth():
    for value, weighted in _losses()[0]:
        assert float(value) == pytest.approx(LOSS, rel=1e-5)
        assert float(weighted) == pytest.approx(0.01 * LOSS, rel=1e-5)


def test_one_moves_the_values_and_the_other_the_codes():
    _, ((tables, codes), (no_tables, of_codes)) = _losses()
    assert codes is None and no_tables is None
    difference = 0.01 * 2 * (np.array(CODES) - VALUES) / 4
    np.testing.assert_allclose(of_codes[0], difference, rtol=1e-4)
    np.testing.assert_allclose(tables[:, 0], -difference, rtol=1e-4)
    np.testing.assert_array_equal(tables[:, 1], 0.0)


@pytest.mark.parametrize("cls", [objectives.Quantisation, objectives.Commitment])
def test_bad_weights_and_models_without_quantised_codes_are_refused(cls):
    with pytest.raises(ValueError, match=f"{cls.__name__}.*0 or more"):
        cls(-1.0)
    with pytest.raises(ValueError, match="needs quantised codes.*QLAE"):
        models.Autoencoder(image_shape=(8, 8, 1), terms=[cls()])
