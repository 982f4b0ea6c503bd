"""Checks of a model's inputs, outside of its graph: the first images of fit, and of every encode."""

import math
from collections.abc import Iterator
from types import GeneratorType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfdis.data.image_scale import check_float, check_unit_scale

_NUM_CHECKED = 64


def checked(model: keras.Model, x: Any) -> Any:
    """Returns what `fit`, `evaluate` or `predict` is given, after a check of its first images.

    Args:
        model: a VAE, which says which images it takes.
        x: images in any form that Keras takes. Forms that cannot be looked into without losing a
            batch pass unchecked.

    Returns:
        `x`, or a generator that starts with the batch that was looked at.

    Raises:
        ValueError: images of another shape, type or scale than the model takes.
    """
    if isinstance(x, GeneratorType):
        first = next(x, None)
        if first is None:
            return x
        check_images(model, _images_of(first))
        return _again(first, x)
    if isinstance(x, tf.data.Dataset):
        _check_dataset(model, x)
    elif isinstance(x, keras.utils.PyDataset):
        check_images(model, _images_of(x[0]))
    else:
        check_images(model, x)
    return x


def check_images(model: keras.Model, images: Any) -> None:
    """Checks shape and type of images and, unless inside of a graph, the values of the first ones.

    Raises:
        ValueError: as for `checked`.
    """
    _check_kind(model, images)
    if isinstance(images, np.ndarray | tf.Tensor) and tf.executing_eagerly():
        is_vector = math.prod(model.image_shape[:2]) == 1  # Features have no scale.
        any_range = is_vector or model.reconstruction_loss.activation == "linear"
        check_unit_scale(np.asarray(images[:_NUM_CHECKED]), any_range)


def _check_dataset(model, dataset) -> None:
    """Checks the first batch, of a model's first stream alone, since training makes many streams."""
    _check_kind(model, _images_of(dataset.element_spec))
    if not model.has_checked_stream:
        for batch in dataset.take(1):
            check_images(model, _images_of(batch))
        model.has_checked_stream = True


def _again(first, rest) -> Iterator:
    yield first
    yield from rest


def _images_of(batch):
    """The images of a batch, which are alone or precede labels and weights."""
    return keras.utils.unpack_x_y_sample_weight(batch)[0]


def _check_kind(model, images) -> None:
    """Checks what is known without values: shape and type."""
    shape = getattr(images, "shape", None)
    if shape is None or getattr(shape, "rank", 0) is None:
        return
    received, expected = tuple(shape), tuple(model.image_shape)
    last = received[-3:]
    if len(received) < 4 or any(
        known not in (None, wanted) for known, wanted in zip(last, expected, strict=True)
    ):
        raise ValueError(
            f"Expected images of shape [batch, {', '.join(map(str, expected))}]. Received: "
            f"{list(received)}.{_shape_fix(received, expected)}"
        )
    check_float(images.dtype)


def _shape_fix(received, expected):
    channels_first = (expected[-1], *expected[:2])
    if received[-3:] == channels_first != expected:
        return " Fix: these are channels first; move them to the last axis."
    if received[-2:] == expected[:2] and expected[-1] == 1:
        return " Fix: add the axis of channels, images[..., None]."
    if received == expected:
        return " Fix: add the axis of the batch, image[None]."
    return ""
