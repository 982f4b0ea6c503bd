"""Leases: one holder, gone with it on its machine, after its term elsewhere, renewed and lost."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tfdis.files import lease
from tfdis.files.interruption import Interrupted, raising_signals
from tfdis.files.lease import EXPIRY_SECONDS, is_leased, leased
from tfdis.files.lock import InUseError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lease"


def _is_free(path):
    try:
        with leased(path, "it"):
            return True
    except InUseError:
        return False


def _wait(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "timeout"
        time.sleep(0.01)


def test_one_process_holds_it_at_a_time(path):
    with leased(path, "the point"):
        assert is_leased(path)
        with pytest.raises(InUseError, match="Expected the point to be in use by no other process"):
            leased(path, "the point").__enter__()
    assert not is_leased(path) and _is_free(path) and not os.listdir(path.parent)


def test_it_ends_with_a_killed_process_of_this_machine(path):
    code = (
        "import sys, time\nfrom tfdis.files.lease import leased\n"
        "with leased(sys.argv[1], 'it'):\n    print('held', flush=True)\n    time.sleep(600)"
    )
    command = [sys.executable, "-c", code, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout.readline() == "held\n"
        assert is_leased(path) and not _is_free(path)
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        assert path.exists() and not is_leased(path) and _is_free(path)


@pytest.mark.parametrize(
    ("age", "is_over"), [(EXPIRY_SECONDS - 60, False), (EXPIRY_SECONDS + 1, True)]
)
def test_that_of_another_machine_lasts_for_its_term(path, age, is_over):
    path.write_text(f"other-machine {os.getpid()} {lease._start_of(os.getpid())} x")
    os.utime(path, (time.time() - age,) * 2)
    assert is_leased(path) != is_over and _is_free(path) == is_over


def test_a_number_that_another_process_has_got_is_not_its_holder(path):
    path.write_text(f"{lease._machine()} {os.getpid()} 1 x")
    assert not is_leased(path) and _is_free(path)


def test_its_holder_renews_it(path, monkeypatch):
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.01)
    with leased(path, "it"):
        os.utime(path, (0, 0))
        _wait(lambda: path.stat().st_mtime > 0)


@pytest.mark.parametrize(
    "loss", [lambda path: path.unlink(), lambda path: path.write_text("other")]
)
def test_who_has_lost_it_is_stopped_and_leaves_it_to_the_other(path, monkeypatch, loss):
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.01)
    with pytest.raises(Interrupted, match="SIGTERM"), raising_signals(), leased(path, "it"):
        loss(path)
        time.sleep(60)
    assert not path.exists() or path.read_text() == "other"


def test_one_that_was_just_taken_over_is_put_back(path):
    path.write_text("taken over")
    lease._set_aside(path, "stale")
    assert path.read_text() == "taken over" and os.listdir(path.parent) == ["lease"]
    lease._set_aside(path, "taken over")
    assert not os.listdir(path.parent)
