"""FactorVAE's discriminator."""

from keras import KerasTensor, layers

from tfdis import registry
from tfdis.networks import normal_layers
from tfdis.networks.initializers import narrow_normal


def _keras_dense(x, units, name):
    return layers.Dense(units, name=name)(x)


def _narrow_dense(x, units, name):
    return layers.Dense(units, kernel_initializer=narrow_normal(), name=name)(x)


_DENSE = {
    "keras": _keras_dense,
    "disentanglement_pytorch": normal_layers.dense,
    "factor_qvae": _narrow_dense,
}


@registry.discriminator
def fc_discriminator(
    input_tensor: KerasTensor,
    is_training: bool = True,
    num_hidden: int = 6,
    initial_weights: str = "keras",
) -> tuple[KerasTensor, KerasTensor]:
    """Fully connected discriminator; gin: `discriminator.discriminator_fn = @fc_discriminator`.

    Hidden layers of 1000 units with leaky relu (slope 0.2), then two logits.

    Args:
        input_tensor: Keras tensor `[batch, latent]`.
        is_training: accepted for the common signature; this network does not use it.
        num_hidden: number of hidden layers; 6 in the paper, 5 in the study of Abdi et al.
        initial_weights: "keras" for Glorot's uniform weights and biases of 0, as in
            disentanglement_lib; or "disentanglement_pytorch" for normal weights of variance 2 /
            fan_in and PyTorch's biases, as in the published code of that study; or "factor_qvae" for
            N(0, .02^2) and biases of 0, as in that model's.

    Returns:
        Keras tensors (logits, probabilities), each `[batch, 2]`.

    Raises:
        ValueError: an unknown value of initial_weights.

    References:
        Kim and Mnih (2018), "Disentangling by Factorising", ICML. arXiv:1802.05983 (appendix A).
    """
    del is_training
    if initial_weights not in _DENSE:
        raise ValueError(
            f"fc_discriminator: expected initial_weights out of {sorted(_DENSE)}. Received: "
            f"{initial_weights!r}."
        )
    dense = _DENSE[initial_weights]
    x = layers.Flatten()(input_tensor)
    for index in range(1, num_hidden + 1):
        x = layers.LeakyReLU(negative_slope=0.2)(dense(x, 1000, f"d{index}"))
    logits = dense(x, 2, "logits")
    return logits, layers.Softmax(dtype="float32")(logits)
