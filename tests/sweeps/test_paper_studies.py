"""The papers' studies: as many points as the papers say, each of which gin can read."""

import gin
import pytest

from tfdis import registry
from tfdis.configuration import configured
from tfdis.sweeps.build import build_points
from tfdis.sweeps.check import load_names
from tfdis.sweeps.folder import StudyFolder


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("preliminary_study", 7),
        ("preliminary_study_code", 7),
        ("adversarial", 160),
        ("overlap", 160),
        ("augmented", 40),
    ],
)
def test_a_paper_study_has_its_points_and_each_is_a_configuration(name, number, tmp_path):
    points = build_points(name)
    assert len(points) == number
    assert len({(point.gin_files, point.bindings) for point in points}) == number
    load_names()
    folder = StudyFolder(tmp_path)
    for point in points[:: max(number // 20, 1)]:
        with configured(point.gin_files, folder.bindings_of(point)):
            bound = gin.get_bindings("model")
            for line in folder.bindings_of(point):
                name, _, value = line.partition(" = ")
                found = bound["random_seed"] if "." in name else gin.query_parameter(f"%{name}")
                assert repr(found) == value
        if point.needs:
            assert bound["warm_start"] == str(folder.at("pretrained", "model"))


def test_every_seed_of_every_method_needs_the_one_pretraining():
    points = build_points("preliminary_study", seeds=range(3))
    assert len(points) == 19 and points[0].name == "pretrained" and not points[0].metrics
    assert {point.needs for point in points[1:]} == {("pretrained",)}
    assert {len(point.metrics) for point in points[1:]} == {5}


def test_every_registered_study_says_what_it_is():
    assert [name for name, build in registry.STUDIES.items() if not build.__doc__] == []
