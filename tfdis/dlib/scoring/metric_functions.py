"""disentanglement_lib's metric functions, one at a time."""

import contextlib
import importlib
import types
from collections.abc import Callable, Iterator

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


@contextlib.contextmanager
def replaced(module: types.ModuleType, name: str, value: object) -> Iterator[None]:
    """Has a module see another value under one of its names for a while."""
    original = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, original)


def with_sorted_trees(function: Callable) -> contextlib.AbstractContextManager:
    """Has the module of a metric function fit the same boosted trees, sorting each latent once."""
    module = importlib.import_module(function.__module__)
    if not hasattr(module, "ensemble"):
        return contextlib.nullcontext()
    from tfdis.dlib.scoring.trees.choice import boosted_trees_class

    own = types.SimpleNamespace(GradientBoostingClassifier=boosted_trees_class())
    return replaced(module, "ensemble", own)
