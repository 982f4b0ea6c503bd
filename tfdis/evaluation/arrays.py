"""Checks of the arrays of every metric, and small functions that several metrics share."""

from typing import Any

import numpy as np

from tfdis.dlib.scoring.callable_codes import as_array
from tfdis.dlib.scoring.metric_needs import NotComputableError

# A latent whose range is below this fraction of the largest one counts as unused, which is the choice of
# the authors of InfoMEC for continuous latents.
ACTIVE_RANGE = 0.05


def check_arrays(codes: Any, factors: Any, min_samples: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Returns codes and factors as arrays, or raises one clear error.

    Args:
        codes: `[num_samples, num_latents]` or `[num_samples]`, numbers; or vectors in place of
            numbers, `[num_samples, num_units, unit_dim]`, of which each unit's first principal
            component counts.
        factors: `[num_samples, num_factors]` or `[num_samples]`, numbers or texts.
        min_samples: smallest number of samples.

    Returns:
        The codes and the factors; integers stay integers, everything else becomes float64.

    Raises:
        NotComputableError: there are too few samples.
        ValueError: other shapes, different lengths, data frames whose indices differ, values that
            are not finite, or a factor with one value.
    """
    _check_index(codes, factors)
    codes, factors = _as_matrix("codes", codes), _as_matrix("factors", factors)
    if len(codes) != len(factors):
        raise ValueError(
            "Expected as many rows of factors as of codes. Received: codes of shape "
            f"{codes.shape}, factors of shape {factors.shape}."
        )
    if len(codes) < min_samples:
        raise NotComputableError(
            f"Expected at least {min_samples} samples. Received: {len(codes)}."
        )
    constant = np.flatnonzero(np.ptp(factors, axis=0) == 0)
    if constant.size:
        raise ValueError(
            "Expected at least two values of every factor. Received: only "
            f"{factors[0, constant[0]]} in column {constant[0]} of factors. Fix: leave that column "
            "out, or take more samples."
        )
    return codes, factors


def _check_index(codes, factors):
    """Refuses data frames that name their rows differently: their rows do not belong together."""
    first, second = (getattr(values, "index", None) for values in (codes, factors))
    if not hasattr(first, "equals") or not hasattr(second, "equals") or first.equals(second):
        return
    differing = [
        row for row, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]
    ]
    received = f"{len(first)} rows of codes and {len(second)} of factors"
    if differing:
        row = differing[0]
        labels = first.tolist()[row], second.tolist()[row]
        received = f"row {row} is {labels[0]!r} in codes and {labels[1]!r} in factors"
    elif len(first) == len(second):
        return  # Labels of other types with equal values.
    raise ValueError(
        f"Expected codes and factors with the same index. Received: {received}. Fix: factors = "
        "factors.loc[codes.index] if labels name samples, or .to_numpy() for both if rows belong "
        "together in the order in which they are."
    )


def _as_matrix(name, values):
    # In one order in memory, on which the last bit of sums depends: a data frame has the other.
    array = np.ascontiguousarray(as_array(values))
    if array.ndim == 1:
        array = array[:, None]
    if name == "factors" and array.ndim == 2 and array.dtype.kind in "OUS":
        array = np.stack([_numbers_or_ranks(column) for column in array.T], axis=1)
    is_vectors = name == "codes" and array.ndim == 3
    if (
        not (array.ndim == 2 or is_vectors)
        or array.dtype.kind not in "biuf"
        or 0 in array.shape[1:]
    ):
        or_vectors = " or [num_samples, num_units, unit_dim]" if name == "codes" else ""
        raise ValueError(
            f"Expected {name} as numbers of shape [num_samples, num_columns]{or_vectors}. Received: "
            f"dtype {array.dtype}, shape {array.shape}."
        )
    if array.dtype.kind in "biu" and is_vectors:
        array = array.astype(np.float64)
    if array.dtype.kind in "bu":
        return array.astype(np.int64)
    if array.dtype.kind == "i":
        return array
    array = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        raise ValueError(
            f"Expected finite {name}. Received: {array[tuple(bad[0])]} in row {bad[0][0]}, column "
            f"{bad[0][1]}, and {len(bad) - 1} more."
        )
    return first_components(array) if is_vectors else array


def first_components(codes: np.ndarray) -> np.ndarray:
    """Vectors as numbers: the first principal component of each unit.

    Args:
        codes: `[num_samples, num_units, unit_dim]`.

    Returns:
        `[num_samples, num_units]`, each with mean 0; the sign is such that the component's largest
        weight is positive.

    References:
        Yang et al. (2022), "Visual Concepts Tokenization", NeurIPS. arXiv:2205.10093
        (which scores vector-valued codes in this way).
    """
    if not len(codes):
        return codes[:, :, 0]
    centred = codes - codes.mean(axis=0)
    found = []
    for unit in np.moveaxis(centred, 1, 0):
        weights = np.linalg.eigh(unit.T @ unit)[1][:, -1]
        found.append(unit @ (weights * np.sign(weights[np.argmax(np.abs(weights))])))
    return np.stack(found, axis=1)


def _numbers_or_ranks(column):
    """A column of objects or texts as numbers, or as the ranks of its texts."""
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError):
        return np.unique(column.astype(str), return_inverse=True)[1].astype(np.float64)


def to_labels(factors: np.ndarray, what: str) -> np.ndarray:
    """Factor values as their ranks 0, 1, ...: int64 `[num_samples, num_factors]`.

    Args:
        factors: the factors.
        what: name of what needs the labels, for the message.

    Raises:
        NotComputableError: a factor takes another value in nearly every sample, as continuous ones
            do.
    """
    labels = np.empty(factors.shape, np.int64)
    for column in range(factors.shape[1]):
        values, ranks = np.unique(factors[:, column], return_inverse=True)
        if factors.dtype.kind == "f" and len(values) > len(factors) / 2:
            raise NotComputableError(
                f"{what} needs factors of discrete values. Received: {len(values)} different values "
                f"in {len(factors)} samples in column {column} of factors. Fix: bin them first, or "
                "use mcc, r2 or dci_lasso, which take continuous factors."
            )
        labels[:, column] = ranks.ravel()
    return labels


def find_active(codes: np.ndarray, active_range: float = ACTIVE_RANGE) -> np.ndarray:
    """Whether each latent is used: bool `[num_latents]`.

    Args:
        codes: the codes.
        active_range: smallest range of a used latent, as a fraction of the largest range.
    """
    ranges = np.ptp(codes, axis=0).astype(np.float64)
    return (ranges > active_range * ranges.max()) & (ranges > 0)


def standardise(codes: np.ndarray) -> np.ndarray:
    """Codes with mean 0 and standard deviation 1; constant latents become 0."""
    codes = np.asarray(codes, np.float64)
    std = codes.std(axis=0)
    is_constant = np.ptp(codes, axis=0) == 0
    centred = np.where(is_constant, 0.0, codes - codes.mean(axis=0))
    return centred / np.where(is_constant | (std == 0), 1.0, std)


def split_rows(num_samples: int, seed: int, test_share: float = 1 / 3) -> tuple:
    """Rows to fit on and rows to test on, drawn without replacement."""
    order = np.random.RandomState(seed).permutation(num_samples)
    num_test = max(1, round(num_samples * test_share))
    return order[num_test:], order[:num_test]
