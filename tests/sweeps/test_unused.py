"""Gin lines of a study: those of metrics reach the metrics, and one warning names what no point used."""

import pytest

from tfdis.sweeps.build import build_points
from tfdis.sweeps.point import SEED_CONSISTENCY, UDR, Point, Step
from tfdis.sweeps.reach import with_lines_moved
from tfdis.sweeps.unused import note_unused, unused_by_all

DCI = ["dci.num_train=2000", "evaluation.random_seed = 3"]


def _points(lines, **given):
    return build_points(None, ["f.gin"], ["vae.beta=1,2"], lines, **given)


def _lines(point):
    return {step.output_dir.rpartition("/")[2]: step.bindings for step in point.metrics}


def test_lines_of_metrics_reach_those_that_name_the_function_and_no_training():
    metrics = ["dci", "mig", "dci_forest"]
    points = _points([*DCI, "model.batch_size = 8", "dataset.name = 'cars3d'"], metrics=metrics)
    training = ("model.batch_size = 8", "dataset.name = 'cars3d'", "vae.beta = 1")
    assert points[0].bindings == training
    lines = _lines(points[0])
    assert lines["dci"] == ("evaluation.name = 'dci'", *DCI)
    assert lines["mig"][-1] == DCI[1] and DCI[0] not in lines["mig"]
    assert lines["dci_forest"][-1] == DCI[1] and DCI[0] not in lines["dci_forest"]
    # Options of what a metric's own file chooses, and of a metric without a file.
    lines = ["gradient_boosting_classifier.x = 1", "dci_forest.num_trees = 5", "scope/mig.x = 1"]
    found = _lines(_points(lines, metrics=["downstream_task_boosted_trees", *metrics])[0])
    assert lines[0] in found["downstream_task_boosted_trees"]
    assert found["dci_forest"][-1] == lines[1] and found["mig"][-1] == lines[2]
    assert found["dci"] == ("evaluation.name = 'dci'",)


def test_a_metric_with_lines_of_its_own_is_added_without_another_training():
    before, after = _points([], metrics=["mig"]), _points(DCI[:1], metrics=["mig", "dci"])
    assert [point.training for point in before] == [point.training for point in after]
    assert _lines(before[0])["mig"] == _lines(after[0])["mig"]


def test_a_macro_that_a_metric_names_stays_one_of_the_training(noted):
    """Which may name it, too; that it does not is no reason for a warning then."""
    metric = Step("metrics/mean/mig", "postprocessed/mean", bindings=("mig.num_train = %NUM",))
    point = with_lines_moved(Point("p", bindings=("NUM = 7",), metrics=(metric,)), ["NUM = 7"])
    assert point.bindings == ("NUM = 7",) and point.metrics[0].bindings[-1] == "NUM = 7"
    assert noted((point, {"NUM": []})) == {}


def test_a_grid_may_vary_a_metric():
    points = build_points(None, ["f.gin"], ["dci.num_train=20,40"], metrics=["dci"])
    assert [_lines(point)["dci"][-1] for point in points] == [
        "dci.num_train = 20",
        "dci.num_train = 40",
    ]
    assert {point.bindings for point in points} == {()}


def test_the_lines_of_a_study_s_own_metrics_reach_them():
    (point,) = build_points("test", gin_bindings=["mig.num_train = 7", "vae.beta = 3."])
    lines = {step.output_dir: step.bindings for step in point.metrics}
    assert {path for path in lines if "mig.num_train = 7" in lines[path]} == {
        path for path in lines if path.endswith("/mig")
    }
    assert "vae.beta = 3." in point.bindings and "mig.num_train = 7" not in point.bindings


def test_lines_of_scores_that_compare_points_are_no_training_s():
    lines = ["seed_consistency.num_data_points = 90", "udr_sklearn.num_data_points = 90"]
    points = _points(lines, further=(UDR, SEED_CONSISTENCY))
    assert points[0].bindings == ("vae.beta = 1",)
    # They are not computed: it is one of the lines that nothing used.
    assert _points(lines)[0].bindings == (*lines, "vae.beta = 1")


@pytest.fixture
def noted(study):
    """Notes what points left unused, and says what all of them did."""
    folder, _ = study

    def noted(*points_and_unused):
        for point, unused in points_and_unused:
            folder.at(point).mkdir(parents=True, exist_ok=True)
            note_unused(folder.at(point), unused)
        return unused_by_all(folder, [point for point, _ in points_and_unused])

    return noted


def test_what_one_of_the_points_with_a_line_uses_is_not_named(noted):
    lines = ("WEIGHTS = None", "a/vae.betta = 4.")
    tuned, features = Point("tuned", ("t.gin",), lines), Point("features", ("f.gin",), lines)
    unused = {"WEIGHTS": ["WEIGHT"], "a/vae.betta": ["a/vae.beta"]}
    assert noted((tuned, {}), (features, unused)) == {}
    assert noted((features, unused), (tuned, {"a/vae.betta": []})) == {
        "a/vae.betta": ["a/vae.beta"]
    }


def test_lines_of_a_gin_file_count_for_all_points_of_the_file(noted, tmp_path):
    (tmp_path / "f.gin").write_text("other.gamma=4\n")
    files = (str(tmp_path / "f.gin"),)
    points = [Point(name, files, (f"model.model = @{name}()",)) for name in ("vae", "other")]
    unused = {"other.gamma": []}
    assert noted((points[0], unused), (points[1], {})) == {}
    assert noted((points[0], unused), (points[1], unused)) == unused


@pytest.mark.long
def test_a_file_of_several_jobs_has_lines_that_one_of_them_uses(noted, tmp_path):
    """As gin/papers/stage1/mpi3d.gin, which the extraction reads and the training as well."""
    for name, line in (("vae", "vae.betta = 4"), ("all", "# Of all.\nextraction.num_samples = 9")):
        (tmp_path / f"{name}.gin").write_text(f"{line}\n")
    vae, both = str(tmp_path / "vae.gin"), str(tmp_path / "all.gin")
    features, trained = Point("features", ("f.gin", both)), Point("p", (vae, both))
    unused = {"extraction.num_samples": [], "vae.betta": ["vae.beta"]}
    assert noted((features, {}), (trained, unused)) == {"vae.betta": ["vae.beta"]}


def test_a_macro_that_others_files_offer_is_not_named(noted, study):
    folder, _ = study
    point = Point("p", ("f.gin",), ("EPOCHS = 1", "EPOCS = 1"))
    assert noted((point, {"EPOCHS": [], "EPOCS": []})) == {"EPOCHS": [], "EPOCS": []}
    assert unused_by_all(folder, [point], {"EPOCHS"}) == {"EPOCS": []}


def test_a_line_of_one_point_is_not_that_of_others_with_the_same_file(noted):
    point, other = Point("p", ("f.gin",), ("vae.betta = 1",)), Point("q", ("f.gin",))
    assert noted((point, {"vae.betta": []}), (other, {})) == {"vae.betta": []}


def test_a_name_is_the_same_with_the_module_of_gin(noted):
    point = Point("p", ("f.gin",), ("tfdis.models.vae.beta = 1",))
    other = Point("q", ("g.gin",), ("vae.beta = 2",))
    assert noted((point, {}), (other, {"vae.beta": []})) == {}
