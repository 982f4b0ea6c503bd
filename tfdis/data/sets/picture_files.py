"""Published folders of single pictures as stores of images of one size."""

from collections.abc import Sequence
from pathlib import Path

from tfdis.data.download.originals import fingerprint
from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.resized_pictures import resized_pictures
from tfdis.data.store.conversion import convert_once
from tfdis.data.store.image_store import ImageStore
from tfdis.data.store.store_format import StoreMetadata

# About so many pictures, evenly spread, tell one folder from another.
_NUM_PROBED = 64


def numbered_pictures(folder: Path, num_images: int, num_digits: int) -> list[Path]:
    """Paths `images/<number>.png` below a folder, with so many digits, from 0 on.

    Raises:
        ValueError: the first or the last one is missing.
    """
    paths = [folder / "images" / f"{index:0{num_digits}}.png" for index in range(num_images)]
    for path in (paths[0], paths[-1]):
        if not path.is_file():
            raise archive_error(folder, f"pictures up to {paths[-1].name}", f"no {path.name}")
    return paths


def open_picture_files(
    key: str,
    name: str,
    paths: Sequence[Path],
    image_size: int,
    source: str,
    label_files: Sequence[Path] = (),
) -> ImageStore:
    """Opens pictures as RGB images, resized whole into the cache on first use.

    Args:
        key: name of the store in the cache, which is completed by a fingerprint of the files.
        name: name of the data set, for messages.
        paths: paths of the pictures, in the order of the images.
        image_size: height and width of the images, in pixels.
        source: text that says where the pictures come from.
        label_files: paths of further files that tell other contents apart.

    Raises:
        ValueError: a file is no picture, or is damaged.
        OSError: the cache cannot be written.
    """
    digits = fingerprint([*label_files, *paths[:: max(1, len(paths) // _NUM_PROBED)]])
    metadata = StoreMetadata(
        name=name,
        num_images=len(paths),
        image_shape=(image_size, image_size, 3),
        encoding="bytes",
        provenance="original",
        source=f"{source}, fingerprint {digits}",
    )
    return convert_once(f"{key}-{digits}", metadata, lambda: resized_pictures(paths, image_size))
