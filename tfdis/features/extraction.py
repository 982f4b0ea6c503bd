"""Extraction: the features of every image of a data set, or of a sample, as one array on disk."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from absl import logging
from tqdm import tqdm

from tfdis.data.adapted import as_ground_truth_data
from tfdis.data.formats.features_format import (
    FACTORS_FILE,
    FEATURES_FILE,
    METADATA_FILE,
    FeaturesMetadata,
    parse_features_metadata,
)
from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData
from tfdis.data.image_scale import check_unit_scale
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.streams.first_batch import check_first_batch
from tfdis.data.streams.sampling import random_state_at, sample_batch
from tfdis.features.fingerprint import fingerprint
from tfdis.files.folder import entries_of, held_folder
from tfdis.files.growing_array import PARTIAL, GrowingArray
from tfdis.files.whole import write_text_whole, written_whole

EXTRACTOR_FILE = "extractor.keras"
# File with the metadata that an extraction in progress will have.
MARK_FILE = METADATA_FILE + ".partial"
# Files of an extraction besides the metadata.
FILES = (
    EXTRACTOR_FILE,
    *(f"{name}{end}" for name in (FEATURES_FILE, FACTORS_FILE) for end in ("", PARTIAL)),
)
_BATCHES_IN_A_BLOCK = 16
_NUM_PREFETCHED = 4


def extract(
    data: GroundTruthData,
    extractor: keras.Model,
    folder: str | os.PathLike,
    options: Sequence[str] = (),
    num_samples: int = 0,
    random_seed: int = 0,
    batch_size: int = 64,
    on_first_batch: Callable[[], None] = lambda: None,
) -> FeaturesMetadata:
    """Writes a folder that the data set `features` reads; started again, it goes on where it stopped.

    Features are appended in blocks of 16 batches. A folder that is complete is left as it is.

    Args:
        data: the data set of images.
        extractor: a `FeatureExtractor`, or any Keras model from images in [0, 1] to
            `[batch, features]`.
        folder: path of the folder to write: `features.npy` float32 `[n, features]`,
            `features.json`, `extractor.keras`, and for samples `factors.npy`.
        options: gin lines that choose the variant of the data set; they are kept in the metadata.
        num_samples: 0 for every image once, in the grid's order; else the number of images that are
            drawn with replacement.
        random_seed: seed of that drawing.
        batch_size: number of images in one call of the extractor.
        on_first_batch: function that is called once, after this process has extracted its first
            batch.

    Returns:
        Description of what the folder holds.

    Raises:
        ValueError: an option out of range, or `num_samples` of 0 for a data set that cannot be
            enumerated.
        FileExistsError: the folder holds features of something else.
        InUseError: another process is extracting to the folder.
        OSError: the folder cannot be written, or the disk is full; what is written is kept.
    """
    if batch_size < 1 or num_samples < 0:
        raise ValueError(
            "extraction: expected batch_size of at least 1 and num_samples of at least 0. Received: "
            f"{batch_size} and {num_samples}."
        )
    folder = Path(folder)
    data = as_ground_truth_data(data)
    metadata = _metadata(data, extractor, options, num_samples, random_seed, batch_size)
    if _is_complete(folder, metadata):
        logging.info("The features in %s are complete; nothing to do.", folder)
        return metadata
    with held_folder(folder):
        # Checked again, since another process may have worked here until now.
        if not _is_complete(folder, metadata):
            _extract(data, extractor, folder, metadata, batch_size, on_first_batch)
    return metadata


def _extract(data, extractor, folder, metadata, batch_size, on_first_batch) -> None:
    state = random_state_at(metadata.random_seed, 0)
    check_unit_scale(check_first_batch(data, batch_size, state))
    write_text_whole(folder / MARK_FILE, metadata.as_json())
    if not (folder / EXTRACTOR_FILE).exists():
        with written_whole(folder / EXTRACTOR_FILE) as partial:
            extractor.save(partial)
    arrays = [
        GrowingArray(folder / FEATURES_FILE, (metadata.num_rows, metadata.num_features), np.float32)
    ]
    if metadata.num_samples:
        arrays.append(
            GrowingArray(folder / FACTORS_FILE, (metadata.num_samples, data.num_factors), np.int64)
        )
    try:
        _fill(arrays, data, metadata, extractor, batch_size, on_first_batch)
    finally:
        for array in arrays:
            array.close()
    write_text_whole(folder / METADATA_FILE, metadata.as_json())
    (folder / MARK_FILE).unlink()


def image_shape_of(extractor: keras.Model) -> tuple[int, ...]:
    """(height, width, channels) of the images that an extractor takes."""
    return tuple(getattr(extractor, "image_shape", None) or extractor.input_shape[1:])


def num_features_of(extractor: keras.Model) -> int:
    """Number of features that an extractor gives."""
    return int(getattr(extractor, "output_dim", None) or extractor.output_shape[-1])


def _metadata(data, extractor, options, num_samples, random_seed, batch_size) -> FeaturesMetadata:
    if not num_samples and not isinstance(data, EnumerableData):
        raise ValueError(
            f"Expected a data set that enumerates its images. Received: {data.name}, which draws them. "
            "Fix: give extraction.num_samples, the number of images to draw."
        )
    if image_shape_of(extractor) != tuple(data.observation_shape):
        raise ValueError(
            f"Expected an extractor of images of shape {tuple(data.observation_shape)}, those of "
            f"{data.name}. Received: one of {image_shape_of(extractor)}. Fix: build it for these."
        )
    space = getattr(data, "state_space", None) or FactorStateSpace(data.factors_num_values)
    return FeaturesMetadata(
        data_set=data.name,
        options=tuple(options),
        provenance=data.provenance,
        image_shape=tuple(data.observation_shape),
        factor_names=tuple(data.factor_names),
        factor_sizes=space.factor_sizes,
        latent_factor_indices=space.latent_factor_indices,
        num_rows=num_samples or data.num_images,
        num_features=num_features_of(extractor),
        num_samples=num_samples,
        random_seed=random_seed if num_samples else 0,
        sample_batch_size=batch_size if num_samples else 0,
        extractor=fingerprint(extractor),
    )


def _is_complete(folder: Path, metadata: FeaturesMetadata) -> bool:
    """Whether the folder is whole; refuses a folder that holds something else."""
    for name in (METADATA_FILE, MARK_FILE):
        if (folder / name).is_file():
            _check_same(folder, parse_features_metadata(folder / name), metadata)
            return name == METADATA_FILE
    if entries_of(folder):
        raise FileExistsError(
            f"Expected a new folder for features, or one with {METADATA_FILE}. Received: {folder}, "
            "which holds something else. Choose another folder."
        )
    return False


def _check_same(folder, there, wanted):
    there, wanted = dataclasses.asdict(there), dataclasses.asdict(wanted)
    changed = [name for name in wanted if wanted[name] != there[name]]
    if changed:
        difference = "; ".join(
            f"{name}: {there[name]} there, {wanted[name]} now" for name in changed
        )
        raise FileExistsError(
            f"{folder} holds features of something else ({difference}). Choose another folder, or pass "
            "--overwrite to extract them again."
        )


def _fill(arrays, data, metadata, extractor, batch_size, on_first_batch):
    """Appends what is missing to the arrays of features and, if there is one, of factors."""
    features = arrays[0]
    # A batch counts if all of its rows are in every array.
    first = min(array.num_rows for array in arrays) // batch_size
    for array in arrays:
        array.keep(first * batch_size)
    stream = _stream(data, metadata, batch_size, first)

    @tf.function(input_signature=[tf.TensorSpec([None, *metadata.image_shape], tf.float32)])
    def run(images):
        return extractor(images, training=False)

    done, total = features.num_rows, metadata.num_rows
    rows, labels = [], []
    with tqdm(total=total, initial=done, unit="image", desc="extracting") as bar:
        for number, (images, batch_factors) in enumerate(stream):
            rows.append(run(images).numpy())
            if not number:
                on_first_batch()
            labels.append(batch_factors.numpy())
            bar.update(len(rows[-1]))
            done += len(rows[-1])
            if len(rows) == _BATCHES_IN_A_BLOCK or done == total:
                for array, block in zip(arrays, (rows, labels), strict=False):
                    array.append(np.concatenate(block))
                rows, labels = [], []
    for array in arrays:
        array.finish()


def _stream(data, metadata, batch_size, first):
    """Batches from number `first` on, each a pure function of its number, prepared in the background."""
    is_uint8 = isinstance(data, EnumerableData)
    num_batches = -(-metadata.num_rows // batch_size)

    def draw(number):
        start = int(number) * batch_size
        size = min(batch_size, metadata.num_rows - start)
        if metadata.num_samples:
            state = random_state_at(metadata.random_seed, int(number))
            return sample_batch(data, size, state)
        indices = np.arange(start, start + size)
        return data.images_at(indices), data.indices_to_factors(indices)

    def batch(number):
        dtype = tf.uint8 if is_uint8 else tf.float32
        images, factors = tf.numpy_function(draw, [number], [dtype, tf.int64], stateful=False)
        images = tf.ensure_shape(images, [None, *metadata.image_shape])
        return (tf.cast(images, tf.float32) / 255.0 if is_uint8 else images), factors

    return tf.data.Dataset.range(first, num_batches).map(batch).prefetch(_NUM_PREFETCHED)
