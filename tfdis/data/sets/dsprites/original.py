"""The original dSprites archive, turned into an image store once, without unpickling anything."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tfdis.data.download.originals import originals_folder
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.npz import NpzArray, array_names
from tfdis.data.log_once import log_once
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.store.conversion import convert_once
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata

FILE_NAME = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
FACTOR_SIZES = (1, 3, 6, 40, 32, 32)
_BATCH_SIZE = 2048


def original_path() -> Path:
    """Path where disentanglement_lib looks for it: `$DISENTANGLEMENT_LIB_DATA/dsprites/`."""
    return originals_folder() / "dsprites" / FILE_NAME


def open_original(path: Path, factor_sizes: Sequence[int] = FACTOR_SIZES) -> ImageStore:
    """Opens the archive's images; on first use they are packed into the cache, one bit per pixel.

    Only the plain arrays `imgs` and, if there, `latents_classes` are read; the archive is never
    changed.

    Args:
        path: path of the npz archive.
        factor_sizes: numbers of values of all factors, colour included.

    Returns:
        The images, in the archive's order.

    Raises:
        ValueError: the archive is damaged, or holds other images than those of dSprites.
        OSError: the cache cannot be written.
    """
    path = Path(path)
    images = NpzArray(path, "imgs")
    num_images = int(np.prod(factor_sizes))
    expected = (num_images, 64, 64)
    if images.shape != expected or images.dtype.itemsize != 1:
        received = f"{images.dtype} of shape {images.shape}"
        raise archive_error(path, f"imgs, uint8 of shape {expected}", received)
    metadata = StoreMetadata(
        name="dSprites",
        num_images=num_images,
        image_shape=(64, 64, 1),
        encoding="bits",
        provenance="original",
        source=f"imgs of {FILE_NAME}, CRC-32 {images.checksum:08x}",
    )

    def masks() -> Iterator[np.ndarray]:
        _check_order(path, factor_sizes)
        for batch in images.batches(_BATCH_SIZE):
            if batch.view(np.uint8).max() > 1:
                raise archive_error(path, "pixels 0 and 1", f"{batch.view(np.uint8).max()}")
            yield batch

    store = convert_once(f"dsprites-original-{images.checksum:08x}", metadata, masks)
    log_once(f"dSprites: the original file ({path}).")
    return store


def _check_order(path: Path, factor_sizes: Sequence[int]) -> None:
    """Refuses an archive whose factor table is not the grid in order, since labels would be wrong."""
    if "latents_classes" not in array_names(path):
        return
    space = FactorStateSpace(factor_sizes)
    classes = NpzArray(path, "latents_classes")
    expected = (space.num_states, len(factor_sizes))
    if classes.shape != expected:
        raise archive_error(path, f"latents_classes of shape {expected}", f"{classes.shape}")
    start = 0
    for batch in classes.batches(65536):
        if not np.array_equal(batch, space.factors_of(np.arange(start, start + len(batch)))):
            raise archive_error(
                path,
                "latents_classes that count through all factors, the last one fastest",
                f"another order in rows {start} to {start + len(batch) - 1}",
            )
        start += len(batch)
