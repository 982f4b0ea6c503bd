"""Unfairness in closed form, strong generalisation by an independent computation, and where they are shown."""

from pathlib import Path

import gin
import numpy as np
import pytest

from tfdis.data import named
from tfdis.dlib import commands
from tfdis.dlib.driver import score_codes
from tfdis.dlib.scoring.coded_data import CodedData, CodeTable
from tfdis.dlib.scoring.image_codes import ImageCodes
from tfdis.evaluation.chosen import metrics_by_name
from tfdis.report.build import build_report
from tfdis.report.markdown import to_markdown
from tfdis.report.runs import collect_runs

FAIRNESS = "fairness_study_v1/metric_configs/fairness.gin"
STRONG = Path(__file__).parents[3] / "gin/eval/downstream/strong.gin"
SEED = ["evaluation.random_seed = 3", "dataset.name = 'dsprites_hearts'"]
SIZES = (6, 32, 8)


class FactorCodes(ImageCodes):
    """Factors times a matrix, in place of codes of images."""

    def __init__(self, matrix):
        super().__init__()
        self._matrix = np.asarray(matrix, np.float64)
        self.num_latents = self._matrix.shape[1]

    num_latents = None

    def encode(self, images):
        raise NotImplementedError

    def coded_data(self):
        self._data = named.get_named_ground_truth_data()
        return CodedData(self._data, CodeTable(self._data, self.encode))

    def codes_of(self, observations):
        return self._data.indices_to_factors(observations) @ self._matrix


class Remainder:
    """Predicts position x modulo the number of classes, whatever it was taught."""

    def fit(self, codes, labels):
        self.num_classes = labels.max() + 1
        return self

    def predict(self, codes):
        return np.round(codes[:, 1]).astype(np.int64) % self.num_classes


class Nearest:
    """Predicts the label of the first of the nearest codes."""

    def fit(self, codes, labels):
        self.codes, self.labels = codes, labels
        return self

    def predict(self, codes):
        distances = np.abs(codes[:, None] - self.codes[None]).sum(axis=2)
        return self.labels[distances.argmin(axis=1)]


@pytest.fixture(scope="module", autouse=True)
def predictors():
    for cls in (Remainder, Nearest):
        gin.external_configurable(
            lambda cls=cls: cls(), f"{cls.__name__}_of_a_test", module="tests"
        )


def test_unfairness_is_the_distance_of_predictions_to_those_of_all():
    """Predictions depend on position x alone: each of its values has one, all have SIZES[1] / n of each."""
    bindings = [
        *SEED,
        "predictor.predictor_fn = @Remainder_of_a_test",
        "fairness.num_train = 400",
        "fairness.num_test_points_per_class = 5",
    ]
    scores, unused = score_codes(FactorCodes(np.eye(3)), FAIRNESS, bindings)
    assert not unused
    # Total variation of a point mass to the shares p: 1 - p; its mean over the values: 1 - sum p^2.
    expected = np.zeros((3, 3))
    largest = np.zeros((3, 3))
    for predicted in (0, 2):
        shares = np.bincount(np.arange(SIZES[1]) % SIZES[predicted]) / SIZES[1]
        expected[predicted, 1] = 1 - np.sum(shares**2)
        largest[predicted, 1] = 1 - shares.min()
    for i in range(3):
        for j in {0, 1, 2} - {i}:
            assert scores[f"mean_fairness:pred{i}:sens{j}"] == pytest.approx(
                expected[i, j], abs=1e-6
            )
            assert scores[f"max_fairness:pred{i}:sens{j}"] == pytest.approx(largest[i, j], abs=1e-6)
    mean = expected.sum() / 6
    assert scores["mean_fairness:mean_pred:mean_sens"] == pytest.approx(mean, abs=1e-6)
    assert scores["max_fairness:max_pred:max_sens"] == pytest.approx(largest.max(), abs=1e-6)


def _strong(matrix, num_train, num_test, num_experiments):
    """Accuracies without and with an intervention on another factor, in the order of draws of the task."""
    data = named.get_named_ground_truth_data("dsprites_hearts")
    random_state, shifts = np.random.RandomState(3), np.random.RandomState(3)
    train, test = (data.sample_factors(num, random_state) for num in (num_train, num_test))

    def accuracy(train, test, target):
        model = Nearest().fit(train @ matrix, train[:, target])
        return np.mean(model.predict(test @ matrix) == test[:, target])

    plain = [accuracy(train, test, target) for target in range(3)]
    shifted = []
    for target in range(3):
        for _ in range(num_experiments):
            other = shifts.choice([f for f in range(3) if f != target])
            value = shifts.choice(list(range(SIZES[other])))
            left = [v for v in range(SIZES[other]) if v != value]
            here, there = train.copy(), test.copy()
            here[:, other] = value
            there[:, other] = shifts.choice(left, size=num_test)
            shifted.append(accuracy(here, there, target))
    return np.mean(plain), np.mean(shifted)


@pytest.mark.parametrize(
    "matrix", [np.eye(3), [[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0]]]
)
def test_strong_generalisation_is_that_of_an_independent_computation(matrix):
    bindings = [
        *SEED,
        "predictor.predictor_fn = @Nearest_of_a_test",
        "strong_downstream_task.num_train = [150]",
        "strong_downstream_task.num_test = 80",
        "strong_downstream_task.n_experiment = 3",
    ]
    scores, unused = score_codes(FactorCodes(matrix), str(STRONG), bindings)
    assert not unused
    plain, shifted = _strong(np.array(matrix), 150, 80, 3)
    assert scores["150:mean_test_accuracy"] == pytest.approx(plain)
    assert scores["150:mean_strong_test_accuracy"] == pytest.approx(shifted)
    assert scores["150:strong_generalization_gap"] == pytest.approx(1 - shifted / plain)
    assert scores["150:mean_train_accuracy"] == scores["150:mean_strong_train_accuracy"] == 1


@pytest.mark.long
def test_a_report_shows_unfairness(export_projection, tmp_path):
    folder = export_projection("dsprites_hearts")
    few = ["fairness.num_train = 40", "fairness.num_test_points_per_class = 4"]
    few.append("predictor.predictor_fn = @Remainder_of_a_test")
    runs = metrics_by_name(["fairness"], str(tmp_path / "run/metrics/mean"), gin_bindings=few)
    commands.evaluate_all(str(folder), runs)
    (run,), _, _ = collect_runs([tmp_path])
    assert "fairness/mean_fairness:mean_pred:mean_sens" in run.scores
    text = to_markdown(build_report([tmp_path]))
    assert "unfairness" in text
