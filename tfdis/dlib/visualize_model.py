"""disentanglement_lib's pictures of a trained model."""

import warnings

import gin

from tfdis.configuration import emptied
from tfdis.dlib.stack.importing import install
from tfdis.export.run import Run
from tfdis.files.whole import check_vacant, written_whole

_SIGNATURES = ("gaussian_encoder", "reconstructions", "decoder")
_ACTIVATIONS = ("logits", "tanh")


def _checked(run: Run) -> Run:
    """A run with all that dlib reads of a model, checked before anything is drawn."""
    path = run.folder / "results" / "gin" / "train.gin"
    needed = ("dataset.name", "encoder.num_latent", "reconstruction_loss.activation")
    missing = [name for name in needed if run.value(name) is None]
    if missing:
        raise ValueError(f"Expected {', '.join(missing)} in {path}. Received none.")
    activation = run.value("reconstruction_loss.activation")
    if activation not in _ACTIVATIONS:
        raise ValueError(
            f"disentanglement_lib draws models with reconstruction_loss.activation out of "
            f"{_ACTIVATIONS}. Received: {activation!r} in {path}. Use bin/visualize."
        )
    for name in _SIGNATURES:
        run.signature(name)
    return run


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

    It draws reconstructions, samples, traversals, animated traversals of five kinds, and the
    interventional effects of every factor on every latent. The gin configuration of this process
    plays no part, and is left as it was.

    Args:
        model_dir: path of the trained model's folder, with `tfhub` and `results`.
        output_dir: path of the folder to write.
        overwrite: whether an existing folder is replaced, once the new one is complete.
        num_animations: number of images whose code is animated.
        num_frames: number of frames in an animation.
        fps: frames per second.
        num_points_irs: number of images for the interventional effects.

    Raises:
        FileExistsError: `output_dir` exists and `overwrite` is False.
        FileNotFoundError: the folder holds no trained model.
        ValueError: the model cannot be drawn, since it has other signatures or another activation.
    """
    install()
    check_vacant(output_dir, overwrite)
    run = _checked(Run.open(model_dir))
    from disentanglement_lib.visualize import visualize_model as module

    with emptied(), written_whole(output_dir, overwrite) as folder, warnings.catch_warnings():
        # Warnings about dlib's calls of Pillow and matplotlib, which no user can change.
        warnings.simplefilter("ignore")
        gin.parse_config(run.data_set_options)
        module.visualize(
            str(run.folder), folder, False, num_animations, num_frames, fps, num_points_irs
        )
