"""Reconstruction losses against numpy in float64."""

import itertools

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, ndimage, special, stats

from tfdis import objectives

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(3, 4, 4, 2)) * 3
IMAGES = RNG.uniform(size=LOGITS.shape)


def _cross_entropy(x, p):
    return -(x * np.log(p) + (1 - x) * np.log(1 - p))


def _pixels(activation):
    if activation == "logits":
        return special.expit(LOGITS)
    return np.clip(np.tanh(LOGITS) / 2 + 0.5, 1e-6, 1 - 1e-6)


@pytest.mark.parametrize("activation", ["logits", "tanh"])
def test_bernoulli_sums_the_cross_entropy_over_pixels(activation):
    expected = _cross_entropy(IMAGES, _pixels(activation)).sum((1, 2, 3))
    actual = objectives.BernoulliLoss(activation)(IMAGES, LOGITS)
    np.testing.assert_allclose(actual, expected, rtol=1e-9)


def test_bernoulli_without_the_images_entropy_is_zero_at_the_image():
    loss = objectives.BernoulliLoss(subtract_true_image_entropy=True)
    np.testing.assert_allclose(loss(IMAGES, special.logit(IMAGES)), 0.0, atol=1e-9)
    assert (loss(IMAGES, LOGITS).numpy() > 0).all()


@pytest.mark.parametrize("activation", ["logits", "tanh"])
def test_l2_sums_squares_after_the_activation(activation):
    expected = ((IMAGES - _pixels(activation)) ** 2).sum((1, 2, 3))
    actual = objectives.L2Loss(activation)(IMAGES, LOGITS)
    np.testing.assert_allclose(actual, expected, rtol=1e-5)


def _loss(*args, **kwargs):
    return objectives.ContinuousBernoulliLoss(*args, **kwargs)


@pytest.mark.parametrize("logit", [-40.0, -3.0, -0.3001, -0.2999, -1e-3, 0.0, 1e-8, 0.2, 1.0, 30.0])
def test_continuous_bernoulli_is_a_density_with_the_mean_that_it_claims(logit):
    x = np.linspace(0, 1, 200001)[:, None, None, None]
    density = np.exp(-_loss()(x, np.full_like(x, logit)).numpy())
    assert integrate.trapezoid(density, dx=5e-6) == pytest.approx(1.0, abs=1e-6)
    mean = integrate.trapezoid(density * x[:, 0, 0, 0], dx=5e-6)
    image = _loss().images(np.full([1, 1, 1, 1], logit))
    assert image.numpy().item() == pytest.approx(mean, abs=1e-6)


def test_continuous_bernoulli_has_the_normaliser_of_the_paper():
    p = special.expit(LOGITS)
    normaliser = 2 * np.arctanh(1 - 2 * p) / (1 - 2 * p)
    expected = (_cross_entropy(IMAGES, p) - np.log(normaliser)).sum((1, 2, 3))
    np.testing.assert_allclose(_loss()(IMAGES, LOGITS), expected, rtol=1e-9)
    small = LOGITS / 3
    np.testing.assert_allclose(_loss("tanh")(IMAGES, small / 2), _loss()(IMAGES, small), rtol=1e-9)


def test_continuous_bernoulli_is_smooth_where_the_series_begins():
    logits = tf.Variable(np.array([0.3 - 1e-9, 0.3 + 1e-9]).reshape(2, 1, 1, 1))
    with tf.GradientTape(persistent=True) as tape:
        value = _loss()(tf.zeros_like(logits), logits)
        image = _loss().images(logits)
    for function in (value, image):
        below, above = function.numpy().ravel()
        assert above == pytest.approx(below, abs=1e-8)
        below, above = tape.gradient(function, logits).numpy().ravel()
        assert above == pytest.approx(below, abs=1e-8)


@pytest.mark.parametrize("activation", ["logits", "tanh", "linear"])
@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_gaussian_and_laplace_are_the_densities_of_scipy(activation, scale):
    pixels = LOGITS if activation == "linear" else _pixels(activation)
    for loss, law in (
        (objectives.GaussianLoss, stats.norm),
        (objectives.LaplaceLoss, stats.laplace),
    ):
        expected = -law.logpdf(IMAGES, pixels, scale).sum((1, 2, 3))
        actual = loss(activation, scale=scale)(IMAGES, LOGITS)
        np.testing.assert_allclose(actual, expected, rtol=1e-5)


