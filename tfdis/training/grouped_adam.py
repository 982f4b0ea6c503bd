"""AdamW in two groups: networks with decayed and clipped kernels, and what is neither."""

import re
from collections.abc import Callable, Sequence

import gin
import keras
import tensorflow as tf

from tfdis.training.optimizers import PyTorchAdam

# Variables by their own names: offsets of layers and of normalisations, and tables of values.
SPARED = ("bias", "beta", "values")


@keras.saving.register_keras_serializable(package="tfdis")
class GroupedAdamW(PyTorchAdam):
    """Adam with decoupled weight decay and elementwise clipping of all variables but the spared ones.

    g <- clip(g, -c, c);  variable <- variable - lr (adam(g) + weight_decay variable)

    where adam(g) is the step of `PyTorchAdam` with learning rate 1. Kernels, the scales of
    normalisations and learned inputs are decayed and clipped. Spared variables take plain Adam:
    a table of values that decays would pull all its values to 0.

    Args:
        learning_rate: a float or a schedule.
        beta_1: decay rate of the gradients' moving average.
        beta_2: decay rate of the squared gradients' moving average.
        epsilon: number that is added to the square root of the corrected latter.
        weight_decay: decay, which is multiplied by the learning rate.
        clip: c, the largest absolute value of each element of a gradient; None for none.
        spared: names of the variables that are neither decayed nor clipped.
        **kwargs: further arguments of `PyTorchAdam`.

    Raises:
        ValueError: a negative weight decay, or a clip that is not positive.

    Example:
        >>> kernel, bias = (keras.Variable([1.0], name=name) for name in ("kernel", "bias"))
        >>> optimizer = GroupedAdamW(learning_rate=0.1, weight_decay=0.5)
        >>> optimizer.apply([tf.zeros([1]), tf.zeros([1])], [kernel, bias])
        >>> [round(float(variable[0]), 3) for variable in (kernel, bias)]
        [0.95, 1.0]

    References:
        Loshchilov and Hutter (2019), "Decoupled Weight Decay Regularization", ICLR.
        arXiv:1711.05101.
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378
        (the groups and the clipping are those of its published code).
    """

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.1,
        clip: float | None = 1.0,
        spared: Sequence[str] = SPARED,
        **kwargs,
    ):
        if not weight_decay >= 0 or not (clip is None or clip > 0):
            raise ValueError(
                "GroupedAdamW: expected a weight_decay of 0 or more, and a clip that is positive or None. "
                f"Received: weight_decay={weight_decay!r}, clip={clip!r}."
            )
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, weight_decay=weight_decay, **kwargs
        )
        self.clip = clip
        self.spared = list(spared)
        self._spared_names = re.compile(rf"(^|/)({'|'.join(map(re.escape, self.spared))})(:\d+)?$")
        self.exclude_from_weight_decay(var_names=[self._spared_names.pattern])

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        if self.clip is not None and not self._spared_names.search(variable.name):
            gradient = tf.clip_by_value(gradient, -self.clip, self.clip)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict:
        return super().get_config() | {"clip": self.clip, "spared": self.spared}


@gin.configurable("AdamWOptimizer", module="tfdis.training")
def adamw_optimizer(
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.1,
    clip: float | None = 1.0,
    spared: Sequence[str] = SPARED,
    name: str = "AdamW",
) -> keras.optimizers.Optimizer:
    """`GroupedAdamW` with the argument names of the other optimisers in gin."""
    return GroupedAdamW(learning_rate, beta1, beta2, epsilon, weight_decay, clip, spared, name=name)
