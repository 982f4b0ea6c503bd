"""disentanglement_lib's metric functions, one at a time."""

import importlib
from collections.abc import Callable

from tfdis.dlib.stack.compat import DLIB
from tfdis.dlib.stack.importing import install


def metric_function(path: str) -> Callable:
    """One of disentanglement_lib's metrics, unmodified.

    Args:
        path: names of its module and function, below disentanglement_lib's folder of metrics.

    Returns:
        A function of (ground_truth_data, representation_function, random_state, artifact_dir=None,
        ...).

    Raises:
        ImportError: disentanglement_lib is not installed.

    Example:
        >>> metric_function("mig.compute_mig").__name__
        'compute_mig'
    """
    install()
    # This import registers disentanglement_lib's discretisers with gin.
    importlib.import_module(f"{DLIB}.evaluation.metrics.utils")
    module, _, function = path.partition(".")
    return getattr(importlib.import_module(f"{DLIB}.evaluation.metrics.{module}"), function)
