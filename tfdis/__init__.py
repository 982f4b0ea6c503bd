"""tfdis: disentangled representations on TensorFlow 2 and Keras 3.

The table of contents is the stub beside this file, `__init__.pyi`. Its names are resolved on first use, so
`import tfdis` itself loads neither TensorFlow nor Keras.

Example:
    >>> import tfdis
    >>> tfdis.BetaVAE.__name__
    'BetaVAE'
"""

import os

from tfdis.configuration import accept_old_gin, lazy_names
from tfdis.files.keras_classes import load_on_demand

__version__ = "0.2.0"

# TensorFlow reads it while it is imported. By itself it takes oneDNN only where a processor has AVX-512's
# instructions for networks; elsewhere, too, convolutions are much faster with it, and a code is the same to
# the last bit in a batch of 16, 64 or 128 images, so that scores are disentanglement_lib's.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
__all__ = sorted(["__version__", *__all__])


def _load_keras_classes():
    """Imports the rooms that register the classes of .keras files."""
    from tfdis import registry

    registry.load(*(f"tfdis.{room}" for room in ("features", "models", "networks", "training")))


accept_old_gin()
load_on_demand("tfdis", _load_keras_classes)
