"""WSEPIN and WINDIN: what each latent knows of the image that the others do not."""

import numpy as np
from scipy.special import logsumexp

from tfdis.evaluation.metric import metric
from tfdis.evaluation.quantised import check_deviations

FORMS = ("exact", "code")
# Samples whose densities under all posteriors are in memory at a time.
_CHUNK = 16
# What the authors' code puts under every density, variance and deviation.
_FLOOR = 1e-8


@metric("windin")
def windin(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    deviations: float | np.ndarray = 0.1,
    num_samples: int = 1000,
    num_posteriors: int = 5000,
    form: str = "exact",
) -> dict[str, float]:
    """Informativeness and separability of the latents of q(z|x); the factors play no part.

      WSEPIN = sum_i rho_i [I(x; z) - I(x; z_-i)],  rho_i = I_i / sum_j I_j,  I_i = I(x; z_i)
      WINDIN = sum_i rho_i [I_i - S_i],  S_i = max(0, H(z_i) + H(z_-i) - H(z))

    z_-i are all latents but the i-th. Entropies are Monte Carlo estimates in nats, on samples z of the
    aggregate posterior q(z) = mean_x q(z|x). As q(z|x) has independent latents, the two scores differ
    only where the separability S_i is negative before the floor of 0.

    The form "exact" takes the entropies of q(z|x) in closed form. The form "code" computes what the
    authors' code does: those entropies by the samples, too, and a floor of 1e-8 under variances,
    deviations and densities, also under each latent's before they are multiplied. That code takes
    10,000 samples and all images.

    Args:
        codes: means of posteriors, `[num_samples, num_latents]`.
        factors: not used.
        seed: seed of the samples.
        deviations: standard deviations of the posteriors, above 0: a number or an array of the
            shape of the codes. What is known grows with its inverse: give those of the model
            (`exp(log_var / 2)`) to compare models.
        num_samples: number of samples z.
        num_posteriors: largest number of posteriors that q(z) is the mean of.
        form: "exact" or "code".

    Returns:
        `wsepin` and `windin`, in nats, and `information`, the mean I(x; z_i). Without any
        information they are 0.

    Raises:
        ValueError: a deviation that is not positive, fewer than one sample or posterior, or an
            unknown form.

    References:
        Do and Tran (2020), "Theory and Evaluation Metrics for Learning Disentangled
        Representations", ICLR. arXiv:1908.09961.
    """
    if num_samples < 1 or num_posteriors < 1 or form not in FORMS:
        raise ValueError(
            f"windin: expected at least one sample and one posterior, and form out of {FORMS}. Received: "
            f"num_samples={num_samples}, num_posteriors={num_posteriors}, form={form!r}."
        )
    means, widths = np.asarray(codes, np.float64), check_deviations(deviations, codes, 1e-12)
    random_state = np.random.RandomState(seed)
    if len(means) > num_posteriors:
        rows = random_state.permutation(len(means))[:num_posteriors]
        means, widths = means[rows], widths[rows]
    chosen = (random_state.random_sample(num_samples) * len(means)).astype(int)
    z = means[chosen] + widths[chosen] * random_state.normal(size=(num_samples, means.shape[1]))
    floor = np.log(_FLOOR) if form == "code" else -np.inf
    single, without, whole = _entropies(z, means, widths, floor)
    if form == "code":
        own = _entropies_of_samples(_log_densities(z, means[chosen], widths[chosen], floor), floor)
    else:
        parts = np.mean(0.5 * np.log(2 * np.pi * np.e) + np.log(widths), axis=0)
        own = parts, parts.sum() - parts, parts.sum()
    information, of_others, of_all = (
        np.maximum(marginal - conditional, 0.0)
        for marginal, conditional in zip((single, without, whole), own, strict=True)
    )
    # Where all posteriors of a latent are one, what is left is the error of the samples.
    information[(np.ptp(means, axis=0) == 0) & (np.ptp(widths, axis=0) == 0)] = 0.0
    if not information.any():
        return {"wsepin": 0.0, "windin": 0.0, "information": 0.0}
    weights = information / information.sum()
    separable = np.maximum(single + without - whole, 0.0)
    return {
        "wsepin": float(weights @ (of_all - of_others)),
        "windin": float(weights @ (information - separable)),
        "information": float(information.mean()),
    }


def _log_densities(z, means, widths, floor):
    """Log densities of each latent; with a floor, of variances that are not below it."""
    deviations, variances = widths, widths**2
    if np.isfinite(floor):
        deviations, variances = np.maximum(widths, _FLOOR), np.maximum(variances, _FLOOR)
    return -0.5 * ((z - means) ** 2 / variances + np.log(2 * np.pi)) - np.log(deviations)


def _products(logs, floor):
    """Log densities of each latent, of all but each, and of all, along the last axis."""
    floored = np.maximum(logs, floor)
    joint = floored.sum(axis=-1, keepdims=True)
    return np.concatenate([logs, joint - floored, joint], axis=-1)


def _entropies_of_samples(logs, floor):
    """(H(z_i), H(z_-i), H(z)) of densities `[samples, latents]` that are those of q(z|x) itself."""
    totals = -np.maximum(_products(logs, floor), floor).mean(axis=0)
    num_latents = logs.shape[1]
    return totals[:num_latents], totals[num_latents:-1], totals[-1]


def _entropies(z, means, widths, floor):
    """(H(z_i), H(z_-i), H(z)), averages of -log of mixtures over the samples."""
    num_latents, totals = z.shape[1], 0.0
    for start in range(0, len(z), _CHUNK):
        logs = _log_densities(z[start : start + _CHUNK, None], means, widths, floor)
        mixture = logsumexp(_products(logs, floor), axis=1) - np.log(len(means))
        totals -= np.maximum(mixture, floor).sum(axis=0)
    totals = totals / len(z)
    return totals[:num_latents], totals[num_latents:-1], totals[-1]
