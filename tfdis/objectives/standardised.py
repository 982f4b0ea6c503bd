"""A reconstruction loss on standardised images."""

import numpy as np

from tfdis import registry
from tfdis.objectives.reconstruction import ReconstructionLoss


@registry.objective("standardised_loss")
class StandardisedLoss(ReconstructionLoss):
    """Another loss, between (x - mean) / std and the decoder's output.

    The model itself takes and gives images in [0, 1]: `images` undoes the standardisation, so that
    exports and pictures need not know of it.

    Args:
      loss: loss of the standardised images; its activation is "linear".
      mean: mean of each channel, or of all, of images in [0, 1].
      std: standard deviation likewise, positive.

    Raises:
      ValueError: a loss whose pixels are bound to [0, 1], or a std that is not positive.

    References:
      Overlooked Implications of the Reconstruction Loss for VAE Disentanglement. Nathan Michlo, Richard
      Klein, Steven James. 2023. arXiv:2202.13341 (appendix B.4).
    """

    def __init__(self, loss, mean, std):
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

    def images(self, logits):
        return self.loss.images(logits) * self.std + self.mean

    def __call__(self, x, logits):
        return self.loss((x - self.mean) / self.std, logits)

    def left_out(self, x):
        # Change of variables: the density of (x - mean) / std, divided by the std of every value.
        jacobian = float(np.broadcast_to(np.log(self.std), x.shape[1:]).sum())
        return self.loss.left_out((x - self.mean) / self.std) + jacobian
