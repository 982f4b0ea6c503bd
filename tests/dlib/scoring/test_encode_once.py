"""Codes in place of images: the scores of disentanglement_lib's driver, each image encoded once."""

import json
import os
import shutil
import types
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.ensemble import GradientBoostingClassifier

import tfdis.dlib
from tfdis import registry
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.sets.dsprites.noisy import NoisyDSprites
from tfdis.data.splits.held_out import HeldOut
from tfdis.data.splits.split_data import SplitData
from tfdis.data.state_space import FactorStateSpace
from tfdis.data.store.rows_data import RowsData
from tfdis.dlib import commands
from tfdis.dlib.scoring import module_codes
from tfdis.dlib.scoring.coded_data import CodedData, CodeTable
from tfdis.dlib.scoring.trees import choice
from tfdis.dlib.scoring.trees.boosting import BoostedTrees

STUDY = "unsupervised_study_v1/metric_configs"
FAIRNESS = "fairness_study_v1/metric_configs/fairness.gin"
TESTS = "tests/evaluation/evaluate_test_configs"
STRONG = str(Path(__file__).parents[3] / "gin/eval/downstream/strong.gin")
# Gin file -> bindings that make it small.
FILES = {
    f"{STUDY}/beta_vae_sklearn.gin": [
        "beta_vae_sklearn.num_train = 30",
        "beta_vae_sklearn.num_eval = 20",
        "beta_vae_sklearn.batch_size = 4",
    ],
    f"{STUDY}/dci.gin": ["dci.num_train = 30", "dci.num_test = 20"],
    f"{STUDY}/downstream_task_boosted_trees.gin": [
        "downstream_task.num_train = [20, 25]",
        "downstream_task.num_test = 20",
    ],
    f"{STUDY}/downstream_task_logistic_regression.gin": [
        "downstream_task.num_train = [30]",
        "downstream_task.num_test = 20",
    ],
    f"{STUDY}/factor_vae_metric.gin": [
        "factor_vae_score.num_variance_estimate = 50",
        "factor_vae_score.num_train = 20",
        "factor_vae_score.num_eval = 10",
        "factor_vae_score.batch_size = 4",
        "prune_dims.threshold = 0.",
    ],
    f"{STUDY}/mig.gin": ["mig.num_train = 100"],
    f"{STUDY}/modularity_explicitness.gin": [
        "modularity_explicitness.num_train = 200",
        "modularity_explicitness.num_test = 200",
    ],
    f"{STUDY}/sap_score.gin": ["sap_score.num_train = 60", "sap_score.num_test = 40"],
    f"{STUDY}/unsupervised.gin": ["unsupervised_metrics.num_train = 100"],
    "sample/irs/irs.gin": ["irs.num_train = 100"],
    FAIRNESS: ["fairness.num_train = 30", "fairness.num_test_points_per_class = 4"],
    f"{TESTS}/reduced_downstream_task.gin": [
        "reduced_downstream_task.num_train = [30]",
        "reduced_downstream_task.num_test = 20",
        "dataset.name = 'auto'",
    ],
}
SETS = {
    "dsprites_hearts": (64, 64, 1),
    "dummy_data": (64, 64, 1),
    "noisy_hearts": (64, 64, 3),
    "xysquares": (64, 64, 3),
}


class SmallGrid(EnumerableData):
    """48 images whose upper left pixels are their factors, 2 x 3 x 4 x a hidden 2."""

    def __init__(self, name="small_grid", sizes=(2, 3, 4, 2)):
        super().__init__(name, "abc", FactorStateSpace(sizes, (0, 1, 2)), (4, 4, 1), "generated")

    def images_at(self, indices):
        images = np.random.RandomState(0).randint(20, size=(self.num_images, 4, 4, 1))
        images.reshape(self.num_images, 16)[:, :4] += 50 * self.state_space.factors_of(
            np.arange(self.num_images)
        )
        return images.astype(np.uint8)[indices]


