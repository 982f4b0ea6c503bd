"""A study's folder: what it asks for, how far it has come, and what it refuses."""

import dataclasses
import errno
import logging
import os

import gin
import pytest

from tfdis.configuration import emptied
from tfdis.files.folder import held_folder
from tfdis.sweeps import work
from tfdis.sweeps.folder import FAILURE_FILE, LEASE_FILE, STUDY_FILE, State, StudyFolder
from tfdis.sweeps.point import Point, Step
from tfdis.sweeps.work import Kind, attempt

MIG = Step("metrics/mean/mig", "postprocessed/mean", "mig.gin")
DCI = Step("metrics/mean/dci", "postprocessed/mean", "dci.gin")


def train(folder, point, steps):
    results = folder.at(point, "model", "results", "json")
    results.mkdir(parents=True)
    (results / "train_results.json").write_text("{}")


def test_points_and_metrics_are_added_and_nothing_is_forgotten(study):
    folder, points = study
    (scored,) = folder.write("letters", [dataclasses.replace(points[0], metrics=(MIG,))])
    assert scored.metrics == (MIG,)
    (both,) = folder.write("letters", [dataclasses.replace(points[0], metrics=(DCI,))])
    assert both.metrics == (MIG, DCI)
    assert folder.write("letters", [Point("z")]) == [Point("z")]
    assert [point.name for point in folder.read()] == ["a", "b", "c", "d", "z"]


@pytest.mark.parametrize(
    ("name", "point", "message"),
    [
        ("numbers", Point("a"), "study 'numbers'. Received: .*the folder of 'letters'"),
        ("letters", Point("a", bindings=("x.y = 1",)), r"point a as before.*\+ x.y = 1"),
        ("letters", Point("b", needs=("a",)), r"point b as before.*\+ needs a"),
    ],
)
def test_another_study_or_training_is_refused(study, name, point, message):
    folder, _ = study
    before = (folder.path / STUDY_FILE).read_text()
    with pytest.raises(FileExistsError, match=message):
        folder.write(name, [point])
    assert (folder.path / STUDY_FILE).read_text() == before


def test_other_settings_of_a_metric_are_refused(study):
    folder, points = study
    folder.write("letters", [dataclasses.replace(points[0], metrics=(MIG,))])
    other = dataclasses.replace(MIG, bindings=("mig.num_train = 3",))
    with pytest.raises(FileExistsError, match="mig.*num_train = 3"):
        folder.write("letters", [dataclasses.replace(points[0], metrics=(other,))])


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(FileExistsError, match=r"thesis.tex"):
        StudyFolder(tmp_path).write("letters", [Point("a")])
    with pytest.raises(FileNotFoundError, match="study.json"):
        StudyFolder(tmp_path).read()
    (tmp_path / STUDY_FILE).write_text("{")
    with pytest.raises(ValueError, match="damaged"):
        StudyFolder(tmp_path).read()


def test_the_state_is_what_the_folders_say(study):
    folder, (a, b, c, _) = study
    assert attempt(folder, a, ("train",), train).kind is Kind.DONE
    assert folder.state(a, ("train",)) is State.DONE
    assert folder.state(b, ("train",)) is State.WAITING
    with held_folder(folder.at(b)):
        assert folder.state(b, ("train",)) is State.RUNNING
    folder.at(b).mkdir()
    folder.at(b, LEASE_FILE).write_text("another-node 1 1 x")  # A lock there is not seen here.
    assert folder.state(b, ("train",)) is State.RUNNING
    assert attempt(folder, b, ("train",), train).kind is Kind.BUSY
    (folder.at(c) / ".tfdis-lock").parent.mkdir()
    (folder.at(c) / ".tfdis-lock").write_text("")  # As a killed process leaves it.
    assert folder.state(c, ("train",)) is State.WAITING
    (folder.at(c) / FAILURE_FILE).write_text('{"error": "no"}')
    assert folder.state(c, ("train",)) is State.FAILED and folder.failure(c) == "no"
    (folder.at(c) / FAILURE_FILE).write_text('["no"]')
    assert folder.failure(c) == "a damaged note of a failure"


