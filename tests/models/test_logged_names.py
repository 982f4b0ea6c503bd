"""Every name that a model or a term logs is the quantity that it says, against formulas in float64."""

import itertools

import keras
import numpy as np
import one_of_each_kind
import pytest
import tensorflow as tf
from logged_cases import (
    BATCH,
    CASES,
    FACTOR_SIZES,
    LATENT_DIM,
    STEP,
    labelled_batch,
    log_one_step,
    registered,
)
from scipy import linalg, special, stats

from tfdis import models, objectives
from tfdis.objectives.factor_tc import permute_latents

NUM_PIXELS = 16
OF_EACH_KIND = [one_of_each_kind.case(c.name in one_of_each_kind.MODELS, c) for c in CASES]


def _term(model, cls):
    return next(term for term in model.terms if isinstance(term, cls))


def _float64(*tensors):
    return [np.asarray(tensor, np.float64) for tensor in tensors]


def _reconstruction(model, outputs, second):
    x, logits = _float64(outputs.x, outputs.reconstruction)
    return (np.logaddexp(0.0, logits) - x * logits).sum((1, 2, 3)).mean()


def _precision(model):
    terms = [t for t in model.terms if isinstance(t, objectives.LearnedPriorKL)]
    return np.exp(np.asarray(terms[0].log_precision, np.float64)) if terms else np.ones(LATENT_DIM)


def _kl(model, outputs, second):
    (mean, log_var), alpha = _float64(outputs.mean, outputs.log_var), _precision(model)
    for term in model.terms:
        if isinstance(term, objectives.ConditionalPriorKL):
            one_hot = [np.eye(n)[outputs.labels[:, i]] for i, n in term.classes]
            alpha = np.exp(-_float64(term.layer(np.concatenate(one_hot, axis=1)))[0])
    kl = 0.5 * (alpha * (mean**2 + np.exp(log_var)) - np.log(alpha) - log_var - 1)
    return kl.sum(1).mean()


def _controlled_beta(error):
    return max(0.5 / (1 + np.exp(error)) + 1.0 - 0.25 * error, 1.0)


def _laplace_transition(model, outputs, second):
    """E|u| by quadrature over quantiles of u."""
    term = _term(model, objectives.LaplaceTransition)
    mean, log_var = _float64(outputs.mean, outputs.log_var)
    normal = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    total = 0.0
    for row, other in [(i, i + 1 - 2 * (i % 2)) for i in range(len(mean))]:
        deviations = np.exp(log_var[row] / 2)
        moves = np.abs((mean[row] - mean[other])[:, None] + deviations[:, None] * normal).mean(1)
        entropies = np.log(deviations) + 0.5 * np.log(2 * np.pi * np.e)
        share = 0.5 if term.form == "code" else 1.0
        total += (term.rate * moves - np.log(term.rate / 2) - share * entropies).sum()
    return total / (len(mean) / 2)


def _group_features(model, outputs, second):
    features, z, generators = _float64(outputs.features, outputs.z, outputs.generators)
    elements = [linalg.expm(np.tensordot(row, generators, 1)) for row in z]
    return ((features - elements) ** 2).sum((1, 2)).mean()


def _of_generators(model, outputs, second):
    """The products of different generators, and the commutators, by loops."""
    (a,) = _float64(outputs.generators)
    pairs = list(itertools.product(range(LATENT_DIM), repeat=2))
    products = sum(((a[i] @ a[j]) ** 2).sum() for i, j in pairs if i != j)
    is_true = _term(model, objectives.Commutator).form == "true"
    others = [a[j] @ a[i] if is_true else (a[i] @ a[j]).T for i, j in pairs]
    distances = [((a[i] @ a[j] - b) ** 2).sum() for (i, j), b in zip(pairs, others, strict=True)]
    return products / LATENT_DIM**2, sum(distances) / LATENT_DIM**2


