"""The KL divergence held at a target by a controller of its weight, ControlVAE's objective."""

import keras
import tensorflow as tf

from tfdis import registry
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.schedule import Schedule, at_step
from tfdis.objectives.term import Outputs, Term

ANTI_WINDUPS = ("published", "releasing")
# exp(e) of a larger error is infinite, or as good as.
_LARGEST_ERROR = 80.0


@registry.objective("controlled_kl_term")
class ControlledKL(Term):
    """beta(t) * KL(q(z|x) || N(0, I)), beta(t) set by a PI controller so that the KL divergence is C(t).

      e(t)    = C(t) - KL(t)
      I(t)    = I(t-1) - K_i e(t),  or I(t-1) if W(t-1) < beta_min
      W(t)    = K_p / (1 + exp(e(t))) + beta_min + I(t)
      beta(t) = max(W(t), beta_min)

    KL(t) is that of the batch, of all replicas under a distribution strategy, and passes no gradient to
    beta. I and W, at the start 0 and beta_min, are variables that are saved and checkpointed with the
    model; a training step changes them, an evaluation does not.

    One error that takes I below -K_p locks the published controller: W stays below beta_min, I is kept,
    and beta is beta_min for ever, however large the KL divergence grows. So a target should rise from a
    small value (`StaircaseSchedule`), or the anti-windup should release I.

    Args:
        target: C in nats, 0 or more; a number or a schedule.
        k_p: K_p, weight of the proportional part, 0 or more.
        k_i: K_i, weight of the integral, 0 or more.
        beta_min: lowest beta, 0 or more.
        anti_windup: "published"; or "releasing", which also updates I where that raises W, so that
            the controller cannot lock.

    Raises:
        ValueError: a negative number, or an unknown anti_windup.

    References:
        Shao et al. (2020), "ControlVAE: Controllable Variational Autoencoder", ICML.
        arXiv:2004.05988 (algorithm 1).
    """

    name = "controlled_beta"
    holds_kl = True

    def __init__(
        self,
        target: Schedule | float,
        k_p: float = 0.01,
        k_i: float = 0.001,
        beta_min: float = 1.0,
        anti_windup: str = "published",
    ):
        check_not_negative("ControlledKL", target=target, k_p=k_p, k_i=k_i, beta_min=beta_min)
        if anti_windup not in ANTI_WINDUPS:
            raise ValueError(
                f"ControlledKL: expected anti_windup out of {ANTI_WINDUPS}. Received: {anti_windup!r}."
            )
        super().__init__()
        self.target = target
        self.k_p = k_p
        self.k_i = k_i
        self.beta_min = beta_min
        self.anti_windup = anti_windup
        self.layer = ControllerState(beta_min)

    def value(self, outputs: Outputs) -> tf.Tensor:
        """beta(t), no unit: what the step is weighed with."""
        _, unclamped = self._control(outputs)
        return tf.cast(tf.maximum(unclamped, self.beta_min), tf.float32)

    def __call__(self, outputs: Outputs) -> tuple[tf.Tensor, tf.Tensor]:
        beta = self.value(outputs)
        return beta, beta * outputs.kl

    def after_step(self, outputs: Outputs) -> None:
        integral, unclamped = self._control(outputs)
        self.layer.integral.assign(integral)
        self.layer.unclamped.assign(unclamped)

    def _control(self, outputs):
        """(I(t), W(t)) in float64, since I is a sum over all steps."""
        kl = tf.cast(tf.stop_gradient(_of_all_replicas(outputs.kl)), tf.float64)
        error = tf.cast(at_step(self.target, outputs.step), tf.float64) - kl
        proportional = self.k_p / (1.0 + tf.exp(tf.minimum(error, _LARGEST_ERROR)))
        kept = tf.convert_to_tensor(self.layer.integral)
        updated = kept - self.k_i * error
        updates = tf.convert_to_tensor(self.layer.unclamped) >= self.beta_min
        if self.anti_windup == "releasing":
            updates = tf.logical_or(updates, updated > kept)
        integral = tf.where(updates, updated, kept)
        return integral, proportional + self.beta_min + integral


class ControllerState(keras.layers.Layer):
    """What a controller remembers of the steps so far: its integral I, and W of the last step.

    Args:
        beta_min: W at the start.
    """

    def __init__(self, beta_min: float):
        super().__init__(dtype="float64", name="controller_state")
        options = {"shape": (), "trainable": False, "aggregation": "mean"}
        self.integral = self.add_weight(initializer="zeros", name="integral", **options)
        start = keras.initializers.Constant(beta_min)
        self.unclamped = self.add_weight(initializer=start, name="unclamped", **options)
        self.built = True


def _of_all_replicas(value):
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return value
    return replica.all_reduce(tf.distribute.ReduceOp.MEAN, value)
