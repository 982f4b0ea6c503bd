"""A study's folder without trainings: results as disentanglement_lib writes them, and what made them."""

import json

import pytest
from run_helpers import write_step

FUNCTIONS = {"mig": "mig", "sap": "sap_score", "irs": "irs", "dci": "dci"}
FUNCTIONS["factor_vae"] = "factor_vae_score"


@pytest.fixture
def write_study():
    """Writes `study.json`: `write_study(folder, "betas", "bin/study ...")`."""

    def write(folder, name, *commands):
        content = {"study": name, "commands": commands, "steps": [], "points": []}
        (folder / "study.json").write_text(json.dumps(content))

    return write


@pytest.fixture
def write_point():
    """Writes a scored point: `write_point(study, "beta=4,seed=0", 0, {"mig/discrete_mig": 0.1}, ...)`."""

    def write(study, name, seed, scores, bindings=None, versions=None, provenance="re-rendered"):
        place = study / "points" / name
        config = {
            "dataset.name": "'dsprites_hearts'",
            "model.model": "@vae()",
            "model.random_seed": str(seed),
            **(bindings or {}),
        }
        trained = {"uuid": name, "dataset_provenance": provenance}
        for score, value in scores.items():
            metric, _, key = score.partition("/")
            folder = place / "metrics" / "mean" / metric
            write_step(folder, "train", config, trained)
            step = {"postprocess.postprocess_fn": "@mean_representation"}
            write_step(folder, "postprocess", step, {"uuid": f"p {name}"})
            step = {"evaluation.evaluation_fn": f"@{FUNCTIONS[metric]}"}
            step["dataset.name"] = config["dataset.name"]
            values = {key: value, "uuid": f"{metric} {name}", "elapsed_time": 1.0}
            write_step(folder, "evaluation", step, values)
        (place / "versions.json").write_text(json.dumps(versions or {"tfdis": "0.1"}))
        return place

    return write
