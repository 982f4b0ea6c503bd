"""Terms: their values on known outputs, weights, schedules and bad arguments."""

import numpy as np
import pytest
import tensorflow as tf

from tfdis import objectives, ops

RNG = np.random.default_rng(0)
MEAN, LOG_VAR, Z = (tf.constant(RNG.normal(size=(6, 3)), tf.float32) for _ in range(3))


def _outputs(step=0):
    return objectives.Outputs(
        x=None,
        reconstruction=None,
        posterior=None,
        mean=MEAN,
        log_var=LOG_VAR,
        z=Z,
        step=tf.constant(step, tf.int64),
    )


def _kl():
    mean, log_var = MEAN.numpy().astype("float64"), LOG_VAR.numpy().astype("float64")
    return (0.5 * (mean**2 + np.exp(log_var) - log_var - 1)).sum(1).mean()


def test_kl_is_weighted():
    value, weighted = objectives.KL(4.0)(_outputs())
    assert float(value) == pytest.approx(_kl(), rel=1e-6)
    assert float(weighted) == pytest.approx(4 * _kl(), rel=1e-6)


def test_a_weight_may_be_a_schedule_of_the_step():
    ramp = objectives.KL(lambda step: tf.cast(step, tf.float32) / 10)
    assert float(ramp(_outputs(5))[1]) == pytest.approx(0.5 * _kl(), rel=1e-6)


@pytest.mark.parametrize(("step", "capacity"), [(0, 0.0), (50, 2.5), (100, 5.0), (1000, 5.0)])
def test_capacity_grows_linearly_and_stops(step, capacity):
    term = objectives.CapacityKL(1000.0, c_max=5.0, iteration_threshold=100)
    value, weighted = term(_outputs(step))
    assert float(value) == pytest.approx(abs(_kl() - capacity), rel=1e-5)
    assert float(weighted) == pytest.approx(1000 * abs(_kl() - capacity), rel=1e-5)


