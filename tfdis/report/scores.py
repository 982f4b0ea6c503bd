"""Names of scores: which metric a result is of, which of its numbers are the scores, how they are called."""

import re
from collections.abc import Iterable, Mapping

# What disentanglement_lib calls the function -> what papers and `tfdis.evaluation.score` call the metric.
_METRICS = {
    "beta_vae_sklearn": "beta_vae",
    "factor_vae_score": "factor_vae",
    "sap_score": "sap",
    "modularity_explicitness": "modularity",
    "unsupervised_metrics": "unsupervised",
}
_PREDICTORS = {
    "gradient_boosting_classifier": "boosted_trees",
    "logistic_regression_cv": "logistic_regression",
}
# The columns of the normalised sum. "DCI" is disentanglement; completeness and informativeness are
# columns of their own.
SUMMED = {
    "dci/disentanglement": "DCI disentanglement",
    "factor_vae/eval_accuracy": "FactorVAE",
    "sap/SAP_score": "SAP",
    "mig/discrete_mig": "MIG",
    "irs/IRS": "IRS",
}
SUM = "normalised sum"
_LABELS = {
    "dci/disentanglement": SUMMED["dci/disentanglement"],
    "dci/completeness": "DCI completeness",
    "dci/informativeness_test": "DCI informativeness",
    **SUMMED,
    "beta_vae/eval_accuracy": "BetaVAE",
    "modularity/modularity_score": "modularity",
    "modularity/explicitness_score_test": "explicitness",
}
_NO_SCORES = ("elapsed_time", "uuid")
# Single factors, training sets, counts: in the CSV files, not in the tables that people read.
_DETAIL = re.compile(
    r"train|num_active|factor_\d|min_|(pred|sens)\d|max_(pred|sens|fairness)|:mean_sens:"
)


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
    if name.endswith("downstream_task") and predictor:
        return f"{name}_{_PREDICTORS.get(predictor, predictor)}"
    return _METRICS.get(name, name)


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


def is_headline(score: str) -> bool:
    """Whether `<metric>/<score>` belongs into a table that people read.

    Example:
        >>> is_headline("mcc/strong"), is_headline("factor_vae/train_accuracy")
        (True, False)
    """
    metric, _, name = score.partition("/")
    # Both mean over sensitive factors and predictions: one of them says it.
    if metric.startswith("fairness"):
        return name == "mean_fairness:mean_pred:mean_sens"
    return score in _LABELS or not _DETAIL.search(name)


def label(score: str) -> str:
    """A column's heading.

    Example:
        >>> label("mig/discrete_mig"), label("mcc/strong_spearman")
        ('MIG', 'mcc strong spearman')
    """
    if score in _LABELS or score == SUM:
        return _LABELS.get(score, score)
    metric, _, name = score.partition("/")
    plain, _, suffix = metric.partition(" (")
    if suffix and f"{plain}/{name}" in _LABELS:
        return f"{_LABELS[f'{plain}/{name}']} ({suffix}"
    return (metric if name == metric else f"{metric} {name}").replace("_", " ")


def in_order(scores: Iterable[str]) -> list[str]:
    """Scores as tables have them: those of the normalised sum first, then by name."""
    known = list(_LABELS)
    return sorted(
        scores, key=lambda name: (known.index(name) if name in known else len(known), name)
    )
