"""Laws that every registered model obeys, whatever its objective, its networks and its likelihood.

One step with finite gradients: every model with all networks and with all likelihoods, and every network
with all likelihoods. `.keras` file: every model twice, networks and likelihoods in turn. Exports, graphs
and mixed precision: every model once, networks and likelihoods in turn. Deep networks belong to one model.
"""

import inspect

import gin
import keras
import numpy as np
import pytest
import small_models
import tensorflow as tf
from one_of_each_kind import MODELS as KINDS
from one_of_each_kind import case, marked
from small_models import ONE_LAYER, batch, images, labelled, networks_of_terms

from tfdis import models, objectives, registry
from tfdis.export import export_frozen
from tfdis.export.model import computing_in_float32, vae_signatures
from tfdis.objectives import ReconstructionLoss

pytestmark = pytest.mark.usefixtures("few_filters", "few_units")
SHAPE = (16, 16, 1)
SETTINGS = small_models.settings() | {"fsq": {"levels": [8, 5, 4]}}
NAMES = sorted(models.MODELS)
# Models with a term that trains a network of its own.
WITH_NETWORKS_OF_TERMS = ["factor_qvae", "factor_vae", "ifcvae"]
# Every encoder and every decoder that is registered.
NETWORKS = {
    "broadcast": ("conv_encoder", "spatial_broadcast_decoder"),
    "conv": ("conv_encoder", "deconv_decoder"),
    "fc": ("fc_encoder", "fc_decoder"),
    "mlp": ("mlp_encoder", "mlp_decoder"),
    "padless": ("conv_padless_encoder", "conv_padless_decoder"),
    "residual": ("residual_encoder", "residual_decoder"),
    "scaled": ("scaled_residual_encoder", "scaled_residual_decoder"),
    "simple": ("conv_simple_encoder", "deconv_decoder"),
    "style": ("style_encoder", "style_decoder"),
    "sym": ("conv_sym_encoder", "conv_sym_decoder"),
}
# Networks of so many layers that to trace them takes seconds, by the model that they were published with.
DEEP = {
    "autoencoder": "broadcast",
    "factor_qvae": "scaled",
    "qlae": "style",
    "tripod": "residual",
}
SHALLOW = [name for name in NETWORKS if name not in DEEP.values()]
# Bases and wrappers of likelihoods.
NO_LIKELIHOODS = {ReconstructionLoss, objectives.StandardisedLoss}
# The smallest images that the networks can take, where it is not SHAPE.
SHAPES = {"padless": (64, 64, 1)}
LIKELIHOODS = [
    objectives.BernoulliLoss(),
    objectives.BernoulliLoss("tanh"),
    objectives.BoxBlurMSELoss(radius=3),
    objectives.ContinuousBernoulliLoss(),
    objectives.GaussianLoss(scale=0.5),
    objectives.GaussianLoss(scale=0.5, learn_scale=True),
    objectives.L2Loss(),
    objectives.LaplaceLoss("tanh", scale=0.1),
    objectives.MSELoss(),
]
# (model, networks, likelihood): every model twice, networks and likelihoods in turn, deep ones once.
TWICE = [
    (
        name,
        DEEP[name] if name in DEEP and index < len(NAMES) else SHALLOW[index % len(SHALLOW)],
        LIKELIHOODS[index % len(LIKELIHOODS)],
    )
    for index, name in enumerate([*NAMES, *NAMES])
]
# What depends on nothing else is shown for one model of each kind.
EACH_KIND = [marked(name) for name in NAMES]
ONCE = TWICE[: len(NAMES)]
ONCE_OF_EACH_KIND = [marked(*values) for values in ONCE]
PRODUCT = [(name, networks) for name in NAMES for networks in SHALLOW]
PRODUCT += [(name, networks) for own, networks in DEEP.items() for name in ("vae", own)]
# Codes of another kind than those of the VAE and the CVAE, whose exports tests/export has.
ONCE_BESIDE_EXPORTS = [case(values[0] == "qlae", *values) for values in ONCE]
# Steps differ: one optimiser, two, labels and two, pairs of images.
STEPS = ("vae", "factor_vae", "ifcvae", "ada_gvae")
EACH_STEP = [case(name in STEPS, name) for name in NAMES]
ONCE_OF_EACH_STEP = [case(values[0] in STEPS, *values) for values in ONCE]
TWICE_MARKED = [*ONCE_OF_EACH_KIND, *(case(False, *values) for values in TWICE[len(NAMES) :])]


