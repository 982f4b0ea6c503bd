"""disentanglement_lib 1.5 on this stack: the only room that imports it.

Names are resolved on first use: scoring arrays needs a few files of this room, and no TensorFlow.
"""

from tfdis.configuration import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__, __file__)
