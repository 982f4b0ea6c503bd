"""TF Hub modules and disentanglement_lib's result folders."""

from tfdis.export.frozen import Signature, export_frozen
from tfdis.export.model import export_model, export_trainable, vae_signatures
from tfdis.export.postprocess import export_representation
from tfdis.export.results import write_results

__all__ = [
    "Signature",
    "export_frozen",
    "export_model",
    "export_representation",
    "export_trainable",
    "vae_signatures",
    "write_results",
]
