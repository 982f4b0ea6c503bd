"""The gin root `finetune`: learns, resumes exactly, leaves a frozen backbone alone, refuses bad input."""

import os
import pathlib
import signal

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from run_helpers import assert_same_weights, rows_of
from without_graphs import running_eagerly

from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.state_space import FactorStateSpace
from tfdis.features.classifier import MultiHeadClassifier
from tfdis.features.extractor import FeatureExtractor
from tfdis.features.learned_aggregation import LearnedAggregation
from tfdis.files.interruption import Interrupted
from tfdis.training import finetune as finetune_room
from tfdis.training.callbacks import NonFiniteLossError

ROOT = pathlib.Path(__file__).parents[2]
SHARED = """
finetune.data_sets = ["bars", "dots"]
finetune.extractor = @tiny_extractor
finetune.optimizer_fn = @AdamOptimizer
AdamOptimizer.learning_rate = 0.01
finetune.epochs = 2
finetune.batch_size = 16
finetune.log_steps = 2
finetune.checkpoint_steps = 3
"""
pytestmark = pytest.mark.usefixtures("eagerly")
# 80% of 48 + 80% of 32 images, 16 a batch.
EPOCH_STEPS = 4


class Bars(EnumerableData):
    """A bright bar at one of several rows, of one of two colours."""

    def __init__(self, name="bars", factor_names=("row", "colour"), sizes=(8, 6), shape=(8, 8, 1)):
        super().__init__(name, factor_names, FactorStateSpace(sizes), shape, "generated")

    def images_at(self, indices):
        first, second = self.indices_to_factors(indices).T
        images = np.zeros((len(first), *self.image_shape), np.uint8)
        images[np.arange(len(first)), first % 8] = (40 + 40 * second)[:, None, None]
        return images


SETS = {
    "bars": Bars,
    "dots": lambda: Bars("dots", ("row", "light"), (8, 4)),
    "wide": lambda: Bars("wide", shape=(8, 9, 1)),
    "constant": lambda: Bars("constant", ("one", "another"), (1, 1)),
}


@gin.configurable("tiny_extractor", module="tests")
def tiny_extractor(image_shape, dropout=0.2, num_channels=8):
    """Two convolutions with batch statistics and dropout, position kept by flattening."""
    backbone = keras.Sequential(
        [
            keras.Input(image_shape),
            keras.layers.Conv2D(num_channels, 3, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.8),
            keras.layers.Dropout(dropout),
        ]
    )
    pooling = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(16, activation="relu")])
    return FeatureExtractor(image_shape, backbone, pooling)


@gin.configurable("aggregating_extractor", module="tests")
def aggregating_extractor(image_shape):
    """Layers with batch statistics in a list, which TensorFlow's checkpoints of the model do not see."""
    backbone = keras.Sequential([keras.Input(image_shape), keras.layers.Conv2D(4, 5, strides=3)])
    pooling = LearnedAggregation((4, 8), (1, 2))
    return FeatureExtractor(image_shape, backbone, pooling)


@pytest.fixture(autouse=True)
def own_data_sets(monkeypatch):
    monkeypatch.setattr(finetune_room, "get_named_ground_truth_data", lambda name: SETS[name]())


@pytest.fixture
def with_graphs(eagerly):
    """Traces the steps, as every run outside of tests does."""
    tf.config.run_functions_eagerly(False)


