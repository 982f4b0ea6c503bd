"""Tripod: quantised latents that share no information and act apart."""

from collections.abc import Callable

import keras

from tfdis import registry
from tfdis.models.quantised import QuantisedAutoencoder
from tfdis.networks.exposed import exposed_layers
from tfdis.networks.quantisers import RoundedTanh
from tfdis.objectives import HessianPenalty, KernelInformation


@registry.model("tripod")
class Tripod(QuantisedAutoencoder):
    """Tripod: quantisation, kernel multi-information and the Hessian penalty; gin: `@tripod()`.

    loss = R / (height * width * channels) + w_m I(z_1; ...; z_n) + w_h NHP(decoder)

    z is the rounded tanh of the code (`tfdis.ops.rounded_tanh`). I is an estimate by kernels
    (`KernelInformation`), NHP the share of mixed second derivatives in the outputs of the decoder's
    layers (`HessianPenalty`), which `residual_decoder` marks; of other decoders it takes all layers
    with a kernel but the last. It divides by second derivatives, which layers of relu have at kinks
    alone: take a decoder of smooth layers. The decoder always computes in float32, since its second
    differences cancel digits.

    Args:
        num_values: number of values of each latent, at least 2.
        information_weight: w_m, 0 or more; a number or a schedule.
        hessian_weight: w_h, 0 or more; a number or a schedule.
        marginal_bandwidth: as for `KernelInformation`.
        seed: an integer, as for `VAE`; it also seeds the directions of NHP.
        **kwargs: further arguments of `VAE`.

    Raises:
        ValueError: a negative weight, fewer than two values, an unknown bandwidth, or a decoder that
            shows no layers.

    References:
        Hsu et al. (2024), "Tripod: Three Complementary Inductive Biases for Disentangled
        Representation Learning", ICML. arXiv:2404.10282.
    """

    def __init__(
        self,
        num_values: int = 12,
        information_weight: float | Callable = 1e-4,
        hessian_weight: float | Callable = 1e-2,
        marginal_bandwidth: str = "deviation",
        seed: int = 0,
        **kwargs,
    ):
        penalty = HessianPenalty(hessian_weight, seed)
        super().__init__(
            quantiser=RoundedTanh(num_values),
            own_terms=[KernelInformation(information_weight, marginal_bandwidth), penalty],
            seed=seed,
            **kwargs,
        )
        penalty.layers = exposed_layers(self.decoder)

    def build_decoder(self, decoder: str | Callable | keras.Model) -> keras.Model:
        """Builds the decoder as `VAE` does, and has all its layers compute in float32."""
        decoder = super().build_decoder(decoder)
        for layer in decoder._flatten_layers():
            layer.dtype_policy = "float32"
        return decoder
