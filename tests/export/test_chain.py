"""The whole chain, image to representation, whoever reads it; and the extractor alone."""

import json
import os

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis import registry
from tfdis.data.named import options_of
from tfdis.export.chain import Chain, export_extractor
from tfdis.export.results import read_data_set_name, read_gin_bindings
from tfdis.runs import train as train_run
from tfdis.runs.extract import run_extraction
from tfdis.runs.feature_source import FeatureSource
from tfdis.runs.train import train_and_export

pytestmark = pytest.mark.long
SHAPE = (64, 64, 3)
FORMS = ["tfhub", "saved_model"]
VAE = [
    "dataset.name = 'features'",
    "model.model = @vae()",
    "vae.beta = 0.1",
    "model.batch_size = 8",
    "model.training_steps = 2",
    "model.eval_steps = 1",
    "model.random_seed = 0",
    "encoder.encoder_fn = @mlp_encoder",
    "encoder.num_latent = 3",
    "mlp_encoder.hidden_units = (7,)",
    "decoder.decoder_fn = @mlp_decoder",
    "mlp_decoder.hidden_units = (7,)",
    "reconstruction_loss.loss_fn = @l2_loss",
    "reconstruction_loss.activation = 'linear'",
    "vae_optimizer.optimizer_fn = @AdamOptimizer",
]
IMAGES = ["dataset.name = 'xysquares'", "xysquares.num_placements = 2"]


def _spread():
    """Weights large enough that noise has different features."""
    return keras.initializers.RandomNormal(stddev=0.5)


def _build(image_shape, channels=4):
    return keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Resizing(16, 16),
            keras.layers.Conv2D(
                channels, 5, 4, activation="tanh", kernel_initializer=_spread(), use_bias=False
            ),
            keras.layers.BatchNormalization(),
        ],
        name="tiny",
    )


@pytest.fixture(scope="module", autouse=True)
def tiny_backbone():
    """A backbone with a gin name, for this module only."""

    def tiny_test_backbone(image_shape, channels=4):
        return _build(image_shape, channels)

    registered = "tiny_test_backbone" in registry.BACKBONES
    if not registered:
        registry.backbone(tiny_test_backbone)
    yield
    registry.BACKBONES.pop("tiny_test_backbone", None)


EXTRACTOR = [
    "feature_extractor.backbone_fn = @tiny_test_backbone",
    "feature_extractor.pooling_fn = @rmac",
    "rmac.kernels = (1, 2)",
    "rmac.strides = (1, 1)",
]


def _with_gin(bindings, function, *arguments, **options):
    gin.clear_config()
    gin.parse_config(bindings)
    try:
        return function(*arguments, **options)
    finally:
        gin.clear_config()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """`features` of a tiny extractor, and `run`, a VAE trained on them."""
    folder = tmp_path_factory.mktemp("chain")
    _with_gin([*IMAGES, *EXTRACTOR], run_extraction, folder / "features")
    bindings = [*VAE, f"features.path = '{folder / 'features'}'"]
    _with_gin(bindings, train_and_export, folder / "run")
    return folder


