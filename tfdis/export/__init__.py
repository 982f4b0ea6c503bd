"""TF Hub modules and disentanglement_lib's result folders."""

import lazy_loader

# What the names are: __init__.pyi.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
