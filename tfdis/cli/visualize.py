"""Draws a run: latent traversals, reconstructions and loss curves.

bin/visualize --model_dir=runs/btc
bin/visualize --model_dir=runs/btc --output_dir=pictures --num_images=24 --seed=1 --overwrite

Writes traversals.png, traversals.gif, reconstructions.png and, if the run has a training log,
curves.png. The pictures show images that are drawn from the run's own data set.
"""

import contextlib
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import gin
from absl import flags, logging

from tfdis.cli.run import run_main

FLAGS = flags.FLAGS

TRAVERSALS, ANIMATION = "traversals.png", "traversals.gif"
RECONSTRUCTIONS, CURVES = "reconstructions.png", "curves.png"
_LOG = "training_log.csv"
_GIN = Path("results") / "gin" / "train.gin"
# Enough that the mean KL of a latent is known to about a hundredth of a nat.
_IMAGES_FOR_KL = 500


def _define_flags():
    flags.DEFINE_string("model_dir", None, "Folder of a run of bin/train.", required=True)
    flags.DEFINE_string(
        "output_dir",
        None,
        "Folder to write to. By default `visualizations` in the run's folder, or beside it if that is "
        "called `model`, as in disentanglement_lib's layout.",
    )
    flags.DEFINE_integer(
        "num_images", 16, "Images among the reconstructions.", lower_bound=1, upper_bound=1000
    )
    flags.DEFINE_integer("seed", 0, "Chooses the images.", lower_bound=0)
    flags.DEFINE_bool("overwrite", False, "Whether to replace pictures that are there.")


def _run(_):
    visualize(FLAGS.model_dir, FLAGS.output_dir, FLAGS.num_images, FLAGS.seed, FLAGS.overwrite)


def default_output_dir(model_dir: str | os.PathLike) -> Path:
    """Where the pictures of a run go.

    Example:
      >>> default_output_dir("runs/btc").as_posix(), default_output_dir("runs/btc/model").as_posix()
      ('runs/btc/visualizations', 'runs/btc/visualizations')
    """
    folder = Path(model_dir)
    return (folder.parent if folder.name == "model" else folder) / "visualizations"


def visualize(
    model_dir: str | os.PathLike,
    output_dir: str | os.PathLike | None = None,
    num_images: int = 16,
    seed: int = 0,
    overwrite: bool = False,
) -> list[str]:
    """Draws the pictures of a run; none of them appears before all are drawn.

    Args:
      model_dir: folder of a run: has `tfhub` and `results`, and mostly `training_log.csv`.
      output_dir: folder to write to; None takes `default_output_dir`. Other files in it are left alone.
      num_images: images among the reconstructions.
      seed: chooses the images.
      overwrite: whether pictures that are there are replaced.

    Returns:
      Paths of the pictures.

    Raises:
      FileNotFoundError: if there is no such folder, or it holds no run.
      FileExistsError: if a picture exists and `overwrite` is False.
      ValueError: if the module is not that of a VAE, or its images are not those of the data set.
    """
    run_dir = Path(model_dir)
    _check_is_run(run_dir)
    # Now, and not before a wrong folder is told: the room export loads TensorFlow.
    from tfdis.export.whole import check_vacant, written_whole

    folder = Path(output_dir) if output_dir is not None else default_output_dir(run_dir)
    names = [TRAVERSALS, ANIMATION, RECONSTRUCTIONS]
    if (run_dir / _LOG).is_file() and _has_rows(run_dir / _LOG):
        names.append(CURVES)
    else:
        logging.warning("No steps in %s: %s is not drawn.", run_dir / _LOG, CURVES)
    for name in names:
        check_vacant(str(folder / name), overwrite)
    run = _load(run_dir)
    with contextlib.ExitStack() as stack:
        partial = {
            name: stack.enter_context(written_whole(str(folder / name), overwrite))
            for name in names
        }
        _draw(run, partial, num_images, seed)
    return [str(folder / name) for name in names]


