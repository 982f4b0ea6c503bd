"""Reads finished runs: their configuration, data set, results, and module."""

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tfdis.configuration import configured, unquoted
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.named import get_named_ground_truth_data, options_of
from tfdis.export.results import FROZEN_FOLDER, read_data_set_name, read_gin_bindings, read_results
from tfdis.files.json_object import read_object

if TYPE_CHECKING:
    from tfdis.export.frozen import Signature


class Run:
    """A model or a representation that was written whole, by tfdis or by disentanglement_lib.

    Attributes:
        folder: the folder that has `tfhub` and `results`.

    Example:
        >>> run = Run.open("runs/btc")  # doctest: +SKIP
        >>> run.data_set, run.value("beta_tc_vae.beta"), run.results()["loss"]  # doctest: +SKIP
        ('dsprites_hearts', '10.0', 71.3)
    """

    def __init__(self, folder: Path):
        self.folder = folder

    @classmethod
    def open(cls, folder: str | os.PathLike) -> "Run":
        """Opens the run of a folder; nothing in it is executed.

        Args:
            folder: path of a run of `bin/train`, of a representation (`<run>/postprocessed/mean`),
                or of a folder whose model is in `model/`, as `dlib_reproduce` and `bin/challenge`
                leave it.

        Raises:
            FileNotFoundError: there is no such folder, or it holds no finished run.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise FileNotFoundError(
                f"Expected the folder of a run. Received: {folder}, which does not exist."
            )
        run, inner = cls(folder), cls(folder / "model")
        if run._missing() and not inner._missing():
            run = inner
        if missing := run._missing():
            raise FileNotFoundError(
                "Expected the folder of a finished run of bin/train. Received: "
                f"{folder}, which lacks {' and '.join(missing)}."
            )
        return run

    def _missing(self):
        needed = (FROZEN_FOLDER, os.path.join("results", "gin", "train.gin"))
        return [name for name in needed if not (self.folder / name).exists()]

    @property
    def module_path(self) -> str:
        """Path of the frozen module."""
        return str(self.folder / FROZEN_FOLDER)

    @functools.cached_property
    def bindings(self) -> dict[str, str]:
        """The gin bindings of the training, values as gin writes them, by name."""
        return read_gin_bindings(str(self.folder / "results" / "gin" / "train.gin"))

    def value(self, name: str, default: str | None = None) -> str | None:
        """One gin binding of the training as text, a string without its quotes."""
        return unquoted(self.bindings[name]) if name in self.bindings else default

    @property
    def data_set(self) -> str:
        """Name of the data set that the run was trained on.

        Raises:
            ValueError: the run does not name one.
        """
        return read_data_set_name(str(self.folder / "results"), "train")

    @property
    def data_set_options(self) -> list[str]:
        """The gin lines with which the run chose options of its data set."""
        return options_of(self.value("dataset.name", ""), self.bindings)

    def data(self) -> GroundTruthData:
        """Builds the data set of the training, with the same options."""
        with configured(bindings=self.data_set_options):
            return get_named_ground_truth_data(self.data_set)

    def results(self, step: str = "train") -> dict:
        """The results of a step: its numbers, texts and `uuid`.

        Args:
            step: "train", "postprocess" or "evaluation".

        Raises:
            FileNotFoundError: there are none of that step.
            DamagedFileError: their file cannot be read.
        """
        return read_object(self.folder / "results" / "json" / f"{step}_results.json")

    def steps(self) -> dict[str, dict[str, dict]]:
        """Configuration and results of every step, also of old or incomplete runs; see `read_results`."""
        return read_results(self.folder / "results")

    def is_source_of(self, folder: str | os.PathLike) -> bool:
        """Whether what a folder holds was made from this model as it is, not before it was trained further.

        Args:
            folder: path of a representation or of one metric's scores, which keep a copy of the
                results of the training.
        """
        made_from = Run(Path(folder))
        try:
            return made_from.results().get("uuid") == self.results().get("uuid")
        except FileNotFoundError:  # Written by hand, or by a program that keeps no results.
            return True

    def signature(self, name: str) -> "Signature":
        """Loads one signature of the module; see `load_signature`."""
        from tfdis.export.postprocess import load_signature

        return load_signature(self.module_path, name)
