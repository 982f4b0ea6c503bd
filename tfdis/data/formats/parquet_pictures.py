"""Parquet files of pictures and labels, as Hugging Face's datasets are stored."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tfdis.data.formats.errors import archive_error
from tfdis.files.optional import optional_module

_PREFIX = "label_"
_BATCH = 1024
# What pyarrow does, for the message if it is missing.
_USE = "reads parquet files"


class ParquetPictures:
    """The parquet files of one split; pyarrow is imported on first use.

    Args:
        path: path of a folder with files `<split>-*.parquet`.
        split: name of the split.
        image_key: name of the column of pictures, a structure with `bytes`, or bytes themselves.

    Attributes:
        files: paths of the files, in order.

    Raises:
        FileNotFoundError: there are no such files.
    """

    def __init__(self, path: Path, split: str = "train", image_key: str = "image"):
        self.path = path
        self.files = sorted(path.glob(f"{split}-*.parquet"))
        if not self.files:
            raise FileNotFoundError(
                f"Expected files {path}/{split}-*.parquet. Received: none. Fix: give the folder that they "
                "are in, usually called data."
            )
        self._image_key = image_key

    def labels(self) -> dict[str, np.ndarray]:
        """Columns of integers by name, without the prefix "label_"."""
        pyarrow = optional_module("pyarrow", _USE)
        schema = self._open(self.files[0]).schema_arrow
        keys = [f.name for f in schema if pyarrow.types.is_integer(f.type)]
        parts = {key: [] for key in keys}
        for batch in self._batches(keys):
            for key in keys:
                column = batch.column(key)
                if column.null_count:
                    raise archive_error(self.path, f"a value of {key} in every row", "none in some")
                parts[key].append(column.to_numpy().astype(np.int64))
        if not keys:
            raise archive_error(self.path, "columns of integer labels", f"{schema.names}")
        return {key.removeprefix(_PREFIX): np.concatenate(parts[key]) for key in keys}

    def pictures(self) -> Iterator[bytes]:
        """Yields the encoded picture of each row, in order."""
        for batch in self._batches([self._image_key]):
            for value in batch.column(self._image_key).to_pylist():
                data = value.get("bytes") if isinstance(value, dict) else value
                if not isinstance(data, bytes):
                    raise archive_error(self.path, "bytes of pictures", f"{type(data).__name__}")
                yield data

    def _batches(self, keys):
        for path in self.files:
            file = self._open(path)
            missing = sorted(set(keys) - set(file.schema_arrow.names))
            if missing:
                raise archive_error(path, f"columns {missing}", f"{file.schema_arrow.names}")
            yield from file.iter_batches(_BATCH, columns=keys)

    def _open(self, path):
        pyarrow = optional_module("pyarrow", _USE)
        from pyarrow import parquet

        try:
            return parquet.ParquetFile(path)
        except (pyarrow.ArrowInvalid, OSError) as error:
            raise archive_error(path, "a parquet file", str(error)) from error
