"""The records that tensorflow-datasets prepares on disk: pictures and labels, without its library."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import archive_error

_PREFIX = "label_"
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
        columns = {}
        num = 0
        for number, features in enumerate(self._examples()):
            num = number + 1
            for key, feature in features.items():
                values = feature.int64_list.value
                if len(values) == 1 and key not in _NO_LABELS:
                    columns.setdefault(key.removeprefix(_PREFIX), []).append(values[0])
        if not num or any(len(column) != num for column in columns.values()):
            raise archive_error(
                self.path, "records with labels", f"{num} records, labels {list(columns)}"
            )
        return {key: np.array(columns[key], np.int64) for key in sorted(columns)}

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

        records = tf.data.TFRecordDataset([str(file) for file in self.files])
        try:
            for record in records.as_numpy_iterator():
                yield tf.train.Example.FromString(record).features.feature
        except (tf.errors.DataLossError, tf.errors.OutOfRangeError) as error:
            raise archive_error(self.path, "whole records", str(error)) from error
