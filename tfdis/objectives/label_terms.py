"""IFCVAE's parts: a label encoder of the images and an adversary that reads labels off the code."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, TrainedTerm, at_step


class ReconstructedLabel(TrainedTerm):
    """weight * CE(label_encoder(x_hat), y): reconstructions should show the label of their image.

    The label encoder itself minimises weight * CE(label_encoder(x), y) on true images. With
    `learns_from_reconstructions` it first takes a step on that, and then minimises the term itself
    as well, as the published code of Disentanglement-PyTorch does by sharing one optimiser.

    Args:
        weight: weight of the term, 0 or more.
        network: label encoder, a Keras model from images to logits of all classes.
        optimizer: Keras optimiser of the network.
        classes: pairs (position, number of values), one for each factor that is a label.
        to_images: function from the decoder's output to pixels in [0, 1].
        learns_from_reconstructions: whether the label encoder learns from reconstructions, too.
    """

    name = "reconstructed_label"
    needs_labels = True

    def __init__(
        self,
        weight: float | Callable,
        network: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        classes: Sequence[tuple[int, int]],
        to_images: Callable,
        learns_from_reconstructions: bool = False,
    ):
        check_not_negative(type(self).__name__, weight=weight)
        super().__init__(weight, network, optimizer)
        self.classes = classes
        self.to_images = to_images
        self.learns_from_reconstructions = learns_from_reconstructions

    @property
    def iterations_per_update(self) -> int:
        return 2 if self.learns_from_reconstructions else 1

    def value(self, outputs: Outputs) -> tf.Tensor:
        logits = self.network(self.to_images(outputs.reconstruction), training=False)
        return label_cross_entropy(logits, outputs.labels, self.classes)

    def own_loss(self, outputs: Outputs, second: Outputs) -> tf.Tensor:
        if not self.learns_from_reconstructions:
            return self._loss_on(outputs.x, outputs)
        images = self.to_images(tf.stop_gradient(outputs.reconstruction))
        return self._loss_on(images, outputs)

    def first_loss(self, outputs: Outputs) -> tf.Tensor | None:
        if not self.learns_from_reconstructions:
            return None
        return self._loss_on(outputs.x, outputs)

    def _loss_on(self, images, outputs):
        loss = label_cross_entropy(
            self.network(images, training=True), outputs.labels, self.classes
        )
        return at_step(self.weight, outputs.step) * loss


class AdversarialLabel(TrainedTerm):
    """-weight * CE(D(z), y): the code should not tell the label; D minimises CE(D(z), y).

    Args:
        weight: weight of the term, 0 or more.
        network: D, a Keras model from codes to logits of all classes.
        optimizer: Keras optimiser of the network.
        classes: pairs (position, number of values), one for each factor that is a label.
    """

    name = "adversarial_label"
    needs_labels = True

    def __init__(
        self,
        weight: float | Callable,
        network: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        classes: Sequence[tuple[int, int]],
    ):
        check_not_negative(type(self).__name__, weight=weight)
        super().__init__(weight, network, optimizer)
        self.classes = classes

    def value(self, outputs: Outputs) -> tf.Tensor:
        logits = self.network(outputs.z, training=False)
        return -label_cross_entropy(logits, outputs.labels, self.classes)

    def own_loss(self, outputs: Outputs, second: Outputs) -> tf.Tensor:
        logits = self.network(tf.stop_gradient(outputs.z), training=True)
        return label_cross_entropy(logits, outputs.labels, self.classes)


def label_cross_entropy(
    logits: tf.Tensor, labels: tf.Tensor, classes: Sequence[tuple[int, int]]
) -> tf.Tensor:
    """Batch mean of the cross-entropies, summed over the factors that are labels, in nats.

    Args:
        logits: `[batch, sum of classes]`, the factors one after the other.
        labels: `[batch, factors]` integers, all ground-truth factors.
        classes: pairs (position, number of values), one for each factor that is a label.
    """
    total = 0.0
    parts = tf.split(logits, [size for _, size in classes], axis=1)
    for (position, _), part in zip(classes, parts, strict=True):
        total += tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels[:, position], part)
        )
    return total
