"""Images beside their reconstructions by a model."""

import os

import numpy as np
from matplotlib.figure import Figure

from tfdis.plots.figure import add_title, draw_grid, save_figure
from tfdis.plots.images import check_images

_COLUMNS = 8
_INCHES = 0.75


def plot_reconstructions(
    images: np.ndarray,
    reconstructions: np.ndarray,
    path: str | os.PathLike,
    title: str = "reconstructions",
    overwrite: bool = False,
) -> str:
    """Draws images, each above its reconstruction, eight in a row.

    Args:
        images: `[num, height, width, channels]`, uint8 or floats in [0, 1].
        reconstructions: pixels of the same shape; see `tfdis.plots.images.to_pixels`.
        path: path of the PNG file to write.
        title: title of the picture.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: the shapes differ, or are not those of images.
        FileExistsError: the file exists and `overwrite` is False.

    Example:
        >>> plot_reconstructions(images, model.reconstruct(images), "r.png")  # doctest: +SKIP
        'r.png'
    """
    images, reconstructions = check_images(images), check_images(reconstructions)
    if images.shape != reconstructions.shape:
        raise ValueError(
            "Expected as many reconstructions as images, of the same size. Received: images "
            f"{images.shape}, reconstructions {reconstructions.shape}."
        )
    columns = min(_COLUMNS, len(images))
    bands = -(-len(images) // columns)
    figure = Figure(
        figsize=(columns * _INCHES + 1.2, bands * 2 * (_INCHES + 0.06) + 0.45),
        layout="constrained",
    )
    # A gap between bands keeps each image with its own reconstruction.
    figure.get_layout_engine().set(h_pad=0.03, hspace=0)
    for band, axes in enumerate(np.atleast_1d(figure.subplots(bands, 1))):
        chosen = slice(band * columns, (band + 1) * columns)
        rows = [_padded(images[chosen], columns), _padded(reconstructions[chosen], columns)]
        draw_grid(axes, rows, ["image", "reconstruction"])
    add_title(figure, title)
    return save_figure(figure, path, overwrite)


def _padded(images, columns):
    """Fills a row that is not full with white."""
    missing = columns - len(images)
    return np.concatenate([images, np.ones([missing, *images.shape[1:]], images.dtype)])
