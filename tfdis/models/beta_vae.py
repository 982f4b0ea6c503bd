"""beta-VAE."""

from collections.abc import Callable

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import KL


@registry.model("vae")
class BetaVAE(VAE):
    """beta-VAE: reconstruction + beta * KL(q(z|x) || p(z)) (equation 4); gin: `@vae()`.

    Args:
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative beta.

    Example:
        >>> BetaVAE(beta=4.0, image_shape=(64, 64, 1), latent_dim=10).terms
        [KL(weight=4.0)]

    References:
        Higgins et al. (2017), "beta-VAE: Learning Basic Visual Concepts with a Constrained
        Variational Framework", ICLR.
        https://openreview.net/forum?id=Sy2fzU9gl.
    """

    def __init__(self, beta: float | Callable, **kwargs):
        super().__init__(own_terms=[KL(beta)], **kwargs)
