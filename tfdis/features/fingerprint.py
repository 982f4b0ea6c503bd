"""The fingerprint of a feature extractor: equal for equal architectures and weights."""

import hashlib
import json
import re

import keras
import numpy as np

# Keys that say nothing about what a layer computes.
_IGNORED = frozenset(("trainable", "backbone_trainable", "build_config", "shared_object_id"))
# Keras numbers the layers of a process: conv2d_7.
_NUMBER = re.compile(r"(_\d+)+$")


def fingerprint(extractor: keras.Model) -> str:
    """First 32 hexadecimal digits of the SHA-256 of an extractor's configuration and weights.

    Automatic layer names, and whether layers are trainable, do not count; a saved and loaded
    extractor has the fingerprint of the original.

    Args:
        extractor: any built Keras model that can be saved.
    """
    digest = hashlib.sha256()
    config = _plain(keras.saving.serialize_keras_object(extractor))
    digest.update(json.dumps(config, sort_keys=True).encode())
    for weight in extractor.weights:
        value = np.ascontiguousarray(keras.ops.convert_to_numpy(weight.value))
        digest.update(f"{value.dtype} {value.shape}".encode())
        digest.update(value)
    return digest.hexdigest()[:32]


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _IGNORED}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return _NUMBER.sub("", value) if isinstance(value, str) else value
