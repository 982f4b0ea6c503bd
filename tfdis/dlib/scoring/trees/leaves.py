"""Values of a tree's leaves: the step of Newton's method for the log loss, which scikit-learn takes there."""

import numpy as np

from tfdis.dlib.scoring.trees.compiled import compiled

# numpy sums up to so many numbers in eight sums side by side, and halves what is longer.
_PAIRED = 128
# Below this scikit-learn takes a denominator for 0.
_SMALLEST = 1e-150


@compiled
def sum_in_pairs(numbers: np.ndarray) -> float:
    """The sum that `numpy.sum` finds, with its rounding (pairwise summation)."""
    num = numbers.shape[0]
    if num > _PAIRED:
        half = num // 2
        half -= half % 8
        return sum_in_pairs(numbers[:half]) + sum_in_pairs(numbers[half:])
    in_eights = num - num % 8
    total = 0.0
    if in_eights:
        a, b, c, d = numbers[0], numbers[1], numbers[2], numbers[3]
        e, f, g, h = numbers[4], numbers[5], numbers[6], numbers[7]
        for place in range(8, in_eights, 8):
            a += numbers[place]
            b += numbers[place + 1]
            c += numbers[place + 2]
            d += numbers[place + 3]
            e += numbers[place + 4]
            f += numbers[place + 5]
            g += numbers[place + 6]
            h += numbers[place + 7]
        total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for place in range(in_eights, num):
        total += numbers[place]
    return total


@compiled
def set_leaf_values(
    nodes: np.ndarray,
    values: np.ndarray,
    leaf_of: np.ndarray,
    labels: np.ndarray,
    residuals: np.ndarray,
    factor: float,
) -> None:
    """Sets the values of the leaves: factor * mean(residual) / mean(p (1 - p)), p = label - residual.

    Args:
        nodes: nodes of the tree `[num_nodes]`.
        values: values of the nodes `[num_nodes]`; those of leaves are changed.
        leaf_of: the leaf of every row `[num_rows]`.
        labels: 1.0 for rows of the tree's class, 0.0 for others `[num_rows]`.
        residuals: label less probability of every row `[num_rows]`.
        factor: (K - 1) / K for K > 2 classes, 1 for two.
    """
    num_rows = leaf_of.shape[0]
    gradients, curvatures = np.empty(num_rows), np.empty(num_rows)
    # The rows of a leaf come one after the other, in the order of the samples.
    next_place = np.zeros(nodes.shape[0], np.int64)
    start = 0
    for node in range(nodes.shape[0]):
        next_place[node] = start
        if nodes[node].left_child < 0:
            start += nodes[node].n_node_samples
    for row in range(num_rows):
        place = next_place[leaf_of[row]]
        next_place[leaf_of[row]] += 1
        probability = labels[row] - residuals[row]
        gradients[place] = residuals[row]
        curvatures[place] = probability * (1.0 - probability)
    for node in range(nodes.shape[0]):
        if nodes[node].left_child < 0:
            num, end = nodes[node].n_node_samples, next_place[node]
            numerator = sum_in_pairs(gradients[end - num : end]) / num * factor
            denominator = sum_in_pairs(curvatures[end - num : end]) / num
            values[node] = 0.0 if denominator < _SMALLEST else numerator / denominator
