"""Diagonal Gaussians over codes, and the draws that training takes from them."""

import tensorflow as tf
import tensorflow_probability as tfp

from tfdis import ops


def gaussian(mean: tf.Tensor, log_var: tf.Tensor) -> tfp.distributions.Distribution:
    """N(mean, diag exp(log_var)): a posterior or a prior of codes."""
    return tfp.distributions.MultivariateNormalDiag(loc=mean, scale_diag=tf.exp(0.5 * log_var))


def draw(mean: tf.Tensor, log_var: tf.Tensor, seed: int, step: tf.Tensor) -> tf.Tensor:
    """A draw `[batch, latent]`, a function of seed and step that differs between replicas.

    It is what `gaussian(mean, log_var).sample` gives. In a traced step that method's bijector would
    keep the graph, and with it the model's variables, until the process ends.
    """
    stateless_seed = on_this_replica(ops.seed_at(seed, step))
    shape = [mean.shape[1], tf.shape(mean)[0]]
    noise = tf.random.stateless_normal(shape, stateless_seed, dtype=mean.dtype)
    return mean + tf.exp(0.5 * log_var) * tf.transpose(noise)


def on_this_replica(seed: tf.Tensor) -> tf.Tensor:
    """The seed `[2]` of the draws of one replica of a distribution strategy."""
    replica = tf.distribute.get_replica_context()
    replica_id = replica.replica_id_in_sync_group if replica else 0
    return seed + [replica_id * 7919, 0]
