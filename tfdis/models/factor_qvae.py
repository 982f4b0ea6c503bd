"""FactorQVAE."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfdis import ops, registry
from tfdis.models.posterior import on_this_replica
from tfdis.models.quantised import QuantisedAutoencoder
from tfdis.networks.quantisers import SharedTable
from tfdis.objectives import (
    AssignmentTC,
    CodebookKL,
    ExponentialSchedule,
    QuantisedCodes,
    at_step,
)

# Sets the noise of assignments apart from other draws at the same seed and step.
_STREAM = 0x4651


@registry.model("factor_qvae")
class FactorQVAE(QuantisedAutoencoder):
    """FactorQVAE: one table of scalars for all latents, and a discriminator; gin: `@factor_qvae()`.

    loss = R / (height * width * channels) + w_kl KL(softmax(-(z - v)^2) || uniform) + gamma TC(w)

    In training, w = softmax((-(z - v)^2 + Gumbel noise) / T) and the decoder sees the mean of the
    values v weighted by w, T falling from step to step; afterwards it sees the nearest value. TC is
    estimated by a discriminator of w, all of them in one vector, which is trained as FactorVAE's.
    With gamma 0 it is the paper's QVAE, whose discriminator learns in vain.

    Args:
        codebook_weight: w_kl, 0 or more; a number or a schedule.
        gamma: weight of the total correlation, 0 or more; a number or a schedule.
        num_values: number of values in the table, at least 2.
        temperature: T, positive; a number or a schedule. By default exp(-2e-5 t) at update t: the
            published code counts the updates of both optimisers, and has exp(-1e-5 t).
        second_batch: as for `FactorVAE`; the paper's batches of 512 are two of 256.
        discriminator: as for `FactorVAE`, of `latent_dim * num_values` inputs.
        discriminator_optimizer: as for `FactorVAE`; by default Adam(1e-3).
        latent_dim: number of latents.
        seed: an integer, as for `VAE`; it also seeds the noise and the permutations.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative weight, or fewer than two values.

    References:
        Baykal et al. (2024), "Disentanglement with Factor Quantized Variational Autoencoders".
        arXiv:2409.14851.
    """

    def __init__(
        self,
        codebook_weight: float | Callable = 1e-3,
        gamma: float | Callable = 1e-4,
        num_values: int = 64,
        temperature: float | Callable | None = None,
        second_batch: bool = True,
        discriminator: str | Callable | keras.Model = "fc_discriminator",
        discriminator_optimizer: keras.optimizers.Optimizer | None = None,
        latent_dim: int = 10,
        seed: int = 0,
        **kwargs,
    ):
        optimizer = discriminator_optimizer or keras.optimizers.Adam(1e-3, epsilon=1e-8)
        assignment_tc = AssignmentTC(gamma, discriminator, optimizer, second_batch, seed)
        super().__init__(
            quantiser=SharedTable(num_values, seed),
            own_terms=[CodebookKL(codebook_weight), assignment_tc],
            latent_dim=latent_dim,
            seed=seed,
            **kwargs,
        )
        self.temperature = temperature or ExponentialSchedule(1.0, 2e-5)

    @classmethod
    def discriminator_input_size(cls, latent_dim: int, **options: Any) -> int:
        """The weights of all values for all latents."""
        return latent_dim * options.get("num_values", 64)

    def sample(
        self, mean: tf.Tensor, log_var: tf.Tensor, step: tf.Tensor, training: bool | None
    ) -> tuple[tf.Tensor, QuantisedCodes]:
        """The soft codes of a batch in training, otherwise the nearest values."""
        if not training:
            return super().sample(mean, log_var, step, training)
        shape = [tf.shape(mean)[0], self.latent_dim, self.num_values]
        seed = on_this_replica(ops.seed_at(self.seed, step, _STREAM))
        # The position of the noise of a second batch is negative: -1 - update.
        update = tf.where(step < 0, -1 - step, step) * self.steps_per_update
        noise, temperature = ops.gumbel(shape, seed), at_step(self.temperature, update)
        parts = self.quantiser(mean, noise=noise, temperature=temperature)
        return parts.pop("z"), QuantisedCodes(**parts)

    def get_config(self, **built: Any) -> dict:
        term = self.trained_terms[0]
        return super().get_config(
            discriminator=term.network, discriminator_optimizer=term.optimizer, **built
        )
