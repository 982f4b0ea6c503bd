"""Adam with one operation a variable."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="tfdis")
class FusedAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` whose update of a variable is one TensorFlow operation.

    m <- m + (1 - beta_1)(g - m);  v <- v + (1 - beta_2)(g^2 - v)
    variable <- variable - lr sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)

    State, configuration and trajectory are those of Keras's class, whose dozen operations a variable
    cost more than the arithmetic of a small network. AMSGrad, sparse gradients, variables of less
    than 32 bits and tf.distribute strategies take Keras's own step.

    Args:
      **kwargs: of `keras.optimizers.Adam`.

    Example:
      >>> optimizer = FusedAdam(learning_rate=1e-4)
      >>> variable = keras.Variable([1.0, 2.0])
      >>> optimizer.apply([tf.constant([1.0, -1.0])], [variable])
      >>> [round(float(value), 4) for value in variable.numpy()]
      [0.9999, 2.0001]

    References:
      Adam: A Method for Stochastic Optimization. Diederik P. Kingma, Jimmy Ba. 2015.
      arXiv:1412.6980 (the formulation just before section 2.1).
    """

    def update_step(self, gradient, variable, learning_rate):
        if (
            self.amsgrad
            or isinstance(gradient, tf.IndexedSlices)
            or tf.as_dtype(variable.dtype).size < 4
            or tf.distribute.has_strategy()
        ):
            super().update_step(gradient, variable, learning_rate)
            return
        index = self._get_variable_index(variable)
        dtype = tf.as_dtype(variable.dtype)
        step = tf.cast(tf.convert_to_tensor(self.iterations) + 1, dtype)
        beta_1, beta_2 = (tf.constant(beta, dtype) for beta in (self.beta_1, self.beta_2))
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(self._momentums[index]),
            v=_handle(self._velocities[index]),
            beta1_power=tf.pow(beta_1, step),
            beta2_power=tf.pow(beta_2, step),
            lr=tf.cast(learning_rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
        )


def _handle(variable):
    value = variable.value if isinstance(variable, keras.Variable) else variable
    return value.handle
