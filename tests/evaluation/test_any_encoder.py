"""Any function of images as an encoder: the scores of bin/evaluate, and clear errors."""

import json
import os
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from pages import ROOT, blocks
from sklearn.ensemble import GradientBoostingClassifier

import tfdis
from tfdis import registry
from tfdis.data.ground_truth_data import EnumerableData
from tfdis.data.state_space import FactorStateSpace
from tfdis.dlib import NotComputableError, commands
from tfdis.evaluation import evaluate
from tfdis.evaluation.chosen import chosen_metrics, metrics_by_name
from tfdis.export import Signature, export_frozen, write_results

SMALL = [
    "beta_vae_sklearn.num_train = 30",
    "beta_vae_sklearn.num_eval = 20",
    "beta_vae_sklearn.batch_size = 4",
    "dci.num_train = 60",
    "dci.num_test = 20",
    "dci_es.capacities = (16, 32)",
    "dci_forest.num_trees = 5",
    "dci_mlp.max_epochs = 5",
    "downstream_task.num_train = [90]",
    "downstream_task.num_test = 20",
    "factor_vae_score.num_variance_estimate = 50",
    "factor_vae_score.num_train = 20",
    "factor_vae_score.num_eval = 10",
    "factor_vae_score.batch_size = 4",
    "irs.num_train = 100",
    "mig.num_train = 100",
    "modularity_explicitness.num_train = 200",
    "modularity_explicitness.num_test = 200",
    "r2.num_trees = 5",
    "sap_score.num_train = 60",
    "sap_score.num_test = 40",
    "unsupervised_metrics.num_train = 100",
    "windin.num_samples = 50",
]
# All but those that take seconds.
NAMES = [
    metric.name
    for metric in chosen_metrics(["all"])
    if metric.name not in ("downstream_task_logistic_regression", "infomec")
]
MIG = ["mig.num_train = 60"]
MATRIX = np.random.RandomState(5).normal(size=(16, 4)).astype(np.float32)


class Grid(EnumerableData):
    """60 images of 4 x 4 whose pixels follow from their factors."""

    def __init__(self):
        super().__init__("grid", "abc", FactorStateSpace((3, 4, 5)), (4, 4, 1), "generated")

    def images_at(self, indices):
        factors = self.state_space.factors_of(np.asarray(indices))
        images = factors @ np.random.RandomState(0).randint(1, 20, size=(3, 16))
        return images.astype(np.uint8).reshape(-1, 4, 4, 1)


class DlibsInterface:
    """The same as somebody else's class: no base of ours, float64 images."""

    def __init__(self):
        self._grid = Grid()
        self.factors_num_values = self._grid.factors_num_values
        self.num_factors = len(self.factors_num_values)
        self.observation_shape = [4, 4, 1]

    def sample_factors(self, num, random_state):
        return self._grid.sample_factors(num, random_state)

    def sample_observations_from_factors(self, factors, random_state):
        return self._grid.sample_observations_from_factors(factors, random_state).astype(np.float64)


def project(images):
    """Codes of 4 values."""
    return images.reshape(len(images), 16) @ MATRIX


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_the_scores_of_bin_evaluate(tmp_path, monkeypatch):
    """For all metrics, to the last bit."""
    monkeypatch.setitem(registry.DATA_SETS, "grid", Grid)
    monkeypatch.setitem(GradientBoostingClassifier.__init__.__kwdefaults__, "n_estimators", 10)

    def represent(images):
        return {"default": tf.reshape(images, [-1, 16]) @ MATRIX}

    spec = tf.TensorSpec([None, 4, 4, 1], tf.float32)
    export_frozen({"representation": Signature(represent, {"images": spec})}, f"{tmp_path}/tfhub")
    config = "dataset.name = 'grid'\n"
    write_results(f"{tmp_path}/results", "postprocess", {}, config)
    lines = ["evaluation.random_seed = 3", *SMALL]
    runs = metrics_by_name(NAMES, str(tmp_path / "m"), 100, lines)
    left_out = commands.evaluate_all(str(tmp_path), runs)
    expected = {}
    for metric in chosen_metrics(NAMES):
        path = tmp_path / "m" / metric.folder / "results/json/evaluation_results.json"
        if metric.folder not in left_out:
            found = json.loads(path.read_text())
            expected |= {
                f"{metric.name}/{name}": value
                for name, value in found.items()
                if isinstance(value, (int, float)) and name != "elapsed_time"
            }
    module = tf.saved_model.load(f"{tmp_path}/tfhub").signatures["representation"]
    scores = evaluate(
        lambda images: module(images=tf.constant(images)),
        Grid(),
        NAMES,
        seed=3,
        num_train=100,
        gin_bindings=SMALL,
    )
    assert scores == expected
    assert len({name.partition("/")[0] for name in scores}) > 12


