"""The methods and their hyperparameters that several papers of one group of authors share."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

SHARED_GIN = "unsupervised_study_v1/model_configs/shared.gin"
_DIP = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_BETA = (1.0, 2.0, 4.0, 6.0, 8.0, 16.0)
_TC = (1.0, 2.0, 4.0, 6.0, 8.0, 10.0)
_FACTOR = (10.0, 20.0, 30.0, 40.0, 50.0, 100.0)


class Method(NamedTuple):
    """A method and the six values of its hyperparameter.

    Attributes:
        name: name of the method, as in the papers' code.
        model: gin name of the model.
        option: option of the model that has the values.
        values: the values.
        lines: further gin lines; `{model}` in them stands for the model's gin name.
    """

    name: str
    model: str
    option: str
    values: tuple[float, ...]
    lines: tuple[str, ...] = ()


_DISCRIMINATOR = ("discriminator.discriminator_fn = @fc_discriminator",)


def _dip_lines(kind: str, factor: float) -> tuple[str, ...]:
    return (f"{{model}}.lambda_d_factor = {factor}", f"{{model}}.dip_type = '{kind}'")


METHODS = (
    Method("beta_vae", "vae", "beta", _BETA),
    Method("factor_vae", "factor_vae", "gamma", _FACTOR, _DISCRIMINATOR),
    Method("dip_vae_i", "dip_vae", "lambda_od", _DIP, _dip_lines("i", 10.0)),
    Method("dip_vae_ii", "dip_vae", "lambda_od", _DIP, _dip_lines("ii", 1.0)),
    Method("beta_tc_vae", "beta_tc_vae", "beta", _TC),
    Method(
        "annealed_vae",
        "annealed_vae",
        "c_max",
        (5.0, 10.0, 25.0, 50.0, 75.0, 100.0),
        ("{model}.iteration_threshold = 100000", "{model}.gamma = 1000"),
    ),
)


def configurations(method: Method, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """The six configurations of a method.

    Args:
        method: the method.
        prefix: what the model's gin name begins with besides, for example "s2_".

    Yields:
        The label of a configuration, and its gin lines.
    """
    model = f"{prefix}{method.model}"
    for value in method.values:
        lines = [
            f"model.name = '{prefix}{method.name}'",
            f"model.model = @{model}()",
            f"{model}.{method.option} = {value}",
            *(line.format(model=model) for line in method.lines),
        ]
        yield f"{prefix}{method.name},{method.option}={value:g}", lines


def axes(**values: tuple) -> Iterator[dict]:
    """Every combination of values by name, the last name varying fastest.

    Example:
        >>> list(axes(seed=(0, 1), k=(1,)))
        [{'seed': 0, 'k': 1}, {'seed': 1, 'k': 1}]
    """
    for chosen in itertools.product(*values.values()):
        yield dict(zip(values, chosen, strict=True))
