"""The study of "Weakly-Supervised Disentanglement Without Compromises"."""

from collections.abc import Iterator, Sequence

from tfdis import registry
from tfdis.sweeps.method_grids import axes
from tfdis.sweeps.papers_of_dlib import named, step_configs, template
from tfdis.sweeps.point import Point

# The paper does not say which variant of MPI3D is its fifth.
DATA_SETS = ("dsprites_full", "cars3d", "smallnorb", "shapes3d", "mpi3d_toy")
# Those that find the shared factors themselves, and those that are told them.
MODELS = ("group_vae_argmax", "mlvae_argmax", "group_vae_labels", "mlvae_labels")
BETAS = (1.0, 2.0, 4.0, 6.0, 8.0, 16.0)
# Number of factors that differ in a pair; -1 draws it for each pair.
NUM_DIFFERING = (1, -1)


@registry.study("weakly_supervised_study")
def weakly_supervised_study(seeds: Sequence[int] = range(10)) -> Iterator[Point]:
    """Four models of pairs, six values of beta, one or any number of differing factors, on five data sets.

    References:
        Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
        arXiv:2002.02886.
    """
    from tfdis.dlib.paper_steps import weak_steps

    configs = step_configs()
    points = {seed: template(weak_steps(seed, *configs)) for seed in seeds}
    for chosen in axes(
        data=DATA_SETS, model=MODELS, k=NUM_DIFFERING, beta=BETAS, seed=tuple(seeds)
    ):
        data, model, k, beta, seed = chosen.values()
        lines = (
            f"dataset.name = '{data}'",
            f"model.name = '{model}'",
            f"model.model = @{model}()",
            f"{model}.beta = {beta}",
            "pairs.sampling = 'dlib'",
            "pairs.num_differing = @dynamics()",
            f"dynamics.k = {k}",
        )
        name = f"{data},{model},k={k},beta={beta:g},seed={seed}"
        yield named(points[seed], name, lines)
