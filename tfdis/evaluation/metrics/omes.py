"""OMES: how each latent moves when one factor alone does."""

from collections.abc import Callable

import gin
import numpy as np

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.dlib.scoring.metric_needs import NotComputableError
from tfdis.evaluation.arrays import check_arrays, to_labels
from tfdis.evaluation.metric import Metric
from tfdis.registry import METRICS

POOLINGS = ("average", "maximum")
# A latent whose standard deviation is below it counts as unused: noise moves with every factor.
_LEAST_DEVIATION = 0.05
_MOST_PAIRS = 100_000


def omes(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    alpha: float = 0.5,
    pooling: str = "average",
) -> dict[str, float]:
    """Whether a latent moves with one factor only (OS) and a factor moves one latent only (MES).

    x and y are the codes of samples of which one factor, k, is drawn independently and the others are
    equal; over such pairs

      A_jk  = 1 - |corr(x_j, y_j)|
      OS_jk = 1 - mean_g |[g = k] - A_jg|,  MES_jk = 1 - mean_i |[i = j] - A_ik|
      OMES  = mean_k [alpha OS_k + (1 - alpha) MES_k],  OS_k = sum_j A_jk^2 OS_jk / sum_j A_jk

    ("maximum": OS_k = max_j A_jk OS_jk.) The factor may be drawn with the value that it had: if y were
    forced to another one, codes that are the factors would have a correlation of -1 / (values - 1), which
    the absolute value counts as if the latent stood still. Latents with a standard deviation below .05 are
    left out.

    Args:
        codes: `[num_samples, num_latents]`.
        factors: `[num_samples, num_factors]`, discrete values of which every combination occurs, or
            at least many in which one factor alone differs.
        seed: seed of the pairs.
        alpha: weight of OS, from 0 to 1.
        pooling: "average" or "maximum".

    Returns:
        `omes`, `overlap` (the mean of OS_k) and `multiple_encoding` (of MES_k), between 0 and 1. The
        authors' code calls the last two, with average pooling, modularity and compactness.

    Raises:
        NotComputableError: no two samples differ in one of the factors alone.
        ValueError: an alpha outside of [0, 1], or another pooling.

    References:
        Dapueto et al. (2024), "Transferring Disentangled Representations: Bridging the Gap between
        Synthetic and Real Images", NeurIPS. arXiv:2409.18017.
    """
    codes, factors = check_arrays(codes, factors, min_samples=20)
    labels, random_state = to_labels(factors, "omes"), np.random.RandomState(seed)
    pairs = []
    for factor in range(labels.shape[1]):
        first, second = _pairs_in_table(labels, factor, random_state)
        pairs.append((codes[first], codes[second]))
    return _score(pairs, np.std(codes, axis=0, ddof=1), alpha, pooling)


