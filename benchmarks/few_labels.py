"""Few labels: scores of beta-VAEs that learn from no, some and many labels.

python benchmarks/few_labels.py --labels=0,100,1000 --seeds=0,1,2

Every model sees the same images without labels, which are drawn from `--dataset`; supervised ones also have
`--labels` images with perfect labels (cross-entropy). The scores are of other images, with all factors. The
validation score is MIG on 100 labelled images that no model learned from.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from absl import app, flags

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tfdis  # noqa: E402, I001 - before Keras
import keras  # noqa: E402

_LABELS = flags.DEFINE_list(
    "labels", ["0", "100", "1000"], "Numbers of labels; 0 is the plain VAE."
)
_SEEDS = flags.DEFINE_list("seeds", ["0", "1", "2"], "Seeds of everything that is drawn.")
_STEPS = flags.DEFINE_integer("steps", 2000, "Updates of every model.", lower_bound=1)
_BETA = flags.DEFINE_float("beta", 1.0, "Weight of the KL divergence.")
_GAMMA = flags.DEFINE_float("gamma_sup", 4.0, "Weight of the supervised term.")
_DATASET = flags.DEFINE_string("dataset", "dsprites_full", "Data set.")
_METRICS = {"mig": "mig/discrete_mig", "sap": "sap/SAP_score", "mcc": "mcc/weak"}
_NETWORKS = """
encoder.num_latent = 10
encoder.encoder_fn = @mlp_encoder
mlp_encoder.hidden_units = (256,)
decoder.decoder_fn = @mlp_decoder
mlp_decoder.hidden_units = (256,)
vae/AdamOptimizer.learning_rate = 0.001
model.eval_steps = 10
"""


def _train(folder: str, labels: int, seed: int) -> keras.Model:
    """The trained model."""
    bindings = [
        *_NETWORKS.split("\n"),
        f"dataset.name = '{_DATASET.value}'",
        f"vae.beta = {_BETA.value}",
        f"xent.weight = {_GAMMA.value}",
        f"model.training_steps = {_STEPS.value}",
        f"model.random_seed = {seed}",
        *(
            [f"model.num_labelled_samples = {labels}", "model.train_percentage = 1.0"]
            if labels
            else []
        ),
    ]
    file = "gin/s2_betavae.gin" if labels else "gin/betavae.gin"
    tfdis.train_with_gin(folder, gin_config_files=[file], gin_bindings=bindings)
    return keras.models.load_model(Path(folder) / "model.keras")


def _codes(model, images: np.ndarray) -> np.ndarray:
    images = images / 255.0 if images.dtype == np.uint8 else images
    parts = np.array_split(images.astype(np.float32), max(1, len(images) // 500))
    return np.concatenate([model.encoder(part)[0] for part in parts])


def main(_) -> None:
    """Trains and scores; prints one row for each model."""
    os.chdir(ROOT)
    data = tfdis.get_named_ground_truth_data(_DATASET.value)
    tested = tfdis.sample_labelled_points(data, min(10000, data.num_images), seed=1000)
    held_out = tfdis.sample_labelled_points(data, 100, seed=2000)
    print(
        "| labels | seed | MIG | SAP | MCC | MIG on 100 labels | seconds |\n|---|---|---|---|---|---|---|"
    )
    for labels in map(int, _LABELS.value):
        for seed in map(int, _SEEDS.value):
            started = time.time()
            with tempfile.TemporaryDirectory() as folder:
                model = _train(f"{folder}/run", labels, seed)
            scores = tfdis.score(_codes(model, tested.images), tested.factors, list(_METRICS))
            few = tfdis.score(_codes(model, held_out.images), held_out.factors, ["mig"])
            shown = [scores[name] for name in _METRICS.values()] + list(few.values())
            columns = [f"{value:.3f}" for value in shown]
            row = [str(labels), str(seed), *columns, f"{time.time() - started:.0f}"]
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    app.run(main)
