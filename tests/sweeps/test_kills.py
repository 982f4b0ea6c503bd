"""Real points on two nodes while workers, nodes and the command are killed at random: nothing is lost.

It takes minutes, and runs when it is asked for, by the number of kills:

    TFDIS_KILLS=20 python -m pytest -s tests/sweeps/test_kills.py
"""

import contextlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from tfdis.files.lease import is_leased
from tfdis.sweeps.folder import LEASE_FILE, State, StudyFolder

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("TFDIS_KILLS", "0"))
STEPS, CHECKPOINT, SEEDS = 100, 10, 12
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
        time.sleep(0.2)
"""


class _Study:
    """The command on a cluster of two nodes, and what can happen to them."""

    def __init__(self, place, cluster):
        self.folder = StudyFolder(place / "study")
        self.kills = {"worker": 0, "node": 0, "command": 0}
        self._place, self._cluster = place, cluster
        self.second = cluster.add_node(num_cpus=1)
        self.start()

    def start(self):
        flags = ["--gin_file=slow.gin", f"--seeds=0:{SEEDS}", "--metrics=unsupervised"]
        flags += ["--output_dir=study", f"--address={self._cluster.address}"]
        with open(self._place / "output.txt", "a") as output:
            command = [sys.executable, ROOT / "bin" / "study", *flags]
            self.command = subprocess.Popen(command, cwd=self._place, stdout=output, stderr=output)

    def workers(self):
        """Process numbers of those that do a point."""
        found = []
        for lease in self.folder.points_dir.glob(f"*/{LEASE_FILE}"):
            if is_leased(lease):
                with contextlib.suppress(OSError, IndexError):
                    found.append(int(lease.read_text().split()[1]))
        return found

    def kill(self, what):
        if what == "worker":
            try:
                os.kill(random.choice(self.workers()), signal.SIGKILL)
            except (IndexError, ProcessLookupError):  # It has just ended by itself.
                return
        elif what == "node":
            self._cluster.remove_node(self.second, allow_graceful=False)
            self.second = self._cluster.add_node(num_cpus=1)
        else:
            self.command.kill()
            self.command.wait()
            self.start()
        self.kills[what] += 1


def _steps(folder, name):
    path = folder.at(name, "steps")
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def _reference(place, seed):
    """Folder of the run that nobody disturbed."""
    from tfdis.sweeps.here import do_here

    alone = StudyFolder(place / "alone")
    points = StudyFolder(place / "study").read()
    do_here(alone, points, points[seed].name, ("train", "score"))
    return alone.at(points[seed])


def _score(place):
    import json

    path = place / "metrics/mean/unsupervised/results/json/evaluation_results.json"
    found = json.loads(path.read_text())
    return {name: value for name, value in found.items() if name not in ("elapsed_time", "uuid")}


@pytest.mark.skipif(not KILLS, reason="runs with TFDIS_KILLS=20 in the environment")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_random_kills_lose_nothing(tmp_path, monkeypatch):
    import keras
    from ray.cluster_utils import Cluster

    random.seed(0)
    (tmp_path / "slow.py").write_text(MODULE)
    (tmp_path / "slow.gin").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    study = _Study(tmp_path, cluster)
    try:
        while sum(study.kills.values()) < KILLS and study.command.poll() is None:
            time.sleep(random.uniform(3, 12))
            if study.workers():
                study.kill(random.choices(["worker", "node", "command"], [6, 2, 2])[0])
        assert study.command.wait(1800) == 0, (tmp_path / "output.txt").read_text()
    finally:
        study.command.kill()
        cluster.shutdown()
    begun = {}
    for seed, point in enumerate(study.folder.read()):
        assert study.folder.state(point) is State.DONE
        made = _steps(study.folder, point.name)
        assert set(made) == set(range(1, STEPS + 1))
        starts = [second for before, second in itertools.pairwise(made) if second != before + 1]
        # A kill costs at most the steps since a checkpoint, and one that was just being written.
        assert all(start % CHECKPOINT == 1 for start in starts), (point.name, starts)
        begun[point.name] = starts
        ours, alone = study.folder.at(point), _reference(tmp_path, seed)
        weights = [
            keras.models.load_model(place / "model" / "model.keras").get_weights()
            for place in (ours, alone)
        ]
        for a, b in zip(*weights, strict=True):
            np.testing.assert_array_equal(a, b)
        assert _score(ours) == _score(alone)
    print(f"kills: {study.kills}; steps at which points began again: {begun}")
