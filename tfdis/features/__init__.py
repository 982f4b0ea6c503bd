"""Pretrained features: backbones, pooling layers, and the extractor that joins them."""

from tfdis.features.backbones import (
    densenet121,
    keras_application,
    mobilenet,
    resnet50,
    vgg16,
    vgg19,
    vgg19_bn,
)
from tfdis.features.extractor import FeatureExtractor, build_feature_extractor
from tfdis.features.global_pooling import GlobalAverage, GlobalMax
from tfdis.features.learned_aggregation import LearnedAggregation
from tfdis.features.pca_rmac import PCARMAC
from tfdis.features.positional_encoding import PositionalEncoding
from tfdis.features.preprocessing import Preprocessing
from tfdis.features.rmac import RMAC
from tfdis.registry import BACKBONES, POOLINGS

__all__ = [
    "BACKBONES",
    "PCARMAC",
    "POOLINGS",
    "RMAC",
    "FeatureExtractor",
    "GlobalAverage",
    "GlobalMax",
    "LearnedAggregation",
    "PositionalEncoding",
    "Preprocessing",
    "build_feature_extractor",
    "densenet121",
    "keras_application",
    "mobilenet",
    "resnet50",
    "vgg16",
    "vgg19",
    "vgg19_bn",
]
