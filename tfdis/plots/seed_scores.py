"""Scores over seeds: one panel per score, one line per group of runs, one dot per run."""

import dataclasses
import os
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from tfdis.plots.figure import LABEL_SIZE, LINE, MUTED, make_panels, plain_frame, save_figure

_COLUMNS = 4
_LABEL_WIDTH, _LABEL_LINES = 30, 3


@dataclasses.dataclass(frozen=True)
class SeedScores:
    """One score of the runs that differ in the seed only.

    Attributes:
        values: one value for each seed; those that are not finite are not drawn.
        mean: mean of the finite values; NaN if there are none.
        low: lower end of the mean's confidence interval; NaN if there is none.
        high: upper end of that interval; NaN if there is none.
    """

    values: Sequence[float]
    mean: float
    low: float
    high: float


def plot_seed_scores(
    panels: Mapping[str, Sequence[SeedScores]],
    labels: Sequence[str],
    path: str | os.PathLike,
    overwrite: bool = False,
) -> str:
    """Draws every run's score as a dot, the mean as a stroke, its confidence interval as a line.

    Args:
        panels: scores of each group, by name of score.
        labels: names of the groups.
        path: path of the PNG file to write.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: there are no scores, or not as many groups as labels.
        FileExistsError: the file exists and `overwrite` is False.
    """
    sizes = {len(labels), *map(len, panels.values())}
    if not panels or len(sizes) > 1:
        raise ValueError(
            f"Expected scores of {len(labels)} groups, as many as labels. Received: "
            f"{len(panels)} scores of {sorted(sizes)} groups."
        )
    names = [
        "\n".join(textwrap.wrap(label, _LABEL_WIDTH, max_lines=_LABEL_LINES, placeholder=" …"))
        for label in labels
    ]
    lines = sum(1 + name.count("\n") for name in names)
    panel = (2.4, 0.2 * lines + 0.8)
    figure, grid = make_panels(len(panels), _COLUMNS, panel, (1.6, 0), sharey=True)
    for axes, (name, groups) in zip(grid, panels.items(), strict=False):
        _draw_panel(axes, name, groups)
    grid[0].set_yticks(range(len(names)), names)
    grid[0].set_ylim(len(names) - 0.5, -0.5)
    return save_figure(figure, path, overwrite)


def _draw_panel(axes, name, groups):
    for height, group in enumerate(groups):
        values = np.asarray(group.values, float)
        values = values[np.isfinite(values)]
        axes.hlines(height, group.low, group.high, color=MUTED, linewidth=1.2)
        axes.plot(group.mean, height, marker="|", markersize=11, markeredgewidth=1.8, color=MUTED)
        heights = np.full(len(values), height)
        axes.scatter(values, heights, s=16, color=LINE, alpha=0.65, linewidths=0, zorder=3)
    _frame(axes, np.concatenate([np.asarray(group.values, float) for group in groups]))
    axes.set_title(textwrap.fill(name, 34), fontsize=LABEL_SIZE, loc="left")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    plain_frame(axes)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _frame(axes, values):
    """Keeps the dots apart, since two seeds have an interval 13 times as long as their distance."""
    values = values[np.isfinite(values)]
    if not len(values) or values.min() == values.max():
        return
    low, high = axes.get_xlim()
    margin = np.ptp(values)
    axes.set_xlim(max(low, values.min() - margin), min(high, values.max() + margin))
