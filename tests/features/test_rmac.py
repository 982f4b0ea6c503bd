"""RMAC and its variant with principal components against numpy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.features import PCARMAC, RMAC


def _l2(v):
    norm = np.linalg.norm(v, axis=-1, keepdims=True)
    return v / np.where(norm == 0, 1, norm)


def _regions(maps, kernels, strides):
    """Normalised maxima of every window, by loops, in float64."""
    maps, vectors = maps.astype("float64"), []
    for kernel, stride in [*zip(kernels, strides, strict=True), (None, 1)]:
        if kernel is None:
            vectors.append(maps.max(axis=(1, 2)))
            continue
        for row in range(0, maps.shape[1] - kernel + 1, stride):
            for column in range(0, maps.shape[2] - kernel + 1, stride):
                window = maps[:, row : row + kernel, column : column + kernel]
                vectors.append(window.max(axis=(1, 2)))
    return _l2(np.stack(vectors, axis=1))


def _maps(*shape):
    return np.maximum(np.random.default_rng(0).normal(size=shape), 0).astype("float32")


@pytest.mark.parametrize(
    ("shape", "options"),
    [((3, 7, 7, 16), {}), ((2, 2, 2, 8), {"kernels": [1], "strides": [1]})],
)
def test_rmac(shape, options):
    maps = _maps(*shape)
    regions = _regions(maps, options.get("kernels", (1, 3, 5)), options.get("strides", (1, 2, 2)))
    assert regions.shape[1] == (5 if options else 63)
    actual = RMAC(**options)(maps)
    np.testing.assert_allclose(actual, _l2(regions.sum(axis=1)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(actual, axis=-1), 1, rtol=1e-6)


def test_blank_maps_stay_zero_with_a_finite_gradient():
    maps = np.zeros((2, 7, 7, 4), "float32")
    maps[1, 2, 3] = [0, 1, 0, 2]
    maps = tf.constant(maps)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        features = RMAC()(maps)
        value = tf.reduce_sum(features * [1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(features[0], np.zeros(4))
    np.testing.assert_allclose(features[1], np.array([0, 1, 0, 2]) / np.sqrt(5), rtol=1e-6)
    assert np.isfinite(tape.gradient(value, maps)).all()


def test_kernels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="feature maps of 2x2.*kernels=.1, 3, 5.*resize_to"):
        RMAC()(np.zeros((1, 2, 2, 4), "float32"))
    with pytest.raises(ValueError, match="as many strides"):
        RMAC(kernels=[1, 2], strides=[1])


def _pca(vectors, num_components):
    """Mean, and leading directions and variances, by singular values."""
    flat = vectors.reshape(-1, vectors.shape[-1])
    mean = flat.mean(axis=0)
    _, singular, rows = np.linalg.svd(flat - mean, full_matrices=False)
    return mean, rows[:num_components], (singular**2 / (len(flat) - 1))[:num_components]


@pytest.mark.parametrize("whiten", [False, True])
@pytest.mark.parametrize("num_components", [None, 3])
def test_principal_components(whiten, num_components):
    sample, maps = _maps(40, 5, 5, 6), _maps(4, 5, 5, 6)
    pooling = PCARMAC(num_components, whiten)
    pooling.fit(sample)
    mean, rows, variances = _pca(_regions(sample, (1, 3, 5), (1, 2, 2)), num_components or 6)
    if whiten:
        rows = rows / np.sqrt(variances)[:, None]
    regions = _l2((_regions(maps, (1, 3, 5), (1, 2, 2)) - mean) @ rows.T)
    expected, actual = _l2(regions.sum(axis=1)), pooling(maps).numpy()
    # The sign of a direction is arbitrary, but the same for all images.
    signs = np.sign((expected * actual).sum(axis=0))
    np.testing.assert_allclose(actual, expected * signs, atol=2e-5)


def test_whitened_components_have_variance_one():
    sample = _maps(60, 5, 5, 4)
    pooling = PCARMAC(whiten=True)
    pooling.fit(sample)
    vectors = _regions(sample, (1, 3, 5), (1, 2, 2)).reshape(-1, 4)
    projected = (vectors - pooling.mean.numpy()) @ pooling.projection.numpy().T
    np.testing.assert_allclose(np.cov(projected, rowvar=False), np.eye(4), atol=1e-4)


def test_a_channel_that_is_always_zero_gives_zero():
    sample = _maps(40, 5, 5, 4)
    sample[..., 2] = 0
    pooling = PCARMAC(whiten=True)
    pooling.fit(sample)
    features = pooling(sample).numpy()
    assert np.isfinite(features).all()
    np.testing.assert_array_equal(features[:, 3], 0)


def test_unfitted_it_is_refused_and_fitted_it_is_saved(tmp_path):
    pooling = PCARMAC(num_components=2, kernels=[1], strides=[1])
    maps = _maps(10, 2, 2, 4)
    with pytest.raises(ValueError, match="before fit"):
        pooling(maps)
    with pytest.raises(ValueError, match="2 or more maps"):
        pooling.fit(maps[:1])
    model = keras.Sequential([keras.Input((2, 2, 4)), pooling])
    model.save(tmp_path / "unfitted.keras")
    with pytest.raises(ValueError, match="before fit"):
        keras.saving.load_model(tmp_path / "unfitted.keras").layers[0](maps)
    pooling.fit(maps)
    model.save(tmp_path / "fitted.keras")
    again = keras.saving.load_model(tmp_path / "fitted.keras")
    np.testing.assert_array_equal(again.layers[0](maps), pooling(maps))
    assert pooling.trainable_weights == []


def test_more_components_than_channels_are_refused():
    with pytest.raises(ValueError, match="at most 4"):
        PCARMAC(num_components=5).fit(_maps(3, 5, 5, 4))
    with pytest.raises(ValueError, match="1 or more"):
        PCARMAC(num_components=0)
