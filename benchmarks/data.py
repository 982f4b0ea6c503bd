"""Data sets: rendering rate, time to the first batch, images per second, memory.

Each figure comes from a fresh process; `data_conversion.py` measures original files.
Example: `python benchmarks/data.py --names=dsprites_full`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

from absl import app, flags

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_NAMES = flags.DEFINE_list(
    "names",
    [
        "dsprites_full",
        "dsprites_hearts",
        "color_dsprites",
        "noisy_dsprites",
        "xysquares",
        "xyobject",
        "dummy_data",
    ],
    "Data sets; those that need original files too, if these are there.",
)
_BATCH_SIZE = flags.DEFINE_integer("batch_size", 64, "Images a batch.", lower_bound=1)
_NUM_BATCHES = flags.DEFINE_integer("num_batches", 2000, "Batches to time.", lower_bound=1)
_RENDER = flags.DEFINE_bool("render", True, "Whether to time rendering dSprites, in a new folder.")
_WORKER = flags.DEFINE_string("worker", "", "Internal: what this process measures.")


def _peak_megabytes(unit: str = "VmHWM") -> float:
    """Peak (VmHWM) or present (VmRSS) resident memory of this process."""
    with open("/proc/self/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith(unit))
    return int(line.split()[1]) / 1e3


def _measure_rendering() -> dict:
    from tfdis.data.dsprites import dsprites_images

    start, cpu = time.perf_counter(), time.process_time()
    num_images = len(dsprites_images())
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "cpu_seconds": time.process_time() - cpu,
        "images_per_second": num_images / seconds,
        "peak_mb": _peak_megabytes(),
    }


def _measure_stream(name: str) -> dict:
    start = time.perf_counter()
    import tensorflow  # noqa: F401 - timed on its own

    imported = time.perf_counter()
    imported_mb = _peak_megabytes()
    from tfdis.data.named import get_named_ground_truth_data
    from tfdis.data.stream import image_stream

    data = get_named_ground_truth_data(name)
    batches = iter(image_stream(data, _BATCH_SIZE.value, seed=0))
    next(batches)
    first = time.perf_counter()
    cpu = time.process_time()
    for _ in range(_NUM_BATCHES.value):
        next(batches)
    seconds = time.perf_counter() - first
    return {
        "provenance": data.provenance,
        "import_seconds": imported - start,
        "import_mb": imported_mb,
        "first_batch_seconds": first - imported,
        "images_per_second": _NUM_BATCHES.value * _BATCH_SIZE.value / seconds,
        "cpu_ms_per_batch": (time.process_time() - cpu) / _NUM_BATCHES.value * 1e3,
        "peak_mb": _peak_megabytes(),
    }


def _make(name: str) -> dict:
    from tfdis.data.named import get_named_ground_truth_data

    return {"name": get_named_ground_truth_data(name).name}


def _in_fresh_process(worker: str, **environment: str) -> dict:
    command = [sys.executable, __file__, *sys.argv[1:], f"--worker={worker}"]
    result = subprocess.run(
        command,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(result.stdout.splitlines()[-1])


def _table() -> str:
    lines = []
    if _RENDER.value:
        with tempfile.TemporaryDirectory() as folder:
            figures = _in_fresh_process(
                "render", TFDIS_DATA=folder, DISENTANGLEMENT_LIB_DATA=folder
            )
        lines.append(
            "dSprites re-rendered: {seconds:.1f} s ({cpu_seconds:.1f} s of one core), "
            "{images_per_second:,.0f} images/s, peak {peak_mb:,.0f} MB".format(**figures)
        )
    lines.append(
        f"{'batches of ' + str(_BATCH_SIZE.value):<18}{'provenance':<13}{'first batch':>12}"
        f"{'images/s':>12}{'CPU/batch':>12}{'peak':>10}"
    )
    for name in _NAMES.value:
        _in_fresh_process(f"make:{name}")  # Makes the file, if the set needs one.
        figures = _in_fresh_process(f"stream:{name}")
        lines.append(
            "{name:<18}{provenance:<13}{first_batch_seconds:>10.2f} s{images_per_second:>12,.0f}"
            "{cpu_ms_per_batch:>9.2f} ms{peak_mb:>7,.0f} MB".format(name=name, **figures)
        )
    lines.append(
        "TensorFlow's import alone: {import_seconds:.1f} s (not counted in first batch), "
        "{import_mb:,.0f} MB (counted in peak)".format(**figures)
    )
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Prints the table."""
    if len(arguments) > 1:
        raise app.UsageError(f"Expected flags only. Received: {arguments[1:]}.")
    workers = {"render": _measure_rendering, "make": _make, "stream": _measure_stream}
    if _WORKER.value:
        worker, *names = _WORKER.value.split(":")
        output = json.dumps(workers[worker](*names))
    else:
        output = _table()
    sys.stdout.write(output + "\n")


if __name__ == "__main__":
    app.run(main)
