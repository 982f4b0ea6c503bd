"""tf.data streams: batches as pure functions of (seed, step), of one set, of several, of pairs."""
