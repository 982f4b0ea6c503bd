"""A contact sheet: what the most informative latents of many models do, one model in each row."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import logging
from matplotlib.figure import Figure

from tfdis.export.results import FROZEN_FOLDER
from tfdis.plots.figure import add_title, draw_grid, no_formula, save_figure
from tfdis.plots.finished_run import load_finished_run
from tfdis.plots.images import to_pixels
from tfdis.plots.traversals import LIMIT, mean_kl, select_latents

_INCHES = 0.5
_VALUES = np.linspace(-LIMIT, LIMIT, 5)
_IMAGES_FOR_KL = 200


def find_models(roots: Sequence[str | os.PathLike]) -> list[Path]:
    """Folders of finished models at or below some folders, sorted; representations are none.

    Args:
        roots: paths of runs, of studies, or of folders with some of them below.

    Raises:
        FileNotFoundError: there is no model.
    """
    gin_files = {path for root in roots for path in Path(root).rglob("results/gin/train.gin")}
    folders = sorted(path.parents[2] for path in gin_files)
    found = [
        folder
        for folder in folders
        if (folder / FROZEN_FOLDER).is_dir()
        and not (folder / "results/gin/postprocess.gin").exists()
    ]
    if not found:
        raise FileNotFoundError(
            "Expected folders of finished runs of bin/train, or of a study. Received: "
            f"{', '.join(map(str, roots)) or 'none'}, without any."
        )
    return found


def plot_contact_sheet(
    folders: Sequence[str | os.PathLike],
    path: str | os.PathLike,
    num_latents: int = 3,
    seed: int = 0,
    overwrite: bool = False,
) -> str:
    """Draws a row for each model: an image, its reconstruction, and it with single latents from -2 to 2.

    All models of one data set show the same image. A model that cannot be drawn, or whose images have
    another shape than those of the first one, is left out with a warning.

    Args:
        folders: paths of the models' folders, as of `find_models`.
        path: path of the PNG file to write.
        num_latents: number of latents, those with the largest mean KL divergence.
        seed: seed that chooses the image.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: no model can be drawn.
        FileExistsError: the file exists and `overwrite` is False.
    """
    common = os.path.commonpath([os.path.dirname(os.path.abspath(folder)) for folder in folders])
    rows, names = [], []
    for folder in folders:
        try:
            row = _row(load_finished_run(folder), num_latents, seed)
            if rows and row.shape != rows[0].shape:
                raise ValueError(f"its images are {row.shape[1:]}, not {rows[0].shape[1:]}")
        except (OSError, ValueError) as error:
            logging.warning("%s is left out: %s", folder, error)
            continue
        rows.append(row)
        names.append(no_formula(_name(folder, common)))
    if not rows:
        raise ValueError(
            f"Expected a model that can be drawn. Received: {len(folders)}, none of which can be."
        )
    num_columns = len(rows[0])
    figure = Figure(
        figsize=(num_columns * _INCHES + 3, len(rows) * _INCHES + 0.85), layout="constrained"
    )
    middle = [["", "", f"latent no. {number + 1}", "", ""] for number in range(num_latents)]
    draw_grid(figure.subplots(), rows, names, ["image", "decoded", *sum(middle, [])])
    add_title(figure, "the most informative latents of each model, from \N{MINUS SIGN}2 to 2")
    return save_figure(figure, path, overwrite)


def _name(folder, common):
    """A model's name: its folder below the one that all share, without `model`."""
    parts = Path(os.path.relpath(os.path.abspath(folder), common)).parts
    kept = [part for part in parts if part not in ("model", "points")]
    return "/".join(kept or parts)


def _row(run, num_latents, seed):
    """The images of a row, `[2 + 5 num_latents, height, width, channels]`."""
    random_state = np.random.RandomState(seed)
    images = np.asarray(run.data.sample_observations(_IMAGES_FOR_KL, random_state), np.float32)
    mean, log_var = run.encoder(images)
    latents = select_latents(mean_kl(mean, log_var))[:num_latents]
    codes = np.tile(mean[0], [1 + len(latents) * len(_VALUES), 1])
    for number, latent in enumerate(latents):
        start = 1 + number * len(_VALUES)
        codes[start : start + len(_VALUES), latent] = _VALUES
    decoded = to_pixels(run.decoder(codes), run.activation)
    missing = (num_latents - len(latents)) * len(_VALUES)
    white = np.ones([missing, *images.shape[1:]], np.float32)
    return np.concatenate([images[:1], decoded, white])
