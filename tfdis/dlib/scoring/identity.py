"""The identity of a data set's codes: the module's files and the images."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfdis.data.ground_truth_data import IndexedData
from tfdis.data.splits.split_data import whole

# Number of images that identify a data set, spread over all of it.
_NUM_PROBES = 64


def file_digest(path: str | os.PathLike) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def module_digest(module_path: str | os.PathLike) -> str:
    """SHA-256 of all files of an exported module, with their names."""
    root = Path(module_path)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    lines = [f"{path.relative_to(root).as_posix()} {file_digest(path)}" for path in files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def data_identity(data: IndexedData, options: Sequence[str]) -> dict | None:
    """The identity of a data set; None if the image of an index is not always the same.

    Args:
        data: the data set.
        options: gin lines that chose the data set's variant.
    """
    data = whole(data)  # Which images are drawn how often makes no code another.
    probes = np.unique(np.linspace(0, data.num_images - 1, _NUM_PROBES).astype(np.int64))
    first, second = (data.to_observations(data.images_at(probes)) for _ in range(2))
    if not np.array_equal(first, second):
        return None
    metadata = getattr(getattr(data, "images", None), "metadata", None)
    space, rows = getattr(data, "state_space", None), getattr(data, "rows", None)
    identity = {
        "name": data.name,
        "options": list(options),
        "provenance": data.provenance,
        "store": [str(getattr(metadata, key, "")) for key in ("source", "sha256")],
        "factor_sizes": [int(n) for n in (space and space.factor_sizes) or data.factors_num_values],
        "image_shape": [int(size) for size in data.observation_shape],
        "some_images": hashlib.sha256(np.ascontiguousarray(first)).hexdigest(),
    }
    if rows is not None:  # Which image of the store has which index.
        identity["rows"] = hashlib.sha256(np.ascontiguousarray(rows)).hexdigest()
    return identity
