"""Modularity (InfoM) of quantised models and of beta-VAE at one small budget, before and after training.

python benchmarks/quantised.py --steps=1500 --evidence=docs/evidence/quantised
python benchmarks/quantised.py --networks=fc --steps=500 --evidence=docs/evidence/quantised

dsprites_hearts (1,536 images, 3 factors), halved to 32x32 pixels by means of 2x2; disentanglement_lib's
convolutional or fully connected networks; 6 latents, twice the factors; the same number of steps, images and
learning rate for all. beta-VAE and Tripod take Adam, QLAE and FSQ take AdamW. InfoMEC of all images: KSG for
the means of beta-VAE whose range is above a 20th of the largest, exact for the symbols of the others that vary.
Writes runs.csv (one row for each training) and groups.csv (mean and interval over the seeds). Rows that are
there stay and are not trained again, so that each command adds its own.
"""

import itertools
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from absl import app, flags  # noqa: E402

_MODELS = flags.DEFINE_list("models", ["vae", "qlae", "tripod"], "Models, of OPTIONS.")
_NETWORKS = flags.DEFINE_enum("networks", "conv", ["conv", "fc"], "Encoder and decoder.")
_STEPS = flags.DEFINE_integer("steps", 1500, "Steps.", lower_bound=1)
_SEEDS = flags.DEFINE_integer("seeds", 3, "Number of seeds.", lower_bound=1)
_BATCH = flags.DEFINE_integer("batch_size", 64, "Images in a step.", lower_bound=2)
_RATE = flags.DEFINE_float("learning_rate", 1e-3, "Learning rate.")
_EVIDENCE = flags.DEFINE_string("evidence", None, "Folder of the tables.", required=True)

# Name in `models.MODELS`, then what sets a variant apart.
OPTIONS = {
    "vae": {"beta": 1.0},  # What 4 is for images of four times the pixels.
    "qlae": {},
    "fsq": {},
    "tripod": {},
    # Published, too: those of MPI3D in place of Shapes3D.
    "tripod-mpi3d": {"information_weight": 1e-8, "hessian_weight": 1e-4},
}
_FUNCTIONS = {"conv": ("conv_encoder", "deconv_decoder"), "fc": ("fc_encoder", "fc_decoder")}
_KEYS = ("networks", "steps", "model")
_SIZE, _LATENTS = 32, 6


def data():
    """All images [num, 32, 32, 1] in [0, 1] and their factors."""
    import numpy as np

    from tfdis.data.named import get_named_ground_truth_data

    hearts = get_named_ground_truth_data("dsprites_hearts")
    indices = np.arange(hearts.num_images)
    images = np.asarray(hearts.images_at(indices), np.float32) / 255
    halved = images.reshape(-1, _SIZE, 2, _SIZE, 2, 1).mean((2, 4))
    factors = hearts.indices_to_factors(indices)
    return halved, factors[:, np.ptp(factors, axis=0) > 0]


def scores(model, images, factors):
    """InfoMEC of a model's codes, and its reconstruction loss of an image."""
    import numpy as np

    import tfdis

    mean = np.asarray(model.encode(images).mean())
    codes = np.asarray(model.indices(images), int) if model.is_quantised else mean
    found = tfdis.score(codes, factors, ["infomec"])
    loss = np.mean(model.reconstruction_loss(images, model.decoder(mean)))
    return {name.split("/")[1]: value for name, value in found.items()} | {"loss": float(loss)}


def run(name, seed, images, factors):
    """The scores after training, those before it as "untrained ...", and the seconds that training took."""
    import keras
    import numpy as np

    from tfdis import models
    from tfdis.training.grouped_adam import GroupedAdamW
    from tfdis.training.optimizers import FusedAdam

    keras.utils.set_random_seed(seed)
    encoder, decoder = _FUNCTIONS[_NETWORKS.value]
    options = {"image_shape": (_SIZE, _SIZE, 1), "latent_dim": _LATENTS, "seed": seed}
    options |= {"encoder": encoder, "decoder": decoder}
    model = models.MODELS[name.split("-")[0]](**OPTIONS[name], **options)
    adam = GroupedAdamW if name in ("qlae", "fsq") else FusedAdam
    model.compile(adam(_RATE.value))
    before = scores(model, images, factors)
    rows = np.random.default_rng(seed).integers(len(images), size=_STEPS.value * _BATCH.value)
    start = time.perf_counter()
    model.fit(images[rows], batch_size=_BATCH.value, shuffle=False, verbose=0)
    seconds = round(time.perf_counter() - start)
    untrained = {f"untrained {name}": value for name, value in before.items()}
    return scores(model, images, factors) | untrained | {"seconds": seconds}


def _check():
    """One number that `make evidence-fast` trains again."""
    return {
        "what": "InfoE of beta-VAE with fully connected networks, seed 0, trained again",
        "commands": [
            "python benchmarks/quantised.py --models=vae --networks=fc --steps=500 --seeds=1 "
            "--evidence={out}/quantised"
        ],
        "file": "{out}/quantised/runs.csv",
        "rows": {"networks": "fc", "model": "vae", "seed": "0"},
        "column": "infoe",
        "value": None,
        "tolerance": 0.1,
    }


def main(_) -> None:
    import pandas as pd

    from tfdis.files.command_text import command_text
    from tfdis.report.evidence import SECTION_FILE, describe_section, groups_of, read_section

    folder = Path(_EVIDENCE.value)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "runs.csv"
    table = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=[*_KEYS, "seed"])
    images, factors = data()
    for seed, name in itertools.product(range(_SEEDS.value), _MODELS.value):
        row = {"networks": _NETWORKS.value, "steps": _STEPS.value, "model": name, "seed": seed}
        if (table[list(row)] == pd.Series(row)).all(axis=1).any():
            continue
        row |= run(name, seed, images, factors)
        print(row, flush=True)
        table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
        table.to_csv(path, index=False, float_format="%.6g")
    columns = [name for name in table.columns if name not in (*_KEYS, "seed", "seconds")]
    groups = groups_of(table, _KEYS, columns)
    groups.to_csv(folder / "groups.csv", index=False, float_format="%.6g")
    command = command_text("python", "benchmarks/quantised.py", *sys.argv[1:])
    title = "Modularity of quantised latents and of beta-VAE at one small budget"
    before = read_section(folder).commands if (folder / SECTION_FILE).exists() else []
    commands = list(dict.fromkeys([*before, command]))
    describe_section(folder, commands, {"dsprites_hearts": "re-rendered"}, title, [_check()])
    print(groups[["networks", "model", "score", "mean", "low", "high"]].to_string(index=False))


if __name__ == "__main__":
    app.run(main)
