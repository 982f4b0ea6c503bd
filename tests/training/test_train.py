"""The gin root: exact resume, NaN guard, options and dlib's own dialect."""

import os
import signal

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from one_of_each_kind import case
from run_helpers import assert_same_weights, rows_of

from tfdis.training import train as train_room
from tfdis.training.callbacks import NonFiniteLossError, ProgressBar

DIALECT = """
model.batch_size = 4
encoder.num_latent = 3
model.model = @beta_tc_vae()
beta_tc_vae.beta = 4.
dataset.name = "xysquares"
vae_optimizer.optimizer_fn = @vae/AdamOptimizer
discriminator_optimizer.optimizer_fn = @discriminator/AdamOptimizer
model.training_steps = 9
model.random_seed = 0
vae/AdamOptimizer.beta1 = 0.9
vae/AdamOptimizer.learning_rate = 0.001
vae/AdamOptimizer.name = 'Adam'
vae/AdamOptimizer.use_locking = False
discriminator/AdamOptimizer.beta1 = 0.5
encoder.encoder_fn = @mlp_encoder
mlp_encoder.hidden_units = (16,)
decoder.decoder_fn = @mlp_decoder
mlp_decoder.hidden_units = (16,)
reconstruction_loss.loss_fn = @bernoulli_loss
model.eval_steps = 1
model.log_steps = 2
model.checkpoint_steps = 4
"""
DETERMINISTIC = "model.deterministic = True"


def _train(folder, *bindings):
    gin.clear_config()
    gin.parse_config([DIALECT, *bindings])
    return train_room.train(folder)


def _log(folder):
    return rows_of(folder / "training_log.csv")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of the dialect that nothing interrupted."""
    return _train(tmp_path_factory.mktemp("whole") / "run", DETERMINISTIC)


@pytest.mark.long
def test_a_run_leaves_scalars_of_every_term_and_checkpoints(whole):
    rows = _log(whole.folder.path)
    assert [int(row["step"]) for row in rows] == [2, 4, 6, 8, 9]
    for name in (
        "loss",
        "reconstruction_loss",
        "kl_loss",
        "elbo",
        "total_correlation",
        "learning_rate",
    ):
        assert np.isfinite([float(row[name]) for row in rows]).all(), name
    latest = tf.train.latest_checkpoint(str(whole.folder.checkpoints))
    assert latest.endswith("-9")
    events = list((whole.folder.path / "tensorboard").glob("events*"))
    tags = {
        v.tag for e in tf.compat.v1.train.summary_iterator(str(events[0])) for v in e.summary.value
    }
    assert {"train/loss", "train/kl_loss", "train/total_correlation"} <= tags
    assert whole.results["global_step"] == 9
    assert whole.results["dataset_provenance"] == "generated"


@pytest.mark.exhaustive
@pytest.mark.parametrize("stopped_at", [3, 4, 8])
def test_a_longer_run_started_in_two_parts_equals_one_in_one_part(whole, tmp_path, stopped_at):
    """As the run that is killed, and as those of every kind of model in test_kinds.py."""
    _train(tmp_path / "parts", DETERMINISTIC, f"model.training_steps = {stopped_at}")
    resumed = _train(tmp_path / "parts", DETERMINISTIC)
    assert_same_weights(whole.model, resumed.model)
    assert _log(tmp_path / "parts")[-1] == _log(whole.folder.path)[-1]
    for name in ("loss", "elbo"):
        assert resumed.results[name] == whole.results[name]


@pytest.mark.long
@pytest.mark.parametrize("num_steps", [case(True, 2), case(False, 4)])
def test_steps_per_execution_changes_nothing_but_speed(whole, tmp_path, num_steps):
    """9 updates, of which neither number is a divisor, the first 3 of them before a stop."""
    bindings = [f"model.steps_per_execution = {num_steps}", f"model.log_steps = {num_steps}"]
    _train(tmp_path / "several", *bindings, "model.training_steps = 3")
    several = _train(tmp_path / "several", *bindings)
    assert int(several.model.optimizer.iterations) == 9
    assert tf.train.latest_checkpoint(str(several.folder.checkpoints)).endswith("-9")
    for a, b in zip(whole.model.get_weights(), several.model.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    steps = [int(row["step"]) for row in _log(tmp_path / "several")]
    assert steps == sorted({3, *range(num_steps, 9, num_steps), 9})


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_seeds_change_the_run(tmp_path):
    first = _train(tmp_path / "0", "model.training_steps = 1")
    second = _train(tmp_path / "1", "model.training_steps = 1", "model.random_seed = 4294967295")
    assert np.abs(first.model.get_weights()[0] - second.model.get_weights()[0]).max() > 1e-3
    assert first.results["loss"] != second.results["loss"]


def _poisoned_from(step):
    """The real stream, whose images are NaN from that step on."""
    real = train_room.streams.training_stream

    def poisoned(*args, start_step=0, **kwargs):
        images = real(*args, start_step=start_step, **kwargs)
        steps = tf.data.Dataset.range(start_step, 10_000)
        return tf.data.Dataset.zip(steps, images).map(
            lambda i, x: tf.where(i >= step, tf.constant(np.nan), x)
        )

    return poisoned


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_nan_stops_with_the_step_and_keeps_the_last_good_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(train_room.streams, "training_stream", _poisoned_from(3))
    with pytest.raises(NonFiniteLossError, match="step 4: loss = nan.*kl_loss"):
        _train(tmp_path / "run", "model.checkpoint_steps = 2")
    good = tf.train.load_checkpoint(str(tmp_path / "run" / "checkpoints" / "ckpt-2"))
    for name in good.get_variable_to_shape_map():
        value = np.asarray(good.get_tensor(name))
        assert value.dtype != np.float32 or np.isfinite(value).all(), name


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_a_new_run_that_fails_before_its_first_checkpoint_leaves_nothing(tmp_path):
    with pytest.raises(NonFiniteLossError):
        _train(
            tmp_path / "run",
            "vae/AdamOptimizer.learning_rate = 1e38",
            "model.checkpoint_steps = 100",
        )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("start", "total"), [(0, 0), (0, 9), (4, 9), (9, 9)])
def test_a_run_with_no_step_left_has_no_bar(capsys, start, total):
    ProgressBar(start, total).close()
    assert bool(capsys.readouterr().err) == (start < total)


@pytest.mark.long
def test_fewer_steps_than_the_checkpoint_are_refused(whole):
    with pytest.raises(ValueError, match="at least 9.*Received: 3"):
        _train(whole.folder.path, DETERMINISTIC, "model.training_steps = 3")
    assert (whole.folder.checkpoints / "ckpt-9.index").exists()


@pytest.mark.parametrize(
    ("binding", "message"),
    [
        ("encoder.num_latent = 0", "at least 1"),
        ("model.batch_size = 0", "model.batch_size"),
        ("model.training_steps = -1", "model.training_steps"),
        ("model.precision = 'float8'", "model.precision"),
        ("model.strategy = 'tpu'", "model.strategy"),
        ("model.steps_per_execution = 3", "divide model.log_steps"),
        ("model.model = @vae()", "vae.beta"),
        ("dataset.name = 'dsprite'", "dsprites_full"),
        ("encoder.num_latents = 3", "num_latents"),
        ("beta_tc_vae.gama = 3", "gama"),
    ],
)
def test_bad_options_give_one_clear_error_and_no_folder(tmp_path, binding, message):
    with pytest.raises(ValueError, match=message):
        _train(tmp_path / "run", binding)
    assert not (tmp_path / "run").exists()


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_precision_and_strategy_are_options_and_are_undone(tmp_path):
    options = ("model.precision = 'mixed_bfloat16'", "model.strategy = 'mirrored'")
    run = _train(tmp_path / "run", *options, "model.training_steps = 1")
    assert run.model.encoder.layers[2].compute_dtype == "bfloat16"
    assert np.isfinite(run.results["loss"])
    assert keras.mixed_precision.dtype_policy().name == "float32"
    assert not tf.distribute.has_strategy()


_SCRIPT = """
import sys, gin
from tfdis.training import train as t
gin.parse_config(sys.argv[2].split(";;"))
t.train(sys.argv[1], callbacks=locals().get("callbacks", ()))
"""
_KILLED = """
import os, signal, keras

