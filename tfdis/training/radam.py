"""RAdam: Adam whose step is rectified while its variance estimate rests on few gradients."""

from collections.abc import Callable

import gin
import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="tfdis")
class RAdam(keras.optimizers.Optimizer):
    """Rectified Adam with decoupled weight decay.

    With m, v the moving averages of g and g^2, and m^ = m / (1 - beta_1^t) (algorithm 2):
      rho_inf = 2 / (1 - beta_2) - 1;  rho_t = rho_inf - 2 t beta_2^t / (1 - beta_2^t)
      r_t = sqrt((rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t))
      if rho_t > 5: variable <- variable - lr r_t m^ sqrt(1 - beta_2^t) / (sqrt(v) + epsilon)
      else:         variable <- variable - lr m^
    and, before it, variable <- variable - lr weight_decay variable. The limit is 5, as in the authors'
    code and in PyTorch; the paper has 4.

    Args:
        learning_rate: a float or a schedule.
        beta_1: decay rate of m.
        beta_2: decay rate of v.
        epsilon: number that is added to sqrt(v).
        weight_decay: rate of the decoupled decay, which is multiplied by the learning rate; None
            for none.
        name: name of the optimiser.
        **kwargs: keyword arguments of `keras.optimizers.Optimizer`: clipping, moving average,
            accumulation.

    Example:
        >>> variable = keras.Variable([1.0, 2.0])
        >>> RAdam(0.1, weight_decay=0.5).apply([keras.ops.array([1.0, -1.0])], [variable])
        >>> [round(float(value), 4) for value in variable.numpy()]
        [0.85, 2.0]

    References:
        Liu et al. (2020), "On the Variance of the Adaptive Learning Rate and Beyond", ICLR.
        arXiv:1908.03265.
    """

    def __init__(
        self,
        learning_rate: float | Callable = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float | None = None,
        name: str = "radam",
        **kwargs,
    ):
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **kwargs)
        for key, beta in (("beta_1", beta_1), ("beta_2", beta_2)):
            if not 0 <= beta < 1:
                raise ValueError(f"RAdam: expected {key} in [0, 1). Received: {beta!r}.")
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def build(self, variables: list) -> None:
        """Creates the moving averages of every variable."""
        if self.built:
            return
        super().build(variables)
        self._momentums, self._velocities = self.add_optimizer_variables(
            variables, ["momentum", "velocity"]
        )

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Updates one variable along its gradient."""
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index], self._velocities[index]
        gradient = ops.cast(gradient, variable.dtype)
        self.assign_add(momentum, (1 - self.beta_1) * (gradient - momentum))
        self.assign_add(velocity, (1 - self.beta_2) * (ops.square(gradient) - velocity))
        is_adaptive, adaptive_rate, plain_rate = (
            ops.cast(value, variable.dtype) for value in self._rates(learning_rate)
        )
        root = ops.sqrt(velocity) + self.epsilon
        rate = is_adaptive * adaptive_rate / root + (1 - is_adaptive) * plain_rate
        self.assign_sub(variable, rate * momentum)

    def _rates(self, learning_rate):
        """1 or 0 for the rectified or the plain step, and the factors of m / (sqrt(v) + eps) and m.

        They are computed in float64, since rho_t is a small difference of large numbers.
        """
        step = ops.cast(self.iterations + 1, "float64")
        learning_rate = ops.cast(learning_rate, "float64")
        power_1, power_2 = (
            ops.power(ops.convert_to_tensor(beta, "float64"), step)
            for beta in (self.beta_1, self.beta_2)
        )
        rho_inf = 2 / (1 - self.beta_2) - 1
        rho = rho_inf - 2 * step * power_2 / (1 - power_2)
        is_adaptive = ops.cast(rho > 5, "float64")
        # Where the step is plain, any finite value does; rho_t stays below rho_inf.
        rho, rho_inf = ops.maximum(rho, 5.0), max(rho_inf, 5.0)
        rectification = ops.sqrt(
            (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
        )
        plain_rate = learning_rate / (1 - power_1)
        return is_adaptive, plain_rate * rectification * ops.sqrt(1 - power_2), plain_rate

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


@gin.configurable("RAdamOptimizer", module="tfdis.training")
def radam_optimizer(
    learning_rate: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float | None = None,
    name: str = "RAdam",
) -> keras.optimizers.Optimizer:
    """RAdam with the argument names of the other optimisers in gin."""
    return RAdam(learning_rate, beta1, beta2, epsilon, weight_decay, name=name)
