"""tfdis: disentangled representations on TensorFlow 2 and Keras 3.

This module is the table of contents. Names are resolved on first use, so `import tfdis` itself loads
neither TensorFlow nor Keras.

Example:
    >>> import tfdis
    >>> tfdis.BetaVAE.__name__
    'BetaVAE'
"""

import importlib

from tfdis.configuration import accept_old_gin

__version__ = "0.1.0"

_ROOMS = (
    "analysis",
    "configuration",
    "data",
    "dlib",
    "evaluation",
    "export",
    "features",
    "models",
    "networks",
    "objectives",
    "ops",
    "plots",
    "sweeps",
    "training",
)

# Public name -> where it lives.
_NAMES = {
    "AnnealedVAE": "tfdis.models",
    "BetaTCVAE": "tfdis.models",
    "BetaVAE": "tfdis.models",
    "VAE": "tfdis.models",
    "get_named_ground_truth_data": "tfdis.data.named",
    "image_stream": "tfdis.data.stream",
    "train": "tfdis.training.train",
    "train_with_gin": "tfdis.export.train_run",
}

__all__ = sorted(["__version__", *_NAMES])

accept_old_gin()


def __getattr__(name: str):
    if name in _NAMES:
        return getattr(_load(_NAMES[name]), name)
    if name in _ROOMS:
        return _load(f"tfdis.{name}")
    raise AttributeError(f"module 'tfdis' has no attribute {name!r}. Public names: {__all__}.")


def _load(module: str):
    """Imports a module of tfdis, also when gin's configuration is locked: it may bring gin names."""
    from tfdis.configuration import unlocked

    with unlocked():
        return importlib.import_module(module)


def __dir__():
    return sorted([*__all__, *_ROOMS])
