"""The source of a training run's features: checked before it, its images' data set named after it."""

import dataclasses
import os
from pathlib import Path

import gin
import keras

from tfdis.configuration import parse_gin_bindings, unlocked, unquoted
from tfdis.data.formats.features_format import FeaturesMetadata, read_features_metadata
from tfdis.data.sets.features_data import check_extractor
from tfdis.export.results import operative_gin_config
from tfdis.features.extraction import EXTRACTOR_FILE
from tfdis.features.fingerprint import fingerprint
from tfdis.training.run_folder import marked_config

_EXPECTED = "features.extractor"


@dataclasses.dataclass(frozen=True)
class FeatureSource:
    """A folder of features that a VAE learns from.

    Attributes:
        path: path of the folder.
        metadata: description of what the folder holds.
    """

    path: Path
    metadata: FeaturesMetadata

    @classmethod
    def of_gin_config(cls) -> "FeatureSource | None":
        """The features that the active gin configuration trains on; None if it trains on images."""
        bound = gin.get_bindings("dataset")
        if bound.get("name") != "features":
            return None
        path = gin.get_bindings("features").get("path")
        return cls(Path(path), read_features_metadata(path)) if path else None

    def bind(self, model_dir: str | os.PathLike, overwrite: bool = False) -> None:
        """Notes the extractor in the gin configuration, and so in the run's folder.

        Thus a run is neither resumed with the features of another extractor, nor warm-started from
        a run that learned from another one's.

        Args:
            model_dir: path of the run's folder.
            overwrite: whether an earlier run in that folder does not matter.

        Raises:
            ValueError: the configuration, the run in the folder or the run to start from names
                another extractor.
        """
        expected = gin.get_bindings("features").get("extractor")
        check_extractor(self.metadata, expected, str(self.path))
        warm_start = gin.get_bindings("model").get("warm_start")
        for run in ([] if overwrite else [model_dir]) + ([warm_start] if warm_start else []):
            check_extractor(self.metadata, _extractor_of_run(Path(run)), f"{self.path}, for {run}")
        with unlocked():
            gin.bind_parameter(_EXPECTED, self.metadata.extractor)

    def load_extractor(self) -> keras.Model:
        """Loads the extractor that lies beside the features.

        Raises:
            FileNotFoundError: it is not there.
            ValueError: the features are those of another extractor.
        """
        path = self.path / EXTRACTOR_FILE
        if not path.is_file():
            raise FileNotFoundError(
                f"Expected the extractor of the features, to export the whole chain, at {path}. "
                "Received: nothing. Fix: extract the features again."
            )
        extractor = keras.models.load_model(path, compile=False)
        received = fingerprint(extractor)
        if received != self.metadata.extractor:
            raise ValueError(
                f"Expected the extractor {self.metadata.extractor} in {path}, whose features lie beside "
                f"it. Received: another one, {received}. Fix: extract the features again."
            )
        return extractor

    def image_gin_config(self) -> str:
        """The operative gin config, with the images' data set in place of their features.

        disentanglement_lib scores the exported chain on the data set that this config names.
        """
        lines = [
            f"dataset.name = {self.metadata.data_set!r}"
            if line.startswith("dataset.name =")
            else line
            for line in operative_gin_config().splitlines()
        ]
        options = ["# Options of the images' data set:", *self.metadata.options]
        return "\n".join([*lines, "", *(options if self.metadata.options else [])]) + "\n"


def _extractor_of_run(path: Path) -> str | None:
    """The extractor that another run noted; None if that run did not learn from features."""
    folder = path if path.is_dir() else path.parent
    found = parse_gin_bindings(marked_config(folder) or "").get(_EXPECTED)
    return found and unquoted(found)
