"""A command that is stopped while models are fitted ends at once, not when they are fitted."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from one_of_each_kind import case

# The fits would take minutes. The first one is small, since it is fitted before the threads start.
COMMAND = """
import os, sys
import numpy as np
from tfdis.cli.run import run_main

def fit(build):
    from tfdis.dlib.scoring.parallel_fits import ParallelFits
    fits, rng = ParallelFits(2), np.random.RandomState(0)
    samples = rng.normal(size=(20_000, 100))
    labels = [rng.randint(50, size=len(samples)) for _ in range(4)]

    def loop():
        fits.model(build).fit(samples[:20], labels[0][:20] % 2)
        for each in labels:
            fits.model(build).fit(samples, each)

    sys.stdout.write("fitting\\n")
    sys.stdout.flush()
    fits.run(loop)

def boosted_trees():
    from tfdis.dlib.scoring.trees.choice import boosted_trees_class
    return boosted_trees_class()

def trees_of_scikit_learn():
    from sklearn.ensemble import GradientBoostingClassifier
    return GradientBoostingClassifier

def main(argv):
    from tfdis.files.whole import written_whole
    build = globals()[argv[1]]()
    with written_whole(argv[2]) as partial:
        os.mkdir(partial)
        fit(build)

run_main(main, takes_names=True)
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "number", "code"),
    [
        ("boosted_trees", signal.SIGTERM, 143),
        case(False, "trees_of_scikit_learn", signal.SIGINT, 130),
    ],
)
def test_a_signal_in_the_middle_of_fits_ends_the_process(model, number, code, tmp_path):
    command = [sys.executable, "-c", COMMAND, model, str(tmp_path / "scores")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            assert process.stdout.readline() == "fitting\n"
            time.sleep(0.5)
            assert process.poll() is None
            process.send_signal(number)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    line = f"stopped by {number.name}; the same command can be started again\n"
    assert (process.returncode, errors) == (code, line)
    assert not list(tmp_path.iterdir())
