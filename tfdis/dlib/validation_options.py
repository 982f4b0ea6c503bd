"""The gin name `validation` of disentanglement_lib, whose driver its package lacks."""

import importlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

import gin

from tfdis.dlib.configs import find_config
from tfdis.dlib.stack.compat import DLIB
from tfdis.dlib.stack.importing import install


class ValidationOptions(NamedTuple):
    """The values that `validation` is bound to.

    Attributes:
        validation_fn: `f(observations, labels, representation_function) -> dict`, with labels
            `[labelled factors, num]`; in gin `@mig_validation`, `@sap_score_validation` or
            `@dci_validation`, which are disentanglement_lib's.
        random_seed: seed of the labelled images.
        num_labelled_samples: number of labelled images.
    """

    validation_fn: Callable
    random_seed: int
    num_labelled_samples: int


@gin.configurable("validation", module="tfdis.dlib")
def validation_options(
    validation_fn: Callable = gin.REQUIRED,
    random_seed: int = gin.REQUIRED,
    num_labelled_samples: int = gin.REQUIRED,
    name: str = "",
) -> ValidationOptions:
    """The options of a validation, from gin.

    Args:
        validation_fn: see `ValidationOptions`.
        random_seed: seed of the labelled images.
        num_labelled_samples: number of labelled images.
        name: text that is only kept in the saved configuration.
    """
    del name
    return ValidationOptions(validation_fn, random_seed, num_labelled_samples)


def parse_validation(
    gin_config_files: Sequence[str], gin_bindings: Sequence[str]
) -> ValidationOptions:
    """Parses gin files of a validation; the configuration stays until it is cleared.

    Args:
        gin_config_files: gin files; see `find_config`.
        gin_bindings: further gin lines.

    Raises:
        FileNotFoundError: there is no such gin file.
        ValueError: an unknown gin name, or one of `ValidationOptions` missing.
    """
    install()
    # This import registers the metrics.
    importlib.import_module(f"{DLIB}.evaluation.evaluate")
    files = [find_config(path) for path in gin_config_files]
    gin.parse_config_files_and_bindings(files, list(gin_bindings))
    bound = gin.get_bindings(validation_options, resolve_references=False)
    missing = [f"validation.{name}" for name in ValidationOptions._fields if name not in bound]
    if missing:
        raise ValueError(
            f"Expected values for {', '.join(missing)}, for example in "
            "tests/validation/validation_test_configs/mig.gin. Received none."
        )
    return validation_options()
