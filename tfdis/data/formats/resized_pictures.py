"""Pictures in files as arrays of one size, read a batch at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tfdis.data.formats.errors import archive_error

_BATCH = 256


def resized_pictures(paths: Sequence[Path], size: int) -> Iterator[np.ndarray]:
    """Yields uint8 RGB images `[any, size, size, 3]` of files, in order.

    A picture of another size is resized whole, bicubically with anti-aliasing, whatever its proportions.

    Args:
        paths: paths of the files.
        size: height and width of the images, in pixels.

    Raises:
        ValueError: a file is no picture, or is damaged.
    """
    for start in range(0, len(paths), _BATCH):
        yield np.stack([read_picture(path, size) for path in paths[start : start + _BATCH]])


def read_picture(path: Path, size: int) -> np.ndarray:
    """The RGB image `[size, size, 3]` of a file; see `resized_pictures`."""
    try:
        with Image.open(path) as picture:
            image = picture.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:
        raise archive_error(path, "a picture", f"{type(error).__name__}: {error}") from error
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(image)
