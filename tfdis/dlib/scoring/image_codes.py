"""Answers what disentanglement_lib's evaluation asks for with codes, wherever that is the same."""

import abc
import contextlib
from collections.abc import Iterator

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.dlib.scoring.coded_data import ENCODING_BATCH, CodedData, CodeTable, encoded_batches


class ImageCodes(abc.ABC):
    """Codes of the images of a data set.

    Images that can be counted are encoded once. Images that are drawn anew each time, and those of
    an encoder that draws its codes, are encoded whenever they are drawn.

    Args:
        batch_size: number of images that are encoded at once.
    """

    def __init__(self, batch_size: int = ENCODING_BATCH):
        self._batch_size = batch_size
        self._current: CodeTable | None = None

    @property
    @abc.abstractmethod
    def num_latents(self) -> int | None:
        """Number of values of a code; None if that is not known."""

    @abc.abstractmethod
    def encode(self, images: np.ndarray) -> np.ndarray:
        """Codes `[num, dim]` of observations, all finite; called in several threads."""

    @abc.abstractmethod
    def coded_data(self) -> GroundTruthData:
        """The data set to score on; its observations are indices of images if those can be counted."""

    def keep(self) -> None:
        """Keeps what was encoded, for other processes, if there is a place for it."""
        if self._current is not None:
            self._current.keep()

    def codes_of(self, observations: np.ndarray) -> np.ndarray:
        """Codes `[num, dim]` of observations of the data set of the last `coded_data`."""
        if self._current is not None:
            return self._current.codes_at(observations)
        num = len(observations)
        batches = encoded_batches(
            lambda part: observations[part], self.encode, num, self._batch_size
        )
        return np.concatenate([codes for _, codes in batches])

    @contextlib.contextmanager
    def evaluation_function(self, module_path: str) -> Iterator:
        """Replaces `hub.eval_function_for_module` for observations of `coded_data`."""
        del module_path

        def evaluate(inputs, signature=None, as_dict=None):
            del signature, as_dict
            return {"default": self.codes_of(inputs["images"])}

        yield evaluate

    def _observed_through(self, table: CodeTable | None, data: GroundTruthData) -> GroundTruthData:
        """Makes a table the one that `codes_of` looks codes up in; None stands for encoding images."""
        self._current = table
        return data if table is None else CodedData(data, table)

    def _filled_up(self, images: np.ndarray) -> np.ndarray:
        """A batch that is too small, filled up with images that are in it, if their codes are kept.

        The last bit of a code depends on the size of its batch, and that on what was encoded before.
        """
        if self._current is None or len(images) >= self._batch_size:
            return images
        return np.resize(images, [self._batch_size, *images.shape[1:]])


def check_factors(data: GroundTruthData) -> None:
    """Refuses a data set with factors that nothing can be scored on.

    Raises:
        ValueError: a factor has one value only.
    """
    constant = [index for index, num in enumerate(data.factors_num_values) if num < 2]
    if constant:
        raise ValueError(
            f"Expected factors of at least two values. Received: one value for factor {constant} of "
            f"{getattr(data, 'name', type(data).__name__)} with {list(data.factors_num_values)} "
            "values. Fix: leave out factors that do not vary; nothing can be scored on them."
        )
