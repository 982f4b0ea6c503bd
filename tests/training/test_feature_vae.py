"""The feature VAEs of both stages: loss, schedule and networks against independent computations."""

import math
import pathlib

import gin
import numpy as np
import pytest
import tensorflow as tf

from tfdis.data.formats.features_format import FeaturesMetadata
from tfdis.training import train as train_room

ROOT = pathlib.Path(__file__).parents[2]
STAGES = ["stage1", "stage2"]
FILES = sorted(file for s in STAGES for file in (ROOT / "gin/papers" / s).glob("vae_*.gin"))
NUM_IMAGES, NUM_FEATURES = 12, 6
# (stage, file): latents, epochs, beta from, to, first and last epoch of the ramp, sigmoid, beta1
PUBLISHED = {
    "stage1/vae_paper": (18, 20, 1e-4, 0.12, 1, 19, False, 0.9),
    "stage1/vae_code": (18, 20, 1e-4, 0.12, 1, 19, False, 0.5),
    "stage2/vae_paper": (18, 120, 0.005, 0.4, 10, 79, True, 0.9),
    "stage2/vae_code": (18, 120, 0.005, 0.4, 10, 79, True, 0.9),
    "stage2/vae_public_best": (16, 100, 0.001, 0.4, 10, 49, True, 0.9),
}
HIDDEN = {
    "stage1/vae_paper": ((256, 128, 64), (64, 128, 256)),
    "stage1/vae_code": ((256, 128, 64), (64, 128, 256)),
    "stage2/vae_paper": ((4096,), (4096,) * 4),
    "stage2/vae_code": ((4096,), (4096,) * 4),
    "stage2/vae_public_best": ((1024,) * 4, (1024,) * 4),
}
# Networks of the papers' shape with a few units: quick.
NARROW = ["mlp_encoder.hidden_units = (8,)", "mlp_decoder.hidden_units = (8, 8)"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of twelve feature vectors."""
    monkeypatch.chdir(ROOT)
    metadata = FeaturesMetadata(
        *("xysquares", (), "generated", (64, 64, 3), ("a", "b"), (3, 4), (0, 1)),
        *(NUM_IMAGES, NUM_FEATURES, 0, 0, 0, "abc"),
    )
    path = tmp_path / "features"
    path.mkdir()
    (path / "features.json").write_text(metadata.as_json())
    values = np.random.RandomState(0).normal(size=(NUM_IMAGES, NUM_FEATURES))
    np.save(path / "features.npy", values.astype(np.float32))
    return path


def _train(folder, file, steps, *bindings):
    own = [f"FEATURES = '{folder}'", f"model.training_steps = {steps}", "model.eval_steps = 1"]
    gin.parse_config_files_and_bindings(
        [str(file)], [*own, "VAE_BATCH_SIZE = 4", *NARROW, *bindings]
    )
    return train_room.train(folder.parent / f"run_{steps}").model


def published_beta(epoch, start, end, first, last):
    """Section 2.3 of both papers, in plain Python."""
    if epoch < first:
        return start
    if epoch > last:
        return end
    wave = 1 + math.cos(math.pi * (epoch - first) / (last - first))
    return end - 0.5 * (end - start) * wave


def _id(file):
    return f"{file.parent.name}/{file.stem}"


def test_all_variants_are_there():
    assert [_id(file) for file in FILES] == sorted(PUBLISHED)


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("file", FILES, ids=_id)
def test_loss_is_the_papers(folder, file):
    latents, epochs, *beta, is_sigmoid, _ = PUBLISHED[_id(file)]
    # Not trained: the functions are the same. 12 images in batches of 4: three steps an epoch.
    model = _train(folder, file, 0)
    _check_optimizer(model.optimizer, file)
    _check_initial_weights(model, file)
    x = np.load(folder / "features.npy").reshape(-1, 1, 1, NUM_FEATURES)
    outputs = model.outputs(tf.constant(x), tf.constant(0, tf.int64))
    mean, log_var = (np.float64(value) for value in (outputs.mean, outputs.log_var))
    assert mean.shape == (NUM_IMAGES, latents)
    decoded = np.float64(outputs.reconstruction)
    decoded = 1 / (1 + np.exp(-decoded)) if is_sigmoid else decoded
    squares = np.sum((decoded - x) ** 2, axis=(1, 2, 3)).mean()
    kl = 0.5 * np.sum(mean**2 + np.exp(log_var) - log_var - 1, axis=1).mean()
    middle = (beta[2] + beta[3]) // 2
    for epoch in (0, beta[2] - 1, beta[2], beta[2] + 1, middle, beta[3], beta[3] + 1, epochs - 1):
        for step in (3 * epoch, 3 * epoch + 2):
            here = outputs.__class__(**{**vars(outputs), "step": tf.constant(step, tf.int64)})
            expected = squares + published_beta(epoch, *beta) / latents * kl
            values = model.losses_of(here)
            np.testing.assert_allclose(values["loss"], expected, rtol=2e-6)
            # The KL term alone: that of a fresh network is small beside the squares. In float32 beta
            # is known to a few units in the last place of its final value, 7e-9 of .12.
            weighted, margin = published_beta(epoch, *beta) / latents * kl, 3e-8 * kl / latents
            np.testing.assert_allclose(values["regularizer"], weighted, rtol=1e-5, atol=margin)


def _check_optimizer(optimizer, file):
    assert optimizer.beta_1 == PUBLISHED[_id(file)][-1] and optimizer.beta_2 == 0.999
    assert float(optimizer.learning_rate) == pytest.approx(1e-3)
    assert type(optimizer).__name__ == ("RAdam" if file.parent.name == "stage2" else "PyTorchAdam")
    # A sum over a batch of 256 is its mean with an epsilon of 1 / 256.
    parts = 256 if _id(file) == "stage1/vae_code" else 1
    assert optimizer.get_config()["epsilon"] == 1e-8 / parts


def _check_initial_weights(model, file):
    """Stage 2 is orthogonal; its code, in the encoder alone."""
    are_orthogonal = []
    for network, layer in ((model.encoder, "e1"), (model.decoder, "d2")):
        kernel = network.get_layer(layer).kernel.numpy()
        gram = kernel.T @ kernel if kernel.shape[0] >= kernel.shape[1] else kernel @ kernel.T
        are_orthogonal.append(bool(np.allclose(gram, np.eye(len(gram)), atol=1e-5)))
    is_stage_2 = file.parent.name == "stage2"
    assert are_orthogonal == [is_stage_2, is_stage_2 and file.stem != "vae_code"]


@pytest.mark.parametrize("file", FILES, ids=_id)
def test_networks_and_length_are_the_papers(file, monkeypatch):
    monkeypatch.chdir(ROOT)
    gin.parse_config_file(str(file))
    names = ("mlp_encoder.hidden_units", "mlp_decoder.hidden_units")
    assert tuple(map(gin.query_parameter, names)) == HIDDEN[_id(file)]
    assert gin.query_parameter("VAE_EPOCHS/macro.value") == PUBLISHED[_id(file)][1]
    assert gin.query_parameter("VAE_BATCH_SIZE/macro.value") == 256


@pytest.mark.long
def test_epochs_are_counted_from_the_number_of_features(folder):
    file = ROOT / "gin/papers/stage1/vae_paper.gin"
    gin.parse_config_files_and_bindings([str(file)], [f"FEATURES = '{folder}'", *NARROW])
    model = train_room.train(folder.parent / "run")
    # 12 images fit one batch of 256: one step an epoch.
    assert int(model.model.optimizer.iterations.numpy()) == 20
    assert float(model.model.terms[0].weight(0)) == pytest.approx(1e-4, abs=1e-8)
    assert float(model.model.terms[0].weight(19)) == pytest.approx(0.12)
