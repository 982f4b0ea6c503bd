"""SAGE: how much of a predictor's loss each input takes away, shared fairly among the inputs."""

from collections.abc import Callable

import numpy as np

_NUM_ORDERS = 16
_NUM_OTHERS = 16
_MOST_ROWS = 512


def sage_values(
    predict: Callable[[np.ndarray], np.ndarray],
    loss: Callable[[np.ndarray, np.ndarray], np.ndarray],
    inputs: np.ndarray,
    target: np.ndarray,
    seed: int,
) -> np.ndarray:
    """phi_j, the mean over orders of the inputs of l(those before j) - l(those before j, and j).

    l(S) is the mean loss of what is predicted from the inputs S alone: of the mean prediction for
    rows whose other inputs are those of random rows. The phi_j sum to l(none) - l(all). 16 orders, 16
    random rows for each row, and at most 512 rows.

    Args:
        predict: function from `[num, num_inputs]` to predictions `[num, ...]`.
        loss: function from predictions `[num, ...]` and targets `[num]` to losses `[num]`.
        inputs: `[num_samples, num_inputs]`.
        target: `[num_samples]`.
        seed: seed of the orders and rows.

    Returns:
        `[num_inputs]`, in the unit of the loss; below 0 by chance, or where an input misleads.

    Example:
        >>> x = np.random.RandomState(0).normal(size=[2000, 2])
        >>> square = lambda a, b: np.square(a - b)
        >>> values = sage_values(lambda x: 2 * x[:, 0] + x[:, 1], square, x, 2 * x[:, 0] + x[:, 1], 0)
        >>> bool(3 < values[0] / values[1] < 5)
        True

    References:
        Covert et al. (2020), "Understanding Global Feature Contributions With Additive Importance
        Measures", NeurIPS. arXiv:2004.00668 (equations 5 and 6, algorithm 1).
    """
    random_state = np.random.RandomState(seed)
    rows = random_state.permutation(len(inputs))[:_MOST_ROWS]
    known, wanted = inputs[rows], target[rows]
    values = np.zeros(inputs.shape[1])

    def mean_loss(mixed):
        predicted = predict(mixed.reshape(-1, mixed.shape[-1]))
        of_others = predicted.reshape(*mixed.shape[:2], *predicted.shape[1:])
        return np.mean(loss(of_others.mean(axis=0), wanted))

    for _ in range(_NUM_ORDERS):
        mixed = inputs[random_state.randint(len(inputs), size=[_NUM_OTHERS, len(rows)])]
        before = mean_loss(mixed)
        for index in random_state.permutation(len(values)):
            mixed[..., index] = known[:, index]
            after = mean_loss(mixed)
            values[index] += before - after
            before = after
    return values / _NUM_ORDERS
