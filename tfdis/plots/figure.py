"""The look that all pictures share, and how they are written: whole, or not at all."""

import os
import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfdis.files.whole import written_whole

DOTS_PER_INCH = 120
TITLE_SIZE = 10
LABEL_SIZE = 8
MUTED = "#5f6368"
LINE = "#1f5a99"
# A letter's mean width, rounded up, and a line's height, in type sizes; and the points in an inch.
_LETTER_WIDTH = 0.62
_LINE_HEIGHT = 1.2
_POINTS = 72


def save_figure(figure: Figure, path: str | os.PathLike, overwrite: bool = False) -> str:
    """Writes a figure; the file appears when it is complete.

    Args:
        figure: a figure made with `matplotlib.figure.Figure`, so that no global state is left
            behind.
        path: path of the file to write; its ending chooses the format.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        FileExistsError: the file exists and `overwrite` is False.
    """
    path = os.fspath(path)
    with written_whole(path, overwrite) as partial:
        figure.savefig(partial, dpi=DOTS_PER_INCH, facecolor="white")
    return path


def add_title(figure: Figure, title: str) -> None:
    """Writes a title over the whole figure, which grows by the lines that the title takes."""
    text = wrapped(title, figure.get_figwidth(), TITLE_SIZE)
    more_lines = text.count("\n") - title.count("\n")
    figure.set_figheight(figure.get_figheight() + more_lines * _LINE_HEIGHT * TITLE_SIZE / _POINTS)
    figure.suptitle(text, fontsize=TITLE_SIZE)


def wrapped(text: str, width: float, size: float) -> str:
    r"""Breaks lines that would be cut off.

    Args:
        text: one or more lines.
        width: the width that is available, in inches.
        size: size of the type, in points.

    Returns:
        The text with more lines; words that are too long by themselves are broken too.

    Example:
        >>> wrapped("latent traversals: dsprites (original)", width=2.0, size=10)
        'latent traversals:\ndsprites (original)'
    """
    letters = max(int(width * _POINTS / (size * _LETTER_WIDTH)), 1)
    lines = text.splitlines()
    return "\n".join(textwrap.fill(line, letters, break_on_hyphens=False) for line in lines)


def draw_grid(axes: Axes, canvas: np.ndarray) -> None:
    """Shows a canvas of `tile` without frame and ticks; its coordinates are pixels."""
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
