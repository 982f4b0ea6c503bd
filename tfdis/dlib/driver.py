"""What disentanglement_lib's `evaluate` does with a metric, without folders of modules and results."""

import warnings
from collections.abc import Sequence

import gin
import numpy as np

from tfdis.configuration import configured, unused_bindings
from tfdis.dlib.configs import find_config
from tfdis.dlib.scoring.encode_once import encoding_once, random_seed
from tfdis.dlib.scoring.image_codes import ImageCodes
from tfdis.dlib.scoring.metric_needs import check_numbers, explaining_scikit_learn
from tfdis.dlib.stack.importing import install


def score_codes(
    codes: ImageCodes, gin_file: str | None, gin_bindings: Sequence[str]
) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Computes one metric.

    Args:
        codes: codes of the images of a data set.
        gin_file: gin file of the metric; see `find_config`.
        gin_bindings: further gin lines, among them `evaluation.random_seed`.

    Returns:
        The numbers among the metric's scores, by name, and the bindings that nothing used.

    Raises:
        NotComputableError: the metric has no value for these codes and factors.
        ValueError: an unknown gin name, or codes that are refused.
    """
    install()
    from disentanglement_lib.evaluation import evaluate as driver

    files = [] if gin_file is None else [find_config(gin_file)]
    with (
        configured(files, gin_bindings),
        encoding_once(codes),
        explaining_scikit_learn(),
        warnings.catch_warnings(),
    ):
        # Of constant codes, and of dlib's calls of scikit-learn: nothing the user can change.
        warnings.simplefilter("ignore")
        function = gin.get_bindings(driver.evaluate)["evaluation_fn"]
        data = driver.named_data.get_named_ground_truth_data()
        state = np.random.RandomState(random_seed())
        result = function(data, codes.codes_of, random_state=state)
        unused = unused_bindings()
    numbers = {name: float(np.real(x)) for name, x in result.items() if np.isscalar(x)}
    check_numbers(numbers)
    return numbers, unused
