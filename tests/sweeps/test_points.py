"""Points as data: grids, names, order, and disentanglement_lib's own studies."""

import json
import sys
from pathlib import Path

import pytest

from tfdis import dlib, registry
from tfdis.dlib.reproduce import steps_of
from tfdis.dlib.studies import NUM_MODELS, find_study, model_config
from tfdis.sweeps.build import build_points
from tfdis.sweeps.grid import grid_points, parse_axis, parse_numbers
from tfdis.sweeps.point import (
    SEED_CONSISTENCY,
    UDR,
    Point,
    Step,
    checked_points,
    points_from_json,
    points_to_json,
)


def test_a_grid_is_every_combination():
    axes = ["beta_tc_vae.beta=1,2", "model.random_seed=0:3", "x.beta='a','b'"]
    points = list(grid_points(["f.gin"], axes, ["first = 1"]))
    assert len(points) == len({point.name for point in points}) == 12
    assert points[-1] == Point(
        "beta_tc_vae.beta=2,random_seed=2,x.beta=b",
        ("f.gin",),
        ("first = 1", "beta_tc_vae.beta = 2", "model.random_seed = 2", "x.beta = 'b'"),
    )
    assert [point.name for point in grid_points(["f.gin"], [])] == ["run"]


def test_values_are_split_outside_brackets_and_quotes():
    assert parse_axis("a.b=(1, 2),'x,y',{'k': [3, 4]},@f()") == [
        "a.b = (1, 2)",
        "a.b = 'x,y'",
        "a.b = {'k': [3, 4]}",
        "a.b = @f()",
    ]


@pytest.mark.parametrize(
    ("text", "numbers"), [("0:3", [0, 1, 2]), ("2", [2]), ("3, 0,3", [3, 0]), ("5,0:2", [5, 0, 1])]
)
def test_numbers_are_lists_or_ranges(text, numbers):
    assert parse_numbers(text, "--seeds") == numbers


@pytest.mark.parametrize(
    "text", ["5:2", "2:2", "x", "", "1:2:3", "-1", "1.5", "0,", "0,a", "1,3:2"]
)
def test_wrong_numbers_are_refused(text):
    with pytest.raises(ValueError, match=f"--models=0,1,2.*FIRST:END.*Received: --models={text}"):
        parse_numbers(text, "--models")


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (["vae.beta"], "--grid=NAME=VALUE"),
        (["vae.beta="], "--grid=NAME=VALUE"),
        (["=1"], "--grid=NAME=VALUE"),
        (["vae.beta=1,,2"], "--grid=NAME=VALUE"),
        (["vae.beta=1,2,1"], "1 twice"),
        (["vae.beta=1", "vae.beta=2"], "two of vae.beta"),
        (["vae.beta=3:1"], "FIRST below END"),
    ],
)
def test_a_wrong_grid_is_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        list(grid_points(["f.gin"], axes))


def test_points_come_after_those_that_they_need():
    points = [Point("c", needs=("b",)), Point("b", needs=("a",)), Point("x"), Point("a")]
    assert [point.name for point in checked_points(points)] == ["a", "b", "c", "x"]


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([], "at least one point"),
        ([Point("a"), Point("a")], "two points called 'a'"),
        ([Point("a/b")], "names of points"),
        ([Point("..")], "names of points"),
        ([Point("")], "names of points"),
        ([Point("n" * 201)], "at most 200"),
        ([Point("a", needs=("z",))], "a to need points of its study. Received: 'z'"),
        ([Point("a", needs=("b",)), Point("b", needs=("a",))], "circle.*a needs b needs a"),
    ],
)
def test_points_that_make_no_study_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        checked_points(points)


def test_points_survive_json_with_each_step_once():
    step = Step(
        "metrics/mean/mig", "postprocessed/mean", "mig.gin", ("evaluation.random_seed = 3",)
    )
    point = Point("p", ("a.gin",), ("x.y = 'z'",), (Step("p", "model"),), (step,), ("q",), True)
    points = [point, Point("q", metrics=(step,)), Point("r")]
    content = json.loads(json.dumps(points_to_json(points)))
    assert points_from_json(content) == points and len(content["steps"]) == 2


def test_metrics_are_added_once_and_bring_their_representation():
    point = Point("p").with_metrics(["mig"])
    assert [step.output_dir for step in point.postprocessings] == ["postprocessed/mean"]
    more = point.with_metrics(["mig", "infomec"])
    assert [step.output_dir for step in more.metrics] == [
        "metrics/mean/mig",
        "metrics/mean/infomec",
    ]
    assert more.postprocessings == point.postprocessings
    with pytest.raises(ValueError, match="name of a metric"):
        point.with_metrics(["migg"])


@pytest.mark.long
@pytest.mark.parametrize("name", ["unsupervised_study_v1", "abstract_reasoning_study_v1"])
def test_a_study_of_disentanglement_lib_is_its_own_sweep(name):
    points = build_points(name)
    assert len(points) == NUM_MODELS[name]
    study = find_study(name)
    sweep = sys.modules[type(study).__module__]
    every = [sweep.h.to_bindings(config) for config in sweep.get_config()]
    assert [list(point.bindings[2:]) for point in points] == every
    for number in (0, 1, 299, NUM_MODELS[name] - 1):
        bindings, file = model_config(study, number)
        own, _ = study.get_model_config(number)
        point = points[number]
        assert point.name == str(number) and point.steps_as_dlib
        assert list(point.bindings) == bindings and bindings[2:] == own
        assert [dlib.find_config(path) for path in point.gin_files] == [file]
    postprocessings, metrics = steps_of(study)
    for ours, its in zip(points[0].metrics, metrics, strict=True):
        assert (ours.output_dir, ours.input_dir) == (its.output_dir, its.input_dir)
        assert ours.bindings == its.bindings
        assert dlib.find_config(ours.gin_file) == its.gin_file.replace("//", "/")
    assert len(points[0].postprocessings) == len(postprocessings)


@pytest.mark.parametrize("step", [UDR, SEED_CONSISTENCY], ids=lambda step: step.output_dir)
def test_gin_files_of_steps_are_found_from_any_folder(step, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(dlib.find_config(step.gin_file)).is_file()
    with pytest.raises(FileNotFoundError, match="nor among those that tfdis and disentanglement_"):
        dlib.find_config("gin/eval/none.gin")


def test_every_study_of_disentanglement_lib_is_registered():
    from disentanglement_lib.config import reproduce

    assert set(NUM_MODELS) == set(reproduce.STUDIES) <= set(registry.STUDIES)


def test_models_are_chosen_by_number():
    points = build_points("unsupervised_study_v1", models=range(598, 600), gin_bindings=["a.b = 1"])
    assert [point.name for point in points] == ["598", "599"]
    assert points[0].bindings[-1] == "a.b = 1"
    with pytest.raises(ValueError, match="Received: 12600"):
        build_points("unsupervised_study_v1", models=range(12599, 12601))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"study": "unsupervised_study_v9"}, "did you mean 'unsupervised_study_v1'"),
        (
            {"study": "test", "seeds": range(3)},
            r"that the study test has: --models. Received: --seeds",
        ),
        ({}, "either --study, or --gin_file"),
        ({"study": "test", "gin_files": ["a.gin"]}, "either --study=test, .* Received: both"),
        ({"study": "test", "axes": ["a.b=1"]}, "either --study, or --gin_file"),
        ({"gin_files": ["a.gin"], "models": range(3)}, "--models with a --study"),
    ],
)
def test_a_wrong_description_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        build_points(**given)
