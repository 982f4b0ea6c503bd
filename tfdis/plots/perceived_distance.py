"""Plots of perceived distances: cumulative frequencies by factor, overlap against grid steps."""

import os

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.figure import Figure

from tfdis.plots.figure import add_title, save_figure

_MOST_POINTS = 2000


def plot_cumulative_distances(
    distances: dict[str, np.ndarray], table: pd.DataFrame, title: str, path: str | os.PathLike
) -> None:
    """Draws the cumulative proportion of distances, one line for each factor, ordered by mean.

    Args:
        distances: arrays of distances `[pairs]`, by factor and for "random".
        table: table of `perceived_distances`, which gives the order of the legend.
        title: title of the figure; it names the data set and, unless that is the original, its
            provenance.
        path: path of the image file to write.
    """
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    factors = [name for name in table.index if name != "random"]
    colours = colormaps["viridis"](np.linspace(0.05, 0.92, len(factors)))
    styles = {"random": {"color": "black", "linestyle": "--"}}
    styles |= {name: {"color": colour} for name, colour in zip(factors, colours, strict=True)}
    for name, row in table.iterrows():
        # Many values are only a few different ones: steps, from 0, and every point at which the line rises.
        values, proportions = _cumulative(distances[name])
        label = f"{name} ({row['mean']:.4f})"
        axes.step(values, proportions, where="post", label=label, **styles[name])
    axes.set(
        xlabel="perceived distance",
        ylabel="cumulative proportion of pairs",
        ylim=(0, 1.01),
        xlim=(0, None),
    )
    add_title(figure, title)
    axes.legend(title="mean", fontsize="small", loc="lower right")
    axes.grid(alpha=0.3)
    save_figure(figure, path)


def plot_overlap(curves: pd.DataFrame, path: str | os.PathLike) -> None:
    """Draws the distance against the number of grid steps, one line for each spacing.

    Args:
        curves: table of `overlap_curves`.
        path: path of the image file to write.
    """
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    spacings = sorted(curves["grid_spacing"].unique())
    colours = colormaps["viridis"](np.linspace(0.05, 0.92, len(spacings)))
    for spacing, colour in zip(spacings, colours, strict=True):
        curve = curves[curves["grid_spacing"] == spacing]
        steps = np.concatenate([[0], curve["steps"]])
        values = np.concatenate([[0.0], curve["distance"]])
        axes.plot(steps, values, marker="o", markersize=3, color=colour, label=f"{spacing}")
    axes.set(
        xlabel="grid steps between the two places of one square",
        ylabel="perceived distance",
        xlim=(0, None),
        ylim=(0, None),
    )
    add_title(figure, "XYSquares: overlap against grid spacing")
    axes.legend(title="spacing (pixels)", fontsize="small", loc="lower right")
    axes.grid(alpha=0.3)
    save_figure(figure, path)


def _cumulative(distances):
    ordered = np.sort(distances)
    if len(ordered) > _MOST_POINTS:
        ranks = np.linspace(0, len(ordered) - 1, _MOST_POINTS).round().astype(int)
    else:
        ranks = np.arange(len(ordered))
    values = np.concatenate([[0.0], ordered[ranks]])
    return values, np.concatenate([[0.0], (ranks + 1) / len(ordered)])
