"""The competitors of train_step.py, one per process: each line on stdin is a number of steps to train."""

import contextlib
import math
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import numpy as np

import tfdis  # noqa: F401 - before TensorFlow, which it tells to take oneDNN, for Keras too

_BATCH_SIZE, _LATENT_DIM, _BETA, _LEARNING_RATE, _NUM_IMAGES = 64, 10, 4.0, 1e-4, 4096
_WARM_UP_STEPS = 20


def say(value) -> None:
    print(f"benchmark:{value}", flush=True)


def serve(train) -> None:
    """Answers every number on stdin with steps per second; `train(n)` returns when n steps are done."""
    train(_WARM_UP_STEPS)
    say("ready")
    for line in sys.stdin:
        start = time.perf_counter()
        train(int(line))
        say(int(line) / (time.perf_counter() - start))


def uint8_images() -> np.ndarray:
    """Random black and white images, about as sparse as dSprites."""
    pixels = np.random.RandomState(0).random_sample((_NUM_IMAGES, 64, 64, 1))
    return ((pixels < 0.05) * 255).astype(np.uint8)


def work_tfdis(precision: str) -> None:
    import keras

    from tfdis.data.ground_truth_data import EnumerableData
    from tfdis.data.state_space import FactorStateSpace
    from tfdis.data.streams.image_stream import image_stream
    from tfdis.models import BetaTCVAE
    from tfdis.training.optimizers import FusedAdam

    class InMemory(EnumerableData):
        """Random images behind the real stream."""

        def __init__(self):
            grid = FactorStateSpace([_NUM_IMAGES])
            super().__init__("in_memory", ["index"], grid, (64, 64, 1), "generated")
            self.images = uint8_images()

        def images_at(self, indices):
            return self.images[indices]

    if precision == "bfloat16":
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    model = BetaTCVAE(beta=_BETA, image_shape=(64, 64, 1), latent_dim=_LATENT_DIM)
    model.compile(optimizer=FusedAdam(_LEARNING_RATE))
    fit_on_demand(model, image_stream(InMemory(), _BATCH_SIZE, seed=0))


def work_keras(precision: str) -> None:
    import keras
    import tensorflow as tf

    if precision == "bfloat16":
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    model = bare_keras_model()
    model.compile(optimizer=keras.optimizers.Adam(_LEARNING_RATE), jit_compile=False)
    images = tf.data.Dataset.from_tensor_slices(uint8_images()).repeat().shuffle(_NUM_IMAGES)
    images = images.batch(_BATCH_SIZE).map(lambda x: tf.cast(x, tf.float32) / 255.0)
    fit_on_demand(model, images.prefetch(tf.data.AUTOTUNE))


def bare_keras_model():
    """What a Keras user writes: stock layers, the loss through `add_loss`."""
    import keras
    import tensorflow as tf
    from keras import layers

    encoder = keras.Sequential(
        [layers.Conv2D(f, k, 2, "same", activation="relu") for f, k in _ENCODER]
        + [layers.Flatten(), layers.Dense(256, activation="relu")]
    )
    decoder = keras.Sequential(
        [
            layers.Dense(256, activation="relu"),
            layers.Dense(1024, activation="relu"),
            layers.Reshape((4, 4, 64)),
        ]
        + [layers.Conv2DTranspose(f, 4, 2, "same", activation="relu") for f in (64, 32, 32)]
        + [layers.Conv2DTranspose(1, 4, 2, "same", dtype="float32")]
    )

    class Bare(keras.Model):
        """beta-TCVAE."""

        def __init__(self):
            super().__init__()
            self.encoder, self.decoder = encoder, decoder
            self.mean = layers.Dense(_LATENT_DIM, dtype="float32")
            self.log_var = layers.Dense(_LATENT_DIM, dtype="float32")

        def call(self, x):
            x = tf.cast(x, tf.float32)
            features = self.encoder(x)
            mean, log_var = self.mean(features), self.log_var(features)
            z = mean + tf.exp(0.5 * log_var) * tf.random.normal(tf.shape(mean))
            logits = self.decoder(z)
            cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
            kl = 0.5 * tf.reduce_sum(mean**2 + tf.exp(log_var) - log_var - 1.0, axis=1)
            densities = -0.5 * (
                (z[:, None] - mean[None]) ** 2 * tf.exp(-log_var)[None]
                + log_var[None]
                + math.log(2 * math.pi)
            )
            joint = tf.reduce_logsumexp(tf.reduce_sum(densities, axis=2), axis=1)
            product = tf.reduce_sum(tf.reduce_logsumexp(densities, axis=1), axis=1)
            self.add_loss(tf.reduce_mean(tf.reduce_sum(cross_entropy, axis=[1, 2, 3])))
            self.add_loss(tf.reduce_mean(kl) + (_BETA - 1.0) * tf.reduce_mean(joint - product))
            return logits

    return Bare()


