"""disentanglement_lib's semi-supervised training, which its PyPI package lacks, on tfdis's models.

The gin names are those of its repository: the models `@s2_vae`, `@s2_factor_vae`, `@s2_dip_vae`,
`@s2_beta_tc_vae`, `@s2_mine_vae` and `@supervised`, each a model of tfdis with a supervised term; the
loss `supervised_loss.loss_fn`, out of `@xent`, `@l2`, `@cov` and `@embed`; and the weight's course
`annealer.anneal_fn`, out of `@fixed`, `@anneal` and `@fine_tune`.

References:
    Locatello et al. (2020), "Disentangling Factors of Variation Using Few Labels", ICLR.
    arXiv:1905.01258.
"""

import functools
from collections.abc import Callable, Sequence

import gin

from tfdis.configuration import configured, unlocked
from tfdis.dlib.train import count_as_dlib, find_files
from tfdis.models.beta_tc_vae import BetaTCVAE
from tfdis.models.beta_vae import BetaVAE
from tfdis.models.dip_vae import DIPVAE
from tfdis.models.factor_vae import FactorVAE
from tfdis.models.supervised_vae import SupervisedVAE
from tfdis.objectives import LinearSchedule, Schedule, SupervisedMINE, SupervisedTerm
from tfdis.runs.train import train_and_export

_MODULE = "tfdis.dlib"
_configurable = functools.partial(gin.configurable, module=_MODULE)


@_configurable(denylist=["gamma", "iteration_threshold"])
def fixed(gamma: float, iteration_threshold: int) -> float:
    """The weight gamma at every step; gin: `annealer.anneal_fn = @fixed`."""
    del iteration_threshold
    return gamma


@_configurable(denylist=["gamma", "iteration_threshold"])
def anneal(gamma: float, iteration_threshold: int) -> Schedule:
    """The weight min(gamma, gamma * step / threshold); gin: `annealer.anneal_fn = @anneal`."""
    return LinearSchedule(0.0, gamma, end_step=iteration_threshold)


@_configurable(denylist=["gamma", "iteration_threshold"])
def fine_tune(gamma: float, iteration_threshold: int) -> Schedule:
    """The weight 0 up to the step of the threshold, and gamma afterwards; gin: `@fine_tune`."""
    return LinearSchedule(
        0.0, gamma, start_step=iteration_threshold, end_step=iteration_threshold + 1
    )


@_configurable(denylist=["gamma"])
def annealer(
    gamma: float,
    iteration_threshold: int = gin.REQUIRED,
    anneal_fn: Callable = gin.REQUIRED,
) -> Schedule | float:
    """The weight of the supervised loss by step.

    Args:
        gamma: its largest value, gamma_sup.
        iteration_threshold: step at which it is reached.
        anneal_fn: `fixed`, `anneal` or `fine_tune`.
    """
    return anneal_fn(gamma, iteration_threshold)


@_configurable(denylist=["weight"])
def supervised_loss(weight: Schedule | float, loss_fn: Callable = gin.REQUIRED) -> SupervisedTerm:
    """The supervised term of gin's `supervised_loss.loss_fn`, for example `@xent`.

    Args:
        weight: number or schedule.
        loss_fn: class of the term.
    """
    return loss_fn(weight=weight)


@_configurable
def s2_vae(beta: float = gin.REQUIRED, gamma_sup: float = gin.REQUIRED) -> functools.partial:
    """beta-VAE with a supervised term; gin: `@s2_vae`.

    Args:
        beta: weight of the KL divergence.
        gamma_sup: weight of the supervised loss.
    """
    return functools.partial(BetaVAE, beta=beta, terms=_terms(gamma_sup))


@_configurable
def s2_factor_vae(
    gamma: float = gin.REQUIRED, gamma_sup: float = gin.REQUIRED
) -> functools.partial:
    """FactorVAE with a supervised term; gin: `@s2_factor_vae`.

    Args:
        gamma: weight of the total correlation.
        gamma_sup: weight of the supervised loss.
    """
    return functools.partial(FactorVAE, gamma=gamma, terms=_terms(gamma_sup))


@_configurable
def s2_dip_vae(
    lambda_od: float = gin.REQUIRED,
    lambda_d_factor: float = gin.REQUIRED,
    gamma_sup: float = gin.REQUIRED,
    dip_type: str = "i",
) -> functools.partial:
    """DIP-VAE with a supervised term; gin: `@s2_dip_vae`.

    Args:
        lambda_od: weight of the covariances.
        lambda_d_factor: weight of the variances, as a multiple of lambda_od.
        gamma_sup: weight of the supervised loss.
        dip_type: "i" or "ii".
    """
    penalty = {"lambda_od": lambda_od, "lambda_d_factor": lambda_d_factor, "dip_type": dip_type}
    return functools.partial(DIPVAE, **penalty, terms=_terms(gamma_sup))


@_configurable
def s2_beta_tc_vae(
    beta: float = gin.REQUIRED, gamma_sup: float = gin.REQUIRED
) -> functools.partial:
    """beta-TCVAE with a supervised term; gin: `@s2_beta_tc_vae`.

    Args:
        beta: weight of the total correlation.
        gamma_sup: weight of the supervised loss.
    """
    return functools.partial(BetaTCVAE, beta=beta, terms=_terms(gamma_sup))


@_configurable
def s2_mine_vae(gamma_sup: float = gin.REQUIRED, beta: float = gin.REQUIRED) -> functools.partial:
    """beta-VAE that keeps labels out of latents of other factors (`SupervisedMINE`); gin: `@s2_mine_vae`.

    Args:
        gamma_sup: weight of the squared mutual information.
        beta: weight of the KL divergence.
    """
    terms = [SupervisedMINE(annealer(gamma_sup))]
    return functools.partial(BetaVAE, beta=beta, terms=terms)


@_configurable
def supervised() -> functools.partial:
    """An encoder that learns from labels alone; its loss has the weight 1; gin: `@supervised`."""
    return functools.partial(SupervisedVAE, terms=[supervised_loss(1.0)])


def _terms(gamma_sup):
    return [supervised_loss(annealer(gamma_sup))]


def train_semi_supervised(
    model_dir: str,
    gin_config_files: Sequence[str] = (),
    gin_bindings: Sequence[str] = (),
    overwrite: bool = False,
) -> None:
    """Does what `tfdis.dlib.train.train` does, with the seeds of disentanglement_lib's repository.

    `model.model_seed` stands for `model.random_seed` where that is not bound.

    Args:
        model_dir: path of the run's folder, whose `results` have `labelled_points.npz` afterwards.
        gin_config_files: gin files; see `find_config`.
        gin_bindings: further gin lines.
        overwrite: whether another run in that folder is deleted.

    Raises:
        FileExistsError: the folder holds something else.
        FileNotFoundError: there is no such gin file.
        ValueError: a wrong binding or option, or no binding that says what to train.
    """
    with configured(find_files(gin_config_files, gin_bindings), gin_bindings):
        bound = gin.get_bindings("model", resolve_references=False)
        if "random_seed" not in bound and "model_seed" in bound:
            with unlocked():
                gin.bind_parameter("model.random_seed", bound["model_seed"])
        count_as_dlib()
        train_and_export(model_dir, overwrite)
