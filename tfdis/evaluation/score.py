"""Scores of codes; the public entry of the metrics."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from absl import logging

from tfdis.dlib.scoring.metric_needs import (
    NotComputableError,
    explaining_scikit_learn,
    names_without_number,
)
from tfdis.evaluation.arrays import check_arrays
from tfdis.evaluation.arrays import standardise as standardised
from tfdis.evaluation.bootstrap import half_sample_intervals
from tfdis.evaluation.metric import find_metric
from tfdis.registry import METRICS

_STANDARDISED = "standardised/"


def metric_names() -> list[str]:
    """Names of all metrics that `score` knows.

    Example:
        >>> "infomec" in metric_names() and "mig" in metric_names()
        True
    """
    return [name for name, metric in METRICS.items() if metric.function]


def score(
    codes: np.ndarray,
    factors: np.ndarray,
    metrics: str | Sequence[str | Callable] = ("mig", "infomec"),
    seed: int = 0,
    bootstrap: int | None = None,
    confidence: float = 0.95,
    standardise: bool | str = False,
    options: Mapping[str, Mapping] | None = None,
) -> dict[str, float]:
    """Scores codes against the factors that made them.

    Args:
        codes: `[num_samples, num_latents]`, numbers; some metrics take integers for symbols. They
            may be an array, a data frame or a tensor, also of PyTorch; a single latent may be
            `[num_samples]`. Of vectors `[num_samples, num_units, unit_dim]` the first principal
            component of each unit counts.
        factors: `[num_samples, num_factors]`, or `[num_samples]` for a single factor; most metrics
            need discrete ones. Texts count as the ranks of their alphabetical order.
        metrics: names of `metric_names()`, or functions of (codes, factors), which may take `seed`
            and return a number or a dict of numbers; "all" stands for all of `metric_names()`, with
            `bootstrap` for those that need no full grid of factors.
        seed: seed of everything that a metric draws; the same arrays and seed give the same scores.
        bootstrap: number of resamples for confidence intervals, e.g. 200; each of them computes all
            metrics again, on half of the samples. None gives no intervals.
        confidence: confidence level of the intervals.
        standardise: False for codes as they are; True for latents with mean 0 and standard
            deviation 1; "both" for both, the latter under `standardised/<metric>/...`.
        options: keyword arguments of metrics, by name of metric.

    Returns:
        Values by `<metric>/<score>`, a function's single number under its own name; with
        `bootstrap` also `.../low` and `.../high`. A metric that has no value for these arrays is
        left out, and the reason is logged; for example, a single latent has no gap between the two
        best.

    Raises:
        NotComputableError: no metric has a value; the message gives the reason for each.
        ValueError: an unknown metric or option, or arrays that no metric can use.

    Example:
        >>> random_state = np.random.RandomState(0)
        >>> factors = random_state.randint(4, size=[300, 2])
        >>> codes = factors + 0.1 * random_state.normal(size=[300, 2])
        >>> sorted(score(codes, factors, ["mcc", "mig"]))
        ['mcc/strong', 'mcc/strong_spearman', 'mcc/weak', 'mig/discrete_mig']
    """
    if isinstance(metrics, str) and metrics == "all":
        metrics = [
            name for name in metric_names() if bootstrap is None or not METRICS[name].needs_grid
        ]
    functions = _resolve(metrics, options or {})
    _check_standardise(standardise)
    codes, factors = check_arrays(codes, factors)
    inputs = _inputs(codes, standardise)

    if bootstrap is not None:
        _check_can_be_halved(metrics)
    cases = {
        prefix + name: (function, values)
        for prefix, values in inputs.items()
        for name, function in functions.items()
    }
    scores, left_out = {}, {}
    for name, (function, values) in cases.items():
        try:
            scores |= _flat(name, _compute(function, values, factors, seed))
        except NotComputableError as error:
            left_out[name] = str(error)
    report_left_out(left_out, bool(scores))
    if bootstrap is None:
        return scores

    def compute(rows):
        found = {}
        for name, (function, values) in cases.items():
            if name not in left_out:
                found |= _flat(name, _compute(function, values[rows], factors[rows], seed))
        return found

    intervals = half_sample_intervals(compute, scores, len(codes), bootstrap, confidence, seed)
    for name, (low, high) in intervals.items():
        scores |= {f"{name}/low": low, f"{name}/high": high}
    return scores


def _compute(function, codes, factors, seed):
    """The scores of one metric, all of them numbers."""
    with explaining_scikit_learn():
        result = function(codes, factors, seed)
    if missing := names_without_number(_flat("", result)):
        raise NotComputableError(
            f"Expected a number for every score. Received: NaN for {', '.join(missing)}."
        )
    return result


def report_left_out(reasons: Mapping[str, str], others_have_values: bool) -> None:
    """Logs which metrics are left out and why.

    Args:
        reasons: the reason for each metric that is left out, by its name.
        others_have_values: whether there are other metrics that have values.

    Raises:
        NotComputableError: no other metric has one.
    """
    if reasons and not others_have_values:
        raise NotComputableError(" ".join(f"{name}: {text}" for name, text in reasons.items()))
    for name, text in reasons.items():
        logging.warning("%s is left out: %s", name, text)


def check_metrics(
    metrics: Sequence[str | Callable],
    options: Mapping[str, Mapping] | None = None,
    standardise: bool | str = False,
) -> None:
    """Raises ValueError for arguments that `score` would refuse, whatever the arrays."""
    _resolve(metrics, options or {})
    _check_standardise(standardise)


def _find(metric):
    """The function of a metric, found by its name, short or disentanglement_lib's."""
    if callable(metric):
        return metric
    function = find_metric(metric).function
    if function is None:
        raise ValueError(
            f"Expected a metric of codes alone, one of {', '.join(metric_names())}. Received: {metric!r}, "
            "which disentanglement_lib computes of a data set. Fix: bin/evaluate --metrics="
            + metric
        )
    return function


