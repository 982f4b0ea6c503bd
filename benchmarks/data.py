"""Data sets: rendering rate, time to the first batch, images per second, memory.

Each figure comes from a fresh process. Sets whose original files are absent are measured on synthetic
ones of the same format and size (`synthetic_originals.py`; MPI3D at 460,800 images; arm3d on a grid
of 1,800), which need up to 8 GB of disk and are deleted after each set.
Example: `python benchmarks/data.py --names=dsprites_full`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from absl import app, flags

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from benchmarks import synthetic_originals  # noqa: E402

_NAMES = flags.DEFINE_list("names", [], "Data sets; all by default.")
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images a batch.", lower_bound=1)
_NUM_BATCHES = flags.DEFINE_integer("num_batches", 2000, "Batches to time.", lower_bound=1)
_RENDER = flags.DEFINE_bool("render", True, "Whether to time rendering dSprites, in a new folder.")
_WORKER = flags.DEFINE_string("worker", "", "Internal: what this process measures.")
_GIN_BINDINGS = flags.DEFINE_multi_string("gin_bindings", [], "Gin lines, options of a set.")


def _peak_megabytes(unit: str = "VmHWM") -> float:
    """Peak (VmHWM) or present (VmRSS) resident memory of this process."""
    with open("/proc/self/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith(unit))
    return int(line.split()[1]) / 1e3


def _measure_rendering() -> dict:
    from tfdis.data.sets.dsprites.dsprites import dsprites_images

    start, cpu = time.perf_counter(), time.process_time()
    num_images = len(dsprites_images())
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "cpu_seconds": time.process_time() - cpu,
        "images_per_second": num_images / seconds,
        "peak_mb": _peak_megabytes(),
    }


def _open(name: str):
    import gin

    from tfdis.data.named import get_named_ground_truth_data

    gin.parse_config(_GIN_BINDINGS.value)
    return get_named_ground_truth_data(name)


def _measure_stream(name: str) -> dict:
    start = time.perf_counter()
    import tensorflow  # noqa: F401 - timed on its own

    imported = time.perf_counter()
    imported_mb = _peak_megabytes()
    from tfdis.data.streams.image_stream import image_stream

    data = _open(name)
    batches = iter(image_stream(data, _BATCH_SIZE.value, seed=0))
    next(batches)
    first = time.perf_counter()
    cpu = time.process_time()
    for _ in range(_NUM_BATCHES.value):
        next(batches)
    seconds = time.perf_counter() - first
    return {
        "import_seconds": imported - start,
        "import_mb": imported_mb,
        "first_batch_seconds": first - imported,
        "images_per_second": _NUM_BATCHES.value * _BATCH_SIZE.value / seconds,
        "cpu_ms_per_batch": (time.process_time() - cpu) / _NUM_BATCHES.value * 1e3,
        "peak_mb": _peak_megabytes(),
    }


def _make(name: str) -> dict:
    start = time.perf_counter()
    provenance = _open(name).provenance
    return {
        "provenance": provenance,
        "make_seconds": time.perf_counter() - start,
        "make_mb": _peak_megabytes(),
    }


def _measure(name: str) -> dict:
    """Makes what the set keeps on disk, then streams it."""
    with tempfile.TemporaryDirectory() as folder:
        if name.startswith("arm3d"):  # A grid of its own; the full one takes hours.
            return _made_and_streamed(name, ["arm3d.factor_sizes = (2, 2, 2, 3, 3, 5, 5)"], folder)
        try:
            return _made_and_streamed(name)
        except subprocess.CalledProcessError:  # The originals are not here.
            bindings = synthetic_originals.write_originals(name, Path(folder))
            # Sets made of dSprites need the re-rendered sprites of the cache as well.
            cache = None if name.endswith("dsprites") else folder
            figures = _made_and_streamed(name, bindings, cache, DISENTANGLEMENT_LIB_DATA=folder)
            return figures | {"provenance": "synthetic"}


def _made_and_streamed(
    name: str, bindings: Sequence[str] = (), cache: str | None = None, **environment: str
) -> dict:
    if cache:
        environment["TFDIS_DATA"] = cache
    made = _in_fresh_process(f"make:{name}", bindings, **environment)
    return made | _in_fresh_process(f"stream:{name}", bindings, **environment)


def _in_fresh_process(worker: str, bindings: Sequence[str] = (), **environment: str) -> dict:
    command = [sys.executable, __file__, *sys.argv[1:], f"--worker={worker}"]
    command += [f"--gin_bindings={binding}" for binding in bindings]
    result = subprocess.run(
        command,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return json.loads(result.stdout.splitlines()[-1])


def _lines() -> Iterator[str]:
    from tfdis.data.named import data_set_names

    if _RENDER.value:
        with tempfile.TemporaryDirectory() as folder:
            figures = _in_fresh_process(
                "render", TFDIS_DATA=folder, DISENTANGLEMENT_LIB_DATA=folder
            )
        yield (
            "dSprites re-rendered: {seconds:.1f} s ({cpu_seconds:.1f} s of one core), "
            "{images_per_second:,.0f} images/s, peak {peak_mb:,.0f} MB".format(**figures)
        )
    yield (
        f"{'batches of ' + str(_BATCH_SIZE.value):<20}{'provenance':<13}{'made in':>9}{'peak':>9}"
        f"{'first batch':>13}{'images/s':>12}{'CPU/batch':>12}{'peak':>10}"
    )
    # `features` are vectors that bin/extract_features makes; see extraction.py.
    for name in _NAMES.value or sorted(set(data_set_names()) - {"features"}):
        figures = _measure(name)
        yield (
            "{name:<20}{provenance:<13}{make_seconds:>7.1f} s{make_mb:>6,.0f} MB"
            "{first_batch_seconds:>11.2f} s{images_per_second:>12,.0f}"
            "{cpu_ms_per_batch:>9.2f} ms{peak_mb:>7,.0f} MB".format(name=name, **figures)
        )
    yield (
        "TensorFlow's import alone: {import_seconds:.1f} s (not counted in first batch), "
        "{import_mb:,.0f} MB (counted in peak)".format(**figures)
    )


def main(arguments: list[str]) -> None:
    """Prints the table."""
    if len(arguments) > 1:
        raise app.UsageError(f"Expected flags only. Received: {arguments[1:]}.")
    workers = {"render": _measure_rendering, "make": _make, "stream": _measure_stream}
    if _WORKER.value:
        worker, *names = _WORKER.value.split(":")
        sys.stdout.write(json.dumps(workers[worker](*names)) + "\n")
        return
    for line in _lines():
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    app.run(main)
