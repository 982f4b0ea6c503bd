"""The view of a running study: one live table on a terminal, lines in a log file otherwise."""

import collections
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from absl import logging
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tfdis.sweeps.folder import LOG_FILE, State, StudyFolder
from tfdis.sweeps.point import Point
from tfdis.sweeps.work import Kind, Outcome

_LINE_SECONDS, _TABLE_SECONDS = 30.0, 1.0
_SHOWN = 10


def count_states(
    folder: StudyFolder, points: Sequence[Point], steps: Sequence[str]
) -> dict[State, list[Point]]:
    """The points in each state, as their folders tell."""
    found = {state: [] for state in State}
    for point in points:
        found[folder.state(point, steps)].append(point)
    return found


def summary(counts: dict[State, list[Point]]) -> str:
    """Numbers of points in each state, on one line.

    Example:
        >>> summary({State.DONE: ["a", "b"], State.FAILED: []})
        '2 done, 0 failed'
    """
    return ", ".join(f"{len(points)} {state}" for state, points in counts.items())


class Progress:
    """Counts outcomes, and says how fast the study is and when it ends.

    Args:
        folder: folder of the study.
        points: the points that are done now.
        already: number of points that were done before.
    """

    def __init__(self, folder: StudyFolder, points: Sequence[Point], already: int = 0):
        self._folder, self._already = folder, already
        self._left = {point.name: point for point in points}
        self._failed: dict[str, str] = {}
        self._done = 0
        self._recent: collections.deque[float] = collections.deque(maxlen=50)
        self._started = self._said = time.monotonic()
        self._live: Live | None = None

    @contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Shows the table while the body runs, if there is a terminal."""
        if not sys.stderr.isatty():
            yield self
            return
        with Live(self._table(), console=Console(stderr=True), auto_refresh=False) as self._live:
            try:
                yield self
            finally:
                self._live = None

    def __call__(self, outcome: Outcome | None) -> None:
        """Takes notice of an outcome, or of nothing but that time has passed."""
        if outcome is not None:
            self._note(outcome)
        now = time.monotonic()
        if self._live is not None and now - self._said >= _TABLE_SECONDS:
            self._said = now
            self._live.update(self._table(), refresh=True)
        elif self._live is None and now - self._said >= _LINE_SECONDS:
            self._said = now
            logging.info("%s", self.line())

    def _note(self, outcome: Outcome) -> None:
        if outcome.kind not in (Kind.DONE, Kind.FAILED):
            return
        self._left.pop(outcome.name, None)
        if outcome.kind is Kind.DONE:
            self._done += 1
            self._recent.append(time.monotonic())
            logging.info("%s is done, after %.0f s.", outcome.name, outcome.seconds)
        else:
            self._failed[outcome.name] = outcome.error
            log = self._folder.at(outcome.name, LOG_FILE)
            logging.error("%s failed: %s (%s)", outcome.name, outcome.error, log)

    @property
    def per_hour(self) -> float:
        """Number of points per hour, over the last fifty; 0 before the first one."""
        if not self._recent:
            return 0.0
        start = self._started if len(self._recent) < self._recent.maxlen else self._recent[0]
        number = len(self._recent) - (start != self._started)
        return 3600.0 * number / max(time.monotonic() - start, 1e-3)

    def line(self) -> str:
        """Everything on one line."""
        running = self._running()
        waiting = len(self._left) - len(running)
        text = (
            f"{self._already + self._done} done, {len(running)} running, {waiting} waiting, "
            f"{len(self._failed)} failed; {self.per_hour:.1f} models an hour"
        )
        return (
            f"{text}, {_duration(len(self._left) / self.per_hour)} left" if self.per_hour else text
        )

    def _running(self) -> list[str]:
        """Names of the points that some process holds."""
        return [name for name in list(self._left)[:1000] if self._folder.is_held(name)]

    def _table(self) -> Group:
        table = Table(box=None, pad_edge=False)
        for heading in ("done", "running", "waiting", "failed", "models an hour", "time left"):
            table.add_column(heading, justify="right")
        running = self._running()
        left = _duration(len(self._left) / self.per_hour) if self.per_hour else "-"
        numbers = (self._already + self._done, len(running), len(self._left) - len(running))
        table.add_row(*map(str, numbers), str(len(self._failed)), f"{self.per_hour:.1f}", left)
        lines = [Text(f"running  {name}") for name in running[:_SHOWN]]
        failures = list(self._failed.items())[-_SHOWN:]
        lines += [Text(f"failed   {name}: {error}", "red") for name, error in failures]
        return Group(table, *lines)


def _duration(hours: float) -> str:
    """A time for people.

    Example:
        >>> _duration(0.21), _duration(30.5)
        ('13 min', '30 h 30 min')
    """
    minutes = round(hours * 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
