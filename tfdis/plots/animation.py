"""GIF files: grids of images, enlarged, with names above their columns."""

import os
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from tfdis.files.whole import written_whole
from tfdis.plots.images import GAP, tile

_FRAME_MILLISECONDS = 80
# Pixels, about: wide enough for a column's name, and not too many for images of 256 x 256.
_CELL = 128
# Pixels above the images for the names of the columns.
_HEADER = 16


def save_animation(
    grids: Iterable[np.ndarray],
    labels: Sequence[str],
    path: str | os.PathLike,
    overwrite: bool = False,
    milliseconds: int = _FRAME_MILLISECONDS,
) -> str:
    """Writes a GIF that repeats for ever.

    Args:
        grids: one array `[rows, columns, height, width, channels]` for each frame, pixels in [0, 1].
        labels: name of each column.
        path: path of the file to write.
        overwrite: whether an existing file is replaced.
        milliseconds: time for which a frame is shown.

    Returns:
        The path of the picture.

    Raises:
        FileExistsError: the file exists and `overwrite` is False.
    """
    first, *others = (_to_frame(tile(grid), labels) for grid in grids)
    path = os.fspath(path)
    with written_whole(path, overwrite) as partial:
        first.save(
            partial,
            format="GIF",
            save_all=True,
            append_images=others,
            duration=milliseconds,
            loop=0,
        )
    return path


def _to_frame(canvas, labels):
    """A canvas of `tile` as an enlarged picture with names above its columns."""
    pixels = np.round(canvas * 255).astype(np.uint8)
    height, width = pixels.shape[:2]
    cell = (width + GAP) / len(labels)
    scale = max(round(_CELL / cell), 1)
    size = (width * scale, height * scale)
    frame = Image.new("RGB", (size[0], size[1] + _HEADER), "white")
    frame.paste(Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST), (0, _HEADER))
    draw = ImageDraw.Draw(frame)
    for index, label in enumerate(labels):
        draw.text((index * cell * scale + 2, 2), label, fill="black")
    return frame
