"""One step of disentanglement_lib's, with a folder that is whole or absent and knows its request."""

import contextlib
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from tfdis.configuration import configured, unused_bindings
from tfdis.dlib.configs import data_set_options, find_config
from tfdis.dlib.scoring.metric_needs import check_numbers, explaining_scikit_learn
from tfdis.export.results import bound_gin_config
from tfdis.export.run import Run
from tfdis.files.whole import written_whole

# File in a step's folder with the bindings that it was given; disentanglement_lib keeps those that it used.
_REQUEST = os.path.join("results", "gin", "request.gin")


def run_step(
    step: Callable,
    output_dir: str,
    overwrite: bool,
    gin_config_files: Sequence[str],
    gin_bindings: Sequence[str],
    input_dir: str,
) -> dict[str, list[str]]:
    """Runs a step of disentanglement_lib's.

    Args:
        step: function of an input folder, an output folder, and whether to overwrite it.
        output_dir: path of the folder to write.
        overwrite: whether an existing folder is replaced, once the new one is complete.
        gin_config_files: gin files; see `find_config`.
        gin_bindings: further gin lines.
        input_dir: path of the folder of the step before.

    Returns:
        The bindings that nothing used.

    Raises:
        NotComputableError: the step found no number for one of its scores.
    """
    gin_config_files = [find_config(path) for path in gin_config_files]
    gin_bindings = [*data_set_options(input_dir), *gin_bindings]
    with (
        configured(gin_config_files, gin_bindings),
        explaining_scikit_learn(),
        written_whole(output_dir, overwrite) as folder,
        warnings.catch_warnings(),
    ):
        # Warnings about dlib's calls of scikit-learn, three for every fit, which no user can change.
        warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
        request = _request(input_dir)
        step(input_dir, folder, False)
        _check_numbers(folder)
        with open(os.path.join(folder, _REQUEST), "w", encoding="utf-8") as file:
            file.write(request)
        return unused_bindings()


def _request(input_dir: str) -> str:
    """Text of what the active configuration asks of a module; equal texts ask the same of a step."""
    made = ""
    with contextlib.suppress(FileNotFoundError):
        made = Run(Path(input_dir)).results("postprocess").get("uuid", "")
    return f"# representation {made}\n{bound_gin_config()}"


def is_done(
    input_dir: str, output_dir: str, gin_config_files: Sequence[str], gin_bindings: Sequence[str]
) -> bool:
    """Whether a folder holds what `run_step` would write for these arguments; see there."""
    path = os.path.join(output_dir, _REQUEST)
    if not os.path.isfile(path):
        return False
    files = [find_config(file) for file in gin_config_files]
    with configured(files, [*data_set_options(input_dir), *gin_bindings]):
        wanted = _request(input_dir)
    with open(path, encoding="utf-8") as file:
        return file.read() == wanted


def _check_numbers(folder: str) -> None:
    """Refuses an evaluation that found no number for one of its scores."""
    with contextlib.suppress(FileNotFoundError):
        check_numbers(Run(Path(folder)).results("evaluation"))
