"""tf.data streams: batches as pure functions of (seed, step), from one set, several sets, or pairs."""
