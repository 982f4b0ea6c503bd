"""TensorFlow 1 as disentanglement_lib's training code and its tests want it, on TensorFlow 2."""

import importlib
import types
from typing import Any

import gin

_OPTIMIZERS = (
    "AdadeltaOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "FtrlOptimizer",
    "GradientDescentOptimizer",
    "MomentumOptimizer",
    "RMSPropOptimizer",
)
_SCHEDULES = (
    "cosine_decay",
    "exponential_decay",
    "inverse_time_decay",
    "natural_exp_decay",
    "polynomial_decay",
)


class _Keras2(types.ModuleType):
    """A module of Keras 2, loaded on first use: it takes seconds, and evaluation does without."""

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(f"tf_keras.api._v1.{self.__name__}"), attribute)


def compat_v1_names() -> dict[str, object]:
    """What `tensorflow.compat.v1` lacks: `estimator`, removed in TensorFlow 2.16, and Keras 2."""
    from tfdis.dlib.stack.estimator import ModeKeys

    return {
        "estimator": types.SimpleNamespace(ModeKeys=ModeKeys),
        "keras": _Keras2("keras"),
        "layers": _Keras2("keras.__internal__.legacy.layers"),
    }


def hub_names() -> dict[str, object]:
    """What `tensorflow_hub` lacks: TF1 Hub modules, removed in 0.13."""
    from tfdis.dlib.stack import hub_module, hub_v1

    return {
        "eval_function_for_module": hub_module.eval_function_for_module,
        "create_module_spec": hub_v1.ModuleSpec,
        "add_signature": hub_v1.add_signature,
        "Module": hub_v1.Module,
    }


def contrib_modules() -> dict[str, types.ModuleType]:
    """The modules of `tensorflow.contrib`, gone in TensorFlow 2.0, that are still asked for.

    The one function that used `framework` is replaced, see `compat`.
    """
    from tfdis.dlib.stack.estimator import contrib_tpu

    framework = types.ModuleType("tensorflow.contrib.framework")
    return {"framework": framework, "tpu": contrib_tpu()}


def register_external_configurables() -> None:
    """Optimisers and learning rates under the gin names of `gin.tf.external_configurables`.

    They are those of TensorFlow 1, for disentanglement_lib's own training code; in a process that
    has tfdis's optimisers too, the names are ambiguous.
    """
    import tensorflow as tf

    for name in (*_OPTIMIZERS, *_SCHEDULES):
        gin.external_configurable(getattr(tf.compat.v1.train, name), name, module="tf.train")

    # TensorFlow calls the step `x`; disentanglement_lib passes every schedule a `global_step`.
    @gin.configurable(module="tf.train")
    def piecewise_constant(global_step, boundaries, values):
        return tf.compat.v1.train.piecewise_constant(global_step, list(boundaries), list(values))
