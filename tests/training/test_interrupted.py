"""Runs that are stopped, shared, damaged, or in folders of any name: nothing is lost."""

import os
import shutil
import signal

import gin
import keras
import pytest
from one_of_each_kind import case
from run_helpers import assert_same_weights, rows_of
from without_graphs import running_eagerly

from tfdis.files.interruption import Interrupted
from tfdis.files.lock import InUseError
from tfdis.training import time_budget
from tfdis.training import train as train_room
from tfdis.training.run_folder import RunFolder

CONFIG = """
dataset.name = "xysquares"
xysquares.num_placements = 2
model.model = @vae()
vae.beta = 1.
encoder.num_latent = 2
encoder.encoder_fn = @mlp_encoder
mlp_encoder.hidden_units = (4,)
decoder.decoder_fn = @mlp_decoder
mlp_decoder.hidden_units = (4,)
reconstruction_loss.loss_fn = @bernoulli_loss
vae_optimizer.optimizer_fn = @AdamOptimizer
AdamOptimizer.learning_rate = 0.001
model.batch_size = 4
model.random_seed = 0
model.training_steps = 5
model.log_steps = 2
model.checkpoint_steps = 2
model.eval_steps = 1
"""


pytestmark = pytest.mark.usefixtures("eagerly")


class _Killer(keras.callbacks.Callback):
    """Sends a signal to this process after some steps, as a scheduler would."""

    def __init__(self, step, number):
        super().__init__()
        self._step, self._number, self._made = step, number, 0

    def on_train_batch_end(self, batch, logs=None):
        self._made += 1
        if self._made == self._step:
            os.kill(os.getpid(), self._number)


