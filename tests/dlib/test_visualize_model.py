"""dlib_visualize_model: disentanglement_lib's own pictures, on a model whose outputs are known."""

import json
import os

import gin
import numpy as np
import pytest
from PIL import Image

from tfdis.dlib.visualize_model import visualize_model

LATENTS, SHAPE, LOGIT = 2, (64, 64, 1), 2.0
SMALL = {"num_animations": 1, "num_frames": 3, "num_points_irs": 40}


@pytest.fixture(scope="module")
def export_constant(tmp_path_factory):
    """Exports a model that decodes every code to one grey, with the results of a training."""
    import tensorflow as tf

    from tfdis.export import Signature, export_frozen, write_results

    def decode(num):
        return {"images": tf.fill([num, *SHAPE], LOGIT)}

    def encode(images):
        codes = tf.reshape(images, [-1, 64 * 64])[:, :LATENTS]
        return {"mean": codes, "logvar": tf.zeros_like(codes)}

    images = {"images": tf.TensorSpec([None, *SHAPE], tf.float32)}
    latents = {"latent_vectors": tf.TensorSpec([None, LATENTS], tf.float32)}
    signatures = {
        "gaussian_encoder": Signature(encode, images),
        "reconstructions": Signature(lambda images: decode(tf.shape(images)[0]), images),
        "decoder": Signature(
            lambda latent_vectors: {
                "images": tf.fill([1, *SHAPE], LOGIT) + 0.0 * latent_vectors[:, :1, None, None]
            },
            latents,
        ),
    }

    def export(activation="logits", names=tuple(signatures)):
        folder = tmp_path_factory.mktemp("model")
        export_frozen({name: signatures[name] for name in names}, str(folder / "tfhub"))
        config = (
            "dataset.name = 'dummy_data'\n"
            f"encoder.num_latent = {LATENTS}\n"
            f"reconstruction_loss.activation = '{activation}'\n"
        )
        write_results(str(folder / "results"), "train", {}, config)
        return folder

    return export


@pytest.mark.long
@pytest.mark.parametrize(
    ("activation", "grey"),
    [("logits", 1 / (1 + np.exp(-LOGIT))), ("tanh", np.tanh(LOGIT) / 2 + 0.5)],
)
def test_draws_what_the_model_decodes(export_constant, tmp_path, activation, grey):
    """Of the data set of the run, whatever the last step left in gin, which stays."""
    output, folder = tmp_path / "pictures", export_constant(activation)
    config = folder / "results" / "json" / "train_config.json"
    assert json.loads(config.read_text())["dataset.name"] == "'dummy_data'"
    gin.bind_parameter("dataset.name", "dsprites_full")
    gin.finalize()
    visualize_model(str(folder), str(output), **SMALL)
    assert gin.query_parameter("dataset.name") == "dsprites_full" and gin.config_is_locked()
    with Image.open(output / "sampled" / "samples.jpg") as picture:
        pixels = np.asarray(picture)
    assert pixels.shape == (8 * 64, 8 * 64, 3)
    np.testing.assert_allclose(pixels, int(255 * grey), atol=1)
    with Image.open(output / "reconstructions" / "reconstructions.jpg") as picture:
        pairs = np.asarray(picture, np.float64).reshape(8, 64, 8, 2, 64, 3)
    # The original on the left, noise; its reconstruction on the right.
    assert pairs[:, :, :, 0].std() > 30
    np.testing.assert_allclose(pairs[:, 8:-8, :, 1, 16:-16], int(255 * grey), atol=1)
    assert len(os.listdir(output / "traversals")) == LATENTS
    assert sorted(os.listdir(output / "animated_traversals")) == sorted(
        f"{kind}_cycle0.gif"
        for kind in (
            "conf_interval",
            "fitted_gaussian",
            "fixed_interval",
            "minmax_interval",
            "std_gaussian",
        )
    )
    assert (output / "interventional_effects" / "interventional_effect.png").is_file()


@pytest.mark.long
def test_bad_input_is_refused_and_leaves_nothing(export_constant, tmp_path):
    output = str(tmp_path / "pictures")
    with pytest.raises(ValueError, match="linear.*bin/visualize"):
        visualize_model(str(export_constant("linear")), output)
    with pytest.raises(ValueError, match="'reconstructions'"):
        visualize_model(str(export_constant(names=("gaussian_encoder", "decoder"))), output)
    assert os.listdir(tmp_path) == []
    os.mkdir(output)
    with pytest.raises(FileExistsError, match="pictures"):
        visualize_model(str(export_constant()), output)
    assert os.listdir(output) == []


@pytest.mark.exhaustive
def test_command(export_constant, start_command, tmp_path):
    model = f"--model_dir={export_constant()}"
    result = start_command("dlib_visualize_model", model, "--output_dir=out", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert len(os.listdir(tmp_path / "out/animated_traversals")) == 25
    assert (tmp_path / "out/interventional_effects/interventional_effect.png").is_file()


def test_a_folder_without_a_model_is_one_clear_error(start_command, tmp_path):
    result = start_command(
        "dlib_visualize_model", "--model_dir=nowhere", "--output_dir=out", cwd=tmp_path
    )
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert "nowhere, which does not exist" in line and "Traceback" not in result.stderr
    assert os.listdir(tmp_path) == []
