"""The zoo: small models that one command trains, for `tfdis.load("zoo://NAME")`."""

from collections.abc import Iterator

from tfdis import registry
from tfdis.sweeps.point import Point

# Each has a gin file of this name.
NAMES = (
    "adagvae_hearts",
    "betatcvae_hearts",
    "betatcvae_xysquares",
    "betavae_hearts",
    "dipvae_hearts",
)
METRICS = ("mig", "sap", "dci")
SEED = 0


@registry.study("zoo")
def zoo() -> Iterator[Point]:
    """Five small models of data sets that are drawn here; `make zoo` trains them in `zoo/`."""
    for name in NAMES:
        lines = (f"model.random_seed = {SEED}",)
        yield Point(name, (f"gin/zoo/{name}.gin",), lines).with_metrics(METRICS)
