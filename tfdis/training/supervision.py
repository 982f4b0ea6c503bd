"""The few labelled images of a run: how many, which ones, and where they are kept."""

import dataclasses
import functools
from collections.abc import Mapping
from pathlib import Path

import keras
from absl import logging

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.streams.labelled_points import (
    check_same_points,
    sample_labelled_points,
    split_points,
    write_points,
)

POINTS_FILE = Path("results") / "labelled_points.npz"


@dataclasses.dataclass(frozen=True)
class Supervision:
    """Options of the gin root `model` for semi-supervised training, under disentanglement_lib's names.

    Args:
        num_labelled_samples: number of labelled images; 0 for none.
        train_percentage: fraction of them to learn from, above 0 and up to 1; the final evaluation takes the
            others, or where there are none the same.
        supervised_data_seed: seed of the labelled images and of what the labeller draws; by default
            `random_seed`.
        unsupervised_data_seed: seed of the images without labels; by default `random_seed`.
        model_seed: seed of weights and posterior samples; by default `random_seed`.
    """

    num_labelled_samples: int = 0
    train_percentage: float = 1.0
    supervised_data_seed: int | None = None
    unsupervised_data_seed: int | None = None
    model_seed: int | None = None

    def with_seeds(self, random_seed: int) -> "Supervision":
        """Returns the options with `random_seed` in place of the seeds that are None."""
        seeds = ("supervised_data_seed", "unsupervised_data_seed", "model_seed")
        missing = {name: random_seed for name in seeds if getattr(self, name) is None}
        return dataclasses.replace(self, **missing)


SUPERVISION_OPTIONS = tuple(field.name for field in dataclasses.fields(Supervision))


def take_supervision(options: Mapping) -> tuple[Supervision, dict]:
    """Splits options of a gin root into those of `Supervision` and the others."""
    own = {name: value for name, value in options.items() if name in SUPERVISION_OPTIONS}
    return Supervision(**own), {k: v for k, v in options.items() if k not in own}


class LabelledSet(keras.callbacks.Callback):
    """The labelled images of a run, written to its results when training begins.

    Args:
        data: the data set.
        supervision: options with seeds.

    Attributes:
        training: points to learn from.
        evaluation: points of the final evaluation.

    Raises:
        ValueError: no labelled image, more than there are, or what the labeller or the split refuses.
    """

    def __init__(self, data: GroundTruthData, supervision: Supervision):
        super().__init__()
        self._seed = supervision.supervised_data_seed
        self._points = sample_labelled_points(data, supervision.num_labelled_samples, self._seed)
        self.training, validation = split_points(self._points, supervision.train_percentage)
        self.evaluation = validation if len(validation) else self.training

    @property
    def factor_sizes(self) -> list[int]:
        """Number of values of each labelled factor."""
        return self._points.factor_sizes

    def check(self, run_dir: Path) -> None:
        """Raises ValueError if the run in a folder began with other labelled images."""
        if (run_dir / POINTS_FILE).is_file():
            check_same_points(run_dir / POINTS_FILE, self._points)

    def start_run(self, run_dir: Path, data: GroundTruthData) -> None:
        """Says where the run is; see `callbacks` of the gin root `model`."""
        del data
        self._run_dir = run_dir

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.save()

    def save(self) -> None:
        """Writes factors and labels to the run's results, unless they are there."""
        path = self._run_dir / POINTS_FILE
        if not path.is_file():
            write_points(path, self._points, len(self.training), self._seed)


def labelled_set_of(
    builder: functools.partial, data: GroundTruthData, supervision: Supervision
) -> LabelledSet | None:
    """The labelled images that a model needs, or None if none of its terms needs any.

    Args:
        builder: partial of a model's class.
        data: the data set.
        supervision: options with seeds.

    Raises:
        ValueError: as `LabelledSet`.
    """
    terms = builder.keywords.get("terms") or ()
    if any(term.needs_labelled_batch for term in terms):
        return LabelledSet(data, supervision)
    if supervision.num_labelled_samples:
        logging.warning(
            "None of the model's terms is supervised: the %d labelled images of model.num_labelled_samples "
            "are not used. A supervised term is, for example, vae.terms = [@xent()].",
            supervision.num_labelled_samples,
        )
    return None
