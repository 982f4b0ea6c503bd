"""disentanglement_lib's metrics: their rows in the table, and their functions of arrays."""

import dataclasses
import warnings

import gin
import numpy as np

from tfdis.configuration import emptied
from tfdis.dlib.scoring.metric_needs import Needs, check_computable
from tfdis.evaluation.arrays import check_arrays, to_labels
from tfdis.evaluation.isolation import seeded_numpy
from tfdis.evaluation.metric import Metric
from tfdis.registry import METRICS

_STUDY = "unsupervised_study_v1/metric_configs"

_BATCH = 4096
_GIN = """
discretizer.discretizer_fn = @histogram_discretizer
discretizer.num_bins = {num_bins}
"""
_FACTOR_VAE_GIN = "prune_dims.threshold = 0.05"


@dataclasses.dataclass(frozen=True)
class DlibMetric:
    """One of disentanglement_lib's metrics, as a function of codes and factors.

    The settings are those of disentanglement_lib's study: 20 bins, `prune_dims.threshold` 0.05 for
    FactorVAE, 10,000 and 5,000 points of 64 images for BetaVAE and FactorVAE. The others use each
    row exactly once: all of them, or two thirds to fit and one third to test.

    Attributes:
        name: name of the metric in disentanglement_lib's gin files.
        path: names of its module and function in disentanglement_lib's folder of metrics.
        splits: whether the metric draws a test set.
        needs_grid: whether the metric fixes single factors, so that every combination must be
            there.
        reads_factors: whether the scores depend on the factors, which must then be discrete.
    """

    name: str
    path: str
    splits: bool = False
    needs_grid: bool = False
    reads_factors: bool = True

    def __call__(
        self, codes: np.ndarray, factors: np.ndarray, seed: int = 0, num_bins: int = 20, **options
    ) -> dict[str, float]:
        """Scores codes; `options` are passed on to disentanglement_lib's function.

        Raises:
            ImportError: disentanglement_lib is not installed.
            NotComputableError: the metric has no value for these arrays.
            ValueError: arrays that no metric can use.
        """
        # Imported here, since both load TensorFlow, for which the other metrics have no use.
        from tfdis.dlib.scoring.metric_functions import metric_function, with_sorted_trees
        from tfdis.evaluation.table_data import TableData

        codes, factors = check_arrays(codes, factors, min_samples=20)
        num_constant = int(np.sum(np.ptp(codes, axis=0) == 0))
        check_computable(self.name, codes.shape[1], factors.shape[1], num_constant)
        labels = np.zeros(factors.shape, np.int64)
        if self.reads_factors:
            labels = to_labels(factors, self.name)
        data = TableData(codes, labels)
        if self.needs_grid:
            data.prepare_grid(self.name)
        function = metric_function(self.path)
        trees = with_sorted_trees(function)
        bindings = _GIN.format(num_bins=num_bins)
        if self.name == "factor_vae_score":
            bindings += _FACTOR_VAE_GIN
        # A run that is scored while it trains must save the configuration that it trained with, nothing
        # else.
        with emptied(), seeded_numpy(seed), trees, warnings.catch_warnings():
            gin.parse_config(bindings)
            # Warnings about constant codes, and about its calls of scikit-learn, which no user can change.
            warnings.simplefilter("ignore")
            result = function(
                data,
                data.represent,
                np.random.RandomState(seed),
                **{**self._sizes(len(codes)), **options},
            )
        # Some scores of singular covariances come out complex, with an imaginary part of 0.
        return {key: float(np.real(value)) for key, value in result.items() if np.isscalar(value)}

    def _sizes(self, num_rows):
        if self.needs_grid:
            sizes = {"batch_size": 64, "num_train": 10000, "num_eval": 5000}
            if self.name == "factor_vae_score":
                sizes["num_variance_estimate"] = max(10000, num_rows)
            return sizes
        if not self.splits:
            return {"batch_size": _BATCH, "num_train": num_rows}
        num_test = round(num_rows / 3)
        sizes = {"batch_size": _BATCH, "num_train": num_rows - num_test, "num_test": num_test}
        return {**sizes, "continuous_factors": False} if self.name == "sap_score" else sizes


def _add(name, evaluation_fn, path, splits=False, reads_factors=True, **row):
    function = DlibMetric(evaluation_fn, path, splits, row.get("needs_grid", False), reads_factors)
    METRICS.add(name, Metric(name, function, evaluation_fn, **row))


def _add_driven(name, evaluation_fn, **row):
    """Adds a metric for which disentanglement_lib has no function of codes alone."""
    METRICS.add(name, Metric(name, None, evaluation_fn, **row))


