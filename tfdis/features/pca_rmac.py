"""RMAC with regional vectors projected on their principal components, whitened or not."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from absl import logging

from tfdis import ops, registry
from tfdis.features.rmac import RMAC

# Components with less than this part of the largest variance are rounding errors of float32.
_LEAST_RELATIVE_VARIANCE = 1e-7


@registry.pooling("pca_rmac")
class PCARMAC(RMAC):
    """RMAC with a principal component analysis of the regional vectors, fitted on a sample.

    f = l2(sum_r l2(P (l2(max_{p in r} maps_p) - m))), with the mean m and the leading principal
    directions P of the normalised regional vectors; whitened, each row of P is divided by the
    standard deviation along it. Rows without variance in the sample are set to zero.

    Mean and projection are weights: they are saved with the layer, and not trained.

    Args:
        num_components: number of rows of P, which is the number of features; None keeps as many as
            there are channels.
        whiten: whether the components are scaled to variance 1.
        kernels, strides, whole_map: arguments of `RMAC`.
        **kwargs: keyword arguments of `keras.layers.Layer`.

    Raises:
        ValueError: as for `RMAC`; also more components than channels, and a call before `fit`.

    Example:
        >>> maps = np.random.RandomState(0).uniform(size=(50, 5, 5, 4)).astype("float32")
        >>> pooling = PCARMAC(num_components=2)
        >>> pooling.fit(maps)
        >>> pooling(maps).shape.as_list()
        [50, 2]

    References:
        Tolias et al. (2015), "Particular object retrieval with integral max-pooling of CNN
        activations". arXiv:1511.05879 (section 3).
    """

    def __init__(
        self,
        num_components: int | None = None,
        whiten: bool = True,
        kernels: Sequence[int] = (1, 3, 5),
        strides: Sequence[int] = (1, 2, 2),
        whole_map: bool = True,
        **kwargs,
    ):
        super().__init__(kernels, strides, whole_map, **kwargs)
        if num_components is not None and num_components < 1:
            raise ValueError(
                f"PCARMAC: expected num_components of 1 or more, or None. Received: {num_components}."
            )
        self.num_components = num_components
        self.whiten = whiten
        self.is_fitted = False

    def build(self, maps_shape: Sequence[int | None]) -> None:
        """Creates mean and projection."""
        super().build(maps_shape)
        channels = maps_shape[-1]
        rows = self.num_components or channels
        if rows > channels:
            raise ValueError(
                f"PCARMAC: expected num_components of at most {channels}, the channels of the maps. "
                f"Received: {rows}."
            )
        self.mean = self.add_weight((channels,), "zeros", name="mean", trainable=False)
        self.projection = self.add_weight(
            (rows, channels), "zeros", name="projection", trainable=False
        )

    def fit(self, maps: np.ndarray) -> None:
        """Fits mean and projection to a sample of feature maps.

        Args:
            maps: float array `[n, h, w, c]` of n >= 2 images; it takes a few times n * regions * c
                numbers of memory.
        """
        if len(maps) < 2:
            raise ValueError(f"PCARMAC: expected 2 or more maps to fit. Received: {len(maps)}.")
        if not self.built:
            self.build(tuple(maps.shape))
            self.built = True
        vectors = np.concatenate(
            [
                np.asarray(
                    self.regions(tf.constant(maps[i : i + 256], self.compute_dtype)), "float64"
                )
                for i in range(0, len(maps), 256)
            ]
        ).reshape(-1, maps.shape[-1])
        self.mean.assign(vectors.mean(axis=0))
        self.projection.assign(self._principal_directions(vectors))
        self.is_fitted = True

    def _principal_directions(self, vectors) -> np.ndarray:
        """The leading eigenvectors of the covariance as rows, scaled if whitened."""
        variances, directions = np.linalg.eigh(
            np.cov(vectors, rowvar=False, ddof=1, dtype="float64")
        )
        order = np.argsort(variances)[::-1][: self.projection.shape[0]]
        variances, rows = variances[order], directions.T[order]
        # The sign of an eigenvector is arbitrary: its largest entry is made positive.
        rows *= np.sign(rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)])[:, None]
        is_kept = variances > _LEAST_RELATIVE_VARIANCE * max(variances[0], np.finfo("float64").tiny)
        if not is_kept.all():
            logging.info("PCARMAC: %d components have no variance: set to 0.", np.sum(~is_kept))
        scale = np.sqrt(np.where(is_kept, variances, 1.0)) if self.whiten else 1.0
        return np.where(is_kept[:, None], rows / np.reshape(scale, (-1, 1)), 0.0)

    def call(self, maps: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Returns `[batch, num_components]`, of norm 1 or 0."""
        if not self.is_fitted:
            raise ValueError(
                "PCARMAC: expected a fitted layer. Received a call before fit(maps): fit it on feature "
                "maps of a sample of images (FeatureExtractor.fit_pooling), or load fitted weights."
            )
        centred = self.regions(maps) - tf.cast(self.mean, self.compute_dtype)
        projection = tf.cast(self.projection, self.compute_dtype)
        flat = tf.matmul(tf.reshape(centred, [-1, centred.shape[-1]]), projection, transpose_b=True)
        projected = tf.reshape(flat, [-1, centred.shape[1], projection.shape[0]])
        return ops.l2_normalize(tf.reduce_sum(ops.l2_normalize(projected), axis=1))

    def compute_output_shape(self, maps_shape: Sequence[int | None]) -> tuple[int | None, int]:
        """`[batch, num_components]`, so that shapes are known before the layer is fitted."""
        return (maps_shape[0], self.num_components or maps_shape[-1])

    def load_own_variables(self, store: Mapping) -> None:
        """Loads mean and projection; those of a layer that was never fitted are all zero."""
        super().load_own_variables(store)
        self.is_fitted = bool(np.any(self.projection.numpy()))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        own = {"num_components": self.num_components, "whiten": self.whiten}
        return {**super().get_config(), **own}
