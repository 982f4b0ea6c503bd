"""Commands warn once of bindings that nothing used, with the name that was meant; never of a shipped file."""

import pathlib
import re

import keras
import pytest
import tensorflow as tf
from one_of_each_kind import case

from tfdis.configuration import configured, warn_of_unused
from tfdis.data.named import get_named_ground_truth_data
from tfdis.features.extraction import extract
from tfdis.runs import challenge as challenge_run
from tfdis.runs import extract as extraction_run
from tfdis.runs import train as train_run
from tfdis.sweeps.build import build_points
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.unused import unused_by_all
from tfdis.sweeps.work import do_steps
from tfdis.training.finetune import finetune
from tfdis.training.train import train

ROOT = pathlib.Path(__file__).parents[2]
FILES = [*(ROOT / "gin").glob("*.gin"), *(ROOT / "gin/papers").glob("*/*.gin")]
ROOTS = sorted(str(file.relative_to(ROOT)) for file in FILES)
FINETUNE = [name for name in ROOTS if pathlib.Path(name).stem.startswith("finetune")]
EXTRACT = ["gin/papers/stage1/extractor.gin"]
CHALLENGE = [name for name in ROOTS if pathlib.Path(name).stem == "arm3d"]
# The same protocols at the papers' sizes: tests/sweeps/test_reproduction.py does their points.
FULL_SIZE = [name for name in ROOTS if pathlib.Path(name).stem == "mpi3d"]
TRAIN = sorted({*ROOTS} - {*FINETUNE, *EXTRACT, *CHALLENGE, *FULL_SIZE})
SMALL_IMAGES = ["xysquares.num_placements = 2"]
BACKBONE = ["WEIGHTS = None", "BACKBONE = @mobilenet", "RESIZE_TO = None"]
POOLING = ["KERNELS = (1,)", "STRIDES = (1,)"]
QUICK = ["model.batch_size = 2", "model.eval_steps = 1"]