@pytest.mark.long
def test_a_learned_scale_starts_where_it_is_told_and_finds_the_root_mean_square():
    loss = objectives.GaussianLoss("linear", scale=0.5, learn_scale=True)
    assert float(loss.log_scale) == pytest.approx(np.log(0.5), abs=1e-6)
    x, y = tf.constant(IMAGES, tf.float32), tf.constant(LOGITS, tf.float32)
    optimizer, variables = keras.optimizers.Adam(0.05), loss.layer.trainable_variables
    optimizer.build(variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(x, y))
        optimizer.apply(tape.gradient(value, variables), variables)

    for _ in range(300):
        step()
    root_mean_square = np.sqrt(((IMAGES - LOGITS) ** 2).mean())
    assert float(tf.exp(loss.log_scale)) == pytest.approx(root_mean_square, rel=1e-3)


def test_a_learned_scale_has_a_floor():
    loss = objectives.GaussianLoss("linear", learn_scale=True)
    loss.layer.raw.assign(-1e4)
    assert float(loss.log_scale) == -6.0
    assert np.isfinite(loss(IMAGES.astype("float32"), IMAGES.astype("float32"))).all()


def test_mse_is_the_mean_after_division_by_the_number_of_pixels():
    actual = objectives.MSELoss()(IMAGES, LOGITS) / (4 * 4 * 2)
    np.testing.assert_allclose(actual, ((IMAGES - LOGITS) ** 2).mean((1, 2, 3)), rtol=1e-9)


def test_box_blur_mse_adds_the_error_of_the_blurred_images():
    def blurred(images):
        return np.stack(
            [ndimage.convolve(i, np.full((3, 3, 1), 1 / 9), mode="constant") for i in images]
        )

    plain = ((IMAGES - LOGITS) ** 2).sum((1, 2, 3))
    augmented = ((blurred(IMAGES) - blurred(LOGITS)) ** 2).sum((1, 2, 3))
    actual = objectives.BoxBlurMSELoss(radius=1, weight=7.0)(IMAGES, LOGITS)
    np.testing.assert_allclose(actual, plain + 7 * augmented, rtol=1e-9)


def test_box_blur_mse_grows_with_the_shift_of_a_square_where_mse_does_not():
    def square(left):
        image = np.zeros((1, 64, 64, 1), "float32")
        image[0, 28:36, left : left + 8] = 1.0
        return image

    shifts = [8, 16, 24, 32]
    plain = [float(objectives.MSELoss()(square(8), square(8 + s))[0]) for s in shifts]
    blurred = [float(objectives.BoxBlurMSELoss()(square(8), square(8 + s))[0]) for s in shifts]
    assert plain == [128.0] * 4
    assert all(later > earlier * 1.1 for earlier, later in itertools.pairwise(blurred))


LOSSES = [
    objectives.BernoulliLoss,
    objectives.BoxBlurMSELoss,
    objectives.ContinuousBernoulliLoss,
    objectives.GaussianLoss,
    objectives.L2Loss,
    objectives.LaplaceLoss,
    objectives.MSELoss,
]


def _losses_and_activations():
    return [(loss, activation) for loss in LOSSES for activation in loss.activations]


@pytest.mark.parametrize(("loss", "activation"), _losses_and_activations())
def test_huge_logits_stay_finite(loss, activation):
    x = tf.constant([0.0, 1.0, 0.5, 1.0], shape=[1, 4, 1, 1])
    logits = tf.constant([80.0, -80.0, 0.0, 1e6], shape=[1, 4, 1, 1])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = loss(activation)(x, logits)
        images = loss(activation).images(logits)
    assert np.isfinite(value).all()
    assert np.isfinite(tape.gradient(value, logits)).all()
    if activation != "linear":
        assert images.numpy().min() >= 0
        assert images.numpy().max() <= 1


