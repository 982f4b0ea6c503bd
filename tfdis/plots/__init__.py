"""Pictures of runs: latent traversals, reconstructions, loss curves. Every matplotlib import is here."""

import lazy_loader

# What the names are: __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
