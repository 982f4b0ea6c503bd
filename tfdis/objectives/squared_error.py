"""Squared errors: of pixels, of the decoder's raw output, and augmented by a box blur."""

import math
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfdis import ops, registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.reconstruction import ReconstructionLoss


@registry.objective("l2_loss")
class L2Loss(ReconstructionLoss):
    """Sum over pixels of (x - image(logits))^2, the pixels after the activation.

    It is -log N(x; image, 1/2 I) in nats, less log(pi) / 2 for each pixel value.

    Args:
        activation: "logits" (sigmoid), "tanh" (tanh / 2 + 0.5) or "linear" (the output itself).
    """

    in_nats = False

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        return _sum_of_squares(x - self.images(logits))

    def left_out(self, x: tf.Tensor) -> tf.Tensor:
        return tf.constant(0.5 * math.log(math.pi) * math.prod(x.shape[1:]))


@registry.objective("mse_loss")
class MSELoss(L2Loss):
    """Sum over pixels of (x - y)^2 for the decoder's raw output y: `L2Loss("linear")` by another name.

    Like every loss here it is a sum; the model's beta normalisation divides it by height * width *
    channels, and it becomes the mean squared error of the paper.

    Args:
        activation: "linear" by default, for standardised images; see `ReconstructionLoss`. In gin
            it must be bound.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341.
    """

    usual_activation = "linear"

    def __init__(self, activation: str = "linear"):
        super().__init__(activation)


@registry.objective("box_blur_mse_loss")
class BoxBlurMSELoss(MSELoss):
    """Squared error plus that of the blurred images: sum (x - y)^2 + weight * sum (K*x - K*y)^2.

    K is a box of (2 radius + 1)^2 equal weights that sum to 1, zero-padded; see `tfdis.ops.box_blur`.
    It gives images without overlap a distance that grows with their shift. As for `MSELoss`, beta
    normalisation makes both sums the means of the paper.

    Args:
        activation: as for `MSELoss`.
        radius: radius of the box in pixels; 31 (63x63) in the paper.
        weight: weight of the blurred part, 0 or more; 63^2 = 3969 in the paper.

    Raises:
        ValueError: a negative weight.

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (section 6.1).
    """

    def __init__(
        self, activation: str = "linear", radius: int = 31, weight: float | Callable = 3969.0
    ):
        super().__init__(activation)
        check_not_negative("BoxBlurMSELoss", weight=weight)
        self.radius = radius
        self.weight = weight

    def __call__(self, x: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        # Blurring is linear: K*x - K*y = K*(x - y).
        blurred = ops.box_blur(x - self.images(logits), self.radius)
        return super().__call__(x, logits) + self.weight * _sum_of_squares(blurred)

    def left_out(self, x: tf.Tensor) -> tf.Tensor:
        # The loss is d' A d with A = I + weight K'K: that of a Gaussian of precision 2 A.
        gains = ops.box_blur_eigenvalues(x.shape[1], x.shape[2], self.radius)
        log_det = x.shape[3] * np.log1p(self.weight * np.square(gains)).sum()
        return super().left_out(x) - 0.5 * log_det


def _sum_of_squares(values):
    return tf.reduce_sum(tf.square(values), axis=[1, 2, 3])
