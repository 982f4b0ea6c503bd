"""The classifier of several factors: masked loss, scores, gradients, saving."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdis.features.classifier import MultiHeadClassifier
from tfdis.features.extractor import FeatureExtractor
from tfdis.features.factor_scores import FactorScores, factor_cross_entropies
from tfdis.features.global_pooling import GlobalAverage

SIZES = {"shape": 3, "a size": 2, "light": 4}
LABELS = np.array([[0, 1, -1], [2, -1, -1], [1, 0, -1], [2, 1, -1]])


def _logits(scale=2.0):
    random = np.random.RandomState(0)
    return {name: scale * random.randn(4, size) for name, size in SIZES.items()}


def _extractor(shape=(6, 6, 1)):
    backbone = keras.Sequential(
        [keras.Input(shape), keras.layers.Conv2D(5, 3), keras.layers.BatchNormalization()]
    )
    return FeatureExtractor(shape, backbone, GlobalAverage())


def _classifier(**options):
    return MultiHeadClassifier(_extractor(), SIZES, **options)


def _expected_loss(logits, labels):
    """Sum over factors of the mean of -log softmax, in float64, image by image."""
    total = 0.0
    for column, values in enumerate(logits.values()):
        entropies = []
        for row, label in zip(values.astype(np.float64), labels[:, column], strict=True):
            if label >= 0:
                top = row.max()
                entropies.append(top + np.log(np.exp(row - top).sum()) - row[label])
        total += np.mean(entropies) if entropies else 0.0
    return total


@pytest.mark.parametrize("scale", [2.0, 300.0])
def test_the_masked_loss_is_the_sum_of_mean_cross_entropies(scale):
    logits = _logits(scale)
    tensors = {name: tf.constant(value, tf.float32) for name, value in logits.items()}
    loss = _classifier().compute_loss(y=tf.constant(LABELS), y_pred=tensors)
    assert float(loss) == pytest.approx(_expected_loss(logits, LABELS), rel=1e-6)


def test_uniform_logits_cost_the_logarithm_of_the_number_of_values():
    tensors = [tf.zeros((4, size)) for size in SIZES.values()]
    sums, counts = factor_cross_entropies(tf.constant(LABELS), tensors)
    assert counts.numpy().tolist() == [4, 3, 0]
    np.testing.assert_allclose(sums, [4 * np.log(3), 3 * np.log(2), 0.0], rtol=1e-6)


def test_images_without_a_label_get_no_gradient():
    tensors = [tf.constant(value, tf.float32) for value in _logits().values()]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        loss = tf.reduce_sum(factor_cross_entropies(tf.constant(LABELS), tensors)[0])
    for column, gradient in enumerate(tape.gradient(loss, tensors)):
        has_gradient = np.abs(gradient.numpy()).max(axis=1) > 0
        assert has_gradient.tolist() == (LABELS[:, column] >= 0).tolist()


def test_scores_of_several_batches_are_those_of_all_images():
    random = np.random.RandomState(1)
    labels = np.stack([random.randint(-1, size, 30) for size in SIZES.values()], axis=1)
    logits = {name: random.randn(30, size).astype(np.float32) for name, size in SIZES.items()}
    scores = FactorScores(list(SIZES))
    for part in (slice(0, 7), slice(7, 30)):
        scores.update_state(
            tf.constant(labels[part]), [tf.constant(v[part]) for v in logits.values()]
        )
    result = {name: float(value) for name, value in scores.result().items()}
    accuracies = []
    for column, (name, values) in enumerate(logits.items()):
        own = labels[:, column]
        accuracies.append(np.mean(values.argmax(axis=1)[own >= 0] == own[own >= 0]))
        assert result[f"accuracy/{name}"] == pytest.approx(accuracies[-1], rel=1e-6)
    assert result["accuracy"] == pytest.approx(np.mean(accuracies), rel=1e-6)
    assert result["cross_entropy"] == pytest.approx(_expected_loss(logits, labels), rel=1e-5)


def test_a_factor_that_no_image_has_is_not_scored():
    scores = FactorScores(["shape", "light"])
    scores.update_state(tf.constant([[1, -1]]), [tf.constant([[0.0, 1.0]]), tf.zeros((1, 4))])
    result = {name: float(value) for name, value in scores.result().items()}
    assert result["accuracy/shape"] == result["accuracy"] == 1.0
    assert np.isnan(result["accuracy/light"])


def test_gradients_reach_every_head_and_the_extractor_unless_frozen():
    classifier = _classifier()
    images = tf.random.stateless_uniform((4, 6, 6, 1), [0, 1])
    labels = tf.constant(np.where(LABELS < 0, 0, LABELS))
    with tf.GradientTape() as tape:
        loss = classifier.compute_loss(y=labels, y_pred=classifier(images, training=True))
    gradients = tape.gradient(loss, classifier.trainable_weights)
    assert len(gradients) == 4 + 2 * 3
    assert all(np.isfinite(g).all() for g in gradients)
    # A bias before batch normalisation has none.
    assert sum(np.abs(g).max() > 1e-6 for g in gradients) >= len(gradients) - 1
    classifier.extractor.backbone.trainable = False
    assert len(classifier.trainable_weights) == 2 * 3


@pytest.mark.long
def test_plain_fit_moves_batch_statistics_of_a_trained_backbone_only(eagerly):
    images = np.random.RandomState(0).rand(8, 6, 6, 1).astype(np.float32)
    labels = np.tile(LABELS, (2, 1))
    for is_trained in (False, True):
        classifier = _classifier()
        backbone = classifier.extractor.backbone
        backbone.trainable = is_trained
        before = backbone.get_weights()
        classifier.compile(optimizer="adam")
        logs = classifier.fit(images, labels, batch_size=4, epochs=1, verbose=0).history
        assert {"loss", "accuracy", "accuracy/a size", "cross_entropy"} <= set(logs)
        moved = [
            np.abs(a - b).max() > 0 for a, b in zip(before, backbone.get_weights(), strict=True)
        ]
        assert all(moved[2:]) == any(moved) == is_trained


def test_saved_and_loaded_it_gives_the_same_logits(tmp_path):
    classifier = _classifier(head_initializer="pytorch")
    images = np.random.RandomState(0).rand(3, 6, 6, 1).astype(np.float32)
    classifier.save(tmp_path / "classifier.keras")
    loaded = keras.models.load_model(tmp_path / "classifier.keras")
    assert loaded.head_initializer == "pytorch"
    for name, logits in classifier(images).items():
        np.testing.assert_array_equal(logits, loaded(images)[name])
    classifier.extractor.save(tmp_path / "extractor.keras")
    extractor = keras.models.load_model(tmp_path / "extractor.keras")
    np.testing.assert_array_equal(extractor(images), classifier.extractor(images))


@pytest.mark.parametrize(("name", "gain"), [("he_uniform", 6.0), ("pytorch", 1.0)])
def test_heads_start_within_the_bounds_of_their_initializer(name, gain):
    keras.utils.set_random_seed(0)
    extractor = keras.Sequential([keras.Input((24,)), keras.layers.Identity()])
    (head,) = MultiHeadClassifier(extractor, {"a": 500}, name).heads
    kernel, bias = head.get_weights()
    bound = np.sqrt(gain / 24)
    assert 0.98 * bound < np.abs(kernel).max() <= bound
    biases = 0.0 if name == "he_uniform" else 1 / np.sqrt(24)
    assert 0.98 * biases <= np.abs(bias).max() <= biases


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [({}, {}, "at least 2 values"), ({"a": 1}, {}, "'a': 1"), (SIZES, {"head_initializer": "x"}, "'x'")],
)  # fmt: skip
def test_bad_arguments_are_refused(sizes, options, message):
    with pytest.raises(ValueError, match=message):
        MultiHeadClassifier(_extractor(), sizes, **options)