@pytest.fixture(autouse=True)
def from_the_repository(monkeypatch, eagerly):
    """gin files include each other by their path from the repository's root; nothing is exported."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(train_run, "export_chain", lambda *args, **options: None)
    monkeypatch.setattr(extraction_run, "export_extractor", lambda *args: None)


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """Features of a few images: their brightest pixels."""
    folder = tmp_path_factory.mktemp("features")
    with configured(bindings=SMALL_IMAGES):
        images = get_named_ground_truth_data("xysquares")
    extractor = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.GlobalMaxPooling2D()])
    extract(images, extractor, folder)
    return folder


def _small(file, features):
    """Bindings by knobs that the file documents, and sizes: one step on a few images."""
    name = pathlib.Path(file).stem
    if "vae_" in name and "/stage" in file:
        mlps = ["mlp_encoder.hidden_units = (4,)", "mlp_decoder.hidden_units = (4,)"]
        return [f"FEATURES = {str(features)!r}", "VAE_EPOCHS = 20", *mlps, "model.eval_steps = 1"]
    if name == "pixels_arm3d":
        return [*QUICK, "DATASET = 'xysquares'", "PIXEL_EPOCHS = 1", "EPOCH_IMAGES = 1"]
    bindings = [*QUICK, "model.training_steps = 1"]
    if "reconstruction" not in file:
        bindings += ["DATASET = 'xyobject'"]
    if ("study" in file and name != "pretrain") or "betatcvae_mpi3d" in name:
        bindings += ["WARM_START = ''"]
    model = name.partition("_")[0]
    return bindings + (
        [f"{model}.label_factors = ['scale']"] if model in ("cvae", "ifcvae", "ivae") else []
    )


@pytest.mark.exhaustive
@pytest.mark.parametrize("file", TRAIN)
def test_no_shipped_file_s_training_is_warned_of(file, features, tmp_path, warnings_given):
    with configured([file], _small(file, features)):
        train(tmp_path / "run")
    assert warnings_given == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("file", FINETUNE)
def test_no_shipped_file_s_finetuning_is_warned_of(file, tmp_path, warnings_given):
    small = [
        "DATA_SETS = ['xysquares']",
        "FILTERS = (4, 4, 4)",
        "mobilenet.options = {'alpha': 0.25}",
    ]
    small += ["finetune.batch_size = 64", "finetune.epochs = 1"]
    with configured([file], [*small, *SMALL_IMAGES, *BACKBONE]):
        finetune(tmp_path / "run")
    assert warnings_given == []


def _extract(folder, *bindings):
    files = ["gin/data/xysquares.gin", *EXTRACT]
    extraction_run.extract_with_gin(
        folder, False, files, [*SMALL_IMAGES, *BACKBONE, *POOLING, *bindings]
    )


@pytest.mark.long
@pytest.mark.parametrize(
    "backbone", [case(name == "vgg16", name) for name in ("mobilenet", "vgg16")]
)
def test_of_the_extractor_s_file_no_other_backbone_is_warned_of(backbone, tmp_path, warnings_given):
    _extract(tmp_path / "features", f"BACKBONE = @{backbone}")
    assert warnings_given == []


@pytest.mark.long
def test_extraction_warns_once_and_only_if_it_extracts(tmp_path, warnings_given):
    for _ in range(2):
        _extract(tmp_path / "features", "vgg16.trainable = True", "WEIGTHS = None")
    assert warnings_given == [
        "Nothing used the gin bindings of vgg16.trainable (did you mean mobilenet.trainable?), WEIGTHS "
        "(did you mean WEIGHTS?). They have no effect."
    ]


@pytest.mark.long
def test_finetuning_warns_once(tmp_path, warnings_given):
    bindings = [
        *("finetune.data_sets = ['xysquares']", "finetune.extractor = @feature_extractor"),
        *("finetune.optimizer_fn = @RAdamOptimizer", "AdamOptimizer.beta1 = 0.5"),
        *("feature_extractor.backbone_fn = @mobilenet", "mobilenet.weights = None"),
        "mobilenet.layer = 'conv_pw_1_relu'",
        *("feature_extractor.pooling_fn = @global_average", "finetune.batch_size = 16"),
        *("finetune.epochs = 1", "finetune.validation_batches = 1"),
    ]
    with configured(bindings=[*SMALL_IMAGES, *bindings]):
        finetune(tmp_path / "run")
    (warning,) = warnings_given
    assert "AdamOptimizer.beta1 (did you mean RAdamOptimizer.beta1?). They" in warning


def _stage(file, folder, *bindings):
    """The method of a protocol with one step an epoch of training, and the warning of bin/challenge."""
    tf.config.run_functions_eagerly(False)  # Twenty steps take longer than to trace one.
    own = [
        *("DATA = ['gin/data/xysquares.gin']", *SMALL_IMAGES, *POOLING, "EPOCH_IMAGES = 1"),
        *(
            "WEIGHTS = None",
            "PIXEL_EPOCHS = 1",
            "model.eval_steps = 1",
            "VAE_EPOCHS = 20",
            *bindings,
        ),
        *("mlp_encoder.hidden_units = (4,)", "mlp_decoder.hidden_units = (4,)"),
    ]
    study = StudyFolder(folder)
    points = build_points("challenge", [file], (), own, seeds=range(1))
    points = [point for point in points if point.name.startswith("method")]
    for point in points:
        study.at(point).mkdir(parents=True)
        do_steps(study, point, ("train",))
    config = challenge_run.read_challenge_config([file], own)
    offered = challenge_run.offered_macros(config, [file])
    warn_of_unused(unused_by_all(study, points, offered))


@pytest.mark.exhaustive
@pytest.mark.parametrize("file", CHALLENGE)
def test_no_step_of_a_protocol_is_warned_of(file, tmp_path, warnings_given):
    if "stage1" in file:
        bindings = ["BACKBONE = @vgg16"]
    else:
        bindings = ["FILTERS = (4, 4, 4)", "DATA_SETS = ['xysquares']", "EPOCHS = 1"]
    _stage(file, tmp_path, *bindings)
    assert warnings_given == []


@pytest.mark.long
def test_a_protocol_warns_once_of_what_no_step_used(tmp_path, warnings_given):
    _stage(CHALLENGE[0], tmp_path, "factor_vae.gamma = 3.", "WEIGTHS = None")
    meant = {"factor_vae.gamma": r"[\w.]+", "WEIGTHS": "WEIGHTS"}
    names = ", ".join(rf"{name} \(did you mean {other}\?\)" for name, other in meant.items())
    (warning,) = warnings_given
    assert re.fullmatch(rf"Nothing used the gin bindings of {names}. They have no effect.", warning)
