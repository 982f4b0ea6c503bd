"""dlib_reason: disentanglement_lib's gin files and draws, exact resume, learning and chance, bad input."""

import json
import os
import signal

import gin
import numpy as np
import pytest
from one_of_each_kind import case
from same_matrices import assert_same_matrices

import tfdis.dlib
from tfdis.data.matrices.matrix_data import MatrixData
from tfdis.data.matrices.quantised import QuantisedData
from tfdis.data.named import get_named_ground_truth_data
from tfdis.dlib.reason import reason_with_gin
from tfdis.dlib.reasoning.streams import IterationStreams
from tfdis.dlib.scoring.coded_data import CodedData, CodeTable
from tfdis.dlib.scoring.image_codes import ImageCodes
from tfdis.files.interruption import Interrupted
from tfdis.networks.panel_cnn import PanelCNN
from tfdis.networks.relational import WildRelationNetwork

TESTS = "tests/abstract_reasoning"
EXAMPLE = "abstract_reasoning_study_v1/stage2/example.gin"
SMALL = [
    "abstract_reasoning.num_iterations = 2",
    "abstract_reasoning.training_steps_per_iteration = 2",
    "abstract_reasoning.eval_steps_per_iteration = 1",
    "abstract_reasoning.batch_size = 2",
    "OptimizedWildRelNet.edge_mlp = [8]",
    "OptimizedWildRelNet.graph_mlp = [8]",
]
HEARTS = [
    "dataset.name = 'dsprites_hearts'",
    "pgm.pgm_type = 'easy1'",
    "pgm.most_values = [4, 4, 4]",
]
VALUES = "TwoStageModel.embedding_model_class = 'values'"
CHANCE = 1 / 6


def _results(folder, name="abstract_reasoning_results"):
    return json.loads((folder / f"results/json/{name}.json").read_text())


def _log(folder):
    return (folder / "scores_log.csv").read_text()


@pytest.fixture(scope="module")
def dlib_pgm():
    tfdis.dlib.install()
    from disentanglement_lib.evaluation.abstract_reasoning import pgm_data

    return pgm_data


@pytest.mark.parametrize(("name", "sizes"), [("dummy_data", None), ("dsprites_hearts", [3, 5, 4])])
@pytest.mark.parametrize("hard", [False, True])
def test_matrices_are_disentanglement_lib_s(name, sizes, hard, dlib_pgm):
    data = get_named_ground_truth_data(name)
    relations = [0.5, 0.25, 0.25]
    quantised = dlib_pgm.Quantizer(data, sizes) if sizes else data
    theirs = dlib_pgm.PGMDataset(quantised, "hard" if hard else "easy", relations)
    ours = MatrixData(QuantisedData(data, sizes or data.factors_num_values), relations, hard)
    assert_same_matrices(ours, theirs, seed=3)


@pytest.mark.long
def test_networks_are_disentanglement_lib_s(dlib_pgm):
    from disentanglement_lib.evaluation.abstract_reasoning import models

    random_state = np.random.RandomState(0)
    panels = [random_state.normal(size=(2, n, 5)).astype(np.float32) for n in (8, 6)]
    ours, theirs = WildRelationNetwork([7, 4], [6, 3], 0.5), None
    scores = ours(panels)
    with gin.unlock_config():
        theirs = models.OptimizedWildRelNet([7, 4], [6, 3], 0.5)
    theirs(panels)
    theirs.set_weights(ours.get_weights())
    np.testing.assert_allclose(theirs(panels), scores, rtol=1e-4, atol=1e-6)
    assert theirs.graph_layer.layers[-2].rate == ours.graph.layers[-1].rate
    images = [random_state.uniform(size=(1, n, 16, 16, 1)).astype(np.float32) for n in (8, 6)]
    ours, theirs = PanelCNN(10), models.BaselineCNNEmbedder(10)
    embedded = [ours(part) for part in images]
    theirs(images)
    theirs.set_weights(ours.get_weights())
    for our, their in zip(embedded, theirs(images), strict=True):
        np.testing.assert_allclose(their, our, rtol=1e-4, atol=1e-6)


def test_every_stream_has_the_seed_that_disentanglement_lib_gives_it():
    random_state = np.random.RandomState(7)
    expected = [[random_state.randint(2**32) for _ in range(3)] for _ in range(4)]
    streams = IterationStreams(None, 7, 4, steps=5, eval_steps=1)
    assert streams.seeds.tolist() == expected


