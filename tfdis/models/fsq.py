"""The autoencoder with finite scalar quantisation."""

from collections.abc import Sequence

from tfdis import registry
from tfdis.models.quantised import QuantisedAutoencoder
from tfdis.networks.quantisers import FiniteScalars


@registry.model("fsq")
class FSQ(QuantisedAutoencoder):
    """Autoencoder with finite scalar quantisation: fixed levels, nothing learned; gin: `@fsq()`.

    loss = R / (height * width * channels),  z = the rounded tanh of the code, see `tfdis.ops.finite_scalars`

    The sibling of `QLAE` without its two losses, and with a grid in place of its tables.

    Args:
        levels: number of levels of every latent, or a list with one number for each; the paper's
            sets are for example [8, 6, 5] (2^8 codes) and [8, 5, 5, 5] (2^10).
        latent_dim: number of latents.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a latent of fewer than two levels, or a list of another length.

    References:
        Mentzer et al. (2024), "Finite Scalar Quantization: VQ-VAE Made Simple", ICLR.
        arXiv:2309.15505.
    """

    def __init__(self, levels: Sequence[int] | int = 10, latent_dim: int = 10, **kwargs):
        numbers = [levels] * latent_dim if isinstance(levels, int) else list(levels)
        if len(numbers) != latent_dim:
            raise ValueError(
                f"FSQ: expected levels for {latent_dim} latents. Received: {len(numbers)}, {numbers}. "
                "Fix: one number for all of them, or latent_dim (gin: encoder.num_latent) numbers."
            )
        super().__init__(quantiser=FiniteScalars(numbers), latent_dim=latent_dim, **kwargs)