@pytest.fixture
def few_units():
    """Hidden layers of 16 units, and one of them in the mlp."""
    for name, network in {**registry.ENCODERS, **registry.DECODERS}.items():
        for option in {"units", "hidden_units"} & set(inspect.signature(network).parameters):
            gin.bind_parameter(f"{name}.{option}", 16 if option == "units" else (16,))


def _pair(name, networks):
    """One model of each kind with its network, and the VAE with all others."""
    own = {kind: DEEP.get(kind, SHALLOW[NAMES.index(kind) % len(SHALLOW)]) for kind in KINDS}
    is_others = name == "vae" and networks not in own.values()
    return case(own.get(name) == networks or is_others, name, networks)


def _model(name, **kwargs):
    encoder, decoder = NETWORKS["mlp"]
    options = {"image_shape": SHAPE, "latent_dim": 3, "encoder": encoder, "decoder": decoder}
    options |= SETTINGS[name] | networks_of_terms(name, 3, SHAPE) | kwargs
    return models.MODELS[name](**options)


def _combined(name, networks, likelihood):
    """A model with these networks and this likelihood."""
    encoder, decoder = NETWORKS[networks]
    # A learned scale is not shared between models.
    own = type(likelihood).from_config(likelihood.get_config())
    options = {"image_shape": SHAPES.get(networks, SHAPE), "encoder": encoder, "decoder": decoder}
    if name == "ifcvae":
        options["label_encoder"] = None  # The published one.
    return _model(name, reconstruction_loss=own, **options)


def _labelled(model):
    """Images with labels for a supervised term, if there is one."""
    return labelled(4, model.image_shape) if model.is_semi_supervised else None


def _stream(model, num=8):
    x, *labels = batch(model, num)
    y = (*labels, *_labelled(model)) if model.is_semi_supervised else (labels or [None])[0]
    return tf.data.Dataset.from_tensors(x if y is None else (x, y)).repeat()


def _outputs(model, step=1, num=8, training=False):
    x, *labels = batch(model, num)
    step = tf.constant(step, tf.int64)
    return model.outputs(x, step, *labels, training=training, labelled=_labelled(model))


def _own_config(model):
    """The configuration without the networks, whose outputs are compared instead."""
    networks = ("encoder", "decoder", "discriminator", "label_encoder", "label_discriminator")
    return {k: v for k, v in model.get_config().items() if k not in networks}


def _assert_finite(gradients, variables):
    for variable, gradient in zip(variables, gradients, strict=True):
        assert gradient is not None, variable.path
        assert np.isfinite(gradient).all(), variable.path


def test_every_model_has_small_settings():
    assert set(SETTINGS) == set(models.MODELS)


def test_every_network_and_every_likelihood_is_here():
    encoders, decoders = zip(*NETWORKS.values(), strict=True)
    assert set(encoders) == set(registry.ENCODERS)
    assert set(decoders) == set(registry.DECODERS)
    losses = {
        cls
        for cls in vars(objectives).values()
        if isinstance(cls, type) and issubclass(cls, ReconstructionLoss)
    }
    assert {type(loss) for loss in LIKELIHOODS} == losses - NO_LIKELIHOODS