@pytest.fixture(scope="module")
def representation(export_projection):
    return export_projection("dummy_data")


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize(
    "file",
    [
        "from_scratch/cnn_embedder.gin",
        case(False, "from_scratch/true_factor_values.gin"),
        case(False, "from_scratch/true_factors_onehot.gin"),
        "representation/from_representation.gin",
    ],
)
def test_disentanglement_lib_s_files_train_unedited(file, tmp_path, representation):
    input_dir = str(representation) if "representation" in file else None
    reason_with_gin(input_dir, str(tmp_path / "run"), [f"{TESTS}/{file}"])
    results = _results(tmp_path / "run")
    scores = {f"{s}.{n}" for s in ("val", "test") for n in ("accuracy", "loss", "global_step")}
    named = {f"{part}.{score}" for part in ("step0", "step2", "best") for score in scores}
    assert set(results) == named | {"elapsed_time", "uuid"}
    best = "step2" if results["step2.val.accuracy"] > results["step0.val.accuracy"] else "step0"
    assert all(results[f"best.{score}"] == results[f"{best}.{score}"] for score in scores)
    assert [results[f"{part}.val.global_step"] for part in ("step0", "step2")] == [2, 4]
    config = _results(tmp_path / "run", "abstract_reasoning_config")
    assert config["pgm.pgm_type"] == "'easy1'" and config["AdamOptimizer.epsilon"] == "0.001"
    if input_dir:
        assert (tmp_path / "run/results/json/postprocess_results.json").is_file()
        assert config["HubEmbedding.hub_path"] == repr(str(representation / "tfhub"))


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_the_study_s_file_takes_the_data_set_of_the_representation(
    tmp_path, export_projection, caplog
):
    """In mixed precision, and with codes of images that are counted."""
    folder = export_projection("dsprites_hearts")
    bindings = [
        *SMALL,
        "dataset.name = 'auto'",
        "pgm.pgm_type = 'hard_mixed'",
        "pgm.most_values = [4, 4, 4]",
        "TwoStageModel.embedding_model_class = @HubEmbedding",
        "AdamOptimizer.learning_rate = 0.01",
        "runtime.precision = 'mixed_bfloat16'",
    ]
    reason_with_gin(str(folder), str(tmp_path / "run"), [EXAMPLE], bindings)
    config = _results(tmp_path / "run", "abstract_reasoning_config")
    assert config["dataset.name"] == "'dsprites_hearts'"
    assert config["AdamOptimizer.learning_rate"] == "0.01"
    results = _results(tmp_path / "run")
    assert np.isfinite(results["best.val.loss"])
    assert (folder / "codes/dsprites_hearts/codes.npy").is_file()
    reason_with_gin(str(folder), str(tmp_path / "run"), [EXAMPLE], bindings)
    assert _results(tmp_path / "run")["uuid"] == results["uuid"]
    # The file binds num_latent for a network that is not chosen here.
    assert "num_latent" not in caplog.text


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_resumes_exactly(tmp_path, monkeypatch):
    """After a signal, which does not wait for the scores of an iteration, and with more iterations."""
    bindings = [
        *SMALL,
        *HEARTS,
        VALUES,
        "abstract_reasoning.checkpoint_steps = 1",
        "runtime.deterministic = True",
    ]
    reason_with_gin(None, str(tmp_path / "whole"), [EXAMPLE], bindings)
    fewer = [*bindings, "abstract_reasoning.num_iterations = 1"]
    real = IterationStreams.of_scores

    def stopped(self, iteration):
        os.kill(os.getpid(), signal.SIGTERM)
        return real(self, iteration)

    with monkeypatch.context() as patch:
        patch.setattr(IterationStreams, "of_scores", stopped)
        with pytest.raises(Interrupted, match="at step 2 of 2"):
            reason_with_gin(None, str(tmp_path / "parts"), [EXAMPLE], fewer)
    reason_with_gin(None, str(tmp_path / "parts"), [EXAMPLE], fewer)
    assert "step2.val.loss" not in _results(tmp_path / "parts")
    reason_with_gin(None, str(tmp_path / "parts"), [EXAMPLE], bindings)
    whole, parts = (_results(tmp_path / name) for name in ("whole", "parts"))
    for name in set(whole) - {"elapsed_time", "uuid"}:
        assert whole[name] == parts[name], name
    assert _log(tmp_path / "whole") == _log(tmp_path / "parts")


