"""A user's own images: an array in a npz, npy or HDF5 file, or a folder of pictures."""

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tfdis.data.formats.errors import archive_error
from tfdis.data.formats.h5 import H5Array
from tfdis.data.formats.npy import NpyArray
from tfdis.data.formats.npz import NpzArray

PICTURE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
_FIX = "correct the folder or the table"
ARRAY_SUFFIXES = (".npz", ".npy", ".h5", ".hdf5")


def picture_names(folder: Path) -> list[str]:
    """Names of the pictures in a folder, sorted."""
    return sorted(file.name for file in folder.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES)


class PictureFolder:
    """The pictures in a folder as one array.

    Args:
        path: path of the folder.
        names: names of the files, in the wanted order; None for all pictures, sorted by name.

    Attributes:
        shape, dtype: uint8 `[num, height, width, channels]`, as given by the first picture: one
            channel if it is grey, else three.

    Raises:
        ValueError: there is no picture, or a name leads out of the folder.
        FileNotFoundError: a named picture is missing.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, path: str | os.PathLike, names: Sequence[str] | None = None):
        self.path = Path(path)
        if names is None:
            names = picture_names(self.path)
        if not len(names):
            raise archive_error(
                self.path, f"pictures ({', '.join(PICTURE_SUFFIXES)})", "none", _FIX
            )
        root = self.path.resolve()
        self.files = [self.path / str(name) for name in names]
        for file in self.files:
            if not file.resolve().is_relative_to(root):
                raise archive_error(self.path, "pictures inside this folder", f"{file}", _FIX)
            if not file.is_file():
                raise FileNotFoundError(
                    f"Expected a picture at {file}, named in the factor table. "
                    "Received: no such file. Fix: put it there, or correct the table."
                )
        first = self._read(self.files[0], None)
        self.shape = (len(self.files), *first.shape)

    def batches(self, batch_size: int) -> Iterator[np.ndarray]:
        """Yields uint8 arrays of up to `batch_size` pictures, in order.

        Raises:
            ValueError: a picture is damaged, or differs in size from the first one.
        """
        for start in range(0, len(self.files), batch_size):
            files = self.files[start : start + batch_size]
            yield np.stack([self._read(file, self.shape[1:]) for file in files])

    def _read(self, file: Path, shape: tuple[int, ...] | None) -> np.ndarray:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(file) as image:
                    height, width = image.height, image.width
                    is_grey = image.mode in ("1", "L") if shape is None else shape[2] == 1
                    if shape is not None and (height, width) != shape[:2]:
                        expected = f"{shape[:2]} pixels, as {self.files[0].name}"
                        raise archive_error(file, expected, f"{height, width}", "resize it")
                    pixels = np.asarray(image.convert("L" if is_grey else "RGB"))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise archive_error(
                file, "a picture of sensible size", str(error), "resize it"
            ) from error
        except (OSError, SyntaxError) as error:
            raise archive_error(file, "a complete picture", str(error), _FIX) from error
        return pixels[..., None] if is_grey else pixels


class PlainImages:
    """An array of images in a file, seen as `[num, height, width, channels]`.

    Args:
        array: `NpzArray`, `NpyArray` or `H5Array` of numbers or bool, `[num, height, width]` or
            `[num, height, width, channels]`.

    Raises:
        ValueError: the array is of another kind, or looks as if its channels came first.
    """

    def __init__(self, array: NpzArray | NpyArray | H5Array):
        is_image = len(array.shape) in (3, 4) and min(array.shape) > 0
        looks_channels_first = is_image and array.shape[1] <= 4 and min(array.shape[2:]) >= 8
        if not is_image or looks_channels_first or array.dtype.kind not in "buif":
            raise archive_error(
                array.path,
                "images, uint8 0..255 or floats in [0, 1], of shape [num, height, width, channels]",
                f"{array.dtype} of shape {array.shape}",
                "this looks like channels first; move them to the last axis, np.moveaxis(images, 1, -1)"
                if looks_channels_first
                else "write them as such",
            )
        self.path = array.path
        self.files = [array.path]
        self.dtype = array.dtype
        self.shape = array.shape if len(array.shape) == 4 else (*array.shape, 1)
        self._array = array

    def batches(self, batch_size: int) -> Iterator[np.ndarray]:
        """Yields arrays of about `batch_size` images, in order."""
        for batch in self._array.batches(batch_size):
            yield batch.reshape(len(batch), *self.shape[1:])


def open_array(path: str | os.PathLike, key: str) -> NpzArray | NpyArray | H5Array:
    """Opens an array in a file; the file's suffix tells its format.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the suffix is unknown, or the file is damaged or has no such array.
    """
    path = Path(path)
    if not path.is_file():
        received = "a folder" if path.is_dir() else "no such file"
        raise FileNotFoundError(f"Expected a file at {path}. Received: {received}.")
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return NpzArray(path, key)
    if suffix == ".npy":
        return NpyArray(path)
    if suffix in ARRAY_SUFFIXES:
        return H5Array(path, key)
    raise ValueError(f"Expected a file that ends in {', '.join(ARRAY_SUFFIXES)}. Received: {path}.")


def open_images(
    path: str | os.PathLike, key: str = "images", names: Sequence[str] | None = None
) -> PictureFolder | PlainImages:
    """Opens a user's images.

    Args:
        path: path of a folder of pictures, or of a `.npz`, `.npy`, `.h5` or `.hdf5` file.
        key: name of the array in a `.npz` or HDF5 file.
        names: names of the pictures' files in a folder, in order.

    Raises:
        FileNotFoundError: there is no such file or folder, or a named picture is missing.
        ValueError: the folder has no pictures, or the file is no array of images.
    """
    if Path(path).is_dir():
        return PictureFolder(path, names)
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"Expected a folder of pictures, or a file, at {path}. Received: no such file or folder."
        )
    return PlainImages(open_array(path, key))
