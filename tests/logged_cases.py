"""Every registered model and term, small, with the weights of what it logs: for the tests of what is logged."""

import dataclasses
import math

import keras
import numpy as np
import tensorflow as tf
from run_helpers import rows_of

from tfdis import models, objectives, registry
from tfdis.training.callbacks import ScalarLog

SHAPE = (4, 4, 1)
LATENT_DIM = 3
FACTOR_SIZES = [2, 3]
BATCH = 8
DATASET_SIZE = 1000
STEP = 50


@dataclasses.dataclass
class Case:
    """A model, or the base VAE with a term.

    Attributes:
        name: what it is registered as, in MODELS or OBJECTIVES.
        options: its hyperparameters.
        weights: of logged scalars in `regularizer`, by their names; a weight may be a logged scalar itself.
        base: the model that a term is added to.
    """

    name: str
    options: dict = dataclasses.field(default_factory=dict)
    weights: dict = dataclasses.field(default_factory=dict)
    base: str = "vae"

    @property
    def is_model(self) -> bool:
        return self.name in registry.MODELS

    def build(self):
        options = self.options | _networks(self)
        if self.is_model:
            return _vae(registry.MODELS[self.name], **options)
        base = registry.MODELS[self.base] if self.base != "vae" else models.VAE
        return _vae(base, terms=[registry.OBJECTIVES[self.name](**options)])

    def __str__(self):
        return self.name


