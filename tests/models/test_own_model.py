"""A model of one's own: a subclass that names its terms, and each of its options once."""

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from small_models import ONE_LAYER

from tfdis import models, objectives, registry
from tfdis.registry import parameters_of

SHAPE = (16, 16, 1)


@keras.saving.register_keras_serializable("tests")
class OwnVAE(models.VAE):
    """Options are never named but in the constructor."""

    def __init__(self, strength, kind="i", critic=None, **kwargs):
        penalty = objectives.DIPPenalty(strength, 2.0, kind)
        super().__init__(own_terms=[objectives.KL(), penalty], **kwargs)

    def get_config(self, **built):
        return super().get_config(critic=None, **built)


@keras.saving.register_keras_serializable("tests")
class StrongVAE(OwnVAE):
    """Takes no strength, but further options."""

    def __init__(self, power=2.0, **kwargs):
        super().__init__(**kwargs)


def _options(**kwargs):
    return {"image_shape": SHAPE, "latent_dim": 3, **ONE_LAYER, **kwargs}


def _values(model):
    outputs = model.outputs(tf.ones([2, *SHAPE]), tf.constant(1, tf.int64))
    return {name: float(value) for name, value in model.losses_of(outputs).items()}


@pytest.mark.long
@pytest.mark.parametrize(
    ("build", "options"),
    [
        (lambda **k: OwnVAE(3.0, **k), {"strength": 3.0, "kind": "i"}),
        (lambda **k: OwnVAE(3.0, "ii", **k), {"strength": 3.0, "kind": "ii"}),
        (
            lambda **k: StrongVAE(strength=3.0, kind="ii", **k),
            {"power": 2.0, "strength": 3.0, "kind": "ii"},
        ),
    ],
)
def test_options_of_a_subclass_are_attributes_and_saved(build, options, tmp_path):
    further = objectives.MMD(2.0, num_prior_samples=9)
    model = build(**_options(terms=[further], seed=5, capacity=4.0, capacity_per_image=True))
    model.save(tmp_path / "own.keras")
    loaded = keras.models.load_model(tmp_path / "own.keras")
    for same in (model, loaded):
        assert {name: getattr(same, name) for name in options} == options
        assert same.terms == [
            objectives.KL(),
            objectives.DIPPenalty(3.0, 2.0, options["kind"]),
            further,
        ]
    assert (loaded.seed, loaded.controls) == (5, model.controls)
    assert _values(loaded) == _values(model)


@pytest.fixture
def named():
    """The model under a name, as in a user's file."""
    yield registry.model("own_vae")(OwnVAE)
    del registry.MODELS["own_vae"]


def test_gin_binds_the_options_of_a_subclass(named):
    gin.parse_config("own_vae.strength = 3.0\nown_vae.beta_normalisation = True")
    builder = gin.get_configurable("own_vae")()
    assert builder.keywords == {"strength": 3.0, "beta_normalisation": True}
    assert builder.func is named
    for name in ("own_terms", "seed"):
        with pytest.raises(ValueError, match=name):
            gin.parse_config(f"own_vae.{name} = 1")


def test_networks_that_are_given_are_not_attributes_of_their_own():
    """Files and the order of the weights know them by the terms that train them."""
    critic = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model = models.FactorVAE(
        2.0, discriminator=critic, discriminator_optimizer=keras.optimizers.SGD(), **_options()
    )
    assert model.factor_tc_network is critic
    assert not {"discriminator", "discriminator_optimizer"} & set(vars(model))
    np.testing.assert_array_equal(
        OwnVAE(3.0, critic=critic, **_options()).count_params(),
        OwnVAE(3.0, **_options()).count_params(),
    )


def test_an_option_that_is_lost_is_an_error_when_the_model_is_saved():
    class Forgetful(models.VAE):
        def __init__(self, critic, **kwargs):
            super().__init__(**kwargs)

    with pytest.raises(AttributeError, match="critic"):
        Forgetful(keras.layers.Dense(1), **_options()).get_config()


def test_parameters_of_bases_count_as_far_as_they_are_passed_on():
    assert list(parameters_of(StrongVAE))[:4] == ["power", "strength", "kind", "critic"]
    assert {"image_shape", "terms", "own_terms"} <= set(parameters_of(StrongVAE))
    assert list(parameters_of(objectives.KL)) == ["weight"]
    assert list(parameters_of(objectives.CapacitySchedule)) == ["c_max", "iteration_threshold"]
