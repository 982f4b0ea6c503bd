"""The quantised-latent autoencoder."""

from collections.abc import Callable

from tfdis import registry
from tfdis.models.quantised import QuantisedAutoencoder
from tfdis.networks.quantisers import ScalarTables
from tfdis.objectives import Commitment, Quantisation


@registry.model("qlae")
class QLAE(QuantisedAutoencoder):
    """QLAE: each latent is the nearest of a few learned scalars; gin: `@qlae()`.

    loss = R / (height * width * channels) + w_q mean_j (sg(z_j) - v_j)^2 + w_c mean_j (z_j - sg(v_j))^2

    The decoder sees the values v, and the encoder gets the gradient of v as if it were that of z.
    The paper's other half is a strong weight decay of the networks alone, gin's
    `AdamWOptimizer`, and twice as many latents as factors; `gin/qlae.gin` has both.

    Args:
        num_values: number of values of each latent, at least 2.
        quantisation_weight: w_q, which moves the values; a number or a schedule.
        commitment_weight: w_c, which moves the encoder; a number or a schedule.
        latent_dim: number of latents.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative weight, or fewer than two values.

    References:
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378.
    """

    def __init__(
        self,
        num_values: int = 10,
        quantisation_weight: float | Callable = 0.01,
        commitment_weight: float | Callable = 0.01,
        latent_dim: int = 10,
        **kwargs,
    ):
        super().__init__(
            quantiser=ScalarTables(latent_dim, num_values),
            own_terms=[Quantisation(quantisation_weight), Commitment(commitment_weight)],
            latent_dim=latent_dim,
            **kwargs,
        )