_IFCVAE = {"factor_sizes": FACTOR_SIZES, "label_factors": [0, 1], "label_weight": 4.0}
_ANNEALED = {"c_max": 4.0, "iteration_threshold": 100}
_CONTROLLED = {"target": 2.0, "k_p": 0.5, "k_i": 0.25}
_LIE = {"beta": 2.0, "hessian_weight": 3.0, "commutator_weight": 4.0, "feature_weight": 5.0}
_LIE_WEIGHTS = {"generator_products": 3, "commutator": 4, "group_features": 5}
_SLOW = {"laplace_transition": 5}
_PARTS = {"alpha": 0.5, "gamma": 3.0, "beta": 6.0}
SUPERVISED = [
    ("cov", {}),
    ("embed", {"sigma": 0.5}),
    ("embed", {"sigma": "learn", "use_order": True}),
    ("l2", {}),
    ("l2", {"learn_scale": False}),
    ("mine", {}),
    ("xent", {}),
]
CASES = [
    Case("ada_gvae", {"beta": 2.0}, {"kl_loss": 2}),
    Case("ada_mlvae", {"beta": 2.0}, {"kl_loss": 2}),
    Case("annealed_vae", {"gamma": 10.0} | _ANNEALED, {"capacity_deviation": 10}),
    Case("autoencoder"),
    Case("beta_tc_vae", {"beta": 6.0}, {"kl_loss": 1, "total_correlation": 5}),
    Case("beta_tc_vae", _PARTS | {"dataset_size": DATASET_SIZE}, {"decomposed_kl": 1}),
    Case("bf_vae", {"beta": 2.0, "penalty_weight": 5.0}, {"kl_loss": 2}),
    Case("commutative_lie_group_vae", _LIE | {"matrix_size": 2}, _LIE_WEIGHTS | {"kl_loss": 2}),
    Case(
        "commutative_lie_group_vae",
        _LIE | {"matrix_size": 2, "commutator_form": "code"},
        _LIE_WEIGHTS | {"kl_loss": 2},
    ),
    Case("control_vae", _CONTROLLED, {"kl_loss": "controlled_beta"}),
    Case("cvae", {"beta": 2.0, "factor_sizes": FACTOR_SIZES}, {"kl_loss": 2}),
    Case("dip_vae", {"lambda_od": 2.0, "lambda_d": 5.0}, {"kl_loss": 1, "dip_penalty": 1}),
    Case(
        "factor_qvae",
        {"num_values": 5, "codebook_weight": 2.0, "gamma": 6.0, "temperature": 0.5},
        {"codebook_kl": 2, "factor_tc": 6},
    ),
    Case("factor_vae", {"gamma": 6.0}, {"kl_loss": 1, "factor_tc": 6}),
    Case("fsq", {"levels": 5}),
    Case("gvae", {"beta": 2.0}, {"kl_loss": 2}),
    Case("ifcvae", _IFCVAE, {"kl_loss": 5, "reconstructed_label": 4, "adversarial_label": 20}),
    Case(
        "ifcvae",
        _IFCVAE | {"adversarial_weight": 2.0, "learns_from_reconstructions": True},
        {"kl_loss": 5, "reconstructed_label": 4, "adversarial_label": 2},
    ),
    Case("info_vae", {"lambda_mmd": 10.0, "alpha": 0.5}, {"kl_loss": 0.5, "mmd": 9.5}),
    Case(
        "ivae", {"beta": 2.0, "factor_sizes": FACTOR_SIZES, "label_factors": [0, 1]}, {"kl_loss": 2}
    ),
    Case("mlvae", {"beta": 2.0}, {"kl_loss": 2}),
    Case("slow_vae", {"beta": 2.0, "gamma": 5.0, "form": "code"}, _SLOW | {"kl_loss": 2}),
    Case("slow_vae", {"beta": 2.0, "gamma": 5.0}, _SLOW | {"kl_loss": 2}),
    Case(
        "qlae",
        {"num_values": 4, "quantisation_weight": 2.0, "commitment_weight": 3.0},
        {"quantisation": 2, "commitment": 3},
    ),
    Case(
        "supervised_vae",
        {"terms": [objectives.SupervisedCrossEntropy(3.0, FACTOR_SIZES)]},
        {"supervised_loss": 3},
    ),
    Case(
        "tripod",
        {"num_values": 5, "information_weight": 2.0, "hessian_weight": 3.0},
        {"kernel_information": 2, "hessian_penalty": 3},
    ),
    Case("vae", {"beta": 4.0}, {"kl_loss": 4}),
    *(
        Case(name, options | {"weight": 7.0, "factor_sizes": FACTOR_SIZES}, {"supervised_loss": 7})
        for name, options in SUPERVISED
    ),
    Case("quantisation_term", {"weight": 7.0}, {"quantisation": 7}, "fsq"),
    Case("commitment_term", {"weight": 7.0}, {"commitment": 7}, "fsq"),
    Case("kernel_information_term", {"weight": 7.0}, {"kernel_information": 7}),
    Case("capacity_kl_term", {"weight": 7.0} | _ANNEALED, {"capacity_deviation": 7}),
    Case(
        "dip_penalty_term",
        {"lambda_od": 2.0, "lambda_d": 5.0, "kind": "ii", "weight": 7.0},
        {"dip_penalty": 7},
    ),
    Case("controlled_kl_term", _CONTROLLED, {"kl_loss": "controlled_beta"}),
    Case("elbo_decomposition_term", _PARTS | {"weight": 7.0}, {"decomposed_kl": 7}),
    Case("factor_tc_term", {"weight": 7.0, "second_batch": True}, {"factor_tc": 7}),
    Case("factorised_support_term", {"weight": 7.0, "num_pairs": 2}, {"factorised_support": 7}),
    Case("support_shrinkage_term", {"weight": 7.0}, {"support_shrinkage": 7}),
    Case("kl_term", {"weight": 7.0}, {"kl_loss": 7}),
    Case("laplace_transition_term", {"weight": 7.0}, {"laplace_transition": 7}),
    Case("learned_prior_kl_term", {"latent_dim": LATENT_DIM, "weight": 7.0}, {"kl_loss": 7}),
    Case("mmd_term", {"weight": 7.0, "num_prior_samples": 50}, {"mmd": 7}),
    Case(
        "total_correlation_term",
        {"weight": 7.0, "estimator": "mss", "dataset_size": DATASET_SIZE},
        {"total_correlation": 7},
    ),
]


# Terms that only one model can have, and what it logs them as.
OF_ONE_MODEL = {
    "commutator_term": "commutator",
    "conditional_prior_kl_term": "kl_loss",
    "generator_products_term": "generator_products",
    "group_features_term": "group_features",
}


def _dense(units, seed):
    """A layer whose outputs are neither small nor all alike."""
    initial = keras.initializers.RandomNormal(stddev=0.4, seed=seed)
    return keras.layers.Dense(units, kernel_initializer=initial)


