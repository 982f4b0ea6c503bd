"""What one sees of a study: numbers that fit the folders, failures with their logs, speed, time left."""

import io
import logging

import pytest
from rich.console import Console

from tfdis.files.folder import held_folder
from tfdis.sweeps import progress as module
from tfdis.sweeps.progress import Progress
from tfdis.sweeps.work import Kind, Outcome


@pytest.fixture
def clock(monkeypatch):
    """A clock of seconds that the test moves."""
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_line_has_every_number_and_the_time_left(study, clock):
    folder, points = study
    progress = Progress(folder, points, already=5)
    assert progress.line() == "5 done, 0 running, 4 waiting, 0 failed; 0.0 models an hour"
    clock[0] += 1800
    progress(Outcome("a", Kind.DONE))
    with held_folder(folder.at("b")):
        line = progress.line()
    assert line == "6 done, 1 running, 2 waiting, 0 failed; 2.0 models an hour, 1 h 30 min left"
    progress(Outcome("b", Kind.FAILED, "Expected more."))
    progress(Outcome("c", Kind.BUSY))
    assert progress.line().startswith("6 done, 0 running, 2 waiting, 1 failed")


def test_the_speed_is_that_of_the_last_fifty(study, clock):
    folder, points = study
    progress = Progress(folder, points)
    for seconds in [3600.0] * 10 + [36.0] * 50:
        clock[0] += seconds
        progress(Outcome("a", Kind.DONE))
    assert progress.per_hour == pytest.approx(100.0)


def test_without_a_terminal_there_is_a_line_now_and_then_and_one_for_each_end(study, clock, caplog):
    folder, points = study
    with caplog.at_level(logging.INFO, "absl"), Progress(folder, points).shown() as progress:
        progress(None)
        assert caplog.messages == []
        clock[0] += 31
        progress(None)
        progress(None)
        progress(Outcome("a", Kind.FAILED, "Expected more."))
        progress(Outcome("b", Kind.DONE, seconds=12.0))
    log = folder.at("a", "log.txt")
    assert caplog.messages[1:] == [f"a failed: Expected more. ({log})", "b is done, after 12 s."]
    assert caplog.messages[0].startswith("0 done, 0 running, 4 waiting, 0 failed")


def test_on_a_terminal_there_is_one_table(study, clock, monkeypatch):
    folder, points = study
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    monkeypatch.setattr(module, "Console", lambda **options: console)
    monkeypatch.setattr(module.sys.stderr, "isatty", lambda: True, raising=False)
    with Progress(folder, points).shown() as progress:
        progress(Outcome("a", Kind.FAILED, "Expected more."))
        with held_folder(folder.at("b")):
            clock[0] += 2
            progress(None)
            shown = screen.getvalue()
    assert "models an hour" in shown and "time left" in shown
    assert "a: Expected more." in shown and "running  b" in shown
