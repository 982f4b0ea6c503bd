"""The sheet of a data set: one row for each factor, in which only that factor varies."""

import os

import numpy as np
from matplotlib.figure import Figure

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.plots.figure import add_title, draw_grid, save_figure
from tfdis.plots.images import check_images

_INCHES = 0.62


def factor_rows(data: GroundTruthData, num_columns: int = 10, seed: int = 0) -> list[np.ndarray]:
    """Factors of the images on a sheet.

    Args:
        data: the data set.
        num_columns: the most values of a factor to show; they are spread evenly and include the
            first and the last.
        seed: seed of the values of all other factors.

    Returns:
        One array for each factor, int64 `[values shown, num_factors]`.

    Example:
        >>> from tfdis.data.named import get_named_ground_truth_data
        >>> rows = factor_rows(get_named_ground_truth_data("xysquares"), num_columns=3)
        >>> rows[0][:, 0].tolist()
        [0, 4, 7]
    """
    base = data.sample_factors(1, np.random.RandomState(seed))
    rows = []
    for index, size in enumerate(data.factors_num_values):
        values = np.round(np.linspace(0, size - 1, min(size, num_columns))).astype(np.int64)
        factors = np.repeat(base, len(values), axis=0)
        factors[:, index] = values
        rows.append(factors)
    return rows


def plot_dataset_sheet(
    data: GroundTruthData,
    path: str | os.PathLike,
    num_columns: int = 10,
    seed: int = 0,
    overwrite: bool = False,
) -> str:
    """Draws the sheet of a data set.

    Args:
        data: the data set.
        path: path of the picture to write; its ending chooses the format.
        num_columns: the most values of a factor to show, 2 or more.
        seed: seed of the values of all other factors, and of what is drawn with every image.
        overwrite: whether an existing file is replaced.

    Returns:
        The path of the picture.

    Raises:
        ValueError: `num_columns` is below 2.
        FileExistsError: the file exists and `overwrite` is False.
    """
    if num_columns < 2:
        raise ValueError(f"Expected num_columns of at least 2. Received: {num_columns}.")
    height, width, channels = data.observation_shape
    grid = np.ones((data.num_factors, num_columns, height, width, channels), np.float32)
    for row, factors in enumerate(factor_rows(data, num_columns, seed)):
        images = data.sample_observations_from_factors(factors, np.random.RandomState(seed))
        grid[row, : len(factors)] = check_images(images)
    labels = [
        f"{name} ({size})"
        for name, size in zip(data.factor_names, data.factors_num_values, strict=True)
    ]
    figure = Figure(
        figsize=(2 + num_columns * _INCHES, 0.6 + data.num_factors * _INCHES), layout="constrained"
    )
    draw_grid(figure.subplots(), grid, labels)
    add_title(figure, f"{data.name} ({data.provenance}): one factor varies in each row")
    return save_figure(figure, path, overwrite)
