"""Pictures of runs: latent traversals, reconstructions, loss curves."""

from tfdis.configuration import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
