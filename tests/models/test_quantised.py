"""Models with quantised codes: what the decoder sees, the published loss, codes of exports, bad input."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models
from tfdis.export.model import export_trainable, vae_signatures
from tfdis.training.grouped_adam import GroupedAdamW

SHAPE = (8, 8, 1)
OPTIONS = {"image_shape": SHAPE, "latent_dim": 3, **ONE_LAYER}
# From dark to bright, so that codes differ.
BRIGHTNESS = np.linspace(0, 1, 6)[:, None, None, None]
IMAGES = tf.constant(np.random.default_rng(0).uniform(size=(6, *SHAPE)) * BRIGHTNESS, tf.float32)


def _qlae(**options):
    keras.utils.set_random_seed(0)
    model = models.QLAE(**OPTIONS | options)
    model.encoder.get_layer("means").kernel.assign(model.encoder.get_layer("means").kernel * 6)
    return model


def _outputs(model, step=0):
    return model.outputs(IMAGES, tf.constant(step, tf.int64), training=True)


def test_the_values_start_evenly_spaced_and_the_decoder_sees_the_nearest():
    model = _qlae(num_values=5)
    table = np.linspace(-0.5, 0.5, 5)
    np.testing.assert_allclose(model.quantiser.values, np.tile(table, (3, 1)), atol=1e-7)
    outputs = _outputs(model)
    mean = model.encoder(IMAGES)[0].numpy()
    np.testing.assert_array_equal(outputs.mean, mean)
    indices = np.abs(mean[:, :, None] - table).argmin(2)
    assert len(np.unique(indices)) > 2
    np.testing.assert_array_equal(model.indices(IMAGES), indices)
    np.testing.assert_allclose(outputs.z, table[indices], atol=1e-7)
    np.testing.assert_array_equal(outputs.reconstruction, model.decoder(outputs.z))
    np.testing.assert_array_equal(model(IMAGES)["reconstruction"], model.decoder(outputs.z))
    np.testing.assert_array_equal(_outputs(model, 1).z, outputs.z)


def test_the_loss_is_published_one_by_hand():
    model = _qlae(quantisation_weight=0.3, commitment_weight=0.2)
    losses = model.losses_of(_outputs(model))
    mean = model.encoder(IMAGES)[0].numpy().astype(np.float64)
    tables = model.quantiser.values.numpy().astype(np.float64)
    nearest = np.take_along_axis(
        tables[None], np.abs(mean[:, :, None] - tables).argmin(2)[..., None], 2
    )
    distance = ((mean - nearest[..., 0]) ** 2).mean()
    p = tf.sigmoid(model.decoder(tf.constant(nearest[..., 0], tf.float32))).numpy()
    x = IMAGES.numpy().astype(np.float64)
    cross_entropy = -(x * np.log(p) + (1 - x) * np.log(1 - p)).mean()
    assert float(losses["loss"]) == pytest.approx(cross_entropy + 0.5 * distance, rel=1e-5)
    assert "kl_loss" not in model.statistics.names


def test_the_encoder_has_the_gradient_of_the_code_as_if_nothing_were_rounded():
    model = _qlae(quantisation_weight=0.0, commitment_weight=0.0)
    means = model.encoder.get_layer("means")
    with tf.GradientTape() as tape:
        loss = model.losses_of(_outputs(model))["loss"]
    gradient = tape.gradient(loss, means.bias.value)
    z = _outputs(model).z
    with tf.GradientTape() as tape:
        tape.watch(z)
        per_pixel = model.reconstruction_loss(IMAGES, model.decoder(z)) / 64
        loss = tf.reduce_mean(per_pixel)
    np.testing.assert_allclose(
        gradient, tf.reduce_sum(tape.gradient(loss, z), 0), rtol=1e-4, atol=1e-9
    )


def test_the_encoders_second_head_is_cut_off():
    names = {v.path for v in _qlae().trainable_variables}
    assert "quantiser/values" in names and not any("log_var" in name for name in names)


@pytest.mark.long
def test_exports_and_encode_give_the_quantised_code(tmp_path):
    model = _qlae()
    code = _outputs(model).z
    exported = vae_signatures(model)["gaussian_encoder"].function(images=IMAGES)
    np.testing.assert_array_equal(exported["mean"], code)
    np.testing.assert_array_equal(model.encode(IMAGES).mean(), code)
    # A sample of the exported posterior is the code, too.
    assert float(tf.reduce_max(tf.exp(0.5 * exported["logvar"]))) < 1e-12
    export_trainable(model, str(tmp_path / "saved_model"))
    loaded = tf.saved_model.load(str(tmp_path / "saved_model"))
    np.testing.assert_array_equal(loaded(IMAGES), code)


def test_fsq_takes_one_number_of_levels_or_one_for_each_latent():
    for levels, numbers in ((4, [4, 4, 4]), ([8, 5, 3], [8, 5, 3])):
        model = models.FSQ(levels, **OPTIONS)
        codes = tf.constant(np.random.default_rng(0).normal(size=(500, 3)) * 3, tf.float32)
        seen = [len(np.unique(column)) for column in model.code(codes).numpy().T]
        assert seen == numbers
        loss = model.losses_of(_outputs(model))
        assert float(loss["loss"]) == pytest.approx(
            float(loss["reconstruction_loss"]) / 64, rel=1e-6
        )


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: models.QLAE(num_values=1, **OPTIONS), "num_values of at least 2"),
        (lambda: models.QLAE(commitment_weight=-1.0, **OPTIONS), "Commitment.*0 or more"),
        (lambda: models.FSQ(1, **OPTIONS), "levels of at least 2"),
        (lambda: models.FSQ([5, 5], **OPTIONS), "levels for 3 latents"),
    ],
)
def test_bad_options_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.long
def test_training_moves_the_values_by_their_loss_alone(eagerly):
    """With AdamW a table of values keeps its size; as a kernel it would shrink."""
    model = _qlae(quantisation_weight=0.0)
    before = model.quantiser.values.numpy()
    model.compile(GroupedAdamW(0.01, weight_decay=10.0))
    model.fit(IMAGES, batch_size=6, verbose=0)
    np.testing.assert_array_equal(model.quantiser.values, before)
