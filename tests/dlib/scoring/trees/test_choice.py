"""Where the trees might not be scikit-learn's, scikit-learn fits them, and says so once."""

import os
import platform
import subprocess
import sys

import numba
import pytest
import sklearn
from sklearn.ensemble import GradientBoostingClassifier

from tfdis.dlib.scoring.trees import boosting, choice
from tfdis.dlib.scoring.trees.boosting import BoostedTrees


@pytest.fixture(autouse=True)
def undecided():
    choice.boosted_trees_class.cache_clear()
    yield
    choice.boosted_trees_class.cache_clear()


def test_the_fast_trees_are_taken_here(warnings_given):
    assert choice.boosted_trees_class() is BoostedTrees
    assert warnings_given == []


def _raise(error):
    def fail(*arguments, **named):
        raise error

    return fail


CASES = {
    "version": (sklearn, "__version__", "1.10.0", "its version is 1.10.0, not 1.9.1"),
    "machine": (platform, "machine", lambda: "aarch64", "the processor is aarch64, not x86_64"),
    "no_numba": (
        sys.modules,
        "numba",
        None,
        "numba cannot be imported (import of numba halted; None in sys.modules)",
    ),
    "no_compiler": (numba.config, "DISABLE_JIT", 1, "NUMBA_DISABLE_JIT is set"),
    "other_trees": (boosting, "_SEEDS", 2**30, "other trees differ on this machine"),
    "full_disk": (
        boosting,
        "grow_tree",
        _raise(OSError(28, "No space left on device")),
        "numba fails with OSError ([Errno 28] No space left on device)",
    ),
    "other_numba": (
        boosting,
        "grow_tree",
        _raise(numba.core.errors.TypingError("Failed in nopython mode\nand so on")),
        "numba fails with TypingError (Failed in nopython mode)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_elsewhere_scikit_learns_are(case, monkeypatch, warnings_given):
    module, name, value, reason = CASES[case]
    setter = monkeypatch.setitem if module is sys.modules else monkeypatch.setattr
    setter(module, name, value)
    for _ in range(2):
        assert choice.boosted_trees_class() is GradientBoostingClassifier
    assert warnings_given == [
        f"Boosted trees are fitted by scikit-learn, which takes longer: {reason}."
    ]


PROGRAM = """
from absl import logging
logging.set_verbosity("info")
from tfdis.dlib.scoring.trees.compiled import compiled

@compiled
def add(a, b):
    return a + b

print(add(2, 3), add._cache.cache_path)
"""


def _run(folder, tmp_path):
    """(answer, where its machine code is kept, log) of a kernel in a new process."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    result = subprocess.run(
        [sys.executable, str(program)],
        env={**os.environ, **folder, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    answer, path = result.stdout.split()
    return answer, path, result.stderr


@pytest.mark.long
def test_machine_code_is_kept_in_the_users_cache_folder(tmp_path):
    environment = {"XDG_CACHE_HOME": str(tmp_path), "NUMBA_CACHE_DIR": ""}
    answer, path, _ = _run(environment, tmp_path)
    assert answer == "5" and path.startswith(str(tmp_path / "tfdis" / "trees-"))
    assert os.listdir(path)


@pytest.mark.long
def test_machine_code_is_kept_in_numbas_folder_if_one_is_set(tmp_path):
    answer, path, _ = _run({"NUMBA_CACHE_DIR": str(tmp_path / "numba")}, tmp_path)
    assert answer == "5" and path.startswith(str(tmp_path / "numba" / "trees-"))
    assert os.listdir(path)


@pytest.mark.long
def test_where_nothing_can_be_written_kernels_are_compiled_each_time(tmp_path):
    (tmp_path / "file").write_text("")
    answer, path, log = _run({"NUMBA_CACHE_DIR": str(tmp_path / "file" / "numba")}, tmp_path)
    assert (answer, path) == ("5", "None")
    assert "compiled again in each process" in log and "Traceback" not in log