def test_total_correlation_is_logged_as_an_estimate_with_the_gradient_of_mws():
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(Z)
        value, weighted = objectives.TotalCorrelation(3.0, dataset_size=50)(_outputs())
        minimised = 3 * ops.total_correlation(Z, MEAN, LOG_VAR, "mws")
    expected = float(ops.total_correlation(Z, MEAN, LOG_VAR, "even", 50))
    assert float(value) == pytest.approx(expected)
    assert float(weighted) == pytest.approx(3 * expected, rel=1e-5)
    np.testing.assert_allclose(
        tape.gradient(weighted, Z), tape.gradient(minimised, Z), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("kind", ["i", "ii"])
def test_dip_penalty_counts_how_far_covariances_are_from_the_identity(kind):
    mean, log_var = MEAN.numpy().astype("float64"), LOG_VAR.numpy().astype("float64")
    covariance = np.cov(mean, rowvar=False, bias=True)
    if kind == "ii":
        covariance += np.diag(np.exp(log_var).mean(axis=0))
    deviation = (covariance - np.eye(3)) ** 2
    diagonal = np.trace(deviation)
    expected = 5 * (deviation.sum() - diagonal) + 10 * diagonal
    value, weighted = objectives.DIPPenalty(5.0, 10.0, kind, weight=2.0)(_outputs())
    assert float(value) == pytest.approx(expected, rel=1e-5)
    assert float(weighted) == pytest.approx(2 * expected, rel=1e-5)


def test_mmd_compares_the_codes_with_a_thousand_samples_of_the_prior():
    term = objectives.MMD(10.0, seed=3)
    prior = term.prior_samples(tf.constant(7, tf.int64), 3)
    assert prior.shape == (1000, 3)
    np.testing.assert_allclose(np.mean(prior, 0), 0.0, atol=0.15)
    np.testing.assert_allclose(np.cov(prior, rowvar=False), np.eye(3), atol=0.15)
    value, weighted = term(_outputs(7))
    assert float(value) == pytest.approx(float(ops.mmd(Z, prior)))
    assert float(weighted) == pytest.approx(10 * float(value))


def test_prior_samples_are_a_function_of_seed_and_step_and_not_the_posteriors_noise():
    step = tf.constant(4, tf.int64)
    samples = objectives.MMD(seed=1).prior_samples(step, 3).numpy()
    np.testing.assert_array_equal(objectives.MMD(seed=1).prior_samples(step, 3), samples)
    in_graph = tf.function(lambda s: objectives.MMD(seed=1).prior_samples(s, 3))(step)
    np.testing.assert_array_equal(in_graph, samples)
    for other in (
        objectives.MMD(seed=2).prior_samples(step, 3),
        objectives.MMD(seed=1).prior_samples(step + 1, 3),
        tf.random.stateless_normal([1000, 3], [1, 4]),
    ):
        assert abs(np.corrcoef(np.ravel(other), samples.ravel())[0, 1]) < 0.1


def test_kl_to_a_learned_prior_starts_as_the_plain_kl_and_has_its_closed_form():
    term = objectives.LearnedPriorKL(3, weight=2.0, penalty_weight=5.0)
    value, weighted = term(_outputs())
    assert float(value) == pytest.approx(_kl(), rel=1e-5)
    assert float(weighted) == pytest.approx(2 * _kl(), rel=1e-5)
    alpha = np.array([0.25, 1.0, 3.0])
    term.layer.log_precision.assign(np.log(alpha))
    mean, log_var = MEAN.numpy().astype("float64"), LOG_VAR.numpy().astype("float64")
    expected = 0.5 * (alpha * (mean**2 + np.exp(log_var)) - np.log(alpha) - log_var - 1)
    value, weighted = term(_outputs())
    assert float(value) == pytest.approx(expected.sum(1).mean(), rel=1e-5)
    penalty = 5.0 * ((1 / alpha - 1) ** 2).sum()
    assert float(weighted - 2 * value) == pytest.approx(penalty, rel=1e-4)
    per_image = objectives.LearnedPriorKL(3, 2.0, 5.0, penalty_scale="per_image")
    per_image.layer.log_precision.assign(np.log(alpha))
    value, weighted = per_image(_outputs())
    assert float(weighted - 2 * value) == pytest.approx(penalty / len(mean), rel=1e-4)


def test_a_learned_prior_fits_the_second_moment_of_the_codes():
    # Without the penalty the best variance 1/alpha_j is the mean of mean^2 + exp(log_var).
    term = objectives.LearnedPriorKL(3, penalty_weight=0.0)
    second_moment = np.mean(MEAN.numpy() ** 2 + np.exp(LOG_VAR), axis=0)
    term.layer.log_precision.assign(-np.log(second_moment))
    with tf.GradientTape() as tape:
        loss = term(_outputs())[1]
    gradient = tape.gradient(loss, term.layer.trainable_variables)[0]
    np.testing.assert_allclose(gradient, 0.0, atol=1e-6)


def test_elbo_decomposition_weights_its_three_parts():
    parts = [float(part) for part in ops.elbo_decomposition(Z, MEAN, LOG_VAR, "even", 50)]
    term = objectives.ELBODecomposition(2.0, 3.0, 5.0, dataset_size=50, weight=7.0)
    value, weighted = term(_outputs())
    expected = 2 * parts[0] + 3 * parts[1] + 5 * parts[2]
    assert float(value) == pytest.approx(expected, rel=1e-5)
    assert float(weighted) == pytest.approx(7 * expected, rel=1e-5)


@pytest.mark.parametrize(
    "build",
    [
        lambda: objectives.KL(-1.0),
        lambda: objectives.KL(float("nan")),
        lambda: objectives.CapacityKL(-1.0, 1.0, 1),
        lambda: objectives.CapacityKL(1.0, -1.0, 1),
        lambda: objectives.CapacityKL(1.0, 1.0, 0),
        lambda: objectives.TotalCorrelation(1.0, "mss"),
        lambda: objectives.DIPPenalty(-1.0, 1.0),
        lambda: objectives.DIPPenalty(1.0, 1.0, "iii"),
        lambda: objectives.MMD(-1.0),
        lambda: objectives.MMD(kernel="rbf"),
        lambda: objectives.MMD(num_prior_samples=1),
        lambda: objectives.LearnedPriorKL(3, penalty_weight=-1.0),
        lambda: objectives.LearnedPriorKL(3, penalty_scale="mean"),
        lambda: objectives.ELBODecomposition(alpha=-1.0),
        lambda: objectives.ELBODecomposition(estimator="mss"),
    ],
)
def test_bad_arguments_are_refused(build):
    with pytest.raises(ValueError, match="Received"):
        build()


@pytest.mark.parametrize(
    "term",
    [
        objectives.KL(2.0),
        objectives.CapacityKL(10.0, 25.0, 100),
        objectives.TotalCorrelation(3.0, "mss", 99),
        objectives.BernoulliLoss("tanh", True),
        objectives.L2Loss("linear"),
        objectives.DIPPenalty(1.0, 10.0, "ii", weight=0.5),
        objectives.MMD(1000.0, 200, "gaussian", "unbiased", 0.5, seed=4),
        objectives.LearnedPriorKL(3, 2.0, 5.0, "per_image"),
        objectives.ELBODecomposition(0.0, 6.0, 1.0, "mss", 99, 2.0),
        objectives.ContinuousBernoulliLoss("tanh"),
        objectives.GaussianLoss("linear", 0.5, learn_scale=True),
        objectives.LaplaceLoss("tanh", 0.5),
        objectives.MSELoss("logits"),
        objectives.BoxBlurMSELoss("logits", 3, 7.0),
    ],
)
def test_configuration_round_trip(term):
    assert type(term).from_config(term.get_config()) == term
