"""disentanglement_lib's table of many results in one JSON file."""

import glob
import os

from tfdis.dlib.stack.importing import install
from tfdis.files.json_object import read_object
from tfdis.files.whole import written_whole


def aggregate_results(result_file_pattern: str, output_path: str) -> None:
    """Joins results with disentanglement_lib's own `aggregate_results_to_json`.

    Args:
        result_file_pattern: pattern of the JSON files, usually
            `.../results/aggregate/evaluation.json`.
        output_path: path of the file to write; an existing one is replaced, once the new one is
            complete.

    Raises:
        FileNotFoundError: no file matches.
        IsADirectoryError: the output is a folder.
        ValueError: a file is not a result, or the output is one of the results.
    """
    install()
    paths = sorted(glob.glob(result_file_pattern))
    if not paths:
        raise FileNotFoundError(
            f"Expected result files. Received: {result_file_pattern}, which matches no file. "
            "In a pattern, [ in the name of a folder is written [[]."
        )
    if os.path.isdir(output_path):
        raise IsADirectoryError(f"Expected a file to write. Received: {output_path}, a folder.")
    if os.path.abspath(output_path) in map(os.path.abspath, paths):
        raise ValueError(
            f"Expected an output beside the results. Received: {output_path}, which "
            f"{result_file_pattern} matches, too."
        )
    for path in paths:  # disentanglement_lib would fail at a damaged one without its name.
        read_object(path)
    from disentanglement_lib.utils import aggregate_results as module

    with written_whole(output_path, overwrite=True) as partial:
        module.aggregate_results_to_json(result_file_pattern, partial)
