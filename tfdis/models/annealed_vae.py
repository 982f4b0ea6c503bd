"""beta-VAE with annealed capacity."""

from collections.abc import Callable

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import CapacityKL


@registry.model("annealed_vae")
class AnnealedVAE(VAE):
    """Reconstruction + gamma * |KL - C(t)|, the capacity C growing linearly; gin: `@annealed_vae()`.

    Args:
        gamma: weight of the deviation from the capacity, 0 or more.
        c_max: final capacity in nats.
        iteration_threshold: step at which the final capacity is reached.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative gamma or c_max, or a threshold below 1.

    References:
        Burgess et al. (2018), "Understanding disentangling in beta-VAE". arXiv:1804.03599 (equation
        8).
    """

    def __init__(self, gamma: float | Callable, c_max: float, iteration_threshold: int, **kwargs):
        super().__init__(own_terms=[CapacityKL(gamma, c_max, iteration_threshold)], **kwargs)
