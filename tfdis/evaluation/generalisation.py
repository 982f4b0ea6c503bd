"""How far a representation learned on a split of a data set serves for what was held out."""

from collections.abc import Callable

import numpy as np
from sklearn.linear_model import Ridge

from tfdis.data.splits.split_data import SplitData
from tfdis.dlib.scoring.callable_codes import CallableCodes
from tfdis.dlib.scoring.coded_data import ENCODING_BATCH
from tfdis.evaluation.arrays import check_arrays
from tfdis.evaluation.forests import ForestRegressor

_PROBES = {
    "linear": lambda seed: Ridge(alpha=1e-6),
    "forest": lambda seed: ForestRegressor(50, min_samples_leaf=2, random_state=seed, n_jobs=-1),
}


def generalisation(
    encode: Callable,
    data: SplitData,
    probe: str = "linear",
    num_train: int = 5000,
    num_test: int = 5000,
    seed: int = 0,
) -> dict[str, float]:
    """R2 of factors read off codes, for combinations inside of a split and for those held out.

    Probes learn index / (n - 1) of each factor from codes of images inside of the split. R2 = 1 - mean
    squared error / V, where V = (n + 1) / (12 (n - 1)) is the variance of the factor over the whole grid,
    on both sides; to predict the grid's mean gives a negative R2 on a side whose values are not those of
    the grid. Nothing is clipped.

    Args:
        encode: function of images, as `tfdis.evaluation.evaluate` takes it.
        data: a split of a data set: `HeldOut([("shape", 1, 1)])(data)`.
        probe: "linear" (ridge regression) or "forest" (random forests).
        num_train: number of images inside that the probes learn from.
        num_test: number of images that they are tested on, on each side.
        seed: seed of the draws and of the forests.

    Returns:
        `inside`, `outside`, means over the factors, and both for each factor: `inside/<name>`, ...

    Raises:
        ValueError: a data set without a split, a split that holds nothing out, an unknown probe, or codes
            that are not one row of finite numbers for each image.

    References:
        Schott et al. (2022), "Visual Representation Learning Does Not Generalize Strongly Within the
        Same Domain", ICLR. arXiv:2107.08221.
    """
    if probe not in _PROBES:
        raise ValueError(f"Expected a probe of {', '.join(_PROBES)}. Received: {probe!r}.")
    if not isinstance(data, SplitData):
        raise ValueError(
            f"Expected a split of a data set. Received: {getattr(data, 'name', data)!r}, which is whole. "
            "Fix: HeldOut([('shape', 1, 1)])(data), or another of tfdis.data.splits."
        )
    random_state = np.random.RandomState(seed)
    drawn = {
        "train": data.sample_factors(num_train, random_state),
        "inside": data.sample_factors(num_test, random_state),
        "outside": data.sample_outside(num_test, random_state),
    }
    codes = CallableCodes(encode, data)
    inputs = {part: _encoded(codes, data, factors, random_state) for part, factors in drawn.items()}
    check_arrays(inputs["train"], drawn["train"])  # Refuses a factor that is always the same.
    scores = {"inside": 0.0, "outside": 0.0}
    for axis, (name, size) in enumerate(
        zip(data.factor_names, data.factors_num_values, strict=True)
    ):
        fitted = _PROBES[probe](seed).fit(inputs["train"], drawn["train"][:, axis] / (size - 1))
        variance = (size + 1) / (12 * (size - 1))
        for part in ("inside", "outside"):
            errors = fitted.predict(inputs[part]) - drawn[part][:, axis] / (size - 1)
            score = float(1 - np.mean(errors**2) / variance)
            scores[f"{part}/{name}"] = score
            scores[part] += score / data.num_factors
    return scores


def _encoded(codes, data, factors, random_state):
    """Codes of images with some factors, in batches."""
    parts = []
    for start in range(0, len(factors), ENCODING_BATCH):
        rows = factors[start : start + ENCODING_BATCH]
        parts.append(codes.encode(data.sample_observations_from_factors(rows, random_state)))
    return np.concatenate(parts)
