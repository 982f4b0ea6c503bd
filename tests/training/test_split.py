"""Training on a split: the stream follows it, the results name it, the run resumes."""

import gin
import numpy as np
import pytest

from tfdis.data import named
from tfdis.data.splits.split_data import SplitData
from tfdis.training import train as train_room

CONFIG = """
model.batch_size = 4
model.training_steps = 2
model.random_seed = 0
model.eval_steps = 1
model.model = @vae()
vae.beta = 1.0
encoder.num_latent = 2
encoder.encoder_fn = @mlp_encoder
mlp_encoder.hidden_units = (4,)
decoder.decoder_fn = @mlp_decoder
mlp_decoder.hidden_units = (4,)
reconstruction_loss.loss_fn = @bernoulli_loss
dataset.name = "xysquares"
xysquares.num_placements = 3
vae_optimizer.optimizer_fn = @AdamOptimizer
dataset.split = @held_out()
held_out.conditions = [("x red", 0.5, 1), ("y red", 0, 1)]
"""


def test_a_run_sees_only_what_its_split_leaves(tmp_path, eagerly, monkeypatch):
    seen = []
    images_at = SplitData.images_at
    monkeypatch.setattr(
        SplitData,
        "images_at",
        lambda data, indices: (
            seen.append(data.indices_to_factors(indices)) or images_at(data, indices)
        ),
    )
    gin.parse_config(CONFIG)
    results = train_room.train(tmp_path / "run").results
    assert results["dataset_split"] == "HeldOut(conditions=(('x red', 0.5, 1), ('y red', 0, 1)))"
    factors = np.concatenate(seen)
    column = named.get_named_ground_truth_data().factor_names.index("x red")
    assert len(factors) >= 12 and np.all(factors[:, column] == 0)


def test_metrics_of_a_run_see_the_whole_data_set():
    bindings = {"dataset.split": "@held_out()", "xysquares.num_placements": "3"}
    assert named.options_of("xysquares", bindings) == ["xysquares.num_placements = 3"]


@pytest.mark.long
def test_a_factor_that_is_not_there_is_one_clear_error(tmp_path):
    gin.parse_config(CONFIG)
    gin.parse_config("held_out.conditions = [('z', 0, 1)]")
    with pytest.raises(ValueError, match="Expected a factor of .*'z'"):
        train_room.train(tmp_path / "run")
    assert not (tmp_path / "run").exists()
