"""ControlVAE."""

from tfdis import registry
from tfdis.models.vae import VAE
from tfdis.objectives import ControlledKL, Schedule


@registry.model("control_vae")
class ControlVAE(VAE):
    """Reconstruction + beta(t) KL, a controller sets beta so that KL is C(t); gin: `@control_vae()`.

    The controller is described at `ControlledKL`; `controlled_beta` is logged.

    Args:
        target: C in nats, a number or a schedule; the authors' rises by steps from .5 to 18
            (`StaircaseSchedule`).
        k_p: weight of the controller's proportional part.
        k_i: weight of its integral.
        beta_min: lowest beta.
        anti_windup: "published"; or "releasing", with which beta cannot stay at its minimum for
            ever.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative number, an unknown anti_windup, or the option capacity.

    References:
        Shao et al. (2020), "ControlVAE: Controllable Variational Autoencoder", ICML.
        arXiv:2004.05988.
    """

    def __init__(
        self,
        target: Schedule | float,
        k_p: float = 0.01,
        k_i: float = 0.001,
        beta_min: float = 1.0,
        anti_windup: str = "published",
        **kwargs,
    ):
        controlled = ControlledKL(target, k_p, k_i, beta_min, anti_windup)
        super().__init__(own_terms=[controlled], **kwargs)