def _learned(tmp_path, *bindings, input_dir=None):
    """Test accuracy after some steps of a small network."""
    lines = [
        "abstract_reasoning.num_iterations = 1",
        "abstract_reasoning.training_steps_per_iteration = 80",
        "abstract_reasoning.eval_steps_per_iteration = 8",
        "abstract_reasoning.batch_size = 32",
        "OptimizedWildRelNet.edge_mlp = [32, 32]",
        "OptimizedWildRelNet.graph_mlp = [32]",
        "OptimizedWildRelNet.dropout_in_last_graph_layer = None",
        "AdamOptimizer.learning_rate = 0.01",
        *bindings,
    ]
    reason_with_gin(input_dir, str(tmp_path / "run"), [EXAMPLE], lines)
    return _results(tmp_path / "run")["best.test.accuracy"]


@pytest.mark.long
def test_factors_are_reasoned_with(tmp_path):
    assert _learned(tmp_path, *HEARTS, VALUES) > 0.4


class _Noise(ImageCodes):
    """Codes that are drawn anew, whatever the image."""

    num_latents = 4

    def __init__(self):
        super().__init__()
        self._random_state = np.random.RandomState(0)

    def encode(self, images):
        return self._random_state.normal(size=(len(images), self.num_latents))

    def coded_data(self):
        raise NotImplementedError

    def coded(self, data):
        return CodedData(data, CodeTable(data, self.encode))

    def codes_of(self, observations):
        return self.encode(observations)


@pytest.mark.exhaustive
def test_noise_stays_at_chance(tmp_path):
    """The matrices, which tests above prove, tell no answer by its place.

    256 answers by chance have a standard deviation of 0.023.
    """
    gin.external_configurable(_Noise, "noise_of_a_test", module="tests")
    embedding = "TwoStageModel.embedding_model_class = @noise_of_a_test"
    assert abs(_learned(tmp_path, *HEARTS, embedding) - CHANCE) < 3.5 * 0.0233


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        (["dataset.name = 'xysquares'"], "images of shape .None, 64, 64, 1.*64, 64, 3"),
        (["dataset.name = 'dsprites_hearts'"], "pgm.most_values"),
        (["pgm.pgm_type = 'easy5'"], "Received: 'easy5'"),
        (
            ["dataset.name = 'dsprites_hearts'", "dataset.split = @random_cells()"],
            "without dataset.split.*RandomCells",
        ),
        (["abstract_reasoning.batch_size = 0"], "abstract_reasoning.batch_size.*Received: 0"),
        (["TwoStageModel.embedding_model_class = 'one'"], "onehot.*Received: 'one'"),
        (["OptimizedWildRelNet.edge_mlp = []"], "at least one layer"),
        (["abstract_reasoning.steps = 1"], "abstract_reasoning.steps"),
    ],
)
def test_bad_input_is_one_clear_error_and_leaves_no_run(
    bindings, message, tmp_path, representation
):
    shared = [
        *SMALL,
        "dataset.name = 'auto'",
        "pgm.pgm_type = 'easy1'",
        "pgm.most_values = None",
        "TwoStageModel.embedding_model_class = @HubEmbedding",
    ]
    if "xysquares" in bindings[0]:
        shared.append("pgm.most_values = [4, 4, 4, 4, 4, 4]")
    with pytest.raises(ValueError, match=message):
        reason_with_gin(str(representation), str(tmp_path / "run"), [EXAMPLE], [*shared, *bindings])
    assert not (tmp_path / "run/run.json").exists()


def test_a_representation_has_to_be_given(tmp_path):
    auto = ["dataset.name = 'auto'", "pgm.pgm_type = 'easy1'", VALUES]
    with pytest.raises(ValueError, match="Expected --input_dir.*Received none"):
        reason_with_gin(None, str(tmp_path / "run"), [EXAMPLE], auto)
    with pytest.raises(FileNotFoundError, match="TF Hub module"):
        lines = [*HEARTS, "TwoStageModel.embedding_model_class = @HubEmbedding"]
        reason_with_gin(str(tmp_path / "absent"), str(tmp_path / "run"), [EXAMPLE], lines)


@pytest.mark.long
def test_command(start_command, tmp_path):
    flags = [f"--gin_config={EXAMPLE}", *(f"--gin_bindings={b}" for b in (*SMALL, *HEARTS, VALUES))]
    result = start_command("dlib_reason", "--output_dir=run", *flags, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "best.test.accuracy" in _results(tmp_path / "run")
    bad = {"output_dir": [], "already holds something else": ["--output_dir=run", *flags[:-1]]}
    for message, wrong in bad.items():
        result = start_command("dlib_reason", *wrong, cwd=tmp_path)
        assert result.returncode == 1 and message in result.stderr
