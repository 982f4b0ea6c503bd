"""Modularity (InfoM) of quantised models and of beta-VAE at one small budget, before and after training.

dsprites_hearts (1,536 images, 3 factors), halved to 32x32 pixels by means of 2x2; disentanglement_lib's
convolutional or fully connected networks; 6 latents, twice the factors; the same number of steps, images and
learning rate for all. beta-VAE and Tripod take Adam, QLAE and FSQ take AdamW. InfoMEC of all images: KSG for
the means of beta-VAE whose range is above a 20th of the largest, exact for the symbols of the others that vary.
Example: `python benchmarks/quantised.py --models=vae,qlae --seeds=3 --steps=1500`
"""

import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from absl import app, flags  # noqa: E402

_MODELS = flags.DEFINE_list("models", ["vae", "qlae", "tripod"], "Models, of OPTIONS.")
_SEEDS = flags.DEFINE_integer("seeds", 3, "Number of seeds.", lower_bound=1)
_STEPS = flags.DEFINE_integer("steps", 1500, "Steps.", lower_bound=1)
_BATCH = flags.DEFINE_integer("batch_size", 64, "Images in a step.", lower_bound=2)
_NETWORKS = flags.DEFINE_enum("networks", "conv", ["conv", "fc"], "Encoder and decoder.")
_RATE = flags.DEFINE_float("learning_rate", 1e-3, "Learning rate.")

# Name in `models.MODELS`, then what sets a variant apart.
OPTIONS = {
    "vae": {"beta": 1.0},  # What 4 is for images of four times the pixels.
    "qlae": {},
    "fsq": {},
    "tripod": {},
    # Published, too: those of MPI3D in place of Shapes3D.
    "tripod-mpi3d": {"information_weight": 1e-8, "hessian_weight": 1e-4},
}
_SIZE, _LATENTS = 32, 6
_FUNCTIONS = {"conv": ("conv_encoder", "deconv_decoder"), "fc": ("fc_encoder", "fc_decoder")}


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
    """Scores before and after training, and the seconds that training took."""
    import keras
    import numpy as np

    from tfdis import models
    from tfdis.training.grouped_adam import GroupedAdamW
    from tfdis.training.optimizers import FusedAdam

    keras.utils.set_random_seed(seed)
    shape = (_SIZE, _SIZE, 1)
    encoder, decoder = _FUNCTIONS[_NETWORKS.value]
    options = {"image_shape": shape, "latent_dim": _LATENTS, "seed": seed}
    networks = {"encoder": encoder, "decoder": decoder}
    model = models.MODELS[name.split("-")[0]](**OPTIONS[name], **options, **networks)
    adam = GroupedAdamW if name in ("qlae", "fsq") else FusedAdam
    model.compile(adam(_RATE.value))
    before = scores(model, images, factors)
    rng = np.random.default_rng(seed)
    rows = rng.integers(len(images), size=_STEPS.value * _BATCH.value)
    start = time.perf_counter()
    model.fit(images[rows], batch_size=_BATCH.value, shuffle=False, verbose=0)
    return before, scores(model, images, factors), time.perf_counter() - start


def main(_) -> None:
    images, factors = data()
    print(
        "model         seed       "
        + "".join(f"{n:>10}" for n in ("infom", "infoe", "infoc", "active", "loss"))
    )
    found = {}
    for seed in range(_SEEDS.value):
        for name in _MODELS.value:
            before, after, seconds = run(name, seed, images, factors)
            for when, row in (("before", before), ("after", after)):
                print(
                    f"{name:14}{seed:<4}{when:7}" + "".join(f"{v:10.3f}" for v in row.values()),
                    flush=True,
                )
            print(f"{name:14}{seed:<4}{seconds:.0f} s", flush=True)
            found.setdefault(name, []).append(after["infom"])
    for name, values in found.items():
        print(
            f"{name:14} InfoM {statistics.mean(values):.3f} [{min(values):.3f} .. {max(values):.3f}]"
        )


if __name__ == "__main__":
    app.run(main)
