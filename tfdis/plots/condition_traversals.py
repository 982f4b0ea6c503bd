"""Condition traversals: the changes of an image when its label changes and its code stays."""

import os
from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

from tfdis.data.label_factors import one_hot
from tfdis.plots.animation import save_animation
from tfdis.plots.figure import add_title, draw_grid, no_formula, save_figure
from tfdis.plots.images import check_images, to_pixels

_INCHES = 0.62
_MOST_COLUMNS = 12
_ROWS = 3
_FRAME_MILLISECONDS = 300

# Code `[num, latent]` and condition `[num, classes]` -> linear outputs.
ConditionalDecoder = Callable[[np.ndarray, np.ndarray], np.ndarray]


def plot_condition_traversals(
    decoder: ConditionalDecoder,
    codes: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[tuple[str, int]],
    path: str | os.PathLike,
    activation: str = "logits",
    title: str = "condition traversals",
    overwrite: bool = False,
) -> str:
    """Draws one row for each image and factor of the label: its code, decoded with every class.

    Args:
        decoder: function from codes and conditions (one one-hot vector for each factor of the label,
            one after the other) to linear outputs `[num, height, width, channels]`.
        codes: codes `[num, latent]` of the images.
        images: floats in [0, 1] or bytes; the first three are drawn, in the first column.
        labels: their classes, integers `[num, factors of the label]`.
        classes: name and number of classes of each factor of the label.
        path: path of the PNG file to write.
        activation: meaning of the outputs, "logits" or "tanh".
        title: title of the picture.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: arrays that are not images, or an unknown activation.
        FileExistsError: the file exists and `overwrite` is False.
    """
    images = check_images(images)[:_ROWS]
    num_columns = min(max(size for _, size in classes), _MOST_COLUMNS)
    rows, names = [], []
    for number, image in enumerate(images):
        for position, (name, size) in enumerate(classes):
            shown = _shown(size, num_columns)
            decoded = _decoded(decoder, codes[number], labels[number], classes, position, shown)
            white = np.ones([num_columns - len(shown), *image.shape], np.float32)
            rows.append(np.concatenate([image[None], to_pixels(decoded, activation), white]))
            left_out = "" if len(shown) == size else f", {len(shown)} of {size}"
            names.append(no_formula(f"{name} (is {labels[number][position]}{left_out})"))
    figure = Figure(
        figsize=((num_columns + 1) * _INCHES + 2, len(rows) * _INCHES + 0.85), layout="constrained"
    )
    columns = [""] * num_columns
    if len({size for _, size in classes}) == 1:
        columns = [str(value) for value in _shown(classes[0][1], num_columns)]
    draw_grid(figure.subplots(), rows, names, ["image", *columns])
    add_title(figure, title)
    return save_figure(figure, path, overwrite)


def animate_condition_traversals(
    decoder: ConditionalDecoder,
    codes: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[tuple[str, int]],
    path: str | os.PathLike,
    activation: str = "logits",
    overwrite: bool = False,
) -> str:
    """Writes a GIF, one column for each factor of the label, which goes through its classes.

    Args:
        decoder: as for `plot_condition_traversals`.
        codes: as for `plot_condition_traversals`.
        images: as for `plot_condition_traversals`; rows of the picture.
        labels: as for `plot_condition_traversals`.
        classes: as for `plot_condition_traversals`.
        path: path of the GIF file to write.
        activation: meaning of the outputs, "logits" or "tanh".
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.
    """
    images = check_images(images)[:_ROWS]
    num_frames = min(max(size for _, size in classes), _MOST_COLUMNS)
    # [rows, factors, frames, height, width, channels]
    moved = np.stack(
        [
            [
                to_pixels(
                    _decoded(
                        decoder,
                        codes[row],
                        labels[row],
                        classes,
                        position,
                        np.arange(num_frames) * size // num_frames,
                    ),
                    activation,
                )
                for position, (_, size) in enumerate(classes)
            ]
            for row in range(len(images))
        ]
    )
    grids = (
        np.concatenate([images[:, None], moved[:, :, step]], axis=1) for step in range(num_frames)
    )
    names = ["image", *(name for name, _ in classes)]
    return save_animation(grids, names, path, overwrite, _FRAME_MILLISECONDS)


def _shown(size, most):
    """The classes to show: all of them, or some at equal distances."""
    return np.unique(np.linspace(0, size - 1, min(size, most)).astype(int))


def _decoded(decoder, code, label, classes, position, values):
    """One code decoded with a label of which one factor takes the given classes."""
    labels = np.tile(label, [len(values), 1])
    labels[:, position] = values
    conditions = one_hot(labels, [size for _, size in classes])
    return decoder(np.tile(code, [len(values), 1]), conditions)
