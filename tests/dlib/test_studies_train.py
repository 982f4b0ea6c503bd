"""disentanglement_lib's own study configurations train here without a word changed."""

import importlib
import json
import pathlib

import gin
import numpy as np
import pytest

from tfdis import dlib
from tfdis.configuration import unused_bindings
from tfdis.training import callbacks
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


def _train(study, number, folder, further=()):
    bindings, file = study.get_model_config(number)
    gin.clear_config()
    gin.parse_config_files_and_bindings([file], [*bindings, *SMALL, *further], skip_unknown=False)
    return train_room.train(folder)


@pytest.mark.parametrize("name", STUDIES)
def test_the_studies_have_36_models(name):
    module, _ = _study(name)
    assert len(_distinct_models(module)) == 36


@pytest.mark.long
@pytest.mark.usefixtures("eagerly")
def test_one_model_of_every_method_trains_and_only_useless_bindings_are_named(
    tmp_path, monkeypatch
):
    unused = []
    monkeypatch.setattr(callbacks, "warn_of_unused", lambda: unused.append(unused_bindings()))
    module, study = _study("unsupervised_study_v1")
    names = []
    for number in _distinct_models(module)[::6]:
        run = _train(study, number, tmp_path / str(number), ["vae.beta = 3."])
        assert np.isfinite(run.results["loss"])
        names.append(type(run.model).__name__)
    assert sorted(names) == sorted(
        ["BetaVAE", "FactorVAE", "DIPVAE", "DIPVAE", "BetaTCVAE", "AnnealedVAE"]
    )
    for name, found in zip(names, unused, strict=True):
        assert set(found) == (set() if name == "BetaVAE" else {"vae.beta"})


def _statements(file):
    lines = [line.strip() for line in pathlib.Path(file).read_text().splitlines()]
    return tuple(line for line in lines if line and not line.startswith("#"))


@pytest.mark.exhaustive
@pytest.mark.usefixtures("eagerly")
def test_every_distinct_model_configuration_of_all_studies_trains(tmp_path):
    """The three studies share most of their configurations: each distinct one is trained once."""
    trained = set()
    for name in STUDIES:
        module, study = _study(name)
        for number in _distinct_models(module):
            bindings, file = study.get_model_config(number)
            own = [b for b in bindings if not b.startswith(("dataset.", "model.random_seed"))]
            configuration = (_statements(file), *own)
            if configuration in trained:
                continue
            trained.add(configuration)
            run = _train(study, number, tmp_path / str(len(trained)))
            assert np.isfinite(run.results["loss"]), bindings
    assert len(trained) >= 36
