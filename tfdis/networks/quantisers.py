"""Quantisers: layers from continuous codes to codes of few values, with what their losses need."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from tfdis import ops


class ScalarTables(keras.layers.Layer):
    """One table of learned scalars for each latent, evenly spaced between -1/2 and 1/2 at the start.

    Args:
        latent_dim: number of latents.
        num_values: number of values of each latent, at least 2.

    Raises:
        ValueError: fewer than two values.

    References:
        Hsu et al. (2023), "Disentanglement via Latent Quantization", NeurIPS. arXiv:2305.18378.
    """

    def __init__(self, latent_dim: int, num_values: int):
        super().__init__(dtype="float32", name="quantiser")
        check_levels("num_values", [num_values])
        table = np.linspace(-0.5, 0.5, num_values)
        self.values = self.add_weight(
            shape=(latent_dim, num_values),
            initializer=lambda shape, dtype: tf.constant(np.tile(table, (shape[0], 1)), dtype),
            name="values",
        )
        self.built = True

    def call(self, codes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Quantises codes `[batch, latent]`; see `tfdis.objectives.QuantisedCodes`."""
        values, indices = ops.nearest_values(codes, tf.convert_to_tensor(self.values))
        z = ops.straight_through(values, codes)
        return {"z": z, "values": values, "continuous": codes, "indices": indices}


class FiniteScalars(keras.layers.Layer):
    """A fixed grid of levels for each latent behind a tanh: `tfdis.ops.finite_scalars`.

    Args:
        levels: number of levels of each latent, at least 2.

    Raises:
        ValueError: a latent of fewer than two levels.
    """

    def __init__(self, levels: Sequence[int]):
        super().__init__(dtype="float32", name="quantiser")
        check_levels("levels", levels)
        self.levels = list(levels)
        self.built = True

    def call(self, codes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Quantises codes `[batch, latent]`; see `tfdis.objectives.QuantisedCodes`."""
        bounded, values = ops.finite_scalars(codes, self.levels)
        return {
            "z": ops.straight_through(values, bounded),
            "values": values,
            "continuous": bounded,
            "indices": ops.finite_scalar_indices(values, self.levels),
        }


class RoundedTanh(keras.layers.Layer):
    """Evenly spaced values from -1 to 1 behind a tanh: `tfdis.ops.rounded_tanh`.

    Args:
        num_values: number of values of each latent, at least 2.

    Raises:
        ValueError: fewer than two values.
    """

    def __init__(self, num_values: int):
        super().__init__(dtype="float32", name="quantiser")
        check_levels("num_values", [num_values])
        self.num_values = num_values
        self.built = True

    def call(self, codes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Quantises codes `[batch, latent]`; see `tfdis.objectives.QuantisedCodes`."""
        bounded, indices = ops.rounded_tanh(codes, self.num_values)
        values = 2 * tf.cast(indices, bounded.dtype) / (self.num_values - 1) - 1
        z = ops.straight_through(values, bounded)
        return {"z": z, "values": values, "continuous": bounded, "indices": indices}


class SharedTable(keras.layers.Layer):
    """One table of learned scalars for all latents, N(0, 1) at the start, which codes take softly or hard.

    Args:
        num_values: number of values, at least 2.
        seed: an integer, the seed of the first values.

    Raises:
        ValueError: fewer than two values.

    References:
        Baykal et al. (2024), "Disentanglement with Factor Quantized Variational Autoencoders".
        arXiv:2409.14851.
    """

    def __init__(self, num_values: int, seed: int = 0):
        super().__init__(dtype="float32", name="quantiser")
        check_levels("num_values", [num_values])
        normal = keras.initializers.RandomNormal(stddev=1.0, seed=seed)
        self.values = self.add_weight(shape=(num_values,), initializer=normal, name="values")
        self.built = True

    def call(
        self,
        codes: tf.Tensor,
        noise: tf.Tensor | None = None,
        temperature: tf.Tensor | float = 1.0,
    ) -> dict[str, tf.Tensor]:
        """Quantises codes `[batch, latent]`; see `tfdis.objectives.QuantisedCodes`.

        Args:
            codes: the continuous codes.
            noise: `[batch, latent, num_values]`, with which codes take values softly; None for the
                nearest value.
            temperature: how softly; towards 0 hard.
        """
        table = tf.convert_to_tensor(self.values)
        logits = -tf.square(codes[:, :, None] - table)
        values, indices = ops.nearest_values(codes, table[None])
        if noise is None:
            weights, z = tf.one_hot(indices, table.shape[0]), ops.straight_through(values, codes)
        else:
            weights = tf.nn.softmax((logits + noise) / temperature)
            z = tf.reduce_sum(weights * table, axis=2)
        found = {"z": z, "values": values, "continuous": codes, "indices": indices}
        return found | {"weights": weights, "logits": logits}


def check_levels(name: str, levels: Sequence[int]) -> None:
    """Raises ValueError unless every number of values is an integer of at least 2."""
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 2 for n in levels):
        raise ValueError(
            f"Expected {name} of at least 2, so that a latent can tell something. Received: "
            f"{list(levels)!r}."
        )
