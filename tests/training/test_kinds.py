"""Every kind of model through the gin root: batches, exact resume, warm start, plateau, schedules."""

import functools

import gin
import keras
import numpy as np
import pytest
from one_of_each_kind import case
from run_helpers import assert_same_weights, rows_of

from tfdis import models
from tfdis.data.named import get_named_ground_truth_data
from tfdis.models import ifcvae
from tfdis.training import streams
from tfdis.training import train as train_room

SHARED = """
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
dataset.name = "xysquares"
xysquares.num_placements = 2
vae_optimizer.optimizer_fn = @vae/AdamOptimizer
vae/AdamOptimizer.learning_rate = 0.001
discriminator.discriminator_fn = @fc_discriminator
fc_discriminator.num_hidden = 1
discriminator_optimizer.optimizer_fn = @discriminator/AdamOptimizer
discriminator/AdamOptimizer.learning_rate = 0.001
"""
MODELS = {
    "factor_vae": ["factor_vae.gamma = 10."],
    "factor_vae of two batches": ["factor_vae.gamma = 10.", "factor_vae.second_batch = True"],
    "commutative_lie_group_vae": ["commutative_lie_group_vae.matrix_size = 4"],
    "control_vae": ["control_vae.target = 2.0", "control_vae.k_i = 0.5"],
    "cvae": ["cvae.label_factors = ['x red', 'y blue']"],
    "ivae": ["ivae.label_factors = ['x red', 'y blue']"],
    "ifcvae": ["ifcvae.label_factors = [1]", "ifcvae.adversarial_weight = 1."],
    "ada_gvae": ["ada_gvae.symmetric = True"],
    "ada_mlvae": ["pairs.sampling = 'dlib'"],
    "gvae": ["pairs.num_differing = 1"],
    "mlvae": [],
    "factor_qvae": ["factor_qvae.num_values = 8"],
    "tripod": [],
    "qlae": ["vae_optimizer.optimizer_fn = @AdamWOptimizer"],
    "slow_vae": ["pairs.sampling = 'laplace'"],
    "vae with factorised support": [
        "vae.beta = 0.",
        "vae.terms = [@factorised_support_term()]",
        "factorised_support_term.num_pairs = 5",
    ],
}


def _train(folder, *bindings):
    gin.clear_config()
    gin.parse_config([SHARED, *bindings])
    return train_room.train(folder)


