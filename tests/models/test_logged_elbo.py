"""The logged reconstruction loss and ELBO of every reconstruction loss, against densities in float64."""

import numpy as np
import pytest
from logged_cases import Case, log_one_step
from scipy import ndimage, special, stats

from tfdis import objectives, registry

NUM_PIXELS = 16


def _cross_entropy(x, logits):
    return np.logaddexp(0, logits) - x * logits


def _continuous_cross_entropy(x, logits):
    return _cross_entropy(x, logits) - np.log(logits / np.tanh(logits / 2))


def _gaussian(variance):
    return lambda x, image: -stats.norm.logpdf(x, image, variance**0.5)


def _blurred(x, logits):
    difference = x - logits
    return (
        difference**2 + 7 * ndimage.uniform_filter(difference, (1, 3, 3, 1), mode="constant") ** 2
    )


def _density_of_blurred(x, logits):
    """-log N(x; logits, S) with the inverse 2 (I + 7 K'K) of S, K the matrix of the blur."""
    pixels = np.eye(NUM_PIXELS).reshape(-1, 4, 4)
    blur = ndimage.uniform_filter(pixels, (0, 3, 3), mode="constant").reshape(NUM_PIXELS, -1)
    covariance = np.linalg.inv(2 * (np.eye(NUM_PIXELS) + 7 * blur.T @ blur))
    density = stats.multivariate_normal(np.zeros(NUM_PIXELS), covariance)
    return -density.logpdf((x - logits).reshape(-1, NUM_PIXELS))[:, None, None, None]


# Name -> loss, what it is of (x, logits), and -log p(x|z); the sums over pixels of both.
LOSSES = {
    "bernoulli_loss": (objectives.BernoulliLoss(), _cross_entropy, _cross_entropy),
    "bernoulli_loss less the entropy of the images": (
        objectives.BernoulliLoss(subtract_true_image_entropy=True),
        lambda x, logits: _cross_entropy(x, logits) - _cross_entropy(x, special.logit(x)),
        _cross_entropy,
    ),
    "box_blur_mse_loss": (
        objectives.BoxBlurMSELoss(radius=1, weight=7.0),
        _blurred,
        _density_of_blurred,
    ),
    "continuous_bernoulli_loss": (
        objectives.ContinuousBernoulliLoss(),
        *[_continuous_cross_entropy] * 2,
    ),
    "gaussian_loss": (objectives.GaussianLoss("linear", 0.5), *[_gaussian(0.25)] * 2),
    "l2_loss": (
        objectives.L2Loss(),
        lambda x, logits: (x - special.expit(logits)) ** 2,
        lambda x, logits: _gaussian(0.5)(x, special.expit(logits)),
    ),
    "laplace_loss": (
        objectives.LaplaceLoss("linear", 0.1),
        *[lambda x, image: -stats.laplace.logpdf(x, image, 0.1)] * 2,
    ),
    "mse_loss": (objectives.MSELoss(), lambda x, image: (x - image) ** 2, _gaussian(0.5)),
    "standardised_loss": (
        objectives.StandardisedLoss(objectives.MSELoss(), [0.4], [0.2]),
        lambda x, y: ((x - 0.4) / 0.2 - y) ** 2,
        lambda x, y: _gaussian(0.02)(x, 0.2 * y + 0.4),
    ),
}


def test_every_registered_reconstruction_loss_is_here():
    losses = {
        name
        for name, value in registry.OBJECTIVES.items()
        if isinstance(value, type) and issubclass(value, objectives.ReconstructionLoss)
    }
    assert {name.split()[0] for name in LOSSES} == losses


@pytest.mark.long
@pytest.mark.parametrize("name", LOSSES)
def test_elbo_counts_what_the_reconstruction_loss_leaves_out_of_the_density(name, tmp_path):
    loss, value, density = LOSSES[name]
    model = Case("vae", {"beta": 1.0, "reconstruction_loss": loss}).build()
    row, outputs, _ = log_one_step(model, tmp_path)
    x, logits = (np.asarray(v, np.float64) for v in (outputs.x, outputs.reconstruction))
    expected = value(x, logits).sum((1, 2, 3)).mean()
    bound = -density(x, logits).sum((1, 2, 3)).mean() - row["kl_loss"]
    assert row["reconstruction_loss"] == pytest.approx(expected, rel=1e-4)
    assert row["elbo"] == pytest.approx(bound, rel=1e-4)
