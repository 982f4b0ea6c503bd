"""Reconstruction losses and regularising terms: one published objective a file."""

from tfdis.objectives.bernoulli import BernoulliLoss
from tfdis.objectives.capacity import CapacityKL
from tfdis.objectives.kl import KL
from tfdis.objectives.l2 import L2Loss
from tfdis.objectives.reconstruction import ReconstructionLoss, make_reconstruction_loss
from tfdis.objectives.term import Outputs, Term, TrainedTerm, at_step
from tfdis.objectives.total_correlation import TotalCorrelation

__all__ = [
    "KL",
    "BernoulliLoss",
    "CapacityKL",
    "L2Loss",
    "Outputs",
    "ReconstructionLoss",
    "Term",
    "TotalCorrelation",
    "TrainedTerm",
    "at_step",
    "make_reconstruction_loss",
]
