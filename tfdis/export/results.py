"""Result folders in disentanglement_lib's layout.

    results/json/<step>_config.json    gin bindings of the step, name -> value as text
    results/json/<step>_results.json   its results, with a `uuid`
    results/gin/<step>.gin             its operative gin config
    results/aggregate/<step>.json      everything under json/ so far, keys `<file>.<key>`

Steps are `train`, `postprocess`, `evaluation`; a later step starts from a copy of the folder of the
step before it. disentanglement_lib reads `dataset.name` from `gin/<step>.gin`.
"""

import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

import gin
import numpy as np

from tfdis.configuration import parse_gin_bindings, unquoted
from tfdis.files.json_object import DamagedFileError, read_object
from tfdis.files.whole import written_whole

# The frozen module, beside `results`.
FROZEN_FOLDER = "tfhub"
STEPS = ("train", "postprocess", "evaluation")
_PARTS = ("config", "results")
_BINDING = re.compile(r"^([\w./-]+) = (.*)$")
# Long enough that gin never breaks a line: disentanglement_lib reads a binding from one line. Not longer:
# gin draws a ruler of this length under every heading.
_NO_LINE_BREAKS = 100_000


def operative_gin_config() -> str:
    """The gin bindings that this process has used so far, one on each line, with the values of macros.

    Macros are replaced since disentanglement_lib takes the text behind `dataset.name = ` for the
    name itself.
    """
    return _on_single_lines(gin.operative_config_str)


def bound_gin_config() -> str:
    """Like `operative_gin_config`, but everything that is bound, used or not, without defaults."""
    return _on_single_lines(gin.config_str)


def _on_single_lines(config_str):
    config = config_str(max_line_length=_NO_LINE_BREAKS)
    bindings = parse_gin_bindings(config)
    return "\n".join(_plain_line(line, bindings) for line in config.splitlines()) + "\n"


def _plain_line(line, bindings):
    """One line of a config, with the value of a macro in place of `%MACRO`, and long rulers cut."""
    if line.startswith("# ="):
        return "# " + "=" * 78
    match = _BINDING.match(line)
    value = match and match.group(2)
    while value and value.startswith("%") and value[1:] in bindings:
        value = bindings[value[1:]]
    return f"{match.group(1)} = {value}" if match else line


def read_gin_bindings(path: str) -> dict[str, str]:
    """Reads the bindings of a gin file that a step wrote; see `parse_gin_bindings`."""
    with open(path, encoding="utf-8") as file:
        return parse_gin_bindings(file.read())


def read_data_set_name(results_dir: str, step_name: str) -> str:
    """The name of the data set that a step used.

    Args:
        results_dir: path of a run's `results` folder.
        step_name: "train", "postprocess" or "evaluation".

    Returns:
        The value of `dataset.name`, without quotes.

    Raises:
        ValueError: the step's gin file does not name one.
    """
    path = os.path.join(results_dir, "gin", f"{step_name}.gin")
    bindings = read_gin_bindings(path)
    if "dataset.name" not in bindings:
        raise ValueError(f"Expected a line `dataset.name = '...'` in {path}. Received none.")
    return unquoted(bindings["dataset.name"])


def _to_plain(value):
    """Converts NumPy scalars and arrays to the plain values that JSON knows."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(
        f"Expected results of numbers, text, lists, dicts and numpy arrays. Received: {value!r} of "
        f"type {type(value).__name__}."
    )


def _write_json(path: str, content: Mapping) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, default=_to_plain, indent=2)


def _aggregate(json_dir: str) -> dict:
    """Joins all JSON files of a folder, keys prefixed with the name of their file."""
    joined = {}
    for name in sorted(os.listdir(json_dir)):
        stem, extension = os.path.splitext(name)
        if extension == ".json":
            content = read_object(os.path.join(json_dir, name))
            joined.update({f"{stem}.{key}": value for key, value in content.items()})
    return joined


def write_results(
    results_dir: str,
    step_name: str,
    results: Mapping,
    gin_config: str | None = None,
    previous_results_dir: str | None = None,
) -> None:
    """Adds one step to a results folder; the folder changes as a whole or not at all.

    Args:
        results_dir: path of the folder to make, or to add to if it exists; a step of the same name
            is replaced.
        step_name: "train", "postprocess" or "evaluation".
        results: results of the step, e.g. losses, usually with `elapsed_time` in seconds. A new
            `uuid` is added.
        gin_config: text of the step's gin config; None for that of `operative_gin_config()`.
        previous_results_dir: path of the results of the step before, which are copied first.

    Example:
        >>> import tempfile
        >>> folder = os.path.join(tempfile.mkdtemp(), "results")
        >>> write_results(folder, "train", {"loss": 1.5}, "dataset.name = 'dummy_data'")
        >>> read_data_set_name(folder, "train")
        'dummy_data'
    """
    if gin_config is None:
        gin_config = operative_gin_config()
    with written_whole(results_dir, overwrite=True) as folder:
        os.mkdir(folder)
        for source in (results_dir, previous_results_dir):
            if source is not None and os.path.isdir(source):
                shutil.copytree(source, folder, dirs_exist_ok=True)
        gin_path = os.path.join(folder, "gin", f"{step_name}.gin")
        os.makedirs(os.path.dirname(gin_path), exist_ok=True)
        with open(gin_path, "w", encoding="utf-8") as file:
            file.write(gin_config)
        json_dir = os.path.join(folder, "json")
        _write_json(
            os.path.join(json_dir, f"{step_name}_config.json"), parse_gin_bindings(gin_config)
        )
        identified = {**results, "uuid": str(uuid.uuid4())}
        _write_json(os.path.join(json_dir, f"{step_name}_results.json"), identified)
        aggregate = _aggregate(json_dir)
        _write_json(os.path.join(folder, "aggregate", f"{step_name}.json"), aggregate)


def read_results(folder: Path) -> dict[str, dict[str, dict]]:
    """Reads all steps of a results folder: `json/*.json`, or if there is none `aggregate/*.json`.

    Args:
        folder: path of a folder called `results`.

    Returns:
        For each step that is there, {"config": gin bindings as text, "results": its results};
        nothing if the folder has other results only.

    Raises:
        DamagedFileError: a file cannot be read, or one of a step's two is missing.
    """
    steps, place = {}, folder / "json"
    try:
        present = {*os.listdir(place)}
    except FileNotFoundError:
        present = set()
    except OSError as error:
        raise DamagedFileError(place, error.strerror or type(error).__name__) from error
    for step in STEPS:
        names = {part: f"{step}_{part}.json" for part in _PARTS}
        if not present.isdisjoint(names.values()):
            try:
                steps[step] = {part: read_object(place / name) for part, name in names.items()}
            except (
                FileNotFoundError
            ) as error:  # Also one that was replaced meanwhile, or a link to nowhere.
                raise DamagedFileError(error.filename, "is missing") from error
    return steps or _read_aggregate(folder)


def _read_aggregate(folder):
    """Reads the last step's aggregate, which holds all steps before it, with keys `<step>_<part>.<key>`."""
    for last in reversed(STEPS):
        path = folder / "aggregate" / f"{last}.json"
        if path.exists():
            break
    else:
        return {}
    steps = {}
    for key, value in read_object(path).items():
        file, _, name = key.partition(".")
        step, _, part = file.rpartition("_")
        if step in STEPS and part in _PARTS:
            steps.setdefault(step, {known: {} for known in _PARTS})[part][name] = value
    if last not in steps:
        raise DamagedFileError(path, f"holds nothing of the step {last}")
    return steps
