"""Correlated factors: two factors of an image are close to each other more often than not."""

from collections.abc import Sequence

import numpy as np

from tfdis import registry
from tfdis.data.splits.grid import FactorGrid
from tfdis.data.splits.split import Split


@registry.split("correlated_factors")
class CorrelatedFactors(Split):
    """w = product over pairs of exp(-(c1 - c2)^2 / (2 sigma^2)), values c scaled to [0, 1].

    Every combination stays possible. Published settings have a sigma of .4, .2, .1 or .04.

    Args:
        pairs: pairs of factors, by name or position; several multiply.
        sigma: strength of the correlation, above 0; the smaller the stronger.
        inverted: whether a large value of one goes with a small value of the other.
        confounded: a factor that is correlated with every other factor, in place of `pairs`.

    Raises:
        ValueError: sigma of 0 or less, or both or neither of `pairs` and `confounded`.

    Example:
        >>> CorrelatedFactors([("a", "b")], sigma=0.5).weights(FactorGrid("ab", [2, 2])).round(3)
        array([[1.   , 0.135],
               [0.135, 1.   ]])

    References:
        Träuble et al. (2021), "On Disentangled Representations Learned from Correlated Data", ICML.
        arXiv:2006.07886.
        Roth et al. (2023), "Disentanglement of Correlated Factors via Hausdorff Factorized
        Support", ICLR. arXiv:2210.07347 (confounded factors).
    """

    def __init__(
        self,
        pairs: Sequence[tuple] = (),
        sigma: float = 0.2,
        inverted: bool = False,
        confounded: str | int | None = None,
    ):
        if not sigma > 0 or bool(pairs) == (confounded is not None):
            raise ValueError(
                "correlated_factors: expected sigma above 0, and either pairs or confounded. Received: "
                f"sigma={sigma!r}, pairs={pairs!r}, confounded={confounded!r}."
            )
        self.pairs = tuple(tuple(pair) for pair in pairs)
        self.sigma = sigma
        self.inverted = inverted
        self.confounded = confounded

    def weights(self, grid: FactorGrid) -> np.ndarray:
        pairs = self.pairs
        if self.confounded is not None:
            axis = grid.axis(self.confounded)
            pairs = [(axis, other) for other in range(len(grid.sizes)) if other != axis]
        weights = np.ones(grid.sizes)
        for first, second in pairs:
            other = grid.scaled(second)
            distance = grid.scaled(first) - (1 - other if self.inverted else other)
            weights *= np.exp(-(distance**2) / (2 * self.sigma**2))
        return weights
