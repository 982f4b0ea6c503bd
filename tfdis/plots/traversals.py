"""Latent traversals: the changes of an image when one latent moves and the others stay."""

import os
from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from tfdis.plots.animation import save_animation
from tfdis.plots.figure import (
    LABEL_SIZE,
    add_title,
    draw_grid,
    save_figure,
    wrapped,
)
from tfdis.plots.images import check_images, to_pixels

# Nats. A code that tells a tenth of its variance apart from noise carries -0.5 * log(1 - 0.1) = 0.053
# nats, and its KL is at least that; a latent below says too little to be seen.
IGNORED_BELOW = 0.05
LIMIT = 2.0
_INCHES = 0.5
_FRAMES = 21
_GIF_ROWS = 3

Encoder = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
Decoder = Callable[[np.ndarray], np.ndarray]


def mean_kl(mean: np.ndarray, log_var: np.ndarray) -> np.ndarray:
    """How informative each latent is: the mean over images of its KL divergence from the prior N(0, 1).

    KL_j = mean_i 0.5 (mean_ij^2 + exp(log_var_ij) - log_var_ij - 1)

    Args:
        mean: posterior means `[num, latent]`.
        log_var: natural logarithms of the posterior variances `[num, latent]`.

    Returns:
        float64 `[latent]`, in nats.

    Example:
        >>> mean_kl(np.array([[2.0, 0.0]]), np.array([[0.0, 0.0]])).tolist()
        [2.0, 0.0]
    """
    mean, log_var = np.asarray(mean, np.float64), np.asarray(log_var, np.float64)
    return np.mean(0.5 * (mean**2 + np.expm1(log_var) - log_var), axis=0)


def select_latents(kl: np.ndarray, ignored_below: float = IGNORED_BELOW) -> np.ndarray:
    """The latents to show, the most informative first.

    Args:
        kl: mean KL divergence of each latent, in nats.
        ignored_below: latents with a lower mean KL divergence, in nats, are left out; 0 keeps all.
            If none would be left, all are kept.

    Returns:
        Indices of latents.

    Example:
        >>> select_latents(np.array([0.001, 0.5, 2.0])).tolist()
        [2, 1]
    """
    order = np.argsort(-np.asarray(kl), kind="stable")
    kept = order[np.asarray(kl)[order] >= ignored_below]
    return kept if len(kept) else order


def plot_traversals(
    encoder: Encoder,
    decoder: Decoder,
    images: np.ndarray,
    path: str | os.PathLike,
    activation: str = "logits",
    ignored_below: float = IGNORED_BELOW,
    num_columns: int = 21,
    title: str = "latent traversals",
    overwrite: bool = False,
) -> str:
    """Draws one row for each latent: the first image's code, decoded with that latent from -2 to 2.

    Rows are ordered by the mean KL divergence over all images, which their labels give.

    Args:
        encoder: function from images `[num, height, width, channels]` to (mean, log_var), each
            `[num, latent]`.
        decoder: function from codes `[num, latent]` to linear outputs
            `[num, height, width, channels]`.
        images: floats in [0, 1]; the first one is traversed, all of them count for the KL
            divergence.
        path: path of the PNG file to write.
        activation: meaning of the outputs, "logits" or "tanh".
        ignored_below: latents with a lower mean KL divergence, in nats, are left out; 0 shows all.
        num_columns: number of values from -2 to 2; 21 for steps of 0.2.
        title: title of the picture.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: arrays that are not images, or an unknown activation.
        FileExistsError: the file exists and `overwrite` is False.

    Example:
        >>> plot_traversals(model.encoder, model.decoder, images, "t.png")  # doctest: +SKIP
        't.png'
    """
    code, kl, latents = _encode(encoder, images, ignored_below)
    values = np.linspace(-LIMIT, LIMIT, num_columns)
    rows = [to_pixels(decoder(_moved(code[0], latent, values)), activation) for latent in latents]
    figure = Figure(
        figsize=(num_columns * _INCHES + 1.5, len(latents) * _INCHES + 0.85), layout="constrained"
    )
    axes = figure.subplots()
    names = [f"$z_{{{latent}}}$   KL {kl[latent]:.2f} nats" for latent in latents]
    columns = [f"{value:.1f}".replace("-", "\N{MINUS SIGN}") for value in values]
    draw_grid(axes, rows, names, columns)
    add_title(figure, title + _left_out(kl, latents, ignored_below))
    meaning = "value of the row's latent; the others stay as encoded"
    axes.set_xlabel(wrapped(meaning, num_columns * _INCHES, LABEL_SIZE), fontsize=LABEL_SIZE)
    return save_figure(figure, path, overwrite)


def animate_traversals(
    encoder: Encoder,
    decoder: Decoder,
    images: np.ndarray,
    path: str | os.PathLike,
    activation: str = "logits",
    ignored_below: float = IGNORED_BELOW,
    overwrite: bool = False,
) -> str:
    """Writes a GIF, one column for each latent, which moves from -2 to 2 and back; rows are images.

    Columns are ordered like the rows of `plot_traversals`. Steps are 0.2; the first three images
    are shown, unchanged in the first column.

    Args:
        encoder: as for `plot_traversals`.
        decoder: as for `plot_traversals`.
        images: floats in [0, 1].
        path: path of the GIF file to write.
        activation: meaning of the outputs, "logits" or "tanh".
        ignored_below: latents with a lower mean KL divergence, in nats, are left out; 0 shows all.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: arrays that are not images, or an unknown activation.
        FileExistsError: the file exists and `overwrite` is False.
    """
    code, _, latents = _encode(encoder, images, ignored_below)
    values = np.linspace(-LIMIT, LIMIT, _FRAMES)
    shown = check_images(images)[:_GIF_ROWS]
    # [rows, latents, frames, height, width, channels]
    moved = np.stack(
        [
            [
                to_pixels(decoder(_moved(code[row], latent, values)), activation)
                for latent in latents
            ]
            for row in range(len(shown))
        ]
    )
    still = np.broadcast_to(shown[:, None], [len(shown), 1, *shown.shape[1:]])
    labels = ["image", *(f"z{latent}" for latent in latents)]
    grids = (
        np.concatenate([still, moved[:, :, step]], axis=1)
        for step in [*range(_FRAMES), *range(_FRAMES - 2, 0, -1)]
    )
    return save_animation(grids, labels, path, overwrite)


def _encode(encoder, images, ignored_below):
    """The codes of the images, every latent's mean KL, and the latents to show."""
    images = check_images(images).astype(np.float32, copy=False)
    mean, log_var = (np.asarray(output, np.float32) for output in encoder(images))
    kl = mean_kl(mean, log_var)
    return mean, kl, select_latents(kl, ignored_below)


def _moved(code, latent, values):
    """Copies of a code `[latent]` in which one latent takes the given values."""
    codes = np.tile(code, [len(values), 1])
    codes[:, latent] = values
    return codes


def _left_out(kl, latents, ignored_below):
    """Text for the title about the latents that are not shown."""
    missing = len(kl) - len(latents)
    if missing:
        return f"\n{missing} of {len(kl)} latents left out: mean KL below {ignored_below:g} nats"
    if np.all(kl < ignored_below):
        return f"\nevery latent's mean KL is below {ignored_below:g} nats"
    return ""
