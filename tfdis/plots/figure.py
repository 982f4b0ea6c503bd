"""The look that all pictures share, and how they are written: whole, or not at all."""

import os

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfdis.files.whole import written_whole

DOTS_PER_INCH = 120
TITLE_SIZE = 10
LABEL_SIZE = 8
MUTED = "#5f6368"
LINE = "#1f5a99"


def save_figure(figure: Figure, path: str | os.PathLike, overwrite: bool = False) -> str:
    """Writes a figure; the file appears when it is complete.

    Args:
      figure: made with `matplotlib.figure.Figure`, so no global state is left behind.
      path: file to write; its ending chooses the format.
      overwrite: whether an existing file is replaced.

    Returns:
      The path.

    Raises:
      FileExistsError: if the file exists and `overwrite` is False.
    """
    path = os.fspath(path)
    with written_whole(path, overwrite) as partial:
        figure.savefig(partial, dpi=DOTS_PER_INCH, facecolor="white")
    return path


def draw_grid(axes: Axes, canvas: np.ndarray) -> None:
    """Shows a canvas of `tile`, its coordinates being pixels, without frame and ticks."""
    height, width = canvas.shape[:2]
    axes.imshow(canvas, extent=(0, width, height, 0), interpolation="nearest", vmin=0, vmax=1)
    axes.tick_params(length=0, labelsize=LABEL_SIZE)
    for spine in axes.spines.values():
        spine.set_visible(False)


def label_columns(axes: Axes, labels: list[str], cell: float) -> None:
    """Writes labels above the columns of a grid whose cells are `cell` pixels wide."""
    axes.xaxis.tick_top()
    axes.set_xticks([(column + 0.5) * cell for column in range(len(labels))], labels)


def label_rows(axes: Axes, labels: list[str], cell: float) -> None:
    """Writes labels left of the rows of a grid whose cells are `cell` pixels high."""
    axes.set_yticks([(row + 0.5) * cell for row in range(len(labels))], labels)
