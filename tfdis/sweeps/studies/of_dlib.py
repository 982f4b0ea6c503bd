"""disentanglement_lib's own studies: the models, postprocessings, metrics and seeds of its sweep code."""

import os
from collections.abc import Iterator

from tfdis import registry
from tfdis.dlib.studies import NUM_MODELS
from tfdis.sweeps.point import Point, Step

# Part of a path behind which the path is the same in every installation.
_CONFIG = os.path.join("disentanglement_lib", "config", "")


def _register(name: str) -> None:
    def build(models: range = range(NUM_MODELS[name])) -> Iterator[Point]:
        from tfdis.dlib.reproduce import find_study, steps_of
        from tfdis.dlib.studies import model_configs

        study = find_study(name)
        postprocessings, metrics = (tuple(map(_step, kind)) for kind in steps_of(study))
        for number, (bindings, file) in zip(models, model_configs(study, models), strict=True):
            yield Point(
                name=str(number),
                gin_files=(_portable(file),),
                bindings=tuple(bindings),
                postprocessings=postprocessings,
                metrics=metrics,
                steps_as_dlib=True,
            )

    registry.study(name)(build)


def _step(step) -> Step:
    config = _portable(step.config)
    return Step(step.output_dir, step.input_dir, config, tuple(step.bindings))


def _portable(path: str) -> str:
    """A path in the installed package as it is to be looked up in any other."""
    return os.path.normpath(path.rpartition(_CONFIG)[2])


for _name in NUM_MODELS:
    _register(_name)