def _parts_of_kl(outputs, term):
    """Mutual information, total correlation and dimension-wise KL, by loops over pairs of images."""
    z, mean, log_var = _float64(outputs.z, outputs.mean, outputs.log_var)
    log_q = stats.norm.logpdf(z[:, None], mean[None], np.exp(log_var / 2)[None])
    num, size = len(z), term.dataset_size or outputs.dataset_size or len(z)
    weights = np.full([num, num], (1 - 1 / size) / (num - 1))
    if term.estimator == "mss":
        weights[:] = 1 / (num - 1)
        for i in range(num):
            weights[i, (i + 1) % num] = 1 / (num - 1) - 1 / size
    np.fill_diagonal(weights, 1 / size)
    own = log_q[range(num), range(num)].sum(1)
    joint = special.logsumexp(np.log(weights) + log_q.sum(2), axis=1)
    product = special.logsumexp(np.log(weights)[..., None] + log_q, axis=1).sum(1)
    prior = stats.norm.logpdf(z).sum(1)
    return (own - joint).mean(), (joint - product).mean(), (product - prior).mean()


def _decomposed_kl(model, outputs, second):
    term = _term(model, objectives.ELBODecomposition)
    information, total_correlation, dimension_kl = _parts_of_kl(outputs, term)
    return term.alpha * information + term.beta * total_correlation + term.gamma * dimension_kl


def _factor_tc(model, outputs, second):
    term = _term(model, objectives.FactorTC)
    (logits,) = _float64(term.network(_flat(term.codes(outputs))))
    return (logits[:, 0] - logits[:, 1]).mean()


def _flat(codes):
    return tf.reshape(codes, [len(codes), -1])


def _discriminators_loss(model, outputs, second):
    term = _term(model, objectives.FactorTC)
    permuted = permute_latents(term.codes(second), term._seed(outputs.draw))
    seen = term.codes(outputs), permuted
    logits = _float64(*(term.network(_flat(codes)) for codes in seen))
    return -0.5 * sum(
        special.log_softmax(values, 1)[:, i].mean() for i, values in enumerate(logits)
    )


def _dip_penalty(model, outputs, second):
    term = _term(model, objectives.DIPPenalty)
    mean, log_var = _float64(outputs.mean, outputs.log_var)
    matrix = np.cov(mean, rowvar=False, bias=True)
    matrix += np.diag(np.exp(log_var).mean(0)) if term.kind == "ii" else 0
    diagonal = np.diag(matrix)
    off_diagonal = (matrix**2).sum() - (diagonal**2).sum()
    return term.lambda_od * off_diagonal + term.lambda_d * ((diagonal - 1) ** 2).sum()


def _mmd(model, outputs, second):
    prior = _term(model, objectives.MMD).prior_samples(outputs.draw, LATENT_DIM)
    z, prior = _float64(outputs.z, prior)

    def kernel(a, b):
        return np.exp(-((a[:, None] - b[None]) ** 2).sum(2) / LATENT_DIM**2).mean()

    return kernel(z, z) + kernel(prior, prior) - 2 * kernel(z, prior)


def _factorised_support(model, outputs, second):
    pairs = _term(model, objectives.FactorisedSupport).pairs(outputs.draw, LATENT_DIM).numpy()
    (mean,) = _float64(outputs.mean)
    return sum(
        max(
            min((a - m[i]) ** 2 + (b - m[j]) ** 2 for m in mean)
            for a in mean[:, i]
            for b in mean[:, j]
        )
        for i, j in pairs
    )


def _support_shrinkage(model, outputs, second):
    deviations = np.sqrt(np.var(_float64(outputs.mean)[0], axis=0, ddof=1) + 1e-6)
    return np.maximum(0, 1 - deviations).sum()


