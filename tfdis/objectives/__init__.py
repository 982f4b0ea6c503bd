"""Reconstruction losses and regularising terms: one published objective in each file."""

from tfdis.objectives.bernoulli import BernoulliLoss
from tfdis.objectives.capacity import CapacityKL, CapacitySchedule
from tfdis.objectives.codebook import AssignmentTC, CodebookKL
from tfdis.objectives.conditional_prior import ConditionalPriorKL
from tfdis.objectives.configurable import check_not_negative
from tfdis.objectives.continuous_bernoulli import ContinuousBernoulliLoss
from tfdis.objectives.controlled_kl import ControlledKL
from tfdis.objectives.decay import CyclicSchedule, MultiStepSchedule, StepSchedule
from tfdis.objectives.dip import DIPPenalty
from tfdis.objectives.elbo_decomposition import ELBODecomposition
from tfdis.objectives.factor_tc import FactorTC
from tfdis.objectives.factorised_support import FactorisedSupport, SupportShrinkage
from tfdis.objectives.gaussian import GaussianLoss
from tfdis.objectives.kl import KL
from tfdis.objectives.label_terms import AdversarialLabel, ReconstructedLabel
from tfdis.objectives.laplace import LaplaceLoss
from tfdis.objectives.laplace_transition import LaplaceTransition
from tfdis.objectives.latent_quantisation import Commitment, Quantisation
from tfdis.objectives.learned_prior import LearnedPriorKL
from tfdis.objectives.lie_group_terms import Commutator, GeneratorProducts, GroupFeatures
from tfdis.objectives.mmd import MMD
from tfdis.objectives.reconstruction import ReconstructionLoss, make_reconstruction_loss
from tfdis.objectives.schedule import (
    ConstantSchedule,
    CosineRestartsSchedule,
    CosineSchedule,
    ExponentialSchedule,
    LinearSchedule,
    Schedule,
    StaircaseSchedule,
    at_step,
)
from tfdis.objectives.squared_error import BoxBlurMSELoss, L2Loss, MSELoss
from tfdis.objectives.standardised import StandardisedLoss
from tfdis.objectives.supervised import (
    SupervisedCovariance,
    SupervisedCrossEntropy,
    SupervisedL2,
    SupervisedTerm,
)
from tfdis.objectives.supervised_embedding import SupervisedEmbedding
from tfdis.objectives.supervised_mine import SupervisedMINE
from tfdis.objectives.term import LabelledCodes, Outputs, QuantisedCodes, Term, TrainedTerm
from tfdis.objectives.total_correlation import TotalCorrelation
from tfdis.objectives.tripod_terms import HessianPenalty, KernelInformation

__all__ = [
    "KL",
    "MMD",
    "AdversarialLabel",
    "AssignmentTC",
    "BernoulliLoss",
    "BoxBlurMSELoss",
    "CapacityKL",
    "CapacitySchedule",
    "CodebookKL",
    "Commitment",
    "Commutator",
    "ConditionalPriorKL",
    "ConstantSchedule",
    "ContinuousBernoulliLoss",
    "ControlledKL",
    "CosineRestartsSchedule",
    "CosineSchedule",
    "CyclicSchedule",
    "ExponentialSchedule",
    "DIPPenalty",
    "ELBODecomposition",
    "FactorTC",
    "FactorisedSupport",
    "GaussianLoss",
    "GeneratorProducts",
    "GroupFeatures",
    "HessianPenalty",
    "KernelInformation",
    "L2Loss",
    "LabelledCodes",
    "LaplaceLoss",
    "LaplaceTransition",
    "LearnedPriorKL",
    "LinearSchedule",
    "MultiStepSchedule",
    "MSELoss",
    "Outputs",
    "Quantisation",
    "QuantisedCodes",
    "ReconstructedLabel",
    "ReconstructionLoss",
    "Schedule",
    "StaircaseSchedule",
    "StepSchedule",
    "StandardisedLoss",
    "SupportShrinkage",
    "SupervisedCovariance",
    "SupervisedCrossEntropy",
    "SupervisedEmbedding",
    "SupervisedL2",
    "SupervisedMINE",
    "SupervisedTerm",
    "Term",
    "TotalCorrelation",
    "TrainedTerm",
    "at_step",
    "check_not_negative",
    "make_reconstruction_loss",
]