def _in_turn(name, networks):
    """Likelihoods of a pair, so that every model and every network meets each of them."""
    if networks not in SHALLOW:
        return LIKELIHOODS
    per_pair = -(-len(LIKELIHOODS) // len(SHALLOW))
    first = (NAMES.index(name) + SHALLOW.index(networks)) * per_pair
    return [LIKELIHOODS[i % len(LIKELIHOODS)] for i in range(first, first + per_pair)]


def test_likelihoods_in_turn_leave_none_out():
    for position in (0, 1):
        met = {kind: set() for kind in (*NAMES, *NETWORKS)}
        for pair in PRODUCT:
            met[pair[position]] |= {LIKELIHOODS.index(loss) for loss in _in_turn(*pair)}
        kinds = (NAMES, NETWORKS)[position]
        assert all(met[kind] == set(range(len(LIKELIHOODS))) for kind in kinds)


@pytest.mark.long
@pytest.mark.parametrize(("name", "networks"), [_pair(*pair) for pair in PRODUCT])
def test_one_step_gives_every_variable_a_finite_gradient(name, networks):
    """The batch runs through the networks once, the loss of each likelihood back alone."""
    likelihoods = _in_turn(name, networks)
    model = _combined(name, networks, LIKELIHOODS[0])
    variables = [*model.model_variables]
    with tf.GradientTape(persistent=True) as tape:
        outputs = _outputs(model, num=4, training=True)
        own_losses = [term.own_loss(outputs, outputs) for term in model.trained_terms]
        losses = []
        for likelihood in likelihoods:
            model.reconstruction_loss = likelihood
            losses.append(model.losses_of(outputs)["loss"])
    for likelihood, loss in zip(likelihoods, losses, strict=True):
        scale = likelihood.layer.trainable_variables if likelihood.layer else []
        _assert_finite(tape.gradient(loss, [*variables, *scale]), [*variables, *scale])
    for term, own_loss in zip(model.trained_terms, own_losses, strict=True):
        own = term.network.trainable_variables
        _assert_finite(tape.gradient(own_loss, own), own)
        variables += own
    assert {id(v) for v in variables} == {id(v) for v in model.trainable_variables}


@pytest.mark.parametrize("name", NAMES)
def test_a_configuration_builds_the_model_again(name):
    model = _model(name, **ONE_LAYER)
    again = type(model).from_config(model.get_config())
    assert _own_config(again) == _own_config(model)
    assert [(t.name, t.weight) for t in again.terms] == [(t.name, t.weight) for t in model.terms]
    assert [v.shape for v in again.weights] == [v.shape for v in model.weights]


@pytest.mark.long
@pytest.mark.parametrize(("name", "networks", "likelihood"), TWICE_MARKED)
def test_keras_file_keeps_configuration_and_outputs(name, networks, likelihood, tmp_path):
    model = _combined(name, networks, likelihood)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = images(2, model.image_shape)
    assert loaded.reconstruction_loss == model.reconstruction_loss
    assert type(loaded) is type(model)
    assert _own_config(loaded) == _own_config(model)
    assert [(t.name, t.weight) for t in loaded.terms] == [(t.name, t.weight) for t in model.terms]
    outputs = loaded(x)
    for key, value in model(x).items():
        np.testing.assert_array_equal(outputs[key], value)
    expected, received = (m.losses_of(_outputs(m, num=2)) for m in (model, loaded))
    assert {k: float(v) for k, v in received.items()} == {k: float(v) for k, v in expected.items()}


@pytest.mark.long
@pytest.mark.parametrize(
    "name", [case(name != "ifcvae", name) for name in ("factor_vae", "ifcvae", "vae")]
)
def test_a_step_saved_and_loaded_and_another_equal_two(name, tmp_path, eagerly):
    """Also for the networks of terms, whose optimisers Keras does not save."""
    at_once = _model(name)
    in_parts = type(at_once).from_config(at_once.get_config())
    in_parts.set_weights(at_once.get_weights())
    for model, steps in ((at_once, 2), (in_parts, 1)):
        model.compile(optimizer=keras.optimizers.Adam(1e-2))
        model.fit(_stream(model), steps_per_epoch=steps, verbose=0, shuffle=False)
    in_parts.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    loaded.fit(_stream(loaded), steps_per_epoch=1, verbose=0, shuffle=False)
    for a, b in zip(loaded.weights, at_once.weights, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=a.path)


@pytest.mark.long
@pytest.mark.parametrize("name", [case(name in ("vae", "cvae"), name) for name in NAMES])
def test_keras_s_own_export_needs_no_call_before(name, tmp_path):
    model = _model(name)
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    served = exported.serve(images(2, SHAPE))
    for key, value in model(images(2, SHAPE)).items():
        np.testing.assert_allclose(served[key], value, rtol=1e-5, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("name", EACH_KIND)
def test_options_of_the_objective_and_further_terms_are_those_of_the_configuration(name):
    has_kl = any(term.is_kl for term in _model(name).terms)
    options = {
        "reconstruction_weight": objectives.LinearSchedule(3.0, 1.0, end_step=50),
        "beta_normalisation": True,
        "terms": [_Constant(objectives.CosineSchedule(0.0, 1.0, end_step=9))],
    }
    if has_kl:
        options |= {"capacity": objectives.CapacitySchedule(5.0, 100), "capacity_per_image": True}
    model = _model(name, **options)
    again = type(model).from_config(model.get_config())
    assert again.controls == model.controls
    assert again.terms[-1] == model.terms[-1]
    plain = _model(name)
    plain.set_weights(model.get_weights())
    losses, without = (m.losses_of(_outputs(m, 25)) for m in (model, plain))
    assert float(losses["reconstruction_loss"]) == float(without["reconstruction_loss"])
    assert float(losses["loss"]) == pytest.approx(
        2.0 * float(losses["reconstruction_loss"]) / (16 * 16 * 1) + float(losses["regularizer"]),
        rel=1e-5,
    )


@keras.saving.register_keras_serializable("tests")
class _Constant(objectives.Term):
    """A further term that is 1."""

    name = "constant"

    def value(self, outputs):
        return tf.ones([])


@pytest.mark.long
@pytest.mark.parametrize("name", EACH_STEP)
def test_training_lowers_the_loss_with_plain_compile_and_fit(name):
    model = _model(name)
    model.compile(optimizer=keras.optimizers.Adam(1e-2))
    history = model.fit(_stream(model), steps_per_epoch=8, epochs=2, verbose=0, shuffle=False)
    assert history.history["loss"][1] < history.history["loss"][0]
    assert bool(model.trained_terms) == (name in WITH_NETWORKS_OF_TERMS)
    evaluated = model.evaluate(_stream(model), steps=2, verbose=0, return_dict=True)
    assert set(evaluated) == set(history.history)


@pytest.mark.long
@pytest.mark.parametrize(("name", "networks", "likelihood"), ONCE_OF_EACH_STEP)
def test_graph_equals_eager(name, networks, likelihood):
    model = _combined(name, networks, likelihood)
    step = tf.constant(3, tf.int64)
    given = batch(model)

    def losses(x, *labels):
        return model.losses_of(model.outputs(x, step, *labels, labelled=_labelled(model)))

    eager, graph = losses(*given), tf.function(losses)(*given)
    # Second differences cancel digits.
    inexact = ("hessian_penalty", "regularizer", "loss") if "hessian_penalty" in eager else ()
    for key, value in eager.items():
        rtol = 1e-2 if key in inexact else 1e-5
        np.testing.assert_allclose(graph[key], value, rtol=rtol, atol=1e-5, err_msg=key)


@pytest.mark.long
@pytest.mark.parametrize(("name", "networks", "likelihood"), ONCE_OF_EACH_STEP)
@pytest.mark.parametrize("policy", [case(True, "mixed_bfloat16"), case(False, "mixed_float16")])
def test_mixed_precision_trains_with_float32_variables_and_losses(
    name, networks, likelihood, policy, eagerly
):
    if (policy, networks) == ("mixed_float16", "padless"):
        networks = "conv"  # CPUs convolve 64x64 images in float16 within 20 seconds.
    keras.mixed_precision.set_dtype_policy(policy)
    try:
        model = _combined(name, networks, likelihood)
        model.compile(optimizer="adam")
        history = model.fit(_stream(model, 2), steps_per_epoch=2, verbose=0, shuffle=False)
    finally:
        keras.mixed_precision.set_dtype_policy("float32")
    assert {v.dtype for v in model.trainable_variables} == {"float32"}
    x = images(2, model.image_shape)
    assert model(x)["reconstruction"].dtype == tf.float32
    assert np.isfinite(history.history["loss"]).all()


@pytest.mark.long
@pytest.mark.parametrize("name", [case(name == "factor_vae", name) for name in NAMES])
def test_it_trains_inside_of_a_strategy(name):
    """With one replica: tests/training/test_train.py has two, which take a process of their own."""
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = _model(name)
        model.compile(optimizer="adam")
    history = model.fit(_stream(model), steps_per_epoch=2, verbose=0, shuffle=False)
    assert np.isfinite(history.history["loss"]).all()


@pytest.mark.long
@pytest.mark.parametrize(("name", "networks", "likelihood"), ONCE_BESIDE_EXPORTS)
def test_an_exported_model_is_read_back_equal(name, networks, likelihood, tmp_path):
    """What dlib reads: images -> (mean, log_var), and latents -> logits."""
    model = _combined(name, networks, likelihood)
    x, path = images(2, model.image_shape), str(tmp_path / "tfhub")
    with computing_in_float32(model):
        export_frozen(vae_signatures(model), path)
    signatures = tf.saved_model.load(path).signatures
    mean, log_var = model.encoder(x, training=False)
    assert mean.shape == log_var.shape == (2, 3)
    encoded, mean = signatures["gaussian_encoder"](images=x), model.code(mean)
    np.testing.assert_allclose(encoded["mean"], mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(encoded["logvar"], log_var, rtol=1e-5, atol=1e-6)
    for key, (_, specs) in model.extra_signatures().items():
        given = {k: tf.zeros([2, *spec.shape[1:]]) for k, spec in specs.items()}
        for output in signatures[key](**given).values():
            assert output.dtype == tf.float32
            assert len(output) == 2
    if "decoder" not in model.extra_signatures():
        expected = model.decoder(mean, training=False)
        if likelihood.activation == "linear":
            expected = model.reconstruction_loss.images(expected)
        decoded = signatures["decoder"](latent_vectors=mean)["images"]
        np.testing.assert_allclose(decoded, expected, rtol=1e-4, atol=1e-5)
    assert signatures["reconstructions"](images=x)["images"].shape == x.shape
