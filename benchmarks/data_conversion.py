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
from pathlib import Path

import numpy as np
from absl import app, flags

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import synthetic_originals as originals  # noqa: E402

_SHARE = flags.DEFINE_float("share", 0.125, "Of the images of MPI3D and 3D Shapes.", 0.01, 1)
_FOLDER = flags.DEFINE_string("folder", None, "Where to work; a temporary folder by default.")
_WORKER = flags.DEFINE_string("worker", "", "Internal: what this process converts.")


def _grids() -> dict[str, tuple[int, ...]]:
    """The full grids with the slowest factors shortened."""
    return {
        "mpi3d": _shortened(originals.MPI3D_GRID),
        "shapes3d": _shortened(originals.SHAPES3D_GRID),
    }


def _shortened(grid: tuple[int, ...]) -> tuple[int, ...]:
    return (max(1, round(grid[0] * _SHARE.value)), *grid[1:])


def _convert(name: str, path: str) -> dict:
    from tfdis.data.sets import mpi3d, shapes3d
    from tfdis.data.sets.cars3d import cars3d

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
    """Prints one line for each original."""
    if _WORKER.value:
        sys.stdout.write(json.dumps(_convert(*_WORKER.value.split(":", 1))) + "\n")
        return
    with tempfile.TemporaryDirectory(dir=_FOLDER.value) as folder:
        folder, cache = Path(folder), Path(folder) / "cache"
        grids = _grids()
        originals.write_mpi3d(folder / "mpi3d.npz", int(np.prod(grids["mpi3d"])))
        sys.stdout.write(_measure("mpi3d", folder / "mpi3d.npz", cache) + "\n")
        originals.write_shapes3d(folder / "3dshapes.h5", grids["shapes3d"])
        sys.stdout.write(_measure("shapes3d", folder / "3dshapes.h5", cache) + "\n")
        originals.write_cars3d(folder / "cars")
        sys.stdout.write(_measure("cars3d", folder / "cars", cache) + "\n")


if __name__ == "__main__":
    app.run(main)
