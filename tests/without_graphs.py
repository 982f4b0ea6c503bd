"""Runs TensorFlow's functions without graphs, for fixtures that serve a whole file."""

import contextlib
import warnings

import tensorflow as tf


@contextlib.contextmanager
def running_eagerly():
    """Runs every step without a graph, as the fixture `eagerly` does for one test."""
    with warnings.catch_warnings():
        # Graphs of data streams stay graphs, and TensorFlow says so.
        warnings.filterwarnings("ignore", "Even though the `tf.config", UserWarning)
        tf.config.run_functions_eagerly(True)
        try:
            yield
        finally:
            tf.config.run_functions_eagerly(False)
