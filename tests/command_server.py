"""Starts commands in forks of a process that has imported TensorFlow already: 0.1 s instead of 8 s each.

A fork is a process of its own: flags, gin, environment, working directory, standard streams, signals
and exit code are those of a command started by hand. Only the imports are shared, of other packages.

    python command_server.py 3     listens at socket 3, for requests of one line of JSON, and answers with one
"""

import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What commands import at length. None of these starts TensorFlow's runtime by itself.
PRELOADED = (
    *("numpy", "pandas", "scipy.stats", "sklearn.ensemble", "matplotlib", "keras", "gin", "tqdm"),
    *("tensorflow_probability", "tensorflow_hub", "numba"),
)


class CommandServer:
    """A warm process, from which commands are forked; it ends with the process that started it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.address = str(Path(self._folder.name) / "commands")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen()  # Clients wait from here on.
            descriptor = listener.fileno()
            command = [sys.executable, __file__, str(descriptor)]
            self._process = subprocess.Popen(
                command, pass_fds=[descriptor], stdin=subprocess.PIPE, cwd=ROOT
            )

    def close(self):
        """Ends the warm process; those of clients end with them."""
        self._process.kill()
        self._process.communicate()
        self._folder.cleanup()


class CommandClient:
    """Runs commands, one after the other, from the warm process at an address."""

    def __init__(self, address: str):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        self._stream = self._socket.makefile("rw", encoding="utf-8")

    def run(
        self, script: Path, arguments: list[str], cwd: Path, environment: dict[str, str], log: Path
    ) -> subprocess.CompletedProcess:
        """Runs a script to its end.

        Args:
            script: Python file to run as `__main__`.
            arguments: of the command line.
            cwd: working directory.
            environment: all of its variables.
            log: folder for the texts of its standard streams.
        """
        request = {
            "argv": [str(script), *arguments],
            "cwd": str(cwd),
            "environment": environment,
            "stdout": str(log / "stdout"),
            "stderr": str(log / "stderr"),
        }
        self._stream.write(json.dumps(request) + "\n")
        self._stream.flush()
        answer = self._stream.readline()
        if not answer:
            raise RuntimeError("The server of commands died; its messages are above.")
        return subprocess.CompletedProcess(
            request["argv"],
            json.loads(answer)["returncode"],
            (log / "stdout").read_text(encoding="utf-8", errors="replace"),
            (log / "stderr").read_text(encoding="utf-8", errors="replace"),
        )

    def close(self):
        """Leaves the warm process to others."""
        self._stream.close()
        self._socket.close()


def _exit_code_of(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1


def _run_in_fork(request: dict):
    """Becomes the command; never returns."""
    for stream, name, mode in ((0, os.devnull, "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        with open(request.get(name, name), mode) as file:
            os.dup2(file.fileno(), stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    sys.argv = request["argv"]
    # As the interpreter does: the script's folder comes first.
    sys.path[0] = str(Path(sys.argv[0]).parent)
    code = 0
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as error:
        code = _exit_code_of(error)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads and exit handlers of the warm process are not this one's to end.
        os._exit(code)


def _answer(connection: socket.socket):
    """Runs the commands of one client until that leaves; never returns."""
    try:
        stream = connection.makefile("rw", encoding="utf-8")
        for line in stream:
            pid = _fork()
            if pid == 0:
                _run_in_fork(json.loads(line))
            _, status = os.waitpid(pid, 0)
            stream.write(json.dumps({"returncode": os.waitstatus_to_exitcode(status)}) + "\n")
            stream.flush()
    finally:
        os._exit(0)  # To take every package down takes seconds.


def _fork() -> int:
    """Forks without Python's warning of other threads: those of NumPy's library are made anew in the child."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _serve(descriptor: int):
    """Forks a process for each client, until standard input ends; never returns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in PRELOADED:
            __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Clients' processes leave no zombies.
    listener = socket.socket(fileno=descriptor)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if _fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(connection)
        connection.close()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
