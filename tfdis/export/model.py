"""What a trained VAE leaves in its run folder: three forms of the same functions."""

import contextlib
import os
from collections.abc import Iterator

import keras
import tensorflow as tf

from tfdis.export.frozen import Signature, export_frozen
from tfdis.export.results import FROZEN_FOLDER
from tfdis.files.whole import check_vacant, written_whole

KERAS_FILE = "model.keras"
TRAINABLE_FOLDER = "saved_model"


@contextlib.contextmanager
def computing_in_float32(model: keras.Model) -> Iterator[None]:
    """Lets every layer of a mixed precision model compute in float32 while the body runs.

    The variables of such a model are float32 already, so an export loses nothing, runs on machines
    without bfloat16 kernels, and takes and returns float32.

    Args:
        model: any built Keras model.
    """
    layers = [layer for layer in model._flatten_layers() if layer.compute_dtype != "float32"]
    policies = [layer.dtype_policy for layer in layers]
    try:
        for layer in layers:
            layer.dtype_policy = "float32"
        yield
    finally:
        for layer, policy in zip(layers, policies, strict=True):
            layer.dtype_policy = policy


def sample_gaussian(mean: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """Draws z = mean + exp(log_var / 2) * epsilon with an op that every TensorFlow knows.

    Args:
        mean: posterior means `[batch, latent]`.
        log_var: posterior log variances `[batch, latent]`.

    Returns:
        z `[batch, latent]`, drawn anew at every call.
    """
    return mean + tf.exp(0.5 * log_var) * tf.random.normal(tf.shape(mean))


def vae_signatures(model: keras.Model) -> dict[str, Signature]:
    """The signatures under which disentanglement_lib publishes a VAE.

    Args:
        model: object with `encoder(images) -> (mean, log_var)`, `decoder(z) -> logits`,
            `image_shape` and `latent_dim`.

    Returns:
        `gaussian_encoder` {images} -> {mean, logvar}, the mean quantised where the model quantises;
        `reconstructions` {images} -> {images}, the
        logits of one sampled z; `decoder` {latent_vectors} -> {images}, logits; and what the model
        adds or replaces in `extra_signatures`, if it has any. All are float32.
    """
    images_spec = tf.TensorSpec([None, *model.image_shape], tf.float32, "images")
    latent_spec = tf.TensorSpec([None, model.latent_dim], tf.float32, "latent_vectors")

    def encode(images):
        mean, log_var = model.encoder(images, training=False)
        return tf.cast(_code(model, mean), tf.float32), tf.cast(log_var, tf.float32)

    def decode(latent_vectors):
        logits = model.decoder(latent_vectors, training=False)
        if _is_linear(model):
            # Readers know no standardisation: they are given pixels.
            logits = model.reconstruction_loss.images(logits)
        # A decoder may end in a flat layer; readers are promised images.
        return tf.reshape(tf.cast(logits, tf.float32), [-1, *model.image_shape])

    def gaussian_encoder(images):
        mean, log_var = encode(images)
        return {"mean": mean, "logvar": log_var}

    def reconstructions(images):
        return {"images": decode(sample_gaussian(*encode(images)))}

    def decoder(latent_vectors):
        return {"images": decode(latent_vectors)}

    signatures = {
        "gaussian_encoder": Signature(gaussian_encoder, {"images": images_spec}),
        "reconstructions": Signature(reconstructions, {"images": images_spec}),
        "decoder": Signature(decoder, {"latent_vectors": latent_spec}),
        **_extra_signatures(model),
    }
    return {name: signature for name, signature in signatures.items() if signature is not None}


def _extra_signatures(model: keras.Model) -> dict[str, Signature | None]:
    """The signatures that the model itself adds, replaces or, with None, leaves out."""
    own = getattr(model, "extra_signatures", dict)()
    return {name: parts and Signature(*parts) for name, parts in own.items()}


def _have_gradient(function, spec: tf.TensorSpec, variables: list[tf.Variable]) -> list[bool]:
    """Whether each variable has an influence on a function's output."""
    have_gradient = []

    @tf.function(autograph=False)
    def trace(inputs):
        with tf.GradientTape() as tape:
            outputs = function(inputs)
        have_gradient.extend(g is not None for g in tape.gradient(outputs, variables))
        return outputs

    trace.get_concrete_function(spec)
    return have_gradient


def _code(model: keras.Model, mean: tf.Tensor) -> tf.Tensor:
    """The mean, or what a quantised model makes of it."""
    return model.code(mean) if hasattr(model, "code") else mean


def _is_linear(model: keras.Model) -> bool:
    """Whether the decoder's output stands for pixels without sigmoid or tanh."""
    loss = getattr(model, "reconstruction_loss", None)
    return getattr(loss, "activation", "logits") == "linear"


def _reusable_object(model: keras.Model) -> tf.train.Checkpoint:
    """Makes what `hub.KerasLayer(trainable=True)` asks of a SavedModel: a call and lists of variables."""
    spec = tf.TensorSpec([None, *model.image_shape], tf.float32, "images")

    def posterior_mean(images, training=False):
        return tf.cast(_code(model, model.encoder(images, training=training)[0]), tf.float32)

    traced = tf.function(posterior_mean, autograph=False)
    for training in (False, True):
        traced.get_concrete_function(spec, training=training)
    variables = [v.value for v in model.encoder.variables + model.decoder.variables]
    trainable = [v.value for v in model.encoder.trainable_variables]
    # The variables of the log variance's head are left out: Keras warns of those that get no gradient.
    used = _have_gradient(posterior_mean, spec, trainable)
    reusable = tf.train.Checkpoint()
    reusable.__call__ = traced
    reusable.variables = variables
    reusable.trainable_variables = [
        v for v, is_used in zip(trainable, used, strict=True) if is_used
    ]
    reusable.regularization_losses = []
    if _extra_signatures(model) or getattr(model, "is_quantised", False):
        # The signatures may use further networks of the model, or its table of values.
        reusable.model_variables = [v.value for v in model.weights]
    return reusable


def export_trainable(model: keras.Model, path: str, overwrite: bool = False) -> None:
    """Writes a SavedModel that can be served and finetuned.

    Its signatures are those of `vae_signatures`, and `serving_default` is `gaussian_encoder`.
    Called as an object it maps images to the mean of the posterior, which is what
    `hub.KerasLayer(path, trainable=True)` finetunes (signatures cannot be finetuned there): its
    `trainable_variables` are those of the encoder that the mean depends on.

    Args:
        model: as for `vae_signatures`.
        path: path of the folder to write, usually `<run>/saved_model`.
        overwrite: whether an existing folder is replaced.
    """
    check_vacant(path, overwrite)
    signatures = {
        name: tf.function(signature.function, autograph=False).get_concrete_function(
            **signature.inputs
        )
        for name, signature in vae_signatures(model).items()
    }
    signatures["serving_default"] = signatures["gaussian_encoder"]
    with written_whole(path, overwrite) as folder:
        tf.saved_model.save(_reusable_object(model), folder, signatures=signatures)


def export_model(
    model: keras.Model,
    run_dir: str,
    overwrite: bool = False,
    native: keras.Model | None = None,
    with_optimizer: bool = True,
) -> None:
    """Writes `tfhub` (frozen), `saved_model` (trainable) and `model.keras` into a run folder.

    Args:
        model: as for `vae_signatures`; it, or `native`, must also have Keras's `save`.
        run_dir: the run's folder, which is made if it is missing. Other files in it are left alone.
        overwrite: whether existing exports are replaced, each of them only when its successor is
            ready.
        native: model that `model.keras` holds, if it is not the model itself.
        with_optimizer: whether `model.keras` holds the optimiser's state, with which `fit` goes on; without
            it the file of a model that Adam trained is a third of the size.

    Raises:
        FileExistsError: one of the three is there already and `overwrite` is False.

    Example:
        >>> export_model(model, "runs/btc")  # doctest: +SKIP
        >>> module = tf.saved_model.load("runs/btc/tfhub")  # doctest: +SKIP
        >>> module.signatures["gaussian_encoder"](images=x)["mean"]  # doctest: +SKIP
    """
    names = (FROZEN_FOLDER, TRAINABLE_FOLDER, KERAS_FILE)
    frozen, trainable, keras_file = (os.path.join(run_dir, name) for name in names)
    for path in (frozen, trainable, keras_file):
        check_vacant(path, overwrite)
    # The blocks are nested so that nothing appears before all three are written.
    with (
        written_whole(keras_file, overwrite) as native_part,
        written_whole(trainable, overwrite) as trainable_part,
        written_whole(frozen, overwrite) as frozen_part,
    ):
        with computing_in_float32(model):
            export_frozen(vae_signatures(model), frozen_part)
            export_trainable(model, trainable_part)
        (native or model).save(native_part)
        if not with_optimizer:
            keras.models.load_model(native_part, compile=False).save(native_part)
