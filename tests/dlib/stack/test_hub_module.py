"""A module as a function of numpy arrays."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis.dlib.stack.hub_module import eval_function_for_module

v1 = tf.compat.v1


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


def _write_like_old_tensorflow_hub(path, variable, gain):
    """A module as tensorflow-hub 0.7 wrote it: two graphs, one of them tagged "train", and variables."""
    builder = v1.saved_model.Builder(str(path))
    for tags, factor in (["train"], 1000.0), ([], gain):
        with v1.Graph().as_default(), v1.Session() as session:
            images = v1.placeholder(tf.float32, [None, 2, 2, 1])
            matrix = v1.get_variable("matrix", initializer=variable, use_resource=False)
            mean = factor * tf.reshape(images, [-1, 4]) @ matrix
            info = v1.saved_model.build_tensor_info
            signature = v1.saved_model.build_signature_def(
                {"images": info(images)}, {"mean": info(mean), "logvar": info(mean - 1.0)}, "x"
            )
            signatures = {"gaussian_encoder": signature}
            session.run(v1.global_variables_initializer())
            if tags:
                builder.add_meta_graph_and_variables(session, tags, signatures)
            else:
                builder.add_meta_graph(tags, signatures)
    builder.save()


def test_modules_of_the_old_tensorflow_hub_are_read(tmp_path):
    variable = np.random.RandomState(0).normal(size=(4, 3)).astype(np.float32)
    _write_like_old_tensorflow_hub(tmp_path / "tfhub", variable, gain=2.0)
    images = np.random.RandomState(1).random_sample((5, 2, 2, 1))
    with eval_function_for_module(str(tmp_path / "tfhub")) as f:
        outputs = f({"images": images}, signature="gaussian_encoder", as_dict=True)
    expected = 2.0 * images.reshape(5, 4) @ variable
    np.testing.assert_allclose(outputs["mean"], expected, rtol=1e-5)
    np.testing.assert_allclose(outputs["logvar"], expected - 1.0, rtol=1e-5, atol=1e-6)
