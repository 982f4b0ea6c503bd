"""Transposed convolution with an equal form that is cheaper on CPU for layers of few filters."""

import keras
import tensorflow as tf

# Beyond this many filters oneDNN's own transposed convolution is the faster one on CPU.
_MAX_SUBPIXEL_FILTERS = 4


@keras.saving.register_keras_serializable(package="tfdis")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`, faster on CPU for few filters: the last layer of a decoder.

    For kernel 2s, stride s (even), "same", an output block of s x s pixels that straddles four input
    pixels depends on those four alone. With all s * s pixels of a block as channels, the layer is the
    adjoint of a 2x2 convolution of stride 1, then a depth-to-space and a crop of s / 2. Weights,
    function, configuration and gradients are those of Keras's layer; every other setting, and every
    setting when TensorFlow sees a GPU, runs Keras's own form.

    Args:
        *args: arguments of `keras.layers.Conv2DTranspose`.
        **kwargs: keyword arguments of `keras.layers.Conv2DTranspose`.

    Example:
        >>> layer = Conv2DTranspose(1, 4, strides=2, padding="same")
        >>> layer(tf.zeros([2, 8, 8, 16])).shape
        TensorShape([2, 16, 16, 1])
    """

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Applies the layer to `[batch, height, width, channels]`."""
        if not self._has_subpixel_form(inputs):
            return super().call(inputs)
        outputs = subpixel_conv2d_transpose(inputs, self.kernel, self.strides[0])
        if self.use_bias:
            outputs = outputs + tf.reshape(tf.convert_to_tensor(self.bias), [1, 1, 1, self.filters])
        return outputs if self.activation is None else self.activation(outputs)

    def _has_subpixel_form(self, inputs):
        stride = self.strides[0]
        return (
            self.filters <= _MAX_SUBPIXEL_FILTERS
            and stride % 2 == 0
            and tuple(self.strides) == (stride, stride)
            and tuple(self.kernel_size) == (2 * stride, 2 * stride)
            and self.padding == "same"
            and self.output_padding is None
            and tuple(self.dilation_rate) == (1, 1)
            and self.data_format == "channels_last"
            and None not in tuple(inputs.shape[1:])
            and not isinstance(inputs, keras.KerasTensor)
            and not tf.config.list_physical_devices("GPU")
        )


def subpixel_conv2d_transpose(x: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """Transposed convolution of kernel 2 * stride, "same", through its blocks of stride^2 pixels.

    y[s p + i - s/2, s q + j - s/2] = sum_{a, b in {0, 1}} x[p - a, q - b] . kernel[s a + i, s b + j]

    Args:
        x: `[batch, height, width, channels]`; height, width and channels are static.
        kernel: `[2 * stride, 2 * stride, filters, channels]`, in Keras's layout.
        stride: pixels, an even number.

    Returns:
        Tensor `[batch, stride * height, stride * width, filters]`.
    """
    x = tf.convert_to_tensor(x)
    kernel = tf.convert_to_tensor(kernel)
    batch_size = tf.shape(x)[0]
    height, width, channels = x.shape[1:]
    filters = kernel.shape[2]
    block = stride * stride * filters
    taps = tf.reshape(kernel, [2, stride, 2, stride, filters, channels])
    taps = tf.reshape(tf.transpose(taps, [0, 2, 1, 3, 4, 5]), [2, 2, block, channels])
    blocks = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=tf.stack([batch_size, height + 1, width + 1, block]),
        filter=taps,
        out_backprop=x,
        strides=[1, 1, 1, 1],
        padding="VALID",
    )
    # Depth to space; a transpose is several times faster on CPU than the DepthToSpace kernel.
    blocks = tf.reshape(blocks, [-1, height + 1, width + 1, stride, stride * filters])
    pixels = tf.transpose(blocks, [0, 1, 3, 2, 4])
    pixels = tf.reshape(pixels, [-1, stride * (height + 1), stride * (width + 1), filters])
    # tf.slice rather than indexing: its gradient is a plain pad.
    margin = stride // 2
    return tf.slice(pixels, [0, margin, margin, 0], [-1, stride * height, stride * width, filters])
