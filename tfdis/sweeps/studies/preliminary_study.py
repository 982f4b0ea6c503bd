"""The six methods of "A Preliminary Study of Disentanglement", all started from one pre-trained VAE."""

from collections.abc import Iterator, Sequence

from tfdis import registry
from tfdis.report.published import FOLDER
from tfdis.sweeps.point import POINTS, Point

METHODS = ("betatcvae", "factorvae", "betavae", "infovae", "dipvae_i", "dipvae_ii")
# Those of its Table 1.
METRICS = ("dci", "factor_vae", "sap", "mig", "irs")
_FOLDER = "gin/papers/study"
_PRETRAINED = "pretrained"
_PUBLISHED = FOLDER / "preliminary_study.csv"


@registry.study("preliminary_study", published=_PUBLISHED)
def preliminary_study(seeds: Sequence[int] = range(1)) -> Iterator[Point]:
    """As the paper says: pre-training, then every method with every seed, and the scores of Table 1.

    Each method is scored while it trains, too, for the curves of Appendix C.

    References:
        Abdi et al. (2019), "A Preliminary Study of Disentanglement With Insights on the
        Inadequacy of Metrics". arXiv:1911.11791.
    """
    return _points("paper", seeds)


@registry.study("preliminary_study_code", published=_PUBLISHED)
def preliminary_study_code(seeds: Sequence[int] = range(1)) -> Iterator[Point]:
    """The same as the published code of `preliminary_study` has it.

    References:
        As for `preliminary_study`.
    """
    return _points("code", seeds)


def _points(version: str, seeds: Sequence[int]) -> Iterator[Point]:
    yield Point(_PRETRAINED, (f"{_FOLDER}/pretrain.gin",))
    for method in METHODS:
        for seed in seeds:
            yield Point(
                name=f"{method},seed={seed}",
                gin_files=(f"{_FOLDER}/{method}_{version}.gin", f"{_FOLDER}/base/progress.gin"),
                bindings=(
                    f"WARM_START = '{POINTS}/{_PRETRAINED}/model'",
                    f"model.random_seed = {seed}",
                ),
                needs=(_PRETRAINED,),
            ).with_metrics(METRICS)