def train(folder, *bindings, callbacks=(), **options):
    gin.clear_config()
    gin.parse_config([CONFIG, *bindings])
    return train_room.train(folder, callbacks=callbacks, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing interrupted."""
    with running_eagerly():
        return train(tmp_path_factory.mktemp("interrupted") / "whole")


@pytest.fixture
def finished(whole, tmp_path):
    """The folder of a copy of the whole run, to be damaged."""
    return shutil.copytree(whole.folder.path, tmp_path / "run")


def _steps(folder):
    return [int(row["step"]) for row in rows_of(folder / "training_log.csv")]


class _Slow(keras.callbacks.Callback):
    """Lets an hour pass in every step."""

    def __init__(self, patch):
        super().__init__()
        self._patch, self._hours = patch, 0

    def on_train_batch_begin(self, batch, logs=None):
        self._hours += 1
        now = 3600.0 * self._hours
        self._patch.setattr(time_budget, "monotonic", lambda: now)


@pytest.mark.long
def test_a_budget_of_time_ends_the_run_and_a_larger_one_goes_on(whole, tmp_path, monkeypatch):
    def run(hours, **options):
        monkeypatch.setattr(time_budget, "monotonic", lambda: 0.0)
        budget = f"model.time_budget_hours = {hours}"
        return train(tmp_path / "run", budget, callbacks=[_Slow(monkeypatch)], **options)

    first = run(2)
    assert first.results["global_step"] == 2 and first.results["time_budget_reached"]
    assert _steps(tmp_path / "run") == [2]
    assert (tmp_path / "run/checkpoints/ckpt-2.index").is_file()
    # What was used up stays used up.
    assert run(2.0).results["updates"] == 2
    # A run that replaces this one has all its hours.
    assert run(2, overwrite=True).results["updates"] == 2
    last = run(100)
    assert last.results["updates"] == 5 and not last.results["time_budget_reached"]
    assert_same_weights(last.model, whole.model)


@pytest.mark.parametrize("hours", [0, -1.0, "'8'", True])
def test_a_budget_that_is_none_is_refused(tmp_path, hours):
    with pytest.raises(ValueError, match="Expected model.time_budget_hours to be a number above 0"):
        train(tmp_path / "run", f"model.time_budget_hours = {hours}")
    assert not (tmp_path / "run").exists()


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_the_step_and_the_same_command_goes_on(whole, tmp_path, number):
    message = f"^stopped by {number.name} at step 3 of 5; the same command goes on from there$"
    with pytest.raises(Interrupted, match=message):
        train(tmp_path / "run", callbacks=[_Killer(3, number)])
    assert (tmp_path / "run" / "checkpoints" / "ckpt-3.index").exists()
    assert _steps(tmp_path / "run") == [2, 3]
    resumed = train(tmp_path / "run")
    assert _steps(tmp_path / "run") == [2, 3, 4, 5]
    assert_same_weights(resumed.model, whole.model)


@pytest.mark.long
def test_a_second_sigint_does_not_wait(tmp_path):
    twice = [_Killer(1, signal.SIGINT), _Killer(1, signal.SIGINT)]
    with pytest.raises(Interrupted, match="stopped by SIGINT; the same"):
        train(tmp_path / "run", callbacks=twice)
    with pytest.raises(Interrupted, match="at step 1 of 5"):
        train(tmp_path / "run", callbacks=[_Killer(1, signal.SIGTERM), _Killer(1, signal.SIGTERM)])


@pytest.mark.long
def test_a_stop_is_no_epoch_of_the_plateau(tmp_path):
    plateau = (
        "model.plateau = @learning_rate_plateau()",
        "learning_rate_plateau.patience = 1",
        "learning_rate_plateau.factor = 0.5",
        # Nothing is such an improvement: the rate falls at the end of every interval but the first.
        "learning_rate_plateau.threshold = 0.9",
        "model.training_steps = 4",
    )
    with pytest.raises(Interrupted):
        train(tmp_path / "run", *plateau, callbacks=[_Killer(3, signal.SIGTERM)])
    resumed, whole = train(tmp_path / "run", *plateau), train(tmp_path / "whole", *plateau)
    assert float(resumed.model.optimizer.learning_rate) == pytest.approx(0.001 / 2)
    assert_same_weights(resumed.model, whole.model)


@pytest.mark.long
def test_handlers_are_those_of_before_afterwards(tmp_path):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    train(tmp_path / "run", "model.training_steps = 1")
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.long
@pytest.mark.parametrize("name", ["beta[4] ünï {x}?* back\\slash", "n" * 255])
def test_a_folder_of_any_name_is_resumed(tmp_path, name):
    train(tmp_path / name, "model.training_steps = 1")
    resumed = train(tmp_path / name, "model.training_steps = 2")
    assert _steps(tmp_path / name) == [1, 2]
    kept = {path.name for path in (tmp_path / name / "checkpoints").glob("ckpt-*.index")}
    assert kept == {"ckpt-1.index", "ckpt-2.index"}
    assert resumed.results["global_step"] == 2
    assert os.listdir(tmp_path) == [name]


@pytest.mark.long
def test_the_second_process_in_a_folder_is_refused(tmp_path):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # No TensorFlow in here: it does not survive a fork.
        with RunFolder(tmp_path / "run", "").held():
            os.write(writer, b"x")
            signal.pause()
    os.read(reader, 1)
    for options in ({}, {"overwrite": True}):
        with pytest.raises(InUseError, match=f"process {child} on "):
            train(tmp_path / "run", **options)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    train(tmp_path / "run", "model.training_steps = 1")


def _truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.long
@pytest.mark.parametrize("damaged", ["ckpt-5.index", "ckpt-5.data-00000-of-00001", "checkpoint"])
def test_a_truncated_checkpoint_is_said_and_the_one_before_is_taken(whole, finished, damaged):
    _truncate(finished / "checkpoints" / damaged)
    again = train(finished)
    assert_same_weights(whole.model, again.model)
    assert _steps(finished) == [2, 4, 5]


@pytest.mark.long
def test_nothing_is_trained_anew_over_checkpoints_that_cannot_be_read(finished):
    for step in (4, 5):
        _truncate(finished / "checkpoints" / f"ckpt-{step}.index")
    with pytest.raises(ValueError, match="that can be read.*steps 5, 4, all.*--overwrite"):
        train(finished)
    assert _steps(finished) == [2, 4, 5]
    train(finished, "model.training_steps = 1", overwrite=True)
    assert _steps(finished) == [1]


@pytest.mark.long
@pytest.mark.parametrize(
    "rows",
    [
        case(shown, rows)
        for rows, shown in {
            "": True,
            "step,lo": False,
            "\x00\x01\n5,nonsense": True,
            "step,loss\n5,1.0\n6,1": False,
        }.items()
    ],
)
def test_a_damaged_log_does_not_stop_a_run(finished, rows):
    (finished / "training_log.csv").write_text(rows)
    train(finished, "model.training_steps = 6")
    assert _steps(finished)[-1] == 6
