"""disentanglement_lib's metrics on arrays, computed by its own functions."""

import dataclasses
import warnings

import gin
import numpy as np

from tfdis.configuration import emptied
from tfdis.dlib.scoring.metric_needs import check_computable
from tfdis.evaluation.arrays import check_arrays, to_labels
from tfdis.evaluation.isolation import seeded_numpy

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
    FactorVAE, 10,000 and 5,000 points of 64 images for BetaVAE and FactorVAE. The others use each row
    exactly once: all of them, or two thirds to fit and one third to test.

    Attributes:
      name: in disentanglement_lib's gin files.
      splits: whether it draws a test set.
      needs_grid: whether it fixes single factors, so that every combination must be there.
    """

    name: str
    splits: bool = False
    needs_grid: bool = False

    def __call__(
        self, codes: np.ndarray, factors: np.ndarray, seed: int = 0, num_bins: int = 20, **options
    ) -> dict[str, float]:
        """Scores codes; `options` go to disentanglement_lib's function.

        Raises:
          ImportError: if disentanglement_lib is not installed.
          NotComputableError: the metric has no value for these arrays.
          ValueError: by arrays that no metric can use.
        """
        # Here, as both load TensorFlow, which the other metrics have no use for.
        from tfdis.dlib.scoring.metric_functions import metric_function
        from tfdis.evaluation.table_data import TableData

        codes, factors = check_arrays(codes, factors, min_samples=20)
        num_constant = int(np.sum(np.ptp(codes, axis=0) == 0))
        check_computable(self.name, codes.shape[1], factors.shape[1], num_constant)
        data = TableData(codes, to_labels(factors, self.name))
        if self.needs_grid:
            data.prepare_grid(self.name)
        function = metric_function(self.name)
        bindings = _GIN.format(num_bins=num_bins)
        if self.name == "factor_vae_score":
            bindings += _FACTOR_VAE_GIN
        # A run that is scored while it trains must save the configuration it trained with, nothing else.
        with emptied(), seeded_numpy(seed), warnings.catch_warnings():
            gin.parse_config(bindings)
            # Of constant codes, and of its calls of scikit-learn: nothing the user can change.
            warnings.simplefilter("ignore")
            result = function(
                data,
                data.represent,
                np.random.RandomState(seed),
                **{**self._sizes(len(codes)), **options},
            )
        # Of singular covariances some come out complex, with an imaginary part of 0.
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


# Short name -> metric. The names of disentanglement_lib's gin files are understood too.
DLIB_METRICS = {
    "beta_vae": DlibMetric("beta_vae_sklearn", needs_grid=True),
    "dci": DlibMetric("dci", splits=True),
    "factor_vae": DlibMetric("factor_vae_score", needs_grid=True),
    "irs": DlibMetric("irs"),
    "mig": DlibMetric("mig"),
    "modularity_explicitness": DlibMetric("modularity_explicitness", splits=True),
    "sap": DlibMetric("sap_score", splits=True),
    "unsupervised": DlibMetric("unsupervised_metrics"),
}
