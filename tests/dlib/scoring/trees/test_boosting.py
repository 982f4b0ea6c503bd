"""Boosted trees whose columns are sorted once are scikit-learn's, bit for bit."""

import itertools

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from tfdis.dlib.scoring.trees.boosting import BoostedTrees

NUM = 400
# What makes the model: of its trees, what nodes and leaves hold.
STATE = ("nodes", "values", "max_depth", "node_count")


def assert_same_model(ours, theirs, samples):
    """Every node of every tree is the same, and so is what is computed from them."""
    assert ours.estimators_.shape == theirs.estimators_.shape
    pairs = zip(ours.estimators_.flat, theirs.estimators_.flat, strict=True)
    for number, (our, their) in enumerate(pairs):
        our_state, their_state = our.tree_.__getstate__(), their.tree_.__getstate__()
        for name in STATE:
            bits = [np.asarray(state[name]).tobytes() for state in (our_state, their_state)]
            assert bits[0] == bits[1], f"{name} of tree {number}"
        assert vars(our).keys() == vars(their).keys()
    np.testing.assert_array_equal(ours.train_score_, theirs.train_score_)
    np.testing.assert_array_equal(ours.feature_importances_, theirs.feature_importances_)
    np.testing.assert_array_equal(ours.predict_proba(samples), theirs.predict_proba(samples))
    np.testing.assert_array_equal(ours.predict(samples), theirs.predict(samples))
    assert vars(ours).keys() - {"fitted_here_"} == vars(theirs).keys()


def assert_fits_the_same(samples, labels, **parameters):
    """Both fit the same model; returns ours."""
    theirs = GradientBoostingClassifier(**parameters).fit(samples, labels)
    ours = BoostedTrees(**parameters).fit(samples, labels)
    assert_same_model(ours, theirs, samples)
    return ours


def _labels(factor, num_classes):
    """Classes of equal sizes, by the value of a factor."""
    bounds = np.quantile(factor, np.linspace(0, 1, num_classes + 1)[1:-1])
    return np.searchsorted(bounds, factor)


def _factors(rng):
    return rng.normal(size=(NUM, 4))


def _continuous(rng):
    factors = _factors(rng)
    return np.column_stack([factors, rng.normal(size=(NUM, 3))]), factors


def _of_a_vae(rng):
    """Informative latents between -3 and 3, and collapsed ones of small variance."""
    factors = _factors(rng)
    noise = rng.normal(size=(NUM, 7))
    informative = factors @ rng.normal(size=(4, 4)) + 0.1 * noise[:, :4]
    return np.column_stack([informative, 0.4 + noise[:, 4:] * [1e-2, 1e-4, 1e-6]]), factors


def _of_a_trained_encoder(rng, num_latents=6, beta=1.0, num_steps=3000):
    """Codes of a linear VAE, x -> W x, decoder D, two of which collapse in training.

    Gradient descent on the expected loss |x - D z|^2 / 2 + beta KL(N(W x, diag(s)) || N(0, I)), whose best
    variances are s = beta / (|d|^2 + beta) (Lucas et al. 2019, arXiv:1911.02469).
    """
    scales = np.array([3.0, 2.5, 2.0, 1.5, 0.6, 0.5, 0.4, 0.3])
    images = scales * rng.normal(size=(NUM, 8)) @ np.linalg.qr(rng.normal(size=(8, 8)))[0]
    covariance = np.cov(images.T)
    encoder, decoder = 0.1 * rng.normal(size=(2, num_latents, 8))
    decoder = decoder.T
    for _ in range(num_steps):
        variance = beta / ((decoder**2).sum(axis=0) + beta)
        error = (decoder @ encoder - np.eye(8)) @ covariance
        step = decoder.T @ error + beta * encoder @ covariance
        decoder = decoder - 0.05 * (error @ encoder.T + decoder * variance)
        encoder = encoder - 0.05 * step
    return 0.37 + (images @ encoder.T).astype(np.float32), images[:, :4]


def _with_copies(rng):
    """A column, its duplicate, its mirror image, a monotone function of it, and constants."""
    factors = _factors(rng)
    one, two = factors[:, 0], factors[:, 1]
    constant = np.full(NUM, 0.7)
    nearly = constant + rng.uniform(0, 9e-8, NUM)
    return np.column_stack([one, one, -one, np.exp(one), two, constant, nearly, -two]), factors


def _partly_discrete(rng):
    factors = _factors(rng)
    return np.column_stack([np.round(2 * factors), rng.normal(size=(NUM, 3))]), factors


def _discrete(rng):
    samples, factors = _continuous(rng)
    return np.round(samples), factors


