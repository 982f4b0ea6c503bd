"""Codes in place of images: every image of a data set is encoded at most once."""

import collections
from collections.abc import Callable, Iterator

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData, IndexedData
from tfdis.dlib.scoring.kept_codes import KeptCodes
from tfdis.files.cores import num_cores
from tfdis.files.threads import Threads, finish

# With one batch on every core, this was measured to wait less than larger batches, with as little work for
# each image.
ENCODING_BATCH = 128


def encoded_batches(
    get_observations: Callable[[slice], np.ndarray],
    encode: Callable[[np.ndarray], np.ndarray],
    num: int,
    batch_size: int = ENCODING_BATCH,
) -> Iterator[tuple[slice, np.ndarray]]:
    """Encodes observations in batches, as many batches at once as there are cores.

    Args:
        get_observations: function from a slice of 0..num to its observations; it is called in
            order, a few batches ahead.
        encode: function from observations to codes `[batch, dim]`; it is called in several threads.
        num: number of observations.
        batch_size: number of observations that are encoded together.

    Yields:
        Pairs (slice, codes), in order.
    """
    num_threads = num_cores()
    waiting = collections.deque()
    with Threads(num_threads) as pool:
        for start in range(0, num, batch_size):
            part = slice(start, min(start + batch_size, num))
            waiting.append((part, pool.submit(encode, get_observations(part))))
            if len(waiting) > 2 * num_threads:
                yield _finished(*waiting.popleft())
        for part, future in waiting:
            yield _finished(part, future)


def _finished(part, future):
    finish([future])
    return part, future.result()


class CodeTable:
    """The codes of a data set's images by index, encoded when first asked for.

    Args:
        data: data set of the images.
        encode: function from observations `[num, height, width, channels]` to codes `[num, dim]`.
        batch_size: number of images that are encoded at once.
        kept: codes that are kept from one process to the next; None keeps none.
    """

    def __init__(
        self,
        data: IndexedData,
        encode: Callable[[np.ndarray], np.ndarray],
        batch_size: int = ENCODING_BATCH,
        kept: KeptCodes | None = None,
    ):
        self._data = data
        self._encode = encode
        self._batch_size = batch_size
        self._codes: np.ndarray | None = None
        self._is_known = np.zeros(data.num_images, dtype=bool)
        self._kept = kept
        found = kept.read() if kept else None
        if found is not None:
            self._codes, self._is_known = found
        self._num_kept = self.num_known

    @property
    def num_images(self) -> int:
        """Number of images of the data set."""
        return len(self._is_known)

    @property
    def num_known(self) -> int:
        """Number of images that are encoded so far."""
        return int(np.count_nonzero(self._is_known))

    @property
    def dim(self) -> int:
        """Dimension of a code; 1 as long as nothing is encoded."""
        return 1 if self._codes is None else self._codes.shape[1]

    def encode_missing(self, is_wanted: np.ndarray) -> None:
        """Encodes the images that are wanted and not known yet, in large batches and in their order.

        Args:
            is_wanted: bool `[num_images]`.

        Raises:
            ValueError: a code is not finite.
        """
        missing = np.flatnonzero(is_wanted & ~self._is_known)

        def observations(part):
            return self._data.to_observations(self._data.images_at(missing[part]))

        for part, codes in encoded_batches(
            observations, self._encode, len(missing), self._batch_size
        ):
            indices = missing[part]
            if self._codes is None:
                # Pages that are never written take no memory.
                self._codes = np.zeros((self.num_images, codes.shape[1]), codes.dtype)
            self._codes[indices] = codes
            self._is_known[indices] = True

    def keep(self) -> None:
        """Keeps what was encoded since the last call."""
        if self._kept and self.num_known > self._num_kept:
            self._kept.add(self._codes, self._is_known)
            self._num_kept = self.num_known

    def codes_at(self, indices: np.ndarray) -> np.ndarray:
        """Codes `[num, dim]` of images by index."""
        if self._codes is None or not self._is_known[indices].all():
            is_wanted = np.zeros(self.num_images, dtype=bool)
            is_wanted[indices] = True
            self.encode_missing(is_wanted)
        return self._codes[indices]


class CodedData(GroundTruthData):
    """A data set whose observations are the indices of its images.

    Factors, hidden factors and all that is drawn for them are the data set's own: the same random
    state gives the same factors and the same images.

    Args:
        data: the data set.
        table: the codes of its images.
    """

    def __init__(self, data: IndexedData, table: CodeTable):
        self.data = data
        self.table = table
        self.name = data.name
        self.factor_names = data.factor_names
        self.provenance = data.provenance

    @property
    def factors_num_values(self) -> list[int]:
        return self.data.factors_num_values

    @property
    def observation_shape(self) -> list[int]:
        return self.data.observation_shape

    @property
    def num_missing(self) -> int:
        """Number of combinations of factor values that have no image."""
        return getattr(self.data, "num_missing", 0)

    def sample(
        self, num: int, random_state: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        return self.data.sample_with_indices(num, random_state)

    def sample_factors(self, num: int, random_state: np.random.RandomState) -> np.ndarray:
        return self.data.sample_factors(num, random_state)

    def sample_observations_from_factors(
        self, factors: np.ndarray, random_state: np.random.RandomState
    ) -> np.ndarray:
        return self.data.sample_indices_from_factors(factors, random_state)

    def encode_all(self) -> None:
        """Encodes every image that is not encoded yet."""
        self.table.encode_missing(np.ones(self.table.num_images, dtype=bool))

    def encode_for(self, draw: Callable[[Callable], None]) -> None:
        """Encodes everything that a function is going to ask for, at once.

        Args:
            draw: function that is called with a representation function which only notes what it is
                asked for, and answers zeros.
        """
        is_wanted = np.zeros(self.table.num_images, dtype=bool)

        def note(indices):
            is_wanted[indices] = True
            return np.zeros((len(indices), self.table.dim), dtype=np.float32)

        draw(note)
        self.table.encode_missing(is_wanted)
