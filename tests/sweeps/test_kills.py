"""A real study whose worker and whose command are killed: nothing is lost, nothing is done twice."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tfdis.files.folder import is_held
from tfdis.sweeps.folder import State, StudyFolder

ROOT = Path(__file__).resolve().parents[2]
STEPS, CHECKPOINT, SEEDS = 60, 10, 3
CONFIG = f"""# Tiny, and slow enough to be killed.
import slow
dataset.name = "dummy_data"
model.model = @vae()
vae.beta = 1.0
encoder.num_latent = 2
encoder.encoder_fn = @mlp_encoder
decoder.decoder_fn = @mlp_decoder
mlp_encoder.hidden_units = (4,)
mlp_decoder.hidden_units = (4,)
reconstruction_loss.loss_fn = @bernoulli_loss
vae_optimizer.optimizer_fn = @AdamOptimizer
AdamOptimizer.learning_rate = 0.001
model.batch_size = 4
model.training_steps = {STEPS}
model.log_steps = 10
model.checkpoint_steps = {CHECKPOINT}
model.eval_steps = 1
model.callbacks = [@Slow()]
"""
MODULE = """
import time
import gin
import keras

@gin.register
class Slow(keras.callbacks.Callback):
    def start_run(self, run_dir, data):
        self.path = run_dir.parent / "steps"

    def on_train_batch_end(self, batch, logs=None):
        with open(self.path, "a") as file:
            file.write(f"{int(self.model.optimizer.iterations.numpy())}\\n")
        time.sleep(0.1)
"""


@pytest.fixture
def command(tmp_path):
    """Starts the study in a process of its own; ends what is left of it."""
    (tmp_path / "slow.py").write_text(MODULE)
    (tmp_path / "slow.gin").write_text(CONFIG)
    flags = ("--gin_file=slow.gin", f"--seeds=0:{SEEDS}", "--steps=train", "--output_dir=study")
    started = []

    def start():
        with open(tmp_path / "output.txt", "a") as output:
            command = [sys.executable, ROOT / "bin" / "study", *flags]
            process = subprocess.Popen(command, cwd=tmp_path, stdout=output, stderr=output)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()


def _steps(folder, name):
    path = folder.at(name, "steps")
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def _wait(condition, seconds=900):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "timeout"
        time.sleep(0.1)


def _reference(tmp_path, seed, monkeypatch):
    """Weights of the run that nobody disturbed."""
    import keras

    from tfdis.runs.train import train_with_gin

    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    folder = tmp_path / f"alone_{seed}" / "model"
    train_with_gin(folder, False, ["slow.gin"], [f"model.random_seed = {seed}"])
    return keras.models.load_model(folder / "model.keras").get_weights()


@pytest.mark.long
def test_a_killed_worker_and_a_killed_command_lose_nothing(command, tmp_path, monkeypatch):
    import keras

    folder = StudyFolder(tmp_path / "study")
    names = [f"random_seed={seed}" for seed in range(SEEDS)]
    first = command()
    _wait(lambda: any(len(_steps(folder, name)) > 25 for name in names))
    killed = next(name for name in names if len(_steps(folder, name)) > 25)
    holder = folder.at(killed, ".tfdis-lock-holder").read_text()
    os.kill(int(holder.split()[1]), signal.SIGKILL)
    # It is tried again, from its last checkpoint; then the command dies, and with it all its processes.
    _wait(lambda: _steps(folder, killed).count(25) == 2)
    first.kill()
    _wait(lambda: not any(is_held(folder.at(name)) for name in names))
    assert not all(folder.is_trained(name) for name in names)
    assert command().wait(timeout=900) == 0, (tmp_path / "output.txt").read_text()
    for seed, (name, point) in enumerate(zip(names, folder.read(), strict=True)):
        assert folder.state(point, ("train",)) is State.DONE
        made = _steps(folder, name)
        assert set(made) == set(range(1, STEPS + 1))
        # Each kill costs at most the steps since a checkpoint, and one that was just being written.
        starts = [second for before, second in itertools.pairwise(made) if second != before + 1]
        assert all(start % CHECKPOINT == 1 for start in starts) and len(starts) <= 2
        assert starts.count(1) <= 1 and (name != killed or 1 not in starts)
        ours = keras.models.load_model(folder.at(name, "model", "model.keras")).get_weights()
        for a, b in zip(ours, _reference(tmp_path, seed, monkeypatch), strict=True):
            np.testing.assert_array_equal(a, b)
