"""disentanglement_lib's pictures of a trained model."""

import os
import warnings

import gin

from tfdis.configuration import emptied
from tfdis.data import named
from tfdis.dlib.importing import install
from tfdis.export.postprocess import load_signature
from tfdis.export.results import read_gin_bindings
from tfdis.files.whole import check_vacant, written_whole

_SIGNATURES = ("gaussian_encoder", "reconstructions", "decoder")
_ACTIVATIONS = ("logits", "tanh")


def _training_bindings(model_dir: str) -> dict[str, str]:
    """What dlib reads of a model's configuration, checked before anything is drawn."""
    path = os.path.join(model_dir, "results", "gin", "train.gin")
    if not os.path.isfile(path):
        raise FileNotFoundError(
            f"Expected the folder of a trained model, with {path}. Received a folder without it."
        )
    bindings = read_gin_bindings(path)
    needed = ("dataset.name", "encoder.num_latent", "reconstruction_loss.activation")
    missing = [name for name in needed if name not in bindings]
    if missing:
        raise ValueError(f"Expected {', '.join(missing)} in {path}. Received none.")
    activation = bindings["reconstruction_loss.activation"].strip("'\"")
    if activation not in _ACTIVATIONS:
        raise ValueError(
            f"disentanglement_lib draws models with reconstruction_loss.activation out of "
            f"{_ACTIVATIONS}. Received: {activation!r} in {path}. Use bin/visualize."
        )
    return bindings


def visualize_model(
    model_dir: str,
    output_dir: str,
    overwrite: bool = False,
    num_animations: int = 5,
    num_frames: int = 20,
    fps: int = 10,
    num_points_irs: int = 10000,
) -> None:
    """Draws a trained model with disentanglement_lib's own `visualize`.

    Reconstructions, samples, traversals, animated traversals of five kinds, and the interventional
    effects of every factor on every latent. The gin configuration of this process plays no part, and is
    left as it was.

    Args:
      model_dir: folder of the trained model: has `tfhub` and `results`.
      output_dir: folder to write.
      overwrite: whether an existing folder is replaced, once the new one is complete.
      num_animations: images whose code is animated.
      num_frames: frames of an animation.
      fps: frames a second.
      num_points_irs: images for the interventional effects.

    Raises:
      FileExistsError: if `output_dir` exists and `overwrite` is False.
      FileNotFoundError: if the folder holds no trained model.
      ValueError: if the model cannot be drawn: other signatures or another activation.
    """
    install()
    check_vacant(output_dir, overwrite)
    for name in _SIGNATURES:
        load_signature(os.path.join(model_dir, "tfhub"), name)
    bindings = _training_bindings(model_dir)
    from disentanglement_lib.visualize import visualize_model as module

    name = bindings["dataset.name"].strip("'\"")
    with emptied(), written_whole(output_dir, overwrite) as folder, warnings.catch_warnings():
        # Of dlib's calls of Pillow and matplotlib: nothing the user can change.
        warnings.simplefilter("ignore")
        gin.parse_config(named.options_of(name, bindings))
        module.visualize(model_dir, folder, False, num_animations, num_frames, fps, num_points_irs)