def _with_repeated_rows(rng):
    """Rows that occur four times, with the same label or with others."""
    samples, factors = _continuous(rng)
    rows = rng.randint(NUM // 4, size=NUM)
    factors = factors[rows]
    factors[::7] = _factors(rng)[::7]
    return samples[rows], factors


def _on_a_grid(rng):
    """Some equal values in every column, fewer than distinct ones."""
    samples, factors = _continuous(rng)
    return np.round(samples * 200) / 200, factors


CODES = (
    _continuous,
    _of_a_vae,
    _of_a_trained_encoder,
    _with_copies,
    _partly_discrete,
    _discrete,
    _with_repeated_rows,
    _on_a_grid,
)


# Every kind of codes with three classes; of two and of many, those of an encoder and those with ties.
FOR_ALL = {
    *((build, 3) for build in CODES),
    *((build, num) for build in (_of_a_trained_encoder, _with_repeated_rows) for num in (2, 40)),
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("build", "num_classes"),
    [
        pytest.param(
            *(build, num),
            id=f"{build.__name__.strip('_')}-{num}",
            marks=[] if (build, num) in FOR_ALL else [pytest.mark.exhaustive],
        )
        for build in CODES
        for num in (2, 3, 40)
    ],
)
def test_the_model_is_scikit_learns(build, num_classes):
    samples, factors = build(np.random.RandomState(num_classes))
    labels = _labels(factors[:, 0] + factors[:, 1] * factors[:, 2], num_classes)
    for seed in (0, 1):
        stages = 60 // num_classes + 2
        ours = assert_fits_the_same(samples, labels, random_state=seed, n_estimators=stages)
        assert (ours.n_classes_, len(ours.estimators_)) == (num_classes, stages)


def test_the_trained_encoder_has_collapsed_latents():
    codes, _ = _of_a_trained_encoder(np.random.RandomState(0))
    spread = np.sort(codes.std(axis=0))
    assert 1e-7 < spread[0] < spread[1] < 1e-6 and spread[2] > 0.3
    assert 2 < len(np.unique(codes[:, codes.std(axis=0).argmin()])) < NUM / 2


@pytest.mark.long
def test_many_samples_of_a_hundred_stages():
    """Long sums, where rounding decides, and predictions that are nearly certain."""
    rng = np.random.RandomState(0)
    samples = rng.normal(size=(3000, 5))
    labels = _labels(samples[:, 0], 3)
    assert_fits_the_same(samples, labels, random_state=0)


def test_most_trees_are_not_scikit_learns(monkeypatch):
    """Or the other tests would show nothing."""
    from sklearn.tree import DecisionTreeRegressor

    monkeypatch.delattr(DecisionTreeRegressor, "fit")
    for build in CODES:
        samples, factors = build(np.random.RandomState(0))
        model = BoostedTrees(random_state=0, n_estimators=1)
        if build is _discrete:  # scikit-learn fits these.
            with pytest.raises(AttributeError, match="fit"):
                model.fit(samples, _labels(factors[:, 0], 3))
        else:
            assert model.fit(samples, _labels(factors[:, 0], 3)).fitted_here_


@pytest.mark.parametrize(
    "parameters",
    [{"max_depth": 2}, {"subsample": 0.5}, {"max_features": 2}, {"n_iter_no_change": 2}],
    ids=str,
)
def test_other_parameters_are_left_to_scikit_learn(parameters):
    samples, factors = _continuous(np.random.RandomState(0))
    labels = _labels(factors[:, 0], 3)
    assert_fits_the_same(samples, labels, random_state=0, n_estimators=3, **parameters)


def test_a_model_grows_warm():
    samples, factors = _continuous(np.random.RandomState(0))
    labels = _labels(factors[:, 0], 3)
    both = [
        kind(random_state=0, n_estimators=2, warm_start=True).fit(samples, labels)
        for kind in (BoostedTrees, GradientBoostingClassifier)
    ]
    for model in both:
        model.set_params(n_estimators=4).fit(samples, labels)
    assert_same_model(*both, samples)


def test_weights_are_left_to_scikit_learn():
    samples, factors = _continuous(np.random.RandomState(0))
    labels = _labels(factors[:, 0], 3)
    weights = np.random.RandomState(1).uniform(size=NUM)
    both = [
        kind(random_state=0, n_estimators=3).fit(samples, labels, weights)
        for kind in (BoostedTrees, GradientBoostingClassifier)
    ]
    assert_same_model(*both, samples)


def test_layouts_and_types_of_samples_and_labels():
    samples, factors = _continuous(np.random.RandomState(0))
    labels = np.array(["low", "middle", "high"])[_labels(factors[:, 0], 3)]
    layouts = (np.asfortranarray(samples), samples.astype(np.float32)[::-1], samples[:, :1])
    for samples_, labels_ in zip(layouts, (labels, labels[::-1], labels), strict=True):
        assert_fits_the_same(samples_, labels_, random_state=3, n_estimators=3)


def _small(num, num_classes):
    rng = np.random.RandomState(num)
    return rng.normal(size=(num, 3)), np.resize(np.arange(num_classes), num)


@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning")
@pytest.mark.parametrize(
    ("num", "num_classes"),
    [
        *((2, 2), (3, 3), (5, 4), (16, 2), (17, 3)),
        pytest.param(200, 199, marks=pytest.mark.long),
    ],
)
def test_few_samples_and_classes_seen_once(num, num_classes):
    samples, labels = _small(num, num_classes)
    assert_fits_the_same(samples, labels, random_state=0, n_estimators=5)


def test_samples_that_are_all_the_same_have_no_cuts():
    samples, labels = np.zeros((20, 3)), _small(20, 3)[1]
    model = assert_fits_the_same(samples, labels, random_state=0, n_estimators=2)
    assert not model.feature_importances_.any()
    # Not exactly the same, but closer to one another than the threshold.
    samples = np.random.RandomState(0).uniform(0, 9e-8, size=(20, 3))
    model = assert_fits_the_same(samples, labels, random_state=0, n_estimators=2)
    assert not model.feature_importances_.any()


def _bad_input():
    samples, labels = _small(20, 3)
    for number in (np.nan, np.inf, 1e300):
        broken = samples.copy()
        broken[3, 1] = number
        yield broken, labels
    yield samples, np.zeros(20)
    yield samples, labels[:19]
    yield samples, labels + 0.5
    yield samples[:, 0], labels
    yield samples[:0], labels[:0]


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_errors_are_scikit_learns():
    for samples, labels in _bad_input():
        errors = []
        for kind, _ in itertools.product((GradientBoostingClassifier, BoostedTrees), range(2)):
            with pytest.raises(ValueError) as caught:
                kind().fit(samples, labels)
            errors.append(str(caught.value).replace("BoostedTrees", "GradientBoostingClassifier"))
        assert len(set(errors)) == 1 and len(errors) == 4
