"""How a function of arrays becomes a metric: a name for `score`, checks, and an entry in gin."""

import functools
import inspect
from collections.abc import Callable

import gin

from tfdis.data.streams.codes import draw_codes
from tfdis.evaluation.arrays import check_arrays

METRICS: dict[str, Callable] = {}
_ARRAYS = ("codes", "factors", "seed")


def metric(name: str, min_samples: int = 20) -> Callable:
    """Decorator: registers `f(codes, factors, seed=0, **options) -> dict` as the metric `name`.

    The function that comes out checks its arrays first. In gin, `@name` is the same metric with
    disentanglement_lib's signature for `evaluation.evaluation_fn`: it draws `num_train` samples as
    disentanglement_lib does, and takes the same options.

    Args:
      name: of the metric, here and in gin.
      min_samples: number of samples that it needs.
    """

    def register(function):
        @functools.wraps(function)
        def checked(codes, factors, *args, **options):
            return function(*check_arrays(codes, factors, min_samples), *args, **options)

        METRICS[name] = checked
        _register_in_gin(name, checked)
        return checked

    return register


def _register_in_gin(name, function):
    def evaluate(
        ground_truth_data,
        representation_function,
        random_state,
        artifact_dir=None,
        num_train=gin.REQUIRED,
        batch_size=16,
        **options,
    ):
        del artifact_dir
        codes, factors = draw_codes(
            ground_truth_data, representation_function, num_train, random_state, batch_size
        )
        seed = random_state.randint(2**31 - 1)
        return function(codes.T, factors.T, seed=seed, **options)

    evaluate.__doc__ = function.__doc__
    evaluate.__name__ = name
    # So that gin knows the options, and refuses others.
    own = list(inspect.signature(evaluate).parameters.values())[:-1]
    options = [p for p in inspect.signature(function).parameters.values() if p.name not in _ARRAYS]
    evaluate.__signature__ = inspect.Signature(own + options)
    gin.configurable(
        name,
        module="tfdis.evaluation",
        denylist=["ground_truth_data", "representation_function", "random_state", "artifact_dir"],
    )(evaluate)
