"""Starting from another run's weights."""

import keras
import numpy as np
import pytest

from tfdis import models
from tfdis.training.warm_start import warm_start

SHAPE = (16, 16, 1)


def _model(cls=models.BetaVAE, weight=1.0, **kwargs):
    options = {"encoder": "fc_encoder", "decoder": "fc_decoder", "latent_dim": 3, **kwargs}
    return cls(weight, image_shape=SHAPE, **options)


def _weights(model):
    return [np.array(v) for v in [*model.encoder.variables, *model.decoder.variables]]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run's folder, and the model in it."""
    folder = tmp_path_factory.mktemp("run")
    model = _model()
    model.save(folder / "model.keras")
    return folder, _weights(model)


@pytest.mark.parametrize("is_folder", [True, False])
def test_encoder_and_decoder_are_copied(run, is_folder):
    folder, weights = run
    model = _model(models.FactorVAE, 10.0)
    discriminator = [np.array(v) for v in model.factor_tc_network.variables]
    warm_start(model, folder if is_folder else str(folder / "model.keras"))
    for a, b in zip(_weights(model), weights, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(model.factor_tc_network.variables, discriminator, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"latent_dim": 4}, r"means/kernel of shape \(1200, 4\).*Received: \(1200, 3\)"),
        ({"encoder": "conv_encoder"}, r"e1/kernel of shape"),
        ({"decoder": "deconv_decoder"}, r"d1/kernel of shape"),
    ],
)
def test_other_shapes_are_refused_by_the_variables_name_and_nothing_changes(run, options, message):
    model = _model(**options)
    before = _weights(model)
    with pytest.raises(ValueError, match=message):
        warm_start(model, run[0])
    for a, b in zip(_weights(model), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_run_that_is_not_there_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(FileNotFoundError, match="complete run"):
            warm_start(_model(), path)


def test_a_file_of_something_else_is_refused(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(ValueError, match="Received: Sequential"):
        warm_start(_model(), tmp_path)
