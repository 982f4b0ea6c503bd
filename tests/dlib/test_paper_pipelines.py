"""The pipelines of three papers: disentanglement_lib's seeds, names and folders, and what is refused."""

import functools
import json
import os

import numpy as np
import pytest
from one_of_each_kind import case

from tfdis.dlib import paper_steps
from tfdis.dlib import pipeline as module
from tfdis.dlib.configs import find_config, find_configs
from tfdis.dlib.paper_steps import Labels
from tfdis.dlib.pipeline import Pipeline, Training, run_pipeline
from tfdis.dlib.semi import train_semi_supervised
from tfdis.evaluation.few_labels import validate_models

COMMANDS = (
    "dlib_reproduce_jmlr",
    "dlib_reproduce_semi_supervised",
    "dlib_reproduce_weakly_supervised",
)
REPRESENTATIONS = ["p/mean.gin", "p/sampled.gin"]
SCORES = ["m/mig.gin", "m/unsupervised.gin"]
SMALL = ["model.eval_steps = 1", "dataset.name = 'dsprites_hearts'", "encoder.num_latent = 4"]


def _draws(seed, number):
    random_state = np.random.RandomState(seed)
    return [random_state.randint(2**32) for _ in range(number)]


def _seeds(steps):
    """Name of a step's folder -> its seed, None if it is its file's."""
    lines = {
        step.output_dir: [b for b in step.bindings if ".random_seed = " in b] for step in steps
    }
    return {name: int(found[0].split(" = ")[1]) if found else None for name, found in lines.items()}


def test_weak_seeds_are_drawn_in_order_and_unsupervised_scores_are_left_out():
    steps = paper_steps.weak_steps(5, REPRESENTATIONS, SCORES)
    model, mean, sampled, first, second = _draws(5, 5)
    assert steps.training == [f"model.random_seed = {model}"]
    assert _seeds(steps.postprocessings) == {
        "postprocessed/mean": mean,
        "postprocessed/sampled": sampled,
    }
    assert _seeds(steps.metrics) == {"metrics/mean/mig_0": first, "metrics/sampled/mig_0": second}
    without = paper_steps.weak_steps(5, REPRESENTATIONS, SCORES, is_trained=True)
    assert _seeds(without.postprocessings)["postprocessed/mean"] == model and not without.training


def test_semi_seeds_are_drawn_from_two_streams():
    labels = Labels(3, 100, 0.9, "@bin_labeller")
    steps = paper_steps.semi_steps(
        5, 6, labels, REPRESENTATIONS, SCORES, ["v/dci.gin", "v/mig.gin"], 4
    )
    model, data, mean, sampled = _draws(5, 4)
    assert steps.training == [
        f"model.model_seed = {model}",
        f"model.unsupervised_data_seed = {data}",
        "model.supervised_data_seed = 3",
        "model.num_labelled_samples = 100",
        "model.train_percentage = 0.9",
        "labeller.labeller_fn = @bin_labeller",
    ]
    assert list(_seeds(steps.postprocessings).values()) == [mean, sampled]
    names = [f"metrics/{p}/{m}_3" for p in ("mean", "sampled") for m in ("mig", "unsupervised")]
    assert _seeds(steps.metrics) == dict(zip(names, _draws(6, 4), strict=True))
    dci = steps.validations[0]
    assert dci.output_dir == "validation/mean/dci_validation_4_100"
    assert list(dci.bindings[:2]) == [
        "dci_validation.train_percentage = 0.9",
        "validation.random_seed = 4",
    ]
    assert "mig_validation.train_percentage" not in "".join(steps.validations[1].bindings)


def test_jmlr_scores_are_repeated_with_several_numbers_of_images():
    files = find_configs("unsupervised_study_v1/metric_configs/[fms]*.gin")
    steps = paper_steps.jmlr_steps(
        5, ["p/mean.gin"], files, 2, ["factor_vae_metric", "mig"], [100, 1000]
    )
    model, mean, *rest = _draws(5, 10)
    assert steps.training == [f"model.random_seed = {model}"]
    assert _seeds(steps.postprocessings) == {"postprocessed/mean": mean}
    found = _seeds(steps.metrics)
    with_seed = [
        f"metrics/mean/{name}_{size}_{i}"
        for i in range(2)
        for name in ("factor_vae_metric", "mig")
        for size in (100, 1000)
    ]
    assert {name: found[name] for name in with_seed} == dict(zip(with_seed, rest, strict=True))
    others = {"modularity_explicitness", "sap_score"}
    own = [f"metrics/mean/{name}_{i}" for i in range(2) for name in others]
    assert {name: found[name] for name in own} == dict.fromkeys(own)
    assert len(found) == len(with_seed) + len(own)
    (factor_vae,) = [s for s in steps.metrics if s.output_dir.endswith("factor_vae_metric_100_1")]
    assert factor_vae.bindings[0] == "factor_vae_score.num_train = 100"


@pytest.mark.parametrize("arguments", [(1, ["mig"], []), (1, ["migg"], [100]), (0, [], [])])
def test_jmlr_scores_that_do_not_fit_are_refused(arguments):
    with pytest.raises(ValueError, match="--scores_list of names.*mig, unsupervised"):
        paper_steps.jmlr_steps(0, REPRESENTATIONS, SCORES, *arguments)


