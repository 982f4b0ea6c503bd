"""Cost of a training step of every model, as a ratio to beta-VAE.

disentanglement_lib's convolutional networks, 64x64x1 images, batch 64 (64 pairs for models that learn
from pairs), Adam, float32, images ready in memory. Rounds are interleaved and the median of the rounds'
ratios is shown, so that the figures hold on a busy machine too.
Example: `python benchmarks/train_step.py --all_models --rounds=7 --steps=10`
"""

import os
import statistics
import sys
import time
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import tfdis  # noqa: E402, F401 - before TensorFlow, which it tells to take oneDNN

_SHAPE, _BATCH_SIZE, _SIZES = (64, 64, 1), 64, [3, 6, 40, 32, 32]
# Name in `models.MODELS`, then what sets a variant apart; the others are compared with the first.
CONFIGURATIONS = {
    "vae": {"beta": 4.0},
    "ada_gvae": {},
    "ada_mlvae": {"symmetric": True},
    "annealed_vae": {"gamma": 1000.0, "c_max": 25.0, "iteration_threshold": 100000},
    "autoencoder": {},
    "beta_tc_vae": {"beta": 4.0},
    "beta_tc_vae, stratified": {"beta": 4.0, "estimator": "mss", "dataset_size": 737280},
    "bf_vae": {},
    "commutative_lie_group_vae": {},
    "control_vae": {"target": 18.0},
    "cvae": {"factor_sizes": _SIZES},
    "dip_vae": {"lambda_od": 10.0, "lambda_d_factor": 10.0},
    "dip_vae, ii": {"lambda_od": 10.0, "lambda_d_factor": 1.0, "dip_type": "ii"},
    "factor_vae": {"gamma": 10.0},
    "factor_vae, second batch": {"gamma": 10.0, "second_batch": True},
    "factor_qvae": {},
    "fsq": {},
    "gvae": {},
    "ifcvae": {"factor_sizes": _SIZES},
    "info_vae": {"lambda_mmd": 1000.0, "form": "code"},
    "ivae": {"factor_sizes": _SIZES},
    "mlvae": {},
    "qlae": {},
    "tripod": {},
    "slow_vae": {},
    "supervised_vae": {"terms": "xent"},
    "vae, factorised support": {"beta": 4.0, "terms": "factorised_support_term"},
    "vae, few labels": {"beta": 4.0, "terms": "xent"},
}


def build(label: str):
    """Builds, compiles and warms up a model; returns a function that trains n steps."""
    import numpy as np
    import tensorflow as tf

    from tfdis import models, registry
    from tfdis.training.optimizers import FusedAdam

    options = dict(CONFIGURATIONS[label])
    if "terms" in options:
        sizes = {"factor_sizes": _SIZES} if options["terms"] == "xent" else {}
        options["terms"] = [registry.OBJECTIVES[options["terms"]](1.0, **sizes)]
    model = models.MODELS[label.split(",")[0]](**options, image_shape=_SHAPE, latent_dim=10)
    model.compile(FusedAdam(1e-4))
    rng, size = np.random.default_rng(0), _BATCH_SIZE * model.batches_per_step
    shape = (size, 2, *_SHAPE) if model.batch_kind.has_pairs else (size, *_SHAPE)
    batch = tf.constant(rng.uniform(size=shape) < 0.05, tf.float32)
    if model.batch_kind == "labelled" or model.is_semi_supervised:
        labels = tf.constant(rng.integers(0, _SIZES, size=(size, len(_SIZES))))
        batch = batch, (batch, labels) if model.is_semi_supervised else labels
    if model.batch_kind == "labelled_pairs":
        batch = batch, tf.constant(rng.uniform(size=(size, len(_SIZES))) < 0.5)
    model.make_train_function()
    data = iter(tf.data.Dataset.from_tensors(batch).repeat())

    def train(num_steps):
        for _ in range(num_steps):
            model.train_function(data)
        model.optimizer.iterations.numpy()

    return train


def measure(num_rounds: int, num_steps: int, labels: Sequence[str] = ()) -> None:
    """Prints the milliseconds of a step of every model, and their ratio to beta-VAE's.

    Args:
        num_rounds: interleaved rounds.
        num_steps: steps of a model in a round.
        labels: lines of CONFIGURATIONS to compare with the first; all by default.

    Raises:
        ValueError: a model without a configuration here.
    """
    from tfdis import models

    missing = set(models.MODELS) - {label.split(",")[0] for label in CONFIGURATIONS}
    if missing:
        raise ValueError(f"Give CONFIGURATIONS a line for {sorted(missing)}.")
    first, *others = CONFIGURATIONS
    trains = {label: build(label) for label in [first, *(labels or others)]}
    for train in trains.values():
        train(3)
    seconds = {label: [] for label in trains}
    for _ in range(num_rounds):
        for label, train in trains.items():
            start = time.perf_counter()
            train(num_steps)
            seconds[label].append((time.perf_counter() - start) / num_steps)
    print(f"{'model':28}{'ms a step':>10}{'x ' + first:>8}")
    for label, found in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(found, seconds[first], strict=True))
        print(f"{label:28}{1000 * statistics.median(found):10.0f}{ratio:8.2f}")
