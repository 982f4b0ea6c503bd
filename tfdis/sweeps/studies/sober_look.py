"""The study of "A Sober Look at the Unsupervised Learning of Disentangled Representations"."""

from collections.abc import Iterator, Sequence

from tfdis import registry
from tfdis.sweeps.method_grids import METHODS, configurations
from tfdis.sweeps.papers_of_dlib import named, step_configs, template
from tfdis.sweeps.point import Point

# The eighth is MPI3D, of which the paper does not say which variant.
DATA_SETS = (
    "dsprites_full",
    "color_dsprites",
    "noisy_dsprites",
    "scream_dsprites",
    "smallnorb",
    "cars3d",
    "shapes3d",
    "mpi3d_toy",
)
NUM_SAMPLES = (100, 1000, 10000)
SCORES = (
    "beta_vae_sklearn",
    "dci",
    "factor_vae_metric",
    "mig",
    "modularity_explicitness",
    "sap_score",
)


@registry.study("jmlr_study")
def jmlr_study(seeds: Sequence[int] = range(50)) -> Iterator[Point]:
    """Six methods, six values each, on eight data sets; every score with 100, 1,000 and 10,000 images.

    References:
        Locatello et al. (2020), "A Sober Look at the Unsupervised Learning of Disentangled
        Representations and their Evaluation", JMLR. arXiv:2010.14766.
    """
    from tfdis.dlib.paper_steps import jmlr_steps

    configs = step_configs()
    several = {"scores_list": SCORES, "num_samples": NUM_SAMPLES}
    points = {seed: template(jmlr_steps(seed, *configs, **several)) for seed in seeds}
    for data_set in DATA_SETS:
        for method in METHODS:
            for label, lines in configurations(method):
                for seed in seeds:
                    name = f"{data_set},{label},seed={seed}"
                    yield named(points[seed], name, [f"dataset.name = '{data_set}'", *lines])
