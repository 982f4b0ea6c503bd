"""Pairs of images that differ in some factors: weak supervision, as a pure function of (seed, step).

TensorFlow is imported on first use.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tfdis.configuration import configurable
from tfdis.data.adapted import as_ground_truth_data
from tfdis.data.ground_truth_data import EnumerableData, GroundTruthData
from tfdis.data.splits.split_data import SplitData
from tfdis.data.streams.first_batch import check_first_batch
from tfdis.data.streams.laplace_pairs import laplace_factors
from tfdis.data.streams.sampling import random_state_at, sample_images
from tfdis.data.streams.steps import batches_of_steps, check_steps

if TYPE_CHECKING:
    import tensorflow as tf

SAMPLINGS = ("differ", "dlib", "laplace", "frames")
_OPTIONS = ("sampling", "num_differing", "laplace_rate", "fixed_factors")
# Draws of a pair until both of its images are in the data set's split.
_ATTEMPTS = 1000


@configurable("pairs", module="tfdis.data", allowlist=list(_OPTIONS))
def pair_stream(
    data: GroundTruthData,
    batch_size: int,
    seed: int,
    start_step: int = 0,
    with_differing: bool = False,
    num_batches: int | None = None,
    sampling: str = "differ",
    num_differing: int | None = None,
    laplace_rate: float | None = 1.0,
    fixed_factors: Sequence[str] | None = None,
) -> "tf.data.Dataset":
    """Batches of pairs; batch number t depends on `seed` and t alone.

    Args:
        data: any data set, also one with disentanglement_lib's interface alone.
        batch_size: number of pairs in a batch.
        seed: an integer.
        start_step: number of batches to skip, at no cost.
        with_differing: whether an element is `(pairs, differing)` rather than pairs alone.
        num_batches: number of batches for evaluation, which are independent of the training batches
            of the same seed; None for endless training batches.
        sampling: "differ", "dlib", "laplace" or "frames"; see `sample_pairs`. In gin: `pairs.sampling`.
        num_differing: see `sample_pairs`. In gin: `pairs.num_differing`.
        laplace_rate: see `sample_pairs`. In gin: `pairs.laplace_rate`.
        fixed_factors: see `sample_pairs`. In gin: `pairs.fixed_factors`.

    Returns:
        A data set of float32 pairs `[batch, 2, height, width, channels]` in [0, 1], or of such
        pairs and boolean `[batch, num_factors]`, which say which factors differ.

    Raises:
        ValueError: a batch size below 1, a negative start step, what `sample_pairs` refuses, or a
            data set that draws something other than it declares.

    Example:
        >>> from tfdis.data.named import get_named_ground_truth_data
        >>> stream = pair_stream(get_named_ground_truth_data("xysquares"), batch_size=8, seed=0)
        >>> next(iter(stream)).shape
        TensorShape([8, 2, 64, 64, 3])
    """
    import tensorflow as tf

    data = as_ground_truth_data(data)
    options = sampling, num_differing, laplace_rate, fixed_factors
    check_steps(batch_size, start_step)
    _check(data, *options)
    fold = "train" if num_batches is None else "evaluation"
    check_first_batch(data, batch_size, random_state_at(seed, start_step, fold))
    pairs_shape = [batch_size, 2, *data.observation_shape]

    def draw(step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        state = random_state_at(seed, int(step), fold)
        pairs, differing = sample_pairs(data, batch_size, state, *options)
        return pairs, differing

    def batch(step):
        dtype = tf.uint8 if isinstance(data, EnumerableData) else tf.float32
        pairs, differing = tf.numpy_function(draw, [step], [dtype, tf.bool], stateful=False)
        pairs = tf.ensure_shape(pairs, pairs_shape)
        if dtype == tf.uint8:
            pairs = tf.cast(pairs, tf.float32) / 255.0
        differing = tf.ensure_shape(differing, [batch_size, data.num_factors])
        return (pairs, differing) if with_differing else pairs

    return batches_of_steps(batch, start_step, num_batches)


def sample_pairs(
    data: GroundTruthData,
    batch_size: int,
    random_state: np.random.RandomState,
    sampling: str = "differ",
    num_differing: int | None = None,
    laplace_rate: float | None = 1.0,
    fixed_factors: Sequence[str] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Draws pairs of images that share factors, in one of four samplings.

      "differ":  k factors, chosen uniformly, truly differ; k is uniform on 1..F, the number of factors of
                 more than one value.
      "dlib":    disentanglement_lib's weak supervision. k factors are drawn anew, so that they may keep
                 their values; k is 1 or, by the toss of a coin, uniform on 1..F-1, F the number of factors.
      "laplace": SlowVAE's transitions. Every factor that is not fixed moves a little; see `laplace_factors`.
                 First images are drawn with replacement, those of the authors without in each epoch.
      "frames":  two frames of a video, of data sets that have them (`KittiMasks`, `NaturalSprites`).

    Args:
        data: the data set.
        batch_size: number of pairs.
        random_state: generator of all draws.
        sampling: one of the four.
        num_differing: a fixed k instead of the uniform one, up to the number of factors, for
            "differ" and "dlib".
        laplace_rate: rate of the transitions of "laplace"; None draws one for each pair, uniform on
            [1, 10].
        fixed_factors: names of the factors that both images of "laplace" share; None stands for the
            data set's `categorical_factors`.

    Returns:
        Pairs `[batch, 2, height, width, channels]`, uint8 for data that enumerate their images,
        else float32 in [0, 1]; and boolean `[batch, num_factors]`, which marks the factors that
        differ, or with "dlib" the one that was drawn last.

    Raises:
        ValueError: an unknown sampling, or more differing factors than the data have.

    References:
        Locatello et al. (2020), "Weakly-Supervised Disentanglement Without Compromises", ICML.
        arXiv:2002.02886 (section 5).
        Michlo et al. (2023), "Overlooked Implications of the Reconstruction Loss for VAE
        Disentanglement", IJCAI. arXiv:2202.13341 (appendix B.3).
        Klindt et al. (2021), "Towards Nonlinear Disentanglement in Natural Data with Temporal
        Sparse Coding", ICLR. arXiv:2007.10930 ("laplace").
    """
    check_steps(batch_size)
    _check(data, sampling, num_differing, laplace_rate, fixed_factors)
    if sampling == "frames":
        return data.sample_frame_pairs(batch_size, random_state)
    sizes = np.array(data.factors_num_values)

    def draw_second(first):
        if sampling == "laplace":
            moving = _moving(data, fixed_factors)
            second = laplace_factors(first, sizes, random_state, moving, laplace_rate)
            return second, second != first
        draw_differing = _differing_factors if sampling == "differ" else _dlib_factors
        return draw_differing(first, sizes, random_state, num_differing)

    first, second, differing = _allowed_factors(data, batch_size, random_state, draw_second)
    factors = np.stack([first, second], axis=1).reshape(2 * batch_size, -1)
    images = sample_images(data, factors, random_state)
    return images.reshape(batch_size, 2, *data.observation_shape), differing


