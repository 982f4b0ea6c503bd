"""The same training by the unmodified disentanglement_lib on TensorFlow 1.14 and by tfdis.

python benchmarks/dlib_training.py --old_python=old/bin/python --evidence=docs/evidence/dlib_training

Both sides train the same models of disentanglement_lib's own study, by their numbers there: six methods, each
with one of its settings, and some seeds, on the same images (re-rendered dSprites, in the original's
layout for the old side). docs/disentanglement_lib.md says how the old environment is made. What is finished
is not trained again. Both sides' modules are scored by tfdis, with the same samples.

The table has, for each method and quantity, mean and standard deviation over seeds of each side, and the
p value of Welch's test, multiplied by the number of tests (Bonferroni).
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from absl import app, flags
from scipy import stats

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_OLD_PYTHON = flags.DEFINE_string(
    "old_python", "", "Python of the old environment; by default $TFDIS_OLD_PYTHON."
)
_OUTPUT = flags.DEFINE_string("output_dir", "runs/dlib_training", "Folder of all models.")
_EVIDENCE = flags.DEFINE_string("evidence", None, "Folder of the table; by default output_dir.")
_SEEDS = flags.DEFINE_integer("seeds", 5, "Number of seeds.", lower_bound=2, upper_bound=50)
_STEPS = flags.DEFINE_integer("steps", 3000, "Training steps, as disentanglement_lib counts.")
_BATCH = flags.DEFINE_integer("batch_size", 8, "Images in a batch.", lower_bound=1)
_CORES = flags.DEFINE_integer("cores", 2, "Models that are trained at a time.", lower_bound=1)

# Number of the first seed of a model in the study, with the middle setting of each method.
MODELS = {
    "beta-VAE, beta 4": 100,
    "AnnealedVAE, c_max 25": 1600,
    "FactorVAE, gamma 20": 350,
    "beta-TCVAE, beta 6": 1350,
    "DIP-VAE-I, lambda_od 10": 750,
    "DIP-VAE-II, lambda_od 10": 1050,
}
_NAMES = {"mig": "mig", "sap": "sap_score", "irs": "irs", "factor_vae": "factor_vae_metric"}
_METRICS = tuple(_NAMES)
_SCORES = {
    "MIG": ("mig", "discrete_mig"),
    "SAP": ("sap", "SAP_score"),
    "IRS": ("irs", "IRS"),
    "FactorVAE": ("factor_vae", "eval_accuracy"),
}
_MEAN = "unsupervised_study_v1/postprocess_configs/mean.gin"
# Of FactorVAE's metric fewer than disentanglement_lib's 10,000 and 5,000, which encode all images.
_SAMPLES = [
    "evaluation.random_seed = 0",
    "factor_vae_score.num_train = 500",
    "factor_vae_score.num_eval = 250",
]
_ENDS = ("reconstruction_loss", "kl_loss", "regularizer")
# Estimators number the summaries of training whose names their evaluation takes, too.
_TAGS = {
    "reconstruction_loss_1": "reconstruction_loss",
    "elbo_1": "elbo",
    "loss_1": "loss",
    "loss": "loss",
}
_WINDOW = 500
_SIDES = ("dlib", "tfdis")
_ARCHIVE = "dsprites/dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
_SAVE = """
import sys
import numpy as np
sizes = {"latents_sizes": np.array([1, 3, 6, 40, 32, 32])}
np.savez(sys.argv[2], imgs=np.load(sys.argv[1]), metadata=np.array(sizes, dtype=object))
"""


def _numbers() -> list[int]:
    """Numbers of all models, seed by seed, so that a stopped benchmark has some of each method."""
    return [first + seed for seed in range(_SEEDS.value) for first in MODELS.values()]


def _bindings() -> list[str]:
    return [
        f"model.training_steps = {_STEPS.value}",
        f"model.batch_size = {_BATCH.value}",
        "model.eval_steps = 500",
    ]


def write_archive(folder: Path) -> None:
    """Writes tfdis's images as the original archive of dSprites, by the old Python, which reads its pickles."""
    from tfdis.data.named import get_named_ground_truth_data

    path = folder / _ARCHIVE
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    data = get_named_ground_truth_data("dsprites_full")
    parts = np.array_split(np.arange(np.prod(data.factors_num_values)), 180)
    images = np.concatenate([data.images_at(part)[..., 0] > 0 for part in parts])
    array, partial = folder / "images.npy", path.with_suffix(".partial.npz")
    np.save(array, images.astype(np.uint8))
    subprocess.run([_OLD_PYTHON.value, "-c", _SAVE, str(array), str(partial)], check=True)
    partial.rename(path)
    array.unlink()


