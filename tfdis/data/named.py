"""Data sets by name, and the gin configurable `dataset`.

Importing this module imports every module of this room, so that each set's builder registers itself
and its gin options exist before a gin file is parsed. TensorFlow is not imported.
"""

from collections.abc import Callable, Mapping

from tfdis import registry
from tfdis.configuration import configurable
from tfdis.data.adapted import as_ground_truth_data
from tfdis.data.ground_truth_data import GroundTruthData

registry.load("tfdis.data")


def data_set_names() -> list[str]:
    """Names of all data sets, sorted."""
    return list(registry.DATA_SETS)


@configurable("dataset", module="tfdis.data")
def get_named_ground_truth_data(name: str, split: Callable | None = None) -> GroundTruthData:
    """The data set of a name; in gin, `dataset.name = 'dsprites_full'`.

    Args:
        name: one of `data_set_names()`.
        split: which combinations of factors are drawn how often (`tfdis.data.splits`); in gin,
            `dataset.split = @correlated_factors()`. None draws all alike.

    Returns:
        The data set.

    Raises:
        ValueError: no set has the name, or its builder returns something other than a data set.

    Example:
        >>> get_named_ground_truth_data("dummy_data").num_factors
        10
    """
    data = as_ground_truth_data(registry.DATA_SETS.find(name)(), name)
    return data if split is None else split(data)


def options_of(name: str, bindings: Mapping[str, str]) -> list[str]:
    """The gin lines among a run's bindings that say which variant of its data set it used.

    Reading the run's data set again takes them as well as its name.

    Args:
        name: name of the data set.
        bindings: the run's bindings, values as text by name.

    Returns:
        Lines of gin, one for each binding of the data set.

    Example:
        >>> options_of("xysquares", {"xysquares.grid_spacing": "4", "vae.beta": "1.0"})
        ['xysquares.grid_spacing = 4']
    """
    scopes = {key: key.rpartition(".")[0] for key in bindings}
    return [
        f"{key} = {bindings[key]}"
        for key, scope in scopes.items()
        # One configurable may serve a family of names: arm3d for arm3d_toy, arm3d_real, ...
        if scope and (name == scope or name.startswith(f"{scope}_"))
    ]
