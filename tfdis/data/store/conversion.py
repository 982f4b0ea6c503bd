"""Turns published files into image stores: once, in pieces, whole or not at all."""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
from absl import logging
from tqdm import tqdm

from tfdis.data.store.cache import cache_folder
from tfdis.data.store.image_store import ImageStore, write_store
from tfdis.data.store.store_format import StoreMetadata, encode_rows
from tfdis.files.once import make_folder_once

BATCH_BYTES = 2**24


def convert_once(
    key: str, metadata: StoreMetadata, images: Callable[[], Iterator[np.ndarray]]
) -> ImageStore:
    """Opens a store of the cache; it is made on first use.

    Args:
        key: name of the store's folder in the cache; other contents need another key.
        metadata: description of what the store will hold.
        images: function, called at most once, that yields uint8 images
            `[any, height, width, channels]` in order. Only what it yields at a time is ever in
            memory.

    Raises:
        OSError: the cache cannot be written.
    """

    def rows() -> Iterator[np.ndarray]:
        with (
            contextlib.closing(images()) as batches,
            tqdm(total=metadata.num_images, desc=metadata.name, unit="image") as progress,
        ):
            for batch in batches:
                yield encode_rows(batch, metadata.encoding)
                progress.update(len(batch))

    def write(folder) -> None:
        logging.info("%s: converting %s, once.", metadata.name, metadata.source)
        with contextlib.closing(rows()) as batches:
            write_store(folder, metadata, batches)

    folder = cache_folder() / key
    num_bytes = metadata.num_images * metadata.row_bytes
    make_folder_once(folder, write, num_bytes, f"the images of {metadata.name}")
    return ImageStore.open(folder)


def images_a_batch(image_shape: tuple[int, ...]) -> int:
    """Number of uint8 images that take about `BATCH_BYTES`."""
    return max(1, BATCH_BYTES // int(np.prod(image_shape)))
