"""Scores of codes against the factors that made them: `score` of arrays, `evaluate` of any encoder.

Example:
    >>> import numpy as np
    >>> from tfdis.evaluation import score
    >>> factors = np.random.RandomState(0).randint(5, size=[500, 3])
    >>> {name: round(value, 2) for name, value in score(factors, factors, ["mcc"]).items()}
    {'mcc/strong': 1.0, 'mcc/strong_spearman': 1.0, 'mcc/weak': 1.0}
"""

from typing import TYPE_CHECKING, Any

from tfdis.evaluation.metric import Metric, metric
from tfdis.evaluation.score import metric_names, score
from tfdis.registry import METRICS

if TYPE_CHECKING:
    from tfdis.evaluation.any_encoder import evaluate

__all__ = ["Metric", "evaluate", "metric", "metric_names", "score"]


def __getattr__(name: str) -> Any:
    """Gives each metric under its name, as a function of codes and factors: `mcc(codes, factors)`."""
    if name == "evaluate":
        # Imported on first use, as it loads TensorFlow, which scores of arrays can do without.
        from tfdis.evaluation.any_encoder import evaluate

        return evaluate
    if not name.startswith("_") and name in METRICS and METRICS[name].function:
        return METRICS[name].function
    raise AttributeError(f"module 'tfdis.evaluation' has no attribute {name!r}.")
