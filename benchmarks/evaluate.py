"""Seconds and memory of disentanglement_lib's metrics: its own driver, and tfdis, on one module.

The driver is disentanglement_lib's, on this stack and on tfdis's data set, image batches as it asks
for them, one fit after the other (`encode_once=False`). Its boosted trees, which have no seed, get the one
that tfdis gives them, or scores would differ by chance. Each side runs in a process of its own, all metrics
after one another. `--share` scales the numbers of samples; full size takes half an hour. The side `again` is
tfdis a second time, in another process: the first one has kept the codes.

The line `encoding alone` is the limit: every image has to be encoded once; the driver's own is not measured.

Besides the seconds of the clock, the table has those of the processor, summed over its cores: they can be
compared where other programs run too.

python benchmarks/evaluate.py --metrics=mig,sap_score --sides=driver,tfdis
python benchmarks/evaluate.py --metrics=mig,sap_score --sides=tfdis,again
python benchmarks/evaluate.py --share=0.1
"""

import ast
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import types

from absl import app, flags

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

import tfdis  # noqa: E402, F401 - before TensorFlow, which it tells to take oneDNN

_MODEL_DIR = flags.DEFINE_string(
    "model_dir", None, "Run to score; by default a new, untrained one."
)
_METRICS = flags.DEFINE_list(
    "metrics",
    "beta_vae,factor_vae,mig,sap,modularity,irs,unsupervised,dci,downstream_task_boosted_trees",
    "Metrics, as bin/evaluate takes them, or gin files of further ones.",
)
_DATA_SET = flags.DEFINE_string("data_set", "dsprites_full", "Data of the untrained run.")
_SHARE = flags.DEFINE_float("share", 1.0, "Share of the numbers of samples.", lower_bound=0.001)
_SIDES = flags.DEFINE_list("sides", "driver,tfdis,again", "What to measure, in this order.")
_SIDE = flags.DEFINE_string("side", None, "Set in the processes that measure.")
# Fewer samples would not have every value of every factor.
_FEWEST = 600
_SEED = 0
_TREES = ("dci", "downstream_task_boosted_trees", "fairness", "strong")


def _export_untrained(folder: str) -> None:
    """A representation of disentanglement_lib's convolutional encoder as it was initialised.

    Its codes are scaled to variance 1, or metrics would leave them out as inactive.
    """
    import keras
    import numpy as np
    import tensorflow as tf

    from tfdis.data.named import get_named_ground_truth_data
    from tfdis.export import Signature, export_frozen, write_results
    from tfdis.networks import build_encoder
    from tfdis.networks.conv import conv_encoder

    keras.utils.set_random_seed(0)
    data = get_named_ground_truth_data(_DATA_SET.value)
    shape = data.observation_shape
    encoder = build_encoder(conv_encoder, shape, 10)
    codes = encoder(data.sample_observations(500, np.random.RandomState(0)))[0].numpy()
    mean, scale = codes.mean(axis=0), codes.std(axis=0)

    def represent(images):
        return {"default": (encoder(images)[0] - mean) / scale}

    spec = tf.TensorSpec([None, *shape], tf.float32)
    signature = Signature(represent, {"images": spec})
    export_frozen({"representation": signature}, os.path.join(folder, "tfhub"))
    config = f"dataset.name = '{_DATA_SET.value}'\n"
    write_results(os.path.join(folder, "results"), "postprocess", {}, config)


def _scaled(size: int) -> int:
    return min(size, max(_FEWEST, round(size * _SHARE.value)))


def _smaller(path: str) -> list[str]:
    """Gin lines that scale a metric's numbers of samples."""
    from tfdis.dlib.configs import find_config

    lines = []
    with open(find_config(path), encoding="utf-8") as file:
        for line in file:
            name, _, value = line.partition("=")
            if ".num_" in name and "num_bins" not in name:
                sizes = ast.literal_eval(value.strip())
                if isinstance(sizes, list):
                    sizes = list(dict.fromkeys(_scaled(size) for size in sizes))
                else:
                    sizes = _scaled(sizes)
                lines.append(f"{name.strip()} = {sizes}")
    return lines


def _seed_trees():
    """Gives disentanglement_lib's own boosted trees a seed."""
    from sklearn.ensemble import GradientBoostingClassifier

    import tfdis.dlib

    tfdis.dlib.install()
    from disentanglement_lib.evaluation.metrics import dci, utils

    def seeded():
        return GradientBoostingClassifier(random_state=_SEED)

    dci.ensemble = utils.ensemble = types.SimpleNamespace(GradientBoostingClassifier=seeded)


def _time_encoding() -> list[float]:
    """A list that gets the seconds of each time that images are encoded from now on."""
    from tfdis.dlib.scoring.coded_data import CodeTable

    encode_missing, seconds = CodeTable.encode_missing, []

    def timed(table, is_wanted):
        start = time.perf_counter()
        encode_missing(table, is_wanted)
        seconds.append(time.perf_counter() - start)

    CodeTable.encode_missing = timed
    return seconds


