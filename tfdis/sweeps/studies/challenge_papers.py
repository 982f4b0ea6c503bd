"""What the two papers on the challenge score, on their data sets and at their sizes."""

from collections.abc import Iterator, Sequence

from tfdis import registry
from tfdis.report.published import FOLDER
from tfdis.sweeps.point import Point
from tfdis.sweeps.studies.challenge import system_points

_STAGE1, _STAGE2 = (f"gin/papers/stage{number}/mpi3d.gin" for number in (1, 2))


@registry.study("paper_stage1", published=FOLDER / "stage1.csv")
def paper_stage1(
    gin_bindings: Sequence[str] = (), seeds: Sequence[int] = range(5)
) -> Iterator[Point]:
    """Table 1 of stage 1: features of VGG19-BN and their VAE, on mpi3d_real and mpi3d_realistic.

    References:
        Seitzer (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement through
        Aggregated Convolutional Feature Maps". arXiv:2002.10003.
    """
    for data in ("mpi3d_real", "mpi3d_realistic"):
        yield from _points(_STAGE1, data, (), gin_bindings, seeds)


@registry.study("paper_stage2", published=FOLDER / "stage2.csv")
def paper_stage2(
    gin_bindings: Sequence[str] = (), seeds: Sequence[int] = range(5)
) -> Iterator[Point]:
    """Table 1 of stage 2, public part: a finetuned extractor and the VAE of appendix B, on mpi3d_real.

    References:
        Seitzer et al. (2020), "NeurIPS 2019 Disentanglement Challenge: Improved Disentanglement
        through Learned Aggregation of Convolutional Feature Maps". arXiv:2002.12356.
    """
    yield from _points(_STAGE2, "mpi3d_real", (), gin_bindings, seeds)


@registry.study("paper_stage2_private", published=FOLDER / "stage2_private.csv")
def paper_stage2_private(
    gin_bindings: Sequence[str] = (), seeds: Sequence[int] = range(5)
) -> Iterator[Point]:
    """Table 1 of stage 2, private part: the VAE of section 2.3, on mpi3d_real_complex.

    References:
        As for `paper_stage2`.
    """
    lines = ("VAE = 'gin/papers/stage2/vae_paper.gin'",)
    yield from _points(_STAGE2, "mpi3d_real_complex", lines, gin_bindings, seeds)


def _points(
    gin_file: str,
    data: str,
    lines: Sequence[str],
    gin_bindings: Sequence[str],
    seeds: Sequence[int],
) -> Iterator[Point]:
    """The points of one data set."""
    from tfdis.runs.challenge import read_challenge_config, step_bindings

    lines = (f"DATA = ['gin/data/{data}.gin']", *lines, *gin_bindings)
    config = read_challenge_config([gin_file], lines)
    yield from system_points(data, config, [gin_file], step_bindings(lines), seeds)
