"""FactorVAE's discriminator."""

from keras import layers

from tfdis.networks import registry


@registry.discriminator
def fc_discriminator(input_tensor, is_training=True, num_hidden=6):
    """Fully connected discriminator; gin: `discriminator.discriminator_fn = @fc_discriminator`.

    Hidden layers of 1000 units with leaky relu (slope 0.2), then two logits.

    Args:
      input_tensor: Keras tensor `[batch, latent]`.
      is_training: accepted for the common signature; this network does not use it.
      num_hidden: number of hidden layers: 6 in the paper; the study of Abdi et al. used 5.

    Returns:
      Keras tensors (logits, probabilities), each `[batch, 2]`.

    References:
      Disentangling by Factorising. Hyunjik Kim, Andriy Mnih. 2018. arXiv:1802.05983 (appendix A).
    """
    del is_training
    x = layers.Flatten()(input_tensor)
    for index in range(1, num_hidden + 1):
        x = layers.LeakyReLU(negative_slope=0.2)(layers.Dense(1000, name=f"d{index}")(x))
    logits = layers.Dense(2, name="logits")(x)
    return logits, layers.Softmax(dtype="float32")(logits)
