"""Score curves: every score of one or more runs against the training steps."""

import os
from collections.abc import Mapping

import numpy as np
from matplotlib.ticker import EngFormatter, MaxNLocator

from tfdis.plots.curves import read_training_log
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

# Name of the file in the folder of a run that is drawn here.
SCORES = "scores.csv"
_COLUMNS = 3
_PANEL_WIDTH = 3.1
_DETAILS = ("/factor_", "/num_active")


def plot_score_curves(
    logs: Mapping[str, str | os.PathLike],
    path: str | os.PathLike,
    title: str = "scores during training",
    overwrite: bool = False,
) -> str:
    """Draws one panel for each score, with one line for each run.

    Args:
        logs: path of each run's `scores.csv`, as `scores_while_training` writes it, by name of run.
        path: path of the PNG file to write.
        title: title of the picture.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        FileNotFoundError: there is no such log.
        ValueError: there are no logs, or one has no scores.
        FileExistsError: the file exists and `overwrite` is False.

    Example:
        >>> plot_score_curves({"btc": "runs/btc/scores.csv"}, "scores.png")  # doctest: +SKIP
        'scores.png'
    """
    if not logs:
        raise ValueError("Expected the scores of one or more runs. Received none.")
    runs = {name: read_training_log(log) for name, log in logs.items()}
    names = list(dict.fromkeys(name for run in runs.values() for name in _main_scores(run)))
    figure, panels = make_panels(len(names), _COLUMNS, (_PANEL_WIDTH, 2.1), (0, 0.6))
    for axes, name in zip(panels, names, strict=False):
        _draw_panel(axes, runs, name)
    if len(runs) > 1:
        add_legend(figure)
    add_title(figure, title)
    return save_figure(figure, path, overwrite)


def _main_scores(run):
    """Scores of all factors together; all scores if there are no others."""
    names = [name for name in run if name != "step"]
    main = [name for name in names if not any(detail in name for detail in _DETAILS)]
    return main or names


def _draw_panel(axes, runs, name):
    for index, (label, run) in enumerate(runs.items()):
        if name not in run:
            continue
        finite = np.isfinite(run[name])
        axes.plot(
            run["step"][finite],
            run[name][finite],
            color=COLOURS[index % len(COLOURS)],
            linestyle=("-", "--", ":")[index // len(COLOURS) % 3],
            linewidth=1.4,
            marker="o" if len(run["step"]) <= 30 else None,
            markersize=2.5,
            label=label,
        )
    metric, _, part = name.removeprefix("standardised/").partition("/")
    if name.startswith("standardised/"):
        part = f"{part} (standardised codes)"
    words = f"{metric}: {part}".rstrip(": ").replace("_", " ")
    axes.set_title(wrapped(words, 0.8 * _PANEL_WIDTH, LABEL_SIZE), fontsize=LABEL_SIZE, loc="left")
    axes.set_xlabel("step", fontsize=LABEL_SIZE, color=MUTED)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    plain_frame(axes)
