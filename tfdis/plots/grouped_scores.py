"""Scores of groups of runs, as papers draw them: over a number, or side by side for every category."""

import os
from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import EngFormatter, MaxNLocator

from tfdis.plots.figure import (
    COLOURS,
    LABEL_SIZE,
    MUTED,
    add_legend,
    add_title,
    make_panels,
    plain_frame,
    save_figure,
    wrapped,
)
from tfdis.plots.seed_scores import SeedScores

# The scores that are drawn lie between 0 and 1; with one range, pictures of different runs compare.
RANGE = (-0.05, 1.05)
_PANEL_WIDTH, _PANEL_HEIGHT = 4.4, 3.2
# Part of a category's width that all of its groups share.
_SHARED = 0.7
# More values than these have no tick of their own.
_MOST_TICKS = 10


def plot_score_lines(
    panels: Mapping[str, Mapping[str, Mapping[float, SeedScores]]],
    path: str | os.PathLike,
    x_label: str,
    title: str = "",
    logarithmic: bool = False,
    limits: tuple[float, float] | None = RANGE,
    overwrite: bool = False,
) -> str:
    """Draws lines through means over seeds, with a dot for each run and a band for each interval.

    Args:
        panels: for each score, by its name: for each line, by its name: the scores by the number on
            the horizontal axis.
        path: path of the PNG file to write.
        x_label: name of the number on the horizontal axis.
        title: title of the picture.
        logarithmic: whether the horizontal axis is logarithmic.
        limits: ends of the vertical axes; None for those of the data.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: there are no scores.
        FileExistsError: the file exists and `overwrite` is False.
    """
    figure, grid = _panels(panels)
    for axes, (name, lines) in zip(grid, panels.items(), strict=False):
        for colour, (label, found) in zip(_colours(lines), lines.items(), strict=True):
            _draw_line(axes, label, found, colour)
        _frame(axes, name, limits)
        _number_axis(
            axes, sorted({x for found in lines.values() for x in found}), x_label, logarithmic
        )
    add_legend(figure)
    add_title(figure, title)
    return save_figure(figure, path, overwrite)


def plot_score_columns(
    panels: Mapping[str, Mapping[str, Mapping[str, SeedScores]]],
    path: str | os.PathLike,
    title: str = "",
    limits: tuple[float, float] | None = RANGE,
    overwrite: bool = False,
) -> str:
    """Draws a column of dots for each group of runs, with a stroke in its middle and a line for its interval.

    Args:
        panels: for each score, by its name: for each kind of group, by its name: the scores by
            category. The kinds of a category stand side by side.
        path: path of the PNG file to write.
        title: title of the picture.
        limits: ends of the vertical axes; None for those of the data.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: there are no scores.
        FileExistsError: the file exists and `overwrite` is False.
    """
    figure, grid = _panels(panels)
    for axes, (name, kinds) in zip(grid, panels.items(), strict=False):
        categories = list(dict.fromkeys(c for found in kinds.values() for c in found))
        width = _SHARED / len(kinds)
        for number, (colour, (label, found)) in enumerate(
            zip(_colours(kinds), kinds.items(), strict=True)
        ):
            shift = (number - (len(kinds) - 1) / 2) * width
            _draw_columns(
                axes,
                label,
                {categories.index(c) + shift: s for c, s in found.items()},
                colour,
                width,
            )
        _frame(axes, name, limits)
        axes.set_xticks(range(len(categories)), [wrapped(c, 1.0, LABEL_SIZE) for c in categories])
        axes.set_xlim(-0.6, len(categories) - 0.4)
        axes.grid(visible=False, axis="x")
    add_legend(figure)
    add_title(figure, title)
    return save_figure(figure, path, overwrite)


def _panels(panels):
    if not any(any(found.values()) for found in panels.values()):
        raise ValueError("Expected scores of one or more groups of runs. Received none.")
    columns = 2 if len(panels) % 2 == 0 else 3
    return make_panels(len(panels), columns, (_PANEL_WIDTH, _PANEL_HEIGHT), (0, 0.7))


def _colours(names):
    return [COLOURS[number % len(COLOURS)] for number in range(len(names))]


def _draw_line(axes, label, found, colour):
    places = sorted(found)
    columns = [[getattr(found[x], name) for x in places] for name in ("mean", "low", "high")]
    means, low, high = np.asarray(columns, float)
    axes.plot(places, means, color=colour, linewidth=1.4, marker="o", markersize=3, label=label)
    axes.fill_between(places, low, high, color=colour, alpha=0.15, linewidth=0)
    if len(places) <= _MOST_TICKS:
        for x in places:
            _dots(axes, np.full(len(found[x].values), x), found[x].values, colour)


def _draw_columns(axes, label, found, colour, width):
    for x, scores in found.items():
        # A column is drawn about its middle, so that equal scores do not hide each other.
        shifts = np.linspace(-0.25, 0.25, len(scores.values) + 2)[1:-1] * width
        _dots(axes, x + shifts, scores.values, colour)
    places, rows = list(found), list(found.values())
    half = 0.4 * width
    axes.vlines(places, [s.low for s in rows], [s.high for s in rows], color=colour, linewidth=1.4)
    axes.hlines(
        [s.mean for s in rows],
        np.subtract(places, half),
        np.add(places, half),
        color=colour,
        linewidth=2.0,
        label=label,
    )


def _dots(axes, places, values, colour):
    axes.scatter(places, values, s=14, color=colour, alpha=0.5, linewidths=0, zorder=3)


def _frame(axes, name, limits):
    axes.set_title(wrapped(name, 0.8 * _PANEL_WIDTH, LABEL_SIZE), fontsize=LABEL_SIZE, loc="left")
    plain_frame(axes)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    if limits:
        axes.set_ylim(limits)


def _number_axis(axes, places, label, logarithmic):
    axes.set_xlabel(label, fontsize=LABEL_SIZE, color=MUTED)
    if logarithmic:
        axes.set_xscale("log")
        axes.minorticks_off()
    if len(places) <= _MOST_TICKS:
        axes.set_xticks(places, [f"{x:g}" for x in places])
    else:
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.xaxis.set_major_locator(MaxNLocator(5))
