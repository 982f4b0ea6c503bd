import os; os.environ["TF_CPP_MIN_LOG_LEVEL"]="3"
import keras
import numpy as np

from tfdis.features import FeatureExtractor, LearnedAggregation
from tfdis.features.classifier import MultiHeadClassifier


def make():
    b=keras.Sequential([keras.Input((8,8,3)),keras.layers.Conv2D(4,3,strides=4)])
    return MultiHeadClassifier(FeatureExtractor((8,8,3),b,LearnedAggregation((4,4),(1,2))),{"a":3},"he_uniform")
m=make(); m.compile("adam")
bns=[l for l in m.extractor.pooling.stack if "batch" in l.name]
print([w.path for w in m.non_trainable_variables])
bns[0].moving_mean.assign(np.ones(4)*5)
from tfdis.training.callbacks import Checkpoints
import tempfile; d=tempfile.mkdtemp()
m.optimizer.build(m.trainable_variables)
ck=Checkpoints(d,m,[1]); m.optimizer.iterations.assign(1); ck.save()
m2=make(); m2.compile("adam"); m2.optimizer.build(m2.trainable_variables)
ck2=Checkpoints(d,m2,[1]); print(ck2.restore())
print([l for l in m2.extractor.pooling.stack if "batch" in l.name][0].moving_mean.numpy())
