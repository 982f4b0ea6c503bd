"""Factors as labels: which of them a conditional model takes, and their one-hot vectors."""

from collections.abc import Iterable, Sequence

import numpy as np

Classes = list[tuple[int, int]]
DEFAULT_LABEL_FACTORS = (0,)


def label_classes(
    factor_sizes: Sequence[int],
    label_factors: Sequence[int | str],
    factor_names: Sequence[str] | None = None,
) -> Classes:
    """Finds the ground-truth factors that are the label.

    Args:
        factor_sizes: numbers of values of all ground-truth factors.
        label_factors: positions, or names, of the factors that are the label.
        factor_names: names of the factors, if positions are not enough.

    Returns:
        A pair (position, number of values) for each factor that is a label.

    Raises:
        ValueError: there is no factor, one that does not exist, or one twice.

    Example:
        >>> label_classes([3, 6, 40], ["shape"], ["shape", "scale", "orientation"])
        [(0, 3)]
    """
    names = list(factor_names or [])
    positions = [names.index(f) if f in names else f for f in label_factors]
    is_known = all(isinstance(p, int) and 0 <= p < len(factor_sizes) for p in positions)
    if not positions or not is_known or len(set(positions)) < len(positions):
        raise ValueError(
            "Expected label_factors: different positions, at least one, from 0 to "
            f"{len(factor_sizes) - 1}{f', or names out of {names}' if names else ''}. Received: "
            f"{list(label_factors)}."
        )
    return [(position, int(factor_sizes[position])) for position in positions]


def one_hot(factors: np.ndarray, sizes: Iterable[int]) -> np.ndarray:
    """One-hot vectors of factors, one after the other.

    Args:
        factors: integers from 0, `[..., num_factors]`.
        sizes: numbers of values of the factors.

    Returns:
        Float32 `[..., sum of sizes]`.

    Example:
        >>> one_hot(np.array([[1, 0]]), [2, 3]).tolist()
        [[0.0, 1.0, 1.0, 0.0, 0.0]]
    """
    parts = [np.eye(size, dtype=np.float32)[factors[..., i]] for i, size in enumerate(sizes)]
    return np.concatenate(parts, axis=-1)
