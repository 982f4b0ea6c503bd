"""Few labels through the gin root: exact resume, what is kept, seeds, validation part, bad input."""

import gin
import numpy as np
import pytest
from one_of_each_kind import case
from run_helpers import assert_same_weights

from tfdis.training import train as train_room
from tfdis.training.supervision import POINTS_FILE

SHARED = """
model.model = @vae()
vae.beta = 1.
vae.terms = [@xent()]
xent.weight = 2.
model.num_labelled_samples = 20
model.train_percentage = 0.8
model.batch_size = 4
model.training_steps = 3
model.random_seed = 0
model.eval_steps = 1
model.log_steps = 2
model.checkpoint_steps = 2
encoder.num_latent = 6
encoder.encoder_fn = @mlp_encoder
mlp_encoder.hidden_units = (16,)
decoder.decoder_fn = @mlp_decoder
mlp_decoder.hidden_units = (16,)
reconstruction_loss.loss_fn = @bernoulli_loss
dataset.name = "dsprites_hearts"
vae_optimizer.optimizer_fn = @vae/AdamOptimizer
vae/AdamOptimizer.learning_rate = 0.001
"""


pytestmark = pytest.mark.usefixtures("eagerly")


def _train(folder, *bindings, overwrite=False):
    gin.clear_config()
    gin.parse_config([SHARED, *bindings])
    return train_room.train(folder, overwrite)


def _points(folder):
    with np.load(folder / POINTS_FILE, allow_pickle=False) as saved:
        return dict(saved)


@pytest.mark.long
@pytest.mark.parametrize("term", [case(term == "mine", term) for term in ("xent", "mine", "embed")])
def test_trains_and_resumes_exactly(term, tmp_path):
    bindings = [f"vae.terms = [@{term}()]", f"{term}.weight = 2.", "runtime.deterministic = True"]
    whole = _train(tmp_path / "whole", *bindings)
    assert np.isfinite(whole.results["supervised_loss"])
    _train(tmp_path / "parts", *bindings, "model.training_steps = 1")
    resumed = _train(tmp_path / "parts", *bindings)
    assert_same_weights(whole.model, resumed.model)
    for name, value in _points(tmp_path / "whole").items():
        np.testing.assert_array_equal(_points(tmp_path / "parts")[name], value)


@pytest.mark.long
def test_the_labelled_images_depend_on_their_own_seed_alone(tmp_path):
    _train(tmp_path / "a", "model.supervised_data_seed = 5", "model.training_steps = 0")
    others = ["model.model_seed = 3", "model.unsupervised_data_seed = 4", "xent.weight = 1."]
    again = [*others, "model.supervised_data_seed = 5", "model.training_steps = 0"]
    _train(tmp_path / "b", *again)
    a, b = _points(tmp_path / "a"), _points(tmp_path / "b")
    np.testing.assert_array_equal(a["factors"], b["factors"])
    assert a["num_training"] == 16 and a["seed"] == 5
    _train(tmp_path / "c", "model.supervised_data_seed = 6", "model.training_steps = 0")
    assert not np.array_equal(a["factors"], _points(tmp_path / "c")["factors"])


@pytest.mark.long
def test_a_labeller_of_fewer_factors_sets_the_sizes_of_the_term(tmp_path):
    run = _train(
        tmp_path / "run",
        "labeller.labeller_fn = @partial_labeller",
        "partial_labeller.num_observed_factors = 2",
        "model.training_steps = 0",
    )
    sizes = _points(tmp_path / "run")["factor_sizes"].tolist()
    assert run.model.terms[-1].factor_sizes == sizes and len(sizes) == 2


@pytest.mark.long
def test_labels_without_a_supervised_term_are_only_a_warning(tmp_path, caplog):
    run = _train(tmp_path / "run", "vae.terms = None", "model.training_steps = 0")
    assert "None of the model's terms is supervised" in caplog.text
    assert not run.model.is_semi_supervised and not (tmp_path / "run" / POINTS_FILE).exists()


@pytest.mark.long
def test_other_points_of_a_changed_data_set_are_refused(tmp_path):
    _train(tmp_path / "run", "model.training_steps = 1")
    with np.load(tmp_path / "run" / POINTS_FILE) as saved:
        changed = dict(saved) | {"factors": saved["factors"] + 1}
    np.savez(tmp_path / "run" / POINTS_FILE, **changed)
    with pytest.raises(ValueError, match="that the run began with.*another data set"):
        _train(tmp_path / "run", "model.training_steps = 2")
    _train(tmp_path / "run", "model.training_steps = 1", overwrite=True)


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        (["model.num_labelled_samples = 0"], "from 1 to 1536.*Received: 0"),
        (["model.num_labelled_samples = 2000"], "from 1 to 1536.*Received: 2000"),
        (["model.train_percentage = 90"], "above 0 and up to 1"),
        (["labeller.labeller_fn = @bin_labeller", "bin_labeller.num_bins = 1"], "at least 2"),
        (["model.num_labelled_samples = 1"], "tell images apart"),
        (["encoder.num_latent = 2"], "latents as labelled factors, which are 3"),
        (["xent.factor_sizes = [3, 6]"], "labels of 2 factors.*another data set"),
    ],
)
def test_bad_input_is_one_clear_error_and_leaves_no_run(bindings, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        _train(tmp_path / "run", *bindings)
    assert not (tmp_path / "run" / "run.json").exists()