def _train_old(folder: Path, data: Path, core: int) -> None:
    numbers = ",".join(map(str, _numbers()[core :: _CORES.value]))
    command = [_OLD_PYTHON.value, str(ROOT / "benchmarks/old_dlib.py"), str(folder), numbers]
    environment = os.environ | {
        "DISENTANGLEMENT_LIB_DATA": str(data),
        "OMP_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    with open(folder / f"log_{core}.txt", "a", encoding="utf-8") as log:
        subprocess.run(
            ["taskset", "--cpu-list", str(core), *command, *_bindings()],
            env=environment, stdout=log, stderr=log, check=True,
        )  # fmt: skip


def _train_new(folder: Path) -> None:
    for first in MODELS.values():
        command = [
            *(
                sys.executable,
                str(ROOT / "bin/study"),
                "--study=unsupervised_study_v1",
                "--steps=train",
            ),
            *(f"--output_dir={folder}", f"--models={first}:{first + _SEEDS.value}"),
            *(f"--gin_bindings={line}" for line in _bindings()),
        ]
        subprocess.run(command, check=True)


def _model_dir(side: str, number: int) -> Path:
    output = Path(_OUTPUT.value)
    return (
        output / "dlib" / str(number) if side == "dlib" else output / f"tfdis/points/{number}/model"
    )


def _score(side: str, number: int) -> None:
    from tfdis.dlib import commands
    from tfdis.evaluation.chosen import metrics_by_name

    model = _model_dir(side, number)
    mean = model / "postprocessed/mean"
    if not mean.is_dir():
        commands.postprocess(str(model), str(mean), [_MEAN], ["dataset.name = 'dsprites_full'"])
    wanted = [m for m in _METRICS if not (model / "metrics/mean" / _NAMES[m] / "results").is_dir()]
    if wanted:
        metrics = metrics_by_name(wanted, str(model / "metrics/mean"), 10000, _SAMPLES)
        commands.evaluate_all(str(mean), metrics, False, keep_codes=False)


def _logged(side: str, model: Path, updates_of_a_step: float) -> pd.DataFrame:
    """End and mean losses of intervals of about 100 steps.

    disentanglement_lib logs single batches: the mean of an interval is that of its two ends (trapezium).
    It logs no KL, but the ELBO (of FactorVAE not even that), and the whole loss.
    """
    if side == "tfdis":
        log = pd.read_csv(model / "training_log.csv")
        log = log.assign(step=log.step / updates_of_a_step)
    else:
        log = _events(model / "tf_checkpoint")
    losses = log[["reconstruction_loss"]].copy()
    if "elbo" in log:
        losses["kl_loss"] = -log.elbo - log.reconstruction_loss
    losses["loss - reconstruction_loss"] = log.loss - log.reconstruction_loss
    if side == "dlib":
        losses = (losses + losses.shift()) / 2
    return losses.assign(step=log.step - (log.step[0] if side == "dlib" else 0)).dropna()


def _events(folder: Path) -> pd.DataFrame:
    """Losses that disentanglement_lib logged, a row for each step that it logged."""
    import tensorflow as tf

    rows = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                if value.tag in _TAGS:
                    row = rows.setdefault(event.step, {"step": event.step})
                    row[_TAGS[value.tag]] = value.simple_value
    return pd.DataFrame([rows[step] for step in sorted(rows)])


def read(side: str, method: str, seed: int) -> dict[str, float]:
    """All quantities of one model."""
    model = _model_dir(side, MODELS[method] + seed)
    results = json.loads((model / "results/json/train_results.json").read_text(encoding="utf-8"))
    log = _logged(side, model, 0.5 if method.startswith("FactorVAE") else 1)
    row = {"method": method, "seed": seed, "side": side}
    for end in range(2 * _WINDOW, _STEPS.value + 1, 2 * _WINDOW):
        inside = log[(log.step > end - _WINDOW) & (log.step <= end)]
        for name in ("reconstruction_loss", "kl_loss", "loss - reconstruction_loss"):
            # Where one side does not log the KL, neither is compared.
            known = name in log and not (name == "kl_loss" and method.startswith("FactorVAE"))
            mean = inside[name].mean() if known else np.nan
            row[f"{name}, steps {end - _WINDOW} to {end}"] = mean
    row |= {name: results[name] for name in _ENDS}
    for name, (metric, key) in _SCORES.items():
        path = model / f"metrics/mean/{_NAMES[metric]}/results/json/evaluation_results.json"
        row[name] = json.loads(path.read_text(encoding="utf-8"))[key]
    return row


def compare(rows: pd.DataFrame) -> pd.DataFrame:
    """Means, deviations and corrected p values for each method and quantity."""
    table = []
    for method, group in rows.groupby("method", sort=False):
        for quantity in rows.columns[3:]:
            sides = [group[group.side == side][quantity].to_numpy() for side in _SIDES]
            if np.isnan(sides).any():
                continue
            difference = sides[1].mean() - sides[0].mean()
            p = stats.ttest_ind(*sides, equal_var=False).pvalue
            row = {"method": method, "quantity": quantity}
            for side, values in zip(_SIDES, sides, strict=True):
                row |= {f"{side} mean": values.mean(), f"{side} sd": values.std(ddof=1)}
            table.append(row | {"difference": difference, "p": p})
    table = pd.DataFrame(table)
    return table.assign(corrected=np.minimum(1, table.p * table.p.notna().sum()))


def main(_) -> None:
    from tfdis.dlib.old_environment import old_python
    from tfdis.files.command_text import command_text
    from tfdis.report.evidence import describe_section, groups_of

    try:
        flags.FLAGS.old_python = old_python(_OLD_PYTHON.value)
    except FileNotFoundError as error:
        sys.exit(f"error: {error}")
    output = Path(_OUTPUT.value).resolve()
    (output / "dlib").mkdir(parents=True, exist_ok=True)
    write_archive(output / "data")
    cores = range(_CORES.value)
    with ThreadPoolExecutor(_CORES.value) as pool:
        list(pool.map(lambda core: _train_old(output / "dlib", output / "data", core), cores))
    _train_new(output / "tfdis")
    for side in _SIDES:
        for number in _numbers():
            _score(side, number)
    rows = pd.DataFrame(
        [read(side, m, seed) for m in MODELS for seed in range(_SEEDS.value) for side in _SIDES]
    )
    table = compare(rows)
    evidence = Path(_EVIDENCE.value or output)
    evidence.mkdir(parents=True, exist_ok=True)
    rows.to_csv(evidence / "runs.csv", index=False, float_format="%.6g")
    groups = groups_of(rows, ["method", "side"], rows.columns.drop(["method", "seed", "side"]))
    groups.to_csv(evidence / "groups.csv", index=False, float_format="%.6g")
    table.to_csv(evidence / "comparison.csv", index=False, float_format="%.6g")
    command = command_text("python", "benchmarks/dlib_training.py", *sys.argv[1:])
    title = "Trainings by the unmodified disentanglement_lib on TensorFlow 1.14 and by tfdis"
    method = next(iter(MODELS))
    own = rows[(rows.method == method) & (rows.side == "tfdis")]
    check = {
        "what": f"mean MIG of {method} by tfdis, from the rows",
        "file": "runs.csv",
        "rows": {"method": method, "side": "tfdis"},
        "column": "MIG",
        "value": float(own.MIG.mean()),
        "tolerance": 1e-5,
    }
    folder, lines = "{out}/study", " ".join(f'--gin_bindings="{line}"' for line in _bindings())
    number = MODELS[method]
    trained = {
        "what": f"reconstruction loss of {method}, seed 0, trained again by tfdis",
        "commands": [
            f"bin/study --study=unsupervised_study_v1 --models={number}:{number + 1} --steps=train "
            f"--output_dir={folder} {lines}"
        ],
        "file": f"{folder}/points/{number}/model/results/json/train_results.json",
        "column": "reconstruction_loss",
        "value": float(own.reconstruction_loss.iloc[0]),
        "tolerance": 6.0,
    }
    images = {"dsprites_full": "re-rendered"}
    describe_section(evidence, [command], images, title, [check, trained])
    print(table.to_string(index=False, float_format="%.4g"))


if __name__ == "__main__":
    app.run(main)
