"""Pure tensor functions: densities, divergences and their minibatch estimators."""

from tfdis.ops.gaussian import gaussian_kl, gaussian_log_density
from tfdis.ops.total_correlation import check_estimator, elbo_decomposition, total_correlation

__all__ = [
    "check_estimator",
    "elbo_decomposition",
    "gaussian_kl",
    "gaussian_log_density",
    "total_correlation",
]
