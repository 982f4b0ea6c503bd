"""tfdis: disentangled representations on TensorFlow 2 and Keras 3.

This module is the table of contents. Names are resolved on first use, so `import tfdis` itself loads
neither TensorFlow nor Keras.

Example:
    >>> import tfdis
    >>> tfdis.BetaVAE.__name__
    'BetaVAE'
"""

import importlib
import os
from typing import Any

from tfdis.configuration import accept_old_gin
from tfdis.files.keras_classes import load_on_demand

__version__ = "0.2.0"

# TensorFlow reads it while it is imported. By itself it takes oneDNN only where a processor has AVX-512's
# instructions for networks; elsewhere, too, convolutions are much faster with it, and a code is the same to
# the last bit in a batch of 16, 64 or 128 images, so that scores are disentanglement_lib's.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

_ROOMS = (
    "analysis",
    "configuration",
    "data",
    "dlib",
    "evaluation",
    "export",
    "features",
    "files",
    "models",
    "networks",
    "objectives",
    "ops",
    "plots",
    "report",
    "runs",
    "sweeps",
    "training",
)

# The module of each public name.
_PUBLIC = {
    "tfdis.models": """
        AdaGVAE AdaMLVAE AnnealedVAE Autoencoder BFVAE BetaTCVAE BetaVAE CVAE CommutativeLieGroupVAE
        ControlVAE DIPVAE FSQ FactorQVAE FactorVAE GVAE IFCVAE IVAE InfoVAE MLVAE QLAE SlowVAE SupervisedVAE
        Tripod VAE""",
    "tfdis.objectives": """
        AdversarialLabel CapacityKL Commutator ConditionalPriorKL ControlledKL DIPPenalty
        ELBODecomposition FactorTC FactorisedSupport GeneratorProducts GroupFeatures KL
        LabelledCodes LaplaceTransition LearnedPriorKL MMD Outputs ReconstructedLabel
        SupervisedCovariance SupervisedCrossEntropy SupervisedEmbedding SupervisedL2 SupervisedMINE
        SupervisedTerm SupportShrinkage Term TotalCorrelation TrainedTerm
        AssignmentTC CodebookKL Commitment ExponentialSchedule HessianPenalty KernelInformation Quantisation
        QuantisedCodes
        BernoulliLoss BoxBlurMSELoss ContinuousBernoulliLoss GaussianLoss L2Loss LaplaceLoss MSELoss
        ReconstructionLoss StandardisedLoss
        CapacitySchedule ConstantSchedule CosineRestartsSchedule CosineSchedule CyclicSchedule
        LinearSchedule MultiStepSchedule Schedule StaircaseSchedule StepSchedule""",
    "tfdis.data.ground_truth_data": "EnumerableData GroundTruthData",
    "tfdis.data.adapted": "as_ground_truth_data",
    "tfdis.data.named": "data_set_names get_named_ground_truth_data",
    "tfdis.data.sets.from_files": "from_files",
    "tfdis.data.streams.labelled_points": "LabelledPoints sample_labelled_points",
    "tfdis.data.streams.labelled_sets": "LabelledSets",
    "tfdis.data.streams.image_stream": "image_stream",
    "tfdis.data.streams.pairs": "pair_stream",
    "tfdis.features": "FeatureExtractor build_feature_extractor",
    "tfdis.features.extraction": "extract",
    "tfdis.training.train": "TrainedRun train",
    "tfdis.training.finetune": "finetune",
    "tfdis.runs.train": "train_and_export train_with_gin",
    "tfdis.runs.finetune": "finetune_with_gin",
    "tfdis.runs.extract": "extract_with_gin",
    "tfdis.export.load": "load",
    "tfdis.export.model": "export_model",
    "tfdis.export.postprocess": "export_representation",
    "tfdis.export.run": "Run",
    "tfdis.evaluation": "evaluate metric_names score",
    "tfdis.evaluation.generalisation": "generalisation",
    "tfdis.evaluation.seed_consistency": "seed_consistency",
    "tfdis.evaluation.udr": "udr",
}
_NAMES = {name: module for module, names in _PUBLIC.items() for name in names.split()}

__all__ = sorted(["__version__", *_NAMES])


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(_load(_NAMES[name]), name)
    if name in _ROOMS:
        return _load(f"tfdis.{name}")
    raise AttributeError(f"module 'tfdis' has no attribute {name!r}. Public names: {__all__}.")


def _load(module: str):
    """Imports a module of tfdis, also when gin's configuration is locked: it may bring gin names."""
    from tfdis.configuration import unlocked

    with unlocked():
        return importlib.import_module(module)


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS])


def _load_keras_classes():
    """Imports the modules that register the classes of .keras files."""
    rooms = ("features", "features.classifier", "models")
    reasoning = ("models.reasoner", "networks.panel_cnn", "networks.relational")
    optimizers = ("training.grouped_adam", "training.optimizers", "training.radam")
    for module in (*rooms, *reasoning, *optimizers):
        _load(f"tfdis.{module}")


accept_old_gin()
load_on_demand("tfdis", _load_keras_classes)
