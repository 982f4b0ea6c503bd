"""The grids of "Overlooked Implications of the Reconstruction Loss for VAE Disentanglement", its Table 4.

References:
    Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
    Disentanglement". arXiv:2202.13341.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from tfdis import registry
from tfdis.report.published import FOLDER
from tfdis.sweeps.point import Point

FRAMEWORKS = ("betavae", "adagvae")
METRICS = ("mig", "dci")
_FOLDER = "gin/papers/reconstruction"


@registry.study("adversarial", published=FOLDER / "adversarial.csv")
def adversarial(seeds: Sequence[int] = range(1)) -> Iterator[Point]:
    """Experiment 5.3: 160 runs on data sets whose factors a VAE sees well, and on one made to mislead it.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (section 5.3).
    """
    axes = {
        "DATASET": [
            f"'{name}'"
            for name in ("dsprites_full", "shapes3d", "cars3d", "smallnorb", "xysquares")
        ],
        "BETA": (0.000316, 0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1.0),
        "LATENTS": (9, 25),
    }
    return _points([f"adversarial_{name}" for name in FRAMEWORKS], axes, seeds)


@registry.study("overlap", published=FOLDER / "overlap.csv")
def overlap(seeds: Sequence[int] = range(5)) -> Iterator[Point]:
    """Experiment 5.4: 160 runs on XYSquares, whose squares overlap more with less spacing.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (section 5.4).
    """
    axes = {"GRID_SPACING": range(8, 0, -1), "BETA": (0.001, 0.00316)}
    return _points([f"overlap_{name}" for name in FRAMEWORKS], axes, seeds)


@registry.study("augmented", published=FOLDER / "augmented.csv")
def augmented(seeds: Sequence[int] = range(5)) -> Iterator[Point]:
    """Experiment 6.1: 40 runs on XYSquares without overlap, by a plain and by a blurred loss.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (section 6.1).
    """
    files = [f"augmented_{name}_{loss}" for name in FRAMEWORKS for loss in ("mse", "boxblur")]
    return _points(files, {"BETA": (0.0001, 0.0316)}, seeds)


def _points(
    files: Sequence[str], axes: Mapping[str, Sequence], seeds: Sequence[int]
) -> Iterator[Point]:
    """One point of each gin file, value of every macro and seed."""
    for file in files:
        for values in itertools.product(*axes.values()):
            named = dict(zip(axes, values, strict=True))
            label = ",".join(
                f"{name.lower()}={value}".replace("'", "") for name, value in named.items()
            )
            lines = [f"{name} = {value}" for name, value in named.items()]
            for seed in seeds:
                yield Point(
                    name=f"{file},{label},seed={seed}",
                    gin_files=(f"{_FOLDER}/{file}.gin",),
                    bindings=(*lines, f"model.random_seed = {seed}"),
                ).with_metrics(METRICS)