class Torch:
    """A tensor of PyTorch, as far as it is asked: on no account an array before `detach`."""

    def __init__(self, values, dtype="torch.float32"):
        self._values, self.dtype = values, dtype

    def detach(self):
        return types.SimpleNamespace(
            cpu=lambda: types.SimpleNamespace(
                dtype=self.dtype,
                float=lambda: self._values,
                __array__=lambda *_, **__: self._values,
            )
        )


ENCODERS = {
    "a tensor": lambda images: tf.reshape(images, [-1, 16]) @ MATRIX,
    "a dict": lambda images: {"default": project(images), "other": 0},
    "a dict of one": lambda images: {"mean": project(images)},
    "a tensor of PyTorch": lambda images: Torch(project(images), "torch.bfloat16"),
}


@pytest.mark.parametrize("kind", [*ENCODERS, "a Keras model"])
def test_kinds_of_encoders(kind):
    expected = evaluate(project, Grid(), ["mig", "mcc"], num_train=50, gin_bindings=MIG)
    if kind == "a Keras model":
        encode = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(4, use_bias=False)])
        encode.build([None, 4, 4, 1])
        encode.layers[1].set_weights([MATRIX])
    else:
        encode = ENCODERS[kind]
    found = evaluate(encode, Grid(), ["mig", "mcc"], num_train=50, gin_bindings=MIG)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-6), name


@pytest.mark.exhaustive
def test_the_model_of_pytorch_on_its_page(tmp_path, monkeypatch):
    """Runs the block of docs/score_any_encoder.md as it stands; the tests' packages have no PyTorch."""
    torch = pytest.importorskip("torch")
    (block,) = (
        text for _, text in blocks(ROOT / "docs/score_any_encoder.md") if "MyEncoder" in text
    )
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(1, 4, 4, stride=4), torch.nn.ReLU(), torch.nn.Flatten()
    encoder = torch.nn.Sequential(*layers, torch.nn.Linear(1024, 6))
    monkeypatch.chdir(tmp_path)
    torch.save(encoder.state_dict(), "encoder.pt")
    names = {"MyEncoder": lambda: torch.nn.Sequential(*layers, torch.nn.Linear(1024, 6))}
    exec(block, names)
    scores = tfdis.evaluate(
        lambda images: names["encode"](images).numpy(),
        names["data"],
        metrics=["mig", "dci", "factor_vae"],
    )
    assert (
        scores["dci/informativeness_test"] > 0.15
    )  # Guesses have .118: the mean of 1/3, 1/6, 1/40, 1/32, 1/32.
    assert scores == names["scores"]


def test_images_are_float32_in_batches_and_encoded_once():
    shapes, seen = [], []

    def encode(images):
        assert images.dtype == np.float32 and images.min() >= 0 and images.max() <= 1
        shapes.append(images.shape)
        seen.extend(map(bytes, images))
        return project(images)

    evaluate(encode, Grid(), ["mig", "mcc"], num_train=200, gin_bindings=MIG, batch_size=16)
    # Two probes, then batches of one size.
    assert set(shapes[:2]) == {(4, 4, 4, 1)} and set(shapes[2:]) == {(16, 4, 4, 1)}
    assert len(shapes) <= 2 + 5 and len(set(seen)) <= 60


