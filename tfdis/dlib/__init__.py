"""disentanglement_lib 1.5 on this stack: the only room that imports it."""

from tfdis.dlib.commands import evaluate, find_config, postprocess
from tfdis.dlib.importing import install

__all__ = ["evaluate", "find_config", "install", "postprocess"]
