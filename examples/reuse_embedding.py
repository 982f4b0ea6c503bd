"""Reuses an exported representation: predicts factors from a few hundred labels.

python examples/reuse_embedding.py --demo=runs/demo

Trains the same small classifier on the representation that the demo exported, read in three ways
(hub.load, TFSMLayer in Keras 3, hub.KerasLayer in tf_keras), on the untrained encoder's, and on raw
pixels. Factors with more than eight values are cut into eight classes. Prints test accuracies.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from tfdis.data.ground_truth_data import GroundTruthData

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
import tensorflow_hub as hub
import tf_keras
from rich.console import Console
from rich.table import Table

from tfdis.data.named import get_named_ground_truth_data
from tfdis.export.results import read_data_set_name

MOST_CLASSES = 8


def labelled(data: GroundTruthData, num: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images, and for every factor its class: the value, or which eighth of the values it is in."""
    factors, images = data.sample(num, np.random.RandomState(seed))
    sizes = np.array(data.factors_num_values)
    classes = np.where(sizes > MOST_CLASSES, factors * MOST_CLASSES // sizes, factors)
    return images.astype("float32"), classes


def classifier(
    framework: ModuleType,
    images_to_features: Callable,
    image_shape: Sequence[int],
    class_counts: Sequence[int],
) -> keras.Model | tf_keras.Model:
    """A hidden layer and one softmax for every factor, on top of fixed features."""
    layers = framework.layers
    images = framework.Input(image_shape)
    hidden = layers.Dense(64, activation="relu")(images_to_features(images))
    heads = [
        layers.Dense(count, activation="softmax", name=f"factor_{index}")(hidden)
        for index, count in enumerate(class_counts)
    ]
    model = framework.Model(images, heads)
    model.compile(
        optimizer=framework.optimizers.Adam(1e-2),
        loss=["sparse_categorical_crossentropy"] * len(heads),
    )
    return model


def readers(module: str) -> dict[str, tuple[ModuleType, Callable]]:
    """The three ways to put the module into a model: name -> (Keras to use, images -> features)."""
    loaded = hub.load(module).signatures["representation"]
    keras_3 = keras.layers.TFSMLayer(module, call_endpoint="representation")
    keras_2 = hub.KerasLayer(module, signature="representation", output_key="default")
    as_layer = keras.layers.Lambda(lambda x: loaded(images=x)["default"], name="hub_load")
    return {
        "hub.load": (keras, as_layer),
        "TFSMLayer (Keras 3)": (keras, lambda x: keras_3(x)["default"]),
        "hub.KerasLayer (tf_keras)": (tf_keras, keras_2),
    }


def accuracies(
    framework: ModuleType,
    images_to_features: Callable,
    data: GroundTruthData,
    num_labels: int,
    epochs: int,
) -> list[float]:
    """Test accuracy of every factor after training on `num_labels` labelled images."""
    framework.utils.set_random_seed(0)
    x, y = labelled(data, num_labels, seed=1)
    x_test, y_test = labelled(data, 2000, seed=2)
    counts = np.minimum(data.factors_num_values, MOST_CLASSES).tolist()
    model = classifier(framework, images_to_features, x.shape[1:], counts)
    model.fit(x, list(y.T), batch_size=64, epochs=epochs, verbose=0)
    predicted = model.predict(x_test, batch_size=500, verbose=0)
    return [np.mean(p.argmax(1) == true) for p, true in zip(predicted, y_test.T, strict=True)]


def main() -> None:
    """Compares the features and prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--demo", default="runs/demo", help="folder that the demo wrote")
    parser.add_argument("--labels", type=int, default=300, help="number of labelled images")
    parser.add_argument("--epochs", type=int, default=100)
    options = parser.parse_args()
    modules = {
        variant: Path(options.demo) / variant / "postprocessed" / "mean"
        for variant in ("trained", "untrained")
    }
    for module in modules.values():
        if not (module / "tfhub").is_dir():
            parser.error(f"expected an exported module in {module}/tfhub; run `make demo` first")
    data = get_named_ground_truth_data(
        read_data_set_name(str(modules["trained"] / "results"), "postprocess")
    )
    features = {
        f"trained, {name}": reader
        for name, reader in readers(str(modules["trained"] / "tfhub")).items()
    }
    untrained = readers(str(modules["untrained"] / "tfhub"))
    features["untrained encoder"] = untrained["TFSMLayer (Keras 3)"]
    features["raw pixels"] = (keras, keras.layers.Flatten())
    table = Table(title=f"{data.name} ({data.provenance}): accuracy from {options.labels} labels")
    for column in ("features", *data.factor_names, "mean"):
        table.add_column(column)
    for name, (framework, images_to_features) in features.items():
        scores = accuracies(framework, images_to_features, data, options.labels, options.epochs)
        table.add_row(name, *(f"{score:.3f}" for score in (*scores, np.mean(scores))))
    Console().print(table)


if __name__ == "__main__":
    tf.get_logger().setLevel("ERROR")
    main()
