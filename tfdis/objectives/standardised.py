"""A reconstruction loss on standardised images."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from tfdis import registry
from tfdis.objectives.reconstruction import ReconstructionLoss


@registry.objective("standardised_loss")
class StandardisedLoss(ReconstructionLoss):
    """Another loss, between (x - mean) / std and the decoder's output.

    The model itself takes and gives images in [0, 1]: `images` undoes the standardisation, so that
    exports and pictures need not know about it.

    Args:
        loss: loss of the standardised images; its activation is "linear".
        mean: mean of images in [0, 1], one number for each channel or one for all.
        std: standard deviation, positive, in the same form.

    Raises:
        ValueError: a loss whose pixels are bound to [0, 1], or a std that is not positive.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (appendix B.4).
    """

    def __init__(self, loss: ReconstructionLoss, mean: Sequence[float], std: Sequence[float]):
        if loss.activation != "linear":
            raise ValueError(
                "Standardised images are not bound to [0, 1]: expected a reconstruction loss with "
                f"activation 'linear'. Received: {loss!r}. Bind, for example, "
                "reconstruction_loss.loss_fn = @mse_loss and reconstruction_loss.activation = 'linear'."
            )
        if not min(std) > 0:
            raise ValueError(f"StandardisedLoss: expected a positive std. Received: {std!r}.")
        super().__init__(loss.activation)
        self.loss = loss
        self.mean = list(mean)
        self.std = list(std)
        if hasattr(loss, "layer"):
            self.layer = loss.layer

    def images(self, logits: tf.Tensor) -> tf.Tensor:
        return self.loss.images(logits) * self.std + self.mean

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        return self.loss((x - self.mean) / self.std, logits)

    def left_out(self, x: tf.Tensor) -> tf.Tensor:
        # Change of variables: the density of (x - mean) / std, divided by the std of every value.
        jacobian = float(np.broadcast_to(np.log(self.std), x.shape[1:]).sum())
        return self.loss.left_out((x - self.mean) / self.std) + jacobian
