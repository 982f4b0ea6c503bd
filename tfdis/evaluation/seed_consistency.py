"""Seed consistency: whether models of other seeds have the same latents."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.optimize import linear_sum_assignment

from tfdis.evaluation.arrays import ACTIVE_RANGE, find_active
from tfdis.evaluation.udr import spearman_similarity


def seed_consistency(
    codes: Sequence[np.ndarray], active_range: float = ACTIVE_RANGE
) -> dict[str, float | list]:
    """How well the latents of models that differ in their seed stand for each other.

    For each pair of models, |Spearman's correlation| of latents on the same images:

      matched:    mean over the pairs of latents of the best one-to-one assignment (an MCC between models)
      same_place: mean over the latents at the same place in both models

    Active latents count. One of a model with more of them than the other has no partner, and counts 0.
    Unlike UDR, a latent that is spread over several of the other model has only one partner here. Labels
    are not needed; `same_place` is for models that are told which latent is which.

    Args:
        codes: codes of the same images by each model, `[num_images, num_latents]`.
        active_range: smallest range of an active latent, as a fraction of the model's largest.

    Returns:
        `matched` and `same_place`, means over the pairs of models, between 0 and 1; `pairwise` and
        `pairwise_same_place`, `[num_models, num_models]` of both, 1 on the diagonal.

    Raises:
        ValueError: fewer than two models, codes of other images or shapes, or not finite.

    Example:
        >>> codes = np.random.RandomState(0).normal(size=[100, 2])
        >>> found = seed_consistency([codes, -codes[:, ::-1]])
        >>> round(found["matched"], 3), found["same_place"] < 0.3
        (1.0, True)

    References:
        Khemakhem et al. (2020), "ICE-BeeM: Identifiable Conditional Energy-Based Deep Models Based
        on Nonlinear ICA", NeurIPS. arXiv:2002.11537 (MCC between models of different seeds).
    """
    arrays = _checked(codes)
    active = [find_active(array, active_range) for array in arrays]
    pairwise, places = np.eye(len(arrays)), np.eye(len(arrays))
    for i, j in combinations(range(len(arrays)), 2):
        similarity = spearman_similarity(arrays[i], arrays[j])
        matched = _matched(similarity[np.ix_(active[i], active[j])])
        pairwise[i, j] = pairwise[j, i] = matched
        places[i, j] = places[j, i] = _same_place(similarity, active[i], active[j])
    pairs = np.triu_indices(len(arrays), 1)
    return {
        "matched": float(pairwise[pairs].mean()),
        "same_place": float(places[pairs].mean()),
        "pairwise": pairwise.tolist(),
        "pairwise_same_place": places.tolist(),
    }


def _matched(similarity):
    if not similarity.size:
        return 0.0
    assigned = linear_sum_assignment(similarity, maximize=True)
    return float(similarity[assigned].sum() / max(similarity.shape))


def _same_place(similarity, first, second):
    num = min(similarity.shape)
    either = np.flatnonzero(first[:num] | second[:num])
    return float(np.diag(similarity)[either].mean()) if either.size else 0.0


def _checked(codes):
    arrays = [np.asarray(array, np.float64) for array in codes]
    if len(arrays) < 2 or any(a.ndim != 2 or len(a) != len(arrays[0]) for a in arrays):
        raise ValueError(
            "Expected codes [num_images, num_latents] of the same images by two or more models. Received: "
            f"{[array.shape for array in arrays]}."
        )
    for index, array in enumerate(arrays):
        if len(array) < 2 or not np.isfinite(array).all():
            raise ValueError(
                f"Expected finite codes of two or more images. Received other ones for model {index}."
            )
    return arrays
