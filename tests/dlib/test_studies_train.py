"""disentanglement_lib's own study configurations train here without a word changed."""

import importlib
import json

import gin
import numpy as np
import pytest

from tfdis import dlib
from tfdis.training import train as train_room

STUDIES = {
    "unsupervised_study_v1": "UnsupervisedStudyV1",
    "fairness_study_v1": "FairnessStudyV1",
    "abstract_reasoning_study_v1.stage1": "AbstractReasoningStudyV1",
}
# What the study leaves to its data set and length.
SMALL = [
    "dataset.name = 'dummy_data'",
    "model.training_steps = 2",
    "model.batch_size = 8",
    "model.eval_steps = 1",
]


def _study(name):
    """The sweep module, and an instance of its study."""
    dlib.install()
    module = importlib.import_module(f"disentanglement_lib.config.{name}.sweep")
    return module, getattr(module, STUDIES[name])()


def _distinct_models(module):
    """Number of the first run of every model configuration: data sets and seeds left out."""
    found = {}
    for number, config in enumerate(module.get_config()):
        own = {k: v for k, v in config.items() if k not in ("dataset.name", "model.random_seed")}
        found.setdefault(json.dumps(own, sort_keys=True, default=str), number)
    return list(found.values())


def _train(study, number, folder):
    bindings, file = study.get_model_config(number)
    gin.clear_config()
    gin.parse_config_files_and_bindings([file], [*bindings, *SMALL], skip_unknown=False)
    return train_room.train(folder)


@pytest.mark.parametrize("name", STUDIES)
def test_the_studies_have_36_models(name):
    module, _ = _study(name)
    assert len(_distinct_models(module)) == 36


def test_one_model_of_every_method_trains(tmp_path):
    module, study = _study("unsupervised_study_v1")
    names = []
    for number in _distinct_models(module)[::6]:
        run = _train(study, number, tmp_path / str(number))
        assert np.isfinite(run.results["loss"])
        names.append(type(run.model).__name__)
    assert sorted(names) == sorted(
        ["BetaVAE", "FactorVAE", "DIPVAE", "DIPVAE", "BetaTCVAE", "AnnealedVAE"]
    )


@pytest.mark.long
@pytest.mark.parametrize("name", STUDIES)
def test_every_model_configuration_trains(name, tmp_path):
    module, study = _study(name)
    for number in _distinct_models(module):
        run = _train(study, number, tmp_path / str(number))
        bound, _ = study.get_model_config(number)
        assert np.isfinite(run.results["loss"]), bound