def _distance_to_the_values(model, outputs, second):
    """Of a code to the nearest value of its latent's table, or to what the tanh's grid has there."""
    (mean,) = _float64(outputs.mean)
    if isinstance(model, models.QLAE):
        (tables,) = _float64(model.quantiser.values)
        distances = np.abs(mean[:, :, None] - tables).min(2)
    else:
        level = model.quantiser.levels[0]
        half, offset = (level - 1) * (1 - 1e-3) / 2, 0.5 * (level % 2 == 0)
        bounded = half * np.tanh(mean + np.tan(offset / half)) - offset
        distances = (bounded - np.round(bounded)) / (level // 2)
    return (distances**2).mean()


def _codebook_kl(model, outputs, second):
    mean, table = _float64(outputs.mean, model.quantiser.values)
    p = special.softmax(-((mean[:, :, None] - table) ** 2), axis=2)
    return (p * np.log(len(table) * p + 1e-10)).sum(2).mean()


def _continuous(model, outputs):
    """Codes before they are rounded."""
    (mean,) = _float64(outputs.mean)
    return np.tanh(mean) if model.is_quantised else mean


def _kernel_information(model, outputs, second):
    """By loops over pairs of images; the marginals' kernels are as wide as the deviations."""
    (z,) = _float64(outputs.z)
    num, dim = z.shape
    deviations = _continuous(model, outputs).std(0) + 1e-6
    factor = (4 / (dim + 2)) ** (1 / (dim + 4)) * num ** (-1 / (dim + 4))
    log_joint = stats.norm.logpdf(z[:, None], z[None], factor * deviations).sum(2)
    log_own = stats.norm.logpdf(z[:, None], z[None], deviations)
    joint = special.logsumexp(log_joint, axis=1) - np.log(num)
    return (joint - (special.logsumexp(log_own, axis=1) - np.log(num)).sum(1)).mean()


def _hessian_penalty(model, outputs, second):
    """Of the curved decoder's two hidden layers, whose outputs are those of its kernels."""
    term = _term(model, objectives.HessianPenalty)
    (z,) = _float64(outputs.z)
    with_kernel = [x for x in model.decoder.layers if getattr(x, "kernel", None) is not None]
    first, hidden = with_kernel[:2]
    w, a, v, b = _float64(first.kernel, first.bias, hidden.kernel, hidden.bias)

    def layers(points):
        inner = points @ w + a
        return inner, np.tanh(np.tanh(inner) @ v + b)

    moves = 0.1 * (_continuous(model, outputs).std(0) + 1e-6)
    found = []
    for directions in term.directions(outputs.draw, tf.shape(outputs.z)):
        sides = []
        for direction in _float64(*directions):
            parts = layers(z + moves * direction), layers(z), layers(z - moves * direction)
            sides.append([(a - 2 * m + b) / 0.01 for a, m, b in zip(*parts, strict=True)])
        found.append([np.var(pair, axis=0).mean(1) for pair in zip(*sides, strict=True)])
    return sum((mixed / (every + 1e-10)).mean() for mixed, every in zip(*found, strict=True))


def _label_cross_entropy(network, inputs, labels):
    """Mean of -log softmax, summed over both factors."""
    parts = np.split(np.asarray(network(inputs), np.float64), np.cumsum(FACTOR_SIZES)[:-1], axis=1)
    rows = range(len(labels))
    return -sum(
        special.log_softmax(p, 1)[rows, y].mean()
        for p, y in zip(parts, labels.numpy().T, strict=True)
    )


def _reconstructed_label(model, outputs, second):
    network = _term(model, objectives.ReconstructedLabel).network
    return _label_cross_entropy(network, tf.sigmoid(outputs.reconstruction), outputs.labels)


def _label_encoders_loss(model, outputs, second):
    term = _term(model, objectives.ReconstructedLabel)
    on_images = _label_cross_entropy(term.network, outputs.x, outputs.labels)
    on_reconstructions = _reconstructed_label(model, outputs, second)
    return term.weight * (on_reconstructions if term.learns_from_reconstructions else on_images)


def _adversarys_loss(model, outputs, second):
    network = _term(model, objectives.AdversarialLabel).network
    return _label_cross_entropy(network, outputs.z, outputs.labels)


def _supervised_loss(model, outputs, second):
    term = _term(model, objectives.SupervisedTerm)
    mean, labels = _float64(outputs.labelled.mean, outputs.labelled.labels)
    first, fractions = mean[:, : len(FACTOR_SIZES)], labels / FACTOR_SIZES
    if isinstance(term, objectives.SupervisedCrossEntropy):
        p = special.expit(first)
        return -(fractions * np.log(p) + (1 - fractions) * np.log(1 - p)).sum()
    if isinstance(term, objectives.SupervisedL2):
        if not term.learn_scale:
            return ((special.expit(first) - fractions) ** 2).sum()
        return ((first * float(term.layer.scale) - labels) ** 2).sum()
    if isinstance(term, objectives.SupervisedCovariance):
        pairs = [(i, j) for i in range(LATENT_DIM) for j in range(len(FACTOR_SIZES)) if i != j]
        return sum(np.cov(mean[:, i], labels[:, j], bias=True)[0, 1] ** 2 for i, j in pairs)
    if isinstance(term, objectives.SupervisedEmbedding):
        return _embedding_loss(term, first, labels)
    information = _mutual_information(term, outputs)
    return (information**2).sum() - (np.diag(information) ** 2).sum()


def _embedding_loss(term, first, labels):
    total = 0.0
    for j, size in enumerate(FACTOR_SIZES):
        numbers = [float(v) for c in term.layer.coordinates[j] for v in np.atleast_1d(c.numpy())]
        bias, slope = numbers if term.use_order else (None, None)
        places = [slope * k + bias for k in range(size)] if term.use_order else numbers
        sigma = float(term.layer.sigmas[j][0]) if term.sigma == "learn" else term.sigma
        logits = -((sigma * (first[:, j, None] - np.array(places))) ** 2)
        chosen = special.log_softmax(logits, 1)[range(len(first)), labels[:, j].astype(int)]
        total -= chosen.mean()
    return total


def _mutual_information(term, outputs):
    """MINE's estimate of every factor and latent, by a loop over networks of one hidden layer."""
    mean, labels = _float64(outputs.labelled.mean, outputs.labelled.labels)
    network = term.network
    weights = _float64(network.of_code, network.of_label, network.of_hidden, network.bias)
    seed = [term.seed + 5381, int(outputs.draw)]
    repeated = tf.constant(np.repeat(labels, LATENT_DIM, axis=1), tf.float32)
    permuted = np.asarray(permute_latents(repeated, seed), np.float64)
    information = np.zeros([len(FACTOR_SIZES), LATENT_DIM])
    for j, i in itertools.product(range(len(FACTOR_SIZES)), range(LATENT_DIM)):
        a, b, v, c = (array[j, i] for array in weights)

        def statistic(r, y, a=a, b=b, v=v, c=c, j=j, i=i):
            inner = np.outer(r, a) + np.outer(y, b) + c
            hidden = np.where(inner > 0, inner, np.exp(np.minimum(inner, 0)) - 1)
            return hidden @ v + float(network.last_bias[j, i])

        joint = statistic(mean[:, i], labels[:, j])
        product = statistic(mean[:, i], permuted[:, j * LATENT_DIM + i])
        information[j, i] = joint.mean() - np.log(np.exp(product).mean())
    return information


def _pair_statistics_loss(model, outputs, second):
    return -_mutual_information(_term(model, objectives.SupervisedMINE), outputs).sum()


# Scalar -> its formula, of the model and the outputs of its batch and of the second one. `regularizer` and
# `loss` are sums of others.
MEANINGS = {
    "step": lambda *_: STEP + 1,
    "learning_rate": lambda *_: 0.125,
    "reconstruction_loss": _reconstruction,
    "kl_loss": _kl,
    "elbo": lambda *given: -_reconstruction(*given) - _kl(*given),
    # Half of the steps to a capacity of 4 nats are done.
    "capacity_deviation": lambda *given: abs(_kl(*given) - 2.0),
    # From the state of the start: I = -k_i e, since W = beta_min.
    "controlled_beta": lambda *given: _controlled_beta(2.0 - _kl(*given)),
    "laplace_transition": _laplace_transition,
    "group_features": _group_features,
    "generator_products": lambda *given: _of_generators(*given)[0],
    "commutator": lambda *given: _of_generators(*given)[1],
    "total_correlation": lambda model, outputs, _: _parts_of_kl(
        outputs, _term(model, objectives.TotalCorrelation)
    )[1],
    "decomposed_kl": _decomposed_kl,
    "factor_tc": _factor_tc,
    "factor_tc_network_loss": _discriminators_loss,
    "dip_penalty": _dip_penalty,
    "factorised_support": _factorised_support,
    "support_shrinkage": _support_shrinkage,
    "mmd": _mmd,
    "quantisation": _distance_to_the_values,
    "commitment": _distance_to_the_values,
    "codebook_kl": _codebook_kl,
    "kernel_information": _kernel_information,
    "hessian_penalty": _hessian_penalty,
    "reconstructed_label": _reconstructed_label,
    "reconstructed_label_network_loss": _label_encoders_loss,
    "adversarial_label": lambda *given: -_adversarys_loss(*given),
    "adversarial_label_network_loss": _adversarys_loss,
    "supervised_loss": _supervised_loss,
    "supervised_loss_network_loss": _pair_statistics_loss,
}
SUMS = {"regularizer", "loss"}
NOT_NEGATIVE = {
    "kl_loss",
    "capacity_deviation",
    "factor_tc_network_loss",
    "dip_penalty",
    "factorised_support",
    "support_shrinkage",
    "mmd",
    "quantisation",
    "commitment",
    "codebook_kl",
    "hessian_penalty",
    "reconstructed_label",
    "reconstructed_label_network_loss",
    "adversarial_label_network_loss",
    "supervised_loss",
}


def _undescribed(names):
    return set(names) - MEANINGS.keys() - SUMS


def _unlogged(model):
    """What `regularizer` has beside logged scalars: the penalty on the variances of a learned prior."""
    terms = [t for t in model.terms if isinstance(t, objectives.LearnedPriorKL)]
    return sum(t.penalty_weight * ((1 / _precision(model) - 1) ** 2).sum() for t in terms)


def test_every_registered_model_and_term_is_here():
    assert {case.name for case in CASES} == registered()


@pytest.mark.long
@pytest.mark.parametrize(
    "case", [one_of_each_kind.case(c.name in one_of_each_kind.MODELS, c) for c in CASES], ids=str
)
def test_every_logged_name_is_the_quantity_that_it_says(case, tmp_path):
    model = case.build()
    for term in model.terms:
        if isinstance(term, objectives.LearnedPriorKL):
            term.layer.log_precision.assign(np.log([0.5, 1.0, 3.0]))
        if isinstance(term, objectives.GroupFeatures):
            generators = model.decoder.group.generators
            generators.assign(np.random.default_rng(0).normal(scale=0.5, size=generators.shape))
    row, *seen = log_one_step(model, tmp_path)
    assert _undescribed(row) == set(), "Describe it in MEANINGS, and in docs/logged.md."
    for name in row.keys() - SUMS:
        # Second differences cancel digits.
        rel = 1e-2 if name == "hessian_penalty" else 1e-4
        assert row[name] == pytest.approx(MEANINGS[name](model, *seen), rel=rel, abs=1e-5), name
    for name in row.keys() & NOT_NEGATIVE:
        assert row[name] >= 0, name
    weighted = sum(row.get(weight, weight) * row[name] for name, weight in case.weights.items())
    assert row["regularizer"] == pytest.approx(weighted + _unlogged(model), rel=1e-4, abs=1e-6)
    pixels = NUM_PIXELS if model.is_quantised else 1
    weighted = model.controls.reconstruction_weight * row["reconstruction_loss"] / pixels
    assert row["loss"] == pytest.approx(weighted + row["regularizer"], rel=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(
    "case", [one_of_each_kind.case(c.name in one_of_each_kind.MODELS, c) for c in CASES], ids=str
)
def test_a_model_that_knows_nothing_logs_the_closed_forms(case, tmp_path):
    """All weights are 0: pixels of 1/2, posteriors that are the prior, networks that say nothing."""
    model = case.build()
    for weight in model.weights:
        weight.assign(tf.zeros_like(weight))
    row, *_ = log_one_step(model, tmp_path)
    bits = NUM_PIXELS * np.log(2)
    labels = np.log(np.prod(FACTOR_SIZES))
    expected = {
        "reconstruction_loss": bits,
        "elbo": -bits,
        "kl_loss": 0.0,
        "capacity_deviation": 2.0,
        # W of the step before is 0, too, so that I is kept.
        "controlled_beta": 1.0 + 0.5 / (1 + np.exp(2.0)),
        # Features of 0 against the identity.
        "group_features": 2.0,
        "generator_products": 0.0,
        "commutator": 0.0,
        "laplace_transition": _transition_of_nothing(model),
        "total_correlation": 0.0,
        "decomposed_kl": 0.0,
        "factor_tc": 0.0,
        "factor_tc_network_loss": np.log(2),
        # I: no mean varies. II: every sample has the variance 1.
        "dip_penalty": 5.0 * LATENT_DIM if case.is_model else 0.0,
        # All means are alike.
        "factorised_support": 0.0,
        "support_shrinkage": LATENT_DIM * (1 - 1e-3),
        # All values are 0, or 0 is a level.
        "quantisation": 0.0,
        "commitment": 0.0,
        "codebook_kl": 0.0,
        "kernel_information": _information_of_nothing(case),
        "hessian_penalty": 0.0,
        "reconstructed_label": labels,
        "reconstructed_label_network_loss": 4.0 * labels,
        "adversarial_label": -labels,
        "adversarial_label_network_loss": labels,
        "supervised_loss": _supervised_loss_of_nothing(case),
        "supervised_loss_network_loss": 0.0,
    }
    for name in row.keys() & expected.keys():
        assert row[name] == pytest.approx(expected[name], rel=1e-5, abs=1e-5), name
    assert row.keys() - expected.keys() - SUMS <= {"step", "learning_rate", "mmd"}
    # Of 8 codes and their own prior: small, though not 0.
    assert 0 <= row.get("mmd", 0.0) < 0.2


def _transition_of_nothing(model):
    """Two posteriors N(0, 1) at one place."""
    term = next((t for t in model.terms if t.name == "laplace_transition"), None)
    if term is None:
        return 0.0
    cross_entropy = term.rate * np.sqrt(2 / np.pi) - np.log(term.rate / 2)
    share = 0.5 if term.form == "code" else 1.0
    return 2 * LATENT_DIM * (cross_entropy - share * 0.5 * np.log(2 * np.pi * np.e))


def _information_of_nothing(case):
    """The marginals' kernels are wider by Silverman's factor; where z is a draw, each sees itself alone."""
    alike = -LATENT_DIM * np.log((4 / 5 / BATCH) ** (1 / 7))
    return alike if case.is_model else alike + (LATENT_DIM - 1) * np.log(BATCH)


def _supervised_loss_of_nothing(case):
    """Codes of 0, places and scales of 0: every value of a factor is as likely as another."""
    labels = np.asarray(labelled_batch()[1], np.float64)
    if case.name == "l2" and not case.options.get("learn_scale", True):
        labels = 0.5 - labels / FACTOR_SIZES
    return {
        "l2": (labels**2).sum(),
        "embed": np.log(np.prod(FACTOR_SIZES)),
        "xent": labels.size * np.log(2),
        "supervised_vae": labels.size * np.log(2),
    }.get(case.name, 0.0)


def test_a_name_that_nobody_described_is_noticed():
    class Constant(objectives.Term):
        name = "constant"

    model = models.VAE(terms=[Constant()])
    assert _undescribed(model.statistics.names) == {"constant"}


def _outputs(z, mean, log_var):
    tensors = [tf.constant(value, tf.float32) for value in (mean, log_var, z)]
    return objectives.Outputs(*[None] * 3, *tensors, step=tf.constant(0, tf.int64))


@pytest.mark.parametrize("is_copied", [False, True])
def test_total_correlation_is_0_of_independent_narrow_codes_and_known_of_copies(is_copied):
    """10 latents of two values each: all combinations, or five latents and their copies."""
    mean = np.array(list(itertools.product([-1.0, 1.0], repeat=5 if is_copied else 10)))
    mean = np.tile(mean, 2) if is_copied else mean
    log_var = np.full_like(mean, -6.0)
    z = mean + np.exp(-3) * np.random.default_rng(0).normal(size=mean.shape)
    expected = 5 * np.log(2) if is_copied else 0.0
    for term in (objectives.TotalCorrelation(), objectives.ELBODecomposition(0.0, 1.0, 0.0)):
        logged, weighted = term(_outputs(z, mean, log_var))
        assert float(logged) == pytest.approx(expected, abs=1e-3)
        assert float(weighted) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_factor_tc_of_the_best_discriminator_is_the_total_correlation(correlation):
    """Its logits are the log densities of the codes and of their permutation, both Gaussian."""
    covariance = np.array([[1.0, correlation], [correlation, 1.0]])
    # Codes with this covariance to the last digit: the mean of a log density is its expectation.
    rng = np.random.default_rng(0)
    whitened = np.linalg.qr(rng.normal(size=(50, 3)) * [0, 1, 1] + [1, 0, 0])[0][:, 1:] * 50**0.5
    z = whitened @ np.linalg.cholesky(covariance).T

    def discriminator(codes, training):
        joint = stats.multivariate_normal([0, 0], covariance).logpdf(codes)
        product = stats.norm.logpdf(codes).sum(1)
        return tf.constant(np.stack([joint, product], axis=1))

    term = objectives.FactorTC(1.0, discriminator, keras.optimizers.SGD(0.0))
    logged, _ = term(_outputs(z, z, z))
    assert float(logged) == pytest.approx(-0.5 * np.log(1 - correlation**2), abs=1e-5)