HELD_OUT = HeldOut([("b", 1, 1), ("c", 0.5, 1)])


class Holes(RowsData):
    """60 images whose factors leave combinations out, and have others several times."""

    def __init__(self):
        pixels = np.random.RandomState(1).randint(256, size=(80, 4, 4, 1)).astype(np.uint8)
        metadata = types.SimpleNamespace(
            provenance="generated", image_shape=(4, 4, 1), source="", sha256=""
        )
        images = types.SimpleNamespace(images_at=pixels.__getitem__, metadata=metadata)
        labels = np.random.RandomState(2).randint([3, 4, 5], size=(60, 3))
        rows = np.arange(10, 70)
        super().__init__("holes", images, "abc", labels, (3, 4, 5), rows=rows)


@pytest.fixture(autouse=True)
def further_sets(monkeypatch):
    def noisy_hearts():
        hearts = registry.DATA_SETS["dsprites_hearts"]()
        return NoisyDSprites("noisy_hearts", hearts)

    further = {
        "holes": Holes,
        "half_grid": lambda: SplitData(SmallGrid("half_grid"), HELD_OUT),
        "constant_grid": lambda: SmallGrid("constant_grid", (1, 3, 4, 2)),
        "noisy_hearts": noisy_hearts,
        "small_grid": SmallGrid,
    }
    for name, builder in further.items():
        monkeypatch.setitem(registry.DATA_SETS, name, builder)


@pytest.fixture(scope="module")
def folders(export_projection):
    small = ("small_grid", "constant_grid", "half_grid", "holes")
    shapes = SETS | dict.fromkeys(small, (4, 4, 1))
    return {name: str(export_projection(name, shape)) for name, shape in shapes.items()}


@pytest.fixture
def encodings(monkeypatch, folders):
    """Images that modules encode while the test runs, one array a call; none was encoded before."""
    seen = []
    for folder in folders.values():
        shutil.rmtree(os.path.join(folder, module_codes.CODES_FOLDER), ignore_errors=True)
    encode = module_codes.ModuleCodes.encode

    def counting(self, images):
        seen.append(np.array(images))
        return encode(self, images)

    monkeypatch.setattr(module_codes.ModuleCodes, "encode", counting)
    return seen


def _scores(folder):
    with open(os.path.join(folder, "results", "json", "evaluation_results.json")) as file:
        scores = json.load(file)
    return {key: scores[key] for key in scores if key not in ("elapsed_time", "uuid")}


def _seed_trees(monkeypatch, seed):
    """Gives disentanglement_lib's driver, which leaves trees unseeded, trees with a seed."""
    tfdis.dlib.install()
    from disentanglement_lib.evaluation.metrics import dci, utils

    seeded = types.SimpleNamespace(
        GradientBoostingClassifier=lambda: GradientBoostingClassifier(random_state=seed)
    )
    monkeypatch.setattr(dci, "ensemble", seeded)
    monkeypatch.setattr(utils, "ensemble", seeded)


@pytest.fixture
def few_stages(monkeypatch):
    """Boosted trees of ten stages in place of a hundred, scikit-learn's and those of tfdis."""
    defaults = GradientBoostingClassifier.__init__.__kwdefaults__
    monkeypatch.setitem(defaults, "n_estimators", 10)


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("ignore")
def test_strong_generalisation_is_that_of_dlibs_driver(folders, tmp_path, monkeypatch, encodings):
    """Which draws interventions from NumPy's own generator, between its fits."""
    bindings = [
        "evaluation.random_seed = 5",
        "strong_downstream_task.num_train = [30, 40]",
        "strong_downstream_task.num_test = 20",
        "strong_downstream_task.n_experiment = 2",
    ]
    folder = folders["small_grid"]
    with monkeypatch.context() as patch:
        _seed_trees(patch, 5)
        np.random.seed(5)
        commands.evaluate(folder, str(tmp_path / "driver"), [STRONG], bindings, encode_once=False)
    assert encodings == []
    state = np.random.get_state()[1].tolist()
    commands.evaluate(folder, str(tmp_path / "once"), [STRONG], bindings)
    assert np.random.get_state()[1].tolist() == state
    expected, received = _scores(tmp_path / "driver"), _scores(tmp_path / "once")
    assert expected == received and len(expected) == 10
    images = np.concatenate(encodings)
    assert len(images) == len(np.unique(images, axis=0)) <= 48


