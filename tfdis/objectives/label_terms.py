"""IFCVAE's parts: a label encoder of the images and an adversary that reads labels off the code."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.term import Outputs, TrainedTerm, at_step


class ReconstructedLabel(TrainedTerm):
    """weight * CE(label_encoder(x_hat), y): a reconstruction shall show the label of its image.

    The label encoder itself minimises weight * CE(label_encoder(x), y) on true images; or, with
    `learns_from_reconstructions`, takes a step on that first, and then minimises the term itself, too, as
    the published code of Disentanglement-PyTorch does by sharing one optimiser.

    Args:
      weight: 0 or more.
      network: label encoder, Keras model of images to logits of all classes.
      optimizer: its Keras optimiser.
      classes: position and number of values of each factor that is a label.
      to_images: function of the decoder's output to pixels in [0, 1].
      learns_from_reconstructions: whether the label encoder learns from reconstructions, too.
    """

    name = "reconstructed_label"
    needs_labels = True

    def __init__(
        self,
        weight,
        network,
        optimizer,
        classes,
        to_images: Callable,
        learns_from_reconstructions: bool = False,
    ):
        check_not_negative(type(self).__name__, weight=weight)
        super().__init__(weight, network, optimizer)
        self.classes = classes
        self.to_images = to_images
        self.learns_from_reconstructions = learns_from_reconstructions

    @property
    def iterations_per_update(self):
        return 2 if self.learns_from_reconstructions else 1

    def value(self, outputs: Outputs):
        logits = self.network(self.to_images(outputs.reconstruction), training=False)
        return label_cross_entropy(logits, outputs.labels, self.classes)

    def own_loss(self, outputs: Outputs, second: Outputs):
        if not self.learns_from_reconstructions:
            return self._loss_on(outputs.x, outputs)
        images = self.to_images(tf.stop_gradient(outputs.reconstruction))
        return self._loss_on(images, outputs)

    def first_loss(self, outputs: Outputs):
        if not self.learns_from_reconstructions:
            return None
        return self._loss_on(outputs.x, outputs)

    def _loss_on(self, images, outputs):
        loss = label_cross_entropy(
            self.network(images, training=True), outputs.labels, self.classes
        )
        return at_step(self.weight, outputs.step) * loss


class AdversarialLabel(TrainedTerm):
    """-weight * CE(D(z), y): the code shall not tell the label; D minimises CE(D(z), y).

    Args:
      weight: 0 or more.
      network: D, Keras model of codes to logits of all classes.
      optimizer: its Keras optimiser.
      classes: position and number of values of each factor that is a label.
    """

    name = "adversarial_label"
    needs_labels = True

    def __init__(self, weight, network, optimizer, classes):
        check_not_negative(type(self).__name__, weight=weight)
        super().__init__(weight, network, optimizer)
        self.classes = classes

    def value(self, outputs: Outputs):
        logits = self.network(outputs.z, training=False)
        return -label_cross_entropy(logits, outputs.labels, self.classes)

    def own_loss(self, outputs: Outputs, second: Outputs):
        logits = self.network(tf.stop_gradient(outputs.z), training=True)
        return label_cross_entropy(logits, outputs.labels, self.classes)


def label_cross_entropy(logits, labels, classes: Sequence[tuple[int, int]]) -> tf.Tensor:
    """Batch mean of the cross-entropies, summed over the factors that are labels, in nats.

    Args:
      logits: `[batch, sum of classes]`, the factors one after the other.
      labels: `[batch, factors]` integers, all ground-truth factors.
      classes: (position, number of values) of each factor that is a label.
    """
    total = 0.0
    parts = tf.split(logits, [size for _, size in classes], axis=1)
    for (position, _), part in zip(classes, parts, strict=True):
        total += tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels[:, position], part)
        )
    return total
