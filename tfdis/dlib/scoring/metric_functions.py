"""disentanglement_lib's metric functions, one at a time."""

import importlib
from collections.abc import Callable

from tfdis.dlib.stack.compat import DLIB
from tfdis.dlib.stack.importing import install

# Name in gin -> (module, function).
METRIC_FUNCTIONS = {
    "beta_vae_sklearn": ("beta_vae", "compute_beta_vae_sklearn"),
    "dci": ("dci", "compute_dci"),
    "factor_vae_score": ("factor_vae", "compute_factor_vae"),
    "irs": ("irs", "compute_irs"),
    "mig": ("mig", "compute_mig"),
    "modularity_explicitness": ("modularity_explicitness", "compute_modularity_explicitness"),
    "sap_score": ("sap_score", "compute_sap"),
    "unsupervised_metrics": ("unsupervised_metrics", "unsupervised_metrics"),
}


def metric_function(name: str) -> Callable:
    """One of disentanglement_lib's metrics, unmodified.

    Args:
        name: its name in gin, a key of `METRIC_FUNCTIONS`.

    Returns:
        The function of (ground_truth_data, representation_function, random_state, artifact_dir=None,
        ...).

    Raises:
        ImportError: if disentanglement_lib is not installed.

    Example:
        >>> metric_function("mig").__name__
        'compute_mig'
    """
    install()
    # Where disentanglement_lib registers its discretisers with gin.
    importlib.import_module(f"{DLIB}.evaluation.metrics.utils")
    module, function = METRIC_FUNCTIONS[name]
    return getattr(importlib.import_module(f"{DLIB}.evaluation.metrics.{module}"), function)
