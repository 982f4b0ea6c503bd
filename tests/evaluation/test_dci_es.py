"""The losses of DCI-ES, what counts as chance, its probes, their importances, and its options."""

import numpy as np
import pytest

from tfdis.dlib import NotComputableError
from tfdis.evaluation import score
from tfdis.evaluation.loss_capacity import Target, loss_capacity_curves
from tfdis.evaluation.probes import FourierProbe, NetworkProbe
from tfdis.evaluation.sage import sage_values

FOREST = {"probe": "forest", "capacities": (1, 3, 6), "num_trees": 30}
NETWORK = {"probe": "mlp", "capacities": (0, 14), "learning_rate": 0.02}


def test_losses_are_relative_to_the_whole_grid():
    column = np.repeat([2.0, 4.0, 6.0], [80, 15, 5])
    rows = np.arange(100)
    number = Target.of(column, False)
    # An error of 2 for each sample, over the variance 8/3 of the values 2, 4, 6.
    wrong = number.values + 2 / np.sqrt(8 / 3)
    assert number.losses(wrong, rows).mean() == pytest.approx(4 / (8 / 3))
    category = Target.of(column, True)
    assert category.losses(np.zeros(100), rows).mean() == pytest.approx(0.2)
    assert (number.baseline, category.baseline) == pytest.approx((1.0, 2 / 3))


def test_knowledge_within_chance_is_none(codes, factors):
    rows = np.arange(400), np.arange(400, 600)
    targets = [Target.of(factors[:, 0], True), Target.of(factors[:, 1], False)]
    for kind in ("noise", "constant"):
        curves, _ = loss_capacity_curves(FourierProbe(0), [4, 8], codes[kind], targets, rows)
        np.testing.assert_allclose(curves, [[2 / 3, 1.0]] * 2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "categorical"),
    [
        pytest.param({"capacities": (16, 64)}, (), id="fourier-numbers"),
        pytest.param({"capacities": (16, 64)}, (0, 2), id="fourier-categories"),
        pytest.param(FOREST, (), id="forest-numbers"),
        pytest.param(FOREST, (0, 2), id="forest-categories", marks=pytest.mark.exhaustive),
        pytest.param(NETWORK, (), id="mlp-numbers"),
        pytest.param(NETWORK, (0, 2), id="mlp-categories", marks=pytest.mark.exhaustive),
    ],
)
def test_probes_find_factors_and_miss_noise(codes, factors, options, categorical):
    options = {"dci_es": {**options, "categorical": categorical}}
    found = score(codes["identity"], factors, ["dci_es"], options=options)
    for name in ("informativeness", "disentanglement", "completeness", "explicitness"):
        assert found[f"dci_es/{name}"] > 0.75, name
    found = score(codes["noise"], factors, ["dci_es"], options=options)
    assert found["dci_es/explicitness"] == 0
    # Categories are guessed: at most 1/3 and 1/5 are right, and the luck of the tested third.
    assert found["dci_es/informativeness"] < (0.3 if categorical else 1e-9)


def test_the_code_has_the_larger_explicitness(factors):
    folded = np.cos(2.5 * factors)
    of = {
        name: score(
            folded,
            factors,
            ["dci_es"],
            options={"dci_es": {"normaliser": name, "capacities": (16, 64)}},
        )
        for name in ("paper", "code")
    }
    assert of["paper"]["dci_es/explicitness"] < of["code"]["dci_es/explicitness"] < 1
    of["paper"].pop("dci_es/explicitness")
    assert of["paper"].items() <= of["code"].items()


@pytest.mark.parametrize(("capacity", "num_outputs"), [(0, 1), (0, 5), (14, 1), (14, 5)])
def test_a_network_is_at_the_logarithm_of_its_parameters(capacity, num_outputs):
    codes, random_state = np.zeros([60, 3]), np.random.RandomState(0)
    is_categorical = num_outputs > 1
    target = random_state.randint(num_outputs, size=60) if is_categorical else codes[:, 0]
    probe = NetworkProbe(0, num_latents=3, num_epochs=1)
    network = probe.build(capacity, is_categorical, 60).fit(codes, target).network
    count = sum(array.size for array in [*network.coefs_, *network.intercepts_])
    assert probe.position(capacity, num_outputs) == pytest.approx(np.log(count))


def test_sage_shares_what_an_input_explains_and_halves_it_between_copies():
    random_state = np.random.RandomState(0)
    x = random_state.normal(size=[2000, 3])
    target = 3 * x[:, 0] + x[:, 1]
    # Of independent inputs with these weights: 9 and 1, the variance that each explains.
    values = sage_values(lambda x: 3 * x[:, 0] + x[:, 1], _square, x, target, seed=0)
    np.testing.assert_allclose(values, [9, 1, 0], atol=1)
    assert values[2] == 0
    x[:, 1], target = x[:, 0], 2 * x[:, 0]
    values = sage_values(lambda x: x[:, 0] + x[:, 1], _square, x, target, seed=0)
    assert values[0] == pytest.approx(values[1], rel=0.3)
    # Together they are the loss of the best constant, whatever the order.
    assert values.sum() == pytest.approx(4, rel=0.15)


def _square(predicted, target):
    return np.square(predicted - target)


@pytest.mark.long
def test_networks_find_the_latent_of_a_category(codes, factors):
    probe = NetworkProbe(0, codes["identity"].shape[1], num_epochs=40, learning_rate=0.02)
    network = probe.build(14, True, len(factors)).fit(codes["identity"], factors[:, 0])
    found = probe.importance(network, codes["identity"], factors[:, 0])
    assert found.argmax() == 0 and found[0] > 0.9 and found.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "options",
    [
        {"probe": "lasso"},
        {"normaliser": "both"},
        {"categorical": (3,)},
        {"capacities": (8,)},
        {"capacities": (8, 4)},
        {"capacities": (1, 4)},
        {"probe": "forest", "capacities": (0, 4)},
        {"probe": "mlp", "capacities": (-1, 4)},
    ],
    ids=str,
)
def test_impossible_options_are_refused(codes, factors, options):
    with pytest.raises(ValueError, match="Expected .* Received"):
        score(codes["identity"], factors, ["dci_es"], options={"dci_es": options})


def test_one_category_among_the_fitted_samples_is_a_reason(codes, factors):
    rare = np.zeros([len(factors), 1], int)
    rare[np.random.RandomState(0).permutation(len(factors))[0]] = 1
    with pytest.raises(NotComputableError, match="at least two categories"):
        score(codes["identity"], rare, ["dci_es"], options={"dci_es": {"categorical": (0,)}})
