"""Codes by any function of images: of PyTorch, of Keras, of numpy."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData, IndexedData
from tfdis.dlib.scoring.coded_data import ENCODING_BATCH, CodeTable
from tfdis.dlib.scoring.image_codes import ImageCodes, check_factors

_NUM_PROBES = 4
# Two calls on the same images that differ by more draw their codes; by less, they round.
_ROUNDING = 1e-3


class CallableCodes(ImageCodes):
    """Codes by a function, which is called by one thread at a time.

    It is called twice at once, with the same few images: to see how long a code is, and whether codes
    are drawn. Codes that are drawn are drawn again whenever their image is.

    Args:
        encode: function from images `[batch, height, width, channels]`, float32 in [0, 1], to codes
            `[batch, dim]`: an array or a tensor, also of PyTorch, or a dict with one of them (or
            the entry "default").
        data: data set of the images.
        batch_size: number of images that are encoded at once.

    Raises:
        ValueError: `encode` returns something else, or a factor of the data set has one value only.
    """

    def __init__(self, encode: Callable, data: GroundTruthData, batch_size: int = ENCODING_BATCH):
        super().__init__(batch_size)
        if not callable(encode):
            raise ValueError(
                f"Expected a function of images as encode. Received: a {type(encode).__name__}. Fix, for a "
                "loaded TF Hub module: one of its signatures, as module.signatures['representation']."
            )
        check_factors(data)
        self._function, self._data = encode, data
        self._lock = threading.Lock()
        self._num_latents: int | None = None
        images = data.sample_observations(_NUM_PROBES, np.random.RandomState(0))
        first = self.encode(images)
        self._num_latents = first.shape[1]
        is_fixed = np.allclose(self.encode(images), first, rtol=_ROUNDING, atol=_ROUNDING)
        self._table = None
        if is_fixed and isinstance(data, IndexedData):
            self._table = CodeTable(data, self.encode, batch_size)

    @property
    def num_latents(self) -> int | None:
        return self._num_latents

    def coded_data(self) -> GroundTruthData:
        return self._observed_through(self._table, self._data)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Codes `[num, dim]` of observations.

        Raises:
            ValueError: the function returns something else, or codes that are not finite.
        """
        filled_up = np.ascontiguousarray(self._filled_up(images), np.float32)
        with self._lock:
            result = self._function(filled_up)
        codes = _as_codes(result, filled_up.shape)
        if self._num_latents not in (None, codes.shape[1]):
            raise ValueError(
                f"Expected codes of {self._num_latents} values, as before. Received from encode: "
                f"{codes.shape[1]} values. Fix: a code whose length does not depend on the images."
            )
        return codes[: len(images)]


def _as_codes(result, shape: tuple[int, ...]) -> np.ndarray:
    """What a function returned for images of a shape, as codes `[num, dim]`."""
    expected = (
        f"Expected codes of shape [{shape[0]}, dim] from encode for images of shape {shape}. "
    )
    if isinstance(result, Mapping):
        if "default" not in result and len(result) != 1:
            raise ValueError(
                f"{expected}Received: a dict with {', '.join(map(str, result))}. Fix: return one of "
                "them, for example lambda images: encode(images)['mean']."
            )
        result = result.get("default", next(iter(result.values())))
    if isinstance(result, (tuple, list)):
        raise ValueError(
            f"{expected}Received: a {type(result).__name__} of {len(result)}. Fix: return one of them, "
            "most often the mean: lambda images: encode(images)[0]."
        )
    codes = as_array(result)
    if codes.dtype.kind not in "biuf" or codes.ndim != 2 or not codes.shape[1]:
        received = (
            f"shape {codes.shape}, {codes.dtype}" if codes.ndim else f"a {type(result).__name__}"
        )
        raise ValueError(
            f"{expected}Received: {received}. Fix: return numbers, one row for each image, for example "
            "codes.reshape(len(images), -1)."
        )
    if len(codes) != shape[0]:
        raise ValueError(
            f"{expected}Received: shape {codes.shape}. Fix: encode every image of the batch, in order."
        )
    num_bad = np.count_nonzero(~np.isfinite(codes).all(axis=1))
    if num_bad:
        raise ValueError(
            f"{expected}Received: NaN or infinity for {num_bad} of {len(codes)} images. Fix: an earlier "
            "checkpoint if the training has diverged; images are float32 in [0, 1], channels last."
        )
    return codes


def as_array(values: Any) -> np.ndarray:
    """Any array, also a PyTorch tensor that is part of a graph, on another device or in bfloat16."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        values = values.float() if str(values.dtype) == "torch.bfloat16" else values
    array = np.asarray(values)
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array