def _measure(model_dir: str) -> None:
    """Scores with every metric; prints JSON lines."""
    import numpy as np

    from tfdis.dlib import commands
    from tfdis.dlib.scoring.module_codes import ModuleCodes
    from tfdis.evaluation.chosen import metrics_by_name

    encode_once = _SIDE.value != "driver"
    if not encode_once:
        _seed_trees()
    with tempfile.TemporaryDirectory() as output:
        files = [name for name in _METRICS.value if name.endswith(".gin")]
        names = [name for name in _METRICS.value if name not in files]
        metrics = metrics_by_name(names, output)
        metrics += [(path, f"{output}/{os.path.basename(path)[:-4]}", []) for path in files]
        codes = ModuleCodes(model_dir) if encode_once else None
        encoding = _time_encoding()
        for path, folder, bindings in metrics:
            bindings = [*bindings, *_smaller(path), f"evaluation.random_seed = {_SEED}"]
            np.random.seed(_SEED)  # The driver does not, and strong_downstream_task draws from it.
            start, processor = time.perf_counter(), time.process_time()
            commands.evaluate(model_dir, folder, [path], bindings, False, encode_once, codes)
            with open(f"{folder}/results/json/evaluation_results.json", encoding="utf-8") as file:
                scores = json.load(file)
            found = {
                "metric": os.path.basename(folder),
                "seconds": time.perf_counter() - start,
                "processor": time.process_time() - processor,
                "encoding": sum(encoding),
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "scores": {k: v for k, v in scores.items() if k not in ("uuid", "elapsed_time")},
            }
            print(json.dumps(found), flush=True)
            encoding.clear()


def _run_side(side: str, model_dir: str) -> dict[str, dict]:
    """Results of a side by metric; its progress goes to stderr."""
    arguments = [f"--side={side}", f"--model_dir={model_dir}", f"--share={_SHARE.value}"]
    arguments.append(f"--metrics={','.join(_METRICS.value)}")
    command = [sys.executable, os.path.abspath(__file__), *arguments]
    results = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("{"):
                found = json.loads(line)
                results[found["metric"]] = found
                print(f"{side:8} {found['metric']:32} {found['seconds']:8.1f} s", file=sys.stderr)
    if process.returncode:
        raise RuntimeError(f"The side {side} failed with exit code {process.returncode}.")
    return results


def _largest_difference(first: dict, second: dict) -> float:
    """Largest difference of two dicts of scores."""
    return max(abs(first[name] - second[name]) for name in first)


def _print_table(sides: dict[str, dict[str, dict]]) -> None:
    names = list(next(iter(sides.values())))
    header = "".join(f"{side + ' s':>12}{'(processor)':>12}" for side in sides)
    print(f"{'metric':32}{header}{'speed-up':>10}{'largest difference of scores':>30}")
    for name in names:
        found = [side[name] for side in sides.values()]
        row = f"{name:32}" + "".join(
            f"{result['seconds']:12.2f}{result['processor']:12.2f}" for result in found
        )
        if len(found) > 1:
            row += f"{found[0]['seconds'] / found[-1]['seconds']:9.1f}x"
            first, *others = (result["scores"] for result in found)
            row += f"{max(_largest_difference(first, other) for other in others):30.2g}"
        print(row)
    for label, chosen in (
        ("sum without boosted trees", [name for name in names if name not in _TREES]),
        ("sum", names),
    ):
        totals = [sum(side[name]["seconds"] for name in chosen) for side in sides.values()]
        row = f"{label:32}" + "".join(f"{total:12.2f}{'':12}" for total in totals)
        print(row + (f"{totals[0] / totals[-1]:9.1f}x" if len(totals) > 1 and totals[-1] else ""))
    encoding = [sum(result["encoding"] for result in side.values()) for side in sides.values()]
    print(f"{'of the sum, encoding alone':32}" + "".join(f"{x:12.2f}{'':12}" for x in encoding))
    peaks = [max(result["megabytes"] for result in side.values()) for side in sides.values()]
    print(f"{'peak memory, MB':32}" + "".join(f"{peak:12.0f}{'':12}" for peak in peaks))


def main(argv: list[str]) -> None:
    """Measures all sides and prints a table."""
    del argv
    if _SIDE.value:
        _measure(_MODEL_DIR.value)
        return
    with tempfile.TemporaryDirectory() as folder:
        if _MODEL_DIR.value:
            # Codes that are kept there already would make the first time a second one.
            for name in ("tfhub", "results"):
                os.symlink(
                    os.path.abspath(os.path.join(_MODEL_DIR.value, name)), f"{folder}/{name}"
                )
        else:
            _export_untrained(folder)
        # The speed-up is the first side's time by the last one's.
        _print_table({side: _run_side(side, folder) for side in _SIDES.value})


if __name__ == "__main__":
    app.run(main)