@pytest.fixture(scope="module")
def images():
    return np.random.RandomState(2).random_sample((5, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def expected(folder, images):
    """The chain step by step in Python."""
    extractor = keras.models.load_model(folder / "features" / "extractor.keras")
    vae = keras.models.load_model(folder / "run" / "model.keras")
    features = extractor(images, training=False)
    mean, log_var = vae.encoder(tf.reshape(features, [-1, 1, 1, 4]), training=False)
    return {"features": features.numpy(), "mean": mean.numpy(), "logvar": log_var.numpy()}


def _check(outputs, expected):
    assert set(outputs) == {"mean", "logvar"}
    for name in outputs:
        np.testing.assert_allclose(outputs[name], expected[name], atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_every_reader_gets_the_python_chain(folder, form, images, expected):
    assert np.abs(expected["mean"]).max() > 0.01 and expected["features"].std(axis=0).min() > 1e-3
    path, x = f"{folder}/run/{form}", tf.constant(images)
    module = tf.saved_model.load(path)
    _check(module.signatures["gaussian_encoder"](images=x), expected)
    _check(keras.layers.TFSMLayer(path, call_endpoint="gaussian_encoder")(images), expected)
    hub = pytest.importorskip("tensorflow_hub")
    _check(hub.load(path).signatures["gaussian_encoder"](images=x), expected)
    layer = hub.KerasLayer(path, signature="gaussian_encoder", signature_outputs_as_dict=True)
    _check(layer(x), expected)


@pytest.mark.parametrize("form", FORMS)
def test_a_chain_decodes_to_features_and_says_so(folder, form, images, expected):
    module = tf.saved_model.load(f"{folder}/run/{form}")
    names = {"gaussian_encoder", "features", "feature_reconstructions", "feature_decoder"}
    assert set(module.signatures) - {"serving_default"} == names
    x = tf.constant(images)
    features = module.signatures["features"](images=x)["default"]
    np.testing.assert_allclose(features, expected["features"], atol=1e-5)
    vae = keras.models.load_model(folder / "run" / "model.keras")
    decoded = vae.decode(tf.constant(expected["mean"])).numpy()[:, 0, 0]
    z = tf.constant(expected["mean"])
    for outputs in (
        module.signatures["feature_decoder"](latent_vectors=z),
        module.signatures["feature_reconstructions"](images=x),
    ):
        np.testing.assert_allclose(outputs["features"], decoded, atol=1e-5)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_the_extractor_alone(folder, images, expected):
    path, x = f"{folder}/features/tfhub", tf.constant(images)
    hub = pytest.importorskip("tensorflow_hub")
    for outputs in (
        hub.load(path).signatures["default"](images=x)["default"],
        hub.KerasLayer(path)(x),
        keras.layers.TFSMLayer(path, call_endpoint="serving_default")(images)["default"],
    ):
        np.testing.assert_allclose(outputs, expected["features"], atol=1e-5)


@pytest.mark.parametrize("module", ["run/tfhub", "features/tfhub"])
def test_tensorflow_1_14_knows_every_op(
    folder, module, read_meta_graph, unknown_to_tensorflow_1_14
):
    assert unknown_to_tensorflow_1_14(read_meta_graph(folder / module).graph_def) == []


def test_results_name_the_images_and_their_options(folder):
    results = folder / "run" / "results"
    assert read_data_set_name(str(results), "train") == "xysquares"
    bindings = read_gin_bindings(str(results / "gin" / "train.gin"))
    assert "xysquares.num_placements = 2" in options_of("xysquares", bindings)
    metadata = json.loads((folder / "features" / "features.json").read_text())
    assert bindings["features.extractor"].strip("'") == metadata["extractor"]


def test_a_complete_run_and_extraction_are_left_alone(folder):
    names = ["features/features.npy", "features/extractor.keras", "run/model.keras"]
    before = [(folder / name).stat().st_mtime_ns for name in names]
    _with_gin([*IMAGES, *EXTRACTOR], run_extraction, folder / "features")
    bindings = [*VAE, f"features.path = '{folder / 'features'}'"]
    _with_gin(bindings, train_and_export, folder / "run")
    assert [(folder / name).stat().st_mtime_ns for name in names] == before


@pytest.fixture(scope="module")
def other_features(tmp_path_factory):
    """Features of the same length of another extractor."""
    path = tmp_path_factory.mktemp("other") / "features"
    options = [*IMAGES, *EXTRACTOR, "extraction.random_seed = 7"]
    _with_gin(options, run_extraction, path)
    return path


@pytest.mark.usefixtures("eagerly")
def test_a_run_is_not_resumed_with_features_of_another_extractor(
    folder, other_features, tmp_path, monkeypatch
):
    monkeypatch.setattr(train_run, "export_chain", lambda *arguments, **options: None)
    path = tmp_path / "features"
    os.symlink(folder / "features", path)
    bindings = [*VAE, f"features.path = '{path}'"]
    _with_gin(bindings, train_and_export, tmp_path / "run")
    path.unlink()
    os.symlink(other_features, path)
    with pytest.raises(ValueError, match="features of the extractor .* Received: those of another"):
        _with_gin(bindings, train_and_export, tmp_path / "run")


def test_a_run_is_not_warm_started_from_one_on_other_features(folder, other_features, tmp_path):
    bindings = [*VAE, f"features.path = '{other_features}'"]
    warm = f"model.warm_start = '{folder / 'run'}'"
    with pytest.raises(ValueError, match="features of the extractor .* Received: those of another"):
        _with_gin([*bindings, warm], train_and_export, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_chain_is_not_made_of_parts_that_do_not_go_together(folder, other_features, tmp_path):
    vae = keras.models.load_model(folder / "run" / "model.keras")
    wide = _build(SHAPE, channels=5)
    with pytest.raises(ValueError, match="extractor of 4 features.*Received: one of 5"):
        Chain(keras.Sequential([wide, keras.layers.GlobalAveragePooling2D()]), vae)
    source = _with_gin(
        ["dataset.name = 'features'", f"features.path = '{folder / 'features'}'"],
        FeatureSource.of_gin_config,
    )
    exchanged = FeatureSource(other_features, source.metadata)
    with pytest.raises(ValueError, match="Received: another one"):
        exchanged.load_extractor()
    with pytest.raises(FileNotFoundError, match="extractor of the features"):
        FeatureSource(tmp_path, source.metadata).load_extractor()


def test_a_run_on_images_has_no_feature_source():
    assert _with_gin(IMAGES, FeatureSource.of_gin_config) is None


def test_an_extractor_that_is_there_is_taken(folder, tmp_path):
    bindings = [*IMAGES, f"extraction.extractor = '{folder / 'features'}'"]
    _with_gin(bindings, run_extraction, tmp_path / "again")
    for name in ("features.npy", "features.json"):
        ours, theirs = (path / name for path in (tmp_path / "again", folder / "features"))
        assert ours.read_bytes() == theirs.read_bytes()
    with pytest.raises(FileNotFoundError, match="Expected an extractor"):
        _with_gin([*IMAGES, "extraction.extractor = 'absent'"], run_extraction, tmp_path / "third")


def test_a_pooling_that_has_to_be_fitted_is_fitted_to_a_sample(tmp_path):
    pca = ["feature_extractor.pooling_fn = @pca_rmac", "pca_rmac.kernels = (1, 2)"]
    pca += ["pca_rmac.strides = (1, 1)", "pca_rmac.whiten = True", "extraction.num_fit_images = 40"]
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        _with_gin([*IMAGES, *EXTRACTOR, *pca], run_extraction, folder)
    features, again = (np.load(folder / "features.npy") for folder in folders)
    np.testing.assert_array_equal(features, again)
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1.0, atol=1e-5)
    assert features.std(axis=0).min() > 1e-3


def test_overwrite_deletes_an_extraction_only(folder, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.txt").write_text("years")
    with pytest.raises(FileExistsError):
        _with_gin([*IMAGES, *EXTRACTOR], run_extraction, tmp_path / "thesis", overwrite=True)
    assert os.listdir(tmp_path / "thesis") == ["thesis.txt"]


def test_export_extractor_refuses_to_replace(tmp_path):
    extractor = keras.Sequential([_build((8, 8, 1)), keras.layers.Flatten()])
    export_extractor(extractor, str(tmp_path / "m"))
    with pytest.raises(FileExistsError):
        export_extractor(extractor, str(tmp_path / "m"))
