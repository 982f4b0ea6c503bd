"""Scores of a model while it trains, on a fixed sample of its data set."""

import os
from collections.abc import Mapping, Sequence

import gin
import keras
import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.splits.split_data import whole
from tfdis.evaluation.score import check_metrics, score
from tfdis.files.interruption import unless_stopped
from tfdis.training.callbacks import updates_made
from tfdis.training.scalar_file import ScalarFile

SCORES = "scores"
_BATCH = 256


@gin.register("scores_while_training", module="tfdis.evaluation")
class ScoresWhileTraining(keras.callbacks.Callback):
    """Scores the encoder's codes at step 0 and every `every_steps`, into `scores.csv` and TensorBoard.

    The images are drawn once, from a seed of their own; neither they nor the metrics touch a random
    stream of the training, whose weights stay the same to the last bit. A resumed run adds rows
    without duplicates. In gin: `model.callbacks = [@scores_while_training()]`; with plain Keras
    call `start_run` before `model.fit`.

    Args:
        metrics: names of metrics, as `tfdis.evaluation.score` takes them, or functions of (codes,
            factors).
        every_steps: number of steps between two scores, which are taken at the end of the first
            Keras epoch (in `bin/train`: logging interval) that reaches a multiple.
        num_samples: number of images in the sample.
        seed: seed of the sample and of the metrics.
        standardise: False, True or "both", as in `score`.
        options: keyword arguments of metrics, by name of metric.
        drawn: whether codes are drawn from the encoder's Gaussians, with their noise, as in
            disentanglement_lib's sampled representation; by default they are the means, which tell
            of a factor before the decoder hears of it.

    Raises:
        ValueError: an unknown metric or option, or a number below 1.

    Example:
        >>> from tfdis.data.named import get_named_ground_truth_data
        >>> callback = ScoresWhileTraining(["mig", "infomec"], every_steps=500)
        >>> callback.start_run("runs/mine", get_named_ground_truth_data("dummy_data"))
        >>> model.fit(images, callbacks=[callback])  # doctest: +SKIP
    """

    def __init__(
        self,
        metrics: Sequence = ("mig", "mcc", "dci_lasso"),
        every_steps: int = 1000,
        num_samples: int = 2000,
        seed: int = 0,
        standardise: bool | str = False,
        options: Mapping[str, Mapping] | None = None,
        drawn: bool = False,
    ):
        super().__init__()
        if every_steps < 1 or num_samples < 1:
            raise ValueError(
                "scores_while_training: expected every_steps and num_samples of at least 1. Received: "
                f"every_steps={every_steps}, num_samples={num_samples}."
            )
        check_metrics(metrics, options, standardise)
        self._every = every_steps
        self._num_samples = num_samples
        self._seed = seed
        self._drawn = drawn
        self._options = {
            "metrics": metrics,
            "seed": seed,
            "standardise": standardise,
            "options": options,
        }
        self._run_dir = self._data = self._sample = self._file = None

    def start_run(self, run_dir: str | os.PathLike, data: GroundTruthData) -> None:
        """Says where the scores are written and which data set the images are drawn from.

        Args:
            run_dir: path of the run's folder.
            data: the data set; of a split, all of it is scored.
        """
        self._run_dir, self._data = run_dir, whole(data)
        self._sample = self._file = None

    def on_train_begin(self, logs: dict | None = None) -> None:
        if self._data is None:
            raise ValueError(
                "Expected start_run(run_dir, data) before model.fit. Received no data set."
            )
        if self._file is None:
            factors, images = self._data.sample(
                self._num_samples, np.random.RandomState(self._seed)
            )
            self._sample = factors, np.asarray(images, np.float32)
            os.makedirs(self._run_dir, exist_ok=True)
            step = updates_made(self.model.optimizer)
            self._file = ScalarFile(self._run_dir, SCORES, SCORES, step)
        # At step 0, errors in metrics or data show now rather than after hours.
        self._score_if_due()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._score_if_due()

    def catch_up(self) -> None:
        """Computes the scores that a signal has stopped, of the step that is resumed."""
        self.on_train_begin()

    def _score_if_due(self):
        step, last = updates_made(self.model.optimizer), self._file.last_step
        if last is None or step // self._every > last // self._every:
            scores = unless_stopped(self.compute)
            if scores is not None:
                self._file.write(step, scores)

    def compute(self) -> dict[str, float]:
        """Scores of the model as it is now."""
        factors, images = self._sample
        noise = np.random.default_rng(self._seed)
        codes = [
            self._encode(images[start : start + _BATCH], noise)
            for start in range(0, len(images), _BATCH)
        ]
        return score(np.concatenate(codes).astype(np.float32), factors, **self._options)

    def _encode(self, images: np.ndarray, noise: np.random.Generator) -> np.ndarray:
        mean, log_var = self.model.encoder(images)
        if self._drawn:
            mean = mean + keras.ops.exp(log_var / 2) * noise.standard_normal(mean.shape, np.float32)
        return np.asarray(self.model.code(mean))
