"""Figures 6, 9 and 11 of "Overlooked Implications of the Reconstruction Loss for VAE Disentanglement".

References:
    Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
    Disentanglement". arXiv:2202.13341.
"""

import functools
import operator
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from tfdis import registry
from tfdis.plots.grouped_scores import plot_score_columns, plot_score_lines
from tfdis.report.paper_figures import (
    PaperFigure,
    groups_of,
    panel_of,
    statistics_table,
    values_of,
)
from tfdis.report.runs import ScoredRun
from tfdis.report.scores import label, reference_name

SCORES = ("mig/discrete_mig", "dci/disentanglement")
_FRAMEWORKS = {"vae": "beta-VAE", "ada_gvae": "Ada-GVAE"}
_LOSSES = {"mse_loss": "MSE", "box_blur_mse_loss": "BoxBlurMSE"}
_HOW = (
    "One dot per run; lines through means, bands for confidence intervals of the mean over seeds."
)


@registry.figures("overlap")
def overlap(runs: Sequence[ScoredRun], describe: Callable) -> Iterator[PaperFigure]:
    """Figure 9: the scores over the spacing of XYSquares."""
    groups = groups_of(runs, _framework, _beta, _spacing)
    line = "{}, beta = {:g}".format
    panels = {label(score): panel_of(groups, score, describe, line) for score in SCORES}
    yield PaperFigure(
        name="figure_9",
        title="Figure 9: scores over the spacing of XYSquares",
        caption=f"{_HOW} The paper draws one beta for each framework and spacing (0.001, but 0.00316 for the "
        "beta-VAE at spacings of 1 and 2), and a fitted polynomial; here is every beta that was run. "
        + _length(runs, 57600),
        table=statistics_table(groups, ("framework", "beta", "spacing"), SCORES, describe),
        keys=("framework", "beta", "spacing"),
        draw=lambda path, title: plot_score_lines(panels, path, "spacing (pixels)", title),
    )


@registry.figures("adversarial")
def adversarial(runs: Sequence[ScoredRun], describe: Callable) -> Iterator[PaperFigure]:
    """Figure 6: the scores on each data set, over all hyperparameters; and the same over beta."""
    by_data_set = groups_of(runs, _framework, _data_set)
    panels = {label(score): panel_of(by_data_set, score, _quartiles) for score in SCORES}
    yield PaperFigure(
        name="figure_6",
        title="Figure 6: scores on each data set, over all beta and numbers of latents",
        caption="One dot per run; a stroke for the median, a line from the first to the third quartile of all "
        f"runs of a framework on a data set, as in the paper's violins. {_length(runs, 115200)}",
        table=_distributions(by_data_set),
        keys=("framework", "data set"),
        draw=functools.partial(plot_score_columns, panels),
    )
    groups = groups_of(runs, _data_set, _framework, _latents, _beta)
    over_beta = {
        f"{name}, {label(score)}": panel_of(
            {key[1:]: found for key, found in groups.items() if key[0] == name},
            score,
            describe,
            "{}, {:g} latents".format,
        )
        for name in dict.fromkeys(map(_data_set, runs))
        for score in SCORES
    }
    yield PaperFigure(
        name="figure_6_over_beta",
        title="The runs of figure 6 over beta",
        caption=f"{_HOW} The paper has no such figure. {_length(runs, 115200)}",
        table=statistics_table(
            groups, ("data set", "framework", "latents", "beta"), SCORES, describe
        ),
        keys=("data set", "framework", "latents", "beta"),
        draw=lambda path, title: plot_score_lines(over_beta, path, "beta", title, logarithmic=True),
    )


@registry.figures("augmented")
def augmented(runs: Sequence[ScoredRun], describe: Callable) -> Iterator[PaperFigure]:
    """Figure 11: the scores with a plain and with a blurred loss."""
    groups = groups_of(runs, _framework, _beta, _loss)
    columns = groups_of(runs, _loss, lambda run: f"{_framework(run)}\nbeta = {_beta(run):g}")
    panels = {label(score): panel_of(columns, score, describe) for score in SCORES}
    yield PaperFigure(
        name="figure_11",
        title="Figure 11: scores with MSE and with BoxBlurMSE",
        caption="One dot per run, a stroke for the mean, a line for its confidence interval over seeds. The "
        f"paper puts both values of beta together. {_length(runs, 57600)}",
        table=statistics_table(groups, ("framework", "beta", "loss"), SCORES, describe),
        keys=("framework", "beta", "loss"),
        draw=functools.partial(plot_score_columns, panels),
    )


def _framework(run):
    return _FRAMEWORKS.get(run.model, run.model)


def _loss(run):
    name = reference_name(run.config.get("reconstruction_loss.loss_fn", ""))
    return _LOSSES.get(name, name)


def _number(name):
    """A function of a run: the number that its configuration has under a gin name; NaN without one."""
    return lambda run: float(run.config.get(name.format(model=run.model), "nan"))


_data_set = operator.attrgetter("data_set")
_beta, _spacing = _number("{model}.beta"), _number("xysquares.grid_spacing")
_latents = _number("encoder.num_latent")


def _length(runs, published):
    """How long the runs were trained, and how long those of the paper."""
    steps = sorted({float(run.config.get("model.training_steps", "nan")) for run in runs})
    text = " or ".join(f"{number:,.0f}" for number in steps)
    same = "as in the paper" if steps == [published] else f"the paper {published:,}"
    return f"Trained for {text} steps; {same}."


def _quartiles(values):
    low, middle, high = np.nanpercentile(values, [25, 50, 75])
    return {"mean": middle, "low": low, "high": high}


def _distributions(groups):
    rows = []
    for (framework, data_set), runs in groups.items():
        row = {"framework": framework, "data set": data_set, "runs": len(runs)}
        for score in SCORES:
            values = values_of(runs, score)
            if values:
                found = _quartiles(values) | {"best": np.nanmax(values)}
                row |= {
                    f"{label(score)} {name}": found[key]
                    for key, name in (
                        ("low", "first quartile"),
                        ("mean", "median"),
                        ("high", "third quartile"),
                        ("best", "highest"),
                    )
                }
        rows.append(row)
    return pd.DataFrame(rows)
