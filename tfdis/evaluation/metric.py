"""A metric: its row in the one table of metrics, and how a function of arrays becomes one."""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeVar

import gin

from tfdis.data.streams.codes import draw_codes
from tfdis.dlib.scoring.metric_needs import Needs
from tfdis.evaluation.arrays import check_arrays
from tfdis.registry import METRICS

_Function = TypeVar("_Function", bound=Callable)
_ARRAYS = ("codes", "factors", "seed")


@dataclasses.dataclass(frozen=True)
class Metric:
    """One row of the table of metrics, `tfdis.registry.METRICS`.

    Attributes:
        name: name of the metric in `score`, `bin/evaluate` and reports.
        function: f(codes, factors, seed=0, **options), which returns a dict of scores; None for a
            metric that only disentanglement_lib's driver can compute.
        evaluation_fn: name of the metric in gin, to which `evaluation.evaluation_fn` refers.
        gin_file: name of its gin file among those that disentanglement_lib ships; None if it has
            none there.
        predictor: name to which `predictor.predictor_fn` refers, where that tells metrics apart.
        aliases: further names that are accepted.
        headings: headings in tables, by name of score. Tables that people read have these scores, with
            the best value of each set off, or all scores if there are no headings.
        higher_is_better: whether the highest value of a score with a heading is its best.
        needs: requirements of codes and factors for the metric to have a value.
        needs_grid: whether the metric fixes single factors, so that every combination must be
            there.
        in_all: whether `bin/evaluate --metrics=all` computes it.
        about: text on what the metric measures, if no docstring of a function says it.
        reference: the paper, likewise.
    """

    name: str
    function: Callable | None
    evaluation_fn: str
    gin_file: str | None = None
    predictor: str | None = None
    aliases: tuple[str, ...] = ()
    headings: Mapping[str, str] = dataclasses.field(default_factory=dict)
    higher_is_better: bool = True
    needs: Needs = Needs()
    needs_grid: bool = False
    in_all: bool = True
    about: str = ""
    reference: str = ""

    @property
    def folder(self) -> str:
        """Name of the folder of the metric's results: that of its gin file, as in disentanglement_lib."""
        return PurePosixPath(self.gin_file).stem if self.gin_file else self.name

    @property
    def names(self) -> set[str]:
        """All names that stand for the metric."""
        own = {self.name, self.folder, *self.aliases}
        return own if self.predictor else {*own, self.evaluation_fn}


def find_metric(name: str) -> Metric:
    """The metric of a name: its own, that of its gin file or gin function, or an alias.

    Raises:
        ValueError: there is no such metric; the message lists the names.

    Example:
        >>> find_metric("sap_score").name, find_metric("factor_vae_metric").name
        ('sap', 'factor_vae')
    """
    known = {alias: row for row in METRICS.values() for alias in row.names}
    return known[name] if name in known else METRICS.find(name)


def metric(name: str, min_samples: int = 20, **row: Any) -> Callable[[_Function], _Function]:
    """Decorator: registers `f(codes, factors, seed=0, **options) -> dict` as a metric.

    The function that comes out checks its arrays first. In gin, `@name` is the same metric with
    disentanglement_lib's signature for `evaluation.evaluation_fn`: it draws `num_train` samples as
    disentanglement_lib does, and takes the same options.

    Args:
        name: name of the metric, in Python, in gin and in the commands.
        min_samples: smallest number of samples that the metric can be computed on.
        **row: `needs`, `headings`, `higher_is_better`, `aliases` or `in_all`; see `Metric`.

    Raises:
        ValueError: another metric has the name.

    Example:
        >>> import numpy as np
        >>> @metric("largest_code")
        ... def largest_code(codes, factors, seed=0):
        ...     return {"largest_code": np.max(codes)}
        >>> METRICS["largest_code"].evaluation_fn
        'largest_code'
        >>> del METRICS["largest_code"]
    """

    def register(function: _Function) -> _Function:
        @functools.wraps(function)
        def checked(codes, factors, *args, **options):
            return function(*check_arrays(codes, factors, min_samples), *args, **options)

        METRICS.add(name, Metric(name, checked, evaluation_fn=name, **row))
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
    # Gin thus knows the options, and refuses others.
    own = list(inspect.signature(evaluate).parameters.values())[:-1]
    options = [p for p in inspect.signature(function).parameters.values() if p.name not in _ARRAYS]
    evaluate.__signature__ = inspect.Signature(own + options)
    gin.configurable(
        name,
        module="tfdis.evaluation",
        denylist=["ground_truth_data", "representation_function", "random_state", "artifact_dir"],
    )(evaluate)
