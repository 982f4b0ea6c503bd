"""Threads that finish what they were given, unless nobody waits for it any more."""

import threading

import pytest

from tfdis.files.threads import Threads


def test_a_body_that_ends_waits_for_everything():
    done = []
    with Threads(2) as pool:
        for number in range(5):
            pool.submit(done.append, number)
    assert sorted(done) == [0, 1, 2, 3, 4] and not pool.is_abandoned


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_body_that_fails_waits_for_nothing(error):
    begun, may_end, done = threading.Event(), threading.Event(), []

    def first():
        begun.set()
        may_end.wait(20)
        done.append("first")

    with pytest.raises(error), Threads(1) as pool:
        pool.submit(first)
        dropped = pool.submit(done.append, "second")
        begun.wait(20)
        raise error
    assert pool.is_abandoned and not done
    may_end.set()
    pool.shutdown()
    assert done == ["first"] and dropped.cancelled()
