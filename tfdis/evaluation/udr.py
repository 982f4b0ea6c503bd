"""UDR: how similar the latents are of models that differ in their seed only; it needs no labels."""

from collections.abc import Sequence

import numpy as np

CORRELATIONS = ("lasso", "spearman")
# Weight of the lasso's penalty, for standardised codes.
_LASSO_ALPHA = 0.1
# disentanglement_lib's threshold: codes of latents below it are zero in every case.
_SILENT_KL = 0.01


def latent_kl(means: np.ndarray, log_vars: np.ndarray) -> np.ndarray:
    """Mean divergence of every latent's posterior from the prior.

      KL_j = mean_i (mean_ij^2 + exp(log_var_ij) - log_var_ij - 1) / 2

    Args:
        means: `[num_samples, num_latents]`.
        log_vars: `[num_samples, num_latents]`, natural logarithms of the variances.

    Returns:
        `[num_latents]`, in nats.

    Example:
        >>> latent_kl(np.array([[0.0, 2.0]]), np.zeros([1, 2])).tolist()
        [0.0, 2.0]
    """
    means, log_vars = np.asarray(means, np.float64), np.asarray(log_vars, np.float64)
    return 0.5 * np.mean(means**2 + np.exp(log_vars) - log_vars - 1.0, axis=0)


def lasso_similarity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """|weights| of the lasso that predicts each of the second codes from all first ones.

    Args:
        first: standardised codes `[num_samples, num_first]`.
        second: standardised codes `[num_samples, num_second]`.

    Returns:
        `[num_first, num_second]`. Equal, independent codes give 0.9 on the diagonal, since the
        penalty takes the rest.
    """
    from sklearn.linear_model import Lasso

    weights = Lasso(alpha=_LASSO_ALPHA).fit(first, second).coef_
    return np.abs(np.reshape(weights, (second.shape[1], first.shape[1]))).T


def spearman_similarity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """|Spearman's rank correlation| of every first code with every second one.

    Args:
        first: codes `[num_samples, num_first]`.
        second: codes `[num_samples, num_second]`.

    Returns:
        `[num_first, num_second]`; 0 for a constant code.
    """
    from scipy.stats import rankdata

    ranks = [_standardised(rankdata(codes, axis=0)) for codes in (first, second)]
    return np.abs(ranks[0].T @ ranks[1]) / len(first)


def relative_strength(similarity: np.ndarray) -> float:
    """How nearly every latent of each model has one partner in the other (equation 5, for one pair).

      1/2 [mean_b max_a R(a, b)^2 / sum_a R(a, b)  +  mean_a max_b R(a, b)^2 / sum_b R(a, b)]

    The paper divides the sum over the latents of both models by their number, which is the same if
    both models have equally many; disentanglement_lib takes the mean of two means, as does this
    function. A latent without any partner counts 0.

    Args:
        similarity: R, `[num_first, num_second]`, 0 or more.

    Returns:
        Between 0 and the largest similarity; 0 if a model has no latents.

    Example:
        >>> relative_strength(np.eye(3)), relative_strength(np.ones([2, 2]))
        (1.0, 0.5)
    """
    if 0 in similarity.shape:
        return 0.0
    sides = []
    for axis in (0, 1):
        total = similarity.sum(axis=axis)
        best = similarity.max(axis=axis) ** 2
        sides.append(np.mean(np.divide(best, total, out=np.zeros_like(best), where=total > 0)))
    return float(np.mean(sides))


def udr(
    means: Sequence[np.ndarray],
    kl: Sequence[np.ndarray],
    correlation_matrix: str = "lasso",
    filter_low_kl: bool = True,
    kl_filter_threshold: float = 0.01,
) -> dict:
    """Unsupervised disentanglement ranking of models, as disentanglement_lib's repository has it.

    The score of a model is the median of its `relative_strength` with all others.

    Args:
        means: codes of the same images by each model, `[num_images, num_latents]`.
        kl: the `latent_kl` of each model.
        correlation_matrix: "lasso" or "spearman".
        filter_low_kl: whether only latents above the threshold count.
        kl_filter_threshold: the threshold, in nats.

    Returns:
        `model_scores` `[num_models]`; `pairwise_disentanglement_scores`
        `[num_models, num_models, 1]`, whose row is the model whose codes predict;
        `raw_correlations` `[num_models, num_models]` of matrices, for all latents.

    Raises:
        ValueError: fewer than two models, another correlation, or codes that differ in shape or are
            not finite.

    Example:
        >>> codes = np.stack(np.meshgrid(*[np.arange(5.0)] * 2), axis=-1).reshape(-1, 2)
        >>> scores = udr([codes, -codes[:, ::-1]], [np.ones(2)] * 2, "spearman")["model_scores"]
        >>> [round(score, 6) for score in scores]
        [1.0, 1.0]

    References:
        Duan et al. (2020), "Unsupervised Model Selection for Variational Disentangled
        Representation Learning", ICLR. arXiv:1905.12614.
    """
    if correlation_matrix not in CORRELATIONS:
        raise ValueError(
            f"Expected correlation_matrix out of {CORRELATIONS}. Received: {correlation_matrix!r}."
        )
    means, kl = _check_models(means, kl)
    similarity = lasso_similarity if correlation_matrix == "lasso" else spearman_similarity
    codes = [
        _standardised(mean) * (divergence > _SILENT_KL)
        for mean, divergence in zip(means, kl, strict=True)
    ]
    kept = [np.flatnonzero((d > kl_filter_threshold) | (not filter_low_kl)) for d in kl]
    num = len(codes)
    raw = [[np.zeros((c.shape[1], d.shape[1])) for d in codes] for c in codes]
    pairwise = np.zeros((num, num))
    for i, j in np.argwhere(~np.eye(num, dtype=bool)):
        raw[i][j] = similarity(codes[i], codes[j])
        pairwise[i, j] = relative_strength(raw[i][j][np.ix_(kept[i], kept[j])])
    return {
        "raw_correlations": [[matrix.tolist() for matrix in row] for row in raw],
        "pairwise_disentanglement_scores": pairwise[..., None].tolist(),
        "model_scores": [float(np.median(np.delete(pairwise[:, i], i))) for i in range(num)],
    }


def _standardised(codes):
    """Columns of mean 0 and variance 1; a constant one becomes 0."""
    centred = codes - codes.mean(axis=0)
    spread = centred.std(axis=0)
    # Below float32's resolution of the values themselves there is no variation.
    varies = spread > 1e-7 * np.abs(codes).max(axis=0, initial=0.0)
    return np.where(varies, centred / np.where(varies, spread, 1.0), 0.0)


def _check_models(means, kl):
    if len(means) < 2 or len(means) != len(kl):
        raise ValueError(
            "UDR compares models: expected codes and divergences of two or more. Received: codes of "
            f"{len(means)}, divergences of {len(kl)}."
        )
    means = [np.asarray(mean, np.float64) for mean in means]
    kl = [np.asarray(divergence, np.float64) for divergence in kl]
    for i, (mean, divergence) in enumerate(zip(means, kl, strict=True)):
        expected = (len(means[0]), *divergence.shape)
        if mean.ndim != 2 or mean.shape != expected or len(mean) < 2:
            raise ValueError(
                f"Expected codes [num_images, num_latents] of the same 2 or more images, and "
                f"divergences [num_latents]. Received for model {i}: shapes {mean.shape}, "
                f"{divergence.shape}; for model 0: {means[0].shape}."
            )
        if not (np.isfinite(mean).all() and np.isfinite(divergence).all()):
            raise ValueError(f"Expected finite codes. Received NaN or infinity for model {i}.")
    return means, kl