def test_what_lacks_is_named_step_by_step(study):
    folder, (a, *_) = study
    point = dataclasses.replace(a, postprocessings=(Step("postprocessed/mean", "model"),))
    point = dataclasses.replace(point, metrics=(MIG, DCI))
    every = ("train", "score", "draw")
    wanted = [
        "model",
        "postprocessed/mean",
        "metrics/mean/mig",
        "metrics/mean/dci",
        "visualizations",
    ]
    assert folder.lacks(point, every) == wanted
    train(folder, point, ())
    for name in ("postprocessed/mean", "metrics/mean/mig"):
        folder.at(point, name).mkdir(parents=True)
    assert folder.lacks(point, every) == ["metrics/mean/dci", "visualizations"]
    folder.at(point, "metrics", "mean", "left_out.json").write_text('{"dci": "one latent"}')
    assert folder.lacks(point) == [] and folder.lacks(point, ("draw",)) == ["visualizations"]


def test_a_failure_is_noted_with_its_log_and_forgotten_when_it_is_mended(study):
    folder, (a, *_) = study

    def fail(folder, point, steps):
        raise ValueError("Expected more.\n  Received: less.")

    def misprogrammed(folder, point, steps):
        raise KeyError("x")

    outcome = attempt(folder, a, ("train",), fail)
    assert (outcome.kind, outcome.error) == (Kind.FAILED, "Expected more. Received: less.")
    assert folder.state(a, ("train",)) is State.FAILED
    assert "raise ValueError" in folder.at(a, "log.txt").read_text()
    assert attempt(folder, a, ("train",), misprogrammed).error == "KeyError: 'x'"
    assert attempt(folder, a, ("train",), train).kind is Kind.DONE
    assert folder.failure(a) is None


def test_the_log_has_warnings_but_not_where_gin_looks_for_its_files(study, monkeypatch):
    folder, (a, *_) = study

    def parse(folder, point, steps):
        logging.warning("mind the gap")
        with emptied():
            gin.parse_config_file("gin/train/default.gin", skip_unknown=True)
        train(folder, point, steps)

    gin.add_config_file_search_path(os.getcwd())
    monkeypatch.chdir(folder.path)
    assert attempt(folder, a, ("train",), parse).kind is Kind.DONE
    log = folder.at(a, "log.txt").read_text()
    assert "mind the gap" in log and "Path not found" not in log


def test_a_point_waits_for_what_it_needs_and_fails_with_it(study):
    folder, (a, *_, d) = study
    assert attempt(folder, d, ("train",), train).kind is Kind.BUSY
    folder.at(a).mkdir()
    (folder.at(a) / FAILURE_FILE).write_text('{"error": "no"}')
    assert attempt(folder, d, ("train",), train).error == "needs a, which failed"
    train(folder, a, ())
    assert attempt(folder, d, ("train",), train).kind is Kind.DONE


def test_a_full_disk_of_a_node_is_a_failure_that_others_can_try_again(study, monkeypatch):
    folder, (a, b, *_) = study

    def fill(path, *rest):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as node:
        node.setattr(work, "write_text_whole", fill)  # Not even the failure can be noted.
        for point in (a, b):
            outcome = attempt(folder, point, ("train",), fill)
            assert outcome.kind is Kind.FAILED and "No space left on device" in outcome.error
    assert folder.state(a, ("train",)) is State.WAITING
    assert attempt(folder, a, ("train",), train).kind is Kind.DONE


def test_a_folder_that_cannot_be_made_is_a_failure(study):
    folder, (a, *_) = study
    folder.points_dir.mkdir()
    folder.at(a).write_text("")
    assert attempt(folder, a, ("train",), train).kind is Kind.FAILED
