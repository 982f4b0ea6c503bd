"""It learns: short runs of every model on a small factorial set, and what the penalties do to TC."""

import gin
import keras
import numpy as np
import pytest
import small_models
import tensorflow as tf

from tfdis import models, objectives
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.streams.labelled_points import sample_labelled_points
from tfdis.evaluation import score
from tfdis.models.label_networks import build_label_discriminator
from tfdis.training import streams

SIZES = [11, 11, 3, 5]
SETTINGS = small_models.settings(SIZES, [2]) | {
    "beta_tc_vae": {"beta": 4.0},
    "commutative_lie_group_vae": {"matrix_size": 6, "feature_share": 0.0},
    "control_vae": {"target": objectives.StaircaseSchedule(0.5, 0.5, 10, 8.0)},
    "factor_vae": {"gamma": 10.0},
    "factor_qvae": {"temperature": 0.1, "second_batch": False},
    "qlae": {},
    "slow_vae": {"gamma": 1.0},
    "tripod": {},
    "vae": {"beta": 1.0},
}
# Methods that are terms on the VAE.
SETTINGS["hfs"] = {"beta": 0.0, "terms": [objectives.FactorisedSupport(20.0)]}
METHODS = sorted([*models.MODELS, "hfs"])


def _small_discriminator(input_tensor, is_training=True):
    x = input_tensor
    for _ in range(2):
        x = keras.layers.Dense(100, "leaky_relu")(x)
    logits = keras.layers.Dense(2)(x)
    return logits, keras.layers.Softmax()(logits)


def _smooth_decoder(latent_tensor, output_shape, is_training=True):
    x = latent_tensor
    for _ in range(2):
        x = keras.layers.Dense(128, "tanh")(x)
    return keras.layers.Reshape(output_shape)(keras.layers.Dense(256)(x))


# Convolutions and the published discriminators' layers of 1,000 units would be most of a step's time on
# these images.
NETWORKS = {"encoder": "mlp_encoder", "decoder": "mlp_decoder"}
SMALL_NETWORKS = {
    "factor_qvae": {"discriminator": _small_discriminator},
    "factor_vae": {"discriminator": _small_discriminator},
    # Its penalty divides by second derivatives, which relus do not have.
    "tripod": {"decoder": _smooth_decoder},
    "ifcvae": {"label_discriminator": build_label_discriminator(6, SIZES[2], num_hidden=1)},
}


class Squares(EnumerableData):
    """1,815 images of 16 x 16: a square's x and y (11 each), its size (3) and brightness (5)."""

    def __init__(self):
        names = ["x", "y", "size", "brightness"]
        super().__init__("squares", names, FactorStateSpace(SIZES), (16, 16, 1), "generated")

    def images_at(self, indices):
        x, y, size, brightness = self.indices_to_factors(indices).T[..., None]
        pixels = np.arange(16)
        columns = (pixels >= x + 1 - size // 2) & (pixels < x + 3 + size)
        rows = (pixels >= y + 1 - size // 2) & (pixels < y + 3 + size)
        images = rows[:, :, None] * columns[:, None, :] * (brightness[..., None] + 1) * 51
        return images[..., None].astype(np.uint8)


def _points(data):
    return sample_labelled_points(data, num=200, seed=0)


def _trained(model, steps, rate=1e-3, seed=0):
    data = Squares()
    model.compile(keras.optimizers.Adam(rate))
    model.fit(
        streams.training_stream(model, data, 64, seed, _points(data)),
        steps_per_epoch=steps,
        shuffle=False,
        verbose=0,
    )
    return model


def _build(name, seed=0, **kwargs):
    keras.utils.set_random_seed(seed)
    options = {"image_shape": (16, 16, 1), "latent_dim": 6, "seed": seed, **NETWORKS, **kwargs}
    return models.MODELS["vae" if name == "hfs" else name](**SETTINGS[name] | options)


def _evaluate(model):
    data = Squares()
    stream = streams.evaluation_stream(model, data, 64, seed=0, num_batches=8, points=_points(data))
    return model.evaluate(stream, verbose=0, return_dict=True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", METHODS)
def test_a_short_run_raises_the_elbo_and_lowers_its_own_objective(name):
    model = _build(name, **SMALL_NETWORKS.get(name, {}))
    model.compile("adam")
    before = _evaluate(model)
    after = _evaluate(_trained(model, 150))
    assert after["reconstruction_loss"] < 0.7 * before["reconstruction_loss"]
    assert after["loss"] < before["loss"]
    # Of these the KL divergence is no penalty.
    if model.is_variational and name not in ("hfs", "supervised_vae"):
        assert -after["elbo"] < 0.8 * -before["elbo"]


def _mcc(model):
    """Mean correlation of each factor with a latent of its own, of all images."""
    data = Squares()
    every = np.arange(data.num_images)
    images, factors = data.images_at(every).astype("float32") / 255, data.indices_to_factors(every)
    labels = tf.constant(factors) if model.batch_kind == "labelled" else None
    if isinstance(model, models.SlowVAE):
        codes, _ = model.encoder(images)
    else:
        codes, _ = model.infer(tf.constant(images), labels, False)
        codes = model.code(codes)
    return score(codes, factors, ["mcc"])["mcc/strong"]


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "name",
    ["control_vae", "slow_vae", "ivae", "commutative_lie_group_vae"]
    + ["factor_qvae", "fsq", "qlae", "tripod"],
)
def test_trained_latents_follow_factors_more_than_untrained_ones(name):
    if name == "slow_vae":
        gin.parse_config("pairs.sampling = 'laplace'")
    model = _build(name, **SMALL_NETWORKS.get(name, {}))
    untrained = _mcc(model)
    assert _mcc(_trained(model, 1500)) > untrained + 0.05


def _total_correlation(model, seed=0, num_samples=600):
    """TC of the aggregate posterior over the whole set, in float64: no estimate over minibatches."""
    data = Squares()
    images = data.images_at(np.arange(data.num_images)).astype("float32") / 255
    mean, log_var = (np.array(v, "float64") for v in model.encoder.predict(images, verbose=0))
    rng = np.random.default_rng(seed)
    picked = rng.integers(data.num_images, size=num_samples)
    z = mean[picked] + np.exp(log_var[picked] / 2) * rng.normal(size=(num_samples, mean.shape[1]))
    log_density = -0.5 * (np.log(2 * np.pi) + log_var + (z[:, None] - mean) ** 2 * np.exp(-log_var))

    def log_mean(values):
        top = values.max(axis=1, keepdims=True)
        return (top + np.log(np.exp(values - top).mean(axis=1, keepdims=True))).squeeze(1)

    return np.mean(log_mean(log_density.sum(2)) - log_mean(log_density).sum(1))


@pytest.mark.exhaustive
def test_beta_tcvae_and_factor_vae_have_a_lower_total_correlation_than_the_vae():
    correlations = dict.fromkeys(["vae", "beta_tc_vae", "factor_vae"])
    for name in correlations:
        model = _build(name, seed=1, **SMALL_NETWORKS.get(name, {}))
        correlations[name] = _total_correlation(_trained(model, 800, seed=1))
    assert correlations["beta_tc_vae"] < 0.5 * correlations["vae"]
    assert correlations["factor_vae"] < correlations["vae"]


def test_the_squares_are_what_they_say():
    data = Squares()
    images = data.images_at(np.arange(data.num_images))
    assert images.shape == (1815, 16, 16, 1)
    assert len(np.unique(images.reshape(1815, -1), axis=0)) == 1815
    assert isinstance(_build("vae").terms[0], objectives.KL)
    assert tf.reduce_max(images) == 255
