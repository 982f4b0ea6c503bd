"""The batches that a model learns from: images, labelled images, or pairs."""

import tensorflow as tf

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.streams import image_stream as stream
from tfdis.data.streams import pairs
from tfdis.data.streams.labelled_points import LabelledPoints, with_labelled_batches
from tfdis.models import VAE
from tfdis.models.batch_kind import BatchKind


def training_stream(
    model: VAE,
    data: GroundTruthData,
    batch_size: int,
    seed: int,
    points: LabelledPoints | None = None,
    start_step: int = 0,
) -> tf.data.Dataset:
    """Endless batches of the model's kind, a pure function of (seed, step).

    Args:
        model: the model; its `batch_kind` and `batches_per_step` say what a step needs.
        data: the data set.
        batch_size: number of images, or of pairs, in one of the step's batches.
        seed: an integer.
        points: labelled images for a semi-supervised model, whose steps have batch_size of them too.
        start_step: number of steps to skip.
    """
    own = _own_training_stream(model, data, batch_size, seed, start_step)
    return _labelled(model, own, points, batch_size, start_step)


def _own_training_stream(model, data, batch_size, seed, start_step):
    size, kind = batch_size * model.batches_per_step, BatchKind(model.batch_kind)
    if kind.has_pairs:
        return pairs.pair_stream(data, size, seed, start_step, with_differing=kind.has_labels)
    return stream.image_stream(data, size, seed, start_step, with_factors=kind.has_labels)


def evaluation_stream(
    model: VAE,
    data: GroundTruthData,
    batch_size: int,
    seed: int,
    num_batches: int,
    points: LabelledPoints | None = None,
) -> tf.data.Dataset:
    """`num_batches` batches of the model's kind, independent of the training stream of the seed.

    The arguments are those of `training_stream`.
    """
    own = _own_evaluation_stream(model, data, batch_size, seed, num_batches)
    return _labelled(model, own, points, batch_size)


def _own_evaluation_stream(model, data, batch_size, seed, num_batches):
    kind = BatchKind(model.batch_kind)
    if kind.has_pairs:
        return pairs.pair_stream(
            data, batch_size, seed, num_batches=num_batches, with_differing=kind.has_labels
        )
    return stream.evaluation_stream(
        data, batch_size, seed, num_batches, with_factors=kind.has_labels
    )


def _labelled(model, own, points, batch_size, start_step=0):
    if not model.is_semi_supervised:
        return own
    return with_labelled_batches(own, points, batch_size, start_step)
