"""The gin name `evaluation` of disentanglement_lib, for evaluations that its package lacks."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import gin

from tfdis.dlib.configs import find_config
from tfdis.dlib.stack.importing import install


class EvaluationOptions(NamedTuple):
    """The values that `evaluation` is bound to.

    Attributes:
        evaluation_fn: function that computes the scores.
        random_seed: seed of the evaluation.
    """

    evaluation_fn: Callable
    random_seed: int


def parse_evaluation(
    gin_config_files: Sequence[str], gin_bindings: Sequence[str]
) -> EvaluationOptions:
    """Parses gin files of an evaluation; the configuration stays until it is cleared.

    Args:
        gin_config_files: gin files; see `find_config`.
        gin_bindings: further gin lines.

    Raises:
        FileNotFoundError: there is no such gin file.
        ValueError: an unknown gin name, or `evaluation.evaluation_fn` or `evaluation.random_seed`
            missing.
    """
    install()
    # This import registers `evaluation`.
    from disentanglement_lib.evaluation import evaluate

    gin.parse_config_files_and_bindings(
        [find_config(path) for path in gin_config_files], list(gin_bindings)
    )
    bound = gin.get_bindings(evaluate.evaluate)
    missing = [f"evaluation.{name}" for name in EvaluationOptions._fields if name not in bound]
    if missing:
        raise ValueError(
            f"Expected values for {', '.join(missing)}, for example in tests/methods/udr/udr.gin. "
            "Received none."
        )
    return EvaluationOptions(**{name: bound[name] for name in EvaluationOptions._fields})
