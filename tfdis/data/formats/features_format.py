"""A folder of extracted features: what is in it, and the file that says so once it is whole."""

import dataclasses
import json
import os
from pathlib import Path

from tfdis.files.json_object import read_object

FEATURES_FILE = "features.npy"
FACTORS_FILE = "factors.npy"
METADATA_FILE = "features.json"
_FORMAT = 1


@dataclasses.dataclass(frozen=True)
class FeaturesMetadata:
    """What a folder of features holds; it is written last, so that a folder that has it is whole.

    Attributes:
        data_set: name of the images' data set.
        options: gin lines of that data set, as `arm3d.factor_sizes = (2, 2, 2, 1, 1, 4, 4)`.
        provenance: provenance of the images.
        image_shape: (height, width, channels) of the images.
        factor_names: names of the ground-truth factors.
        factor_sizes: numbers of values of all factors of the grid, hidden ones included.
        latent_factor_indices: positions of the ground-truth factors among all factors of the grid.
        num_rows: number of feature vectors.
        num_features: length of one feature vector.
        num_samples: 0 if every image of the grid has one row, in the grid's order; else the number
            of images that were drawn with replacement, whose factors are in `factors.npy`.
        random_seed: seed of that drawing.
        sample_batch_size: batch size of that drawing; each batch has a random generator of its own.
        extractor: fingerprint of the feature extractor.
    """

    data_set: str
    options: tuple[str, ...]
    provenance: str
    image_shape: tuple[int, ...]
    factor_names: tuple[str, ...]
    factor_sizes: tuple[int, ...]
    latent_factor_indices: tuple[int, ...]
    num_rows: int
    num_features: int
    num_samples: int
    random_seed: int
    sample_batch_size: int
    extractor: str

    def as_json(self) -> str:
        """The text of `features.json`."""
        return json.dumps({"format": _FORMAT, **dataclasses.asdict(self)}, indent=2)


def read_features_metadata(folder: str | os.PathLike) -> FeaturesMetadata:
    """Reads what a folder of features holds.

    Raises:
        FileNotFoundError: there is no whole extraction in the folder.
        ValueError: the file is damaged or of another version.
    """
    path = Path(folder) / METADATA_FILE
    if not path.is_file():
        partial = " An extraction into it has begun: start the same command again to complete it."
        raise FileNotFoundError(
            f"Expected a folder of features, with {METADATA_FILE}, for features.path. Received: "
            f"{folder}.{partial if Path(folder).is_dir() else ''} Fix: bin/extract_features makes one."
        )
    return parse_features_metadata(path)


def parse_features_metadata(path: Path) -> FeaturesMetadata:
    """Reads the content of such a JSON file; it raises what `read_features_metadata` raises."""
    try:
        content = read_object(path)
        if content.pop("format") != _FORMAT:
            raise ValueError("another version of the format")
        lists = {key: tuple(value) for key, value in content.items() if isinstance(value, list)}
        return FeaturesMetadata(**(content | lists))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"Expected metadata of features, format {_FORMAT}, in {path}. Received: {error}. "
            "Fix: extract the features again, into a new folder."
        ) from error
