"""Initial weights of the papers' frameworks: plain normals, and PyTorch's defaults.

Keras's own GlorotNormal and HeNormal draw truncated normals. Every call makes a new initialiser:
one object drawn from twice would give two layers of one shape the same weights.
"""

import math

from keras import initializers


def glorot_normal() -> initializers.Initializer:
    """Plain normal of variance 2 / (fan_in + fan_out)."""
    return initializers.VarianceScaling(1.0, "fan_avg", "untruncated_normal")


def he_normal() -> initializers.Initializer:
    """Plain normal of variance 2 / fan_in."""
    return initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def pytorch_weights() -> initializers.Initializer:
    """PyTorch's default weights of dense and convolutional layers: U(-1, 1) / sqrt(fan_in)."""
    return initializers.VarianceScaling(1.0 / 3.0, "fan_in", "uniform")


def pytorch_biases(fan_in: int) -> initializers.Initializer:
    """PyTorch's default biases of dense and convolutional layers: U(-1, 1) / sqrt(fan_in).

    Args:
        fan_in: number of inputs of one output value; for a transposed convolution PyTorch counts
            kernel^2 * filters instead.
    """
    bound = 1.0 / math.sqrt(fan_in)
    return initializers.RandomUniform(-bound, bound)


def narrow_normal() -> initializers.Initializer:
    """Plain normal of standard deviation 0.02."""
    return initializers.RandomNormal(stddev=0.02)


def he_uniform() -> initializers.Initializer:
    """Uniform of variance 2 / fan_in."""
    return initializers.VarianceScaling(2.0, "fan_in", "uniform")
