"""disentanglement_lib's studies: one model of them, or many, enumerated in seconds."""

import contextlib
import functools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tfdis import registry
from tfdis.dlib.scoring.metric_functions import replaced
from tfdis.dlib.stack.compat import DLIB
from tfdis.dlib.stack.importing import install

# Name of a study -> number of its models.
NUM_MODELS = {
    "unsupervised_study_v1": 12600,
    "fairness_study_v1": 12600,
    "abstract_reasoning_study_v1": 360,
    "test": 1,  # Gives the same model for every number.
}


def load_gin_names() -> None:
    """Lets gin know what disentanglement_lib's trainings, postprocessings and metrics bind."""
    install()
    registry.load("tfdis.dlib.train", "tfdis.dlib.stack.linear_networks")
    registry.load("tfdis.dlib.weak", "tfdis.dlib.semi")
    registry.load(f"{DLIB}.postprocessing.postprocess", f"{DLIB}.evaluation.evaluate")


def find_study(name: str) -> Any:
    """One of disentanglement_lib's own study objects.

    Raises:
        ValueError: there is no such study; the message lists the studies.
    """
    install()
    from disentanglement_lib.config import reproduce as dlib_reproduce

    studies = dlib_reproduce.STUDIES
    if name not in studies:
        raise ValueError(
            "Expected a study of disentanglement_lib 1.5 that trains unsupervised models, one of "
            f"{', '.join(sorted(studies))}. Received: {name!r}."
        )
    return studies[name]


def model_config(study: Any, model_num: int) -> tuple[list[str], str]:
    """Gin lines and gin file of one model of a study, in disentanglement_lib's order.

    Raises:
        ValueError: the study has no model of that number.
    """
    try:
        bindings, file = study.get_model_config(model_num) if model_num >= 0 else (None, None)
    except IndexError:
        bindings, file = None, None
    if file is None:
        raise ValueError(f"Expected --model_num of a model of the study. Received: {model_num}.")
    own = [f"model.name = '{Path(file).stem}'", f"model.model_num = {model_num}"]
    return [*own, *bindings], file


def model_configs(study: Any, numbers: Iterable[int]) -> Iterator[tuple[list[str], str]]:
    """Gin lines and gin file of several models of a study; see `model_config`.

    A study's own `get_model_config` lists all models anew for each of them. Here it finds the list that
    its `get_config` returned the first time.

    Args:
        study: one of disentanglement_lib's study objects; see `find_study`.
        numbers: numbers of models.

    Raises:
        ValueError: the study has no model of a number.
    """
    module = sys.modules[type(study).get_model_config.__module__]
    with contextlib.ExitStack() as stack:
        if hasattr(module, "get_config"):
            listed_once = functools.cache(module.get_config)
            stack.enter_context(replaced(module, "get_config", listed_once))
        for number in numbers:
            yield model_config(study, number)
