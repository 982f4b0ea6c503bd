"""Pictures of runs: latent traversals, reconstructions, loss curves. Every matplotlib import is here."""

from tfdis.plots.condition_traversals import (
    animate_condition_traversals,
    plot_condition_traversals,
)
from tfdis.plots.contact_sheet import find_models, plot_contact_sheet
from tfdis.plots.curves import plot_curves
from tfdis.plots.images import to_pixels
from tfdis.plots.reconstructions import plot_reconstructions
from tfdis.plots.run import plot_run
from tfdis.plots.score_curves import plot_score_curves
from tfdis.plots.traversals import animate_traversals, mean_kl, plot_traversals, select_latents

__all__ = [
    "animate_condition_traversals",
    "animate_traversals",
    "find_models",
    "mean_kl",
    "plot_condition_traversals",
    "plot_contact_sheet",
    "plot_curves",
    "plot_reconstructions",
    "plot_run",
    "plot_score_curves",
    "plot_traversals",
    "select_latents",
    "to_pixels",
]
