"""Pretrained features: backbones, pooling layers, and the extractor that joins them."""

from tfdis.features.extractor import FeatureExtractor, build_feature_extractor
from tfdis.features.global_pooling import GlobalAverage, GlobalMax
from tfdis.features.registry import BACKBONES, POOLINGS

__all__ = [
    "BACKBONES",
    "POOLINGS",
    "FeatureExtractor",
    "GlobalAverage",
    "GlobalMax",
    "build_feature_extractor",
]
