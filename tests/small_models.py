"""Small settings of every registered model, and batches of the kind that each learns from."""

import functools
import math

import keras
import numpy as np
import tensorflow as tf

from tfdis import objectives
from tfdis.models.label_networks import build_label_discriminator
from tfdis.networks.fc_discriminator import fc_discriminator

FACTOR_SIZES = [2, 3]


def one_layer_encoder(input_tensor, num_latent, is_training=True):
    """The smallest encoder there is: to build and trace the published ones takes most of a test's time."""
    flat = keras.layers.Flatten()(input_tensor)
    return tuple(keras.layers.Dense(num_latent, name=name)(flat) for name in ("means", "log_var"))


def one_layer_decoder(latent_tensor, output_shape, is_training=True):
    pixels = keras.layers.Dense(math.prod(output_shape))(latent_tensor)
    return keras.layers.Reshape(output_shape)(pixels)


ONE_LAYER = {"encoder": one_layer_encoder, "decoder": one_layer_decoder}


def settings(factor_sizes=FACTOR_SIZES, label_factors=(1,)):
    """Options of every model, by its name: what it cannot do without, and some that are no defaults."""
    labels = {"factor_sizes": factor_sizes, "label_factors": [*label_factors]}
    return {
        "ada_gvae": {"beta": 2.0},
        "ada_mlvae": {"beta": 2.0, "symmetric": True},
        "annealed_vae": {"gamma": 10.0, "c_max": 5.0, "iteration_threshold": 100},
        "autoencoder": {},
        "beta_tc_vae": {"beta": 6.0},
        "bf_vae": {"penalty_weight": 10.0},
        "commutative_lie_group_vae": {"matrix_size": 4},
        "control_vae": {"target": 2.0},
        "cvae": labels,
        "dip_vae": {"lambda_od": 5.0, "lambda_d_factor": 10.0, "dip_type": "ii"},
        "factor_vae": {"gamma": 0.1},
        "factor_qvae": {"gamma": 0.1, "num_values": 8},
        "fsq": {"levels": 5},
        "gvae": {"beta": 2.0},
        "ifcvae": labels | {"adversarial_weight": 1.0},
        "info_vae": {"lambda_mmd": 10.0, "form": "code", "num_prior_samples": 50},
        "ivae": labels,
        "mlvae": {"beta": 2.0},
        "qlae": {"num_values": 6, "commitment_weight": 0.5},
        "slow_vae": {"gamma": 5.0},
        "supervised_vae": {"terms": [objectives.SupervisedCrossEntropy(2.0, factor_sizes)]},
        "tripod": {"num_values": 6, "marginal_bandwidth": "silverman"},
        "vae": {"beta": 4.0},
    }


def networks_of_terms(name, latent_dim, image_shape=None, num_classes=FACTOR_SIZES[1]):
    """Networks with one hidden layer: with the published 5 or 6 of 1,000 units a test takes seconds.

    With an image shape the label encoder has none, in place of the published convolutions.
    """
    if name in ("factor_qvae", "factor_vae"):
        return {"discriminator": functools.partial(fc_discriminator, num_hidden=1)}
    if name == "ifcvae":
        network = build_label_discriminator(latent_dim, num_classes, num_hidden=1)
        small = {"label_discriminator": network}
        if image_shape is not None:
            layers = [keras.layers.Flatten(), keras.layers.Dense(num_classes)]
            small["label_encoder"] = keras.Sequential([keras.Input(image_shape), *layers])
        return small
    return {}


def images(num, shape):
    """Black images with a white pixel here and there."""
    rng = np.random.default_rng(0)
    return tf.constant(rng.uniform(size=(num, *shape)) > 0.8, tf.float32)


def labelled(num, shape):
    """Images and their labels, for a supervised term."""
    labels = np.random.default_rng(2).integers(0, FACTOR_SIZES, size=(num, 2))
    return images(num, shape), tf.constant(labels)


def batch(model, num=8):
    """(x,) or (x, labels) of a model's kind, of so many images or of half as many pairs."""
    shape = model.image_shape
    x, rng = images(num * model.batches_per_step, shape), np.random.default_rng(1)
    if model.batch_kind == "images":
        return (x,)
    if model.batch_kind == "labelled":
        return x, tf.constant(rng.integers(0, FACTOR_SIZES, size=(len(x), 2)))
    pairs = tf.reshape(x, [-1, 2, *shape])
    if model.batch_kind == "pairs":
        return (pairs,)
    return pairs, tf.constant(rng.integers(0, 2, size=(len(pairs), 2)) > 0)
