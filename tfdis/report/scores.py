"""Names of scores: the metric of a result, which of its numbers are scores, and their labels."""

import functools
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tfdis.registry import METRICS

if TYPE_CHECKING:
    from tfdis.evaluation.metric import Metric

# The columns of the normalised sum; completeness and informativeness of DCI are columns of their own.
SUMMED = (
    "dci/disentanglement",
    "factor_vae/eval_accuracy",
    "sap/SAP_score",
    "mig/discrete_mig",
    "irs/IRS",
)
SUM = "normalised sum"
# Metrics whose scores come first in tables, in this order; the others follow by name.
_FIRST = ("dci", "factor_vae", "sap", "mig", "irs", "beta_vae", "modularity_explicitness")
_NO_SCORES = ("elapsed_time", "uuid")
# Scores of single factors and training sets, and counts; they are in the CSV files but not in tables for
# people.
_DETAIL = re.compile(r"train|num_active|factor_\d|min_")


def metric_name(config: Mapping[str, str]) -> str:
    """The metric that an evaluation's gin bindings name.

    Example:
        >>> metric_name({"evaluation.evaluation_fn": "@factor_vae_score"})
        'factor_vae'
        >>> metric_name({"evaluation.evaluation_fn": "@downstream_task",
        ...              "predictor.predictor_fn": "@logistic_regression_cv"})
        'downstream_task_logistic_regression'
    """
    name = reference_name(config.get("evaluation.evaluation_fn", ""))
    predictor = reference_name(config.get("predictor.predictor_fn", ""))
    return _name_of(name, predictor, len(METRICS))


@functools.cache
def _name_of(name: str, predictor: str, num_metrics: int) -> str:
    """Looks a metric up; a large study asks thousands of times, between which metrics may be added."""
    del num_metrics
    for metric in METRICS.values():
        if metric.evaluation_fn == name and metric.predictor in (None, predictor):
            return metric.name
    is_task = name.endswith("downstream_task") and predictor
    return f"{name}_{predictor}" if is_task else name


def reference_name(value: str) -> str:
    """The name in a gin reference, without scope, module and call: `@a/b.vae()` is `vae`."""
    return (
        re.sub(r"\(\)$", "", str(value).strip()).lstrip("@").rpartition("/")[2].rpartition(".")[2]
    )


def numbers_of(results: Mapping) -> dict[str, float]:
    """The numbers of an evaluation's results: NaN for null, without times and identifiers."""
    numbers = {}
    for name, value in results.items():
        if name in _NO_SCORES or isinstance(value, bool):
            continue
        if value is None:
            value = float("nan")
        if isinstance(value, int | float):
            try:
                numbers[name] = float(value)
            except OverflowError:
                numbers[name] = float("inf")
    return numbers


def _headings() -> dict[str, str]:
    """Headings of the scores' columns by `<metric>/<score>`, in the order of columns."""
    others = [name for name in METRICS if name not in _FIRST]
    return {
        f"{name}/{score}": heading
        for name in (*_FIRST, *others)
        for score, heading in METRICS[name].headings.items()
    }


def is_headline(score: str) -> bool:
    """Whether `<metric>/<score>` belongs in a table that people read.

    Example:
        >>> is_headline("mcc/strong"), is_headline("factor_vae/train_accuracy")
        (True, False)
    """
    metric, name = _row_and_name(score)
    if metric and metric.headings:
        return name in metric.headings
    return not _DETAIL.search(name)


def has_best(score: str) -> bool:
    """Whether the best of a column of `<metric>/<score>`, or of sums, is its highest value.

    Example:
        >>> has_best("dci/disentanglement"), has_best("fairness/mean_fairness:mean_pred:mean_sens")
        (True, False)
    """
    metric, name = _row_and_name(score)
    return score == SUM or bool(metric and metric.higher_is_better and name in metric.headings)


def _row_and_name(score: str) -> tuple["Metric | None", str]:
    """The metric of `<metric>/<score>`, or of `<metric> (seed 1)/<score>`, if it is known; and the score."""
    metric, _, name = score.partition("/")
    return METRICS.get(metric.partition(" (")[0]), name


def label(score: str) -> str:
    """A column's heading.

    Example:
        >>> label("mig/discrete_mig"), label("mcc/strong_spearman")
        ('MIG', 'mcc strong spearman')
    """
    if "/" not in score:  # A sum.
        return score
    headings = _headings()
    metric, _, name = score.partition("/")
    plain, _, suffix = metric.partition(" (")
    if heading := headings.get(f"{plain}/{name}"):
        return f"{heading} ({suffix}" if suffix else heading
    return (metric if name == metric else f"{metric} {name}").replace("_", " ")


def in_order(scores: Iterable[str]) -> list[str]:
    """Sorts scores as in tables: those with a heading of their own first, then by name."""
    known = list(_headings())
    return sorted(
        scores, key=lambda name: (known.index(name) if name in known else len(known), name)
    )
