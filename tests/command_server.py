"""Starts commands in forks of a process that has imported TensorFlow already: 0.1 s instead of 8 s each.

A fork is a process of its own: flags, gin, environment, working directory, standard streams, signals
and exit code are those of a command started by hand. Only the imports are shared, of other packages.

    python command_server.py 3     reads one JSON request a line from socket 3, answers with one JSON line
"""

import gc
import json
import os
import runpy
import socket
import subprocess
import sys
import traceback
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What commands import at length. None of these starts a thread or TensorFlow's runtime by itself.
PRELOADED = (
    *("numpy", "pandas", "scipy.stats", "sklearn.ensemble", "matplotlib", "keras", "gin", "tqdm"),
    *("tensorflow_probability", "tensorflow_hub", "numba"),
)


class CommandServer:
    """The client's side: one warm process, from which every command is forked.

    Args:
        as_fork: whether that is a fork of this process, which imports the packages now: for one that needs
            them itself, and has neither imported tfdis's rooms nor started TensorFlow's runtime.
            Otherwise it is a new process.
    """

    def __init__(self, as_fork: bool = False):
        own, its = socket.socketpair()
        self._process, self._fork = None, None
        if as_fork:
            _import_packages()
            self._fork = os.fork()
            if self._fork == 0:
                _serve_in_fork(its.detach())
        else:
            command = [sys.executable, __file__, str(its.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[its.fileno()], cwd=ROOT)
        its.close()
        self._socket, self._stream = own, own.makefile("rw", encoding="utf-8")

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
        """Ends the warm process."""
        self._stream.close()
        self._socket.close()
        if self._process:
            self._process.wait(timeout=60)
        else:
            os.waitpid(self._fork, 0)


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


def _import_packages():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in PRELOADED:
            __import__(name)


def _serve_in_fork(descriptor: int):
    """Serves as a fresh process would: without inherited files, with garbage collection; never returns."""
    try:
        os.closerange(3, descriptor)
        os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
        gc.enable()
        _serve(descriptor)
    finally:
        os._exit(1)  # Whatever happens, it never becomes the process that it was forked from.


def _serve(descriptor: int):
    """Answers until the other side closes the socket; never returns."""
    stream = socket.socket(fileno=descriptor).makefile("rw", encoding="utf-8")
    for line in stream:
        pid = os.fork()
        if pid == 0:
            _run_in_fork(json.loads(line))
        _, status = os.waitpid(pid, 0)
        stream.write(json.dumps({"returncode": os.waitstatus_to_exitcode(status)}) + "\n")
        stream.flush()
    os._exit(0)  # To take every package down takes seconds.


if __name__ == "__main__":
    _import_packages()
    _serve(int(sys.argv[1]))