def fit_on_demand(model, batches) -> None:
    """Keeps one `fit` running, which waits for the benchmark between rounds."""
    import keras

    class OnDemand(keras.callbacks.Callback):
        """Trains as many steps as the next line of stdin says, again and again."""

        remaining = _WARM_UP_STEPS
        steps = start = 0

        def on_train_batch_begin(self, batch, logs=None):
            if self.remaining:
                return
            # The step's results are on their way; reading a weight waits for them.
            self.model.optimizer.iterations.numpy()
            say(self.steps / (time.perf_counter() - self.start) if self.start else "ready")
            line = sys.stdin.readline()
            if not line:
                # Neither the endless stream nor its prefetching is worth an orderly end.
                os._exit(0)
            self.remaining = self.steps = int(line)
            self.start = time.perf_counter()

        def on_train_batch_end(self, batch, logs=None):
            self.remaining -= 1

    model.fit(batches, steps_per_epoch=10**9, verbose=0, callbacks=[OnDemand()])


def work_torch(precision: str, layout: str) -> None:
    import torch

    channels_last = layout == "channels_last"
    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    model = torch_model().to(memory_format=memory_format)
    optimizer = torch.optim.Adam(model.parameters(), lr=_LEARNING_RATE, fused=True)
    images = torch.from_numpy(uint8_images().transpose(0, 3, 1, 2).copy())
    low = precision == "bfloat16"

    def step():
        indices = torch.randint(_NUM_IMAGES, (_BATCH_SIZE,))
        x = (images[indices].float() / 255.0).contiguous(memory_format=memory_format)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16) if low else contextlib.nullcontext():
            mean, log_var = model["encoder"](x).float().chunk(2, dim=1)
            z = mean + torch.exp(0.5 * log_var) * torch.randn_like(mean)
            small = model["dense"](z).view(-1, 64, 4, 4).contiguous(memory_format=memory_format)
            logits = model["decoder"](small)
        torch_loss(x, logits.float(), z, mean, log_var).backward()
        optimizer.step()

    serve(lambda num_steps: [step() for _ in range(num_steps)])


def torch_model():
    from torch import nn

    channels, encoder, decoder = 1, [], []
    for filters, kernel in _ENCODER:
        encoder += [
            nn.Conv2d(channels, filters, kernel, 2, (kernel - 2) // 2),
            nn.ReLU(),
        ]
        channels = filters
    encoder += [
        nn.Flatten(),
        nn.Linear(1024, 256),
        nn.ReLU(),
        nn.Linear(256, 2 * _LATENT_DIM),
    ]
    dense = [nn.Linear(_LATENT_DIM, 256), nn.ReLU(), nn.Linear(256, 1024), nn.ReLU()]
    for filters in (64, 32, 32):
        decoder += [nn.ConvTranspose2d(channels, filters, 4, 2, 1), nn.ReLU()]
        channels = filters
    decoder.append(nn.ConvTranspose2d(channels, 1, 4, 2, 1))
    parts = {"encoder": encoder, "dense": dense, "decoder": decoder}
    return nn.ModuleDict({name: nn.Sequential(*part) for name, part in parts.items()})


def torch_loss(x, logits, z, mean, log_var):
    import torch

    cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = 0.5 * (mean**2 + log_var.exp() - log_var - 1.0).sum(dim=1).mean()
    densities = -0.5 * (
        (z[:, None] - mean[None]) ** 2 * torch.exp(-log_var)[None]
        + log_var[None]
        + math.log(2 * math.pi)
    )
    joint = torch.logsumexp(densities.sum(dim=2), dim=1)
    product = torch.logsumexp(densities, dim=1).sum(dim=1)
    return cross_entropy / len(x) + kl + (_BETA - 1.0) * (joint - product).mean()


_ENCODER = [(32, 4), (32, 4), (64, 2), (64, 2)]

if __name__ == "__main__":
    _name, _precision = sys.argv[1:]
    if _name.startswith("torch"):
        work_torch(_precision, _name.removeprefix("torch_"))
    else:
        {"tfdis": work_tfdis, "keras": work_keras}[_name](_precision)
