"""A process that serves points: as many cores as it was given, and no more memory with every point."""

import os
import sys
import weakref

import pytest

import tfdis
from tfdis.sweeps import worker
from tfdis.sweeps.memory import release
from tfdis.sweeps.worker import Surroundings
from tfdis.training.runtime import Runtime


def test_a_process_computes_on_the_cores_of_one_run(monkeypatch, tmp_path):
    limited = []
    monkeypatch.chdir(os.getcwd())
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(worker, "limit_cores", limited.append)
    monkeypatch.setattr(Runtime, "limit_threads", lambda self: limited.append(self.threads))
    monkeypatch.setattr(worker, "leave_imports_alone", lambda: None)
    Surroundings(tfdis.__version__, str(tmp_path), (), (), 3).enter()
    assert limited == [3, 3] and os.getcwd() == str(tmp_path)


@pytest.mark.long
def test_what_a_step_has_traced_does_not_stay():
    import tensorflow as tf

    @tf.custom_gradient
    def identity(x):
        return x, lambda gradient: gradient

    @tf.function
    def traced(x):
        return identity(x)

    graph = weakref.ref(traced.get_concrete_function(tf.TensorSpec([], tf.float32)).graph)
    del traced
    assert graph() is not None
    release()
    assert graph() is None
