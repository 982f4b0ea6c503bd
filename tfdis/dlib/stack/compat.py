"""What disentanglement_lib 1.5 (dlib) lacks on a current Python, numpy, gin and TensorFlow.

There are three tables, each entry with its reason: `STAND_INS` for what dlib imports, `REPLACED`
for modules of dlib that are not used at all, `CHANGED` for functions that are changed.
`importing.py` applies them, and only to dlib: numpy, TensorFlow and tensorflow_hub stay as they are
for everybody else. What dlib wants of an older gin is in `tfdis.configuration.old_gin`, since
users' own files want it too.
"""

import contextlib
import importlib
import importlib.util
import json
import os
import shutil
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from tfdis.configuration import preserved, without_names_of
from tfdis.dlib.stack import tensorflow_v1

DLIB = "disentanglement_lib"


class _StandIn(types.ModuleType):
    """A module with some names of its own; any other name is the real module's."""

    def __init__(self, name: str, **names):
        super().__init__(name, f"tfdis's stand-in for {name}, seen by {DLIB} only.")
        vars(self).update(names)

    def __getattr__(self, attribute: str) -> Any:
        try:
            real = importlib.import_module(self.__name__)
        except ImportError as error:
            raise AttributeError(
                f"tfdis's stand-in for {self.__name__} has no {attribute!r}, and the real one is "
                f"not available: {error}."
            ) from error
        return getattr(real, attribute)


def _numpy() -> types.ModuleType:
    """numpy: `np.float_`, used when results become JSON, was removed in numpy 2.0."""
    import numpy as np

    return _StandIn("numpy", **{**vars(np), "float_": np.float64})


def _imageio() -> types.ModuleType:
    """imageio: `mimwrite` took frames of floats in [0, 1] and frames per second until 2.28."""
    import imageio
    import numpy as np

    def mimwrite(path, frames, fps):
        frames = [(np.clip(frame, 0, 1) * 255 + 0.5).astype(np.uint8) for frame in frames]
        imageio.mimwrite(path, frames, duration=1000 / fps, loop=0)

    return _StandIn("imageio", mimwrite=mimwrite)


def _simplejson() -> types.ModuleType:
    """simplejson: since 3.19 it refuses NaN, which some metrics return for a factor of one value.

    The standard library's json writes the same text and takes NaN, as simplejson did in dlib's
    days.
    """
    return json


def _distutils() -> types.ModuleType:
    """distutils: removed in Python 3.12.

    Its `copy_tree` also remembered folders that it had made, and failed when one was gone since.
    """

    def copy_tree(source, target):
        shutil.copytree(source, target, dirs_exist_ok=True)

    return _StandIn("distutils", dir_util=types.SimpleNamespace(copy_tree=copy_tree))


def _tensorflow() -> types.ModuleType:
    """tensorflow.compat.v1: `tf.estimator` was removed in TensorFlow 2.16."""
    compat_v1 = _compat_v1()
    return _StandIn("tensorflow", compat=_StandIn("tensorflow.compat", v1=compat_v1))


def _compat_v1() -> types.ModuleType:
    return _StandIn("tensorflow.compat.v1", **tensorflow_v1.compat_v1_names())


def _tensorflow_hub() -> types.ModuleType:
    """tensorflow_hub: the TF1 Hub format was removed in 0.13."""
    return _StandIn("tensorflow_hub", **tensorflow_v1.hub_names())


def _tensorflow_contrib() -> types.ModuleType:
    """tensorflow.contrib: gone in TensorFlow 2.0. Only training code and `convolute_hub` want it."""
    return _StandIn("tensorflow.contrib", **tensorflow_v1.contrib_modules())


def _pkg_resources() -> types.ModuleType:
    """pkg_resources: removed in setuptools 82. dlib asks it where its own files are."""

    def resource_filename(package, path):
        return os.path.join(importlib.util.find_spec(package).submodule_search_locations[0], path)

    return _StandIn(
        "pkg_resources",
        resource_filename=resource_filename,
        resource_listdir=lambda package, path: os.listdir(resource_filename(package, path)),
        resource_isdir=lambda package, path: os.path.isdir(resource_filename(package, path)),
    )


