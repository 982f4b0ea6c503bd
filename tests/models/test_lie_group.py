"""The commutative Lie group VAE: what it decodes, which codes commute, and the share of features."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.linalg import expm
from small_models import ONE_LAYER

from tfdis import models, objectives

SHAPE = (4, 4, 1)


def _model(**options):
    sizes = {"image_shape": SHAPE, "latent_dim": 2, "matrix_size": 3}
    return models.CommutativeLieGroupVAE(**ONE_LAYER | sizes | options)


def _outputs(model, step=0, training=False):
    images = tf.random.stateless_uniform([5, *SHAPE], [0, 1])
    return model.outputs(images, tf.constant(step, tf.int64), training=training)


def test_the_decoder_sees_the_exponential_of_the_generators():
    model = _model()
    generators = np.random.default_rng(0).normal(size=(2, 3, 3))
    model.decoder.group.generators.assign(generators)
    z = np.array([[0.3, -1.2], [1.0, 0.5]])
    elements = np.stack([expm(row[0] * generators[0] + row[1] * generators[1]) for row in z])
    expected = model.decoder.network(elements.reshape(2, 9).astype("float32"))
    np.testing.assert_allclose(model.decoder(tf.constant(z, tf.float32)), expected, atol=1e-4)


@pytest.mark.parametrize("form", ["true", "code"])
def test_commuting_generators_have_no_commutator_and_symmetric_products_none_of_the_code(form):
    model = _model(commutator_form=form)
    # Rotations about one axis commute; their products are not symmetric.
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    model.decoder.group.generators.assign([turn, 2.0 * turn @ turn])
    losses = model.losses_of(_outputs(model))
    assert (float(losses["commutator"]) > 0.1) == (form == "code")
    # Diagonal ones have symmetric products as well.
    model.decoder.group.generators.assign([np.diag([1.0, 2.0, 3.0]), np.diag([2.0, 0.0, 1.0])])
    losses = model.losses_of(_outputs(model))
    assert float(losses["commutator"]) == 0.0
    # Twice |diag(2, 0, 3)|^2, over the square of two latents.
    assert float(losses["generator_products"]) == pytest.approx(2 * 13 / 4)


@pytest.mark.long
def test_a_share_of_the_training_steps_decodes_features_and_evaluation_none():
    model = _model(feature_share=0.3)
    decodes_features = []
    for step in range(12):
        outputs = _outputs(model, step, training=True)
        of_features = model.decoder.decode_elements(outputs.features, True)
        of_elements = model.decoder.decode_elements(outputs.elements, True)
        is_of = [
            np.allclose(outputs.reconstruction, v, atol=1e-4) for v in (of_features, of_elements)
        ]
        assert sum(is_of) == 1
        decodes_features.append(is_of[0])
        evaluated = _outputs(model, step)
        expected = model.decoder.decode_elements(evaluated.elements)
        np.testing.assert_allclose(evaluated.reconstruction, expected, atol=1e-4)
    assert 1 <= sum(decodes_features) <= 8
    again = _outputs(model, 7, training=True)
    np.testing.assert_array_equal(again.reconstruction, _outputs(model, 7, True).reconstruction)


def test_features_are_what_the_encoder_reads_the_posterior_from():
    model = _model()
    outputs = _outputs(model)
    mean, log_var = model.encoder(outputs.x)
    np.testing.assert_allclose(outputs.mean, mean, rtol=1e-6)
    np.testing.assert_allclose(outputs.log_var, log_var, rtol=1e-6)
    assert outputs.features.shape == (5, 3, 3)


def test_other_models_refuse_its_terms_and_bad_options_are_refused():
    terms = [objectives.Commutator()]
    model = models.VAE(terms=terms, image_shape=SHAPE, latent_dim=2, **ONE_LAYER)
    with pytest.raises(ValueError, match="model with a Lie group"):
        model.losses_of(
            objectives.Outputs(*[tf.zeros([1, *SHAPE])] * 2, None, *[tf.zeros([1, 2])] * 3, 0)
        )
    with pytest.raises(ValueError, match="form"):
        _model(commutator_form="transposed")
    with pytest.raises(ValueError, match="feature_share"):
        _model(feature_share=1.5)
    with pytest.raises(ValueError, match="GeneratorProducts"):
        _model(hessian_weight=-1.0)
