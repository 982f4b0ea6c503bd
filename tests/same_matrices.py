"""Matrices of abstract reasoning that tfdis and disentanglement_lib draw from the same random state."""

import numpy as np


def assert_same_matrices(ours, theirs, seed):
    """Four samples of ours (`MatrixData`) and theirs (`PGMDataset`) are equal, in pictures and factors."""
    states = np.random.RandomState(seed), np.random.RandomState(seed)
    for _ in range(4):
        their, our = theirs.sample(states[0]), ours.sample(states[1])
        features, position = their.training_sample()
        assert position == our.position
        np.testing.assert_allclose(our.context, features["context"], atol=1e-7)
        np.testing.assert_allclose(our.answers, features["answers"], atol=1e-7)
        for kind, factors in (("context", our.context_factors), ("answers", our.answer_factors)):
            np.testing.assert_array_equal(
                ours.as_values(factors), features[f"{kind}_factor_values"]
            )
            np.testing.assert_array_equal(
                ours.as_one_hot(factors), features[f"{kind}_factors_onehot"]
            )
