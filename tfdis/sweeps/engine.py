"""Points as tasks of Ray: on this machine, or on a cluster that can see the study's folder."""

import contextlib
import dataclasses
import logging
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tfdis.files.error_text import to_one_line
from tfdis.files.interruption import Interrupted, noting_signals, raising_signals
from tfdis.files.optional import optional_module
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.point import Point
from tfdis.sweeps.work import Kind, Outcome
from tfdis.sweeps.worker import Surroundings, get_ready, work

# Attempts at a point whose worker or node died, after the first one. A point resumes where it was.
_RETRIES = 10
# Points that one process serves before Ray replaces it, in case that a model of the user leaks memory.
_POINTS_OF_A_PROCESS = 20
# Tasks that are handed to Ray at a time.
_WINDOW = 1000
_POLL_SECONDS = 2.0
_BUSY_SECONDS = 10.0
_STOP_SECONDS = 120.0
_ANSWER_SECONDS = 20.0
# Loggers of Ray that speak of what the user has not asked for.
_QUIET = ("ray._private.authentication.authentication_token_setup", "ray._private.worker")


@dataclasses.dataclass(frozen=True)
class Resources:
    """The resources that a study may use.

    Attributes:
        address: address of a running cluster, "auto" or "ray://host:10001"; None starts Ray on this
            machine.
        cpus: number of cores of each run.
        gpus: number of graphics cards, or of parts of one, of each run.
    """

    address: str | None = None
    cpus: int = 1
    gpus: float = 0.0

    def __post_init__(self) -> None:
        if self.cpus < 1 or self.gpus < 0:
            raise ValueError(
                "Expected --cpus_per_run of at least 1 and --gpus_per_run of at least 0. Received: "
                f"{self.cpus} and {self.gpus}."
            )


def import_ray() -> Any:
    """Imports the package `ray`.

    Raises:
        ImportError: it is not installed.
    """
    return optional_module("ray", "runs studies (--print_commands needs none)", "study")


@contextlib.contextmanager
def started(resources: Resources) -> Iterator[Any]:
    """Starts Ray or joins a cluster; afterwards it is left, or ended if it was started here.

    Yields:
        The package `ray`, connected.

    Raises:
        ConnectionError: the cluster cannot be reached.
        ValueError: no node has the resources of a run.
    """
    ray = import_ray()
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    # What the workers import tfdis and a user's modules from.
    variables = {"PYTHONPATH": os.pathsep.join(entry or os.getcwd() for entry in sys.path)}
    # With a heap for each of its threads, a process of TensorFlow keeps memory that nobody uses.
    variables["MALLOC_ARENA_MAX"] = os.environ.get("MALLOC_ARENA_MAX", "2")
    # A node that is started here inherits them, so that processes which it has ready can serve the first task.
    inherited, told = ({}, {"env_vars": variables}) if resources.address else (variables, None)
    try:
        _check_address(resources.address)
        # Ray leaves a handler of signals of its own, which this takes away again.
        with raising_signals(), _environment(inherited):
            ray.init(
                address=resources.address or "local",
                log_to_driver=False,
                logging_level=logging.WARNING,
                runtime_env=told,
            )
    except (OSError, RuntimeError, ValueError) as error:
        raise ConnectionError(
            f"Expected a Ray cluster at {resources.address or 'this machine'}. Received: "
            f"{to_one_line(error)}. Fix: `ray start --head` on one machine, or leave --address out."
        ) from error
    try:
        _check_nodes(ray, resources)
        yield ray
    finally:
        ray.shutdown()


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Gives variables to the processes that the body starts."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            os.environ.update({} if value is None else {name: value})


def _check_address(address: str | None) -> None:
    """Raises OSError or ValueError if nobody answers there; Ray itself would try for minutes."""
    if address in (None, "auto"):
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS):
        pass


def _check_nodes(ray, resources: Resources) -> None:
    """Refuses runs that no node could ever start; Ray would wait for such a node."""
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    for node in nodes:
        if node.get("CPU", 0) >= resources.cpus and node.get("GPU", 0) >= resources.gpus:
            return
    have = "; ".join(f"{node.get('CPU', 0):g} and {node.get('GPU', 0):g}" for node in nodes)
    raise ValueError(
        f"Expected a node with {resources.cpus} cores and {resources.gpus:g} graphics cards for each run. "
        f"Received nodes with {have}. Fix: smaller --cpus_per_run and --gpus_per_run."
    )


def warm_up(ray: Any, resources: Resources, surroundings: Surroundings, num_points: int) -> None:
    """Lets the processes that will do points import TensorFlow meanwhile; returns at once.

    Args:
        ray: the package `ray`, from `started`.
        resources: resources that each run may use.
        surroundings: surroundings that other processes take over from this one.
        num_points: number of points that are to be done.
    """
    task = ray.remote(num_cpus=resources.cpus, num_gpus=resources.gpus)(get_ready)
    at_once = ray.cluster_resources().get("CPU", 0) // resources.cpus
    for _ in range(min(int(at_once), num_points)):
        task.remote(surroundings)


