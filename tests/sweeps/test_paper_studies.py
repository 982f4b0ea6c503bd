"""The papers' studies: as many points as the papers say, each of which gin can read."""

import re

import gin
import pytest

from tfdis import registry
from tfdis.configuration import configured
from tfdis.report.published import read_published
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
        ("paper_library", 11),
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


def test_the_papers_on_the_challenge_have_their_sizes_on_their_data_sets(tmp_path):
    load_names()
    folder = StudyFolder(tmp_path)
    points = {point.name: point for point in build_points("paper_stage1", seeds=range(2))}
    assert list(points) == [
        f"{data},{part}"
        for data in ("mpi3d_real", "mpi3d_realistic")
        for part in ("features", "seed=0", "seed=1")
    ]
    point = points["mpi3d_realistic,features"]
    with configured(point.gin_files, folder.bindings_of(point)):
        assert gin.get_bindings("dataset")["name"] == "mpi3d_realistic"
        assert gin.get_bindings("extraction")["num_samples"] == 1_000_000
        assert gin.get_bindings("vgg19_bn") == {
            "weights": "vgg19_bn.npz",
            "resize_to": 224,
            "layer": None,
        }
    private = {point.name: point for point in build_points("paper_stage2_private")}
    assert len(private) == 7 and private["mpi3d_real_complex,finetuned"].job == "finetune"
    for study, latents in (("paper_stage2", 16), ("paper_stage2_private", 18)):
        point = build_points(study, gin_bindings=["EPOCH_IMAGES = 256"])[-1]
        with configured(point.gin_files, folder.bindings_of(point)):
            assert gin.get_bindings("encoder")["num_latent"] == latents
            assert len(point.metrics) == 5


def test_published_groups_are_those_of_the_points():
    """A published row whose name is that of no point would never get a verdict."""
    for name, path in registry.STUDIES.facts("published").items():
        points = {re.sub(r",seed=\d+$", "", point.name) for point in build_points(name)}
        groups = {row["group"] for row in read_published(path)} - {""}
        assert groups <= points, name


def test_every_registered_study_says_what_it_is():
    assert [name for name, build in registry.STUDIES.items() if not build.__doc__] == []
