"""Folders that one process at a time works in, and locks that die with their holder."""

import multiprocessing
import os
import signal
import threading
import time

import pytest

from tfdis.files.folder import empty_folder, entries_of, held_folder
from tfdis.files.lock import InUseError, locked


def _hold_until_killed(folder):
    with held_folder(folder):
        time.sleep(60)


@pytest.fixture
def holder(tmp_path):
    """A process that holds the folder `run`."""
    process = multiprocessing.get_context("spawn").Process(
        target=_hold_until_killed, args=(tmp_path / "run",)
    )
    process.start()
    while not list(tmp_path.glob("run/*-holder")):
        assert process.is_alive()
        time.sleep(0.01)
    yield process
    process.kill()
    process.join(20)


def test_the_second_is_told_who_was_first(tmp_path, holder):
    message = f"run to be in use by no other process.*by process {holder.pid} on .* since 20"
    with pytest.raises(InUseError, match=message), held_folder(tmp_path / "run"):
        pytest.fail("the body ran")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_lock_of_a_dead_process_does_not_block(tmp_path, holder, number):
    os.kill(holder.pid, number)
    holder.join(20)
    with held_folder(tmp_path / "run"):
        assert entries_of(tmp_path / "run") == []
    assert not any(tmp_path.glob("run/*"))


def test_a_process_may_hold_a_folder_twice_and_keeps_it_until_the_end(tmp_path):
    with held_folder(tmp_path):
        with held_folder(tmp_path):
            pass
        assert list(tmp_path.glob("*-holder"))
    assert os.listdir(tmp_path) == []


def test_two_threads_do_not_hold_it_together(tmp_path):
    errors = []

    def hold():
        try:
            with held_folder(tmp_path):
                pass
        except InUseError as error:
            errors.append(error)

    with held_folder(tmp_path):
        thread = threading.Thread(target=hold)
        thread.start()
        thread.join(20)
    assert f"process {os.getpid()}" in str(*errors)


def test_waiting_for_the_lock(tmp_path):
    order = []

    def second():
        with locked(tmp_path / "lock", "a test", wait=True):
            order.append("second")

    with locked(tmp_path / "lock", "a test"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]
    assert os.listdir(tmp_path) == []


def test_an_empty_folder_that_was_made_for_nothing_goes(tmp_path):
    with pytest.raises(ValueError), held_folder(tmp_path / "runs" / "new"):
        raise ValueError
    assert os.listdir(tmp_path) == []
    with held_folder(tmp_path / "runs" / "new") as folder:
        (folder / "file").write_text("kept")
    assert os.listdir(tmp_path / "runs" / "new") == ["file"]


def test_emptying_keeps_the_lock_and_leaves_the_mark_for_last(tmp_path, monkeypatch):
    for name in ("a", "mark", "z"):
        (tmp_path / name).mkdir()
    removed = []
    monkeypatch.setattr("tfdis.files.folder.remove", lambda path: removed.append(path.name))
    with held_folder(tmp_path):
        empty_folder(tmp_path, last="mark")
    assert sorted(removed[:2]) == ["a", "z"] and removed[2:] == ["mark"]
