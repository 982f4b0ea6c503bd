"""Keras models: `VAE`, the base that mixes terms, and one small subclass a published model."""

from tfdis.models.annealed_vae import AnnealedVAE
from tfdis.models.beta_tc_vae import BetaTCVAE
from tfdis.models.beta_vae import BetaVAE
from tfdis.models.registry import MODELS
from tfdis.models.vae import VAE

__all__ = ["MODELS", "AnnealedVAE", "BetaTCVAE", "BetaVAE", "VAE"]