def association(pairs: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """A, `[num_latents, num_factors]`, of the codes of each factor's pairs; a still latent has 0."""
    columns = []
    for x, y in pairs:
        x, y = (v - v.mean(axis=0) for v in (x, y))
        scale = np.sqrt(np.sum(x**2, axis=0) * np.sum(y**2, axis=0))
        together = np.abs(np.sum(x * y, axis=0)) / np.where(scale > 0, scale, 1.0)
        columns.append(1.0 - np.where(scale > 0, np.minimum(together, 1.0), 1.0))
    return np.stack(columns, axis=1)


def scores_of(matrix: np.ndarray, alpha: float = 0.5, pooling: str = "average") -> dict[str, float]:
    """OMES of a matrix A of associations, `[num_latents, num_factors]`; 0 without any latent.

    Example:
        >>> {name: round(value, 3) for name, value in scores_of(np.eye(3)).items()}
        {'omes': 1.0, 'overlap': 1.0, 'multiple_encoding': 1.0}
    """
    if not 0 <= alpha <= 1 or pooling not in POOLINGS:
        raise ValueError(
            f"omes: expected alpha from 0 to 1 and pooling out of {POOLINGS}. Received: alpha={alpha!r}, "
            f"pooling={pooling!r}."
        )
    if not matrix.any():
        return {"omes": 0.0, "overlap": 0.0, "multiple_encoding": 0.0}
    overlap = _pooled(matrix, _nearness(matrix), pooling)
    multiple = _pooled(matrix, _nearness(matrix.T).T, pooling)
    total = np.mean(alpha * overlap + (1.0 - alpha) * multiple)
    return {
        "omes": float(total),
        "overlap": float(overlap.mean()),
        "multiple_encoding": float(multiple.mean()),
    }


def _nearness(matrix):
    """1 - the mean distance of each row from every row of the identity."""
    own = np.abs(np.eye(matrix.shape[1])[None] - matrix[:, None]).mean(axis=2)
    return 1.0 - own


def _pooled(matrix, scores, pooling):
    if pooling == "maximum":
        return np.max(matrix * scores, axis=0)
    totals = matrix.sum(axis=0)
    return np.sum(matrix**2 * scores, axis=0) / np.where(totals > 0, totals, 1.0)


def _score(pairs, deviations, alpha, pooling):
    used = deviations >= _LEAST_DEVIATION
    return scores_of(association(pairs)[used], alpha, pooling)


def _pairs_in_table(labels, factor, random_state):
    """Rows of pairs that agree in all factors but one, each with a random row of its group."""
    others = np.delete(labels, factor, axis=1)
    _, group = np.unique(others, axis=0, return_inverse=True)
    group = group.ravel()
    order = np.lexsort((random_state.random_sample(len(group)), group))
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0])
    sizes = np.diff(np.r_[starts, len(order)])
    drawn = random_state.random_sample(len(order))
    partner = order[np.repeat(starts, sizes) + (drawn * np.repeat(sizes, sizes)).astype(int)]
    # Groups of one value say nothing.
    occurring = np.unique(np.stack([group, labels[:, factor]], axis=1), axis=0)
    kept = np.bincount(occurring[:, 0])[group[order]] > 1
    if not kept.any():
        raise NotComputableError(
            "Expected samples that differ in one factor alone. Received: none for column "
            f"{factor} of factors. Fix: score a table with every combination of the factors, or the "
            "model's data set (bin/evaluate --metrics=omes)."
        )
    return order[kept][:_MOST_PAIRS], partner[kept][:_MOST_PAIRS]


@gin.configurable(
    "omes",
    module="tfdis.evaluation",
    denylist=["ground_truth_data", "representation_function", "random_state", "artifact_dir"],
)
def _omes_of_data(
    ground_truth_data: GroundTruthData,
    representation_function: Callable,
    random_state: np.random.RandomState,
    artifact_dir: str | None = None,
    num_train: int = gin.REQUIRED,
    batch_size: int = 64,
    alpha: float = 0.5,
    pooling: str = "average",
) -> dict[str, float]:
    """`omes` of `num_train` pairs for each factor, drawn from a data set: for dlib's evaluation."""
    del artifact_dir

    def encode(factors):
        parts = [factors[i : i + batch_size] for i in range(0, len(factors), batch_size)]
        images = (
            ground_truth_data.sample_observations_from_factors(part, random_state) for part in parts
        )
        return np.concatenate([representation_function(batch) for batch in images])

    sizes = ground_truth_data.factors_num_values
    pairs = []
    for factor in np.flatnonzero(np.array(sizes) > 1):
        first = ground_truth_data.sample_factors(num_train, random_state)
        second = first.copy()
        second[:, factor] = random_state.randint(sizes[factor], size=num_train)
        pairs.append((encode(first), encode(second)))
    deviations = np.std(np.concatenate([x for x, _ in pairs]), axis=0, ddof=1)
    return _score(pairs, deviations, alpha, pooling)


METRICS.add("omes", Metric("omes", omes, evaluation_fn="omes", needs_grid=True))
