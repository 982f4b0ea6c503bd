"""FactorVAE."""

from collections.abc import Callable
from typing import Any

import keras

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import KL, FactorTC


@registry.model("factor_vae")
class FactorVAE(VAE):
    """FactorVAE: reconstruction + KL + gamma * E[D_0(z) - D_1(z)] (equation 2); gin: `@factor_vae()`.

    One training step updates the model once and its discriminator once, both from gradients at the
    same weights. (disentanglement_lib advances its step counter twice in such a step: its 300,000
    steps are 150,000 here.) The discriminator's loss is logged as `factor_tc_network_loss`.

    Args:
        gamma: weight of the total correlation, 0 or more; a number or a schedule.
        second_batch: whether the discriminator's permuted codes come from a second batch (the
            paper) or from the same one (disentanglement_lib).
        discriminator: name or function of a registered discriminator, or a Keras model
            `z -> [batch, 2]` logits; in gin `discriminator.discriminator_fn = @fc_discriminator`.
        discriminator_optimizer: Keras optimiser of the discriminator; by default
            Adam(1e-4, 0.5, 0.9); in gin `discriminator_optimizer.optimizer_fn =
            @discriminator/AdamOptimizer`.
        seed: an integer, as for `VAE`; it also seeds the permutations.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative gamma.

    References:
        Kim and Mnih (2018), "Disentangling by Factorising", ICML. arXiv:1802.05983.
    """

    def __init__(
        self,
        gamma: float | Callable,
        second_batch: bool = False,
        discriminator: str | Callable | keras.Model = "fc_discriminator",
        discriminator_optimizer: keras.optimizers.Optimizer | None = None,
        seed: int = 0,
        **kwargs,
    ):
        factor_tc = FactorTC(gamma, discriminator, discriminator_optimizer, second_batch, seed)
        super().__init__(own_terms=[KL(), factor_tc], seed=seed, **kwargs)

    def get_config(self, **built: Any) -> dict:
        term = self.trained_terms[0]
        return super().get_config(
            discriminator=term.network, discriminator_optimizer=term.optimizer, **built
        )
