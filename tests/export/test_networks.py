"""Every registered network can be exported in the frozen form that TensorFlow 1.14 reads."""

import itertools

import gin
import numpy as np
import pytest
import tensorflow as tf

from tfdis import registry
from tfdis.export.frozen import export_frozen
from tfdis.export.model import computing_in_float32, vae_signatures
from tfdis.models import VAE

# A network without a partner in the other table gets the default one.
PAIRS = itertools.zip_longest(sorted(registry.ENCODERS), sorted(registry.DECODERS))
NETWORKS = [
    pytest.param(
        encoder or "conv_encoder",
        decoder or "deconv_decoder",
        dtype,
        image_shape,
        marks=[] if encoder in is_shown else [pytest.mark.exhaustive],
    )
    for encoder, decoder in PAIRS
    for dtype, image_shape, is_shown in (
        ("float32", (64, 64, 3), []),
        ("mixed_bfloat16", (64, 64, 3), ["conv_encoder"]),
        (
            "float32",
            (28, 50, 1),
            ["conv_padless_encoder", "fc_encoder"],
        ),  # Padded or cropped by many.
    )
]


@pytest.mark.long
@pytest.mark.usefixtures("few_filters")
@pytest.mark.parametrize("encoder, decoder, dtype, image_shape", NETWORKS)
def test_network(
    encoder, decoder, dtype, image_shape, tmp_path, read_meta_graph, unknown_to_tensorflow_1_14
):
    # Fully connected networks of large images take gigabytes while they are frozen.
    if "fc_" in (encoder[:3], decoder[:3]):
        image_shape = (8, 8, 3)
    gin.parse_config("mlp_encoder.hidden_units = (16,)\nmlp_decoder.hidden_units = (16,)")
    model = VAE(image_shape, 4, encoder=encoder, decoder=decoder)
    images = np.random.RandomState(0).random_sample((2, *image_shape)).astype(np.float32)
    expected = model.decoder(model.encoder(images)[0])
    for layer in model._flatten_layers():
        layer.dtype_policy = dtype
    with computing_in_float32(model):
        export_frozen(vae_signatures(model), str(tmp_path / "m"))
    meta_graph = read_meta_graph(tmp_path / "m")
    assert unknown_to_tensorflow_1_14(meta_graph.graph_def) == []
    signatures = tf.saved_model.load(str(tmp_path / "m")).signatures
    mean = signatures["gaussian_encoder"](images=tf.constant(images))["mean"]
    logits = signatures["decoder"](latent_vectors=mean)["images"]
    np.testing.assert_allclose(logits, expected, atol=1e-5)