def _finetune(folder, *bindings):
    gin.clear_config()
    gin.parse_config([SHARED, *bindings])
    return finetune_room.finetune(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of two epochs that was never stopped."""
    with pytest.MonkeyPatch.context() as patch, running_eagerly():
        patch.setattr(finetune_room, "get_named_ground_truth_data", lambda name: SETS[name]())
        return _finetune(tmp_path_factory.mktemp("finetune") / "whole")


@pytest.mark.long
def test_the_accuracy_of_every_factor_is_logged_after_each_epoch(whole):
    rows = rows_of(whole.folder.path / "validation_log.csv")
    assert [(int(row["step"]), float(row["epoch"])) for row in rows] == [(4, 1.0), (8, 2.0)]
    names = ["accuracy", "cross_entropy", *(f"accuracy/{f}" for f in ("row", "colour", "light"))]
    for name in names:
        assert whole.results[name] == float(rows[-1][name])
    events = [
        value.tag
        for path in (whole.folder.path / "tensorboard").glob("events*")
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]
    assert {f"validation/{name}" for name in names} <= set(events)
    assert {f"train/{name}" for name in names} <= set(events)
    assert whole.results["num_training_images"] == 38 + 26
    assert whole.results["num_validation_images"] == 10 + 6
    assert whole.results["factor_sizes"] == {"row": 8, "colour": 6, "light": 4}


@pytest.mark.long
def test_training_logs_at_its_interval_and_at_every_epochs_end(whole, tmp_path):
    steps = [int(row["step"]) for row in rows_of(whole.folder.path / "training_log.csv")]
    assert steps == [2, 4, 6, 8]
    run = _finetune(tmp_path / "run", "finetune.log_steps = 3", "finetune.epochs = 1")
    assert [int(row["step"]) for row in rows_of(run.folder.path / "training_log.csv")] == [3, 4]


@pytest.mark.long
@pytest.mark.usefixtures("with_graphs")
def test_epochs_of_an_odd_number_of_steps_are_whole_with_several_steps_per_execution(tmp_path):
    bindings = ["finetune.batch_size = 13", "finetune.steps_per_execution = 2"]
    run = _finetune(tmp_path / "run", *bindings)
    assert int(run.classifier.optimizer.iterations) == 10
    steps = [int(row["step"]) for row in rows_of(run.folder.path / "validation_log.csv")]
    assert steps == [5, 10]


@pytest.mark.long
@pytest.mark.parametrize("stopped_after", [case(after == 7, after) for after in (5, 7)])
def test_a_run_that_dies_and_is_started_again_equals_one_that_did_not(
    whole, tmp_path, monkeypatch, stopped_after
):
    real = finetune_room.labelled_stream

    def dying(sets, batch_size, start_step=0):
        steps = tf.data.Dataset.range(start_step, 1000)
        stream = tf.data.Dataset.zip(steps, real(sets, batch_size, start_step))
        return _until(stream, stopped_after)

    monkeypatch.setattr(finetune_room, "labelled_stream", dying)
    with pytest.raises(tf.errors.InvalidArgumentError):
        _finetune(tmp_path / "run")
    monkeypatch.setattr(finetune_room, "labelled_stream", real)
    assert (tmp_path / "run" / "checkpoints" / "checkpoint").exists()
    resumed = _finetune(tmp_path / "run")
    assert_same_weights(whole.classifier, resumed.classifier)
    for name in ("validation_log.csv", "training_log.csv"):
        ours, theirs = rows_of(tmp_path / "run" / name), rows_of(whole.folder.path / name)
        assert ours[-1] == theirs[-1]
        assert [row["step"] for row in ours if int(row["step"]) % 4 == 0] == ["4", "8"]


@pytest.mark.long
@pytest.mark.parametrize("epoch", [1, 2])
def test_a_signal_during_the_validation_does_not_wait_for_it(whole, tmp_path, monkeypatch, epoch):
    real = MultiHeadClassifier.evaluate

    def stopped(self, *args, **options):
        if int(self.optimizer.iterations) == epoch * EPOCH_STEPS:
            os.kill(os.getpid(), signal.SIGTERM)
        return real(self, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(MultiHeadClassifier, "evaluate", stopped)
        with pytest.raises(Interrupted, match=f"at step {epoch * EPOCH_STEPS} of 8"):
            _finetune(tmp_path / "run")
    log = tmp_path / "run" / "validation_log.csv"
    assert len(rows_of(log) if log.exists() else []) == epoch - 1
    resumed = _finetune(tmp_path / "run")
    assert_same_weights(whole.classifier, resumed.classifier)
    assert rows_of(log) == rows_of(whole.folder.path / "validation_log.csv")
    assert {path.name for path in (tmp_path / "run/best").iterdir()} == {
        path.name for path in (whole.folder.path / "best").iterdir()
    }


@pytest.mark.long
def test_more_epochs_go_on_from_the_last_checkpoint(whole, tmp_path):
    """Also where a kill left weights half written: TensorFlow renames what is in folders of that name."""
    _finetune(tmp_path / "run", "finetune.epochs = 1")
    left = [tmp_path / "run" / "best" / "step-4_temp", tmp_path / "run/checkpoints/ckpt-6_temp"]
    for folder in left:
        folder.mkdir()
        (folder / "part-00000-of-00001.data-00000-of-00001").write_bytes(b"half")
    resumed = _finetune(tmp_path / "run")
    assert_same_weights(whole.classifier, resumed.classifier)
    assert not any(folder.exists() for folder in left)
    with pytest.raises(ValueError, match=r"finetune.epochs \* 4 to be at least 8.*Received: 4"):
        _finetune(tmp_path / "run", "finetune.epochs = 1")


@pytest.mark.long
def test_statistics_of_layers_in_a_list_are_resumed_too(tmp_path):
    aggregating = ("finetune.extractor = @aggregating_extractor", "finetune.batch_size = 32")
    whole = _finetune(tmp_path / "whole", *aggregating)
    _finetune(tmp_path / "parts", *aggregating, "finetune.epochs = 1")
    for _ in range(2):
        resumed = _finetune(tmp_path / "parts", *aggregating)
        assert_same_weights(whole.classifier, resumed.classifier)


@pytest.mark.long
def test_a_checkpoint_without_all_weights_is_refused(tmp_path, monkeypatch):
    """As those that were written before statistics of layers in lists were in it."""
    aggregating = ("finetune.extractor = @aggregating_extractor", "finetune.epochs = 1")
    with monkeypatch.context() as patch:
        patch.setattr(MultiHeadClassifier, "non_trainable_weights", [])
        _finetune(tmp_path / "run", *aggregating)
    with pytest.raises(ValueError, match="Expected a checkpoint that can be read.*--overwrite"):
        _finetune(tmp_path / "run", *aggregating)


def _until(stream, last):
    """The stream, which fails at a step."""

    def check(step, batch):
        with tf.control_dependencies([tf.debugging.assert_less(step, tf.constant(last, tf.int64))]):
            return tf.identity(batch[0]), tf.identity(batch[1])

    return stream.map(check)


@pytest.mark.long
def test_a_frozen_backbone_gets_no_gradient_and_its_statistics_stay(tmp_path, monkeypatch):
    made = []

    def remembering(image_shape):
        made.append(tiny_extractor(image_shape))
        made.append(made[0].backbone.get_weights())
        made.append(made[0].pooling.get_weights())
        return made[0]

    gin.external_configurable(remembering, "remembering", module="tests")
    frozen = ("finetune.train_backbone = False", "finetune.extractor = @remembering")
    run = _finetune(tmp_path / "run", *frozen)
    extractor, backbone, pooling = made
    assert len(backbone) == 6
    for before, after in zip(backbone[:-1], extractor.backbone.get_weights()[:-1], strict=True):
        np.testing.assert_array_equal(before, after)
    assert np.abs(pooling[0] - extractor.pooling.get_weights()[0]).max() > 1e-3
    images = tf.random.stateless_uniform((4, 8, 8, 1), [1, 2])
    with tf.GradientTape() as tape:
        loss = run.classifier.compute_loss(
            y=tf.zeros((4, 3), tf.int64), y_pred=run.classifier(images, training=True)
        )
    names = {v.path for v in run.classifier.trainable_variables}
    assert not names & {v.path for v in extractor.backbone.variables}
    gradients = tape.gradient(loss, [v.value for v in run.classifier.trainable_variables])
    assert all(np.abs(g).max() > 0 for g in gradients)


@pytest.mark.long
def test_a_trained_backbone_changes_with_its_statistics(whole):
    kernel, _, _, _, mean, variance = whole.classifier.extractor.backbone.get_weights()[:6]
    keras.utils.set_random_seed(0)
    untrained = tiny_extractor((8, 8, 1)).backbone.get_weights()
    assert np.abs(kernel - untrained[0]).max() > 1e-3
    assert np.abs(mean).max() > 0 and np.abs(variance - 1).max() > 0


@pytest.mark.long
@pytest.mark.usefixtures("with_graphs")
def test_it_learns_what_can_be_seen(tmp_path):
    seldom = ("finetune.log_steps = 80", "finetune.checkpoint_steps = 80")
    run = _finetune(tmp_path / "run", "finetune.epochs = 20", *seldom)
    # Chance is 1 of 8. Shades of grey, of which there are 6 and 4, are harder for this network.
    assert run.results["accuracy/row"] > 0.9
    last = rows_of(run.folder.path / "training_log.csv")[-1]
    assert float(last["accuracy/colour"]) > 2 / 6


@pytest.mark.long
@pytest.mark.usefixtures("with_graphs")
def test_early_stop_keeps_the_best_epoch_and_stays_stopped(tmp_path):
    bindings = [
        "finetune.epochs = 30",
        "finetune.patience = 2",
        "finetune.keep = 'best'",
        "AdamOptimizer.learning_rate = 0.001",
    ]
    run = _finetune(tmp_path / "run", *bindings)
    rows = rows_of(run.folder.path / "validation_log.csv")
    accuracies = [float(row["accuracy"]) for row in rows]
    best = int(np.argmax(accuracies))
    assert len(rows) == best + 3 < 30
    assert run.results["global_step"] == EPOCH_STEPS * (best + 1)
    assert run.results["accuracy"] == accuracies[best]
    sets = finetune_room.LabelledSets([Bars(), SETS["dots"]()], seed=0)
    scores = run.classifier.evaluate(
        finetune_room.validation_stream(sets, 16), verbose=0, return_dict=True
    )
    entropies = [float(row["cross_entropy"]) for row in rows]
    assert scores["cross_entropy"] == pytest.approx(entropies[best], abs=1e-6)
    assert abs(entropies[best] - entropies[-1]) > 1e-4
    again = _finetune(tmp_path / "run", *bindings)
    assert rows_of(run.folder.path / "validation_log.csv") == rows
    assert_same_weights(run.classifier, again.classifier)


@pytest.mark.long
def test_no_epoch_is_a_baseline_with_scores(tmp_path):
    run = _finetune(tmp_path / "run", "finetune.epochs = 0")
    assert run.results["global_step"] == 0
    assert 0 <= run.results["accuracy"] < 0.7


@pytest.mark.long
def test_nan_stops_and_leaves_no_folder(tmp_path):
    with pytest.raises(NonFiniteLossError, match="one of the steps 1 to 2: loss = (nan|inf)"):
        _finetune(tmp_path / "run", "AdamOptimizer.learning_rate = 1e38")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ("finetune.data_sets = ['bars', 'wide']", r"one shape.*\(8, 8, 1\).*\(8, 9, 1\)"),
        ("finetune.data_sets = ['constant']", "more than one value"),
        ("finetune.data_sets = []", "one data set or several"),
        ("finetune.batch_size = 0", "finetune.batch_size"),
        ("finetune.epochs = -1", "finetune.epochs"),
        ("finetune.epochs = 1.5", "finetune.epochs"),
        ("finetune.validation_fraction = 1.0", "validation_fraction"),
        ("finetune.validation_fraction = 0.001", "validation_fraction"),
        ("finetune.validation_batches = 0", "validation batch"),
        ("finetune.separate_factors = ['size']", "size"),
        ("finetune.head_initializer = 'zeros'", "head_initializer"),
        ("finetune.keep = 'first'", "finetune.keep"),
        ("finetune.patience = 0", "patience"),
        ("finetune.precision = 'float8'", "finetune.precision"),
        ("finetune.strategy = 'tpu'", "finetune.strategy"),
    ],
)
def test_bad_options_give_one_clear_error_and_no_folder(tmp_path, binding, message):
    with pytest.raises(ValueError, match=message):
        _finetune(tmp_path / "run", binding)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["paper", "code", "arm3d"])
def test_the_papers_files_parse_with_the_papers_settings(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    gin.parse_config_file(f"gin/papers/stage2/finetune_{name}.gin")
    expected = {
        "finetune/RAdamOptimizer.learning_rate": 1e-3,
        "finetune/RAdamOptimizer.weight_decay": 0.01,
        "finetune.validation_fraction": 0.2,
        "finetune.epochs": 5,
        "finetune.batch_size": 128 if name == "arm3d" else 512,
        "finetune.head_initializer": "pytorch" if name == "code" else "he_uniform",
        "learned_aggregation.initializer": "pytorch" if name == "code" else "he_uniform",
        "learned_aggregation.kernels": (1, 2, 1),
    }
    for binding, value in expected.items():
        assert _bound(binding) == value, binding
    kind = "arm3d" if name == "arm3d" else "mpi3d"
    assert _bound("finetune.data_sets") == [f"{kind}_toy", f"{kind}_realistic"]


def _bound(name):
    value = gin.query_parameter(name)
    if isinstance(value, gin.config.ConfigurableReference):  # A macro.
        return gin.query_parameter(f"{value.scoped_selector.split('/')[0]}/macro.value")
    return value


@pytest.mark.long
def test_the_small_files_network_takes_a_step(tmp_path, monkeypatch):
    """MobileNet with learned aggregation and RAdam, on other images."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(SETS, "large", lambda: Bars("large", sizes=(4, 3), shape=(64, 64, 3)))
    bindings = ["DATA_SETS = ['large']", "WEIGHTS = None", "finetune.batch_size = 10"]
    bindings += ["finetune.epochs = 1", "FILTERS = (8, 8, 4)", "LAYER = 'conv_pw_2_relu'"]
    gin.parse_config_files_and_bindings(["gin/papers/stage2/finetune_arm3d.gin"], bindings)
    run = finetune_room.finetune(tmp_path / "run")
    assert run.results["global_step"] == 1
    assert np.isfinite(run.results["cross_entropy"])
    extractor = run.classifier.extractor
    assert extractor.backbone.trainable and extractor.output_dim == 4 * 15 * 15
    extractor.save(tmp_path / "extractor.keras")
    loaded = keras.models.load_model(tmp_path / "extractor.keras")
    images = np.random.RandomState(0).rand(2, 64, 64, 3).astype(np.float32)
    np.testing.assert_array_equal(loaded(images), extractor(images))


@pytest.mark.long
def test_precision_and_strategy_are_options_and_are_undone(tmp_path):
    run = _finetune(
        tmp_path / "run",
        "finetune.precision = 'mixed_bfloat16'",
        "finetune.strategy = 'mirrored'",
        "finetune.batch_size = 64",
        "finetune.epochs = 1",
    )
    extractor = run.classifier.extractor
    assert extractor.backbone.layers[0].compute_dtype == "bfloat16"
    assert run.classifier(np.zeros((1, 8, 8, 1), np.float32))["row"].dtype == "float32"
    assert np.isfinite(run.results["cross_entropy"])
    assert keras.mixed_precision.dtype_policy().name == "float32"
