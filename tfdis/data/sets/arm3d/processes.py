"""The processes that draw arm3d, one per core, each with an OpenGL context of its own."""

import importlib.util
import os
import queue
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import tfdis
from tfdis.files.optional import missing, with_extra

_BACKENDS = ("egl", "osmesa")
_INSTALL = (
    f"{with_extra('arm')}, and on Debian or Ubuntu: apt-get install libegl1 libopengl0 "
    "libgl1-mesa-dri (MUJOCO_GL=egl), or libosmesa6 (MUJOCO_GL=osmesa)"
)


class Worker:
    """A drawing process; two threads must not call `draw` at once.

    Args:
        arguments: command-line arguments of `worker`.
        folder: folder where the process runs, and may write logs.
        backend: value of the environment variable MUJOCO_GL; None leaves the environment as it is.

    Raises:
        RuntimeError: the process cannot draw; the message has the text that it wrote.
    """

    def __init__(self, arguments: list[str], folder: Path, backend: str | None):
        environment = dict(os.environ)
        if backend is not None:
            environment["MUJOCO_GL"] = backend
        # A software driver would start threads of its own, and the processes already fill the cores.
        environment.setdefault("LP_NUM_THREADS", "1")
        package_root = str(Path(tfdis.__file__).resolve().parents[1])
        paths = [package_root, environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tfdis.data.sets.arm3d.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=folder,
            env=environment,
            text=True,
        )
        self._expect("ready\n")

    def draw(self, start: int, stop: int) -> tuple[int, int]:
        """Draws the images start..stop-1 into the file; returns when they are on the disk."""
        request = f"{start} {stop}\n"
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # The end of its output says so too.
        self._expect(request)
        return start, stop

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _expect(self, answer):
        received = self._process.stdout.readline()
        if received == answer:
            return
        self._process.kill()
        self._process.communicate()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        self._errors.close()
        raise RuntimeError(lines[-1] if lines else f"exit code {self._process.returncode}")


def draw_all(
    arguments: list[str], folder: Path, pieces: list[tuple[int, int]], num_processes: int
) -> Iterator[tuple[int, int]]:
    """Draws pieces (start, stop) with several processes; yields each when it is on the disk.

    Raises:
        ImportError: MuJoCo is not installed, or has no way to draw here.
        RuntimeError: a process fails.
    """
    if importlib.util.find_spec("mujoco") is None:
        raise missing("mujoco", "draws arm3d", install=_INSTALL)
    backend, first = _first_worker(arguments, folder)
    workers = [first]
    waiting = queue.SimpleQueue()
    for piece in pieces:
        waiting.put(piece)
    try:
        for _ in range(min(num_processes, len(pieces)) - 1):
            workers.append(Worker(arguments, folder, backend))
        yield from _answers(workers, waiting, len(pieces))
    except RuntimeError as error:
        raise RuntimeError(
            f"Expected the processes that draw {arguments[0]} to end well. Received: {error}. What "
            "is drawn is kept. Fix: start again, it goes on from there."
        ) from error
    finally:
        for worker in workers:
            worker.close()


def _first_worker(arguments, folder):
    """Starts a worker with the first way of drawing that works here; returns it and the way's name."""
    has_choice = sys.platform == "linux" and not os.environ.get("MUJOCO_GL")
    failures = []
    for backend in _BACKENDS if has_choice else (None,):
        try:
            return backend, Worker(arguments, folder, backend)
        except RuntimeError as error:
            failures.append(f"{backend or os.environ.get('MUJOCO_GL', 'default')}: {error}")
    raise ImportError(
        "Expected a way to draw off screen for MuJoCo (MUJOCO_GL). Received: "
        f"{'; '.join(failures)}. Fix: pip install {_INSTALL}."
    )


def _answers(workers, waiting, num_pieces):
    done = queue.SimpleQueue()

    def serve(draw: Callable) -> None:
        while True:
            try:
                piece = waiting.get_nowait()
            except queue.Empty:
                return
            done.put(draw(*piece))

    with ThreadPoolExecutor(len(workers)) as threads:
        futures = [threads.submit(serve, worker.draw) for worker in workers]
        try:
            for _ in range(num_pieces):
                yield _next(done, futures)
            for future in as_completed(futures):
                future.result()
        finally:
            while not waiting.empty():  # After a failure, no thread starts another piece.
                try:
                    waiting.get_nowait()
                except queue.Empty:
                    break


def _next(done, futures):
    """The next finished piece; raises the error of a thread that failed."""
    while True:
        try:
            return done.get(timeout=0.2)
        except queue.Empty:
            for future in futures:
                if future.done():
                    future.result()