@pytest.mark.parametrize(("loss", "activation"), _losses_and_activations())
def test_losses_are_one_finite_number_an_image_and_best_at_the_image(loss, activation):
    x = np.full((2, 4, 4, 1), 0.25, "float32")
    logits = {
        "logits": special.logit(0.25),
        "tanh": np.arctanh(2 * 0.25 - 1),
        "linear": 0.25,
    }[activation]
    best = loss(activation)(x, np.full_like(x, logits)).numpy()
    worse = loss(activation)(x, np.full_like(x, logits + 1)).numpy()
    assert best.shape == (2,)
    if loss is not objectives.ContinuousBernoulliLoss:  # Its mean is not the sigmoid.
        assert (best < worse).all()


GIN_NAMES = {
    "bernoulli_loss": objectives.BernoulliLoss,
    "box_blur_mse_loss": objectives.BoxBlurMSELoss,
    "continuous_bernoulli_loss": objectives.ContinuousBernoulliLoss,
    "gaussian_loss": objectives.GaussianLoss,
    "l2_loss": objectives.L2Loss,
    "laplace_loss": objectives.LaplaceLoss,
    "mse_loss": objectives.MSELoss,
}


@pytest.mark.parametrize("name", sorted(GIN_NAMES))
def test_gin_names_losses_and_their_activation(name):
    gin.parse_config(f"reconstruction_loss.loss_fn = @{name}")
    if "mse" in name:
        with pytest.raises(ValueError, match=r"activation to be bound.*'linear'.*'logits'"):
            objectives.make_reconstruction_loss()
    else:
        assert objectives.make_reconstruction_loss().activation == "logits"
    for activation in GIN_NAMES[name].activations:
        gin.parse_config(f"reconstruction_loss.activation = '{activation}'")
        loss = objectives.make_reconstruction_loss()
        assert isinstance(loss, GIN_NAMES[name])
        assert loss.activation == activation


def test_gin_sets_the_options_of_a_loss():
    gin.parse_config(
        """
        reconstruction_loss.loss_fn = @gaussian_loss
        gaussian_loss.scale = 0.25
        gaussian_loss.learn_scale = True
        """
    )
    loss = objectives.make_reconstruction_loss()
    assert float(loss.log_scale) == pytest.approx(np.log(0.25), abs=1e-6)
    assert loss.layer is not None


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: objectives.BernoulliLoss("relu"), "Received: 'relu'"),
        (lambda: objectives.BernoulliLoss("linear"), "Received: 'linear'"),
        (lambda: objectives.ContinuousBernoulliLoss("linear"), "Received: 'linear'"),
        (lambda: objectives.GaussianLoss(scale=0.0), "positive scale"),
        (lambda: objectives.GaussianLoss(scale=1e-3, learn_scale=True), r"exp\(-6\)"),
        (lambda: objectives.LaplaceLoss(scale=-1.0), "positive scale"),
        (lambda: objectives.BoxBlurMSELoss(weight=-1.0), "weight to be 0 or more"),
    ],
)
def test_bad_arguments_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    "loss",
    [
        objectives.L2Loss("linear"),
        objectives.MSELoss("linear"),
        objectives.BoxBlurMSELoss("linear", radius=1),
        objectives.GaussianLoss("linear", scale=0.5),
        objectives.LaplaceLoss("linear", scale=0.1),
        objectives.StandardisedLoss(objectives.MSELoss("linear"), [0.3], [0.2]),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_with_what_it_leaves_out_a_loss_is_the_log_of_a_density(loss):
    """What the ELBO counts: exp(-(loss + left_out)) integrates to 1, here over images of one pixel."""
    x = np.linspace(-30.0, 30.0, 600_001, dtype=np.float32).reshape(-1, 1, 1, 1)
    log_density = loss(tf.constant(x), tf.fill(x.shape, 0.25)) + loss.left_out(tf.constant(x))
    assert integrate.trapezoid(np.exp(-log_density), x.ravel()) == pytest.approx(1.0, rel=1e-3)


def test_the_entropy_that_the_bernoulli_loss_subtracts_is_left_out():
    x, logits = tf.constant(IMAGES, tf.float32), tf.constant(LOGITS, tf.float32)
    subtracted = objectives.BernoulliLoss(subtract_true_image_entropy=True)
    whole = objectives.BernoulliLoss()(x, logits)
    np.testing.assert_allclose(subtracted(x, logits) + subtracted.left_out(x), whole, rtol=1e-5)
