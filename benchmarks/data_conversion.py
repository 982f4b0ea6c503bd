"""Conversion of original files to stores: seconds, rate and peak memory, each in a fresh process.

The originals are synthetic, in the exact formats and shapes, of content that compresses well; by
default an eighth of MPI3D. `python benchmarks/data_conversion.py --share=1` takes all of it: 13 GB of
disk, about eight minutes (most of them to write the originals).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from absl import app, flags

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_SHARE = flags.DEFINE_float("share", 0.125, "Of the images of MPI3D and 3D Shapes.", 0.01, 1)
_FOLDER = flags.DEFINE_string("folder", None, "Where to work; a temporary folder by default.")
_WORKER = flags.DEFINE_string("worker", "", "Internal: what this process converts.")
_BATCH = 1600


def _grids() -> dict[str, tuple[int, ...]]:
    """The full grids with the slowest factors shortened."""
    return {
        "mpi3d": (max(1, round(36 * _SHARE.value)), 1, 2, 3, 3, 40, 40),
        "shapes3d": (max(1, round(10 * _SHARE.value)), 10, 10, 8, 4, 15),
    }


def _batches(num_images: int):
    batch = np.repeat(np.random.RandomState(0).randint(256, size=(_BATCH, 8, 64, 3)), 8, axis=1)
    batch = batch.astype(np.uint8)
    for start in range(0, num_images, _BATCH):
        yield start, batch[: min(_BATCH, num_images - start)]


def _write_npz(path: Path, num_images: int) -> None:
    header = {"descr": "|u1", "fortran_order": False, "shape": (num_images, 64, 64, 3)}
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("images.npy", "w", force_zip64=True) as stream,
    ):
        np.lib.format.write_array_header_1_0(stream, header)
        for _, batch in _batches(num_images):
            stream.write(batch)


def _write_h5(path: Path, grid: tuple[int, ...]) -> None:
    import h5py

    num_images = int(np.prod(grid))
    with h5py.File(path, "w") as file:
        options = {"chunks": (3750, 4, 8, 1), "compression": "gzip", "compression_opts": 1}
        images = file.create_dataset("images", (num_images, 64, 64, 3), np.uint8, **options)
        for start, batch in _batches(num_images):
            images[start : start + len(batch)] = batch
        file["labels"] = np.stack(np.unravel_index(np.arange(num_images), grid), 1).astype(float)


def _write_cars(folder: Path) -> None:
    import scipy.io

    folder.mkdir()
    mesh = np.random.RandomState(0).randint(256, size=(128, 128, 3, 24, 4)).astype(np.uint8)
    for index in range(183):
        scipy.io.savemat(folder / f"car_{index:03}_mesh.mat", {"im": mesh})


def _convert(name: str, path: str) -> dict:
    from tfdis.data import cars3d, mpi3d, shapes3d

    start = time.perf_counter()
    if name == "mpi3d":
        images, _ = mpi3d.open_original("mpi3d_real", Path(path), (_grids()["mpi3d"],))
    elif name == "shapes3d":
        images = shapes3d.open_original(Path(path), _grids()["shapes3d"])
    else:
        images = cars3d.open_original(Path(path))
    seconds = time.perf_counter() - start
    with open("/proc/self/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return {
        "num_images": len(images),
        "megabytes": len(images) * images.metadata.row_bytes / 1e6,
        "seconds": seconds,
        "peak_mb": int(line.split()[1]) / 1e3,
    }


def _measure(name: str, path: Path, cache: Path) -> str:
    command = [sys.executable, __file__, *sys.argv[1:], f"--worker={name}:{path}"]
    environment = {**os.environ, "TFDIS_DATA": str(cache)}
    output = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    figures = json.loads(output.splitlines()[-1])
    return (
        "{name:<10}{num_images:>10,} images{megabytes:>9,.0f} MB{seconds:>8.1f} s"
        "{peak_mb:>8,.0f} MB peak".format(name=name, **figures)
    )


def main(_) -> None:
    """Prints a line an original."""
    if _WORKER.value:
        sys.stdout.write(json.dumps(_convert(*_WORKER.value.split(":", 1))) + "\n")
        return
    with tempfile.TemporaryDirectory(dir=_FOLDER.value) as folder:
        folder, cache = Path(folder), Path(folder) / "cache"
        grids = _grids()
        _write_npz(folder / "mpi3d.npz", int(np.prod(grids["mpi3d"])))
        sys.stdout.write(_measure("mpi3d", folder / "mpi3d.npz", cache) + "\n")
        _write_h5(folder / "3dshapes.h5", grids["shapes3d"])
        sys.stdout.write(_measure("shapes3d", folder / "3dshapes.h5", cache) + "\n")
        _write_cars(folder / "cars")
        sys.stdout.write(_measure("cars3d", folder / "cars", cache) + "\n")


if __name__ == "__main__":
    app.run(main)
