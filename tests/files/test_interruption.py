"""Work that a signal ends at once, within work that a signal lets finish."""

import os
import signal

import pytest

from tfdis.files.interruption import Interrupted, noting_signals, raising_signals, unless_stopped


def _stopped(done):
    os.kill(os.getpid(), signal.SIGTERM)
    done.append("went on")


def test_a_signal_ends_the_inner_work_at_once_and_is_noted():
    done = []
    with noting_signals("finishing") as signals:
        assert unless_stopped(lambda: 3) == 3 and signals.number is None
        assert unless_stopped(lambda: _stopped(done)) is None
        assert signals.name == "SIGTERM" and not done
        # What has not begun does not begin.
        assert unless_stopped(lambda: done.append("begun")) is None and not done
        os.kill(os.getpid(), signal.SIGTERM)  # Noted again, as before the inner work.
        done.append("finished")
    assert done == ["finished"]


def test_alone_it_changes_nothing():
    done = []
    with pytest.raises(Interrupted), raising_signals():
        unless_stopped(lambda: _stopped(done))
    assert unless_stopped(lambda: 3) == 3 and not done