def _encoder(input_tensor, num_latent, is_training=True):
    flat = keras.layers.Flatten()(input_tensor)
    return _dense(num_latent, 0)(flat), _dense(num_latent, 1)(flat)


def _decoder(latent_tensor, output_shape, is_training=True):
    return keras.layers.Reshape(output_shape)(_dense(math.prod(output_shape), 2)(latent_tensor))


def _curved_decoder(latent_tensor, output_shape, is_training=True):
    """One with a hidden layer that is no sum of functions of single latents."""
    hidden = keras.layers.Activation("tanh")(_dense(6, 4)(latent_tensor))
    return _decoder(keras.layers.Dense(6, "tanh")(hidden), output_shape)


def _network(input_shape, num_outputs):
    return keras.Sequential(
        [keras.Input(input_shape), keras.layers.Flatten(), _dense(num_outputs, 3)]
    )


def _networks(case):
    """Small networks of terms."""
    num_classes = sum(FACTOR_SIZES)
    return {
        "factor_qvae": {"discriminator": _network([LATENT_DIM * 5], 2)},
        "factor_vae": {"discriminator": _network([LATENT_DIM], 2)},
        "factor_tc_term": {"network": _network([LATENT_DIM], 2)},
        "tripod": {"decoder": _curved_decoder},
        "ifcvae": {
            "label_encoder": _network(SHAPE, num_classes),
            "label_discriminator": _network([LATENT_DIM], num_classes),
        },
    }.get(case.name, {})


def _vae(cls, **options):
    return cls(
        **{"image_shape": SHAPE, "latent_dim": LATENT_DIM, "encoder": _encoder, "decoder": _decoder}
        | options
    )


def registered() -> set[str]:
    """Names of all models and terms."""
    objects = registry.OBJECTIVES.items()
    terms = {k for k, v in objects if isinstance(v, type) and issubclass(v, objectives.Term)}
    return set(registry.MODELS) | terms - OF_ONE_MODEL.keys()


def labelled_batch():
    """A few images, another number than in a batch, and labels of them."""
    rng = np.random.default_rng(1)
    images = tf.constant(rng.uniform(size=(6, *SHAPE)), tf.float32)
    return images, tf.constant(rng.integers(0, FACTOR_SIZES, size=(6, 2)))


def batch(model):
    """Images, or (images, labels), of the kind that the model learns from."""
    own = _own_batch(model)
    if not model.is_semi_supervised:
        return own
    x, *labels = own if isinstance(own, tuple) else (own,)
    return x, (*labels, *labelled_batch())


def _own_batch(model):
    rng = np.random.default_rng(0)
    num = BATCH * model.batches_per_step
    x = tf.constant(rng.uniform(size=(num, *SHAPE)), tf.float32)
    if model.batch_kind == "images":
        return x
    if model.batch_kind == "labelled":
        return x, tf.constant(rng.integers(0, FACTOR_SIZES, size=(num, 2)))
    pairs = tf.reshape(x, [-1, 2, *SHAPE])
    differing = tf.constant([[True, False]] * len(pairs))
    return pairs if model.batch_kind == "pairs" else (pairs, differing)


def log_one_step(model, folder):
    """The row of the training log of one step, with the outputs of the batch and of the second one."""
    seen = []
    training_outputs = model._training_outputs

    def spy(*arguments):
        seen[:] = training_outputs(*arguments)
        return seen

    model._training_outputs = spy
    for term in model.trained_terms:
        term.optimizer = keras.optimizers.SGD(0.0)
    model.compile(keras.optimizers.SGD(0.125), run_eagerly=True)
    model.optimizer.iterations.assign(STEP)
    weights = model.get_weights()
    stream = tf.data.Dataset.from_tensors(batch(model)).repeat()
    model.fit(stream, steps_per_epoch=1, verbose=0, shuffle=False, callbacks=[ScalarLog(folder, 0)])
    model.set_weights(weights)
    (row,) = rows_of(folder / "training_log.csv")
    return {name: float(value) for name, value in row.items()}, *seen
