"""Time and memory of bin/report on a study as large as disentanglement_lib's, with made-up scores.

python benchmarks/report.py --points=12600 --folder=/tmp/synthetic      writes the folders, once, and reports

The points are those of unsupervised_study_v1 with their real bindings, scored by --metrics on the mean
representation. Each results folder has the files of a real one.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from absl import app, flags

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FLAGS = flags.FLAGS
flags.DEFINE_integer("points", 1000, "Number of models.")
flags.DEFINE_string(
    "folder", None, "Folder of the made-up study; written unless it is there.", required=True
)
flags.DEFINE_list(
    "metrics", ["dci", "factor_vae", "sap", "mig", "irs", "beta_vae"], "Metrics of each."
)
SCORES = {
    "dci": ("informativeness_train", "informativeness_test", "disentanglement", "completeness"),
    "factor_vae": ("train_accuracy", "eval_accuracy", "num_active_dims"),
    "sap": ("SAP_score", "num_train", "num_test"),
    "mig": ("discrete_mig",),
    "irs": ("IRS", "num_active_dims"),
    "beta_vae": ("train_accuracy", "eval_accuracy"),
}


def write_study(folder: Path, number: int) -> None:
    """Writes folders of points as bin/study leaves them, without models."""
    from tfdis.configuration import configured
    from tfdis.dlib.configs import find_config
    from tfdis.evaluation.chosen import metrics_by_name
    from tfdis.export.results import bound_gin_config, parse_gin_bindings
    from tfdis.sweeps.build import build_points
    from tfdis.sweeps.check import load_names, training_files
    from tfdis.sweeps.folder import StudyFolder

    load_names()
    every = build_points("unsupervised_study_v1")
    points = [every[i] for i in np.linspace(0, len(every) - 1, number).astype(int)]
    runs = metrics_by_name(FLAGS.metrics, "metrics/mean")
    settings = {}
    for name, (gin_file, _, bindings) in zip(FLAGS.metrics, runs, strict=True):
        with configured([find_config(gin_file)] if gin_file else [], bindings):
            settings[name] = parse_gin_bindings(bound_gin_config())
    study, draw, base = StudyFolder(folder), np.random.RandomState(0), {}
    study.write("unsupervised_study_v1", points)
    for point in points:
        key = next(line for line in point.bindings if line.startswith("model.model"))
        if key not in base:
            with configured(training_files(point), study.bindings_of(point)):
                base[key] = parse_gin_bindings(bound_gin_config())
        config = base[key] | dict(line.split(" = ", 1) for line in point.bindings)
        trained = {"loss": draw.rand(), "elapsed_time": 1.0, "uuid": f"t{point.name}"}
        steps = {"train": (config, trained | {"dataset_provenance": "re-rendered"})}
        write_results(study.at(point, "model"), steps)
        steps["postprocess"] = (
            {"postprocess.postprocess_fn": "@mean_representation", "dataset.name": "'auto'"},
            {"elapsed_time": 1.0, "uuid": f"p{point.name}"},
        )
        skill = draw.rand()
        for name in FLAGS.metrics:
            values = {score: 0.7 * skill + 0.3 * draw.rand() for score in SCORES[name]}
            steps["evaluation"] = settings[name], values | {"uuid": f"{name}{point.name}"}
            write_results(study.at(point, "metrics/mean", name), steps)


def write_results(folder: Path, steps: dict[str, tuple[dict, dict]]) -> None:
    results = folder / "results"
    aggregate = {}
    for part in ("json", "gin", "aggregate"):
        (results / part).mkdir(parents=True)
    for step, (config, found) in steps.items():
        lines = [f"{name} = {value}\n" for name, value in config.items()]
        (results / "gin" / f"{step}.gin").write_text("".join(lines))
        for part, content in (("config", config), ("results", found)):
            (results / "json" / f"{step}_{part}.json").write_text(json.dumps(content))
            aggregate |= {f"{step}_{part}.{name}": value for name, value in content.items()}
    (results / "aggregate" / f"{step}.json").write_text(json.dumps(aggregate))


def main(_) -> None:
    folder = Path(FLAGS.folder)
    if not (folder / "study.json").exists():
        start = time.perf_counter()
        write_study(folder, FLAGS.points)
        print(f"writing {FLAGS.points} points: {time.perf_counter() - start:.0f} s", flush=True)
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        command = [sys.executable, ROOT / "bin/report", folder, f"--output_dir={place}/report"]
        subprocess.run(command, check=True, cwd=ROOT)
        seconds = time.perf_counter() - start
        sizes = {path.name: path.stat().st_size / 1e6 for path in Path(place, "report").iterdir()}
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"bin/report: {seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of a core, at most "
        f"{used.ru_maxrss / 1e3:.0f} MB of memory"
    )
    print(", ".join(f"{name} {size:.1f} MB" for name, size in sorted(sizes.items())))


if __name__ == "__main__":
    app.run(main)
