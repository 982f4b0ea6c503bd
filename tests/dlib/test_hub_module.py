"""A module as a function of numpy arrays."""

import numpy as np
import pytest

from tfdis.dlib.hub_module import eval_function_for_module


@pytest.fixture(scope="module")
def module_path(export_projection):
    return str(export_projection("dummy_data", image_shape=(8, 8, 1)) / "tfhub")


def test_any_batch_size_and_type(module_path):
    images = np.random.RandomState(0).random_sample((7, 8, 8, 1))
    with eval_function_for_module(module_path) as f:
        every = f({"images": images}, signature="representation", as_dict=True)
        assert isinstance(every["default"], np.ndarray)
        assert every["default"].dtype == np.float32
        for part in (images[:1], images[:3], list(images[:2]), images[:0]):
            codes = f({"images": part}, signature="representation")
            np.testing.assert_allclose(codes, every["default"][: len(part)], atol=1e-6)
        ones = np.ones((1, 8, 8, 1))
        np.testing.assert_array_equal(
            f({"images": ones.astype(np.uint8)}, "representation"),
            f({"images": ones}, "representation"),
        )


def test_clear_errors(module_path, tmp_path):
    with eval_function_for_module(module_path) as f:
        with pytest.raises(ValueError, match="'gaussian_encoder'.*'representation'"):
            f({"images": np.zeros((1, 8, 8, 1))}, signature="gaussian_encoder")
        expected = r"shape \(None, 8, 8, 1\).*Received: shape \(2, 16, 16, 3\)"
        with pytest.raises(ValueError, match=expected):
            f({"images": np.zeros((2, 16, 16, 3))}, signature="representation")
        with pytest.raises(ValueError, match=r"inputs \['images'\].*\['image'\]"):
            f({"image": np.zeros((1, 8, 8, 1))}, signature="representation")
    with (
        eval_function_for_module(str(tmp_path)) as f,
        pytest.raises(FileNotFoundError, match="saved_model.pb"),
    ):
        f({"images": np.zeros((1, 8, 8, 1))}, signature="representation")
