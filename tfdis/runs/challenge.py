"""The gin root `challenge`: the gin files of each step of the challenge's protocol."""

import dataclasses
from collections.abc import Sequence

import gin

from tfdis import registry
from tfdis.configuration import configured, current_origin
from tfdis.data.named import get_named_ground_truth_data

# What the steps' files bind.
registry.load("tfdis.runs.extract", "tfdis.runs.finetune", "tfdis.runs.train")


@dataclasses.dataclass(frozen=True)
class ChallengeConfig:
    """Gin files of each step; every step parses the challenge's own file and bindings after its own.

    Attributes:
        system: name of the method, in the table.
        data: gin files of the data set that is scored.
        vae: gin files of the VAE on that data set's features.
        extractor: gin files of the feature extractor, if it is not finetuned.
        pixels: gin files of the control, a VAE on the images.
        finetune: gin files of the finetuning; empty for none.
        scoring: gin lines for disentanglement_lib's metrics.
    """

    system: str
    data: Sequence[str]
    vae: Sequence[str]
    extractor: Sequence[str]
    pixels: Sequence[str]
    finetune: Sequence[str]
    scoring: Sequence[str]

    @property
    def step_files(self) -> list[str]:
        """Gin files of all steps and controls."""
        return [*self.data, *self.vae, *self.extractor, *self.pixels, *self.finetune]


@gin.configurable("challenge", module="tfdis.export")
def challenge_config(
    system: str = gin.REQUIRED,
    data: Sequence[str] = gin.REQUIRED,
    vae: Sequence[str] = gin.REQUIRED,
    extractor: Sequence[str] = (),
    pixels: Sequence[str] = (),
    finetune: Sequence[str] = (),
    scoring: Sequence[str] = (),
) -> ChallengeConfig:
    """The protocol of the challenge; `ChallengeConfig` says what the arguments are."""
    return ChallengeConfig(system, data, vae, extractor, pixels, finetune, scoring)


def read_challenge_config(
    gin_config_files: Sequence[str], gin_bindings: Sequence[str]
) -> ChallengeConfig:
    """Reads the configuration from gin files.

    Raises:
        ValueError: a wrong binding, or files that do not configure a challenge.
    """
    with configured(gin_config_files, gin_bindings):
        return challenge_config()


def step_bindings(gin_bindings: Sequence[str]) -> list[str]:
    """Bindings for the steps before scoring, so that another scoring is not another training."""
    return [line for line in gin_bindings if not line.lstrip().startswith("challenge.")]


def offered_macros(config: ChallengeConfig, gin_config_files: Sequence[str]) -> frozenset[str]:
    """Names of the macros that the gin files of all steps and controls offer.

    A command may give them to each of its steps, some of which then make no use of them.

    Args:
        config: the configuration.
        gin_config_files: the files that it was read from.
    """
    with configured([*config.step_files, *gin_config_files]):
        return current_origin().knobs


def check_factors(gin_config_files: Sequence[str], gin_bindings: Sequence[str]) -> None:
    """Refuses, before any training, a data set that disentanglement_lib cannot score.

    Raises:
        ValueError: a factor has only one value.
    """
    with configured(gin_config_files, gin_bindings):
        data = get_named_ground_truth_data()
    constant = [
        name
        for name, size in zip(data.factor_names, data.factors_num_values, strict=True)
        if size < 2
    ]
    if constant:
        raise ValueError(
            f"Expected factors of two values or more, for DCI and SAP fit classifiers to each. Received: "
            f"{data.name} with one value of {', '.join(constant)}. Fix: choose a larger grid."
        )
