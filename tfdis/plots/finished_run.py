"""A finished run as pictures need it: its data set, encoder and decoder."""

import ast
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.label_factors import DEFAULT_LABEL_FACTORS, label_classes, one_hot
from tfdis.export.run import Run
from tfdis.registry import OBJECTIVES


@dataclasses.dataclass(frozen=True)
class Condition:
    """The label of a conditional model, for its pictures.

    Attributes:
        positions: positions of the factors of the label among those of the data set.
        classes: name and number of classes of each of them.
        encoder: function from images and their labels `[num, factors of the label]` to codes.
        decoder: function from codes and conditions to linear outputs, on NumPy arrays.
    """

    positions: list[int]
    classes: list[tuple[str, int]]
    encoder: Callable
    decoder: Callable


@dataclasses.dataclass(frozen=True)
class FinishedRun:
    """A run's data set and networks, for its pictures.

    Attributes:
        folder: path of the run's folder.
        title: text that names the data set and its provenance.
        data: the data set, with the options that the run gave it.
        encoder: function from images to (mean, log_var), on NumPy arrays.
        decoder: function from codes to linear outputs, on NumPy arrays.
        activation: meaning of the outputs, "logits" or "tanh".
        unit: unit of the loss of an image, or empty.
        is_untrained: whether the run was trained for 0 steps, as a baseline.
        condition: the label of a conditional model; None for other models.
    """

    folder: Path
    title: str
    data: GroundTruthData
    encoder: Callable
    decoder: Callable
    activation: str
    unit: str
    is_untrained: bool
    condition: Condition | None = None

    def has_rows(self, log: str) -> bool:
        """Whether there is a log of this name, with at least one row below its header."""
        path = self.folder / log
        if not path.is_file():
            return False
        with open(path, encoding="utf-8") as file:
            return sum(1 for _ in file) > 1


def load_finished_run(run_dir: str | os.PathLike) -> FinishedRun:
    """Loads the frozen module of a run and the data set that it was trained on.

    Args:
        run_dir: path of a run's folder, with `tfhub` and `results`.

    Returns:
        The run.

    Raises:
        FileNotFoundError: there is no such folder, or it holds no finished run.
        ValueError: the module is not that of a VAE, or its images are not those of the data set.
    """
    run = Run.open(run_dir)
    data = run.data()
    module = tf.saved_model.load(run.module_path)
    encoder, decoder = _module_functions(module, run.module_path, data)
    loss = run.value("reconstruction_loss.loss_fn", "@bernoulli_loss").lstrip("@")
    in_nats = getattr(OBJECTIVES.get(loss), "in_nats", False)
    return FinishedRun(
        folder=run.folder,
        title=f"{run.data_set} ({data.provenance})",
        data=data,
        encoder=encoder,
        decoder=decoder,
        activation=_activation(run, loss),
        unit="nats" if in_nats and not _is_normalised(run) else "",
        is_untrained=run.results().get("global_step") == 0,
        condition=_condition(run, module, data),
    )


def _condition(run, module, data):
    """The label of the run's model; None for models without one."""
    if "conditional_decoder" not in module.signatures:
        return None
    model = run.value("model.model", "").lstrip("@").removesuffix("()")
    value = run.value(f"{model}.label_factors", repr(DEFAULT_LABEL_FACTORS))
    while value.startswith("%"):
        value = run.value(value[1:])
    factors = ast.literal_eval(value)
    found = label_classes(data.factors_num_values, factors, data.factor_names)
    decode = module.signatures["conditional_decoder"]
    encode = module.signatures.get("conditional_encoder")

    def encoder(images, labels):
        if encode is None:
            outputs = module.signatures["gaussian_encoder"](images=tf.constant(images, tf.float32))
            return outputs["mean"].numpy()
        given = tf.constant(one_hot(labels, [size for _, size in found]))
        return encode(images=tf.constant(images, tf.float32), condition=given)["mean"].numpy()

    def decoder(codes, conditions):
        given = tf.constant(conditions, tf.float32)
        return decode(latent_vectors=tf.constant(codes, tf.float32), condition=given)[
            "images"
        ].numpy()

    return Condition(
        positions=[position for position, _ in found],
        classes=[(data.factor_names[position], size) for position, size in found],
        encoder=encoder,
        decoder=decoder,
    )


def _is_normalised(run):
    """Whether the loss is a mean over pixel values."""
    values = run.bindings.items()
    return any(k.endswith(".beta_normalisation") and v == "True" for k, v in values)


def _activation(run, loss):
    for name in ("reconstruction_loss.activation", f"{loss}.activation"):
        if run.value(name, "None") != "None":
            return run.value(name)
    return "logits"


def _module_functions(module, module_dir, data):
    """The encoder and decoder of a frozen module, on NumPy arrays."""
    missing = {"gaussian_encoder", "decoder"} - set(module.signatures)
    if missing:
        raise ValueError(
            f"Expected {module_dir} to be the module of a VAE, with the signatures gaussian_encoder and "
            f"decoder. Received: one with {sorted(module.signatures)}. A representation "
            "(postprocessed) cannot be drawn: give the model's folder."
        )
    encode, decode = module.signatures["gaussian_encoder"], module.signatures["decoder"]
    shape = encode.structured_input_signature[1]["images"].shape[1:]
    if not shape.is_compatible_with(data.observation_shape):
        raise ValueError(
            f"Expected a module for images of {data.name}, {data.observation_shape}. Received: "
            f"{module_dir} for {shape.as_list()}."
        )

    def encoder(images):
        outputs = encode(images=tf.constant(images, tf.float32))
        return outputs["mean"].numpy(), outputs["logvar"].numpy()

    def decoder(codes):
        return decode(latent_vectors=tf.constant(codes, tf.float32))["images"].numpy()

    return encoder, decoder
