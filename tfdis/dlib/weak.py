"""disentanglement_lib's weakly supervised training, which its PyPI package lacks, on tfdis's models.

The gin names are those of its repository: `@group_vae_argmax()`, `@group_vae_labels()`,
`@mlvae_argmax()`, `@mlvae_labels()`, their bases' `group_vae.beta` and `mlvae.beta`, and `dynamics.k`.

References:
    Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
    arXiv:2002.02886.
"""

import functools
import os
from collections.abc import Callable, Sequence

import gin
import numpy as np

from tfdis.data.streams import pairs
from tfdis.dlib.stack.importing import install
from tfdis.dlib.train import train
from tfdis.export.run import Run
from tfdis.files.whole import written_whole
from tfdis.models.ada_gvae import AdaGVAE
from tfdis.models.ada_mlvae import AdaMLVAE
from tfdis.models.gvae import GVAE
from tfdis.models.mlvae import MLVAE

_MODULE = "tfdis.dlib"
# The pairs of disentanglement_lib; the user's bindings come after these and override them.
_PAIRS = ["pairs.sampling = 'dlib'", "pairs.num_differing = @dynamics()"]
_NUM_DRAWN = 10


@gin.configurable(module=_MODULE)
def dynamics(k: int = gin.REQUIRED) -> int | None:
    """Number of factors that differ between the images of a pair; gin: `dynamics.k`.

    Args:
        k: the number, or -1 for one that is drawn for each pair.

    Returns:
        `num_differing` of `tfdis.data.streams.pairs.sample_pairs`.

    Raises:
        ValueError: a k below -1, or 0.
    """
    if k < -1 or k == 0:
        raise ValueError(f"Expected dynamics.k of at least 1, or -1 to draw it. Received: {k}.")
    return None if k == -1 else k


@gin.configurable(module=_MODULE)
def group_vae(beta: float | None = None) -> float | None:
    """The beta of both group VAEs: `group_vae.beta`."""
    return beta


@gin.configurable(module=_MODULE)
def weak_loss(loss_fn: Callable | None = None) -> Callable | None:
    """Lets gin files bind `weak_loss.loss_fn`, which no model of disentanglement_lib's repository uses."""
    return loss_fn


def _mlvae() -> float | None:
    """The beta of both ML-VAEs: `mlvae.beta`."""
    return gin.get_configurable("mlvae")().keywords.get("beta")


def _register(name: str, cls: type, base: Callable[[], float | None]) -> None:
    """Gives a model of tfdis the name that it has in disentanglement_lib's repository."""

    def build(beta=None):
        beta = base() if beta is None else beta
        if beta is None:
            raise ValueError(
                f"{name} needs a value for {name}.beta. Bind it, for example: {name}.beta = 1.0"
            )
        return functools.partial(cls, beta=beta)

    build.__name__ = name
    build.__doc__ = cls.__doc__
    gin.external_configurable(build, name=name, module=_MODULE)


_register("group_vae_argmax", AdaGVAE, group_vae)
_register("group_vae_labels", GVAE, group_vae)
_register("mlvae_argmax", AdaMLVAE, _mlvae)
_register("mlvae_labels", MLVAE, _mlvae)


def train_weakly_supervised(
    model_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Does what `tfdis.dlib.train.train` does, on disentanglement_lib's pairs; draws some of them as well.

    Args:
        model_dir: path of the run's folder, which also has `visualizations/weak` afterwards.
        gin_config_files: gin files; see `find_config`.
        gin_bindings: further gin lines; `pairs.sampling = 'differ'` chooses other pairs.
        overwrite: whether another run in that folder is deleted.

    Raises:
        FileExistsError: the folder holds something else.
        FileNotFoundError: there is no such gin file.
        ValueError: a wrong binding or option, or no binding that says what to train.
    """
    if gin_config_files or gin_bindings:
        gin_bindings = [*_PAIRS, *gin_bindings]
    train(model_dir, gin_config_files, gin_bindings, overwrite)
    _draw_pairs(model_dir)


def _draw_pairs(model_dir: str) -> None:
    """Writes pairs that blink from one image to the other: `visualizations/weak/animation.gif`."""
    install()
    from disentanglement_lib.visualize import visualize_util

    run = Run.open(model_dir)
    data = run.data()
    num_differing = dynamics(int(run.value("dynamics.k", "-1")))
    drawn, _ = pairs.sample_pairs(data, _NUM_DRAWN, np.random.RandomState(0), "dlib", num_differing)
    images = drawn / 255.0 if drawn.dtype == np.uint8 else drawn
    output_dir = os.path.join(model_dir, "visualizations", "weak")
    with written_whole(output_dir, overwrite=True) as folder:
        os.makedirs(folder)
        visualize_util.save_animation(images, os.path.join(folder, "animation.gif"), fps=10)
