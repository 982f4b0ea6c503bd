"""SlowVAE."""

from collections.abc import Callable

from tfdis import registry
from tfdis.models.side_by_side import SideBySideVAE
from tfdis.objectives import KL, LaplaceTransition


@registry.model("slow_vae")
class SlowVAE(SideBySideVAE):
    """SlowVAE: from one image of a pair to the other few latents change; gin: `@slow_vae()`.

      loss = 2 R + beta KL(q || N(0, I)) + gamma T

    R and KL are means over both images, R is weighed twice as in the likelihood of a pair, and T is
    `LaplaceTransition`, in the form "symmetric", or "code" for the published code's. The paper's bound, of
    which these are variants, has one direction and the normal prior for the first image alone.
    Pairs: `pairs.sampling = "laplace"`, or of a video.

    Args:
        beta: weight of the KL divergence, 0 or more; a number or a schedule.
        gamma: weight of the transition, 0 or more; a number or a schedule.
        rate: rate lambda of the Laplace density, above 0.
        form: "symmetric" or "code"; see `LaplaceTransition`.
        reconstruction_weight: weight of R, 0 or more; a number or a schedule.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative weight, a rate that is not positive, or an unknown form.

    References:
        Klindt et al. (2021), "Towards Nonlinear Disentanglement in Natural Data with Temporal
        Sparse Coding", ICLR. arXiv:2007.10930.
    """

    def __init__(
        self,
        beta: float | Callable = 1.0,
        gamma: float | Callable = 10.0,
        rate: float = 6.0,
        form: str = "symmetric",
        reconstruction_weight: float | Callable = 2.0,
        **kwargs,
    ):
        own_terms = [KL(beta), LaplaceTransition(gamma, rate, form)]
        super().__init__(own_terms=own_terms, reconstruction_weight=reconstruction_weight, **kwargs)
