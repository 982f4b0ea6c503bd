"""Starts commands in forks of a process that has imported TensorFlow already: 0.1 s instead of 8 s each.

A fork is a process of its own: flags, gin, environment, working directory, standard streams, signals
and exit code are those of a command started by hand. Only the imports are shared.

    python command_server.py     reads one JSON request a line, answers with one JSON line
"""

import json
import os
import runpy
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
    """The client's side: one warm process, from which every command is forked."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

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
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
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
        self._process.communicate(timeout=60)


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


def _serve():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in PRELOADED:
            __import__(name)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _run_in_fork(json.loads(line))
        _, status = os.waitpid(pid, 0)
        answers.write(json.dumps({"returncode": os.waitstatus_to_exitcode(status)}) + "\n")
        answers.flush()
    os._exit(0)  # To take every package down takes seconds.


if __name__ == "__main__":
    _serve()
