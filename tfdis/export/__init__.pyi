from .frozen import Signature as Signature
from .frozen import export_frozen as export_frozen
from .model import export_model as export_model
from .model import export_trainable as export_trainable
from .model import vae_signatures as vae_signatures
from .postprocess import export_representation as export_representation
from .results import write_results as write_results
