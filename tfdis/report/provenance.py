"""What numbers were made with: packages and their versions, the commit of tfdis, the machine."""

import functools
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import tfdis

COMMIT = "commit"
_ROOT = Path(tfdis.__file__).resolve().parent.parent
_PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "disentanglement-lib")
_CHANGED = "+changes"


@functools.cache
def provenance() -> dict[str, str]:
    """Versions of tfdis and of what it computes with, by name of package; its commit; the machine.

    Returns:
        `tfdis`; `commit`, if it is imported from a clone, with "+changes" if that has any in its
        code; TensorFlow and the other packages; `machine`, the processor and its cores.

    Example:
        >>> provenance()["tfdis"] == tfdis.__version__
        True
    """
    found = {"tfdis": tfdis.__version__}
    if number := _commit():
        found[COMMIT] = number
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found | {"machine": _machine()}


def _commit() -> str:
    """The commit of the clone that tfdis is imported from, marked if its code has changes; "" elsewhere."""
    top = _git("rev-parse", "--show-toplevel")
    if not top or Path(top).resolve() != _ROOT:  # Installed below somebody's own repository.
        return ""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "tfdis", "gin", "bin")
    return _git("rev-parse", "--short=12", "HEAD") + (_CHANGED if changed else "")


def _git(*arguments: str) -> str:
    """What git prints about the folder of tfdis; "" without git or outside a repository."""
    command = ["git", "-C", str(_ROOT), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _machine() -> str:
    """Name of the processor, number of its cores, and the operating system."""
    cores = os.cpu_count() or 1
    return f"{_processor()}, {cores} cores, {platform.system()} {platform.machine()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def differences(recorded: dict[str, str]) -> list[str]:
    """What differs between recorded versions and those of today, as "name was, now is".

    Args:
        recorded: what `provenance` gave when the numbers were made.

    Example:
        >>> differences(provenance()), differences(provenance() | {"numpy": "0.1"})[0][:15]
        ([], 'numpy 0.1, now ')
    """
    now = provenance()
    names = [name for name in recorded if recorded[name] != now.get(name)]
    return [f"{name} {recorded[name]}, now {now.get(name, 'none')}" for name in names]
