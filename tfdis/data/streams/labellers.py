"""Labellers: what is said of the factors of a few images, perfectly, roughly, in part or with errors.

A labeller is `f(labels, dataset, random_state) -> (labels, factor_sizes)`: int64 `[num, factors]` true
factors in, int64 labels and the number of values of each labelled factor out. In gin:
`labeller.labeller_fn = @noisy_labeller` and `noisy_labeller.prob_random = 0.2`. They draw from the
`RandomState` in disentanglement_lib's order, so that a seed gives the labels that it gives there.

References:
    Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
    arXiv:1905.01258.
"""

from collections.abc import Callable

import gin
import numpy as np

from tfdis import registry
from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.data.state_space import check_factor_values

Labelled = tuple[np.ndarray, list[int]]


@registry.labeller
def perfect_labeller(
    labels: np.ndarray, dataset: GroundTruthData, random_state: np.random.RandomState
) -> Labelled:
    """Says the true factors."""
    del random_state
    return labels, list(dataset.factors_num_values)


@registry.labeller
def bin_labeller(
    labels: np.ndarray,
    dataset: GroundTruthData,
    random_state: np.random.RandomState,
    num_bins: int = 5,
) -> Labelled:
    """Says the bin of a value: floor(value * num_bins / values), for factors of more values than bins.

    Args:
        labels: int64 `[num, factors]`.
        dataset: data set of the images.
        random_state: unused.
        num_bins: largest number of values of a label, at least 2.

    Raises:
        ValueError: fewer than 2 bins.
    """
    del random_state
    if num_bins < 2:
        raise ValueError(
            f"Expected bin_labeller.num_bins of at least 2: one bin tells nothing. Received: {num_bins}."
        )
    sizes = np.array(dataset.factors_num_values)
    bins = np.minimum(sizes, num_bins)
    return labels * bins // sizes, bins.tolist()


@registry.labeller
def noisy_labeller(
    labels: np.ndarray,
    dataset: GroundTruthData,
    random_state: np.random.RandomState,
    prob_random: float = 0.1,
) -> Labelled:
    """Says, of each factor of each image with some probability, a value drawn from all of its values.

    Args:
        labels: int64 `[num, factors]`.
        dataset: data set of the images.
        random_state: generator of the errors.
        prob_random: the probability, between 0 and 1; the value that is drawn may be the true one.

    Raises:
        ValueError: a probability below 0 or above 1.
    """
    if not 0 <= prob_random <= 1:
        raise ValueError(
            f"Expected noisy_labeller.prob_random between 0 and 1. Received: {prob_random}."
        )
    labels, sizes = labels.copy(), list(dataset.factors_num_values)
    for row in labels:
        for factor, size in enumerate(sizes):
            if random_state.rand() < prob_random:
                row[factor] = random_state.randint(size)
    return labels, sizes


@registry.labeller
def permuted_labeller(
    labels: np.ndarray, dataset: GroundTruthData, random_state: np.random.RandomState
) -> Labelled:
    """Says the true factors with the values of each factor in another, random order."""
    sizes = list(dataset.factors_num_values)
    orders = [random_state.permutation(size) for size in sizes]
    columns = [order[column] for order, column in zip(orders, labels.T, strict=True)]
    return np.stack(columns, axis=1), sizes


@registry.labeller
def partial_labeller(
    labels: np.ndarray,
    dataset: GroundTruthData,
    random_state: np.random.RandomState,
    num_observed_factors: int = 2,
) -> Labelled:
    """Says a few of the factors, the same ones of all images.

    Args:
        labels: int64 `[num, factors]`.
        dataset: data set of the images.
        random_state: generator of the choice of factors.
        num_observed_factors: number of factors, from 1 to all.

    Returns:
        Labels `[num, num_observed_factors]`, the factors in the order of the draw, and their sizes.

    Raises:
        ValueError: fewer than one factor, or more than there are.
    """
    sizes = list(dataset.factors_num_values)
    if not 1 <= num_observed_factors <= len(sizes):
        raise ValueError(
            f"Expected partial_labeller.num_observed_factors from 1 to {len(sizes)}, the number of "
            f"factors of {dataset.name}. Received: {num_observed_factors}."
        )
    kept = random_state.choice(len(sizes), size=num_observed_factors, replace=False)
    return labels[:, kept], [sizes[factor] for factor in kept]


@gin.configurable("labeller", module="tfdis.data", allowlist=["labeller_fn"])
def label(
    factors: np.ndarray,
    dataset: GroundTruthData,
    random_state: np.random.RandomState,
    labeller_fn: Callable = perfect_labeller,
) -> Labelled:
    """Asks the labeller of gin's `labeller.labeller_fn`, and checks what it says.

    Args:
        factors: int64 `[num, factors]`, the true ones.
        dataset: data set of the images.
        random_state: generator of all that the labeller draws.
        labeller_fn: a labeller, by default `perfect_labeller`.

    Returns:
        int64 labels `[num, labelled factors]`, and the number of values of each labelled factor.

    Raises:
        ValueError: labels that are no integers of that shape, that are outside of their range, or of
            which every factor has one value alone.
    """
    labels, sizes = labeller_fn(factors.copy(), dataset, random_state)
    labels, sizes = np.asarray(labels), [int(size) for size in sizes]
    name = getattr(labeller_fn, "__name__", "the labeller")
    if labels.shape != (len(factors), len(sizes)) or not np.all(labels == np.floor(labels)):
        raise ValueError(
            f"Expected integer labels [{len(factors)}, {len(sizes)}] from {name}, by the factor sizes "
            f"{sizes} that it gives. Received: {labels.dtype} {list(labels.shape)}."
        )
    labels = labels.astype(np.int64)
    hint = f" They may be the factors of another data set than {dataset.name}."
    check_factor_values(labels, sizes, f"in the labels of {name}", hint)
    if np.all(labels == labels[0]):
        raise ValueError(
            f"Expected labels that tell images apart from {name}. Received: the same labels of all "
            f"{len(labels)} images of {dataset.name}. Fix: more labelled images, or another labeller."
        )
    return labels, sizes
