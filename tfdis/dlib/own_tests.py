"""disentanglement_lib's own tests, run on this stack, to show how good the bridge is.

Every file of tests runs in a fork of its own, because disentanglement_lib's training code registers
gin names that tfdis's models have too, and because its tests leave state behind.
"""

import importlib
import importlib.util
import io
import json
import os
import sys
import tempfile
import traceback
import unittest
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tfdis.dlib.stack.compat import DLIB
from tfdis.dlib.stack.importing import install

# Tests written for TensorFlow 1, where every test was inside a graph, which build graphs themselves. The
# others call what makes graphs of its own, or none.
_WITHIN_A_GRAPH = (
    "data.ground_truth.util_test",
    "evaluation.abstract_reasoning.relational_layers_test",
    "methods.shared.architectures_test",
    "methods.shared.optimizers_test",
    "methods.unsupervised.vae_test",
)
# A method of `tf.test.TestCase` that is no test; unittest reports it as skipped.
_NO_TEST = "test_session"


class FileResult(NamedTuple):
    """The outcome of the tests of one file.

    Attributes:
        name: dotted name of the file below disentanglement_lib.
        passed: number of tests that passed.
        reasons: name and error of each test that did not pass.
    """

    name: str
    passed: int
    reasons: list[str]


def test_names(pattern: str = "") -> list[str]:
    """Names of the files of tests in the installed disentanglement_lib.

    Args:
        pattern: text that the names have to contain.

    Returns:
        Dotted names below disentanglement_lib, e.g. "evaluation.metrics.mig_test".

    Raises:
        ImportError: disentanglement_lib is not installed.
        ValueError: no name contains the pattern.
    """
    install()
    root = Path(importlib.util.find_spec(DLIB).submodule_search_locations[0])
    paths = sorted(root.rglob("*_test.py"))
    every = [".".join(path.relative_to(root).with_suffix("").parts) for path in paths]
    names = [name for name in every if pattern in name]
    if not names:
        raise ValueError(
            f"Expected a part of the name of a file of tests. Received: {pattern!r}. The files are: "
            f"{', '.join(every)}."
        )
    return names


# Keeps pytest from taking the function for a test.
test_names.__test__ = False


def run_files(names: Sequence[str], num_processes: int = 1) -> Iterator[FileResult]:
    """Runs files of tests, each in a fork of this process.

    TensorFlow must not have run anything here before.

    Args:
        names: names out of `test_names()`.
        num_processes: number of forks that run at a time.

    Yields:
        The results, in the order in which the files end.
    """
    install()
    # Done once for all forks.
    importlib.import_module("tensorflow")
    left, running = list(names), {}
    with tempfile.TemporaryDirectory() as folder:
        while left or running:
            while left and len(running) < num_processes:
                name = left.pop(0)
                running[_start(name, os.path.join(folder, name))] = name
            process, status = os.wait()
            if process in running:
                name = running.pop(process)
                yield _read(name, os.path.join(folder, name), status)


def _start(name: str, path: str) -> int:
    """Forks; the child runs a file of tests and writes its result. Returns the child's number."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    try:
        result = _run(name, path)
        Path(path).write_text(json.dumps(result), encoding="utf-8")
    except BaseException as error:  # noqa: BLE001  A child that goes on would be a second parent.
        traceback.print_exception(error)
    finally:
        os._exit(0)


def _read(name: str, path: str, status: int) -> FileResult:
    if not os.path.isfile(path):
        code = os.waitstatus_to_exitcode(status)
        return FileResult(name, 0, [f"the process ended early, with exit code {code}"])
    passed, reasons = json.loads(Path(path).read_text(encoding="utf-8"))
    return FileResult(name, passed, reasons)


def _run(name: str, path: str) -> tuple[int, list[str]]:
    """Runs a file of tests in this process, quietly, with the flags and folder that its runner sets."""
    from absl import flags

    os.mkdir(f"{path}_files")
    log = os.open(f"{path}_log", os.O_CREAT | os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(log, stream)
    flags.FLAGS([name, f"--test_tmpdir={path}_files"])
    os.environ["TEST_TMPDIR"] = f"{path}_files"
    return run_suite(name)


def run_suite(name: str) -> tuple[int, list[str]]:
    """Runs a file of tests in this process.

    Args:
        name: one of `test_names()`.

    Returns:
        The number of tests that passed, and the reasons of the others; see `FileResult`.
    """
    suite = unittest.defaultTestLoader.loadTestsFromName(f"{DLIB}.{name}")
    if name in _WITHIN_A_GRAPH:
        _put_within_a_graph(suite)
    result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    skipped = [(test, text) for test, text in result.skipped if test._testMethodName != _NO_TEST]
    failed = [*result.failures, *result.errors]
    reasons = [_reason(test, text) for test, text in [*failed, *skipped]]
    return result.testsRun - len(result.skipped) - len(failed), reasons


def _put_within_a_graph(suite) -> None:
    """Replaces every test method by one that runs it in a TensorFlow 1 graph.

    Only the method is wrapped, since `tf.test.TestCase.setUp` empties the stack of graphs.
    """
    import tensorflow as tf

    def within_a_graph(method):
        def run():
            with tf.Graph().as_default():
                return method()

        return run

    for test in suite:
        if isinstance(test, unittest.TestSuite):
            _put_within_a_graph(test)
        else:
            name = test._testMethodName
            setattr(test, name, within_a_graph(getattr(test, name)))


def _reason(test, text: str) -> str:
    """The name of a test, and the error of its traceback without what gin appended to it."""
    lines = [line for line in text.strip().splitlines() if not line.startswith(" ")]
    return f"{test._testMethodName}: {lines[-1] if lines else text}"