def _log(folder):
    return rows_of(folder / "training_log.csv")


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
# Two batches or networks, pairs, a controller.
@pytest.mark.parametrize(
    "name",
    [case(name in {"factor_vae", "ifcvae", "ada_gvae", "control_vae"}, name) for name in MODELS],
)
def test_trains_and_resumes_exactly(name, tmp_path, monkeypatch):
    small = functools.partial(ifcvae.build_label_discriminator, num_hidden=1)
    monkeypatch.setattr(ifcvae, "build_label_discriminator", small)
    bindings = [f"model.model = @{name.split()[0]}()", *MODELS[name]]
    whole = _train(tmp_path / "whole", *bindings)
    assert np.isfinite(whole.results["loss"])
    _train(tmp_path / "parts", *bindings, "model.training_steps = 1")
    resumed = _train(tmp_path / "parts", *bindings)
    assert_same_weights(whole.model, resumed.model)
    for term, other in zip(whole.model.trained_terms, resumed.model.trained_terms, strict=True):
        for a, b in zip(term.optimizer.variables, other.optimizer.variables, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.long
def test_the_stream_is_of_the_models_kind():
    data = get_named_ground_truth_data("xysquares")
    gin.parse_config("mlp_encoder.hidden_units = (4,)\nmlp_decoder.hidden_units = (4,)")
    gin.parse_config("fc_discriminator.num_hidden = 1")
    networks = {"encoder": "mlp_encoder", "decoder": "mlp_decoder"}
    small = {"image_shape": (64, 64, 3), "latent_dim": 6, **networks}
    shapes = {
        models.BetaVAE(1.0, **small): [(4, 64, 64, 3)],
        models.FactorVAE(1.0, second_batch=True, **small): [(8, 64, 64, 3)],
        models.CVAE(data.factors_num_values, **small): [(4, 64, 64, 3), (4, 6)],
        models.AdaGVAE(**small): [(4, 2, 64, 64, 3)],
        models.GVAE(**small): [(4, 2, 64, 64, 3), (4, 6)],
    }
    for model, expected in shapes.items():
        batch = next(iter(streams.training_stream(model, data, 4, seed=0)))
        batch = batch if isinstance(batch, tuple) else (batch,)
        assert [tuple(part.shape) for part in batch] == expected
        evaluation = streams.evaluation_stream(model, data, 4, seed=0, num_batches=3)
        assert len(list(evaluation)) == 3


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_the_plateau_rule_survives_a_resume(tmp_path):
    rule = [
        "model.model = @vae()",
        "vae.beta = 1.",
        "model.plateau = @learning_rate_plateau()",
        "learning_rate_plateau.epoch_steps = 2",
        "learning_rate_plateau.factor = 0.5",
        "learning_rate_plateau.patience = 2",
        "learning_rate_plateau.threshold = 0.5",  # Nothing improves by half: the rate falls.
        "model.training_steps = 12",
    ]
    whole = _train(tmp_path / "whole", *rule)
    rates = [float(row["learning_rate"]) for row in _log(tmp_path / "whole")]
    assert len(set(rates)) > 2
    # Within an epoch, while the rule waits.
    _train(tmp_path / "parts", *rule, "model.training_steps = 9")
    resumed = _train(tmp_path / "parts", *rule)
    assert (
        _log(tmp_path / "parts")[-1]["learning_rate"]
        == _log(tmp_path / "whole")[-1]["learning_rate"]
    )
    np.testing.assert_allclose(
        resumed.model.optimizer.learning_rate, whole.model.optimizer.learning_rate
    )
    assert_same_weights(whole.model, resumed.model)


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_a_warm_start_begins_with_the_other_runs_weights(tmp_path):
    steps = "model.training_steps = 2"
    first = _train(tmp_path / "first", "model.model = @vae()", "vae.beta = 1.", steps)
    first.model.save(tmp_path / "first" / "model.keras")
    bindings = [
        "model.model = @beta_tc_vae()",
        "beta_tc_vae.beta = 4.",
        f"model.warm_start = '{tmp_path / 'first'}'",
    ]
    untrained = _train(tmp_path / "second", *bindings, "model.training_steps = 0")
    assert_same_weights(untrained.model.encoder, first.model.encoder)
    assert_same_weights(untrained.model.decoder, first.model.decoder)
    assert int(untrained.model.optimizer.iterations) == 0
    trained = _train(tmp_path / "second", *bindings, steps)
    (tmp_path / "first" / "model.keras").unlink()
    longer = _train(tmp_path / "second", *bindings, "model.training_steps = 3")
    assert int(longer.model.optimizer.iterations) == 3
    assert np.any(trained.model.get_weights()[0] != untrained.model.get_weights()[0])


@pytest.mark.long
def test_schedules_drive_weight_capacity_reconstruction_and_learning_rate(tmp_path):
    run = _train(
        tmp_path / "run",
        """
        model.training_steps = 4
        model.model = @vae()
        vae.beta = @beta/cosine_schedule()
        beta/cosine_schedule.start = 0.1
        beta/cosine_schedule.end = 4.0
        beta/cosine_schedule.end_step = 4
        vae.capacity = @capacity_schedule()
        capacity_schedule.c_max = 25.0
        capacity_schedule.iteration_threshold = 2000
        vae.reconstruction_weight = @rec/linear_schedule()
        rec/linear_schedule.start = 5.0
        rec/linear_schedule.end = 1.0
        rec/linear_schedule.end_step = 4
        vae/AdamOptimizer.learning_rate = @lr/linear_schedule()
        lr/linear_schedule.start = 0.001
        lr/linear_schedule.end = 0.0
        lr/linear_schedule.end_step = 4
        """,
    )
    rates = [float(row["learning_rate"]) for row in _log(tmp_path / "run")]
    np.testing.assert_allclose(rates, [0.0005, 0.0], atol=1e-9)
    run.model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.controls == run.model.controls


@pytest.mark.parametrize(
    ("bindings", "message"),
    [
        (["model.model = @vae()", "vae.beta = 1.", "model.warm_start = 'nowhere'"], "complete run"),
        (["model.model = @cvae()", "cvae.label_factors = ['shape']"], "names out of"),
        (["model.model = @gvae()", "encoder.num_latent = 5"], "at most 5 factors"),
        (["model.model = @mlvae()", "pairs.sampling = 'dlibs'"], "pairs.sampling"),
        (["model.model = @factor_vae()"], "factor_vae.gamma"),
        (["model.model = @factor_vae()", "factor_vae.gamma = -1."], "0 or more"),
        (
            [
                "model.model = @beta_tc_vae()",
                "beta_tc_vae.beta = .1",
                "beta_tc_vae.beta_normalisation = True",
            ],
            "reward",
        ),
    ],
)
def test_bad_options_give_one_clear_error_and_no_folder(tmp_path, bindings, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        _train(tmp_path / "run", *bindings)
    assert not (tmp_path / "run").exists()
