"""What enters a model: images of another scale, type or shape are refused, whatever they come in."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models, objectives
from tfdis.models.entry import checked

SHAPE = (8, 8, 1)
IMAGES = np.random.default_rng(0).uniform(size=(4, *SHAPE)).astype(np.float32)
HOLE = np.where(IMAGES > 0.9, np.nan, IMAGES)

WRONG = {
    "bytes": ((IMAGES * 255).astype(np.uint8), "floats.*Received: uint8.*/ 255"),
    "masks": (IMAGES > 0.5, "floats.*Received: bool.*without the division"),
    "0..255": (IMAGES * 255, r"Received: values from \d.* to 25\d.* first 4 images.*255 for bytes"),
    "-1..1": (IMAGES * 2 - 1, r"values from -0\.99.*\(images \+ 1\) / 2"),
    "divided masks": (np.float32(IMAGES > 0.5) / 255, "multiply them by 255"),
    "NaN": (HOLE, "finite.*NaN or infinity in 4 of the first 4"),
    "channels first": (IMAGES.transpose(0, 3, 1, 2), "channels first; move"),
    "no channels": (IMAGES[..., 0], r"images\[..., None\]"),
    "one image": (IMAGES[0], r"image\[None\]"),
}


def _model(**options):
    model = models.VAE(image_shape=SHAPE, latent_dim=2, **ONE_LAYER, **options)
    model.compile("sgd")
    return model


class _Batches(keras.utils.PyDataset):
    def __init__(self, images):
        super().__init__()
        self.images = images

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return self.images, self.images


ENTRIES = {
    "fit": lambda model, images: model.fit(images, verbose=0),
    "evaluate": lambda model, images: model.evaluate(images, verbose=0),
    "predict": lambda model, images: model.predict(images, verbose=0),
    "encode": lambda model, images: model.encode(images),
    "encode of a tensor": lambda model, images: model.encode(tf.constant(images)),
    "fit of a tf.data.Dataset": lambda model, images: model.fit(
        tf.data.Dataset.from_tensors(images).map(lambda x: (x, 0)), verbose=0
    ),
    "fit of a PyDataset": lambda model, images: model.fit(_Batches(images), verbose=0),
    "fit of a generator": lambda model, images: model.fit(
        ((images,) for _ in range(2)), steps_per_epoch=2, verbose=0
    ),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_wrong_images_are_refused_and_the_weights_left(entry):
    model = _model()
    before = model.get_weights()
    for images, message in WRONG.values():
        with pytest.raises(ValueError, match=message) as caught:
            ENTRIES[entry](model, images)
        assert "\n" not in str(caught.value)
    for value, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, old)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed")
def test_every_entry_takes_floats_of_64_bits(eagerly):
    model = _model()
    for entry in ENTRIES.values():
        entry(model, IMAGES.astype(np.float64))
    assert (
        model.optimizer.iterations == 5
    )  # All four kinds of `fit`; the generator takes two steps.


@pytest.mark.long
def test_standardised_images_and_features_may_have_any_range(eagerly):
    ENTRIES["fit"](_model(reconstruction_loss=objectives.MSELoss()), IMAGES * 4 - 2)
    with pytest.raises(ValueError, match="NaN"):
        ENTRIES["fit"](_model(reconstruction_loss=objectives.MSELoss()), HOLE)
    features = models.VAE(image_shape=(1, 1, 5), latent_dim=2, **ONE_LAYER)
    assert features.encode(np.full([2, 1, 1, 5], 40.0)).mean().shape == (2, 2)


def test_one_batch_of_the_first_stream_is_looked_at_and_every_encode():
    model = _model()
    seen = []
    stream = tf.data.Dataset.range(8).map(
        lambda step: tf.numpy_function(lambda s: (seen.append(s), IMAGES)[1], [step], tf.float32)
    )
    stream = stream.map(lambda images: tf.ensure_shape(images, IMAGES.shape))
    assert checked(model, stream) is stream
    num_drawn = len(seen)
    assert checked(model, stream) is stream
    assert len(seen) == num_drawn > 0
    with pytest.raises(ValueError, match="values from"):
        model.encode(IMAGES * 255)


@pytest.mark.long
def test_encode_inside_of_a_graph_checks_what_is_known_there():
    model = _model()
    encode = tf.function(lambda images: model.encode(images).mean())
    assert encode(IMAGES).shape == (4, 2)
    with pytest.raises(ValueError, match="Received: uint8"):
        encode(tf.constant(WRONG["bytes"][0]))


def test_a_black_image_and_one_of_rounding_errors_are_no_fault():
    for images in (np.zeros_like(IMAGES), IMAGES * 1.0005, np.float32(IMAGES > 0.5)):
        _model().encode(images)
