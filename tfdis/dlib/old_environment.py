"""The second environment of comparisons with the unmodified disentanglement_lib, on TensorFlow 1.14."""

import os
import subprocess

VARIABLE = "TFDIS_OLD_PYTHON"
_VERSIONS = "import pkg_resources as p; print(p.get_distribution('tensorflow').version)"


def old_python(path: str = "") -> str:
    """Path of the python of an environment with TensorFlow 1.14 and disentanglement_lib.

    Args:
        path: path of that python; "" takes it from the variable `TFDIS_OLD_PYTHON`.

    Raises:
        FileNotFoundError: there is none, or it has another TensorFlow.
    """
    found = path or os.environ.get(VARIABLE, "")
    received = _problem(found)
    if received:
        raise FileNotFoundError(
            f"Expected {VARIABLE} to be the path of a CPython 3.7 with TensorFlow 1.14. Received: {received}. "
            'Fix: docs/disentanglement_lib.md, "The unmodified dlib on TensorFlow 1.14", says how to make one.'
        )
    return found


def _problem(path: str) -> str:
    """What is wrong with a python; "" if it is the right one."""
    if not path:
        return "nothing"
    try:
        done = subprocess.run([path, "-c", _VERSIONS], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path}, which cannot be started ({error})"
    version = done.stdout.strip()
    if version.startswith("1.14."):
        return ""
    return f"{path}, which has {f'TensorFlow {version}' if version else 'no TensorFlow'}"
