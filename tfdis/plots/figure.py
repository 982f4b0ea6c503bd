"""The look that all pictures share, and how they are written: whole, or not at all."""

import os
import tempfile
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tfdis.files.whole import written_whole
from tfdis.plots.images import GAP, tile

DOTS_PER_INCH = 120
TITLE_SIZE = 10
LABEL_SIZE = 8
MUTED = "#5f6368"
LINE = "#1f5a99"
# The colours of Okabe and Ito, which people with red-green colour blindness can tell apart too.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
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


def make_panels(
    num: int,
    most_columns: int,
    panel: tuple[float, float],
    margin: tuple[float, float],
    sharey: bool = False,
) -> tuple[Figure, np.ndarray]:
    """A figure with a grid of panels, row by row.

    Args:
        num: number of panels that are shown; at least one.
        most_columns: the most panels side by side.
        panel: width and height of a panel, in inches.
        margin: width and height of what all panels need besides, in inches.
        sharey: whether the panels have one vertical axis.

    Returns:
        The figure and all of its panels; those after the first `num` are hidden.
    """
    columns = min(most_columns, num)
    rows = -(-num // columns)
    size = (panel[0] * columns + margin[0], panel[1] * rows + margin[1])
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=sharey).ravel()
    for axes in panels[num:]:
        axes.set_visible(False)
    return figure, panels


def add_title(figure: Figure, title: str) -> None:
    """Writes a title over the whole figure, which grows by the lines that the title takes."""
    text = wrapped(title, figure.get_figwidth(), TITLE_SIZE)
    more_lines = text.count("\n") - title.count("\n")
    figure.set_figheight(figure.get_figheight() + more_lines * _LINE_HEIGHT * TITLE_SIZE / _POINTS)
    figure.suptitle(text, fontsize=TITLE_SIZE)


def plain_frame(axes: Axes) -> None:
    """Small labels, a light grid behind what is drawn, and no lines at the top and the right."""
    axes.tick_params(labelsize=LABEL_SIZE, colors=MUTED)
    axes.grid(color="#e3e5e8", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def add_legend(figure: Figure) -> None:
    """Writes one legend of all panels below the figure."""
    found = {}
    for axes in figure.axes:
        for line, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, line)
    figure.legend(
        list(found.values()),
        list(found),
        loc="outside lower center",
        ncols=4,
        fontsize=LABEL_SIZE,
        frameon=False,
    )


def to_png(draw: Callable[[Path], Any]) -> bytes:
    """The PNG file that a function draws.

    Args:
        draw: function of the path of the file to write.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figure.png"
        draw(path)
        return path.read_bytes()


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


def no_formula(text: str) -> str:
    """Escapes dollars, which would start a formula."""
    return text.replace("$", r"\$")


def draw_grid(
    axes: Axes,
    rows: Sequence[np.ndarray],
    row_labels: Sequence[str],
    column_labels: Sequence[str] = (),
) -> None:
    """Shows a grid of images without frame and ticks; its coordinates are pixels.

    Args:
        axes: where it is drawn.
        rows: one array `[columns, height, width, channels]` for each row, pixels in [0, 1].
        row_labels: text left of each row.
        column_labels: text above each column, or none at all.
    """
    canvas = tile(rows)
    height, width = canvas.shape[:2]
    axes.imshow(canvas, extent=(0, width, height, 0), interpolation="nearest", vmin=0, vmax=1)
    axes.tick_params(length=0, labelsize=LABEL_SIZE)
    for spine in axes.spines.values():
        spine.set_visible(False)
    cell_height, cell_width = (size + GAP for size in rows[0].shape[1:3])
    axes.set_yticks([(row + 0.5) * cell_height for row in range(len(row_labels))], row_labels)
    axes.xaxis.tick_top()
    places = [(column + 0.5) * cell_width for column in range(len(column_labels))]
    axes.set_xticks(places, column_labels)