def _allowed_factors(data, batch_size, random_state, draw_second):
    """Factors of both images and which differ, drawn until the data set's split allows the second ones."""
    first = data.sample_factors(batch_size, random_state)
    second, differing = draw_second(first)
    if not isinstance(data, SplitData):
        return first, second, differing
    for _ in range(_ATTEMPTS):
        redrawn = np.flatnonzero(~data.allows(second))
        if not redrawn.size:
            return first, second, differing
        # Both anew: no image that is allowed in this way may exist for the first.
        first[redrawn] = data.sample_factors(redrawn.size, random_state)
        second[redrawn], differing[redrawn] = draw_second(first[redrawn])
    raise ValueError(
        f"Expected pairs of images of {data.name} that {data.split.describe()} does not hold out. "
        f"Received: none in {_ATTEMPTS} attempts. Fix: hold out less, or another num_differing."
    )


def _differing_factors(first, sizes, random_state, num_differing):
    num_pairs, num_factors = first.shape
    can_differ = sizes > 1
    k = num_differing or random_state.randint(1, can_differ.sum() + 1, size=num_pairs)
    # Factors in random order, those of one value last: the first k are the ones that differ.
    order = random_state.random_sample((num_pairs, num_factors)) + ~can_differ
    ranks = order.argsort(axis=1).argsort(axis=1)
    differing = ranks < np.reshape(k, (-1, 1))
    shift = np.stack([random_state.randint(1, max(s, 2), size=num_pairs) for s in sizes], axis=1)
    return np.where(differing, (first + shift) % sizes, first), differing


def _dlib_factors(first, sizes, random_state, num_differing):
    num_pairs, num_factors = first.shape
    k = num_differing or random_state.randint(1, num_factors, size=num_pairs)
    k = np.where(random_state.randint(2, size=num_pairs) == 0, 1, k)
    ranks = random_state.random_sample(first.shape).argsort(axis=1).argsort(axis=1)
    drawn = np.stack([random_state.randint(size, size=num_pairs) for size in sizes], axis=1)
    return np.where(ranks < k[:, None], drawn, first), ranks == k[:, None] - 1


def _moving(data, fixed_factors):
    """Which factors of more than one value are not fixed."""
    fixed = data.categorical_factors if fixed_factors is None else fixed_factors
    is_fixed = np.isin(data.factor_names, list(fixed))
    return (np.array(data.factors_num_values) > 1) & ~is_fixed


def _check(data, sampling, num_differing, laplace_rate, fixed_factors):
    if sampling not in SAMPLINGS:
        raise ValueError(f"Expected pairs.sampling of {SAMPLINGS}. Received: {sampling!r}.")
    if sampling == "frames":
        _check_frames(data)
    elif sampling == "laplace":
        _check_laplace(data, num_differing, laplace_rate, fixed_factors)
    else:
        _check_num_differing(data, sampling, num_differing)


def _check_frames(data):
    if not hasattr(data, "sample_frame_pairs"):
        raise ValueError(
            f"Expected a data set of videos for pairs.sampling 'frames'. Received: {data.name}."
        )


def _check_num_differing(data, sampling, num_differing):
    sizes = data.factors_num_values
    most = len(sizes) if sampling == "dlib" else sum(size > 1 for size in sizes)
    # Without a fixed number, "dlib" draws one below the number of factors.
    least = 2 if sampling == "dlib" and num_differing is None else 1
    if not least <= (least if num_differing is None else num_differing) <= most:
        raise ValueError(
            f"Expected num_differing from 1 to {most}, the factors of {data.name} that sampling "
            f"{sampling!r} can let differ. Received: {num_differing}."
        )


def _check_laplace(data, num_differing, laplace_rate, fixed_factors):
    unknown = sorted(set(fixed_factors or ()) - set(data.factor_names))
    if unknown or not np.any(_moving(data, fixed_factors)):
        raise ValueError(
            f"Expected fixed_factors out of {data.factor_names}, and one of more than one value that is "
            f"left to move. Received: {fixed_factors}."
        )
    if num_differing is not None or not (laplace_rate is None or laplace_rate > 0):
        raise ValueError(
            "Expected laplace_rate above 0, or None, and no num_differing with the sampling 'laplace'. "
            f"Received: laplace_rate={laplace_rate!r}, num_differing={num_differing!r}."
        )
