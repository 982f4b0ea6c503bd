"""disentanglement_lib's abstract reasoning on this stack: one run, done once however often it is started."""

import os
from collections.abc import Sequence

import gin
from absl import logging

from tfdis.configuration import configured, unlocked
from tfdis.dlib.configs import data_set_options, find_config
from tfdis.dlib.reasoning.root import ROOT, reason
from tfdis.dlib.stack.importing import install
from tfdis.export.results import FROZEN_FOLDER, read_data_set_name, write_results
from tfdis.files.whole import written_whole
from tfdis.training.run_folder import RunFolder

MODEL_FILE = "reasoner.keras"
_DATA_SET, _MODULE_PATH = "dataset.name", "HubEmbedding.hub_path"


def reason_with_gin(
    input_dir: str | None,
    output_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Trains a network to solve matrices, as gin files in disentanglement_lib's dialect describe it.

    A run that was stopped goes on, and one that is complete is left as it is. The gin configuration
    of this process plays no part, and is left as it was.

    Args:
        input_dir: path of the folder of a representation, with `tfhub` and `results`; None for a
            network that does not need one.
        output_dir: path of the run's folder, which gets the `results` of the input and of the step
            "abstract_reasoning", and the trained network, `reasoner.keras`.
        gin_config_files: gin files; see `find_config`.
        gin_bindings: further gin lines.
        overwrite: whether another run in that folder is deleted.

    Raises:
        FileExistsError: the folder holds something else.
        FileNotFoundError: there is no module or no such gin file.
        ValueError: a wrong binding or option, or a representation of other images.
    """
    install()
    files = [find_config(path) for path in gin_config_files]
    options = [] if input_dir is None else data_set_options(input_dir)
    with configured(files, [*options, *gin_bindings]):
        with unlocked():
            _bind_input(input_dir)
        folder = RunFolder(output_dir, gin.config_str(), overwrite, ROOT)
        if not overwrite and folder.is_complete:
            logging.info("The run in %s is complete; nothing to do.", output_dir)
            return
        with folder.held():
            network, results = reason(output_dir, overwrite)
            with written_whole(folder.path / MODEL_FILE, overwrite=True) as path:
                network.save(path)
            previous = None if input_dir is None else os.path.join(input_dir, "results")
            write_results(
                str(folder.path / "results"), ROOT, results, previous_results_dir=previous
            )
    logging.info("Wrote %s.", output_dir)


def _bind_input(input_dir):
    """Tells gin where the representation is, and which data set it is of, if that is left to it."""
    name = gin.get_bindings("dataset", resolve_references=False).get("name")
    if name == "auto" and input_dir is None:
        raise ValueError(
            'Expected --input_dir, to take the data set of the representation there (dataset.name = "auto"). '
            "Received none. Fix: bind dataset.name to a data set, or give the representation's folder."
        )
    if name == "auto":
        found = read_data_set_name(os.path.join(input_dir, "results"), "postprocess")
        gin.bind_parameter(_DATA_SET, found)
    if input_dir is not None:
        gin.bind_parameter(_MODULE_PATH, os.path.join(input_dir, FROZEN_FOLDER))