@pytest.mark.long
@pytest.mark.parametrize("path", FILES)
@pytest.mark.usefixtures("few_stages")
@pytest.mark.filterwarnings("ignore")
def test_the_scores_of_dlibs_driver(path, folders, tmp_path, monkeypatch, encodings):
    """For every metric, on a set with a hidden factor, which is drawn with each image."""
    bindings = [*FILES[path], "evaluation.random_seed = 5"]
    folder = folders["small_grid"]
    with monkeypatch.context() as patch:
        _seed_trees(patch, 5)
        commands.evaluate(folder, str(tmp_path / "driver"), [path], bindings, encode_once=False)
    assert encodings == []
    commands.evaluate(folder, str(tmp_path / "once"), [path], bindings)
    expected, received = _scores(tmp_path / "driver"), _scores(tmp_path / "once")
    assert expected.keys() == received.keys() and len(expected) >= 1
    for key, value in expected.items():
        np.testing.assert_allclose(received[key], value, rtol=1e-5, atol=1e-6, err_msg=key)
    images = np.concatenate(encodings)
    assert len(images) == len(np.unique(images, axis=0)) <= 48


@pytest.mark.long
@pytest.mark.parametrize(
    "path",
    [f"{STUDY}/dci.gin", f"{STUDY}/downstream_task_boosted_trees.gin", FAIRNESS],
)
@pytest.mark.filterwarnings("ignore")
def test_scores_of_boosted_trees_are_those_of_scikit_learns(path, folders, tmp_path, monkeypatch):
    """To the last bit, from the same codes and the same seed."""
    scores, kinds = [], (GradientBoostingClassifier, BoostedTrees)
    for kind in kinds:
        built = []

        class Built(kind):
            def fit(self, x, y, built=built, **options):
                built.append(self.random_state)
                return super().fit(x, y, **options)

        monkeypatch.setattr(choice, "boosted_trees_class", lambda cls=Built: cls)
        bindings = [*FILES[path], "evaluation.random_seed = 5"]
        output = str(tmp_path / kind.__name__)
        commands.evaluate(folders["small_grid"], output, [path], bindings)
        assert len(built) >= 3 and set(built) == {5}
        scores.append(_scores(output))
        with open(f"{output}/results/json/boosted_trees.json", encoding="utf-8") as file:
            noted = json.load(file)
        assert noted["num_fitted_by_tfdis"] == (len(built) if kind is BoostedTrees else 0)
        assert noted["num_fitted_by_scikit_learn"] == len(built) - noted["num_fitted_by_tfdis"]
        assert noted["scikit_learn_version"] == sklearn.__version__
    assert len(scores[0]) >= 4 and scores[0] == scores[1]