def run_points(
    ray: Any,
    folder: StudyFolder,
    points: Sequence[Point],
    steps: Sequence[str],
    resources: Resources,
    surroundings: Surroundings,
    watch: Callable[[Outcome | None], None] = lambda outcome: None,
    body: Callable[..., Outcome] = work,
) -> list[Outcome]:
    """Does all points, each in one task; returns when every one of them is done or has failed.

    A signal that comes meanwhile stops the running points, each with a checkpoint of its last step.

    Args:
        ray: the package `ray`, from `started`.
        folder: folder of the study, which every node sees under the same path.
        points: the points, those that others need before the others.
        steps: kinds of steps that are wanted.
        resources: resources that each run may use.
        surroundings: surroundings that other processes take over from this one.
        watch: function that is called with each outcome, and with None every few seconds.
        body: function that does a point in another process; see `work`.

    Returns:
        The last outcome of every point.
    """
    task = ray.remote(
        num_cpus=resources.cpus,
        num_gpus=resources.gpus,
        max_retries=_RETRIES,
        max_calls=_POINTS_OF_A_PROCESS,
    )(body)

    def submit(point: Point, needed: Iterable[Any]):
        return task.remote(surroundings, str(folder.path), point, tuple(steps), *needed)

    return _Tasks(ray, points, submit, watch).run()


class _Tasks:
    """The tasks of a study's points, from the first to the last outcome."""

    def __init__(self, ray, points, submit, watch) -> None:
        self._ray, self._points, self._submit, self._watch = ray, points, submit, watch
        self._outcomes: dict[str, Outcome] = {}
        self._refs: dict[Any, Point] = {}
        self._by_name: dict[str, Any] = {}

    def run(self) -> list[Outcome]:
        """Goes through the points until none is left that another process works on."""
        # Not raised: Ray would make a KeyboardInterrupt of any exception while it waits.
        with noting_signals("the running points save a checkpoint first") as self._signals:
            try:
                self._run()
            except KeyboardInterrupt:
                self._stop()
                raise
        return [self._outcomes[point.name] for point in self._points]

    def _run(self) -> None:
        left = list(self._points)
        while left:
            self._round(left)
            left = [point for point in left if self._is_to_be_done(point)]
            if left:
                self._pause(_BUSY_SECONDS)

    def _is_to_be_done(self, point: Point) -> bool:
        """Whether another process worked on a point, or a signal stopped it elsewhere."""
        return self._outcomes[point.name].kind in (Kind.BUSY, Kind.STOPPED)

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(_POLL_SECONDS / 2)
            self._go_on()

    def _round(self, points: Iterable[Point]) -> None:
        """Does points once, at most a window of them at a time."""
        self._by_name.clear()
        for point in points:
            while len(self._refs) >= _WINDOW:
                self._wait()
            # A task that is given the results of others starts after them.
            needed = [self._by_name[name] for name in point.needs if name in self._by_name]
            ref = self._submit(point, needed)
            self._refs[ref] = point
            self._by_name[point.name] = ref
        while self._refs:
            self._wait()

    def _wait(self) -> None:
        self._collect()
        self._go_on()

    def _go_on(self) -> None:
        """Says that time has passed.

        Raises:
            Interrupted: a signal has come.
        """
        self._watch(None)
        if self._signals.number is not None:
            raise Interrupted(self._signals.number)

    def _collect(self) -> None:
        refs = list(self._refs)
        finished, _ = self._ray.wait(refs, timeout=_POLL_SECONDS)
        if finished:  # And all others that have ended by now.
            finished, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
        for ref in finished:
            self._end(ref)

    def _end(self, ref) -> None:
        point = self._refs.pop(ref)
        outcome = self._result(ref, point)
        self._outcomes[point.name] = outcome
        self._watch(outcome)

    def _result(self, ref, point: Point) -> Outcome:
        """The outcome of a finished task; its process may have died."""
        try:
            return self._ray.get(ref)
        except self._ray.exceptions.TaskCancelledError:
            return Outcome(point.name, Kind.STOPPED)
        except self._ray.exceptions.RayError as error:
            return Outcome(point.name, Kind.FAILED, to_one_line(error))

    def _stop(self) -> None:
        """Asks the running tasks to end with a checkpoint, takes back the others, and waits a while."""
        for ref in self._refs:
            self._ray.cancel(ref)
        end = time.monotonic() + _STOP_SECONDS
        while self._refs and time.monotonic() < end:
            self._collect()
            self._watch(None)
