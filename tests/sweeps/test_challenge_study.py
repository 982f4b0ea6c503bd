"""The challenge as a study: what its seeds share is made once, and systems and seeds are added."""

import gin
import pytest

from tfdis import registry
from tfdis.sweeps.build import build_points
from tfdis.sweeps.check import check_points, load_names
from tfdis.sweeps.folder import StudyFolder
from tfdis.sweeps.here import do_here
from tfdis.sweeps.work import Kind

STAGE1, STAGE2 = (f"gin/papers/stage{number}/arm3d.gin" for number in (1, 2))
SMALL = [
    "DATA = ['gin/data/xysquares.gin']",
    "xysquares.num_placements = 2",
    "BACKBONE = @a_tiny_backbone",
    "WEIGHTS = None",
    "EPOCH_IMAGES = 64",
    "VAE_EPOCHS = 1",
    "PIXEL_EPOCHS = 1",
    "model.eval_steps = 1",
    "mlp_encoder.hidden_units = (8,)",
    "mlp_decoder.hidden_units = (8,)",
]
SCORING = "challenge.scoring = ['mig.num_train = 40', 'irs.num_train = 40']"


@pytest.fixture
def tiny_backbone():
    """A backbone of one layer."""

    @registry.backbone
    def a_tiny_backbone(image_shape):
        import keras

        images = keras.Input(image_shape)
        return keras.Model(images, keras.layers.Conv2D(4, 3, activation="relu")(images))

    yield
    del registry.BACKBONES["a_tiny_backbone"]


def test_seeds_share_one_finetuning_and_one_extraction():
    points = {
        point.name: point
        for point in build_points("challenge", [STAGE2], (), [*SMALL[:2], SCORING], seeds=range(2))
    }
    systems = [["finetuned", "features", "seed=0", "seed=1"]] * 2
    names = [
        f"{s},{part}" for s, of in zip(("method", "random"), systems, strict=True) for part in of
    ]
    assert list(points) == [*names, "pixels,seed=0", "pixels,seed=1"]
    assert points["method,features"].needs == ("method,finetuned",)
    assert points["method,seed=1"].needs == ("method,features",)
    assert not points["pixels,seed=0"].needs
    assert [points[name].job for name in names[:3]] == ["finetune", "extract", "train"]
    assert "WEIGHTS = None" in points["random,features"].bindings
    lines = {step.output_dir: step.bindings for step in points["method,seed=0"].metrics}
    assert "mig.num_train = 40" in lines["metrics/mean/mig"]
    assert "mig.num_train = 40" not in lines["metrics/mean/irs"] and len(lines) == 5
    # Another scoring is not another training.
    assert not any("challenge." in line for point in points.values() for line in point.bindings)


def test_systems_and_seeds_are_added_to_those_of_a_control(tmp_path):
    """The points of bin/challenge are some of bin/study's, in whichever order they come."""
    folder = StudyFolder(tmp_path / "study")

    def points(seeds):
        return build_points("challenge", [STAGE1], (), [*SMALL[:2], SCORING], seeds=seeds)

    control = [point for point in points([0, 7]) if point.name.startswith("random")]
    assert folder.write("challenge", control) == control
    every = folder.write("challenge", points(range(2)))
    assert {point.name: point for point in every} == {p.name: p for p in points(range(2))}
    names = [point.name for point in folder.read()]
    assert names[:3] == ["random,features", "random,seed=0", "random,seed=7"] and len(names) == 9
    other = build_points("challenge", [STAGE1], (), [*SMALL[:2], SCORING, "EPOCH_IMAGES = 9"])
    with pytest.raises(FileExistsError, match=r"same training of .*\+ EPOCH_IMAGES = 9"):
        folder.write("challenge", other)


def test_a_study_that_takes_gin_files_needs_them():
    with pytest.raises(ValueError, match="--study=challenge with a --gin_file"):
        build_points("challenge")
    with pytest.raises(ValueError, match="dcii.num_train"):
        lines = [*SMALL[:2], "challenge.scoring = ['dcii.num_train = 4']"]
        build_points("challenge", [STAGE1], (), lines)


# The same of a paper's study: tests/sweeps/test_reproduction.py; of the challenge: tests/cli/test_challenge.py.
@pytest.mark.exhaustive
@pytest.mark.usefixtures("eagerly", "tiny_backbone")
def test_a_seed_is_extracted_trained_and_scored_and_the_next_extracts_nothing(tmp_path):
    load_names()
    folder = StudyFolder(tmp_path / "study")
    points = build_points("challenge", [STAGE1], (), [*SMALL, SCORING], seeds=range(2))
    points = [
        point if point.job != "train" else _with(point, "metrics/mean/mig") for point in points
    ]
    check_points(points, folder)
    folder.write("challenge", points)
    outcome = do_here(folder, points, "method,seed=0", ("train", "score"), keep_codes=False)
    assert outcome.kind is Kind.DONE, outcome.error
    place = folder.at("method,seed=0")
    assert (place / "metrics/mean/mig/results").is_dir() and (place / "model/tfhub").is_dir()
    assert not (place / "postprocessed/mean/codes").exists()
    features = folder.at("method,features", "features", "features.npy")
    before = features.stat().st_mtime_ns
    outcome = do_here(folder, points, "method,seed=1", ("train",))
    assert outcome.kind is Kind.DONE and features.stat().st_mtime_ns == before
    gin.clear_config()


def _with(point, metric):
    """The point with one of its metrics."""
    import dataclasses

    kept = tuple(step for step in point.metrics if step.output_dir == metric)
    return dataclasses.replace(point, metrics=kept)
