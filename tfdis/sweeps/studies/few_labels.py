"""The study of "Disentangling Factors of Variation Using Few Labels": training with labels."""

from collections.abc import Iterator, Sequence

from tfdis import registry
from tfdis.sweeps.method_grids import METHODS, axes, configurations
from tfdis.sweeps.papers_of_dlib import named, step_configs, template
from tfdis.sweeps.point import Point

DATA_SETS = ("dsprites_full", "cars3d", "smallnorb", "shapes3d")
NUM_LABELS = (100, 1000)
# Labeller -> its gin lines.
LABELLERS = {
    "perfect": (),
    "bin": ("bin_labeller.num_bins = 5",),
    "noisy": ("noisy_labeller.prob_random = 0.1",),
    "partial": ("partial_labeller.num_observed_factors = 2",),
}
# There is no semi-supervised AnnealedVAE.
_METHODS = [method for method in METHODS if method.name != "annealed_vae"]
_SHARED = (
    "supervised_loss.loss_fn = @xent",
    "annealer.anneal_fn = @fixed",
    "annealer.iteration_threshold = 1",
)


@registry.study("semi_supervised_study")
def semi_supervised_study(seeds: Sequence[int] = range(1)) -> Iterator[Point]:
    """Five methods with 100 or 1,000 perfect labels, 36 hyperparameters each, on four data sets.

    References:
        Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
        arXiv:1905.01258.
    """
    return _points(["perfect"], seeds)


@registry.study("semi_supervised_study_imprecise")
def semi_supervised_study_imprecise(seeds: Sequence[int] = range(1)) -> Iterator[Point]:
    """The same with labels in five bins, with a tenth of them wrong, and of two factors alone.

    References:
        As for `semi_supervised_study`.
    """
    return _points(["bin", "noisy", "partial"], seeds)


def _points(labellers: Sequence[str], seeds: Sequence[int]) -> Iterator[Point]:
    from tfdis.dlib.paper_steps import Labels, semi_steps

    configs = step_configs()
    for chosen in axes(
        data=DATA_SETS, labeller=tuple(labellers), num_labels=NUM_LABELS, seed=tuple(seeds)
    ):
        data, labeller, num_labels, seed = chosen.values()
        labels = Labels(seed, num_labels, 0.9, f"@{labeller}_labeller")
        point = template(semi_steps(seed, seed, labels, *configs))
        for label, lines in _supervised():
            name = f"{data},{label},{labeller}={num_labels},seed={seed}"
            own = [f"dataset.name = '{data}'", *lines, *_SHARED, *LABELLERS[labeller]]
            yield named(point, name, own)


def _supervised() -> Iterator[tuple[str, list[str]]]:
    """Label and gin lines of every model; the supervised weights are the values of the unsupervised one."""
    for method in _METHODS:
        for label, lines in configurations(method, "s2_"):
            for weight in method.values:
                own = f"s2_{method.model}.gamma_sup = {weight}"
                yield f"{label},gamma_sup={weight:g}", [*lines, own]
