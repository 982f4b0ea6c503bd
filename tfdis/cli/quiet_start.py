"""Keeps messages off the screen that TensorFlow writes at every start and that look like errors."""

import contextlib
import functools
import glob
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# Lines that are written on every machine, before TensorFlow heeds TF_CPP_MIN_LOG_LEVEL.
_ANYWHERE = (
    r"All log messages before absl::InitializeLog\(\)",
    r"oneDNN custom operations are on",
    r"Unable to register cu(FFT|DNN|BLAS) factory",
    r"computation placer already registered",
)
# A line that is informative only if there is a graphics card.
_WITHOUT_CARD = (
    r"Could not find cuda drivers on your machine",
    r"failed call to cuInit",
)
_NVIDIA = "0x10de"
_FILTER = """
import re, sys
for line in sys.stdin.buffer:
    if not re.search(sys.argv[1].encode(), line):
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
"""


def quiet_tensorflow() -> None:
    """Lets TensorFlow, once it is imported, show only warnings and errors that are news.

    On a machine with an NVIDIA card, every line about why the card is not used stays. A value of
    TF_CPP_MIN_LOG_LEVEL in the environment is kept; 0 shows all lines.
    """
    has_card = _has_card()
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1" if has_card else "2")
    if level == "0" or sys.stderr is None or "tensorflow" in sys.modules:
        return
    sys.meta_path.insert(0, _Finder("|".join(_ANYWHERE if has_card else _ANYWHERE + _WITHOUT_CARD)))


def _has_card() -> bool:
    """Whether there is an NVIDIA card, with a driver or not, that the user has not hidden."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    vendors = glob.glob("/sys/bus/pci/devices/*/vendor")
    return (
        bool(glob.glob("/dev/nvidia*"))
        or os.path.exists("/dev/dxg")  # The card of a Windows machine, as seen from its Linux.
        or any(Path(vendor).read_text(encoding="ascii").strip() == _NVIDIA for vendor in vendors)
    )


class _Finder:
    """Finds TensorFlow as it would be found anyway, and has it executed quietly."""

    def __init__(self, hidden: str):
        self._hidden = hidden

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = functools.partial(_execute_quietly, execute, self._hidden)
        return spec


def _execute_quietly(execute: Callable, hidden: str, module) -> None:
    with _hiding_lines(hidden):
        execute(module)
        # The driver is looked for when devices are first asked for, which every run does.
        module.config.list_physical_devices()


@contextlib.contextmanager
def _hiding_lines(pattern: str) -> Iterator[None]:
    """Leaves out the lines that match a pattern from what this process, C++ included, writes to stderr.

    Another process reads the lines, so that the last words of a crash are shown too.
    """
    command = [sys.executable, "-IS", "-c", _FILTER, pattern]
    sys.stderr.flush()
    # The process gets a session of its own, since Ctrl-C is meant for the command.
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as reader:
        screen = os.dup(2)
        os.dup2(reader.stdin.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(screen, 2)
            os.close(screen)
