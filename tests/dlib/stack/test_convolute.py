"""Appending a TensorFlow 1 function, with variables, to an exported module."""

import numpy as np
import pytest
import tensorflow as tf

import tfdis.dlib
from tfdis.dlib.stack.hub_module import eval_function_for_module


@pytest.fixture(scope="module")
def encoder(export_projection):
    return str(export_projection("dummy_data", (8, 8, 1), 3, "gaussian_encoder") / "tfhub")


def _rotate_fn(mean, logvar):
    del logvar
    matrix = tf.compat.v1.get_variable("matrix", shape=[3, 3])
    offset = tf.compat.v1.get_variable("offset", shape=[3])
    return {"rotated": tf.matmul(mean, matrix) + offset, "mean": mean}


def test_dlib_s_own_checkpoint_of_arrays(encoder, tmp_path):
    tfdis.dlib.install()
    from disentanglement_lib.utils import convolute_hub

    matrix = np.array([[0, 1, 0], [1, 0, 0], [0, 0, -2]], np.float32)
    offset = np.array([1, 2, 3], np.float32)
    checkpoint = str(tmp_path / "variables")
    convolute_hub.save_numpy_arrays_to_checkpoint(checkpoint, matrix=matrix, offset=offset)
    path = str(tmp_path / "tfhub")
    convolute_hub.convolute_and_save(
        encoder, "gaussian_encoder", path, _rotate_fn, checkpoint, "representation"
    )
    images = np.random.RandomState(0).random_sample((4, 8, 8, 1))
    with eval_function_for_module(path) as f:
        outputs = f({"images": images}, signature="representation", as_dict=True)
    np.testing.assert_allclose(outputs["rotated"], outputs["mean"] @ matrix + offset, atol=1e-5)


def test_the_signature_s_name_is_kept_by_default(encoder, tmp_path):
    from tfdis.dlib.stack.convolute import convolute_and_save

    path = str(tmp_path / "tfhub")
    convolute_and_save(encoder, "gaussian_encoder", path, lambda mean, logvar: mean, None)
    with eval_function_for_module(path) as f:
        assert f({"images": np.zeros((2, 8, 8, 1))}, "gaussian_encoder").shape == (2, 3)


def test_missing_checkpoint(encoder, tmp_path):
    from tfdis.dlib.stack.convolute import convolute_and_save

    path = tmp_path / "tfhub"
    with pytest.raises(ValueError, match="matrix"):
        convolute_and_save(encoder, "gaussian_encoder", str(path), _rotate_fn, None)
    assert not path.exists()