@dataclasses.dataclass(frozen=True)
class _Run:
    """What the pictures need of a run."""

    folder: Path
    title: str
    data: object
    encoder: Callable
    decoder: Callable
    activation: str
    unit: str


def _check_is_run(run_dir):
    if not run_dir.is_dir():
        raise FileNotFoundError(
            f"Expected --model_dir to be the folder of a run. Received: {run_dir}, which does not exist."
        )
    missing = [name for name in (Path("tfhub"), _GIN) if not (run_dir / name).exists()]
    if missing:
        raise FileNotFoundError(
            "Expected --model_dir to be the folder of a finished run of bin/train. Received: "
            f"{run_dir}, which lacks {' and '.join(map(str, missing))}."
        )


def _has_rows(log_path):
    with open(log_path, encoding="utf-8") as file:
        return sum(1 for _ in file) > 1


def _load(run_dir):
    from tfdis.export.results import read_data_set_name, read_gin_bindings

    bindings = read_gin_bindings(str(run_dir / _GIN))
    name = read_data_set_name(str(run_dir / "results"), "train")
    data = _data_set(name, bindings)
    encoder, decoder = _module_functions(run_dir / "tfhub", data)
    loss = bindings.get("reconstruction_loss.loss_fn", "@bernoulli_loss").lstrip("@")
    return _Run(
        folder=run_dir,
        title=f"{name} ({data.provenance})",
        data=data,
        encoder=encoder,
        decoder=decoder,
        activation=_activation(bindings, loss),
        # Squared errors are likelihoods only up to a scale that nobody chose.
        unit="" if loss in ("l2_loss", "mse_loss") else "nats",
    )


def _activation(bindings, loss):
    for name in ("reconstruction_loss.activation", f"{loss}.activation"):
        if bindings.get(name, "None") != "None":
            return bindings[name].strip("'\"")
    return "logits"


def _data_set(name, bindings):
    """The run's data set, with the options that the run gave it."""
    from tfdis.data.named import get_named_ground_truth_data, options_of

    options = options_of(name, bindings)
    before = gin.config_str()
    try:
        gin.clear_config()
        gin.parse_config(options)
        return get_named_ground_truth_data(name)
    finally:
        gin.clear_config()
        gin.parse_config(before)


def _module_functions(module_dir, data):
    """(encoder, decoder) of a frozen module, on numpy arrays."""
    import tensorflow as tf

    module = tf.saved_model.load(str(module_dir))
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


def _draw(run, paths, num_images, seed):
    import numpy as np

    from tfdis import plots

    random_state = np.random.RandomState(seed)
    images = run.data.sample_observations(max(_IMAGES_FOR_KL, num_images), random_state)
    images = np.asarray(images, np.float32)
    ordered = images[_most_central_first(run.encoder(images)[0])]
    plots.plot_traversals(
        run.encoder,
        run.decoder,
        ordered,
        paths[TRAVERSALS],
        run.activation,
        title=f"latent traversals: {run.title}",
    )
    plots.animate_traversals(run.encoder, run.decoder, ordered, paths[ANIMATION], run.activation)
    shown = images[:num_images]
    decoded = run.decoder(run.encoder(shown)[0])
    plots.plot_reconstructions(
        shown,
        plots.to_pixels(decoded, run.activation),
        paths[RECONSTRUCTIONS],
        title=f"images and their reconstructions from the posterior mean: {run.title}",
    )
    if CURVES in paths:
        title = f"training on {run.title}"
        plots.plot_curves(run.folder / _LOG, paths[CURVES], run.unit, title)


def _most_central_first(codes):
    """Order in which the image comes first whose code is nearest to the prior's mean.

    From there a traversal leaves the region that the decoder knows last.
    """
    import numpy as np

    first = np.argmin(np.sum(np.square(codes), axis=1))
    return np.concatenate([[first], np.delete(np.arange(len(codes)), first)])


def main() -> None:
    """Entry point of `bin/visualize` and `tfdis_visualize`."""
    run_main(_run, _define_flags)


if __name__ == "__main__":
    main()
