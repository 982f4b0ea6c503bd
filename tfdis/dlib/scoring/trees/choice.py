"""Which boosted trees are fitted: this room's, or scikit-learn's own where those might differ."""

import functools
import os
import platform

import numpy as np
import sklearn
from absl import logging
from sklearn.ensemble import GradientBoostingClassifier

# The code that the trees of this room follow to the last bit.
SCIKIT_LEARN = "1.9.1"
# Compilers for other processors may round a * b + c once where these round twice.
MACHINE = "x86_64"


@functools.cache
def boosted_trees_class() -> type[GradientBoostingClassifier]:
    """The class of boosted trees: `BoostedTrees`, or scikit-learn's own, and then the log says why."""
    reason = _reason_against() or _reason_to_distrust()
    if reason:
        logging.warning("Boosted trees are fitted by scikit-learn, which takes longer: %s.", reason)
        return GradientBoostingClassifier
    from tfdis.dlib.scoring.trees.boosting import BoostedTrees

    return BoostedTrees


def _reason_against() -> str | None:
    """Why the trees of this room cannot be the same here."""
    if sklearn.__version__ != SCIKIT_LEARN:
        return f"its version is {sklearn.__version__}, not {SCIKIT_LEARN}"
    if platform.machine() != MACHINE:
        return f"the processor is {platform.machine()}, not {MACHINE}"
    try:
        import numba
    except ImportError as error:
        return f"numba cannot be imported ({error})"
    return "NUMBA_DISABLE_JIT is set" if numba.config.DISABLE_JIT else None


def _reason_to_distrust() -> str | None:
    """Why the trees of this room cannot be fitted, or that they differ."""
    from numba.core.errors import NumbaError

    try:
        return None if _same_on_an_example() else "other trees differ on this machine"
    except (NumbaError, OSError, RuntimeError) as error:
        return f"numba fails with {type(error).__name__} ({str(error).partition(os.linesep)[0]})"


def _same_on_an_example() -> bool:
    """Whether both fit the same trees to some samples; compiles what is not compiled yet."""
    from tfdis.dlib.scoring.trees.boosting import BoostedTrees

    rng = np.random.RandomState(0)
    samples = rng.normal(size=(200, 4)).round(2)
    labels = (samples[:, 0] + samples[:, 1] > rng.normal(size=(2, 200))).sum(axis=0)
    kinds = (BoostedTrees, GradientBoostingClassifier)
    models = [kind(n_estimators=3, random_state=0).fit(samples, labels) for kind in kinds]
    states = [[tree.tree_.__getstate__() for tree in model.estimators_.flat] for model in models]
    return all(
        ours[name].tobytes() == theirs[name].tobytes()
        for ours, theirs in zip(*states, strict=True)
        for name in ("nodes", "values")
    )
