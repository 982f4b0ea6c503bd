"""Exports of models with labels: further signatures, and the contract that needs images alone."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from small_models import networks_of_terms

from tfdis import models
from tfdis.export import export_model
from tfdis.export.frozen import export_frozen
from tfdis.export.model import vae_signatures
from tfdis.models import condition
from tfdis.networks.mlp import mlp_decoder, mlp_encoder

SHAPE = (16, 16, 1)
SIZES = [2, 3]


FORMS = {
    "tfhub": lambda model, folder: export_frozen(vae_signatures(model), f"{folder}/tfhub"),
    "saved_model": lambda model, folder: export_model(model, str(folder)),
}
CASES = [(name, form) for form in FORMS for name in ("cvae", "ifcvae")]


@pytest.fixture(scope="module", params=[case(c[1] == "tfhub", c) for c in CASES], ids="-".join)
def exported(request, tmp_path_factory):
    """A model and the folder of one of its exports."""
    name, form = request.param
    options = {
        "encoder": functools.partial(mlp_encoder, hidden_units=(8,)),
        "decoder": functools.partial(mlp_decoder, hidden_units=(8,)),
        **networks_of_terms(name, latent_dim=3, num_classes=sum(SIZES)),
    }
    model = models.MODELS[name](
        SIZES, [1, 0], image_shape=SHAPE, latent_dim=3, name=name, **options
    )
    folder = tmp_path_factory.mktemp(name)
    FORMS[form](model, folder)
    return model, folder / form


@pytest.mark.long
def test_signatures_take_images_alone_or_a_condition(exported):
    model, folder = exported
    signatures = tf.saved_model.load(str(folder)).signatures
    images = tf.random.stateless_uniform([4, *SHAPE], [0, 1])
    z = tf.random.stateless_uniform([4, 3], [0, 2])
    given = condition.one_hot(tf.constant([[0, 0], [1, 1], [0, 2], [1, 0]]), model.classes)

    def check(received, expected):
        np.testing.assert_allclose(received, expected, rtol=1e-4, atol=1e-5)

    encoded = signatures["gaussian_encoder"](images=images)
    check(encoded["mean"], model.encoder(images)[0])
    check(encoded["logvar"], model.encoder(images)[1])
    check(signatures["decoder"](latent_vectors=z)["images"], model.decoder(z))
    decoded = signatures["conditional_decoder"](latent_vectors=z, condition=given)["images"]
    check(decoded, model.decoder(z, given))
    assert signatures["reconstructions"](images=images)["images"].shape == (4, *SHAPE)
    if model.name == "cvae":
        encoded = signatures["conditional_encoder"](images=images, condition=given)
        check(encoded["mean"], model.encoder(images, given)[0])
    else:
        predicted = signatures["label_encoder"](images=images)["condition"]
        check(predicted, model.predict_condition(images))


@pytest.mark.long
def test_the_frozen_module_is_one_that_tensorflow_1_14_reads(
    exported, read_meta_graph, unknown_to_tensorflow_1_14
):
    meta_graph = read_meta_graph(exported[1].with_name("tfhub"))
    assert unknown_to_tensorflow_1_14(meta_graph.graph_def) == []


@pytest.mark.long
def test_exported_reconstructions_of_the_ifcvae_use_the_predicted_label():
    """With almost no noise in z, they are the decoded mean under the predicted condition."""
    model = models.IFCVAE(SIZES, image_shape=SHAPE, latent_dim=3)
    head = next(v for v in model.encoder.variables if v.path.endswith("log_var/bias"))
    head.assign(tf.fill([3], -60.0))
    images = tf.random.stateless_uniform([4, *SHAPE], [0, 1])
    function, _ = model.extra_signatures()["reconstructions"]
    expected = model.decoder(model.encoder(images)[0], model.predict_condition(images))
    np.testing.assert_allclose(function(images=images)["images"], expected, rtol=1e-4, atol=1e-5)