@pytest.mark.long
@pytest.mark.parametrize("name", SETS)
@pytest.mark.filterwarnings("ignore")
def test_the_scores_of_dlibs_driver_on_data_sets(name, folders, tmp_path, encodings):
    for path in (f"{STUDY}/mig.gin", f"{STUDY}/factor_vae_metric.gin"):
        target = tmp_path / os.path.basename(path)
        for folder, encode_once in (("driver", False), ("once", True)):
            commands.evaluate(
                folders[name], str(target / folder), [path], FILES[path], False, encode_once
            )
        expected, received = _scores(target / "driver"), _scores(target / "once")
        for key, value in expected.items():
            np.testing.assert_allclose(received[key], value, rtol=1e-5, atol=1e-6, err_msg=key)
    # mig: 100 images in one batch, not in seven.
    assert len(encodings[0]) > 90


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_all_metrics_of_a_model_share_the_codes(folders, tmp_path, encodings):
    files = [f"{STUDY}/{name}.gin" for name in ("factor_vae_metric", "beta_vae_sklearn", "mig")]
    runs = [(path, str(tmp_path / os.path.basename(path)), FILES[path]) for path in files]
    commands.evaluate_all(folders["dsprites_hearts"], runs)
    images = np.concatenate(encodings)
    assert len(images) == len(np.unique(images, axis=0)) > 200
    # The variances, votes to train and to test; points to train and to test; mig.
    assert len(encodings) <= 6 + len(images) // 128


@pytest.mark.long
@pytest.mark.parametrize("name", ["half_grid", "holes"])
@pytest.mark.filterwarnings("ignore")
def test_sets_that_are_no_grid_encode_each_image_once(name, folders, tmp_path, encodings):
    files = [f"{STUDY}/{metric}.gin" for metric in ("mig", "sap_score", "unsupervised")]

    def runs(target):
        return [
            (path, str(tmp_path / target / os.path.basename(path)), FILES[path]) for path in files
        ]

    commands.evaluate_all(folders[name], runs("driver"), encode_once=False)
    assert encodings == []
    commands.evaluate_all(folders[name], runs("once"))
    images = np.concatenate(encodings)
    assert len(images) == len(np.unique(images, axis=0)) <= 60
    for (_, driver, _), (_, once, _) in zip(runs("driver"), runs("once"), strict=True):
        expected, received = _scores(driver), _scores(once)
        for key, value in expected.items():
            np.testing.assert_allclose(received[key], value, rtol=1e-5, atol=1e-6, err_msg=key)
    # The next process finds them beside the representation.
    commands.evaluate_all(folders[name], runs("again"))
    assert sum(map(len, encodings)) == len(images)


def test_metrics_of_every_combination_are_left_out_where_some_lack_images(folders, tmp_path):
    path = f"{STUDY}/factor_vae_metric.gin"
    with pytest.raises(ValueError, match="images of every combination"):
        commands.evaluate(folders["holes"], str(tmp_path / "m"), [path], FILES[path])


def test_a_code_table_encodes_what_is_missing_in_large_batches():
    data, batches = SmallGrid(), []

    def encode(observations):
        batches.append(len(observations))
        return observations.reshape(len(observations), -1)[:, :4]

    table = CodeTable(data, encode, batch_size=10)
    coded = CodedData(data, table)
    indices = np.array([3, 3, 40, 7])
    expected = data.to_observations(data.images_at(indices)).reshape(4, -1)[:, :4]
    np.testing.assert_array_equal(table.codes_at(indices), expected)
    table.codes_at(np.array([7, 41]))
    assert batches == [3, 1] and table.num_known == 4
    coded.encode_for(lambda note: note(np.arange(3, 15)))
    assert sorted(batches) == [1, 3, 10] and table.num_known == 14
    coded.encode_all()
    assert sum(batches) == 48 and max(batches) == 10


def test_the_draws_are_the_data_sets(folders):
    data = SmallGrid()
    coded = CodedData(data, CodeTable(data, lambda images: images.reshape(len(images), -1)))
    ours, theirs = np.random.RandomState(3), np.random.RandomState(3)
    factors, indices = coded.sample(20, ours)
    expected_factors, expected = data.sample(20, theirs)
    np.testing.assert_array_equal(factors, expected_factors)
    np.testing.assert_array_equal(data.to_observations(data.images_at(indices)), expected)
    assert ours.randint(10**6) == theirs.randint(10**6)


