"""The headline runs of Disentanglement-PyTorch, which start from one pre-trained VAE."""

from collections.abc import Iterator, Sequence

from tfdis import registry
from tfdis.report.published import FOLDER
from tfdis.sweeps.point import POINTS, Point
from tfdis.sweeps.studies.preliminary_study import METRICS

_GIN = "gin/papers/library"
_PRETRAINED = "pretrained"


@registry.study("paper_library", published=FOLDER / "library.csv")
def paper_library(seeds: Sequence[int] = range(5)) -> Iterator[Point]:
    """Table 1 of the library: pre-training on mpi3d_toy, beta-TCVAE on mpi3d_realistic and mpi3d_real.

    References:
        Abdi et al. (2019), "Variational Learning with Disentanglement-PyTorch". arXiv:1912.05184.
    """
    yield Point(_PRETRAINED, (f"{_GIN}/pretrain.gin",))
    for data in ("mpi3d_realistic", "mpi3d_real"):
        for seed in seeds:
            yield Point(
                name=f"{data},seed={seed}",
                gin_files=(f"{_GIN}/betatcvae_{data}.gin",),
                bindings=(
                    f"WARM_START = '{POINTS}/{_PRETRAINED}/model'",
                    f"model.random_seed = {seed}",
                ),
                needs=(_PRETRAINED,),
            ).with_metrics(METRICS)
