"""Folders that appear whole or not at all, also with two processes and on a full disk."""

import errno
import multiprocessing
import os
import signal
import time

import pytest

from tfdis.files import once


def _write_slowly(folder):
    (folder / "pid").write_text(str(os.getpid()))
    time.sleep(0.5)


def _make(folder, results):
    once.make_folder_once(folder, _write_slowly, 10, "a test")
    results.put((folder / "pid").read_text())


def test_two_processes_make_it_once(tmp_path):
    folder = tmp_path / "deep" / "set"
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=_make, args=(folder, results)) for _ in range(3)]
    for process in processes:
        process.start()
    writers = {results.get(timeout=20) for _ in processes}
    for process in processes:
        process.join(20)
    assert len(writers) == 1
    assert [entry.name for entry in folder.parent.iterdir()] == ["set"]


def test_what_exists_is_not_made_again(tmp_path):
    (tmp_path / "set").mkdir()

    def fail(folder):
        raise AssertionError("called")

    assert once.make_folder_once(tmp_path / "set", fail, 1, "a test") == tmp_path / "set"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_whatever_fails_leaves_nothing_behind(tmp_path, error):
    def fail(folder):
        (folder / "half").write_bytes(b"x" * 100)
        raise error

    with pytest.raises(type(error)) as caught:
        once.make_folder_once(tmp_path / "set", fail, 1, "a test set")
    assert list(tmp_path.iterdir()) == []
    if isinstance(error, OSError):
        assert caught.value.errno == errno.ENOSPC
        for word in ("a test set", str(tmp_path / "set"), "No space left", "TFDIS_DATA"):
            assert word in str(caught.value)


def test_too_little_space_is_told_before_the_work(tmp_path):
    calls = []
    with pytest.raises(OSError, match="No space left on device") as caught:
        once.make_folder_once(tmp_path / "set", calls.append, 10**18, "a test")
    assert caught.value.errno == errno.ENOSPC and not calls and list(tmp_path.iterdir()) == []


def test_unwritable_place_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OSError, match="Expected to write a test.*TFDIS_DATA") as caught:
        once.make_folder_once(tmp_path / "file" / "set", lambda folder: None, 1, "a test")
    assert isinstance(caught.value, (NotADirectoryError, FileExistsError))
    assert (tmp_path / "file").read_text() == "kept"


def _write_and_die(folder):
    (folder / "half").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)


def test_killed_while_writing_then_started_again(tmp_path):
    arguments = (tmp_path / "set", _write_and_die, 1, "a test")
    process = multiprocessing.get_context("spawn").Process(
        target=once.make_folder_once, args=arguments
    )
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "set").exists() and list(tmp_path.glob(".tfdis-*/set/half"))
    once.make_folder_once(tmp_path / "set", lambda folder: None, 1, "a test")
    assert [entry.name for entry in tmp_path.iterdir()] == ["set"]
