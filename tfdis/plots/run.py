"""All pictures of a run, in one folder."""

import contextlib
import os
from pathlib import Path

import numpy as np
from absl import logging

from tfdis.export.run import Run
from tfdis.files.lock import HIDDEN
from tfdis.files.request import Request
from tfdis.files.whole import check_vacant, written_whole
from tfdis.plots.condition_traversals import (
    animate_condition_traversals,
    plot_condition_traversals,
)
from tfdis.plots.curves import LOG, plot_curves
from tfdis.plots.finished_run import load_finished_run
from tfdis.plots.images import to_pixels
from tfdis.plots.reconstructions import plot_reconstructions
from tfdis.plots.score_curves import SCORES, plot_score_curves
from tfdis.plots.traversals import animate_traversals, plot_traversals

TRAVERSALS, ANIMATION = "traversals.png", "traversals.gif"
RECONSTRUCTIONS, CURVES = "reconstructions.png", "curves.png"
SCORE_CURVES = "score_curves.png"
CONDITION, CONDITION_ANIMATION = "condition_traversals.png", "condition_traversals.gif"
MARK = f"{HIDDEN}pictures.json"
# Number of images from which the mean KL of a latent is known to about a tenth of itself.
_IMAGES_FOR_KL = 500


def default_output_dir(model_dir: str | os.PathLike) -> Path:
    """Path of the folder for the pictures of a run.

    Example:
        >>> default_output_dir("runs/btc").as_posix(), default_output_dir("runs/btc/model").as_posix()
        ('runs/btc/visualizations', 'runs/btc/visualizations')
    """
    folder = Path(model_dir)
    return (folder.parent if folder.name == "model" else folder) / "visualizations"


def plot_run(
    model_dir: str | os.PathLike,
    output_dir: str | os.PathLike | None = None,
    num_images: int = 16,
    seed: int = 0,
    overwrite: bool = False,
) -> list[str]:
    """Draws the pictures of a run; none of them appears before all are drawn.

    Pictures that the same call drew before are left as they are.

    Args:
        model_dir: path of a run's folder with `tfhub` and `results`; most have `training_log.csv`,
            some have `scores.csv`.
        output_dir: path of the folder to write to; None for `default_output_dir`. Other files in it
            are left alone.
        num_images: number of images among the reconstructions.
        seed: seed that chooses the images.
        overwrite: whether existing pictures are replaced.

    Returns:
        Paths of the pictures.

    Raises:
        FileNotFoundError: there is no such folder, or it holds no run.
        FileExistsError: another call's picture exists and `overwrite` is False.
        ValueError: the module is not that of a VAE, or its images are not those of the data set.
    """
    folder = Path(output_dir) if output_dir is not None else default_output_dir(model_dir)
    trained = Run.open(model_dir).results().get("uuid")
    request = Request(folder / MARK, {"run": trained, "num_images": num_images, "seed": seed})
    paths = [str(folder / name) for name in request.files]
    if paths and not overwrite and all(map(os.path.isfile, paths)):
        logging.info("The pictures in %s were drawn before.", folder)
        return paths
    others = (CURVES, SCORE_CURVES, CONDITION, CONDITION_ANIMATION)
    for name in (TRAVERSALS, ANIMATION, RECONSTRUCTIONS, *others):
        check_vacant(str(folder / name), overwrite or request.was_begun)
    run = load_finished_run(model_dir)
    names = [TRAVERSALS, ANIMATION, RECONSTRUCTIONS]
    if run.has_rows(LOG):
        names.append(CURVES)
    elif not run.is_untrained:
        logging.warning("No steps in %s: %s is not drawn.", run.folder / LOG, CURVES)
    if run.has_rows(SCORES):
        names.append(SCORE_CURVES)
    if run.condition is not None:
        names += [CONDITION, CONDITION_ANIMATION]
    with contextlib.ExitStack() as stack:
        partial = {
            name: stack.enter_context(written_whole(str(folder / name), overwrite=True))
            for name in names
        }
        _draw(run, partial, num_images, seed)
        request.note()
    request.note(names)
    return [str(folder / name) for name in names]


def _draw(run, paths, num_images, seed):
    random_state = np.random.RandomState(seed)
    factors, images = run.data.sample(max(_IMAGES_FOR_KL, num_images), random_state)
    images = np.asarray(images, np.float32)
    ordered = images[_most_central_first(run.encoder(images)[0])]
    plot_traversals(
        run.encoder,
        run.decoder,
        ordered,
        paths[TRAVERSALS],
        run.activation,
        title=f"latent traversals: {run.title}",
    )
    animate_traversals(run.encoder, run.decoder, ordered, paths[ANIMATION], run.activation)
    shown = images[:num_images]
    decoded = run.decoder(run.encoder(shown)[0])
    plot_reconstructions(
        shown,
        to_pixels(decoded, run.activation),
        paths[RECONSTRUCTIONS],
        title=f"images and reconstructions from the posterior mean: {run.title}",
    )
    if run.condition is not None:
        _draw_condition(run, paths, images[:3], factors[:3])
    if CURVES in paths:
        title = f"training on {run.title}"
        plot_curves(run.folder / LOG, paths[CURVES], run.unit, title)
    if SCORE_CURVES in paths:
        title = f"scores during training on {run.title}"
        plot_score_curves({run.folder.name: run.folder / SCORES}, paths[SCORE_CURVES], title)


def _draw_condition(run, paths, images, factors):
    labels = np.asarray(factors)[:, run.condition.positions]
    codes = run.condition.encoder(images, labels)
    shown = (run.condition.decoder, codes, images, labels, run.condition.classes)
    title = f"condition traversals, the code stays and the label changes: {run.title}"
    plot_condition_traversals(*shown, paths[CONDITION], run.activation, title)
    animate_condition_traversals(*shown, paths[CONDITION_ANIMATION], run.activation)


def _most_central_first(codes):
    """Order of the images that starts with the one whose code is nearest to the prior's mean.

    A traversal that starts there leaves the region that the decoder knows as late as possible.
    """
    first = np.argmin(np.sum(np.square(codes), axis=1))
    return np.concatenate([[first], np.delete(np.arange(len(codes)), first)])
