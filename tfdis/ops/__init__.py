"""Pure tensor functions: densities, divergences and their minibatch estimators."""

from tfdis.ops.box_blur import box_blur, box_blur_eigenvalues
from tfdis.ops.covariance import check_dip_kind, covariance, dip_penalty
from tfdis.ops.factorised_support import support_distance, support_shrinkage
from tfdis.ops.gaussian import gaussian_kl, gaussian_log_density
from tfdis.ops.hessian_penalty import normalised_hessian_penalty
from tfdis.ops.kernel_information import BANDWIDTHS, kernel_multi_information
from tfdis.ops.l2_normalize import l2_normalize
from tfdis.ops.laplace import gaussian_entropy, laplace_cross_entropy
from tfdis.ops.matrix_exponential import matrix_exponential
from tfdis.ops.mmd import check_mmd_options, mmd
from tfdis.ops.pairs import adaptive_shared_mask, average_posteriors
from tfdis.ops.quantisation import (
    finite_scalar_indices,
    finite_scalars,
    gumbel,
    nearest_values,
    rounded_tanh,
    straight_through,
)
from tfdis.ops.regional_max import check_regions, regional_max
from tfdis.ops.seeds import seed_at
from tfdis.ops.total_correlation import check_estimator, elbo_decomposition, total_correlation

__all__ = [
    "BANDWIDTHS",
    "adaptive_shared_mask",
    "average_posteriors",
    "box_blur",
    "box_blur_eigenvalues",
    "check_dip_kind",
    "check_estimator",
    "check_mmd_options",
    "check_regions",
    "covariance",
    "dip_penalty",
    "elbo_decomposition",
    "finite_scalar_indices",
    "finite_scalars",
    "gaussian_entropy",
    "gaussian_kl",
    "gaussian_log_density",
    "gumbel",
    "kernel_multi_information",
    "l2_normalize",
    "laplace_cross_entropy",
    "matrix_exponential",
    "mmd",
    "nearest_values",
    "normalised_hessian_penalty",
    "regional_max",
    "rounded_tanh",
    "seed_at",
    "straight_through",
    "support_distance",
    "support_shrinkage",
    "total_correlation",
]
