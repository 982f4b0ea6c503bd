"""tf.data streams of matrices: batches of what a network sees of them, and the right answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tfdis.data.matrices.matrix_data import MatrixData
from tfdis.data.streams.steps import batches_of_steps

if TYPE_CHECKING:
    import tensorflow as tf

# What a network may see of a panel: its image, a code of it, or its factors.
SEEN = ("images", "codes", "values", "onehot")


def draw_matrices(
    data: MatrixData,
    batch_size: int,
    random_state: np.random.RandomState,
    seen: str = "images",
    encode: Callable[[np.ndarray], np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draws a batch of matrices.

    Args:
        data: the matrices.
        batch_size: number of matrices.
        random_state: the generator.
        seen: one of `SEEN`.
        encode: function from observations `[num, ...]` to codes `[num, dim]`, for "codes".

    Returns:
        The first eight panels, float32 `[batch, 8, ...]`, the six answers, `[batch, 6, ...]`, and
        the number of the right one, int64 `[batch]`.
    """
    observed = seen in ("images", "codes")
    drawn = [data.sample(random_state, observed) for _ in range(batch_size)]
    positions = np.array([matrix.position for matrix in drawn], np.int64)
    if observed:
        panels = [np.stack([m.context for m in drawn]), np.stack([m.answers for m in drawn])]
        if seen == "codes":
            panels = _encoded(panels, encode)
    else:
        embed = data.as_values if seen == "values" else data.as_one_hot
        panels = [
            embed(np.stack([m.context_factors for m in drawn])),
            embed(np.stack([m.answer_factors for m in drawn])),
        ]
    context, answers = (panel.astype(np.float32, copy=False) for panel in panels)
    return context, answers, positions


def _encoded(panels, encode):
    """Codes of all panels of a batch, which are encoded together."""
    shapes = [panel.shape[:2] for panel in panels]
    flat = [panel.reshape(-1, *panel.shape[2:]) for panel in panels]
    codes = np.split(encode(np.concatenate(flat)), [len(flat[0])])
    return [part.reshape(*shape, -1) for part, shape in zip(codes, shapes, strict=True)]


def matrix_stream(
    draw: Callable[[int], tuple[np.ndarray, np.ndarray, np.ndarray]],
    start_step: int = 0,
    num_batches: int | None = None,
) -> "tf.data.Dataset":
    """Batches `((context, answers), positions)` of a function of the step.

    Args:
        draw: function from a step to what `draw_matrices` returns.
        start_step: number of steps to skip.
        num_batches: the step to stop before; None for an endless stream.

    Raises:
        ValueError: the first batch cannot be drawn.
    """
    import tensorflow as tf

    shapes = [array.shape for array in draw(start_step)]

    def batch(step):
        context, answers, positions = tf.numpy_function(
            lambda number: draw(int(number)),
            [step],
            [tf.float32, tf.float32, tf.int64],
            stateful=False,
        )
        parts = [
            tf.ensure_shape(part, shape)
            for part, shape in zip((context, answers, positions), shapes, strict=True)
        ]
        return tuple(parts[:2]), parts[2]

    return batches_of_steps(batch, start_step, num_batches)
