"""The images of arm3d in the cache: drawn once, by all cores; drawing goes on after a kill."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import logging
from tqdm import tqdm

from tfdis.data.sets.arm3d import camera as arm3d_camera
from tfdis.data.sets.arm3d import scene as arm3d_scene
from tfdis.data.sets.arm3d.processes import draw_all
from tfdis.data.store.cache import cache_folder
from tfdis.data.store.image_store import IMAGES_FILE, ImageStore, write_metadata
from tfdis.data.store.store_format import StoreMetadata, npy_header
from tfdis.files.cores import num_cores
from tfdis.files.once import make_folder_once

IMAGE_SHAPE = (64, 64, 3)
IMAGES_A_PIECE = 200
_DONE_FILE = "done"


def arm_images(
    name: str, factor_sizes: Sequence[int], num_processes: int | None = None
) -> ImageStore:
    """Opens the images of a rendering and a grid; they are drawn on first use.

    Args:
        name: one of `arm3d_scene.RENDERINGS`.
        factor_sizes: numbers of values of the seven factors.
        num_processes: number of processes that draw; None for one per core.

    Raises:
        ImportError: the images must be drawn, and MuJoCo is missing or cannot draw here.
        RuntimeError: drawing fails; what is drawn is kept for the next start.
        OSError: the cache cannot be written.
    """
    sizes = "x".join(map(str, factor_sizes))
    key = f"{name}-{sizes}-{scene_digest(name)}"
    metadata = StoreMetadata(
        name=f"{name} {sizes}",
        num_images=int(np.prod(factor_sizes, dtype=np.int64)),
        image_shape=IMAGE_SHAPE,
        encoding="bytes",
        provenance="generated",
        source=f"drawn with MuJoCo, scene {scene_digest(name)}",
    )
    folder = cache_folder() / key
    work = cache_folder() / f".{key}.drawing"

    def write(partial: Path) -> None:
        drawing = _Drawing(work, metadata)
        drawing.draw([name, sizes], num_processes or num_cores())
        drawing.move_to(partial)

    missing_bytes = metadata.num_images * metadata.row_bytes - _bytes_on_disk(work)
    make_folder_once(folder, write, max(0, missing_bytes), f"the images of {metadata.name}")
    shutil.rmtree(work, ignore_errors=True)
    return ImageStore.open(folder)


def scene_digest(name: str) -> str:
    """Eight digits that change with the scene or the camera, so that images never mix."""
    rendering = arm3d_scene.RENDERINGS[name]
    parts = [arm3d_scene.scene_xml(rendering), repr(rendering), repr(arm3d_scene.BACKGROUNDS)]
    parts += [repr(arm3d_scene.HORIZONTAL_RANGE), repr(arm3d_scene.VERTICAL_RANGE)]
    if rendering.has_camera:
        constants = vars(arm3d_camera).items()
        parts += [f"{key}={value!r}" for key, value in sorted(constants) if key[1:].isupper()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


class _Drawing:
    """A folder with images in the making, and a file that notes finished pieces, one byte for each."""

    def __init__(self, folder: Path, metadata: StoreMetadata):
        self._folder = folder
        self._metadata = metadata
        self._images = folder / IMAGES_FILE
        starts = range(0, metadata.num_images, IMAGES_A_PIECE)
        self._pieces = [(s, min(s + IMAGES_A_PIECE, metadata.num_images)) for s in starts]
        self._num_bytes = metadata.num_images * metadata.row_bytes
        self._header = npy_header(metadata)
        if not self._is_resumable():
            self._start_anew()

    def draw(self, scene: list[str], num_processes: int) -> None:
        """Draws all pieces that are not noted as finished."""
        finished = np.frombuffer((self._folder / _DONE_FILE).read_bytes(), dtype=np.uint8)
        missing = [piece for piece, flag in zip(self._pieces, finished, strict=True) if not flag]
        num_missing = sum(stop - start for start, stop in missing)
        total = self._metadata.num_images
        logging.info("%s: drawing %d of %d images.", self._metadata.name, num_missing, total)
        arguments = [*scene, str(self._images), str(len(self._header))]
        progress = tqdm(
            total=total, initial=total - num_missing, desc=self._metadata.name, unit="image"
        )
        with progress, open(self._folder / _DONE_FILE, "r+b", buffering=0) as done:
            if not missing:
                return
            for start, stop in draw_all(arguments, self._folder, missing, num_processes):
                done.seek(start // IMAGES_A_PIECE)
                done.write(b"\1")
                progress.update(stop - start)

    def move_to(self, store: Path) -> None:
        """Makes a store of the finished images: the metadata first, the images by renaming."""
        with open(self._images, "rb") as file:
            file.seek(len(self._header))
            digest = hashlib.file_digest(file, "sha256")
        write_metadata(store, self._metadata, digest.hexdigest())
        os.replace(self._images, store / IMAGES_FILE)

    def _is_resumable(self):
        """Whether the folder has the images file and the notes of a start that was killed."""
        try:
            with open(self._images, "rb") as file:
                has_header = file.read(len(self._header)) == self._header
            return (
                has_header
                and self._images.stat().st_size == len(self._header) + self._num_bytes
                and (self._folder / _DONE_FILE).stat().st_size == len(self._pieces)
            )
        except FileNotFoundError:
            return False

    def _start_anew(self):
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        with open(self._images, "wb") as file:
            file.write(self._header)
            file.truncate(len(self._header) + self._num_bytes)
        (self._folder / _DONE_FILE).write_bytes(bytes(len(self._pieces)))


def _bytes_on_disk(work):
    """Number of bytes that a killed start has written (elsewhere the file has holes)."""
    try:
        return (work / IMAGES_FILE).stat().st_blocks * 512
    except (FileNotFoundError, AttributeError):
        return 0