@pytest.mark.exhaustive  # test_command does that of the other paper; the trainer has tests of its own.
@pytest.mark.usefixtures("eagerly")
def test_a_semi_supervised_pipeline_is_done_once(tmp_path, monkeypatch):
    small = functools.partial(
        module.visualize_model, num_animations=1, num_frames=2, num_points_irs=20
    )
    monkeypatch.setattr(module, "visualize_model", small)
    steps = paper_steps.semi_steps(
        0,
        0,
        Labels(0, 60, 0.5, "@perfect_labeller"),
        [find_config("unsupervised_study_v1/postprocess_configs/mean.gin")],
        [find_config("tests/evaluation/evaluate_test_configs/mig.gin")],
        [find_config("tests/validation/validation_test_configs/mig.gin")],
        1,
    )
    file = find_config("tests/methods/semi_supervised/train_test.gin")
    pipeline = Pipeline(
        training=Training(train_semi_supervised, file, [*steps.training, *SMALL]),
        model_dir=None,
        postprocessings=steps.postprocessings,
        metrics=steps.metrics,
        validations=steps.validations,
        validate=validate_models,
        aggregated=True,
    )
    run_pipeline(pipeline, str(tmp_path / "out"))
    written = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*.json")}
    joined = json.loads((tmp_path / "out/metrics/aggregated_results.json").read_text())
    assert len(joined["evaluation_results.discrete_mig"]) == 1
    ranking = tmp_path / "out/validation/mean/mig_validation_1_60/ranking.json"
    assert np.isfinite(json.loads(ranking.read_text())[0]["score"])
    config = json.loads((tmp_path / "out/model/results/json/train_config.json").read_text())
    assert config["model.model_seed"] == str(_draws(0, 1)[0])
    run_pipeline(pipeline, str(tmp_path / "out"))
    repeated = {"reproduce.json", "aggregated_results.json"}
    again = {p: p.stat().st_mtime_ns for p in written}
    assert {p.name for p in written if written[p] != again[p]} <= repeated


@pytest.mark.long
def test_bad_input_is_one_clear_error(start_command, tmp_path):
    out = "--output_directory=out"
    bad = {
        "either --gin_model_config_name": [out],
        "--model_num from 0 to": [out, "--model_num=99999"],
        "absent/*.gin": [out, "--model_num=0", "--gin_evaluation_config_glob=absent/*.gin"],
        "vae.bta": [out, "--model_num=0", "--gin_bindings=vae.bta = 1"],
    }
    for message, flags in bad.items():
        result = start_command(COMMANDS[0], *flags, cwd=tmp_path)
        assert result.returncode == 1 and message in result.stderr, result.stderr
        assert "Traceback" not in result.stderr
    assert not os.listdir(tmp_path)


@pytest.mark.long
def test_labels_are_given_once(start_command, tmp_path):
    start = functools.partial(start_command, COMMANDS[1], "--output_directory=out", cwd=tmp_path)
    result = start("--model_num=0", "--num_labelled_samples=100")
    assert "--num_labelled_samples, which are for a gin file" in result.stderr
    file = "--gin_model_config_name=tests/methods/semi_supervised/train_test.gin"
    result = start(file, "--num_labelled_samples=100", "--supervised_seed=0")
    assert "--train_percentage, --labeller_fn in the flags" in result.stderr


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "file", "flags"),
    [
        (
            COMMANDS[0],
            "unsupervised",
            [
                "--gin_bindings=encoder.num_latent = 2",
                "--scores_list=mig",
                "--evaluation_num_samples_train=200",
            ],
        ),
        # Its pipeline is run above, and its labels are read.
        case(
            False,
            COMMANDS[1],
            "semi_supervised",
            [
                "--supervised_seed=0",
                "--num_labelled_samples=60",
                "--train_percentage=0.5",
                "--labeller_fn=@perfect_labeller",
                "--gin_validation_config_glob=tests/validation/validation_test_configs/mig.gin",
            ],
        ),
        case(False, COMMANDS[2], "weakly_supervised", []),
    ],
)
def test_command(command, file, flags, start_command, tmp_path):
    shared = [
        "--output_directory=out",
        "--gin_model_config_dir=tests/methods",
        f"--gin_model_config_name={file}/train_test.gin",
        "--gin_postprocess_config_glob=unsupervised_study_v1/postprocess_configs/mean.gin",
        "--gin_evaluation_config_glob=tests/evaluation/evaluate_test_configs/mig.gin",
        *(f"--gin_bindings={line}" for line in SMALL),
    ]
    result = start_command(command, *shared, *flags, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (folder,) = os.listdir(tmp_path / "out/metrics/mean")
    assert folder.startswith("mig_")
    assert (tmp_path / "out/metrics/aggregated_results.json").is_file() == (
        file != "weakly_supervised"
    )
    if file == "semi_supervised":
        (name,) = os.listdir(tmp_path / "out/validation/mean")
        assert name == "mig_validation_1_60"