def test_dlibs_interface_is_enough():
    expected = evaluate(project, Grid(), ["mig"], gin_bindings=MIG)
    assert evaluate(project, DlibsInterface(), "mig", gin_bindings=MIG) == pytest.approx(expected)


def test_codes_that_are_drawn_are_drawn_again():
    state, num = np.random.RandomState(0), []

    def encode(images):
        num.append(len(images))
        return project(images) + state.normal(size=(len(images), 4))

    evaluate(encode, Grid(), "mig", gin_bindings=["mig.num_train = 500"])
    assert sum(num) == 500 + 8


def test_what_has_no_value_is_left_out_with_the_reason(warnings_given):
    scores = evaluate(
        lambda images: project(images)[:, :1],
        Grid(),
        ["mig", "irs"],
        gin_bindings=["irs.num_train = 60"],
    )
    assert {name.partition("/")[0] for name in scores} == {"irs"}
    (line,) = [line for line in warnings_given if "left out" in line]
    assert "mig is left out" in line and "at least 2 latents. Received: 1" in line
    with pytest.raises(NotComputableError, match="mig: .*at least 2 latents"):
        evaluate(lambda images: project(images)[:, :1], Grid(), ["mig"])


def test_a_binding_that_no_metric_used_is_warned_of(warnings_given):
    evaluate(project, Grid(), ["mig"], gin_bindings=[*MIG, "dci.num_train = 7"])
    (line,) = [line for line in warnings_given if "dci.num_train" in line]
    assert "mig.num_train," not in line and "dataset.name" not in line


def _changing(images, sizes=[]):  # noqa: B006  It counts calls.
    sizes.append(1)
    return project(images)[:, : 4 if len(sizes) < 3 else 3]


BAD = {
    "a tuple": (
        lambda x: (project(x), project(x)),
        r"\[4, dim\].*a tuple of 2.*encode\(images\)\[0\]",
    ),
    "a list": (lambda x: [project(x)], "a list of 1"),
    "a dict": (
        lambda x: {"mean": project(x), "logvar": 0},
        r"a dict with mean, logvar.*\['mean'\]",
    ),
    "fewer rows": (lambda x: project(x)[1:], r"\[4, dim\].*shape \(3, 4\).*every image"),
    "a vector": (lambda x: project(x)[:, 0], r"shape \(4,\).*reshape"),
    "an image": (lambda x: x, r"shape \(4, 4, 4, 1\), float32.*reshape"),
    "no latents": (lambda x: project(x)[:, :0], r"shape \(4, 0\)"),
    "nothing": (lambda x: None, "a NoneType"),
    "texts": (lambda x: project(x).astype(str), "shape"),
    "NaN": (lambda x: project(x) * np.where(np.arange(4) == 2, np.nan, 1)[:, None], "for 1 of 4"),
    "infinity": (lambda x: project(x) / 0, "NaN or infinity for 4 of 4 images.*float32"),
    "other lengths": (_changing, "codes of 4 values, as before.*3 values"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_a_bad_encoder_is_one_clear_error(case):
    encode, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        evaluate(encode, Grid(), ["mig"], gin_bindings=MIG)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"encode": np.zeros([3, 4])}, "function of images.*Received: a ndarray.*signatures"),
        ({"metrics": ["mgi"]}, "mig"),
        ({"metrics": []}, "one or more metrics"),
        ({"metrics": [project]}, "metric"),
        ({"data": "dsprites"}, "disentanglement_lib's interface.*Received: str"),
        ({"gin_bindings": ["mig.num_trains = 2"]}, "num_trains"),
        ({"gin_bindings": ["mig.num_train = 0"]}, "at least 2 samples.*0"),
    ],
)
def test_other_bad_input(options, message):
    with pytest.raises(ValueError, match=message):
        evaluate(**{"encode": project, "data": Grid(), "metrics": ["mig"], **options})


def test_it_is_a_public_name():
    assert tfdis.evaluate is evaluate is tfdis.evaluation.evaluate
    assert os.path.basename(evaluate.__code__.co_filename) == "any_encoder.py"
