"""Keras models: `VAE`, the base that mixes terms, and one small subclass for each published model.

A model of your own is one too. Its options are named in its constructor alone: they are attributes, are
saved with the model, and gin binds them (`my_vae.strength = 3.0`).

    @registry.model("my_vae")
    class MyVAE(VAE):
        def __init__(self, strength, **kwargs):
            super().__init__(own_terms=[KL(), DIPPenalty(strength, lambda_d=0.0)], **kwargs)
"""

from tfdis.models.ada_gvae import AdaGVAE
from tfdis.models.ada_mlvae import AdaMLVAE
from tfdis.models.annealed_vae import AnnealedVAE
from tfdis.models.autoencoder import Autoencoder
from tfdis.models.beta_tc_vae import BetaTCVAE
from tfdis.models.beta_vae import BetaVAE
from tfdis.models.bf_vae import BFVAE
from tfdis.models.commutative_lie_group_vae import CommutativeLieGroupVAE
from tfdis.models.control_vae import ControlVAE
from tfdis.models.cvae import CVAE
from tfdis.models.dip_vae import DIPVAE
from tfdis.models.factor_qvae import FactorQVAE
from tfdis.models.factor_vae import FactorVAE
from tfdis.models.fsq import FSQ
from tfdis.models.gvae import GVAE
from tfdis.models.ifcvae import IFCVAE
from tfdis.models.info_vae import InfoVAE
from tfdis.models.ivae import IVAE
from tfdis.models.mlvae import MLVAE
from tfdis.models.qlae import QLAE
from tfdis.models.slow_vae import SlowVAE
from tfdis.models.supervised_vae import SupervisedVAE
from tfdis.models.tripod import Tripod
from tfdis.models.vae import VAE
from tfdis.registry import MODELS

__all__ = [
    "BFVAE",
    "CVAE",
    "DIPVAE",
    "FSQ",
    "GVAE",
    "IFCVAE",
    "IVAE",
    "MLVAE",
    "MODELS",
    "QLAE",
    "VAE",
    "AdaGVAE",
    "AdaMLVAE",
    "AnnealedVAE",
    "Autoencoder",
    "BetaTCVAE",
    "BetaVAE",
    "CommutativeLieGroupVAE",
    "ControlVAE",
    "FactorQVAE",
    "FactorVAE",
    "InfoVAE",
    "SlowVAE",
    "SupervisedVAE",
    "Tripod",
]
