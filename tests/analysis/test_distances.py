"""Reconstruction losses as distances, against numpy."""

import numpy as np
import pytest
from scipy.ndimage import convolve

from tfdis.analysis import mean_squared_difference, overlap_curves, reconstruction_distance
from tfdis.objectives import BernoulliLoss, BoxBlurMSELoss, L2Loss, MSELoss


@pytest.fixture(name="images")
def _images():
    return np.random.RandomState(0).uniform(0.05, 0.95, size=(2, 3, 8, 8, 2)).astype(np.float32)


def test_squared_errors_are_the_mean_squared_difference(images):
    expected = mean_squared_difference(*images)
    for loss in (MSELoss(), L2Loss(), L2Loss("tanh")):
        np.testing.assert_allclose(reconstruction_distance(loss)(*images), expected, rtol=1e-4)


def test_cross_entropy_of_the_images_themselves(images):
    x, y = images.astype(np.float64)
    expected = -np.mean(x * np.log(y) + (1 - x) * np.log(1 - y), axis=(1, 2, 3))
    received = reconstruction_distance(BernoulliLoss())(*images)
    np.testing.assert_allclose(received, expected, rtol=1e-5)
    binary = reconstruction_distance(BernoulliLoss())(*(images > 0.5).astype(np.float32))
    assert np.all(np.isfinite(binary)) and np.all(binary > 1)


def test_box_blur(images):
    kernel = np.full((3, 3), 1 / 9)
    blurred = np.stack(
        [
            [convolve(image[..., c], kernel, mode="constant") for c in range(2)]
            for image in images[0] - images[1]
        ]
    )
    expected = mean_squared_difference(*images) + 5 * np.mean(blurred**2, axis=(1, 2, 3))
    loss = BoxBlurMSELoss(radius=1, weight=5.0)
    np.testing.assert_allclose(reconstruction_distance(loss)(*images), expected, rtol=1e-4)


def test_overlap_is_the_closed_form():
    curves = overlap_curves()
    assert len(curves) == 8 * 7
    shared = np.minimum(8, curves["grid_spacing"] * curves["steps"])
    np.testing.assert_allclose(curves["distance"], 2 * 8 * shared / 12288, rtol=1e-6)


def test_box_blur_sees_how_far_a_square_moved_where_mse_does_not():
    blurred = overlap_curves([8], loss=reconstruction_distance(BoxBlurMSELoss()))["distance"]
    assert np.all(np.diff(blurred) > 0)
    plain = overlap_curves([8], loss=reconstruction_distance(MSELoss()))["distance"]
    np.testing.assert_allclose(plain, 2 * 64 / 12288, rtol=1e-6)
