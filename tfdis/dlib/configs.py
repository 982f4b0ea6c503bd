"""Gin files and gin lines of disentanglement_lib's steps."""

import glob
import importlib.util
import os
from collections.abc import Iterator

from tfdis.configuration import search_folders, unquoted
from tfdis.data import named
from tfdis.dlib.stack.compat import DLIB
from tfdis.export.results import read_gin_bindings


def find_config(path: str) -> str:
    """Finds a gin file, also one of those that disentanglement_lib or tfdis ships.

    Args:
        path: path of a gin file or a pattern with `*`; if there is no such file, it is looked up
            in disentanglement_lib's `config` folder, and where tfdis's folder `gin` lies.

    Returns:
        The path of the file, or the pattern that matches at least one.

    Raises:
        FileNotFoundError: the file is in none of these places.

    Example:
        >>> os.path.basename(find_config("unsupervised_study_v1/metric_configs/mig.gin"))
        'mig.gin'
    """
    spec = importlib.util.find_spec(DLIB)
    folders = list(spec.submodule_search_locations) if spec else []
    configs = [os.path.join(folder, "config") for folder in folders]
    for place in ("", *configs, *map(str, search_folders())):
        if os.path.isfile(os.path.join(place, path)):
            return os.path.join(place, path)
        pattern = os.path.join(glob.escape(place), path)
        if glob.glob(pattern):
            return pattern
    raise FileNotFoundError(
        f"Expected a gin file. Received: {path}, which matches no file here nor among those that tfdis "
        f"and disentanglement_lib ({', '.join(configs) or 'not installed'}) ship."
    )


def find_configs(pattern: str) -> list[str]:
    """All files that a pattern, or the literal path of one file, stands for; see `find_config`."""
    found = find_config(pattern)
    return [found] if os.path.isfile(found) else sorted(glob.glob(found))


def data_set_options(input_dir: str) -> list[str]:
    """Data set bindings of the step before: `dataset.name = "auto"` takes its data set's name only.

    Args:
        input_dir: path of a folder with the `results` of a step "train" or "postprocess".

    Returns:
        Lines of gin, none if there are no such results.
    """
    for step_name in ("postprocess", "train"):
        path = os.path.join(input_dir, "results", "gin", f"{step_name}.gin")
        if os.path.isfile(path):
            bindings = read_gin_bindings(path)
            name = unquoted(bindings.get("dataset.name", ""))
            return named.options_of(name, bindings)
    return []


def metric_runs(pattern: str, output_dir: str) -> Iterator[tuple[str, str, list[str]]]:
    """The runs that disentanglement_lib makes of `--gin_evaluation_config_glob`.

    Args:
        pattern: pattern of gin files, one for each metric; see `find_config`.
        output_dir: path of the folder in which each metric gets a folder of its own.

    Yields:
        (gin file, output folder, gin bindings) for each metric, in alphabetical order.
    """
    for path in find_configs(pattern):
        name = os.path.basename(path).replace(".gin", "")
        yield path, os.path.join(output_dir, name), [f"evaluation.name = '{name}'"]
