"""Images of any size for convolutions that halve or double a map: zeros around, or a margin cut off."""

import math

from keras import KerasTensor, layers

_SMALLEST = 8
_MOST_CHANNELS = 4


def check_size(network: str, height: int, width: int) -> None:
    """Raises ValueError unless height and width are those of an image, at least 8 pixels each."""
    if min(height, width) < _SMALLEST:
        looks_channels_first = height <= _MOST_CHANNELS and width >= _SMALLEST
        raise ValueError(
            f"{network}: expected images of at least {_SMALLEST}x{_SMALLEST} pixels. Received: "
            f"{height}x{width}. "
            + (
                "Fix: this looks like channels first; the order is (height, width, channels)."
                if looks_channels_first
                else "Choose mlp or fc networks for feature vectors."
            )
        )


def pad_to(x: KerasTensor, smallest: int) -> KerasTensor:
    """Images with zeros around them, so that height and width are at least `smallest`."""
    return _pad(x, [max(smallest - size, 0) for size in x.shape[1:3]])


def pad_to_multiple(x: KerasTensor, factor: int) -> KerasTensor:
    """Images with zeros around them, so that height and width are multiples of `factor`."""
    return _pad(x, [-size % factor for size in x.shape[1:3]])


def map_to_double(height: int, width: int, times: int) -> tuple[int, int]:
    """Rows and columns of the smallest map that covers an image when it is doubled so many times."""
    return math.ceil(height / 2**times), math.ceil(width / 2**times)


def crop_to(x: KerasTensor, height: int, width: int) -> KerasTensor:
    """The middle of the images, of the given height and width."""
    margins = tuple(
        _margins(size - wanted) for size, wanted in zip(x.shape[1:3], (height, width), strict=True)
    )
    return layers.Cropping2D(margins, name="crop")(x) if any(map(any, margins)) else x


def _pad(x, excesses):
    margins = tuple(map(_margins, excesses))
    return layers.ZeroPadding2D(margins, name="pad")(x) if any(excesses) else x


def _margins(excess):
    return excess // 2, excess - excess // 2
