"""The jobs that a point may be: a training, a finetuning of an extractor, or an extraction of features."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from tfdis.data.formats.features_format import METADATA_FILE
from tfdis.export.results import FROZEN_FOLDER
from tfdis.training.run_folder import RESULTS_FILE

TRAIN_JOB, FINETUNE_JOB, EXTRACT_JOB = "train", "finetune", "extract"


@dataclasses.dataclass(frozen=True)
class Job:
    """Where a job leaves what it makes.

    Attributes:
        folder: name of its folder in that of the point.
        done: paths below that folder, all of which are there once the job is complete.
    """

    folder: str
    done: tuple[str, ...]

    def is_done(self, place: Path) -> bool:
        """Whether the job is complete in the folder of a point."""
        return all((place / self.folder / name).exists() for name in self.done)


JOBS = {
    TRAIN_JOB: Job("model", (str(RESULTS_FILE),)),
    FINETUNE_JOB: Job("finetuned", (str(RESULTS_FILE),)),
    EXTRACT_JOB: Job("features", (METADATA_FILE, FROZEN_FOLDER)),
}


def do_job(name: str, place: Path, gin_files: Sequence[str], gin_bindings: Sequence[str]) -> None:
    """Does a job, or what is left of it; see `train_with_gin` and its siblings.

    Args:
        name: one of `JOBS`.
        place: folder of the point.
        gin_files: paths of gin files.
        gin_bindings: further gin lines.
    """
    from tfdis.runs.extract import extract_with_gin
    from tfdis.runs.finetune import finetune_with_gin
    from tfdis.runs.train import train_with_gin

    calls = {
        TRAIN_JOB: train_with_gin,
        FINETUNE_JOB: finetune_with_gin,
        EXTRACT_JOB: extract_with_gin,
    }
    calls[name](os.path.join(place, JOBS[name].folder), False, gin_files, gin_bindings)
