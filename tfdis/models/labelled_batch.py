"""What a step of a semi-supervised model is given: its own batch, and a labelled one."""

from typing import Any

import keras


def unpacked(model: keras.Model, data: Any) -> tuple:
    """Splits what Keras gives a step.

    Args:
        model: any `TrainedByTerms`.
        data: images or pairs x, or (x, labels). With a term that needs a labelled batch it is
            (x, (labelled images, their labels)), or (x, (labels, labelled images, their labels)); see
            `tfdis.data.streams.labelled_stream.with_labelled_batches`.

    Returns:
        (x, labels, labelled): the labels of x or None, and (labelled images, their labels) or None.

    Raises:
        ValueError: there is no labelled batch, or images of another shape in it.
    """
    x, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
    if not model.is_semi_supervised:
        return x, labels, None
    if not isinstance(labels, tuple | list) or len(labels) not in (2, 3):
        raise ValueError(
            f"{type(model).__name__} has a supervised term. Expected batches (images, (labelled images, "
            "labels)). Received: no labelled images. Use tfdis.data.streams.labelled_points."
        )
    *own, images, their_labels = labels
    if tuple(images.shape[1:]) != tuple(model.image_shape):
        raise ValueError(
            f"{type(model).__name__}: expected labelled images of shape [batch, "
            f"{', '.join(map(str, model.image_shape))}]. Received: {images.shape}."
        )
    return x, (own[0] if own else None), (images, their_labels)
