"""WSEPIN and WINDIN: what each latent knows of the image that the others do not."""

import numpy as np
from scipy.special import logsumexp

from tfdis.evaluation.metric import metric
from tfdis.evaluation.quantised import check_deviations

# Samples whose densities under all posteriors are in memory at a time.
_CHUNK = 64


@metric("windin")
def windin(
    codes: np.ndarray,
    factors: np.ndarray,
    seed: int = 0,
    deviations: float | np.ndarray = 0.1,
    num_samples: int = 1000,
    num_posteriors: int = 5000,
) -> dict[str, float]:
    """Informativeness and separability of the latents of q(z|x); the factors play no part.

      WSEPIN = sum_i rho_i [I(x; z) - I(x; z_-i)],  rho_i = I_i / sum_j I_j,  I_i = I(x; z_i)
      WINDIN = sum_i rho_i [I_i - max(0, H(z_i) + H(z_-i) - H(z))]

    z_-i are all latents but the i-th. Entropies are Monte Carlo estimates in nats, on samples z of the
    aggregate posterior q(z) = mean_x q(z|x), without the floor of 1e-8 that the authors' code puts under
    densities. As q(z|x) has independent latents, the two differ only where the separability is negative.

    Args:
        codes: means of posteriors, `[num_samples, num_latents]`.
        factors: not used.
        seed: seed of the samples.
        deviations: standard deviations of the posteriors, above 0: a number or an array of the
            shape of the codes. What is known grows with its inverse: give those of the model
            (`exp(log_var / 2)`) to compare models.
        num_samples: number of samples z.
        num_posteriors: largest number of posteriors that q(z) is the mean of.

    Returns:
        `wsepin` and `windin`, in nats, and `information`, the mean I(x; z_i). Without any
        information they are 0.

    Raises:
        ValueError: a deviation that is not positive, or fewer than one sample or posterior.

    References:
        Do and Tran (2020), "Theory and Evaluation Metrics for Learning Disentangled
        Representations", ICLR. arXiv:1908.09961.
    """
    if num_samples < 1 or num_posteriors < 1:
        raise ValueError(
            "windin: expected at least one sample and one posterior. Received: "
            f"num_samples={num_samples}, num_posteriors={num_posteriors}."
        )
    widths = check_deviations(deviations, codes, 1e-12)
    random_state = np.random.RandomState(seed)
    rows = random_state.permutation(len(codes))[:num_posteriors]
    means, widths = np.asarray(codes, np.float64)[rows], widths[rows]
    chosen = random_state.randint(len(means), size=num_samples)
    z = means[chosen] + widths[chosen] * random_state.normal(size=(num_samples, codes.shape[1]))
    single, without, whole = _entropies(z, means, widths)
    conditional = np.mean(0.5 * np.log(2 * np.pi * np.e) + np.log(widths), axis=0)
    information = np.maximum(single - conditional, 0.0)
    # Where all posteriors of a latent are one, what is left is the error of the samples.
    information[np.ptp(means, axis=0) == 0] = 0.0
    if not information.any():
        return {"wsepin": 0.0, "windin": 0.0, "information": 0.0}
    weights = information / information.sum()
    separable = np.maximum(single + without - whole, 0.0)
    return {
        "wsepin": float(weights @ (whole - without - conditional)),
        "windin": float(weights @ (information - separable)),
        "information": float(information.mean()),
    }


def _entropies(z, means, widths):
    """(H(z_i), H(z_-i), H(z)), averages of -log of mixtures over the samples."""
    num_latents = z.shape[1]
    totals = np.zeros(2 * num_latents + 1)
    constant = np.log(widths) + 0.5 * np.log(2 * np.pi)
    for start in range(0, len(z), _CHUNK):
        scaled = (z[start : start + _CHUNK, None] - means) / widths
        logs = -0.5 * scaled**2 - constant  # [chunk, posteriors, latents]
        joint = logs.sum(axis=2)
        parts = [logs[..., i] for i in range(num_latents)]
        parts += [joint - logs[..., i] for i in range(num_latents)]
        densities = [logsumexp(part, axis=1).sum() for part in [*parts, joint]]
        totals -= densities
    totals = totals / len(z) + np.log(len(means))
    return totals[:num_latents], totals[num_latents:-1], totals[-1]