class Killer(keras.callbacks.Callback):
    made = 0

    def on_train_batch_end(self, batch, logs=None):
        self.made += 1
        if self.made == 7:
            os.kill(os.getpid(), signal.SIGKILL)

callbacks = [Killer()]
"""


@pytest.fixture
def run_script(start_command, tmp_path):
    """Runs a script that trains in a folder, in a process of its own; returns how that ended."""

    def run(text, folder, *bindings):
        script = tmp_path / "script.py"
        script.write_text(f"import sys\nsys.path.insert(0, {os.getcwd()!r})\n{text}")
        return start_command(script, folder, ";;".join([DIALECT, *bindings]))

    return run


@pytest.mark.long
def test_killed_with_9_and_started_again_ends_bit_for_bit_the_same(whole, run_script, tmp_path):
    """Killed at step 7, with rows of a log that are later than the last checkpoint, of step 4."""
    killed = run_script(_KILLED + _SCRIPT, tmp_path / "killed", DETERMINISTIC)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    latest = tf.train.latest_checkpoint(str(tmp_path / "killed" / "checkpoints"))
    assert latest.endswith("-4") and _log(tmp_path / "killed")[-1]["step"] == "6"
    again = _train(tmp_path / "killed", DETERMINISTIC)
    assert _log(tmp_path / "killed") == _log(whole.folder.path)
    assert_same_weights(whole.model, again.model)
    for a, b in zip(whole.model.optimizer.variables, again.model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)


_TWO_REPLICAS = """
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
real = tf.distribute.MirroredStrategy
tf.distribute.MirroredStrategy = lambda: real(["CPU:0", "CPU:1"])
"""


@pytest.mark.long
@pytest.mark.parametrize("ends", [case(True, [4]), case(False, [4, 9])])
def test_two_replicas_train_and_resume(run_script, tmp_path, ends):
    """Two logical CPUs stand for two GPUs."""
    for steps in ends:
        bindings = ("model.strategy = 'mirrored'", f"model.training_steps = {steps}")
        result = run_script(_TWO_REPLICAS + _SCRIPT, tmp_path / "run", *bindings)
        assert result.returncode == 0, result.stderr
    rows = _log(tmp_path / "run")
    assert [int(row["step"]) for row in rows] == [2, 4, 6, 8, 9][: len(rows)]
    assert int(rows[-1]["step"]) == ends[-1]
    losses = [float(row["loss"]) for row in rows]
    assert losses[-1] < losses[0]
