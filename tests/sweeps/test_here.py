"""Points in this process, one after the other: in turn, not twice, up to a failure or a signal."""

import os
import signal
import types

import pytest

from tfdis.files.interruption import Interrupted
from tfdis.files.lock import InUseError
from tfdis.sweeps import here
from tfdis.sweeps.here import do_all_here


@pytest.fixture
def begun(monkeypatch):
    """Names of the points that were begun; a function under a point's name is called in its place."""
    names, instead = [], {}

    def do(folder, point, steps, keep_codes):
        names.append(point.name)
        if point.name in instead:
            instead[point.name]()
        results = folder.at(point, "model", "results", "json")
        results.mkdir(parents=True)
        (results / "train_results.json").write_text("{}")

    monkeypatch.setattr(here, "do_steps", do)
    return names, instead


def test_points_are_done_in_turn_and_not_again(study, begun):
    folder, points = study
    names, _ = begun
    for _ in range(2):
        do_all_here(folder, points, ("train",))
        assert names == ["a", "b", "c", "d"]


def test_the_first_failure_ends_it_with_one_line_and_a_log(study, begun, caplog):
    folder, points = study
    names, instead = begun

    def fail():
        raise ValueError("Expected more.\n  Received: less.")

    instead["b"] = fail
    with pytest.raises(
        RuntimeError, match=r"b failed: Expected more. Received: less. \(.*log.txt\)"
    ):
        do_all_here(folder, points, ("train",))
    assert names == ["a", "b"] and not folder.at("c").exists()
    assert "Traceback" in folder.at("b", "log.txt").read_text()
    assert "Traceback" not in caplog.text
    del instead["b"]
    do_all_here(folder, points, ("train",))
    assert names == ["a", "b", "b", "c", "d"] and folder.failure("b") is None


def test_a_signal_ends_it(study, begun):
    folder, points = study
    names, instead = begun
    instead["a"] = lambda: os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Interrupted) as stopped:
        do_all_here(folder, points, ("train",))
    assert stopped.value.number == signal.SIGTERM and names == ["a"]


def test_what_another_process_works_on_comes_again_in_the_end(study, begun, monkeypatch):
    folder, points = study
    names, instead = begun
    waited = []

    def be_busy():
        raise InUseError("Another process holds it.")

    def sleep(seconds):
        waited.append(list(names))
        instead.clear()

    instead["b"] = be_busy
    monkeypatch.setattr(here, "time", types.SimpleNamespace(sleep=sleep))
    do_all_here(folder, points, ("train",))
    assert waited == [["a", "b", "c", "d"]] and names == ["a", "b", "c", "d", "b"]
    assert folder.is_trained("b") and folder.failure("b") is None
