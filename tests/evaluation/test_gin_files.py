"""The metrics in disentanglement_lib's evaluation, through the gin files that come with them."""

from pathlib import Path

import gin
import numpy as np
import pytest

from tfdis.data.ground_truth_data import GroundTruthData
from tfdis.dlib.stack.importing import install
from tfdis.evaluation import score
from tfdis.registry import METRICS

GIN = Path(__file__).resolve().parents[2] / "gin" / "eval"
OURS = [name for name, metric in METRICS.items() if metric.function and not metric.gin_file]
FILES = sorted(path for path in GIN.glob("*.gin") if not path.stem.endswith("while_training"))


@pytest.fixture(scope="module", autouse=True)
def dlibs_gin_names():
    install()
    from disentanglement_lib.evaluation import evaluate  # noqa: F401


class TwoFactors(GroundTruthData):
    """Images of one row, whose pixels are the factors."""

    factors_num_values = [3, 4]
    observation_shape = [1, 2, 1]

    def sample_factors(self, num, random_state):
        return np.stack([random_state.randint(size, size=num) for size in (3, 4)], axis=1)

    def sample_observations_from_factors(self, factors, random_state):
        return factors.reshape(-1, 1, 2, 1).astype(np.float32)


def test_there_is_a_file_for_every_metric():
    assert {path.stem for path in FILES} == set(OURS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_gin_file_scores_with_dlibs_signature(path):
    name = path.stem
    gin.parse_config_files_and_bindings([str(path)], [f"{name}.num_train = 130"])
    assert gin.query_parameter("dataset.name") == "auto"
    function = gin.query_parameter("evaluation.evaluation_fn").configurable.wrapper
    found = function(
        TwoFactors(),
        lambda images: images.reshape(len(images), -1),
        random_state=np.random.RandomState(0),
        artifact_dir="unused",
    )
    for key, value in found.items():
        if key in ("wsepin", "windin"):  # In nats: the share-weighted entropies of both factors.
            sizes = np.log([3, 4])
            assert value == pytest.approx(np.sum(sizes**2) / sizes.sum(), abs=0.1), key
        elif key not in ("num_active", "size", "nats", "information"):
            assert value == pytest.approx(1.0, abs=0.1), key


def test_samples_are_drawn_as_dlib_draws_them():
    from disentanglement_lib.evaluation.metrics import utils

    def represent(images):
        return np.cumsum(images.reshape(len(images), -1), axis=1)

    arguments = TwoFactors(), represent
    expected = utils.generate_batch_factor_code(*arguments, 130, np.random.RandomState(1), 64)
    gin.parse_config_file(str(GIN / "mcc.gin"))
    gin.parse_config("mcc.num_train = 130")
    function = gin.query_parameter("evaluation.evaluation_fn").configurable.wrapper
    found = function(*arguments, random_state=np.random.RandomState(1))
    strong = score(expected[0].T, expected[1].T, ["mcc"])["mcc/strong"]
    assert found["strong"] == pytest.approx(strong)


@pytest.mark.parametrize("line", ["infomec.num_bin = 3", "infomec.factors = 1", "infomec.seed = 1"])
def test_a_misspelt_option_is_refused_with_its_line(line):
    with pytest.raises(ValueError, match="line 2"):
        gin.parse_config(f"import tfdis.evaluation.metrics\n{line}")


def test_no_metric_has_a_name_of_dlibs():
    for name in OURS:
        assert gin.config._REGISTRY.matching_selectors(name) == [f"tfdis.evaluation.{name}"]