_add(
    "beta_vae",
    "beta_vae_sklearn",
    "beta_vae.compute_beta_vae_sklearn",
    gin_file=f"{_STUDY}/beta_vae_sklearn.gin",
    headings={"eval_accuracy": "BetaVAE"},
    # The metric infers from a difference of codes which factor was fixed.
    needs=Needs(num_factors=2),
    needs_grid=True,
    about=(
        "Accuracy of a linear classifier that tells, from mean differences of codes, which factor "
        "was fixed."
    ),
    reference=(
        'Higgins et al. (2017), "beta-VAE: Learning Basic Visual Concepts with a Constrained '
        'Variational Framework", ICLR.'
    ),
)
_add(
    "dci",
    "dci",
    "dci.compute_dci",
    splits=True,
    gin_file=f"{_STUDY}/dci.gin",
    headings={
        "disentanglement": "DCI disentanglement",
        "completeness": "DCI completeness",
        "informativeness_test": "DCI informativeness",
    },
    # Entropies to the base of the number of factors, and of latents.
    needs=Needs(num_latents=2, num_factors=2),
    about="Disentanglement, completeness and informativeness of the importances of boosted trees.",
    reference=(
        'Eastwood and Williams (2018), "A Framework for the Quantitative Evaluation of '
        'Disentangled Representations", ICLR.'
    ),
)
_add(
    "factor_vae",
    "factor_vae_score",
    "factor_vae.compute_factor_vae",
    gin_file=f"{_STUDY}/factor_vae_metric.gin",
    headings={"eval_accuracy": "FactorVAE"},
    needs_grid=True,
    about=(
        "Accuracy of a majority vote that tells, from the least varied latent, which factor was "
        "fixed."
    ),
    reference='Kim and Mnih (2018), "Disentangling by Factorising", ICML. arXiv:1802.05983.',
)
_add(
    "irs",
    "irs",
    "irs.compute_irs",
    gin_file="sample/irs/irs.gin",
    headings={"IRS": "IRS"},
    about=(
        "Interventional robustness: how little a latent changes when other factors than its own do."
    ),
    reference='Suter et al. (2019), "Robustly Disentangled Causal Mechanisms", ICML. arXiv:1811.00007.',
)
_add(
    "mig",
    "mig",
    "mig.compute_mig",
    gin_file=f"{_STUDY}/mig.gin",
    headings={"discrete_mig": "MIG"},
    # A gap between the best latent and the second.
    needs=Needs(num_latents=2),
    about="Gap in mutual information between the two most informative latents of each factor.",
    reference=(
        'Chen et al. (2018), "Isolating Sources of Disentanglement in Variational Autoencoders", '
        "NeurIPS. arXiv:1802.04942."
    ),
)
_add(
    "modularity_explicitness",
    "modularity_explicitness",
    "modularity_explicitness.compute_modularity_explicitness",
    splits=True,
    gin_file=f"{_STUDY}/modularity_explicitness.gin",
    aliases=("modularity",),
    headings={
        "modularity_score": "modularity",
        "explicitness_score_test": "explicitness",
    },
    # A share of the factors but one; codes are divided by their standard deviation.
    needs=Needs(num_factors=2, varying=True),
    about=(
        "How far each latent knows one factor only, and how well a linear classifier reads each "
        "factor."
    ),
    reference=(
        'Ridgeway and Mozer (2018), "Learning Deep Disentangled Embeddings with the F-Statistic '
        'Loss", NeurIPS. arXiv:1802.05312.'
    ),
)
_add(
    "sap",
    "sap_score",
    "sap_score.compute_sap",
    splits=True,
    gin_file=f"{_STUDY}/sap_score.gin",
    headings={"SAP_score": "SAP"},
    needs=Needs(num_latents=2),
    about="Gap between the two latents that predict each factor best, one latent alone.",
    reference=(
        'Kumar et al. (2018), "Variational Inference of Disentangled Latent Concepts from '
        'Unlabeled Observations", ICLR. arXiv:1711.00848.'
    ),
)
_add(
    "unsupervised",
    "unsupervised_metrics",
    "unsupervised_metrics.unsupervised_metrics",
    reads_factors=False,
    gin_file=f"{_STUDY}/unsupervised.gin",
    # Dependence between latents, relative to their variances.
    needs=Needs(num_latents=2, num_factors=0, varying=True),
    about=(
        "Total correlation, Wasserstein correlation and mutual information of the latents, "
        "without factors."
    ),
    reference=(
        'Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of '
        'Disentangled Representations", ICML. arXiv:1811.12359.'
    ),
)
_add_driven(
    "downstream_task_boosted_trees",
    "downstream_task",
    predictor="gradient_boosting_classifier",
    gin_file=f"{_STUDY}/downstream_task_boosted_trees.gin",
    about="Accuracy of boosted trees that predict each factor from few and many samples.",
    reference=(
        'Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of '
        'Disentangled Representations", ICML. arXiv:1811.12359.'
    ),
)
_add_driven(
    "downstream_task_logistic_regression",
    "downstream_task",
    predictor="logistic_regression_cv",
    gin_file=f"{_STUDY}/downstream_task_logistic_regression.gin",
    about="Accuracy of logistic regressions that predict each factor from few and many samples.",
    reference=(
        'Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of '
        'Disentangled Representations", ICML. arXiv:1811.12359.'
    ),
)
_add_driven(
    "fairness",
    "fairness",
    gin_file="fairness_study_v1/metric_configs/fairness.gin",
    # The other means are over the same sensitive factors and predictions, so that one is enough.
    headings={"mean_fairness:mean_pred:mean_sens": "unfairness"},
    higher_is_better=False,
    in_all=False,
    about=(
        "Unfairness, 0 at best: how far predictions of one factor depend on another that should not "
        "matter."
    ),
    reference=(
        'Locatello et al. (2019), "On the Fairness of Disentangled Representations", NeurIPS. '
        "arXiv:1905.13662."
    ),
)
