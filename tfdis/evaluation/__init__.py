"""Scores of codes against the factors that made them: arrays in, numbers out.

Example:
    >>> import numpy as np
    >>> from tfdis.evaluation import score
    >>> factors = np.random.RandomState(0).randint(5, size=[500, 3])
    >>> {name: round(value, 2) for name, value in score(factors, factors, ["mcc"]).items()}
    {'mcc/strong': 1.0, 'mcc/strong_spearman': 1.0, 'mcc/weak': 1.0}
"""

from tfdis.evaluation.metrics import (
    dci_es,
    dci_forest,
    dci_lasso,
    dci_mlp,
    infomec,
    mcc,
    mig_sup,
    r2,
)
from tfdis.evaluation.score import metric_names, score

__all__ = [
    "dci_es",
    "dci_forest",
    "dci_lasso",
    "dci_mlp",
    "infomec",
    "mcc",
    "metric_names",
    "mig_sup",
    "r2",
    "score",
]
