"""Where a training step's time goes: each convolution of the `conv` networks, float32 against bfloat16.

Times are the processor's, of one thread, so that other processes on the machine change them little. Every
line compares both precisions in one run; `as product` is the gradient of the weights as one matrix product
of the image's patches, the only other way that TensorFlow offers.

python benchmarks/convolutions.py --rounds=5
"""

import os
import sys
import time

from absl import app, flags

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import tfdis  # noqa: E402, F401 - before TensorFlow, which it tells to take oneDNN

_ROUNDS = flags.DEFINE_integer("rounds", 5, "Rounds; the fastest counts.", lower_bound=1)
_BATCH = flags.DEFINE_integer("batch", 64, "Images in a batch.", lower_bound=1)
# Layer -> (size of its input, channels in, channels out); kernels of 4 x 4, stride 2. The transposed
# convolutions of the decoder are the same operations, forward and backward exchanged.
LAYERS = {
    "e1, d6": (64, 1, 32),
    "e2, d5": (32, 32, 32),
    "e3, d4": (16, 32, 64),
    "e4, d3": (8, 64, 64),
}


def _operations(size, channels, filters, dtype):
    """The layer's operations as compiled functions, by name."""
    import tensorflow as tf

    shape = [_BATCH.value, size, size, channels]
    kernel = [4, 4, channels, filters]
    x, weights, gradient = (
        tf.cast(tf.random.normal(s), dtype)
        for s in (shape, kernel, [_BATCH.value, size // 2, size // 2, filters])
    )
    options = {"strides": [1, 2, 2, 1], "padding": "SAME"}

    def as_product():
        patches = tf.image.extract_patches(x, [1, 4, 4, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME")
        rows = tf.reshape(patches, [-1, 16 * channels])
        return tf.matmul(rows, tf.reshape(gradient, [-1, filters]), transpose_a=True)

    functions = {
        "forward": lambda: tf.nn.conv2d(x, weights, **options),
        "gradient of weights": lambda: tf.raw_ops.Conv2DBackpropFilter(
            input=x, filter_sizes=kernel, out_backprop=gradient, **options
        ),
        "the same as product": as_product,
        "gradient of inputs": lambda: tf.raw_ops.Conv2DBackpropInput(
            input_sizes=shape, filter=weights, out_backprop=gradient, **options
        ),
    }
    return {name: tf.function(function) for name, function in functions.items()}


def _milliseconds(function):
    function()
    best = float("inf")
    for _ in range(_ROUNDS.value):
        start = time.process_time()
        for _ in range(10):
            function()
        best = min(best, (time.process_time() - start) / 10)
    return 1000 * best


def _main(_):
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    print(
        f"{'layers':8} {'operation':20} {'GFLOP':>6} {'float32 ms':>11} {'bfloat16 ms':>12} {'ratio':>6}"
    )
    for name, (size, channels, filters) in LAYERS.items():
        flop = 2 * _BATCH.value * (size // 2) ** 2 * 16 * channels * filters / 1e9
        both = [_operations(size, channels, filters, d) for d in ("float32", "bfloat16")]
        for operation in both[0]:
            single, half = (_milliseconds(functions[operation]) for functions in both)
            print(
                f"{name:8} {operation:20} {flop:6.3f} {single:11.2f} {half:12.2f} {half / single:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    app.run(_main)
