"""Scores during training: rows, TensorBoard, resuming, and weights that know nothing of it."""

import csv
import os
import signal
from types import SimpleNamespace

import gin
import numpy as np
import pytest
import tensorflow as tf
from run_helpers import assert_same_weights

from tfdis.data.named import get_named_ground_truth_data
from tfdis.evaluation import score, scores_while_training
from tfdis.evaluation.scores_while_training import ScoresWhileTraining
from tfdis.files.interruption import Interrupted
from tfdis.training import train as train_room

RUN = """
model.batch_size = 4
encoder.num_latent = 3
model.model = @vae()
vae.beta = 1.
dataset.name = "xysquares"
vae_optimizer.optimizer_fn = @vae/AdamOptimizer
vae/AdamOptimizer.learning_rate = 0.001
model.training_steps = 6
model.random_seed = 0
encoder.encoder_fn = @mlp_encoder
decoder.decoder_fn = @mlp_decoder
mlp_encoder.hidden_units = [16]
mlp_decoder.hidden_units = [16]
reconstruction_loss.loss_fn = @bernoulli_loss
model.eval_steps = 1
model.log_steps = 1
model.checkpoint_steps = 3
"""
SCORES = """
import tfdis.evaluation.scores_while_training
model.callbacks = [@scores_while_training()]
scores_while_training.metrics = ["mcc", "mig", "dci_forest"]
scores_while_training.options = {"dci_forest": {"num_trees": 3}}
scores_while_training.every_steps = 2
scores_while_training.num_samples = 60
"""


def train(folder, *bindings):
    gin.clear_config()
    gin.parse_config([RUN, *bindings])
    return train_room.train(folder)


def rows(folder):
    path = folder / "scores.csv"
    return list(csv.DictReader(path.read_text().splitlines())) if path.exists() else []


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored") / "run"
    run = train(folder, SCORES)
    return folder, run, gin.operative_config_str()


@pytest.mark.long
def test_scores_go_to_csv_and_tensorboard(scored):
    folder, run, _ = scored
    found = rows(folder)
    assert [row.pop("step") for row in found] == ["0", "2", "4", "6"]
    assert {"mcc/strong", "mig/discrete_mig", "dci_forest/disentanglement"} <= set(found[0])
    tags = [
        (value.tag, event.step)
        for path in (folder / "tensorboard").glob("events*")
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]
    assert {("scores/mcc/strong", step) for step in (0, 2, 4, 6)} <= set(tags)


@pytest.mark.long
def test_a_row_has_the_scores_of_the_encoders_mean(scored):
    folder, run, _ = scored
    data = get_named_ground_truth_data("xysquares")
    factors, images = data.sample(60, np.random.RandomState(0))
    mean = run.model.encoder(np.asarray(images, np.float32))[0].numpy()
    expected = score(mean, factors, ["mcc", "mig"])
    last = rows(folder)[-1]
    for name, value in expected.items():
        assert float(last[name]) == pytest.approx(value, abs=1e-6), name


@pytest.mark.parametrize(("log_var", "lowest", "highest"), [(-20.0, 0.999, 1.0), (6.0, 0.0, 0.2)])
def test_drawn_codes_have_the_noise_of_the_posterior(log_var, lowest, highest, tmp_path):
    """Means that are the factors: what is drawn tells of them as far as the variance lets it."""
    data = get_named_ground_truth_data("dummy_data")
    model = SimpleNamespace(
        encoder=lambda images: (
            factors[: len(images)],
            np.full([len(images), 2], log_var, np.float32),
        ),
        code=lambda mean: mean,
        optimizer=SimpleNamespace(iterations=tf.Variable(0)),
    )
    callback = ScoresWhileTraining(["mcc"], num_samples=200, drawn=True)
    callback.start_run(tmp_path, data)
    factors = data.sample(200, np.random.RandomState(0))[0][:, :2].astype(np.float32)
    callback._sample = factors, np.zeros([200, 4, 4, 1], np.float32)
    callback.set_model(model)
    first, again = callback.compute(), callback.compute()
    assert first == again
    assert lowest <= first["mcc/weak"] <= highest


@pytest.mark.long
def test_the_weights_are_those_of_a_run_without_scores(scored, tmp_path):
    plain = train(tmp_path / "plain")
    assert_same_weights(plain.model, scored[1].model)


@pytest.mark.long
def test_the_saved_configuration_names_no_metric_of_dlib(scored):
    assert "scores_while_training.every_steps = 2" in scored[2]
    assert "discretizer" not in scored[2]


@pytest.mark.long
def test_a_stopped_run_goes_on_with_each_step_once(scored, tmp_path, monkeypatch):
    """A signal does not wait for scores, in the middle of the run or after its last step."""
    folder, real, whole = tmp_path / "run", scores_while_training.score, rows(scored[0])
    for step in (4, 6):

        def stopped(*args, num_rows=step // 2, **options):
            if len(rows(folder)) == num_rows:
                os.kill(os.getpid(), signal.SIGTERM)
            return real(*args, **options)

        with monkeypatch.context() as patch:
            patch.setattr(scores_while_training, "score", stopped)
            with pytest.raises(Interrupted, match=f"at step {step} of 6"):
                train(folder, SCORES)
        assert rows(folder) == whole[: step // 2]
        if step == 4:
            # As left by a process that was killed after step 6 and in the middle of a row.
            with open(folder / "scores.csv", "a") as file:
                file.write(",".join(["6", *["0.5"] * (len(whole[0]) - 1)]) + "\n8,0.2")
    train(folder, SCORES)
    assert rows(folder) == whole


def test_options_are_checked_before_training():
    for options, message in [
        ({"metrics": ["migg"]}, "did you mean 'mig'"),
        ({"every_steps": 0}, "at least 1"),
        ({"num_samples": 0}, "at least 1"),
        ({"options": {"dci": {}}}, "options of the metrics"),
        ({"standardise": 2}, "standardise"),
    ]:
        with pytest.raises(ValueError, match=message):
            ScoresWhileTraining(**options)


@pytest.mark.long
def test_too_few_samples_stop_the_run_at_once_and_leave_nothing(tmp_path):
    with pytest.raises(ValueError, match="at least 20 samples"):
        train(tmp_path / "run", SCORES, "scores_while_training.num_samples = 10")
    assert not (tmp_path / "run").exists()


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_of_a_split_all_images_are_scored(tmp_path, monkeypatch):
    seen = []

    def keep(codes, factors, **options):
        seen.append(factors)
        return {"mcc": 0.0}

    monkeypatch.setattr(scores_while_training, "score", keep)
    split = ["dataset.split = @held_out()", "held_out.conditions = [('y red', 0.5, 1)]"]
    train(tmp_path / "run", SCORES, *split, "model.training_steps = 1")
    column = get_named_ground_truth_data("xysquares").factor_names.index("y red")
    assert len(np.unique(seen[0][:, column])) == 8


def test_a_run_has_to_be_named():
    with pytest.raises(ValueError, match="start_run"):
        ScoresWhileTraining().on_train_begin()