def _resolve(metrics, options):
    """Functions of (codes, factors, [seed]) with their options bound, by name."""
    if isinstance(metrics, str) or callable(metrics) or not len(metrics):
        raise ValueError(f"Expected a list of one or more metrics. Received: {metrics!r}.")
    functions = {}
    for metric in metrics:
        name = metric if isinstance(metric, str) else getattr(metric, "__name__", "metric")
        if name in functions:
            raise ValueError(f"Expected every metric once. Received: {name!r} twice.")
        functions[name] = _Bound(name, _find(metric), dict(options.get(name, {})))
    unused = set(options) - set(functions)
    if unused:
        raise ValueError(
            f"Expected options of the metrics {sorted(functions)}. Received: of {sorted(unused)}."
        )
    return functions


class _Bound:
    """A metric with options that it knows."""

    def __init__(self, name, function, options) -> None:
        self.name, self._function, self._options = name, function, options
        parameters = inspect.signature(function).parameters
        takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        self.takes_seed = takes_any or "seed" in parameters
        unknown = sorted(set(options) - set(parameters))
        if unknown and not takes_any:
            raise ValueError(
                f"Expected options of {name} among {sorted(set(parameters) - {'codes', 'factors'})}. "
                f"Received: {unknown}."
            )

    def __call__(self, codes: np.ndarray, factors: np.ndarray, seed: int) -> Any:
        seeds = {"seed": seed} if self.takes_seed else {}
        return self._function(codes, factors, **{**seeds, **self._options})


def _flat(name, result):
    if isinstance(result, Mapping):
        return {f"{name}/{key}".lstrip("/"): float(value) for key, value in result.items()}
    return {name: float(result)}


def _check_standardise(standardise):
    if standardise not in (False, True, "both"):
        raise ValueError(f'Expected standardise: False, True or "both". Received: {standardise!r}.')


def _inputs(codes, standardise):
    if standardise == "both":
        return {"": codes, _STANDARDISED: standardised(codes)}
    return {"": standardised(codes) if standardise else codes}


def _check_can_be_halved(metrics):
    for metric in metrics:
        if not callable(metric) and find_metric(metric).needs_grid:
            raise ValueError(
                f"Expected no bootstrap with {metric}: it needs every combination of factor values, "
                "which a part of the samples does not have. Fix: score it in a call of its own."
            )
