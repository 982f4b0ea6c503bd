"""Files in the exact formats and shapes of the published originals, of content that compresses well.

They stand in for the originals where only sizes and formats matter: rates and memory.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

SHAPES3D_GRID = (10, 10, 10, 8, 4, 15)
MPI3D_GRID = (36, 1, 2, 3, 3, 40, 40)
NUM_CARS = 183
_BATCH = 1600
_BYTES_MAGIC, _INTEGERS_MAGIC = 0x1E3D4C55, 0x1E3D4C54


def _batches(num_images: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yields (index of the first, images [batch, 64, 64, 3])."""
    batch = np.repeat(np.random.RandomState(0).randint(256, size=(_BATCH, 8, 64, 3)), 8, axis=1)
    batch = batch.astype(np.uint8)
    for start in range(0, num_images, _BATCH):
        yield start, batch[: min(_BATCH, num_images - start)]


def write_mpi3d(path: Path, num_images: int = int(np.prod(MPI3D_GRID))) -> None:
    """Writes an npz of MPI3D."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = {"descr": "|u1", "fortran_order": False, "shape": (num_images, 64, 64, 3)}
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("images.npy", "w", force_zip64=True) as stream,
    ):
        np.lib.format.write_array_header_1_0(stream, header)
        for _, batch in _batches(num_images):
            stream.write(batch)


def write_shapes3d(path: Path, grid: tuple[int, ...] = SHAPES3D_GRID) -> None:
    """Writes the h5 of 3D Shapes, in its chunks."""
    import h5py

    path.parent.mkdir(parents=True, exist_ok=True)
    num_images = int(np.prod(grid))
    with h5py.File(path, "w") as file:
        options = {"chunks": (3750, 4, 8, 1), "compression": "gzip", "compression_opts": 1}
        images = file.create_dataset("images", (num_images, 64, 64, 3), np.uint8, **options)
        for start, batch in _batches(num_images):
            images[start : start + len(batch)] = batch
        file["labels"] = np.stack(np.unravel_index(np.arange(num_images), grid), 1).astype(float)


def write_cars3d(folder: Path) -> None:
    """Writes a folder of Cars3D's meshes."""
    import scipy.io

    folder.mkdir(parents=True)
    mesh = np.random.RandomState(0).randint(256, size=(128, 128, 3, 24, 4)).astype(np.uint8)
    for index in range(NUM_CARS):
        scipy.io.savemat(folder / f"car_{index:03}_mesh.mat", {"im": mesh})


def write_smallnorb(folder: Path) -> None:
    """Writes the six matrices of SmallNORB."""
    from tfdis.data.sets.smallnorb import CHUNKS

    folder.mkdir(parents=True)
    table = np.array(list(np.ndindex(5, 5, 9, 18, 6)), np.int32)
    for chunk, instances in (("training", (4, 6, 7, 8, 9)), ("testing", (0, 1, 2, 3, 5))):
        rows = table * np.array([1, 1, 1, 2, 1], np.int32)
        rows[:, 1] = np.array(instances)[table[:, 1]]
        prefix = folder / CHUNKS[chunk]
        _write_matrix(Path(f"{prefix}-cat.mat"), _INTEGERS_MAGIC, rows[:, 0])
        _write_matrix(Path(f"{prefix}-info.mat"), _INTEGERS_MAGIC, rows[:, 1:])
        pairs = np.random.RandomState(0).randint(256, size=(len(table), 2, 96, 96), dtype=np.uint8)
        _write_matrix(Path(f"{prefix}-dat.mat"), _BYTES_MAGIC, pairs)


def _write_matrix(path: Path, magic: int, matrix: np.ndarray) -> None:
    dims = list(matrix.shape) + [1] * max(0, 3 - matrix.ndim)
    header = np.array([magic, matrix.ndim, *dims], dtype="<i4")
    with open(path, "wb") as file:
        file.write(header.tobytes())
        np.ascontiguousarray(matrix).tofile(file)


def write_sprites(folder: Path) -> None:
    """Writes the arrays of Sprites: 1,296 characters, 9 actions and directions, 8 frames."""
    from tfdis.data.sets.sprites import ACTIONS, DIRECTIONS

    folder.mkdir(parents=True)
    codes = np.array(list(np.ndindex(6, 6, 6, 6)))
    attributes = np.repeat(np.eye(6, dtype=np.float32)[codes][:, None], 8, axis=1)
    shape = (len(codes), 8, 64, 64, 3)
    frames = np.random.RandomState(0).randint(256, size=shape, dtype=np.uint8) / np.float32(256)
    for action in ACTIONS:
        for direction in DIRECTIONS:
            for kind, array in (("frames", frames), ("attributes", attributes)):
                np.save(folder / f"{action}_{direction}_{kind}_train.npy", array[:1000])
                np.save(folder / f"{action}_{direction}_{kind}_test.npy", array[1000:])


def write_painting(path: Path) -> None:
    """Writes a picture of the size of the one behind scream_dsprites."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.RandomState(0).randint(256, size=(367, 300, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def write_own_files(folder: Path) -> None:
    """Writes the two arrays of a user's own data set: 10,000 images, two factors."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.concatenate([batch for _, batch in _batches(10_000)])
    np.savez(folder / "images.npz", images=images)
    np.savez(folder / "factors.npz", factors=np.array(list(np.ndindex(100, 100))))


def write_originals(name: str, folder: Path) -> list[str]:
    """Writes what a data set of tfdis needs below its folder of originals.

    Args:
        name: the data set's registered name.
        folder: becomes `$DISENTANGLEMENT_LIB_DATA`.

    Returns:
        Gin lines that the set needs beside them.
    """
    if name.startswith("mpi3d"):
        write_mpi3d(folder / name / f"{name}.npz", int(np.prod((4, 4, 2, 3, 3, 40, 40))))
    elif name == "shapes3d":
        write_shapes3d(folder / "3dshapes" / "3dshapes.h5")
    elif name == "cars3d":
        write_cars3d(folder / "cars")
    elif name == "smallnorb":
        write_smallnorb(folder / "small_norb")
    elif name == "sprites":
        write_sprites(folder / "sprites" / "npy")
    elif name == "scream_dsprites":
        write_painting(folder / "scream" / "scream.jpg")
    elif name == "from_files":
        write_own_files(folder)
        return [f"from_files.{kind} = '{folder / kind}.npz'" for kind in ("images", "factors")]
    return []
