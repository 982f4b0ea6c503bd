"""Many models of one of disentanglement_lib's studies, enumerated in seconds."""

import contextlib
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from tfdis import registry
from tfdis.dlib.reproduce import model_config
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


def model_configs(study: Any, numbers: Iterable[int]) -> Iterator[tuple[list[str], str]]:
    """Gin lines and gin file of several models of a study; see `model_config`.

    A study's own `get_model_config` lists all models anew for each of them. Here it finds the list that
    its `get_config` returned the first time.

    Args:
        study: one of disentanglement_lib's study objects; see `tfdis.dlib.reproduce.find_study`.
        numbers: numbers of models.

    Raises:
        ValueError: the study has no model of a number.
    """
    with _listed_once(type(study).get_model_config.__globals__):
        for number in numbers:
            yield model_config(study, number)


@contextlib.contextmanager
def _listed_once(module: dict[str, Any]) -> Iterator[None]:
    """Lets a module's `get_config`, if it has one, be computed once inside."""
    listing = module.get("get_config")
    if listing is None:
        yield
        return
    module["get_config"] = functools.cache(listing)
    try:
        yield
    finally:
        module["get_config"] = listing
