"""iVAE: its prior and its label, and that it finds sources which differ in variance by segment."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from small_models import ONE_LAYER

from tfdis import models, objectives
from tfdis.evaluation import mcc

SHAPE = (4, 4, 1)
SIZES = [2, 3]


def _model(**options):
    options = {"latent_dim": 3, "label_factors": ["b"], "factor_names": ["a", "b"]} | options
    return models.IVAE(SIZES, image_shape=SHAPE, **ONE_LAYER, **options)


def test_the_divergence_is_that_of_the_prior_given_the_label():
    model = _model(beta=2.0)
    images = tf.random.stateless_uniform([6, *SHAPE], [0, 1])
    labels = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]])
    outputs = model.outputs(images, tf.constant(0, tf.int64), tf.constant(labels))
    deviations = np.asarray(model.prior_of(labels).stddev(), np.float64)
    # The other factor plays no part.
    np.testing.assert_allclose(deviations[0::2], deviations[1::2], rtol=1e-6)
    assert len(np.unique(deviations[:, 0].round(5))) == 3
    mean, log_var = (np.asarray(v, np.float64) for v in (outputs.mean, outputs.log_var))
    # E_q[log q - log p] by quadrature over quantiles.
    quantiles = stats.norm.ppf((np.arange(40_000) + 0.5) / 40_000)
    z = mean[..., None] + np.exp(log_var / 2)[..., None] * quantiles
    log_q = stats.norm.logpdf(z, mean[..., None], np.exp(log_var / 2)[..., None])
    log_p = stats.norm.logpdf(z, 0.0, deviations[..., None])
    expected = (log_q - log_p).mean(2).sum(1).mean()
    losses = model.losses_of(outputs)
    assert float(losses["kl_loss"]) == pytest.approx(expected, rel=1e-3)
    assert float(losses["regularizer"]) == pytest.approx(2 * expected, rel=1e-3)


def test_the_decoder_sees_the_code_alone_and_the_encoder_the_label():
    model = _model()
    assert model.decoder.input_shape == (None, 3)
    images = tf.random.stateless_uniform([2, *SHAPE], [0, 1])
    step = tf.constant(0, tf.int64)
    means = [model.outputs(images, step, tf.constant([[0, b]] * 2)).mean for b in (0, 1)]
    assert np.abs(means[0] - means[1]).max() > 1e-4
    assert list(model.extra_signatures()) == ["conditional_encoder"]


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="ConditionalPriorKL"):
        _model(beta=-1.0)
    with pytest.raises(ValueError, match="label_factors"):
        _model(label_factors=["c"])
    with pytest.raises(ValueError, match="one label"):
        objectives.ConditionalPriorKL([], 3)


def _segments(num_segments=20, num=200, num_sources=3, seed=0):
    """Sources whose variances depend on the segment, mixed by two layers of one orthogonal matrix."""
    random_state = np.random.RandomState(seed)
    scales = random_state.uniform(0.5, 3.0, size=(num_segments, num_sources))
    labels = np.repeat(np.arange(num_segments), num)
    sources = random_state.normal(size=(len(labels), num_sources)) * scales[labels]
    mixing = np.linalg.qr(random_state.normal(size=(num_sources, num_sources)))[0]
    hidden = sources @ mixing
    observed = np.where(hidden > 0, hidden, 0.2 * hidden) @ mixing
    return sources, observed[:, None, None].astype("float32"), labels[:, None]


@pytest.mark.exhaustive
def test_it_finds_the_sources_of_segments_better_than_untrained_and_than_a_vae():
    sources, images, labels = _segments()
    likelihood = objectives.GaussianLoss("linear", scale=0.1)
    options = {"image_shape": (1, 1, 3), "latent_dim": 3, "reconstruction_loss": likelihood}
    networks = {"encoder": "mlp_encoder", "decoder": "mlp_decoder"}
    scores = {}
    for name in ("untrained", "vae", "ivae"):
        keras.utils.set_random_seed(0)
        is_vae = name == "vae"
        cls, own = (models.VAE, {}) if is_vae else (models.IVAE, {"factor_sizes": [20]})
        model = cls(**own, **options, **networks)
        model.compile(keras.optimizers.Adam(1e-3))
        stream = tf.data.Dataset.from_tensor_slices(images if is_vae else (images, labels))
        stream = stream.shuffle(4000, seed=0).batch(64).repeat()
        if name != "untrained":
            model.fit(stream, steps_per_epoch=2500, verbose=0, shuffle=False)
        codes, _ = model.infer(tf.constant(images), None if is_vae else tf.constant(labels), False)
        scores[name] = mcc(np.asarray(codes), sources)["strong"]
    assert scores["ivae"] > scores["vae"] + 0.05
    assert scores["ivae"] > scores["untrained"] + 0.05
