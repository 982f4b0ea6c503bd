"""Cross-entropy and accuracy of each factor over the images that have a label for it."""

from collections.abc import Sequence

import keras
import tensorflow as tf


def factor_cross_entropies(
    labels: tf.Tensor, logits: Sequence[tf.Tensor]
) -> tuple[tf.Tensor, tf.Tensor]:
    """Sums over a batch of -log softmax(logits)[label], one for each factor.

    Args:
        labels: integers `[batch, num_factors]`; negative for an image without the factor.
        logits: one array `[batch, size]` for each factor, in the labels' order.

    Returns:
        Sums in nats and numbers of labelled images, both float32 `[num_factors]`.
    """
    sums, counts = [], []
    for column, values in enumerate(logits):
        has_label = labels[:, column] >= 0
        entropies = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.maximum(labels[:, column], 0), tf.cast(values, tf.float32)
        )
        sums.append(tf.reduce_sum(tf.where(has_label, entropies, 0.0)))
        counts.append(tf.reduce_sum(tf.cast(has_label, tf.float32)))
    return tf.stack(sums), tf.stack(counts)


class FactorScores(keras.metrics.Metric):
    """Accuracy of each factor, their mean, and the sum of the mean cross-entropies, since the last reset.

    A factor that no image has had so far has the accuracy NaN and does not count in the mean.

    Args:
        factor_names: names of the factors, in the labels' order.

    Example:
        >>> scores = FactorScores(["shape", "size"])
        >>> logits = [tf.constant([[0.0, 9.0], [9.0, 0.0]]), tf.zeros((2, 3))]
        >>> scores.update_state(tf.constant([[1, -1], [1, -1]]), logits)
        >>> {name: float(value) for name, value in scores.result().items() if name != "cross_entropy"}
        {'accuracy': 0.5, 'accuracy/shape': 0.5, 'accuracy/size': nan}
    """

    def __init__(self, factor_names: Sequence[str], name: str = "scores"):
        super().__init__(name=name, dtype="float32")
        self.factor_names = list(factor_names)
        shape = (len(self.factor_names),)
        self.correct = self.add_variable(shape, initializer="zeros", name="correct")
        self.cross_entropy = self.add_variable(shape, initializer="zeros", name="cross_entropy")
        self.count = self.add_variable(shape, initializer="zeros", name="count")

    def update_state(self, labels: tf.Tensor, logits: Sequence[tf.Tensor]) -> None:
        """Adds a batch; the arguments are those of `factor_cross_entropies`."""
        sums, counts = factor_cross_entropies(labels, logits)
        hits = [
            tf.equal(tf.argmax(values, axis=-1, output_type=labels.dtype), labels[:, column])
            for column, values in enumerate(logits)
        ]
        self.correct.assign_add(tf.reduce_sum(tf.cast(tf.stack(hits), tf.float32), axis=1))
        self.cross_entropy.assign_add(sums)
        self.count.assign_add(counts)

    def result(self) -> dict[str, tf.Tensor]:
        """Returns `accuracy` (the mean), `cross_entropy` (the sum, nats), `accuracy/<factor>`."""
        count = tf.convert_to_tensor(self.count)
        accuracies = self.correct / count  # 0 / 0 is NaN.
        is_known = count > 0
        known = tf.where(is_known, accuracies, 0.0)
        mean = tf.reduce_sum(known) / tf.reduce_sum(tf.cast(is_known, tf.float32))
        return {
            "accuracy": mean,
            "cross_entropy": tf.reduce_sum(tf.math.divide_no_nan(self.cross_entropy, count)),
            **{
                f"accuracy/{name}": value
                for name, value in zip(self.factor_names, tf.unstack(accuracies), strict=True)
            },
        }