@pytest.mark.filterwarnings("ignore")
def test_codes_that_are_drawn_are_drawn_again(tmp_path, export_projection, encodings):
    """Sampled codes of one image differ: looking them up would change the scores."""
    model = export_projection("small_grid", (4, 4, 1), signature="gaussian_encoder")
    sampled = "unsupervised_study_v1/postprocess_configs/sampled.gin"
    commands.postprocess(str(model), str(tmp_path / "p"), [sampled])
    path = f"{STUDY}/mig.gin"
    commands.evaluate(str(tmp_path / "p"), str(tmp_path / "m"), [path], FILES[path])
    assert sum(map(len, encodings)) == 100


@pytest.mark.filterwarnings("ignore")
def test_numpys_generator_and_dlibs_modules_are_put_back(folders, tmp_path):
    tfdis.dlib.install()
    from disentanglement_lib.evaluation import evaluate
    from disentanglement_lib.evaluation.metrics import dci, utils

    def state():
        names = (evaluate.hub, evaluate.named_data, dci.ensemble, utils.generate_batch_factor_code)
        return [*map(id, names), tuple(np.random.get_state()[1])]

    before = state()
    path = f"{STUDY}/mig.gin"
    commands.evaluate(folders["small_grid"], str(tmp_path / "m"), [path], FILES[path])
    assert state() == before
    with pytest.raises(ValueError, match="num_trains"):
        commands.evaluate(
            folders["small_grid"], str(tmp_path / "n"), [path], ["mig.num_trains = 1"]
        )
    assert state() == before


BAD = {
    "a one-valued factor": ("constant_grid", "mig", [], "at least two values.*constant_grid"),
    "one sample": ("small_grid", "mig", ["mig.num_train = 1"], "at least 2 samples.*num_train"),
    "no test samples": ("small_grid", "sap_score", ["sap_score.num_test = 0"], "num_test"),
    "one class": ("small_grid", "dci", ["dci.num_train = 2"], "two values of every factor"),
    "classes that the test set lacks": (
        "small_grid",
        "modularity_explicitness",
        ["modularity_explicitness.num_test = 2"],
        "num_test.*every value of every factor",
    ),
    "one image per point": (
        "small_grid",
        "factor_vae_metric",
        ["factor_vae_score.batch_size = 1"],
        "at least 2 images",
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("case", BAD)
@pytest.mark.filterwarnings("ignore")
def test_bad_input_is_an_error_and_nothing_is_written(case, folders, tmp_path):
    name, metric, bindings, message = BAD[case]
    path = f"{STUDY}/{metric}.gin"
    with pytest.raises(ValueError, match=message):
        commands.evaluate(folders[name], str(tmp_path / "m"), [path], [*FILES[path], *bindings])
    assert os.listdir(tmp_path) == []


def test_codes_that_are_not_finite(tmp_path, export_projection):
    import tensorflow as tf

    from tfdis.export import Signature, export_frozen

    shutil.copytree(export_projection("small_grid", (4, 4, 1)) / "results", tmp_path / "p/results")

    def diverged(images):
        return {"default": tf.reshape(images, [-1, 16]) / tf.zeros([16])}

    spec = tf.TensorSpec([None, 4, 4, 1], tf.float32)
    export_frozen(
        {"representation": Signature(diverged, {"images": spec})}, str(tmp_path / "p" / "tfhub")
    )
    path = f"{STUDY}/mig.gin"
    with pytest.raises(ValueError, match="finite.*p/tfhub"):
        commands.evaluate(str(tmp_path / "p"), str(tmp_path / "m"), [path], FILES[path])
    assert os.listdir(tmp_path) == ["p"]


def test_nothing_is_scored_if_one_folder_exists(folders, tmp_path):
    path = f"{STUDY}/mig.gin"
    (tmp_path / "b").mkdir()
    runs = [(path, str(tmp_path / folder), FILES[path]) for folder in "ab"]
    with pytest.raises(FileExistsError, match="b, which exists"):
        commands.evaluate_all(folders["small_grid"], runs)
    assert os.listdir(tmp_path) == ["b"]
