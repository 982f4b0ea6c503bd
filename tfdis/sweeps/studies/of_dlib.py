"""disentanglement_lib's own studies: the models, postprocessings, metrics and seeds of its sweep code."""

from collections.abc import Iterator, Sequence

from tfdis import registry
from tfdis.dlib.studies import NUM_MODELS, find_study, model_configs
from tfdis.sweeps.papers_of_dlib import point_step, portable
from tfdis.sweeps.point import Point

_REFERENCES = {
    "unsupervised_study_v1": """

    References:
        Locatello et al. (2019), "Challenging Common Assumptions in the Unsupervised Learning of
        Disentangled Representations", ICML. arXiv:1811.12359.
    """,
    "abstract_reasoning_study_v1": """

    References:
        van Steenkiste et al. (2019), "Are Disentangled Representations Helpful for Abstract Visual
        Reasoning?", NeurIPS. arXiv:1905.12506.
    """,
    "fairness_study_v1": """

    References:
        Locatello et al. (2019), "On the Fairness of Disentangled Representations", NeurIPS.
        arXiv:1905.13662.
    """,
}


def _register(name: str) -> None:
    def build(models: Sequence[int] = range(NUM_MODELS[name])) -> Iterator[Point]:
        from tfdis.dlib.reproduce import steps_of

        study = find_study(name)
        postprocessings, metrics = (tuple(map(point_step, kind)) for kind in steps_of(study))
        for number, (bindings, file) in zip(models, model_configs(study, models), strict=True):
            yield Point(
                name=str(number),
                gin_files=(portable(file),),
                bindings=tuple(bindings),
                postprocessings=postprocessings,
                metrics=metrics,
                steps_as_dlib=True,
            )

    count = f"{NUM_MODELS[name]:,} model{'s' if NUM_MODELS[name] > 1 else ''}, chosen by --models."
    build.__doc__ = f"disentanglement_lib's {name}: {count}{_REFERENCES.get(name, '')}"
    registry.study(name)(build)


for _name in NUM_MODELS:
    _register(_name)
