"""TF Hub modules and disentanglement_lib's result folders."""

from tfdis.configuration import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
