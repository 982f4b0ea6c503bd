"""The records that tensorflow-datasets prepares on disk: pictures and labels, without its library."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import archive_error

_PREFIX = "label_"
_BATCH = 1024
# Integers of every record that count it and describe nothing.
_NO_LABELS = ("id",)


class TfdsRecords:
    """The TFRecord files of one split; TensorFlow is imported on first use.

    Args:
        path: path of a folder with files `<name>-<split>.tfrecord-<shard>-of-<shards>`.
        split: name of the split.
        image_key: name of the feature that is the picture.

    Attributes:
        files: paths of the files, in order.

    Raises:
        FileNotFoundError: there are no such files.
    """

    def __init__(self, path: Path, split: str = "train", image_key: str = "image"):
        self.path = path
        self.files = sorted(path.glob(f"*-{split}.tfrecord-*"))
        if not self.files:
            raise FileNotFoundError(
                f"Expected records {path}/*-{split}.tfrecord-*, as tensorflow-datasets prepares them. "
                "Received: none. Fix: give the folder of one version."
            )
        self._image_key = image_key

    def labels(self) -> dict[str, np.ndarray]:
        """Columns of labels by name, without the prefix "label_": single integers of every record."""
        import tensorflow as tf

        first = next(self._examples(), {})
        keys = {
            key.removeprefix(_PREFIX): key
            for key, feature in first.items()
            if len(feature.int64_list.value) == 1 and key not in _NO_LABELS
        }
        if not keys:
            raise archive_error(
                self.path, "records with labels", f"features {sorted(first)} in the first"
            )
        # Parsed many at a time, since a set is opened often and has up to a million of them.
        single = {key: tf.io.FixedLenFeature([], tf.int64) for key in keys.values()}
        batches = self._records().batch(_BATCH).map(lambda r: tf.io.parse_example(r, single))
        with self._whole():
            parts = list(batches.as_numpy_iterator())
        return {
            name: np.concatenate([part[key] for part in parts])
            for name, key in sorted(keys.items())
        }

    def pictures(self) -> Iterator[bytes]:
        """Yields the encoded picture of each record, in order."""
        for features in self._examples():
            if self._image_key not in features or not features[self._image_key].bytes_list.value:
                raise archive_error(
                    self.path, f"a picture {self._image_key!r}", f"features {sorted(features)}"
                )
            yield features[self._image_key].bytes_list.value[0]

    def _examples(self):
        import tensorflow as tf

        with self._whole():
            for record in self._records().as_numpy_iterator():
                yield tf.train.Example.FromString(record).features.feature

    def _records(self):
        import tensorflow as tf

        return tf.data.TFRecordDataset([str(file) for file in self.files])

    @contextlib.contextmanager
    def _whole(self):
        """Refuses records that are cut off, damaged, or lack what the first one has."""
        import tensorflow as tf

        try:
            yield
        except (
            tf.errors.DataLossError,
            tf.errors.InvalidArgumentError,
            tf.errors.OutOfRangeError,
        ) as error:
            raise archive_error(self.path, "whole records", str(error)) from error
