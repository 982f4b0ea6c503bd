"""What points need of others, made small in a temporary folder, to measure a few steps of each."""

import contextlib
import dataclasses
import inspect
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gin
import keras
import numpy as np

from tfdis.configuration import configured
from tfdis.data.formats.features_format import (
    FACTORS_FILE,
    FEATURES_FILE,
    METADATA_FILE,
    read_features_metadata,
)
from tfdis.data.named import get_named_ground_truth_data
from tfdis.data.streams.labelled_sets import LabelledSets
from tfdis.data.streams.labelled_stream import labelled_stream, steps_per_epoch
from tfdis.features.classifier import MultiHeadClassifier
from tfdis.files.whole import remove
from tfdis.runs.extract import run_extraction
from tfdis.sweeps.check import training_files
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.jobs import EXTRACT_JOB, FINETUNE_JOB, TRAIN_JOB, do_job
from tfdis.sweeps.point import Point
from tfdis.training.finetune import finetune

# Batches of two extractions, whose difference is the time of the images alone.
_FEW_BATCHES, _MORE_BATCHES = 1, 3
_FINETUNING_STEPS = 3


@dataclasses.dataclass(frozen=True)
class Once:
    """The cost of a point that others need.

    Attributes:
        what: what it does, in numbers.
        seconds: time that it takes, from a few of its steps; 0 if that is not measured.
        num_bytes: size of what it leaves.
    """

    what: str
    seconds: float
    num_bytes: int


@contextlib.contextmanager
def stand_ins(
    points: Sequence[Point], folder: StudyFolder
) -> Iterator[tuple[StudyFolder, list[Once]]]:
    """Makes what points need, each from a few steps, in a folder that is there while the body runs.

    Args:
        points: all points of the study, those that others need before the others.
        folder: folder of the study; what is trained there is taken from it.

    Yields:
        A folder in which any of the points can begin, and the cost of each finetuning and extraction
        that is still to be done.
    """
    needed = {name for point in points for name in point.needs}
    with tempfile.TemporaryDirectory() as temporary:
        small, costs = StudyFolder(temporary), []
        small.points_dir.mkdir()
        for point in points:
            if point.name in needed and folder.is_trained(point.name):
                small.at(point).symlink_to(folder.at(point))
            elif point.name in needed and (cost := _make(point, small)):
                costs.append(cost)
        yield small, costs


def _make(point: Point, small: StudyFolder) -> Once | None:
    """Makes what a point makes; returns what the real one costs, unless it is a training."""
    files, lines, place = training_files(point), small.bindings_of(point), small.at(point)
    place.mkdir()
    if point.job == TRAIN_JOB:
        do_job(
            TRAIN_JOB, place, files, [*lines, "model.training_steps = 1", "model.eval_steps = 1"]
        )
        return None
    make = _finetune if point.job == FINETUNE_JOB else _extract
    return make(point.name, place, files, lines)


def _finetune(name: str, place: Path, files: Sequence[str], lines: Sequence[str]) -> Once:
    """Times some updates, and leaves the extractor as it is without any."""
    none = ["finetune.epochs = 0", "finetune.validation_batches = 1"]
    do_job(FINETUNE_JOB, place, files, [*lines, *none])
    with configured(files, lines):
        bound = _options("finetune", finetune)
        epochs, batch_size = bound["epochs"], bound["batch_size"]
        sets = LabelledSets(
            [get_named_ground_truth_data(data) for data in bound["data_sets"]],
            0,
            bound["validation_fraction"],
            bound["separate_factors"],
        )
        classifier = MultiHeadClassifier(bound["extractor"](sets.image_shape), sets.factor_sizes)
        classifier.compile(optimizer=bound["optimizer_fn"]())
        ends = [
            (classifier.train_on_batch(*batch), time.perf_counter())[1]
            for batch in labelled_stream(sets, batch_size).take(_FINETUNING_STEPS)
        ]
    steps = epochs * steps_per_epoch(sets.num_training, batch_size)
    what = f"{name}: {steps:,} updates of {batch_size} images"
    return Once(what, steps * float(np.diff(ends).min()), _size(place))


def _extract(name: str, place: Path, files: Sequence[str], lines: Sequence[str]) -> Once:
    """Times some batches, and leaves features of the real number, all of them 0 and without size on disk."""
    with configured(files, lines):
        bound = _options("extraction", run_extraction)
        batch_size = bound["batch_size"]
        data = get_named_ground_truth_data()
        num_rows = bound["num_samples"] or data.num_images
    keras.utils.set_random_seed(0)
    times = []
    for place_of, batches in ((place / "few", _FEW_BATCHES), (place, _MORE_BATCHES)):
        started = time.perf_counter()
        number = f"extraction.num_samples = {batches * batch_size}"
        do_job(EXTRACT_JOB, place_of, files, [*lines, number])
        times.append(time.perf_counter() - started)
    remove(place / "few")
    seconds = (times[1] - times[0]) / ((_MORE_BATCHES - _FEW_BATCHES) * batch_size)
    folder = place / "features"
    metadata = dataclasses.replace(
        read_features_metadata(folder), num_rows=num_rows, num_samples=num_rows
    )
    (folder / METADATA_FILE).write_text(metadata.as_json(), encoding="utf-8")
    shapes = (
        (FEATURES_FILE, np.float32, metadata.num_features),
        (FACTORS_FILE, np.int64, data.num_factors),
    )
    for file, kind, width in shapes:
        (folder / file).unlink()
        np.lib.format.open_memmap(folder / file, "w+", kind, (num_rows, width))
    what = f"{name}: {num_rows:,} images through the extractor"
    return Once(
        what, num_rows * max(seconds, 0.0), num_rows * metadata.num_features * 4 + _size(place)
    )


def _options(name: str, root: Callable) -> dict[str, Any]:
    """What gin binds of a root, or else its defaults."""
    parameters = inspect.signature(root).parameters.values()
    return {p.name: p.default for p in parameters} | gin.get_bindings(name)


def _size(folder: Path) -> int:
    """Bytes that the files below a folder take on the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())
