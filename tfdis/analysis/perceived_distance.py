"""Perceived distances: how far apart a reconstruction loss sees the values of each factor."""

import numpy as np
import pandas as pd
from tqdm import tqdm

from tfdis.analysis.distances import Distance, mean_squared_difference
from tfdis.analysis.pairs import RandomPairs, TraversalPairs, check_exhaustible, pair_numbers
from tfdis.data.ground_truth_data import GroundTruthData

RANDOM = "random"
MOST_EXHAUSTIVE_RANDOM_PAIRS = 20_000_000
_BATCH_VALUES = 2**21


def perceived_distances(
    data: GroundTruthData,
    num_pairs: int = 50_000,
    seed: int = 0,
    loss: Distance = mean_squared_difference,
    exhaustive: bool = False,
) -> pd.DataFrame:
    """Expected distance along the traversals of each factor, and of any two points.

    d_i = E_{a, b in the traversal of factor i through a, a != b} d(x_a, x_b)    (equation 1)
    d_ran = E_{a, b, a != b} d(x_a, x_b)                                         (equation 2)

    Args:
        data: the data set; distances are those of its images in [0, 1], which are not standardised.
        num_pairs: number of pairs that are drawn for each factor and for the random pairs, 2 or
            more.
        seed: seed of the random draws.
        loss: function from two image batches to `[batch]` distances; see
            `distances.reconstruction_distance` for the losses of `tfdis.objectives`.
        exhaustive: whether all pairs are taken instead. Random pairs are still drawn if there are
            more than 20 million; the column `exhaustive` says so.

    Returns:
        A table with one row for each factor, ordered by falling mean, after a row "random". Its
        columns are `mean` and `std` (of the distances), `standard_error` (of the mean, 0 for all
        pairs), `num_pairs` and `exhaustive`.

    Raises:
        ValueError: fewer than two pairs, no factor with two values, a loss that does not give
            `[batch]` of finite numbers, or all pairs of a data set whose images depend on more than
            its factors.

    Example:
        >>> from tfdis.data.sets.xysquares import XYSquares
        >>> table = perceived_distances(XYSquares(num_placements=2), exhaustive=True)
        >>> table["mean"].round(6).tolist()[1:3]
        [0.010417, 0.010417]

    References:
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (appendix A).
    """
    distances = sample_distances(data, num_pairs, seed, loss, exhaustive)
    return summarise_distances(distances, data, exhaustive)


def sample_distances(
    data: GroundTruthData,
    num_pairs: int = 50_000,
    seed: int = 0,
    loss: Distance = mean_squared_difference,
    exhaustive: bool = False,
) -> dict[str, np.ndarray]:
    """The distances themselves, float64 `[pairs]` each, by factor and for "random".

    The arguments are those of `perceived_distances`. Each factor draws from a generator of its own.
    Factors with one value have no two points and are left out.
    """
    if num_pairs < 2:
        raise ValueError(f"Expected num_pairs of at least 2. Received: {num_pairs}.")
    if exhaustive:
        check_exhaustible(data)
    sources = _pair_sources(data)
    counts = {
        name: None if _takes_all(name, len(pairs), exhaustive) else num_pairs
        for name, pairs in sources.items()
    }
    total = sum(len(sources[name]) if count is None else count for name, count in counts.items())
    with tqdm(total=total, desc=f"perceived distances of {data.name}", unit="pair") as progress:
        return {
            name: _distances(pairs, counts[name], [seed, position], loss, progress)
            for position, (name, pairs) in enumerate(sources.items())
        }


def summarise_distances(
    distances: dict[str, np.ndarray], data: GroundTruthData, exhaustive: bool = False
) -> pd.DataFrame:
    """The table of `perceived_distances`, made from the distances of `sample_distances`."""
    num_existing = {name: len(pairs) for name, pairs in _pair_sources(data).items()}
    rows = []
    for name, values in distances.items():
        all_taken = _takes_all(name, num_existing[name], exhaustive)
        rows.append(
            {
                "factor": name,
                "mean": values.mean(),
                "std": values.std(),
                "standard_error": 0.0 if all_taken else values.std() / np.sqrt(len(values)),
                "num_pairs": len(values),
                "exhaustive": all_taken,
            }
        )
    table = pd.DataFrame(rows).set_index("factor")
    factors = table.drop(index=RANDOM).sort_values("mean", ascending=False, kind="stable")
    return pd.concat([table.loc[[RANDOM]], factors])


def _pair_sources(data):
    sources = {RANDOM: RandomPairs(data)}
    for factor, (name, size) in enumerate(
        zip(data.factor_names, data.factors_num_values, strict=True)
    ):
        if size > 1:
            sources[name] = TraversalPairs(data, factor)
    if len(sources) == 1:
        raise ValueError(
            f"Expected a data set with a factor of two values or more. Received: {data.name} with "
            f"{list(data.factors_num_values)} values."
        )
    return sources


def _takes_all(name, num_existing, exhaustive):
    return exhaustive and (name != RANDOM or num_existing <= MOST_EXHAUSTIVE_RANDOM_PAIRS)


def _distances(pairs, num_drawn, seed, loss, progress):
    random_state = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
    batch_size = max(1, _BATCH_VALUES // int(np.prod(pairs.data.observation_shape)))
    pieces = []
    for numbers in pair_numbers(len(pairs), num_drawn, batch_size, random_state):
        values = np.asarray(loss(*pairs.observations(numbers, random_state)), dtype=np.float64)
        if values.shape != numbers.shape or not np.all(np.isfinite(values)):
            raise ValueError(
                f"Expected the loss to give {len(numbers)} finite distances for as many pairs of "
                f"images. Received: shape {values.shape}, "
                f"{np.count_nonzero(~np.isfinite(values))} of them not finite."
            )
        pieces.append(values)
        progress.update(len(numbers))
    return np.concatenate(pieces)
