"""A process that may use fewer cores than there are starts no more threads than that."""

import os

import joblib
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from tfdis.dlib.scoring.parallel_fits import ParallelFits
from tfdis.files import cores


@pytest.fixture
def restored(monkeypatch):
    """Takes limits back after a test."""
    for name in ("LOKY_MAX_CPU_COUNT", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "64")
    with threadpool_limits(2):
        yield
    cores._LIMIT.clear()


def test_all_cores_that_the_system_gives():
    assert cores.num_cores() == len(os.sched_getaffinity(0))


def test_a_limit_holds_for_all_that_computes(restored):
    cores.limit_cores(1)
    assert cores.num_cores() == joblib.cpu_count() == ParallelFits()._num_threads == 1
    assert {library["num_threads"] for library in threadpool_info()} == {1}


def test_a_limit_above_what_there_is_changes_nothing(restored):
    cores.limit_cores(10_000)
    assert cores.num_cores() == len(os.sched_getaffinity(0))