# Builders of the stand-ins by the name that dlib imports.
STAND_INS: dict[str, Callable[[], types.ModuleType]] = {
    "distutils": _distutils,
    "imageio": _imageio,
    "numpy": _numpy,
    "pkg_resources": _pkg_resources,
    "simplejson": _simplejson,
    "tensorflow": _tensorflow,
    "tensorflow.compat.v1": _compat_v1,
    "tensorflow.contrib": _tensorflow_contrib,
    "tensorflow_hub": _tensorflow_hub,
}


def _replace_named_data(module: types.ModuleType) -> None:
    """named_data: dlib's loaders hold dSprites in memory twice, and read few of the data sets.

    tfdis's data sets give the same images and factors for the same random state. Because dlib's own
    module is never run, the gin name `dataset` exists once.
    """
    from tfdis.data.named import get_named_ground_truth_data

    module.get_named_ground_truth_data = get_named_ground_truth_data


def _after_convolute_hub(module: types.ModuleType) -> None:
    """convolute_and_save: builds a `hub.Module`, which tensorflow-hub 0.13 removed."""
    from tfdis.dlib.stack.convolute import convolute_and_save

    module.convolute_and_save = convolute_and_save


def _after_optimizers(module: types.ModuleType) -> None:
    """optimizers: its gin files name TensorFlow 1's, which `gin.tf` registered."""
    del module
    tensorflow_v1.register_external_configurables()


def _after_pgm_data(module: types.ModuleType) -> None:
    """pgm_data: it tells the data sets apart by their classes, which are tfdis's here."""
    from tfdis.data.sets import dummy_data, shapes3d
    from tfdis.data.sets.dsprites import abstract

    module.dsprites = abstract
    module.dummy_data = dummy_data
    module.shapes3d = shapes3d


def _after_aggregate_results(module: types.ModuleType) -> None:
    """aggregate_results: it forks a pool of processes, which may hang once TensorFlow runs, and leaves it."""
    pool = types.SimpleNamespace(map=lambda function, items: [function(item) for item in items])
    module.multiprocessing = types.SimpleNamespace(Pool=lambda: pool)


@contextlib.contextmanager
def _training() -> Iterator[None]:
    """Keeps gin to dlib's names, which may be those of tfdis's models too, and as it was before.

    Also silences `tf.layers`, which a user of dlib cannot change.
    """
    with preserved(), without_names_of("tfdis"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`tf.layers")
        yield


def _within(context: Callable, name: str) -> Callable[[types.ModuleType], None]:
    """A step that may leave gin locked when it fails, and clears what was bound when it does not."""

    def change(module):
        setattr(module, name, context()(getattr(module, name)))

    return change


# Modules whose file is not run at all, and modules that are changed after their file was run.
REPLACED = {f"{DLIB}.data.ground_truth.named_data": _replace_named_data}
CHANGED = {
    f"{DLIB}.evaluation.abstract_reasoning.pgm_data": _after_pgm_data,
    f"{DLIB}.evaluation.abstract_reasoning.reason": _within(_training, "reason_with_gin"),
    f"{DLIB}.evaluation.evaluate": _within(preserved, "evaluate_with_gin"),
    f"{DLIB}.methods.shared.optimizers": _after_optimizers,
    f"{DLIB}.methods.unsupervised.train": _within(_training, "train_with_gin"),
    f"{DLIB}.postprocessing.postprocess": _within(preserved, "postprocess_with_gin"),
    f"{DLIB}.utils.aggregate_results": _after_aggregate_results,
    f"{DLIB}.utils.convolute_hub": _after_convolute_hub,
    f"{DLIB}.visualize.visualize_model": _within(preserved, "visualize"),
}
