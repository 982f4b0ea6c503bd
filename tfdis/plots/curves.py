"""Loss curves: every scalar of a run's training log against the steps."""

import csv
import os

import numpy as np
from matplotlib.ticker import EngFormatter, MaxNLocator

from tfdis.plots.figure import (
    LABEL_SIZE,
    LINE,
    MUTED,
    add_title,
    make_panels,
    plain_frame,
    save_figure,
)

# Name of the file in the folder of a run that is drawn here.
LOG = "training_log.csv"
_COLUMNS = 3
_NOTE = "\n(vertical axes: the range of the last nine tenths)"
_WRITTEN = {"elbo": "ELBO", "kl": "KL", "mi": "MI", "tc": "TC", "mmd": "MMD", "dip": "DIP"}
# Scalars that a reader looks for first; others follow in the order of the log.
_FIRST = ("loss", "elbo", "reconstruction_loss", "kl_loss", "regularizer")
_SETTINGS = ("learning_rate", "weight", "beta")
_WITHOUT_UNIT = (
    *_SETTINGS,
    "accuracy",
    "dip_penalty",
    "mmd",
    "support",
    "quantisation",
    "commitment",
    "group",
    "generator",
    "commutator",
    "hessian",
)
# Divergences and cross-entropies, whatever the likelihood; see docs/logged.md.
_IN_NATS = (
    "elbo",
    "kl_loss",
    "capacity_deviation",
    "total_correlation",
    "decomposed_kl",
    "factor_tc",
    "laplace_transition",
    "codebook_kl",
    "kernel_information",
    "reconstructed_label",
    "adversarial_label",
    "supervised_loss",
    "cross_entropy",
)


def read_training_log(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Reads a training log: a CSV file whose first column is `step`, then one column for each scalar.

    Args:
        path: path of the file; a last line that was cut off is left out.

    Returns:
        Columns by name, float64 `[rows]`; `step` is the first.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no training log, or has no rows.
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    header = rows[0] if rows else []
    if header[:1] != ["step"] or len(header) < 2:
        raise ValueError(
            "Expected a training log: a CSV file whose columns are step and one or more scalars. "
            f"Received: {path} with the columns {header}."
        )
    if len(rows[-1]) < len(header):
        rows.pop()
    if len(rows) < 2:
        raise ValueError(
            f"Expected a training log with at least one row. Received: {path} has none."
        )
    try:
        values = np.array(rows[1:], np.float64)
    except ValueError as error:
        raise ValueError(
            f"Expected {len(header)} numbers in every row of {path}. Received: {error}."
        ) from error
    return dict(zip(header, values.T, strict=True))


def plot_curves(
    log_path: str | os.PathLike,
    path: str | os.PathLike,
    unit: str = "nats",
    title: str = "training",
    overwrite: bool = False,
) -> str:
    """Draws one panel for each scalar of a training log, each on its own scale.

    A learning rate or weight that never changes gets no panel: the title gives its value.

    Args:
        log_path: path of a run's `training_log.csv`.
        path: path of the PNG file to write.
        unit: unit of the reconstruction loss and of what is summed with it, for example "nats" for
            likelihoods.
        title: title of the picture.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        FileNotFoundError: there is no log.
        ValueError: the file is no training log, or has no rows.
        FileExistsError: the file exists and `overwrite` is False.

    Example:
        >>> plot_curves("runs/btc/training_log.csv", "curves.png")  # doctest: +SKIP
        'curves.png'
    """
    log = read_training_log(log_path)
    steps = log.pop("step")
    names = [name for name in _FIRST if name in log]
    names += [name for name in log if name not in names]
    constant = {name: log[name][0] for name in names if _is_constant_setting(name, log[name])}
    names = [name for name in names if name not in constant] or names
    figure, panels = make_panels(len(names), _COLUMNS, (3.1, 2.1), (0, 0.4))
    for axes, name in zip(panels, names, strict=False):
        _draw_panel(axes, steps, log[name], name, unit)
    add_title(figure, title + _NOTE + _constants(constant))
    return save_figure(figure, path, overwrite)


def _unit_of(name, unit):
    """A scalar's unit, for its axis; `unit` is that of the loss, and of scalars not known here."""
    if any(word in name for word in _WITHOUT_UNIT):
        return "no unit"
    return "nats" if name in _IN_NATS or name.endswith("_network_loss") else unit


def _is_constant_setting(name, values):
    return any(word in name for word in _SETTINGS) and bool(np.all(values == values[0]))


def _constants(settings):
    """Text for the title about the scalars that get no panel."""
    said = [f"{_in_words(name)} {value:g}" for name, value in settings.items()]
    return f"\n(throughout: {', '.join(said)})" if said else ""


def _in_words(name):
    return " ".join(_WRITTEN.get(word, word) for word in name.split("_"))


def _draw_panel(axes, steps, values, name, unit):
    finite = np.isfinite(values)
    # One row is a point, not a line.
    marker = "o" if len(steps) == 1 else None
    axes.plot(steps[finite], values[finite], color=LINE, linewidth=1.4, marker=marker)
    axes.set_ylim(*_limits(values[finite]))
    axes.set_title(_in_words(name), fontsize=LABEL_SIZE + 1, loc="left")
    axes.set_ylabel(_unit_of(name, unit), fontsize=LABEL_SIZE, color=MUTED)
    axes.set_xlabel("step", fontsize=LABEL_SIZE, color=MUTED)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.ticklabel_format(axis="y", style="sci", scilimits=(-2, 5), useOffset=False)
    axes.yaxis.get_offset_text().set_fontsize(LABEL_SIZE)
    plain_frame(axes)


def _limits(values):
    """The range to show, without the first tenth, which may start far off and would flatten the rest."""
    if len(values) == 0:
        return 0.0, 1.0
    later = values[len(values) // 10 :]
    low, high = later.min(), later.max()
    margin = 0.08 * (high - low) or max(abs(high) * 0.1, 1e-12)
    return low - margin, high + margin
