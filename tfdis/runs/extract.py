"""A whole extraction, done once: features, and the extractor as a file and as a module."""

import os
from collections.abc import Sequence
from pathlib import Path

import gin
import keras
import numpy as np
from absl import logging

from tfdis.configuration import configured, parse_gin_bindings, warn_of_unused
from tfdis.data import named
from tfdis.data.formats.features_format import METADATA_FILE
from tfdis.data.streams.sampling import random_state_at, sample_batch
from tfdis.export.chain import export_extractor
from tfdis.export.results import FROZEN_FOLDER, operative_gin_config
from tfdis.features import build_feature_extractor
from tfdis.features.extraction import EXTRACTOR_FILE, FILES, MARK_FILE, extract
from tfdis.files.folder import held_folder
from tfdis.files.whole import remove


def extract_with_gin(
    output_dir: str | os.PathLike,
    overwrite: bool = False,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
) -> None:
    """Extracts what gin files and bindings describe.

    The gin configuration of this process plays no part, and is left as it was.

    Args:
        output_dir: path of the extraction's folder: features.npy, features.json, extractor.keras,
            tfhub.
        overwrite: whether another extraction in that folder is deleted.
        gin_config_files: paths of gin files.
        gin_bindings: bindings such as `"extraction.batch_size = 32"`, applied after the files.

    Raises:
        ValueError: a wrong binding or option.
        FileExistsError: the folder holds something else.
    """
    with configured(gin_config_files, gin_bindings):
        run_extraction(output_dir, overwrite)


@gin.configurable("extraction", module="tfdis.export", denylist=["output_dir", "overwrite"])
def run_extraction(
    output_dir: str | os.PathLike,
    overwrite: bool = False,
    extractor: str = "",
    num_samples: int = 0,
    random_seed: int = 0,
    batch_size: int = 64,
    num_fit_images: int = 1000,
) -> None:
    """Extracts the features of gin's `dataset` with gin's `feature_extractor`, and exports it.

    Args:
        output_dir: path of the extraction's folder.
        overwrite: whether another extraction in that folder is deleted.
        extractor: path of an `extractor.keras` to use in place of gin's, for example one of
            `bin/finetune`.
        num_samples: 0 for every image once; else the number of images that are drawn with
            replacement.
        random_seed: seed of that drawing, and of random weights.
        batch_size: number of images in one call of the extractor.
        num_fit_images: number of images, drawn with replacement, to which a pooling layer is fitted
            that needs it (`@pca_rmac`).

    Raises:
        FileNotFoundError: there is no such extractor.
        ValueError, FileExistsError, InUseError: as for `tfdis.features.extraction.extract`.
    """
    folder = Path(output_dir)
    data = named.get_named_ground_truth_data()
    options = named.options_of(data.name, parse_gin_bindings(operative_gin_config()))
    keras.utils.set_random_seed(random_seed)
    if extractor:
        network = _load(extractor)
    else:
        network = build_feature_extractor(data.observation_shape)
        network.fit_pooling(_sample_images(data, num_fit_images, random_seed))
    with held_folder(folder):
        if overwrite:
            _remove_extraction(folder)
        extract(
            data, network, folder, options, num_samples, random_seed, batch_size, warn_of_unused
        )
        if not (folder / FROZEN_FOLDER).exists():
            export_extractor(network, str(folder / FROZEN_FOLDER))
    logging.info("Wrote %s.", folder)


def _remove_extraction(folder):
    """Removes what an extraction has written here, and nothing else."""
    if any((folder / name).is_file() for name in (METADATA_FILE, MARK_FILE)):
        for name in (FROZEN_FOLDER, *FILES, METADATA_FILE, MARK_FILE):
            remove(folder / name)


def _sample_images(data, num, random_seed):
    """Images in [0, 1], drawn like those of the extraction, but different ones."""
    images, _ = sample_batch(data, num, random_state_at(random_seed, 0, "evaluation"))
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images


def _load(path):
    file = Path(path) / EXTRACTOR_FILE if Path(path).is_dir() else Path(path)
    if not file.is_file():
        raise FileNotFoundError(
            f"Expected an extractor, a .keras file or a folder with {EXTRACTOR_FILE}. Received: {path}."
        )
    return keras.models.load_model(file, compile=False)
